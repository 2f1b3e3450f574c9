//! Says how sure it is that a site grew, from the raw samples that were born and died there.
//!
//! In: sample counts by object size. Out: intervals, p-values, what holds over many sites, and what could
//! be seen at all. Only mathematics: it knows no profile and no site.

mod class;
mod detect;
mod families;
mod gamma;
mod interval;
mod normal;
mod p_value;
mod tail;

pub use class::{Amount, GrowthClass, Moves, SiteGrowth, class};
pub use detect::detectable_growth;
pub use families::{Test, Testable, confirmed, suspects, testable};
pub use interval::{Interval, Moved, Unit, growth};
pub use p_value::{LEAST_P, Tester, least_p_value, p_value};
