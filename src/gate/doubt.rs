//! What the data cannot show: why a pass would mean nothing.

use super::judge::Gate;
use super::rules::SiteRule;
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
        if self.rules.ignore_evidence {
            return doubts;
        }
        if evidence.rate().is_none() && !deltas.sites.is_empty() {
            doubts.push(Doubt::NoSamplingRate);
            return doubts;
        }
        doubts.extend(self.sites_not_countable());
        if let Some(detectable) = evidence.gate_detectable_site_growth()
            && !evidence.rate().is_some_and(Rate::is_exact)
        {
            doubts.extend(self.total_limit_not_detectable());
            doubts.extend(METRICS.into_iter().find_map(|metric| self.site_not_detectable(metric, detectable)));
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
                || budget.any(|site| site.allowed(metric) != 0)
        };
        let missing = move |metric: &Metric| has_rule(*metric) && !self.deltas.counts(*metric);
        METRICS.into_iter().filter(missing).map(Doubt::MetricNotCounted)
    }

    /// Sites whose samples cannot be counted, if they grew by more than they may, or the whole heap did.
    fn sites_not_countable(&self) -> Option<Doubt> {
        let (evidence, total) = (self.evidence, self.deltas.total());
        let total_exceeds = METRICS.into_iter().any(|metric| {
            let limit = self.rules.limits.on(Scope::Total, metric);
            limit.is_some_and(|limit| total.delta_of(metric) > limit.allowed(total.base_of(metric)))
        });
        let unknown = (0..self.deltas.sites.len()).filter(|&site| evidence.is_unknown(site));
        let exceeds = |&site: &usize| total_exceeds || !SiteCheck::new(self, site, false).violations().is_empty();
        let sites = unknown.filter(exceeds).count();
        (sites > 0).then_some(Doubt::SitesNotCountable(sites))
    }

    /// A limit on the whole heap below the growth that would be seen.
    fn total_limit_not_detectable(&self) -> Option<Doubt> {
        let total = self.deltas.total();
        let detectable_bytes = self.evidence.detectable_total_growth()?;
        METRICS.into_iter().find_map(|metric| {
            let limit = self.rules.limits.on(Scope::Total, metric)?;
            let size = if metric == Metric::Objects { object_size(total.current) } else { 1.0 };
            let allowed_bytes = limit.allowed(total.base_of(metric)) as f64 * size;
            let doubt = Doubt::LimitNotDetectable { scope: Scope::Total, metric, limit, detectable_bytes };
            (allowed_bytes < detectable_bytes).then_some(doubt)
        })
    }

    /// A limit on sites below the growth that would be seen: of a new site, or of one that is there.
    /// `detectable_bytes`: the smallest new site that would be seen.
    fn site_not_detectable(&self, metric: Metric, detectable_bytes: f64) -> Option<Doubt> {
        let sites = || (0..self.deltas.sites.len()).filter(|&site| !self.is_exempt(site));
        let detectable = match metric {
            Metric::Space => detectable_bytes,
            Metric::Objects => {
                let current = sites().map(|site| self.change(site).current).filter(|current| current.objects > 0);
                let smallest = current.map(object_size).fold(f64::INFINITY, f64::min);
                detectable_bytes / smallest.max(1.0)
            }
        };
        if let Some(limit @ Limit::Absolute(allowed)) = self.rules.limits.on(Scope::Site, metric)
            && (allowed as f64) < detectable
        {
            return Some(Doubt::LimitNotDetectable { scope: Scope::Site, metric, limit, detectable_bytes });
        }
        sites().find_map(|site| {
            // An upper bound below what a new site needs says no more than the limit on all sites did above.
            let (limit, known) = match self.rules.for_site(self.key(site)) {
                SiteRule::Limits(limits) => (limits.on(Scope::Site, metric)?, detectable),
                SiteRule::Allow(allow) => (allow.limit(metric)?, 0.0),
                SiteRule::ObjectCount | SiteRule::Budget(_) => return None,
            };
            let allowed = limit.allowed(self.change(site).base_of(metric)) as f64;
            let upper_bound = self.evidence.growth_interval(site, metric)?.high;
            let site = || self.key(site).name().into_owned();
            (upper_bound > allowed.max(known)).then(|| Doubt::SiteMayExceed { site: site(), metric, upper_bound })
        })
    }
}
