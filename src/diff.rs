//! Subtracts the base from the current side, site by site, keeping both.
//!
//! In: two [`SiteTable`]s. Out: [`Deltas`]. Drops nothing and judges nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::AddAssign;

use crate::order::by_key;
use crate::profile::Counted;
use crate::site::{LineAnchor, Name, SiteKey, SiteTable, Values};
use crate::threads::at_once_if_many;

/// The two metrics of a live heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// `inuse_space`: live bytes.
    Space,
    /// `inuse_objects`: live objects.
    Objects,
}

impl Metric {
    /// Its name in profiles and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Space => "inuse_space",
            Metric::Objects => "inuse_objects",
        }
    }

    /// This metric's number.
    #[inline]
    pub fn of(self, values: Values) -> i128 {
        match self {
            Metric::Space => values.space,
            Metric::Objects => values.objects,
        }
    }
}

/// Which values of a site count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribution {
    /// What the site allocates itself.
    Flat,
    /// That and what anything it calls allocates.
    Cum,
}

/// A site on both sides.
#[derive(Debug, Clone, Copy)]
pub struct Delta {
    /// Its index in the base's table; `None` if that side does not have it.
    pub base: Option<usize>,
    /// Its index in the current side's table, likewise.
    pub current: Option<usize>,
    /// Its values, of the basis of the comparison; 0 for a side that does not have it.
    pub change: Change,
}

/// What both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// The earlier value.
    pub base: Values,
    /// The later value.
    pub current: Values,
}

impl AddAssign for Change {
    fn add_assign(&mut self, other: Change) {
        self.base += other.base;
        self.current += other.current;
    }
}

impl Change {
    /// `current − base`.
    #[inline]
    pub fn delta(&self) -> Values {
        self.current - self.base
    }

    /// The earlier value of `metric`.
    pub fn base_of(&self, metric: Metric) -> i128 {
        metric.of(self.base)
    }

    /// The later value of `metric`.
    pub fn current_of(&self, metric: Metric) -> i128 {
        metric.of(self.current)
    }

    /// The difference of `metric`.
    #[inline]
    pub fn delta_of(&self, metric: Metric) -> i128 {
        metric.of(self.delta())
    }

    /// `current / base` of `metric`; `None` where the base is 0.
    pub fn ratio(&self, metric: Metric) -> Option<f64> {
        let (base, current) = (self.base_of(metric), self.current_of(metric));
        (base != 0).then(|| current as f64 / base as f64)
    }
}

/// The sites of two tables.
#[derive(Debug)]
pub struct Deltas<'t, 'p> {
    /// The earlier side.
    pub base: &'t SiteTable<'p>,
    /// The later side.
    pub current: &'t SiteTable<'p>,
    /// Which values are compared.
    pub basis: Attribution,
    /// The metrics that both sides have; the other one is 0 everywhere.
    pub counted: Counted,
    /// All sites that allocate on either side; for [`Attribution::Cum`] also those that only call. In no order
    /// that means anything.
    pub sites: Vec<Delta>,
    total: Change,
    shifts: Shifts<'p>,
}

impl<'p> Deltas<'_, 'p> {
    /// Whether both sides have a metric.
    pub fn counts(&self, metric: Metric) -> bool {
        match metric {
            Metric::Space => self.counted.space,
            Metric::Objects => self.counted.objects,
        }
    }

    /// Values without the metric that only one side has.
    pub fn only_counted(&self, values: Values) -> Values {
        only(values, self.counted)
    }

    /// The totals of both sides.
    pub fn total(&self) -> Change {
        self.total
    }

    /// Takes the growth of another comparison, one of flat values, for usual: each base is as if its site had
    /// grown by that already.
    pub fn beyond(mut self, usual: &Deltas<'_, 'p>) -> Self {
        let here = self.by_key();
        for site in &usual.sites {
            if let Some(&at) = here.get(&usual.key(site)) {
                self.sites[at].change.base += site.change.delta();
            }
        }
        self.total.base += usual.total.delta();
        self
    }

    /// The index in [`Deltas::sites`] of each site, by its key.
    pub fn by_key(&self) -> HashMap<SiteKey<'p>, usize> {
        self.sites.iter().enumerate().map(|(at, site)| (self.key(site), at)).collect()
    }

    /// What both sides know a site by.
    pub fn key(&self, site: &Delta) -> SiteKey<'p> {
        let current = site.current.and_then(|index| self.current.key(index));
        let base = || site.base.and_then(|index| self.base.key(index)).map(|key| self.current_key(key));
        current.or_else(base).unwrap_or(SiteKey::NoStack)
    }

    /// The values of a site, of either basis.
    pub fn change(&self, site: &Delta, basis: Attribution) -> Change {
        if basis == self.basis {
            return site.change;
        }
        let values = |table, index| values(table, index, basis, self.counted);
        Change { base: values(self.base, site.base), current: values(self.current, site.current) }
    }

    /// What the current side knows a key of the base by.
    pub fn current_key(&self, base: SiteKey<'p>) -> SiteKey<'p> {
        self.shifts.apply(base)
    }
}

#[inline]
fn values(table: &SiteTable<'_>, index: Option<usize>, basis: Attribution, counted: Counted) -> Values {
    let values = index.map(|index| match basis {
        Attribution::Flat => table.flat(index).unwrap_or_default(),
        Attribution::Cum => table.cum(index),
    });
    only(values.unwrap_or_default(), counted)
}

