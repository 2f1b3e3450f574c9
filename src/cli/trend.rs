//! `heapdiff trend`: many snapshots, which sites keep growing and which level off.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{
    By, Collect, CompanionArgs, ConfiguredFilterArgs, DEFAULT_TOP, LoadOptions, LookArgs, OutputFormat, PageKind,
    ReadArgs, SeriesPlan, TRENDS, counted, format, heap_limit, is_same_file, listed, page_kind, refuse_overwriting,
    trends,
};
use crate::cli::steps::{Pods, Progress, exit, input_name, read_series, trend_report, write_to};
use crate::diagnose::Request;
use crate::input;
use crate::profile::{CountedThing, SampleType};
use crate::render::{self, Look};
use crate::site::NameArena;

pub(crate) const EXAMPLES: &str = "\
That a site grew is told by what was born and died there between the second snapshot and the last; \
whether it is still growing, by its own course. Exact totals of the live heap help: from snapshots as \
text (debug=1&gc=1), from --memstats, or if every object is counted. Where they grow, a site needs less support; \
where they do not, no site is a leak. Sites that grew, but too little to tell, are listed as candidates after the leaks.

--fail-on: leak is what is still growing, in number or size of its objects; bloat only the latter; grew is what may be; \
warm-up has levelled off.

Examples:
  $ heapdiff trend heap_*.pb.gz
  $ heapdiff trend --limit 2GiB snapshots/
  $ heapdiff trend --memstats memstats.jsonl --fail-on leak heap_*.pb.gz
  $ heapdiff trend --json snapshots/ | jq '.sites[] | select(.trend == \"leak\")'

Exit codes: 0 the report was made, 1 --fail-on found what it names, 2 no answer (bad usage or \
input, or the snapshots cannot tell what --fail-on asks).";

#[derive(Debug, Args)]
pub(crate) struct TrendArgs {
    /// Heap profiles of one process, three or more, better nine: files or a folder; their times give the order
    #[arg(required = true, value_name = "SNAPSHOT")]
    files: Vec<PathBuf>,
    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    /// The runtime's own numbers over the same time, in any form that the command memstats reads: files, or a folder
    #[arg(long, value_name = "FILE")]
    memstats: Vec<PathBuf>,
    /// When will the live heap reach this size, such as 2GiB? With GOGC=100 the process holds twice that by then
    #[arg(long, value_name = "SIZE")]
    limit: Option<String>,
    /// End with exit code 1 if a site has one of these trends
    #[arg(long, value_name = "TREND", value_delimiter = ',')]
    #[arg(value_parser = TRENDS)]
    fail_on: Vec<String>,
    /// Also write the report as a page for a browser, which ends with .html
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Sites in the table [default: 20]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// List every site, also the steady ones
    #[arg(long)]
    all: bool,
    /// Follow this sample type instead of live objects and bytes, such as goroutine
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    filter: ConfiguredFilterArgs,
    #[command(flatten)]
    read: ReadArgs,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(format::TABLE_OR_JSON))]
    format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
}

/// A series of profiles to read.
struct TrendPlan {
    /// Each with whether it was found in a folder rather than named.
    files: Vec<(PathBuf, bool)>,
    series: SeriesPlan,
    /// The file for the report as a page, if it is wanted.
    page: Option<PathBuf>,
    /// Rows of the table.
    top: usize,
    /// Whether the table has the steady sites, too.
    all: bool,
    json: bool,
    look: Look,
    output: Option<PathBuf>,
}

