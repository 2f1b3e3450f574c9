//! What a comparison is held to.

use super::thresholds::TOTAL_TOLERANCE;
use super::{Allow, AppliedRule, Budget, Limit, Limits, Scope};
use crate::diff::{Deltas, Metric};

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
            applied.push(AppliedRule::SiteTolerance { counts_bytes });
        }
        applied.extend(self.total_tolerance(deltas).map(AppliedRule::TotalTolerance));
        applied.extend(self.budget.as_ref().map(|budget| AppliedRule::Budget(budget.sites.len())));
        applied
    }
}
