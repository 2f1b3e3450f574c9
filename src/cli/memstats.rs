//! `heapdiff memstats`: a series of `runtime.MemStats`, and what it suggests.

use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::byte_size;
use crate::cli::exit::Exit;
#[cfg(feature = "fetch")]
use crate::cli::options::ConnectArgs;
use crate::cli::options::{LookArgs, OutputFormat, format, listed, parse_size, refuse_overwriting};
use crate::cli::steps::{MemStatsFiles, Progress, read_mem_stats_files, write_to};
use crate::input;
use crate::profile::MemStats;
use crate::render::{self, Look};
use crate::report::{MemStatsReport, OtherFiles};
use crate::series::{Assessment, HeapPattern};

pub(crate) const EXAMPLES: &str = "\
Force a garbage collection before each snapshot (gc=1), and take six or more under the same load. The result is a \
hint, not a proof; a diff of heap profiles then shows where.

Take snapshots, and judge them:
  $ curl -s 'localhost:6060/debug/pprof/heap?debug=1&gc=1' > heap_01.txt
  $ curl -s 'localhost:6060/debug/pprof/heap?debug=1&gc=1' > heap_02.txt
  $ heapdiff memstats heap_*.txt

From metrics, or from JSON:
  $ heapdiff memstats metrics_*.prom
  $ heapdiff memstats memstats.jsonl

Where the memory of a process is, given its RSS:
  $ heapdiff memstats --rss 1.2GiB memstats.json

Fail a soak test:
  $ heapdiff memstats --fail-on leak,goroutine-leak heap_*.txt

Exit status: 0 the report was made, 1 --fail-on found what it names, 2 no answer (bad usage or input, or the \
snapshots cannot tell what --fail-on asks).";

#[derive(Debug, Args)]
pub(crate) struct MemStatsArgs {
    /// Snapshots of one process, earliest first: text heap profiles (debug=1), JSON of runtime.MemStats, /debug/vars,
    /// Prometheus pages or query results, each with a /proc/PID/status if there is one; or a folder of them, sorted by
    /// name
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Exit with status 1 if one of these is found
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    #[arg(value_parser = [
        "leak", "bloat", "goroutine-leak", "grew", "fragmentation", "retained-idle", "stacks-grew", "outside-go",
        "profiler-buckets",
    ])]
    fail_on: Vec<String>,
    /// Resident set of the process at the last snapshot, such as 1.2GiB or 125952kB, if the files lack it; what
    /// exceeds Sys - HeapReleased is memory outside Go
    #[arg(help_heading = "Input")]
    #[arg(long, value_name = "SIZE", value_parser = resident_set)]
    rss: Option<u64>,
    /// Output format [default: by the ending of FILE, else table]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FORMAT", value_parser = format::one_of(format::TABLE_OR_JSON))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(help_heading = "Output")]
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
    #[cfg(feature = "fetch")]
    #[command(flatten)]
    pub(crate) connect: ConnectArgs,
}

pub(crate) fn run(args: MemStatsArgs) -> Result<Exit> {
    let (fail_on, output) = (args.fail_on.clone(), args.look.output.clone());
    let report = match MemStatsAnswer::new(args)? {
        Ok(answer) => {
            write_to(output.as_deref(), |out| answer.write(out))?;
            answer.report
        }
        Err(others) => bail!(
            "no file in the folder has runtime.MemStats, not {}; expected heap profiles as text \
             (/debug/pprof/heap?debug=1&gc=1), JSON of the struct, /debug/vars, or pages or answers of Prometheus",
            others.skipped.first().map_or("", String::as_str)
        ),
    };
    let exit = exit(&report.assessment, &fail_on);
    match missing(&report.assessment, &fail_on) {
        Some(reason) if exit == Exit::NoAnswer => bail!(reason),
        _ => Ok(exit),
    }
}

/// A series that was read and assessed, ready to be written.
pub(crate) struct MemStatsAnswer {
    report: MemStatsReport,
    format: OutputFormat,
    look: Look,
}

