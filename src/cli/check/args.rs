//! What can be typed for `heapdiff check`, and the plan made of it.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use clap::Args;

use crate::cli::check::budget;
use crate::cli::options::{
    Allowances, By, Collect, CompanionArgs, Companions, Date, DetailArgs, FilterArgs, FleetArgs, Inconclusive,
    LoadOptions, LookArgs, MemStatsPairArgs, OutputFormat, ReadArgs, RenameArgs, SampleTypeArgs, SideArgs, Sort,
    config, expand, format, parse_size,
};
use crate::diagnose::Request;
use crate::diff::Metric;
use crate::gate::{Limit, Limits, Rules};
use crate::profile::SampleType;
use crate::render::{Format, Look};
use crate::report::{Selection, UsedConfig};
use crate::site::Granularity;

pub(crate) const EXAMPLES: &str = "\
Without limits a site fails when it grows in objects, and even the lower bound of its growth
(95 %) exceeds 64 KiB and 5 % of it; and the whole heap when that bound exceeds 1 MiB and 15 %.
Limits of your own also fail by the lower bound; the report says what may pass them.

Examples:
  $ heapdiff check base.pb.gz current.pb.gz
  $ heapdiff check --max-site-objects 1000 --max-total-space 5% base.pb.gz current.pb.gz
  $ heapdiff check --format github base.pb.gz current.pb.gz
  $ heapdiff check --must-see 256KiB base.pb.gz current.pb.gz
  $ heapdiff check --update-budget heap-budget.toml base.pb.gz current.pb.gz
  $ heapdiff check --budget heap-budget.toml base.pb.gz current.pb.gz

Exit codes: 0 every limit holds, 1 one is exceeded, 2 no answer (bad usage or input, or the data cannot
tell and --inconclusive says nothing else).";

/// The sides of the gate: two profiles, or two pairs.
#[derive(Debug, Args)]
pub(crate) struct CheckSides {
    /// The earlier profile: a file, -, a directory or an http URL
    #[arg(required_unless_present_any = ["base_paths", "base_pair"])]
    #[arg(conflicts_with_all = ["base_paths", "current_paths", "base_pair", "current_pair"])]
    base: Option<PathBuf>,
    /// The later profile, likewise
    #[arg(required_unless_present_any = ["current_paths", "current_pair"])]
    current: Option<PathBuf>,
    /// Instead of BASE: profiles of the earlier side, which are summed
    #[arg(long = "base", value_name = "PATH", num_args = 1.., requires = "current_paths")]
    base_paths: Vec<PathBuf>,
    /// Instead of CURRENT: profiles of the later side, which are summed
    #[arg(long = "current", value_name = "PATH", num_args = 1.., requires = "base_paths")]
    current_paths: Vec<PathBuf>,
    /// Two profiles of a run of the earlier build; what grows in it as well does not count
    #[arg(long, value_names = ["B1", "B2"], num_args = 2, requires = "current_pair")]
    #[arg(conflicts_with_all = ["base_paths", "per_profile"])]
    base_pair: Vec<PathBuf>,
    /// Two profiles of a run of the later build
    #[arg(long, value_names = ["C1", "C2"], num_args = 2, requires = "base_pair", conflicts_with = "current_paths")]
    current_pair: Vec<PathBuf>,
}

/// The limits of a check.
#[derive(Debug, Args)]
pub(crate) struct LimitArgs {
    /// By how many objects a site may grow: 1000, or 5% of what it had
    #[arg(long, value_name = "LIMIT")]
    max_site_objects: Option<String>,
    /// By how many bytes a site may grow: 65536, 64KiB or 5%
    #[arg(long, value_name = "LIMIT")]
    max_site_space: Option<String>,
    /// By how many objects the heap may grow
    #[arg(long, value_name = "LIMIT")]
    max_total_objects: Option<String>,
    /// By how many bytes the heap may grow
    #[arg(long, value_name = "LIMIT")]
    max_total_space: Option<String>,
    /// By how much the heap may grow where no limit is given, beyond 1 MiB: 15%, or bytes [default: 15%]
    #[arg(long, value_name = "LIMIT")]
    total_tolerance: Option<String>,
    /// Growth of a site that must be caught: if the sampling is too coarse for that, the check is inconclusive
    #[arg(long, value_name = "SIZE", value_parser = must_see)]
    must_see: Option<u64>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    sides: CheckSides,
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    renames: RenameArgs,
    /// A third profile, taken later: what is gone again by then does not count
    #[arg(long, value_name = "FILE", conflicts_with = "base_pair")]
    settled: Option<PathBuf>,
    #[command(flatten)]
    mem_stats: MemStatsPairArgs,

    #[command(flatten)]
    limits: LimitArgs,
    /// Take the numbers as they are, sampling noise and all
    #[arg(long)]
    no_evidence: bool,
    /// Inconclusive where a limit may be exceeded; an error where an allowance is over or matches nothing
    #[arg(long)]
    strict: bool,
    /// What to make of data that cannot tell [default: error, which is exit code 2]
    #[arg(long, value_enum, value_name = "HOW")]
    inconclusive: Option<Inconclusive>,
    /// The configuration [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What sites may grow by, as --update-budget wrote it
    #[arg(long, value_name = "FILE")]
    budget: Option<PathBuf>,
    /// Write what sites grow by today to FILE, and check nothing; what FILE has and still holds stays as it is
    #[arg(long, value_name = "FILE", conflicts_with = "budget")]
    update_budget: Option<PathBuf>,
    /// Take out of the budget what is no longer needed
    #[arg(long, requires = "update_budget")]
    tighten: bool,

    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    #[command(flatten)]
    sample_type: SampleTypeArgs,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    read: ReadArgs,
    /// Order of the sites in json, ndjson and csv
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    sort: Sort,
    /// Sites in json, ndjson and csv [default: all]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// All of them
    #[arg(long)]
    all: bool,

    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "table", value_parser = format::one_of(format::OF_CHECK))]
    format: OutputFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    #[command(flatten)]
    look: LookArgs,
    #[command(flatten)]
    details: DetailArgs,
}

