//! `--bench` and `--normalize`: how sides that did different amounts of work compare.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use crate::input;
use crate::profile::SampleType;

/// How sides that did different amounts of work compare.
#[derive(Debug, Args)]
pub(crate) struct WorkArgs {
    /// What go test -bench printed for each of the two profiles (-memprofile, one benchmark each): numbers are then per
    /// operation; -benchtime 200x -benchmem makes them exact
    #[arg(help_heading = "Input")]
    #[arg(long, value_names = ["OLD", "NEW"], num_args = 2, conflicts_with_all = ["normalize", "per_profile"])]
    bench: Vec<PathBuf>,
    /// Scale the later side so that its totals are the base's, as pprof -normalize does: growth is
    /// then that of a function's share
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, conflicts_with = "per_profile")]
    normalize: bool,
}

/// What the work of the sides is compared by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Work {
    /// Nothing: numbers are as they are.
    #[default]
    AsItIs,
    /// Operations of a benchmark, by the outputs of `go test -bench` of base and current side.
    Benchmark([PathBuf; 2]),
    /// All that the side has.
    Total,
}

impl WorkArgs {
    /// The outputs of `go test -bench`.
    pub(crate) fn outputs(&self) -> &[PathBuf] {
        &self.bench
    }

    /// Checks what was typed. `sides`: the profiles. Fails if a benchmark is divided by that counts nothing allocated, or
    /// standard input is read twice.
    pub(crate) fn resolve(self, sides: &[Vec<PathBuf>; 2], sample_type: SampleType) -> Result<(Work, SampleType)> {
        let WorkArgs { bench, normalize } = self;
        let Ok(outputs) = <[PathBuf; 2]>::try_from(bench) else {
            return Ok((if normalize { Work::Total } else { Work::AsItIs }, sample_type));
        };
        let is_stdin = |path: &&PathBuf| path.as_path() == Path::new(input::STDIN);
        if outputs.iter().chain(sides.iter().flatten()).filter(is_stdin).count() > 1 {
            bail!("standard input (-) can be read only once; give the other input as a file");
        }
        let sample_type = match sample_type {
            SampleType::Default => SampleType::Allocated,
            SampleType::Live | SampleType::Freed | SampleType::Goroutines => {
                bail!("--bench counts what was allocated, not what is alive: expected --sample-type alloc")
            }
            allocated => allocated,
        };
        Ok((Work::Benchmark(outputs), sample_type))
    }
}
