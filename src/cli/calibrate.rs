//! `heapdiff calibrate`: from profiles of runs in which nothing changed, the limits that would not have failed.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::config::ConfigArgs;
use crate::cli::options::{By, FilterArgs, LoadOptions, ReadArgs, expand, refuse_overwriting};
use crate::cli::steps::{LoadedSide, Progress, load_side, print_notes, refuse_goref, unify_side_keys, write_to};
use crate::diagnose::Request;
use crate::diff::{Attribution, diff};
use crate::evidence::Evidence;
use crate::gate::{Comparison, CountedHeap, Variation};
use crate::profile::{InputFormat, MetricsPresent};
use crate::render;
use crate::site::{NameArena, Values};

/// Fewest profiles whose differences say something of the next one's.
const MIN_PROFILES: usize = 3;

pub(crate) const EXAMPLES: &str = "\
Every profile is compared with every other one. None of these pairs would have failed the suggested limits.

From ten runs of the same build:
  $ heapdiff calibrate run_*.pb.gz

Exit status: 0 limits were suggested, 2 no answer (bad usage or input).";

#[derive(Debug, Args)]
pub(crate) struct CalibrateArgs {
    /// Profiles of runs in which nothing changed: files or directories
    #[arg(required = true, value_name = "PROFILE")]
    profiles: Vec<PathBuf>,
    /// What is listed
    #[arg(help_heading = "Functions")]
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = By::Owner)]
    by: By,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    config: ConfigArgs,
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Write to FILE instead of standard output
    #[arg(help_heading = "Output")]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A calibration to make.
struct CalibratePlan {
    profiles: Vec<PathBuf>,
    load_options: LoadOptions,
    request: Request,
    output: Option<PathBuf>,
}

impl CalibratePlan {
    fn new(args: CalibrateArgs) -> Result<Self> {
        let profiles = expand(&args.profiles)?;
        if profiles.len() < MIN_PROFILES {
            bail!(
                "{} too few to show natural variation: give at least {MIN_PROFILES}, preferably ten, of runs in which \
                 nothing changed",
                if profiles.len() == 1 {
                    "1 profile is".to_owned()
                } else {
                    format!("{} profiles are", profiles.len())
                }
            );
        }
        let config = args.config.load(None)?;
        refuse_overwriting(args.output.as_deref(), profiles.iter().chain(&config.path))?;
        let (filter, request, own) = args.filter.resolve(config.own)?;
        Ok(CalibratePlan {
            profiles,
            load_options: LoadOptions::new(args.by.into(), filter, own, args.read.limit()),
            request,
            output: args.output,
        })
    }
}

pub(crate) fn run(args: CalibrateArgs) -> Result<()> {
    let plan = CalibratePlan::new(args)?;
    let progress = Progress::new(plan.profiles.iter());
    let names = NameArena::default();
    let read = |path: &PathBuf| load_side(std::slice::from_ref(path), &plan.load_options, &progress, &names);
    let mut profiles = progress.show(|| plan.profiles.iter().map(read).collect::<Result<Vec<_>>>())?;
    refuse_goref("calibrate", &profiles)?;
    unify_side_keys(&mut profiles);
    for (at, profile) in profiles.iter().enumerate() {
        let name = profile.name();
        let earlier = || profiles[..at].iter().flat_map(|known| &known.info.paths);
        if profile.info.paths.iter().any(|path| earlier().any(|known| known == path)) {
            bail!("{name} was given twice: a profile does not differ from itself");
        }
        if profile.sites.total() == Values::default() {
            bail!("{name}: nothing is alive in it");
        }
    }
    let mut variation = Variation::default();
    for base in &profiles {
        for current in profiles.iter().filter(|current| !std::ptr::eq(*current, base)) {
            let deltas = diff(&base.sites, &current.sites, Attribution::Flat);
            if deltas.counted != MetricsPresent::BOTH {
                let [base, current] = [base, current].map(LoadedSide::name);
                bail!("{base} and {current} do not both count objects and bytes");
            }
            let evidence = Evidence::new(&deltas);
            if evidence.rate().is_none() {
                let [base, current] = [base, current].map(LoadedSide::name);
                bail!("{base} and {current} were not sampled at the same rate, or do not say how often");
            }
            if (0..deltas.sites.len()).any(|site| evidence.is_unknown(site)) {
                bail!(
                    "not all samples can be counted (label bytes), so natural variation cannot be distinguished from growth"
                );
            }
            let comparison = Comparison {
                deltas: &deltas,
                evidence: &evidence,
                is_beyond_usual: false,
                is_partial: false,
                counted: CountedHeap::default(),
            };
            variation.add(comparison);
        }
    }
    print_notes(&plan.request.unmatched(profiles.iter().map(|profile| &profile.sites)));
    write_to(plan.output.as_deref(), |out| {
        let format = profiles.last().map_or(InputFormat::Pprof, |profile| profile.info.format);
        render::calibration(&variation, profiles.len(), plan.load_options.granularity, format, out)
    })
}
