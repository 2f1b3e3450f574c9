//! Takes the messages of a profile in whatever order a file has them, and checks the whole at the end.

use super::dead::{Dead, Mark};
use super::ids::IdTable;
use super::places::Places;
use super::samples::Records;
use super::{Function, FunctionId, Invalid, Line, Locations, Mapping, MemStats, Referrer, StrId, Strings};

/// A field that a profile has at most once, so that a second one tells of concatenated profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Singular {
    /// `time_nanos`.
    Time,
    /// `duration_nanos`.
    Duration,
    /// `period`.
    Period,
}

/// A `Line` as the file has it, its function by the file's id.
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
    pub(super) format: &'static str,
    pub(super) mem_stats: Option<MemStats>,
    pub(super) sample_types: Vec<(StrId, StrId)>,
    pub(super) period_type: Option<(StrId, StrId)>,
    /// Indexed by [`Singular`].
    pub(super) singular: [Option<i64>; 3],
    pub(super) drop_frames: StrId,
    pub(super) keep_frames: StrId,

    /// The column that shall count instead of the live ones.
    pub(super) sample_type: Option<String>,
    pub(super) samples: u64,
    pub(super) assumed: Assumed,
    /// Columns in which a sample that was dropped is not 0, a bit each.
    pub(super) dropped: u64,
    /// The samples that were kept.
    pub(super) records: Records,
    /// Values of the first sample.
    pub(super) stride: usize,
    /// The first sample with another number of values than the first one: its index and its values.
    pub(super) uneven: Option<(u64, usize)>,
    /// The strings that are keys of numeric labels, but for one that follows itself.
    pub(super) label_keys: Vec<u64>,
    /// The strings that are keys of labels with a text, each once, and no more of them than
    /// [`ProfileBuilder::MAX_TEXT_KEYS`].
    pub(super) text_label_keys: Vec<i64>,

    pub(super) location_ids: IdTable,
    pub(super) places: Places,
    /// By index of the location.
    pub(super) marks: Vec<Mark>,
    pub(super) dead: Dead,
    pub(super) defined_locations: u64,
    /// The stack of the next sample, packed.
    pub(super) stack: Vec<u8>,
    pub(super) lines: Vec<Line>,

    pub(super) function_ids: IdTable,
    /// [`UNDEFINED`] while only mentioned.
    pub(super) functions: Vec<Function>,
    pub(super) defined_functions: u64,

    pub(super) mapping_ids: IdTable,
    /// `None` while only mentioned.
    pub(super) mappings: Vec<Option<Mapping>>,
    pub(super) defined_mappings: u64,
    /// File name and build id of the mapping that stands first in the file.
    pub(super) main_mapping: Option<(StrId, StrId)>,

    pub(super) strings: Strings,
    /// The highest index of a string that anything mentions, and who does.
    pub(super) highest_string: Option<(StrId, Referrer)>,
}

/// A function that was mentioned. There is no such string: a table has fewer.
pub(super) const UNDEFINED: Function = Function { name: StrId(u32::MAX), filename: StrId(u32::MAX), start_line: 0 };

/// Where the live columns stand, as long as their names, which come last, are not known.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assumed {
    /// No sample was seen.
    #[default]
    Open,
    /// Anywhere: a sample is dead only if all its values are 0.
    Anywhere,
    /// Here, where Go and pprof put them.
    At([usize; 2]),
}

impl Assumed {
    /// At most so many columns have a bit in [`ProfileBuilder::dropped`].
    pub(super) const MAX_COLUMNS: usize = 64;

    pub(super) fn of(columns: usize) -> Self {
        match columns {
            2 => Assumed::At([0, 1]),
            4 => Assumed::At([2, 3]),
            _ => Assumed::Anywhere,
        }
    }
}

/// Most services have no more locations, functions or strings, and to move to more memory takes time: what one thread
/// unmaps stops the others.
pub(super) const USUAL: usize = 16 << 10;

/// Compilers inline tens of functions into one place.
const MOST_LINES_EACH: usize = 4096;

impl ProfileBuilder {
    /// An empty profile.
    pub fn new() -> Self {
        ProfileBuilder {
            places: Places::with_capacity(USUAL),
            marks: Vec::with_capacity(USUAL),
            lines: Vec::with_capacity(2 * USUAL),
            functions: Vec::with_capacity(USUAL),
            strings: Strings::with_capacity(USUAL),
            ..Self::default()
        }
    }

    /// An empty profile that drops no sample before it knows the names of the columns.
    pub fn keeping_dead() -> Self {
        ProfileBuilder { assumed: Assumed::Anywhere, ..Self::new() }
    }

    /// An empty profile of which not the live objects count, but the column `sample_type`.
    pub fn of_sample_type(sample_type: &str) -> Self {
        ProfileBuilder { sample_type: Some(sample_type.to_owned()), ..Self::keeping_dead() }
    }

