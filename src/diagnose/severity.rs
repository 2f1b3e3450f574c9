//! How much a note matters, and what it means for the comparison.

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Good to know.
    Info,
    /// The numbers may not mean what they seem to.
    Warning,
}

impl Severity {
    /// Name in JSON and in markdown.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
        }
    }
}

/// What a note means for the comparison of two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparability {
    /// Nothing.
    Comparable,
    /// Growth may be due to what makes the sides unlike.
    Doubtful,
    /// Growth means nothing at all.
    Incomparable,
}