impl MemStatsAnswer {
    /// Reads and assesses the series; the inner error are the files, if none of a folder has snapshots.
    pub(crate) fn new(args: MemStatsArgs) -> Result<Result<Self, OtherFiles>> {
        let format = format::chosen(args.format, args.json, args.look.output.as_deref(), format::TABLE_OR_JSON)?;
        let mut paths = listed(&args.files)?;
        for (path, _) in &mut paths {
            if let Some(text) = input::heap_as_text(path) {
                *path = text;
            }
        }
        refuse_overwriting(args.look.output.as_deref(), paths.iter().map(|(path, _)| path))?;
        let progress = Progress::new(paths.iter().map(|(path, _)| path));
        let MemStatsFiles { mut files, others } = read_mem_stats_files(&paths, &progress)?;
        if files.is_empty() {
            return Ok(Err(others));
        }
        if let Some(rss) = args.rss {
            let last = files.iter_mut().flat_map(|(_, snapshots)| snapshots).next_back();
            last.map_or(Ok(()), |last| add_rss(last, rss))?;
        }
        Ok(Ok(MemStatsAnswer { report: MemStatsReport::new(files, others, args.rss), format, look: args.look.look() }))
    }

    /// The same, shown beside the trend of heap profiles of the same times: `snapshots` of them over `seconds`, which are
    /// those of its own snapshots if it has as many.
    pub(crate) fn beside_trend(mut self, (snapshots, seconds): (usize, Option<f64>)) -> Self {
        self.report.is_beside_trend = true;
        if self.report.snapshots.len() == snapshots && seconds.is_some() {
            self.report.assessment.span_seconds = seconds;
        }
        self
    }

    /// What to do about what was found.
    pub(crate) fn advice(&self) -> Vec<String> {
        render::mem_stats_advice(&self.report)
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        match self.format {
            OutputFormat::JSON => render::mem_stats_json(&self.report, out),
            _ => render::mem_stats_table(&self.report, self.look, out),
        }
    }
}

impl MemStatsArgs {
    /// The snapshots of a folder, written as another answer is.
    pub(crate) fn of_folder(folder: PathBuf, format: OutputFormat, look: LookArgs) -> Self {
        MemStatsArgs {
            files: vec![folder],
            fail_on: Vec::new(),
            rss: None,
            format: Some(format),
            json: false,
            look,
            #[cfg(feature = "fetch")]
            connect: ConnectArgs::default(),
        }
    }
}

fn resident_set(text: &str) -> Result<u64, &'static str> {
    // As in /proc/PID/status, where kB are 1024 bytes.
    parse_size(&text.replace("kB", "KiB")).ok_or("expected bytes such as 1.2GiB, 126MB or 128974848")
}

/// Adds the resident set that was given to the last snapshot, if it can be that of this process.
fn add_rss(last: &mut MemStats, rss: u64) -> Result<()> {
    let size = |bytes: u64| byte_size::iec(bytes.into());
    if let Some(known) = last.rss {
        bail!("--rss: the last snapshot has an RSS of its own, {}; leave the option out", size(known));
    }
    // Kilobytes or megabytes without their unit. Less than the heap can be right: what was never touched is not resident.
    if let Some(heap) = last.heap_alloc.filter(|heap| rss < heap / 100) {
        bail!(
            "--rss {rss}: cannot be the RSS of a process with {} in HeapAlloc; expected bytes, or a size with its unit, \
             such as 125952kB (VmRSS of /proc/PID/status is in kB)",
            size(heap)
        );
    }
    // A little more can be of a time after the snapshot.
    if let Some(most) = last.max_rss.filter(|most| rss > most + most / 10) {
        bail!(
            "--rss {}: more than MaxRSS, {}, which is the most that the process had until the last snapshot; expected its \
             VmRSS at that time, not the memory of a container, which has other processes and caches in it",
            size(rss),
            size(most)
        );
    }
    last.rss = Some(rss);
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
        // One snapshot is enough to see what is held, and so is one that does not tell what is alive.
        "fragmentation" | "retained-idle" => assessment.held.is_some() && !any(HeapPattern::hides_held_memory),
        _ => !any(|finding| matches!(finding, HeapPattern::Unknown(_) | HeapPattern::Grew | HeapPattern::Undecided)),
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
