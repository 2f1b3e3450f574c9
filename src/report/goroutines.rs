//! Which functions have more goroutines, or made more threads, than before. In: profiles of those, compared by owner,
//! and of the heap, compared by function. Out: [`Waiting`]. The counts are exact: nothing of them is sampled.

use super::Waiting;
use crate::diff::{Attribution, Deltas, Metric};
use crate::order::sorted;
use crate::site::Values;

/// Growth by fewer is none; and by less than a tenth.
const FEW: i128 = 10;

/// The functions with more, the most first. `heap`: with cumulative values, if it is known.
pub fn waiting(counts: &Deltas<'_, '_>, heap: Option<&Deltas<'_, '_>>) -> Vec<Waiting> {
    let mut found = Vec::new();
    for site in &counts.sites {
        let change = counts.change(site, Attribution::Flat);
        let [base, current] = [change.base_of(Metric::Objects), change.current_of(Metric::Objects)];
        if current - base >= FEW.max((base + 9) / 10) {
            let function = counts.key(site).name().into_owned();
            found.push(Waiting { heap: heap.and_then(|heap| grew(heap, &function)), function, base, current });
        }
    }
    sorted(found, |a, b| b.delta().cmp(&a.delta()).then_with(|| a.function.cmp(&b.function)))
}

/// What a function and all that it calls grew by, if it did.
fn grew(heap: &Deltas<'_, '_>, function: &str) -> Option<Values> {
    let site = heap.sites.iter().find(|site| heap.key(site).name() == function)?;
    Some(heap.change(site, Attribution::Cum).delta()).filter(|delta| delta.space > 0)
}
