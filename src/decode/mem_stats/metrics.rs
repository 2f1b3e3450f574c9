//! The metrics that hold numbers of Go's memory, and the numbers of `runtime.MemStats` that they add up to.
//!
//! Four dialects: `go_memstats_*` of Go's client library for Prometheus, `runtime/metrics` under the names that this
//! library gives them (`go_memory_classes_*`, `go_gc_*`, `go_sched_*`), and the two generations of OpenTelemetry's
//! (`process_runtime_go_*`; `go_memory_*`, `go_config_*`).

use std::collections::BTreeMap;

use crate::profile::MemStats;

/// A field, and the metrics whose sum it is. The first entry of a field whose metrics are all known gives its value. The
/// sums are those by which the runtime makes `runtime.MemStats`.
const FIELDS: [(&str, &[&str]); 60] = [
    ("HeapAlloc", &["go_memstats_heap_alloc_bytes"]),
    ("HeapAlloc", &["go_memory_classes_heap_objects_bytes"]),
    ("HeapAlloc", &["process_runtime_go_mem_heap_alloc_bytes"]),
    ("HeapObjects", &["go_memstats_heap_objects"]),
    ("HeapObjects", &["go_gc_heap_objects_objects"]),
    ("HeapObjects", &["process_runtime_go_mem_heap_objects"]),
    ("HeapSys", &["go_memstats_heap_sys_bytes"]),
    (
        "HeapSys",
        &[
            "go_memory_classes_heap_objects_bytes",
            "go_memory_classes_heap_unused_bytes",
            "go_memory_classes_heap_free_bytes",
            "go_memory_classes_heap_released_bytes",
        ],
    ),
    ("HeapSys", &["process_runtime_go_mem_heap_sys_bytes"]),
    ("HeapInuse", &["go_memstats_heap_inuse_bytes"]),
    ("HeapInuse", &["go_memory_classes_heap_objects_bytes", "go_memory_classes_heap_unused_bytes"]),
    ("HeapInuse", &["process_runtime_go_mem_heap_inuse_bytes"]),
    ("HeapIdle", &["go_memstats_heap_idle_bytes"]),
    ("HeapIdle", &["go_memory_classes_heap_free_bytes", "go_memory_classes_heap_released_bytes"]),
    ("HeapIdle", &["process_runtime_go_mem_heap_idle_bytes"]),
    ("HeapReleased", &["go_memstats_heap_released_bytes"]),
    ("HeapReleased", &["go_memstats_heap_released_bytes_total"]),
    ("HeapReleased", &["go_memory_classes_heap_released_bytes"]),
    ("HeapReleased", &["process_runtime_go_mem_heap_released_bytes"]),
    ("StackInuse", &["go_memstats_stack_inuse_bytes"]),
    ("StackInuse", &["go_memory_classes_heap_stacks_bytes"]),
    ("StackInuse", &[OTEL_STACKS]),
    ("StackSys", &["go_memstats_stack_sys_bytes"]),
    ("StackSys", &["go_memory_classes_heap_stacks_bytes", "go_memory_classes_os_stacks_bytes"]),
    ("MSpanSys", &["go_memstats_mspan_sys_bytes"]),
    ("MSpanSys", &["go_memory_classes_metadata_mspan_inuse_bytes", "go_memory_classes_metadata_mspan_free_bytes"]),
    ("MCacheSys", &["go_memstats_mcache_sys_bytes"]),
    ("MCacheSys", &["go_memory_classes_metadata_mcache_inuse_bytes", "go_memory_classes_metadata_mcache_free_bytes"]),
    ("BuckHashSys", &["go_memstats_buck_hash_sys_bytes"]),
    ("BuckHashSys", &["go_memory_classes_profiling_buckets_bytes"]),
    ("GCSys", &["go_memstats_gc_sys_bytes"]),
    ("GCSys", &["go_memory_classes_metadata_other_bytes"]),
    ("OtherSys", &["go_memstats_other_sys_bytes"]),
    ("OtherSys", &["go_memory_classes_other_bytes"]),
    ("Sys", &["go_memstats_sys_bytes"]),
    ("Sys", &["go_memory_classes_total_bytes"]),
    // What OpenTelemetry calls used is Sys - HeapReleased.
    ("Sys", &[OTEL_STACKS, OTEL_OTHER, "process_runtime_go_mem_heap_released_bytes"]),
    ("NextGC", &["go_memstats_next_gc_bytes"]),
    ("NextGC", &["go_gc_heap_goal_bytes"]),
    ("NextGC", &["go_memory_gc_goal_bytes"]),
    ("LastGC", &["go_memstats_last_gc_time_seconds"]),
    // A summary of pauses: one per collection.
    ("NumGC", &["go_gc_duration_seconds_count"]),
    ("NumGC", &["go_gc_cycles_total_gc_cycles_total"]),
    ("NumGC", &["go_gc_cycles_automatic_gc_cycles_total", "go_gc_cycles_forced_gc_cycles_total"]),
    ("NumGC", &["go_memory_gc_cycles_total"]),
    ("NumGC", &["process_runtime_go_gc_count_total"]),
    ("NumForcedGC", &["go_gc_cycles_forced_gc_cycles_total"]),
    // The rest is not in runtime.MemStats.
    ("HeapLive", &["go_gc_heap_live_bytes"]),
    ("GOGC", &["go_gc_gogc_percent"]),
    ("GOGC", &["go_config_gogc_percent"]),
    ("GOMEMLIMIT", &["go_gc_gomemlimit_bytes"]),
    ("GOMEMLIMIT", &["go_memory_limit_bytes"]),
    ("RSS", &["process_resident_memory_bytes"]),
    ("RSS", &["process_memory_usage_bytes"]),
    ("NumGoroutine", &["go_goroutines"]),
    ("NumGoroutine", &["go_sched_goroutines_goroutines"]),
    ("NumGoroutine", &["go_goroutine_count"]),
    ("NumGoroutine", &["process_runtime_go_goroutines"]),
    // Without a unit, as some exporters write it.
    ("NumGC", &["process_runtime_go_gc_count"]),
    ("NumGC", &["go_memory_gc_cycles"]),
];