impl TrendPlan {
    fn new(args: TrendArgs) -> Result<Self> {
        let limit = heap_limit(args.limit.as_deref())?;
        if args.report.is_some() {
            page_kind(args.report.as_deref(), &[PageKind::Html], "--report")?;
        }
        let json = args.json || args.format == OutputFormat::JSON;
        let (filter, request, own) = args.filter.resolve()?;
        let files = listed(&args.files)?;
        check_readable_twice(&files)?;
        let mem_stats = listed(&args.memstats)?;
        let inputs: Vec<_> = files.iter().chain(&mem_stats).map(|(path, _)| path.clone()).collect();
        for output in [args.look.output.as_deref(), args.report.as_deref()] {
            refuse_overwriting(output, inputs.iter().chain(args.companions.paths()).chain(&request.config))?;
        }
        if args.look.output.as_deref().zip(args.report.as_deref()).is_some_and(|(one, other)| is_same_file(one, other))
        {
            bail!("--output and --report need a file each");
        }
        let sample_type = match args.sample_type.as_deref() {
            Some(typed) => SampleType::parse(typed),
            None => counted_by_all(&files).map_or(SampleType::Live, CountedThing::columns),
        };
        Ok(TrendPlan {
            files,
            series: SeriesPlan {
                load_options: LoadOptions {
                    collect: Collect { cumulative: json, ..Collect::default() },
                    sample_type: sample_type.clone(),
                    ..LoadOptions::new(args.by.into(), filter, own, args.read.limit())
                },
                companions: args.companions.resolve()?,
                mem_stats,
                limit,
                fail_on: trends(&args.fail_on),
                request: Request { sample_type: sample_type.name().map(str::to_owned), ..request },
                with_graph: args.report.is_some(),
            },
            page: args.report,
            top: if args.all { usize::MAX } else { args.top.unwrap_or(DEFAULT_TOP) },
            all: args.all,
            json,
            look: args.look.look(),
            output: args.look.output,
        })
    }
}

/// What all files that were named count, or all files of a folder, if that is goroutines.
fn counted_by_all(files: &[(PathBuf, bool)]) -> Option<CountedThing> {
    // The last of a folder is most likely something else.
    let first = files.iter().find(|(_, is_listed)| !is_listed).or(files.last())?;
    let thing = counted::counted(&first.0)?;
    let of_folder = || files.iter().all(|(path, _)| counted::counted(path) == Some(thing));
    (!first.1 || of_folder()).then_some(thing)
}

/// Checks that each file can be read again: the ends of a series are compared once its length is known.
fn check_readable_twice(files: &[(PathBuf, bool)]) -> Result<()> {
    let is_stream = |path: &Path| path.metadata().is_ok_and(|file| !file.is_file() && !file.is_dir());
    let is_read_once = |path: &Path| path == Path::new(input::STDIN) || input::is_url(path) || is_stream(path);
    if let Some((path, _)) = files.iter().find(|(path, _)| is_read_once(path)) {
        bail!("{}: a trend reads its snapshots twice; save it to a file first", input_name(path));
    }
    Ok(())
}

pub(crate) fn run(args: TrendArgs) -> Result<Exit> {
    let plan = TrendPlan::new(args)?;
    let progress = Progress::new(plan.files.iter().map(|(path, _)| path));
    let names = NameArena::default();
    let series = progress.show(|| read_series(&plan.files, &plan.series.load_options, &names, &progress))?;
    if series.left_out > 0 && !series.has_window() {
        let files: Vec<_> = plan.files.iter().map(|(path, _)| path.clone()).collect();
        if let Some(pods) = Pods::find(&files, &plan.series.load_options, &progress)? {
            bail!("{}", render::not_a_series(pods.profiles, pods.processes, pods.outlier.as_ref()));
        }
    }
    let report = trend_report(&plan.series, &series, &progress)?;
    if let (Some(path), Some(graph)) = (&plan.page, &report.graph) {
        write_to(Some(path), |out| render::trend_page(&report, graph, plan.look.bytes, out))?;
    }
    write_to(plan.output.as_deref(), |out| match plan.json {
        true => render::trend_json(&report, out),
        false => render::trend_table(&report, plan.all, plan.top, plan.look, out),
    })?;
    Ok(exit(&report))
}
