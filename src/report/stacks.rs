//! What the commands on stacks show.

use super::{Excerpt, NoSource, Report};
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::stacks::{FunctionListing, Peek, StackComparison, StackGroup};

/// What the reports on stacks have in common.
#[derive(Debug)]
pub struct StackContext<'c, 'p> {
    /// Both sides, what they count, and what the user should know; no sites.
    pub comparison: Report,
    pub calls: &'c StackComparison<'p>,
    /// Metric that decides the order.
    pub sort: Metric,
    /// Number of functions or stacks that `--top` hides.
    pub omitted: usize,
}

/// Functions, line by line.
#[derive(Debug)]
pub struct ListReport<'c, 'p> {
    /// Both sides and their stacks.
    pub of: StackContext<'c, 'p>,
    /// The regular expression that their names match.
    pub pattern: String,
    /// The functions, each with its source.
    pub functions: Vec<ListedFunction<'p>>,
}

/// A function with its source.
#[derive(Debug)]
pub struct ListedFunction<'p> {
    /// Its lines that have values.
    pub listed: FunctionListing<'p>,
    /// Significance of the flat values of each line; `None` if both sides have none.
    pub significances: Vec<Option<Significance>>,
    /// Its source, or why there is none.
    pub source: Result<Excerpt, NoSource>,
}

/// Functions between their callers and callees.
#[derive(Debug)]
pub struct PeekReport<'c, 'p> {
    /// Both sides and their stacks.
    pub of: StackContext<'c, 'p>,
    /// The regular expression that their names match.
    pub pattern: String,
    pub peeks: Vec<Peek>,
}

/// Stacks, folded at their owners.
#[derive(Debug)]
pub struct StacksReport<'c, 'p> {
    /// Both sides and their stacks.
    pub of: StackContext<'c, 'p>,
    /// Whether stacks that did not grow are left out.
    pub only_grown: bool,
    pub groups: Vec<StackGroup>,
}
