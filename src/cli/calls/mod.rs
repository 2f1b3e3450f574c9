//! What the commands on stacks have in common: two sides, read with their stacks.

mod flame;
mod list;
mod page;
mod peek;
mod report;
mod sources;
mod stacks;

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
pub(super) use flame::{EXAMPLES as FLAME_EXAMPLES, FlameArgs, run_flame};
pub(super) use list::{EXAMPLES as LIST_EXAMPLES, ListArgs, run_list};
pub(super) use page::{LEAST, PageKind, kind};
pub(super) use peek::{EXAMPLES as PEEK_EXAMPLES, PeekArgs, run_peek};
use regex::bytes::Regex;
pub(super) use report::{EXAMPLES as REPORT_EXAMPLES, ReportArgs};
pub(super) use stacks::{EXAMPLES as STACKS_EXAMPLES, StacksArgs, run_stacks};

use crate::cli::Exit;
use crate::cli::args::{DEFAULT_TOP, FleetArgs, LookArgs, ReadArgs, SideArgs, Sort};
use crate::cli::filters::FilterArgs;
use crate::cli::plan::{Callers, Measure, config_or_default, look, sides};
use crate::cli::progress::Progress;
use crate::cli::run::{both, calls, compare as compare_sides};
use crate::cli::series::SeriesFormat;
use crate::cli::side::{Added, add_up};
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::rank::rank;
use crate::render::{Look, plain};
use crate::report::{Asked, CallsReport, Selection, notes, report};
use crate::site::{self, Granularity, unify_line_keys};

/// Which profiles to compare, and what of them.
#[derive(Debug, Args)]
pub struct CallsArgs {
    #[command(flatten)]
    pub sides: SideArgs,
    #[command(flatten)]
    pub fleet: FleetArgs,
    /// Compare this sample type instead of live objects and bytes, such as goroutine or alloc_space
    #[arg(long, value_name = "NAME")]
    pub sample_type: Option<String>,
    #[command(flatten)]
    pub filter: FilterArgs,
    /// The configuration, for its own [default: heapdiff.toml here or in the nearest folder above]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub read: ReadArgs,
}

/// Two sides to read with their stacks.
pub(super) struct CallsPlan {
    pub(super) base: Vec<PathBuf>,
    pub(super) current: Vec<PathBuf>,
    pub(super) measure: Measure,
    pub(super) asked: Asked,
}

impl CallsPlan {
    pub(super) fn new(args: CallsArgs) -> Result<Self> {
        let [base, current] = sides(args.sides, None)?;
        let (filter, asked, own) = args.filter.read(config_or_default(args.config, None)?.own)?;
        Ok(CallsPlan {
            base,
            current,
            measure: Measure {
                granularity: Granularity::Lines,
                filter,
                own,
                callers: Callers::Kept,
                sample_type: args.sample_type.clone(),
                per_profile: args.fleet.per_profile,
                skip_unreadable: args.fleet.skip_unreadable,
                limit: args.read.limit(),
            },
            asked: Asked { sample_type: args.sample_type, ..asked },
        })
    }

    /// Reads both sides, with progress on a terminal.
    pub(super) fn read(&self) -> Result<[Added<'static>; 2]> {
        let progress = Progress::of(self.base.iter().chain(&self.current));
        let read = |paths: &[PathBuf]| add_up(paths, &self.measure, &progress);
        let (base, current) = progress.show(|| both(progress.is_short(), || read(&self.base), || read(&self.current)));
        let (mut base, mut current) = (base?, current?);
        unify_line_keys(&mut [&mut base.sites, &mut current.sites]);
        Ok([base, current])
    }
}

/// How much is shown, and how.
#[derive(Debug, Args)]
pub struct PickArgs {
    /// Which metric decides the order
    #[arg(long, value_enum, value_name = "METRIC", default_value_t = Sort::Space)]
    pub sort: Sort,
    /// At most so many [default: 20, in json all]
    #[arg(long, value_name = "N", conflicts_with = "all")]
    pub top: Option<usize>,
    /// All of them
    #[arg(long)]
    pub all: bool,
    /// Format of the output
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = SeriesFormat::Table)]
    pub format: SeriesFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    #[command(flatten)]
    pub look: LookArgs,
}

/// The same, as it is needed.
struct Picked {
    sort: Metric,
    top: Option<usize>,
    all: bool,
    json: bool,
    look: Look,
    output: Option<PathBuf>,
}

impl Picked {
    fn new(args: PickArgs) -> Self {
        let json = args.json || matches!(args.format, SeriesFormat::Json);
        Picked {
            sort: match args.sort {
                Sort::Space => Metric::Space,
                Sort::Objects => Metric::Objects,
            },
            top: args.top.or((!json && !args.all).then_some(DEFAULT_TOP)),
            all: args.all,
            json,
            look: look(&args.look),
            output: args.look.output,
        }
    }

    /// How many callers and callees of a function are shown.
    fn calls(&self) -> usize {
        self.top.unwrap_or(usize::MAX)
    }

    /// Leaves as many as are shown, and tells how many that are not.
    fn cut<T>(&self, items: &mut Vec<T>) -> usize {
        let all = items.len();
        items.truncate(self.top.unwrap_or(all));
        all - items.len()
    }
}

/// The regular expression that was typed.
fn pattern(text: &str) -> Result<Regex> {
    site::compile_regex(text).context("RE is no regular expression")
}

/// The functions that match; of those that may have been meant the error tells.
fn matching(of: &CallsReport<'_, '_>, pattern: &Regex, typed: &str) -> Result<Vec<u32>> {
    /// So many are suggested.
    const FEW: usize = 5;
    let found = of.calls.matching(pattern);
    if !found.is_empty() {
        return Ok(found);
    }
    let near: Vec<_> = of.calls.near(typed, of.sort, FEW).iter().map(|name| format!("\n  {}", plain(name))).collect();
    match near.is_empty() {
        true if of.calls.functions.is_empty() => {
            bail!("no function matches {typed}: no memory is alive on either side")
        }
        true => bail!("no function on a live stack matches {typed}"),
        false => bail!("no function on a live stack matches {typed}; there are{}", near.concat()),
    }
}

/// Compares both sides, and hands over the comparison and what is common to all reports on stacks.
fn compared(
    plan: &CallsPlan,
    sort: Metric,
    tell: &mut dyn FnMut(&Deltas<'_, 'static>, &Evidence, CallsReport<'_, 'static>) -> Result<Exit>,
) -> Result<Exit> {
    let [base, current] = plan.read()?;
    let deltas = compare_sides(&base.sites, &current.sites, Attribution::Flat)?;
    let calls = calls(&deltas)?;
    let evidence = Evidence::new(&deltas);
    let sides = [base.side, current.side];
    let notes = notes(sides.each_ref(), &deltas, &evidence, &plan.asked);
    let selection = Selection { sample_type: plan.measure.sample_type.clone(), ..Selection::default() };
    let comparison = report(sides, &rank(&deltas, Some(0)), &evidence, None, notes, &selection);
    // A metric that only one side has is none to sort by.
    let sort = if deltas.counts(sort) { sort } else { comparison.metrics.first().map_or(sort, |column| column.metric) };
    tell(&deltas, &evidence, CallsReport { comparison, calls: &calls, sort, omitted: 0 })
}
