//! A series of `runtime.MemStats`: the figures, what they suggest, and what to do next.

mod json;
mod spark;
mod table;
mod words;

pub use json::write as json;
pub(super) use spark::spark;
pub use table::write as table;

use crate::diff::Metric;
use crate::profile::MemStats;

/// A number of each snapshot that is shown.
struct Figure {
    name: &'static str,
    metric: Metric,
    of: fn(&MemStats) -> Option<u64>,
}

/// Rows of the table, in this order.
const FIGURES: [Figure; 10] = [
    Figure { name: "HeapAlloc", metric: Metric::Space, of: |stats| stats.heap_alloc },
    Figure { name: "HeapObjects", metric: Metric::Objects, of: |stats| stats.heap_objects },
    Figure { name: "HeapInuse", metric: Metric::Space, of: |stats| stats.heap_inuse },
    Figure {
        name: "HeapIdle - HeapReleased",
        metric: Metric::Space,
        of: |stats| Some(stats.heap_idle?.saturating_sub(stats.heap_released?)),
    },
    Figure { name: "NextGC", metric: Metric::Space, of: |stats| stats.next_gc },
    Figure { name: "StackInuse", metric: Metric::Space, of: |stats| stats.stack_inuse },
    Figure { name: "Sys", metric: Metric::Space, of: |stats| stats.sys },
    Figure { name: "goroutines", metric: Metric::Objects, of: |stats| stats.goroutines },
    Figure { name: "NumGC", metric: Metric::Objects, of: |stats| stats.num_gc },
    Figure { name: "NumForcedGC", metric: Metric::Objects, of: |stats| stats.num_forced_gc },
];
