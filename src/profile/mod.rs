//! The format-free model of one heap profile, in the words of `profile.proto`.
//!
//! In: the messages that a decoder gives a [`ProfileBuilder`]. Out: a [`Profile`] that is sound: every id resolves
//! and every sample has its columns. Knows no file and no wire format.

mod assumed;
mod builder;
mod counted;
mod fingerprint;
mod finish;
mod format;
mod goref;
mod ids;
mod intake;
mod invalid;
mod locations;
mod mem_stats;
mod metric_columns;
mod packed;
mod role;
mod sample_type;
mod samples;
mod strings;

use std::ops::Range;
use std::sync::Arc;

pub use builder::{LineRef, ProfileBuilder, Singular};
pub use counted::CountedThing;
pub use fingerprint::{BucketHash, DeadBucket, ProcessFingerprint};
pub use format::InputFormat;
pub use ids::{FunctionId, LocationId, MappingId};
pub use intake::SampleFate;
pub use invalid::{Invalid, Referrer};
pub use mem_stats::MemStats;
pub use role::{MetricsPresent, Role};
pub use sample_type::SampleType;
pub use samples::{Sample, Samples};
pub use strings::{StrId, Strings};

/// Type and unit of a column, as `ValueType` of `profile.proto`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ValueType {
    /// Such as `inuse_space`.
    pub kind: String,
    /// Such as `bytes`.
    pub unit: String,
}

impl std::fmt::Display for ValueType {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.kind, self.unit)
    }
}

/// The description of a profile: everything but its samples.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The format it was read from.
    pub format: InputFormat,
    /// The columns of every sample, in the file's order.
    pub sample_types: Vec<ValueType>,
    /// What `period` counts; `space/bytes` for a heap profile.
    pub period_type: ValueType,
    /// Mean distance between two samples, in the unit of `period_type`; 0 if the file has none.
    pub period: i64,
    /// Time at which the profile was taken, nanoseconds since 1970; 0 if the file has none.
    pub time_nanos: i64,
    /// Length of the recording, nanoseconds; a Go heap profile has one only if it is a difference already.
    pub duration_nanos: i64,
    /// Number of samples in the file, including the dead ones, which have no live objects.
    pub samples: u64,
    /// Path of the first mapping: the program.
    pub program: String,
    /// Build id of the first mapping.
    pub build_id: String,
    /// Frames that the producer wants hidden, an anchored regular expression; empty for none.
    pub drop_frames: String,
    /// Exceptions from `drop_frames`, an anchored regular expression; empty for none.
    pub keep_frames: String,
    /// The runtime's own numbers, if the profile has them.
    pub mem_stats: Option<MemStats>,
    /// Number of goroutines that a dump of all of them marks as leaked.
    pub marked_leaked: i64,
    /// Whether it is a difference saved by pprof, which labels the samples of the base.
    pub is_difference: bool,
    /// Whether what was allocated is counted instead of what is alive.
    pub is_allocation: bool,
    /// Whether nothing proves that the file is complete.
    pub may_be_cut: bool,
}

/// A mapped file of the process.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// Address at which the mapping starts.
    pub memory_start: u64,
    /// Offset in the file that is mapped there.
    pub file_offset: u64,
    /// Path of the file.
    pub filename: StrId,
}

/// A machine address that is on stacks. Its lines: [`Profile::line_range`].
#[derive(Debug, Clone, Copy)]
pub struct Location {
    /// The mapping that holds `address`, if the file names one that exists.
    pub mapping: Option<MappingId>,
    /// Machine address; 0 when unknown.
    pub address: u64,
}

/// A source line of a location. Packed, as there are hundreds of thousands.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(4))]
pub struct Line {
    /// The function it is in.
    pub function: FunctionId,
    /// Line number, from 1; 0 when unknown.
    pub line: i64,
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name for people; in Go with the package's import path.
    pub name: StrId,
    /// The source file.
    pub filename: StrId,
    /// Line of its first line; 0 when unknown.
    pub start_line: i64,
}

