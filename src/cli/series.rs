//! What can be typed behind the commands on series, and what they need.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use super::args::{By, DEFAULT_TOP, LookArgs, ReadArgs};
use super::beside::{Beside, BesideArgs};
use super::calls::{PageKind, kind};
use super::filters::FilterArgs;
use super::plan::{Callers, Measure, config_or_default, expand, granularity, look};
use crate::diff::Metric;
use crate::gate;
use crate::input;
use crate::render::Look;
use crate::report::{Asked, Selection};
use crate::series::Trend;

pub(super) const TREND_EXAMPLES: &str = "\
That a site grew is told by what was born and died there between the second snapshot and the last; \
whether it goes on, by its course and by that of the whole live heap, where it is known exactly: from snapshots as \
text (debug=1), from --memstats, or if every object is counted. What it says suggests, and proves nothing.

Examples:
  $ heapdiff trend heap_*.pb.gz
  $ heapdiff trend --limit 2GiB snapshots/
  $ heapdiff trend --memstats memstats.jsonl --fail-on leak heap_*.pb.gz
  $ heapdiff trend --json snapshots/ | jq '.sites[] | select(.trend == \"leak\")'

Exit codes: 0 the report was made, 1 --fail-on found what it names, 2 no answer (bad usage or \
input, or the snapshots cannot tell what --fail-on asks).";

pub(super) const MEM_STATS_EXAMPLES: &str = "\
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

/// The arguments of `trend`.
#[derive(Debug, Args)]
pub struct TrendArgs {
    /// Heap profiles of one process, three or more, better nine: files or a folder; their times give the order
    #[arg(required = true, value_name = "SNAPSHOT")]
    pub files: Vec<PathBuf>,
    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    pub by: By,
    /// The runtime's own numbers over the same time, in any form that the command memstats reads
    #[arg(long, value_name = "FILE")]
    pub memstats: Vec<PathBuf>,
    /// When will the live heap reach this size, such as 2GiB? With GOGC=100 the process holds twice that by then
    #[arg(long, value_name = "SIZE")]
    pub limit: Option<String>,
    /// End with exit code 1 if a site has one of these trends
    #[arg(long, value_name = "TREND", value_delimiter = ',')]
    #[arg(value_parser = ["leak", "grew", "warm-up", "one-step"])]
    pub fail_on: Vec<String>,
    /// Also write the report as a page for a browser, which ends with .html
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Sites in the table [default: 20]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub top: Option<usize>,
    /// List every site, also the steady ones
    #[arg(long)]
    pub all: bool,
    /// Follow this sample type instead of live objects and bytes, such as goroutine
    #[arg(long, value_name = "NAME")]
    pub sample_type: Option<String>,
    #[command(flatten)]
    pub beside: BesideArgs,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The configuration, for its own [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SeriesFormat::Table)]
    pub format: SeriesFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArgs,
}

/// The arguments of `memstats`.
#[derive(Debug, Args)]
pub struct MemStatsArgs {
    /// Snapshots of one process, the earliest first: heap profiles as text (debug=1), JSON of
    /// runtime.MemStats, /debug/vars, pages for Prometheus; - or a folder of them, sorted by name
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// End with exit code 1 if one of these is found
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    #[arg(value_parser = ["leak", "bloat", "goroutine-leak", "grew", "fragmentation", "retained-idle"])]
    pub fail_on: Vec<String>,
    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SeriesFormat::Table)]
    pub format: SeriesFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArgs,
}

/// `--format` of `trend` and `memstats`.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum SeriesFormat {
    /// For people, at a terminal
    Table,
    /// One object
    Json,
}

