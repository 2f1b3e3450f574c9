//! A series of profiles, ready to be shown.

use super::{Report, SeriesNote, StackGraph};
use crate::diff::{Deltas, Metric};
use crate::evidence::{Evidence, Interval};
use crate::gate::Status;
use crate::goroutines::GoroutineCourse;
use crate::order::sorted;
use crate::profile::MemStats;
use crate::series::{
    Assessment, Course, LiveHeapSource, LiveSeries, Shape, SiteHistory, SiteSeries, SnapshotTimes, SnapshotWindow,
    Trend, count_trend, is_rise, negligible, seconds_between, trend,
};
use crate::site::{Rate, Values};

/// Most sites named as candidates.
const MAX_CANDIDATES: usize = 3;

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
    pub steps: LiveSeries,
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

/// What says that the live heap as a whole grew, where its size is not known exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum HeapHint {
    /// NextGC, which follows it, keeps growing.
    NextGc,
    /// The samples of all sites together: growth in bytes, with bounds of 95 % confidence.
    Samples(Interval),
}

/// Smallest growth of the whole heap that the samples of all sites may show: bytes, and percent of what was there.
/// Services in which nothing grew moved by up to 9 % between two snapshots.
const MIN_HEAP_GROWTH: (f64, f64) = (1_048_576.0, 15.0);

impl HeapHint {
    /// What says so, if anything does. `estimated`: the course of the live heap by the runtime's own numbers. Samples of
    /// all sites say nothing new if a site among `rows` is known to have grown.
    pub fn of(
        estimated: Option<&Course>,
        rows: &[TrendRow],
        deltas: &Deltas<'_, '_>,
        evidence: &Evidence,
    ) -> Option<Self> {
        if estimated.is_some_and(|course| course.shape == Shape::Growing) {
            return Some(HeapHint::NextGc);
        }
        if rows.iter().any(|row| row.trend != Trend::Steady) {
            return None;
        }
        let growth = evidence.total_growth_interval(Metric::Space)?;
        let (bytes, percent) = MIN_HEAP_GROWTH;
        let enough = bytes.max(percent / 100.0 * deltas.total().base.space as f64);
        (growth.low > enough).then_some(HeapHint::Samples(growth))
    }
}

/// The program that a series was taken of.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its address and the options by which it was asked, without secrets, as words of another command.
    pub words: Vec<String>,
    /// The folder for another watch to keep its snapshots in; `None` if these are kept.
    pub keep_in: Option<String>,
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
    /// The sites most likely to keep growing, as indexes of rows, the best first; none if a site is known to.
    pub candidates: Vec<usize>,
    /// Shape of the whole live heap, where its size is known exactly.
    pub process: Option<Shape>,
    /// What says that it grew, where its size is not known exactly.
    pub hint: Option<HeapHint>,
    /// If the whole live heap is known to keep growing: whether by more objects rather than larger ones, where known.
    pub more_objects: Option<bool>,
    /// The whole live heap by the runtime's own numbers, where these are exact.
    pub runtime_heap: Option<RuntimeHeap>,
    /// How the number of goroutines developed, if their profiles are known.
    pub goroutines: Option<GoroutineCourse>,
    /// Its stacks, if they are to be drawn.
    pub graph: Option<StackGraph>,
    /// When the limit is reached, if one was given.
    pub reach: Option<Reach>,
    /// Result of `--fail-on`, if given.
    pub status: Option<Status>,
    /// Whether only the heap as a whole has a trend of `--fail-on`, and no site.
    pub fails_by_heap: bool,
    /// What the user should know of the series.
    pub notes: Vec<SeriesNote>,
    /// The program, if the series is of one that was being watched.
    pub watched: Option<Watched>,
}

/// The live heap by the runtime's own numbers, which are exact.
#[derive(Debug, Clone, PartialEq)]
pub struct RuntimeHeap {
    /// The number that measures it.
    pub source: LiveHeapSource,
    /// Its size in each snapshot of the runtime's numbers, bytes.
    pub series: Vec<u64>,
    /// Number of snapshots at the start that do not count.
    pub left_out: usize,
    /// Number of objects in each of these snapshots; `None` where unknown.
    pub object_counts: Option<Vec<u64>>,
    /// Which of these snapshots is of the first profile that counts; `None` where that is not known.
    pub window_start: Option<usize>,
    /// Whether too few snapshots rise by too little to count as growth.
    pub is_undecided: bool,
    /// Time between the snapshots that count, seconds; `None` where unknown.
    pub seconds: Option<f64>,
    /// Growth up to this is none, bytes, where it grew by less as a slow leak would; else `None`.
    pub tolerance: Option<u64>,
}

