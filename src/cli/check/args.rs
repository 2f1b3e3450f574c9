//! What can be typed for `heapdiff check`, and the plan made of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::check::budget;
use crate::cli::check::limit_args::LimitArgs;
use crate::cli::check::settings::Settings;
use crate::cli::options::config::{ConfigArgs, name_from_here};
use crate::cli::options::{
    Allowances, By, Collect, CompanionArgs, Companions, Date, DetailArgs, FilterArgs, FleetArgs, Inconclusive,
    LoadOptions, LookArgs, MemStatsPairArgs, OutputFormat, ReadArgs, RenameArgs, ReportFile, SampleTypeArgs, SideArgs,
    Sort, WorkArgs, expand, format, refuse_overwriting, refuse_stdin_twice,
};
use crate::cli::steps::Outputs;
use crate::diagnose::Request;
use crate::diff::Metric;
use crate::gate::Rules;
use crate::profile::SampleType;
use crate::render::Format;
use crate::report::{Selection, UsedConfig};
use crate::site::Granularity;

pub(crate) const EXAMPLES: &str = "\
Without limits of your own, a function fails when it grows in objects and even the lower bound of its growth (95 %) \
exceeds both 64 KiB and 5 % of what it had; the whole heap fails when its lower bound exceeds 1 MiB and 15 %. Your own limits are \
compared with the lower bound too, and the report says how much growth can go unnoticed. Several runs of each build \
make the check sharper: with three or more, a function must grow by more than it varies from run to run.

Fail a build on growth that is real:
  $ heapdiff check base.pb.gz current.pb.gz
  $ heapdiff check --format github --report junit=heap.xml base.pb.gz current.pb.gz
  $ heapdiff check --bench old.txt new.txt old.pb.gz new.pb.gz

Set limits:
  $ heapdiff check --max-site-objects 1000 --max-total-space 5% base.pb.gz current.pb.gz
  $ heapdiff check --must-see 256KiB base.pb.gz current.pb.gz

Several runs of each build, with one profile or two of each:
  $ heapdiff check --per-profile --base old_*.pb.gz --current new_*.pb.gz
  $ heapdiff check --base-pair a1 b1 --base-pair a2 b2 --current-pair c1 d1 --current-pair c2 d2

Accept today's growth, and fail what exceeds it:
  $ heapdiff check --update-budget heap-budget.toml base.pb.gz current.pb.gz
  $ heapdiff check --budget heap-budget.toml base.pb.gz current.pb.gz

Exit status: 0 every limit holds, 1 one is exceeded, 2 no answer (bad usage or input, or the data cannot tell \
and --inconclusive does not say otherwise).";

/// The sides of the gate: two profiles, or two pairs.
#[derive(Debug, Args)]
pub(crate) struct CheckSides {
    /// The earlier profile: a file, - (stdin), a directory or a URL
    #[arg(required_unless_present_any = ["base_paths", "base_pair", "current_paths", "current_pair"])]
    #[arg(conflicts_with_all = ["base_paths", "current_paths", "base_pair", "current_pair"])]
    base: Option<PathBuf>,
    /// The later profile: a file, -, a directory or a URL
    #[arg(required_unless_present_any = ["base_paths", "base_pair", "current_paths", "current_pair"])]
    current: Option<PathBuf>,
    /// Profiles of the earlier side, summed; instead of BASE
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long = "base", value_name = "PATH", num_args = 1.., requires = "current_paths")]
    base_paths: Vec<PathBuf>,
    /// Profiles of the later side, summed; instead of CURRENT
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long = "current", value_name = "PATH", num_args = 1.., requires = "base_paths")]
    current_paths: Vec<PathBuf>,
    /// Two profiles of one run of the earlier build: growth that also happens there does not count. Repeat it for several
    /// runs; numbers and limits are then per run
    #[arg(help_heading = "Input")]
    #[arg(long, value_names = ["B1", "B2"], num_args = 2, requires = "current_pair")]
    #[arg(conflicts_with_all = ["base_paths", "per_profile", "bench", "normalize"])]
    base_pair: Vec<PathBuf>,
    /// Two profiles of one run of the later build; may be repeated
    #[arg(help_heading = "Input")]
    #[arg(long, value_names = ["C1", "C2"], num_args = 2, requires = "base_pair", conflicts_with = "current_paths")]
    current_pair: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    sides: CheckSides,
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    work: WorkArgs,
    #[command(flatten)]
    renames: RenameArgs,
    /// A third, later profile: growth that is gone by then does not count
    #[arg(help_heading = "Input")]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["base_pair", "bench", "normalize"])]
    settled: Option<PathBuf>,
    #[command(flatten)]
    mem_stats: MemStatsPairArgs,

    #[command(flatten)]
    limits: LimitArgs,
    /// Compare the plain numbers, ignoring sampling noise
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long)]
    no_evidence: bool,
    /// Be inconclusive where a limit may be exceeded; reject allowances that have ended or match nothing, and lines of a
    /// budget without a reason
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long)]
    strict: bool,
    /// What to do where the data cannot tell [default: error, which is exit status 2]
    #[arg(help_heading = "Limits")]
    #[arg(long, value_enum, value_name = "HOW")]
    inconclusive: Option<Inconclusive>,
    #[command(flatten)]
    config: ConfigArgs,
    /// What each function may grow by, from a file that --update-budget wrote
    #[arg(help_heading = "Limits")]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["bench", "normalize"])]
    budget: Option<PathBuf>,
    /// Write the growth of each function to FILE, and check nothing; entries of FILE that still hold are kept
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["budget", "bench", "normalize"])]
    update_budget: Option<PathBuf>,
    /// Remove entries that are no longer needed from the budget
    #[arg(help_heading = "Limits", hide_short_help = true)]
    #[arg(long, requires = "update_budget")]
    tighten: bool,

    /// What is listed
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    #[command(flatten)]
    sample_type: SampleTypeArgs,
    #[command(flatten)]
    companions: CompanionArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Order of the functions in JSON, NDJSON and CSV
    #[arg(help_heading = "Functions", hide_short_help = true)]
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    sort: Sort,
    /// Functions in JSON, NDJSON and CSV [default: all]
    #[arg(help_heading = "Functions", hide_short_help = true)]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    top: Option<usize>,
    /// List every function
    #[arg(help_heading = "Functions", hide_short_help = true)]
    #[arg(long)]
    all: bool,

    /// Output format [default: by the ending of FILE, else table]
    #[arg(help_heading = "Output")]
    #[arg(long, value_name = "FORMAT", value_parser = format::one_of(format::OF_CHECK))]
    format: Option<OutputFormat>,
    /// Same as --format json
    #[arg(help_heading = "Output")]
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to FILE as well, in one of these formats; may be repeated. markdown=$GITHUB_STEP_SUMMARY is appended
    #[arg(help_heading = "Output")]
    #[arg(long = "report", value_name = "FORMAT=FILE", value_parser = report_file, conflicts_with = "update_budget")]
    reports: Vec<ReportFile>,
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
    /// Whether a build has several pairs, each of one run; numbers are then per run.
    pub(crate) has_several_pairs: bool,
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
    pub(crate) sort: Metric,
    pub(crate) top: Option<usize>,
}

