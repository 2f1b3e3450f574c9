//! What a renderer may show of a series of profiles.

use serde_json::{Value, json};

use super::{Picture, Report, Severity};
use crate::diff::{Deltas, Metric};
use crate::evidence::{Evidence, Unit};
use crate::gate::Status;
use crate::order::sorted;
use crate::series::{Course, Shape, SiteCourse, SiteSeries, Steps, Trend, Window, negligible, trend};
use crate::site::Values;

/// A snapshot of a series.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// The file, as the user named it.
    pub input: String,
    /// When it was taken, in nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// What is alive, as the profile estimates it.
    pub total: Values,
}

/// A site of a series.
#[derive(Debug, Clone)]
pub struct TrendRow {
    /// Index into the sites of [`TrendReport::window`].
    pub site: usize,
    /// Its live values, by snapshot.
    pub steps: Steps,
    /// How it developed.
    pub trend: Trend,
}

/// When the heap reaches a size, if it goes on growing as it does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reach {
    /// The size.
    pub bytes: u64,
    /// Its live bytes now.
    pub now: i128,
    /// In so many seconds; `None` if it does not grow.
    pub seconds: Option<f64>,
    /// At the earliest: with 95 %, or at the pace of the faster half; `None` where that cannot be told.
    pub earliest: Option<f64>,
    /// At the latest; `None` where it may be never.
    pub latest: Option<f64>,
}

/// What the user should know of a series. Codes are part of the JSON contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesNote {
    /// The snapshots were not given in the order of their times, and were sorted.
    Sorted,
    /// Some are of an earlier process, and do not count.
    Restarted {
        /// How many.
        left_out: usize,
    },
    /// The buckets cannot tell whether all are of one process.
    ProcessUnknown,
    /// Nothing was collected since the snapshot before.
    NoCollection {
        /// The files.
        inputs: Vec<String>,
    },
    /// Files of a folder that are no heap profiles.
    Skipped {
        /// The files.
        inputs: Vec<String>,
    },
    /// Too few snapshots to tell a leak from a warm-up, or from a single step.
    TooFew {
        /// How many there are.
        snapshots: usize,
    },
    /// The runtime's own numbers say nothing of the whole live heap.
    NoTotals {
        /// Why, in words.
        because: &'static str,
    },
    /// The whole live heap surely grows, but no site alone stands out.
    NoSiteStandsOut {
        /// The site that grew most.
        guess: String,
    },
    /// Leaks are told by samples alone.
    SamplesAlone,
}

impl SeriesNote {
    /// The code that scripts know it by.
    pub fn code(&self) -> &'static str {
        match self {
            SeriesNote::Sorted => "sorted_by_time",
            SeriesNote::Restarted { .. } => "restarted",
            SeriesNote::ProcessUnknown => "process_unknown",
            SeriesNote::NoCollection { .. } => "no_collection_between",
            SeriesNote::Skipped { .. } => "skipped",
            SeriesNote::TooFew { .. } => "too_few_snapshots",
            SeriesNote::NoTotals { .. } => "no_totals",
            SeriesNote::NoSiteStandsOut { .. } => "no_site_stands_out",
            SeriesNote::SamplesAlone => "samples_alone",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            SeriesNote::Sorted
            | SeriesNote::Skipped { .. }
            | SeriesNote::NoSiteStandsOut { .. }
            | SeriesNote::SamplesAlone => Severity::Info,
            _ => Severity::Warning,
        }
    }

    /// What it says, in a sentence.
    pub fn message(&self) -> String {
        match self {
            SeriesNote::Sorted => "the snapshots were not in the order of their times, and were sorted".to_owned(),
            SeriesNote::Restarted { left_out } => {
                format!("the program was restarted: snapshots of an earlier process, which do not count: {left_out}")
            }
            SeriesNote::ProcessUnknown => "the profiles do not say whether they are of one process, so samples are \
                                           compared as those of two: less is seen"
                .to_owned(),
            SeriesNote::NoCollection { inputs } => format!(
                "no garbage was collected before these since the snapshot before, so that they add nothing: {}; take \
                 snapshots with ?gc=1",
                some(inputs)
            ),
            SeriesNote::Skipped { inputs } => format!("left aside, as they are no heap profiles: {}", some(inputs)),
            SeriesNote::TooFew { snapshots: 0..=3 } => {
                "three snapshots cannot tell a leak from a warm-up: take six, or better nine".to_owned()
            }
            SeriesNote::TooFew { snapshots } => {
                format!("{snapshots} snapshots cannot tell a leak from a single step: take six, or better nine")
            }
            SeriesNote::NoTotals { because } => format!(
                "the runtime's own numbers do not tell whether the live heap as a whole grows on: {because}; each site \
                 is judged by its samples alone"
            ),
            SeriesNote::NoSiteStandsOut { guess } => format!(
                "the live heap as a whole grows on, but no site is sure to by itself; the best guess is the one that \
                 grew most: {guess}"
            ),
            SeriesNote::SamplesAlone => "a long warm-up can look like a leak in samples alone; exact totals tell them \
                                         apart: --memstats FILE, or snapshots as text (debug=1)"
                .to_owned(),
        }
    }

    /// The values it rests on, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            SeriesNote::Restarted { left_out } => json!({ "left_out": left_out }),
            SeriesNote::NoSiteStandsOut { guess } => json!({ "site": guess }),
            SeriesNote::TooFew { snapshots } => json!({ "snapshots": snapshots }),
            SeriesNote::NoCollection { inputs } | SeriesNote::Skipped { inputs } => json!({ "inputs": inputs }),
            _ => json!({}),
        }
    }
}

