//! Option of the commands that show sources: where they are.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

/// Where sources are.
#[derive(Debug, Args)]
pub(crate) struct SourceArgs {
    /// A folder with sources, besides the working directory
    #[arg(help_heading = "Input")]
    #[arg(long, value_name = "DIR")]
    source_root: Vec<PathBuf>,
}

impl SourceArgs {
    /// The folders that were named.
    ///
    /// # Errors
    ///
    /// One of them is not a folder.
    pub(crate) fn roots(self) -> Result<Vec<PathBuf>> {
        if let Some(root) = self.source_root.iter().find(|root| !root.is_dir()) {
            bail!("--source-root {}: expected a folder", root.display());
        }
        Ok(self.source_root)
    }
}
