//! The two sides, and the files that paths stand for.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::input;
use crate::render;

/// The two sides.
#[derive(Debug, Clone, Args)]
pub(crate) struct SideArgs {
    /// The earlier profile: a file, - (stdin), a directory or a URL
    #[arg(required_unless_present = "base_paths", conflicts_with_all = ["base_paths", "current_paths"])]
    pub(crate) base: Option<PathBuf>,
    /// The later profile: a file, -, a directory or a URL
    pub(crate) current: Option<PathBuf>,
    /// Profiles of the earlier side, summed; instead of BASE
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long = "base", value_name = "PATH", num_args = 1.., requires = "current_paths")]
    pub(crate) base_paths: Vec<PathBuf>,
    /// Profiles of the later side, summed; instead of CURRENT
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long = "current", value_name = "PATH", num_args = 1.., requires = "base_paths")]
    pub(crate) current_paths: Vec<PathBuf>,
}

/// What to make of many profiles on a side, or of one on each.
#[derive(Debug, Args)]
pub(crate) struct FleetArgs {
    /// Divide each side by its number of profiles, to compare fleets of different size
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long)]
    pub(crate) per_profile: bool,
    /// Skip files that cannot be read, with a warning for each
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long)]
    pub(crate) skip_unreadable: bool,
    /// Assume that both profiles are of one process, even if they are too small to show it
    #[arg(help_heading = "Input", hide_short_help = true)]
    #[arg(long)]
    pub(crate) same_process: bool,
}

impl SideArgs {
    /// The only profile, if one alone was given.
    pub(crate) fn alone(&self) -> Option<PathBuf> {
        self.base.clone().filter(|_| self.current.is_none() && self.current_paths.is_empty())
    }

    /// The files of both sides. `settled`: a third profile that is read as well. Fails if a path
    /// cannot be listed, or standard input is given twice.
    pub(crate) fn resolve(self, settled: Option<&Path>) -> Result<[Vec<PathBuf>; 2]> {
        if self.current.is_none() && self.current_paths.is_empty() {
            bail!("expected two profiles, BASE and CURRENT");
        }
        let paths = |one: Option<PathBuf>, many: Vec<PathBuf>| if many.is_empty() { Vec::from_iter(one) } else { many };
        let [base, current] = [paths(self.base, self.base_paths), paths(self.current, self.current_paths)];
        refuse_stdin_twice(base.iter().chain(&current).map(PathBuf::as_path).chain(settled))?;
        let sides = [expand(&base)?, expand(&current)?];
        let settled = settled.map(|path| expand(&[path.to_path_buf()])).transpose()?.unwrap_or_default();
        let [base, current] = &sides;
        refuse_one_moment(base, current)?;
        refuse_one_moment(current, &settled)?;
        Ok(sides)
    }
}

/// Fails if a URL is on both sides: a running program has no past, and answers both with what it has now.
fn refuse_one_moment(before: &[PathBuf], after: &[PathBuf]) -> Result<()> {
    let Some(url) = before.iter().find(|url| after.iter().any(|other| input::is_same_profile(url, other))) else {
        return Ok(());
    };
    bail!("{}", render::one_moment(&input::shown(url)))
}

/// Fails if standard input is given twice.
pub(crate) fn refuse_stdin_twice<'p>(paths: impl Iterator<Item = &'p Path>) -> Result<()> {
    if paths.filter(|path| *path == Path::new(input::STDIN)).count() > 1 {
        bail!("standard input (-) can be read only once; give the other profile as a file");
    }
    Ok(())
}

/// The files that the paths stand for.
pub(crate) fn expand(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    Ok(listed(paths)?.into_iter().map(|(path, _)| path).collect())
}

/// The files that the paths stand for, each with whether it was found in a folder rather than named.
pub(crate) fn listed(paths: &[PathBuf]) -> Result<Vec<(PathBuf, bool)>> {
    let mut files = Vec::new();
    for path in paths {
        let found = input::files(path).with_context(|| input::shown(path))?;
        let is_folder = path.is_dir();
        files.extend(found.into_iter().map(|file| (file, is_folder)));
    }
    Ok(files)
}