/// The first of some files, and how many more there are.
pub fn some(inputs: &[String]) -> String {
    const SOME: usize = 3;
    let names: Vec<_> = inputs.iter().take(SOME).map(|input| input.rsplit('/').next().unwrap_or(input)).collect();
    let more = inputs.len().saturating_sub(SOME);
    if more > 0 { format!("{} and {more} more", names.join(", ")) } else { names.join(", ") }
}

/// A series, ready to be shown.
#[derive(Debug, Clone)]
pub struct TrendReport {
    /// The snapshots that count, and the one before them, in time order.
    pub snapshots: Vec<Snapshot>,
    /// Which of them growth is told by.
    pub window: Window,
    /// The comparison of the first with the last one of the window; its notes and sites.
    pub comparison: Report,
    /// The sites: those that matter most first.
    pub rows: Vec<TrendRow>,
    /// How the whole live heap developed, where that is known exactly.
    pub process: Option<Shape>,
    /// Its stacks, if they are to be drawn.
    pub picture: Option<Picture>,
    /// When the limit will be reached, if one was given.
    pub reach: Option<Reach>,
    /// What was asked to fail, and whether it was found.
    pub status: Option<Status>,
    /// What the user should know of the series.
    pub notes: Vec<SeriesNote>,
}

impl TrendReport {
    /// From the first to the last snapshot of the window, in seconds; `None` where times are missing.
    pub fn seconds(&self) -> Option<f64> {
        seconds(&self.snapshots, self.window)
    }

    /// How many sites have a trend.
    pub fn count(&self, trend: Trend) -> usize {
        self.rows.iter().filter(|row| row.trend == trend).count()
    }
}

fn seconds(snapshots: &[Snapshot], window: Window) -> Option<f64> {
    let [first, last] = [window.first, window.last].map(|at| snapshots.get(at).map_or(0, |seen| seen.time_nanos));
    let known = first != 0 && last > first;
    known.then(|| (last - first) as f64 / 1e9)
}

/// The rows of a series. `comparison`: of the first and the last snapshot of the window, with every site listed once;
/// `later`: of the middle one and the last.
pub fn trend_rows(
    listed: &[usize],
    series: &SiteSeries<'_>,
    window: Window,
    [deltas, later]: [&Deltas<'_, '_>; 2],
    [evidence, later_evidence]: [&Evidence; 2],
    process: Option<&Course>,
) -> Vec<TrendRow> {
    let metric = if deltas.counts(Metric::Space) { Metric::Space } else { Metric::Objects };
    // Of objects alone nobody knows how large they are.
    let negligible = if metric == Metric::Space { negligible(process) } else { 0 };
    let shape = process.map(|course| course.shape);
    let in_later = later.by_key();
    let rows: Vec<_> = listed
        .iter()
        .enumerate()
        .map(|(row, &site)| {
            let key = deltas.key(&deltas.sites[site]);
            let steps = series.steps(&key);
            let numbers: Vec<_> = steps.values(series.len()).map(|values| metric.of(values)).collect();
            let course = SiteCourse {
                values: &numbers,
                verdict: evidence.significance(site),
                p_later: in_later.get(&key).and_then(|&site| later_evidence.p_value(site)),
                negligible,
            };
            TrendRow { site: row, steps, trend: trend(course, window, shape) }
        })
        .collect();
    // They come most grown first, and stay so within a trend.
    sorted(rows, |a, b| a.trend.cmp(&b.trend))
}

/// When live bytes reach a limit, at the pace of the window. `exact`: how the whole live heap developed, if that is
/// known exactly, and how many snapshots before it do not count; then the bounds are the paces of its halves, and
/// otherwise what the samples allow with 95 %.
pub fn reach(
    bytes: u64,
    snapshots: &[Snapshot],
    window: Window,
    exact: Option<(&Course, usize)>,
    evidence: &Evidence,
) -> Option<Reach> {
    let mut span = seconds(snapshots, window)?;
    let (now, growth) = match exact {
        Some((course, left_out)) => {
            let goes_on = matches!(course.shape, Shape::Growing | Shape::Grew);
            let [early, late] = course.pace().unwrap_or([course.growth(); 2]).map(|pace| pace as f64);
            let intervals = (course.snapshots - 1) as f64;
            span = if course.snapshots + left_out == snapshots.len() {
                seconds(snapshots, Window { first: left_out, ..window })?
            } else {
                // Others than the profiles, evenly spread over the same time.
                let whole = seconds(snapshots, Window { first: 0, ..window })?;
                whole * intervals / (intervals + left_out as f64)
            };
            let paces = [early.max(late), course.growth() as f64 / intervals, early.min(late)];
            (i128::from(course.last), paces.map(|pace| if goes_on { pace * intervals } else { 0.0 }))
        }
        None => {
            let growth = evidence.total_growth(Unit::Bytes)?;
            (snapshots.get(window.last)?.total.space, [growth.high, growth.estimate, growth.low])
        }
    };
    let left = (i128::from(bytes) - now) as f64;
    let in_seconds = |growth: f64| if left <= 0.0 { Some(0.0) } else { (growth > 0.0).then(|| left / growth * span) };
    let [earliest, seconds, latest] = growth.map(in_seconds);
    Some(Reach { bytes, now, seconds, earliest, latest })
}
