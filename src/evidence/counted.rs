//! Growth that is counted, not estimated: what holds memory, object by object. In: [`Deltas`] of chains of references,
//! whose objects of one chain differ in size. Out: [`CountedGrowth`].

use super::bounds::Interval;
use super::growth_kind::{Amount, TurnoverAmounts};
use super::p_value::MIN_P;
use super::significance::{Classes, Significance};
use crate::diff::{Attribution, Change, Deltas, Metric};

/// The growth of every site, which is its own evidence. Sites have their indexes in [`Deltas::sites`].
#[derive(Debug)]
pub(super) struct CountedGrowth {
    sites: Vec<Change>,
    total: Change,
    /// The metric that decides whether a site grew.
    metric: Metric,
}

impl CountedGrowth {
    /// `None` unless both sides are chains of references.
    pub(super) fn new(deltas: &Deltas<'_, '_>) -> Option<Self> {
        deltas.are_references().then(|| CountedGrowth {
            sites: deltas.sites.iter().map(|site| deltas.change(site, Attribution::Flat)).collect(),
            total: deltas.total(),
            metric: deltas.ranking_metric(),
        })
    }

    /// What is certain of every site.
    pub(super) fn classes(&self) -> Classes {
        let significance = self.sites.iter().map(|change| match change.delta_of(self.metric) {
            1.. => Significance::Grew,
            0 => Significance::Noise,
            _ => Significance::Shrank,
        });
        let significance: Vec<_> = significance.collect();
        let gate = significance.iter().map(|&class| class == Significance::Grew).collect();
        Classes { gate, significance, ..Classes::unknown(0) }
    }

    pub(super) fn p_value(&self, site: usize) -> f64 {
        self.p_value_of(self.sites[site])
    }

    pub(super) fn total_p_value(&self) -> f64 {
        self.p_value_of(self.total)
    }

    pub(super) fn interval(&self, site: usize, metric: Metric) -> Interval {
        point(self.sites[site], metric)
    }

    pub(super) fn total_interval(&self, metric: Metric) -> Interval {
        point(self.total, metric)
    }

    /// As if all objects had been replaced, since nothing identifies them.
    pub(super) fn turnover_amounts(&self, site: usize) -> TurnoverAmounts {
        let change = self.sites[site];
        let (born, died) = (Amount::from(change.current), Amount::from(change.base));
        TurnoverAmounts { born, died, min_object_growth: change.delta().objects as f64 }
    }

    fn p_value_of(&self, change: Change) -> f64 {
        if change.delta_of(self.metric) > 0 { MIN_P } else { 1.0 }
    }
}

/// A number without a width.
fn point(change: Change, metric: Metric) -> Interval {
    let estimate = change.delta_of(metric) as f64;
    Interval { estimate, low: estimate, high: estimate }
}
