//! What each rule could have caught, so that a pass says what it covers.

use super::judge::Gate;
use super::site_rule::SiteRule;
use super::sites::object_size;
use super::whole::Total;
use super::{AppliedRule, Limit, RulePower, Scope, TooFine};
use crate::diff::{Change, Metric};
use crate::evidence::{INTERVAL_ALPHA, LimitPower, Runs};

impl Gate<'_, '_, '_> {
    /// What each rule could have caught; empty where chance plays no part or its part is unknown.
    pub(super) fn power(&self) -> Vec<RulePower> {
        let power =
            self.evidence.limit_power().filter(|_| !self.rules.ignore_evidence && self.deltas.counts(Metric::Space));
        let Some(power) = power else { return Vec::new() };
        let rules = self.rules.applied(self.deltas);
        rules.iter().filter_map(|rule| self.power_of(rule, power)).collect()
    }

    fn power_of(&self, rule: &AppliedRule, power: LimitPower) -> Option<RulePower> {
        match *rule {
            // It asks for more objects.
            AppliedRule::SiteTolerance { .. } if self.deltas.counts(Metric::Objects) => {
                Some(self.site_power(Metric::Space, None, power))
            }
            AppliedRule::Limit { scope: Scope::Site, metric, limit } if self.deltas.counts(metric) => {
                Some(self.site_power(metric, Some(limit), power))
            }
            AppliedRule::Limit { scope: Scope::Total, metric, limit } if self.deltas.counts(metric) => {
                let total = self.best_total(metric);
                let allowed = limit.allowed(total.change.base_of(metric));
                Some(self.total_power(metric, Some(limit), allowed, power, &total))
            }
            AppliedRule::TotalTolerance(_) => {
                let (total, allowed) = self.tolerance_of_total(0)?;
                Some(self.total_power(Metric::Space, None, allowed, power, &total))
            }
            AppliedRule::SiteTolerance { .. }
            | AppliedRule::Limit { .. }
            | AppliedRule::Budget(_)
            | AppliedRule::LeakedGoroutines => None,
        }
    }

    /// `limit`: on each site; `None` for the tolerance.
    fn site_power(&self, metric: Metric, limit: Option<Limit>, power: LimitPower) -> RulePower {
        let allowed = |change: Change| self.allowed_growth(limit, metric, change);
        let mean = object_size(self.deltas.total().current);
        let size = |own: f64| if metric == Metric::Objects { own } else { 1.0 };
        let new = size(mean);
        let empty = Change { current: self.deltas.total().current, ..Change::default() };
        let new_limit = allowed(empty) as f64 * new;
        let caught = power.caught(new_limit, 0.0) / new;
        let worst =
            self.worst_site(|change| allowed(change) as f64, size, power).filter(|&(_, most)| most > caught * 1.05);
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

    /// Growth that a limit on sites lets pass, objects or bytes. `limit`: `None` for the tolerance.
    pub(super) fn allowed_growth(&self, limit: Option<Limit>, metric: Metric, change: Change) -> i128 {
        let tolerances = self.tolerances();
        match limit {
            None => tolerances.site(change.base.space),
            Some(limit @ Limit::Percent(_)) if change.base_of(metric) <= 0 => {
                tolerated(metric, limit, change, tolerances.site_bytes)
            }
            Some(limit) => limit.allowed(change.base_of(metric)),
        }
    }

    /// Whether the rule for sites without an exception holds for a site.
    pub(super) fn has_general_rule(&self, site: usize) -> bool {
        !matches!(self.rule_for(site), SiteRule::Exempt | SiteRule::Allow(_) | SiteRule::Budget(_))
    }

    /// The site whose growth is caught last, and from how much on, in units of `size` bytes of objects of some size.
    fn worst_site(
        &self,
        allowed: impl Fn(Change) -> f64,
        size: impl Fn(f64) -> f64,
        power: LimitPower,
    ) -> Option<(usize, f64)> {
        let mut worst: Option<(usize, f64)> = None;
        // A site that may grow no more, of which no more died, and whose objects are no smaller, is caught no later. Few
        // sites of a large program need the formula.
        let mut weighed = [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY];
        for site in 0..self.deltas.sites.len() {
            if !self.has_general_rule(site) {
                continue;
            }
            let change = self.change(site);
            let variation = self.evidence.variation(site);
            let size = size(object_size(if change.current.objects > 0 { change.current } else { change.base }));
            let (allowed, [_, deaths]) = (allowed(change), self.evidence.born_and_died(site));
            let terms = [allowed, deaths as f64, size];
            if let Some(variation) = variation {
                let caught = power.caught(allowed * size, terms[1]) / size;
                let natural = allowed + variation.detectable(INTERVAL_ALPHA, Metric::Space) / size;
                if worst.is_none_or(|(_, most)| caught.max(natural) > most) {
                    worst = Some((site, caught.max(natural)));
                }
            } else if let Some((known, most)) = worst
                && terms == weighed
            {
                worst = Some((if self.key(site) < self.key(known) { site } else { known }, most));
            } else if terms[0] > weighed[0] || terms[1] > weighed[1] || terms[2] < weighed[2] {
                let caught = power.caught(allowed * size, terms[1]) / size;
                if worst.is_none_or(|(_, most)| caught > most) {
                    (worst, weighed) = (Some((site, caught)), terms);
                }
            }
        }
        worst
    }

    /// `total`: what the rule holds for.
    fn total_power(
        &self,
        metric: Metric,
        limit: Option<Limit>,
        allowed: i128,
        power: LimitPower,
        total: &Total,
    ) -> RulePower {
        let size = if metric == Metric::Objects { object_size(self.deltas.total().current) } else { 1.0 };
        let (allowed, deaths) = (allowed as f64 * size, self.evidence.total_deaths());
        let variation = self.evidence.runs().and_then(Runs::total_variation);
        let natural = allowed + variation.map_or(0.0, |found| found.detectable(INTERVAL_ALPHA, Metric::Space));
        RulePower {
            scope: Scope::Total,
            metric,
            limit,
            caught: if total.is_counted { allowed } else { power.caught(allowed, deaths).max(natural) } / size,
            worst: None,
            object_size: (metric == Metric::Objects).then_some(size),
            too_fine: too_fine(power, allowed, deaths, size).filter(|_| limit.is_some() && !total.is_counted),
        }
    }
}

/// Growth from nothing that a percentage tolerates. `bytes`: what is tolerated in bytes.
fn tolerated(metric: Metric, limit: Limit, change: Change, bytes: i128) -> i128 {
    match metric {
        Metric::Space => bytes,
        #[allow(clippy::cast_possible_truncation, reason = "at most the tolerance")]
        Metric::Objects => ((bytes as f64 / object_size(change.current)) as i128).max(limit.allowed(0)),
    }
}

/// What a limit of `allowed` bytes needs if it is finer than the data. `size`: bytes of the limit's unit.
fn too_fine(power: LimitPower, allowed: f64, deaths: f64, size: f64) -> Option<TooFine> {
    power
        .is_finer_than_data(allowed, deaths)
        .then(|| TooFine { finest: power.finest_limit(deaths) / size, rate: power.rate_for(allowed, deaths) })
}
