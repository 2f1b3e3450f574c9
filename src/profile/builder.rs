//! Takes the messages of a profile in whatever order a file has them, and checks the whole at the end.

use super::ids::IdTable;
use super::{
    Function, FunctionId, Header, Invalid, Line, Location, LocationId, Mapping, MappingId, Profile, Referrer, Role,
    Samples, StrId, Strings, ValueType,
};

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

/// Builds a [`Profile`]. Arguments named `*_id` and indexes of strings are those of the file.
#[derive(Debug, Default)]
pub struct ProfileBuilder {
    sample_types: Vec<(StrId, StrId)>,
    period_type: Option<(StrId, StrId)>,
    /// Indexed by [`Singular`].
    singular: [Option<i64>; 3],
    drop_frames: StrId,
    keep_frames: StrId,

    samples: u64,
    /// Values of all samples, `stride` each.
    values: Vec<i64>,
    stride: usize,
    /// The first sample with another number of values than the first one: its index and its values.
    uneven: Option<(u64, usize)>,
    stacks: Vec<LocationId>,
    ends: Vec<usize>,

    location_ids: IdTable,
    /// Indexed by [`LocationId`]; `None` while only mentioned.
    locations: Vec<Option<Location>>,
    /// The sample that mentioned a location first; indexed likewise.
    first_use: Vec<u64>,
    defined_locations: u64,
    lines: Vec<Line>,

    function_ids: IdTable,
    functions: Vec<Option<Function>>,
    defined_functions: u64,

    mapping_ids: IdTable,
    mappings: Vec<Option<Mapping>>,
    defined_mappings: u64,
    /// File name and build id of the mapping that stands first in the file.
    main_mapping: Option<(StrId, StrId)>,

    strings: Strings,
    /// The highest index of a string that anything mentions, and who does.
    highest_string: Option<(StrId, Referrer)>,
}

impl ProfileBuilder {
    /// An empty profile.
    pub fn new() -> Self {
        Self::default()
    }

