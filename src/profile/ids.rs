//! Ids as types, and the table that turns a file's 64-bit ids into dense ones.

use std::collections::HashMap;

use super::Invalid;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub(super) u32);

        impl $name {
            /// The index into the table of the same profile.
            #[inline]
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
/// Ids of a table: five times what the largest profiles have.
const MOST: u32 = 2 << 20;
/// Of these, so many that are looked up by hash. Where samples come first, a quarter of the ids are met too early
/// to be small, whatever they are.
const MOST_SPARSE: usize = (1 << 20) / 8 * 7;

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

    /// The dense index of `id`, and whether this is its first mention. `table`: the name of it.
    #[inline(always)]
    pub(super) fn mention(&mut self, table: &'static str, id: u64) -> Result<(u32, bool), Invalid> {
        match u32::try_from(id.wrapping_sub(1)) {
            Ok(index) if index < self.counted => Ok((index, false)),
            Ok(index) if index == self.counted && index == self.len && index < MOST => {
                (self.counted, self.len) = (index + 1, index + 1);
                Ok((index, true))
            }
            _ => self.mention_other(table, id),
        }
    }

    /// One that does not count on.
    #[inline(never)]
    fn mention_other(&mut self, table: &'static str, id: u64) -> Result<(u32, bool), Invalid> {
        if let Some(index) = self.look_up(id) {
            return Ok((index, false));
        }
        let index = self.len;
        if index == MOST {
            return Err(Invalid::TooMany { table, most: MOST as usize });
        }
        self.len = index + 1;
        match usize::try_from(id) {
            Ok(at) if id <= 4 * u64::from(self.len) + 1024 => {
                if at >= self.dense.len() {
                    self.dense.resize(at + 1, ABSENT);
                }
                self.dense[at] = index;
            }
            _ if self.sparse.len() == MOST_SPARSE => return Err(Invalid::Sparse { table, most: MOST_SPARSE }),
            _ => {
                self.sparse.insert(id, index);
            }
        }
        Ok((index, true))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_gets_one_index_however_sparse() {
        let mut table = IdTable::default();
        let ids = [1, u64::MAX, 7, 1 << 63, 5000, 1, 5000, u64::MAX, 0];
        let found: Vec<_> = ids.iter().map(|&id| table.mention("location", id)).collect();
        let indexes: Vec<_> = found.iter().flatten().map(|&(index, _)| index).collect();
        assert_eq!(indexes, [0, 1, 2, 3, 4, 0, 4, 1, 5]);
        assert_eq!(table.get(5000), Some(4));
        assert_eq!(table.get(5001), None);
        assert_eq!([0, 1, 3, 5].map(|index| table.id_of(index)), [Some(1), Some(u64::MAX), Some(1 << 63), Some(0)]);
    }

    #[test]
    fn ids_that_count_from_1_need_no_table() {
        let mut table = IdTable::default();
        let found: Vec<_> = [1, 2, 3, 2, 9, 4].iter().map(|&id| table.mention("location", id)).collect();
        let first = [(0, true), (1, true), (2, true), (1, false), (3, true), (4, true)];
        assert_eq!(found, first.map(Ok));
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
            assert_eq!(table.mention("location", id).map(|(_, new)| new), Ok(true));
        }
        assert!(table.dense.len() < 2048, "{}", table.dense.len());
    }

    #[test]
    fn tables_have_limits() {
        let first_refused = |step: u64| {
            let mut table = IdTable::default();
            (1..).find_map(|at: u64| table.mention("location", at * step).err().map(|error| (at, error)))
        };
        assert_eq!(
            first_refused(1),
            Some((MOST as u64 + 1, Invalid::TooMany { table: "location", most: MOST as usize }))
        );
        let sparse = Invalid::Sparse { table: "location", most: MOST_SPARSE };
        assert_eq!(first_refused(1 << 40), Some((MOST_SPARSE as u64 + 1, sparse)));
    }
}