/// The files of the base and of the current side.
type Sides = [Vec<PathBuf>; 2];

/// A check to make.
pub(crate) struct CheckPlan {
    pub(crate) sides: Sides,
    /// The sides of another run, whose growth is usual.
    pub(crate) usual: Option<Sides>,
    /// A third profile, taken later; empty if there is none.
    pub(crate) settled: Vec<PathBuf>,
    /// Files with the `runtime.MemStats` of both sides; none if they were not given.
    pub(crate) mem_stats: Vec<PathBuf>,
    pub(crate) load_options: LoadOptions,
    pub(crate) companions: Companions,
    pub(crate) rules: Rules,
    pub(crate) inconclusive: Inconclusive,
    pub(crate) update_budget: Option<PathBuf>,
    pub(crate) tighten: bool,
    /// The files that shape the verdict.
    pub(crate) config: UsedConfig,
    pub(crate) request: Request,
    pub(crate) selection: Selection,
    pub(crate) format: Format,
    pub(crate) look: Look,
    pub(crate) output: Option<PathBuf>,
}

impl CheckSides {
    /// The files of both sides, and those of the run whose growth is usual.
    fn resolve(self, settled: Option<&Path>) -> Result<(Sides, Option<Sides>)> {
        let CheckSides { base, current, base_paths, current_paths, base_pair, current_pair } = self;
        match (<[PathBuf; 2]>::try_from(base_pair), <[PathBuf; 2]>::try_from(current_pair)) {
            (Ok(usual), Ok(pair)) => {
                let usual = SideArgs::of_pair(usual).resolve(None)?;
                Ok((SideArgs::of_pair(pair).resolve(None)?, Some(usual)))
            }
            _ => Ok((SideArgs { base, current, base_paths, current_paths }.resolve(settled)?, None)),
        }
    }
}

impl LimitArgs {
    fn read(&self) -> Result<Limits> {
        Ok(Limits {
            site_objects: limit("max-site-objects", &self.max_site_objects, Metric::Objects)?,
            site_space: limit("max-site-space", &self.max_site_space, Metric::Space)?,
            total_objects: limit("max-total-objects", &self.max_total_objects, Metric::Objects)?,
            total_space: limit("max-total-space", &self.max_total_space, Metric::Space)?,
        })
    }

    fn total_tolerance(&self) -> Result<Option<Limit>> {
        limit("total-tolerance", &self.total_tolerance, Metric::Space)
    }
}

fn limit(name: &str, text: &Option<String>, metric: Metric) -> Result<Option<Limit>> {
    let parse = |text: &String| Limit::parse(text, metric).with_context(|| format!("--{name}"));
    text.as_ref().map(parse).transpose()
}

fn must_see(text: &str) -> Result<u64> {
    parse_size(text).context("expected bytes such as 262144, 256KiB or 1MB")
}

impl CheckPlan {
    pub(crate) fn new(args: CheckArgs) -> Result<Self> {
        let (sides, usual) = args.sides.resolve(args.settled.as_deref())?;
        let allowances = Allowances { today: Date::at(SystemTime::now()), is_strict: args.strict };
        let config = config::load(args.config, Some(allowances))?;
        let (filter, request, own) = args.filter.resolve(config.own)?;
        let renames = args.renames.resolve(config.rename)?;
        let limits = args.limits.read()?;
        let granularity = Granularity::from(args.by);
        let known_budget = args.budget.as_ref().or(args.update_budget.as_ref().filter(|path| path.is_file()));
        let budget = known_budget.map(|path| budget::read(path, granularity.name())).transpose()?;
        let path = |path: &PathBuf| path.display().to_string();
        let used = UsedConfig { path: config.path.as_ref().map(path), budget: args.budget.as_ref().map(path) };
        let format = if args.json { Format::Json } else { args.format.of_report()? };
        let sort = (!format.is_for_people()).then_some(args.sort.into());
        let sample_type = args.sample_type.resolve(&sides);
        let is_sample_type_default = sample_type == SampleType::Default;
        let named = sample_type.name().map(str::to_owned);
        let load_options = LoadOptions {
            collect: Collect { cumulative: sort.is_some(), stacks: false },
            sample_type,
            per_profile: args.fleet.per_profile,
            skip_unreadable: args.fleet.skip_unreadable,
            same_process: args.fleet.same_process,
            renames,
            ..LoadOptions::new(granularity, filter, own, args.read.limit())
        };
        Ok(CheckPlan {
            sides,
            usual,
            settled: expand(args.settled.as_slice())?,
            mem_stats: args.mem_stats.files,
            load_options,
            companions: args.companions.resolve()?,
            rules: Rules {
                total_tolerance: args.limits.total_tolerance()?.or(config.total_tolerance),
                limits: limits.or(config.limits),
                allow: config.allow,
                budget,
                ignore_evidence: args.no_evidence,
                is_strict: config.is_strict || args.strict,
                must_see: args.limits.must_see.map(i128::from).or(config.must_see),
            },
            inconclusive: args.inconclusive.or(config.inconclusive).unwrap_or(Inconclusive::Error),
            update_budget: args.update_budget,
            selection: Selection { sort, top: args.top, sample_type: named.clone(), ..Selection::default() },
            request: Request { sample_type: named, is_sample_type_default, ..request },
            tighten: args.tighten,
            config: used,
            format,
            look: args.details.look(&args.look),
            output: args.look.output,
        })
    }
}
