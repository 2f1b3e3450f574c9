//! Answers of Prometheus' `query` and `query_range`: series of `{"metric": {labels}, "values": [[time, "number"], …]}`,
//! or `"value"` with one sample.

use super::limits::shown;
use super::metric_series::MetricSeries;
use super::metrics::{Labels, Metric};
use super::metrics_error::MetricsError;
use crate::profile::MemStats;

/// A time in seconds, and a number as text.
pub(super) type Sample = (f64, String);

/// A series of an answer.
#[derive(Debug)]
pub(super) struct Series {
    /// `None` if it is another than Go's memory's.
    metric: Option<Metric>,
    labels: Labels,
    samples: Vec<Sample>,
}

impl Series {
    /// A series; keeps the samples of metrics of Go's memory only.
    pub(super) fn new(labels: Labels, samples: Vec<Sample>) -> Self {
        let metric = labels.get("__name__").and_then(|name| Metric::find_labelled(name, &labels));
        Series { metric, labels, samples: if metric.is_some() { samples } else { Vec::new() } }
    }
}

/// The answers in a file.
#[derive(Debug, Default)]
pub(super) struct Answers {
    series: MetricSeries,
    /// Name of a metric that is not about Go's memory.
    other: Option<String>,
}

impl Answers {
    /// Adds the series of a document.
    pub(super) fn add(&mut self, series: Vec<Series>) -> Result<(), MetricsError> {
        for Series { metric, labels, samples } in series {
            let Some(name) = labels.get("__name__") else { return Err(MetricsError::NoName) };
            let Some(metric) = metric else {
                self.other = Some(shown(name));
                continue;
            };
            for (time, text) in samples {
                let millis = (time * 1e3).round();
                if millis.abs() >= 1e18 || millis.is_nan() {
                    return Err(MetricsError::Time { metric: metric.name(), text: time.to_string() });
                }
                #[allow(clippy::cast_possible_truncation, reason = "in range")]
                self.series.add(metric, &labels, Some(millis as i64), &text)?;
            }
        }
        Ok(())
    }

    /// The snapshots in time order; at least one.
    pub(super) fn finish(self) -> Result<Vec<MemStats>, MetricsError> {
        let example = self.series.first_metric().map(str::to_owned).or(self.other).ok_or(MetricsError::NoSeries)?;
        let snapshots = self.series.finish()?;
        if snapshots.is_empty() { Err(MetricsError::NoGoMetric { example }) } else { Ok(snapshots) }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn answers_without_a_snapshot_say_why() {
        let error = |series: &[(&str, &str, f64)]| {
            let mut answers = Answers::default();
            let series = series.iter().map(|&(name, text, time)| {
                Series::new([("__name__".to_owned(), name.to_owned())].into(), vec![(time, text.to_owned())])
            });
            answers.add(series.collect()).and_then(|()| answers.finish()).unwrap_err().to_string()
        };
        assert!(error(&[]).starts_with("the Prometheus response has no series"));
        assert!(
            error(&[("up", "1", 1.0)])
                .starts_with("no metric in the Prometheus response is about Go's memory, not up;")
        );
        assert!(error(&[("go_goroutines", "1", 1.0)]).contains("not go_goroutines;"));
        assert_eq!(error(&[("go_goroutines", "NaN", 1.0)]), "go_goroutines is NaN; expected a non-negative integer");
        assert!(error(&[("go_goroutines", "1", 1e300)]).starts_with("go_goroutines has the timestamp 1"));
    }
}
