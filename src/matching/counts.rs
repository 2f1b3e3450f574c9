//! Multisets, and how alike two of them are.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::fast::RandomState;

/// A multiset while it is counted.
pub(super) type Counting<K> = HashMap<K, u64, RandomState>;

/// A multiset: keys with their weights, sorted by key.
#[derive(Debug, Clone, Default)]
pub(super) struct Counts<K> {
    entries: Vec<(K, u64)>,
    total: u64,
}

impl<K: Ord + Copy + Hash> Counts<K> {
    pub(super) fn new(counted: Counting<K>) -> Self {
        Self::from_entries(counted.into_iter().collect())
    }

    /// A multiset that was counted in order.
    pub(super) fn from_sorted(counted: std::collections::BTreeMap<K, u64>) -> Self {
        Self::from_entries(counted.into_iter().collect())
    }

    /// `entries` may have a key more than once.
    fn from_entries(mut entries: Vec<(K, u64)>) -> Self {
        entries.sort_unstable();
        entries.dedup_by(|next, sum| {
            let same = next.0 == sum.0;
            sum.1 = if same { sum.1.saturating_add(next.1) } else { sum.1 };
            same
        });
        let total = entries.iter().fold(0, |sum: u64, (_, weight)| sum.saturating_add(*weight));
        Counts { entries, total }
    }

    /// The same with other keys.
    pub(super) fn map<L: Ord + Copy + Hash>(&self, key: impl Fn(K) -> L) -> Counts<L> {
        Counts::from_entries(self.entries.iter().map(|&(old, weight)| (key(old), weight)).collect())
    }

    /// The union of several.
    pub(super) fn sum<'a>(all: impl Iterator<Item = &'a Counts<K>>) -> Self
    where
        K: 'a,
    {
        Self::from_entries(all.flat_map(|counts| counts.entries.iter().copied()).collect())
    }

    /// Sum of all weights.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, u64)> {
        self.entries.iter().copied()
    }

    pub(super) fn get(&self, key: K) -> u64 {
        self.entries.binary_search_by(|(known, _)| known.cmp(&key)).map_or(0, |at| self.entries[at].1)
    }

    /// The entries of the greatest weight, those of the least key first.
    pub(super) fn heaviest(&self, count: usize) -> Vec<(K, u64)> {
        let mut entries = self.entries.clone();
        entries.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        entries.truncate(count);
        entries
    }

    /// The keys that both have, with both weights.
    fn common<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = (K, u64, u64)> + 'a {
        let mut rest = &other.entries[..];
        self.entries.iter().filter_map(move |&(key, weight)| {
            rest = &rest[rest.partition_point(|(known, _)| *known < key)..];
            rest.first().filter(|(known, _)| *known == key).map(|&(_, other)| (key, weight, other))
        })
    }

    /// How much of both is the same, from 0 to 1: the sum of `min(a/|a|, b/|b|)`.
    pub(super) fn share(&self, other: &Self) -> f64 {
        if self.total == 0 || other.total == 0 {
            return 0.0;
        }
        let (all, other_all) = (self.total as f64, other.total as f64);
        self.common(other).map(|(_, a, b)| (a as f64 / all).min(b as f64 / other_all)).sum()
    }

    /// How much of either has keys in common, whatever their weights: the lesser of both shares, and the number of keys.
    pub(super) fn overlap(&self, other: &Self) -> Overlap<K> {
        if self.total == 0 || other.total == 0 {
            return Overlap { share: 0.0, keys: Vec::new() };
        }
        let (mut sums, mut keys) = ([0.0; 2], Vec::new());
        for (key, a, b) in self.common(other) {
            sums[0] += a as f64;
            sums[1] += b as f64;
            keys.push(key);
        }
        Overlap { share: (sums[0] / self.total as f64).min(sums[1] / other.total as f64), keys }
    }
}

/// Keys in common.
pub(super) struct Overlap<K> {
    /// The lesser share of the weights that these keys have.
    pub(super) share: f64,
    pub(super) keys: Vec<K>,
}

/// How close two amounts of bytes are, from 0 to 1: 1 if within sampling noise or about a third.
///
/// `rate`: sampling period, bytes.
pub(super) fn closeness(x: f64, y: f64, rate: f64) -> f64 {
    /// What counts for two amounts of which both are 0.
    const BOTH_NOTHING: f64 = 0.75;
    const SHARE: f64 = 0.35;
    if x <= 0.0 && y <= 0.0 {
        return BOTH_NOTHING;
    }
    let noise = if rate > 1.0 { ((x + y) * rate).sqrt() } else { 0.0 };
    let limit = SHARE * x.max(y) + 2.0 * noise;
    let distance = (x - y).abs();
    if distance <= limit { 1.0 } else { (1.0 - (distance - limit) / x.max(y)).max(0.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(entries: &[(u32, u64)]) -> Counts<u32> {
        Counts::from_entries(entries.to_vec())
    }

    #[test]
    fn shares_and_overlaps() {
        let (a, b) = (counts(&[(1, 3), (2, 1)]), counts(&[(3, 1), (1, 1), (2, 2)]));
        assert_eq!(a.share(&b), 0.25 + 0.25);
        assert_eq!(b.share(&a), 0.5);
        let overlap = a.overlap(&b);
        assert_eq!((overlap.share, overlap.keys), (0.75, vec![1, 2]));
        assert_eq!(a.share(&counts(&[])), 0.0);
        assert_eq!(a.overlap(&counts(&[])).share, 0.0);
        assert_eq!(a.map(|_| 7).get(7), 4);
        assert_eq!(counts(&[(1, 2), (2, 5), (0, 5)]).heaviest(2), [(0, 5), (2, 5)]);
    }

    #[test]
    fn amounts_are_close_within_noise_or_a_third() {
        assert_eq!(closeness(0.0, 0.0, 4096.0), 0.75);
        assert_eq!(closeness(100.0, 66.0, 1.0), 1.0);
        assert_eq!(closeness(100.0, 0.0, 1.0), 0.35);
        assert_eq!(closeness(4096.0, 0.0, 4096.0), 1.0);
        assert!(closeness(1e9, 1e8, 4096.0) < 0.5);
    }
}
