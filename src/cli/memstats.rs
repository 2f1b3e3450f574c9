//! `heapdiff memstats`: a series of `runtime.MemStats`, and what it suggests.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};
use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{LoadOptions, LookArgs, OutputFormat, format, listed};
use crate::cli::steps::{Progress, input_name, read_mem_stats, sibling_census, write_to};
use crate::decode::MemStatsErrorKind;
use crate::input::Limit;
use crate::profile::{CountedThing, MemStats};
use crate::render;
use crate::report::MemStatsReport;
use crate::series::{Assessment, HeapPattern};
use crate::site::{Filter, Granularity, Own};

pub(crate) const EXAMPLES: &str = "\
It counts on a collection before each snapshot (gc=1), and on six snapshots or more under the same \
load. What it finds is a suspicion; a diff of heap profiles then tells where.

Examples:
  $ curl -s 'localhost:6060/debug/pprof/heap?debug=1&gc=1' > heap_01.txt
  $ curl -s 'localhost:6060/debug/pprof/heap?debug=1&gc=1' > heap_02.txt
  $ heapdiff memstats heap_*.txt
  $ heapdiff memstats memstats.jsonl
  $ heapdiff memstats --fail-on leak,goroutine-leak heap_*.txt

Exit codes: 0 the report was made, 1 --fail-on found what it names, 2 no answer (bad usage or \
input, or snapshots that cannot tell what --fail-on asks).";

#[derive(Debug, Args)]
pub(crate) struct MemStatsArgs {
    /// Snapshots of one process, the earliest first: heap profiles as text (debug=1), JSON of
    /// runtime.MemStats, /debug/vars, pages and answers of Prometheus, /proc/PID/status beside each;
    /// - or a folder of them, sorted by name
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// End with exit code 1 if one of these is found
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    #[arg(value_parser = [
        "leak", "bloat", "goroutine-leak", "grew", "fragmentation", "retained-idle", "stacks-grew", "outside-go",
        "profiler-buckets",
    ])]
    fail_on: Vec<String>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(format::TABLE_OR_JSON))]
    format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
}

pub(crate) fn run(args: MemStatsArgs) -> Result<Exit> {
    let paths = listed(&args.files)?;
    let progress = Progress::new(paths.iter().map(|(path, _)| path));
    let (mut files, mut skipped) = (Vec::new(), Vec::new());
    for (path, is_listed) in &paths {
        let name = input_name(path);
        match read_mem_stats(path, &progress).with_context(|| name.clone())? {
            Ok(mut snapshots) => {
                add_goroutines(path, &mut snapshots, &progress);
                files.push((name, snapshots));
            }
            // A folder may hold other files as well.
            Err(error) if *is_listed && matches!(error.kind, MemStatsErrorKind::NotMemStats { .. }) => {
                skipped.push(name);
            }
            Err(error) => return Err(Error::new(error).context(name)),
        }
    }
    if files.is_empty() {
        bail!(
            "no file in the folder has runtime.MemStats, not {}; expected heap profiles as text \
             (/debug/pprof/heap?debug=1&gc=1), JSON of the struct, /debug/vars, or pages or answers of Prometheus",
            skipped.first().map_or("", String::as_str)
        );
    }
    join_resident_sets(&mut files)?;
    let report = MemStatsReport::new(files, skipped);
    let exit = exit(&report.assessment, &args.fail_on);
    let look = args.look.look();
    write_to(args.look.output.as_deref(), |out| match args.json || args.format == OutputFormat::JSON {
        true => render::mem_stats_json(&report, out),
        false => render::mem_stats_table(&report, look, out),
    })?;
    match missing(&report.assessment, &args.fail_on) {
        Some(reason) if exit == Exit::NoAnswer => bail!(reason),
        _ => Ok(exit),
    }
}

/// Adds the number of goroutines to the snapshot of a heap profile, if a profile of them lies beside it.
fn add_goroutines(path: &Path, snapshots: &mut [MemStats], progress: &Progress) {
    if let [stats] = snapshots
        && stats.goroutines.is_none()
    {
        let options = LoadOptions::new(Granularity::Owner, Filter::default(), Own::default(), Limit::default());
        let found = sibling_census(path, CountedThing::Goroutine, &options, progress);
        stats.goroutines = found.and_then(|census| u64::try_from(census.total).ok());
    }
}

