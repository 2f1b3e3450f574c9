//! The end of a profile: the checks that need all of it.

use std::sync::Arc;

use super::assumed::AssumedLiveColumns;
use super::builder::{ProfileBuilder, Singular, UNDEFINED};
use super::metric_columns::{MetricColumns, metrics};
use super::packed::UnpackedSample;
use super::role::is_same;
use super::samples::{Columns, Samples};
use super::{
    CountedThing, Function, FunctionId, Header, Invalid, Line, MetricsPresent, ProcessFingerprint, Profile, Role,
    SampleType, StrId, ValueType,
};
use crate::index::index;

impl ProfileBuilder {
    /// Checks the profile and completes it.
    ///
    /// # Errors
    ///
    /// If it contradicts itself, or is not a heap profile.
    pub fn finish(mut self) -> Result<Profile, Invalid> {
        self.check()?;
        let mut header = self.with_goref(self.header());
        let wanted = self.wanted(&header);
        header.is_allocation = is_allocation(&wanted, &header.sample_types);
        let columns = self.columns(&header, &wanted)?;
        let fingerprint = self.fingerprint(&columns);
        let (locations, lines) = (std::mem::take(&mut self.locations), std::mem::take(&mut self.lines));
        let (locations, lines, location_ids) = locations.live(lines);
        let function_names = self.functions.iter().map(|function| function.name).collect();
        let (functions, lines) = self.live_functions(lines);
        Ok(Profile {
            header,
            counted: MetricsPresent { objects: columns.objects.is_some(), space: columns.space.is_some() },
            samples: Samples::new(self.live, location_ids, columns),
            fingerprint,
            locations,
            lines,
            functions,
            function_names,
            mappings: self.mappings,
            strings: Arc::new(self.strings),
        })
    }

    /// The fingerprint of the process.
    fn fingerprint(&mut self, columns: &Columns) -> ProcessFingerprint {
        let mut fingerprint = std::mem::take(&mut self.fingerprint);
        let address = |index: u32| self.locations.address[index as usize];
        // Dead samples that were kept among the live ones, as it was not known which columns are live.
        if self.assumed == AssumedLiveColumns::Anywhere && columns.allocated_space.is_some() {
            let is_dead = |sample: &UnpackedSample| {
                [columns.objects, columns.space].into_iter().flatten().all(|column| sample.values[column] == 0)
            };
            self.live.for_each(columns.count, |sample| {
                if is_dead(sample) {
                    fingerprint.choose(sample, address);
                }
            });
        }
        fingerprint.finish(columns, address)
    }

    /// The functions that `lines` refer to, and the lines with the new function ids.
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

    /// The columns to count, once it is known what the profile means by default.
    fn wanted(&self, header: &Header) -> SampleType {
        match &self.wanted {
            SampleType::Default => {
                let default = self.strings.lossy(self.default_sample_type);
                let is_allocation = names_allocation(&default, &header.sample_types);
                if is_allocation { SampleType::Allocated } else { SampleType::Live }
            }
            SampleType::Goroutines => header.counted_thing().map_or(SampleType::Goroutines, CountedThing::columns),
            typed => typed.clone(),
        }
    }

    fn columns(&self, header: &Header, wanted: &SampleType) -> Result<Columns, Invalid> {
        let MetricColumns { objects, space, less } = metrics(&header.sample_types, wanted)?;
        if [objects, space].into_iter().flatten().any(|column| self.nonzero_in_dropped >> column & 1 == 1) {
            return Err(Invalid::LiveColumnsElsewhere);
        }
        let mut size_keys = self.label_keys.clone();
        size_keys.retain(|key| self.is_string(*key, b"bytes"));
        size_keys.sort_unstable();
        size_keys.dedup();
        // What was freed is no part of what is remembered of a process.
        let allocated_space =
            Role::AllocatedBytes.column(&header.sample_types).filter(|_| *wanted != SampleType::Freed);
        Ok(Columns { count: self.values_per_sample, objects, space, less, allocated_space, size_keys })
    }

    /// Whether `key`, a string index, stands for `string`.
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
            is_allocation: false,
            may_be_cut: self.may_be_cut,
            marked_leaked: self.marked_leaked,
            is_difference: self.text_label_keys.iter().any(|&key| self.is_string(key, b"pprof::base")),
        }
    }

    /// The checks that had to wait, since any table may come after its users.
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
        if self.samples > 0 && self.values_per_sample != expected {
            let error = Invalid::ValueCount { sample: 0, found: self.values_per_sample, expected };
            return Err(self.or_concatenated(error));
        }
        if let Some((sample, found)) = self.first_ragged_sample {
            return Err(Invalid::ValueCount { sample, found, expected });
        }
        if let Some(location) = self.locations.first_unknown() {
            return Err(Invalid::UnknownLocation {
                sample: self.live.first_with(self.values_per_sample, location).unwrap_or_default(),
                id: self.location_ids.id_of(location).unwrap_or_default(),
            });
        }
        let undefined = self.functions.iter().position(|function| function.name == UNDEFINED.name);
        undefined.map_or(Ok(()), |function| Err(self.unknown_function(index(function))))
    }

    fn unknown_function(&self, function: u32) -> Invalid {
        let by = self.lines.iter().position(|line| { line.function }.0 == function).unwrap_or_default();
        let (location, line) = self.locations.with_line(index(by)).unwrap_or_default();
        Invalid::UnknownFunction {
            location: self.location_ids.id_of(location).unwrap_or_default(),
            line: line as usize,
            id: self.function_ids.id_of(function).unwrap_or_default(),
        }
    }
}

/// Whether `wanted` counts what was allocated.
fn is_allocation(wanted: &SampleType, sample_types: &[ValueType]) -> bool {
    match wanted {
        SampleType::Allocated => true,
        SampleType::Named(name) => names_allocation(name, sample_types),
        SampleType::Live | SampleType::Default | SampleType::Freed | SampleType::Goroutines => false,
    }
}

/// Whether the column `name` counts what was allocated.
fn names_allocation(name: &str, sample_types: &[ValueType]) -> bool {
    let is_allocated =
        |column: &ValueType| [Role::AllocatedObjects, Role::AllocatedBytes].into_iter().any(|role| role.is(column));
    sample_types.iter().find(|column| is_same(&column.kind, name)).is_some_and(is_allocated)
}
