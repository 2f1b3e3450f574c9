//! What was born and what died at each site. In: the buckets of both sides of [`Deltas`]. Out: [`Turnover`].

use super::interval::BucketTurnover;
use super::process::{Process, pairs, process};
use crate::diff::{Delta, Deltas};
use crate::order::counting_sort_by;
use crate::site::Bucket;

/// What moved at each site, and what stands there.
#[derive(Debug)]
pub(super) struct Turnover {
    pub(super) process: Process,
    /// Samples that were taken in between, at least: of buckets that live on both sides.
    pub(super) taken: u64,
    /// By site, and one behind the last: where its part of `moved` starts.
    first: Vec<u32>,
    moved: Vec<BucketTurnover>,
    /// By site.
    pub(super) counts: Vec<Counts>,
}

/// The live samples of a site.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    /// In the earlier and in the later profile.
    pub(super) live: [u64; 2],
    /// Whether there are some that nobody can count.
    pub(super) unknown: bool,
}

impl Turnover {
    pub(super) fn new(deltas: &Deltas<'_, '_>) -> Self {
        let (base, current) = (deltas.base.buckets(), deltas.current.buckets());
        let in_base = Indexes::new(deltas, |site| site.base);
        let in_current = Indexes::new(deltas, |site| site.current);
        let counts = {
            let mut counts = vec![Counts::default(); deltas.sites.len()];
            for (side, (buckets, sites)) in [(base, &in_base), (current, &in_current)].into_iter().enumerate() {
                for bucket in buckets.list() {
                    if let Some(site) = sites.of(bucket.site) {
                        counts[site].live[side] += u64::from(bucket.live);
                        counts[site].unknown |= bucket.size == 0;
                    }
                }
            }
            counts
        };
        let process = process(base, current);
        let is_same = process != Process::Different;
        let (taken, found) = {
            // In the order of buckets, which is none.
            let mut found: Vec<(u32, BucketTurnover)> = Vec::new();
            let mut add = |site: Option<usize>, size: u32, born: u32, died: u32| {
                if let Some(site) = site.filter(|_| size > 0 && (born, died) != (0, 0)) {
                    let moved = BucketTurnover { size: size.into(), born: born.into(), died: died.into() };
                    found.push((u32::try_from(site).unwrap_or(u32::MAX), moved));
                }
            };
            let mut taken = 0u64;
            pairs(base, current, |before, after| {
                let before = before.map(|bucket| (bucket, in_base.of(bucket.site)));
                let after = after.map(|bucket| (bucket, in_current.of(bucket.site)));
                match (before, after) {
                    (Some((before, there)), Some((after, here))) if is_same && there == here => {
                        let (born, died) = born_and_died(before, after);
                        if before.allocated != u32::MAX && after.allocated != u32::MAX {
                            taken += u64::from(after.allocated.saturating_sub(before.allocated));
                        }
                        add(here, after.size, born, died);
                    }
                    _ => {
                        before.inspect(|(bucket, site)| add(*site, bucket.size, 0, bucket.live));
                        after.inspect(|(bucket, site)| add(*site, bucket.size, bucket.live, 0));
                    }
                }
            });
            (taken, found)
        };
        let (counts, (taken, found)) = at_once_if_many(deltas.sites.len(), counts, moved);
        Turnover { taken, ..Turnover::of_each(process, counts, found) }
    }

    /// `found`: what moved, each with its site.
    fn of_each(process: Process, counts: Vec<Counts>, mut found: Vec<(u32, BucketTurnover)>) -> Self {
        let first = group(&mut found, counts.len(), |&(site, _)| site);
        let mut moved: Vec<_> = found.into_iter().map(|(_, moved)| moved).collect();
        // Sums of floating point depend on their order, and that of buckets on addresses.
        first.windows(2).filter(|ends| ends[1] - ends[0] > 1).for_each(|ends| {
            moved[ends[0] as usize..ends[1] as usize]
                .sort_unstable_by_key(|bucket| (bucket.size, bucket.born, bucket.died));
        });
        Turnover { process, taken: 0, first, moved, counts }
    }

    /// These, and what moved in a comparison whose growth is usual: what was born there counts as dead here.
    /// `here`: the index here of a site there.
    pub(super) fn beyond(self, usual: &Turnover, here: impl Fn(usize) -> Option<usize>) -> Self {
        let sites = |moves: &Turnover| 0..moves.counts.len();
        let all = |moves: &Turnover, site: usize| moves.of(site).to_vec();
        let mut counts = self.counts.clone();
        let mut found: Vec<(u32, BucketTurnover)> = Vec::new();
        let mut add = |site: usize, moved: BucketTurnover| found.push((u32::try_from(site).unwrap_or(u32::MAX), moved));
        sites(&self).for_each(|site| all(&self, site).into_iter().for_each(|moved| add(site, moved)));
        for site in sites(usual) {
            if let Some(at) = here(site) {
                counts[at].unknown |= usual.counts[site].unknown;
                let mirrored = |moved: BucketTurnover| BucketTurnover { born: moved.died, died: moved.born, ..moved };
                all(usual, site).into_iter().for_each(|moved| add(at, mirrored(moved)));
            }
        }
        let process = if usual.process == Process::Different { Process::Different } else { self.process };
        Turnover::of_each(process, counts, found)
    }

    /// What moved anywhere.
    pub(super) fn all(&self) -> &[BucketTurnover] {
        &self.moved
    }

    /// What moved at a site, by its index in [`Deltas::sites`].
    pub(super) fn of(&self, site: usize) -> &[BucketTurnover] {
        &self.moved[self.first[site] as usize..self.first[site + 1] as usize]
    }
}

/// The most samples that can be new in a bucket, and that can be gone: bounded by what was allocated in
/// between. Their difference is exact.
fn born_and_died(before: &Bucket, after: &Bucket) -> (u32, u32) {
    if before.allocated == u32::MAX || after.allocated == u32::MAX {
        return (after.live, before.live);
    }
    let births = after.allocated.saturating_sub(before.allocated);
    let deaths = (u64::from(births) + u64::from(before.live)).saturating_sub(after.live.into());
    (births.min(after.live), u32::try_from(deaths).unwrap_or(u32::MAX).min(before.live))
}

/// The indexes in [`Deltas::sites`] of the sites of one table.
struct Indexes(Vec<u32>);

impl Indexes {
    const NONE: u32 = u32::MAX;

    fn new(deltas: &Deltas<'_, '_>, side: impl Fn(&Delta) -> Option<usize>) -> Self {
        let mut indexes = Vec::new();
        for (site, at) in deltas.sites.iter().zip(0..) {
            let Some(index) = side(site) else { continue };
            if index >= indexes.len() {
                indexes.resize(index + 1, Self::NONE);
            }
            indexes[index] = at;
        }
        Indexes(indexes)
    }

    fn of(&self, site: u32) -> Option<usize> {
        self.0.get(site as usize).filter(|&&at| at != Self::NONE).map(|&at| at as usize)
    }
}
