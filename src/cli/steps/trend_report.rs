//! Builds the report on a series of snapshots: compares its ends, and says which sites keep growing.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cli::exit::Exit;
use crate::cli::options::{Collect, DEFAULT_MIN_SHARE, LoadOptions, SeriesPlan};
use crate::cli::steps::companion_growth::Accompanied;
use crate::cli::steps::{
    LoadedSeries, Progress, companion_growth, compare_sides, load_side, mem_stats_of_series, read_mem_stats_files,
    stacks_of,
};
use crate::diagnose::{FindingInputs, SeriesInputs, SeriesNote, findings, notes, series_notes};
use crate::diff::Attribution;
use crate::evidence::Evidence;
use crate::gate::Status;
use crate::profile::MemStats;
use crate::rank::rank;
use crate::report::{
    Conclusions, HeapHint, RuntimeHeap, StackGraph, TrendReport, TrendRow, candidates, reach, report, trend_rows,
};
use crate::series::{Assessment, OwnTotals, Shape, SnapshotWindow, Trend, assess, own_totals, totals_of_window};
use crate::site::{NameArena, Rate};

/// The exit code for a report.
pub(crate) fn exit(report: &TrendReport) -> Exit {
    match report.status {
        None | Some(Status::Pass) => Exit::Success,
        Some(Status::Fail) => Exit::LimitExceeded,
        Some(Status::Inconclusive) => Exit::NoAnswer,
    }
}

