//! What the gate tolerates as natural variation, and what it asks for before growth counts.

/// Growth up to this many bytes is natural variation.
pub const TOLERANCE_BYTES: i128 = 64 << 10;

/// Growth up to this share of a site's base is natural variation, percent.
pub const TOLERANCE_PERCENT: f64 = 5.0;

/// Smallest growth that counts where things are counted one by one and have no size, such as goroutines.
pub const MIN_COUNT_GROWTH: i128 = 10;

/// Smallest such growth as a share of the site's base, percent.
pub const MIN_COUNT_GROWTH_PERCENT: f64 = 10.0;

/// Net new samples that the object-count rule asks for: fewer may be one large buffer that happens to be live.
pub const MIN_GATE_SAMPLES: f64 = 3.0;

/// A violation counts only if at least this share of its growth is still there in the settled profile.
pub(super) const MIN_SETTLED_SHARE: f64 = 0.25;
