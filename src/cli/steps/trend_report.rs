//! Builds the report on a series of snapshots: compares its ends, and says which sites keep growing.

use anyhow::{Context, Result, bail};

use crate::cli::exit::Exit;
use crate::cli::options::{Collect, DEFAULT_MIN_SHARE, LoadOptions, SeriesPlan};
use crate::cli::steps::companion_growth::Accompanied;
use crate::cli::steps::{
    LoadedSeries, Progress, check_stacks, companion_growth, compare_sides, load_side, read_mem_stats,
};
use crate::diagnose::{FindingInputs, SeriesInputs, SeriesNote, findings, notes, series_notes};
use crate::diff::Attribution;
use crate::evidence::Evidence;
use crate::gate::Status;
use crate::input;
use crate::rank::rank;
use crate::report::{Conclusions, StackGraph, TrendReport, reach, report, trend_rows};
use crate::series::{Assessment, Shape, SnapshotWindow, Trend, assess};
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
    let Some(window) = SnapshotWindow::of(series.snapshots.len()) else {
        let found = series.snapshots.len();
        let plural = if found == 1 { "" } else { "s" };
        let restarted = match series.left_out {
            0 => String::new(),
            left_out => format!(", after {left_out} of an earlier one"),
        };
        bail!(
            "{found} snapshot{plural} of one process{restarted}: a trend takes three, better nine; heapdiff BASE CURRENT compares two"
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
    let exact = exact(plan, series, progress)?;
    // If every object is sampled, the profiles are exact themselves.
    let is_counted = evidence.rate().is_some_and(Rate::is_exact);
    let counted = if is_counted { series.course(window) } else { None };
    let course = exact.as_ref().and_then(Assessment::exact_course).or(counted.as_ref());
    let shape = course.map(|course| course.shape);
    let ranking = rank(&deltas, None);
    let mem_stats = last.mem_stats().or(series.mem_stats.last()).cloned();
    let sides = [first.info, last.info];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.request);
    let metric = deltas.ranking_metric();
    let both = [&deltas, &later];
    let rows = trend_rows(ranking.by(metric), &series.sites, window, both, [&evidence, &later_evidence], course);
    let reach = plan.limit.and_then(|limit| {
        let of_totals = exact.as_ref().filter(|exact| exact.exact_course().is_some());
        let left_out = of_totals.map_or(window.first, |exact| exact.left_out);
        reach(limit, &series.snapshots, window, course.map(|course| (course, left_out)), &evidence)
    });
    if plan.limit.is_some() && reach.is_none() {
        bail!("--limit: unknown when it is reached, as the profiles have no times or no sampling rate");
    }
    let mut trends = vec![Trend::Unknown; deltas.sites.len()];
    for row in &rows {
        trends[ranking.by(metric)[row.site]] = row.trend;
    }
    let snapshots: Vec<_> = series.paths.iter().map(|path| vec![path.clone()]).collect();
    let accompanied = Accompanied { snapshots: &snapshots, ends: [window.first, window.last] };
    let growth = companion_growth::read_and_compare(&plan.companions, &accompanied, &plan.load_options, progress)?;
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
    notes.extend(series_notes(&SeriesInputs {
        deltas: &deltas,
        ranked: ranking.by(metric),
        metric,
        snapshots: series.snapshots.len(),
        window,
        trends: &trends,
        assessment: exact.as_ref(),
        course,
    }));
    let is_counted = plan.load_options.counted_thing().is_some();
    notes.retain_mut(|note| match note {
        // Counts are exact, whatever process they are of, and few of them show a step.
        SeriesNote::ProcessUnknown | SeriesNote::TooFew { snapshots: 4.. } => !is_counted,
        SeriesNote::Skipped { inputs } => {
            inputs.retain(|input| !growth.used.contains(input));
            !inputs.is_empty()
        }
        _ => true,
    });
    let graph = || -> Result<_> {
        check_stacks(&deltas)?;
        Ok(StackGraph::with_sites(&deltas, ranking.by(metric), metric, DEFAULT_MIN_SHARE))
    };
    let graph = plan.with_graph.then(graph).transpose()?;
    let mut report = TrendReport {
        snapshots: series.snapshots.clone(),
        window,
        comparison,
        rows,
        process: shape,
        graph,
        goroutines: growth.goroutines,
        reach,
        status: None,
        notes,
    };
    report.status = (!plan.fail_on.is_empty()).then(|| status(&report, &plan.fail_on));
    Ok(report)
}

/// The course of the whole heap by the runtime's own numbers, if there are at least two snapshots of them.
fn exact(plan: &SeriesPlan, series: &LoadedSeries<'_>, progress: &Progress) -> Result<Option<Assessment>> {
    let mut snapshots = Vec::new();
    for path in &plan.mem_stats {
        let name = input::shown(path);
        let found = read_mem_stats(path, progress).with_context(|| name.clone())?;
        snapshots.extend(found.map_err(|error| anyhow::Error::new(error).context(name))?);
    }
    if plan.mem_stats.is_empty() {
        snapshots.clone_from(&series.mem_stats);
    }
    Ok((snapshots.len() >= 2).then(|| assess(&snapshots)))
}

/// The status by `--fail-on`: inconclusive if no such trend was found, but some trends are unknown.
fn status(report: &TrendReport, fail_on: &[Trend]) -> Status {
    let cannot_tell = report.count(Trend::Unknown) > 0 || report.count(Trend::Grew) > 0;
    // The whole heap can be known to leak even if no site stands out.
    let whole = |trend| trend == Trend::Leak && report.process == Some(Shape::Growing);
    match fail_on.iter().any(|&trend| report.count(trend) > 0 || whole(trend)) {
        true => Status::Fail,
        false if cannot_tell => Status::Inconclusive,
        false => Status::Pass,
    }
}
