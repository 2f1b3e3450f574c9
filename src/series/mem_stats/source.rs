//! The numbers that can measure the live heap, and the reasons why none does.

use crate::profile::MemStats;

/// The number that measures the live heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveHeapSource {
    /// What the last collection found alive, as the runtime counts it.
    HeapLive,
    /// HeapAlloc right after a forced collection.
    HeapAlloc,
    /// Half of NextGC, which is the live heap at the last collection if GOGC is 100. Its scale is not known, but if GOGC
    /// does not change it grows as the live heap does.
    HalfNextGc,
    /// NextGC divided by 1 + GOGC / 100, where GOGC is known.
    NextGcByGogc,
}

impl LiveHeapSource {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            LiveHeapSource::HeapLive => "heap_live",
            LiveHeapSource::HeapAlloc => "heap_alloc",
            LiveHeapSource::HalfNextGc => "half_next_gc",
            LiveHeapSource::NextGcByGogc => "next_gc_by_gogc",
        }
    }

    /// Whether it is the live heap to the byte, or nearly so, rather than an estimate.
    pub fn is_exact(self) -> bool {
        matches!(self, LiveHeapSource::HeapLive | LiveHeapSource::HeapAlloc)
    }
}

/// Why the live heap cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownCause {
    /// There is only one snapshot.
    OneSnapshot,
    /// The counters of this snapshot, counted from 0, are less than those of the one before it.
    CountersFell(usize),
    /// No garbage was collected between the first and the last snapshot.
    NoCollection,
    /// A number is missing.
    Missing(&'static str),
    /// HeapAlloc has garbage in it, and with GOGC=off NextGC does not follow the live heap.
    GogcOff,
    /// HeapAlloc has garbage in it, and GOMEMLIMIT bounds NextGC.
    MemoryLimit,
    /// HeapAlloc has garbage in it, and NextGC is at its minimum, 4 MiB.
    SmallHeap,
    /// HeapAlloc has garbage in it, and NextGC stays where it is while the heap grows.
    NextGcPinned,
    /// HeapAlloc has garbage in it, and NextGC stays where it is, which a GOMEMLIMIT may cause.
    NextGcConstant,
    /// HeapAlloc has garbage in it, and NextGC falls by this many bytes in all.
    NextGcUnsteady(u64),
}

impl UnknownCause {
    /// Whether NextGC does not follow the live heap, though it would have to.
    pub(super) fn is_of_next_gc(self) -> bool {
        matches!(
            self,
            UnknownCause::GogcOff
                | UnknownCause::MemoryLimit
                | UnknownCause::SmallHeap
                | UnknownCause::NextGcPinned
                | UnknownCause::NextGcConstant
                | UnknownCause::NextGcUnsteady(_)
        )
    }
}

/// A number of a snapshot.
pub(super) type Field = fn(&MemStats) -> Option<u64>;

/// A number of every snapshot; `None` if one of them lacks it.
pub(super) fn values(snapshots: &[MemStats], field: Field) -> Option<Vec<u64>> {
    snapshots.iter().map(field).collect()
}
