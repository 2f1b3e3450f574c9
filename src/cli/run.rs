//! The pipeline, a line for each stage.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Error, Result, bail};
use clap::CommandFactory;

use super::args::Command;
#[cfg(feature = "fetch")]
use super::capture::{CapturePlan, run_capture};
use super::check::{run_calibrate, run_check};
use super::plan::{CalibratePlan, CheckPlan, DiffPlan, Measure};
use super::progress::Progress;
use super::{Cli, Exit};
use crate::decode::{DecodeError, DecodeErrorKind, decode, decode_again, decode_sample_type};
use crate::diff::{Basis, Deltas, Metric, diff};
use crate::evidence::Evidence;
use crate::input::{self, Compression};
use crate::profile::{Header, Invalid, Profile};
use crate::rank::rank;
use crate::render::{self, Format, render};
use crate::report::{Report, Side, notes, report};
use crate::site::{Aggregator, Names, SiteTable};

/// Runs the command that was typed.
pub(super) fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        None => run_diff(DiffPlan::new(cli.diff)?),
        Some(Command::Diff(args)) => run_diff(DiffPlan::new(args)?),
        Some(Command::Check(args)) => run_check(CheckPlan::new(*args)?),
        Some(Command::Calibrate(args)) => run_calibrate(CalibratePlan::new(args)?),
        #[cfg(feature = "fetch")]
        Some(Command::Capture(args)) => run_capture(CapturePlan::new(args)?),
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

/// Fewer sites are weighed faster than threads start.
const WORTH_A_THREAD: usize = 10_000;

fn run_diff(plan: DiffPlan) -> Result<Exit> {
    let progress = Progress::of(plan.base.iter().chain(&plan.current));
    let read = |paths: &[PathBuf]| add_up(paths, &plan.measure, &progress);
    let (base, current) = progress.show(|| both(|| read(&plan.base), || read(&plan.current)));
    let (base, current) = (base?, current?);
    let deltas = compare(&base, &current, plan.basis)?;
    // What is confirmed may stand anywhere in the order.
    let depth = if plan.selection.confirmed { None } else { plan.selection.top };
    let (ranking, evidence) = match deltas.sites.len() {
        ..WORTH_A_THREAD => (rank(&deltas, depth), Evidence::new(&deltas)),
        _ => both(|| rank(&deltas, depth), || Evidence::new(&deltas)),
    };
    let sides = [base.side(), current.side()];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    let report = report(sides, &ranking, &evidence, None, notes, &plan.selection);
    print_notes(&report, plan.format);
    write_to(plan.output.as_deref(), |out| render(&report, plan.format, plan.look, out))
}

/// Compares two sides that have anything to compare.
pub(super) fn compare<'a>(base: &'a Added, current: &'a Added, basis: Basis) -> Result<Deltas<'a, 'static>> {
    let deltas = diff(&base.sites, &current.sites, basis);
    if !deltas.counts(Metric::Space) && !deltas.counts(Metric::Objects) {
        let counts = |side: &Added| if side.sites.counted().space { "bytes" } else { "objects" };
        bail!("nothing to compare: the base counts only {}, the current side only {}", counts(base), counts(current));
    }
    Ok(deltas)
}

/// One side, added up.
pub(super) struct Added {
    pub(super) inputs: Vec<Input>,
    pub(super) sites: SiteTable<'static>,
}

/// What is still known of a profile when its samples are added up.
pub(super) struct Input {
    pub(super) name: String,
    compression: Compression,
    header: Header,
}

/// Reads the profiles of one side one after the other, and adds them up.
pub(super) fn add_up(paths: &[PathBuf], measure: &Measure, progress: &Progress) -> Result<Added> {
    // Needed until the end of the program, which is soon, and freeing it would only take time.
    let names = Box::leak(Box::<Names>::default());
    let mut sites = Aggregator::new(measure.granularity, &measure.filter, names).own(&measure.own);
    if measure.flat_only {
        sites = sites.flat_only();
    }
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        let (compression, profile) = read(path, measure, progress)?;
        inputs.push(Input { name: input::shown(path), compression, header: profile.header().clone() });
        sites.absorb(profile);
    }
    Ok(Added { inputs, sites: sites.finish() })
}

pub(super) fn read(path: &Path, measure: &Measure, progress: &Progress) -> Result<(Compression, Profile)> {
    let name = if path == Path::new(input::STDIN) { "standard input".to_owned() } else { input::shown(path) };
    read_from(&name, &|| input::open(path), path.is_file(), measure.sample_type.as_deref(), progress)
}

/// Reads the profile called `name` from what `open` gives, which it does `again` if need be.
pub(super) fn read_from<'a>(
    name: &str,
    open: &dyn Fn() -> io::Result<Box<dyn Read + 'a>>,
    again: bool,
    sample_type: Option<&str>,
    progress: &Progress,
) -> Result<(Compression, Profile)> {
    let open = || open().and_then(|raw| input::inflate(progress.count(raw))).with_context(|| name.to_owned());
    let (reader, compression, proof) = open()?;
    let mut result = match sample_type {
        Some(sample_type) => decode_sample_type(reader, sample_type, || proof.is_whole()),
        None => decode(reader, || proof.is_whole()),
    };
    if again && result.as_ref().is_err_and(asks_for_second_reading) {
        let (reader, _, proof) = open()?;
        result = decode_again(reader, || proof.is_whole());
    }
    let profile = result.map_err(|error| {
        // Offsets are into what the file inflates to.
        let inflated = compression == Compression::Gzip && error.offset.is_some();
        Error::new(error).context(if inflated { format!("{name} (decompressed)") } else { name.to_owned() })
    })?;
    Ok((compression, profile))
}

fn asks_for_second_reading(error: &DecodeError) -> bool {
    matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumns))
}

impl Added {
    /// What the report says of the inputs.
    pub(super) fn side(&self) -> Side {
        let inputs = &self.inputs;
        let Some(first) = inputs.first() else { return Side::default() };
        let headers = || inputs.iter().map(|input| &input.header);
        let header = &first.header;
        let same_compression = inputs.iter().all(|input| input.compression == first.compression);
        Side {
            inputs: inputs.iter().map(|input| input.name.clone()).collect(),
            format: "pprof",
            compression: if same_compression { first.compression.name() } else { "mixed" },
            time_nanos: headers().map(|header| header.time_nanos).max().unwrap_or(0),
            period_bytes: header.period,
            samples: headers().map(|header| header.samples).sum(),
            sample_types: header.sample_types.iter().map(|column| (column.kind.clone(), column.unit.clone())).collect(),
            program: header.program.clone(),
            build_id: header.build_id.clone(),
            paths: inputs.iter().filter_map(|input| Path::new(&input.name).canonicalize().ok()).collect(),
        }
    }
}

/// Notes on standard error, for a format that has no place for them. That nobody reads them is no error.
pub(super) fn print_notes(report: &Report, format: Format) {
    if format.shows_notes() {
        return;
    }
    for note in &report.notes {
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

/// Runs both at once, each on a thread of its own: with one on the main thread a small pair stays on
/// one core. Where no thread can be had, one after the other.
pub(super) fn both<T: Send, U: Send>(one: impl Fn() -> T + Sync, other: impl Fn() -> U + Sync) -> (T, U) {
    thread::scope(|scope| {
        let first = thread::Builder::new().spawn_scoped(scope, &one);
        let second = thread::Builder::new().spawn_scoped(scope, &other);
        let first = first.map_or_else(|_| one(), join);
        (first, second.map_or_else(|_| other(), join))
    })
}

fn join<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
