//! Closures of one function that have each other's numbers now, as one was added, or the order changed.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::Likeness;
use super::functions::{FunctionId, Functions};
use super::pairing::{Pairing, sort_by_score};
use super::result::How;
use super::side_stats::Place;
use crate::site::{is_closure, loose_name};

/// Closures of one name that are compared with each other.
const MAX_FAMILY: usize = 64;
/// By how much the sum of likenesses must beat that of the closures as they are numbered.
const MIN_LEAD: f64 = 0.3;
const CONFIDENCE: f64 = 0.9;

/// The closures that both sides have and that may have each other's numbers: at least two of one name without numbers.
pub(super) fn families(functions: &Functions, sides: [&[Option<Place>]; 2]) -> Vec<Vec<FunctionId>> {
    let mut families: BTreeMap<String, Vec<FunctionId>> = BTreeMap::new();
    for id in functions.ids() {
        if functions.is_own(id)
            && is_closure(functions.tail(id))
            && sides.iter().all(|side| side[id as usize].is_some())
        {
            families.entry(loose_name(functions.name(id))).or_default().push(id);
        }
    }
    families.into_values().filter(|family| family.len() >= 2).collect()
}

/// Pairs the closures of each family anew if they are more alike in another order.
pub(super) fn pair_renumbered(pairing: &mut Pairing<'_>, families: Vec<Vec<FunctionId>>) {
    for family in families {
        if family.len() > MAX_FAMILY {
            pairing.skip();
            continue;
        }
        let pairs = family.iter().flat_map(|&base| family.iter().map(move |&current| (base, current)));
        if !pairs.clone().all(|(base, current)| pairing.may_compare(base, current)) {
            break;
        }
        let likeness = |base, current| {
            let Likeness { callers, callees, sizes, amount, churn } = Likeness::of(pairing, base, current);
            0.2 * callers + 0.4 * callees + 0.3 * sizes + 0.05 * amount + 0.05 * churn
        };
        // What is as alike either way keeps its number.
        let stays = |base, current| if base == current { 0.02 } else { 0.0 };
        let mut scored: Vec<_> =
            pairs.map(|(base, current)| (likeness(base, current) + stays(base, current), base, current)).collect();
        sort_by_score(&mut scored);
        let (mut order, mut taken) = (BTreeMap::new(), BTreeSet::new());
        let (mut sum, mut as_numbered) = (0.0, 0.0);
        for (score, base, current) in scored {
            if base == current {
                as_numbered += score - stays(base, current);
            }
            if !order.contains_key(&base) && taken.insert(current) {
                order.insert(base, current);
                sum += score - stays(base, current);
            }
        }
        if sum > as_numbered + MIN_LEAD {
            for (base, current) in order.into_iter().filter(|(base, current)| base != current) {
                pairing.take(base, current, How::Renumbered, CONFIDENCE);
            }
        }
    }
}
