//! Whether two profiles are of one process.
//!
//! Go never removes a bucket, and what it allocated never falls: all buckets of a profile are in a later one of the same
//! process. Few buckets of two processes are alike by chance, so it also takes evidence that they are not.

use crate::profile::{BucketHash, ProcessFingerprint};
use crate::site::{Bucket, Buckets};

/// Whether two profiles are of one process, by their buckets and programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessRelation {
    /// Only one process makes such profiles.
    Same {
        /// Whether nothing was allocated in between. Profiles are of the last GC, so this is true as of that GC.
        idle: bool,
    },
    /// Nothing contradicts one process, but another one could have made such a profile as well.
    Possible {
        /// As for one process.
        idle: bool,
    },
    /// Two processes.
    Different,
    /// Unknown, as one of the profiles does not say what was allocated, or they count different samples.
    Unknown,
}

impl ProcessRelation {
    /// Whether the profiles are of one process.
    pub fn is_same(self) -> bool {
        matches!(self, ProcessRelation::Same { .. })
    }

    /// Whether nothing contradicts one process.
    pub fn may_be_same(self) -> bool {
        matches!(self, ProcessRelation::Same { .. } | ProcessRelation::Possible { .. })
    }

    /// Whether nothing was allocated in between, if the profiles are of one process.
    pub fn is_idle(self) -> bool {
        matches!(self, ProcessRelation::Same { idle: true } | ProcessRelation::Possible { idle: true })
    }

    /// The relation of several pairs of profiles: that of one process only if all are.
    #[must_use]
    pub(super) fn and(self, other: Self) -> Self {
        use ProcessRelation::{Different, Possible, Same, Unknown};
        match (self, other) {
            (Different, _) | (_, Different) => Different,
            (Unknown, _) | (_, Unknown) => Unknown,
            (Same { idle: one }, Same { idle: other }) => Same { idle: one && other },
            (Same { idle: one } | Possible { idle: one }, Same { idle: other } | Possible { idle: other }) => {
                Possible { idle: one && other }
            }
        }
    }

    /// The relation of profiles that are said to be of one process, which holds unless they contradict it.
    #[must_use]
    pub fn unless_contradicted(self, is_said: bool) -> Self {
        match self {
            ProcessRelation::Possible { idle } if is_said => ProcessRelation::Same { idle },
            relation => relation,
        }
    }
}

/// Whether the profiles are of one process.
pub fn process_relation(base: &Buckets, current: &Buckets) -> ProcessRelation {
    known_relation(base, current).unwrap_or(ProcessRelation::Unknown)
}

fn known_relation(base: &Buckets, current: &Buckets) -> Option<ProcessRelation> {
    let (base_print, current_print) = (base.fingerprint()?, current.fingerprint()?);
    let min_rarity = base_print.threshold.max(current_print.threshold);
    let (before, after) = (allocated(base, base_print, min_rarity)?, allocated(current, current_print, min_rarity)?);
    let relation =
        if base.is_of_other_program(current) { ProcessRelation::Different } else { relation(&before, &after) };
    // Raw samples of different rates do not compare, so that they are no evidence.
    let is_known = relation == ProcessRelation::Different || base.rate() == current.rate();
    is_known.then_some(relation)
}

/// Whether the profiles are of one process, by the raw samples that each bucket ever allocated; sorted.
fn relation(before: &[(BucketHash, u64)], after: &[(BucketHash, u64)]) -> ProcessRelation {
    let sum = |buckets: &[(BucketHash, u64)]| buckets.iter().map(|(_, allocated)| *allocated as f64).sum::<f64>();
    let mut evidence = ProcessEvidence::new(sum(after) / sum(before));
    let mut idle = !before.is_empty() && before.len() == after.len();
    let mut after = after.iter().peekable();
    for &(hash, allocated) in before {
        // New buckets.
        while after.next_if(|(other, _)| *other < hash).is_some() {
            idle = false;
        }
        match after.next_if(|(other, _)| *other == hash) {
            Some(&(_, later)) if later >= allocated => {
                idle &= later == allocated;
                evidence.add(allocated, later);
            }
            _ => return ProcessRelation::Different,
        }
    }
    if evidence.suffices() { ProcessRelation::Same { idle } } else { ProcessRelation::Possible { idle } }
}

