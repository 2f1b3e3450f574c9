//! Whether two profiles are of one process.
//!
//! Go never removes a bucket, and what it allocated never falls: all buckets of a profile are in a later one of the same
//! process.

use crate::profile::{BucketHash, ProcessFingerprint};
use crate::site::{Bucket, Buckets};

/// Whether two profiles are of one process, by their buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProcessRelation {
    /// Nothing contradicts one process.
    Same {
        /// Whether nothing was allocated in between. Profiles are of the last GC, so this is true as of that GC.
        idle: bool,
    },
    /// Two processes.
    Different,
    /// Unknown, as one of the profiles does not say what was allocated.
    Unknown,
}

impl ProcessRelation {
    /// Whether nothing contradicts one process.
    pub fn is_same(self) -> bool {
        matches!(self, ProcessRelation::Same { .. })
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
    let mut idle = !before.is_empty() && before.len() == after.len();
    let mut after = after.into_iter().peekable();
    for (hash, allocated) in before {
        // New buckets.
        while after.next_if(|(other, _)| *other < hash).is_some() {
            idle = false;
        }
        match after.next_if(|(other, _)| *other == hash) {
            Some((_, later)) if later >= allocated => idle &= later == allocated,
            _ => return Some(ProcessRelation::Different),
        }
    }
    Some(ProcessRelation::Same { idle })
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
