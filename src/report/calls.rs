//! What the commands on stacks tell, ready to be shown.

use super::{Excerpt, NoSource, Report};
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::stacks::{FunctionListing, Peek, StackComparison, StackGroup};

/// What is common to them.
#[derive(Debug)]
pub struct CallsReport<'c, 'p> {
    /// Both sides, what they count, and what the user should know; no sites.
    pub comparison: Report,
    /// The stacks.
    pub calls: &'c StackComparison<'p>,
    /// Decides the order.
    pub sort: Metric,
    /// How many functions or stacks are not shown, by `--top`.
    pub omitted: usize,
}

/// Functions, line by line.
#[derive(Debug)]
pub struct ListReport<'c, 'p> {
    /// Both sides.
    pub of: CallsReport<'c, 'p>,
    /// What the names match.
    pub pattern: String,
    /// Each with its source.
    pub functions: Vec<ListedFunction<'p>>,
}

/// A function with its source.
#[derive(Debug)]
pub struct ListedFunction<'p> {
    /// Its lines with numbers.
    pub listed: FunctionListing<'p>,
    /// By line of it, how sure what it allocates itself is; `None` if that is nothing on both sides.
    pub verdicts: Vec<Option<Significance>>,
    /// Its source.
    pub source: Result<Excerpt, NoSource>,
}

/// Functions between their callers and callees.
#[derive(Debug)]
pub struct PeekReport<'c, 'p> {
    /// Both sides.
    pub of: CallsReport<'c, 'p>,
    /// What the names match.
    pub pattern: String,
    /// The functions.
    pub peeks: Vec<Peek>,
}

/// Stacks, folded at their owners.
#[derive(Debug)]
pub struct StacksReport<'c, 'p> {
    /// Both sides.
    pub of: CallsReport<'c, 'p>,
    /// Whether only those are there that grew.
    pub growers: bool,
    /// The stacks.
    pub groups: Vec<StackGroup>,
}
