//! The weight of a raw sample of each side.

use super::turnover::BucketTurnover;
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
    /// How many times as much a sample of the runs counts whose growth is usual: 1, unless these are of another number.
    pub usual: f64,
}

impl SideWeights {
    /// The weights of sums.
    pub const SUM: SideWeights = SideWeights { born: 1.0, died: 1.0, usual: 1.0 };

    /// The weights of means over `base` and `current` profiles.
    pub fn mean_of(base: u32, current: u32) -> Self {
        SideWeights { born: 1.0 / f64::from(current.max(1)), died: 1.0 / f64::from(base.max(1)), usual: 1.0 }
    }

    /// The weights of a comparison in a metric.
    pub(super) fn from_deltas(deltas: &Deltas<'_, '_>, metric: Metric) -> Self {
        let [died, born] = [deltas.base, deltas.current].map(|side| {
            let Factors { objects, space } = side.scale().factors();
            if metric == Metric::Space { space } else { objects }
        });
        SideWeights { born, died, usual: 1.0 }
    }

    /// The weights of a comparison beside those of `usual`, whose growth is taken off; `None` if their samples cannot be
    /// weighed against each other.
    pub(super) fn beside(self, usual: SideWeights) -> Option<Self> {
        let is_mean = |weights: SideWeights| weights.born == weights.died;
        match self == usual.mirrored() {
            true => Some(self),
            false => (is_mean(self) && is_mean(usual)).then(|| SideWeights { usual: usual.born / self.born, ..self }),
        }
    }

    /// The weight of a sample of a bucket, in those of its side.
    pub(super) fn of(self, bucket: &BucketTurnover) -> f64 {
        if bucket.is_usual { self.usual } else { 1.0 }
    }

    /// The weights with base and current exchanged.
    pub fn mirrored(self) -> Self {
        SideWeights { born: self.died, died: self.born, ..self }
    }

    /// Weights of the same ratio; [`SideWeights::SUM`] if both are equal.
    pub fn relative(self) -> Self {
        if self.born == self.died { SideWeights { usual: self.usual, ..SideWeights::SUM } } else { self }
    }
}
