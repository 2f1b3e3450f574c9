//! How many operations of a benchmark a side holds.

use crate::site::Values;

/// Operations of a benchmark that allocated what a side has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations {
    /// Name of the benchmark.
    pub benchmark: String,
    /// Operations that values are divided by, at least 1.
    pub count: u64,
    /// What they allocated, as the filters leave it, not divided.
    pub allocated: Values,
    /// Operations that the output of the benchmark lists, which leaves out earlier, shorter runs.
    pub listed: u64,
    /// What the number rests on.
    pub basis: OperationsBasis,
}

/// What a number of operations rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationsBasis {
    /// All runs are known.
    Counted,
    /// Estimated from what an operation allocates (`B/op`), as runs are missing in the output.
    Estimated,
    /// Runs may be missing in the output, and nothing tells how many.
    Unchecked,
}

impl OperationsBasis {
    /// Name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            OperationsBasis::Counted => "counted",
            OperationsBasis::Estimated => "estimated",
            OperationsBasis::Unchecked => "unchecked",
        }
    }
}
