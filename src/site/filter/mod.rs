//! The filters, with pprof's names and meanings: what may be asked for, and its application to one profile.

mod apply_filter;
mod block_sizes;
mod options;
mod trim_path;

pub(super) use apply_filter::FilterPass;
pub use block_sizes::BlockSizes;
pub use options::{Filter, FilterHits, FilterKind};
pub use trim_path::TrimPath;