/// Reports on a series. Reads its first, a middle and its last snapshot again.
pub(crate) fn trend_report(plan: &SeriesPlan, series: &LoadedSeries<'_>, progress: &Progress) -> Result<TrendReport> {
    let times = series.times();
    let Some(window) = SnapshotWindow::of(&times) else {
        let found = series.snapshots.len();
        let plural = if found == 1 { "" } else { "s" };
        let restarted = match series.left_out {
            0 => String::new(),
            left_out => format!(", after {left_out} of an earlier one"),
        };
        bail!(
            "{found} snapshot{plural} of one process{restarted}: a trend needs three, preferably nine; heapdiff BASE CURRENT compares two"
        );
    };
    let names: [NameArena; 3] = Default::default();
    let again = |at: usize, load_options, names| load_side(&series.paths[at..=at], load_options, progress, names);
    let collect = Collect { stacks: plan.with_graph, ..plan.load_options.collect };
    let ends = LoadOptions { collect, ..plan.load_options.clone() };
    let first = again(window.first, &ends, &names[0])?;
    let middle = again(window.middle, &plan.load_options, &names[1])?;
    let last = again(window.last, &ends, &names[2])?;
    let (deltas, later) = (
        compare_sides(&first.sites, &last.sites, Attribution::Flat)?.of_one_process(true),
        compare_sides(&middle.sites, &last.sites, Attribution::Flat)?.of_one_process(true),
    );
    let (evidence, later_evidence) = (Evidence::new(&deltas), Evidence::new(&later));
    let is_allocation = deltas.is_allocation();
    if plan.limit.is_some() && !deltas.counted.space {
        bail!("--limit is in bytes, and this series counts objects: leave --sample-type out");
    }
    let RuntimeNumbers { numbers: counters, window_start, are_of_others } =
        runtime_numbers(plan, series, window, progress)?;
    let exact = (counters.len() >= 2).then(|| assess(&counters));
    let runtime_heap = exact.as_ref().and_then(|assessment| RuntimeHeap::new(assessment, &counters, window_start));
    // If every object is sampled, the profiles are exact themselves.
    let is_counted = evidence.rate().is_some_and(Rate::is_exact) && !is_allocation;
    let counted = if is_counted { series.course(window) } else { None };
    let of_heap = exact.as_ref().and_then(Assessment::exact_course);
    // Where bytes are not asked for, the course is that of the number of objects.
    let of_heap = if deltas.counted.space { of_heap } else { of_heap.and_then(|course| course.objects.as_deref()) };
    let course = of_heap.or(counted.as_ref());
    let shape = course.map(|course| course.shape);
    let ranking = rank(&deltas, None);
    let mem_stats = last.mem_stats().or(series.mem_stats.iter().flatten().next_back()).or(counters.last()).cloned();
    let sides = [first.info, last.info];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.request);
    let metric = deltas.ranking_metric();
    let both = [&deltas, &later];
    let rows =
        trend_rows(ranking.by(metric), &series.sites, &times, window, both, [&evidence, &later_evidence], course);
    let reach = plan.limit.and_then(|limit| {
        let of_totals = exact.as_ref().and_then(|exact| Some((exact.exact_course()?, exact.left_out)));
        let course = of_totals.or(counted.as_ref().map(|course| (course, window.first)));
        reach(limit, &series.snapshots, window, course, &evidence)
    });
    if plan.limit.is_some() && reach.is_none() {
        bail!("--limit: cannot be estimated, as the profiles have no times or no sampling rate");
    }
    let site_of = |row: &TrendRow| ranking.by(metric)[row.site];
    let mut trends = vec![Trend::Unknown; deltas.sites.len()];
    for row in &rows {
        trends[site_of(row)] = row.trend;
    }
    let snapshots: Vec<_> = series.paths.iter().map(|path| vec![path.clone()]).collect();
    let accompanied =
        Accompanied { snapshots: &snapshots, ends: [window.first, window.last], censuses: &series.censuses };
    let growth = companion_growth::read_and_compare(&plan.companions, &accompanied, &plan.load_options, progress)?;
    let estimated = exact.as_ref().and_then(|assessment| assessment.course.as_ref());
    let hint =
        if course.is_some() || is_allocation { None } else { HeapHint::of(estimated, &rows, &deltas, &evidence) };
    let heap_may_grow = hint.is_some() || shape == Some(Shape::Growing);
    let candidates = candidates(&rows, heap_may_grow, |row| {
        metric.of(deltas.change(&deltas.sites[site_of(row)], Attribution::Flat).delta())
    });
    let names_of_candidates: Vec<_> =
        candidates.iter().map(|&row| deltas.key(&deltas.sites[site_of(&rows[row])]).name().into_owned()).collect();
    let findings = findings(FindingInputs {
        trends: Some(&trends),
        assessment: exact.as_ref(),
        mem_stats: [None, mem_stats.as_ref()],
        goroutines: growth.goroutines.as_ref(),
        leaked: growth.leaked.as_ref(),
        threads: &growth.threads,
        ..FindingInputs::new(&deltas, &evidence, &notes, &plan.request)
    });
    let conclusions = Conclusions { notes, findings, ..Conclusions::default() };
    let comparison = report(sides, &ranking, &evidence, conclusions, &plan.selection(metric));
    let mut notes = series.notes();
    notes.extend(is_allocation.then_some(SeriesNote::Allocation));
    notes.extend(are_of_others.then_some(SeriesNote::TotalsOfOthers));
    notes.extend(series_notes(&SeriesInputs {
        candidates: &names_of_candidates,
        snapshots: series.snapshots.len(),
        window,
        trends: &trends,
        assessment: exact.as_ref(),
        course,
    }));
    let counts_are_exact = plan.load_options.counted_thing().is_some() || deltas.are_references();
    notes.retain_mut(|note| match note {
        // Counts are exact, whatever process they are of, and few of them show a step.
        SeriesNote::ProcessUnknown | SeriesNote::TooFew { snapshots: 4.. } => !counts_are_exact,
        SeriesNote::SamplesAlone => !is_allocation && !are_of_others,
        SeriesNote::Skipped { inputs } => {
            inputs.retain(|input| !growth.used.contains(input));
            !inputs.is_empty()
        }
        _ => true,
    });
    let graph = || -> Result<_> {
        let calls = stacks_of(&deltas)?;
        let significance = |site| evidence.significance(site);
        Ok(StackGraph::with_sites(&deltas, &calls, ranking.by(metric), significance, metric, DEFAULT_MIN_SHARE))
    };
    let graph = plan.with_graph.then(graph).transpose()?;
    let mut report = TrendReport {
        snapshots: series.snapshots.clone(),
        window,
        comparison,
        rows,
        candidates,
        process: shape,
        hint,
        more_objects: course.and_then(|course| course.more_objects),
        runtime_heap,
        graph,
        goroutines: growth.goroutines,
        reach,
        status: None,
        fails_by_heap: false,
        notes,
        watched: None,
    };
    if !plan.fail_on.is_empty() {
        let (status, fails_by_heap) = status(&report, &plan.fail_on);
        (report.status, report.fails_by_heap) = (Some(status), fails_by_heap);
    }
    Ok(report)
}

