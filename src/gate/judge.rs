//! Applies the rules to a comparison.

use super::thresholds::{MIN_COUNT_GROWTH, MIN_SETTLED_SHARE, Tolerances};
use super::{GateResult, Limit, Reason, Rules, Status, Violation};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::evidence::{Evidence, GATE_ALPHA, INTERVAL_ALPHA, Interval};
use crate::site::SiteKey;

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a, 't, 'p> {
    /// Both sides.
    pub deltas: &'a Deltas<'t, 'p>,
    /// Which of the growth is significant.
    pub evidence: &'a Evidence,
    /// Whether usual growth was subtracted, so that a warm-up does not show.
    pub is_beyond_usual: bool,
    /// Whether filters left out some sites.
    pub is_partial: bool,
    /// The whole heap, as far as the runtime counted it.
    pub counted: CountedHeap,
}

/// The whole heap at both ends, by what the runtime counted of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct CountedHeap {
    /// Number of objects.
    pub objects: Option<[i128; 2]>,
    /// Bytes.
    pub space: Option<[i128; 2]>,
}

impl CountedHeap {
    /// What was counted in a metric.
    pub(super) fn of(self, metric: Metric) -> Option<[i128; 2]> {
        if metric == Metric::Space { self.space } else { self.objects }
    }
}

/// Judges a comparison by the rules.
///
/// `settled`: a later comparison with the same base; growth that is gone in it does not count.
pub fn judge(comparison: Comparison<'_, '_, '_>, settled: Option<&Deltas<'_, '_>>, rules: &Rules) -> GateResult {
    let Comparison { deltas, evidence, is_beyond_usual, .. } = comparison;
    let gate = Gate::new(comparison, rules);
    let mut violations = gate.site_violations();
    let accepted = gate.accepted(&violations);
    let total = gate.total_violations(&violations);
    violations.extend(total);
    let mut reasons = Vec::new();
    if let Some(settled) = settled {
        let before = violations.len();
        violations.retain(|violation| gate.is_still_there(violation, settled));
        if violations.len() < before {
            reasons.push(Reason::GoneWhenSettled);
        }
    } else if !is_beyond_usual && evidence.process_relation().is_same() && !violations.is_empty() {
        reasons.push(Reason::LeakOrWarmUp);
    }
    let work = gate.drop_work(&mut violations);
    let doubts = match work {
        Some(doubt) => vec![doubt],
        None if violations.is_empty() => gate.doubts(),
        None => Vec::new(),
    };
    let status = match (violations.is_empty(), doubts.is_empty()) {
        (false, _) => Status::Fail,
        (true, false) => Status::Inconclusive,
        (true, true) => Status::Pass,
    };
    reasons.extend(doubts.into_iter().map(Reason::Doubt));
    reasons.extend(gate.exceptions_to_review());
    let rules = rules.applied(deltas);
    GateResult {
        status,
        reasons,
        rules,
        violations,
        power: gate.power(),
        must_see: gate.must_see(),
        accepted,
        leaked: Vec::new(),
    }
}

/// The result for sides that should not be compared at all: inconclusive by any rules.
pub fn unjudged(deltas: &Deltas<'_, '_>, rules: &Rules) -> GateResult {
    GateResult {
        status: Status::Inconclusive,
        reasons: Vec::new(),
        rules: rules.applied(deltas),
        violations: Vec::new(),
        leaked: Vec::new(),
        power: Vec::new(),
        must_see: None,
        accepted: Vec::new(),
    }
}

/// Whether growth exceeds what is allowed even at its lower bound.
pub(super) fn exceeds(growth: Interval, allowed: i128) -> bool {
    growth.low > allowed as f64
}

