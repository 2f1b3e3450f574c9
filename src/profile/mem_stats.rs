//! `runtime.MemStats`: the exact numbers of Go's runtime on the heap as a whole.

/// Numbers of `runtime.MemStats` by its names, in bytes unless stated otherwise. `None` if the source does not have one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemStats {
    /// Live objects and garbage that is not swept yet, bytes.
    pub heap_alloc: Option<u64>,
    /// Number of those objects.
    pub heap_objects: Option<u64>,
    /// Address space obtained for the heap.
    pub heap_sys: Option<u64>,
    /// The part of `heap_sys` in spans with objects.
    pub heap_inuse: Option<u64>,
    /// The part of `heap_sys` in spans without objects.
    pub heap_idle: Option<u64>,
    /// The part of `heap_idle` that was returned to the system.
    pub heap_released: Option<u64>,
    /// Stacks of goroutines.
    pub stack_inuse: Option<u64>,
    /// Memory obtained for stacks, those of threads included.
    pub stack_sys: Option<u64>,
    /// Memory obtained for the spans' structures.
    pub mspan_sys: Option<u64>,
    /// Memory obtained for the caches of processors.
    pub mcache_sys: Option<u64>,
    /// The profiler's table of stacks.
    pub buck_hash_sys: Option<u64>,
    /// Memory obtained for the collector's own structures.
    pub gc_sys: Option<u64>,
    /// Memory obtained for the rest of the runtime.
    pub other_sys: Option<u64>,
    /// All memory obtained from the system.
    pub sys: Option<u64>,
    /// Heap size at which the next collection will start.
    pub next_gc: Option<u64>,
    /// End of the last collection, nanoseconds since 1970.
    pub last_gc: Option<u64>,
    /// Number of collections.
    pub num_gc: Option<u64>,
    /// Number of collections that the program requested.
    pub num_forced_gc: Option<u64>,
    /// Largest resident set so far; not in `runtime.MemStats`, but next to it in a heap profile as text.
    pub max_rss: Option<u64>,
    /// Live bytes that the last collection found, `go_gc_heap_live_bytes`; not in `runtime.MemStats`, but in
    /// `runtime/metrics`.
    pub heap_live: Option<u64>,
    /// GOGC, percent; more than 2^31 where it is off. Not in `runtime.MemStats`, but in `runtime/metrics`.
    pub gogc_percent: Option<u64>,
    /// GOMEMLIMIT, bytes; 2^63 − 1 without a limit. Not in `runtime.MemStats`, but in `runtime/metrics`.
    pub memory_limit: Option<u64>,
    /// Number of goroutines; not in `runtime.MemStats` either, but next to it in some sources.
    pub goroutines: Option<u64>,
    /// Resident set of the process; not in `runtime.MemStats`, but in metrics and in `/proc/PID/status`.
    pub rss: Option<u64>,
}

impl MemStats {
    /// The field with Go's name `name`, if it is one of these; RSS, MaxRSS, HeapLive, GOGC and GOMEMLIMIT are names, too.
    pub fn field(&mut self, name: &str) -> Option<&mut Option<u64>> {
        Some(match name {
            "HeapAlloc" => &mut self.heap_alloc,
            "HeapObjects" => &mut self.heap_objects,
            "HeapSys" => &mut self.heap_sys,
            "HeapInuse" => &mut self.heap_inuse,
            "HeapIdle" => &mut self.heap_idle,
            "HeapReleased" => &mut self.heap_released,
            "StackInuse" => &mut self.stack_inuse,
            "StackSys" => &mut self.stack_sys,
            "MSpanSys" => &mut self.mspan_sys,
            "MCacheSys" => &mut self.mcache_sys,
            "BuckHashSys" => &mut self.buck_hash_sys,
            "GCSys" => &mut self.gc_sys,
            "OtherSys" => &mut self.other_sys,
            "Sys" => &mut self.sys,
            "NextGC" => &mut self.next_gc,
            "LastGC" => &mut self.last_gc,
            "NumGC" => &mut self.num_gc,
            "NumForcedGC" => &mut self.num_forced_gc,
            "MaxRSS" => &mut self.max_rss,
            "RSS" => &mut self.rss,
            "NumGoroutine" => &mut self.goroutines,
            "HeapLive" => &mut self.heap_live,
            "GOGC" => &mut self.gogc_percent,
            "GOMEMLIMIT" => &mut self.memory_limit,
            _ => return None,
        })
    }

    /// Whether there is nothing but a resident set.
    pub fn is_resident_set(&self) -> bool {
        let MemStats { rss, max_rss, .. } = *self;
        (rss.is_some() || max_rss.is_some()) && *self == MemStats { rss, max_rss, ..MemStats::default() }
    }

    /// Takes over the resident set of another source where there is none.
    pub fn add_resident_set(&mut self, other: &MemStats) {
        self.rss = self.rss.or(other.rss);
        self.max_rss = self.max_rss.or(other.max_rss);
    }

    /// Takes over every number of another source of the same time where there is none.
    pub fn fill_from(&mut self, other: &MemStats) {
        *self = MemStats {
            heap_alloc: self.heap_alloc.or(other.heap_alloc),
            heap_objects: self.heap_objects.or(other.heap_objects),
            heap_sys: self.heap_sys.or(other.heap_sys),
            heap_inuse: self.heap_inuse.or(other.heap_inuse),
            heap_idle: self.heap_idle.or(other.heap_idle),
            heap_released: self.heap_released.or(other.heap_released),
            stack_inuse: self.stack_inuse.or(other.stack_inuse),
            stack_sys: self.stack_sys.or(other.stack_sys),
            mspan_sys: self.mspan_sys.or(other.mspan_sys),
            mcache_sys: self.mcache_sys.or(other.mcache_sys),
            buck_hash_sys: self.buck_hash_sys.or(other.buck_hash_sys),
            gc_sys: self.gc_sys.or(other.gc_sys),
            other_sys: self.other_sys.or(other.other_sys),
            sys: self.sys.or(other.sys),
            next_gc: self.next_gc.or(other.next_gc),
            last_gc: self.last_gc.or(other.last_gc),
            num_gc: self.num_gc.or(other.num_gc),
            num_forced_gc: self.num_forced_gc.or(other.num_forced_gc),
            max_rss: self.max_rss.or(other.max_rss),
            heap_live: self.heap_live.or(other.heap_live),
            gogc_percent: self.gogc_percent.or(other.gogc_percent),
            memory_limit: self.memory_limit.or(other.memory_limit),
            goroutines: self.goroutines.or(other.goroutines),
            rss: self.rss.or(other.rss),
        };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_gos_names() {
        let mut stats = MemStats::default();
        *stats.field("NumGC").unwrap() = Some(7);
        assert_eq!(stats, MemStats { num_gc: Some(7), ..MemStats::default() });
        assert!(stats.field("num_gc").is_none());
    }

    #[test]
    fn a_resident_set_alone_is_added_to_other_numbers() {
        let status = MemStats { rss: Some(5), max_rss: Some(6), ..MemStats::default() };
        let mut stats = MemStats { max_rss: Some(7), num_gc: Some(1), ..MemStats::default() };
        assert_eq!([&status, &stats, &MemStats::default()].map(MemStats::is_resident_set), [true, false, false]);
        stats.add_resident_set(&status);
        assert_eq!((stats.rss, stats.max_rss), (Some(5), Some(7)));
        stats.fill_from(&MemStats { num_gc: Some(9), sys: Some(8), ..MemStats::default() });
        assert_eq!((stats.num_gc, stats.sys, stats.rss), (Some(1), Some(8), Some(5)));
    }
}
