//! `json` of a series of profiles: every site with its whole series.

use std::io::{self, Write};

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::super::messages::{series_note_message, trend_headline};
use super::super::units::Bytes;
use super::head::Head;
use super::notes::{FindingJson, NoteJson, notes};
use super::site::Site;
use super::values::{Numbers, SamplingJson, write_line};
use crate::diff::{Change, Metric};
use crate::report::{Reach, SeriesNote, TrendReport, TrendRow, goroutine_data};
use crate::series::LiveSeries;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    headline: String,
    snapshots: Vec<SnapshotJson<'a>>,
    window: WindowJson,
    totals: Course<'a>,
    process: Option<&'static str>,
    runtime_heap: Option<RuntimeHeapJson<'a>>,
    goroutines: Option<Value>,
    reach: Option<ReachJson>,
    sites: Vec<TrendSite<'a>>,
    sampling: SamplingJson,
    notes: Vec<NoteJson>,
    findings: Vec<FindingJson>,
    verdict: Option<VerdictJson>,
}

#[derive(Serialize)]
struct SnapshotJson<'a> {
    input: &'a str,
    time_nanos: i64,
}

#[derive(Serialize)]
struct WindowJson {
    first: usize,
    middle: usize,
    last: usize,
    seconds: Option<f64>,
}

/// A series of values in each metric, and its growth over the window.
#[derive(Serialize)]
struct Course<'a> {
    inuse_objects: Option<Series<'a>>,
    inuse_space: Option<Series<'a>>,
}

#[derive(Serialize)]
struct Series<'a> {
    series: SeriesValues<'a>,
    #[serde(flatten)]
    window: Numbers,
    per_snapshot: f64,
    per_hour: Option<i128>,
}

/// The values of all snapshots, serialized one by one, since a site may have a thousand.
struct SeriesValues<'a> {
    report: &'a TrendReport,
    /// The series of a site; `None` for the totals.
    steps: Option<&'a LiveSeries>,
    metric: Metric,
}

impl Serialize for SeriesValues<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let snapshots = &self.report.snapshots;
        match self.steps {
            Some(steps) => serializer.collect_seq(steps.values(snapshots.len()).map(|values| self.metric.of(values))),
            None => serializer.collect_seq(snapshots.iter().map(|snapshot| self.metric.of(snapshot.total))),
        }
    }
}

impl<'a> Course<'a> {
    fn new(report: &'a TrendReport, steps: Option<&'a LiveSeries>, change: Change) -> Self {
        let of = |metric: Metric| {
            report.comparison.shows(metric).then(|| Series {
                series: SeriesValues { report, steps, metric },
                window: Numbers::new(change, metric),
                per_snapshot: change.delta_of(metric) as f64 / report.window.intervals() as f64,
                per_hour: report.growth_per_hour(change.delta_of(metric)),
            })
        };
        Course { inuse_objects: of(Metric::Objects), inuse_space: of(Metric::Space) }
    }
}

#[derive(Serialize)]
struct RuntimeHeapJson<'a> {
    basis: &'static str,
    first: usize,
    series_bytes: &'a [u64],
    base_objects: Option<u64>,
    current_objects: Option<u64>,
}

#[derive(Serialize)]
struct ReachJson {
    bytes: u64,
    now_bytes: i128,
    seconds: Option<f64>,
    seconds_low: Option<f64>,
    seconds_high: Option<f64>,
}

#[derive(Serialize)]
struct TrendSite<'a> {
    trend: &'static str,
    course: Course<'a>,
    #[serde(flatten)]
    site: Site<'a>,
}

#[derive(Serialize)]
struct VerdictJson {
    status: &'static str,
}

/// Writes one object.
pub fn write<'r>(report: &'r TrendReport, out: &mut dyn Write) -> io::Result<()> {
    let comparison = &report.comparison;
    let site = |row: &'r TrendRow| {
        let site = &comparison.sites[row.site];
        TrendSite {
            trend: row.trend.name(),
            course: Course::new(report, Some(&row.steps), site.flat),
            site: Site::new(comparison, site),
        }
    };
    let of_series =
        |note: &SeriesNote| NoteJson::new(note.code(), note.severity(), series_note_message(note), note.data());
    let document = Document {
        head: Head::of("trend", comparison),
        headline: trend_headline(report, Bytes::Iec),
        snapshots: report
            .snapshots
            .iter()
            .map(|snapshot| SnapshotJson { input: &snapshot.input, time_nanos: snapshot.time_nanos })
            .collect(),
        window: WindowJson {
            first: report.window.first,
            middle: report.window.middle,
            last: report.window.last,
            seconds: report.seconds(),
        },
        totals: Course::new(report, None, comparison.totals),
        process: report.process.map(|shape| shape.name()),
        runtime_heap: report.runtime_heap.as_ref().map(|heap| RuntimeHeapJson {
            basis: heap.source.name(),
            first: heap.left_out,
            series_bytes: &heap.series,
            base_objects: heap.ends(Metric::Objects).map(|[first, _]| first),
            current_objects: heap.ends(Metric::Objects).map(|[_, last]| last),
        }),
        goroutines: report.goroutines.as_ref().map(goroutine_data),
        reach: report.reach.map(|Reach { bytes, now, seconds, earliest, latest }| ReachJson {
            bytes,
            now_bytes: now,
            seconds,
            seconds_low: earliest,
            seconds_high: latest,
        }),
        sites: report.rows.iter().map(site).collect(),
        sampling: SamplingJson::new(comparison),
        notes: report.notes.iter().map(of_series).chain(notes(&comparison.notes)).collect(),
        findings: comparison.findings.iter().map(FindingJson::new).collect(),
        verdict: report.status.map(|status| VerdictJson { status: status.name() }),
    };
    write_line(&document, out)
}
