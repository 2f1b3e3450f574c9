//! A series of profiles: reads it in time order, cuts it where the program was restarted, and tells which sites grow on.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Exit;
use super::calls::LEAST;
use super::mem_stats::read as read_mem_stats;
use super::plan::Measure;
use super::progress::Progress;
use super::run::{all_were_kept, compare, write_to};
use super::series::TrendPlan;
use super::side::{Added, add_up_in, each_in_order};
use crate::decode::{DecodeError, DecodeErrorKind};
use crate::diff::{Attribution, Metric};
use crate::evidence::{Evidence, Process, known_process};
use crate::gate::Status;
use crate::input;
use crate::order::sorted;
use crate::profile::{Invalid, MemStats};
use crate::rank::rank;
use crate::render;
use crate::report::{
    Picture, Seen, SeriesNote, Snapshot, TrendReport, findings, notes, reach, report, some, trend_rows,
};
use crate::series::{Assessment, Course, HeapPattern, Shape, SiteSeries, Trend, Why, Window, assess};
use crate::site::{Buckets, NameArena, Rate};

/// The snapshots of one format, as they are read one after the other. Keeps of each only what it adds to the series.
pub(super) struct Run<'n> {
    series: SiteSeries<'n>,
    pub(super) snapshots: Vec<Snapshot>,
    /// Of each, where it can be read again.
    pub(super) paths: Vec<PathBuf>,
    pub(super) mem_stats: Vec<MemStats>,
    /// Of the last one, to tell whether the next is of the same process.
    last: Option<Buckets>,
    /// How many were left aside, as they are of an earlier process.
    pub(super) left_out: usize,
    /// Whether nobody can tell whether two in a row are of one process.
    is_process_unknown: bool,
    idle: Vec<String>,
}

impl<'n> Run<'n> {
    /// No snapshot yet. `names`: where the names of the sites will live.
    pub(super) fn new(names: &'n NameArena) -> Self {
        Run {
            series: SiteSeries::new(names),
            snapshots: Vec::new(),
            paths: Vec::new(),
            mem_stats: Vec::new(),
            last: None,
            left_out: 0,
            is_process_unknown: false,
            idle: Vec::new(),
        }
    }

    fn add(&mut self, path: &Path, added: Added<'_>) {
        self.add_as(input::shown(path), path, added);
    }

    /// Adds the next one, which users know as `input`.
    pub(super) fn add_as(&mut self, input: String, path: &Path, added: Added<'_>) {
        let buckets = added.sites.buckets();
        if let Some(last) = &self.last {
            match known_process(last, buckets) {
                Some(Process::Same { idle: true }) => self.idle.push(input.clone()),
                Some(Process::Same { .. }) => {}
                Some(Process::Different) => self.restart(),
                None => self.is_process_unknown = true,
            }
        }
        self.series.add(&added.sites);
        self.snapshots.push(Snapshot { input, time_nanos: added.side.time_nanos, total: added.sites.total() });
        self.paths.push(path.to_owned());
        self.mem_stats.extend(added.mem_stats);
        self.last = Some(added.sites.into_buckets());
    }

    /// Leaves aside what there is: it is of an earlier process.
    fn restart(&mut self) {
        self.left_out += self.snapshots.len();
        self.series.restart();
        self.snapshots.clear();
        self.paths.clear();
        self.mem_stats.clear();
        self.idle.clear();
        self.is_process_unknown = false;
    }

    /// How the live heap developed over the window, if the profiles count all of it.
    fn course(&self, window: Window) -> Option<Course> {
        let totals = self.series.totals().get(window.first..=window.last)?;
        let values = totals.iter().map(|values| u64::try_from(values.space).ok());
        Course::of(&values.collect::<Option<Vec<_>>>()?)
    }
}

/// The site that grew most.
fn best_guess(report: &TrendReport, metric: Metric) -> Option<SeriesNote> {
    let site = report.comparison.sites.iter().max_by_key(|site| site.flat.delta_of(metric))?;
    let guess = site.name.clone();
    (site.flat.delta_of(metric) > 0).then_some(SeriesNote::NoSiteStandsOut { guess })
}

