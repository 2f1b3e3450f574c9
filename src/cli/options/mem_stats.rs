//! The runtime's own numbers given with two profiles.

use std::path::PathBuf;

use clap::Args;

/// `runtime.MemStats` of both sides.
#[derive(Debug, Default, Args)]
pub(crate) struct MemStatsPairArgs {
    /// The runtime's own numbers at the time of each profile, in any form that the command memstats reads; where both
    /// are exact, they say by how much the heap as a whole grew [default: those of text profiles and of a capture]
    #[arg(long = "memstats", value_names = ["BASE", "CURRENT"], num_args = 2)]
    pub(crate) files: Vec<PathBuf>,
}
