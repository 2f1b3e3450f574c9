//! What Go's runtime knows of the heap as a whole: `runtime.MemStats`.

/// Numbers of `runtime.MemStats`, by its names, in bytes where nothing else is said. `None` for one that the
/// source does not have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemStats {
    /// Live objects and garbage that is not swept yet.
    pub heap_alloc: Option<u64>,
    /// How many they are.
    pub heap_objects: Option<u64>,
    /// Address space that was obtained for the heap.
    pub heap_sys: Option<u64>,
    /// Of it, spans in use.
    pub heap_inuse: Option<u64>,
    /// Of it, spans without objects.
    pub heap_idle: Option<u64>,
    /// Of those, what was given back to the system.
    pub heap_released: Option<u64>,
    /// Stacks of goroutines.
    pub stack_inuse: Option<u64>,
    /// All that was obtained from the system.
    pub sys: Option<u64>,
    /// The size of the heap at which the next collection will start.
    pub next_gc: Option<u64>,
    /// When the last collection ended, in nanoseconds since 1970.
    pub last_gc: Option<u64>,
    /// How many collections there were.
    pub num_gc: Option<u64>,
    /// Of them, those that the program asked for.
    pub num_forced_gc: Option<u64>,
    /// The largest resident set so far; not of `runtime.MemStats`, but beside it in a heap profile as text.
    pub max_rss: Option<u64>,
    /// `runtime.NumGoroutine`; not of `runtime.MemStats` either, but beside it in some sources.
    pub goroutines: Option<u64>,
}

impl MemStats {
    /// The field that Go calls `name`, if it is one of these.
    pub fn field(&mut self, name: &str) -> Option<&mut Option<u64>> {
        Some(match name {
            "HeapAlloc" => &mut self.heap_alloc,
            "HeapObjects" => &mut self.heap_objects,
            "HeapSys" => &mut self.heap_sys,
            "HeapInuse" => &mut self.heap_inuse,
            "HeapIdle" => &mut self.heap_idle,
            "HeapReleased" => &mut self.heap_released,
            "StackInuse" => &mut self.stack_inuse,
            "Sys" => &mut self.sys,
            "NextGC" => &mut self.next_gc,
            "LastGC" => &mut self.last_gc,
            "NumGC" => &mut self.num_gc,
            "NumForcedGC" => &mut self.num_forced_gc,
            "MaxRSS" => &mut self.max_rss,
            "NumGoroutine" => &mut self.goroutines,
            _ => return None,
        })
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
}
