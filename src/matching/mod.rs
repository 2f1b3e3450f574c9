//! Matches the functions of two builds whose names differ: renamed, moved, split, or named otherwise by another compiler.
//!
//! In: the profiles of both sides, with their dead samples. Out: a [`Matching`], by which the sites of the base are named
//! as on the current side (`SiteTable::rename`). It never excuses growth: it only changes what a function is compared with.
//! Two functions that cannot be distinguished are not paired.
//!
//! ```text
//! FunctionNames ─▶ is anything only on one side?
//! profiles ─side_stats─▶ callers, bodies, sizes ─by_name, by_evidence, parts, renumbered─▶ Pairing ─▶ Matching
//! ```

mod by_evidence;
mod by_key;
mod by_name;
mod coarser;
mod counts;
mod evidence;
mod function_names;
mod functions;
mod pairing;
mod parts;
mod renumbered;
mod result;
mod side_stats;
mod told;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests;

use by_evidence::pair_alike;
use by_name::{pair_names, pair_packages};
use coarser::coarser_names;
pub use function_names::{FunctionNames, names_only_in};
use functions::Functions;
use pairing::{Pairing, Side};
use parts::{functions_above, join_merged, join_split_off, pair_renamed_and_split};
use renumbered::{families, pair_renumbered};
pub use result::{How, Lack, Matching, OtherName, UnmetRename};
use side_stats::{SideStats, places};
pub use told::ToldRename;
use told::{pair_told, unmet};

use std::collections::BTreeSet;

use crate::profile::Profile;

/// Matches the functions of two builds by the profiles of both, which must keep their dead samples. `told`: what the user
/// says. `by_evidence`: whether to look for more.
///
/// The same profiles give the same result, whatever the order of profiles and samples.
pub fn match_builds(base: &[Profile], current: &[Profile], told: &[ToldRename], by_evidence: bool) -> Matching {
    let functions = Functions::new(base.iter().chain(current));
    let [base_places, current_places] = [base, current].map(|profiles| places(profiles, &functions));
    let families = families(&functions, [&base_places, &current_places]);
    let mut is_wanted = vec![false; functions.ids().len()];
    for id in functions.ids() {
        let is_one_sided = base_places[id as usize].is_some() != current_places[id as usize].is_some();
        is_wanted[id as usize] = functions.is_own(id) && is_one_sided;
    }
    families.iter().flatten().for_each(|&id| is_wanted[id as usize] = true);
    let base_stats = SideStats::new(base, &functions, base_places, &is_wanted);
    let current_stats = SideStats::new(current, &functions, current_places, &is_wanted);
    let mut pairing = Pairing::new(&functions, &base_stats, &current_stats);
    let elsewhere = pair_told(&mut pairing, told);
    if by_evidence {
        pair_names(&mut pairing);
        pair_packages(&mut pairing);
        pair_alike(&mut pairing);
        let above_new = functions_above(&pairing, current, Side::Current);
        pair_renamed_and_split(&mut pairing, &above_new);
        pair_renumbered(&mut pairing, families);
        join_split_off(&mut pairing, &above_new);
        let above_gone = functions_above(&pairing, base, Side::Base);
        join_merged(&mut pairing, &above_gone);
    }
    let mut matching = matching(&pairing);
    matching.coarser = coarser_names(&pairing, &elsewhere);
    for (base, new) in elsewhere {
        matching.add_base(functions.name(base), &new, How::Told, 1.0);
    }
    if !by_evidence {
        // What is gone is gone, but what is new may well have been there.
        matching.unpaired_new = Vec::new();
    }
    matching.unmet = unmet(&pairing, told);
    matching
}

fn matching(pairing: &Pairing<'_>) -> Matching {
    let name = |id| pairing.functions.name(id);
    let names = |ids: &BTreeSet<_>| ids.iter().map(|&id| name(id).to_owned()).collect();
    let mut matching = Matching {
        unpaired_gone: names(&pairing.gone),
        unpaired_new: names(&pairing.new),
        is_limited: pairing.is_limited(),
        ..Matching::default()
    };
    for pair in &pairing.pairs {
        matching.add_base(name(pair.base), name(pair.current), pair.how, pair.confidence);
    }
    for part in &pairing.parts {
        matching.add_current(name(part.base), name(part.current), part.how, part.confidence);
    }
    for pair in pairing.pairs.iter().chain(&pairing.parts) {
        if let Some(place) = pairing.current.place(pair.current) {
            matching.files.insert(name(pair.current).to_owned(), place.path.clone());
        }
    }
    for pair in &pairing.pairs {
        if let Some(place) = pairing.base.place(pair.base) {
            matching.base_files.insert(name(pair.base).to_owned(), place.path.clone());
        }
    }
    matching
}
