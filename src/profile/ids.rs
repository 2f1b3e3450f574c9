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
/// Ids may be any 64-bit number. Most producers count from 1 in the order of mention, and such an id is its index + 1.
/// Other small ones are looked up in a vector that never gets longer than a few times the ids seen, so a forged id
/// allocates nothing; the rest in a map.
#[derive(Debug, Default)]
pub(super) struct IdTable {
    /// The ids 1 to `consecutive` have the indexes 0 to `consecutive` − 1.
    consecutive: u32,
    /// Index by id, or [`ABSENT`]; only of other ids.
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    len: u32,
}

const ABSENT: u32 = u32::MAX;
/// Maximum number of ids in a table: five times that of the largest profiles.
const MAX_IDS: u32 = 2 << 20;
/// Maximum number of ids in the map. Where samples come first, a quarter of the ids are mentioned too early to count as
/// small, whatever they are.
const MAX_SPARSE: usize = (1 << 20) / 8 * 7;

impl IdTable {
    /// The dense index of `id`, if it was mentioned.
    #[inline(always)]
    pub(super) fn get(&self, id: u64) -> Option<u32> {
        match u32::try_from(id.wrapping_sub(1)) {
            Ok(index) if index < self.consecutive => Some(index),
            _ => self.look_up(id),
        }
    }

    fn look_up(&self, id: u64) -> Option<u32> {
        match usize::try_from(id).ok().and_then(|id| self.dense.get(id)) {
            Some(&index) if index != ABSENT => Some(index),
            _ if self.sparse.is_empty() => None,
            _ => self.sparse.get(&id).copied(),
        }
    }

    /// The id with dense index `index`. Searches all; for error messages.
    pub(super) fn id_of(&self, index: u32) -> Option<u64> {
        if index < self.consecutive {
            return Some(u64::from(index) + 1);
        }
        let dense = self.dense.iter().position(|&i| i == index).and_then(|id| u64::try_from(id).ok());
        dense.or_else(|| self.sparse.iter().find(|&(_, &i)| i == index).map(|(&id, _)| id))
    }

    /// The dense index of `id`, and whether this is its first mention. `table` names the table in errors.
    pub(super) fn mention(&mut self, table: &'static str, id: u64) -> Result<(u32, bool), Invalid> {
        if let Some(index) = self.get(id) {
            return Ok((index, false));
        }
        let index = self.len;
        if index == MAX_IDS {
            return Err(Invalid::TooMany { table, most: MAX_IDS as usize });
        }
        self.len = index + 1;
        match usize::try_from(id) {
            _ if index == self.consecutive && id == u64::from(self.len) => self.consecutive = self.len,
            Ok(at) if id <= 4 * u64::from(self.len) + 1024 => {
                if at >= self.dense.len() {
                    self.dense.resize(at + 1, ABSENT);
                }
                self.dense[at] = index;
            }
            _ if self.sparse.len() == MAX_SPARSE => return Err(Invalid::Sparse { table, most: MAX_SPARSE }),
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
        assert_eq!(table.consecutive, 3);
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
            Some((u64::from(MAX_IDS) + 1, Invalid::TooMany { table: "location", most: MAX_IDS as usize }))
        );
        let sparse = Invalid::Sparse { table: "location", most: MAX_SPARSE };
        assert_eq!(first_refused(1 << 40), Some((MAX_SPARSE as u64 + 1, sparse)));
    }
}
