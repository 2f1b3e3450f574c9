//! Births and deaths at every site. In: the buckets of both sides of [`Deltas`]. Out: [`Turnover`].

use std::collections::HashMap;
use std::slice::from_ref;

use foldhash::fast::RandomState;

use super::process::{ProcessRelation, process_relation as process_relation_of};
use crate::diff::{Deltas, SiteDelta};
use crate::order::{group_starts, sorted};
use crate::site::{Bucket, Buckets, SiteKey};

/// Births and deaths in one bucket (a stack and an object size) between two profiles.
///
/// Of one process: samples that are new, and samples that are gone. Of two processes: all samples of either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BucketTurnover {
    /// Bytes of an object, rounded up by the allocator.
    pub size: u64,
    /// Raw samples that only the current profile has.
    pub born: u64,
    /// Raw samples that only the base has.
    pub died: u64,
    /// Whether they are of the runs whose growth is usual, where these are of another number: then they count for
    /// [`SideWeights::usual`](super::SideWeights::usual) times as much.
    pub is_usual: bool,
}

impl BucketTurnover {
    /// The bucket as if all its samples had been born.
    pub(super) fn all_born(&self) -> Self {
        BucketTurnover { born: self.born.saturating_add(self.died), died: 0, ..*self }
    }

    /// The bucket with base and current exchanged.
    pub(super) fn mirrored(&self) -> Self {
        BucketTurnover { born: self.died, died: self.born, ..*self }
    }
}

/// The turnover of all sites, and their live samples. Sites have their indexes in [`Deltas::sites`].
#[derive(Debug)]
pub(super) struct Turnover {
    pub(super) process_relation: ProcessRelation,
    /// Raw samples taken between the profiles in buckets that live in both; 0 if unknown.
    pub(super) taken_between: u64,
    /// By site.
    pub(super) live: Vec<LiveSamples>,
    /// Smallest size of a live object on either side, bytes; `None` if nothing that can be counted is alive.
    pub(super) smallest: Option<u64>,
    /// Of sites whose growth is usual, and which this comparison does not have: they count in the whole heap.
    elsewhere: Vec<BucketTurnover>,
    /// Whether there are samples among those that cannot be counted.
    pub(super) has_unknown_elsewhere: bool,
    /// Sorted by site, without buckets in which nothing was born or died.
    buckets: Vec<BucketTurnover>,
    /// By site, and one at the end: its first bucket.
    start: Vec<u32>,
}

/// The live raw samples of a site.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LiveSamples {
    /// In the base and in the current profile.
    pub(super) by_side: [u64; 2],
    /// Whether there are samples that cannot be counted.
    pub(super) has_unknown: bool,
}

impl Turnover {
    pub(super) fn new(deltas: &Deltas<'_, '_>) -> Self {
        let (base, current) = (deltas.base.buckets(), deltas.current.buckets());
        let in_base = DeltaIndexes::new(deltas, |site| site.base);
        let in_current = DeltaIndexes::new(deltas, |site| site.current);
        let mut live = vec![LiveSamples::default(); deltas.sites.len()];
        let mut smallest = u32::MAX;
        for (side, (buckets, indexes)) in [(base, &in_base), (current, &in_current)].into_iter().enumerate() {
            for bucket in buckets.list() {
                if let Some(site) = indexes.get(bucket.site) {
                    live[site].by_side[side] += u64::from(bucket.live);
                    live[site].has_unknown |= bucket.size == 0;
                    // An unknown size becomes the largest.
                    smallest = smallest.min(bucket.size.wrapping_sub(1));
                }
            }
        }
        // Addresses that are not matched are neither new nor gone.
        if !deltas.match_addresses {
            for (live, site) in live.iter_mut().zip(&deltas.sites) {
                live.has_unknown |= matches!(deltas.key(site), SiteKey::Address { .. });
            }
        }
        let mut moved = Vec::new();
        let (mut process_relation, mut taken_between) = (None, 0u64);
        let sides = if deltas.has_paired_runs {
            [deltas.base.runs(), deltas.current.runs()]
        } else {
            [from_ref(base), from_ref(current)]
        };
        for (base, current) in sides[0].iter().zip(sides[1]) {
            // A run that counts everything looks like a later snapshot of another.
            let relation = match deltas.is_by_work() {
                true => ProcessRelation::Different,
                false => process_relation_of(base, current).unless_contradicted(deltas.is_one_process),
            };
            let is_same = relation.is_same();
            taken_between += add_moved(base, current, is_same, [&in_base, &in_current], &mut moved);
            process_relation = Some(process_relation.map_or(relation, |known: ProcessRelation| known.and(relation)));
        }
        let process_relation = process_relation.unwrap_or(ProcessRelation::Unknown);
        let smallest = (smallest < u32::MAX).then(|| u64::from(smallest) + 1);
        Turnover { taken_between, ..Turnover::from_buckets(process_relation, live, smallest, moved) }
    }

