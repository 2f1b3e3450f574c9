//! A page for Prometheus, in the format of Go's client library, or of `/federate` with the time of each sample:
//! `name value`, `name{labels} value`, `name{labels} value time`, `{"name",labels} value`, comments.

use super::limits::shown;
use super::metric_series::MetricSeries;
use super::metrics::{Labels, Metric};
use super::metrics_error::MetricsError;
use crate::profile::MemStats;

/// The metrics found so far.
#[derive(Debug, Default)]
pub(super) struct Page(MetricSeries);

impl Page {
    /// Reads a line; ignores other metrics and comments.
    pub(super) fn read(&mut self, line: &[u8]) -> Result<(), MetricsError> {
        const STARTS: [&[u8]; 4] = [b"go_", b"process_", b"{\"go", b"{\"process"];
        if !STARTS.iter().any(|start| line.starts_with(start)) {
            return Ok(());
        }
        let line = String::from_utf8_lossy(line);
        let end = line.find(['{', ' ', '\t']).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let (labels, rest) = read_labels(rest);
        let name = labels.get("__name__").map_or(name, String::as_str);
        let Some(metric) = Metric::find_labelled(name, &labels) else { return Ok(()) };
        // An exemplar may follow.
        let mut words = rest.split_whitespace().take_while(|word| *word != "#");
        let text = words.next().unwrap_or("missing");
        let time = words
            .next()
            .map(|text| time(text).ok_or_else(|| MetricsError::Time { metric: metric.name(), text: shown(text) }));
        self.0.add(metric, &labels, time.transpose()?, text)
    }

    /// The snapshots of the page: one, or several if its samples have different times; none if it has no metric of
    /// memory.
    pub(super) fn finish(self) -> Result<Vec<MemStats>, MetricsError> {
        self.0.finish()
    }
}

/// A time in milliseconds, as most pages have it; those of OpenMetrics have seconds.
fn time(text: &str) -> Option<i64> {
    let time = text.parse::<f64>().ok().filter(|time| time.abs() < 1e15)?;
    // 10^11 ms are in 1973, 10^11 s in the year 5138.
    let is_seconds = text.contains('.') || time.abs() < 1e11;
    #[allow(clippy::cast_possible_truncation, reason = "in range")]
    Some((if is_seconds { time * 1e3 } else { time }).round() as i64)
}

/// The labels at the start of a text, if any, and the text after them. Values may have braces in them. A name in quotes
/// without a value is that of the metric, `__name__`.
fn read_labels(text: &str) -> (Labels, &str) {
    let mut labels = Labels::new();
    let Some(mut rest) = text.strip_prefix('{') else { return (labels, text) };
    while !rest.starts_with('}') {
        let Some((name, value, after)) = read_label(rest) else { return (labels, "") };
        labels.insert(name, value);
        rest = after.trim_start_matches([',', ' ']);
    }
    (labels, &rest[1..])
}

/// The name and the value of the first label, and the text after it.
fn read_label(text: &str) -> Option<(String, String, &str)> {
    let (name, rest) = match text.strip_prefix('"') {
        Some(quoted) => read_value(quoted)?,
        None => text.split_once('=').map(|(name, _)| (name.to_owned(), &text[name.len()..]))?,
    };
    match rest.strip_prefix("=\"") {
        Some(quoted) => read_value(quoted).map(|(value, rest)| (name, value, rest)),
        None if text.starts_with('"') => Some(("__name__".to_owned(), name, rest)),
        None => None,
    }
}

/// The value before the closing quote, and the text after it.
fn read_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => match chars.next()?.1 {
                'n' => value.push('\n'),
                other => value.push(other),
            },
            _ => value.push(c),
        }
    }
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn page(text: &str) -> Result<Vec<MemStats>, String> {
        let mut page = Page::default();
        text.lines().try_for_each(|line| page.read(line.as_bytes())).map_err(|error| error.to_string())?;
        page.finish().map_err(|error| error.to_string())
    }

    #[test]
    fn metrics_are_read_with_and_without_labels() {
        let text = "# HELP go_memstats_heap_alloc_bytes x\n# TYPE go_memstats_heap_alloc_bytes gauge\n\
            go_memstats_heap_alloc_bytes 1.6924360e+07\n\
            go_memstats_heap_objects{job=\"a} \\\" 9\"} 92056 1700000000000\n\
            go_memstats_last_gc_time_seconds 1.795264520486127e+09\n\
            go_gc_duration_seconds{quantile=\"0\"} 0.5\ngo_gc_duration_seconds_sum 7\ngo_gc_duration_seconds_count 137\n\
            go_gc_cycles_total_gc_cycles_total 137\ngo_goroutines 42\nup 1\n";
        let stats = page(text).unwrap().remove(0);
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
        assert_eq!(page("go_goroutines 42\n").unwrap(), []);
    }

    #[test]
    fn a_page_of_several_processes_is_refused() {
        let text = "go_goroutines{instance=\"a\"} 1\ngo_goroutines{instance=\"b\"} 2\n";
        let error = page(text).unwrap_err();
        assert!(
            error.ends_with(
                "in the query ({instance=\"a\"}), or keep only its lines of the page (grep 'instance=\"a\"')"
            )
        );
        let error = page("go_goroutines 1\ngo_goroutines 2\n").unwrap_err();
        assert!(error.starts_with("go_goroutines occurs twice; expected one snapshot per page"), "{error}");
    }

    #[test]
    fn names_may_be_in_quotes() {
        let text = "go_goroutines 5\n{\"go.memory.used\",\"go.memory.type\"=\"stack\",otel_scope_name=\"a\"} 7\n\
            {\"process_resident_memory_bytes\"} 9\n{\"go.nothing\",a=\"b\"} x\n";
        let expected = MemStats { stack_inuse: Some(7), rss: Some(9), goroutines: Some(5), ..MemStats::default() };
        assert_eq!(page(text).unwrap(), [expected]);
    }

    #[test]
    fn pages_with_times_are_a_series() {
        let text = "process_resident_memory_bytes{a=\"x\"} 5 1700000001000 # {t=\"1\"} 3\n\
            process_resident_memory_bytes{a=\"x\"} 4 1700000000000\n";
        let found: Vec<_> = page(text).unwrap().iter().map(|stats| stats.rss).collect();
        assert_eq!(found, [Some(4), Some(5)]);
        assert_eq!(
            ["1700000000", "1700000000.5", "1700000000500", "1e999", "x"].map(time),
            [Some(1_700_000_000_000), Some(1_700_000_000_500), Some(1_700_000_000_500), None, None]
        );
        let error = page("go_goroutines 1 x\n").unwrap_err();
        assert_eq!(error, "go_goroutines has the timestamp x; expected a number");
    }

    #[test]
    fn bad_numbers_are_named() {
        for (text, found) in [(" NaN", "NaN"), (" 1.5", "1.5"), (" -1", "-1"), ("", "missing"), ("{a=\"b", "missing")] {
            let error = page(&format!("go_goroutines{text}")).unwrap_err();
            assert_eq!(error, format!("go_goroutines is {found}; expected a non-negative integer"));
        }
    }
}
