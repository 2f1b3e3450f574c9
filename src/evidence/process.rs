//! Whether two profiles are of one process. In: the buckets of both. Buckets are never removed and what they
//! allocated never falls, so all of the earlier profile are in the later one of the same process.

use crate::profile::BucketHash;
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
    let (Some(base_dead), Some(current_dead)) = (base.dead(), current.dead()) else { return Process::Different };
    let mut idle = true;
    let mut not_less = |before: u32, after: u32| {
        idle &= after == before;
        before != u32::MAX && after != u32::MAX && before <= after
    };
    let dead = |hash| {
        let found = current_dead.buckets.binary_search_by_key(&hash, |bucket| bucket.hash);
        found.ok().map(|at| current.allocated(&current_dead.buckets[at]))
    };
    // Of rarer ones all are remembered.
    let may_be_forgotten = |hash: BucketHash| hash.rarity() < current_dead.level;
    let (mut same, mut added) = (true, false);
    pairs(base, current, |before, after| {
        same &= match (before, after) {
            (Some(before), Some(after)) => not_less(before.allocated, after.allocated),
            (Some(gone), None) => match dead(gone.hash) {
                Some(allocated) => not_less(gone.allocated, allocated),
                None => may_be_forgotten(gone.hash),
            },
            (None, Some(new)) => match base_dead.buckets.binary_search_by_key(&new.hash, |bucket| bucket.hash) {
                Ok(at) => not_less(base.allocated(&base_dead.buckets[at]), new.allocated),
                Err(_) => {
                    added = true;
                    true
                }
            },
            (None, None) => true,
        };
    });
    for bucket in base_dead.buckets.iter().filter(|bucket| bucket.allocated_space > 0) {
        same &= match dead(bucket.hash) {
            Some(allocated) => not_less(base.allocated(bucket), allocated),
            None => {
                let size = u32::try_from(bucket.size).unwrap_or(0);
                let key = |bucket: &Bucket| (bucket.hash, bucket.size);
                // Those that live now were compared above.
                let lives = current.list().binary_search_by_key(&(bucket.hash, size), key).is_ok();
                lives || may_be_forgotten(bucket.hash)
            }
        };
    }
    if same { Process::Same { idle: idle && !added } } else { Process::Different }
}

/// Shows the buckets of both sides, those that are on both together.
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
