//! A page for Prometheus, in the format of Go's client library: `name value`, `name{labels} value`, comments.

use super::limits::whole;
use super::mem_stats_error::MemStatsErrorKind;
use crate::profile::MemStats;

/// Metrics, and the fields of `runtime.MemStats` that they hold. Two metrics may hold the same field.
const METRICS: [(&str, &str); 16] = [
    ("go_memstats_heap_alloc_bytes", "HeapAlloc"),
    ("go_memstats_heap_objects", "HeapObjects"),
    ("go_memstats_heap_sys_bytes", "HeapSys"),
    ("go_memstats_heap_inuse_bytes", "HeapInuse"),
    ("go_memstats_heap_idle_bytes", "HeapIdle"),
    ("go_memstats_heap_released_bytes", "HeapReleased"),
    ("go_memstats_heap_released_bytes_total", "HeapReleased"),
    ("go_memstats_stack_inuse_bytes", "StackInuse"),
    ("go_memstats_sys_bytes", "Sys"),
    ("go_memstats_next_gc_bytes", "NextGC"),
    ("go_memstats_last_gc_time_seconds", "LastGC"),
    // A summary of pauses: one per collection.
    ("go_gc_duration_seconds_count", "NumGC"),
    ("go_gc_cycles_total_gc_cycles_total", "NumGC"),
    ("go_gc_cycles_forced_gc_cycles_total", "NumForcedGC"),
    ("go_goroutines", "NumGoroutine"),
    ("go_sched_goroutines_goroutines", "NumGoroutine"),
];

/// The metrics found so far.
#[derive(Debug, Default)]
pub(super) struct Page {
    stats: MemStats,
    seen: [bool; METRICS.len()],
}

impl Page {
    /// Reads a line; ignores other metrics and comments.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), MemStatsErrorKind> {
        if !line.starts_with(b"go_") {
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        let end = line.find(['{', ' ', '\t']).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let Some(at) = METRICS.iter().position(|(metric, _)| *metric == name) else { return Ok(()) };
        let (metric, field) = METRICS[at];
        if std::mem::replace(&mut self.seen[at], true) {
            return Err(MemStatsErrorKind::Twice { name: metric });
        }
        let text = after_labels(rest).split_whitespace().next().unwrap_or("missing");
        let number = text.parse::<f64>().ok();
        let number = if field == "LastGC" { number.map(|seconds| (seconds * 1e9).round()) } else { number };
        let wrong = || MemStatsErrorKind::Number { name: metric.to_owned(), text: text.to_owned() };
        let number = number.and_then(whole).ok_or_else(wrong)?;
        if let Some(field) = self.stats.field(field) {
            *field = Some(number);
        }
        Ok(())
    }

    /// The numbers of the page; `None` if there are none of the heap.
    pub(super) fn finish(self) -> Option<MemStats> {
        self.stats.heap_alloc.is_some().then_some(self.stats)
    }
}

/// The text after the labels, whose values may have braces in them.
fn after_labels(text: &str) -> &str {
    let Some(labels) = text.strip_prefix('{') else { return text };
    let (mut quoted, mut escaped) = (false, false);
    let end = labels.find(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            _ => return c == '}' && !quoted,
        }
        false
    });
    end.map_or("", |end| &labels[end + 1..])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Option<MemStats>, String> {
        let mut page = Page::default();
        text.lines().try_for_each(|line| page.read(line.as_bytes())).map_err(|error| error.to_string())?;
        Ok(page.finish())
    }

    #[test]
    fn metrics_are_read_with_and_without_labels() {
        let text = "# HELP go_memstats_heap_alloc_bytes x\n# TYPE go_memstats_heap_alloc_bytes gauge\n\
            go_memstats_heap_alloc_bytes 1.6924360e+07\n\
            go_memstats_heap_objects{job=\"a} \\\" 9\"} 92056 1700000000000\n\
            go_memstats_last_gc_time_seconds 1.795264520486127e+09\n\
            go_gc_duration_seconds{quantile=\"0\"} 0.5\ngo_gc_duration_seconds_sum 7\ngo_gc_duration_seconds_count 137\n\
            go_gc_cycles_total_gc_cycles_total 137\ngo_goroutines 42\nup 1\n";
        let stats = page(text).unwrap().unwrap();
        assert_eq!(stats.last_gc.unwrap() / 1_000_000, 1_795_264_520_486);
        let expected = MemStats {
            heap_alloc: Some(16_924_360),
            heap_objects: Some(92_056),
            last_gc: stats.last_gc,
            num_gc: Some(137),
            goroutines: Some(42),
            ..MemStats::default()
        };
        assert_eq!(stats, expected);
        assert_eq!(page("go_goroutines 42\n").unwrap(), None);
    }

    #[test]
    fn a_page_of_several_processes_is_refused() {
        let text = "go_goroutines{instance=\"a\"} 1\ngo_goroutines{instance=\"b\"} 2\n";
        assert_eq!(page(text).unwrap_err(), "go_goroutines occurs twice; expected the page of one process");
    }

    #[test]
    fn bad_numbers_are_named() {
        for (text, found) in [(" NaN", "NaN"), (" 1.5", "1.5"), (" -1", "-1"), ("", "missing"), ("{a=\"b", "missing")] {
            let error = page(&format!("go_goroutines{text}")).unwrap_err();
            assert_eq!(error, format!("go_goroutines is {found}; expected a non-negative integer"));
        }
    }
}
