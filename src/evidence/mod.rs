//! How sure it is that a site grew, from the raw samples that were born and died there.
//!
//! In: [`Deltas`](crate::diff::Deltas) and the buckets of their tables. Out: [`Evidence`]: for each site its
//! [`Significance`], a p-value and intervals; for all together what holds, and what growth could be seen at all.
//!
//! ```text
//! buckets ─process─▶ one process or two
//!         ─turnover─▶ births and deaths by site ─p_value─▶ p-values ─families─▶ significant sites ─▶ Evidence
//!                                               ─bounds──▶ intervals
//! buckets of each run ─moments─▶ mean and variance by site ─natural─▶ sites that vary, and by how much ─▶ Runs
//! chains of references ─counted─▶ the growth itself, which is certain
//! rate, alpha ─detectable─▶ growth that is found, and that never is
//! rate, limit ─limit_power─▶ growth that a limit can miss
//! gamma, tail, normal, student, binomial: quantiles and tails
//! ```

mod binomial;
mod bounds;
mod counted;
mod crossing;
mod detectable;
mod families;
mod gamma;
mod growth_kind;
mod limit_power;
mod moments;
mod natural;
mod normal;
mod p_value;
mod process;
mod runs;
mod significance;
mod site_evidence;
mod student;
mod tail;
mod tester;
mod turnover;
mod weights;

pub use binomial::is_improbably_few;
pub use bounds::{Interval, growth_interval};
pub use detectable::detectable_growth;
pub use families::{significant, testable};
pub use growth_kind::{GrowthKind, growth_kind_by_values};
pub use limit_power::LimitPower;
pub use natural::MIN_RUNS;
pub use p_value::MIN_P;
pub use process::{ProcessRelation, process_relation};
pub use runs::{NoVariation, Runs};
pub use significance::{GATE_ALPHA, Significance};
pub use site_evidence::{Evidence, INTERVAL_ALPHA};
pub use tester::Tester;
pub use turnover::BucketTurnover;
pub use weights::SideWeights;
