//! Says how sure it is that a site grew, from the raw samples that were born and died there.
//!
//! In: [`Deltas`](crate::diff::Deltas) and the buckets of their tables. Out: [`Evidence`]: of each site a
//! verdict, a p-value and intervals, what holds over all of them, and what could be seen at all.

mod class;
mod detect;
mod families;
mod gamma;
mod interval;
mod normal;
mod p_value;
mod process;
mod tail;
mod turnover;
mod weigh;

pub use class::{GrowthKind, growth_kind_by_levels};
pub use detect::{detectable_growth, detectable_growth_per};
pub use families::{Test, confirmed, testable};
pub use interval::{BucketTurnover, Interval, SideWeights, Unit, growth, growth_per};
pub use p_value::Tester;
pub use process::{Process, known_process, process};
pub use weigh::{Evidence, STRICT_ALPHA, Significance};