impl RuntimeHeap {
    /// Of an assessment of these snapshots; `None` where the live heap is not known exactly. `window_start`: which of them is
    /// of the first profile that counts.
    pub fn new(assessment: &Assessment, snapshots: &[MemStats], window_start: Option<usize>) -> Option<Self> {
        let source = assessment.source.filter(|source| source.is_exact())?;
        let course = assessment.exact_course()?;
        let size = |stats: &MemStats| match source {
            LiveHeapSource::HeapLive => stats.heap_live,
            _ => stats.heap_alloc,
        };
        let object_counts = snapshots.iter().map(|stats| stats.heap_objects).collect::<Option<_>>();
        Some(RuntimeHeap {
            source,
            series: snapshots.iter().map(size).collect::<Option<_>>()?,
            left_out: assessment.left_out,
            object_counts: object_counts.filter(|_| course.objects.is_some()),
            window_start,
            is_undecided: course.is_undecided(),
            seconds: assessment.counted_seconds,
            tolerance: course.hardly_grew().then_some(course.tolerance),
        })
    }

    /// Its size in the first snapshot that counts, and in the last, in a metric; `None` where that is not known.
    pub fn ends(&self, metric: Metric) -> Option<[u64; 2]> {
        self.ends_from(self.left_out, metric)
    }

    fn ends_from(&self, first: usize, metric: Metric) -> Option<[u64; 2]> {
        let values = match metric {
            Metric::Space => Some(&self.series),
            Metric::Objects => self.object_counts.as_ref(),
        };
        values.and_then(|values| Some([*values.get(first)?, *values.last()?]))
    }

    /// Number of intervals between the snapshots that count.
    pub fn intervals(&self) -> usize {
        self.series.len().saturating_sub(self.left_out + 1)
    }

    /// Its growth between the snapshots that count; `None` where that is not known.
    pub fn growth(&self, metric: Metric) -> Option<i128> {
        self.ends(metric).map(between)
    }

    /// Its growth over the window of the profiles; `None` where these are not known to be of the same time.
    pub fn growth_over_window(&self, metric: Metric) -> Option<i128> {
        self.ends_from(self.window_start?, metric).map(between)
    }
}

fn between([first, last]: [u64; 2]) -> i128 {
    i128::from(last) - i128::from(first)
}

impl TrendReport {
    /// In how many snapshots a site has objects, and the most it has in one; `None` if it has some in each.
    pub fn alive(&self, row: &TrendRow) -> Option<(usize, i128)> {
        let objects = || row.steps.values(self.snapshots.len()).map(|values| values.objects);
        let alive = objects().filter(|&objects| objects > 0).count();
        (alive < self.snapshots.len()).then(|| (alive, objects().max().unwrap_or(0)))
    }

    /// Whether the whole live heap is known to keep growing, as its objects get larger.
    pub fn is_bloat(&self) -> bool {
        self.more_objects == Some(false)
    }

    /// Growth of the live heap over the window by the runtime's own numbers, or about that; `None` where these are not exact.
    pub fn runtime_growth(&self, metric: Metric) -> Option<i128> {
        let heap = self.runtime_heap.as_ref()?;
        heap.growth_over_window(metric).or(heap.growth(metric))
    }

    /// Time from the first snapshot to the last, those included that do not count, seconds; `None` where times are missing.
    pub fn span_seconds(&self) -> Option<f64> {
        seconds(&self.snapshots, SnapshotWindow { first: 0, ..self.window })
    }

    /// Time from the first to the last snapshot of the window, seconds; `None` where times are missing.
    pub fn seconds(&self) -> Option<f64> {
        seconds(&self.snapshots, self.window)
    }

    /// Mean growth per hour, if it grew by `growth` over the window; `None` where times are missing.
    pub fn growth_per_hour(&self, growth: i128) -> Option<i128> {
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        self.seconds().map(|seconds| (growth as f64 / seconds * 3600.0).round() as i128)
    }

    /// Whether the whole live heap is known not to keep growing.
    pub fn has_heap_stopped(&self) -> bool {
        self.process.is_some_and(|shape| !matches!(shape, Shape::Growing | Shape::Grew)) && !self.is_undecided()
    }

    /// Whether the whole rises in too few snapshots, by nothing that counts as growth: that is no growth, or slow growth.
    pub fn is_undecided(&self) -> bool {
        if !matches!(self.process, None | Some(Shape::Flat)) {
            return false;
        }
        let total = self.comparison.totals;
        let [first, growth] = [total.base.space, total.delta().space];
        match &self.runtime_heap {
            Some(heap) => heap.is_undecided && self.comparison.shows(Metric::Space),
            None if self.comparison.sampling.is_sampled() => self.window.is_short() && growth > 0,
            None => self.window.is_short() && is_rise(first, growth),
        }
    }

