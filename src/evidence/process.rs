//! Whether two profiles are of one process.
//!
//! Go never removes a bucket, and what it allocated never falls: all buckets of a profile are in a later one of the same
//! process.

use crate::profile::{BucketHash, ProcessFingerprint};
use crate::site::{Bucket, Buckets};

/// Whether two profiles are of one process, by their buckets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Nothing contradicts one process.
    Same {
        /// Whether nothing was allocated in between. Profiles are of the last GC, so this is true as of that GC.
        idle: bool,
    },
    /// Two processes, or unknown.
    Different,
}

/// Whether the profiles are of one process; [`Process::Different`] if unknown.
pub fn process(base: &Buckets, current: &Buckets) -> Process {
    known_process(base, current).unwrap_or(Process::Different)
}

/// Whether the profiles are of one process; `None` if one of them does not say what was allocated.
pub fn known_process(base: &Buckets, current: &Buckets) -> Option<Process> {
    let (base_print, current_print) = (base.fingerprint()?, current.fingerprint()?);
    let level = base_print.threshold.max(current_print.threshold);
    let (before, after) = (allocated(base, base_print, level)?, allocated(current, current_print, level)?);
    let mut idle = !before.is_empty() && before.len() == after.len();
    let mut after = after.into_iter().peekable();
    for (hash, allocated) in before {
        // New buckets.
        while after.next_if(|(other, _)| *other < hash).is_some() {
            idle = false;
        }
        match after.next_if(|(other, _)| *other == hash) {
            Some((_, later)) if later >= allocated => idle &= later == allocated,
            _ => return Some(Process::Different),
        }
    }
    Some(Process::Same { idle })
}

/// The raw samples that each bucket, live or dead, ever allocated, by hash; only buckets at or above `level`, which both
/// profiles remember. `None` if any is unknown. A profile may have several samples of one bucket, whose stacks differ in
/// frames that Go hides.
fn allocated(buckets: &Buckets, dead: &ProcessFingerprint, level: u32) -> Option<Vec<(BucketHash, u64)>> {
    let live = buckets.list().iter().map(|bucket| (bucket.hash, bucket.allocated));
    // Go also writes buckets of which nothing is known yet, not even the size.
    let dead = dead.buckets.iter().filter(|bucket| bucket.allocated_space != 0);
    let dead = dead.map(|bucket| (bucket.hash, buckets.allocated(bucket)));
    let remembered = live.chain(dead).filter(|(hash, _)| hash.rarity() >= level);
    let known = |(hash, allocated)| (allocated != u32::MAX).then_some((hash, u64::from(allocated)));
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

/// Calls `show` with each bucket of either side, and with both where both sides have it.
#[inline]
pub(super) fn pairs(base: &Buckets, current: &Buckets, mut show: impl FnMut(Option<&Bucket>, Option<&Bucket>)) {
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