const OTEL_STACKS: &str = "go_memory_used_bytes{go_memory_type=\"stack\"}";
const OTEL_OTHER: &str = "go_memory_used_bytes{go_memory_type=\"other\"}";

/// The label of OpenTelemetry that tells apart two numbers of one metric.
const MEMORY_TYPE: &str = "go_memory_type";

/// Labels of a metric, by name.
pub(super) type Labels = BTreeMap<String, String>;

/// A metric of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Metric(&'static str);

impl Metric {
    /// The metric called `name`; `memory_type` is the value of its label [`MEMORY_TYPE`]. OpenTelemetry's are found by
    /// their names with dots as well, and without a unit.
    pub(super) fn find(name: &str, memory_type: Option<&str>) -> Option<Metric> {
        const OTEL: [&str; 3] = ["go_memory_", "go_config_", "process_runtime_go_"];
        let name = name.replace('.', "_");
        let units: &[&str] =
            if OTEL.iter().any(|prefix| name.starts_with(prefix)) { &["", "_bytes", "_percent"] } else { &[""] };
        units.iter().find_map(|unit| {
            let mut full = format!("{name}{unit}");
            if let Some(memory_type) = memory_type {
                full = format!("{full}{{{MEMORY_TYPE}=\"{memory_type}\"}}");
            }
            FIELDS.iter().flat_map(|(_, metrics)| *metrics).find(|metric| **metric == full).map(|metric| Metric(metric))
        })
    }

    /// The metric called `name` with these labels.
    pub(super) fn find_labelled(name: &str, labels: &Labels) -> Option<Metric> {
        let memory_type = labels.iter().find(|(name, _)| name.replace('.', "_") == MEMORY_TYPE);
        Metric::find(name, memory_type.map(|(_, value)| value.as_str()))
    }

    pub(super) fn name(self) -> &'static str {
        self.0
    }

    /// The number of a text; nanoseconds if the metric is a time in seconds.
    pub(super) fn number(self, text: &str) -> Option<u64> {
        if let Ok(number) = text.parse::<u64>() {
            return if self.is_time() { number.checked_mul(1_000_000_000) } else { Some(number) };
        }
        let number = text.parse::<f64>().ok()?;
        super::limits::whole(if self.is_time() { (number * 1e9).round() } else { number })
    }

    fn is_time(self) -> bool {
        self.0.ends_with("_time_seconds")
    }
}

/// Whether a label is one of those that name the process.
pub(super) fn names_process(label: &str) -> bool {
    let label = label.replace('.', "_");
    label != "__name__" && label != MEMORY_TYPE && !label.starts_with("otel_scope_")
}

/// Numbers of metrics, all of one process and of one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Readings(Vec<(Metric, u64)>);

impl Readings {
    pub(super) fn get(&self, metric: Metric) -> Option<u64> {
        self.0.iter().find(|(found, _)| *found == metric).map(|&(_, number)| number)
    }

    /// Adds a number of a metric that has none yet.
    pub(super) fn push(&mut self, metric: Metric, number: u64) {
        self.0.push((metric, number));
    }

    pub(super) fn metrics(&self) -> impl Iterator<Item = (Metric, u64)> {
        self.0.iter().copied()
    }

    /// The numbers as fields; `None` if there is none of memory.
    pub(super) fn mem_stats(&self) -> Option<MemStats> {
        let mut stats = MemStats::default();
        let mut has_memory = false;
        for (name, metrics) in FIELDS {
            let Some(field) = stats.field(name).filter(|field| field.is_none()) else { continue };
            let numbers = metrics.iter().map(|metric| self.get(Metric(metric)));
            *field = numbers.reduce(|sum, number| sum?.checked_add(number?)).flatten();
            if name == "GOMEMLIMIT" {
                // No limit is i64::MAX, which as a float is one more.
                *field = field.map(|limit| limit.min(i64::MAX as u64));
            }
            has_memory |= field.is_some() && !NOT_MEMORY.contains(&name);
        }
        has_memory.then_some(stats)
    }
}

