//! What a comparison is held to.

use std::collections::BTreeSet;

use super::thresholds::TOTAL_TOLERANCE;
use super::{Allow, AppliedRule, Budget, BudgetSite, Limit, Limits, Scope};
use crate::diff::{Deltas, Metric};
use crate::matching::Matching;
use crate::site::Name;

/// The rules of a check.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Limits on sites and on the whole heap; without any, the tolerances hold.
    pub limits: Limits,
    /// Share of its base, or amount, that the whole heap may grow by; `None` for [`TOTAL_TOLERANCE`] where there is no
    /// limit.
    pub total_tolerance: Option<Limit>,
    /// Exceptions for some sites, before budget and limits; the first that matches holds.
    pub allow: Vec<Allow>,
    /// What sites may grow by; the other rules hold for sites that are not in it.
    pub budget: Option<Budget>,
    /// Whether growth counts as measured, significant or not.
    pub ignore_evidence: bool,
    /// Whether what may exceed a limit is inconclusive rather than a pass.
    pub is_strict: bool,
    /// Growth of a site, in bytes, that a check must be able to see.
    pub must_see: Option<i128>,
}

impl Rules {
    /// Lets a budget or an allowance of a function hold for what it is called now, and notes that in `matching`.
    pub fn follow(&mut self, matching: &mut Matching) {
        let mut followed = BTreeSet::new();
        for (old, new, _) in matching.of_base() {
            let matches = |allow: &&Allow, name: &str| {
                let package = Name::new(name.as_bytes()).package().unwrap_or_default();
                allow.matches(name, &String::from_utf8_lossy(package), &[])
            };
            let of_old = self.allow.iter().find(|allow| matches(allow, old));
            if let Some(allow) = of_old.filter(|_| !self.allow.iter().any(|allow| matches(&allow, new))) {
                let allow = Allow { function: Some(new.to_owned()), package: None, ..allow.clone() };
                self.allow.push(allow);
                followed.insert((old.to_owned(), new.to_owned()));
            }
            let Some(budget) = &mut self.budget else { continue };
            let known = budget.sites.iter().find(|site| site.site == old).cloned();
            if let Some(known) = known.filter(|_| budget.sites.iter().all(|site| site.site != new)) {
                budget.sites.push(BudgetSite { site: new.to_owned(), ..known });
                budget.sites.sort();
                followed.insert((old.to_owned(), new.to_owned()));
            }
        }
        matching.followed = followed.into_iter().collect();
    }

    /// The tolerance for the whole heap; `None` if it has none. It is for live memory, which has objects and bytes: what
    /// was allocated only ever grows.
    pub(super) fn total_tolerance(&self, deltas: &Deltas<'_, '_>) -> Option<Limit> {
        let is_memory = deltas.counts(Metric::Space) && deltas.counts(Metric::Objects);
        let share = self.total_tolerance.or(self.limits.is_empty().then_some(TOTAL_TOLERANCE));
        share.filter(|_| is_memory && !deltas.is_allocation())
    }

    /// The rules for all sites and for the whole heap.
    pub(super) fn applied(&self, deltas: &Deltas<'_, '_>) -> Vec<AppliedRule> {
        let counts_bytes = deltas.counts(Metric::Space);
        let mut applied = Vec::new();
        for scope in [Scope::Site, Scope::Total] {
            for metric in [Metric::Objects, Metric::Space] {
                let limit = self.limits.on(scope, metric);
                applied.extend(limit.map(|limit| AppliedRule::Limit { scope, metric, limit }));
            }
        }
        if self.limits.is_empty() {
            applied.push(AppliedRule::SiteTolerance { counts_bytes, is_per_operation: deltas.is_per_operation() });
        }
        applied.extend(self.total_tolerance(deltas).map(AppliedRule::TotalTolerance));
        applied.extend(self.budget.as_ref().map(|budget| AppliedRule::Budget(budget.sites.len())));
        applied
    }
}
