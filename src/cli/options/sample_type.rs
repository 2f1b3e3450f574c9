//! `--sample-type`: which columns are counted.

use std::path::PathBuf;

use clap::Args;

use crate::cli::options::counted::counted;
use crate::profile::{CountedThing, SampleType};

/// Which columns are counted.
#[derive(Debug, Args)]
pub(crate) struct SampleTypeArgs {
    /// What to compare: inuse (what is alive), alloc (what was allocated), or one sample type such as goroutine
    /// [default: what the profiles mean: alloc of go test -memprofile and /debug/pprof/allocs, goroutine of goroutine
    /// profiles, else inuse]
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
}

impl SampleTypeArgs {
    /// The columns that were asked for, or what the profiles of `sides` mean: the first file tells whether that is a
    /// number of goroutines.
    pub(crate) fn resolve(&self, sides: &[Vec<PathBuf>; 2]) -> SampleType {
        let first = || sides.iter().filter_map(|paths| paths.first()).find(|path| path.is_file());
        match self.sample_type.as_deref() {
            Some(typed) => SampleType::parse(typed),
            None => first().and_then(|path| counted(path)).map_or(SampleType::Default, CountedThing::columns),
        }
    }
}
