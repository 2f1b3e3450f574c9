//! Reads the runtime's own numbers from files and folders, as one series: what files of the same time know of it is
//! joined.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, Result, bail};

use crate::cli::options::LoadOptions;
use crate::cli::steps::{Progress, census, input_name, read_mem_stats, read_profile, sibling, sibling_census};
use crate::decode::MemStatsErrorKind;
use crate::input::Limit;
use crate::profile::{CountedThing, MemStats};
use crate::render::quoted;
use crate::report::OtherFiles;
use crate::site::{Filter, Granularity, Own};

/// The snapshots of files.
pub(crate) struct MemStatsFiles {
    /// Each file with its snapshots, in order.
    pub(crate) files: Vec<(String, Vec<MemStats>)>,
    pub(crate) others: OtherFiles,
}

/// A file with snapshots.
struct Found {
    path: PathBuf,
    /// What kind of file of a folder it is; `None` if it was named.
    kind: Option<String>,
    snapshots: Vec<MemStats>,
}

/// Reads files, each with whether it was found in a folder rather than named. Files in folders that have no snapshots are
/// skipped.
pub(crate) fn read_mem_stats_files(paths: &[(PathBuf, bool)], progress: &Progress) -> Result<MemStatsFiles> {
    let (mut found, mut others) = (Vec::new(), Vec::new());
    for (path, is_listed) in paths {
        let name = input_name(path);
        match read_mem_stats(path, progress).with_context(|| name.clone())? {
            Ok(snapshots) => found.push(Found { path: path.clone(), kind: is_listed.then(|| kind(path)), snapshots }),
            Err(error) if *is_listed && matches!(error.kind, MemStatsErrorKind::NotMemStats { .. }) => {
                others.push(path.clone());
            }
            Err(error) if matches!(error.kind, MemStatsErrorKind::NotMemStats { .. }) && is_profile(path) => bail!(
                "{name}: this heap profile has no runtime.MemStats, which only profiles as text have (debug=1); heapdiff {} \
                 shows what is alive in it, heapdiff BASE CURRENT what grew, and heapdiff capture takes both kinds",
                quoted(&name)
            ),
            Err(error) => return Err(Error::new(error).context(name)),
        }
    }
    let joined = join_same_times(&mut found);
    let counted = count_goroutines(&mut found, &others, progress);
    let mut files: Vec<_> = found.into_iter().map(|found| (input_name(&found.path), found.snapshots)).collect();
    join_resident_sets(&mut files)?;
    let names = |paths: &[PathBuf]| paths.iter().map(|path| input_name(path)).collect();
    others.retain(|path| !counted.contains(path));
    Ok(MemStatsFiles { files, others: OtherFiles { skipped: names(&others), joined, counted: names(&counted) } })
}

/// Whether a file is a heap profile.
fn is_profile(path: &Path) -> bool {
    let options = LoadOptions::new(Granularity::Functions, Filter::default(), Own::default(), Limit::default());
    path.is_file() && read_profile(path, &options, &Progress::default()).is_ok()
}