/// Reads the snapshots, and reports.
pub(super) fn run_trend(plan: TrendPlan) -> Result<Exit> {
    let progress = Progress::of(plan.files.iter().map(|(path, _)| path));
    let mut skipped = Vec::new();
    let names = NameArena::default();
    let (run, is_sorted) = progress.show(|| read_all(&plan, &names, &mut skipped, &progress))?;
    let report = judge(&plan, &run, series_notes(&run, is_sorted, skipped), &progress)?;
    if let (Some(path), Some(picture)) = (&plan.page, &report.picture) {
        write_to(Some(path), |out| render::trend_page(&report, picture, plan.look.bytes, out))?;
    }
    write_to(plan.output.as_deref(), |out| match plan.json {
        true => render::trend_json(&report, out),
        false => render::trend_table(&report, plan.all, plan.top, plan.look, out),
    })?;
    Ok(exit(&report))
}

/// How a run ends whose verdict this is.
pub(super) fn exit(report: &TrendReport) -> Exit {
    match report.status {
        None | Some(Status::Pass) => Exit::Success,
        Some(Status::Fail) => Exit::LimitExceeded,
        Some(Status::Inconclusive) => Exit::NoAnswer,
    }
}

/// What the snapshots tell. Reads three of them again.
pub(super) fn judge(
    plan: &TrendPlan,
    run: &Run<'_>,
    series_notes: Vec<SeriesNote>,
    progress: &Progress,
) -> Result<TrendReport> {
    let Some(window) = Window::of(run.snapshots.len()) else {
        let found = run.snapshots.len();
        let plural = if found == 1 { "" } else { "s" };
        let restarted = match run.left_out {
            0 => String::new(),
            left_out => format!(", after {left_out} of an earlier one"),
        };
        bail!(
            "{found} snapshot{plural} of one process{restarted}: a trend takes three, better nine; heapdiff BASE CURRENT compares two"
        );
    };
    let names: [NameArena; 3] = Default::default();
    let again = |at: usize, measure, names| add_up_in(std::slice::from_ref(&run.paths[at]), measure, progress, names);
    let with_stacks =
        plan.page.as_ref().map(|_| Measure { callers: plan.measure.callers.and_kept(), ..plan.measure.clone() });
    let ends = with_stacks.as_ref().unwrap_or(&plan.measure);
    let first = again(window.first, ends, &names[0])?;
    let middle = again(window.middle, &plan.measure, &names[1])?;
    let last = again(window.last, ends, &names[2])?;
    let (deltas, later) = (
        compare(&first.sites, &last.sites, Attribution::Flat)?,
        compare(&middle.sites, &last.sites, Attribution::Flat)?,
    );
    let (evidence, later_evidence) = (Evidence::new(&deltas), Evidence::new(&later));
    let exact = exact(plan, run, progress)?;
    let no_totals = exact.as_ref().and_then(|exact| exact.findings.iter().find_map(no_totals));
    // Where every object is counted, the profiles are exact themselves.
    let is_counted = evidence.rate().is_some_and(Rate::is_exact);
    let counted = if is_counted { run.course(window) } else { None };
    let course = exact.as_ref().and_then(|exact| exact.course.as_ref()).or(counted.as_ref());
    let shape = course.map(|course| course.shape);
    let ranking = rank(&deltas, None);
    let mem_stats = last.mem_stats().or(run.mem_stats.last()).cloned();
    let sides = [first.side, last.side];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    let metric = if deltas.counts(Metric::Space) { Metric::Space } else { Metric::Objects };
    let mut comparison = report(sides, &ranking, &evidence, None, notes, &plan.selection(metric));
    let both = [&deltas, &later];
    let rows = trend_rows(ranking.by(metric), &run.series, window, both, [&evidence, &later_evidence], course);
    let reach = plan.limit.and_then(|limit| {
        let of_totals = exact.as_ref().filter(|exact| exact.course.is_some());
        let left_out = of_totals.map_or(window.first, |exact| exact.left_out);
        reach(limit, &run.snapshots, window, course.map(|course| (course, left_out)), &evidence)
    });
    if plan.limit.is_some() && reach.is_none() {
        bail!("when --limit is reached cannot be told: the profiles have no times, or no sampling rate");
    }
    let mut trends = vec![Trend::Unknown; deltas.sites.len()];
    for row in &rows {
        trends[ranking.by(metric)[row.site]] = row.trend;
    }
    let input = |at: usize| std::slice::from_ref(&run.paths[at]);
    let counts = plan.beside.read([input(window.first), input(window.last)], &plan.measure, progress)?;
    comparison.findings = findings(Seen {
        deltas: &deltas,
        evidence: &evidence,
        notes: &comparison.notes,
        asked: &plan.asked,
        trends: Some(&trends),
        assessment: exact.as_ref(),
        mem_stats: [None, mem_stats.as_ref()],
        goroutines: counts.goroutines,
        threads: counts.threads,
    });
    let picture = || -> Result<_> {
        all_were_kept(&deltas)?;
        Picture::with_stacks(&deltas, metric, LEAST, || Ok((ranking.by(metric).to_vec(), ())))
            .map(|(picture, ())| picture)
    };
    let picture = plan.page.as_ref().map(|_| picture()).transpose()?;
    let mut report = TrendReport {
        snapshots: run.snapshots.clone(),
        window,
        comparison,
        rows,
        process: shape,
        picture,
        reach,
        status: None,
        notes: series_notes,
    };
    report.notes.extend(no_totals.map(|because| SeriesNote::NoTotals { because }));
    report.notes.extend(too_few(&report, course));
    match (shape, report.count(Trend::Leak)) {
        (Some(Shape::Growing), 0) => report.notes.extend(best_guess(&report, metric)),
        (None, 1..) => report.notes.push(SeriesNote::SamplesAlone),
        _ => {}
    }
    report.status = (!plan.fail_on.is_empty()).then(|| status(&report, &plan.fail_on));
    Ok(report)
}

