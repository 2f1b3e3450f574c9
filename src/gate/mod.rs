//! Judges a comparison: does anything grow more than it may?
//!
//! In: [`Deltas`](crate::diff::Deltas) with their [`Evidence`](crate::evidence::Evidence), and [`Rules`].
//! Out: a [`GateResult`], which is data. Sees every site; knows no sentence, no format, no file and no exit code.

mod accepted;
mod allow;
mod budget;
mod budget_review;
mod budget_update;
mod calibrate;
mod doubt;
mod judge;
mod leaked;
mod limit;
mod must_see;
mod power;
mod result;
mod round;
mod rules;
mod site_rule;
mod sites;
mod thresholds;
mod whole;
mod work;

pub use allow::Allow;
pub use budget::{Budget, BudgetSite};
pub use budget_update::{BudgetUpdate, update_budget};
pub use calibrate::{Found, Proposal, Refusal, Variation};
pub use judge::{Comparison, CountedHeap, judge, unjudged};
pub use limit::{Limit, Limits, Scope};
pub use result::{
    Accepted, Acceptor, AppliedRule, BrokenRule, Doubt, GateResult, LargerGrowth, LeakedGrowth, MustSee, Reason,
    RulePower, Status, TooFine, Violation,
};
pub use rules::Rules;
pub use thresholds::{
    MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT, MIN_GATE_SAMPLES, OPERATION_TOLERANCE_BYTES,
    OPERATION_TOLERANCE_PERCENT, TOLERANCE_BYTES, TOLERANCE_PERCENT, TOTAL_TOLERANCE_BYTES,
};
