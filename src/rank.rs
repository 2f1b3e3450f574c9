//! Puts all sites in one order for each metric: the greatest growth first, the greatest shrinkage last.
//!
//! In: [`Deltas`]. Out: a [`Ranking`] of every site that is to be listed; nothing is cut off here.

use crate::diff::{Deltas, Metric};

/// The sites to list, in order.
#[derive(Debug, Clone)]
pub struct Ranking {
    /// Indexes into [`Deltas::sites`], most grown in `inuse_space` first.
    pub by_space: Vec<usize>,
    /// The same sites, most grown in `inuse_objects` first.
    pub by_objects: Vec<usize>,
}

impl Ranking {
    /// The order by `metric`.
    pub fn by(&self, metric: Metric) -> &[usize] {
        match metric {
            Metric::Space => &self.by_space,
            Metric::Objects => &self.by_objects,
        }
    }
}

/// Ranks all sites of the comparison.
///
/// The order is total: the delta, signed, then the key. No two sites have the same key.
pub fn rank(deltas: &Deltas<'_, '_>) -> Ranking {
    let order = |metric: Metric| {
        let mut order: Vec<_> = deltas.sites.iter().map(|site| site.change.delta_of(metric)).zip(0..).collect();
        let key = |site: usize| deltas.key(&deltas.sites[site]);
        order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then_with(|| key(a.1).cmp(&key(b.1))));
        order.into_iter().map(|(_, site)| site).collect()
    };
    Ranking { by_space: order(Metric::Space), by_objects: order(Metric::Objects) }
}
