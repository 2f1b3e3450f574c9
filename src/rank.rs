//! Orders the sites for each metric: the greatest growth first, the greatest shrinkage last.
//!
//! In: [`Deltas`]. Out: a [`Ranking`]. Every site has a rank, though the order is only laid out as deep as it will be
//! shown: of a monolith's hundred thousand sites mostly the first twenty.

use std::cmp::{Ordering, Reverse};

use crate::diff::{Deltas, Metric, SiteDelta};

/// The order of the sites of a comparison, by each metric.
#[derive(Debug)]
pub struct Ranking<'d, 't, 'p> {
    deltas: &'d Deltas<'t, 'p>,
    by_space: Vec<usize>,
    by_objects: Vec<usize>,
}

/// Ranks the sites of the comparison, and lays out the first `top` of each order; all if `None`.
///
/// The order is total: the delta, signed, then the key. No two sites have the same key.
pub fn rank<'d, 't, 'p>(deltas: &'d Deltas<'t, 'p>, top: Option<usize>) -> Ranking<'d, 't, 'p> {
    let order = |metric: Metric| {
        let mut order: Vec<_> = (0..deltas.sites.len()).collect();
        match top {
            Some(top) if top < order.len() => {
                // By delta alone first, since comparing keys takes longer.
                let delta = |site: usize| deltas.sites[site].change.delta_of(metric);
                let mut values: Vec<_> = order.iter().map(|&site| delta(site)).collect();
                let (_, &mut min_delta, _) = values.select_nth_unstable_by(top, |a, b| b.cmp(a));
                order.retain(|&site| delta(site) >= min_delta);
                order.sort_unstable_by(|&a, &b| compare(deltas, metric, a, b));
                order.truncate(top);
            }
            _ => order.sort_by_cached_key(|&site| {
                let site = &deltas.sites[site];
                (Reverse(site.change.delta_of(metric)), deltas.key(site))
            }),
        }
        order
    };
    Ranking { deltas, by_space: order(Metric::Space), by_objects: order(Metric::Objects) }
}

/// Compares two sites by rank.
fn compare(deltas: &Deltas<'_, '_>, metric: Metric, a: usize, b: usize) -> Ordering {
    let (a, b) = (&deltas.sites[a], &deltas.sites[b]);
    let by_delta = b.change.delta_of(metric).cmp(&a.change.delta_of(metric));
    by_delta.then_with(|| deltas.key(a).cmp(&deltas.key(b)))
}

impl<'d, 't, 'p> Ranking<'d, 't, 'p> {
    /// The comparison that is ranked.
    pub fn deltas(&self) -> &'d Deltas<'t, 'p> {
        self.deltas
    }

    /// The sites most grown in `metric`, as indexes into [`Deltas::sites`].
    pub fn by(&self, metric: Metric) -> &[usize] {
        match metric {
            Metric::Space => &self.by_space,
            Metric::Objects => &self.by_objects,
        }
    }

    /// The ranks of some sites by `metric`, from 1.
    pub fn ranks(&self, metric: Metric, sites: &[usize]) -> Vec<usize> {
        let count = self.deltas.sites.len();
        if self.by(metric).len() == count {
            let mut ranks = vec![0; count];
            self.by(metric).iter().zip(1..).for_each(|(&site, rank)| ranks[site] = rank);
            return sites.iter().map(|&site| ranks[site]).collect();
        }
        let mut asked: Vec<_> = (0..sites.len()).collect();
        asked.sort_unstable_by(|&a, &b| compare(self.deltas, metric, sites[a], sites[b]));
        let Some(&last) = asked.last() else { return Vec::new() };
        let min_delta = self.deltas.sites[sites[last]].change.delta_of(metric);
        // before[i]: number of sites that rank between asked[i - 1] and asked[i], or are asked[i].
        let mut before = vec![0; asked.len() + 1];
        for (site, SiteDelta { change, .. }) in self.deltas.sites.iter().enumerate() {
            // Most sites rank after all that are asked for.
            if change.delta_of(metric) >= min_delta {
                before[asked.partition_point(|&at| compare(self.deltas, metric, sites[at], site).is_lt())] += 1;
            }
        }
        let mut ranks = vec![0; sites.len()];
        let mut rank = 0;
        for (at, before) in asked.into_iter().zip(before) {
            rank += before;
            ranks[at] = rank;
        }
        ranks
    }
}
