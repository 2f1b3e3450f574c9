//! What the data cannot show: why a pass would mean nothing.

use super::judge::Gate;
use super::site_rule::SiteRule;
use super::sites::{SiteCheck, object_size};
use super::{Doubt, Limit, Scope};
use crate::diff::Metric;
use crate::site::Rate;

const METRICS: [Metric; 2] = [Metric::Objects, Metric::Space];

impl Gate<'_, '_, '_> {
    /// Why a pass would mean nothing.
    pub(super) fn doubts(&self) -> Vec<Doubt> {
        let mut doubts: Vec<_> = self.metrics_not_counted().collect();
        let (evidence, deltas) = (self.evidence, self.deltas);
        doubts.extend(self.would_not_see());
        if self.rules.ignore_evidence {
            return doubts;
        }
        if evidence.rate().is_none() && !deltas.sites.is_empty() {
            doubts.push(Doubt::NoSamplingRate);
            return doubts;
        }
        doubts.extend(self.sites_not_countable());
        if self.rules.is_strict && deltas.counts(Metric::Space) && !evidence.rate().is_some_and(Rate::is_exact) {
            doubts.extend(METRICS.into_iter().filter_map(|metric| self.total_may_exceed(metric)));
            doubts.extend(METRICS.into_iter().find_map(|metric| self.site_may_exceed(metric)));
        }
        doubts
    }

    /// Rules on metrics that the profiles do not count.
    fn metrics_not_counted(&self) -> impl Iterator<Item = Doubt> {
        let rules = self.rules;
        let has_rule = |metric: Metric| {
            let limits = [Scope::Site, Scope::Total].map(|scope| rules.limits.on(scope, metric));
            let mut budget = rules.budget.iter().flat_map(|budget| &budget.sites);
            metric == Metric::Objects && rules.limits.is_empty()
                || limits.iter().any(Option::is_some)
                || rules.allow.iter().any(|allow| allow.limit(metric).is_some())
                || budget.any(|site| site.growth(metric) != 0)
        };
        let missing = move |metric: &Metric| has_rule(*metric) && !self.deltas.counts(*metric);
        METRICS.into_iter().filter(missing).map(Doubt::MetricNotCounted)
    }

    /// Growth that the check must see, but would not have caught.
    fn would_not_see(&self) -> Option<Doubt> {
        self.must_see().filter(|must_see| !must_see.holds()).map(Doubt::WouldNotSee)
    }

    /// Sites whose samples cannot be counted, if they grew by more than they may, or the whole heap did.
    fn sites_not_countable(&self) -> Option<Doubt> {
        let (evidence, total) = (self.evidence, self.deltas.total());
        let total_exceeds = METRICS.into_iter().any(|metric| {
            let limit = self.rules.limits.on(Scope::Total, metric);
            limit.is_some_and(|limit| total.delta_of(metric) > limit.allowed(total.base_of(metric)))
        });
        let tolerance_exceeded = self.total_allowed().is_some_and(|allowed| total.delta().space > allowed);
        let unknown = (0..self.deltas.sites.len()).filter(|&site| evidence.is_unknown(site));
        let exceeds = |&site: &usize| {
            total_exceeds || tolerance_exceeded || !SiteCheck::new(self, site, false).violations().is_empty()
        };
        let sites = unknown.filter(exceeds).count();
        (sites > 0).then_some(Doubt::SitesNotCountable(sites))
    }

    /// A limit on the whole heap that the upper bound of its growth exceeds.
    fn total_may_exceed(&self, metric: Metric) -> Option<Doubt> {
        let limit = self.rules.limits.on(Scope::Total, metric)?;
        let total = self.best_total(metric);
        let upper_bound = total.bounds?.high;
        let allowed = limit.allowed(total.change.base_of(metric)) as f64;
        (upper_bound > allowed).then_some(Doubt::MayExceed { site: None, metric, limit, upper_bound })
    }

    /// A limit on sites that the upper bound of the growth of one exceeds: the one that may have grown most, or one
    /// without a sample.
    fn site_may_exceed(&self, metric: Metric) -> Option<Doubt> {
        let of_site = |site: usize| {
            let limit = match self.rule_for(site) {
                SiteRule::Limits(limits) => limits.on(Scope::Site, metric)?,
                SiteRule::Allow(allow) => allow.limit(metric)?,
                SiteRule::Exempt | SiteRule::Tolerance | SiteRule::Budget(_) => return None,
            };
            let allowed = limit.allowed(self.change(site).base_of(metric)) as f64;
            let upper_bound = self.evidence.growth_interval(site, metric)?.high;
            (upper_bound > allowed).then_some((site, limit, upper_bound))
        };
        let sites = (0..self.deltas.sites.len()).filter_map(of_site);
        let most = sites.max_by(|a, b| a.2.total_cmp(&b.2).then_with(|| self.key(b.0).cmp(&self.key(a.0))));
        if let Some((site, limit, upper_bound)) = most {
            let site = Some(self.key(site).name().into_owned());
            return Some(Doubt::MayExceed { site, metric, limit, upper_bound });
        }
        let limit @ Limit::Absolute(allowed) = self.rules.limits.on(Scope::Site, metric)? else { return None };
        let size = if metric == Metric::Objects { object_size(self.deltas.total().current) } else { 1.0 };
        let upper_bound = self.evidence.unseen_growth()?;
        (upper_bound > allowed as f64 * size).then_some(Doubt::UnseenMayExceed { metric, limit, upper_bound })
    }
}
