//! The samples of a profile as they are read: which are kept, and which are only counted.

use super::Invalid;
use super::assumed::AssumedLiveColumns;
use super::builder::{MAX_COLUMNS, ProfileBuilder};
use super::fingerprint::{UNKNOWN_RARITY, rarity};

/// What becomes of a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SampleFate {
    /// It may have live objects, and is kept.
    Live,
    /// It is dead, and kept for the fingerprint of the process.
    Fingerprint,
    /// It is dead, and only counted.
    Dropped,
}

impl ProfileBuilder {
    /// Counts the next sample, and says what becomes of it. Unless it is dropped, [`ProfileBuilder::sample`] must
    /// follow. `leaf`: the location id of its leaf.
    ///
    /// Nine of ten samples of a Go profile are dead, so this is decided before their stacks are read. The names of the
    /// columns come last: which ones are live is assumed here, and checked at the end.
    pub fn classify(&mut self, values: &[u64], leaf: Option<u64>) -> SampleFate {
        self.count(values.len());
        if self.assumed == AssumedLiveColumns::Open {
            self.assumed = AssumedLiveColumns::new(values.len());
        }
        let is_dead = match self.assumed {
            AssumedLiveColumns::At(columns) => {
                columns.iter().all(|&column| values.get(column).is_none_or(|&value| value == 0))
            }
            AssumedLiveColumns::Open | AssumedLiveColumns::Anywhere => values.iter().all(|&value| value == 0),
        };
        if !is_dead {
            return SampleFate::Live;
        }
        for (column, _) in (0..MAX_COLUMNS).zip(values).filter(|(_, value)| **value != 0) {
            self.nonzero_in_dropped |= 1 << column;
        }
        if self.fingerprint.wants(self.rarity(leaf)) { SampleFate::Fingerprint } else { SampleFate::Dropped }
    }

    /// Counts a sample, and checks that it has as many values as the first.
    fn count(&mut self, values: usize) {
        if self.samples == 0 {
            self.values_per_sample = values;
        } else if values != self.values_per_sample {
            self.first_ragged_sample.get_or_insert((self.samples, values));
        }
        self.samples += 1;
    }

    /// Rarity of the address of a leaf; [`UNKNOWN_RARITY`] where samples come first. Without a stack, that of address 0.
    fn rarity(&self, leaf: Option<u64>) -> u8 {
        let Some(leaf) = leaf else { return rarity(0) };
        self.location_ids.get(leaf).map_or(UNKNOWN_RARITY, |index| self.locations.rarity[index as usize])
    }

    /// Keeps the sample that was classified last.
    ///
    /// `stack`: location ids, leaf first; `values`: one per column, in two's complement; `labels`: the numeric ones, a
    /// string index and a number each.
    pub fn sample(
        &mut self,
        fate: SampleFate,
        stack: &[u64],
        values: &[u64],
        labels: &[(u64, i64)],
    ) -> Result<(), Invalid> {
        let index = self.samples - 1;
        let mut sample = std::mem::take(&mut self.scratch);
        sample.index = index;
        sample.stack.clear();
        for &id in stack {
            let location = match self.location_ids.get(id) {
                Some(location) => location,
                None if id == 0 => return Err(Invalid::UnknownLocation { sample: index, id: 0 }),
                None => self.mention_location(id)?,
            };
            if fate == SampleFate::Live {
                self.locations.set_live(location);
            }
            sample.stack.push(location);
        }
        self.note_label_keys(labels);
        sample.labels.clear();
        sample.labels.extend_from_slice(labels);
        sample.values.clear();
        sample.values.extend(values.iter().map(|value| value.cast_signed()));
        match fate {
            // A profile with a ragged sample is refused at the end.
            _ if self.first_ragged_sample.is_some() => {}
            SampleFate::Live => self.live.push(&sample),
            SampleFate::Fingerprint => self.fingerprint.push(self.rarity(stack.first().copied()), &sample),
            SampleFate::Dropped => {}
        }
        self.scratch = sample;
        Ok(())
    }

    #[cold]
    fn mention_location(&mut self, id: u64) -> Result<u32, Invalid> {
        let (index, is_new) = self.location_ids.mention("location", id)?;
        if is_new {
            self.locations.mention();
        }
        Ok(index)
    }

    fn note_label_keys(&mut self, labels: &[(u64, i64)]) {
        for &(key, _) in labels {
            if self.label_keys.last() == Some(&key) {
                continue;
            }
            // Keys that alternate are kept once each.
            if self.label_keys.len() == self.label_keys.capacity() {
                self.label_keys.sort_unstable();
                self.label_keys.dedup();
                self.label_keys.reserve(self.label_keys.len() + 64);
            }
            self.label_keys.push(key);
        }
    }
}
