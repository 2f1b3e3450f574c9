//! The pipeline, a line for each stage.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::thread;

use anyhow::{Context, Error, Result, bail};
use clap::CommandFactory;

use super::args::Command;
use super::config::Inconclusive;
use super::plan::{CalibratePlan, CheckInputs, CheckPlan, DiffPlan, Measure};
use super::progress::Progress;
use super::{Cli, Exit, budget, source};
use crate::decode::{DecodeError, DecodeErrorKind, decode, decode_again};
use crate::diff::{Basis, diff};
use crate::evidence::Evidence;
use crate::gate::{self, Comparison, Status, Variation, judge};
use crate::input::{self, Compression};
use crate::profile::{Header, Invalid, Profile};
use crate::rank::rank;
use crate::render::{self, Format, render};
use crate::report::{Note, Report, Side, notes, report};
use crate::site::{Aggregator, Names, SiteTable, Values};

/// Runs the command that was typed.
pub(super) fn run(cli: Cli) -> Result<Exit> {
    match cli.command {
        None => run_diff(DiffPlan::new(cli.diff)?),
        Some(Command::Diff(args)) => run_diff(DiffPlan::new(args)?),
        Some(Command::Check(args)) => run_check(CheckPlan::new(*args)?),
        Some(Command::Calibrate(args)) => run_calibrate(CalibratePlan::new(args)?),
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
    let deltas = diff(&base.sites, &current.sites, plan.basis);
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

fn run_check(plan: CheckPlan) -> Result<Exit> {
    let CheckInputs { sides: [base, current], usual } = &plan.inputs;
    let current_paths = current;
    let all = usual.iter().flatten().chain([base, current, &plan.settled]).flatten();
    let progress = Progress::of(all);
    let add = |paths: &[PathBuf]| add_up(paths, &plan.measure, &progress);
    let read_both = |one: &[PathBuf], other: &[PathBuf]| -> Result<[Added; 2]> {
        let (one, other) = both(|| add(one), || add(other));
        Ok([one?, other?])
    };
    let (sides, usual, settled) = progress.show(|| {
        let usual = usual.as_ref().map(|[base, current]| read_both(base, current)).transpose();
        (read_both(base, current), usual, add(&plan.settled))
    });
    let ([base, current], usual, settled) = (sides?, usual?, settled?);
    let deltas = diff(&base.sites, &current.sites, Basis::Flat);
    let usual_deltas = usual.as_ref().map(|[base, current]| diff(&base.sites, &current.sites, Basis::Flat));
    let (deltas, evidence) = match &usual_deltas {
        Some(usual) => {
            let evidence = Evidence::beyond(&deltas, usual);
            (deltas.beyond(usual), evidence)
        }
        None => {
            let evidence = Evidence::new(&deltas);
            (deltas, evidence)
        }
    };
    let seen = Comparison { deltas: &deltas, evidence: &evidence, is_beyond_usual: usual.is_some() };
    let sides = [base.side(), current.side()];
    let mut notes_of = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    if let (Some([before, after]), Some(deltas)) = (&usual, &usual_deltas) {
        // What makes the other run unfit makes the comparison unfit.
        let usual = notes([&before.side(), &after.side()], deltas, &Evidence::new(deltas), &plan.asked);
        notes_of.extend(usual.into_iter().filter(Note::is_incomparable));
    }
    let mut incomparable: Vec<_> = notes_of.iter().filter(|note| note.is_incomparable()).map(Note::message).collect();
    if deltas.sites.is_empty() {
        incomparable.push("nothing is alive on either side, so there is nothing to judge".to_owned());
    }
    if let Some(path) = &plan.update_budget {
        let unsure = !plan.rules.ignore_evidence && (0..deltas.sites.len()).any(|site| evidence.is_unknown(site));
        if unsure {
            incomparable.push("growth cannot be told from noise (--no-evidence takes it as it is)".to_owned());
        }
        if !incomparable.is_empty() {
            bail!("no budget was written: {}", incomparable.join("; "));
        }
        budget::write(path, &gate::budget(seen, plan.rules.ignore_evidence), plan.measure.granularity.name())?;
        return Ok(Exit::Success);
    }
    let settled_side = settled.side();
    let later = diff(&base.sites, &settled.sites, Basis::Flat);
    let later_evidence = Evidence::new(&later);
    let later = Comparison { deltas: &later, evidence: &later_evidence, is_beyond_usual: false };
    let settled = Some(later).filter(|_| !plan.settled.is_empty());
    if settled.is_some() {
        incomparable.extend(unfit(&base.side(), &current.side(), &settled_side, later, &plan));
    }
    let verdict = judge(seen, settled, &plan.rules, incomparable);
    let exit = exit(verdict.status, plan.inconclusive);
    let ranking = rank(&deltas, None);
    let mut report = report(sides, &ranking, &evidence, Some(verdict), notes_of, &plan.selection);
    if matches!(plan.format, Format::Github | Format::Junit) {
        // What cannot be read a second time, such as a pipe, has no callers.
        let again = current_paths.iter().filter(|path| path.is_file());
        source::find(&mut report, again.filter_map(|path| read(path, &progress).ok()).map(|(_, profile)| profile));
    }
    print_notes(&report, plan.format);
    write_to(plan.output.as_deref(), |out| render(&report, plan.format, plan.look, out))?;
    Ok(exit)
}

/// Why a settled profile says nothing of what is still there, a sentence each.
fn unfit(base: &Side, current: &Side, settled: &Side, later: Comparison<'_, '_, '_>, plan: &CheckPlan) -> Vec<String> {
    let all = notes([base, settled], later.deltas, later.evidence, &plan.asked);
    let serious = |note: &&Note| note.is_incomparable() || matches!(note, Note::ProgramDiffers { .. });
    let mut reasons: Vec<_> =
        all.iter().filter(serious).map(|note| format!("the settled profile: {}", note.message())).collect();
    if settled.samples == 0 {
        reasons.push("the settled profile is empty".to_owned());
    } else if !plan.rules.ignore_evidence && later.evidence.rate().is_none() {
        reasons.push("the settled profile was not sampled as the base was".to_owned());
    }
    if !settled.paths.is_empty() && settled.paths == current.paths {
        reasons.push("the settled profile is the current one: take it later".to_owned());
    } else if settled.time_nanos != 0 && settled.time_nanos < current.time_nanos {
        reasons.push("the settled profile was taken before the current one".to_owned());
    }
    reasons
}

/// From profiles of runs in which nothing changed, the limits that would not have failed.
fn run_calibrate(plan: CalibratePlan) -> Result<Exit> {
    let progress = Progress::of(plan.profiles.iter());
    let read = |path: &PathBuf| add_up(std::slice::from_ref(path), &plan.measure, &progress);
    let profiles = progress.show(|| plan.profiles.iter().map(read).collect::<Result<Vec<_>>>())?;
    for (at, profile) in profiles.iter().enumerate() {
        let [paths, earlier] =
            [profile.side().paths, profiles[..at].iter().flat_map(|known| known.side().paths).collect()];
        let name = profile.inputs.first().map_or("", |input| &input.name);
        if paths.iter().any(|path| earlier.contains(path)) {
            bail!("{name} was given twice: a profile does not differ from itself");
        }
        if profile.sites.total() == Values::default() {
            bail!("{name}: nothing is alive in it");
        }
    }
    let mut variation = Variation::default();
    for base in &profiles {
        for current in profiles.iter().filter(|current| !std::ptr::eq(*current, base)) {
            let deltas = diff(&base.sites, &current.sites, Basis::Flat);
            let evidence = Evidence::new(&deltas);
            if evidence.rate().is_none() {
                let names = [base, current].map(|side| side.inputs.first().map_or("", |input| &input.name).to_owned());
                bail!("{} and {} were not sampled at the same rate, or do not say how often", names[0], names[1]);
            }
            if (0..deltas.sites.len()).any(|site| evidence.is_unknown(site)) {
                bail!("not all samples can be counted (label bytes), so natural variation cannot be told from growth");
            }
            variation.note(Comparison { deltas: &deltas, evidence: &evidence, is_beyond_usual: false });
        }
    }
    write_to(plan.output.as_deref(), |out| {
        render::calibration(&variation, profiles.len(), plan.measure.granularity, out)
    })
}

fn exit(status: Status, inconclusive: Inconclusive) -> Exit {
    match (status, inconclusive) {
        (Status::Pass, _) | (Status::Inconclusive, Inconclusive::Pass) => Exit::Success,
        (Status::Fail, _) | (Status::Inconclusive, Inconclusive::Fail) => Exit::LimitExceeded,
        (Status::Inconclusive, Inconclusive::Error) => Exit::NoAnswer,
    }
}

/// One side, added up.
struct Added {
    inputs: Vec<Input>,
    sites: SiteTable<'static>,
}

/// What is still known of a profile when its samples are added up.
struct Input {
    name: String,
    compression: Compression,
    header: Header,
}

/// Reads the profiles of one side one after the other, and adds them up.
fn add_up(paths: &[PathBuf], measure: &Measure, progress: &Progress) -> Result<Added> {
    // Needed until the end of the program, which is soon, and freeing it would only take time.
    let names = Box::leak(Box::<Names>::default());
    let mut sites = Aggregator::new(measure.granularity, &measure.filter, names).own(&measure.own);
    if measure.flat_only {
        sites = sites.flat_only();
    }
    let mut inputs = Vec::with_capacity(paths.len());
    for path in paths {
        let (compression, profile) = read(path, progress)?;
        inputs.push(Input { name: path.display().to_string(), compression, header: profile.header().clone() });
        sites.absorb(profile);
    }
    Ok(Added { inputs, sites: sites.finish() })
}

fn read(path: &Path, progress: &Progress) -> Result<(Compression, Profile)> {
    let name = if path == Path::new(input::STDIN) { "standard input".to_owned() } else { path.display().to_string() };
    let open = || input::open(path).and_then(|raw| input::inflate(progress.count(raw))).with_context(|| name.clone());
    let (reader, compression, proof) = open()?;
    let mut result = decode(reader, || proof.is_whole());
    if result.as_ref().is_err_and(asks_for_second_reading) && path.is_file() {
        let (reader, _, proof) = open()?;
        result = decode_again(reader, || proof.is_whole());
    }
    let profile = result.map_err(|error| {
        // Offsets are into what the file inflates to.
        let inflated = compression == Compression::Gzip && error.offset.is_some();
        Error::new(error).context(if inflated { format!("{name} (decompressed)") } else { name.clone() })
    })?;
    Ok((compression, profile))
}

fn asks_for_second_reading(error: &DecodeError) -> bool {
    matches!(error.kind, DecodeErrorKind::Invalid(Invalid::LiveColumns))
}

impl Added {
    /// What the report says of the inputs.
    fn side(&self) -> Side {
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
fn print_notes(report: &Report, format: Format) {
    if format.shows_notes() {
        return;
    }
    for note in &report.notes {
        let text = render::plain(&note.message());
        let _ = writeln!(io::stderr(), "{} [{}]: {text}", note.severity().name(), note.code());
    }
}

/// Writes to `path` or standard output. That nobody reads on is no error of ours.
fn write_to(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Exit> {
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
fn both<T: Send, U: Send>(one: impl Fn() -> T + Sync, other: impl Fn() -> U + Sync) -> (T, U) {
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
