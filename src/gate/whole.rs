//! Applies the rules to the whole heap: the tolerance, which growth spread over many sites exceeds, and limits.

use std::cmp::Reverse;

use super::judge::{Gate, exceeds};
use super::sites::floor;
use super::thresholds::total_tolerance;
use super::{BrokenRule, Scope, Violation};
use crate::diff::{Change, Metric};
use crate::evidence::{GATE_ALPHA, Interval};

/// Sites that a violation by the whole heap names.
const MOST_GROWN: usize = 3;

const METRICS: [Metric; 2] = [Metric::Objects, Metric::Space];

/// The whole heap.
pub(super) struct Total {
    pub(super) change: Change,
    /// The bounds of its growth in a metric; `None` if chance is ignored, or its part is unknown.
    pub(super) bounds: Option<Interval>,
    /// Whether the runtime counted it, so that chance plays no part.
    pub(super) is_counted: bool,
}

impl Total {
    fn exceeds(&self, metric: Metric, allowed: i128, ignores_chance: bool) -> bool {
        let is_certain = self.bounds.map_or(ignores_chance, |growth| exceeds(growth, allowed));
        is_certain && self.change.delta_of(metric) > allowed
    }
}

/// The bounds of what is no estimate.
fn known(delta: i128) -> Interval {
    let delta = delta as f64;
    Interval { estimate: delta, low: delta, high: delta }
}

impl Gate<'_, '_, '_> {
    /// Violations by the whole heap. `of_sites`: those by sites.
    pub(super) fn total_violations(&self, of_sites: &[Violation]) -> Vec<Violation> {
        let limits = METRICS.into_iter().filter_map(|metric| self.total_limit(metric));
        limits.chain(self.total_tolerance(of_sites)).collect()
    }

    /// Growth beyond a limit of the user's own, which also is significant.
    fn total_limit(&self, metric: Metric) -> Option<Violation> {
        let limit = self.rules.limits.on(Scope::Total, metric)?;
        let total = self.best_total(metric);
        // Without a test, the bounds decide alone.
        let is_significant = || {
            let p_value = if total.is_counted { None } else { self.evidence.total_p_value() };
            self.rules.ignore_evidence || p_value.is_none_or(|p| p <= GATE_ALPHA)
        };
        if self.is_tolerated(limit, &total.change, metric) || !is_significant() {
            return None;
        }
        self.total_beyond(metric, &total, limit.allowed(total.change.base_of(metric)), BrokenRule::Limit(limit))
    }

    /// Growth beyond the tolerance, and beyond that of single sites which is accepted, or fails by itself.
    fn total_tolerance(&self, of_sites: &[Violation]) -> Option<Violation> {
        let (total, allowed) = self.tolerance_of_total(self.failing(of_sites))?;
        self.total_beyond(Metric::Space, &total, allowed, BrokenRule::Tolerance)
    }

    /// Bytes that the sites grew by that fail by themselves.
    fn failing(&self, of_sites: &[Violation]) -> i128 {
        let by_site = of_sites.chunk_by(|a, b| a.site == b.site).filter_map(|violations| violations.first()?.site);
        by_site.map(|site| self.change(site).delta().space.max(0)).sum()
    }

    /// Whether the whole heap is within the tolerance only for what exceptions accept.
    pub(super) fn is_whole_accepted(&self, of_sites: &[Violation]) -> bool {
        let Some(share) = self.rules.total_tolerance(self.deltas) else { return false };
        let failing = self.failing(of_sites);
        let total = if failing == 0 { self.best_total(Metric::Space) } else { self.sampled_total(Metric::Space) };
        let allowed = total_tolerance(share, total.change.base.space) + failing;
        total.exceeds(Metric::Space, allowed, self.rules.ignore_evidence) && self.total_tolerance(of_sites).is_none()
    }

    /// What the tolerance is for, and the bytes that it may grow by; `None` if no tolerance holds. `failing`: growth of
    /// sites that fail by themselves. Growth of sites, which is sampled, is taken off only from what was sampled as well.
    pub(super) fn tolerance_of_total(&self, failing: i128) -> Option<(Total, i128)> {
        let beyond = self.accepted_beyond_share() + failing;
        let total = if beyond == 0 { self.best_total(Metric::Space) } else { self.sampled_total(Metric::Space) };
        let allowed = total_tolerance(self.rules.total_tolerance(self.deltas)?, total.change.base.space) + beyond;
        Some((total, allowed))
    }

    /// Bytes that the heap may grow by, as its samples tell; `None` if no tolerance holds for it.
    pub(super) fn total_allowed(&self) -> Option<i128> {
        let share = self.rules.total_tolerance(self.deltas)?;
        Some(total_tolerance(share, self.deltas.total().base.space) + self.accepted_beyond_share())
    }

    /// Bytes that the heap may grow by beside its tolerance.
    fn accepted_beyond_share(&self) -> i128 {
        let base = self.deltas.total().base;
        self.accepted_growth().max(0) + self.rules.budget.as_ref().map_or(0, |budget| budget.total_allowed(base))
    }

    fn total_beyond(&self, metric: Metric, total: &Total, allowed: i128, rule: BrokenRule) -> Option<Violation> {
        let is_untested = self.rules.ignore_evidence || total.is_counted;
        total.exceeds(metric, allowed, self.rules.ignore_evidence).then(|| Violation {
            metric,
            rule,
            allowed,
            delta: total.change.delta_of(metric),
            low: total.bounds.map(|growth| floor(growth.low)),
            p_value: if is_untested { None } else { self.evidence.total_p_value() },
            most_grown: self.most_grown(metric),
            site: None,
        })
    }

    /// The few sites that grew most.
    fn most_grown(&self, metric: Metric) -> Vec<usize> {
        let delta = |site: usize| self.change(site).delta_of(metric);
        let mut grown: Vec<_> = (0..self.deltas.sites.len()).filter(|&site| delta(site) > 0).collect();
        grown.sort_by_cached_key(|&site| (Reverse(delta(site)), self.key(site)));
        grown.truncate(MOST_GROWN);
        grown
    }

    /// Whether the heap grew by more bytes than allowed, as its samples tell.
    pub(super) fn total_exceeds(&self, allowed: i128) -> bool {
        self.sampled_total(Metric::Space).exceeds(Metric::Space, allowed, self.rules.ignore_evidence)
    }

    /// What is best known of the whole heap.
    pub(super) fn best_total(&self, metric: Metric) -> Total {
        self.counted_total(metric).unwrap_or_else(|| self.sampled_total(metric))
    }

    /// What the runtime counted.
    fn counted_total(&self, metric: Metric) -> Option<Total> {
        let [base, current] = self.counted.of(metric)?;
        let mut change = self.deltas.total();
        change.set(metric, [base, current]);
        Some(Total { change, bounds: Some(known(current - base)), is_counted: true })
    }

    fn sampled_total(&self, metric: Metric) -> Total {
        let change = self.deltas.total();
        let bounds = match self.deltas.counts(Metric::Space) {
            _ if self.rules.ignore_evidence => None,
            true => self.evidence.total_growth_interval(metric).or_else(|| self.total_noise_bounds(metric)),
            // Things without a size are counted one by one.
            false => self.evidence.total_p_value().map(|_| known(change.delta_of(metric))),
        };
        Total { change, bounds, is_counted: false }
    }

    /// The bounds of growth in bytes where no site's samples can be counted.
    fn total_noise_bounds(&self, metric: Metric) -> Option<Interval> {
        let is_uncounted = (0..self.deltas.sites.len()).all(|site| self.evidence.is_unknown(site));
        let total = self.deltas.total();
        self.noise_bounds(&total).filter(|_| is_uncounted && metric == Metric::Space)
    }
}

