//! Snapshots of one process, in time order.
//!
//! In: the runtime's own numbers of each snapshot, which are exact. Out: how the live heap developed ([`Course`]),
//! and what that suggests ([`Assessment`]). In: the tables of its profiles, which are samples. Out: the series of
//! each site ([`SiteSeries`]) and its [`Trend`]. Knows no file.

mod mem_stats;
mod shape;
mod sites;
mod trend;

pub use mem_stats::{Assessment, Ends, HeapPattern, Held, LiveHeapSource, Remark, Why, assess};
pub use shape::{Course, Shape};
pub use sites::{SiteSeries, Steps};
pub use trend::{SiteCourse, Trend, Window, negligible, trend};
