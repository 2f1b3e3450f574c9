//! Collects the messages of a profile, in whatever order a file has them.

use super::assumed::AssumedLiveColumns;
use super::fingerprint::FingerprintBuilder;
use super::ids::IdTable;
use super::locations::LocationTable;
use super::packed::{PackedSamples, UnpackedSample};
use super::{
    Function, FunctionId, InputFormat, Invalid, Line, Locations, Mapping, MemStats, Referrer, SampleType, StrId,
    Strings,
};

/// A number that a profile has at most once; a second one reveals concatenated profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Singular {
    /// `time_nanos`.
    Time,
    /// `duration_nanos`.
    Duration,
    /// `period`.
    Period,
}

/// A line of a location, with its function by the file's id.
#[derive(Debug, Clone, Copy)]
pub struct LineRef {
    /// Id of the function in the file.
    pub function_id: u64,
    /// Line number; 0 when unknown.
    pub line: i64,
}

/// Builds a [`Profile`](super::Profile). Arguments named `*_id` and indexes of strings are those of the file.
#[derive(Debug, Default)]
pub struct ProfileBuilder {
    pub(super) format: InputFormat,
    pub(super) mem_stats: Option<MemStats>,
    /// Number of goroutines that a dump marks as leaked.
    pub(super) marked_leaked: i64,
    pub(super) sample_types: Vec<(StrId, StrId)>,
    pub(super) period_type: Option<(StrId, StrId)>,
    /// Indexed by [`Singular`].
    pub(super) singular: [Option<i64>; 3],
    pub(super) drop_frames: StrId,
    pub(super) keep_frames: StrId,

    /// The columns to count.
    pub(super) wanted: SampleType,
    /// Name of the column that is meant by default; empty if the profile does not say.
    pub(super) default_sample_type: StrId,
    pub(super) may_be_cut: bool,
    /// Number of samples so far.
    pub(super) samples: u64,
    pub(super) assumed: AssumedLiveColumns,
    /// Columns in which a dead sample is not 0, one bit each.
    pub(super) nonzero_in_dropped: u64,
    pub(super) live: PackedSamples,
    pub(super) fingerprint: FingerprintBuilder,
    /// Number of values of the first sample.
    pub(super) values_per_sample: usize,
    /// The first sample with another number of values: its index and that number.
    pub(super) first_ragged_sample: Option<(u64, usize)>,
    /// Keys of numeric labels, as string indexes.
    pub(super) label_keys: Vec<u64>,
    /// Keys of labels with a text, each once: the first [`ProfileBuilder::MAX_TEXT_KEYS`].
    pub(super) text_label_keys: Vec<i64>,
    /// The sample that is being kept.
    pub(super) scratch: UnpackedSample,

    pub(super) location_ids: IdTable,
    pub(super) locations: LocationTable,
    pub(super) defined_locations: u64,
    pub(super) lines: Vec<Line>,

    pub(super) function_ids: IdTable,
    /// [`UNDEFINED`] if only mentioned.
    pub(super) functions: Vec<Function>,
    pub(super) defined_functions: u64,

    pub(super) mapping_ids: IdTable,
    /// `None` if only mentioned.
    pub(super) mappings: Vec<Option<Mapping>>,
    pub(super) defined_mappings: u64,
    /// File name and build id of the first mapping of the file.
    pub(super) main_mapping: Option<(StrId, StrId)>,

    pub(super) strings: Strings,
    /// The highest string index that is mentioned, and by what.
    pub(super) highest_string: Option<(StrId, Referrer)>,
}

/// A function that was mentioned and not defined yet. No string table is long enough for its name.
pub(super) const UNDEFINED: Function = Function { name: StrId(u32::MAX), filename: StrId(u32::MAX), start_line: 0 };

/// Maximum number of columns, which have one bit each in [`ProfileBuilder::nonzero_in_dropped`]. Heap profiles have two
/// to four.
pub(super) const MAX_COLUMNS: usize = 64;
/// Compilers inline tens of functions into one location.
const MAX_LINES_OF_LOCATION: usize = 4096;

