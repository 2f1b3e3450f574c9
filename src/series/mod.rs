//! Snapshots of one process, in time order.
//!
//! In: the runtime's own numbers of each snapshot. Out: how the live heap developed ([`Course`]), and what that
//! suggests ([`Assessment`]). Those numbers are exact, so nothing here is a matter of sampling. Knows no file.

mod mem_stats;
mod shape;

pub use mem_stats::{Assessment, Basis, Ends, Finding, Held, Remark, Why, assess};
pub use shape::{Course, Shape};
