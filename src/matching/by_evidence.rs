//! Pairs of functions whose names have nothing in common: by the lines they are called from, their bodies, and what they
//! allocate.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{BodyAndCalls, Likeness, Nearness};
use super::functions::FunctionId;
use super::pairing::{Pairing, sort_by_score};
use super::result::How;
use super::side_stats::SideStats;

/// Each round knows the pairs of the rounds before, which are callers and callees of others.
const ROUNDS: usize = 3;
const MIN_SCORE: f64 = 0.55;
/// If another candidate is as close as this, neither is paired.
const MIN_LEAD: f64 = 0.08;
const MAX_CONFIDENCE: f64 = 0.9;
/// Fewer samples than this say little of sizes.
const FEW_SAMPLES: u64 = 30;

/// Pairs what is alike.
pub(super) fn pair_alike(pairing: &mut Pairing<'_>) {
    for _ in 0..ROUNDS {
        let mut scored: Vec<_> = candidates(pairing)
            .into_iter()
            .take_while(|&(base, current)| pairing.may_compare(base, current))
            .filter_map(|(base, current)| Some((score(pairing, base, current)?, base, current)))
            .collect();
        sort_by_score(&mut scored);
        let mut rivals: [BTreeMap<FunctionId, Vec<(f64, FunctionId)>>; 2] = Default::default();
        for &(score, base, current) in &scored {
            rivals[0].entry(base).or_default().push((score, current));
            rivals[1].entry(current).or_default().push((score, base));
        }
        let found = pairing.pairs.len();
        for (score, base, current) in scored {
            let is_free = |base, current| pairing.gone.contains(&base) && pairing.new.contains(&current);
            if !is_free(base, current) || score < MIN_SCORE {
                continue;
            }
            let of_base = rivals[0][&base].iter().filter(|&&(_, other)| other != current && is_free(base, other));
            let of_current = rivals[1][&current].iter().filter(|&&(_, other)| other != base && is_free(other, current));
            let has_rival = of_base.chain(of_current).any(|&(rival, _)| score - rival < MIN_LEAD);
            if !has_rival {
                pairing.take(base, current, How::Evidence, rounded(score.min(MAX_CONFIDENCE)));
            }
        }
        if pairing.pairs.len() == found {
            break;
        }
    }
}

/// Functions without a pair that have a caller in common, as each pair needs; sorted.
fn candidates(pairing: &Pairing<'_>) -> BTreeSet<(FunctionId, FunctionId)> {
    /// No caller has as many, unless a profile is crafted.
    const MAX_CALLEES: usize = 2000;
    let mut by_caller: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
    for &id in pairing.new.iter().filter(|&&id| counts(pairing.current, id)) {
        for (caller, _) in pairing.current.function(id).into_iter().flat_map(|stats| stats.callers.iter()) {
            by_caller.entry(caller).or_default().push(id);
        }
    }
    let mut candidates = BTreeSet::new();
    for &base in pairing.gone.iter().filter(|&&id| counts(pairing.base, id)) {
        let callers = pairing.base.function(base).into_iter().flat_map(|stats| stats.callers.iter());
        let callers: BTreeSet<_> = callers.map(|(caller, _)| pairing.current_of(caller)).collect();
        for caller in callers {
            let callees = by_caller.get(&caller).map_or(&[][..], Vec::as_slice);
            if callees.len() > MAX_CALLEES || !pairing.may_spend(callees.len()) {
                pairing.skip();
                continue;
            }
            candidates.extend(callees.iter().map(|&current| (base, current)));
        }
    }
    candidates
}

/// Whether a function allocates or calls one that does.
fn counts(side: &SideStats, id: FunctionId) -> bool {
    let allocates = |id| side.samples(id) > 0;
    let calls_one = || side.function(id).is_some_and(|stats| stats.callees.iter().any(|(callee, _)| allocates(callee)));
    allocates(id) || calls_one()
}

/// Confidence that two functions are one, from 0 to 1; `None` if the evidence is not enough.
fn score(pairing: &Pairing<'_>, base: FunctionId, current: FunctionId) -> Option<f64> {
    let samples = [pairing.base.samples(base), pairing.current.samples(current)];
    if (samples[0] == 0) != (samples[1] == 0) {
        return None;
    }
    let closures = |id| pairing.functions.tail(id).matches('~').count();
    let only_calls = samples == [0, 0];
    if only_calls && closures(base) != closures(current) {
        return None;
    }
    let Likeness { callers, callees, sizes, amount, churn } = Likeness::of(pairing, base, current);
    let near = Nearness::of(pairing, base, current);
    let BodyAndCalls { body, calls, has_telling_lines } = BodyAndCalls::of(pairing, base, current);
    if only_calls {
        let close = if near.same_package || near.same_file { 1.0 } else { 0.0 };
        let is_alike = callers >= 0.5 && callees >= 0.5 && body >= 0.6;
        return is_alike.then_some(0.35 * callers + 0.45 * callees + 0.2 * close);
    }
    let same_body = body >= 0.6 && (has_telling_lines || body >= 0.9 && calls >= 0.5);
    let renamed = same_body && (calls >= 0.5 || body >= 0.8 && callers >= 0.5 && near.is_near()) && sizes >= 0.3;
    let few = samples[0].min(samples[1]) < FEW_SAMPLES;
    let edited = (calls >= 0.5 || body >= 0.5)
        && callers >= 0.5
        && near.is_near()
        && sizes >= if few { 0.5 } else { 0.7 }
        && amount >= 0.6
        && churn >= 0.75;
    let score =
        0.25 * body + 0.2 * calls + 0.15 * callers + 0.1 * callees + 0.1 * sizes + 0.1 * amount + 0.1 * near.score();
    (renamed || edited).then_some(score)
}

/// Two decimals, as people read it.
pub(super) fn rounded(confidence: f64) -> f64 {
    (confidence * 100.0).round() / 100.0
}