/// Evidence that profiles in which every bucket of the base has allocated no less later are not so by chance.
///
/// Of 2,640 pairs of two processes with the same program and load, none had enough, and 59 passed without; of 3,007
/// pairs of one process, 191 had too little, mostly of 7 buckets or fewer.
struct ProcessEvidence {
    /// How much more the later profile allocated in all; at least 1.
    ratio: f64,
    /// −log₁₀ of the probability that all buckets of another process pass. Not added up beyond [`ProcessEvidence::ENOUGH`].
    improbability: f64,
    buckets: usize,
    /// Buckets that allocated nothing in between.
    unchanged: usize,
}

impl ProcessEvidence {
    const ENOUGH: f64 = 1.0;
    /// The fewest unchanged buckets that suffice.
    const MIN_UNCHANGED: usize = 6;
    /// At least one in this many base buckets must be unchanged.
    const UNCHANGED_PART: usize = 5;

    fn new(ratio: f64) -> Self {
        ProcessEvidence { ratio: ratio.max(1.0), improbability: 0.0, buckets: 0, unchanged: 0 }
    }

    /// Adds a bucket by its raw samples ever allocated.
    fn add(&mut self, before: u64, after: u64) {
        if before == 0 {
            return;
        }
        self.buckets += 1;
        self.unchanged += usize::from(before == after);
        if self.improbability < Self::ENOUGH {
            self.improbability -= libm::log1p(-chance_of_less(before + after, self.ratio)) / std::f64::consts::LN_10;
        }
    }

    fn suffices(&self) -> bool {
        let many_unchanged =
            self.unchanged >= Self::MIN_UNCHANGED && self.unchanged * Self::UNCHANGED_PART >= self.buckets;
        self.improbability >= Self::ENOUGH || many_unchanged
    }
}

/// From this many samples on a normal tail stands for the binomial one, so that the work for a bucket is bounded.
const MIN_NORMAL_SAMPLES: f64 = 10_000.0;

/// The probability that of `samples`, each of which is in the later of two profiles with odds of `ratio`, fewer than half
/// are. Within a millionth of exact for few samples, and within a few percent for many.
fn chance_of_less(samples: u64, ratio: f64) -> f64 {
    let (n, most) = (samples as f64, (samples.div_ceil(2) - 1) as f64);
    if n >= MIN_NORMAL_SAMPLES {
        let p = ratio / (1.0 + ratio);
        return libm::erfc((n * p - most - 0.5) / (2.0 * n * p / (1.0 + ratio)).sqrt()) / 2.0;
    }
    let ln_choices = libm::lgamma(n + 1.0) - libm::lgamma(most + 1.0) - libm::lgamma(n - most + 1.0);
    let ln_first = ln_choices - most * libm::log1p(1.0 / ratio) - (n - most) * libm::log1p(ratio);
    // No number of buckets makes evidence of so little.
    if ln_first < -30.0 {
        return 0.0;
    }
    let (mut term, mut sum, mut later) = (1.0, 0.0, most);
    while term > 1e-7 * sum {
        sum += term;
        term *= later / ((n - later + 1.0) * ratio);
        later -= 1.0;
    }
    sum * libm::exp(ln_first)
}