impl ProfileBuilder {
    /// Builder of an empty profile.
    pub fn new() -> Self {
        Self::default()
    }

    /// Builder that drops no sample before it knows the names of the columns.
    pub fn keeping_dead() -> Self {
        ProfileBuilder { assumed: AssumedLiveColumns::Anywhere, ..Self::new() }
    }

    /// Sets the columns to count.
    #[must_use]
    pub fn counting(self, wanted: SampleType) -> Self {
        let may_drop_dead = matches!(wanted, SampleType::Live | SampleType::Default | SampleType::Goroutines);
        let assumed = if may_drop_dead { self.assumed } else { AssumedLiveColumns::Anywhere };
        ProfileBuilder { assumed, wanted, ..self }
    }

    /// Sets the format.
    pub fn format(&mut self, format: InputFormat) {
        self.format = format;
    }

    /// Sets the runtime's own numbers.
    pub fn mem_stats(&mut self, mem_stats: MemStats) {
        self.mem_stats = Some(mem_stats);
    }

    /// Sets the number of goroutines that a dump marks as leaked.
    pub fn marked_leaked(&mut self, goroutines: i64) {
        self.marked_leaked = goroutines;
    }

    /// Number of samples so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// Adds a column.
    pub fn add_sample_type(&mut self, kind: i64, unit: i64) -> Result<(), Invalid> {
        if self.sample_types.len() >= MAX_COLUMNS {
            return Err(Invalid::TooMany { table: "sample_type", most: MAX_COLUMNS });
        }
        let index = Some(self.sample_types.len() as u64);
        let column = self.value_type("sample_type", index, kind, unit)?;
        self.sample_types.push(column);
        Ok(())
    }

    /// Sets what `period` counts.
    pub fn period_type(&mut self, kind: i64, unit: i64) -> Result<(), Invalid> {
        if self.period_type.is_some() {
            return Err(Invalid::Concatenated { field: "period_type" });
        }
        self.period_type = Some(self.value_type("period_type", None, kind, unit)?);
        Ok(())
    }

    /// Sets a number that a profile has at most once.
    pub fn singular(&mut self, field: Singular, value: i64) -> Result<(), Invalid> {
        match self.singular[field as usize].replace(value) {
            None => Ok(()),
            Some(_) => Err(Invalid::Concatenated {
                field: match field {
                    Singular::Time => "time_nanos",
                    Singular::Duration => "duration_nanos",
                    Singular::Period => "period",
                },
            }),
        }
    }

    /// Sets the regular expression of the frames to drop, by string index.
    pub fn drop_frames(&mut self, index: i64) -> Result<(), Invalid> {
        self.drop_frames = self.field_string("drop_frames", index)?;
        Ok(())
    }

    /// Sets the regular expression of the exceptions from `drop_frames`, by string index.
    pub fn keep_frames(&mut self, index: i64) -> Result<(), Invalid> {
        self.keep_frames = self.field_string("keep_frames", index)?;
        Ok(())
    }

    /// Sets the name of the column that is meant by default, by string index.
    ///
    /// Go's runtime writes it before the samples, and only where allocation is meant, so that no sample is dead.
    pub fn default_sample_type(&mut self, index: i64) -> Result<(), Invalid> {
        self.default_sample_type = self.field_string("default_sample_type", index)?;
        if self.wanted == SampleType::Default && index != 0 && self.assumed == AssumedLiveColumns::Open {
            self.assumed = AssumedLiveColumns::Anywhere;
        }
        Ok(())
    }

    /// Notes that nothing proves the data complete.
    pub fn may_be_cut(&mut self) {
        self.may_be_cut = true;
    }