/// Adds what files know of the resident set alone (`/proc/PID/status`) to the snapshots of the other files, the first to
/// the first.
fn join_resident_sets(files: &mut [(String, Vec<MemStats>)]) -> Result<()> {
    let is_status = |(_, snapshots): &(String, Vec<MemStats>)| snapshots.iter().all(MemStats::is_resident_set);
    let count = |status: bool| -> usize {
        files.iter().filter(|file| is_status(file) == status).map(|(_, snapshots)| snapshots.len()).sum()
    };
    let (statuses, others) = (count(true), count(false));
    if statuses == 0 || others == 0 {
        return Ok(());
    }
    if statuses != others {
        let name = files.iter().find(|file| is_status(file)).map_or("", |(name, _)| name);
        bail!(
            "{name}: expected one /proc/PID/status for each snapshot of the other files, not {statuses} for {others}"
        );
    }
    let resident: Vec<_> = files.iter_mut().filter(|file| is_status(file)).flat_map(|(_, all)| all.drain(..)).collect();
    let others = files.iter_mut().flat_map(|(_, snapshots)| snapshots);
    others.zip(&resident).for_each(|(stats, status)| stats.add_resident_set(status));
    Ok(())
}

/// The exit code by `--fail-on`: no answer if nothing of that was found, but the snapshots cannot tell of one of it.
fn exit(assessment: &Assessment, fail_on: &[String]) -> Exit {
    let asks = |code: &str| fail_on.iter().any(|asked| asked.replace('-', "_") == code);
    let has = |finding: &HeapPattern| match finding {
        // It may be a leak, and it grew.
        HeapPattern::Grows => asks(HeapPattern::Leak.code()) || asks(HeapPattern::Grew.code()),
        finding => asks(finding.code()),
    };
    if assessment.patterns.iter().any(has) {
        Exit::LimitExceeded
    } else if fail_on.iter().any(|asked| !can_tell(assessment, asked)) {
        Exit::NoAnswer
    } else {
        Exit::Success
    }
}

/// Whether the snapshots can tell what `--fail-on` asks, which was not found.
fn can_tell(assessment: &Assessment, asked: &str) -> bool {
    let of_part = |pattern: HeapPattern| {
        !assessment.is_one_point() && assessment.parts.is_some_and(|parts| parts.can_tell(pattern))
    };
    let any = |pattern: fn(&HeapPattern) -> bool| assessment.patterns.iter().any(pattern);
    match asked {
        "stacks-grew" => of_part(HeapPattern::StacksGrew),
        "outside-go" => of_part(HeapPattern::OutsideGo),
        "profiler-buckets" => of_part(HeapPattern::ProfilerBuckets),
        "goroutine-leak" => !assessment.is_one_point() && assessment.are_goroutines_clear(),
        "bloat" if any(|finding| matches!(finding, HeapPattern::Grows)) => false,
        "fragmentation" | "retained-idle" if assessment.held.is_none() => false,
        _ => !any(|finding| matches!(finding, HeapPattern::Unknown(_) | HeapPattern::Grew)),
    }
}

/// Why there is no answer, where the report does not say it.
fn missing(assessment: &Assessment, fail_on: &[String]) -> Option<&'static str> {
    let asks = |asked: &str| fail_on.iter().any(|one| one == asked) && !can_tell(assessment, asked);
    if assessment.is_one_point() {
        None
    } else if asks("goroutine-leak") && assessment.goroutines.is_none() {
        Some(
            "--fail-on goroutine-leak: the snapshots lack the number of goroutines, which pages of Prometheus have, and \
             goroutine profiles beside the heaps (goroutine_01.pb.gz beside heap_01.txt)",
        )
    } else if asks("outside-go") {
        Some(
            "--fail-on outside-go: memory outside Go is not known: expected Sys, HeapReleased, and an RSS not below \
             their difference; give a /proc/PID/status beside each snapshot, or pages of Prometheus (MaxRSS is a \
             high-water mark, and hides what grows below it)",
        )
    } else if asks("stacks-grew") || asks("profiler-buckets") {
        Some("--fail-on: stacks-grew needs StackSys or StackInuse, profiler-buckets BuckHashSys, and both RSS or Sys")
    } else {
        None
    }
}
