//! Reads one profile that is a difference of two heaps, as `heap?seconds=N` is, so that it can be shown alone.
//!
//! What was freed in between takes the place of the base, what was allocated that of the current side: their difference is
//! the growth, and their samples are what died and was born.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::cli::options::LoadOptions;
use crate::cli::options::counted::counted;
use crate::cli::steps::{LoadedSide, Progress, SideNames, load_heap_or_difference, unify_side_keys};
use crate::diagnose::DifferencePart;
use crate::input::{self, Limit};
use crate::profile::{CountedThing, SampleType};
use crate::render::quoted;
use crate::site::{Filter, Granularity, NameArena, Own};

/// Whether a file can be read and is a difference, so that it is shown as one where it is alone.
pub(crate) fn is_difference_file(path: &Path) -> bool {
    let options = LoadOptions::new(Granularity::Functions, Filter::default(), Own::default(), Limit::default());
    let names = NameArena::default();
    let is_heap = path.is_file() && counted(path).is_none();
    is_heap
        && load_heap_or_difference(&[path.to_path_buf()], &options, &Progress::default(), &names)
            .is_ok_and(|side| !side.info.differences.is_empty())
}

/// Reads the profile at `path` twice, by what was freed and by what was allocated. Fails if it is not a difference.
pub(crate) fn load_difference<'n>(
    path: &Path,
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n SideNames,
) -> Result<[LoadedSide<'n>; 2]> {
    if !path.is_file() {
        bail!("expected two profiles, or one file that is a difference, such as of heap?seconds=30");
    }
    let paths: Vec<PathBuf> = vec![path.to_path_buf()];
    let load = |sample_type: SampleType, names| {
        load_heap_or_difference(&paths, &LoadOptions { sample_type, ..load_options.clone() }, progress, names)
    };
    let counted = load_options.counted_thing();
    let live = load(counted.map_or(SampleType::Live, CountedThing::columns), &names[2])?;
    if counted.is_some() || live.info.differences.is_empty() {
        bail!(
            "{}: one profile alone shows no growth; expected another one to compare it with, or a difference such as of \
             heap?seconds=30; heapdiff top {} shows what is alive",
            input::shown(path),
            quoted(&input::shown(path))
        );
    }
    let mut sides = [load(SampleType::Freed, &names[0])?, load(SampleType::Allocated, &names[1])?];
    for (side, part) in sides.iter_mut().zip([DifferencePart::Freed, DifferencePart::Allocated]) {
        side.info.difference = Some(part);
    }
    unify_side_keys(&mut sides);
    Ok(sides)
}
