//! The end of a profile: checks what only the whole can tell.

use std::sync::Arc;

use super::builder::{Assumed, ProfileBuilder, Singular, UNDEFINED};
use super::role::metrics;
use super::samples::{Columns, Samples};
use super::{Counted, Function, FunctionId, Header, Invalid, Line, Profile, Role, StrId, ValueType};

impl ProfileBuilder {
    /// Checks the whole and makes the profile.
    ///
    /// # Errors
    ///
    /// What contradicts itself, or that this is no heap profile.
    pub fn finish(mut self) -> Result<Profile, Invalid> {
        self.check()?;
        let header = self.header();
        let columns = self.columns(&header)?;
        let dead = std::mem::take(&mut self.dead).finish(&columns, |index| self.places.address[index as usize]);
        let (places, lines) = (std::mem::take(&mut self.places), std::mem::take(&mut self.lines));
        let (locations, lines, numbers) = places.live(&self.marks, lines);
        let (functions, lines) = self.live_functions(lines);
        Ok(Profile {
            header,
            counted: Counted { objects: columns.objects.is_some(), space: columns.space.is_some() },
            samples: Samples::new(self.records, numbers, columns),
            dead,
            locations,
            lines,
            functions,
            mappings: self.mappings,
            strings: Arc::new(self.strings),
        })
    }

    /// The functions of `lines`, and these with the new numbers.
    fn live_functions(&mut self, mut lines: Vec<Line>) -> (Vec<Function>, Vec<Line>) {
        let mut functions = std::mem::take(&mut self.functions);
        let mut numbers = vec![None; functions.len()];
        lines.iter().for_each(|line| numbers[{ line.function }.index()] = Some(0));
        numbers.iter_mut().flatten().zip(0..).for_each(|(new, number)| *new = number);
        let mut at = 0..;
        functions.retain(|_| at.next().is_some_and(|at: usize| numbers[at].is_some()));
        for line in &mut lines {
            line.function = FunctionId(numbers[{ line.function }.index()].unwrap_or_default());
        }
        (functions, lines)
    }

    fn columns(&self, header: &Header) -> Result<Columns, Invalid> {
        let [objects, space] = metrics(&header.sample_types, self.sample_type.as_deref())?;
        let dropped = |column: usize| column < Assumed::MAX_COLUMNS && self.dropped >> column & 1 == 1;
        if [objects, space].into_iter().flatten().any(dropped) {
            return Err(Invalid::LiveColumns);
        }
        let mut size_keys = self.label_keys.clone();
        size_keys.retain(|key| self.is_string(*key, b"bytes"));
        size_keys.sort_unstable();
        size_keys.dedup();
        let allocated_space = Role::AllocatedBytes.column(&header.sample_types);
        Ok(Columns { count: self.stride, objects, space, allocated_space, size_keys })
    }

    /// Whether an index of a label's key is that of a string.
    fn is_string(&self, key: impl TryInto<u32>, string: &[u8]) -> bool {
        key.try_into().is_ok_and(|key| self.strings.get(StrId(key)) == string)
    }

    fn header(&self) -> Header {
        let column_type = |&(kind, unit): &(StrId, StrId)| ValueType {
            kind: self.strings.lossy(kind),
            unit: self.strings.lossy(unit),
        };
        let (program, build_id) = self.main_mapping.unwrap_or_default();
        Header {
            format: self.format,
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
            mem_stats: self.mem_stats.clone(),
            is_difference: self.text_label_keys.iter().any(|&key| self.is_string(key, b"pprof::base")),
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
        let mut known = self.places.defined().zip(&self.marks).zip(0..);
        let unknown = known.find(|&((is_defined, mark), _)| mark.is_live() && !is_defined);
        if let Some((_, location)) = unknown {
            return Err(Invalid::UnknownLocation {
                sample: self.records.first_with(self.stride, location).unwrap_or_default(),
                id: self.location_ids.id_of(location).unwrap_or_default(),
            });
        }
        let undefined = self.functions.iter().position(|function| function.name == UNDEFINED.name);
        undefined.map_or(Ok(()), |function| Err(self.unknown_function(index(function))))
    }

    fn unknown_function(&self, function: u32) -> Invalid {
        let by = self.lines.iter().position(|line| { line.function }.0 == function).unwrap_or_default();
        let (location, line) = self.places.with_line(index(by)).unwrap_or_default();
        Invalid::UnknownFunction {
            location: self.location_ids.id_of(location).unwrap_or_default(),
            line: line as usize,
            id: self.function_ids.id_of(function).unwrap_or_default(),
        }
    }
}

/// An index into a table that is no longer than one that 32 bits could index.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
