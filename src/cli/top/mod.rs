//! `heapdiff top`: what is alive in one profile.

mod rows;

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::{
    By, Collect, ConfiguredFilterArgs, LabelArgs, Labels, LoadOptions, LookArgs, OrderArgs, OutputFormat, ReadArgs,
    SampleTypeArgs, format, listed, refuse_overwriting, refuse_stdin_twice,
};
use crate::cli::steps::{Progress, check_attribution, load_side, print_notes, write_to};
use crate::diagnose::Request;
use crate::diff::{Attribution, Metric};
use crate::profile::SampleType;
use crate::render::{self, Format, Look};
use crate::report::{MemStatsReport, OtherFiles, TopReport, TopSelection};
use crate::site::NameArena;

pub(crate) const EXAMPLES: &str = "\
What is alive in a profile, or in a running program:
  $ heapdiff after.pb.gz
  $ heapdiff localhost:6060

By package, or by what was allocated:
  $ heapdiff top --by packages --sort objects after.pb.gz
  $ heapdiff top --sample-type alloc allocs.pb.gz

For scripts:
  $ heapdiff top --json after.pb.gz | jq '.sites[0]'

A row for each profile of a fleet and each of its functions, for a database (heapdiff explain fleet):
  $ heapdiff top --format ndjson --labels-from '{deploy}/{pod}/*.pb.gz' -o fleet.ndjson v*/*/heap_*.pb.gz

A profile as text (debug=1) also has runtime.MemStats, which is shown as the parts of the process's memory.

Exit status: 0 the report was made, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// The profile: a file, - for standard input, a URL, or a directory whose files are summed; for ndjson any number,
    /// none of them summed
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// What is listed
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner, help_heading = "Functions")]
    by: By,
    #[command(flatten)]
    order: OrderArgs,
    /// Rank by what a function allocates together with its callees
    #[arg(long, help_heading = "Functions")]
    cum: bool,
    #[command(flatten)]
    sample_type: SampleTypeArgs,
    #[command(flatten)]
    filter: ConfiguredFilterArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Leave out files of --format ndjson that cannot be read or are no heap profiles, with a warning
    #[arg(long, help_heading = "Input")]
    skip_unreadable: bool,
    /// Output format [default: by the ending of FILE, else table]
    #[arg(long, value_name = "FORMAT", help_heading = "Output", value_parser = format::one_of(format::OF_TOP))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    labels: LabelArgs,
    #[command(flatten)]
    look: LookArgs,
}

/// Rows instead of a report.
const ROWS: OutputFormat = OutputFormat::Report(Format::Ndjson);

/// A profile to show.
struct TopPlan {
    /// Each with whether it was found in a folder rather than named.
    files: Vec<(PathBuf, bool)>,
    load_options: LoadOptions,
    selection: TopSelection,
    request: Request,
    labels: Labels,
    all: bool,
    format: OutputFormat,
    look: Look,
    output: Option<PathBuf>,
}

impl TopPlan {
    fn new(args: TopArgs) -> Result<Self> {
        let format = format::chosen(args.format, args.json, args.look.output.as_deref(), format::OF_TOP)?;
        let has_rows = format == ROWS;
        if args.profiles.len() > 1 && !has_rows {
            bail!(
                "top shows one profile; heapdiff BASE CURRENT compares two, heapdiff trend three or more, and top --format \
                 ndjson lists any number"
            );
        }
        if !has_rows && (args.skip_unreadable || !args.labels.is_empty()) {
            bail!("--label, --labels-from and --skip-unreadable are for the rows of --format ndjson");
        }
        refuse_stdin_twice(args.profiles.iter().map(PathBuf::as_path))?;
        let files = listed(&args.profiles)?;
        let (filter, request, own) = args.filter.resolve()?;
        let paths = files.iter().map(|(path, _)| path);
        refuse_overwriting(args.look.output.as_deref(), paths.clone().chain(&request.config))?;
        // The first file of many in a folder may be anything.
        let telling: Vec<_> = files.iter().filter(|(_, is_listed)| !(has_rows && *is_listed)).collect();
        let telling = telling.into_iter().map(|(path, _)| path.clone()).collect();
        let sample_type = args.sample_type.resolve(&[telling], Some(args.order.sort))?;
        let named = sample_type.name().map(str::to_owned);
        let is_sample_type_default = sample_type == SampleType::Default;
        let is_for_people = format == OutputFormat::Report(Format::Table);
        Ok(TopPlan {
            files,
            load_options: LoadOptions {
                collect: Collect { cumulative: args.cum || !is_for_people, ..Collect::default() },
                sample_type,
                skip_unreadable: args.skip_unreadable,
                ..LoadOptions::new(args.by.into(), filter, own, args.read.limit())
            },
            selection: TopSelection {
                sort: Metric::from(args.order.sort),
                attribution: if args.cum { Attribution::Cum } else { Attribution::Flat },
                top: args.order.top(is_for_people),
                sample_type: named.clone(),
            },
            request: Request {
                sample_type: named,
                is_sample_type_default,
                connection: args.read.connection(),
                ..request
            },
            labels: args.labels.resolve()?,
            all: args.order.all,
            format,
            look: args.look.look(),
            output: args.look.output,
        })
    }
}

pub(crate) fn run(args: TopArgs) -> Result<()> {
    let plan = TopPlan::new(args)?;
    if plan.format == ROWS {
        let TopPlan { files, load_options, selection, request, labels, output, .. } = plan;
        return rows::run(&rows::RowsPlan { files, load_options, selection, request, labels, output });
    }
    let files: Vec<_> = plan.files.into_iter().map(|(path, _)| path).collect();
    let names = NameArena::default();
    let progress = Progress::new(files.iter());
    let side = progress.show(|| load_side(&files, &plan.load_options, &progress, &names))?;
    check_attribution((side.name(), side.info.format), plan.selection.attribution)?;
    let stats = side.mem_stats().cloned();
    let mem_stats = stats
        .map(|stats| MemStatsReport::new(vec![(side.name().to_owned(), vec![stats])], OtherFiles::default(), None));
    let notes = plan.request.unmatched([&side.sites]);
    let report = TopReport {
        connection: plan.request.connection,
        ..TopReport::new(side.info.clone(), &side.sites, &plan.selection, mem_stats, notes)
    };
    if plan.format == OutputFormat::Report(Format::Csv) {
        print_notes(&report.notes);
    }
    write_to(plan.output.as_deref(), |out| match plan.format {
        OutputFormat::JSON => render::top_json(&report, out),
        OutputFormat::Report(Format::Csv) => render::top_csv(&report, out),
        _ => render::top_table(&report, plan.all, plan.look, out),
    })
}
