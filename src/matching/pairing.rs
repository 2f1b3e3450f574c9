//! The pairs found so far, and the functions that still have none.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::functions::{FunctionId, Functions};
use super::result::How;
use super::side_stats::SideStats;

/// A pair: a function of the base, and what the current side calls it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pair {
    pub(super) base: FunctionId,
    pub(super) current: FunctionId,
    pub(super) how: How,
    pub(super) confidence: f64,
}

/// Entries of multisets that may be compared: a second's worth. Real programs need a hundredth.
const MAX_WORK: usize = 50_000_000;

/// The pairs found so far.
pub(super) struct Pairing<'s> {
    pub(super) functions: &'s Functions,
    pub(super) base: &'s SideStats,
    pub(super) current: &'s SideStats,
    /// Own functions that only the base has, without a pair.
    pub(super) gone: BTreeSet<FunctionId>,
    /// Own functions that only the current side has, without a pair.
    pub(super) new: BTreeSet<FunctionId>,
    /// By function of the base: what the current side calls it. Only of functions that have another name there.
    pub(super) map: BTreeMap<FunctionId, FunctionId>,
    /// By package of the base: that of the current side.
    pub(super) packages: BTreeMap<String, String>,
    pub(super) pairs: Vec<Pair>,
    /// Functions of the current side that count with another one.
    pub(super) parts: Vec<Pair>,
    work: Cell<usize>,
    has_skipped: Cell<bool>,
}

impl<'s> Pairing<'s> {
    pub(super) fn new(functions: &'s Functions, base: &'s SideStats, current: &'s SideStats) -> Self {
        let only = |side: &SideStats, other: &SideStats| -> BTreeSet<FunctionId> {
            functions.ids().filter(|&id| functions.is_own(id) && side.has(id) && !other.has(id)).collect()
        };
        Pairing {
            functions,
            base,
            current,
            gone: only(base, current),
            new: only(current, base),
            map: BTreeMap::new(),
            packages: BTreeMap::new(),
            pairs: Vec::new(),
            parts: Vec::new(),
            work: Cell::new(0),
            has_skipped: Cell::new(false),
        }
    }

    /// What the current side calls a function of the base.
    pub(super) fn current_of(&self, base: FunctionId) -> FunctionId {
        self.map.get(&base).copied().unwrap_or(base)
    }

    /// What the current side calls a package of the base.
    pub(super) fn current_package<'a>(&'a self, base: &'a str) -> &'a str {
        self.packages.get(base).map_or(base, String::as_str)
    }

    /// How much more the current side allocated in all.
    pub(super) fn load(&self) -> f64 {
        self.current.allocated / self.base.allocated.max(1.0)
    }

    /// Pairs a function that is gone with one of the current side.
    pub(super) fn take(&mut self, base: FunctionId, current: FunctionId, how: How, confidence: f64) {
        self.gone.remove(&base);
        self.new.remove(&current);
        self.map.insert(base, current);
        self.pairs.push(Pair { base, current, how, confidence });
    }

    /// Counts the new function `part` with `whole`.
    pub(super) fn join(&mut self, part: FunctionId, whole: FunctionId, how: How, confidence: f64) {
        self.new.remove(&part);
        self.parts.push(Pair { base: part, current: whole, how, confidence });
    }

    /// Whether there is time to compare two functions.
    pub(super) fn may_compare(&self, base: FunctionId, current: FunctionId) -> bool {
        let size = |side: &SideStats, id| {
            let of_stats = side.function(id).map_or(0, |stats| stats.calls.len() + stats.body.len());
            of_stats + side.owned(id).map_or(0, |owned| owned.allocated.len())
        };
        self.may_spend(8 + size(self.base, base) + size(self.current, current))
    }

    /// Whether there is time for so much work, which is then taken as done.
    pub(super) fn may_spend(&self, work: usize) -> bool {
        let all = self.work.get().saturating_add(work);
        self.work.set(all);
        all <= MAX_WORK
    }

    /// Notes that some functions were not compared, as there were too many.
    pub(super) fn skip(&self) {
        self.has_skipped.set(true);
    }

    /// Whether there were too many functions to compare.
    pub(super) fn is_limited(&self) -> bool {
        self.has_skipped.get() || self.work.get() > MAX_WORK
    }
}

/// A side of the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Base,
    Current,
}

/// Sorts candidates, the best first, equal ones by name.
pub(super) fn sort_by_score(scored: &mut [(f64, FunctionId, FunctionId)]) {
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
}
