//! Functions that were split in two, or became part of another.

use std::collections::BTreeMap;

use super::by_evidence::rounded;
use super::counts::Counts;
use super::evidence::{Amounts, BodyAndCalls, Likeness};
use super::functions::{FunctionId, Functions};
use super::pairing::{Pairing, Side};
use super::result::How;
use super::side_stats::{Owned, frames_by_location, weight};
use crate::profile::Profile;
use crate::site::Rate;

/// Share of a function's weight that must be below another one.
const MIN_BELOW: f64 = 0.9;
/// Confidence in what was split off or merged.
const CONFIDENCE: f64 = 0.7;
/// Share of a function's bytes that the other one must have lost or won.
const MIN_SHARE: f64 = 0.7;
/// Functions whose callers of callers are looked for, each of which takes memory.
const MAX_FUNCTIONS: usize = 1000;

/// By function: its own callers at any distance, with the weight of the samples they are on, and the weight of all.
pub(super) type Above = BTreeMap<FunctionId, (Counts<FunctionId>, u64)>;

/// The own functions above each of `wanted`, on the same stacks.
pub(super) fn functions_above(pairing: &Pairing<'_>, profiles: &[Profile], side: Side) -> Above {
    let (functions, stats, wanted) = match side {
        Side::Base => (pairing.functions, pairing.base, &pairing.gone),
        Side::Current => (pairing.functions, pairing.current, &pairing.new),
    };
    let mut is_wanted = vec![false; functions.ids().len()];
    let allocating = wanted.iter().filter(|&&id| stats.samples(id) > 0);
    if allocating.clone().count() > MAX_FUNCTIONS {
        pairing.skip();
    }
    allocating.take(MAX_FUNCTIONS).for_each(|&id| is_wanted[id as usize] = true);
    if !is_wanted.contains(&true) {
        return Above::new();
    }
    let mut counted: BTreeMap<FunctionId, (BTreeMap<FunctionId, u64>, u64)> = BTreeMap::new();
    for profile in profiles {
        let (frames, rate) = (frames_by_location(profile, functions), Rate::from_header(profile.header()));
        let mut own: Vec<FunctionId> = Vec::new();
        profile.samples().for_each_kept(|sample| {
            own.clear();
            for frame in sample.stack.iter().flat_map(|&id| &frames[id.index()]) {
                if functions.is_own(frame.function) && !own.contains(&frame.function) && own.len() < MAX_DEPTH {
                    own.push(frame.function);
                }
            }
            let weight = weight(sample, rate);
            for (at, &id) in own.iter().enumerate().filter(|&(_, &id)| is_wanted[id as usize]) {
                let (above, all) = counted.entry(id).or_default();
                *all += weight;
                own[at + 1..].iter().for_each(|&caller| *above.entry(caller).or_default() += weight);
            }
        });
    }
    counted.into_iter().map(|(id, (above, all))| (id, (Counts::from_sorted(above), all))).collect()
}

/// Own functions of one stack that are looked at.
const MAX_DEPTH: usize = 64;

/// The functions that a function is below on most of its stacks, the nearest in weight first.
fn mostly_below(above: &Above, id: FunctionId) -> Vec<FunctionId> {
    let Some((callers, all)) = above.get(&id) else { return Vec::new() };
    let is_most = |weight: u64| weight as f64 >= MIN_BELOW * *all as f64;
    let heaviest = callers.heaviest(usize::MAX);
    heaviest.into_iter().filter(|&(caller, weight)| caller != id && is_most(weight)).map(|(caller, _)| caller).collect()
}

fn in_one_package(functions: &Functions, a: FunctionId, b: FunctionId) -> bool {
    functions.package(a) == functions.package(b)
}

/// Functions that were renamed and split: what is new only below another new function counts as its.
pub(super) fn pair_renamed_and_split(pairing: &mut Pairing<'_>, above: &Above) {
    let mut below: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
    for &part in &pairing.new {
        for whole in mostly_below(above, part) {
            if pairing.new.contains(&whole) && in_one_package(pairing.functions, part, whole) {
                below.entry(whole).or_default().push(part);
            }
        }
    }
    let mut wholes: Vec<_> = below.into_iter().collect();
    wholes.sort_by(|a, b| b.1.len().cmp(&a.1.len()).then(a.0.cmp(&b.0)));
    for (whole, parts) in wholes {
        if !pairing.new.contains(&whole) {
            continue;
        }
        let mut best: Option<(f64, FunctionId)> = None;
        for &base in &pairing.gone {
            let package = pairing.current_package(pairing.functions.package(base));
            if package != pairing.functions.package(whole) || !pairing.may_compare(base, whole) {
                continue;
            }
            let score = score_of_sum(pairing, base, whole, &parts);
            best = score.filter(|&score| best.is_none_or(|(best, _)| score > best)).map(|score| (score, base)).or(best);
        }
        let Some((score, base)) = best else { continue };
        pairing.take(base, whole, How::Evidence, rounded(score.min(0.8)));
        for part in parts {
            if pairing.new.contains(&part) {
                pairing.join(part, whole, How::Split, CONFIDENCE);
            }
        }
    }
}

