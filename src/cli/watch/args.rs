//! What the user can type behind `heapdiff watch`, and the plan made of it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use crate::cli::args::{By, BytesArg, ColorArg, LookArgs, ReadArgs};
use crate::cli::beside::BesideArgs;
use crate::cli::capture::{Kind, Program, TakeArgs};
use crate::cli::filters::FilterArgs;
use crate::cli::series::TrendPlan;
use crate::cli::series::{SeriesFormat, TrendArgs};

pub(crate) const EXAMPLES: &str = "\
It is capture and trend in one: snapshots are taken as capture takes them, and from the third on the table of trend \
is renewed behind each; where the output is no terminal, one table follows the other, each behind a line that says \
which snapshot it is and when that was taken. Ctrl-C (SIGINT) or SIGTERM ends it with the final verdict, and so does a \
program that no longer answers. A second Ctrl-C ends it at once.

Examples:
  $ heapdiff watch localhost:6060
  $ heapdiff watch localhost:6060 --every 5m -o captures --limit 2GiB
  $ timeout --preserve-status 10m heapdiff watch localhost:6060 --every 30s --fail-on leak

Exit codes: 0 the final verdict was given, 1 --fail-on found what it names, 2 no answer (fewer than three snapshots of \
one process, bad usage, or the snapshots cannot tell what --fail-on asks).";

/// The arguments of a watch.
#[derive(Debug, Args)]
pub struct WatchArgs {
    /// The program's net/http/pprof: HOST:PORT, or an http URL, with what stands before /debug/pprof if anything does
    pub url: String,
    /// Keep the snapshots in this folder, which must be new or empty, as capture does [default: a temporary one, which
    /// is removed]
    #[arg(short, long, value_name = "DIR")]
    pub output: Option<PathBuf>,
    /// How snapshots are taken.
    #[command(flatten)]
    pub take: TakeArgs,
    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    pub by: By,
    /// When will the live heap reach this size, such as 2GiB?
    #[arg(long, value_name = "SIZE")]
    pub limit: Option<String>,
    /// End with exit code 1 if a site has one of these trends at the end
    #[arg(long, value_name = "TREND", value_delimiter = ',')]
    #[arg(value_parser = ["leak", "grew", "warm-up", "one-step"])]
    pub fail_on: Vec<String>,
    /// Sites in the table [default: 20]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub top: Option<usize>,
    /// List every site, also the steady ones
    #[arg(long)]
    pub all: bool,
    /// Which samples count.
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The configuration, for its own [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How profiles are read.
    #[command(flatten)]
    pub read: ReadArgs,
    /// When to colour the table; NO_COLOR and CLICOLOR_FORCE are honoured
    #[arg(long, value_enum, value_name = "WHEN", default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
    /// How to write bytes: 1.50 MiB or 1572864
    #[arg(long, value_enum, value_name = "HOW", default_value_t = BytesArg::Iec)]
    pub bytes: BytesArg,
}

/// A program to watch.
pub(in crate::cli) struct WatchPlan {
    pub(super) program: Program,
    pub(super) every: Duration,
    /// Where snapshots are kept, if they are.
    pub(super) folder: Option<PathBuf>,
    /// What to make of them; of no files yet.
    pub(super) trend: TrendPlan,
    pub(super) look: LookArgs,
}

impl WatchPlan {
    pub(in crate::cli) fn new(args: WatchArgs) -> Result<Self> {
        let look = || LookArgs { output: None, color: args.color, bytes: args.bytes };
        let beside: &[Kind] = if args.output.is_some() { &Kind::BESIDE_HEAP } else { &[Kind::Text] };
        let (program, every) = args.take.read(&args.url, beside)?;
        let trend = TrendPlan::new(TrendArgs {
            files: Vec::new(),
            by: args.by,
            memstats: Vec::new(),
            limit: args.limit,
            fail_on: args.fail_on,
            report: None,
            top: args.top,
            all: args.all,
            sample_type: None,
            beside: BesideArgs::default(),
            filter: args.filter,
            config: args.config,
            read: args.read,
            format: SeriesFormat::Table,
            json: false,
            look: look(),
        })?;
        Ok(WatchPlan { program, every, folder: args.output, trend, look: look() })
    }
}
