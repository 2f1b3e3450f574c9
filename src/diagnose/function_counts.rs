//! Finds the functions that have more goroutines, or made more threads, than before. In: profiles of those, compared by
//! owner, and of the heap, compared by function. Out: [`FunctionCounts`]. The counts are exact: nothing is sampled.

use super::FunctionCounts;
use crate::diff::{Attribution, Deltas, Metric};
use crate::order::sorted;
use crate::site::Values;

/// Growth by fewer goroutines or threads is ignored, and so is growth by less than a tenth.
pub(super) const MIN_GROWTH_COUNT: i128 = 10;

/// The functions that grew, the most grown first. `heap`: a comparison with cumulative values, if there is one.
pub fn growing_functions(counts: &Deltas<'_, '_>, heap: Option<&Deltas<'_, '_>>) -> Vec<FunctionCounts> {
    let mut found = Vec::new();
    for site in &counts.sites {
        let change = counts.change(site, Attribution::Flat);
        let [base, current] = [change.base_of(Metric::Objects), change.current_of(Metric::Objects)];
        if current - base >= MIN_GROWTH_COUNT.max((base + 9) / 10) {
            let function = counts.key(site).name().into_owned();
            let heap = heap.and_then(|heap| heap_growth(heap, &function));
            found.push(FunctionCounts { function, base, current, heap });
        }
    }
    sorted(found, |a, b| b.delta().cmp(&a.delta()).then_with(|| a.function.cmp(&b.function)))
}

/// Growth of the heap below a function: allocated in it or in anything it calls.
fn heap_growth(heap: &Deltas<'_, '_>, function: &str) -> Option<Values> {
    let site = heap.sites.iter().find(|site| heap.key(site).name() == function)?;
    Some(heap.change(site, Attribution::Cum).delta()).filter(|delta| delta.space > 0)
}