#[inline]
fn only(values: Values, counted: MetricsPresent) -> Values {
    Values {
        objects: if counted.objects { values.objects } else { 0 },
        space: if counted.space { values.space } else { 0 },
    }
}

/// Compares two tables of the same granularity.
pub fn diff<'t, 'p>(base: &'t SiteTable<'p>, current: &'t SiteTable<'p>, basis: Attribution) -> Deltas<'t, 'p> {
    let counted = base.counted().and(current.counted());
    let shifts = Shifts::new(base, current);
    let is_listed = |table: &SiteTable<'p>, site: usize| basis == Attribution::Cum || table.allocates(site);
    let found = base.indexes_in(current);
    let moved = |before: usize| if shifts.0.is_empty() { None } else { base.key(before) };
    let there = |before: usize| match moved(before).filter(|key| shifts.moves(key)) {
        Some(key) => current.index_of(&shifts.apply(key)),
        None => found(before),
    };
    let site = |before: Option<usize>, after: Option<usize>| Delta {
        base: before,
        current: after,
        change: Change { base: values(base, before, basis, counted), current: values(current, after, basis, counted) },
    };
    // Also of those that are not listed: the other side's share of one that is.
    let mut back = vec![None; current.indexes().len()];
    for before in base.indexes() {
        if let Some(after) = there(before) {
            back[after] = Some(before);
        }
    }
    let listed = base.indexes().filter(|&before| is_listed(base, before));
    let mut sites: Vec<_> = listed.map(|before| site(Some(before), there(before))).collect();
    let only_after = current.indexes().filter(|&after| is_listed(current, after));
    let only_after = only_after.filter(|&after| !back[after].is_some_and(|before| is_listed(base, before)));
    sites.extend(only_after.map(|after| site(back[after], Some(after))));
    let total = Change { base: only(base.total(), counted), current: only(current.total(), counted) };
    Deltas { base, current, basis, counted, sites, total, shifts }
}

/// By how many lines the variables of a package moved between two builds.
///
/// Their initialiser has no first line to count from. But where functions of the package moved, it was
/// edited, and if there is a distance by which all lines of the initialiser meet, it moved by that.
/// Otherwise its lines stand as they are, as they do in pprof.
#[derive(Debug, Default)]
struct Shifts<'p>(BTreeMap<Name<'p>, i64>);

impl<'p> Shifts<'p> {
    fn new(base: &SiteTable<'p>, current: &SiteTable<'p>) -> Self {
        let initializers = [base, current].map(|table| {
            let mut lines: BTreeMap<Name<'p>, BTreeSet<i64>> = BTreeMap::new();
            for (name, offset, _) in table.initializer_lines() {
                lines.entry(name).or_default().insert(offset);
            }
            lines
        });
        let [before, after] = &initializers;
        let of_both =
            before.iter().filter_map(|(name, before)| Some((name.package()?, (*name, before, after.get(name)?))));
        let changed: BTreeMap<_, _> = of_both.filter(|(_, (_, before, after))| before != after).collect();
        if changed.is_empty() {
            return Shifts::default();
        }
        let starts = [base, current].map(|table| {
            let of_those = |name: Name<'p>| name.package().is_some_and(|package| changed.contains_key(package));
            let lines = table.lines_of_functions(of_those).into_iter();
            lines.map(|(name, offset, line)| (name, line - offset)).collect::<BTreeMap<_, _>>()
        });
        let moved = starts[0].iter().filter(|(name, start)| starts[1].get(name).is_some_and(|moved| moved != *start));
        let moved: BTreeSet<_> = moved.filter_map(|(name, _)| name.package()).collect();
        let edited = changed.into_iter().filter(|(package, _)| moved.contains(package));
        Shifts(edited.filter_map(|(_, (name, before, after))| Some((name, distance(before, after)?))).collect())
    }

    /// Whether a key is of a line that moved.
    fn moves(&self, key: &SiteKey<'p>) -> bool {
        matches!(key, SiteKey::Line(name, LineAnchor::Offset(_)) if self.0.contains_key(name))
    }

    /// What the current side knows a key of the base by.
    fn apply(&self, key: SiteKey<'p>) -> SiteKey<'p> {
        match key {
            SiteKey::Line(name, LineAnchor::Offset(offset)) => {
                SiteKey::Line(name, LineAnchor::Offset(offset.wrapping_add(self.0.get(&name).copied().unwrap_or(0))))
            }
            _ => key,
        }
    }
}

/// The smallest distance by which all lines of the smaller set meet one of the other.
fn distance(before: &BTreeSet<i64>, after: &BTreeSet<i64>) -> Option<i64> {
    let all_meet = |shift: i64| {
        let meeting = before.iter().filter(|line| after.contains(&(**line + shift))).count();
        meeting == before.len().min(after.len())
    };
    // The first line of the smaller set meets one of the larger.
    let (first, others, sign) =
        if before.len() <= after.len() { (before.first()?, after, 1) } else { (after.first()?, before, -1) };
    let distances = others.iter().map(|other| sign * (other - first));
    distances.filter(|&shift| all_meet(shift)).min_by_key(|shift| (shift.abs(), *shift))
}
