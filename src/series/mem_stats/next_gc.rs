//! The live heap by NextGC, which the collector sets by the live bytes it found, if nothing else bounds it.

use super::source::{Field, LiveHeapSource, UnknownCause, values};
use crate::profile::MemStats;

/// From this on a size means that there is no limit: the runtime writes the greatest number, some sources a float.
const UNLIMITED: u64 = 1 << 62;
/// GOGC=off as an unsigned number of 32 bits; no program sets half of that.
const MAX_GOGC_PERCENT: u64 = 1 << 31;
/// NextGC of the smallest heaps with GOGC=100, and a little above it.
const MIN_NEXT_GC_BYTES: u64 = (4 << 20) / 20 * 21;
/// Falls of the live heap up to this many bytes are none.
const MIN_FALL_BYTES: u64 = 1 << 20;

/// The smallest and the greatest NextGC of a series, bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct NextGcRange {
    least: u64,
    most: u64,
}

impl NextGcRange {
    pub(super) fn of(next: &[u64]) -> Self {
        let (least, most) = (next.iter().min(), next.iter().max());
        NextGcRange { least: least.copied().unwrap_or(0), most: most.copied().unwrap_or(0) }
    }

    /// Whether it never leaves 2 %: it is bound, or the heap is steady.
    pub(super) fn is_constant(self) -> bool {
        50 * u128::from(self.most - self.least) <= u128::from(self.most)
    }

    /// Whether a value can be of a heap above the minimum.
    pub(super) fn is_above_minimum(self, next: u64) -> bool {
        self.least > MIN_NEXT_GC_BYTES || 50 * u128::from(next) > 51 * u128::from(self.least)
    }

    /// Whether it says nothing of garbage: a bound holds it, or the heap is steady.
    pub(super) fn is_pinned(self) -> bool {
        self.least > MIN_NEXT_GC_BYTES && self.is_constant()
    }
}

/// Whether GOGC is off in one of the snapshots.
pub(super) fn is_gogc_off(snapshots: &[MemStats]) -> bool {
    let is_off = |stats: &MemStats| {
        stats.gogc_percent.is_some_and(|percent| percent > MAX_GOGC_PERCENT)
            || stats.next_gc.is_some_and(|next| next >= UNLIMITED)
    };
    snapshots.iter().any(is_off)
}

/// The live heap by NextGC in each of the snapshots, bytes.
pub(super) fn live_by_next_gc(snapshots: &[MemStats]) -> Result<(LiveHeapSource, Vec<u64>), UnknownCause> {
    if is_gogc_off(snapshots) {
        return Err(UnknownCause::GogcOff);
    }
    let next = values(snapshots, |stats| stats.next_gc).ok_or(UnknownCause::Missing("NextGC"))?;
    let range = NextGcRange::of(&next);
    let limit = snapshots.last().and_then(|stats| stats.memory_limit).filter(|&limit| limit < UNLIMITED);
    if limit.is_some_and(|limit| 20 * u128::from(range.most) >= 17 * u128::from(limit)) {
        return Err(UnknownCause::MemoryLimit);
    }
    if range.most <= MIN_NEXT_GC_BYTES {
        return Err(UnknownCause::SmallHeap);
    }
    let numbers: [Field; 2] = [|stats| stats.heap_alloc, |stats| stats.heap_objects];
    let grows = |field: &Field| values(snapshots, *field).is_some_and(|values| low_grew_by(&values, 4));
    if range.is_constant() && numbers.iter().any(grows) {
        return Err(UnknownCause::NextGcPinned);
    }
    // A live heap that stays as it is looks the same as one that grows under GOMEMLIMIT.
    if range.is_constant() && snapshots.iter().any(|stats| stats.memory_limit.is_none()) {
        return Err(UnknownCause::NextGcConstant);
    }
    let gogc = values(snapshots, |stats| stats.gogc_percent);
    let source = if gogc.is_some() { LiveHeapSource::NextGcByGogc } else { LiveHeapSource::HalfNextGc };
    let percents = gogc.unwrap_or_else(|| vec![100; next.len()]);
    let live = next.iter().zip(percents).map(|(&next, percent)| {
        let live = u128::from(next) * 100 / (100 + u128::from(percent));
        u64::try_from(live).unwrap_or(next)
    });
    let live: Vec<_> = live.collect();
    let (&[first, ..], &[.., last]) = (&live[..], &live[..]) else { return Err(UnknownCause::OneSnapshot) };
    // Falls count even where it only falls: GOMEMLIMIT lowers NextGC as the memory outside the heap grows.
    let falls = live.windows(2).map(|pair| pair[0].saturating_sub(pair[1])).fold(0, u64::saturating_add);
    if falls > MIN_FALL_BYTES.max(first / 50).max(first.abs_diff(last) / 4) {
        return Err(UnknownCause::NextGcUnsteady(falls));
    }
    Ok((source, live))
}

/// Whether the lowest value of the second half is above that of the first by at least one `part`-th of it.
pub(super) fn low_grew_by(values: &[u64], part: i128) -> bool {
    let (early, late) = values.split_at((values.len() / 2 + 1).min(values.len() - 1));
    let [early, late] = [early, late].map(|half| half.iter().copied().min().unwrap_or(0));
    part * (i128::from(late) - i128::from(early)) >= i128::from(early.max(1))
}
