//! The end of a profile: checks what only the whole can tell, and keeps what its live samples need.

use std::ops::Range;

use super::builder::{Assumed, ProfileBuilder, Singular};
use super::{
    Function, FunctionId, Header, Invalid, Line, Location, LocationId, Mapping, Profile, Role, Samples, StrId, Strings,
    ValueType,
};

impl ProfileBuilder {
    /// Checks the whole and makes the profile.
    ///
    /// # Errors
    ///
    /// What contradicts itself, or that this is no heap profile.
    pub fn finish(mut self) -> Result<Profile, Invalid> {
        self.check()?;
        let header = self.header();
        let live = [Role::LiveObjects, Role::LiveBytes].map(|role| role.column(&header.sample_types));
        let [Some(objects), Some(space)] = live else {
            let found = header.sample_types.iter().map(ValueType::to_string).collect();
            return Err(Invalid::NotAHeapProfile { found });
        };
        let dropped = |column: usize| column < Assumed::MAX_COLUMNS && self.dropped >> column & 1 == 1;
        if dropped(objects) || dropped(space) {
            return Err(Invalid::LiveColumns);
        }
        let mut samples = self.live_samples(objects, space);
        let (locations, first_line, lines) = self.live_locations(&mut samples.stacks);
        let (functions, lines) = self.live_functions(lines);
        let (functions, mappings, strings) = self.live_strings(functions);
        Ok(Profile { header, samples, locations, first_line, lines, functions, mappings, strings })
    }

