//! Puts all sites in one order for each metric: the greatest growth first, the greatest shrinkage last.
//!
//! In: [`Deltas`]. Out: a [`Ranking`] of every site that is to be listed; nothing is cut off here.

use crate::diff::{Basis, Delta, Deltas, Metric};

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

/// Ranks the sites that allocate; for [`Basis::Cum`] also those that only call.
///
/// The order is total: the delta, signed, then the key. No two sites have the same key.
pub fn rank(deltas: &Deltas<'_, '_>, basis: Basis) -> Ranking {
    let listed = |site: &Delta<'_, '_>| basis == Basis::Cum || site.allocates();
    let order = |metric: Metric| {
        let mut order: Vec<_> = (0..deltas.sites.len()).filter(|&at| listed(&deltas.sites[at])).collect();
        let delta = |at: usize| metric.of(deltas.sites[at].change(basis).delta());
        order.sort_unstable_by(|&a, &b| {
            delta(b).cmp(&delta(a)).then_with(|| deltas.sites[a].key.cmp(&deltas.sites[b].key))
        });
        order
    };
    Ranking { by_space: order(Metric::Space), by_objects: order(Metric::Objects) }
}
