//! What can be typed behind `check` and `calibrate`, and what they need.

use std::path::PathBuf;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::cli::args::{By, FleetArgs, LookArgs, ReadArgs, SideArgs, Sort};
use crate::cli::budget;
use crate::cli::config::Inconclusive;
use crate::cli::date::Date;
use crate::cli::filters::FilterArgs;
use crate::cli::plan::{Callers, Measure, config_or_default, expand, granularity, look, sides};
use crate::diagnose::Request;
use crate::diff::Metric;
use crate::gate::{self, Limits, Rules};
use crate::render::{Format, Look};
use crate::report::Selection;

pub(in crate::cli) const EXAMPLES: &str = "\
Without limits a site fails when it surely grows in objects, by at least 3 samples, 64 KiB and 5 % of it, and
not of larger objects only. Sure is what holds for all sites together with 97 %; the diff's confirmed is 95 %.

Examples:
  $ heapdiff check base.pb.gz current.pb.gz
  $ heapdiff check --max-site-objects 1000 --max-total-space 5% base.pb.gz current.pb.gz
  $ heapdiff check --format github base.pb.gz current.pb.gz
  $ heapdiff check --update-budget heap-budget.toml base.pb.gz current.pb.gz
  $ heapdiff check --budget heap-budget.toml base.pb.gz current.pb.gz

Exit codes: 0 every limit holds, 1 one is exceeded, 2 no answer (bad usage or input, or the data cannot
tell and --inconclusive says nothing else).";

/// The sides of the gate: two profiles, or two pairs.
#[derive(Debug, Args)]
pub struct CheckSides {
    /// The earlier profile: a file, -, a directory or an http URL
    #[arg(required_unless_present_any = ["base_paths", "base_pair"])]
    #[arg(conflicts_with_all = ["base_paths", "current_paths", "base_pair", "current_pair"])]
    pub base: Option<PathBuf>,
    /// The later profile, likewise
    #[arg(required_unless_present_any = ["current_paths", "current_pair"])]
    pub current: Option<PathBuf>,
    /// Instead of BASE: profiles of the earlier side, which are summed
    #[arg(long = "base", value_name = "PATH", num_args = 1.., requires = "current_paths")]
    pub base_paths: Vec<PathBuf>,
    /// Instead of CURRENT: profiles of the later side, which are summed
    #[arg(long = "current", value_name = "PATH", num_args = 1.., requires = "base_paths")]
    pub current_paths: Vec<PathBuf>,
    /// Two profiles of a run of the earlier build; what grows in it as well does not count
    #[arg(long, value_names = ["B1", "B2"], num_args = 2, requires = "current_pair")]
    #[arg(conflicts_with_all = ["base_paths", "per_profile"])]
    pub base_pair: Vec<PathBuf>,
    /// Two profiles of a run of the later build
    #[arg(long, value_names = ["C1", "C2"], num_args = 2, requires = "base_pair", conflicts_with = "current_paths")]
    pub current_pair: Vec<PathBuf>,
}

/// The arguments of the gate.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    pub sides: CheckSides,
    #[command(flatten)]
    pub fleet: FleetArgs,
    /// A third profile, taken later: what is gone again by then does not count
    #[arg(long, value_name = "FILE", conflicts_with = "base_pair")]
    pub settled: Option<PathBuf>,

    /// By how many objects a site may grow: 1000, or 5% of what it had
    #[arg(long, value_name = "LIMIT")]
    pub max_site_objects: Option<String>,
    /// By how many bytes a site may grow: 65536, 64KiB or 5%
    #[arg(long, value_name = "LIMIT")]
    pub max_site_space: Option<String>,
    /// By how many objects the heap may grow
    #[arg(long, value_name = "LIMIT")]
    pub max_total_objects: Option<String>,
    /// By how many bytes the heap may grow
    #[arg(long, value_name = "LIMIT")]
    pub max_total_space: Option<String>,
    /// Take the numbers as they are, sampling noise and all
    #[arg(long)]
    pub no_evidence: bool,
    /// What to make of data that cannot tell [default: error, which is exit code 2]
    #[arg(long, value_enum, value_name = "HOW")]
    pub inconclusive: Option<Inconclusive>,
    /// The configuration [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What sites may grow by, as --update-budget wrote it
    #[arg(long, value_name = "FILE")]
    pub budget: Option<PathBuf>,
    /// Write what sites grow by today to FILE, and check nothing
    #[arg(long, value_name = "FILE", conflicts_with = "budget")]
    pub update_budget: Option<PathBuf>,

    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    pub by: By,
    /// Compare this sample type instead of live objects and bytes, such as goroutine or alloc_space
    #[arg(long, value_name = "NAME")]
    pub sample_type: Option<String>,
    #[command(flatten)]
    pub filter: FilterArgs,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Order of the sites in json, ndjson and csv
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    pub sort: Sort,
    /// Sites in json, ndjson and csv [default: all]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub top: Option<usize>,
    /// All of them
    #[arg(long)]
    pub all: bool,

    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = CheckFormat::Table)]
    pub format: CheckFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArgs,
}

