//! Builds the report on a series of snapshots: compares its ends, and says which sites keep growing.

use anyhow::{Context, Result, bail};

use crate::cli::exit::Exit;
use crate::cli::options::{Collect, DEFAULT_MIN_SHARE, Measure, SeriesPlan};
use crate::cli::steps::{
    LoadedSeries, Progress, check_stacks, companion_growth, compare_sides, load_side, ranking_metric, read_mem_stats,
};
use crate::diagnose::{FindingInputs, SeriesNote, findings, notes};
use crate::diff::{Attribution, Metric};
use crate::evidence::Evidence;
use crate::gate::Status;
use crate::input;
use crate::rank::rank;
use crate::report::{StackGraph, TrendReport, reach, report, trend_rows};
use crate::series::{Assessment, Course, HeapPattern, Shape, SnapshotWindow, Trend, UnknownCause, assess};
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
    let again = |at: usize, measure, names| load_side(&series.paths[at..=at], measure, progress, names);
    let collect = Collect { stacks: plan.with_graph, ..plan.measure.collect };
    let ends = Measure { collect, ..plan.measure.clone() };
    let first = again(window.first, &ends, &names[0])?;
    let middle = again(window.middle, &plan.measure, &names[1])?;
    let last = again(window.last, &ends, &names[2])?;
    let (deltas, later) = (
        compare_sides(&first.sites, &last.sites, Attribution::Flat)?,
        compare_sides(&middle.sites, &last.sites, Attribution::Flat)?,
    );
    let (evidence, later_evidence) = (Evidence::new(&deltas), Evidence::new(&later));
    let exact = exact(plan, series, progress)?;
    let no_totals = exact.as_ref().and_then(no_totals);
    // If every object is sampled, the profiles are exact themselves.
    let is_counted = evidence.rate().is_some_and(Rate::is_exact);
    let counted = if is_counted { series.course(window) } else { None };
    let course = exact.as_ref().and_then(Assessment::exact_course).or(counted.as_ref());
    let shape = course.map(|course| course.shape);
    let ranking = rank(&deltas, None);
    let mem_stats = last.mem_stats().or(series.mem_stats.last()).cloned();
    let sides = [first.side, last.side];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    let metric = ranking_metric(&deltas);
    let mut comparison = report(sides, &ranking, &evidence, None, notes, &plan.selection(metric));
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
    let heap = [window.first, window.last].map(|at| vec![series.paths[at].clone()]);
    let growth = companion_growth::read(&plan.companions, &heap, &plan.measure, progress)?;
    comparison.findings = findings(FindingInputs {
        deltas: &deltas,
        evidence: &evidence,
        notes: &comparison.notes,
        request: &plan.asked,
        trends: Some(&trends),
        assessment: exact.as_ref(),
        mem_stats: [None, mem_stats.as_ref()],
        goroutines: growth.goroutines,
        threads: growth.threads,
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
        reach,
        status: None,
        notes: series.notes(),
    };
    report.notes.extend(no_totals.map(|why| SeriesNote::NoTotals { why }));
    report.notes.extend(too_few(&report, course));
    match (shape, report.count(Trend::Leak)) {
        (Some(Shape::Growing), 0) => report.notes.extend(best_guess(&report, metric)),
        (None, 1..) => report.notes.push(SeriesNote::SamplesAlone),
        _ => {}
    }
    report.status = (!plan.fail_on.is_empty()).then(|| status(&report, &plan.fail_on));
    Ok(report)
}

/// A note with the site that grew most, for when none stands out.
fn best_guess(report: &TrendReport, metric: Metric) -> Option<SeriesNote> {
    let site = report.comparison.sites.iter().max_by_key(|site| site.flat.delta_of(metric))?;
    let guess = site.name.clone();
    (site.flat.delta_of(metric) > 0).then_some(SeriesNote::NoSiteStandsOut { guess })
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

/// Whether and why the totals do not tell the course of the whole heap exactly: what decides on sites must be exact.
fn no_totals(assessment: &Assessment) -> Option<Option<UnknownCause>> {
    let why = assessment.patterns.iter().find_map(|pattern| match pattern {
        HeapPattern::Unknown(why) => Some(*why),
        _ => None,
    });
    assessment.exact_course().is_none().then_some(why)
}

/// A note if there are too few snapshots to distinguish a leak from a warm-up or a single step.
fn too_few(report: &TrendReport, course: Option<&Course>) -> Option<SeriesNote> {
    let (snapshots, tells_a_step) = match course {
        Some(course) => (course.snapshots, course.snapshots >= 5),
        None => (report.snapshots.len(), report.window.intervals() >= 4),
    };
    let grew = report.count(Trend::Leak) + report.count(Trend::Grew) > 0;
    (snapshots <= 3 || grew && !tells_a_step).then_some(SeriesNote::TooFew { snapshots })
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
