//! Snapshots of one process, in time order.
//!
//! In: the runtime's own numbers of each snapshot, which are exact. Out: how the live heap developed ([`Course`]), and
//! what that suggests ([`Assessment`]). In: the tables of the snapshots' profiles, which are samples. Out: the values of
//! each site ([`SiteSeries`]) and its [`Trend`]. Knows no file.

mod counts;
mod heap_course;
mod mem_stats;
mod shape;
mod sites;
mod trend;
mod window;

pub use counts::count_trend;
pub use mem_stats::{
    Assessment, Endpoints, HeapPattern, HeldMemory, LiveHeapSource, MemStatsNote, MemoryMeasure, MemoryPart,
    MemoryParts, UnknownCause, assess,
};
pub use shape::{Course, Shape};
pub use sites::{SiteSeries, ValueSeries};
pub use trend::{SiteHistory, Trend, negligible, trend};
pub use window::SnapshotWindow;
