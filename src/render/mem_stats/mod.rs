//! A series of `runtime.MemStats`, as a table and as JSON.

mod json;
mod table;

pub(super) use json::PartsJson;
pub use json::write as json;
pub(super) use table::breakdown;
pub use table::{advice, write as table};

use crate::diff::Metric;
use crate::profile::MemStats;

/// A row of the table: one number of each snapshot.
struct Figure {
    name: &'static str,
    metric: Metric,
    of: fn(&MemStats) -> Option<u64>,
}

/// The rows of the table, in order.
const FIGURES: [Figure; 12] = [
    Figure { name: "HeapAlloc", metric: Metric::Space, of: |stats| stats.heap_alloc },
    Figure { name: "live heap", metric: Metric::Space, of: |stats| stats.heap_live },
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
    Figure { name: "RSS", metric: Metric::Space, of: |stats| stats.rss },
    Figure { name: "goroutines", metric: Metric::Objects, of: |stats| stats.goroutines },
    Figure { name: "NumGC", metric: Metric::Objects, of: |stats| stats.num_gc },
    Figure { name: "NumForcedGC", metric: Metric::Objects, of: |stats| stats.num_forced_gc },
];
