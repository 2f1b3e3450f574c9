//! Subtracts the base from the current side, site by site, keeping both.
//!
//! In: two [`SiteTable`]s. Out: [`Deltas`]. Drops nothing and judges nothing.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::site::{Name, Place, Site, SiteKey, SiteTable, Values};

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
    pub fn of(self, values: Values) -> i128 {
        match self {
            Metric::Space => values.space,
            Metric::Objects => values.objects,
        }
    }
}

/// Which values of a site count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What the site allocates itself.
    Flat,
    /// That and what anything it calls allocates.
    Cum,
}

/// A site on both sides. `None`: that side does not have it.
#[derive(Debug, Clone, Copy)]
pub struct Delta<'t, 'p> {
    /// What both sides know it by.
    pub key: SiteKey<'p>,
    /// The base side, and its index in the table.
    pub base: Option<(usize, &'t Site<'p>)>,
    /// The current side, likewise.
    pub current: Option<(usize, &'t Site<'p>)>,
}

/// What both sides have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Change {
    /// The earlier value.
    pub base: Values,
    /// The later value.
    pub current: Values,
}

impl Change {
    /// `current − base`.
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
    pub fn delta_of(&self, metric: Metric) -> i128 {
        metric.of(self.delta())
    }

    /// `current / base` of `metric`; `None` where the base is 0.
    pub fn ratio(&self, metric: Metric) -> Option<f64> {
        let (base, current) = (self.base_of(metric), self.current_of(metric));
        (base != 0).then(|| current as f64 / base as f64)
    }
}

impl Delta<'_, '_> {
    /// Its values on both sides; a side that does not have it has 0.
    pub fn change(&self, basis: Basis) -> Change {
        let values = |side: Option<(usize, &Site<'_>)>| match basis {
            Basis::Flat => side.and_then(|(_, site)| site.flat).unwrap_or_default(),
            Basis::Cum => side.map(|(_, site)| site.cum).unwrap_or_default(),
        };
        Change { base: values(self.base), current: values(self.current) }
    }

    /// Whether it allocates itself, on either side.
    pub fn allocates(&self) -> bool {
        [self.base, self.current].iter().flatten().any(|(_, site)| site.flat.is_some())
    }
}

/// Every site of two tables.
#[derive(Debug)]
pub struct Deltas<'t, 'p> {
    /// The earlier side.
    pub base: &'t SiteTable<'p>,
    /// The later side.
    pub current: &'t SiteTable<'p>,
    /// The sites, those that only call included, in no order that means anything.
    pub sites: Vec<Delta<'t, 'p>>,
    shifts: Shifts<'p>,
}

impl<'p> Deltas<'_, 'p> {
    /// The totals of both sides.
    pub fn total(&self) -> Change {
        Change { base: self.base.total(), current: self.current.total() }
    }

    /// What the current side knows a key of the base by.
    pub fn current_key(&self, base: SiteKey<'p>) -> SiteKey<'p> {
        self.shifts.apply(base)
    }
}

/// Compares two tables of the same granularity.
pub fn diff<'t, 'p>(base: &'t SiteTable<'p>, current: &'t SiteTable<'p>) -> Deltas<'t, 'p> {
    let shifts = Shifts::new(base, current);
    let mut at: HashMap<SiteKey<'p>, usize> = HashMap::with_capacity(base.sites().len());
    let mut sites = Vec::with_capacity(base.sites().len());
    for (index, site) in base.sites().iter().enumerate() {
        let key = shifts.apply(site.key);
        at.insert(key, index);
        sites.push(Delta { key, base: Some((index, site)), current: None });
    }
    for (index, site) in current.sites().iter().enumerate() {
        match at.get(&site.key) {
            Some(&known) => sites[known].current = Some((index, site)),
            None => sites.push(Delta { key: site.key, base: None, current: Some((index, site)) }),
        }
    }
    Deltas { base, current, sites, shifts }
}

/// By how many lines the variables of a package moved between two builds.
///
/// Their initialiser has no first line to count from, but functions of the same package have: it
/// moved as one of those, the one that makes most of its lines meet.
#[derive(Debug, Default)]
struct Shifts<'p>(BTreeMap<Name<'p>, i64>);

impl<'p> Shifts<'p> {
    fn new(base: &SiteTable<'p>, current: &SiteTable<'p>) -> Self {
        let initializers = [base, current].map(|table| {
            let mut lines: BTreeMap<Name<'p>, BTreeSet<i64>> = BTreeMap::new();
            for (name, offset, _) in offsets(table).filter(|(name, ..)| name.is_initializer()) {
                lines.entry(name).or_default().insert(offset);
            }
            lines
        });
        let [before, after] = &initializers;
        let moved: BTreeMap<_, _> = before
            .iter()
            .filter_map(|(name, before)| Some((*name, (before, after.get(name)?))))
            .filter(|(_, (before, after))| before != after)
            .collect();
        if moved.is_empty() {
            return Shifts::default();
        }
        let packages: BTreeSet<_> = moved.keys().filter_map(|name| name.package()).collect();
        let starts = [base, current].map(|table| -> BTreeMap<Name<'p>, i64> {
            let of_those = |name: Name<'p>| name.package().is_some_and(|package| packages.contains(package));
            offsets(table)
                .filter(|(name, ..)| of_those(*name))
                .map(|(name, offset, line)| (name, line - offset))
                .collect()
        });
        let shift = |name: Name<'p>, before: &BTreeSet<i64>, after: &BTreeSet<i64>| {
            let same_package = starts[0].iter().filter(|(other, _)| other.package() == name.package());
            let shifts = same_package.filter_map(|(name, start)| Some(starts[1].get(name)? - start));
            let meeting = |shift: i64| before.iter().filter(|line| after.contains(&(**line + shift))).count();
            // Of equals the one that moves least.
            shifts.chain([0]).max_by_key(|&shift| (meeting(shift), Reverse(shift.abs()), shift)).unwrap_or(0)
        };
        Shifts(moved.into_iter().map(|(name, (before, after))| (name, shift(name, before, after))).collect())
    }

    fn apply(&self, key: SiteKey<'p>) -> SiteKey<'p> {
        match key {
            SiteKey::Line(name, Place::Offset(offset)) if !self.0.is_empty() => {
                let shift = self.0.get(&name).copied().unwrap_or(0);
                SiteKey::Line(name, Place::Offset(offset.saturating_add(shift)))
            }
            _ => key,
        }
    }
}

/// The lines whose function's first line is known: the function, the offset in it, the line.
fn offsets<'p>(table: &SiteTable<'p>) -> impl Iterator<Item = (Name<'p>, i64, i64)> {
    table.lines().iter().filter_map(|line| match line.key {
        // Numbers beyond any file would overflow, and mean nothing.
        SiteKey::Line(name, Place::Offset(offset)) if offset.abs() < 1 << 32 && line.line.abs() < 1 << 32 => {
            Some((name, offset, line.line))
        }
        _ => None,
    })
}