    /// The name of the format.
    pub fn format(&mut self, name: &'static str) {
        self.format = name;
    }

    /// The runtime's own numbers.
    pub fn mem_stats(&mut self, mem_stats: MemStats) {
        self.mem_stats = Some(mem_stats);
    }

    /// How many samples there were so far.
    pub fn samples(&self) -> u64 {
        self.samples
    }

    /// The next column.
    pub fn sample_type(&mut self, kind: i64, unit: i64) -> Result<(), Invalid> {
        if self.sample_types.len() >= MOST_COLUMNS {
            return Err(Invalid::TooMany { table: "sample_type", most: MOST_COLUMNS });
        }
        let index = Some(to_u64(self.sample_types.len()));
        let column = self.value_type("sample_type", index, kind, unit)?;
        self.sample_types.push(column);
        Ok(())
    }

    /// What `period` counts.
    pub fn period_type(&mut self, kind: i64, unit: i64) -> Result<(), Invalid> {
        if self.period_type.is_some() {
            return Err(Invalid::Concatenated { field: "period_type" });
        }
        self.period_type = Some(self.value_type("period_type", None, kind, unit)?);
        Ok(())
    }

    /// A field that stands in a profile once.
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

    /// Regular expression of the frames to drop, a string.
    pub fn drop_frames(&mut self, index: i64) -> Result<(), Invalid> {
        self.drop_frames = self.field_string("drop_frames", index)?;
        Ok(())
    }

    /// Regular expression of the exceptions from `drop_frames`, a string.
    pub fn keep_frames(&mut self, index: i64) -> Result<(), Invalid> {
        self.keep_frames = self.field_string("keep_frames", index)?;
        Ok(())
    }

    /// A string that this model does not keep; its index must be right all the same.
    pub fn field_string(&mut self, field: &'static str, index: i64) -> Result<StrId, Invalid> {
        self.string_ref(index, Referrer { table: "", index: None, field })
    }

    /// A string of a label of the sample with an index; likewise.
    pub fn label_string(&mut self, sample: u64, field: &'static str, index: i64) -> Result<(), Invalid> {
        self.string_ref(index, Referrer { table: "sample", index: Some(sample), field }).map(|_| ())
    }

    /// Far more than anyone uses.
    const MAX_TEXT_KEYS: usize = 256;

    /// The key of a label that has a text and no number.
    pub fn text_label(&mut self, key: i64) {
        let keys = &mut self.text_label_keys;
        if !keys.contains(&key) && keys.len() < Self::MAX_TEXT_KEYS {
            keys.push(key);
        }
    }

    /// A mapping.
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

    /// A location, its lines innermost first.
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
            if at == MOST_LINES_EACH {
                return Err(Invalid::TooMany { table: "line of a location", most: MOST_LINES_EACH });
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
            self.places.push(address, mapping, lines);
            self.marks.push(Mark::of(address));
            return Ok(());
        }
        self.marks[at as usize].set_address(address);
        if !self.places.define(at, address, mapping, lines) {
            return Err(self.or_concatenated(Invalid::DuplicateId { table: "location", index, id }));
        }
        Ok(())
    }

    /// Puts the locations into the mappings, for a format that names these last. `mapping_of`: the id of the
    /// mapping that holds an address.
    pub fn map_locations(&mut self, mut mapping_of: impl FnMut(u64) -> Option<u64>) -> Result<(), Invalid> {
        let (ids, mappings) = (&mut self.mapping_ids, &mut self.mappings);
        self.places.map(|address| match mapping_of(address) {
            Some(id) => mention("mapping", ids, mappings, id, None).map(Some),
            None => Ok(None),
        })
    }

    /// A function. `strings` are its name, its system name and its file.
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

    /// The next string of the string table.
    pub fn string(&mut self, string: &[u8]) -> Result<(), Invalid> {
        if self.strings.len() == 0 && !string.is_empty() {
            return Err(Invalid::FirstString { found: String::from_utf8_lossy(string).into_owned() });
        }
        self.strings.push(string)
    }

    /// Whether the last string of the table is mentioned by anything. Every encoder adds a string
    /// when it needs one, so a last one without a use tells of a field that is missing behind it.
    pub fn last_string_is_used(&self) -> bool {
        self.highest_string.is_none_or(|(highest, _)| highest.0 as usize + 1 >= self.strings.len())
    }

    /// `error`, or what explains it: a profile whose columns stand there twice is two profiles.
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
            Ok(count) if self.lines.len() <= MOST_LINES => Ok(count),
            _ => Err(Invalid::TooMany { table: "line", most: MOST_LINES }),
        }
    }
}

/// Ten times what the largest profiles have.
const MOST_LINES: usize = 8 << 20;
/// Heap profiles have two to four.
const MOST_COLUMNS: usize = 64;

/// The dense index of `id` in a table that may not have the entry yet; then it is `undefined`.
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

fn to_u64(len: usize) -> u64 {
    len as u64
}