/// Confidence that a function of the base is a new one together with its parts.
fn score_of_sum(pairing: &Pairing<'_>, base: FunctionId, whole: FunctionId, parts: &[FunctionId]) -> Option<f64> {
    let all = || parts.iter().chain([&whole]).filter_map(|&id| pairing.current.owned(id));
    let sum = Owned {
        live: Counts::sum(all().map(|owned| &owned.live)),
        allocated: Counts::sum(all().map(|owned| &owned.allocated)),
        samples: 0,
    };
    let Amounts { sizes, amount, churn } = Amounts::of(pairing, pairing.base.owned(base), Some(&sum));
    let calls = BodyAndCalls::of(pairing, base, whole).calls;
    let callers = Likeness::of(pairing, base, whole).callers;
    let is_alike = calls >= 0.5 && callers >= 0.5 && sizes >= 0.7 && amount >= 0.6 && churn >= 0.75;
    is_alike.then_some(0.3 * calls + 0.2 * callers + 0.3 * sizes + 0.2 * amount)
}

/// New functions whose memory another one had before.
pub(super) fn join_split_off(pairing: &mut Pairing<'_>, above: &Above) {
    let mut before: BTreeMap<FunctionId, FunctionId> = BTreeMap::new();
    for id in pairing.functions.ids().rev().filter(|&id| pairing.base.has(id)) {
        before.insert(pairing.current_of(id), id);
    }
    for part in pairing.new.clone() {
        let lost_to = |&whole: &FunctionId| {
            let base = before.get(&whole).filter(|_| in_one_package(pairing.functions, part, whole));
            base.is_some_and(|&base| {
                let bytes = |owned: Option<&Owned>, size| owned.map_or(0, |owned| owned.allocated.get(size)) as f64;
                let (had, has) = (pairing.base.owned(base), pairing.current.owned(whole));
                let lost = |size| bytes(had, size) * pairing.load() - bytes(has, size);
                is_taken_over(pairing, pairing.current.owned(part), lost, 1.0)
            })
        };
        if let Some(whole) = mostly_below(above, part).into_iter().find(lost_to) {
            pairing.join(part, whole, How::Split, CONFIDENCE);
        }
    }
}

/// Functions that are gone, and whose memory another one has now.
pub(super) fn join_merged(pairing: &mut Pairing<'_>, above: &Above) {
    for part in pairing.gone.clone() {
        let won_by = |&whole: &FunctionId| {
            let now = pairing.current_of(whole);
            if !pairing.current.has(now) || !in_one_package(pairing.functions, part, whole) {
                return false;
            }
            let bytes = |owned: Option<&Owned>, size| owned.map_or(0, |owned| owned.allocated.get(size)) as f64;
            let (had, has) = (pairing.base.owned(whole), pairing.current.owned(now));
            let won = |size| bytes(has, size) - bytes(had, size) * pairing.load();
            is_taken_over(pairing, pairing.base.owned(part), won, pairing.load())
        };
        if let Some(whole) = mostly_below(above, part).into_iter().find(won_by) {
            let now = pairing.current_of(whole);
            pairing.take(part, now, How::Merged, CONFIDENCE);
        }
    }
}

/// Whether most of what a part allocates, times `load`, is what another function lost or won, by object size; and is more
/// than noise.
fn is_taken_over(pairing: &Pairing<'_>, part: Option<&Owned>, change: impl Fn(u64) -> f64, load: f64) -> bool {
    let Some(part) = part else { return false };
    let all = part.allocated.total() as f64 * load;
    let rate = pairing.base.rate;
    let noise = if rate > 1.0 { 3.0 * (2.0 * all * rate).sqrt() } else { 0.0 };
    let taken: f64 = part.allocated.iter().map(|(size, bytes)| change(size).max(0.0).min(bytes as f64 * load)).sum();
    all > 0.0 && all >= noise && taken >= MIN_SHARE * all
}