    /// Checks the string index of a field of the profile itself, and returns its id.
    pub fn field_string(&mut self, field: &'static str, index: i64) -> Result<StrId, Invalid> {
        self.string_ref(index, Referrer { table: "", index: None, field })
    }

    /// Checks the string index of a label of sample `sample`.
    pub fn label_string(&mut self, sample: u64, field: &'static str, index: i64) -> Result<(), Invalid> {
        self.string_ref(index, Referrer { table: "sample", index: Some(sample), field }).map(|_| ())
    }

    /// Far more than any producer uses.
    const MAX_TEXT_KEYS: usize = 256;

    /// Notes the key of a label with a text.
    pub fn text_label(&mut self, key: i64) {
        let keys = &mut self.text_label_keys;
        if !keys.contains(&key) && keys.len() < Self::MAX_TEXT_KEYS {
            keys.push(key);
        }
    }

    /// Adds a mapping.
    pub fn mapping(&mut self, id: u64, start: u64, offset: u64, file: i64, build_id: i64) -> Result<(), Invalid> {
        let index = self.defined_mappings;
        self.defined_mappings += 1;
        let by = |field| Referrer { table: "mapping", index: Some(index), field };
        let filename = self.string_ref(file, by("filename"))?;
        let build_id = self.string_ref(build_id, by("build_id"))?;
        self.main_mapping.get_or_insert((filename, build_id));
        if id == 0 {
            return Err(self.or_concatenated(Invalid::ZeroId { table: "mapping", index }));
        }
        let at = mention("mapping", &mut self.mapping_ids, &mut self.mappings, id, None)?;
        let mapping = Mapping { memory_start: start, file_offset: offset, filename };
        match self.mappings[at as usize].replace(mapping) {
            None => Ok(()),
            Some(_) => Err(self.or_concatenated(Invalid::DuplicateId { table: "mapping", index, id })),
        }
    }

    /// Adds a location, its lines innermost first.
    pub fn location(
        &mut self,
        id: u64,
        mapping_id: u64,
        address: u64,
        lines: impl Iterator<Item = LineRef>,
    ) -> Result<(), Invalid> {
        let index = self.defined_locations;
        self.defined_locations += 1;
        let first_line = self.line_count()?;
        for (at, line) in lines.enumerate() {
            if at == MAX_LINES_OF_LOCATION {
                return Err(Invalid::TooMany { table: "line of a location", most: MAX_LINES_OF_LOCATION });
            }
            let function = match line.function_id {
                0 => return Err(Invalid::UnknownFunction { location: id, line: at, id: 0 }),
                id => mention("function", &mut self.function_ids, &mut self.functions, id, UNDEFINED)?,
            };
            self.lines.push(Line { function: FunctionId(function), line: line.line });
        }
        let mapping = match mapping_id {
            0 => Locations::NO_MAPPING,
            id => mention("mapping", &mut self.mapping_ids, &mut self.mappings, id, None)?,
        };
        if id == 0 {
            return Err(self.or_concatenated(Invalid::ZeroId { table: "location", index }));
        }
        let lines = first_line..self.line_count()?;
        let (at, is_new) = self.location_ids.mention("location", id)?;
        if is_new {
            self.locations.add(address, mapping, lines);
        } else if !self.locations.define(at, address, mapping, lines) {
            return Err(self.or_concatenated(Invalid::DuplicateId { table: "location", index, id }));
        }
        Ok(())
    }

    /// Assigns the locations to mappings, for a format that lists these last. `mapping_of` gives the id of the mapping
    /// that holds an address.
    pub fn map_locations(&mut self, mut mapping_of: impl FnMut(u64) -> Option<u64>) -> Result<(), Invalid> {
        let (ids, mappings) = (&mut self.mapping_ids, &mut self.mappings);
        self.locations.map(|address| match mapping_of(address) {
            Some(id) => mention("mapping", ids, mappings, id, None).map(Some),
            None => Ok(None),
        })
    }

