//! Reads two sides, and compares them.

use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::cli::options::LoadOptions;
use crate::cli::steps::captured::capture_of;
use crate::cli::steps::{LoadedSide, Progress, check_one_kind, load_side, match_sides, scale_sides};
use crate::diagnose::SideInfo;
use crate::diff::{Attribution, Deltas, Metric, diff_matching};
use crate::evidence::{ProcessRelation, process_relation};
use crate::input;
use crate::matching::Matching;
use crate::profile::SampleType;
use crate::render::messages;
use crate::site::{NameArena, SiteTable, unify_line_keys};
use crate::stacks::StackComparison;
use crate::threads::join2;

/// The names of the sites of two sides, which may be read twice.
pub(crate) type SideNames = [NameArena; 4];

/// The names of the sites of two sides, and of those whose functions get other names.
#[derive(Default)]
pub(crate) struct PairNames {
    pub(crate) sides: SideNames,
    pub(crate) again: NameArena,
}

/// Reads both sides, at the same time unless that takes longer, as starting two threads takes 0.35 ms. The names of their
/// sites live in `names`. Their line keys are not unified yet, as a third side may follow.
pub(crate) fn load_pair<'n>(
    sides: &[Vec<PathBuf>; 2],
    load_options: &LoadOptions,
    progress: &Progress,
    names: &'n mut SideNames,
) -> Result<[LoadedSide<'n>; 2]> {
    let [base, current, others @ ..] = names;
    let mut loaded = load_both(sides, load_options, progress, [base, current])?;
    if loaded[0].info.counts_like(&loaded[1].info) {
        scale_sides(&mut loaded, &load_options.work)?;
        return Ok(loaded);
    }
    // What is alive is in all of them.
    drop(loaded);
    if let Some(path) = sides.iter().flatten().find(|path| !path.is_file()) {
        bail!(
            "only some of the profiles mean allocation (default_sample_type), and {} can be read only once: choose with \
             --sample-type alloc or --sample-type inuse",
            input::shown(path)
        );
    }
    let load_options = LoadOptions { sample_type: SampleType::Live, ..load_options.clone() };
    let mut loaded = load_both(sides, &load_options, progress, others.each_mut())?;
    scale_sides(&mut loaded, &load_options.work)?;
    Ok(loaded)
}

fn load_both<'n>(
    [base, current]: &[Vec<PathBuf>; 2],
    load_options: &LoadOptions,
    progress: &Progress,
    names: [&'n mut NameArena; 2],
) -> Result<[LoadedSide<'n>; 2]> {
    // `join2` takes Fn, as it calls a closure itself where no thread can be started; so each arena is taken out when its
    // side is read.
    let names = names.map(|names| Mutex::new(Some(names)));
    let load = |paths, names: &Mutex<Option<&'n mut NameArena>>| {
        let names = names.lock().ok().and_then(|mut names| names.take()).context("a side is read twice")?;
        load_side(paths, load_options, progress, names)
    };
    let (base, current) = (|| load(base, &names[0]), || load(current, &names[1]));
    let (base, current) = if progress.is_short() { (base(), current()) } else { join2(base, current) };
    let sides = [base?, current?];
    check_one_kind(sides.each_ref().map(|side| (side.name(), side.info.format)))?;
    let differences = sides.each_ref().map(|side| side.info.differences.first());
    if let [Some((name, nanos)), None] | [None, Some((name, nanos))] = differences {
        // Of two over a time each, what was allocated compares.
        bail!("{name}: {}", messages::no_heap(*nanos, name));
    }
    Ok(sides)
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
        let sample_type = counted([&base.info, &current.info], load_options);
        let load_options = &LoadOptions { sample_type, ..load_options.clone() };
        let matching = match_sides(&mut [base], &mut [current], load_options, progress, again)?;
        Ok((sides, matching))
    })?;
    unify_side_keys(&mut sides);
    Ok((sides, matching))
}

/// The columns that are counted in both sides, which were read so.
pub(crate) fn counted(sides: [&SideInfo; 2], load_options: &LoadOptions) -> SampleType {
    match &load_options.sample_type {
        SampleType::Default if sides.iter().any(|side| side.allocation_inputs > 0) => SampleType::Allocated,
        SampleType::Default => SampleType::Live,
        typed => typed.clone(),
    }
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
    let is_one_process = load_options.same_process || capture_of([&base.info, &current.info])?.is_some();
    Ok(compare_sides(&base.sites, &current.sites, attribution)?.of_one_process(is_one_process))
}

/// Compares two sides. Fails if one counts only objects, the other only bytes.
pub(crate) fn compare_sides<'t, 'p>(
    base: &'t SiteTable<'p>,
    current: &'t SiteTable<'p>,
    attribution: Attribution,
) -> Result<Deltas<'t, 'p>> {
    let deltas = diff_matching(base, current, attribution, may_match_addresses(base, current));
    if !deltas.counts(Metric::Space) && !deltas.counts(Metric::Objects) {
        let counts = |side: &SiteTable<'_>| if side.counted().space { "bytes" } else { "objects" };
        bail!("nothing to compare: the base counts only {}, the current side only {}", counts(base), counts(current));
    }
    Ok(deltas)
}

/// Whether code without symbols may have the same addresses on both sides: not in two builds.
fn may_match_addresses(base: &SiteTable<'_>, current: &SiteTable<'_>) -> bool {
    let has_names = [base, current].iter().all(|side| side.observed().without_symbols == 0);
    has_names || process_relation(base.buckets(), current.buckets()) != ProcessRelation::Different
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
