//! The notes on how the work of both sides was compared.

use serde_json::{Value, json};

use super::severity::Severity;
use super::side::WhichSide;

/// A note on how the work of both sides was compared.
#[derive(Debug, Clone, PartialEq)]
pub enum WorkNote {
    /// Numbers are divided by the operations of a benchmark.
    PerOperation {
        /// Operations of the base.
        base: u64,
        /// Operations of the current side.
        current: u64,
    },
    /// The output of a benchmark leaves out runs that the profile has, so that the operations are estimated.
    OperationsEstimated {
        side: WhichSide,
        /// Estimated operations.
        count: u64,
        /// Operations that the output lists.
        listed: u64,
    },
    /// The output of a benchmark may leave out runs that the profile has.
    OperationsUnchecked {
        side: WhichSide,
        /// Operations that the output lists.
        listed: u64,
    },
    /// The current side is scaled to the totals of the base.
    Normalized {
        /// Factor of objects.
        objects: f64,
        /// Factor of bytes.
        space: f64,
    },
}

impl WorkNote {
    /// Name in JSON.
    pub(super) fn code(&self) -> &'static str {
        match self {
            WorkNote::PerOperation { .. } => "per_operation",
            WorkNote::OperationsEstimated { .. } => "operations_estimated",
            WorkNote::OperationsUnchecked { .. } => "operations_unchecked",
            WorkNote::Normalized { .. } => "normalized",
        }
    }

    pub(super) fn severity(&self) -> Severity {
        match self {
            WorkNote::PerOperation { .. } | WorkNote::Normalized { .. } => Severity::Info,
            WorkNote::OperationsEstimated { .. } | WorkNote::OperationsUnchecked { .. } => Severity::Warning,
        }
    }

    /// The values behind it, a JSON object.
    pub(super) fn data(&self) -> Value {
        match self {
            WorkNote::PerOperation { base, current } => json!({"base_operations": base, "current_operations": current}),
            WorkNote::OperationsEstimated { side, count, listed } => {
                json!({"side": side.name(), "operations": count, "listed": listed})
            }
            WorkNote::OperationsUnchecked { side, listed } => json!({"side": side.name(), "listed": listed}),
            WorkNote::Normalized { objects, space } => json!({"objects_factor": objects, "space_factor": space}),
        }
    }
}
