//! Growth that a check must see: whether its rule for sites catches it, and where it does not.

use super::judge::Gate;
use super::sites::{SiteCheck, object_size};
use super::{LargerGrowth, Limit, MustSee};
use crate::diff::{Change, Metric};
use crate::evidence::INTERVAL_ALPHA;
use crate::order::sorted;

impl Gate<'_, '_, '_> {
    /// Whether growth that must be seen is caught; `None` if nothing must be, or chance plays a part that is unknown.
    pub(super) fn must_see(&self) -> Option<MustSee> {
        let (bytes, power) = (self.rules.must_see?, self.evidence.limit_power()?);
        let larger = self.larger(bytes);
        let Some(limit) = self.site_limit_in_bytes() else {
            return Some(MustSee { bytes, allowed: None, caught: None, rate: None, unmet: Vec::new(), larger });
        };
        let allowed = |change: Change| self.allowed_growth(limit, Metric::Space, change);
        let of_new = allowed(Change { current: self.deltas.total().current, ..Change::default() });
        let caught_at = |site: usize| {
            let (allowed, [_, deaths]) = (allowed(self.change(site)) as f64, self.evidence.born_and_died(site));
            let variation = self.evidence.variation(site);
            let natural = variation.map_or(0.0, |of| allowed + of.detectable(INTERVAL_ALPHA, Metric::Space));
            power.caught(allowed, deaths as f64).max(natural)
        };
        let judged = (0..self.deltas.sites.len()).filter(|&site| self.has_general_rule(site));
        let mut unmet: Vec<_> = judged.map(|site| (site, caught_at(site))).collect();
        unmet.retain(|&(_, caught)| caught > bytes as f64);
        unmet.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| self.key(a.0).cmp(&self.key(b.0))));
        Some(MustSee {
            bytes,
            allowed: Some(of_new),
            caught: Some(power.caught(of_new as f64, 0.0)),
            rate: power.rate_to_catch(bytes as f64, of_new as f64),
            unmet: unmet.into_iter().map(|(site, caught)| (self.key(site).name().into_owned(), caught)).collect(),
            larger,
        })
    }

    /// Sites that grew by at least this many bytes and beyond the tolerance, and break no rule, unless one is on their bytes.
    fn larger(&self, bytes: i128) -> Vec<LargerGrowth> {
        if self.rules.limits.site_space.is_some() {
            return Vec::new();
        }
        let judged = (0..self.deltas.sites.len()).filter(|&site| self.has_general_rule(site));
        let grown = judged.map(|site| LargerGrowth { site, delta: self.change(site).delta().space });
        let passes =
            |found: &LargerGrowth| found.delta >= bytes && SiteCheck::new(self, found.site, true).grew_unjudged();
        sorted(grown.filter(passes).collect(), |a, b| b.delta.cmp(&a.delta))
    }

    /// The limit on the bytes of sites, within `Some`: `None` for the tolerance. `None` if no rule is on single sites.
    fn site_limit_in_bytes(&self) -> Option<Option<Limit>> {
        let limits = &self.rules.limits;
        if limits.is_empty() || limits.site_space.is_some() {
            return Some(limits.site_space);
        }
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        match limits.site_objects? {
            Limit::Absolute(objects) => {
                let size = object_size(self.deltas.total().current);
                Some(Some(Limit::Absolute((objects as f64 * size).ceil() as i128)))
            }
            percent => Some(Some(percent)),
        }
    }
}
