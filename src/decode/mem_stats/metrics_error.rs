//! Errors of reading metrics of Prometheus.

use thiserror::Error;

use super::limits::shown;
use super::metrics::{Labels, Metric};

/// What is wrong with metrics.
#[derive(Debug, Error)]
pub enum MetricsError {
    /// A value that is not an integer.
    #[error("{metric} is {text}; expected a non-negative integer")]
    Number {
        /// Name of the metric.
        metric: &'static str,
        /// Its value.
        text: String,
    },
    /// A time that is not a number.
    #[error("{metric} has the timestamp {text}; expected a number")]
    Time {
        /// Name of the metric.
        metric: &'static str,
        /// The time.
        text: String,
    },
    /// A metric with two samples and nothing to tell them apart.
    #[error("{metric} occurs twice; expected one snapshot per page, or samples with different timestamps")]
    Twice {
        /// Name of the metric.
        metric: &'static str,
    },
    /// Metrics of several processes.
    #[error(
        "metrics of several processes: {first}, {second}; expected those of one: \
         choose it in the query ({{{choice}}}), or keep only its lines of the page (grep '{choice}')"
    )]
    SeveralProcesses {
        /// A metric and the labels of its process.
        first: String,
        /// A metric of another process.
        second: String,
        /// A label of the first that the second does not have, as in a query.
        choice: String,
    },
    /// Samples of two metrics that cannot be joined.
    #[error(
        "{first} and {second} have no time in common; expected the metrics of one query, or of queries with the same \
         start and step"
    )]
    NoCommonTime {
        /// Name of a metric.
        first: &'static str,
        /// Name of the other.
        second: &'static str,
    },
    /// Too many snapshots.
    #[error("more than {max} snapshots; give fewer of them")]
    TooMany {
        /// The limit.
        max: usize,
    },
    /// An answer of Prometheus with a series that has no name.
    #[error(
        "a series in the Prometheus response has no metric name (__name__); query the metrics by name, without \
         functions such as sum or rate"
    )]
    NoName,
    /// An answer of Prometheus without series.
    #[error("the Prometheus response has no series: does the query match, and the time range?")]
    NoSeries,
    /// An answer of Prometheus without a metric of Go's memory.
    #[error(
        "no metric in the Prometheus response is about Go's memory, not {example}; expected \
         go_memstats_heap_alloc_bytes and others, as by {{__name__=~\"go_.*|process_resident_memory_bytes\"}}"
    )]
    NoGoMetric {
        /// One of the metrics.
        example: String,
    },
}

impl MetricsError {
    /// Metrics of two processes, each with the labels of its process.
    pub(super) fn several_processes(first: (Metric, &Labels), second: (Metric, &Labels)) -> Self {
        let differs = |labels: &Labels, others: &Labels| {
            labels.iter().find(|(name, value)| others.get(*name) != Some(value)).map(pair)
        };
        MetricsError::SeveralProcesses {
            choice: differs(first.1, second.1).or_else(|| differs(second.1, first.1)).unwrap_or_default(),
            first: process(first),
            second: process(second),
        }
    }
}

fn process((metric, labels): (Metric, &Labels)) -> String {
    let labels: Vec<_> = labels.iter().map(pair).collect();
    format!("{} of {{{}}}", metric.name(), labels.join(","))
}

fn pair((name, value): (&String, &String)) -> String {
    format!("{}=\"{}\"", shown(name), shown(value))
}
