//! Matches the functions of two builds, and names those of the base as the current side does.

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::cli::options::{LoadOptions, RenameOptions};
use crate::cli::steps::{Copies, LoadedSide, Progress, load_again, read_with_dead};
use crate::diagnose::Note;
use crate::evidence::process_relation;
use crate::matching::{Lack, Matching, UnmetRename, match_builds, names_only_in};
use crate::profile::Profile;
use crate::render::messages;
use crate::site::{NameArena, Rate, Renames};
use crate::threads::join2;

/// Matches the functions of both builds, each read from one or more sides, and names the sites of all sides by those of the
/// current build; the names of those that change live in `arena`. Reads files a second time only if functions are on one
/// side alone.
pub(crate) fn match_sides<'a, 'n>(
    base: &mut [&'a mut LoadedSide<'n>],
    current: &mut [&'a mut LoadedSide<'n>],
    load_options: &LoadOptions,
    progress: &Progress,
    arena: &'n NameArena,
) -> Result<Matching> {
    let options = &load_options.renames;
    let mut matching = Matching::default();
    if base.is_empty() {
        return Ok(matching);
    }
    let names = [&*base, &*current].map(|sides| sides.iter().map(|side| &side.names).collect::<Vec<_>>());
    // Of one build nothing is known by other names.
    let may_differ = load_options.counted_thing().is_none() && !are_of_one_build(base, current);
    if may_differ {
        // Said even if nothing is matched.
        matching.unpaired_gone = names_only_in(&names[0], &names[1]);
    }
    let by_evidence = may_differ && load_options.matches_by_evidence();
    let mut may_be_renumbered = false;
    if by_evidence {
        // In one process nothing goes, as Go keeps the buckets of what is dead.
        let may_differ = !matching.unpaired_gone.is_empty() || !may_be_one_process(base, current, load_options);
        if may_differ {
            matching.unpaired_new = names_only_in(&names[1], &names[0]);
            may_be_renumbered = matching.unpaired_new.is_empty()
                && matching.unpaired_gone.is_empty()
                && names[0].iter().zip(&names[1]).any(|(base, current)| base.may_be_renumbered(current));
        }
    }
    let is_one_sided = !matching.unpaired_gone.is_empty() || !matching.unpaired_new.is_empty();
    let may_match = by_evidence && (is_one_sided || may_be_renumbered);
    if !may_match && options.told.is_empty() {
        return Ok(matching);
    }
    let [base_sources, current_sources] = [&*base, &*current].map(sources);
    if base_sources.iter().chain(&current_sources).any(|(path, copies)| !path.is_file() && !copies.has(path)) {
        matching.is_limited = true;
        return Ok(matching);
    }
    let read = |sources: &[Source<'_>]| -> Result<Vec<Profile>> {
        sources.iter().map(|(path, copies)| read_with_dead(path, load_options, progress, copies)).collect()
    };
    let (base_profiles, current_profiles) = join2(|| read(&base_sources), || read(&current_sources));
    let (base_profiles, current_profiles) = (base_profiles?, current_profiles?);
    let mut matching = match_builds(&base_profiles, &current_profiles, &options.told, by_evidence);
    drop((base_profiles, current_profiles));
    refuse_mistyped(&matching, options, is_exact(base) && is_exact(current))?;
    for (sides, renames) in [(base, Renames::new(matching.of_base())), (current, Renames::new(matching.of_current()))] {
        for side in sides.iter_mut().filter(|_| !renames.is_empty()) {
            load_again(side, &renames, load_options, progress, arena)?;
        }
    }
    let shorten =
        |file: &str| String::from_utf8_lossy(load_options.filter.trim_path.trim(file.as_bytes())).into_owned();
    matching.shorten_files(shorten);
    Ok(matching)
}

/// Refuses renames that were typed and are no more than a mistake: of both sides, each lacks the whole package, or
/// everything was counted. Otherwise a function may just have no sample in these profiles.
fn refuse_mistyped(matching: &Matching, options: &RenameOptions, is_exact: bool) -> Result<()> {
    let is_mistake = |unmet: &&UnmetRename| {
        let is_nowhere = unmet.lacks.iter().all(|lack| *lack == Some(Lack::Package) || is_exact && lack.is_some());
        unmet.number < options.typed && is_nowhere
    };
    match matching.unmet.iter().find(is_mistake) {
        Some(unmet) => bail!("{}", messages::mistyped_rename(&unmet.rename)),
        None => Ok(()),
    }
}

/// Whether everything was counted on a side.
fn is_exact(sides: &[&mut LoadedSide<'_>]) -> bool {
    sides.iter().all(|side| side.sources.is_empty() || side.sites.buckets().rate().is_some_and(Rate::is_exact))
}

/// Notes on renames that match nothing, and on functions that were not compared.
pub(crate) fn matching_notes(matching: &Matching) -> Vec<Note> {
    let unmet = matching.unmet.iter().map(|unmet| Note::RenameMatchedNothing {
        rename: unmet.rename.clone(),
        lacks: unmet.lacks.map(|lack| lack.is_some()),
    });
    let limited = matching.is_limited.then_some(Note::MatchingLimited);
    let followed = matching.followed.iter().map(|(old, new)| Note::RuleFollowed { old: old.clone(), new: new.clone() });
    unmet.chain(limited).chain(followed).collect()
}

/// A file, and the copies of those that are none.
type Source<'a> = (&'a PathBuf, &'a Copies);

fn sources<'a>(sides: &'a [&mut LoadedSide<'_>]) -> Vec<Source<'a>> {
    sides.iter().flat_map(|side| side.sources.iter().map(|path| (path, &side.copies))).collect()
}

/// Whether both sides may be snapshots of one process.
fn may_be_one_process(
    base: &[&mut LoadedSide<'_>],
    current: &[&mut LoadedSide<'_>],
    load_options: &LoadOptions,
) -> bool {
    let ([.., base], [current, ..]) = (base, current) else { return false };
    let relation = process_relation(base.sites.buckets(), current.sites.buckets());
    load_options.same_process || relation.may_be_same()
}

/// Whether all that was read is known to be of one build.
fn are_of_one_build(base: &[&mut LoadedSide<'_>], current: &[&mut LoadedSide<'_>]) -> bool {
    let read = |side: &&&mut LoadedSide<'_>| !side.sources.is_empty();
    let is_same = |base: &LoadedSide<'_>, current: &LoadedSide<'_>| base.names.is_of_same_build(&current.names);
    base.iter().filter(read).all(|base| current.iter().filter(read).all(|current| is_same(base, current)))
}
