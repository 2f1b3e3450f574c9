//! `heapdiff diff`, the command without a name: the ranked diff of two profiles.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::{
    By, Collect, CompanionArgs, DEFAULT_TOP, DetailArgs, LoadOptions, LookArgs, MemStatsPairArgs, OutputFormat,
    PageKind, Pair, PairArgs, Sort, Work, WorkArgs, format, refuse_overwriting,
};
use crate::cli::steps::companion_growth::Accompanied;
use crate::cli::steps::{
    ComparisonPlan, LoadedSide, PairNames, Progress, add_mem_stats, build_report, check_attribution, companion_growth,
    compare_loaded, found_files, load_comparable_pair, load_difference, matching_notes, print_notes, stacks_of, warn,
    write_to,
};
use crate::diagnose::{Request, notes};
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::matching::Matching;
use crate::profile::SampleType;
use crate::render::{self, Export, Exported, Format, Look, render};
use crate::report::{Selection, ShownMetric};
use crate::site::Granularity;

pub(crate) const EXAMPLES: &str = "\
What grew between two profiles:
  $ heapdiff before.pb.gz after.pb.gz
  $ heapdiff before.pb.gz localhost:6060

Compare two runs of a benchmark, per operation:
  $ heapdiff --bench old.txt new.txt old.pb.gz new.pb.gz

What is alive in one profile, and what keeps growing over many:
  $ heapdiff after.pb.gz
  $ heapdiff snapshots/
  $ heapdiff heap_*.pb.gz

Group by your own code, or by package:
  $ heapdiff --by owner --own 'example.com/acme/...' before.pb.gz after.pb.gz
  $ heapdiff --by packages --sort objects before.pb.gz after.pb.gz

Look at a part of the program:
  $ heapdiff --focus 'acme/cache' --tagfocus 1b:64b before.pb.gz after.pb.gz
  $ heapdiff list 'main.(*store).create' before.pb.gz after.pb.gz

