//! What the gate tolerates as natural variation, and what it asks for before growth counts.

use super::Limit;
use crate::diff::Deltas;

/// Growth of a site up to this many bytes is natural variation.
pub const TOLERANCE_BYTES: i128 = 64 << 10;

/// Growth up to this share of a site's base is natural variation, percent.
pub const TOLERANCE_PERCENT: f64 = 5.0;

/// Growth of a site per operation of a benchmark up to this many bytes is natural variation.
pub const OPERATION_TOLERANCE_BYTES: i128 = 64;

/// Growth of a site per operation from which on it counts in objects: less is rounding, and what is allocated now and then.
pub(super) const MIN_OPERATION_OBJECTS: f64 = 0.5;

/// Standard deviations by which bytes per operation must have grown if each object was allocated by chance: a buffer that a
/// pool lost once is no growth of an operation.
pub(super) const OPERATION_DEVIATIONS: f64 = 3.0;

/// Growth per operation up to this share of a site's base is natural variation, percent.
pub const OPERATION_TOLERANCE_PERCENT: f64 = 1.0;

/// Growth of the whole heap up to this many bytes is natural variation.
pub const TOTAL_TOLERANCE_BYTES: i128 = 1 << 20;

/// Growth up to this share of the whole heap is natural variation: steady services moved by up to 9 % between any two
/// snapshots.
pub const TOTAL_TOLERANCE: Limit = Limit::Percent(15.0);

/// Smallest growth that counts where things are counted one by one and have no size, such as goroutines.
pub const MIN_COUNT_GROWTH: i128 = 10;

/// Smallest such growth as a share of the site's base, percent.
pub const MIN_COUNT_GROWTH_PERCENT: f64 = 10.0;

/// Net new samples that the default rule asks for: fewer may be one large buffer that happens to be live.
pub const MIN_GATE_SAMPLES: f64 = 3.0;

/// A violation counts only if at least this share of its growth is still there in the settled profile.
pub(super) const MIN_SETTLED_SHARE: f64 = 0.25;

/// What the gate tolerates: amounts, or amounts per operation of a benchmark.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tolerances {
    /// Growth of a site up to which it is natural variation, bytes.
    pub(super) site_bytes: i128,
    /// The same as a share of the site's base, percent.
    pub(super) site_percent: f64,
}

impl Tolerances {
    /// The tolerances for heaps.
    pub(super) const OF_HEAPS: Tolerances = Tolerances { site_bytes: TOLERANCE_BYTES, site_percent: TOLERANCE_PERCENT };

    /// The tolerances per operation.
    const PER_OPERATION: Tolerances =
        Tolerances { site_bytes: OPERATION_TOLERANCE_BYTES, site_percent: OPERATION_TOLERANCE_PERCENT };

    /// The tolerances for what is compared.
    pub(super) fn of(deltas: &Deltas<'_, '_>) -> Self {
        if deltas.is_per_operation() { Tolerances::PER_OPERATION } else { Tolerances::OF_HEAPS }
    }

    /// Growth of a site with a base of as many bytes that is natural variation, bytes.
    pub(super) fn site(self, base: i128) -> i128 {
        self.site_bytes.max(self.site_share(base))
    }

    /// Growth of a site that is natural variation as a share of its base, in the unit of `base`.
    pub(super) fn site_share(self, base: i128) -> i128 {
        Limit::Percent(self.site_percent).allowed(base)
    }
}

/// Growth of a heap with a base of as many bytes that is natural variation, bytes. `share`: of the base, or an amount.
pub(super) fn total_tolerance(share: Limit, base: i128) -> i128 {
    TOTAL_TOLERANCE_BYTES.max(share.allowed(base))
}
