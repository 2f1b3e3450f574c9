//! Pairs functions that have something in common that no other function has.

use std::collections::BTreeMap;

use super::evidence::Likeness;
use super::functions::FunctionId;
use super::pairing::{Pairing, Side, sort_by_score};
use super::result::How;

/// Pairs the functions that alone have a key on either side, if `accepts` does; where several have it, those that are
/// alike, the most alike first.
pub(super) fn pair_by<K: Ord>(
    pairing: &mut Pairing<'_>,
    key: impl Fn(&Pairing<'_>, FunctionId, Side) -> Option<K>,
    accepts: impl Fn(&Pairing<'_>, FunctionId, FunctionId) -> bool,
    how: impl Fn(&Pairing<'_>, FunctionId, FunctionId) -> How,
    confidence: f64,
) {
    /// Sum of all likenesses that functions with equal keys need; 5 at most.
    const MIN_LIKENESS: f64 = 2.0;
    let mut by_key: BTreeMap<K, [Vec<FunctionId>; 2]> = BTreeMap::new();
    for (at, side, ids) in [(0, Side::Base, &pairing.gone), (1, Side::Current, &pairing.new)] {
        for &id in ids {
            if let Some(key) = key(pairing, id, side) {
                by_key.entry(key).or_default()[at].push(id);
            }
        }
    }
    for [gone, new] in by_key.into_values() {
        if let ([base], [current]) = (&gone[..], &new[..]) {
            if accepts(pairing, *base, *current) {
                let how = how(pairing, *base, *current);
                pairing.take(*base, *current, how, confidence);
            }
            continue;
        }
        let pairs = gone.iter().flat_map(|&base| new.iter().map(move |&current| (base, current)));
        let mut scored: Vec<_> = pairs
            .take_while(|&(base, current)| pairing.may_compare(base, current))
            .filter(|&(base, current)| accepts(pairing, base, current))
            .map(|(base, current)| (Likeness::of(pairing, base, current).sum(), base, current))
            .filter(|(score, ..)| *score >= MIN_LIKENESS)
            .collect();
        sort_by_score(&mut scored);
        for (_, base, current) in scored {
            if pairing.gone.contains(&base) && pairing.new.contains(&current) {
                let how = how(pairing, base, current);
                pairing.take(base, current, how, confidence);
            }
        }
    }
}
