//! A series of profiles, ready to be shown.

use super::{Report, SeriesNote, StackGraph};
use crate::diff::{Deltas, Metric};
use crate::evidence::Evidence;
use crate::gate::Status;
use crate::goroutines::GoroutineCourse;
use crate::order::sorted;
use crate::series::{
    Course, Shape, SiteHistory, SiteSeries, SnapshotWindow, Trend, ValueSeries, count_trend, negligible, trend,
};
use crate::site::{Rate, Values};

/// A snapshot of a series.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The file, as the user named it.
    pub input: String,
    /// When it was taken, nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// Live memory, as the profile estimates it.
    pub total: Values,
}

/// A row of a series: one site.
#[derive(Debug, Clone)]
pub struct TrendRow {
    /// Index in the sites of [`TrendReport::comparison`].
    pub site: usize,
    /// Its live values, by snapshot.
    pub steps: ValueSeries,
    /// How it developed.
    pub trend: Trend,
}

/// When the live heap reaches a limit, if it keeps growing at its pace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The limit, bytes.
    pub bytes: u64,
    /// Live bytes now.
    pub now: i128,
    /// Seconds until then; `None` if the heap does not grow.
    pub seconds: Option<f64>,
    /// Earliest time, seconds: the 95 % bound, or at the pace of the faster half; `None` where unknown.
    pub earliest: Option<f64>,
    /// Latest time, seconds; `None` if it may never be reached.
    pub latest: Option<f64>,
}

/// A series, ready to be shown.
#[derive(Debug, Clone)]
pub struct TrendReport {
    /// The snapshots that count, and the one before them, in time order.
    pub snapshots: Vec<Snapshot>,
    /// The snapshots that growth is measured between.
    pub window: SnapshotWindow,
    /// The comparison of the first with the last snapshot of the window: its notes and sites.
    pub comparison: Report,
    /// The sites, the most important trends first.
    pub rows: Vec<TrendRow>,
    /// Shape of the whole live heap, where its size is known exactly.
    pub process: Option<Shape>,
    /// How the number of goroutines developed, if their profiles are known.
    pub goroutines: Option<GoroutineCourse>,
    /// Its stacks, if they are to be drawn.
    pub graph: Option<StackGraph>,
    /// When the limit is reached, if one was given.
    pub reach: Option<Reach>,
    /// Result of `--fail-on`, if given.
    pub status: Option<Status>,
    /// What the user should know of the series.
    pub notes: Vec<SeriesNote>,
}

impl TrendReport {
    /// Time from the first to the last snapshot of the window, seconds; `None` where times are missing.
    pub fn seconds(&self) -> Option<f64> {
        seconds(&self.snapshots, self.window)
    }

    /// Mean growth from one snapshot of the window to the next, rounded, if it grew by `growth` over the window.
    pub fn growth_per_snapshot(&self, growth: i128) -> i128 {
        let intervals = self.window.intervals() as i128;
        (2 * growth + growth.signum() * intervals) / (2 * intervals)
    }

    /// Mean growth per hour, if it grew by `growth` over the window; `None` where times are missing.
    pub fn growth_per_hour(&self, growth: i128) -> Option<i128> {
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        self.seconds().map(|seconds| (growth as f64 / seconds * 3600.0).round() as i128)
    }

    /// Number of sites with a trend.
    pub fn count(&self, trend: Trend) -> usize {
        self.rows.iter().filter(|row| row.trend == trend).count()
    }
}

fn seconds(snapshots: &[Snapshot], window: SnapshotWindow) -> Option<f64> {
    let [first, last] = [window.first, window.last].map(|at| snapshots.get(at).map_or(0, |seen| seen.time_nanos));
    let known = first != 0 && last > first;
    known.then(|| (last - first) as f64 / 1e9)
}

/// Makes the rows of a series.
///
/// `listed`: every site of the comparison once, the most grown first. The pairs are of two comparisons: of the first
/// with the last snapshot of the window, and of the middle one with the last.
pub fn trend_rows(
    listed: &[usize],
    series: &SiteSeries<'_>,
    window: SnapshotWindow,
    [deltas, later]: [&Deltas<'_, '_>; 2],
    [evidence, later_evidence]: [&Evidence; 2],
    process: Option<&Course>,
) -> Vec<TrendRow> {
    let metric = deltas.ranking_metric();
    // Without bytes the size of objects is unknown.
    let negligible = if metric == Metric::Space { negligible(process) } else { 0 };
    let counts_things = metric == Metric::Objects && evidence.rate().is_some_and(Rate::is_exact);
    let shape = process.map(|course| course.shape);
    let in_later = later.by_key();
    let rows: Vec<_> = listed
        .iter()
        .enumerate()
        .map(|(row, &site)| {
            let key = deltas.key(&deltas.sites[site]);
            let steps = series.values(&key);
            let numbers: Vec<_> = steps.values(series.len()).map(|values| metric.of(values)).collect();
            let course = SiteHistory {
                values: &numbers,
                verdict: evidence.significance(site),
                p_later: in_later.get(&key).and_then(|&site| later_evidence.p_value(site)),
                negligible,
            };
            // What is counted one by one needs no statistics.
            let trend = match counts_things {
                true => count_trend(numbers.get(window.first..=window.last).unwrap_or_default()),
                false => trend(course, window, shape),
            };
            TrendRow { site: row, steps, trend }
        })
        .collect();
    // Stable: the most grown stay first within a trend.
    sorted(rows, |a, b| a.trend.cmp(&b.trend))
}

/// When live bytes reach a limit at the pace of the window; `None` where times or the sampling rate are missing.
///
/// `exact`: the course of the whole live heap, if known exactly, and the number of snapshots before it that do not
/// count. Its halves then give the bounds; otherwise these are the 95 % bounds of the samples.
pub fn reach(
    bytes: u64,
    snapshots: &[Snapshot],
    window: SnapshotWindow,
    exact: Option<(&Course, usize)>,
    evidence: &Evidence,
) -> Option<Reach> {
    let mut span = seconds(snapshots, window)?;
    let (now, growth) = match exact {
        Some((course, left_out)) => {
            let goes_on = matches!(course.shape, Shape::Growing | Shape::Grew);
            let [early, late] = course.growth_per_snapshot().unwrap_or([course.growth(); 2]).map(|pace| pace as f64);
            let intervals = (course.snapshots - 1) as f64;
            span = if course.snapshots + left_out == snapshots.len() {
                seconds(snapshots, SnapshotWindow { first: left_out, ..window })?
            } else {
                // Not the snapshots of the profiles, but evenly spread over the same time.
                let whole = seconds(snapshots, SnapshotWindow { first: 0, ..window })?;
                whole * intervals / (intervals + left_out as f64)
            };
            let paces = [early.max(late), course.growth() as f64 / intervals, early.min(late)];
            (i128::from(course.last), paces.map(|pace| if goes_on { pace * intervals } else { 0.0 }))
        }
        None => {
            let growth = evidence.total_growth_interval(Metric::Space)?;
            (snapshots.get(window.last)?.total.space, [growth.high, growth.estimate, growth.low])
        }
    };
    let left = (i128::from(bytes) - now) as f64;
    let in_seconds = |growth: f64| if left <= 0.0 { Some(0.0) } else { (growth > 0.0).then(|| left / growth * span) };
    let [earliest, seconds, latest] = growth.map(in_seconds);
    Some(Reach { bytes, now, seconds, earliest, latest })
}
