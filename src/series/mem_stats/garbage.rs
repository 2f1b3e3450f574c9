//! How much garbage may be in HeapAlloc after forced collections.
//!
//! The collector sets NextGC by what it found alive: the live heap, and GOGC percent of it and of the stacks. Where
//! HeapAlloc rises and NextGC does not, the difference is garbage.

use super::next_gc::{NextGcRange, is_gogc_off};
use super::source::values;
use crate::profile::MemStats;

/// Garbage up to this many bytes is none.
const MIN_GARBAGE_BYTES: f64 = (1 << 20) as f64;
/// Garbage up to this share of the growth is none.
const MAX_GARBAGE_SHARE: f64 = 0.25;

/// The bytes by which garbage in HeapAlloc varies over the snapshots; `None` if that is no more than its growth
/// allows. `alloc`: HeapAlloc of each.
pub(super) fn garbage(snapshots: &[MemStats], alloc: &[u64]) -> Option<u64> {
    let (&[first, ..], &[.., last]) = (alloc, alloc) else { return None };
    let allowed = MIN_GARBAGE_BYTES.max(first.abs_diff(last) as f64 * MAX_GARBAGE_SHARE);
    let next = values(snapshots, |stats| stats.next_gc).filter(|_| !is_gogc_off(snapshots));
    let garbage = match next {
        Some(next) if !NextGcRange::of(&next).is_pinned() => by_next_gc(snapshots, alloc, &next),
        // All that can be seen is that garbage comes and goes.
        _ => alloc.windows(2).map(|pair| pair[0].saturating_sub(pair[1]) as f64).sum(),
    };
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    (garbage > allowed).then_some(garbage as u64)
}

/// What HeapAlloc exceeds the live heap by, as NextGC tells it, in the snapshot with most and in that with least.
fn by_next_gc(snapshots: &[MemStats], alloc: &[u64], next: &[u64]) -> f64 {
    let range = NextGcRange::of(next);
    let at: Vec<_> = (0..next.len()).filter(|&at| range.is_above_minimum(next[at])).collect();
    // Since Go 1.18 the collector counts stacks as well, but not all of them.
    let spreads = [0.0, 1.0].map(|share_of_stacks| {
        let figures: Vec<_> = at
            .iter()
            .map(|&at| {
                let stacks = share_of_stacks * snapshots[at].stack_inuse.unwrap_or(0) as f64;
                (alloc[at] as f64, next[at] as f64, stacks)
            })
            .collect();
        // GOGC / 100, from the snapshot with least garbage.
        let least = figures.iter().map(|(alloc, next, stacks)| (next - alloc) / (alloc + stacks)).fold(0.0, f64::max);
        let garbage = figures.iter().zip(&at).map(|(&(alloc, next, stacks), &at)| {
            let gogc = snapshots[at].gogc_percent.map_or(least, |percent| percent as f64 / 100.0);
            alloc - (next - gogc * stacks) / (1.0 + gogc)
        });
        let [least, most] = garbage
            .fold([f64::INFINITY, f64::NEG_INFINITY], |[least, most], garbage| [least.min(garbage), most.max(garbage)]);
        if at.len() < 2 { 0.0 } else { most - least }
    });
    spreads[0].min(spreads[1])
}
