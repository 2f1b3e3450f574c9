//! Snapshots of one process, in time order.
//!
//! In: the runtime's own numbers of each snapshot, which are exact. Out: how the live heap developed ([`Course`]), and
//! what that suggests ([`Assessment`]). In: the tables of the snapshots' profiles, which are samples. Out: the values of
//! each site ([`SiteSeries`]) and its [`Trend`]. Knows no file.

mod counts;
mod heap_course;
mod mem_stats;
mod own_totals;
mod shape;
mod site_course;
mod site_trend;
mod sites;
mod spacing;
mod trend;
mod window;

pub use counts::count_trend;
pub use mem_stats::{
    Assessment, Endpoints, HeapPattern, HeldMemory, LiveHeapSource, MemStatsNote, MemoryMeasure, MemoryPart,
    MemoryParts, UnknownCause, assess, is_of_later_process,
};
pub use own_totals::{OwnTotals, own_totals, totals_of_window};
pub use shape::{Course, Shape, is_rise};
pub use site_course::SiteHistory;
pub use site_trend::{negligible, trend};
pub use sites::{LiveSeries, SiteSeries};
pub use spacing::{Spacing, seconds_between};
pub use trend::Trend;
pub use window::{SnapshotTimes, SnapshotWindow};
