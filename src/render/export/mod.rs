//! The stacks of both sides, for other programs.

mod folded;

use std::io::{self, Write};

use crate::calls::Calls;
use crate::diff::Metric;

/// A format that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A line for each stack, with both values behind it.
    Folded,
}

/// Writes the stacks. `metric`: what a format with room for one only has.
pub fn export(calls: &Calls<'_>, export: Export, metric: Metric, out: &mut dyn Write) -> io::Result<()> {
    match export {
        Export::Folded => folded::write(calls, metric, out),
    }
}
