//! The weight of a raw sample of each side.

use crate::diff::{Deltas, Metric};
use crate::site::Factors;

/// What one raw sample of each side counts for: 1 in sums, `1 / k` where a side's values are means of `k` profiles or
/// operations.
///
/// Scaling a side by a constant does not change its relative variance, so the same limits apply.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SideWeights {
    /// Weight of a sample of the current side, where births are counted.
    pub born: f64,
    /// Weight of a sample of the base, where deaths are counted.
    pub died: f64,
}

impl SideWeights {
    /// The weights of sums.
    pub const SUM: SideWeights = SideWeights { born: 1.0, died: 1.0 };

    /// The weights of means over `base` and `current` profiles.
    pub fn mean_of(base: u32, current: u32) -> Self {
        SideWeights { born: 1.0 / f64::from(current.max(1)), died: 1.0 / f64::from(base.max(1)) }
    }

    /// The weights of a comparison in a metric.
    pub(super) fn from_deltas(deltas: &Deltas<'_, '_>, metric: Metric) -> Self {
        let [died, born] = [deltas.base, deltas.current].map(|side| {
            let Factors { objects, space } = side.scale().factors();
            if metric == Metric::Space { space } else { objects }
        });
        SideWeights { born, died }
    }

    /// The weights with base and current exchanged.
    pub fn mirrored(self) -> Self {
        SideWeights { born: self.died, died: self.born }
    }

    /// Weights of the same ratio; [`SideWeights::SUM`] if both are equal.
    pub fn relative(self) -> Self {
        if self.born == self.died { SideWeights::SUM } else { self }
    }
}