    /// `moved`: buckets with their sites, in any order.
    fn from_buckets(
        process_relation: ProcessRelation,
        live: Vec<LiveSamples>,
        smallest: Option<u64>,
        mut moved: Vec<(usize, BucketTurnover)>,
    ) -> Self {
        // A total order, because sums of floating point depend on it.
        moved.sort_unstable_by_key(|&(site, BucketTurnover { size, born, died, is_usual })| {
            (site, size, is_usual, born, died)
        });
        let sites = moved.iter().map(|&(site, _)| u32::try_from(site).unwrap_or(u32::MAX));
        let start = group_starts(live.len(), sites);
        let buckets = moved.into_iter().map(|(_, bucket)| bucket).collect();
        let (elsewhere, has_unknown_elsewhere) = (Vec::new(), false);
        Turnover {
            process_relation,
            taken_between: 0,
            live,
            smallest,
            elsewhere,
            has_unknown_elsewhere,
            buckets,
            start,
        }
    }

    /// Adds the turnover of another comparison, mirrored: what was born there counts as dead here. `here` maps its sites
    /// to those of this comparison; a site that this one does not have counts in the whole heap alone. `weighs_alike`: whether its samples count for as much.
    pub(super) fn excess_over(
        self,
        usual: &Turnover,
        weighs_alike: bool,
        here: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let mut live = self.live.clone();
        let own_buckets = |site: usize| self.of(site).iter().map(move |&bucket| (site, bucket));
        let mut moved: Vec<_> = (0..live.len()).flat_map(own_buckets).collect();
        let (mut elsewhere, mut has_unknown_elsewhere) = (Vec::new(), false);
        for site in 0..usual.live.len() {
            let mirrored = |bucket: &BucketTurnover| BucketTurnover { is_usual: !weighs_alike, ..bucket.mirrored() };
            let there = usual.of(site).iter().map(mirrored);
            match here(site) {
                Some(here) => {
                    live[here].has_unknown |= usual.live[site].has_unknown;
                    moved.extend(there.map(|bucket| (here, bucket)));
                }
                None => {
                    has_unknown_elsewhere |= usual.live[site].has_unknown;
                    elsewhere.extend(there);
                }
            }
        }
        let is_same = usual.process_relation.is_same();
        let process_relation = if is_same { self.process_relation } else { usual.process_relation };
        let smallest = [self.smallest, usual.smallest].into_iter().flatten().min();
        let own = Turnover::from_buckets(process_relation, live, smallest, moved);
        Turnover { elsewhere, has_unknown_elsewhere, ..own }
    }

    /// Births and deaths of all sites, added up by object size. The smallest live objects are among them even if none
    /// was born or died, as they bound what may have gone unseen.
    pub(super) fn by_size(&self) -> Vec<BucketTurnover> {
        let mut sums: HashMap<(u64, bool), BucketTurnover, RandomState> = HashMap::default();
        let smallest = self.smallest.map(|size| BucketTurnover { size, ..BucketTurnover::default() });
        for bucket in self.buckets.iter().chain(&self.elsewhere).chain(&smallest) {
            let empty = BucketTurnover { born: 0, died: 0, ..*bucket };
            let sum = sums.entry((bucket.size, bucket.is_usual)).or_insert(empty);
            sum.born = sum.born.saturating_add(bucket.born);
            sum.died = sum.died.saturating_add(bucket.died);
        }
        sorted(sums.into_values().collect(), |a, b| (a.size, a.is_usual).cmp(&(b.size, b.is_usual)))
    }

    /// The buckets of a site.
    pub(super) fn of(&self, site: usize) -> &[BucketTurnover] {
        &self.buckets[self.start[site] as usize..self.start[site + 1] as usize]
    }

