//! The sites of two tables, matched and subtracted.

use std::collections::HashMap;

use super::change::{Attribution, Change, Metric, SiteDelta};
use super::initializer_shifts::InitializerShifts;
use crate::profile::MetricsPresent;
use crate::site::{RuntimeClass, Scale, SiteKey, SiteTable, Values};

/// The sites of two tables, on both sides.
#[derive(Debug)]
pub struct Deltas<'t, 'p> {
    /// The earlier side.
    pub base: &'t SiteTable<'p>,
    /// The later side.
    pub current: &'t SiteTable<'p>,
    /// The values that are compared.
    pub attribution: Attribution,
    /// The metrics that both sides have; the other one is 0 everywhere.
    pub counted: MetricsPresent,
    /// All sites that allocate on either side; for [`Attribution::Cum`] also those that only call. Unordered; `rank`
    /// orders them.
    pub sites: Vec<SiteDelta>,
    /// Whether both sides are said to be of one process, which is taken as true unless they contradict it.
    pub is_one_process: bool,
    /// Whether each profile of the base and that of the same number of the current side are a pair, of one run.
    pub has_paired_runs: bool,
    /// Whether addresses of code without symbols mean the same on both sides.
    pub match_addresses: bool,
    total: Change,
    /// Growth of the runtime's own memory that is added to its base, by class.
    usual_runtime: Vec<(RuntimeClass, Values)>,
    shifts: InitializerShifts<'p>,
}

impl<'p> Deltas<'_, 'p> {
    /// Whether both sides have a metric.
    pub fn counts(&self, metric: Metric) -> bool {
        match metric {
            Metric::Space => self.counted.space,
            Metric::Objects => self.counted.objects,
        }
    }

    /// The metric that ranks sites unless another is asked for: space, unless the sides count only objects.
    pub fn ranking_metric(&self) -> Metric {
        if self.counted.space { Metric::Space } else { Metric::Objects }
    }

    /// `values`, with 0 for a metric that only one side has.
    pub fn only_counted(&self, values: Values) -> Values {
        only(values, self.counted)
    }

    /// Whether what was allocated is compared, rather than what is alive.
    pub fn is_allocation(&self) -> bool {
        self.base.observed().is_allocation && self.current.observed().is_allocation
    }

    /// Whether stacks are chains of references, to what is held, and every object is counted.
    pub fn are_references(&self) -> bool {
        [self.base, self.current].iter().any(|side| side.observed().of_goref > 0)
    }

    /// Whether values are scaled by how much work each side did, so that they are of two runs.
    pub fn is_by_work(&self) -> bool {
        [self.base, self.current]
            .iter()
            .any(|side| matches!(side.scale(), Scale::PerOperation(_) | Scale::Normalized(_)))
    }

    /// Whether values are per operation of a benchmark.
    pub fn is_per_operation(&self) -> bool {
        [self.base, self.current].iter().all(|side| matches!(side.scale(), Scale::PerOperation(_)))
    }

    /// The totals of both sides.
    pub fn total(&self) -> Change {
        self.total
    }

    /// The comparison of sides that are said to be of one process, or not.
    #[must_use]
    pub fn of_one_process(self, is_one_process: bool) -> Self {
        Deltas { is_one_process, ..self }
    }

    /// The comparison of sides whose profiles are pairs, each of one run, or not.
    #[must_use]
    pub fn of_paired_runs(self, has_paired_runs: bool) -> Self {
        Deltas { has_paired_runs, ..self }
    }

    /// Adds the growth of another comparison, one of flat values, to each base, so that deltas become the growth in
    /// excess of `usual`.
    pub fn excess_over(mut self, usual: &Deltas<'_, 'p>) -> Self {
        let here = self.by_key();
        for site in &usual.sites {
            if let Some(&at) = here.get(&usual.key(site)) {
                self.sites[at].change.base += site.change.delta();
            }
        }
        self.total.base += usual.total.delta();
        self.usual_runtime =
            RuntimeClass::ALL.iter().map(|&class| (class, usual.runtime_memory(class).delta())).collect();
        self
    }

    /// Whether another comparison has the same sites, with the same values on both sides.
    pub fn has_same_values(&self, other: &Deltas<'_, 'p>) -> bool {
        let here = self.by_key();
        let is_here =
            |site: &SiteDelta| here.get(&other.key(site)).is_some_and(|&at| self.sites[at].change == site.change);
        self.sites.len() == other.sites.len() && other.sites.iter().all(is_here)
    }

    /// The index in [`Deltas::sites`] of each site, by its key.
    pub fn by_key(&self) -> HashMap<SiteKey<'p>, usize> {
        self.sites.iter().enumerate().map(|(at, site)| (self.key(site), at)).collect()
    }

    /// The key of a site, as on the current side.
    pub fn key(&self, site: &SiteDelta) -> SiteKey<'p> {
        let current = site.current.and_then(|index| self.current.key(index));
        let base = || site.base.and_then(|index| self.base.key(index)).map(|key| self.current_key(key));
        current.or_else(base).unwrap_or(SiteKey::NoStack)
    }

    /// The current side's key of the site with a key of the base.
    pub fn current_key(&self, base: SiteKey<'p>) -> SiteKey<'p> {
        self.shifts.apply(base)
    }

    /// What the runtime has of a class of its memory.
    pub fn runtime_memory(&self, class: RuntimeClass) -> Change {
        let values = |table: &SiteTable<'_>| self.only_counted(table.runtime_memory(class));
        let usual = self.usual_runtime.iter().find(|(usual, _)| *usual == class);
        let usual = usual.map_or(Values::default(), |&(_, delta)| delta);
        Change { base: values(self.base) + usual, current: values(self.current) }
    }

    /// The values of a site by either attribution.
    pub fn change(&self, site: &SiteDelta, attribution: Attribution) -> Change {
        if attribution == self.attribution {
            return site.change;
        }
        change((self.base, site.base), (self.current, site.current), attribution, self.counted)
    }
}

