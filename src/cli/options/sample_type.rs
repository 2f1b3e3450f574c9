//! `--sample-type`: which columns are counted.

use clap::Args;

use crate::profile::SampleType;

/// Which columns are counted.
#[derive(Debug, Args)]
pub(crate) struct SampleTypeArgs {
    /// What to compare: inuse (what is alive), alloc (what was allocated), or one sample type such as goroutine
    /// [default: what the profiles mean: alloc of go test -memprofile and /debug/pprof/allocs, else inuse]
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
}

impl SampleTypeArgs {
    /// The columns that were asked for, or `default`.
    pub(crate) fn or(&self, default: SampleType) -> SampleType {
        self.sample_type.as_deref().map_or(default, SampleType::parse)
    }
}
