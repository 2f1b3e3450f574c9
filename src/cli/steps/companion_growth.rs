//! Compares what was taken along with the heap: how goroutines developed, and which functions made more threads.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::cli::options::{CompanionFiles, Companions, LoadOptions};
use crate::cli::steps::{
    LoadedSide, Progress, SideNames, census, censuses, compare_sides, is_something_else, load_side, read_profile,
    sibling, sibling_census, unify_side_keys,
};
use crate::diagnose::{FunctionCounts, growing_functions};
use crate::diff::Attribution;
use crate::goroutines::{Census, GoroutineCourse, StartedHeap};
use crate::input;
use crate::profile::{CountedThing, Invalid, SampleType};
use crate::site::{Filter, Granularity};

/// What companions of heap profiles show.
#[derive(Default)]
pub(crate) struct CompanionGrowth {
    /// All goroutines, if two profiles of them are known.
    pub(crate) goroutines: Option<GoroutineCourse>,
    /// Those that nothing can wake any more, if two profiles of them are known.
    pub(crate) leaked: Option<GoroutineCourse>,
    /// Functions that made more threads.
    pub(crate) threads: Vec<FunctionCounts>,
    /// The goroutine profiles that were found beside the heap profiles.
    pub(crate) used: Vec<String>,
}

/// The profiles that companions accompany.
pub(crate) struct Accompanied<'a> {
    /// The files of each snapshot, in time order; of a comparison those of both sides.
    pub(crate) snapshots: &'a [Vec<PathBuf>],
    /// The snapshots whose heaps are compared: first and last. Goroutines count from the first of them on; leaked ones are
    /// taken with the very first.
    pub(crate) ends: [usize; 2],
    /// The goroutines of each snapshot, where they were counted as it was taken; else they are looked for beside it.
    pub(crate) censuses: &'a [Option<Census>],
}

impl<'a> Accompanied<'a> {
    /// Two sides of a comparison.
    pub(crate) fn sides(sides: &'a [Vec<PathBuf>; 2]) -> Self {
        Accompanied { snapshots: sides, ends: [0, 1], censuses: &[] }
    }

    /// The snapshots that count.
    fn counted(&self) -> &'a [Vec<PathBuf>] {
        self.snapshots.get(self.ends[0]..).unwrap_or_default()
    }
}

/// Reads and compares companion profiles. Without named ones, those that lie beside each snapshot. Heap profiles are read
/// again for what goroutines allocated; `load_options`: how they were read.
pub(crate) fn read_and_compare(
    companions: &Companions,
    of: &Accompanied<'_>,
    load_options: &LoadOptions,
    progress: &Progress,
) -> Result<CompanionGrowth> {
    let mut used = Vec::new();
    let [goroutines, leaked] = if load_options.counted_thing().is_some() {
        of_snapshots(of, load_options, progress)?
    } else if companions.goroutines.paths.is_empty() {
        CountedThing::ALL.map(|thing| match companions.are_found {
            true => beside(of, thing, load_options, progress, &mut used),
            false => counted_before(of, thing),
        })
    } else {
        let mut found = censuses(&companions.goroutines, load_options, progress).context("--goroutines")?;
        if of.ends[0] > 0 && found[0].len() >= of.snapshots.len() {
            found[0].drain(..of.ends[0]);
        }
        found
    };
    let mut growth = CompanionGrowth {
        goroutines: GoroutineCourse::new(CountedThing::Goroutine, &goroutines),
        leaked: GoroutineCourse::new(CountedThing::LeakedGoroutine, &leaked),
        threads: threads(companions, load_options, progress)?,
        used,
    };
    let mut courses: Vec<_> = [&mut growth.goroutines, &mut growth.leaked].into_iter().flatten().collect();
    let heaps = of.ends.map(|at| &of.snapshots[at]);
    // Input that cannot be read a second time, such as a pipe, leaves open what they allocate.
    let is_readable = heaps.into_iter().flatten().all(|path| path.is_file())
        && matches!(load_options.sample_type, SampleType::Live | SampleType::Default);
    if is_readable && courses.iter().any(|course| !course.groups.is_empty()) {
        let [base, current] = heaps.map(|paths| started_heap(paths, load_options, progress));
        let (base, current) = (base?, current?);
        courses.iter_mut().for_each(|course| course.join_heap([&base, &current]));
    }
    Ok(growth)
}