/// A series of profiles to read.
pub(super) struct TrendPlan {
    /// Each with whether it was found in a folder, rather than named.
    pub(super) files: Vec<(PathBuf, bool)>,
    pub(super) measure: Measure,
    pub(super) beside: Beside,
    pub(super) mem_stats: Vec<PathBuf>,
    /// Bytes.
    pub(super) limit: Option<u64>,
    pub(super) fail_on: Vec<Trend>,
    pub(super) asked: Asked,
    /// Where a page is to be written, if any.
    pub(super) page: Option<PathBuf>,
    /// How many rows the table has.
    pub(super) top: usize,
    /// Whether it has the steady ones, too.
    pub(super) all: bool,
    pub(super) json: bool,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl TrendPlan {
    pub(super) fn new(args: TrendArgs) -> Result<Self> {
        let limit = args.limit.as_deref().map(|text| match gate::Limit::parse(text, Metric::Space) {
            Ok(gate::Limit::Absolute(bytes)) => u64::try_from(bytes).context("--limit"),
            _ => bail!("--limit {text}: expected a size such as 2GiB"),
        });
        let trend = |what: &String| match what.as_str() {
            "leak" => Trend::Leak,
            "warm-up" => Trend::WarmUp,
            "one-step" => Trend::OneStep,
            _ => Trend::Grew,
        };
        if args.report.is_some() {
            kind(args.report.as_deref(), &[PageKind::Html], "--report")?;
        }
        let json = args.json || matches!(args.format, SeriesFormat::Json);
        let (filter, asked, own) = args.filter.read(config_or_default(args.config, None)?.own)?;
        Ok(TrendPlan {
            files: read_twice(listed(&args.files)?)?,
            measure: Measure {
                granularity: granularity(args.by),
                filter,
                own,
                callers: Callers::counted_if(json),
                sample_type: args.sample_type.clone(),
                per_profile: false,
                skip_unreadable: false,
                limit: args.read.limit(),
            },
            beside: Beside::new(&args.beside)?,
            mem_stats: expand(&args.memstats)?,
            limit: limit.transpose()?,
            fail_on: args.fail_on.iter().map(trend).collect(),
            page: args.report,
            top: if args.all { usize::MAX } else { args.top.unwrap_or(DEFAULT_TOP) },
            all: args.all,
            json,
            asked: Asked { sample_type: args.sample_type, ..asked },
            look: look(&args.look),
            output: args.look.output,
        })
    }

    /// Every site, most grown in a metric first.
    pub(super) fn selection(&self, metric: Metric) -> Selection {
        let sample_type = self.measure.sample_type.clone();
        Selection { lists: vec![metric], sample_type, ..Selection::default() }
    }
}

/// The files that the paths stand for, each with whether it was found in a folder.
fn listed(paths: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut files = Vec::new();
    for path in paths {
        let found = expand(std::slice::from_ref(path))?;
        files.extend(found.into_iter().map(|file| (file, path.is_dir())));
    }
    Ok(files)
}

/// The files, if each can be read again: the ends of a series are compared when its length is known.
fn read_twice(files: Vec<(PathBuf, bool)>) -> Result<Vec<(PathBuf, bool)>> {
    let is_gone = |path: &Path| path == Path::new(input::STDIN) || input::is_url(path);
    match files.iter().find(|(path, _)| is_gone(path)) {
        Some((path, _)) => {
            let name = if input::is_url(path) { input::shown(path) } else { "standard input".to_owned() };
            bail!("{name}: a trend reads its snapshots twice; save it to a file first")
        }
        None => Ok(files),
    }
}

/// A series of the runtime's numbers to read.
pub(super) struct MemStatsPlan {
    /// Each with whether it was found in a folder, rather than named.
    pub(super) files: Vec<(PathBuf, bool)>,
    /// Codes of findings.
    pub(super) fail_on: Vec<String>,
    pub(super) json: bool,
    pub(super) look: Look,
    pub(super) output: Option<PathBuf>,
}

impl MemStatsPlan {
    pub(super) fn new(args: MemStatsArgs) -> Result<Self> {
        Ok(MemStatsPlan {
            files: listed(&args.files)?,
            fail_on: args.fail_on.iter().map(|what| what.replace('-', "_")).collect(),
            json: args.json || matches!(args.format, SeriesFormat::Json),
            look: look(&args.look),
            output: args.look.output,
        })
    }
}
