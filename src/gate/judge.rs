//! Applies the rules to every site and to the whole.

use super::budget::label;
use super::{Allow, BudgetSite, GateResult, Limit, Limits, Rules, Scope, Status, Violation};
use crate::diff::{Attribution, Change, Delta, Deltas, Metric};
use crate::evidence::{Evidence, GATE_ALPHA, GrowthClass, Process, Unit, class_of_levels};
use crate::order::sorted;
use crate::site::{Name, SiteKey, Values, wildcard_matches};

/// What is judged.
#[derive(Debug, Clone, Copy)]
pub struct Comparison<'a, 't, 'p> {
    /// Both sides.
    pub deltas: &'a Deltas<'t, 'p>,
    /// How sure they are.
    pub evidence: &'a Evidence,
    /// Whether usual growth was taken off, so that a warm-up does not show.
    pub is_beyond_usual: bool,
}

/// Growth of less than this, or than [`TOLERANCE_SHARE`] of the site, is natural variation.
const TOLERANCE: i128 = 64 << 10;
const TOLERANCE_SHARE: f64 = 5.0;
/// What is counted one by one, such as goroutines, grows when it grows by so many, and by this share.
const COUNT_TOLERANCE: i128 = 10;
const COUNT_SHARE: f64 = 10.0;
const COUNT_MEANS: &str = "no site surely grows by 10 and 10 % of it at least";
/// Fewer samples may be one large buffer that happens to live.
const NET_SAMPLES: f64 = 3.0;

const OBJECT_COUNT_RULE: &str = "object count";
const OBJECT_COUNT_MEANS: &str = "no site surely grows in objects, by 3 samples, 64 KiB and 5 % of it at least";
/// What is left of a growth of which this share is gone again is noise.
const SETTLED_SHARE: f64 = 0.25;

/// Judges `seen` by the rules.
///
/// `settled`: a later comparison with the same base; what has gone again until then does not count.
/// `incomparable`: why the sides should not be compared at all, a sentence each.
pub fn judge(
    seen: Comparison<'_, '_, '_>,
    settled: Option<Comparison<'_, '_, '_>>,
    rules: &Rules,
    incomparable: Vec<String>,
) -> GateResult {
    let limits = describe(rules, seen.deltas.counts(Metric::Space));
    if !incomparable.is_empty() {
        return GateResult { status: Status::Inconclusive, reasons: incomparable, limits, violations: Vec::new() };
    }
    let gate = Gate { seen, rules };
    let mut violations = sorted(gate.sites(), |a, b| {
        gate.badness(b).cmp(&gate.badness(a)).then_with(|| gate.order(a).cmp(&gate.order(b)))
    });
    violations.extend(gate.totals());
    let mut reasons = Vec::new();
    if let Some(settled) = settled {
        let before = violations.len();
        violations.retain(|violation| gate.is_still_there(violation, settled.deltas));
        if violations.len() < before {
            reasons.push("some of what grew is gone again in the settled profile, and does not count".to_owned());
        }
    }
    if settled.is_none() && !seen.is_beyond_usual && gate.is_one_process() && !violations.is_empty() {
        reasons.push(
            "two snapshots cannot tell a leak from a warm-up: take the base after the warm-up, or give a third profile \
             with --settled"
                .to_owned(),
        );
    }
    let mut doubts = gate.doubt_of_metrics();
    if !rules.ignore_evidence {
        doubts.extend(gate.doubts());
    }
    let status = match (violations.is_empty(), doubts.is_empty()) {
        (false, _) => Status::Fail,
        (true, false) => Status::Inconclusive,
        (true, true) => Status::Pass,
    };
    if status == Status::Inconclusive {
        reasons.extend(doubts);
    }
    GateResult { status, reasons, limits, violations }
}

/// The rules, as people write them. `with_bytes`: whether the profiles count bytes.
fn describe(rules: &Rules, with_bytes: bool) -> Vec<String> {
    let Limits { site_objects, site_space, total_objects, total_space } = rules.limits;
    let named = [
        ("max-site-objects", site_objects),
        ("max-site-space", site_space),
        ("max-total-objects", total_objects),
        ("max-total-space", total_space),
    ];
    let mut limits: Vec<_> =
        named.iter().filter_map(|(name, limit)| limit.map(|limit| format!("{name} {limit}"))).collect();
    if rules.limits.is_empty() {
        let means = if with_bytes { OBJECT_COUNT_MEANS } else { COUNT_MEANS };
        limits.push(format!("{OBJECT_COUNT_RULE}: {means}"));
    }
    if let Some(budget) = &rules.budget {
        limits.push(format!("budget of {}", sites(budget.sites.len())));
    }
    limits
}

