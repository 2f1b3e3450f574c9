//! Memory that the process holds for its heap beyond what the collector needs.

use super::HeapPattern;
use crate::profile::MemStats;

/// Bytes that may be held from the system, or be unused between objects, without meaning anything.
const HELD_SLACK_BYTES: u64 = 16 << 20;

/// What the process holds for its heap in the last snapshot, bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldMemory {
    /// HeapSys − HeapReleased: all memory held for the heap.
    pub held: u64,
    /// HeapAlloc: memory of objects.
    pub alloc: u64,
    /// NextGC: what the collector lets the heap grow to anyway.
    pub next_gc: u64,
    /// HeapIdle − HeapReleased: spans without objects.
    pub idle: Option<u64>,
    /// HeapInuse − HeapAlloc: unused memory in spans with objects.
    pub between: Option<u64>,
}

impl HeldMemory {
    /// `None` if the snapshot lacks HeapSys, HeapReleased, HeapAlloc or NextGC.
    pub(super) fn new(stats: &MemStats) -> Option<Self> {
        let difference = |one: Option<u64>, other: Option<u64>| Some(one?.saturating_sub(other?));
        Some(HeldMemory {
            held: difference(stats.heap_sys, stats.heap_released)?,
            alloc: stats.heap_alloc?,
            next_gc: stats.next_gc?,
            idle: difference(stats.heap_idle, stats.heap_released),
            between: difference(stats.heap_inuse, stats.heap_alloc),
        })
    }

    /// The pattern of memory held beyond two and a half times NextGC, and beyond the slack.
    pub(super) fn pattern(self) -> Option<HeapPattern> {
        let exceeds_next_gc = 2 * u128::from(self.held) > 5 * u128::from(self.next_gc);
        if !exceeds_next_gc || self.held.saturating_sub(self.alloc) <= HELD_SLACK_BYTES {
            return None;
        }
        let is_fragmented = self.between.is_some_and(|between| between > HELD_SLACK_BYTES.max(self.alloc));
        Some(if is_fragmented { HeapPattern::Fragmentation } else { HeapPattern::RetainedIdle })
    }
}
