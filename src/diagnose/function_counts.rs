//! Finds the functions that made more threads than before. In: profiles of those, compared by owner. Out:
//! [`FunctionCounts`]. The counts are exact: nothing is sampled.

use super::FunctionCounts;
use crate::diff::{Attribution, Deltas, Metric};
use crate::order::sorted;

/// Growth by fewer goroutines or threads is ignored, and so is growth by less than a tenth.
pub(super) const MIN_GROWTH_COUNT: i128 = 10;

/// The functions that grew, the most grown first.
pub fn growing_functions(counts: &Deltas<'_, '_>) -> Vec<FunctionCounts> {
    let mut found = Vec::new();
    for site in &counts.sites {
        let change = counts.change(site, Attribution::Flat);
        let [base, current] = [change.base_of(Metric::Objects), change.current_of(Metric::Objects)];
        if current - base >= MIN_GROWTH_COUNT.max((base + 9) / 10) {
            let function = counts.key(site).name().into_owned();
            found.push(FunctionCounts { function, base, current });
        }
    }
    sorted(found, |a, b| b.delta().cmp(&a.delta()).then_with(|| a.function.cmp(&b.function)))
}
