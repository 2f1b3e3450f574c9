//! The runtime's own numbers of two sides: those that were given with them, or of the capture that both are in.

use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};

use crate::cli::steps::captured::{CapturedRound, capture_of, capture_of_files};
use crate::cli::steps::{LoadedSide, Progress, read_mem_stats};
use crate::input;
use crate::profile::MemStats;
use crate::series::assess;

/// Texts of a capture that are read.
const MAX_TEXTS: usize = 9;

/// Gives each side the `runtime.MemStats` of its file. Without files, sides of one capture get those of its texts if all
/// is there, and others keep what they have. `files`: of the base and of the current side, or none.
pub(crate) fn add_mem_stats(sides: [&mut LoadedSide<'_>; 2], files: &[PathBuf], progress: &Progress) -> Result<()> {
    let given = match files {
        [] => sides.iter().all(|side| side.last_mem_stats.is_none()).then(|| of_capture(&sides, progress)).flatten(),
        files => Some(read(&sides, files, progress)?),
    };
    for (side, stats) in sides.into_iter().zip(given.into_iter().flatten()) {
        side.last_mem_stats = Some(stats);
    }
    Ok(())
}

fn read(sides: &[&mut LoadedSide<'_>; 2], files: &[PathBuf], progress: &Progress) -> Result<Vec<MemStats>> {
    if let Some(side) = sides.iter().find(|side| side.info.inputs.len() > 1) {
        bail!(
            "--memstats describes one process, and {} is one of {} profiles of its side",
            side.name(),
            side.info.inputs.len()
        );
    }
    let last = |path: &PathBuf| {
        let name = input::shown(path);
        let found = read_mem_stats(path, progress).with_context(|| name.clone())?;
        let snapshots = found.map_err(|error| Error::new(error).context(name.clone()))?;
        snapshots.into_iter().next_back().with_context(|| format!("{name}: no snapshot"))
    };
    files.iter().map(last).collect()
}

/// The numbers in the texts that were taken along with both profiles, unless those of the snapshots from the one to the
/// other show that they are not exact: two alone may agree by chance.
fn of_capture([base, current]: &[&mut LoadedSide<'_>; 2], progress: &Progress) -> Option<Vec<MemStats>> {
    // An error comes up again when the sides are compared.
    let snapshots = capture_of([&base.info, &current.info]).ok()??.snapshots;
    let of_side = |side: &LoadedSide<'_>| position(&snapshots, side.info.paths.first()?);
    let (first, last) = (of_side(base)?, of_side(current)?);
    let steps = last.checked_sub(first)?.clamp(1, MAX_TEXTS - 1);
    let folder = base.info.paths.first()?.parent()?;
    let texts = (0..=steps).map(|step| text_in(folder, &snapshots[first + (last - first) * step / steps]));
    let all = texts.map(|text| read_mem_stats(&text?, progress).ok()?.ok()?.into_iter().next_back());
    let all = all.collect::<Option<Vec<_>>>()?;
    let is_exact = assess(&all).exact_course().is_some();
    is_exact.then(|| all.first().cloned().into_iter().chain(all.last().cloned()).collect())
}

/// The numbers in the texts that were taken along with the profiles of a series, where all are of one capture and have one;
/// else none.
pub(crate) fn mem_stats_of_series(paths: &[PathBuf], progress: &Progress) -> Vec<MemStats> {
    let of_capture = || {
        let (first, last) = (paths.first()?, paths.last()?);
        let snapshots = capture_of_files([first, last]).ok()??.snapshots;
        let folder = first.parent()?;
        let of_path = |path: &PathBuf| {
            let snapshot = position(&snapshots, path).filter(|_| path.parent() == Some(folder))?;
            read_mem_stats(&text_in(folder, &snapshots[snapshot])?, progress).ok()?.ok()?.into_iter().next_back()
        };
        paths.iter().map(of_path).collect::<Option<Vec<_>>>()
    };
    of_capture().unwrap_or_default()
}

/// Which snapshot a file is of.
fn position(snapshots: &[CapturedRound], path: &Path) -> Option<usize> {
    snapshots.iter().position(|snapshot| snapshot.files.iter().any(|file| path.ends_with(&file.file)))
}

/// The text of a snapshot, if it is there.
fn text_in(folder: &Path, snapshot: &CapturedRound) -> Option<PathBuf> {
    let text = &snapshot.files.iter().find(|file| file.profile == "heap_text")?.file;
    // A name, and no path elsewhere.
    let text = folder.join(Some(text).filter(|name| !name.contains(['/', '\\']))?);
    // Texts are large, and often compressed later.
    let compressed = PathBuf::from(format!("{}.gz", text.display()));
    [text, compressed].into_iter().find(|path| path.is_file())
}