    /// Adds a function. `strings`: its name, system name and file.
    pub fn function(&mut self, id: u64, strings: [i64; 3], start_line: i64) -> Result<(), Invalid> {
        let index = self.defined_functions;
        self.defined_functions += 1;
        let by = |field| Referrer { table: "function", index: Some(index), field };
        let name = self.string_ref(strings[0], by("name"))?;
        self.string_ref(strings[1], by("system_name"))?;
        let filename = self.string_ref(strings[2], by("filename"))?;
        if id == 0 {
            return Err(self.or_concatenated(Invalid::ZeroId { table: "function", index }));
        }
        let at = mention("function", &mut self.function_ids, &mut self.functions, id, UNDEFINED)?;
        let function = Function { name, filename, start_line };
        match std::mem::replace(&mut self.functions[at as usize], function).name {
            name if name == UNDEFINED.name => Ok(()),
            _ => Err(self.or_concatenated(Invalid::DuplicateId { table: "function", index, id })),
        }
    }

    /// Adds a string to the string table.
    pub fn string(&mut self, string: &[u8]) -> Result<(), Invalid> {
        if self.strings.len() == 0 && !string.is_empty() {
            return Err(Invalid::FirstString { found: String::from_utf8_lossy(string).into_owned() });
        }
        self.strings.push(string)
    }

    /// Whether the last string of the table is used. Every encoder adds a string when it needs one, so a field that
    /// uses the last string must be missing otherwise.
    pub fn last_string_is_used(&self) -> bool {
        self.highest_string.is_none_or(|(highest, _)| highest.0 as usize + 1 >= self.strings.len())
    }

    /// Whether strings are numbered as by google/pprof: first of all the type of the first column, then its unit.
    pub fn numbers_strings_like_google_pprof(&self) -> bool {
        self.sample_types.first().is_some_and(|&(kind, unit)| kind == StrId(1) && unit.0 <= 2)
    }

    /// `error`, or its explanation: a profile that lists its columns twice is two concatenated profiles.
    pub(super) fn or_concatenated(&self, error: Invalid) -> Invalid {
        let (first, second) = self.sample_types.split_at(self.sample_types.len() / 2);
        if !first.is_empty() && first == second { Invalid::Concatenated { field: "sample_type" } } else { error }
    }

    fn value_type(
        &mut self,
        table: &'static str,
        index: Option<u64>,
        kind: i64,
        unit: i64,
    ) -> Result<(StrId, StrId), Invalid> {
        let by = |field| Referrer { table, index, field };
        Ok((self.string_ref(kind, by("type"))?, self.string_ref(unit, by("unit"))?))
    }

    #[inline]
    fn string_ref(&mut self, index: i64, by: Referrer) -> Result<StrId, Invalid> {
        let index = u64::try_from(index).map_err(|_| Invalid::NegativeString { index, by })?;
        let id =
            StrId(u32::try_from(index).map_err(|_| Invalid::StringIndex { index, len: self.strings.len(), by })?);
        if self.highest_string.is_none_or(|(highest, _)| id.0 > highest.0) {
            self.highest_string = Some((id, by));
        }
        Ok(id)
    }

    #[inline]
    pub(super) fn line_count(&self) -> Result<u32, Invalid> {
        match u32::try_from(self.lines.len()) {
            Ok(count) if self.lines.len() <= MAX_LINES => Ok(count),
            _ => Err(Invalid::TooMany { table: "line", most: MAX_LINES }),
        }
    }
}

/// Ten times what the largest profiles have.
const MAX_LINES: usize = 8 << 20;

/// The dense index of `id` in a table. An entry that it does not have yet becomes `undefined`.
#[inline]
pub(super) fn mention<T>(
    table: &'static str,
    ids: &mut IdTable,
    entries: &mut Vec<T>,
    id: u64,
    undefined: T,
) -> Result<u32, Invalid> {
    let (index, new) = ids.mention(table, id)?;
    if new {
        entries.push(undefined);
    }
    Ok(index)
}