    fn header(&self) -> Header {
        let column_type = |&(kind, unit): &(StrId, StrId)| ValueType {
            kind: self.strings.lossy(kind),
            unit: self.strings.lossy(unit),
        };
        let (program, build_id) = self.main_mapping.unwrap_or_default();
        Header {
            sample_types: self.sample_types.iter().map(column_type).collect(),
            period_type: self.period_type.as_ref().map(column_type).unwrap_or_default(),
            period: self.singular[Singular::Period as usize].unwrap_or(0),
            time_nanos: self.singular[Singular::Time as usize].unwrap_or(0),
            duration_nanos: self.singular[Singular::Duration as usize].unwrap_or(0),
            samples: self.samples,
            program: self.strings.lossy(program),
            build_id: self.strings.lossy(build_id),
            drop_frames: self.strings.lossy(self.drop_frames),
            keep_frames: self.strings.lossy(self.keep_frames),
        }
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
            return Err(self.unknown_location(index));
        }
        if let Some(index) = first_undefined(&self.functions) {
            return Err(self.unknown_function(index));
        }
        Ok(())
    }

    fn unknown_location(&self, location: u32) -> Invalid {
        let by = self.stacks.iter().position(|id| id.0 == location).unwrap_or_default();
        let sample = self.ends.partition_point(|&end| end <= by);
        Invalid::UnknownLocation {
            sample: self.kept.get(sample).copied().unwrap_or_default(),
            id: self.location_ids.id_of(location).unwrap_or_default(),
        }
    }

    fn unknown_function(&self, function: u32) -> Invalid {
        let by = self.lines.iter().position(|line| line.function.0 == function).unwrap_or_default();
        let holds = |(_, lines): &(Location, Range<u32>)| {
            lines.contains(&u32::try_from(by).unwrap_or(u32::MAX)).then_some(lines.start as usize)
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

    /// The two live columns, without the samples in which both are 0.
    fn live_samples(&mut self, objects: usize, space: usize) -> Samples {
        let mut live = Samples { stacks: std::mem::take(&mut self.stacks), ..Samples::default() };
        live.reserve(self.ends.len());
        let (mut start, mut kept) = (0, 0);
        for (values, &end) in self.values.chunks_exact(self.stride.max(1)).zip(&self.ends) {
            if values[objects] != 0 || values[space] != 0 {
                live.stacks.copy_within(start..end, kept);
                kept += end - start;
                live.ends.push(kept);
                live.objects.push(values[objects]);
                live.space.push(values[space]);
            }
            start = end;
        }
        live.stacks.truncate(kept);
        (self.values, self.ends, self.kept) = Default::default();
        live
    }

    /// The locations on `stacks`, which are renumbered, where the lines of each start, and the lines.
    fn live_locations(&mut self, stacks: &mut [LocationId]) -> (Vec<Location>, Vec<u32>, Vec<Line>) {
        let mut kept = Renumber::new(self.locations.len());
        stacks.iter().for_each(|id| kept.mark(id.0));
        let count = kept.number();
        stacks.iter_mut().for_each(|id| id.0 = kept.of(id.0));
        self.location_ids = Default::default();
        let all_lines = std::mem::take(&mut self.lines);
        let (mut locations, mut first_line) = (Vec::with_capacity(count), Vec::with_capacity(count + 1));
        let mut lines = Vec::with_capacity(all_lines.len().min(2 * count));
        for (mut location, range) in kept.filter(std::mem::take(&mut self.locations)).flatten() {
            // As in pprof, a mapping id that leads nowhere is no mapping.
            location.mapping = location.mapping.filter(|id| self.mappings[id.index()].is_some());
            locations.push(location);
            first_line.push(index(lines.len()));
            lines.extend_from_slice(&all_lines[range.start as usize..range.end as usize]);
        }
        first_line.push(index(lines.len()));
        (locations, first_line, lines)
    }

    /// The functions of `lines`, and these with the new numbers.
    fn live_functions(&mut self, mut lines: Vec<Line>) -> (Vec<Function>, Vec<Line>) {
        let mut kept = Renumber::new(self.functions.len());
        lines.iter().for_each(|line| kept.mark(line.function.0));
        let mut functions = Vec::with_capacity(kept.number());
        lines.iter_mut().for_each(|line| line.function = FunctionId(kept.of(line.function.0)));
        self.function_ids = Default::default();
        functions.extend(kept.filter(std::mem::take(&mut self.functions)).flatten());
        (functions, lines)
    }

    /// The strings of `functions` and of the mappings, and both with their new numbers.
    fn live_strings(&mut self, mut functions: Vec<Function>) -> (Vec<Function>, Vec<Mapping>, Strings) {
        let nowhere = Mapping { memory_start: 0, file_offset: 0, filename: StrId::default() };
        let mut mappings: Vec<_> = self.mappings.iter().map(|mapping| mapping.unwrap_or(nowhere)).collect();
        let mut kept = Renumber::new(self.strings.len());
        kept.mark(0);
        functions.iter().flat_map(|function| [function.name, function.filename]).for_each(|id| kept.mark(id.0));
        mappings.iter().for_each(|mapping| kept.mark(mapping.filename.0));
        kept.number();
        let renumber = |id: &mut StrId| id.0 = kept.of(id.0);
        functions.iter_mut().flat_map(|f| [&mut f.name, &mut f.filename]).for_each(renumber);
        mappings.iter_mut().for_each(|mapping| renumber(&mut mapping.filename));
        let mut strings = std::mem::take(&mut self.strings);
        strings.retain(|id| kept.is_marked(id));
        (functions, mappings, strings)
    }
}

/// New numbers for the entries of a table that are kept, in the old order.
struct Renumber(Vec<u32>);

impl Renumber {
    const DROPPED: u32 = u32::MAX;

    fn new(len: usize) -> Self {
        Renumber(vec![Self::DROPPED; len])
    }

    fn mark(&mut self, index: u32) {
        self.0[index as usize] = 0;
    }

    fn is_marked(&self, index: usize) -> bool {
        self.0[index] != Self::DROPPED
    }

    /// Numbers what is marked, and tells how many there are.
    fn number(&mut self) -> usize {
        let marked = self.0.iter_mut().filter(|new| **new != Self::DROPPED).zip(0..);
        marked.map(|(new, number)| *new = number).count()
    }

    fn of(&self, index: u32) -> u32 {
        self.0[index as usize]
    }

    fn filter<T>(&self, table: Vec<T>) -> impl Iterator<Item = T> {
        table.into_iter().zip(&self.0).filter(|&(_, &new)| new != Self::DROPPED).map(|(entry, _)| entry)
    }
}

fn first_undefined<T>(entries: &[Option<T>]) -> Option<u32> {
    entries.iter().zip(0..).find_map(|(entry, index)| entry.is_none().then_some(index))
}

/// An index into a table that is no longer than one that 32 bits could index.
fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
