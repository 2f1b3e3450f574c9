//! Samples of metrics, joined by their times into snapshots of one process.

use std::collections::BTreeMap;

use super::limits::{MAX_SNAPSHOTS, shown};
use super::metrics::{Labels, Metric, Readings, names_process};
use super::metrics_error::MetricsError;
use crate::profile::MemStats;

/// Milliseconds since 1970; `None` if the sample has no time.
type Time = Option<i64>;

/// Greatest distance of samples of one moment, milliseconds: as far as Prometheus looks back for a sample.
const MAX_DISTANCE_MILLIS: i64 = 300_000;

/// The samples of one process.
#[derive(Debug, Default)]
pub(super) struct MetricSeries {
    readings: BTreeMap<Time, Readings>,
    /// The metrics found, each with the labels that name its process.
    metrics: Vec<(Metric, Labels)>,
}

impl MetricSeries {
    /// Adds the sample of a metric.
    pub(super) fn add(&mut self, metric: Metric, labels: &Labels, time: Time, text: &str) -> Result<(), MetricsError> {
        self.check_process(metric, labels)?;
        let number = metric.number(text);
        let number = number.ok_or_else(|| MetricsError::Number { metric: metric.name(), text: shown(text) })?;
        let readings = self.readings.entry(time).or_default();
        match readings.get(metric) {
            None => readings.push(metric, number),
            // The last sample of one answer may be the first of the next.
            Some(same) if time.is_some() && same == number => {}
            Some(_) => return Err(MetricsError::Twice { metric: metric.name() }),
        }
        if self.readings.len() > MAX_SNAPSHOTS { Err(MetricsError::TooMany { max: MAX_SNAPSHOTS }) } else { Ok(()) }
    }