pub(super) fn sites(count: usize) -> String {
    if count == 1 { "1 site".to_owned() } else { format!("{count} sites") }
}

/// A comparison and the rules it is held to.
pub(super) struct Gate<'a, 't, 'p> {
    pub(super) seen: Comparison<'a, 't, 'p>,
    pub(super) rules: &'a Rules,
}

/// What holds for a site.
pub(super) enum Rule<'a> {
    ObjectCount,
    Limits(Limits),
    Allow(&'a Allow),
    Budget(&'a BudgetSite),
}

impl<'p> Gate<'_, '_, 'p> {
    pub(super) fn key(&self, site: usize) -> SiteKey<'p> {
        self.seen.deltas.key(&self.seen.deltas.sites[site])
    }

    fn is_one_process(&self) -> bool {
        self.seen.evidence.process() != Process::Different
    }

    /// What a site allocates itself.
    pub(super) fn change(&self, site: &Delta) -> Change {
        self.seen.deltas.change(site, Attribution::Flat)
    }

    fn sites(&self) -> Vec<Violation> {
        let all = self.seen.deltas.sites.iter().enumerate();
        let grown = all.filter(|(_, site)| {
            let delta = self.change(site).delta();
            delta.space > 0 || delta.objects > 0
        });
        grown.flat_map(|(at, _)| self.site(at, !self.rules.ignore_evidence)).collect()
    }

    /// What is wrong with a site. `with_evidence`: only if it is sure.
    pub(super) fn site(&self, site: usize, with_evidence: bool) -> Vec<Violation> {
        let change = self.change(&self.seen.deltas.sites[site]);
        let violation = |metric: Metric, limit: String, allowed: i128| Violation {
            scope: Scope::Site,
            metric,
            limit,
            allowed,
            delta: change.delta_of(metric),
            p_value: if with_evidence { self.seen.evidence.p_value(site) } else { None },
            site: Some(site),
        };
        let sure = !with_evidence || self.seen.evidence.is_gate_significant(site);
        let exceeds = |metric: Metric, limit: Limit| {
            let allowed = limit.allowed(change.base_of(metric));
            let exceeded = change.delta_of(metric) > allowed && !self.is_tolerated(limit, &change, metric);
            (sure && exceeded).then_some(allowed)
        };
        let mut found = Vec::new();
        match self.rule(site) {
            Rule::ObjectCount => {
                if self.multiplies(site, &change, with_evidence) {
                    found.push(violation(Metric::Objects, OBJECT_COUNT_RULE.to_owned(), 0));
                }
            }
            Rule::Limits(limits) => {
                for (metric, name) in [(Metric::Objects, "max-site-objects"), (Metric::Space, "max-site-space")] {
                    let limit = limits.site(metric);
                    if let Some((limit, allowed)) = limit.and_then(|limit| Some((limit, exceeds(metric, limit)?))) {
                        found.push(violation(metric, format!("{name} {limit}"), allowed));
                    }
                }
            }
            Rule::Allow(allow) => {
                for (metric, limit) in [(Metric::Objects, allow.objects), (Metric::Space, allow.space)] {
                    if let Some((limit, allowed)) = limit.and_then(|limit| Some((limit, exceeds(metric, limit)?))) {
                        found.push(violation(metric, format!("allowed {limit}: {}", allow.reason), allowed));
                    }
                }
            }
            Rule::Budget(budget) => {
                for (metric, allowed) in [(Metric::Objects, budget.objects), (Metric::Space, budget.space)] {
                    let delta = change.delta_of(metric);
                    let beyond = !with_evidence || sure && self.surely_exceeds(site, metric, allowed);
                    let each = match metric {
                        Metric::Space => 1.0,
                        Metric::Objects => object_size(change.current),
                    };
                    let tolerated = match self.seen.deltas.counts(Metric::Space) {
                        true => (delta - allowed) as f64 * each <= TOLERANCE as f64,
                        false => delta - allowed < COUNT_TOLERANCE,
                    };
                    if delta > allowed && beyond && !tolerated {
                        found.push(violation(metric, format!("budget {allowed}"), allowed));
                    }
                }
            }
        }
        found
    }

    pub(super) fn rule(&self, site: usize) -> Rule<'_> {
        let key = self.key(site);
        let name = key.name();
        let package = match key {
            SiteKey::Line(name, _) | SiteKey::Function(name) => Name::package(name).unwrap_or_default(),
            SiteKey::Package(package) => package,
            _ => b"",
        };
        let package = String::from_utf8_lossy(package);
        let matches = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| wildcard_matches(pattern, text))
        };
        if let Some(allow) =
            self.rules.allow.iter().find(|allow| matches(&allow.function, &name) && matches(&allow.package, &package))
        {
            return Rule::Allow(allow);
        }
        let budget = self.rules.budget.as_ref().and_then(|budget| {
            let found = budget.sites.binary_search_by(|known| known.site.as_str().cmp(&label(&key)));
            found.ok().map(|at| &budget.sites[at])
        });
        match budget {
            Some(budget) => Rule::Budget(budget),
            None if self.rules.limits.is_empty() => Rule::ObjectCount,
            None => Rule::Limits(self.rules.limits),
        }
    }

    /// Whether a growth from nothing, which is more than any part of it, is too small to matter.
    fn is_tolerated(&self, limit: Limit, change: &Change, metric: Metric) -> bool {
        let from_nothing = matches!(limit, Limit::Percent(_)) && change.base_of(metric) <= 0;
        let is_small = match self.seen.deltas.counts(Metric::Space) {
            true => change.delta_of(Metric::Space) <= TOLERANCE,
            false => change.delta_of(Metric::Objects) < COUNT_TOLERANCE,
        };
        from_nothing && is_small
    }

    /// The object-count rule.
    fn multiplies(&self, site: usize, change: &Change, with_evidence: bool) -> bool {
        let delta = change.delta();
        let tolerance = TOLERANCE.max(Limit::Percent(TOLERANCE_SHARE).allowed(change.base.space));
        let evidence = self.seen.evidence;
        let leaks = match with_evidence {
            true => {
                evidence.is_gate_significant(site)
                    && evidence.net_samples(site) >= NET_SAMPLES
                    && evidence.class(site, change) == Some(GrowthClass::Leak)
            }
            false => class_of_levels(change) == GrowthClass::Leak,
        };
        if !self.seen.deltas.counts(Metric::Space) {
            // Without bytes there is no size by which to tell a leak.
            let share = Limit::Percent(COUNT_SHARE).allowed(change.base.objects).max(COUNT_TOLERANCE);
            return delta.objects >= share && (!with_evidence || evidence.is_gate_significant(site));
        }
        delta.objects > 0 && delta.space > tolerance && leaks
    }

    /// Whether a site's growth is more than `allowed` even at its lower bound.
    fn surely_exceeds(&self, site: usize, metric: Metric, allowed: i128) -> bool {
        let unit = if metric == Metric::Objects { Unit::Objects } else { Unit::Bytes };
        self.seen.evidence.growth(site, unit).is_some_and(|growth| growth.low > allowed as f64)
    }

    /// Whether what violates a rule is there in a later comparison with the same base: not whether it is sure
    /// there too, but whether the amount is.
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
        left > violation.allowed && left as f64 >= violation.delta as f64 * SETTLED_SHARE
    }

    /// What is wrong with the whole.
    fn totals(&self) -> Vec<Violation> {
        let total = self.seen.deltas.total();
        let p_value = if self.rules.ignore_evidence { None } else { self.seen.evidence.total_p_value() };
        let sure = self.rules.ignore_evidence || p_value.is_some_and(|p| p <= GATE_ALPHA);
        let limit = |metric: Metric, name: &str| {
            let limit = self.rules.limits.total(metric)?;
            let (allowed, delta) = (limit.allowed(total.base_of(metric)), total.delta_of(metric));
            (sure && delta > allowed && !self.is_tolerated(limit, &total, metric)).then(|| Violation {
                scope: Scope::Total,
                metric,
                limit: format!("{name} {limit}"),
                allowed,
                delta,
                p_value,
                site: None,
            })
        };
        [limit(Metric::Objects, "max-total-objects"), limit(Metric::Space, "max-total-space")]
            .into_iter()
            .flatten()
            .collect()
    }

    fn badness(&self, violation: &Violation) -> i128 {
        violation.site.map_or(0, |site| self.change(&self.seen.deltas.sites[site]).delta().space)
    }

    fn order(&self, violation: &Violation) -> (Option<SiteKey<'p>>, bool) {
        (violation.site.map(|site| self.key(site)), violation.metric == Metric::Space)
    }
}

/// The mean size of objects, in bytes.
pub(super) fn object_size(values: Values) -> f64 {
    values.space.max(1) as f64 / values.objects.max(1) as f64
}