/// The kind of a file of a folder: those that are numbered alike have the same, as `heap_00.txt` and `heap_01.txt.gz`.
fn kind(path: &Path) -> String {
    let name = path.to_string_lossy();
    let name = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    name.chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// Joins files of a folder that have the same snapshots as those of another kind, such as `memstats.jsonl` beside heap
/// profiles as text, with the kind that has most snapshots; returns their names.
fn join_same_times(found: &mut Vec<Found>) -> Vec<String> {
    let of_kind = |found: &[Found], kind: &str| -> Vec<MemStats> {
        let files = found.iter().filter(|file| file.kind.as_deref() == Some(kind));
        files.flat_map(|file| file.snapshots.clone()).collect()
    };
    let kinds: BTreeSet<_> = found.iter().filter_map(|file| file.kind.clone()).collect();
    // Of equals, that of more files, which are of a capture.
    let size = |kind: &String| {
        (of_kind(found, kind).len(), found.iter().filter(|file| file.kind.as_ref() == Some(kind)).count())
    };
    let Some(main) = kinds.iter().rev().max_by_key(|kind| size(kind)) else { return Vec::new() };
    let mut joined = Vec::new();
    for kind in kinds.iter().filter(|kind| *kind != main) {
        let (main_stats, others) = (of_kind(found, main), of_kind(found, kind));
        let has_partner = |stats: &&MemStats| main_stats.iter().any(|other| is_same_time(other, stats));
        let shared = others.iter().filter(has_partner).count();
        // Snapshots of another process, or of another time, are of no use to these.
        if shared == 0 || 2 * shared < others.len() {
            continue;
        }
        // The one with less in HeapAlloc is nearer to the collection.
        let partner = |stats: &MemStats| others.iter().find(|other| is_same_time(stats, other));
        let is_nearer = |stats: &&MemStats| partner(stats).is_some_and(|other| other.heap_alloc < stats.heap_alloc);
        let takes_over = 2 * main_stats.iter().filter(is_nearer).count() > shared;
        for file in found.iter_mut().filter(|file| file.kind.as_ref() == Some(main)) {
            for snapshot in &mut file.snapshots {
                let Some(other) = partner(snapshot) else { continue };
                let [mut first, second] = match takes_over {
                    true => [other.clone(), snapshot.clone()],
                    false => [snapshot.clone(), other.clone()],
                };
                first.fill_from(&second);
                *snapshot = first;
            }
        }
        let names = found.iter().filter(|file| file.kind.as_ref() == Some(kind)).map(|file| input_name(&file.path));
        joined.extend(names);
        found.retain(|file| file.kind.as_ref() != Some(kind));
    }
    joined
}

/// Whether two snapshots are after the same collection of the same process.
fn is_same_time(one: &MemStats, other: &MemStats) -> bool {
    one.num_gc.is_some() && one.num_gc == other.num_gc && one.last_gc.is_some() && one.last_gc == other.last_gc
}

/// Adds what files know of the resident set alone (`/proc/PID/status`) to the snapshots of the other files, the first to
/// the first.
fn join_resident_sets(files: &mut [(String, Vec<MemStats>)]) -> Result<()> {
    let is_status = |(_, snapshots): &(String, Vec<MemStats>)| snapshots.iter().all(MemStats::is_resident_set);
    let count = |status: bool| -> usize {
        files.iter().filter(|file| is_status(file) == status).map(|(_, snapshots)| snapshots.len()).sum()
    };
    let (statuses, others) = (count(true), count(false));
    if statuses == 0 || others == 0 {
        return Ok(());
    }
    if statuses != others {
        let name = files.iter().find(|file| is_status(file)).map_or("", |(name, _)| name);
        bail!(
            "{name}: expected one /proc/PID/status for each snapshot of the other files, not {statuses} for {others}"
        );
    }
    let resident: Vec<_> = files.iter_mut().filter(|file| is_status(file)).flat_map(|(_, all)| all.drain(..)).collect();
    let others = files.iter_mut().flat_map(|(_, snapshots)| snapshots);
    others.zip(&resident).for_each(|(stats, status)| stats.add_resident_set(status));
    Ok(())
}

/// Counts the goroutines in the profile beside each heap profile, or in those among `others`, if there is one for each
/// snapshot, in the same order; returns these profiles.
fn count_goroutines(found: &mut [Found], others: &[PathBuf], progress: &Progress) -> Vec<PathBuf> {
    if found.iter().flat_map(|file| &file.snapshots).any(|stats| stats.goroutines.is_some()) {
        return Vec::new();
    }
    let mut found: Vec<_> =
        found.iter_mut().filter(|file| !file.snapshots.iter().all(MemStats::is_resident_set)).collect();
    let options = LoadOptions::new(Granularity::Owner, Filter::default(), Own::default(), Limit::default());
    let mut counted = Vec::new();
    for file in &mut found {
        if let [stats] = &mut file.snapshots[..]
            && let Some(beside) = sibling_census(&file.path, CountedThing::Goroutine, &options, progress)
        {
            stats.goroutines = u64::try_from(beside.total).ok();
            counted.extend(sibling(&file.path, CountedThing::Goroutine));
        }
    }
    let snapshots: usize = found.iter().map(|file| file.snapshots.len()).sum();
    let named: Vec<_> = others.iter().filter(|path| is_of_goroutines(path)).cloned().collect();
    if !counted.is_empty() || named.len() != snapshots {
        return counted;
    }
    let count = |path: &PathBuf| {
        let found = census(path, &options, progress).ok().filter(|census| census.thing == CountedThing::Goroutine)?;
        u64::try_from(found.total).ok()
    };
    let Some(counts) = named.iter().map(count).collect::<Option<Vec<_>>>() else { return Vec::new() };
    let all = found.iter_mut().flat_map(|file| &mut file.snapshots);
    all.zip(counts).for_each(|(stats, count)| stats.goroutines = Some(count));
    named
}

/// Whether a file is named as goroutine profiles of a capture are.
fn is_of_goroutines(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("goroutine_"))
}
