//! The names of all functions of a side, also of those that allocated nothing that is alive: what has no name on the other
//! side may have been renamed.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::functions::{canonical, is_own_name};
use crate::profile::{Profile, StrId, Strings};
use crate::site::{is_closure, is_go_program, loose_name, name_tail};

/// The names of the functions of a side.
#[derive(Debug, Default)]
pub struct FunctionNames {
    /// The names in the first profile, where they are: they are looked at only if both sides may be different builds.
    first: Option<(Arc<Strings>, Vec<StrId>)>,
    /// The names in the other profiles, each once.
    others: HashSet<Box<[u8]>, RandomState>,
    /// The build ids of all profiles, where known.
    build_ids: HashSet<String, RandomState>,
}

impl FunctionNames {
    /// Adds the names of a profile of a Go program. Those of others have no packages to match by, and their profiles
    /// do not keep what is dead: what is not there need not be gone.
    pub fn add(&mut self, profile: &Profile) {
        if !is_go_program(profile) {
            return;
        }
        let build_id = &profile.header().build_id;
        if !build_id.is_empty() && !self.build_ids.contains(build_id) {
            self.build_ids.insert(build_id.clone());
        }
        if self.first.is_none() {
            self.first = Some((profile.strings().clone(), profile.function_names().to_vec()));
            return;
        }
        for &name in profile.function_names() {
            let name = profile.string(name);
            if !self.others.contains(name) {
                self.others.insert(name.into());
            }
        }
    }

    /// The names as the profiles have them.
    fn all(&self) -> impl Iterator<Item = &[u8]> {
        let first = self.first.iter().flat_map(|(strings, names)| names.iter().map(|&name| strings.get(name)));
        first.chain(self.others.iter().map(|name| &**name))
    }

    /// Whether both sides are known to be of one build, whose functions have the same names everywhere.
    pub fn is_of_same_build(&self, other: &FunctionNames) -> bool {
        self.build_ids.len() == 1 && self.build_ids == other.build_ids
    }

    /// Whether closures may have each other's numbers in the other side: it has several of one function, too.
    pub fn may_be_renumbered(&self, other: &FunctionNames) -> bool {
        let there: HashSet<String, RandomState> = other.all().filter_map(own_closure).collect();
        let mut families = HashSet::new();
        let mut common: Vec<_> = self.all().filter_map(own_closure).filter(|name| there.contains(name)).collect();
        common.sort_unstable();
        common.dedup();
        common.iter().any(|name| !families.insert(loose_name(name)))
    }
}

/// The canonical form of an own closure's name.
fn own_closure(name: &[u8]) -> Option<String> {
    let name = canonical(name);
    (is_own_name(&name) && is_closure(&name_tail(&name))).then_some(name)
}

/// The own functions that a side has and `others` do not, by canonical name; sorted.
pub fn names_only_in(side: &[&FunctionNames], others: &[&FunctionNames]) -> Vec<String> {
    // Most names are on both sides as they are.
    let there: HashSet<&[u8], RandomState> = others.iter().flat_map(|names| names.all()).collect();
    let missing = side.iter().flat_map(|names| names.all()).filter(|name| !there.contains(name));
    let mut missing: Vec<_> = missing.map(canonical).filter(|name| is_own_name(name)).collect();
    if !missing.is_empty() {
        let there: HashSet<String, RandomState> = others.iter().flat_map(|names| names.all()).map(canonical).collect();
        missing.retain(|name| !there.contains(name));
    }
    missing.sort_unstable();
    missing.dedup();
    missing
}
