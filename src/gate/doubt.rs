//! What the data cannot show: why a pass would mean nothing.

use super::judge::{Gate, Rule, object_size, sites};
use super::{Allow, BudgetSite, Limit};
use crate::diff::Metric;
use crate::evidence::Unit;
use crate::site::Rate;

impl Gate<'_, '_, '_> {
    /// That a rule is on a metric which the profiles do not have.
    pub(super) fn doubt_of_metrics(&self) -> Vec<String> {
        let (rules, deltas) = (self.rules, self.seen.deltas);
        let on = |metric: Metric| {
            let limits = [rules.limits.site(metric), rules.limits.total(metric)];
            let allowed = |allow: &Allow| match metric {
                Metric::Objects => allow.objects.is_some(),
                Metric::Space => allow.space.is_some(),
            };
            let budgeted = |site: &BudgetSite| match metric {
                Metric::Objects => site.objects,
                Metric::Space => site.space,
            };
            let object_count = metric == Metric::Objects && rules.limits.is_empty();
            object_count
                || limits.iter().any(Option::is_some)
                || rules.allow.iter().any(allowed)
                || rules.budget.as_ref().is_some_and(|budget| budget.sites.iter().any(|site| budgeted(site) != 0))
        };
        let missing =
            [Metric::Objects, Metric::Space].into_iter().filter(|&metric| on(metric) && !deltas.counts(metric));
        let say = |metric: Metric| format!("a rule is on {}, which the profiles do not count", metric.name());
        missing.map(say).collect()
    }

    /// Why a pass would mean nothing, a sentence each.
    pub(super) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        let (evidence, total) = (self.seen.evidence, self.seen.deltas.total());
        let is_empty = self.seen.deltas.sites.is_empty();
        if evidence.rate().is_none() && !is_empty {
            doubts.push("the profiles do not say how often was sampled, or not the same: growth cannot be told from noise (--no-evidence compares the numbers as they are)".to_owned());
            return doubts;
        }
        let unknown = (0..self.seen.deltas.sites.len()).filter(|&site| evidence.is_unknown(site));
        let in_total = |metric: Metric| {
            let limit = self.rules.limits.total(metric);
            limit.is_some_and(|limit| total.delta_of(metric) > limit.allowed(total.base_of(metric)))
        };
        let total_matters = in_total(Metric::Objects) || in_total(Metric::Space);
        let unknown = unknown.filter(|&site| total_matters || !self.site(site, false).is_empty()).count();
        if unknown > 0 {
            doubts.push(format!(
                "{} cannot be counted (no label bytes, or objects of 4 GiB), so that what grew more than allowed cannot be \
                 told from noise",
                sites(unknown)
            ));
        }
        let Some(visible) = evidence.detectable_site_growth(None) else { return doubts };
        if evidence.rate().is_some_and(Rate::is_exact) {
            return doubts;
        }
        doubts.extend(self.doubt_of_totals());
        doubts.extend(self.doubt_of_sites(visible));
        doubts
    }

    /// A limit on the whole that is below what can be seen of it.
    fn doubt_of_totals(&self) -> Option<String> {
        let total = self.seen.deltas.total();
        let visible = self.seen.evidence.detectable_total_growth()?;
        let below = |metric: Metric, each: f64| {
            let limit = self.rules.limits.total(metric)?;
            (limit.allowed(total.base_of(metric)) as f64 * each < visible).then_some((metric, limit))
        };
        let (metric, limit) =
            below(Metric::Objects, object_size(total.current)).or_else(|| below(Metric::Space, 1.0))?;
        Some(format!(
            "a limit of {limit} on the {} of the heap is below what the profiles can show: growth of the whole is seen \
             from about {} on",
            metric.name(),
            bytes(visible)
        ))
    }

    /// A limit on sites that is below what can be seen: of one that was not there at all, or of one that is.
    /// `visible`: the bytes of a new site that are.
    fn doubt_of_sites(&self, visible: f64) -> Option<String> {
        let all = || 0..self.seen.deltas.sites.len();
        let of = |site: usize| self.change(&self.seen.deltas.sites[site]);
        let current = all().map(|site| of(site).current).filter(|current| current.objects > 0);
        let smallest = current.map(object_size).fold(f64::INFINITY, f64::min);
        for metric in [Metric::Objects, Metric::Space] {
            let (unit, each) = match metric {
                Metric::Objects => (Unit::Objects, smallest.max(1.0)),
                Metric::Space => (Unit::Bytes, 1.0),
            };
            let seen_from = visible / each;
            if let Some(Limit::Absolute(most)) = self.rules.limits.site(metric)
                && (most as f64) < seen_from
            {
                return Some(format!(
                    "a limit of {most} on the {} of a site is below what the profiles can show: growth is seen from about \
                     {} on",
                    metric.name(),
                    bytes(visible)
                ));
            }
            let doubtful = all().find_map(|site| {
                // What is below a limit on all sites was told above.
                let (limit, told) = match self.rule(site) {
                    Rule::Limits(limits) => (limits.site(metric)?, seen_from),
                    Rule::Allow(allow) if metric == Metric::Objects => (allow.objects?, 0.0),
                    Rule::Allow(allow) => (allow.space?, 0.0),
                    Rule::ObjectCount | Rule::Budget(_) => return None,
                };
                let allowed = limit.allowed(of(site).base_of(metric)) as f64;
                let high = self.seen.evidence.growth(site, unit)?.high;
                (high > allowed.max(told)).then_some((site, high))
            });
            if let Some((site, high)) = doubtful {
                let high = if metric == Metric::Space { bytes(high) } else { format!("{high:.0} objects") };
                return Some(format!(
                    "{} may have grown by up to {high}, more than it may: the profiles cannot show less",
                    self.key(site).name()
                ));
            }
        }
        None
    }
}

/// For people.
fn bytes(number: f64) -> String {
    if number >= 1024.0 * 1024.0 {
        format!("{:.1} MiB", number / 1024.0 / 1024.0)
    } else {
        format!("{:.0} KiB", number / 1024.0)
    }
}
