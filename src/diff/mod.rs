//! Subtracts the base from the current side, site by site, keeping both.
//!
//! In: two [`SiteTable`](crate::site::SiteTable)s. Out: [`Deltas`]. Drops nothing and judges nothing.

mod change;
mod deltas;
mod initializer_shifts;

pub use change::{Attribution, Change, Metric, SiteDelta};
pub use deltas::{Deltas, diff, diff_matching};