impl CheckSides {
    /// The paths as typed.
    fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        let CheckSides { base, current, base_paths, current_paths, base_pair, current_pair } = self;
        let lists = [base_paths, current_paths, base_pair, current_pair];
        [base, current].into_iter().flatten().chain(lists.into_iter().flatten())
    }

    /// The files of both sides, and those of the runs whose growth is usual.
    fn resolve(self, settled: Option<&Path>) -> Result<(Sides, Option<Sides>)> {
        let CheckSides { base, current, base_paths, current_paths, base_pair, current_pair } = self;
        if base_pair.is_empty() {
            return Ok((SideArgs { base, current, base_paths, current_paths }.resolve(settled)?, None));
        }
        let all = base_pair.iter().chain(&current_pair);
        refuse_stdin_twice(all.clone().map(PathBuf::as_path))?;
        if base_pair.len().max(current_pair.len()) > 2 {
            refuse_dependent_pairs(all)?;
        }
        Ok((pair_sides(&current_pair)?, Some(pair_sides(&base_pair)?)))
    }
}

/// Fails if a folder is in a pair, or a file in two, so that a run would count twice.
fn refuse_dependent_pairs<'p>(paths: impl Iterator<Item = &'p PathBuf>) -> Result<()> {
    let mut known = HashSet::new();
    for path in paths {
        if path.is_dir() {
            bail!("{}: a folder cannot be part of several pairs: give each run as two files", path.display());
        }
        if path.canonicalize().is_ok_and(|file| path.is_file() && !known.insert(file)) {
            bail!("{}: the same file twice in several pairs: each run counts once", path.display());
        }
    }
    Ok(())
}

/// The first and the second profiles of pairs, in the order of the pairs.
fn pair_sides(pairs: &[PathBuf]) -> Result<Sides> {
    let side = |at: usize| expand(&pairs.iter().skip(at).step_by(2).cloned().collect::<Vec<_>>());
    Ok([side(0)?, side(1)?])
}

fn report_file(text: &str) -> Result<ReportFile> {
    ReportFile::parse(text, format::OF_CHECK)
}

impl CheckArgs {
    /// Whether a report is made, rather than a budget.
    pub(crate) fn reports(&self) -> bool {
        self.update_budget.is_none()
    }

    /// The outputs. Fails as [`Outputs::new`] does, and if the format cannot be written; then `--output` is left as it is:
    /// it is no report.
    pub(crate) fn outputs(&self) -> (Outputs, Result<()>) {
        let format = format::chosen(self.format, self.json, self.look.output.as_deref(), format::OF_CHECK)
            .and_then(OutputFormat::of_report);
        let inputs: Vec<_> = self.inputs().cloned().chain(self.config.path()).collect();
        let known = *format.as_ref().unwrap_or(&Format::Table);
        let outputs = |look: &LookArgs| Outputs::new(known, look, &self.details, &self.reports, &inputs);
        let (fitting, fit) = outputs(&self.look);
        match format {
            Ok(_) => (fitting, fit),
            Err(error) => (outputs(&LookArgs { output: None, ..self.look }).0, fit.and(Err(error))),
        }
    }

