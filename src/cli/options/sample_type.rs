//! `--sample-type`: which columns are counted.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::cli::options::counted::counted_by_first;
use crate::cli::options::selection::Sort;
use crate::input;
use crate::profile::{CountedThing, SampleType};

/// Which columns are counted.
#[derive(Debug, Args)]
pub(crate) struct SampleTypeArgs {
    /// What to count: inuse (what is alive), alloc (what was allocated), or one sample type such as goroutine
    /// [default: as the profiles say: alloc for go test -memprofile and /debug/pprof/allocs, goroutine for goroutine
    /// profiles, else inuse]
    #[arg(long, value_name = "NAME", help_heading = "Input", hide_short_help = true)]
    sample_type: Option<String>,
}

impl SampleTypeArgs {
    /// The columns that were asked for, by pprof's name of a metric as well (`--sort alloc_space`), or what the profiles
    /// of `sides` mean: the first file tells whether that is a number of goroutines, unless others are of the heap.
    pub(crate) fn resolve(&self, sides: &[Vec<PathBuf>], sort: Option<Sort>) -> Result<SampleType> {
        let files = || {
            sides
                .iter()
                .flatten()
                .map(PathBuf::as_path)
                .filter(|path| path.is_file() || input::is_url(path))
                .collect::<Vec<_>>()
        };
        let typed = self.sample_type.as_deref().map(SampleType::parse);
        match (typed, sort.and_then(Sort::columns)) {
            (Some(typed), Some(sorted)) if typed != sorted => {
                let sort = sort.and_then(|sort| sort.to_possible_value());
                let sort = sort.as_ref().map_or("", |sort| sort.get_name());
                bail!(
                    "--sort {sort} contradicts --sample-type {}; expected --sort space or objects",
                    self.sample_type.as_deref().unwrap_or_default()
                );
            }
            (Some(columns), _) | (None, Some(columns)) => Ok(columns),
            (None, None) => Ok(counted_by_first(&files()).map_or(SampleType::Default, CountedThing::columns)),
        }
    }
}