/// The arguments of the calibration.
#[derive(Debug, Args)]
pub struct CalibrateArgs {
    /// Profiles of runs in which nothing changed: files or directories
    #[arg(required = true, value_name = "PROFILE")]
    pub profiles: Vec<PathBuf>,
    /// What a site is
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    pub by: By,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The configuration [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
    /// Write to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// `--format` of the gate.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum CheckFormat {
    /// For people, at a terminal
    Table,
    /// One object
    Json,
    /// A line for each site, between a header and a summary
    Ndjson,
    /// A row for each site
    Csv,
    /// For people, on a page, such as a job's summary
    Markdown,
    /// Annotations of GitHub Actions
    Github,
    /// A test report as JUnit writes it
    Junit,
}

/// What a check reads.
pub(in crate::cli) struct CheckInputs {
    /// The earlier and the later side.
    pub(in crate::cli) sides: [Vec<PathBuf>; 2],
    /// Those of another run, whose growth is usual.
    pub(in crate::cli) usual: Option<[Vec<PathBuf>; 2]>,
}

fn given([base, current]: [PathBuf; 2]) -> SideArgs {
    SideArgs { base: Some(base), current: Some(current), base_paths: Vec::new(), current_paths: Vec::new() }
}

/// A check to make.
pub(in crate::cli) struct CheckPlan {
    pub(in crate::cli) inputs: CheckInputs,
    pub(in crate::cli) settled: Vec<PathBuf>,
    pub(in crate::cli) measure: Measure,
    pub(in crate::cli) rules: Rules,
    pub(in crate::cli) inconclusive: Inconclusive,
    pub(in crate::cli) update_budget: Option<PathBuf>,
    pub(in crate::cli) asked: Request,
    pub(in crate::cli) selection: Selection,
    pub(in crate::cli) format: Format,
    pub(in crate::cli) look: Look,
    pub(in crate::cli) output: Option<PathBuf>,
}

impl CheckPlan {
    pub(in crate::cli) fn new(args: CheckArgs) -> Result<Self> {
        let CheckSides { base, current, base_paths, current_paths, base_pair, current_pair } = args.sides;
        let sides = match (<[PathBuf; 2]>::try_from(base_pair), <[PathBuf; 2]>::try_from(current_pair)) {
            (Ok(usual), Ok(seen)) => {
                let [before, after] = seen;
                let usual = sides(given(usual), None)?;
                CheckInputs { sides: self::sides(given([before, after]), None)?, usual: Some(usual) }
            }
            _ => CheckInputs {
                sides: sides(SideArgs { base, current, base_paths, current_paths }, args.settled.as_deref())?,
                usual: None,
            },
        };
        let config = config_or_default(args.config, Some(Date::of(SystemTime::now())))?;
        let (filter, asked, own) = args.filter.read(config.own)?;
        let limit = |name: &str, text: Option<&str>, metric: Metric| {
            let parse = |text: &str| gate::Limit::parse(text, metric).with_context(|| format!("--{name}"));
            text.map(parse).transpose()
        };
        let asked_limits = Limits {
            site_objects: limit("max-site-objects", args.max_site_objects.as_deref(), Metric::Objects)?,
            site_space: limit("max-site-space", args.max_site_space.as_deref(), Metric::Space)?,
            total_objects: limit("max-total-objects", args.max_total_objects.as_deref(), Metric::Objects)?,
            total_space: limit("max-total-space", args.max_total_space.as_deref(), Metric::Space)?,
        };
        let granularity = granularity(args.by);
        let budget = args.budget.map(|path| budget::read(&path, granularity.name())).transpose()?;
        let format = if args.json { Format::Json } else { check_format(args.format) };
        let lists = match (format, args.sort) {
            (Format::Json | Format::Ndjson | Format::Csv, Sort::Space) => vec![Metric::Space],
            (Format::Json | Format::Ndjson | Format::Csv, Sort::Objects) => vec![Metric::Objects],
            _ => Vec::new(),
        };
        Ok(CheckPlan {
            inputs: sides,
            settled: args.settled.map_or_else(|| Ok(Vec::new()), |path| expand(&[path]))?,
            measure: Measure {
                granularity,
                filter,
                own,
                callers: Callers::counted_if(!lists.is_empty()),
                sample_type: args.sample_type.clone(),
                per_profile: args.fleet.per_profile,
                skip_unreadable: args.fleet.skip_unreadable,
                limit: args.read.limit(),
            },
            rules: Rules {
                limits: asked_limits.or(config.limits),
                allow: config.allow,
                budget,
                ignore_evidence: args.no_evidence,
            },
            inconclusive: args.inconclusive.or(config.inconclusive).unwrap_or(Inconclusive::Error),
            update_budget: args.update_budget,
            selection: Selection {
                lists,
                top: args.top,
                sample_type: args.sample_type.clone(),
                ..Selection::default()
            },
            asked: Request { sample_type: args.sample_type, ..asked },
            format,
            look: look(&args.look),
            output: args.look.output,
        })
    }
}

/// A calibration to make.
pub(in crate::cli) struct CalibratePlan {
    pub(in crate::cli) profiles: Vec<PathBuf>,
    pub(in crate::cli) measure: Measure,
    pub(in crate::cli) asked: Request,
    pub(in crate::cli) output: Option<PathBuf>,
}

impl CalibratePlan {
    pub(in crate::cli) fn new(args: CalibrateArgs) -> Result<Self> {
        let profiles = expand(&args.profiles)?;
        if profiles.len() < 2 {
            bail!("one profile does not vary: give at least two, of runs in which nothing changed");
        }
        let (filter, asked, own) = args.filter.read(config_or_default(args.config, None)?.own)?;
        Ok(CalibratePlan {
            profiles,
            measure: Measure {
                granularity: granularity(args.by),
                filter,
                own,
                callers: Callers::Ignored,
                sample_type: None,
                per_profile: false,
                skip_unreadable: false,
                limit: args.read.limit(),
            },
            asked,
            output: args.output,
        })
    }
}

fn check_format(format: CheckFormat) -> Format {
    match format {
        CheckFormat::Table => Format::Table,
        CheckFormat::Json => Format::Json,
        CheckFormat::Ndjson => Format::Ndjson,
        CheckFormat::Csv => Format::Csv,
        CheckFormat::Markdown => Format::Markdown,
        CheckFormat::Github => Format::Github,
        CheckFormat::Junit => Format::Junit,
    }
}
