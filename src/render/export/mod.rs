//! The stacks of both sides, for other programs.

mod folded;
mod pprof;
mod speedscope;

use std::io::{self, Write};

use crate::diff::{Change, Metric};
use crate::report::{Column, Side};
use crate::stacks::StackComparison;

/// A format that other programs read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Export {
    /// A line for each stack, with both values behind it.
    Folded,
    /// A profile in pprof's format, the samples of the base in it below 0.
    Pprof,
    /// JSON of speedscope.
    Speedscope,
}

impl Export {
    /// Whether it is nothing for a terminal.
    pub fn is_binary(self) -> bool {
        self == Export::Pprof
    }
}

/// What is exported.
#[derive(Debug)]
pub struct Exported<'c, 'p> {
    /// The stacks.
    pub calls: &'c StackComparison<'p>,
    /// What both sides count, the metric first that a format with room for one has.
    pub metrics: Vec<Column>,
    /// The earlier side.
    pub base: &'c Side,
    /// The later side.
    pub current: &'c Side,
}

/// Writes the stacks. Gives how many stacks have a value below 0 where the format has no place for one, so that it is
/// written as 0.
pub fn export(exported: &Exported<'_, '_>, export: Export, out: &mut dyn Write) -> io::Result<usize> {
    match export {
        Export::Folded => folded::write(exported, out),
        Export::Pprof => pprof::write(exported, out).map(|()| 0),
        Export::Speedscope => speedscope::write(exported, out),
    }
}

/// Both sides of a metric, not below 0; and whether one was.
fn at_least_0(change: Change, metric: Metric) -> ([i128; 2], bool) {
    let values = [change.base_of(metric), change.current_of(metric)];
    (values.map(|value| value.max(0)), values.iter().any(|&value| value < 0))
}
