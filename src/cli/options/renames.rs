//! Options on functions that have other names on the two sides.

use anyhow::{Context, Result};
use clap::Args;

use crate::matching::ToldRename;

/// What is taken for one function under two names.
#[derive(Debug, Default, Args)]
pub(crate) struct RenameArgs {
    /// Do not look for functions that were renamed, moved or split between two builds
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long)]
    no_renames: bool,
    /// Treat a function or package as renamed: main.load=main.read, or example.com/a/...=example.com/b/... for
    /// everything below it
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "OLD=NEW")]
    rename: Vec<String>,
}

/// Which functions of two builds are matched, though their names differ.
#[derive(Debug, Clone, Default)]
pub(crate) struct RenameOptions {
    /// Whether to look for them.
    pub(crate) by_evidence: bool,
    /// Those that the user says.
    pub(crate) told: Vec<ToldRename>,
    /// How many of these were typed: they are the first.
    pub(crate) typed: usize,
}

impl RenameArgs {
    /// Parses the renames that were typed; those of the configuration follow.
    pub(crate) fn resolve(self, configured: Vec<ToldRename>) -> Result<RenameOptions> {
        let count = self.rename.len();
        let typed = self.rename.iter().map(|text| ToldRename::parse(text).context("--rename"));
        let told = typed.chain(configured.into_iter().map(Ok)).collect::<Result<_>>()?;
        Ok(RenameOptions { by_evidence: !self.no_renames, told, typed: count })
    }
}
