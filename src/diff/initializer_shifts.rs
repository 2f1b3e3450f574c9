//! Lines of package variables across two builds.

use std::collections::{BTreeMap, BTreeSet};

use crate::site::{LineAnchor, Name, OffsetLine, SiteKey, SiteTable};

/// By initialiser: the number of lines its package's variables moved from base to current.
///
/// An initialiser has no first line to count from. Its lines count as moved if other functions of the package moved,
/// which shows that the source was edited, and if one shift makes every line of the smaller side match a line of the
/// other. Otherwise they keep their numbers, as in pprof.
#[derive(Debug, Default)]
pub(super) struct InitializerShifts<'p>(BTreeMap<Name<'p>, i64>);

impl<'p> InitializerShifts<'p> {
    pub(super) fn new(base: &SiteTable<'p>, current: &SiteTable<'p>) -> Self {
        let initializers = [base, current].map(|table| {
            let mut lines: BTreeMap<Name<'p>, BTreeSet<i64>> = BTreeMap::new();
            for OffsetLine { function, offset, .. } in table.initializer_lines() {
                lines.entry(function).or_default().insert(offset);
            }
            lines
        });
        let [before, after] = &initializers;
        let shared =
            before.iter().filter_map(|(name, before)| Some((name.package()?, (*name, before, after.get(name)?))));
        let changed: BTreeMap<_, _> = shared.filter(|(_, (_, before, after))| before != after).collect();
        if changed.is_empty() {
            return InitializerShifts::default();
        }
        let starts = [base, current].map(|table| {
            let is_changed = |name: Name<'p>| name.package().is_some_and(|package| changed.contains_key(package));
            let lines = table.lines_of_functions(is_changed).into_iter();
            lines.map(|OffsetLine { function, offset, line }| (function, line - offset)).collect::<BTreeMap<_, _>>()
        });
        let moved = starts[0].iter().filter(|(name, start)| starts[1].get(name).is_some_and(|moved| moved != *start));
        let moved: BTreeSet<_> = moved.filter_map(|(name, _)| name.package()).collect();
        let edited = changed.into_iter().filter(|(package, _)| moved.contains(package));
        let shifts = edited.filter_map(|(_, (name, before, after))| Some((name, shift_between(before, after)?)));
        InitializerShifts(shifts.collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a key of the base is of a line that moved.
    pub(super) fn moves(&self, key: &SiteKey<'p>) -> bool {
        matches!(key, SiteKey::Line(name, LineAnchor::Offset(_)) if self.0.contains_key(name))
    }

    /// The current side's key of the line with a key of the base.
    pub(super) fn apply(&self, key: SiteKey<'p>) -> SiteKey<'p> {
        match key {
            SiteKey::Line(name, LineAnchor::Offset(offset)) => {
                SiteKey::Line(name, LineAnchor::Offset(offset.wrapping_add(self.0.get(&name).copied().unwrap_or(0))))
            }
            _ => key,
        }
    }
}

/// The smallest shift after which every line of the smaller set matches one of the larger.
fn shift_between(before: &BTreeSet<i64>, after: &BTreeSet<i64>) -> Option<i64> {
    let all_match = |shift: i64| {
        let matching = before.iter().filter(|line| after.contains(&(**line + shift))).count();
        matching == before.len().min(after.len())
    };
    // The first line of the smaller set must match some line of the larger.
    let (first, others, sign) =
        if before.len() <= after.len() { (before.first()?, after, 1) } else { (after.first()?, before, -1) };
    let shifts = others.iter().map(|other| sign * (other - first));
    shifts.filter(|&shift| all_match(shift)).min_by_key(|shift| (shift.abs(), *shift))
}
