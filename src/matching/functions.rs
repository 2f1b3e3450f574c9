//! The functions of both sides, numbered alike.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use foldhash::fast::RandomState;

use crate::profile::Profile;
use crate::site::{ALL_BUT_STANDARD, FunctionRole, Name, name_tail, split_name};

/// Index of a function in [`Functions`]; functions are in the order of their names.
pub(super) type FunctionId = u32;

/// Stand for what is not a function: the start of a stack, its end, and the runtime's allocator.
pub(super) const ROOT: FunctionId = FunctionId::MAX;
pub(super) const LEAF: FunctionId = FunctionId::MAX - 1;
pub(super) const ALLOCATOR: FunctionId = FunctionId::MAX - 2;

/// The functions on the stacks of either side, sorted by canonical name.
#[derive(Debug)]
pub(super) struct Functions {
    names: Vec<String>,
    ids: HashMap<String, FunctionId, RandomState>,
    is_own: Vec<bool>,
    /// Tail of the name; empty for functions of Go's library.
    tails: Vec<String>,
}

impl Functions {
    pub(super) fn new<'p>(profiles: impl Iterator<Item = &'p Profile>) -> Self {
        let mut names = BTreeSet::new();
        for profile in profiles {
            names.extend(profile.functions().iter().map(|function| canonical(profile.string(function.name))));
        }
        let names: Vec<_> = names.into_iter().collect();
        let ids = names.iter().cloned().zip(0..).collect();
        let is_own: Vec<_> = names.iter().map(|name| is_own_name(name)).collect();
        let tails =
            names.iter().zip(&is_own).map(|(name, &own)| if own { name_tail(name) } else { String::new() }).collect();
        Functions { names, ids, is_own, tails }
    }

    pub(super) fn ids(&self) -> Range<FunctionId> {
        0..crate::index::index(self.names.len())
    }

    /// The function with the name that a profile has.
    pub(super) fn id(&self, name: &[u8]) -> Option<FunctionId> {
        self.ids.get(&canonical(name)).copied()
    }

    pub(super) fn name(&self, id: FunctionId) -> &str {
        self.names.get(id as usize).map_or("", String::as_str)
    }

    pub(super) fn tail(&self, id: FunctionId) -> &str {
        self.tails.get(id as usize).map_or("", String::as_str)
    }

    pub(super) fn package(&self, id: FunctionId) -> &str {
        split_name(self.name(id)).0
    }

    /// Whether it is in neither Go's library nor the runtime.
    pub(super) fn is_own(&self, id: FunctionId) -> bool {
        self.is_own.get(id as usize).is_some_and(|&own| own)
    }

    /// Whether it is one of the runtime's.
    pub(super) fn is_runtime(&self, id: FunctionId) -> bool {
        matches!(role(self.name(id)), FunctionRole::Runtime(_))
    }
}

/// The canonical form of a name in a profile.
pub(super) fn canonical(name: &[u8]) -> String {
    Name::new(name).text().into_owned()
}

/// Whether a canonical name is that of a function with a package, outside of Go's library.
pub(super) fn is_own_name(name: &str) -> bool {
    role(name) == FunctionRole::Own
}

/// The role of a function where all packages outside of Go's library are the program's own: those that it depends on change
/// as it does.
fn role(name: &str) -> FunctionRole {
    FunctionRole::new(Name::new(name.as_bytes()), b"", &ALL_BUT_STANDARD, &mut [])
}
