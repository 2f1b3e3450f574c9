//! The stacks of both sides, and their values.

use crate::diff::{Change, Metric};
use crate::report::{ShownMetric, SideInfo};
use crate::stacks::StackComparison;

/// The stacks to export.
#[derive(Debug)]
pub struct Exported<'c, 'p> {
    /// The stacks.
    pub calls: &'c StackComparison<'p>,
    /// Metrics that both sides count. Formats with a single value have the first one.
    pub metrics: Vec<ShownMetric>,
    /// The earlier side.
    pub base: &'c SideInfo,
    /// The later side.
    pub current: &'c SideInfo,
}

/// Base and current in a metric, raised to 0, and whether one was below.
pub(super) fn at_least_0(change: Change, metric: Metric) -> ([i128; 2], bool) {
    let values = [change.base_of(metric), change.current_of(metric)];
    (values.map(|value| value.max(0)), values.iter().any(|&value| value < 0))
}
