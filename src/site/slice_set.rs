//! Distinct lists of indexes, such as stacks: in a few large pieces of memory instead of one for each.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::index::index;

/// Distinct lists, numbered in order of first appearance.
#[derive(Debug, Default)]
pub(crate) struct SliceSet {
    /// The items of one list after the other.
    items: Vec<u32>,
    /// Where the items of each list end.
    ends: Vec<u32>,
    /// By hash, of 32 bits to save memory: the number of a list. Of two lists with one hash the later one has the hash of
    /// its next try.
    numbers: HashMap<u32, u32, RandomState>,
}

/// The place of a list that is not in the set yet.
pub(crate) struct Vacancy(u32);

impl SliceSet {
    /// The number of a list, or where it belongs.
    pub(crate) fn find(&self, list: &[u32]) -> Result<usize, Vacancy> {
        for attempt in 0_u32.. {
            let hash = self.numbers.hasher().hash_one((attempt, list));
            let short = index(usize::try_from(hash >> 33).unwrap_or_default());
            match self.numbers.get(&short) {
                Some(&number) if self.get(number as usize) == list => return Ok(number as usize),
                Some(_) => {}
                None => return Err(Vacancy(short)),
            }
        }
        Err(Vacancy(0))
    }

    /// Adds a list at the place that [`SliceSet::find`] gave for it, and returns its number.
    pub(crate) fn insert(&mut self, list: &[u32], vacancy: Vacancy) -> usize {
        let number = self.len();
        if let Entry::Vacant(place) = self.numbers.entry(vacancy.0) {
            place.insert(index(number));
        }
        self.items.extend_from_slice(list);
        self.ends.push(index(self.items.len()));
        number
    }

    /// The list with a number.
    pub(crate) fn get(&self, number: usize) -> &[u32] {
        let start = number.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start as usize..self.ends[number] as usize]
    }

    /// How many lists there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The items of one list after the other, and where those of each end.
    pub(crate) fn into_parts(self) -> (Vec<u32>, Vec<u32>) {
        (self.items, self.ends)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_distinct_and_numbered() {
        let mut set = SliceSet::default();
        let mut number = |list: &[u32]| match set.find(list) {
            Ok(number) => number,
            Err(vacancy) => set.insert(list, vacancy),
        };
        assert_eq!([&[][..], &[1], &[1, 2], &[], &[1, 2], &[2]].map(&mut number), [0, 1, 2, 0, 2, 3]);
        // Some of them have a hash in common.
        assert!((0..300_000).all(|at| number(&[at, at, 7]) == at as usize + 4));
        assert!((0..300_000).all(|at| number(&[at, at, 7]) == at as usize + 4));
        assert_eq!((set.len(), set.get(2), set.get(5)), (300_004, &[1, 2][..], &[1, 1, 7][..]));
    }
}
