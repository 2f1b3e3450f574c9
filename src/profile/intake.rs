//! The samples of a profile, as they are read: which are kept, which only counted, which remembered as dead.

use super::Invalid;
use super::builder::{Assumed, ProfileBuilder};
use super::dead::{DeadSample, DeadSamples, Mark};
use super::packed::{each_short_id, put_id};

impl ProfileBuilder {
    /// Counts the next sample if nothing of it is alive, and tells whether that was so. `values` as they
    /// stand in the file, without their sign.
    ///
    /// The names of the columns come last, so where the live ones stand is assumed, and checked in the end.
    pub fn skip_dead(&mut self, values: &[u64]) -> bool {
        self.assume();
        let dead = match self.assumed {
            Assumed::At(columns) => columns.iter().all(|&column| values.get(column).is_none_or(|&value| value == 0)),
            Assumed::Open | Assumed::Anywhere => values.iter().all(|&value| value == 0),
        };
        if dead {
            let mut column = 1;
            for &value in values {
                self.dropped |= if value == 0 { 0 } else { column };
                column <<= 1;
            }
            self.count(values.len());
        }
        dead
    }

    /// How many values a sample has whose last two are the live ones, as far as that may be assumed.
    #[inline(always)]
    pub fn expected_values(&mut self) -> Option<usize> {
        self.assume();
        (self.assumed == Assumed::At([2, 3])).then_some(4)
    }

    /// Counts the next samples, of which each has as many values as expected and the last two of these are 0.
    /// `allocated`: which of the others are not 0 in any.
    #[inline(always)]
    pub fn dead(&mut self, samples: u64, allocated: [bool; 2]) {
        self.dropped |= u64::from(allocated[0]) | u64::from(allocated[1]) << 1;
        self.count(4);
        self.samples += samples - 1;
    }

    #[inline(always)]
    fn assume(&mut self) {
        if self.assumed == Assumed::Open {
            self.assumed = Assumed::of(self.sample_types.len());
        }
    }

    /// Notes that locations are on the stack of the next sample: `packed` as on the wire, of ids that count from 1 and
    /// have up to three bytes. `false` if one is not like that; then [`ProfileBuilder::frame`] takes them all.
    pub fn counted_stack(&mut self, packed: &[u8]) -> bool {
        let counted = &mut self.marks[..self.location_ids.counted()];
        each_short_id(packed, |index| counted.get_mut(index as usize).map(Mark::set_live).is_some())
    }

    /// The next location, from the leaf on, on the stack of the next sample.
    #[inline(always)]
    pub fn frame(&mut self, location_id: u64) -> Result<(), Invalid> {
        let index = match self.location_ids.get(location_id) {
            Some(index) => index,
            None if location_id == 0 => return Err(Invalid::UnknownLocation { sample: self.samples, id: 0 }),
            None => self.mention_location(location_id)?,
        };
        self.marks[index as usize].set_live();
        put_id(&mut self.stack, index);
        Ok(())
    }

    /// Whether the next sample, a dead one, is to be given to [`ProfileBuilder::remember_dead`]; `leaf`: the
    /// first location of its stack.
    #[inline(always)]
    pub fn wants_dead(&self, leaf: u64) -> bool {
        self.dead.wants(self.mark(leaf))
    }

    /// A dead sample, as it stands in the file.
    pub fn remember_dead(&mut self, leaf: u64, sample: DeadSample, bytes: &[u8]) {
        self.dead.push(self.mark(leaf), sample, bytes);
    }

    /// What is known of a location that is there. One that is not yet, as where samples come first, has any
    /// address.
    #[inline(always)]
    fn mark(&self, location_id: u64) -> Option<Mark> {
        self.location_ids.get(location_id).map(|index| self.marks[index as usize])
    }

    /// The dead samples that were remembered, to be given to [`ProfileBuilder::dead_bucket`] in the end.
    pub fn take_dead(&mut self) -> DeadSamples {
        std::mem::take(&mut self.dead.samples)
    }

    /// A sample without a live object, by its index.
    pub fn dead_bucket(
        &mut self,
        sample: u64,
        stack: &[u64],
        values: &[u64],
        labels: &[(u64, i64)],
    ) -> Result<(), Invalid> {
        let mut packed = std::mem::take(&mut self.stack);
        for &id in stack {
            match self.location_ids.get(id) {
                Some(index) => put_id(&mut packed, index),
                None if id == 0 => return Err(Invalid::UnknownLocation { sample, id: 0 }),
                None => put_id(&mut packed, self.mention_location(id)?),
            }
        }
        self.note_label_keys(labels);
        self.dead.records.push(sample, &packed, values, labels);
        packed.clear();
        self.stack = packed;
        Ok(())
    }

    /// Likewise, if its stack, packed as on the wire, is like those of [`ProfileBuilder::counted_stack`]; `false` if not.
    pub fn counted_dead_bucket(&mut self, sample: u64, stack: &[u8], values: &[u64], labels: &[(u64, i64)]) -> bool {
        let counted = self.location_ids.counted();
        if !each_short_id(stack, |index| (index as usize) < counted) {
            return false;
        }
        self.note_label_keys(labels);
        self.dead.records.push(sample, stack, values, labels);
        true
    }

    #[inline(never)]
    pub(super) fn mention_location(&mut self, id: u64) -> Result<u32, Invalid> {
        let (index, new) = self.location_ids.mention("location", id)?;
        if new {
            self.places.mention();
            self.marks.push(Mark::default());
        }
        Ok(index)
    }

    /// The next sample, with the stack of which [`ProfileBuilder::frame`] was given each location: a value
    /// for each column, and its numeric labels, a string and a number.
    pub fn sample(&mut self, values: &[u64], labels: &[(u64, i64)]) {
        let mut stack = std::mem::take(&mut self.stack);
        self.counted_sample(&stack, values, labels);
        stack.clear();
        self.stack = stack;
    }

    /// Likewise, with its stack, leaf first and packed as on the wire, of locations that were noted by
    /// [`ProfileBuilder::counted_stack`]: records have them as they are.
    pub fn counted_sample(&mut self, stack: &[u8], values: &[u64], labels: &[(u64, i64)]) {
        self.note_label_keys(labels);
        self.records.push(self.samples, stack, values, labels);
        self.count(values.len());
    }

    #[inline]
    fn note_label_keys(&mut self, labels: &[(u64, i64)]) {
        for &(key, _) in labels {
            if self.label_keys.last() == Some(&key) {
                continue;
            }
            // Of keys that take turns each is kept once.
            if self.label_keys.len() == self.label_keys.capacity() {
                self.label_keys.sort_unstable();
                self.label_keys.dedup();
                self.label_keys.reserve(self.label_keys.len() + 64);
            }
            self.label_keys.push(key);
        }
    }

    /// Counts a sample, and whether it has as many values as the first.
    #[inline(always)]
    fn count(&mut self, values: usize) {
        if self.samples == 0 {
            self.stride = values;
        } else if values != self.stride {
            self.uneven.get_or_insert((self.samples, values));
        }
        self.samples += 1;
    }
}
