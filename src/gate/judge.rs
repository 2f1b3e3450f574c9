//! Applies the rules to a comparison.

use super::thresholds::{MIN_COUNT_GROWTH, MIN_SETTLED_SHARE, TOLERANCE_BYTES};
use super::{BrokenRule, GateResult, Limit, Reason, Rules, Scope, Status, Violation};
use crate::diff::{Attribution, Change, Deltas, Metric};
use crate::evidence::{Evidence, GATE_ALPHA};
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
}

/// Judges a comparison by the rules.
///
/// `settled`: a later comparison with the same base; growth that is gone in it does not count.
pub fn judge(comparison: Comparison<'_, '_, '_>, settled: Option<&Deltas<'_, '_>>, rules: &Rules) -> GateResult {
    let Comparison { deltas, evidence, is_beyond_usual } = comparison;
    let gate = Gate { deltas, evidence, rules };
    let mut violations = gate.site_violations();
    violations.extend(gate.total_violations());
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
    GateResult { status, reasons, rules: rules.applied(deltas.counts(Metric::Space)), violations, leaked: Vec::new() }
}

/// The result for sides that should not be compared at all: inconclusive by any rules.
pub fn unjudged(deltas: &Deltas<'_, '_>, rules: &Rules) -> GateResult {
    GateResult {
        status: Status::Inconclusive,
        reasons: Vec::new(),
        rules: rules.applied(deltas.counts(Metric::Space)),
        violations: Vec::new(),
        leaked: Vec::new(),
    }
}

/// A comparison and the rules it is held to. Sites have their indexes in [`Deltas::sites`].
pub(super) struct Gate<'a, 't, 'p> {
    pub(super) deltas: &'a Deltas<'t, 'p>,
    pub(super) evidence: &'a Evidence,
    pub(super) rules: &'a Rules,
}

impl<'p> Gate<'_, '_, 'p> {
    pub(super) fn key(&self, site: usize) -> SiteKey<'p> {
        self.deltas.key(&self.deltas.sites[site])
    }

    /// Whether no rule holds for a site.
    pub(super) fn is_exempt(&self, site: usize) -> bool {
        self.deltas.sites[site].is_exempt()
    }

    /// What a site allocates itself, on both sides.
    pub(super) fn change(&self, site: usize) -> Change {
        self.deltas.change(&self.deltas.sites[site], Attribution::Flat)
    }

    /// Violations by the whole heap.
    fn total_violations(&self) -> impl Iterator<Item = Violation> {
        let total = self.deltas.total();
        let p_value = if self.rules.ignore_evidence { None } else { self.evidence.total_p_value() };
        let is_uncounted = (0..self.deltas.sites.len()).all(|site| self.evidence.is_unknown(site));
        let is_significant = move |metric: Metric, delta: i128, allowed: i128| match p_value {
            _ if self.rules.ignore_evidence => true,
            Some(p) => p <= GATE_ALPHA,
            None => metric == Metric::Space && is_uncounted && self.exceeds_any_noise(&total, delta, allowed),
        };
        let violation = move |metric: Metric| {
            let limit = self.rules.limits.on(Scope::Total, metric)?;
            let (allowed, delta) = (limit.allowed(total.base_of(metric)), total.delta_of(metric));
            let is_violated =
                delta > allowed && is_significant(metric, delta, allowed) && !self.is_tolerated(limit, &total, metric);
            let rule = BrokenRule::Limit(limit);
            is_violated.then_some(Violation { metric, rule, allowed, delta, p_value, site: None })
        };
        [Metric::Objects, Metric::Space].into_iter().filter_map(violation)
    }

    /// Whether growth in bytes exceeds a limit by more than sampling noise can be, where samples cannot be counted as
    /// they do not say how large their objects are: the variance of `B` bytes is at most `B` times the rate.
    pub(super) fn exceeds_any_noise(&self, change: &Change, delta: i128, allowed: i128) -> bool {
        /// One in two thousand, as many sites are looked at.
        const Z: f64 = 3.3;
        let Some(rate) = self.evidence.rate() else { return false };
        let bytes = (change.base.space.abs() + change.current.space.abs()) as f64;
        (delta - allowed) as f64 > Z * (bytes * rate.bytes()).sqrt()
    }

    /// Whether growth from nothing, which exceeds any percentage, is too small to matter.
    pub(super) fn is_tolerated(&self, limit: Limit, change: &Change, metric: Metric) -> bool {
        let from_nothing = matches!(limit, Limit::Percent(_)) && change.base_of(metric) <= 0;
        let is_small = match self.deltas.counts(Metric::Space) {
            true => change.delta_of(Metric::Space) <= TOLERANCE_BYTES,
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
