//! A folder without a command's name, such as that of a capture: one profile in it is shown, two are compared, and of
//! more the trend and the runtime's own numbers are one answer.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Error, Result, anyhow, bail};

use super::commands::Command;
use super::typed::{Alone, parse_as, path_at};
use crate::cli::exit::Exit;
use crate::cli::memstats::{MemStatsAnswer, MemStatsArgs};
use crate::cli::options::{OutputFormat, counted};
use crate::cli::steps::{heap_profiles, write_to};
use crate::cli::trend::{TrendAnswer, TrendArgs};
use crate::input;
use crate::render::{beside_trend_heading, quoted};

/// Snapshots that are compared; more are a series.
const MAX_COMPARED: usize = 2;

/// Runs what the folder means; `run` runs a command.
pub(super) fn run(alone: &Alone, run: impl FnOnce(Command) -> Result<Exit>) -> Result<Exit> {
    let found = heap_profiles(&alone.path, MAX_COMPARED)?;
    match found.len() {
        0 if counts_goroutines(&alone.path) => run(parse_as("trend", &alone.args)?),
        0 => run(parse_as("memstats", &alone.args)?).map_err(|error| no_profiles(error, &alone.path)),
        1 => run(parse_as("top", &with_files(alone, found))?),
        2 => run(parse_as("diff", &with_files(alone, found))?),
        _ => series(&alone.path, parse_as("trend", &alone.args)?),
    }
}

/// Whether the first file of a folder counts goroutines, which have a trend, too.
fn counts_goroutines(folder: &Path) -> bool {
    let files = input::files(folder).unwrap_or_default();
    files.first().is_some_and(|file| counted::counted(file).is_some())
}

/// The error on a folder without profiles: the folders in it, one of which may have been meant, or else `error`.
fn no_profiles(error: Error, folder: &Path) -> Error {
    let entries = folder.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    let mut inside: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    inside.sort();
    match &inside[..] {
        [] => error,
        [first, others @ ..] => anyhow!(
            "{}: no profiles in this folder, but it has {}; give one with profiles, such as {}",
            folder.display(),
            if others.is_empty() { "another folder".to_owned() } else { format!("{} folders", inside.len()) },
            quoted(&first.display().to_string())
        ),
    }
}

/// What was typed, with files instead of their folder.
fn with_files(alone: &Alone, files: Vec<PathBuf>) -> Vec<OsString> {
    let mut args = alone.args.clone();
    let last = || args.iter().rposition(|arg| alone.path.as_os_str() == arg);
    if let Some(at) = path_at(&args, &alone.path).or_else(last) {
        args.splice(at..=at, files.into_iter().map(OsString::from));
    }
    args
}

/// The trend, and what the runtime's own numbers say, if the folder has them.
fn series(folder: &Path, command: Command) -> Result<Exit> {
    let Command::Trend(args) = command else { bail!("expected the arguments of trend") };
    let args: TrendArgs = args;
    let look = args.look.clone();
    let trend = TrendAnswer::new(args)?;
    let format = trend.format();
    let mem_stats = match format {
        OutputFormat::Page(_) => None,
        format => MemStatsAnswer::new(MemStatsArgs::of_folder(folder.to_path_buf(), format, look))?
            .ok()
            .map(|answer| answer.beside_trend(trend.span())),
    };
    write_to(trend.output(), |out: &mut dyn Write| match &mem_stats {
        None => trend.write(out),
        Some(mem_stats) if format == OutputFormat::JSON => {
            trend.write(out)?;
            mem_stats.write(out)
        }
        Some(mem_stats) => {
            trend.write_answer(out)?;
            writeln!(out, "\n{}", beside_trend_heading())?;
            mem_stats.write(out)?;
            trend.write_next(&mem_stats.advice(), out)
        }
    })?;
    Ok(trend.exit())
}
