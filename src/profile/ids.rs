//! Ids as types, and the table that turns a file's 64-bit ids into dense ones.

use std::collections::HashMap;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(super) u32);

        impl $name {
            /// The index into the table of the same profile.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id! {
    /// Index of a [`Location`](super::Location) of one profile.
    LocationId
}
id! {
    /// Index of a [`Function`](super::Function) of one profile.
    FunctionId
}
id! {
    /// Index of a [`Mapping`](super::Mapping) of one profile.
    MappingId
}

/// Gives every id of a file the next dense index, in order of first mention.
///
/// Ids may be any 64-bit number. Most producers count from 1 in the order of mention: these are told by
/// their number alone. Other small ones are looked up in a vector, which never gets longer than a few
/// times the ids seen: a forged id allocates nothing.
#[derive(Debug, Default)]
pub(super) struct IdTable {
    /// So many ids from 1 on have the index id − 1.
    counted: u32,
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    len: u32,
}

const ABSENT: u32 = u32::MAX;

impl IdTable {
    /// The dense index of `id`, if it was mentioned.
    #[inline(always)]
    pub(super) fn get(&self, id: u64) -> Option<u32> {
        let index = id.wrapping_sub(1);
        // The cast loses nothing of what is below a 32-bit number.
        if index < u64::from(self.counted) { u32::try_from(index).ok() } else { self.look_up(id) }
    }

    /// So many ids from 1 on have the index id − 1.
    #[inline(always)]
    pub(super) fn counted(&self) -> usize {
        self.counted as usize
    }

    #[inline(never)]
    fn look_up(&self, id: u64) -> Option<u32> {
        if let Some(&index) = usize::try_from(id).ok().and_then(|i| self.dense.get(i))
            && index != ABSENT
        {
            return Some(index);
        }
        if self.sparse.is_empty() { None } else { self.sparse.get(&id).copied() }
    }

    /// The id with dense index `index`. Searches; for error messages.
    pub(super) fn id_of(&self, index: u32) -> Option<u64> {
        if index < self.counted {
            return Some(u64::from(index) + 1);
        }
        let dense = self.dense.iter().position(|&i| i == index).and_then(|id| u64::try_from(id).ok());
        dense.or_else(|| self.sparse.iter().find(|&(_, &i)| i == index).map(|(&id, _)| id))
    }

    /// The dense index of `id`, and whether this is its first mention; `None` when 2³² − 1 ids are in use.
    #[inline(always)]
    pub(super) fn mention(&mut self, id: u64) -> Option<(u32, bool)> {
        match u32::try_from(id.wrapping_sub(1)) {
            Ok(index) if index < self.counted => Some((index, false)),
            _ => self.mention_new(id),
        }
    }

    #[inline(never)]
    fn mention_new(&mut self, id: u64) -> Option<(u32, bool)> {
        let next = u64::from(self.counted) + 1;
        if id != next || self.len != self.counted {
            if let Some(index) = self.look_up(id) {
                return Some((index, false));
            }
        }
        let index = self.len;
        self.len = index.checked_add(1)?;
        match usize::try_from(id) {
            _ if index == self.counted && id == next => self.counted += 1,
            Ok(at) if id <= 4 * u64::from(self.len) + 1024 => {
                if at >= self.dense.len() {
                    self.dense.resize(at + 1, ABSENT);
                }
                self.dense[at] = index;
            }
            _ => {
                self.sparse.insert(id, index);
            }
        }
        Some((index, true))
    }
}

#[cfg(test)]
mod tests {
    use super::IdTable;

    #[test]
    fn every_id_gets_one_index_however_sparse() {
        let mut table = IdTable::default();
        let ids = [1, u64::MAX, 7, 1 << 63, 5000, 1, 5000, u64::MAX, 0];
        let found: Vec<_> = ids.iter().map(|&id| table.mention(id)).collect();
        let indexes: Vec<_> = found.iter().flatten().map(|&(index, _)| index).collect();
        assert_eq!(indexes, [0, 1, 2, 3, 4, 0, 4, 1, 5]);
        assert_eq!(table.get(5000), Some(4));
        assert_eq!(table.get(5001), None);
        assert_eq!([0, 1, 3, 5].map(|index| table.id_of(index)), [Some(1), Some(u64::MAX), Some(1 << 63), Some(0)]);
    }

    #[test]
    fn ids_that_count_from_1_need_no_table() {
        let mut table = IdTable::default();
        let found: Vec<_> = [1, 2, 3, 2, 9, 4].iter().map(|&id| table.mention(id)).collect();
        let first = [(0, true), (1, true), (2, true), (1, false), (3, true), (4, true)];
        assert_eq!(found, first.map(Some));
        assert_eq!(
            [1, 2, 3, 9, 4, 5, 0].map(|id| table.get(id)),
            [Some(0), Some(1), Some(2), Some(3), Some(4), None, None]
        );
        assert_eq!([0, 3, 4].map(|index| table.id_of(index)), [Some(1), Some(9), Some(4)]);
        assert_eq!(table.counted, 3);
    }

    #[test]
    fn a_forged_id_allocates_nothing() {
        let mut table = IdTable::default();
        for id in (0..64).map(|bit| 1u64 << bit) {
            table.mention(id);
        }
        assert!(table.dense.len() < 2048, "{}", table.dense.len());
    }
}
