//! The stacks of both sides, for other programs.

mod exported;
mod folded;
mod pprof;
mod speedscope;

use std::io::{self, Write};

pub use exported::Exported;

/// A format that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A line for each stack, followed by both values.
    Folded,
    /// A profile in pprof's format, with the samples of the base below 0.
    Pprof,
    /// JSON of speedscope.
    Speedscope,
}

impl Export {
    /// Whether it is binary, which a terminal cannot show.
    pub fn is_binary(self) -> bool {
        self == Export::Pprof
    }
}

/// Writes the stacks. Returns the number of stacks with a value below 0 that is written as 0, since the format has no
/// negative values.
pub fn export(exported: &Exported<'_, '_>, export: Export, out: &mut dyn Write) -> io::Result<usize> {
    match export {
        Export::Folded => folded::write(exported, out),
        Export::Pprof => pprof::write(exported, out).map(|()| 0),
        Export::Speedscope => speedscope::write(exported, out),
    }
}