    /// Number of sites with a trend.
    pub fn count(&self, trend: Trend) -> usize {
        self.rows.iter().filter(|row| row.trend == trend).count()
    }
}

fn seconds(snapshots: &[Snapshot], window: SnapshotWindow) -> Option<f64> {
    let [first, last] = [window.first, window.last].map(|at| snapshots.get(at).map_or(0, |seen| seen.time_nanos));
    seconds_between(first, last)
}

/// Makes the rows of a series.
///
/// `listed`: every site of the comparison once, the most grown first. The pairs are of two comparisons: of the first
/// with the last snapshot of the window, and of the middle one with the last.
pub fn trend_rows(
    listed: &[usize],
    series: &SiteSeries<'_>,
    times: &SnapshotTimes,
    window: SnapshotWindow,
    [deltas, later]: [&Deltas<'_, '_>; 2],
    [evidence, later_evidence]: [&Evidence; 2],
    process: Option<&Course>,
) -> Vec<TrendRow> {
    let metric = deltas.ranking_metric();
    // Without bytes the size of objects is unknown.
    let negligible = if metric == Metric::Space { negligible(process) } else { 0 };
    // Of bytes alone it is not known how many objects they are.
    let are_bytes_alone = deltas.are_references() && !deltas.counts(Metric::Objects);
    let is_one_count = metric == Metric::Objects || are_bytes_alone;
    let counts_things = is_one_count && evidence.rate().is_some_and(Rate::is_exact);
    let shape = process.map(|course| course.shape);
    let in_later = later.by_key();
    let spacing = times.spacing(window);
    let rows: Vec<_> = listed
        .iter()
        .enumerate()
        .map(|(row, &site)| {
            let key = deltas.key(&deltas.sites[site]);
            let steps = series.live(&key);
            let values: Vec<_> = steps.values(series.len()).map(|values| metric.of(values)).collect();
            let samples: Vec<_> = steps.samples(series.len()).collect();
            let history = SiteHistory {
                values: &values,
                samples: &samples,
                verdict: evidence.significance(site),
                p_later: in_later.get(&key).and_then(|&site| later_evidence.p_value(site)),
                is_replaced_by_larger: evidence.are_replaced_by_larger(site).unwrap_or(false),
                negligible,
            };
            // What is counted one by one needs no statistics.
            let trend = match counts_things {
                true => count_trend(values.get(window.first..=window.last).unwrap_or_default(), &spacing),
                false => trend(history, times, window, shape),
            };
            // What may go on is ranked by how sure it is that it did in the second half.
            let doubt = if trend.may_go_on() { history.p_later.unwrap_or(1.0) } else { 0.0 };
            (TrendRow { site: row, steps, trend }, doubt)
        })
        .collect();
    // Stable: the most grown stay first within a trend.
    let rows = sorted(rows, |(a, a_doubt), (b, b_doubt)| a.trend.cmp(&b.trend).then(a_doubt.total_cmp(b_doubt)));
    rows.into_iter().map(|(row, _)| row).collect()
}

/// The rows most likely to keep growing, the best first, unless one is known to: those that grew; and, if the whole heap
/// may grow by more, the most grown others. `growth`: of a row.
pub fn candidates(rows: &[TrendRow], heap_may_grow: bool, growth: impl Fn(&TrendRow) -> i128) -> Vec<usize> {
    if rows.iter().any(|row| row.trend.goes_on()) {
        return Vec::new();
    }
    let all = 0..rows.len();
    let mut found: Vec<_> = all.clone().filter(|&row| rows[row].trend.may_go_on()).collect();
    if heap_may_grow {
        let others = all.filter(|&row| !rows[row].trend.may_go_on() && growth(&rows[row]) > 0).collect();
        found.extend(sorted(others, |&a: &usize, &b: &usize| growth(&rows[b]).cmp(&growth(&rows[a]))));
    }
    found.truncate(MAX_CANDIDATES);
    found
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
            let growth = course.growth() as f64;
            let [early, late] = course.growth_at_pace_of_halves().unwrap_or([growth; 2]);
            let intervals = (course.snapshots - 1) as f64;
            span = if course.snapshots + left_out == snapshots.len() {
                seconds(snapshots, SnapshotWindow { first: left_out, ..window })?
            } else {
                // Not the snapshots of the profiles, but evenly spread over the same time.
                let whole = seconds(snapshots, SnapshotWindow { first: 0, ..window })?;
                whole * intervals / (intervals + left_out as f64)
            };
            let growths = [early.max(late), growth, early.min(late)];
            (i128::from(course.last), growths.map(|growth| if goes_on { growth } else { 0.0 }))
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
