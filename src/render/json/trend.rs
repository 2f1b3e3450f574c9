//! The JSON of a series of profiles: every site with its whole series.

use std::io::{self, Write};

use serde::Serialize;

use super::super::findings::FindingJson;
use super::super::trend::per_hour;
use super::{Head, NoteJson, Numbers, Sampling, Site, notes, write_line};
use crate::diff::{Change, Metric};
use crate::report::{Reach, SeriesNote, TrendReport, TrendRow};
use crate::site::Values;

#[derive(Serialize)]
struct Document<'a> {
    #[serde(flatten)]
    head: Head<'a>,
    snapshots: Vec<SnapshotJson<'a>>,
    window: WindowJson,
    totals: Course,
    process: Option<&'static str>,
    reach: Option<ReachJson>,
    sites: Vec<TrendSite<'a>>,
    sampling: Sampling,
    notes: Vec<NoteJson>,
    findings: Vec<FindingJson>,
    verdict: Option<Verdict>,
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

/// A number of each snapshot, and its growth over the window.
#[derive(Serialize)]
struct Course {
    inuse_objects: Option<Series>,
    inuse_space: Option<Series>,
}

#[derive(Serialize)]
struct Series {
    series: Vec<i128>,
    #[serde(flatten)]
    window: Numbers,
    per_snapshot: f64,
    per_hour: Option<i128>,
}

impl Course {
    fn new(report: &TrendReport, values: &[Values], change: Change) -> Self {
        let of = |metric: Metric| {
            report.comparison.shows(metric).then(|| Series {
                series: values.iter().map(|&values| metric.of(values)).collect(),
                window: Numbers::new(change, metric),
                per_snapshot: change.delta_of(metric) as f64 / report.window.intervals() as f64,
                per_hour: per_hour(report, change.delta_of(metric)),
            })
        };
        Course { inuse_objects: of(Metric::Objects), inuse_space: of(Metric::Space) }
    }
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
    course: Course,
    #[serde(flatten)]
    site: Site<'a>,
}

#[derive(Serialize)]
struct Verdict {
    status: &'static str,
}

/// Writes one object.
pub fn write(report: &TrendReport, out: &mut dyn Write) -> io::Result<()> {
    let comparison = &report.comparison;
    let site = |row: &TrendRow| {
        let site = &comparison.sites[row.site];
        let course = Course::new(report, &row.values, site.flat);
        (row.trend.name(), course, site)
    };
    let totals: Vec<_> = report.snapshots.iter().map(|snapshot| snapshot.total).collect();
    let of_series = |note: &SeriesNote| NoteJson {
        code: note.code(),
        severity: note.severity().name(),
        message: note.message(),
        data: note.data(),
    };
    let document = Document {
        head: Head { command: "trend", ..Head::new(comparison) },
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
        totals: Course::new(report, &totals, comparison.totals),
        process: report.process.map(|shape| shape.name()),
        reach: report.reach.map(|Reach { bytes, now, seconds, earliest, latest }| ReachJson {
            bytes,
            now_bytes: now,
            seconds,
            seconds_low: earliest,
            seconds_high: latest,
        }),
        sites: report
            .rows
            .iter()
            .map(site)
            .map(|(trend, course, row)| TrendSite { trend, course, site: Site::new(comparison, row) })
            .collect(),
        sampling: Sampling::new(comparison),
        notes: report.notes.iter().map(of_series).chain(notes(comparison)).collect(),
        findings: comparison.findings.iter().map(FindingJson::new).collect(),
        verdict: report.status.map(|status| Verdict { status: status.name() }),
    };
    write_line(&document, out)
}
