//! Reads two sides, and compares them.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::cli::options::LoadOptions;
use crate::cli::steps::{LoadedSide, Progress, load_side, match_sides};
use crate::diagnose::SideInfo;
use crate::diff::{Attribution, Deltas, Metric, diff};
use crate::matching::Matching;
use crate::site::{NameArena, SiteTable, unify_line_keys};
use crate::stacks::StackComparison;
use crate::threads::join2;

/// Where a capture says which profiles it has.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Reads both sides, at the same time unless that takes longer, as starting two threads takes 0.35 ms. The names of their
/// sites live in `names`. Their line keys are not unified yet, as a third side may follow.
pub(crate) fn load_pair<'n>(
    [base, current]: &[Vec<PathBuf>; 2],
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n mut [NameArena; 2],
) -> Result<[LoadedSide<'n>; 2]> {
    // `join2` takes Fn, as it calls a closure itself where no thread can be started; so each arena is taken out when its
    // side is read.
    let names = names.each_mut().map(|names| Mutex::new(Some(names)));
    let load = |paths, names: &Mutex<Option<&'n mut NameArena>>| {
        let names = names.lock().ok().and_then(|mut names| names.take()).context("a side is read twice")?;
        load_side(paths, load_options, progress, names)
    };
    let (base, current) = (|| load(base, &names[0]), || load(current, &names[1]));
    let (base, current) = if progress.is_short() { (base(), current()) } else { join2(base, current) };
    Ok([base?, current?])
}

/// The names of the sites of two sides, and of those that are read again.
#[derive(Default)]
pub(crate) struct PairNames {
    sides: [NameArena; 2],
    again: NameArena,
}

/// Reads both sides with progress on a terminal, matches the functions of the two builds, and unifies the keys of their
/// lines.
pub(crate) fn load_comparable_pair<'n>(
    sides: &[Vec<PathBuf>; 2],
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n mut PairNames,
) -> Result<([LoadedSide<'n>; 2], Matching)> {
    let PairNames { sides: names, again } = names;
    let (mut sides, matching) = progress.show(|| -> Result<_> {
        let mut sides = load_pair(sides, load_options, progress, names)?;
        let [base, current] = &mut sides;
        let matching = match_sides(&mut [base], &mut [current], load_options, progress, again)?;
        Ok((sides, matching))
    })?;
    unify_side_keys(&mut sides);
    Ok((sides, matching))
}

/// Unifies the keys of the lines of all sides, so that their sites match.
pub(crate) fn unify_side_keys<'a, 'n: 'a>(sides: impl IntoIterator<Item = &'a mut LoadedSide<'n>>) {
    unify_line_keys(&mut sides.into_iter().map(|side| &mut side.sites).collect::<Vec<_>>());
}

/// Compares two sides, which may be said to be of one process. Fails if one counts only objects, the other only bytes.
pub(crate) fn compare_loaded<'t, 'p>(
    [base, current]: [&'t LoadedSide<'p>; 2],
    load_options: &LoadOptions,
    attribution: Attribution,
) -> Result<Deltas<'t, 'p>> {
    let is_one_process = load_options.same_process || is_one_capture([&base.info, &current.info]);
    Ok(compare_sides(&base.sites, &current.sites, attribution)?.of_one_process(is_one_process))
}

/// Whether both sides are snapshots of one capture, and so of one process.
fn is_one_capture([base, current]: [&SideInfo; 2]) -> bool {
    let ([base], [current]) = (&base.paths[..], &current.paths[..]) else { return false };
    let Some(folder) = base.parent().filter(|folder| current.parent() == Some(folder)) else { return false };
    let manifest = File::open(folder.join(MANIFEST)).ok().map(BufReader::new);
    let manifest: Option<Value> = manifest.and_then(|manifest| serde_json::from_reader(manifest).ok());
    let snapshots = manifest.as_ref().and_then(|manifest| manifest["snapshots"].as_array());
    let files = || snapshots.into_iter().flatten().filter_map(|snapshot| snapshot["files"].as_array()).flatten();
    let has = |path: &Path| files().any(|file| file["file"].as_str().is_some_and(|name| path.ends_with(name)));
    has(base) && has(current)
}

/// Compares two sides. Fails if one counts only objects, the other only bytes.
pub(crate) fn compare_sides<'t, 'p>(
    base: &'t SiteTable<'p>,
    current: &'t SiteTable<'p>,
    attribution: Attribution,
) -> Result<Deltas<'t, 'p>> {
    let deltas = diff(base, current, attribution);
    if !deltas.counts(Metric::Space) && !deltas.counts(Metric::Objects) {
        let counts = |side: &SiteTable<'_>| if side.counted().space { "bytes" } else { "objects" };
        bail!("nothing to compare: the base counts only {}, the current side only {}", counts(base), counts(current));
    }
    Ok(deltas)
}

/// The stacks of a comparison, of sides that kept them.
pub(crate) fn stacks_of<'p>(deltas: &Deltas<'_, 'p>) -> Result<StackComparison<'p>> {
    check_stacks(deltas)?;
    Ok(StackComparison::new(deltas))
}

/// Checks that all stacks were kept. Fails with the side whose stacks take too much memory.
pub(crate) fn check_stacks(deltas: &Deltas<'_, '_>) -> Result<()> {
    for (side, name) in [(deltas.base, "base"), (deltas.current, "current side")] {
        let left_out = side.dropped_stacks();
        if left_out > 0 {
            bail!(
                "the stacks of the {name} are too many or too deep, {left_out} of them are not kept: narrow them with --focus or --ignore"
            );
        }
    }
    Ok(())
}
