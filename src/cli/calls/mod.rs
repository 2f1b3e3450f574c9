//! What the commands on stacks have in common: two sides, read with their stacks.

mod flame;
mod page;
mod report;

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

pub use flame::FlameArgs;
pub(super) use flame::{EXAMPLES as FLAME_EXAMPLES, run_flame};
pub(super) use page::{LEAST, PageKind, kind};
pub(super) use report::EXAMPLES as REPORT_EXAMPLES;
pub use report::ReportArgs;

use crate::cli::args::{FleetArgs, ReadArgs, SideArgs};
use crate::cli::filters::FilterArgs;
use crate::cli::plan::{Callers, Measure, config_or_default, sides};
use crate::cli::progress::Progress;
use crate::cli::run::both;
use crate::cli::side::{Added, add_up};
use crate::report::Asked;
use crate::site::{Granularity, align};

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
        let (base, current) = progress.show(|| both(|| read(&self.base), || read(&self.current)));
        let (mut base, mut current) = (base?, current?);
        align(&mut [&mut base.sites, &mut current.sites]);
        Ok([base, current])
    }
}
