//! Judges a comparison: does anything grow more than it may?
//!
//! In: [`Deltas`](crate::diff::Deltas) with their [`Evidence`](crate::evidence::Evidence), and [`Rules`].
//! Out: a [`GateResult`], which is data. Sees every site; knows no sentence, no format, no file and no exit code.

mod budget;
mod calibrate;
mod doubt;
mod judge;
mod leaked;
mod limit;
mod result;
mod rules;
mod sites;
mod thresholds;
mod work;

pub use budget::budget;
pub use calibrate::{Greatest, Variation};
pub use judge::{Comparison, judge, unjudged};
pub use limit::{Limit, Limits, Scope};
pub use result::{AppliedRule, BrokenRule, Doubt, GateResult, LeakedGrowth, Reason, Status, Violation};
pub use rules::{Allow, Budget, BudgetSite, Rules};
pub use thresholds::{
    MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT, MIN_GATE_SAMPLES, TOLERANCE_BYTES, TOLERANCE_PERCENT,
};