    /// Fails if the budget to write is an input.
    pub(crate) fn refuse_overwriting(&self) -> Result<()> {
        let config = self.config.path();
        refuse_overwriting(self.update_budget.as_deref(), self.inputs().chain(&config))
    }

    /// The paths of everything to read, as typed.
    fn inputs(&self) -> impl Iterator<Item = &PathBuf> {
        let files = [&self.settled, &self.budget];
        // Of a folder, companions are only those files that are profiles.
        let companions = self.companions.paths().filter(|path| !path.is_dir());
        let others =
            files.into_iter().flatten().chain(&self.mem_stats.files).chain(self.work.outputs()).chain(companions);
        self.sides.paths().chain(others)
    }
}

impl CheckPlan {
    /// Fails if the arguments make no sense, or a configuration or budget cannot be read.
    pub(crate) fn new(args: CheckArgs, outputs: &Outputs) -> Result<Self> {
        let (sides, usual) = args.sides.resolve(args.settled.as_deref())?;
        let pairs = [&sides].into_iter().chain(&usual).map(|[first, _]| first.len()).filter(|_| usual.is_some());
        let has_several_pairs = pairs.max().is_some_and(|most| most > 1);
        if has_several_pairs && args.fleet.skip_unreadable {
            bail!("--skip-unreadable cannot be used with several pairs, as each needs both of its profiles");
        }
        let allowances = Allowances { today: Date::at(SystemTime::now()) };
        let config = args.config.load(Some(allowances))?;
        let (filter, request, own) = args.filter.resolve(config.own)?;
        let renames = args.renames.resolve(config.rename)?;
        let mut settings = Settings::default();
        let rules = Rules {
            limits: settings.choose_limits(args.limits.read()?, config.limits),
            total_tolerance: settings.choose("total-tolerance", args.limits.total_tolerance()?, config.total_tolerance),
            must_see: settings.choose("must-see", args.limits.must_see.map(i128::from), config.must_see),
            ignore_evidence: settings.choose_flag("no-evidence", args.no_evidence, false),
            is_strict: settings.choose_flag("strict", args.strict, config.is_strict),
            ..Rules::default()
        };
        let inconclusive = settings.inconclusive(args.inconclusive, config.inconclusive);
        let granularity = Granularity::from(args.by);
        // A pipe that has the name of a budget is refused before it is written to, other than /dev/null.
        let known_budget = args
            .budget
            .as_ref()
            .or(args.update_budget.as_ref().filter(|path| path.exists() && !path.starts_with("/dev")));
        let budget = known_budget.map(|path| budget::read(path, granularity.name())).transpose()?;
        let path = |path: &PathBuf| path.display().to_string();
        let used = UsedConfig {
            path: config.path.as_ref().map(path),
            name: config.path.as_deref().map(name_from_here),
            budget: args.budget.as_ref().map(path),
            is_filtered: !request.filters.is_empty(),
            suggested_until: None,
            settings: settings.into_used(),
        };
        let sample_type = args.sample_type.resolve(&sides, Some(args.sort))?;
        let (work, sample_type) = args.work.resolve(&sides, sample_type)?;
        let is_sample_type_default = sample_type == SampleType::Default;
        let named = sample_type.name().map(str::to_owned);
        let load_options = LoadOptions {
            collect: Collect { cumulative: !outputs.formats().all(Format::is_for_people), stacks: false, runs: true },
            sample_type,
            per_profile: args.fleet.per_profile || has_several_pairs,
            skip_unreadable: args.fleet.skip_unreadable,
            same_process: args.fleet.same_process,
            renames,
            work,
            ..LoadOptions::new(granularity, filter, own, args.read.limit())
        };
        let connection = args.read.connection();
        Ok(CheckPlan {
            sides,
            usual,
            has_several_pairs,
            settled: expand(args.settled.as_slice())?,
            mem_stats: args.mem_stats.files,
            load_options,
            companions: args.companions.resolve()?,
            rules: Rules { allow: config.allow, budget, ..rules },
            inconclusive,
            update_budget: args.update_budget,
            sort: args.sort.into(),
            top: args.top,
            request: Request { sample_type: named, is_sample_type_default, connection, ..request },
            tighten: args.tighten,
            config: used,
        })
    }

    /// The sites that a report lists: people see what grows too much, programs all.
    pub(crate) fn selection(&self, is_for_people: bool) -> Selection {
        let sample_type = self.request.sample_type.clone();
        let sort = (!is_for_people).then_some(self.sort);
        Selection { folds_runtime: is_for_people, sort, top: self.top, sample_type, ..Selection::default() }
    }
}
