//! The pipeline, a line for each stage.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};
use clap::CommandFactory;

use super::args::Command;
use super::calls::{run_flame, run_list, run_peek, run_stacks};
#[cfg(feature = "fetch")]
use super::capture::{CapturePlan, run_capture};
use super::check::{CalibratePlan, CheckPlan, run_calibrate, run_check};
use super::export::run_export;
use super::mem_stats::run_mem_stats;
use super::plan::{DiffPlan, Measure, Output};
use super::progress::Progress;
use super::series::{MemStatsPlan, TrendPlan};
use super::side::add_up;
use super::trend::run_trend;
#[cfg(feature = "fetch")]
use super::watch::{WatchPlan, run_watch};
use super::{Cli, Exit};
use crate::decode::{DecodeError, DecodeErrorKind, decode, decode_again, decode_sample_type};
use crate::diff::{Attribution, Deltas, Metric, diff};
use crate::evidence::Evidence;
use crate::input::{self, Compression, Limit};
use crate::profile::{Invalid, Profile};
use crate::rank::rank;
use crate::render::{self, Format, render};
use crate::report::{Note, Picture, Report, Seen, findings, notes, report};
use crate::site::{SiteTable, unify_line_keys};
use crate::stacks::Calls;
use crate::threads::{at_once_if_many, on_two_threads};

/// Runs the command that was typed.
pub(super) fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        None => run_diff(DiffPlan::new(cli.diff)?),
        Some(Command::Diff(args)) => run_diff(DiffPlan::new(args)?),
        Some(Command::Check(args)) => run_check(CheckPlan::new(*args)?),
        Some(Command::Calibrate(args)) => run_calibrate(CalibratePlan::new(args)?),
        Some(Command::List(args)) => run_list(*args),
        Some(Command::Peek(args)) => run_peek(*args),
        Some(Command::Stacks(args)) => run_stacks(*args),
        Some(Command::Trend(args)) => run_trend(TrendPlan::new(args)?),
        Some(Command::Flame(args)) => run_flame(*args),
        Some(Command::Report(args)) => run_diff(DiffPlan::of_page(*args)?),
        Some(Command::Memstats(args)) => run_mem_stats(MemStatsPlan::new(args)?),
        #[cfg(feature = "fetch")]
        Some(Command::Capture(args)) => run_capture(CapturePlan::new(args)?),
        Some(Command::Explain { code }) => {
            let Some(page) = render::explain(code.as_deref()) else {
                bail!("no finding has the code {}; heapdiff explain lists them all", code.unwrap_or_default());
            };
            write_to(None, |out| out.write_all(page.as_bytes()))
        }
        #[cfg(feature = "fetch")]
        Some(Command::Watch(args)) => run_watch(WatchPlan::new(*args)?),
        Some(Command::Schema) => write_to(None, |out| out.write_all(render::SCHEMA.as_bytes())),
        Some(Command::Completions { shell }) => write_to(None, |out| {
            // Its own writing panics on a closed pipe.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "heapdiff", &mut script);
            out.write_all(&script)
        }),
        Some(Command::Man) => write_to(None, |out| clap_mangen::Man::new(Cli::command()).render(out)),
    }
}

fn run_diff(plan: DiffPlan) -> Result<Exit> {
    let progress = Progress::of(plan.base.iter().chain(&plan.current));
    let read = |paths: &[PathBuf]| add_up(paths, &plan.measure, &progress);
    let (base, current) = progress.show(|| both(progress.is_short(), || read(&plan.base), || read(&plan.current)));
    // Needed until the end of the program, which is soon, and freeing it would only take time.
    let [base, current] = Box::leak(Box::new([base?, current?]));
    unify_line_keys(&mut [&mut base.sites, &mut current.sites]);
    let deltas = compare(&base.sites, &current.sites, plan.basis)?;
    let format = match plan.format {
        Output::Report(format) => Some(format),
        Output::Page => {
            all_were_kept(&deltas)?;
            None
        }
        Output::Stacks(export) => return run_export(&plan, export, [base, current], &deltas),
    };
    // What is confirmed may stand anywhere in the order.
    let depth = if plan.selection.confirmed { None } else { plan.selection.top };
    let mem_stats = [base.mem_stats().cloned(), current.mem_stats().cloned()];
    let sides = [&mut base.side, &mut current.side].map(std::mem::take);
    let metric = if deltas.counts(Metric::Space) { Metric::Space } else { Metric::Objects };
    // The report, behind the sites in its order.
    let tell = || -> Result<_> {
        let (ranking, evidence) =
            at_once_if_many(deltas.sites.len(), || rank(&deltas, depth), || Evidence::new(&deltas));
        let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
        let counts = plan.beside.read([&plan.base, &plan.current], &plan.measure, &progress)?;
        let mut report = report(sides.clone(), &ranking, &evidence, None, notes, &plan.selection);
        report.findings = findings(Seen {
            deltas: &deltas,
            evidence: &evidence,
            notes: &report.notes,
            asked: &plan.asked,
            trends: None,
            assessment: None,
            mem_stats: mem_stats.each_ref().map(Option::as_ref),
            goroutines: counts.goroutines,
            threads: counts.threads,
        });
        Ok((ranking.by(metric).to_vec(), report))
    };
    let Some(format) = format else {
        let (picture, report) = Picture::with_stacks(&deltas, metric, plan.least, tell)?;
        let exit = write_to(plan.output.as_deref(), |out| render::report_page(&report, &picture, plan.look.bytes, out));
        // As above.
        std::mem::forget((picture, report));
        return exit;
    };
    let (_, report) = tell()?;
    print_notes(&report, format);
    write_to(plan.output.as_deref(), |out| render(&report, format, plan.look, out))
}

