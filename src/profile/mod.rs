//! The format-free model of one heap profile, in the words of `profile.proto`.
//!
//! In: what a decoder tells a [`ProfileBuilder`]. Out: a [`Profile`] that is sound: every id resolves
//! and every sample has its columns. Knows no file and no format.

mod builder;
mod finish;
mod ids;
mod invalid;
mod role;
mod strings;

use std::ops::Range;

pub use builder::{LineRef, ProfileBuilder, Singular};
pub use ids::{FunctionId, LocationId, MappingId};
pub use invalid::{Invalid, Referrer};
pub use role::Role;
pub use strings::{StrId, Strings};

/// What a column holds and in which unit, as in `profile.proto`'s `ValueType`.
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

/// What a profile says of itself, apart from its samples.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// The columns of every sample, in the file's order.
    pub sample_types: Vec<ValueType>,
    /// What `period` counts; `space/bytes` for a heap profile.
    pub period_type: ValueType,
    /// Mean distance between two samples, in the unit of `period_type`; 0 when the file has none.
    pub period: i64,
    /// When the profile was taken, in nanoseconds since 1970; 0 when the file has none.
    pub time_nanos: i64,
    /// For how long it was recorded; a Go heap profile has one only when it is already a difference.
    pub duration_nanos: i64,
    /// Samples in the file, the dead ones (no live object left) included.
    pub samples: u64,
    /// Path of the first mapping: the program.
    pub program: String,
    /// Build id of the first mapping.
    pub build_id: String,
    /// Frames the producer wants hidden, an anchored regular expression; empty for none.
    pub drop_frames: String,
    /// Exceptions from `drop_frames`, likewise.
    pub keep_frames: String,
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

/// A place in the code that stands on stacks: one machine address. Its lines: [`Profile::lines_of`].
#[derive(Debug, Clone, Copy)]
pub struct Location {
    /// The mapping that holds `address`, where the file names one that exists.
    pub mapping: Option<MappingId>,
    /// Machine address; 0 when unknown.
    pub address: u64,
}

/// A source line of a location.
#[derive(Debug, Clone, Copy)]
pub struct Line {
    /// The function it is in.
    pub function: FunctionId,
    /// Line number, from 1; 0 when unknown.
    pub line: i64,
}

/// A function.
#[derive(Debug, Clone, Copy)]
pub struct Function {
    /// Its name for people; of Go with the package's import path.
    pub name: StrId,
    /// The source file.
    pub filename: StrId,
    /// Line of its first line; 0 when unknown.
    pub start_line: i64,
}

/// One live sample: a stack, and the live objects and bytes allocated from it.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'p> {
    /// Leaf first. Ids of this profile.
    pub stack: &'p [LocationId],
    /// Live objects (`inuse_objects`).
    pub objects: i64,
    /// Live bytes (`inuse_space`).
    pub space: i64,
}

/// A heap profile. Made by [`ProfileBuilder::finish`], read-only from then on.
///
/// It keeps what its live samples need, and nothing that only dead ones did.
/// Ids index the tables of the profile they come from and no other's.
#[derive(Debug)]
pub struct Profile {
    header: Header,
    samples: Samples,
    locations: Vec<Location>,
    /// By location, and one behind the last: where its lines start.
    first_line: Vec<u32>,
    lines: Vec<Line>,
    functions: Vec<Function>,
    mappings: Vec<Mapping>,
    strings: Strings,
}

/// The live samples of a profile, a column each. Ids are those of that profile.
#[derive(Debug, Default)]
pub struct Samples {
    /// All stacks, one behind the other.
    stacks: Vec<LocationId>,
    /// Where the stack of each sample ends in `stacks`.
    ends: Vec<usize>,
    objects: Vec<i64>,
    space: Vec<i64>,
}

impl Samples {
    fn reserve(&mut self, samples: usize) {
        self.ends.reserve_exact(samples);
        self.objects.reserve_exact(samples);
        self.space.reserve_exact(samples);
    }

    /// The samples, in the file's order.
    pub fn iter(&self) -> impl Iterator<Item = Sample<'_>> {
        let mut start = 0;
        let columns = self.objects.iter().zip(&self.space);
        self.ends.iter().zip(columns).map(move |(&end, (&objects, &space))| {
            let stack = &self.stacks[start..end];
            start = end;
            Sample { stack, objects, space }
        })
    }
}

impl Profile {
    /// What the profile says of itself.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The samples with live objects or bytes.
    pub fn samples(&self) -> &Samples {
        &self.samples
    }

    /// The same, out of the profile: they take more memory than the rest, and are of no use once they are
    /// added up.
    pub fn take_samples(&mut self) -> Samples {
        std::mem::take(&mut self.samples)
    }

    /// All locations, indexed by [`LocationId`].
    pub fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The ids of all locations, in the order of [`Profile::locations`].
    pub fn location_ids(&self) -> impl Iterator<Item = LocationId> + use<> {
        (0..self.locations.len()).map(|at| LocationId(u32::try_from(at).unwrap_or(u32::MAX)))
    }

    /// The lines of a location, as indexes in [`Profile::lines`]: the first is the innermost, inlined
    /// into the next. None for code without a symbol.
    #[inline]
    pub fn lines_of(&self, id: LocationId) -> Range<u32> {
        self.first_line[id.index()]..self.first_line[id.index() + 1]
    }

    /// All lines; those of a location stand together.
    pub fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// All functions, indexed by [`FunctionId`].
    pub fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// A location.
    pub fn location(&self, id: LocationId) -> &Location {
        &self.locations[id.index()]
    }

    /// A function.
    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    /// A mapping.
    pub fn mapping(&self, id: MappingId) -> &Mapping {
        &self.mappings[id.index()]
    }

    /// The bytes of a string; mostly UTF-8, but nothing makes sure of it.
    pub fn string(&self, id: StrId) -> &[u8] {
        self.strings.get(id)
    }
}