/// Reads the snapshots in the order of their times, and tells whether they had to be sorted.
fn read_all<'n>(
    plan: &TrendPlan,
    names_of_sites: &'n NameArena,
    skipped: &mut Vec<String>,
    progress: &Progress,
) -> Result<(Run<'n>, bool)> {
    // Often there are protobufs and texts of the same snapshots.
    let (mut protobufs, mut texts) = (Run::new(names_of_sites), Run::new(names_of_sites));
    // When each was taken, those of an earlier process included.
    let (mut times, mut times_of_texts) = (Vec::new(), Vec::new());
    let paths: Vec<_> = plan.files.iter().map(|(path, _)| path.clone()).collect();
    let mut is_listed = plan.files.iter().map(|(_, is_listed)| *is_listed);
    each_in_order(&paths, &plan.measure, progress, |path, added| {
        let is_listed = is_listed.next().unwrap_or_default();
        let added = match added {
            Err(error) if is_listed && is_something_else(&error) => {
                skipped.push(input::shown(path));
                return Ok(());
            }
            added => added?,
        };
        let (run, times) = match added.mem_stats {
            Some(_) => (&mut texts, &mut times_of_texts),
            None => (&mut protobufs, &mut times),
        };
        times.push((added.side.time_nanos, path.to_owned()));
        run.add(path, added);
        Ok(())
    })?;
    let mut run = match (protobufs.snapshots.len(), texts.snapshots.len()) {
        (0, 0) => bail!("no heap profile in the folder: {}", some(skipped)),
        // Protobufs have times, and lines that survive a rebuild; of the texts the exact numbers are taken.
        (of_protobufs, of_texts) if of_protobufs < of_texts => {
            times = times_of_texts;
            texts
        }
        _ => Run { mem_stats: texts.mem_stats, ..protobufs },
    };
    let is_out_of_order = !times.iter().map(|(time, _)| time).filter(|time| **time != 0).is_sorted();
    if is_out_of_order {
        let times = sorted(times, Ord::cmp);
        let mem_stats = run.mem_stats;
        run = Run::new(names_of_sites);
        let paths: Vec<_> = times.into_iter().map(|(_, path)| path).collect();
        each_in_order(&paths, &plan.measure, progress, |path, added| {
            run.add(path, added?);
            Ok(())
        })?;
        // Those of texts beside protobufs.
        if run.mem_stats.is_empty() {
            run.mem_stats = mem_stats;
        }
    }
    Ok((run, is_out_of_order))
}