/// The gate's level, shared by the sites whose natural variation by itself could exceed the tolerance (Bonferroni).
fn natural_level(deltas: &Deltas<'_, '_>, evidence: &Evidence) -> f64 {
    let may_exceed = |&site: &usize| {
        let base = deltas.change(&deltas.sites[site], Attribution::Flat).base.space;
        let tolerance = Tolerances::of(deltas).site(base) as f64;
        let variation = evidence.variation(site).filter(|_| !deltas.sites[site].is_exempt());
        variation.is_some_and(|variation| variation.half_width(INTERVAL_ALPHA, Metric::Space) > tolerance)
    };
    let many = (0..deltas.sites.len()).filter(may_exceed).count();
    GATE_ALPHA / many.max(1) as f64
}

/// A comparison and the rules it is held to. Sites have their indexes in [`Deltas::sites`].
pub(super) struct Gate<'a, 't, 'p> {
    pub(super) deltas: &'a Deltas<'t, 'p>,
    pub(super) evidence: &'a Evidence,
    pub(super) rules: &'a Rules,
    /// As in [`Comparison`].
    pub(super) is_partial: bool,
    /// As in [`Comparison`]; nothing also if growth counts as measured.
    pub(super) counted: CountedHeap,
    /// Level at which the growth of a site must be distinguished from its natural variation.
    pub(super) natural_level: f64,
}

impl<'a, 't, 'p> Gate<'a, 't, 'p> {
    pub(super) fn new(comparison: Comparison<'a, 't, 'p>, rules: &'a Rules) -> Self {
        let Comparison { deltas, evidence, is_partial, counted, .. } = comparison;
        let counted = if rules.ignore_evidence { CountedHeap::default() } else { counted };
        let natural_level = natural_level(deltas, evidence);
        Gate { deltas, evidence, rules, is_partial, counted, natural_level }
    }

    /// What is natural variation of what is compared.
    pub(super) fn tolerances(&self) -> Tolerances {
        Tolerances::of(self.deltas)
    }

    pub(super) fn key(&self, site: usize) -> SiteKey<'p> {
        self.deltas.key(&self.deltas.sites[site])
    }

    /// What a site allocates itself, on both sides.
    pub(super) fn change(&self, site: usize) -> Change {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat)
    }

    /// The bounds of growth in bytes where samples cannot be counted, as they do not say how large their objects are: the
    /// variance of `B` bytes is at most `B` times the rate. `None` if the rate is unknown.
    pub(super) fn noise_bounds(&self, change: &Change) -> Option<Interval> {
        /// One in two thousand, as many sites are looked at.
        const Z: f64 = 3.3;
        let [base, current] = [self.deltas.base, self.deltas.current].map(|side| side.scale().factors().space);
        let bytes = change.base.space.abs() as f64 * base + change.current.space.abs() as f64 * current;
        let noise = Z * (bytes * self.evidence.rate()?.bytes()).sqrt();
        let estimate = change.delta().space as f64;
        Some(Interval { estimate, low: estimate - noise, high: estimate + noise })
    }

    /// Whether growth from nothing, which exceeds any percentage, is too small to matter.
    pub(super) fn is_tolerated(&self, limit: Limit, change: &Change, metric: Metric) -> bool {
        let from_nothing = matches!(limit, Limit::Percent(_)) && change.base_of(metric) <= 0;
        let is_small = match self.deltas.counts(Metric::Space) {
            true => change.delta_of(Metric::Space) <= self.tolerances().site_bytes,
            false => change.delta_of(Metric::Objects) < MIN_COUNT_GROWTH,
        };
        from_nothing && is_small
    }

    /// Whether the amount of a violation is still there in a later comparison with the same base; it need not be
    /// significant there.
    fn is_still_there(&self, violation: &Violation, later: &Deltas<'_, '_>) -> bool {
        let change = match violation.site {
            Some(site) => {
                let key = self.key(site);
                let found = later.sites.iter().find(|site| later.key(site) == key);
                found.map_or(Change::default(), |site| later.change(site, Attribution::Flat))
            }
            None => later.total(),
        };
        let left = change.delta_of(violation.metric);
        left > violation.allowed && left as f64 >= violation.delta as f64 * MIN_SETTLED_SHARE
    }
}