    /// The next column.
    pub fn sample_type(&mut self, kind: i64, unit: i64) -> Result<(), Invalid> {
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

    /// A string of a label of the next sample; likewise.
    pub fn label_string(&mut self, field: &'static str, index: i64) -> Result<(), Invalid> {
        self.string_ref(index, Referrer { table: "sample", index: Some(self.samples), field }).map(|_| ())
    }

    /// The next sample: its stack, leaf first, and a value for each column.
    pub fn sample(&mut self, location_ids: &[u64], values: &[i64]) -> Result<(), Invalid> {
        let index = self.samples;
        for &id in location_ids {
            let found = if id == 0 { None } else { Some(self.mention_location(id, index)?) };
            self.stacks.push(found.ok_or(Invalid::UnknownLocation { sample: index, id })?);
        }
        self.ends.push(self.stacks.len());
        if index == 0 {
            self.stride = values.len();
        }
        if values.len() == self.stride {
            self.values.extend_from_slice(values);
        } else {
            self.uneven.get_or_insert((index, values.len()));
        }
        self.samples += 1;
        Ok(())
    }

    /// A mapping.
    pub fn mapping(&mut self, id: u64, start: u64, offset: u64, file: i64, build_id: i64) -> Result<(), Invalid> {
        let index = self.defined_mappings;
        self.defined_mappings += 1;
        let by = |field| Referrer { table: "mapping", index: Some(index), field };
        let filename = self.string_ref(file, by("filename"))?;
        let build_id = self.string_ref(build_id, by("build_id"))?;
        self.main_mapping.get_or_insert((filename, build_id));
        let mapping = Mapping { memory_start: start, file_offset: offset, filename };
        let defined = define("mapping", &mut self.mapping_ids, &mut self.mappings, id, index, mapping);
        defined.map_err(|error| self.or_concatenated(error))
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
        let start = self.line_count()?;
        for (at, line) in lines.enumerate() {
            let function = match line.function_id {
                0 => return Err(Invalid::UnknownFunction { location: id, line: at, id: 0 }),
                id => mention("function", &mut self.function_ids, &mut self.functions, id)?,
            };
            self.lines.push(Line { function: FunctionId(function), line: line.line });
        }
        let mapping = match mapping_id {
            0 => None,
            id => Some(MappingId(mention("mapping", &mut self.mapping_ids, &mut self.mappings, id)?)),
        };
        let location = Location { mapping, address, lines: start..self.line_count()? };
        let defined = define("location", &mut self.location_ids, &mut self.locations, id, index, location);
        defined.map_err(|error| self.or_concatenated(error))?;
        self.first_use.resize(self.locations.len(), 0);
        Ok(())
    }

    /// A function. `strings` are its name, its system name and its file.
    pub fn function(&mut self, id: u64, strings: [i64; 3], start_line: i64) -> Result<(), Invalid> {
        let index = self.defined_functions;
        self.defined_functions += 1;
        let by = |field| Referrer { table: "function", index: Some(index), field };
        let name = self.string_ref(strings[0], by("name"))?;
        self.string_ref(strings[1], by("system_name"))?;
        let filename = self.string_ref(strings[2], by("filename"))?;
        let function = Function { name, filename, start_line };
        let defined = define("function", &mut self.function_ids, &mut self.functions, id, index, function);
        defined.map_err(|error| self.or_concatenated(error))
    }

    /// The next string of the string table.
    pub fn string(&mut self, string: &[u8]) -> Result<(), Invalid> {
        if self.strings.len() == 0 && !string.is_empty() {
            return Err(Invalid::FirstString { found: String::from_utf8_lossy(string).into_owned() });
        }
        if self.strings.len() >= u32::MAX as usize {
            return Err(Invalid::TooMany { table: "string_table" });
        }
        self.strings.push(string);
        Ok(())
    }

    /// Whether the last string of the table is mentioned by anything. Every encoder adds a string
    /// when it needs one, so a last one without a use tells of a field that is missing behind it.
    pub fn last_string_is_used(&self) -> bool {
        self.highest_string.is_none_or(|(highest, _)| highest.0 as usize + 1 >= self.strings.len())
    }

    /// Checks the whole and makes the profile.
    pub fn finish(self) -> Result<Profile, Invalid> {
        self.check()?;
        let column_type = |&(kind, unit): &(StrId, StrId)| ValueType {
            kind: self.strings.lossy(kind),
            unit: self.strings.lossy(unit),
        };
        let sample_types: Vec<_> = self.sample_types.iter().map(column_type).collect();
        let live = [Role::LiveObjects, Role::LiveBytes].map(|role| role.column(&sample_types));
        let [Some(objects), Some(space)] = live else {
            let found = sample_types.iter().map(ValueType::to_string).collect();
            return Err(Invalid::NotAHeapProfile { found });
        };
        let (program, build_id) = self.main_mapping.unwrap_or_default();
        let header = Header {
            period_type: self.period_type.as_ref().map(column_type).unwrap_or_default(),
            period: self.singular[Singular::Period as usize].unwrap_or(0),
            time_nanos: self.singular[Singular::Time as usize].unwrap_or(0),
            duration_nanos: self.singular[Singular::Duration as usize].unwrap_or(0),
            samples: self.samples,
            program: self.strings.lossy(program),
            build_id: self.strings.lossy(build_id),
            drop_frames: self.strings.lossy(self.drop_frames),
            keep_frames: self.strings.lossy(self.keep_frames),
            sample_types,
        };
        let samples = self.live_samples(objects, space);
        let mappings = self.mappings;
        let mut locations: Vec<_> = self.locations.into_iter().flatten().collect();
        for location in &mut locations {
            // As in pprof, a mapping id that leads nowhere is no mapping.
            location.mapping = location.mapping.filter(|id| mappings[id.index()].is_some());
        }
        let nowhere = Mapping { memory_start: 0, file_offset: 0, filename: StrId::default() };
        Ok(Profile {
            header,
            samples,
            locations,
            lines: self.lines,
            functions: self.functions.into_iter().flatten().collect(),
            mappings: mappings.into_iter().map(|mapping| mapping.unwrap_or(nowhere)).collect(),
            strings: self.strings,
        })
    }

    /// What can only be known at the end, since any table may come after its users.
    fn check(&self) -> Result<(), Invalid> {
        if self.sample_types.is_empty() {
            return Err(Invalid::NoSampleTypes);
        }
        if self.strings.len() == 0 {
            return Err(Invalid::NoStrings);
        }
        if let Some((highest, by)) = self.highest_string
            && highest.0 as usize >= self.strings.len()
        {
            return Err(Invalid::StringIndex { index: highest.0.into(), len: self.strings.len(), by });
        }
        let expected = self.sample_types.len();
        if self.samples > 0 && self.stride != expected {
            let error = Invalid::ValueCount { sample: 0, found: self.stride, expected };
            return Err(self.or_concatenated(error));
        }
        if let Some((sample, found)) = self.uneven {
            return Err(Invalid::ValueCount { sample, found, expected });
        }
        if let Some(index) = first_undefined(&self.locations) {
            let id = self.location_ids.id_of(index).unwrap_or_default();
            return Err(Invalid::UnknownLocation { sample: self.first_use[index as usize], id });
        }
        if let Some(index) = first_undefined(&self.functions) {
            return Err(self.unknown_function(index));
        }
        Ok(())
    }

    /// `error`, or what explains it: a profile whose columns stand there twice is two profiles.
    fn or_concatenated(&self, error: Invalid) -> Invalid {
        let (first, second) = self.sample_types.split_at(self.sample_types.len() / 2);
        if !first.is_empty() && first == second { Invalid::Concatenated { field: "sample_type" } } else { error }
    }

    fn unknown_function(&self, function: u32) -> Invalid {
        let by = self.lines.iter().position(|line| line.function.0 == function).unwrap_or_default();
        let holds = |location: &Location| {
            location.lines.contains(&u32::try_from(by).unwrap_or(u32::MAX)).then_some(location.lines.start as usize)
        };
        let found = self
            .locations
            .iter()
            .zip(0u32..)
            .find_map(|(location, index)| location.as_ref().and_then(holds).map(|start| (index, start)));
        let (location, start) = found.unwrap_or_default();
        Invalid::UnknownFunction {
            location: self.location_ids.id_of(location).unwrap_or_default(),
            line: by - start.min(by),
            id: self.function_ids.id_of(function).unwrap_or_default(),
        }
    }

    /// The two live columns, without the samples in which both are 0: most of a Go profile is dead.
    fn live_samples(&self, objects: usize, space: usize) -> Samples {
        let mut live = Samples::default();
        let mut start = 0;
        for (values, &end) in self.values.chunks_exact(self.stride.max(1)).zip(&self.ends) {
            if values[objects] != 0 || values[space] != 0 {
                live.stacks.extend_from_slice(&self.stacks[start..end]);
                live.ends.push(live.stacks.len());
                live.objects.push(values[objects]);
                live.space.push(values[space]);
            }
            start = end;
        }
        live
    }

    fn value_type(
        &mut self,
        table: &'static str,
        index: Option<u64>,
        kind: i64,
        unit: i64,
    ) -> Result<(StrId, StrId), Invalid> {
        let by = |field| match index {
            Some(_) => Referrer { table, index, field },
            None => Referrer { table, index, field: table },
        };
        Ok((self.string_ref(kind, by("type"))?, self.string_ref(unit, by("unit"))?))
    }

    fn string_ref(&mut self, index: i64, by: Referrer) -> Result<StrId, Invalid> {
        let len = self.strings.len();
        let id = u32::try_from(index).map(StrId).map_err(|_| Invalid::StringIndex { index, len, by })?;
        if self.highest_string.is_none_or(|(highest, _)| id.0 > highest.0) {
            self.highest_string = Some((id, by));
        }
        Ok(id)
    }

    fn mention_location(&mut self, id: u64, sample: u64) -> Result<LocationId, Invalid> {
        let index = mention("location", &mut self.location_ids, &mut self.locations, id)?;
        if self.first_use.len() < self.locations.len() {
            self.first_use.push(sample);
        }
        Ok(LocationId(index))
    }

    fn line_count(&self) -> Result<u32, Invalid> {
        u32::try_from(self.lines.len()).map_err(|_| Invalid::TooMany { table: "line" })
    }
}

/// The dense index of `id` in a table that may not have the entry yet.
fn mention<T>(table: &'static str, ids: &mut IdTable, entries: &mut Vec<Option<T>>, id: u64) -> Result<u32, Invalid> {
    let (index, new) = ids.mention(id).ok_or(Invalid::TooMany { table })?;
    if new {
        entries.push(None);
    }
    Ok(index)
}

fn define<T>(
    table: &'static str,
    ids: &mut IdTable,
    entries: &mut Vec<Option<T>>,
    id: u64,
    index: u64,
    entry: T,
) -> Result<(), Invalid> {
    if id == 0 {
        return Err(Invalid::ZeroId { table, index });
    }
    let at = mention(table, ids, entries, id)?;
    match entries[at as usize].replace(entry) {
        None => Ok(()),
        Some(_) => Err(Invalid::DuplicateId { table, index, id }),
    }
}

fn first_undefined<T>(entries: &[Option<T>]) -> Option<u32> {
    entries.iter().zip(0..).find_map(|(entry, index)| entry.is_none().then_some(index))
}

fn to_u64(len: usize) -> u64 {
    len as u64
}