Compare two versions of a fleet:
  $ heapdiff --per-profile --base old/*.pb.gz --current new/*.pb.gz

Write a page, or JSON for scripts:
  $ heapdiff before.pb.gz after.pb.gz -o growth.html
  $ heapdiff --json before.pb.gz after.pb.gz | jq '.sites[0]'

Exit status: 0 the report was made, 2 no answer (bad usage or input).";

/// Why there is no page: that of two sides is written by another command.
const NO_PAGE: &str = "a page compares two profiles, and a difference alone is one: expected BASE and CURRENT";

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    work: WorkArgs,

    /// What is listed [default: owner]
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT")]
    by: Option<By>,
    /// Metric that ranks the functions [default: space]
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "METRIC")]
    sort: Option<Sort>,
    /// Show at most N functions [default: 20; in JSON and CSV all]
    #[arg(help_heading = "Functions")]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// List every function, including those that did not grow
    #[arg(help_heading = "Functions")]
    #[arg(long)]
    all: bool,
    /// List only growth beyond sampling noise
    #[arg(help_heading = "Functions", hide_short_help = true)]
    #[arg(long, conflicts_with = "all")]
    confirmed: bool,
    /// Rank by what a function allocates together with its callees, and list callers
    #[arg(help_heading = "Functions", hide_short_help = true)]
    #[arg(long)]
    cum: bool,
    #[command(flatten)]
    pub(crate) pair: PairArgs,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    mem_stats: MemStatsPairArgs,

    /// Output format [default: by the ending of FILE, else table]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FORMAT", value_parser = format::one_of(format::OF_DIFF))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(help_heading = "Output")]
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    details: DetailArgs,
}

impl DiffArgs {
    /// The first input.
    pub(crate) fn base(&self) -> Option<&Path> {
        self.pair.sides.base.as_deref()
    }

    /// The only input, if one alone was given.
    pub(crate) fn alone(&self) -> Option<PathBuf> {
        self.pair.sides.alone()
    }

    /// What the output is, if that is a page or a picture for a browser, which other commands write.
    pub(crate) fn page(&self) -> Option<PageKind> {
        match self.chosen_format() {
            Ok(OutputFormat::Page(kind)) => Some(kind),
            _ => None,
        }
    }

    fn chosen_format(&self) -> Result<OutputFormat> {
        format::chosen(self.format, self.json, self.look.output.as_deref(), format::OF_DIFF)
    }
}

/// A diff to make.
struct DiffPlan {
    comparison: ComparisonPlan,
    /// The only profile, a difference; `None` if there are two sides.
    alone: Option<PathBuf>,
    attribution: Attribution,
    format: OutputFormat,
    look: Look,
    output: Option<PathBuf>,
}

impl DiffPlan {
    fn new(args: DiffArgs) -> Result<Self> {
        let format = args.chosen_format()?;
        let alone = args.pair.sides.alone();
        let sides = match &alone {
            Some(path) => [Vec::new(), vec![path.clone()]],
            None => args.pair.sides.clone().resolve(None)?,
        };
        let (is_for_people, is_for_stacks) = match format {
            OutputFormat::Report(format) => (format.is_for_people(), false),
            OutputFormat::Stacks(export) => {
                if export.is_binary() && args.look.is_terminal() {
                    bail!("standard output is a terminal, and the format is binary: write it to a file with -o FILE");
                }
                (false, true)
            }
            OutputFormat::Page(_) => bail!(NO_PAGE),
        };
        let options_of_sites = [
            (args.cum, "--cum"),
            (args.confirmed, "--confirmed"),
            (args.top.is_some(), "--top"),
            (args.by.is_some_and(|by| by != By::Lines), "--by"),
        ];
        if let Some((_, option)) = options_of_sites.into_iter().find(|(is_given, _)| is_for_stacks && *is_given) {
            bail!("{option} chooses sites; this format has all stacks, by function and line");
        }
        let others = args.mem_stats.files.iter().chain(args.work.outputs()).chain(args.companions.paths());
        let others: Vec<_> = others.cloned().collect();
        let output = args.look.output.as_deref();
        let Pair { sides, load_options, request } = args.pair.resolve_of(sides, args.sort, output)?;
        refuse_overwriting(output, &others)?;
        let (work, sample_type) = args.work.resolve(&sides, load_options.sample_type)?;
        if alone.is_some() && work != Work::AsItIs {
            bail!("--bench and --normalize need two profiles, BASE and CURRENT");
        }
        // A frame of a stack is a line.
        let granularity = match args.by {
            _ if is_for_stacks => Granularity::Lines,
            by => by.unwrap_or(By::Owner).into(),
        };
        let is_sample_type_default = sample_type == SampleType::Default;
        let named = sample_type.name().map(str::to_owned);
        let load_options = LoadOptions {
            // Formats for people show cumulative values only if they rank by them.
            collect: Collect {
                cumulative: !is_for_stacks && (!is_for_people || args.cum),
                stacks: is_for_stacks,
                runs: false,
            },
            granularity,
            sample_type,
            work,
            ..load_options
        };
        let selection = Selection {
            sample_type: named.clone(),
            sort: Some(args.sort.map_or(Metric::Space, Metric::from)),
            only_grown: is_for_people && !args.all,
            only_confirmed: args.confirmed,
            by_certainty: is_for_people,
            folds_runtime: is_for_people && !args.all && !args.cum,
            top: args.top.or_else(|| (is_for_people && !args.all).then_some(DEFAULT_TOP)),
            fits_screen: is_for_people && args.top.is_none() && !args.all,
        };
        Ok(DiffPlan {
            alone,
            comparison: ComparisonPlan {
                sides,
                load_options,
                companions: args.companions.resolve()?,
                mem_stats: args.mem_stats.files,
                request: Request { sample_type: named, is_sample_type_default, ..request },
                selection,
            },
            attribution: if args.cum { Attribution::Cum } else { Attribution::Flat },
            format,
            look: args.details.look(&args.look),
            output: args.look.output,
        })
    }
}

pub(crate) fn run(args: DiffArgs) -> Result<()> {
    let plan = DiffPlan::new(args)?;
    let ComparisonPlan { sides, load_options, companions, .. } = &plan.comparison;
    let mut names = PairNames::default();
    let progress = Progress::new(sides.iter().flatten());
    let mem_stats = &plan.comparison.mem_stats;
    let ([mut base, mut current], matching) = match &plan.alone {
        Some(path) => {
            let sides = progress.show(|| load_difference(path, load_options, &progress, &names.sides))?;
            (sides, Matching::default())
        }
        None => load_comparable_pair(sides, load_options, &progress, &mut names)?,
    };
    check_attribution((base.name(), base.info.format), plan.attribution)?;
    // A difference has no snapshots of its own to look beside.
    if plan.alone.is_none() || !mem_stats.is_empty() {
        add_mem_stats([&mut base, &mut current], mem_stats, &progress)?;
    }
    let deltas = compare_loaded([&base, &current], load_options, plan.attribution)?;
    match plan.format {
        OutputFormat::Report(format) => {
            let companions =
                companion_growth::read_and_compare(companions, &Accompanied::sides(sides), load_options, &progress)?;
            let mut report = build_report(&plan.comparison, [&base, &current], &deltas, &companions, matching);
            if matches!(format, Format::Table | Format::Markdown) {
                report.found_files = found_files(&report);
            }
            if !format.shows_notes() {
                print_notes(&report.notes);
            }
            write_to(plan.output.as_deref(), |out| render(&report, format, plan.look, out))
        }
        OutputFormat::Stacks(export) => write_stacks(&plan, export, [&base, &current], &deltas, &matching),
        OutputFormat::Page(_) => bail!(NO_PAGE),
    }
}

/// Writes the stacks of both sides for other programs, and notes to standard error, as these formats have no place for
/// them.
fn write_stacks(
    plan: &DiffPlan,
    export: Export,
    [base, current]: [&LoadedSide<'_>; 2],
    deltas: &Deltas<'_, '_>,
    matching: &Matching,
) -> Result<()> {
    let ComparisonPlan { request, selection, .. } = &plan.comparison;
    let exported = Exported {
        calls: &stacks_of(deltas)?,
        metrics: ShownMetric::counted(
            deltas,
            selection.sort.unwrap_or(Metric::Space),
            selection.sample_type.as_deref(),
        ),
        base: &base.info,
        current: &current.info,
    };
    let mut notes = notes([&base.info, &current.info], deltas, &Evidence::new(deltas), request);
    notes.extend(matching_notes(matching));
    print_notes(&notes);
    let mut below_0 = 0;
    write_to(plan.output.as_deref(), |out| {
        below_0 = render::export(&exported, export, out)?;
        Ok(())
    })?;
    if below_0 > 0 {
        let plural = if below_0 == 1 { "stack has a value" } else { "stacks have values" };
        warn(&format!("{below_0} {plural} below 0, which the format has no place for: 0 there"));
    }
    Ok(())
}
