//! Applies the rules to each site: the object-count rule, limits, exceptions and budget.

use std::cmp::Reverse;

use super::judge::Gate;
use super::rules::SiteRule;
use super::thresholds::{
    MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT, MIN_GATE_SAMPLES, TOLERANCE_BYTES, TOLERANCE_PERCENT,
};
use super::{Allow, BrokenRule, BudgetSite, Limit, Limits, Scope, Violation};
use crate::diff::{Change, Metric};
use crate::evidence::{GrowthKind, growth_kind_by_values};
use crate::site::Values;

impl Gate<'_, '_, '_> {
    /// Violations by sites: those of the site that grew by most bytes first.
    pub(super) fn site_violations(&self) -> Vec<Violation> {
        let with_evidence = !self.rules.ignore_evidence;
        let mut by_site = Vec::new();
        for site in 0..self.deltas.sites.len() {
            let check = SiteCheck::new(self, site, with_evidence);
            let delta = check.change.delta();
            if delta.space > 0 || delta.objects > 0 {
                by_site.push((Reverse(delta.space), site, check.violations()));
            }
        }
        by_site.retain(|(.., violations)| !violations.is_empty());
        by_site.sort_by_cached_key(|&(growth, site, _)| (growth, self.key(site)));
        by_site.into_iter().flat_map(|(.., violations)| violations).collect()
    }
}

/// A site that is held to its rule.
pub(super) struct SiteCheck<'g, 'a, 't, 'p> {
    gate: &'g Gate<'a, 't, 'p>,
    /// Index in [`Deltas::sites`](crate::diff::Deltas::sites).
    site: usize,
    change: Change,
    with_evidence: bool,
}

impl<'g, 'a, 't, 'p> SiteCheck<'g, 'a, 't, 'p> {
    /// `with_evidence`: only significant growth counts.
    pub(super) fn new(gate: &'g Gate<'a, 't, 'p>, site: usize, with_evidence: bool) -> Self {
        SiteCheck { gate, site, change: gate.change(site), with_evidence }
    }

    /// How it breaks its rule; of both metrics, objects first. No rule holds for what is the runtime's own affair.
    pub(super) fn violations(&self) -> Vec<Violation> {
        if self.gate.is_exempt(self.site) {
            return Vec::new();
        }
        match self.gate.rules.for_site(self.gate.key(self.site)) {
            SiteRule::ObjectCount => self.object_count().into_iter().collect(),
            SiteRule::Limits(limits) => self.in_each_metric(|metric| self.limits(limits, metric)),
            SiteRule::Allow(allow) => self.in_each_metric(|metric| self.allow(allow, metric)),
            SiteRule::Budget(budget) => self.in_each_metric(|metric| self.budget(budget, metric)),
        }
    }

    fn in_each_metric(&self, check: impl Fn(Metric) -> Option<Violation>) -> Vec<Violation> {
        [Metric::Objects, Metric::Space].into_iter().filter_map(check).collect()
    }

    /// The object count must not grow significantly. Without bytes there is no size by which to tell a leak, so the
    /// count alone decides.
    fn object_count(&self) -> Option<Violation> {
        let (change, delta) = (&self.change, self.change.delta());
        let evidence = self.gate.evidence;
        let is_violated = if self.counts_bytes() {
            let is_leak = match self.with_evidence {
                true => {
                    self.is_significant()
                        && evidence.net_samples(self.site) >= MIN_GATE_SAMPLES
                        && evidence.growth_kind(self.site, change) == Some(GrowthKind::MoreObjects)
                }
                false => growth_kind_by_values(change.base.into(), change.current.into()) == GrowthKind::MoreObjects,
            };
            let tolerance = TOLERANCE_BYTES.max(Limit::Percent(TOLERANCE_PERCENT).allowed(change.base.space));
            delta.objects > 0 && delta.space > tolerance && is_leak
        } else {
            let share = Limit::Percent(MIN_COUNT_GROWTH_PERCENT).allowed(change.base.objects);
            delta.objects >= share.max(MIN_COUNT_GROWTH) && self.is_significant()
        };
        is_violated.then(|| self.violation(Metric::Objects, BrokenRule::ObjectCount, 0))
    }

    fn limits(&self, limits: Limits, metric: Metric) -> Option<Violation> {
        let limit = limits.on(Scope::Site, metric)?;
        self.exceeds(limit, metric, || BrokenRule::Limit(limit))
    }

    fn allow(&self, allow: &Allow, metric: Metric) -> Option<Violation> {
        let limit = allow.limit(metric)?;
        self.exceeds(limit, metric, || BrokenRule::Allow { limit, reason: allow.reason.clone() })
    }

    /// The budget is what the site was measured to grow by, so even the lower bound must exceed it.
    fn budget(&self, budget: &BudgetSite, metric: Metric) -> Option<Violation> {
        let allowed = budget.allowed(metric);
        let excess = self.change.delta_of(metric) - allowed;
        let size = match metric {
            Metric::Space => 1.0,
            Metric::Objects => object_size(self.change.current),
        };
        let is_tolerated = match self.counts_bytes() {
            true => excess as f64 * size <= TOLERANCE_BYTES as f64,
            false => excess < MIN_COUNT_GROWTH,
        };
        let is_beyond = || {
            let growth = self.gate.evidence.growth_interval(self.site, metric);
            self.is_significant() && growth.is_some_and(|growth| growth.low > allowed as f64)
        };
        (excess > 0 && !is_tolerated && (!self.with_evidence || is_beyond()))
            .then(|| self.violation(metric, BrokenRule::Budget, allowed))
    }

    fn exceeds(&self, limit: Limit, metric: Metric, rule: impl Fn() -> BrokenRule) -> Option<Violation> {
        let allowed = limit.allowed(self.change.base_of(metric));
        let delta = self.change.delta_of(metric);
        let is_beyond_noise = || match self.with_evidence && self.gate.evidence.is_unknown(self.site) {
            true => metric == Metric::Space && self.gate.exceeds_any_noise(&self.change, delta, allowed),
            false => self.is_significant(),
        };
        let is_exceeded = delta > allowed && is_beyond_noise();
        (is_exceeded && !self.gate.is_tolerated(limit, &self.change, metric))
            .then(|| self.violation(metric, rule(), allowed))
    }

    fn is_significant(&self) -> bool {
        !self.with_evidence || self.gate.evidence.is_gate_significant(self.site)
    }

    fn counts_bytes(&self) -> bool {
        self.gate.deltas.counts(Metric::Space)
    }

    fn violation(&self, metric: Metric, rule: BrokenRule, allowed: i128) -> Violation {
        let p_value = if self.with_evidence { self.gate.evidence.p_value(self.site) } else { None };
        Violation { metric, rule, allowed, delta: self.change.delta_of(metric), p_value, site: Some(self.site) }
    }
}

/// Mean size of objects, bytes.
pub(super) fn object_size(values: Values) -> f64 {
    values.space.max(1) as f64 / values.objects.max(1) as f64
}
