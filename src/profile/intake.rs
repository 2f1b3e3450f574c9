//! The samples of a profile, as they are read: which are kept, which only counted, which remembered as dead.

use super::Invalid;
use super::builder::{Assumed, Place, ProfileBuilder, mention};
use super::dead::Mark;
use super::samples::put_id;

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

    /// Counts the next sample, one with as many values as expected of which the last two are 0.
    /// `allocated`: which of the others are not.
    #[inline(always)]
    pub fn dead(&mut self, allocated: [bool; 2]) {
        self.dropped |= u64::from(allocated[0]) | u64::from(allocated[1]) << 1;
        self.count(4);
    }

    #[inline(always)]
    fn assume(&mut self) {
        if self.assumed == Assumed::Open {
            self.assumed = Assumed::of(self.sample_types.len());
        }
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

    /// Whether the next sample, a dead one, is to be given to [`ProfileBuilder::dead_bucket`]; `leaf`: the
    /// first location of its stack.
    #[inline(always)]
    pub fn wants_dead(&self, leaf: u64) -> bool {
        // A location that is not there yet, as where samples come first, has any address.
        let place = self.location_ids.get(leaf).map(|index| self.marks[index as usize]);
        self.dead.wants(place)
    }

    /// The next sample, one without a live object.
    pub fn dead_bucket(&mut self, stack: &[u64], values: &[u64], labels: &[(u64, i64)]) -> Result<(), Invalid> {
        let mut packed = std::mem::take(&mut self.stack);
        for &id in stack {
            match self.location_ids.get(id) {
                Some(index) => put_id(&mut packed, index),
                None if id == 0 => return Err(Invalid::UnknownLocation { sample: self.samples, id: 0 }),
                None => put_id(&mut packed, self.mention_location(id)?),
            }
        }
        self.note_label_keys(labels);
        let leaf = stack.first().and_then(|&leaf| self.location_ids.get(leaf)).map(|index| self.marks[index as usize]);
        self.dead.push(leaf, &packed, values, labels);
        packed.clear();
        self.stack = packed;
        Ok(())
    }

    #[inline(never)]
    pub(super) fn mention_location(&mut self, id: u64) -> Result<u32, Invalid> {
        let index = mention("location", &mut self.location_ids, &mut self.places, id, Place::MENTIONED)?;
        self.marks.resize(self.places.len(), Mark::default());
        Ok(index)
    }

    /// The next sample, with the stack of which [`ProfileBuilder::frame`] was given each location: a value
    /// for each column, and its numeric labels, a string and a number.
    pub fn sample(&mut self, values: &[u64], labels: &[(u64, i64)]) {
        self.note_label_keys(labels);
        self.records.push(self.samples, &self.stack, values, labels);
        self.stack.clear();
        self.count(values.len());
    }

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
