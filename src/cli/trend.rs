//! `heapdiff trend`: many snapshots, which sites keep growing and which level off.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::exit::Exit;
use crate::cli::options::{
    By, Collect, CompanionArgs, ConfiguredFilterArgs, DEFAULT_TOP, LoadOptions, LookArgs, OutputFormat, PageKind,
    ReadArgs, SeriesPlan, SourceArgs, TRENDS, counted, format, heap_limit, is_same_file, listed, page_kind,
    refuse_overwriting, trends,
};
use crate::cli::steps::{Pods, Progress, Sources, add_sources, exit, input_name, read_series, trend_report, write_to};
use crate::diagnose::Request;
use crate::input;
use crate::profile::{CountedThing, SampleType};
use crate::render::{self, Look};
use crate::report::TrendReport;
use crate::site::NameArena;

pub(crate) const EXAMPLES: &str = "\
Whether a function grew is decided by what was added and freed there between the second snapshot (of three, the first) \
and the last; whether it is still growing, by its own curve. Exact totals of the live heap help: from text snapshots \
(debug=1&gc=1), from --memstats, or where every object is counted. If they grow, a function needs less evidence; if \
they do not, no function is a leak. Functions that grew too little to tell are listed as candidates after the leaks.

--fail-on leak finds functions that are still growing, in number or size of objects; bloat, only those in size; grew, \
those that may still be growing; warm-up, those that are levelling off or have levelled off; one-step, those that grew once.

What keeps growing:
  $ heapdiff trend heap_*.pb.gz
  $ heapdiff trend snapshots/

When memory runs out:
  $ heapdiff trend --limit 2GiB snapshots/

Fail a soak test on a leak:
  $ heapdiff trend --memstats memstats.jsonl --fail-on leak heap_*.pb.gz

For scripts:
  $ heapdiff trend --json snapshots/ | jq '.sites[] | select(.trend == \"leak\")'

Exit status: 0 the report was made, 1 --fail-on found what it names, 2 no answer (bad usage or input, or the \
snapshots cannot tell what --fail-on asks).";

#[derive(Debug, Args)]
pub(crate) struct TrendArgs {
    /// Three or more heap profiles of one process, nine for a firm answer: files or a folder; ordered by their times
    #[arg(required = true, value_name = "SNAPSHOT")]
    files: Vec<PathBuf>,
    /// What is listed
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    /// The runtime's own numbers over the same time, in any form that heapdiff memstats reads: files or a folder
    #[arg(help_heading = "Input")]
    #[arg(long, value_name = "FILE")]
    memstats: Vec<PathBuf>,
    /// Estimate when the live heap reaches this size, such as 2GiB; with GOGC=100 the process then holds twice that
    #[arg(help_heading = "Functions")]
    #[arg(long, value_name = "SIZE")]
    limit: Option<String>,
    /// Exit with status 1 if a function has one of these trends
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "TREND", value_delimiter = ',')]
    #[arg(value_parser = TRENDS)]
    fail_on: Vec<String>,
    /// Also write the report as a page for a browser; FILE ends with .html
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    source: SourceArgs,
    /// Show at most N functions in the table [default: 20]
    #[arg(help_heading = "Functions")]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// List every function, including steady ones
    #[arg(help_heading = "Functions")]
    #[arg(long)]
    all: bool,
    /// Follow this sample type, such as goroutine, instead of live objects and bytes
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    filter: ConfiguredFilterArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Output format [default: by the ending of FILE, else table]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FORMAT", value_parser = format::one_of(format::OF_TREND))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(help_heading = "Output")]
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    pub(crate) look: LookArgs,
    /// Whether the files are treated as those of a folder.
    #[arg(skip)]
    is_glob: bool,
}

impl TrendArgs {
    /// Skips files that are not heap profiles, as those of a folder: what a shell's glob gives without a command's name.
    pub(crate) fn of_glob(self) -> Self {
        TrendArgs { is_glob: true, ..self }
    }

    /// Whether the inputs can be a series: three files, or a folder.
    pub(crate) fn is_series(&self) -> bool {
        self.files.len() > 2 || self.files.iter().any(|path| path.is_dir())
    }

    /// The only input, if that is a folder.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match &self.files[..] {
            [only] if only.is_dir() => Some(only),
            _ => None,
        }
    }
}

/// A series of profiles to read.
struct TrendPlan {
    /// Each with whether it was found in a folder rather than named.
    files: Vec<(PathBuf, bool)>,
    series: SeriesPlan,
    /// The file for the report as a page, if it is wanted.
    page: Option<PathBuf>,
    /// The folders with sources for it.
    source_roots: Vec<PathBuf>,
    /// Rows of the table.
    top: usize,
    /// Whether the table has the steady sites, too.
    all: bool,
    format: OutputFormat,
    look: Look,
    output: Option<PathBuf>,
}

