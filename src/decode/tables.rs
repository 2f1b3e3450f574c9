//! Builds a profile from a format that has names and addresses where a protobuf has ids.

use std::collections::HashMap;

use super::error::DecodeErrorKind as Kind;
use super::text::Values;
use crate::profile::{DeadSample, Invalid, LineRef, Profile, ProfileBuilder, Singular};

/// A builder that gives out the ids.
pub(super) struct Tables {
    pub(super) builder: ProfileBuilder,
    strings: HashMap<Vec<u8>, i64>,
    /// The ids of the functions, by name and file.
    functions: HashMap<Vec<u8>, i64>,
    /// How many locations there are; their ids count from 1.
    locations: u64,
    /// The string `bytes`.
    size_label: u64,
    /// Whether there are columns of what was ever allocated.
    has_allocated: bool,
    /// Mean of the bytes between two samples; 1 where all are counted.
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

    /// The columns, by the sums of all records: live objects and bytes, and in front of them the allocated ones
    /// if those are others. `rate`: mean of the bytes between two samples; `period`: what the file says of it.
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
            self.builder.sample_type(name, *unit)?;
        }
        let space = self.string(b"space")?;
        self.builder.period_type(space, bytes)?;
        self.builder.singular(Singular::Period, period)
    }

    /// The id of the function with a name in a file. One that initialises variables is in several.
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

    /// The id of a new location.
    pub(super) fn location(&mut self, address: u64, lines: impl Iterator<Item = LineRef>) -> Result<u64, Invalid> {
        self.locations += 1;
        self.builder.location(self.locations, 0, address, lines)?;
        Ok(self.locations)
    }

    /// A sample, given by its raw counts: live objects and bytes, then all that were ever allocated. `stack`: the
    /// ids of its locations from the leaf on.
    pub(super) fn sample(&mut self, stack: &[u64], counts: [i64; 4]) -> Result<(), Kind> {
        let [live, live_bytes, ..] = counts;
        let counts = if self.has_allocated { counts } else { [live, live_bytes, 0, 0] };
        let Values { counts, block_size } = Values::unsampled(counts, self.rate)?;
        let [live, live_bytes, all, all_bytes] = counts.map(i64::cast_unsigned);
        let values: &[u64] = if self.has_allocated { &[all, all_bytes, live, live_bytes] } else { &[live, live_bytes] };
        let label = [(self.size_label, block_size)];
        let labels = if block_size == 0 { &[] } else { &label[..] };
        if self.builder.skip_dead(values) {
            let leaf = stack.first().copied().unwrap_or(0);
            if self.builder.wants_dead(leaf) {
                self.remember(stack, values, block_size);
            }
            return Ok(());
        }
        stack.iter().try_for_each(|&id| self.builder.frame(id))?;
        self.builder.sample(values, labels);
        Ok(())
    }

    /// Remembers a dead sample, as numbers of eight bytes: its values, the size of its objects, its stack.
    fn remember(&mut self, stack: &[u64], values: &[u64], block_size: i64) {
        let size = block_size.cast_unsigned();
        let numbers = values.iter().chain([&size]).chain(stack);
        let bytes: Vec<u8> = numbers.flat_map(|number| number.to_le_bytes()).collect();
        // No error needs the place of one.
        let place = DeadSample { index: 0, offset: 0, value_offset: 0 };
        self.builder.remember_dead(stack.first().copied().unwrap_or(0), place, &bytes);
    }

    pub(super) fn finish(mut self) -> Result<Profile, Invalid> {
        let columns = if self.has_allocated { 4 } else { 2 };
        for (_, bytes) in self.builder.take_dead().iter() {
            let (words, _) = bytes.as_chunks();
            let numbers: Vec<u64> = words.iter().map(|&word| u64::from_le_bytes(word)).collect();
            let (values, rest) = numbers.split_at(columns.min(numbers.len()));
            let Some((&block_size, stack)) = rest.split_first() else { continue };
            let label = [(self.size_label, block_size.cast_signed())];
            self.builder.dead_bucket(0, stack, values, if block_size == 0 { &[] } else { &label })?;
        }
        self.builder.finish()
    }
}
