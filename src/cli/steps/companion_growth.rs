//! Compares companion profiles, goroutines and threadcreate, by the function whose code waits: the first one with the
//! last one.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::cli::options::{Collect, CompanionFiles, Companions, LoadOptions};
use crate::cli::steps::{
    LoadedSide, PairNames, Progress, compare_sides, is_something_else, load_pair, load_side, unify_side_keys,
};
use crate::diagnose::{FunctionCounts, growing_functions};
use crate::diff::Attribution;
use crate::profile::{Invalid, SampleType};
use crate::site::{Filter, Granularity};

/// Functions with more goroutines, and those that made more threads.
#[derive(Default)]
pub(crate) struct CompanionGrowth {
    pub(crate) goroutines: Vec<FunctionCounts>,
    pub(crate) threads: Vec<FunctionCounts>,
}

/// Reads and compares companion profiles. `heap`: the files of both sides of the heap's comparison, which are read again
/// for what the functions with more goroutines allocate; `load_options`: how these are measured.
pub(crate) fn read_and_compare(
    companions: &Companions,
    heap: &[Vec<PathBuf>; 2],
    load_options: &LoadOptions,
    progress: &Progress,
) -> Result<CompanionGrowth> {
    let mut names: [PairNames; 3] = Default::default();
    let [of_goroutines, of_threads, of_heap] = &mut names;
    let ends = |option: &str, files, names, sample_type: &str| {
        let load_options = LoadOptions {
            sample_type: SampleType::Named(sample_type.to_owned()),
            ..LoadOptions::new(Granularity::Owner, Filter::default(), load_options.own.clone(), load_options.limit)
        };
        ends(files, &load_options, progress, names).with_context(|| format!("--{option}"))
    };
    let goroutines = ends("goroutines", &companions.goroutines, of_goroutines, "goroutine")?;
    let threads = ends("threads", &companions.threads, of_threads, "threadcreate")?;
    let mut growth = CompanionGrowth::default();
    if let Some([base, current]) = threads {
        growth.threads = growing_functions(&compare_sides(&base.sites, &current.sites, Attribution::Flat)?, None);
    }
    if let Some([base, current]) = goroutines {
        let counts = compare_sides(&base.sites, &current.sites, Attribution::Flat)?;
        // Input that cannot be read a second time, such as a pipe, leaves open what callers allocate.
        let again = heap.iter().flatten().all(|path| path.is_file())
            && matches!(load_options.sample_type, SampleType::Live | SampleType::Default);
        let heap = again.then(|| {
            let collect = Collect { cumulative: true, stacks: false };
            let load_options = LoadOptions { granularity: Granularity::Functions, collect, ..load_options.clone() };
            let mut sides = load_pair(heap, &load_options, progress, of_heap)?;
            unify_side_keys(&mut sides);
            Ok::<_, anyhow::Error>(sides)
        });
        let heap = heap.transpose()?;
        let heap = heap
            .as_ref()
            .map(|[base, current]| compare_sides(&base.sites, &current.sites, Attribution::Cum))
            .transpose()?;
        growth.goroutines = growing_functions(&counts, heap.as_ref());
    }
    Ok(growth)
}

/// The first and the last profile, by their times; in a folder, among the files that are such profiles.
fn ends<'n>(
    files: &CompanionFiles,
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n PairNames,
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
            bail!("the folder has none");
        }
        return Ok(None);
    };
    let Some(other) = paths().skip(first + 1).rev().find_map(|(_, path)| read(path, &names[1])) else {
        bail!("the folder has only one, and it takes two")
    };
    let (one, other) = (one?, other?);
    let is_reversed = other.info.time_nanos != 0 && one.info.time_nanos > other.info.time_nanos;
    let mut ends = if is_reversed { [other, one] } else { [one, other] };
    unify_side_keys(&mut ends);
    Ok(Some(ends))
}