/// The runtime's own numbers of a series.
#[derive(Default)]
struct RuntimeNumbers {
    numbers: Vec<MemStats>,
    /// Which of them are of the first snapshot that counts; `None` where that is not known.
    window_start: Option<usize>,
    /// Whether there are numbers beside the profiles, but of other snapshots.
    are_of_others: bool,
}

/// The runtime's own numbers, of which only the live heap is: those that were given; or those of the snapshots that
/// `memstats` reads from the folder; or those in the profiles; or those of the capture that the profiles are of.
fn runtime_numbers(
    plan: &SeriesPlan,
    series: &LoadedSeries<'_>,
    window: SnapshotWindow,
    progress: &Progress,
) -> Result<RuntimeNumbers> {
    if !plan.load_options.sample_type.is_live_heap() {
        return Ok(RuntimeNumbers::default());
    }
    let read = |files: &[(PathBuf, bool)]| -> Result<Vec<MemStats>> {
        let read = read_mem_stats_files(files, progress)?;
        Ok(read.files.into_iter().flat_map(|(_, snapshots)| snapshots).collect())
    };
    let times: Vec<_> = series.snapshots.iter().map(|snapshot| snapshot.time_nanos).collect();
    if !plan.mem_stats.is_empty() {
        let numbers = read(&plan.mem_stats)?;
        if numbers.is_empty() {
            bail!("--memstats: no file in the folder has runtime.MemStats");
        }
        // Whoever gives them says that they are of this time.
        return Ok(match own_totals(&times, window, &numbers) {
            Some(own) if own.numbers == numbers => RuntimeNumbers::from(own),
            _ => RuntimeNumbers { numbers, ..RuntimeNumbers::default() },
        });
    }
    // Other files of the folder are not known to be meant: what is wrong with them does not matter.
    let beside = read(&plan.folder).unwrap_or_default();
    let own = own_totals(&times, window, &beside)
        .or_else(|| totals_of_window(window, &series.mem_stats))
        .or_else(|| own_totals(&times, window, &series.companion_mem_stats));
    if let Some(own) = own {
        return Ok(RuntimeNumbers::from(own));
    }
    let numbers = mem_stats_of_series(&series.paths, progress);
    let others = [beside.len(), series.mem_stats.iter().flatten().count(), series.companion_mem_stats.len()];
    // One snapshot of them says nothing of a series.
    let are_of_others = numbers.is_empty() && others.into_iter().any(|others| others > 1);
    // One of each snapshot, or none.
    let window_start = (!numbers.is_empty()).then_some(window.first);
    Ok(RuntimeNumbers { numbers, window_start, are_of_others })
}

impl From<OwnTotals> for RuntimeNumbers {
    fn from(own: OwnTotals) -> Self {
        RuntimeNumbers { numbers: own.numbers, window_start: Some(own.window_start), are_of_others: false }
    }
}

/// The status by `--fail-on`, and whether only the heap as a whole fails. Inconclusive if no such trend was found, but some
/// trends are unknown, or the whole heap may grow. If the whole heap is known not to keep growing, nothing is a leak.
fn status(report: &TrendReport, fail_on: &[Trend]) -> (Status, bool) {
    let fails_by_site = fail_on.iter().any(|&trend| report.count(trend) > 0);
    let of_heap = |trend| match (trend, report.process) {
        (Trend::Leak, shape) => shape == Some(Shape::Growing),
        (Trend::Bloat, _) => report.is_bloat(),
        (Trend::WarmUp, shape) => shape == Some(Shape::Decelerating),
        (Trend::Levelled, shape) => shape == Some(Shape::Levelled),
        (Trend::OneStep, shape) => shape == Some(Shape::OneStep),
        _ => false,
    };
    if fails_by_site || fail_on.iter().copied().any(of_heap) {
        return (Status::Fail, !fails_by_site);
    }
    let is_known = fail_on.iter().all(|trend| trend.goes_on()) && report.has_heap_stopped();
    let is_unclear = |row: &TrendRow| row.trend == Trend::Unknown || row.trend.may_go_on();
    let cannot_tell =
        !is_known && (report.hint.is_some() || report.is_undecided() || report.rows.iter().any(is_unclear));
    (if cannot_tell { Status::Inconclusive } else { Status::Pass }, false)
}