#[cfg(test)]
mod tests {
    use super::super::thresholds::Tolerances;
    use super::*;
    use crate::evidence::{BucketTurnover, SideWeights, growth_interval};
    use crate::gate::Limit;
    use crate::site::Rate;

    const RATE: i64 = 512 << 10;

    /// The bounds of growth of objects: size, born, died.
    fn growth(rate: i64, moved: &[(u64, u64, u64)]) -> Interval {
        let buckets: Vec<_> =
            moved.iter().map(|&(size, born, died)| BucketTurnover { size, born, died, is_usual: false }).collect();
        growth_interval(&buckets, Rate::new(rate), SideWeights::SUM, 0.025, Metric::Space)
    }

    #[test]
    fn a_site_fails_by_its_lower_bound() {
        let fails = |rate, born, died| exceeds(growth(rate, &[(64, born, died)]), Tolerances::OF_HEAPS.site(0));
        assert_eq!([(20, 5), (7, 0), (4, 0)].map(|(born, died)| fails(RATE, born, died)), [true, true, false]);
        assert_eq!([(20, 5), (7, 0)].map(|(born, died)| fails(4096, born, died)), [false, false]);
        assert_eq!(floor(growth(4096, &[(64, 20, 5)]).low), 19_929);
    }

    #[test]
    fn a_heap_fails_by_its_lower_bound() {
        const MIB: i128 = 1 << 20;
        let spread = growth(RATE, &[(64, 6, 0), (48, 5, 0), (80, 4, 1), (32, 6, 1), (96, 5, 0), (128, 4, 0)]);
        // At least 8.5 MiB.
        let fails = |base: i128| exceeds(spread, total_tolerance(Limit::Percent(15.0), base));
        assert_eq!([0, 56 * MIB, 57 * MIB].map(fails), [true, true, false]);
        assert_eq!(total_tolerance(Limit::Percent(15.0), 6 * MIB), MIB);
        assert_eq!(total_tolerance(Limit::Absolute(4 * MIB), 6 * MIB), 4 * MIB);
    }
}
