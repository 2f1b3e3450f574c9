//! Puts the sites in one order for each metric: the greatest growth first, the greatest shrinkage last.
//!
//! In: [`Deltas`]. Out: a [`Ranking`]. Every site has a rank, though the order is only laid out as deep as
//! it will be shown: of a monolith's hundred thousand sites mostly the first twenty.

use std::cmp::Ordering;

use crate::diff::{Delta, Deltas, Metric};

/// The order of the sites of a comparison.
#[derive(Debug)]
pub struct Ranking<'d, 't, 'p> {
    deltas: &'d Deltas<'t, 'p>,
    by_space: Order,
    by_objects: Order,
}

/// The order by one metric.
#[derive(Debug)]
struct Order {
    /// Indexes into [`Deltas::sites`], as many as are laid out.
    first: Vec<usize>,
    /// By site: its rank, from 1, if all are laid out.
    ranks: Option<Vec<usize>>,
}

/// Ranks the sites of the comparison, and lays out the first `depth` of each order, or all.
///
/// The order is total: the delta, signed, then the key. No two sites have the same key.
pub fn rank<'d, 't, 'p>(deltas: &'d Deltas<'t, 'p>, depth: Option<usize>) -> Ranking<'d, 't, 'p> {
    let all = 0..deltas.sites.len();
    // Each is needed for many comparisons if all are laid out.
    let lays_out_all = depth.is_none_or(|depth| depth >= all.len());
    let keys: Vec<_> = deltas.sites.iter().filter(|_| lays_out_all).map(|site| deltas.key(site)).collect();
    let order = |metric: Metric| {
        let by = |a: &usize, b: &usize| compare(deltas, metric, *a, *b);
        match depth {
            Some(depth) if depth < all.len() => {
                let mut first = Vec::new();
                // The last of the best so far: few sites come before it, and few have as much.
                let mut last = None;
                for (site, Delta { change, .. }) in deltas.sites.iter().enumerate() {
                    let delta = change.delta_of(metric);
                    if last.is_some_and(|(least, last)| delta < least || delta == least && by(&last, &site).is_lt()) {
                        continue;
                    }
                    first.push(site);
                    if first.len() > 2 * depth + 1 {
                        let at = *first.select_nth_unstable_by(depth, by).1;
                        last = Some((deltas.sites[at].change.delta_of(metric), at));
                        first.truncate(depth + 1);
                    }
                }
                first.sort_unstable_by(by);
                first.truncate(depth);
                Order { first, ranks: None }
            }
            _ => {
                let mut first: Vec<_> = all.clone().collect();
                let delta = |site: usize| deltas.sites[site].change.delta_of(metric);
                first.sort_unstable_by(|&a, &b| delta(b).cmp(&delta(a)).then_with(|| keys[a].cmp(&keys[b])));
                let mut ranks = vec![0; first.len()];
                first.iter().zip(1..).for_each(|(&site, rank)| ranks[site] = rank);
                Order { first, ranks: Some(ranks) }
            }
        }
    };
    let (by_space, by_objects) = (order(Metric::Space), order(Metric::Objects));
    Ranking { deltas, by_space, by_objects }
}

fn compare(deltas: &Deltas<'_, '_>, metric: Metric, a: usize, b: usize) -> Ordering {
    let (a, b) = (&deltas.sites[a], &deltas.sites[b]);
    let by_delta = b.change.delta_of(metric).cmp(&a.change.delta_of(metric));
    by_delta.then_with(|| deltas.key(a).cmp(&deltas.key(b)))
}

impl<'d, 't, 'p> Ranking<'d, 't, 'p> {
    /// What is ranked.
    pub fn deltas(&self) -> &'d Deltas<'t, 'p> {
        self.deltas
    }

    /// The sites most grown in `metric`, as indexes into [`Deltas::sites`].
    pub fn by(&self, metric: Metric) -> &[usize] {
        &self.order(metric).first
    }

    /// The ranks of some sites by `metric`, from 1.
    pub fn ranks(&self, metric: Metric, sites: &[usize]) -> Vec<usize> {
        if let Some(ranks) = &self.order(metric).ranks {
            return sites.iter().map(|&site| ranks[site]).collect();
        }
        let by = |a: usize, b: usize| compare(self.deltas, metric, a, b);
        let mut order: Vec<_> = (0..sites.len()).collect();
        order.sort_unstable_by(|&a, &b| by(sites[a], sites[b]));
        let delta = |site: usize| self.deltas.sites[site].change.delta_of(metric);
        let asked: Vec<_> = order.iter().map(|&at| (delta(sites[at]), sites[at])).collect();
        // By place in that order: how many sites come before it, but not before the one in front of it.
        let mut before = vec![0; sites.len() + 1];
        let Some(&(least, _)) = asked.last() else { return Vec::new() };
        // Most sites come behind all that are asked for, and few have as much as one of these.
        for (site, Delta { change, .. }) in self.deltas.sites.iter().enumerate() {
            let delta = change.delta_of(metric);
            if delta >= least {
                let is_before = |&(other, asked): &(i128, usize)| match other.cmp(&delta) {
                    Ordering::Equal => by(asked, site).is_le(),
                    order => order.is_gt(),
                };
                before[asked.partition_point(is_before)] += 1;
            }
        }
        let mut ranks = vec![0; sites.len()];
        let mut rank = 1;
        for (place, at) in order.into_iter().enumerate() {
            rank += before[place];
            ranks[at] = rank;
        }
        ranks
    }

    fn order(&self, metric: Metric) -> &Order {
        match metric {
            Metric::Space => &self.by_space,
            Metric::Objects => &self.by_objects,
        }
    }
}
