//! How often Go samples allocations.

use crate::profile::{Header, Role};

/// Sampling rate: the mean number of bytes between two samples, Go's `MemProfileRate` and a profile's period. At 1 every
/// object is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// Creates the rate of a profile with this period, bytes; periods below 1 count as 1.
    pub fn new(period: i64) -> Self {
        Rate(period.max(1) as f64)
    }

    /// Whether every object is counted.
    pub fn is_exact(self) -> bool {
        self.0 <= 1.0
    }

    /// Bytes that one sample of small objects stands for.
    pub fn bytes(self) -> f64 {
        self.0
    }

    /// Objects that one sample of objects of `size` bytes stands for: `1 / (1 - e^(-size / rate))`.
    pub fn objects_per_sample(self, size: u64) -> f64 {
        if self.is_exact() { 1.0 } else { -1.0 / libm::expm1(-(size as f64) / self.0) }
    }

    /// Bytes that one sample of objects of `size` bytes stands for.
    pub fn bytes_per_sample(self, size: u64) -> f64 {
        self.objects_per_sample(size) * size as f64
    }

    /// Probability that an object of `size` bytes is not sampled.
    pub fn unseen(self, size: u64) -> f64 {
        if self.is_exact() { 0.0 } else { libm::exp(-(size as f64) / self.0) }
    }

    /// The rate of a profile; `None` if its period is not one of bytes, nor counts things one by one.
    pub(crate) fn from_header(header: &Header) -> Option<Self> {
        if Role::LiveBytes.is(&header.period_type) && header.period > 0 || is_census(header) {
            Some(Rate::new(header.period))
        } else {
            None
        }
    }
}

/// Whether a profile counts things one by one, as goroutine profiles do.
pub(super) fn is_census(header: &Header) -> bool {
    header.period_type.unit == "count" && header.period == 1
}
