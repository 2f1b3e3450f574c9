//! Applies the rules to each site: the tolerance, limits, exceptions and budget.

use std::cmp::Reverse;

use super::judge::{Gate, exceeds};
use super::site_rule::SiteRule;
use super::thresholds::{
    MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT, MIN_GATE_SAMPLES, MIN_OPERATION_OBJECTS, OPERATION_DEVIATIONS,
};
use super::{Allow, BrokenRule, BudgetSite, Limit, Limits, Scope, Violation};
use crate::diff::{Change, Metric};
use crate::evidence::{GrowthKind, Interval, growth_kind_by_values};
use crate::site::{Rate, Values};

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
        self.violations_of(&self.gate.rule_for(self.site))
    }

    /// How it breaks a rule.
    pub(super) fn violations_of(&self, rule: &SiteRule<'_>) -> Vec<Violation> {
        match *rule {
            SiteRule::Exempt => Vec::new(),
            SiteRule::Tolerance => self.tolerance().into_iter().collect(),
            SiteRule::Limits(limits) => self.in_each_metric(|metric| self.limits(limits, metric)),
            SiteRule::Allow(allow) => self.in_each_metric(|metric| self.allow(allow, metric)),
            SiteRule::Budget(budget) => self.in_each_metric(|metric| self.budget(budget, metric)),
        }
    }

    /// Whether its bytes grew significantly, and by more than is tolerated, without breaking its rule.
    pub(super) fn grew_unjudged(&self) -> bool {
        let tolerance = self.gate.tolerances().site(self.change.base.space);
        self.exceeds(tolerance, Metric::Space) && self.violations().is_empty()
    }

    fn in_each_metric(&self, check: impl Fn(Metric) -> Option<Violation>) -> Vec<Violation> {
        [Metric::Objects, Metric::Space].into_iter().filter_map(check).collect()
    }

    /// The site must not grow significantly in objects, and even the lower bound of its growth must be within the
    /// tolerance. Without bytes there is no size by which to tell a leak, so the count alone decides.
    fn tolerance(&self) -> Option<Violation> {
        match () {
            () if self.gate.deltas.is_per_operation() => self.growth_per_operation(),
            () if self.counts_bytes() => self.growth_in_objects(),
            () => self.growth_in_number(),
        }
    }

    /// What an operation allocates costs time whether it is more objects or larger ones.
    fn growth_per_operation(&self) -> Option<Violation> {
        let (change, tolerances, evidence) = (&self.change, self.gate.tolerances(), self.gate.evidence);
        if self.with_evidence && self.counts_bytes() && evidence.net_samples(self.site) < MIN_GATE_SAMPLES {
            return None;
        }
        let allowed = [tolerances.site_share(change.base.objects), tolerances.site(change.base.space)];
        // Significance is by bytes, which may fall where objects rise; of what was counted, it adds nothing.
        let is_exact = evidence.rate().is_some_and(Rate::is_exact);
        let exceeds = |metric: Metric, allowed: i128, least: f64| {
            let is_beyond = match self.bounds(metric) {
                Some(growth) => growth.low > least.max(allowed as f64) && (is_exact || self.is_significant()),
                None => self.is_significant(),
            };
            is_beyond && change.delta_of(metric) > allowed
        };
        let broken = |metric, allowed| self.violation(metric, BrokenRule::Tolerance, allowed);
        // Values are rounded, so that one object more may be next to none.
        if exceeds(Metric::Objects, allowed[0], MIN_OPERATION_OBJECTS) {
            return Some(broken(Metric::Objects, allowed[0]));
        }
        let chance = evidence.deviation_by_chance(self.site) * OPERATION_DEVIATIONS;
        exceeds(Metric::Space, allowed[1], allowed[1] as f64 + chance).then(|| broken(Metric::Space, allowed[1]))
    }

    fn growth_in_objects(&self) -> Option<Violation> {
        let (change, evidence) = (&self.change, self.gate.evidence);
        let tolerance = self.gate.tolerances().site(change.base.space);
        if change.delta().objects <= 0 || !self.exceeds(tolerance, Metric::Space) {
            return None;
        }
        let is_in_objects = match self.with_evidence {
            true => {
                evidence.net_samples(self.site) >= MIN_GATE_SAMPLES
                    && evidence.growth_kind(self.site, change) == Some(GrowthKind::MoreObjects)
            }
            false => growth_kind_by_values(change.base.into(), change.current.into()) == GrowthKind::MoreObjects,
        };
        is_in_objects.then(|| self.violation(Metric::Space, BrokenRule::Tolerance, tolerance))
    }

    fn growth_in_number(&self) -> Option<Violation> {
        let base = self.change.base.objects;
        let tolerance = Limit::Percent(MIN_COUNT_GROWTH_PERCENT).allowed(base).max(MIN_COUNT_GROWTH) - 1;
        let is_violated = self.exceeds(tolerance, Metric::Objects);
        is_violated.then(|| self.violation(Metric::Objects, BrokenRule::Tolerance, tolerance))
    }

    fn limits(&self, limits: Limits, metric: Metric) -> Option<Violation> {
        let limit = limits.on(Scope::Site, metric)?;
        self.limit(limit, metric, || BrokenRule::Limit(limit))
    }

    fn allow(&self, allow: &Allow, metric: Metric) -> Option<Violation> {
        let limit = allow.limit(metric)?;
        self.limit(limit, metric, || BrokenRule::Allow { limit, reason: allow.reason.clone() })
    }

    /// What a budget tolerates beyond it is what the tolerance does of a site without a base.
    fn budget(&self, budget: &BudgetSite, metric: Metric) -> Option<Violation> {
        let allowed = budget.allowed(metric, self.change.base);
        let excess = self.change.delta_of(metric) - allowed;
        let size = match metric {
            Metric::Space => 1.0,
            Metric::Objects => object_size(self.change.current),
        };
        let is_tolerated = match self.counts_bytes() {
            true => excess as f64 * size <= self.gate.tolerances().site_bytes as f64,
            false => excess < MIN_COUNT_GROWTH,
        };
        (!is_tolerated && self.exceeds(allowed, metric)).then(|| self.violation(metric, BrokenRule::Budget, allowed))
    }

    fn limit(&self, limit: Limit, metric: Metric, rule: impl Fn() -> BrokenRule) -> Option<Violation> {
        let allowed = limit.allowed(self.change.base_of(metric));
        (self.exceeds(allowed, metric) && !self.gate.is_tolerated(limit, &self.change, metric))
            .then(|| self.violation(metric, rule(), allowed))
    }

    /// Whether it grew significantly, and even the lower bound of its growth exceeds what is allowed.
    fn exceeds(&self, allowed: i128, metric: Metric) -> bool {
        let is_certain = match self.bounds(metric) {
            // No test is possible, but the bound is one by itself.
            Some(growth) if self.is_unknown() => exceeds(growth, allowed),
            Some(growth) => self.is_significant() && exceeds(growth, allowed),
            None => self.is_significant(),
        };
        is_certain && self.change.delta_of(metric) > allowed
    }

    /// The bounds of its growth; `None` if it is a number, not an estimate, as chance is ignored or there are no bytes by
    /// which it was sampled; or if nothing is known.
    fn bounds(&self, metric: Metric) -> Option<Interval> {
        if !self.with_evidence || !self.counts_bytes() {
            return None;
        }
        match self.is_unknown() {
            true => self.gate.noise_bounds(&self.change).filter(|_| metric == Metric::Space),
            false => self.gate.evidence.growth_interval(self.site, metric),
        }
    }

    fn is_unknown(&self) -> bool {
        self.with_evidence && self.gate.evidence.is_unknown(self.site)
    }

    fn is_significant(&self) -> bool {
        let evidence = self.gate.evidence;
        let is_natural = || evidence.variation(self.site).is_some_and(|of| of.p_value() > self.gate.natural_level);
        !self.with_evidence || evidence.is_gate_significant(self.site) && !is_natural()
    }

    fn counts_bytes(&self) -> bool {
        self.gate.deltas.counts(Metric::Space)
    }

    fn violation(&self, metric: Metric, rule: BrokenRule, allowed: i128) -> Violation {
        let p_value = if self.with_evidence { self.gate.evidence.p_value(self.site) } else { None };
        let delta = self.change.delta_of(metric);
        let low = self.with_evidence.then(|| self.bounds(metric).map_or(delta, |growth| floor(growth.low)));
        Violation { metric, rule, allowed, delta, low, p_value, most_grown: Vec::new(), site: Some(self.site) }
    }
}

/// Rounds a lower bound outwards, as reports do.
#[allow(clippy::cast_possible_truncation, reason = "saturates")]
pub(super) fn floor(bound: f64) -> i128 {
    bound.floor() as i128
}

/// Mean size of objects, bytes.
pub(super) fn object_size(values: Values) -> f64 {
    values.space.max(1) as f64 / values.objects.max(1) as f64
}
