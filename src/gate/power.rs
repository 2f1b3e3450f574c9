//! What each rule could have caught, so that a pass says what it covers.

use super::judge::Gate;
use super::site_rule::SiteRule;
use super::sites::object_size;
use super::thresholds::{TOLERANCE_BYTES, site_tolerance};
use super::{AppliedRule, Limit, RulePower, Scope, TooFine};
use crate::diff::{Change, Metric};
use crate::evidence::LimitPower;

impl Gate<'_, '_, '_> {
    /// What each rule could have caught; empty where chance plays no part or its part is unknown.
    pub(super) fn power(&self) -> Vec<RulePower> {
        let power =
            self.evidence.limit_power().filter(|_| !self.rules.ignore_evidence && self.deltas.counts(Metric::Space));
        let Some(power) = power else { return Vec::new() };
        let rules = self.rules.applied(true);
        rules.iter().filter_map(|rule| self.power_of(rule, power)).collect()
    }

    fn power_of(&self, rule: &AppliedRule, power: LimitPower) -> Option<RulePower> {
        match *rule {
            AppliedRule::SiteTolerance { .. } => Some(self.site_power(Metric::Space, None, power)),
            AppliedRule::Limit { scope: Scope::Site, metric, limit } if self.deltas.counts(metric) => {
                Some(self.site_power(metric, Some(limit), power))
            }
            AppliedRule::Limit { scope: Scope::Total, metric, limit } if self.deltas.counts(metric) => {
                let allowed = limit.allowed(self.deltas.total().base_of(metric));
                Some(self.total_power(metric, Some(limit), allowed, power))
            }
            AppliedRule::TotalTolerance(_) => Some(self.total_power(Metric::Space, None, self.total_allowed()?, power)),
            AppliedRule::Limit { .. } | AppliedRule::Budget(_) => None,
        }
    }

    /// `limit`: on each site; `None` for the tolerance.
    fn site_power(&self, metric: Metric, limit: Option<Limit>, power: LimitPower) -> RulePower {
        let allowed = |change: Change| match limit {
            None => site_tolerance(change.base.space),
            Some(limit @ Limit::Percent(_)) if change.base_of(metric) <= 0 => tolerated(metric, limit, change),
            Some(limit) => limit.allowed(change.base_of(metric)),
        };
        let mean = object_size(self.deltas.total().current);
        let size = |own: f64| if metric == Metric::Objects { own } else { 1.0 };
        let new = size(mean);
        let empty = Change { current: self.deltas.total().current, ..Change::default() };
        let new_limit = allowed(empty) as f64 * new;
        let caught = power.caught(new_limit, 0.0) / new;
        let general = |site: &usize| !matches!(self.rule_for(*site), SiteRule::Allow(_) | SiteRule::Budget(_));
        let of_site = |site: usize| {
            let change = self.change(site);
            let size = size(object_size(if change.current.objects > 0 { change.current } else { change.base }));
            let [_, deaths] = self.evidence.born_and_died(site);
            (site, power.caught(allowed(change) as f64 * size, deaths as f64) / size)
        };
        let sites = (0..self.deltas.sites.len()).filter(general).map(of_site);
        let worst = sites.max_by(|a, b| a.1.total_cmp(&b.1).then_with(|| self.key(b.0).cmp(&self.key(a.0))));
        let worst = worst.filter(|&(_, most)| most > caught * 1.05);
        let is_absolute = matches!(limit, Some(Limit::Absolute(_)));
        RulePower {
            scope: Scope::Site,
            metric,
            limit,
            caught,
            worst: worst.map(|(site, most)| (self.key(site).name().into_owned(), most)),
            object_size: (metric == Metric::Objects).then_some(mean),
            too_fine: too_fine(power, new_limit, 0.0, new).filter(|_| is_absolute),
        }
    }

    fn total_power(&self, metric: Metric, limit: Option<Limit>, allowed: i128, power: LimitPower) -> RulePower {
        let size = if metric == Metric::Objects { object_size(self.deltas.total().current) } else { 1.0 };
        let (allowed, deaths) = (allowed as f64 * size, self.evidence.total_deaths());
        RulePower {
            scope: Scope::Total,
            metric,
            limit,
            caught: power.caught(allowed, deaths) / size,
            worst: None,
            object_size: (metric == Metric::Objects).then_some(size),
            too_fine: too_fine(power, allowed, deaths, size).filter(|_| limit.is_some()),
        }
    }
}

/// Growth from nothing that a percentage tolerates.
fn tolerated(metric: Metric, limit: Limit, change: Change) -> i128 {
    match metric {
        Metric::Space => TOLERANCE_BYTES,
        #[allow(clippy::cast_possible_truncation, reason = "at most the tolerance")]
        Metric::Objects => ((TOLERANCE_BYTES as f64 / object_size(change.current)) as i128).max(limit.allowed(0)),
    }
}

/// What a limit of `allowed` bytes needs if it is finer than the data. `size`: bytes of the limit's unit.
fn too_fine(power: LimitPower, allowed: f64, deaths: f64, size: f64) -> Option<TooFine> {
    power
        .is_finer_than_data(allowed, deaths)
        .then(|| TooFine { finest: power.finest_limit(deaths) / size, rate: power.rate_for(allowed, deaths) })
}
