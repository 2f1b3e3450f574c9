//! Builds a profile from a text, which has names and addresses where a protobuf has ids.

use std::collections::HashMap;

use super::error::DecodeErrorKind as Kind;
use super::text::Values;
use crate::profile::{CountedThing, Invalid, LineRef, Profile, ProfileBuilder, SampleFate, Singular};

/// A profile builder that assigns the ids.
pub(super) struct Tables {
    pub(super) builder: ProfileBuilder,
    strings: HashMap<Vec<u8>, i64>,
    /// Function ids by name and file.
    functions: HashMap<Vec<u8>, i64>,
    /// Number of locations; their ids count from 1.
    locations: u64,
    /// Index of the string `bytes`.
    size_label: u64,
    /// Whether there are columns of all allocations, and not only of the live ones.
    has_allocated: bool,
    /// Mean bytes between two samples; 1 if every object is counted.
    rate: i64,
}

impl Tables {
    pub(super) fn new(mut builder: ProfileBuilder) -> Result<Self, Invalid> {
        builder.string(b"")?;
        let strings = HashMap::from([(Vec::new(), 0)]);
        let mut tables = Tables {
            builder,
            strings,
            functions: HashMap::new(),
            locations: 0,
            size_label: 0,
            has_allocated: false,
            rate: 1,
        };
        tables.size_label = tables.string(b"bytes")?.cast_unsigned();
        Ok(tables)
    }

    /// The index of a string.
    pub(super) fn string(&mut self, string: &[u8]) -> Result<i64, Invalid> {
        if let Some(&known) = self.strings.get(string) {
            return Ok(known);
        }
        self.builder.string(string)?;
        let index = i64::try_from(self.strings.len()).unwrap_or(i64::MAX);
        self.strings.insert(string.to_vec(), index);
        Ok(index)
    }

    /// Adds the columns: live objects and bytes, and before them the allocated ones if these differ. `sums`: sums of
    /// all records; `rate`: mean bytes between two samples; `period`: the period that the file gives.
    pub(super) fn columns(&mut self, sums: [i64; 4], rate: i64, period: i64) -> Result<(), Invalid> {
        let [live, live_bytes, all, all_bytes] = sums;
        let has_allocated = all != 0 && all != live || all_bytes != 0 && all_bytes != live_bytes;
        (self.has_allocated, self.rate) = (has_allocated, rate);
        let names: &[&str] = match has_allocated {
            true => &["alloc_objects", "alloc_space", "inuse_objects", "inuse_space"],
            false => &["objects", "space"],
        };
        let (count, bytes) = (self.string(b"count")?, self.string(b"bytes")?);
        for (name, unit) in names.iter().zip([count, bytes].iter().cycle()) {
            let name = self.string(name.as_bytes())?;
            self.builder.add_sample_type(name, *unit)?;
        }
        let space = self.string(b"space")?;
        self.builder.period_type(space, bytes)?;
        self.builder.singular(Singular::Period, period)
    }

    /// Adds the only column of a profile that counts things one by one.
    pub(super) fn counts(&mut self, thing: CountedThing) -> Result<(), Invalid> {
        let (name, count) = (self.string(thing.sample_type().as_bytes())?, self.string(b"count")?);
        self.builder.add_sample_type(name, count)?;
        self.builder.period_type(name, count)?;
        self.builder.singular(Singular::Period, 1)
    }

    /// The id of the function with a name in a file. Functions that initialise variables have one name in many files.
    pub(super) fn function(&mut self, name: &[u8], file: &[u8]) -> Result<u64, Invalid> {
        let key = [name, file].join(&b'\t');
        if let Some(known) = self.functions.get(&key) {
            return Ok(known.cast_unsigned());
        }
        let (name, file) = (self.string(name)?, self.string(file)?);
        let id = self.functions.len() as u64 + 1;
        self.builder.function(id, [name, name, file], 0)?;
        self.functions.insert(key, id.cast_signed());
        Ok(id)
    }

    /// Adds a location, and gives its id.
    pub(super) fn location(&mut self, address: u64, lines: impl Iterator<Item = LineRef>) -> Result<u64, Invalid> {
        self.locations += 1;
        self.builder.location(self.locations, 0, address, lines)?;
        Ok(self.locations)
    }

    /// Adds a sample. `stack`: location ids, leaf first; `counts`: raw counts of live objects and bytes, then of all
    /// allocated ones.
    pub(super) fn sample(&mut self, stack: &[u64], counts: [i64; 4]) -> Result<(), Kind> {
        let [live, live_bytes, ..] = counts;
        let counts = if self.has_allocated { counts } else { [live, live_bytes, 0, 0] };
        let Values { counts, block_size } = Values::unsampled(counts, self.rate)?;
        let [live, live_bytes, all, all_bytes] = counts.map(i64::cast_unsigned);
        let values: &[u64] = if self.has_allocated { &[all, all_bytes, live, live_bytes] } else { &[live, live_bytes] };
        let label = [(self.size_label, block_size)];
        let labels = if block_size == 0 { &[] } else { &label[..] };
        let fate = self.builder.classify(values, stack.first().copied());
        if fate != SampleFate::Dropped {
            self.builder.sample(fate, stack, values, labels)?;
        }
        Ok(())
    }

    /// Adds a stack, location ids leaf first, that occurs `count` times.
    pub(super) fn count(&mut self, stack: &[u64], count: i64) -> Result<(), Invalid> {
        let values = [count.cast_unsigned()];
        let fate = self.builder.classify(&values, stack.first().copied());
        if fate == SampleFate::Dropped { Ok(()) } else { self.builder.sample(fate, stack, &values, &[]) }
    }

    pub(super) fn finish(self) -> Result<Profile, Invalid> {
        self.builder.finish()
    }
}