/// A table and the index of a site in it, if it has the site.
type SideSite<'t, 'p> = (&'t SiteTable<'p>, Option<usize>);

#[inline]
fn change(
    base: SideSite<'_, '_>,
    current: SideSite<'_, '_>,
    attribution: Attribution,
    counted: MetricsPresent,
) -> Change {
    let values = |(table, site): SideSite<'_, '_>| {
        let values = site.map(|site| match attribution {
            Attribution::Flat => table.flat(site).unwrap_or_default(),
            Attribution::Cum => table.cum(site),
        });
        only(values.unwrap_or_default(), counted)
    };
    Change { base: values(base), current: values(current) }
}

/// The class of both sides together, of those that allocate there.
fn runtime_class(base: SideSite<'_, '_>, current: SideSite<'_, '_>) -> Option<RuntimeClass> {
    let class = |(table, site): SideSite<'_, '_>| {
        site.filter(|&site| table.allocates(site)).map(|site| table.runtime_class(site))
    };
    match (class(base), class(current)) {
        (Some(base), Some(current)) => base.zip(current).map(|(base, current)| base.with(current)),
        (Some(class), None) | (None, Some(class)) => class,
        (None, None) => None,
    }
}

fn only(values: Values, counted: MetricsPresent) -> Values {
    Values {
        objects: if counted.objects { values.objects } else { 0 },
        space: if counted.space { values.space } else { 0 },
    }
}

/// Compares two tables of the same granularity.
pub fn diff<'t, 'p>(base: &'t SiteTable<'p>, current: &'t SiteTable<'p>, attribution: Attribution) -> Deltas<'t, 'p> {
    diff_matching(base, current, attribution, true)
}

/// Compares two tables of the same granularity. `match_addresses`: whether addresses of code without symbols mean the
/// same on both sides.
pub fn diff_matching<'t, 'p>(
    base: &'t SiteTable<'p>,
    current: &'t SiteTable<'p>,
    attribution: Attribution,
    match_addresses: bool,
) -> Deltas<'t, 'p> {
    let counted = base.counted().and(current.counted());
    let shifts = InitializerShifts::new(base, current);
    let is_listed = |table: &SiteTable<'p>, site: usize| attribution == Attribution::Cum || table.allocates(site);
    let matched = base.match_sites(current);
    let shifted = |base_site: usize| if shifts.is_empty() { None } else { base.key(base_site) };
    let in_current = |base_site: usize| match shifted(base_site).filter(|key| shifts.moves(key)) {
        Some(key) => current.index_of(&shifts.apply(key)),
        None if !match_addresses && matches!(base.key(base_site), Some(SiteKey::Address { .. })) => None,
        None => matched(base_site),
    };
    let site = |base_site: Option<usize>, current_site: Option<usize>| SiteDelta {
        base: base_site,
        current: current_site,
        change: change((base, base_site), (current, current_site), attribution, counted),
        runtime_class: runtime_class((base, base_site), (current, current_site)),
    };
    let mut in_base = vec![None; current.indexes().len()];
    let mut sites = Vec::with_capacity(base.indexes().len());
    for base_site in base.indexes() {
        let current_site = in_current(base_site);
        // Kept even if this site is not listed: its counterpart on the current side may be, and refers to it.
        if let Some(current_site) = current_site {
            in_base[current_site] = Some(base_site);
        }
        if is_listed(base, base_site) {
            sites.push(site(Some(base_site), current_site));
        }
    }
    for current_site in current.indexes().filter(|&current_site| is_listed(current, current_site)) {
        if !in_base[current_site].is_some_and(|base_site| is_listed(base, base_site)) {
            sites.push(site(in_base[current_site], Some(current_site)));
        }
    }
    let total = Change { base: only(base.total(), counted), current: only(current.total(), counted) };
    Deltas {
        base,
        current,
        attribution,
        counted,
        sites,
        is_one_process: false,
        has_paired_runs: false,
        match_addresses,
        total,
        usual_runtime: Vec::new(),
        shifts,
    }
}
