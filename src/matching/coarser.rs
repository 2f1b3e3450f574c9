//! The packages and files that have other names on the current side, by the functions that do.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::FunctionId;
use super::pairing::Pairing;
use super::result::{How, OtherName, OtherNames};
use crate::site::split_name;

/// A function of the base that the current side has in another place, or under another name.
struct Moved<'a> {
    base: [&'a str; 2],
    current: [&'a str; 2],
    how: How,
    confidence: f64,
}

/// The other names of packages and of files, by their names on the current side. `elsewhere`: names of functions that the
/// current side does not have, by function of the base.
pub(super) fn coarser_names(pairing: &Pairing<'_>, elsewhere: &BTreeMap<FunctionId, String>) -> [OtherNames; 2] {
    let functions = pairing.functions;
    let base = |id| [functions.package(id), pairing.base.place(id).map_or("", |place| &place.path)];
    let of_pair = |pair: &super::pairing::Pair| {
        let file = pairing.current.place(pair.current).map_or("", |place| &place.path);
        let current = [functions.package(pair.current), file];
        Moved { base: base(pair.base), current, how: pair.how, confidence: pair.confidence }
    };
    let mut moved: Vec<_> = pairing.pairs.iter().map(of_pair).collect();
    for (&id, name) in elsewhere {
        let current = [split_name(name).0, ""];
        moved.push(Moved { base: base(id), current, how: How::Told, confidence: 1.0 });
    }
    let there = |id: &FunctionId| pairing.current.has(*id);
    let places = functions.ids().filter(there);
    let packages: BTreeSet<&str> = places.clone().map(|id| functions.package(id)).collect();
    let files: BTreeSet<&str> =
        places.filter_map(|id| pairing.current.place(id)).map(|place| place.path.as_str()).collect();
    [others(&moved, 0, &packages), others(&moved, 1, &files)]
}

/// `at`: 0 for packages, 1 for files. `there`: those of the current side.
fn others(moved: &[Moved<'_>], at: usize, there: &BTreeSet<&str>) -> OtherNames {
    let is_other = |moved: &&Moved<'_>| {
        let (base, current) = (moved.base[at], moved.current[at]);
        base != current && !base.is_empty() && !current.is_empty()
    };
    let mut targets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    moved.iter().filter(is_other).for_each(|moved| {
        targets.entry(moved.base[at]).or_default().insert(moved.current[at]);
    });
    let mut others: BTreeMap<String, Vec<OtherName>> = BTreeMap::new();
    for moved in moved.iter().filter(is_other) {
        let known = others.entry(moved.current[at].to_owned()).or_default();
        let name = moved.base[at];
        match known.iter_mut().find(|other| other.function == name) {
            Some(other) => {
                (other.how, other.confidence) = (other.how.min(moved.how), other.confidence.max(moved.confidence));
            }
            None => known.push(OtherName {
                function: name.to_owned(),
                how: moved.how,
                confidence: moved.confidence,
                // What went to several places, or is still there, is not what any of them was.
                is_part: there.contains(name) || targets[name].len() > 1,
            }),
        }
    }
    others.values_mut().for_each(|others| others.sort_by(|a, b| a.function.cmp(&b.function)));
    others
}
