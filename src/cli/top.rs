//! `heapdiff top`: what is alive in one profile.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::{
    By, Collect, ConfiguredFilterArgs, LoadOptions, LookArgs, OrderArgs, OutputFormat, ReadArgs, SampleTypeArgs,
    expand, format, refuse_overwriting,
};
use crate::cli::steps::{Progress, load_side, print_notes, write_to};
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

A profile as text (debug=1) also has runtime.MemStats, which is shown as the parts of the process's memory.

Exit status: 0 the report was made, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct TopArgs {
    /// The profile: a file, - for standard input, a URL, or a directory whose files are summed
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
    /// Output format [default: by the ending of FILE, else table]
    #[arg(long, value_name = "FORMAT", help_heading = "Output", value_parser = format::one_of(format::OF_TOP))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
}

/// A profile to show.
struct TopPlan {
    files: Vec<PathBuf>,
    load_options: LoadOptions,
    selection: TopSelection,
    request: Request,
    all: bool,
    format: OutputFormat,
    look: Look,
    output: Option<PathBuf>,
}

impl TopPlan {
    fn new(args: TopArgs) -> Result<Self> {
        if args.profiles.len() > 1 {
            bail!("top shows one profile; heapdiff BASE CURRENT compares two, and heapdiff trend three or more");
        }
        let format = format::chosen(args.format, args.json, args.look.output.as_deref(), format::OF_TOP)?;
        let files = expand(&args.profiles)?;
        let (filter, request, own) = args.filter.resolve()?;
        refuse_overwriting(args.look.output.as_deref(), files.iter().chain(&request.config))?;
        let sample_type = args.sample_type.resolve(std::slice::from_ref(&files), Some(args.order.sort))?;
        let named = sample_type.name().map(str::to_owned);
        let is_sample_type_default = sample_type == SampleType::Default;
        let is_for_people = format == OutputFormat::Report(Format::Table);
        Ok(TopPlan {
            files,
            load_options: LoadOptions {
                collect: Collect { cumulative: args.cum || !is_for_people, ..Collect::default() },
                sample_type,
                ..LoadOptions::new(args.by.into(), filter, own, args.read.limit())
            },
            selection: TopSelection {
                sort: Metric::from(args.order.sort),
                attribution: if args.cum { Attribution::Cum } else { Attribution::Flat },
                top: args.order.top(is_for_people),
                sample_type: named.clone(),
            },
            request: Request { sample_type: named, is_sample_type_default, ..request },
            all: args.order.all,
            format,
            look: args.look.look(),
            output: args.look.output,
        })
    }
}

pub(crate) fn run(args: TopArgs) -> Result<()> {
    let plan = TopPlan::new(args)?;
    let names = NameArena::default();
    let progress = Progress::new(plan.files.iter());
    let side = progress.show(|| load_side(&plan.files, &plan.load_options, &progress, &names))?;
    let stats = side.mem_stats().cloned();
    let mem_stats = stats
        .map(|stats| MemStatsReport::new(vec![(side.name().to_owned(), vec![stats])], OtherFiles::default(), None));
    let notes = plan.request.unmatched([&side.sites]);
    let report = TopReport::new(side.info.clone(), &side.sites, &plan.selection, mem_stats, notes);
    if plan.format == OutputFormat::Report(Format::Csv) {
        print_notes(&report.notes);
    }
    write_to(plan.output.as_deref(), |out| match plan.format {
        OutputFormat::JSON => render::top_json(&report, out),
        OutputFormat::Report(Format::Csv) => render::top_csv(&report, out),
        _ => render::top_table(&report, plan.all, plan.look, out),
    })
}