impl TrendPlan {
    fn new(args: TrendArgs) -> Result<Self> {
        let is_folder = args.folder().is_some();
        let limit = heap_limit(args.limit.as_deref())?;
        if args.report.is_some() {
            page_kind(args.report.as_deref(), &[PageKind::Html], "--report")?;
        }
        let format = format::chosen(args.format, args.json, args.look.output.as_deref(), format::OF_TREND)?;
        let json = format == OutputFormat::JSON;
        let with_graph = args.report.is_some() || is_page(format);
        let source_roots = args.source.roots()?;
        if !with_graph && !source_roots.is_empty() {
            bail!("--source-root: only a page has sources; --report FILE or --format html writes one");
        }
        let (filter, request, own) = args.filter.resolve()?;
        let mut files = listed(&args.files)?;
        let folder = if is_folder { files.clone() } else { Vec::new() };
        files.iter_mut().for_each(|(_, is_listed)| *is_listed |= args.is_glob);
        check_readable_twice(&files, &args.read.connection())?;
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
        for (option, is_given) in [
            ("--memstats", !mem_stats.is_empty()),
            ("--limit", limit.is_some()),
            ("--fail-on", !args.fail_on.is_empty() && sample_type.is_allocation()),
        ] {
            if is_given && !sample_type.is_live_heap() {
                let counted = args.sample_type.as_deref().or(sample_type.name()).unwrap_or_default();
                bail!("{option} applies to the live heap only, and this series counts {counted}");
            }
        }
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
                folder,
                limit,
                fail_on: trends(&args.fail_on),
                request: Request { sample_type: sample_type.name().map(str::to_owned), ..request },
                with_graph,
            },
            page: args.report,
            source_roots,
            top: if args.all { usize::MAX } else { args.top.unwrap_or(DEFAULT_TOP) },
            all: args.all,
            format,
            look: args.look.look(),
            output: args.look.output,
        })
    }
}

/// What the files that were named count, or all files of a folder, if that is goroutines.
fn counted_by_all(files: &[(PathBuf, bool)]) -> Option<CountedThing> {
    let named: Vec<_> = files.iter().filter(|(_, is_listed)| !is_listed).map(|(path, _)| path.as_path()).collect();
    if !named.is_empty() {
        return counted::counted_by_first(&named);
    }
    // The last of a folder is most likely something else.
    let thing = counted::counted(&files.last()?.0)?;
    files.iter().all(|(path, _)| counted::counted(path) == Some(thing)).then_some(thing)
}

/// Checks that each file can be read again: the ends of a series are compared once its length is known.
/// `connection`: the options of its URLs.
fn check_readable_twice(files: &[(PathBuf, bool)], connection: &[String]) -> Result<()> {
    if let Some((url, _)) = files.iter().find(|(path, _)| input::is_url(path)) {
        bail!("{}", render::no_series(&input::shown(url), connection));
    }
    let is_stream = |path: &Path| path.metadata().is_ok_and(|file| !file.is_file() && !file.is_dir());
    let is_read_once = |path: &Path| path == Path::new(input::STDIN) || is_stream(path);
    if let Some((path, _)) = files.iter().find(|(path, _)| is_read_once(path)) {
        bail!("{}: a trend reads its snapshots twice; save it to a file first", input_name(path));
    }
    Ok(())
}

/// Whether the output is a page itself.
fn is_page(format: OutputFormat) -> bool {
    matches!(format, OutputFormat::Page(_))
}

pub(crate) fn run(args: TrendArgs) -> Result<Exit> {
    let answer = TrendAnswer::new(args)?;
    write_to(answer.output(), |out| answer.write(out))?;
    Ok(answer.exit())
}

/// A series that was read and judged, ready to be written.
pub(crate) struct TrendAnswer {
    plan: TrendPlan,
    report: TrendReport,
}

impl TrendAnswer {
    /// Reads and judges the series; writes the page that `--report` names.
    pub(crate) fn new(args: TrendArgs) -> Result<Self> {
        let plan = TrendPlan::new(args)?;
        let report = report(&plan)?;
        if let (Some(path), Some(graph)) = (&plan.page, &report.graph) {
            write_to(Some(path), |out| render::trend_page(&report, graph, plan.look.bytes, out))?;
        }
        Ok(TrendAnswer { plan, report })
    }

    /// The file to write to, instead of standard output.
    pub(crate) fn output(&self) -> Option<&Path> {
        self.plan.output.as_deref()
    }

    pub(crate) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let TrendAnswer { plan, report } = self;
        match (plan.format, &report.graph) {
            (OutputFormat::JSON, _) => render::trend_json(report, out),
            (OutputFormat::Page(_), Some(graph)) => render::trend_page(report, graph, plan.look.bytes, out),
            _ => render::trend_table(report, plan.all, plan.top, plan.look, out),
        }
    }

    /// Writes the table without what to do next.
    pub(crate) fn write_answer(&self, out: &mut dyn Write) -> io::Result<()> {
        render::trend_answer(&self.report, self.plan.all, self.plan.top, self.plan.look, out)
    }

    /// Writes what to do next, with more advice.
    pub(crate) fn write_next(&self, advice: &[String], out: &mut dyn Write) -> io::Result<()> {
        render::trend_next(&self.report, advice, self.plan.look, out)
    }

    /// Number of snapshots, and the time from the first to the last, seconds; `None` where times are missing.
    pub(crate) fn span(&self) -> (usize, Option<f64>) {
        (self.report.snapshots.len(), self.report.span_seconds())
    }

    pub(crate) fn format(&self) -> OutputFormat {
        self.plan.format
    }

    pub(crate) fn exit(&self) -> Exit {
        exit(&self.report)
    }
}

fn report(plan: &TrendPlan) -> Result<TrendReport> {
    let progress = Progress::new(plan.files.iter().map(|(path, _)| path));
    let names = NameArena::default();
    let series = progress.show(|| read_series(&plan.files, &plan.series.load_options, &names, &progress))?;
    if series.left_out > 0 && !series.has_window() {
        let files: Vec<_> = plan.files.iter().map(|(path, _)| path.clone()).collect();
        if let Some(pods) = Pods::find(&files, &plan.series.load_options, &progress)? {
            bail!("{}", render::not_a_series(pods.profiles, pods.processes, pods.outlier.as_ref()));
        }
    }
    let mut report = trend_report(&plan.series, &series, &progress)?;
    if let Some(graph) = &mut report.graph {
        add_sources(graph, &mut Sources::below(&plan.source_roots));
    }
    Ok(report)
}
