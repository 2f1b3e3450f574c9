//! The runtime's own numbers given with two profiles.

use std::path::PathBuf;

use clap::Args;

/// `runtime.MemStats` of both sides.
#[derive(Debug, Default, Args)]
pub(crate) struct MemStatsPairArgs {
    /// The runtime's own numbers for each profile, in any form that heapdiff memstats reads; where both are exact,
    /// they tell how much the whole heap grew [default: those of text profiles and of a capture]
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long = "memstats", value_names = ["BASE", "CURRENT"], num_args = 2)]
    pub(crate) files: Vec<PathBuf>,
}