    /// The buckets of a site; none if it has samples that cannot be counted.
    pub(super) fn known_of(&self, site: usize) -> &[BucketTurnover] {
        if self.live[site].has_unknown { &[] } else { self.of(site) }
    }
}

/// Adds the births and deaths in all buckets of two profiles to `moved`, by site. `indexes`: of the sites of either side.
/// Returns the raw samples taken between the profiles in buckets that live in both, as far as known.
pub(super) fn add_moved(
    base: &Buckets,
    current: &Buckets,
    is_one_process: bool,
    [in_base, in_current]: [&DeltaIndexes; 2],
    moved: &mut Vec<(usize, BucketTurnover)>,
) -> u64 {
    let mut taken_between = 0;
    let mut add = |site: Option<usize>, size: u32, born: u32, died: u32| {
        if let Some(site) = site.filter(|_| size > 0 && (born, died) != (0, 0)) {
            let (size, born, died) = (size.into(), born.into(), died.into());
            moved.push((site, BucketTurnover { size, born, died, is_usual: false }));
        }
    };
    for_each_bucket_pair(base, current, |before, after| {
        let before = before.map(|bucket| (bucket, in_base.get(bucket.site)));
        let after = after.map(|bucket| (bucket, in_current.get(bucket.site)));
        match (before, after) {
            (Some((before, there)), Some((after, here))) if is_one_process && there == here => {
                let (born, died) = born_and_died(before, after);
                if before.allocated != Bucket::UNKNOWN && after.allocated != Bucket::UNKNOWN {
                    taken_between += u64::from(after.allocated.saturating_sub(before.allocated));
                }
                add(here, after.size, born, died);
            }
            _ => {
                before.inspect(|(bucket, site)| add(*site, bucket.size, 0, bucket.live));
                after.inspect(|(bucket, site)| add(*site, bucket.size, bucket.live, 0));
            }
        }
    });
    taken_between
}

/// Calls `show` with each bucket of either side, and with both where both sides have it.
#[inline]
fn for_each_bucket_pair(base: &Buckets, current: &Buckets, mut show: impl FnMut(Option<&Bucket>, Option<&Bucket>)) {
    let (mut before, mut after) = (base.list().iter().peekable(), current.list().iter().peekable());
    let key = |bucket: &&Bucket| (bucket.hash, bucket.size);
    while before.peek().is_some() || after.peek().is_some() {
        let (first, second) = (before.peek().map(key), after.peek().map(key));
        let takes_before = second.is_none() || first.is_some_and(|first| Some(first) <= second);
        let takes_after = !takes_before || first == second;
        let before = if takes_before { before.next() } else { None };
        let after = if takes_after { after.next() } else { None };
        show(before, after);
    }
}

/// The most raw samples that can be new in a bucket, and the most that can be gone: bounded by what was allocated in
/// between. Their difference is exact.
fn born_and_died(before: &Bucket, after: &Bucket) -> (u32, u32) {
    if before.allocated == Bucket::UNKNOWN || after.allocated == Bucket::UNKNOWN {
        return (after.live, before.live);
    }
    let births = after.allocated.saturating_sub(before.allocated);
    let deaths = (u64::from(births) + u64::from(before.live)).saturating_sub(after.live.into());
    (births.min(after.live), u32::try_from(deaths).unwrap_or(u32::MAX).min(before.live))
}

/// By site of one table: its index in [`Deltas::sites`].
pub(super) struct DeltaIndexes(Vec<Option<usize>>);

impl DeltaIndexes {
    pub(super) fn new(deltas: &Deltas<'_, '_>, side: impl Fn(&SiteDelta) -> Option<usize>) -> Self {
        let mut indexes = Vec::new();
        for (at, site) in deltas.sites.iter().enumerate() {
            let Some(index) = side(site) else { continue };
            if index >= indexes.len() {
                indexes.resize(index + 1, None);
            }
            indexes[index] = Some(at);
        }
        DeltaIndexes(indexes)
    }

    fn get(&self, site: u32) -> Option<usize> {
        self.0.get(site as usize).copied().flatten()
    }
}

/// Buckets by size, births and deaths.
#[cfg(test)]
pub(super) fn turnover(buckets: &[(u64, u64, u64)]) -> Vec<BucketTurnover> {
    buckets.iter().map(|&(size, born, died)| BucketTurnover { size, born, died, is_usual: false }).collect()
}
