//! Whether two profiles are of one process. In: the buckets of both. Buckets are never removed and what they
//! allocated never falls, so all of the earlier profile are in the later one of the same process.

use crate::profile::{BucketHash, ProcessFingerprint};
use crate::site::{Bucket, Buckets};

/// What the buckets say of the processes they come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Process {
    /// Nothing tells that they are not of one process.
    Same {
        /// Whether anything was allocated in between, as far as the profiles know: they are of the last GC.
        idle: bool,
    },
    /// Of two, or nobody can tell.
    Different,
}

/// Compares the buckets of the earlier profile with those of the later one.
pub fn process(base: &Buckets, current: &Buckets) -> Process {
    known_process(base, current).unwrap_or(Process::Different)
}

/// Likewise; `None` if nobody can tell, as one of the profiles does not say what was allocated.
pub fn known_process(base: &Buckets, current: &Buckets) -> Option<Process> {
    let (base_print, current_print) = (base.fingerprint()?, current.fingerprint()?);
    let threshold = base_print.threshold.max(current_print.threshold);
    let (before, after) = (allocated(base, base_print, threshold)?, allocated(current, current_print, threshold)?);
    let mut idle = !before.is_empty() && before.len() == after.len();
    let mut after = after.into_iter().peekable();
    for (hash, allocated) in before {
        // New ones.
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

/// What each bucket, live or dead, ever allocated, in samples, sorted; only those that are remembered in any
/// case. `None` if that of one is not known. A profile may have several samples of one bucket, whose stacks
/// differ in frames that Go hides.
fn allocated(buckets: &Buckets, fingerprint: &ProcessFingerprint, threshold: u32) -> Option<Vec<(BucketHash, u64)>> {
    let live = buckets.list().iter().map(|bucket| (bucket.hash, bucket.allocated));
    // Go writes buckets of which nothing is known yet, not even the size.
    let dead = fingerprint.buckets.iter().filter(|bucket| bucket.allocated_space != 0);
    let dead = dead.map(|bucket| (bucket.hash, buckets.allocated(bucket)));
    let remembered = live.chain(dead).filter(|(hash, _)| hash.rarity() >= threshold);
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

/// Shows the buckets of both sides, those that are on both together.
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