/// The raw samples that each bucket, live or dead, ever allocated, by hash; only buckets of at least `min_rarity`, which
/// both profiles remember. `None` if any is unknown. A profile may have several samples of one bucket, whose stacks
/// differ in frames that Go hides.
fn allocated(buckets: &Buckets, dead: &ProcessFingerprint, min_rarity: u32) -> Option<Vec<(BucketHash, u64)>> {
    let live = buckets.list().iter().map(|bucket| (bucket.hash, bucket.allocated));
    // Go also writes buckets of which nothing is known yet, not even the size.
    let dead = dead.buckets.iter().filter(|bucket| bucket.allocated_space != 0);
    let dead = dead.map(|bucket| (bucket.hash, buckets.allocated(bucket)));
    let remembered = live.chain(dead).filter(|(hash, _)| hash.rarity() >= min_rarity);
    let known = |(hash, allocated)| (allocated != Bucket::UNKNOWN).then_some((hash, u64::from(allocated)));
    let mut all = remembered.map(known).collect::<Option<Vec<_>>>()?;
    all.sort_unstable();
    all.dedup_by(|bucket, sum| {
        let same = bucket.0 == sum.0;
        if same {
            sum.1 += bucket.1;
        }
        same
    });
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chance_goes_on_where_the_normal_tail_takes_over() {
        for ratio in [1.0, 1.01, 1.03] {
            let [exact, normal] = [9_999, 10_001].map(|samples| chance_of_less(samples, ratio));
            assert!((exact / normal - 1.0).abs() < 0.02, "{ratio}: {exact} {normal}");
        }
        // Would take a hundred thousand steps as a sum.
        let most = u64::from(u32::MAX) * 2;
        assert!((chance_of_less(most, 1.0) - 0.5).abs() < 1e-4);
        assert!(chance_of_less(most, 2.0) == 0.0);
    }

    /// The relation of profiles with these raw samples by bucket.
    fn relation_of(pairs: &[(u64, u64)]) -> ProcessRelation {
        let side = |of: fn(&(u64, u64)) -> u64| -> Vec<_> {
            (0..).zip(pairs).map(|(at, pair)| (BucketHash::new([at].into_iter(), 16), of(pair))).collect()
        };
        let [mut before, mut after] = [side(|pair| pair.0), side(|pair| pair.1)];
        before.retain(|(_, allocated)| *allocated > 0);
        before.sort_unstable();
        after.sort_unstable();
        relation(&before, &after)
    }

    /// The improbability of pairs, which is not cut off.
    fn improbability(pairs: &[(u64, u64)]) -> f64 {
        let sum = |of: fn(&(u64, u64)) -> u64| pairs.iter().map(of).sum::<u64>() as f64;
        let ratio = (sum(|pair| pair.1) / sum(|pair| pair.0)).max(1.0);
        pairs.iter().map(|(before, after)| -libm::log10(1.0 - chance_of_less(before + after, ratio))).sum()
    }

    #[test]
    fn few_buckets_that_could_be_of_another_process_are_no_evidence() {
        let possible = ProcessRelation::Possible { idle: false };
        for (pairs, expected) in [
            (&[(5, 5), (3, 3), (8, 8)][..], ProcessRelation::Possible { idle: true }),
            (&[(5, 6), (3, 3), (8, 9)], possible),
            (&[(5, 6); 10], ProcessRelation::Same { idle: false }),
            (&[(2, 40); 8], possible),
            (&[], possible),
            (&[(0, 5); 100], possible),
            (&[(1, 1); 6], ProcessRelation::Same { idle: true }),
            (&[(5, 4); 10], ProcessRelation::Different),
        ] {
            assert_eq!(relation_of(pairs), expected, "{pairs:?}");
        }
        // Unchanged buckets must be many of all.
        let changed = |count| [vec![(1, 1); 6], vec![(1, 1000); count]].concat();
        assert_eq!(relation_of(&changed(24)), ProcessRelation::Same { idle: false });
        assert_eq!(relation_of(&changed(25)), possible);
    }

    #[test]
    fn the_improbability_of_another_process_is_that_of_the_binomial_distribution() {
        for (pairs, expected) in [
            (&[(5, 5), (3, 3), (8, 8)][..], 0.612),
            (&[(5, 6), (3, 3), (8, 9)], 0.610),
            (&[(5, 6); 10], 2.067),
            (&[(2, 40); 8], 0.0),
            // Half the binomial distribution, and half of its peak.
            (&[(1 << 31, 1 << 31)], 0.301_024),
        ] {
            assert!((improbability(pairs) - expected).abs() < 5e-4, "{pairs:?}: {}", improbability(pairs));
        }
    }

    #[test]
    fn what_is_said_holds_unless_contradicted() {
        let said = |relation: ProcessRelation| relation.unless_contradicted(true);
        assert_eq!(said(relation_of(&[(5, 6)])), ProcessRelation::Same { idle: false });
        assert_eq!(said(relation_of(&[(5, 4)])), ProcessRelation::Different);
        assert_eq!(said(ProcessRelation::Unknown), ProcessRelation::Unknown);
        assert!(!relation_of(&[(5, 6)]).unless_contradicted(false).is_same());
    }
}
