//! Natural variation: how much profiles of runs differ in which nothing changed.
//!
//! In: comparisons of such profiles. Out: [`Variation`], and for each limit a [`Proposal`] that none of them exceeds, or
//! why there is none.

use super::round::{round_up_binary, round_up_decimal};
use super::sites::object_size;
use super::{Comparison, Limit, Scope, TooFine};
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::LimitPower;

/// Limits are this much above the greatest variation found.
const HEADROOM: f64 = 1.25;
/// Smallest variation of a site that a limit allows for, bytes.
const MIN_SITE_BYTES: i128 = 1024;
/// Smallest limit on the whole heap, percent.
const MIN_TOTAL_PERCENT: f64 = 0.5;
/// Runs that differ by more than this are not of the same kind, percent of the whole heap.
const MAX_TOTAL_PERCENT: f64 = 50.0;

/// What comparisons show in which nothing should have changed.
#[derive(Debug, Clone, Default)]
pub struct Variation {
    /// Number of comparisons.
    pub comparisons: usize,
    /// Sites whose growth is significant, over all comparisons.
    pub significant_sites: usize,
    /// Greatest growth of a site: objects and bytes.
    sites: [Greatest; 2],
    /// Greatest growth of the heap, objects and bytes, percent.
    total_percent: [f64; 2],
    /// Smallest base of the heap, objects and bytes.
    total_base: Option<[i128; 2]>,
    /// Most samples of the heap that died.
    total_deaths: f64,
    /// Mean object size of the heap, bytes: the smallest of any comparison.
    object_size: f64,
    /// What limits can miss.
    power: Option<LimitPower>,
}

/// The greatest growth of any site.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Greatest {
    /// Objects or bytes.
    pub delta: i128,
    /// Name of the site; empty if none grew.
    pub site: String,
}

/// A limit, and what it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Proposal {
    /// What the limit is on.
    pub scope: Scope,
    pub metric: Metric,
    /// The greatest variation that was found.
    pub found: Found,
    /// The limit that allows for it.
    pub limit: Limit,
    /// Growth, objects or bytes, below which it misses some.
    pub missed: f64,
    /// Why it is not proposed after all.
    pub refusal: Option<Refusal>,
}

/// A variation.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// Of a site.
    Site(Greatest),
    /// Of the whole heap, percent.
    Percent(f64),
}

/// Why a limit would say less than the data need.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Refusal {
    /// It would miss growth of more than twice as much.
    HidesMore(TooFine),
    /// The whole heap varies too much for runs in which nothing changed.
    VariesTooMuch,
}

const METRICS: [Metric; 2] = [Metric::Objects, Metric::Space];

impl Variation {
    /// Adds a comparison.
    pub fn add(&mut self, comparison: Comparison<'_, '_, '_>) {
        let Comparison { deltas, evidence, .. } = comparison;
        self.comparisons += 1;
        for (at, site) in deltas.sites.iter().enumerate() {
            // No limit holds for the others.
            if site.is_exempt() {
                continue;
            }
            let delta = deltas.change(site, Attribution::Flat).delta();
            self.significant_sites += usize::from(evidence.is_gate_significant(at));
            for (greatest, metric) in self.sites.iter_mut().zip(METRICS) {
                if metric.of(delta) > greatest.delta {
                    let site = deltas.key(site).name().into_owned();
                    *greatest = Greatest { delta: metric.of(delta), site };
                }
            }
        }
        self.add_total(deltas.total());
        self.total_deaths = self.total_deaths.max(evidence.total_deaths());
        // The families of all comparisons are about the same.
        self.power = self.power.or(evidence.limit_power());
    }

    fn add_total(&mut self, total: Change) {
        for (greatest, metric) in self.total_percent.iter_mut().zip(METRICS) {
            *greatest = greatest.max(total.ratio(metric).map_or(0.0, |ratio| (ratio - 1.0) * 100.0));
        }
        let base = [total.base.objects, total.base.space];
        self.total_base = Some(self.total_base.map_or(base, |known| [known[0].min(base[0]), known[1].min(base[1])]));
        let size = object_size(total.current);
        self.object_size = if self.object_size == 0.0 { size } else { self.object_size.min(size) };
    }

    /// For each limit, what all of the comparisons keep with a quarter to spare.
    pub fn proposals(&self) -> Vec<Proposal> {
        let Some(power) = self.power else { return Vec::new() };
        let sites = [0, 1].map(|metric| self.site_proposal(metric, power));
        let totals = [0, 1].map(|metric| self.total_proposal(metric, power));
        sites.into_iter().chain(totals).collect()
    }

    fn site_proposal(&self, index: usize, power: LimitPower) -> Proposal {
        let (metric, found) = (METRICS[index], &self.sites[index]);
        let size = self.size_of(metric);
        let limit = match metric {
            Metric::Objects => round_up_decimal(found.delta.max(1) as f64 * HEADROOM, 2),
            Metric::Space => round_up_binary(found.delta.max(MIN_SITE_BYTES) as f64 * HEADROOM, 2),
        };
        let bytes = limit as f64 * size;
        Proposal {
            scope: Scope::Site,
            metric,
            found: Found::Site(found.clone()),
            limit: Limit::Absolute(limit),
            missed: power.caught(bytes, 0.0) / size,
            refusal: hides_more(power, bytes, 0.0, size),
        }
    }

    fn total_proposal(&self, index: usize, power: LimitPower) -> Proposal {
        let (metric, found) = (METRICS[index], self.total_percent[index]);
        let size = self.size_of(metric);
        let limit = Limit::Percent(((found * HEADROOM).max(MIN_TOTAL_PERCENT) * 2.0).ceil() / 2.0);
        let bytes = limit.allowed(self.total_base.map_or(0, |base| base[index])) as f64 * size;
        let refusal = match found > MAX_TOTAL_PERCENT {
            true => Some(Refusal::VariesTooMuch),
            false => hides_more(power, bytes, self.total_deaths, size),
        };
        Proposal {
            scope: Scope::Total,
            metric,
            found: Found::Percent(found),
            limit,
            missed: power.caught(bytes, self.total_deaths) / size,
            refusal,
        }
    }

    /// Bytes of a unit of the metric.
    fn size_of(&self, metric: Metric) -> f64 {
        if metric == Metric::Objects { self.object_size.max(1.0) } else { 1.0 }
    }
}

fn hides_more(power: LimitPower, bytes: f64, deaths: f64, size: f64) -> Option<Refusal> {
    power.is_finer_than_data(bytes, deaths).then(|| {
        Refusal::HidesMore(TooFine { finest: power.finest_limit(deaths) / size, rate: power.rate_for(bytes, deaths) })
    })
}