/// Fields that say nothing about memory by themselves.
const NOT_MEMORY: [&str; 6] = ["LastGC", "NumGC", "NumForcedGC", "GOGC", "GOMEMLIMIT", "NumGoroutine"];

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn readings(numbers: &[(&str, u64)]) -> Readings {
        let mut readings = Readings::default();
        for &(name, number) in numbers {
            let (name, memory_type) = name.split_once('/').map_or((name, None), |(name, kind)| (name, Some(kind)));
            readings.push(Metric::find(name, memory_type).unwrap(), number);
        }
        readings
    }

    #[test]
    fn every_field_is_one_of_mem_stats() {
        let mut stats = MemStats::default();
        for (name, metrics) in FIELDS {
            assert!(stats.field(name).is_some() && !metrics.is_empty(), "{name}");
        }
    }

    #[test]
    fn runtime_metrics_add_up_to_mem_stats() {
        let stats = readings(&[
            ("go_memory_classes_heap_objects_bytes", 1000),
            ("go_memory_classes_heap_unused_bytes", 200),
            ("go_memory_classes_heap_free_bytes", 30),
            ("go_memory_classes_heap_released_bytes", 4),
            ("go_memory_classes_heap_stacks_bytes", 50),
            ("go_memory_classes_os_stacks_bytes", 6),
            ("go_memory_classes_metadata_mspan_inuse_bytes", 7),
            ("go_memory_classes_metadata_mspan_free_bytes", 80),
            ("go_memory_classes_metadata_mcache_inuse_bytes", 9),
            ("go_memory_classes_metadata_mcache_free_bytes", 10),
            ("go_memory_classes_metadata_other_bytes", 11),
            ("go_memory_classes_profiling_buckets_bytes", 12),
            ("go_memory_classes_other_bytes", 13),
            ("go_memory_classes_total_bytes", 1432),
            ("go_gc_heap_goal_bytes", 2000),
            ("go_gc_heap_live_bytes", 900),
            ("go_gc_cycles_automatic_gc_cycles_total", 5),
            ("go_gc_cycles_forced_gc_cycles_total", 2),
        ])
        .mem_stats();
        let expected = MemStats {
            heap_alloc: Some(1000),
            heap_inuse: Some(1200),
            heap_idle: Some(34),
            heap_sys: Some(1234),
            heap_released: Some(4),
            stack_inuse: Some(50),
            stack_sys: Some(56),
            mspan_sys: Some(87),
            mcache_sys: Some(19),
            gc_sys: Some(11),
            buck_hash_sys: Some(12),
            other_sys: Some(13),
            sys: Some(1432),
            next_gc: Some(2000),
            heap_live: Some(900),
            num_gc: Some(7),
            num_forced_gc: Some(2),
            ..MemStats::default()
        };
        assert_eq!(stats, Some(expected));
    }

    #[test]
    fn a_sum_needs_all_its_parts_and_the_first_source_wins() {
        let objects = ("go_memory_classes_heap_objects_bytes", 1000);
        let stats = readings(&[objects, ("go_memstats_heap_alloc_bytes", 999)]).mem_stats().unwrap();
        assert_eq!(stats, MemStats { heap_alloc: Some(999), ..MemStats::default() });
        let stats = readings(&[objects, ("go_memory_classes_heap_unused_bytes", u64::MAX)]).mem_stats().unwrap();
        assert_eq!((stats.heap_alloc, stats.heap_inuse), (Some(1000), None));
        assert!(readings(&[("go_goroutines", 5), ("go_gc_gogc_percent", 100)]).mem_stats().is_none());
    }

    #[test]
    fn opentelemetry_is_found_by_its_own_names() {
        let stats = readings(&[
            ("go.memory.used/stack", 100),
            ("go_memory_used_bytes/other", 2000),
            ("process.runtime.go.mem.heap_released", 30),
            ("go.memory.gc.goal", 4000),
            ("go.memory.limit", 5000),
            ("go.config.gogc", 80),
            ("go.goroutine.count", 6),
        ])
        .mem_stats();
        let expected = MemStats {
            stack_inuse: Some(100),
            heap_released: Some(30),
            sys: Some(2130),
            next_gc: Some(4000),
            memory_limit: Some(5000),
            gogc_percent: Some(80),
            goroutines: Some(6),
            ..MemStats::default()
        };
        assert_eq!(stats, Some(expected));
        let limit = readings(&[("go_gc_gomemlimit_bytes", 1 << 63), ("process_memory_usage_bytes", 5)]).mem_stats();
        assert_eq!(limit.unwrap().memory_limit, Some((1 << 63) - 1));
        for (name, memory_type) in [("go_memory_used_bytes", None), ("go_memory_used_bytes", Some("x")), ("up", None)] {
            assert_eq!(Metric::find(name, memory_type), None);
        }
    }
}