    /// Checks that the labels may be those of the process that the other samples are of: equal for the same metric, and
    /// without a contradiction to those of other metrics.
    fn check_process(&mut self, metric: Metric, labels: &Labels) -> Result<(), MetricsError> {
        let own: Labels = labels
            .iter()
            .filter(|(name, _)| names_process(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let several = |known: &(Metric, Labels)| MetricsError::several_processes((known.0, &known.1), (metric, &own));
        match self.metrics.iter().find(|(known, _)| *known == metric) {
            Some(known) if known.1 == own => Ok(()),
            Some(known) => Err(several(known)),
            None => {
                let contradicts = |known: &&(Metric, Labels)| {
                    own.iter().any(|(name, value)| known.1.get(name).is_some_and(|other| other != value))
                };
                if let Some(known) = self.metrics.iter().find(contradicts) {
                    return Err(several(known));
                }
                self.metrics.push((metric, own));
                Ok(())
            }
        }
    }

    /// Name of the first metric.
    pub(super) fn first_metric(&self) -> Option<&'static str> {
        self.metrics.first().map(|(metric, _)| metric.name())
    }

    /// The snapshots in time order; none if no metric is about memory.
    pub(super) fn finish(self) -> Result<Vec<MemStats>, MetricsError> {
        let samples: usize = self.readings.values().map(|readings| readings.metrics().count()).sum();
        let mut times = self.readings.keys().copied().flatten();
        let distance = times.next_back().zip(times.next()).map_or(0, |(last, first)| last.saturating_sub(first));
        if samples == self.metrics.len() && distance <= MAX_DISTANCE_MILLIS {
            // One sample of each metric is one snapshot, even if they were queried one after the other.
            let mut all = Readings::default();
            self.readings.values().flat_map(Readings::metrics).for_each(|(metric, number)| all.push(metric, number));
            return Ok(all.mem_stats().into_iter().collect());
        }
        if let [(first, _), others @ ..] = &self.metrics[..] {
            let apart =
                |other: Metric| !self.readings.values().any(|at| at.get(*first).is_some() && at.get(other).is_some());
            if let Some((other, _)) = others.iter().find(|(other, _)| apart(*other)) {
                return Err(MetricsError::NoCommonTime { first: first.name(), second: other.name() });
            }
        }
        Ok(self.readings.values().filter_map(Readings::mem_stats).collect())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    const ALLOC: &str = "go_memstats_heap_alloc_bytes";
    const RSS: &str = "process_resident_memory_bytes";

    fn labels(text: &str) -> Labels {
        text.split_terminator(',')
            .map(|pair| pair.split_once('=').unwrap())
            .map(|(k, v)| (k.into(), v.into()))
            .collect()
    }

    /// HeapAlloc and RSS of each snapshot.
    type Snapshots = Vec<(Option<u64>, Option<u64>)>;

    fn snapshots(samples: &[(&str, &str, i64, &str)]) -> Result<Snapshots, String> {
        let mut series = MetricSeries::default();
        for &(name, own, time, text) in samples {
            let time = (time > 0).then_some(time);
            series.add(Metric::find(name, None).unwrap(), &labels(own), time, text).map_err(|e| e.to_string())?;
        }
        let found = series.finish().map_err(|error| error.to_string())?;
        Ok(found.iter().map(|stats| (stats.heap_alloc, stats.rss)).collect())
    }

    #[test]
    fn samples_are_joined_by_time() {
        let samples =
            [(ALLOC, "i=a", 2, "20"), (ALLOC, "i=a", 1, "10"), (RSS, "i=a,j=x", 2, "200"), (RSS, "i=a,j=x", 1, "100")];
        assert_eq!(snapshots(&samples), Ok(vec![(Some(10), Some(100)), (Some(20), Some(200))]));
        // A gap is a gap.
        assert_eq!(snapshots(&samples[..3]), Ok(vec![(Some(10), None), (Some(20), Some(200))]));
        // One of each is one snapshot.
        assert_eq!(snapshots(&[samples[0], samples[3]]), Ok(vec![(Some(20), Some(100))]));
        assert_eq!(snapshots(&[samples[0], samples[0]]), Ok(vec![(Some(20), None)]));
        assert_eq!(snapshots(&[samples[0], (RSS, "", 300_002, "1")]), Ok(vec![(Some(20), Some(1))]));
    }

    #[test]
    fn what_does_not_belong_together_is_refused() {
        let error = snapshots(&[(ALLOC, "i=a", 1, "1"), (ALLOC, "i=a", 2, "1"), (RSS, "i=a", 3, "1")]).unwrap_err();
        assert!(
            error.starts_with("go_memstats_heap_alloc_bytes and process_resident_memory_bytes have no time in common")
        );
        let error = snapshots(&[(ALLOC, "", 1, "1"), (RSS, "", 300_002, "1")]).unwrap_err();
        assert!(error.contains("have no time in common"), "{error}");
        let error = snapshots(&[(ALLOC, "", 0, "1"), (ALLOC, "", 0, "1")]).unwrap_err();
        assert!(error.starts_with("go_memstats_heap_alloc_bytes occurs twice"), "{error}");
        let error = snapshots(&[(ALLOC, "", 1, "1"), (ALLOC, "", 1, "2")]).unwrap_err();
        assert!(error.starts_with("go_memstats_heap_alloc_bytes occurs twice"), "{error}");
        let error = snapshots(&[(ALLOC, "i=a,j=x", 1, "1"), (RSS, "i=b", 1, "1")]).unwrap_err();
        assert_eq!(
            error,
            "metrics of several processes: go_memstats_heap_alloc_bytes of {i=\"a\",j=\"x\"}, \
             process_resident_memory_bytes of {i=\"b\"}; expected those of one: \
             choose it in the query ({i=\"a\"}), or keep only its lines of the page (grep 'i=\"a\"')"
        );
        let error = snapshots(&[(ALLOC, "i=a", 1, "1"), (ALLOC, "", 1, "1")]).unwrap_err();
        assert!(error.contains("of {i=\"a\"}, go_memstats_heap_alloc_bytes of {}; expected"), "{error}");
    }

    #[test]
    fn snapshots_are_bounded() {
        let mut series = MetricSeries::default();
        let metric = Metric::find(ALLOC, None).unwrap();
        let mut add = |time: usize| series.add(metric, &Labels::new(), i64::try_from(time).ok(), "1");
        (0..MAX_SNAPSHOTS).try_for_each(&mut add).unwrap();
        assert!(add(MAX_SNAPSHOTS).unwrap_err().to_string().starts_with("more than 262144 snapshots"));
    }
}