/// Compares two sides that have anything to compare.
pub(super) fn compare<'t, 'p>(
    base: &'t SiteTable<'p>,
    current: &'t SiteTable<'p>,
    basis: Attribution,
) -> Result<Deltas<'t, 'p>> {
    let deltas = diff(base, current, basis);
    if !deltas.counts(Metric::Space) && !deltas.counts(Metric::Objects) {
        let counts = |side: &SiteTable<'_>| if side.counted().space { "bytes" } else { "objects" };
        bail!("nothing to compare: the base counts only {}, the current side only {}", counts(base), counts(current));
    }
    Ok(deltas)
}

/// The stacks behind a comparison, of sides that kept them.
pub(super) fn calls<'p>(deltas: &Deltas<'_, 'p>) -> Result<Calls<'p>> {
    all_were_kept(deltas)?;
    Ok(Calls::new(deltas))
}

/// An error where there was no room for all stacks.
pub(super) fn all_were_kept(deltas: &Deltas<'_, '_>) -> Result<()> {
    for (side, name) in [(deltas.base, "base"), (deltas.current, "current side")] {
        let left_out = side.dropped_stacks();
        if left_out > 0 {
            bail!(
                "the stacks of the {name} are too many or too deep, {left_out} of them are not kept: narrow them with --focus or --ignore"
            );
        }
    }
    Ok(())
}

/// Reads one profile.
pub(super) fn read(path: &Path, measure: &Measure, progress: &Progress) -> Result<(Compression, Profile)> {
    let name = if path == Path::new(input::STDIN) { "standard input".to_owned() } else { input::shown(path) };
    let how = ReadAs { sample_type: measure.sample_type.as_deref(), limit: measure.limit };
    read_from(&name, &|| input::open(path), path.is_file(), how, progress)
}

/// What is wanted of a profile.
#[derive(Clone, Copy, Default)]
pub(super) struct ReadAs<'a> {
    /// What counts instead of the live objects and bytes.
    pub(super) sample_type: Option<&'a str>,
    /// How much it may inflate to.
    pub(super) limit: Limit,
}

/// Reads the profile called `name` from what `open` gives, which it does `again` if need be.
pub(super) fn read_from<'a>(
    name: &str,
    open: &dyn Fn() -> io::Result<Box<dyn Read + 'a>>,
    again: bool,
    how: ReadAs<'_>,
    progress: &Progress,
) -> Result<(Compression, Profile)> {
    let inflate = |raw| input::inflate(progress.count(raw), how.limit);
    let open = || open().and_then(inflate).with_context(|| name.to_owned());
    let (reader, compression, proof) = open()?;
    let mut result = match how.sample_type {
        Some(sample_type) => decode_sample_type(reader, sample_type, || proof.is_whole()),
        None => decode(reader, || proof.is_whole()),
    };
    if again && result.as_ref().is_err_and(asks_for_second_reading) {
        let (reader, _, proof) = open()?;
        result = decode_again(reader, || proof.is_whole());
    }
    let profile = result.map_err(|error| {
        // Places are in what the file inflates to.
        let inflated = compression != Compression::NONE && error.place.is_some();
        Error::new(error).context(if inflated { format!("{name} (decompressed)") } else { name.to_owned() })
    })?;
    Ok((compression, profile))
}

fn asks_for_second_reading(error: &DecodeError) -> bool {
    matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumns))
}

/// Notes on standard error, for a format that has no place for them. That nobody reads them is no error.
pub(super) fn print_notes(report: &Report, format: Format) {
    if !format.shows_notes() {
        tell(&report.notes);
    }
}

/// Notes on standard error.
pub(super) fn tell(notes: &[Note]) {
    for note in notes {
        let text = render::plain(&note.message());
        let _ = writeln!(io::stderr(), "{} [{}]: {text}", note.severity().name(), note.code());
    }
}

/// Writes to `path` or standard output. That nobody reads on is no error of ours.
pub(super) fn write_to(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit> {
    let result = match path {
        Some(path) => File::create(path).and_then(|file| buffered(file, write)),
        None => buffered(io::stdout().lock(), write),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        result => {
            result.with_context(|| path.map_or("standard output".to_owned(), |path| path.display().to_string()))?
        }
    }
    Ok(Exit::Success)
}

fn buffered(out: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write(&mut out)?;
    out.flush()
}

/// Runs both: at once, or one after the other what `is_short`, as to start two threads takes 0.35 ms.
pub(super) fn both<T: Send, U: Send>(
    is_short: bool,
    one: impl Fn() -> T + Sync,
    other: impl Fn() -> U + Sync,
) -> (T, U) {
    if is_short { (one(), other()) } else { on_two_threads(one, other) }
}
