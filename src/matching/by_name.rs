//! Pairs by names and places: what compilers, versions, and moved code change.

use std::collections::{BTreeMap, BTreeSet};

use super::by_key::pair_by;
use super::evidence::Likeness;
use super::functions::FunctionId;
use super::pairing::{Pairing, Side};
use super::result::How;
use crate::site::{is_closure, loose_name, loose_path};

/// Names that differ in numbers of closures, type arguments or major versions; and functions that start at the same line.
pub(super) fn pair_names(pairing: &mut Pairing<'_>) {
    pair_by(
        pairing,
        |pairing, id, _| Some(loose_name(pairing.functions.name(id))),
        |_, _, _| true,
        |_, _, _| How::Name,
        0.99,
    );
    pair_closures(pairing);
    pair_by(pairing, place, |_, _, _| true, |_, _, _| How::Line, 0.98);
}

/// File, first line and tail; `None` without a first line.
fn place(pairing: &Pairing<'_>, id: FunctionId, side: Side) -> Option<(String, i64, String)> {
    let side = if side == Side::Base { pairing.base } else { pairing.current };
    let place = side.place(id).filter(|place| place.start_line > 0)?;
    Some((place.file.clone(), place.start_line, pairing.functions.tail(id).to_owned()))
}

/// Closures at the same line are one: up to Go 1.26 a closure has a name for each function that its own was inlined into.
fn pair_closures(pairing: &mut Pairing<'_>) {
    let mut at_place: BTreeMap<_, [Vec<FunctionId>; 2]> = BTreeMap::new();
    for id in pairing.functions.ids() {
        if !pairing.functions.is_own(id) || !is_closure(pairing.functions.tail(id)) {
            continue;
        }
        for (at, side) in [Side::Base, Side::Current].into_iter().enumerate() {
            if let Some(place) = place(pairing, id, side) {
                at_place.entry(place).or_default()[at].push(id);
            }
        }
    }
    for [old, now] in at_place.into_values() {
        let gone: Vec<_> = old.into_iter().filter(|id| pairing.gone.contains(id)).collect();
        let new: Vec<_> = now.iter().copied().filter(|id| pairing.new.contains(id)).collect();
        let Some(&to) = new.first().or(now.first()).filter(|_| !gone.is_empty()) else { continue };
        for base in gone {
            pairing.take(base, to, How::Line, 0.98);
        }
        for part in new.into_iter().filter(|&part| part != to) {
            pairing.join(part, to, How::Line, 0.98);
        }
    }
}

/// Packages that have another path, and what is in them under the same tail; then other functions that moved.
pub(super) fn pair_packages(pairing: &mut Pairing<'_>) {
    pairing.packages = moved_packages(pairing);
    let same_package =
        |pairing: &Pairing<'_>, base, current| pairing.functions.package(base) == pairing.functions.package(current);
    pair_by(
        pairing,
        |pairing, id, side| {
            let package = pairing.functions.package(id);
            let package = if side == Side::Base { pairing.current_package(package) } else { package };
            Some((package.to_owned(), pairing.functions.tail(id).to_owned()))
        },
        |_, _, _| true,
        |pairing, base, current| if same_package(pairing, base, current) { How::Name } else { How::Package },
        0.95,
    );
    /// Letters of a function's name that make it telling.
    const MIN_TELLING: usize = 8;
    /// Sum of the likenesses of callers, callees and sizes; 3 at most.
    const MIN_LIKENESS: f64 = 1.2;
    pair_by(
        pairing,
        |pairing, id, _| {
            let tail = pairing.functions.tail(id);
            let is_telling = is_closure(tail) || tail.contains('.') || tail.len() >= MIN_TELLING;
            is_telling.then(|| tail.to_owned())
        },
        |pairing, base, current| {
            pairing.may_compare(base, current)
                && Likeness::of(pairing, base, current).context_and_sizes() >= MIN_LIKENESS
        },
        |_, _, _| How::Moved,
        0.85,
    );
}

/// By package that only the base has: the package that only the current side has, and that shares its functions' names.
fn moved_packages(pairing: &Pairing<'_>) -> BTreeMap<String, String> {
    let [old, now] = [Side::Base, Side::Current].map(|side| packages(pairing, side));
    let mut with_tail: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (to, package) in now.iter().filter(|(path, _)| !old.contains_key(*path)) {
        package.tails.iter().for_each(|tail| with_tail.entry(tail).or_default().push(to));
    }
    let mut candidates = Vec::new();
    for (from, members) in old.iter().filter(|(path, _)| !now.contains_key(*path)) {
        let mut shared: BTreeMap<&str, usize> = BTreeMap::new();
        for tos in members.tails.iter().filter_map(|tail| with_tail.get(tail)) {
            if pairing.may_spend(tos.len()) {
                tos.iter().for_each(|to| *shared.entry(to).or_default() += 1);
            }
        }
        for (to, shared) in shared {
            let Some(others) = now.get(to) else { continue };
            let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
            let same = last(from) == last(to) || loose_path(from) == loose_path(to);
            let part = shared as f64 / members.tails.len().min(others.tails.len()).max(1) as f64;
            let likely = part >= 0.5 && (shared >= 2 || share_of_callers(pairing, members, others) >= 0.5);
            if same || likely {
                candidates.push((shared + usize::from(same), part, *from, to));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.cmp(&a.0).then(b.1.total_cmp(&a.1)).then((a.2, a.3).cmp(&(b.2, b.3))));
    let mut moved = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (_, _, from, to) in candidates {
        if !moved.contains_key(from) && taken.insert(to) {
            moved.insert(from.to_owned(), to.to_owned());
        }
    }
    moved
}

#[derive(Default)]
struct Package<'s> {
    functions: Vec<FunctionId>,
    /// All but `init` and `main`, which every program has.
    tails: BTreeSet<&'s str>,
}

/// The own packages of a side.
fn packages<'s>(pairing: &Pairing<'s>, side: Side) -> BTreeMap<&'s str, Package<'s>> {
    let functions = pairing.functions;
    let stats = if side == Side::Base { pairing.base } else { pairing.current };
    let mut packages: BTreeMap<&str, Package<'_>> = BTreeMap::new();
    for id in functions.ids().filter(|&id| functions.is_own(id) && stats.has(id)) {
        let package = packages.entry(functions.package(id)).or_default();
        package.functions.push(id);
        let tail = functions.tail(id);
        if !tail.starts_with("init") && tail != "main" {
            package.tails.insert(tail);
        }
    }
    packages
}

/// How alike the functions outside of two packages are that call into them.
fn share_of_callers(pairing: &Pairing<'_>, from: &Package<'_>, to: &Package<'_>) -> f64 {
    let callers = |package: &Package<'_>, side: &super::side_stats::SideStats| {
        let mut counted = super::counts::Counting::default();
        for &id in &package.functions {
            for (caller, weight) in side.function(id).into_iter().flat_map(|stats| stats.callers.iter()) {
                if pairing.functions.package(caller) != pairing.functions.package(id) {
                    *counted.entry(caller).or_default() += weight;
                }
            }
        }
        super::counts::Counts::new(counted)
    };
    callers(from, pairing.base).share(&callers(to, pairing.current))
}
