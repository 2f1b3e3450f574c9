//! Goroutine and threadcreate profiles given with the heap profiles, or found beside them.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::cli::options::sides::expand;

/// Profiles taken along with the heap.
#[derive(Debug, Default, Args)]
pub(crate) struct CompanionArgs {
    /// Goroutine profiles taken at the same times, or a folder of them: protobuf or text (debug=1, debug=2) [default:
    /// those beside the heap profiles, such as goroutine_01.pb.gz beside heap_01.pb.gz]
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    goroutines: Vec<PathBuf>,
    /// Threadcreate profiles taken at the same times, or a folder of them: the first is compared with the last
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long, value_name = "PATH", num_args = 1..)]
    threads: Vec<PathBuf>,
}

/// Companion profiles to read.
#[derive(Default)]
pub(crate) struct Companions {
    pub(crate) goroutines: CompanionFiles,
    pub(crate) threads: CompanionFiles,
    /// Whether goroutine profiles are looked for beside the heap profiles if none were named.
    pub(crate) are_found: bool,
}

/// Companion profiles of one kind: none, or at least two.
#[derive(Default)]
pub(crate) struct CompanionFiles {
    pub(crate) paths: Vec<PathBuf>,
    /// Whether they were found in a folder, which may hold other files as well.
    pub(crate) is_folder: bool,
}

impl CompanionArgs {
    /// The paths as typed.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.goroutines.iter().chain(&self.threads)
    }

    /// Finds the files. Fails if a path cannot be listed, or there is only one profile of a kind.
    pub(crate) fn resolve(self) -> Result<Companions> {
        let files = |typed: Vec<PathBuf>, option: &str| {
            let paths = expand(&typed)?;
            if paths.len() == 1 {
                bail!("--{option} takes two profiles: one for the base, and one for the current profile");
            }
            Ok(CompanionFiles { paths, is_folder: typed.iter().any(|path| path.is_dir()) })
        };
        Ok(Companions {
            goroutines: files(self.goroutines, "goroutines")?,
            threads: files(self.threads, "threads")?,
            are_found: true,
        })
    }
}