/// What goroutines allocated, by the heap profiles of one side.
fn started_heap(paths: &[PathBuf], load_options: &LoadOptions, progress: &Progress) -> Result<StartedHeap> {
    let mut heap = StartedHeap::default();
    for path in paths {
        heap.add(&read_profile(path, load_options, progress)?.1, &load_options.own);
    }
    Ok(heap)
}

/// The snapshots themselves, which count goroutines: all of them, and leaked ones. Each side of a comparison is the sum
/// of its files.
fn of_snapshots(of: &Accompanied<'_>, load_options: &LoadOptions, progress: &Progress) -> Result<[Vec<Census>; 2]> {
    let mut found = [Vec::new(), Vec::new()];
    // What is read once is not read again.
    if of.snapshots.iter().flatten().all(|path| path.is_file()) {
        for paths in of.counted() {
            let censuses: Result<Vec<_>> = paths.iter().map(|path| census(path, load_options, progress)).collect();
            if let Some(census) = censuses?.into_iter().reduce(Census::merged) {
                found[usize::from(census.thing == CountedThing::LeakedGoroutine)].push(census);
            }
        }
    }
    Ok(found)
}

/// Those that were counted as the snapshots were taken.
fn counted_before(of: &Accompanied<'_>, thing: CountedThing) -> Vec<Census> {
    let counted = of.censuses.get(of.ends[0]..).unwrap_or_default().iter().flatten();
    counted.filter(|census| census.thing == thing).cloned().collect()
}

/// The profiles that lie beside the heap profiles.
fn beside(
    of: &Accompanied<'_>,
    thing: CountedThing,
    load_options: &LoadOptions,
    progress: &Progress,
    used: &mut Vec<String>,
) -> Vec<Census> {
    let one = |paths: &Vec<PathBuf>| match &paths[..] {
        [path] => sibling_census(path, thing, load_options, progress),
        _ => None,
    };
    let snapshots = if thing == CountedThing::Goroutine { of.counted() } else { of.snapshots };
    let found: Vec<_> = snapshots.iter().filter_map(one).collect();
    // One alone shows no growth.
    if found.len() > 1 {
        let beside = of.snapshots.iter().flatten().filter_map(|heap| sibling(heap, thing));
        used.extend(beside.map(|path| input::shown(&path)));
    }
    found
}

/// Functions that made more threads: the first profile compared with the last.
fn threads(companions: &Companions, load_options: &LoadOptions, progress: &Progress) -> Result<Vec<FunctionCounts>> {
    let names = Default::default();
    let load_options = LoadOptions {
        sample_type: SampleType::Named("threadcreate".to_owned()),
        ..LoadOptions::new(Granularity::Owner, Filter::default(), load_options.own.clone(), load_options.limit)
    };
    let ends = ends(&companions.threads, &load_options, progress, &names).context("--threads")?;
    let Some([base, current]) = ends else { return Ok(Vec::new()) };
    Ok(growing_functions(&compare_sides(&base.sites, &current.sites, Attribution::Flat)?))
}

/// The first and the last profile, by their times; in a folder, among the files that are such profiles.
fn ends<'n>(
    files: &CompanionFiles,
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n SideNames,
) -> Result<Option<[LoadedSide<'n>; 2]>> {
    let is_other = |error: &anyhow::Error| {
        files.is_folder && is_something_else(error, |invalid| matches!(invalid, Invalid::NoSuchSampleType { .. }))
    };
    let read = |path: &PathBuf, names| match load_side(std::slice::from_ref(path), load_options, progress, names) {
        Err(error) if is_other(&error) => None,
        result => Some(result),
    };
    let paths = || files.paths.iter().enumerate();
    let Some((first, one)) = paths().find_map(|(at, path)| Some((at, read(path, &names[0])?))) else {
        if files.is_folder {
            bail!("no threadcreate profile in the folder");
        }
        return Ok(None);
    };
    let Some(other) = paths().skip(first + 1).rev().find_map(|(_, path)| read(path, &names[1])) else {
        bail!("only one threadcreate profile in the folder; expected two")
    };
    let (one, other) = (one?, other?);
    let is_reversed = other.info.time_nanos != 0 && one.info.time_nanos > other.info.time_nanos;
    let mut ends = if is_reversed { [other, one] } else { [one, other] };
    unify_side_keys(&mut ends);
    Ok(Some(ends))
}