/// A heap profile. Made by [`ProfileBuilder::finish`], read-only from then on.
///
/// Ids index the tables of the profile they come from and no other's.
#[derive(Debug)]
pub struct Profile {
    header: Header,
    counted: MetricsPresent,
    samples: Samples,
    fingerprint: ProcessFingerprint,
    locations: Locations,
    lines: Vec<Line>,
    functions: Vec<Function>,
    /// The name of every function in the file, of dead stacks as well.
    function_names: Vec<StrId>,
    mappings: Vec<Option<Mapping>>,
    strings: Arc<Strings>,
}

/// The locations, one column per property, so that a walk over stacks touches no more memory than it needs.
#[derive(Debug, Default)]
struct Locations {
    address: Vec<u64>,
    /// Index of the mapping, or [`Locations::NO_MAPPING`].
    mapping: Vec<u32>,
    /// Index of its first line; its lines end where those of the next location start, so there is one more entry.
    first_line: Vec<u32>,
}

impl Locations {
    const NO_MAPPING: u32 = u32::MAX;
}

impl Profile {
    /// The description of the profile.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The samples with live objects or bytes.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// Takes the samples out of the profile: they take more memory than the rest, and are not needed any more once
    /// they are summed.
    pub fn take_samples(&mut self) -> Samples {
        std::mem::take(&mut self.samples)
    }

    /// The metrics that its samples have; the other one is 0 in all of them.
    pub fn counted(&self) -> MetricsPresent {
        self.counted
    }

    /// The fingerprint of its process.
    pub fn fingerprint(&self) -> &ProcessFingerprint {
        &self.fingerprint
    }

    /// The ids of all locations, in the file's order.
    pub fn location_ids(&self) -> impl ExactSizeIterator<Item = LocationId> + use<> {
        (0..u32::try_from(self.locations.address.len()).unwrap_or(u32::MAX)).map(LocationId)
    }

    /// The id of the location with an index in that order.
    pub fn location_id(&self, index: usize) -> Option<LocationId> {
        let index = u32::try_from(index).ok().filter(|&index| (index as usize) < self.locations.address.len());
        index.map(LocationId)
    }

    /// The lines of a location, as indexes into [`Profile::lines`]: the first is the innermost, inlined into the next.
    /// Empty for code without symbols.
    #[inline]
    pub fn line_range(&self, id: LocationId) -> Range<u32> {
        self.locations.first_line[id.index()]..self.locations.first_line[id.index() + 1]
    }

    /// All lines, grouped by location.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// All functions, indexed by [`FunctionId`].
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// The names of all functions of the file, those on dead stacks included.
    pub fn function_names(&self) -> &[StrId] {
        &self.function_names
    }

    /// The ids of all functions, in that order.
    pub fn function_ids(&self) -> impl ExactSizeIterator<Item = FunctionId> + use<> {
        (0..u32::try_from(self.functions.len()).unwrap_or(u32::MAX)).map(FunctionId)
    }

    /// A location.
    #[inline]
    pub fn location(&self, id: LocationId) -> Location {
        let mapping = self.locations.mapping[id.index()];
        // As in pprof, a mapping id that leads nowhere is no mapping.
        let exists = self.mappings.get(mapping as usize).is_some_and(Option::is_some);
        Location { mapping: exists.then_some(MappingId(mapping)), address: self.address(id) }
    }

    /// The machine address of a location; 0 when unknown.
    #[inline]
    pub fn address(&self, id: LocationId) -> u64 {
        self.locations.address[id.index()]
    }

    /// A function.
    #[inline]
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// The mappings by id; `None` for one that locations name and the file does not define.
    pub fn mappings(&self) -> &[Option<Mapping>] {
        &self.mappings
    }

    /// The mapping of a location of this profile.
    pub fn mapping(&self, id: MappingId) -> Option<&Mapping> {
        self.mappings[id.index()].as_ref()
    }

    /// All strings.
    pub fn strings(&self) -> &Arc<Strings> {
        &self.strings
    }

    /// The bytes of a string; mostly UTF-8, but this is not guaranteed.
    #[inline]
    pub fn string(&self, id: StrId) -> &[u8] {
        self.strings.get(id)
    }
}