/// Whether a file is no heap profile, rather than a broken one.
fn is_something_else(error: &anyhow::Error) -> bool {
    error.downcast_ref::<DecodeError>().is_some_and(|error| {
        matches!(
            error.kind,
            DecodeErrorKind::NotPprof { .. } | DecodeErrorKind::Invalid(Invalid::NotAHeapProfile { .. })
        )
    })
}

/// What the runtime's own numbers say of the whole, where there are any.
fn exact(plan: &TrendPlan, run: &Run<'_>, progress: &Progress) -> Result<Option<Assessment>> {
    let mut snapshots = Vec::new();
    for path in &plan.mem_stats {
        let name = input::shown(path);
        let found = read_mem_stats(path, progress).with_context(|| name.clone())?;
        snapshots.extend(found.map_err(|error| anyhow::Error::new(error).context(name))?);
    }
    if plan.mem_stats.is_empty() {
        snapshots.clone_from(&run.mem_stats);
    }
    Ok((snapshots.len() >= 2).then(|| assess(&snapshots)))
}

pub(super) fn series_notes(run: &Run<'_>, is_sorted: bool, skipped: Vec<String>) -> Vec<SeriesNote> {
    let mut notes = Vec::new();
    if is_sorted {
        notes.push(SeriesNote::Sorted);
    }
    if run.left_out > 0 {
        notes.push(SeriesNote::Restarted { left_out: run.left_out });
    }
    if run.is_process_unknown {
        notes.push(SeriesNote::ProcessUnknown);
    }
    if !run.idle.is_empty() {
        notes.push(SeriesNote::NoCollection { inputs: run.idle.clone() });
    }
    if !skipped.is_empty() {
        notes.push(SeriesNote::Skipped { inputs: skipped });
    }
    notes
}

/// Why the runtime's numbers say nothing of the whole.
fn no_totals(finding: &HeapPattern) -> Option<&'static str> {
    let HeapPattern::Unknown(why) = finding else { return None };
    Some(match why {
        Why::Single => "there is one snapshot of them",
        Why::OutOfOrder(_) => "their counters fall, so that they are of two processes or out of order",
        Why::NoGc => "no garbage was collected between the first and the last",
        Why::Missing(_) => "they lack numbers",
    })
}

/// Whether what tells a leak from a warm-up or from a single step has too few snapshots for it.
fn too_few(report: &TrendReport, course: Option<&Course>) -> Option<SeriesNote> {
    let (snapshots, tells_a_step) = match course {
        Some(course) => (course.snapshots, course.snapshots >= 5),
        None => (report.snapshots.len(), report.window.intervals() >= 4),
    };
    let grew = report.count(Trend::Leak) + report.count(Trend::Unclear) > 0;
    (snapshots <= 3 || grew && !tells_a_step).then_some(SeriesNote::TooFew { snapshots })
}

/// Whether something has a trend that must not be. What cannot be told is no answer to that.
fn status(report: &TrendReport, fail_on: &[Trend]) -> Status {
    let cannot_tell = report.count(Trend::Unknown) > 0 || report.count(Trend::Unclear) > 0;
    // Where none stands out it may still be sure that some do.
    let whole = |trend| trend == Trend::Leak && report.process == Some(Shape::Growing);
    match fail_on.iter().any(|&trend| report.count(trend) > 0 || whole(trend)) {
        true => Status::Fail,
        false if cannot_tell => Status::Inconclusive,
        false => Status::Pass,
    }
}
