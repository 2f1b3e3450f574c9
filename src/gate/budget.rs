//! The budget: growth that was accepted, and what it was measured against.

use crate::diff::Metric;
use crate::site::Values;

/// A budget is at most this many times the growth that was measured: a quarter of room, then rounded up to two digits.
const MAX_ROOM: f64 = 1.25 * 1.1;

/// What sites may grow by, as an earlier check found it; sorted by site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budget {
    /// The sites, each once.
    pub sites: Vec<BudgetSite>,
}

/// A site of a budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct BudgetSite {
    /// Its name: the function, at the granularity `owner`; [`BudgetSite::WHOLE_HEAP`] for the whole heap.
    pub site: String,
    /// Objects it may grow by.
    pub objects: i128,
    /// Bytes it may grow by.
    pub space: i128,
    /// Objects and bytes of the base that its growth was measured against; `None` if that is not known.
    pub base: Option<[i128; 2]>,
    /// Sampling period of that measurement, bytes; `None` if that is not known.
    pub rate: Option<u64>,
    /// Why it may, in the user's words; empty if they gave none.
    pub reason: String,
}

impl Budget {
    /// A budget of some sites. Of sites with the same name, which a check does not distinguish, and of lines that both
    /// sides of a merge added, the largest numbers count.
    pub fn new(mut sites: Vec<BudgetSite>) -> Self {
        sites.sort_by(|a, b| a.site.cmp(&b.site));
        sites.dedup_by(|next, kept| {
            let is_same = next.site == kept.site;
            if is_same {
                kept.absorb(next);
            }
            is_same
        });
        Budget { sites }
    }

    /// The sites whose growth has no reason.
    pub fn without_reason(&self) -> Vec<String> {
        let unexplained = self.sites.iter().filter(|site| site.reason.trim().is_empty());
        unexplained.map(|site| site.site.clone()).collect()
    }

    pub(super) fn site(&self, label: &str) -> Option<&BudgetSite> {
        let found = self.sites.binary_search_by(|known| known.site.as_str().cmp(label));
        found.ok().map(|at| &self.sites[at])
    }

    /// Bytes that the whole heap may grow by, beyond what its sites may.
    pub(super) fn total_allowed(&self, base: Values) -> i128 {
        self.site(BudgetSite::WHOLE_HEAP).map_or(0, |whole| whole.allowed(Metric::Space, base))
    }
}

impl BudgetSite {
    /// The name that stands for the whole heap; no site has it.
    pub const WHOLE_HEAP: &'static str = "*";

    /// How much of a metric it was accepted to grow by.
    pub(super) fn growth(&self, metric: Metric) -> i128 {
        match metric {
            Metric::Objects => self.objects,
            Metric::Space => self.space,
        }
    }

    /// How much of a metric it may grow by from a base: what the base already has of the accepted growth is not accepted
    /// again.
    pub(super) fn allowed(&self, metric: Metric, base: Values) -> i128 {
        let growth = self.growth(metric);
        let Some([objects, space]) = self.base else { return growth };
        let there = match metric {
            Metric::Objects => base.objects - objects,
            Metric::Space => base.space - space,
        };
        let there = there.clamp(0, growth.max(0));
        // Then the base has all that was measured, and the room is for that alone.
        if there as f64 * MAX_ROOM >= growth as f64 { 0 } else { growth - there }
    }

    /// Whether the base has all of the growth that was accepted in a metric.
    pub(super) fn is_used_up(&self, base: Values, metric: Metric) -> bool {
        self.growth(metric) > 0 && self.allowed(metric, base) == 0
    }

    fn absorb(&mut self, other: &mut BudgetSite) {
        self.objects = self.objects.max(other.objects);
        self.space = self.space.max(other.space);
        self.base = match (self.base, other.base) {
            (Some(a), Some(b)) => Some([a[0].max(b[0]), a[1].max(b[1])]),
            _ => None,
        };
        self.rate = self.rate.max(other.rate);
        if self.reason.is_empty() {
            self.reason = std::mem::take(&mut other.reason);
        }
    }
}
