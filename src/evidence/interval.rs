//! By how much a site grew, and between which bounds. In: what was born and what died in its buckets, in raw
//! samples. Out: an [`Interval`].

use crate::evidence::gamma::{GREATEST_SHAPE, lower_quantile, upper_quantile};
use crate::evidence::tail::{Gamma, Tail};
use crate::site::Rate;

/// What was born and what died in one bucket (a stack and an object size) between two profiles.
///
/// Of one process: samples that are new, and those that are gone. Of two: all samples of either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct BucketTurnover {
    /// Bytes of an object, as the allocator rounds them up.
    pub size: u64,
    /// Raw samples that only the later profile has.
    pub born: u64,
    /// Raw samples that only the earlier profile has.
    pub died: u64,
}

/// An estimate, and the bounds it lies between with a confidence of `1 - 2 alpha`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// What the samples stand for.
    pub estimate: f64,
    /// The lower bound.
    pub low: f64,
    /// The upper bound.
    pub high: f64,
}

/// What is estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Live objects.
    Objects,
    /// Live bytes.
    Bytes,
}

/// What one sample of either side counts for: 1 in sums, `1 / k` where the numbers of a side of `k` profiles are
/// those of one.
///
/// A constant factor of a side's weights is none of chance, so all limits hold for it as they stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SideWeights {
    /// Of the later side.
    pub born: f64,
    /// Of the earlier side.
    pub died: f64,
}

impl SideWeights {
    /// That of sums.
    pub const SUM: SideWeights = SideWeights { born: 1.0, died: 1.0 };

    /// That of means over so many profiles of the earlier and the later side.
    pub fn profile(base: u32, current: u32) -> Self {
        SideWeights { born: 1.0 / f64::from(current.max(1)), died: 1.0 / f64::from(base.max(1)) }
    }

    /// As seen from the other side, where what died was born.
    pub fn mirrored(self) -> Self {
        SideWeights { born: self.died, died: self.born }
    }

    /// One that compares the sides in the same way: of sides of the same size, that of sums.
    pub fn relative(self) -> Self {
        if self.born == self.died { SideWeights::SUM } else { self }
    }
}

/// The growth of a site, with bounds that fail with a probability of `alpha` on either side.
///
/// The method of variance estimates recovery for a difference (MOVER, Zou & Donner 2008), over gamma limits
/// for weighted Poisson sums (Fay & Feuer 1997). An object that may be sampled only once has less variance
/// than Poisson's, by the share that is not sampled.
pub fn growth(moved: &[BucketTurnover], rate: Rate, alpha: f64, unit: Unit) -> Interval {
    growth_per(moved, rate, SideWeights::SUM, alpha, unit)
}

/// Likewise of sides whose samples count for less.
pub fn growth_per(moved: &[BucketTurnover], rate: Rate, per: SideWeights, alpha: f64, unit: Unit) -> Interval {
    Sums::new(moved, rate, per, unit).interval(alpha)
}

/// What was born and what died, over all buckets of a site.
#[derive(Debug)]
pub(super) struct Sums {
    born: Weighted,
    died: Weighted,
    /// What one sample of the smallest objects stands for at least, and so what may have died unseen.
    unseen: f64,
    per: SideWeights,
    /// Where `-ln alpha` is less than this, nothing died unseen: `(1 - p)^objects = alpha`.
    unseen_from: f64,
}

/// A weighted sum of counts.
#[derive(Debug, Clone, Copy, Default)]
struct Weighted {
    sum: f64,
    variance: f64,
}

impl Sums {
    pub(super) fn new(moved: &[BucketTurnover], rate: Rate, per: SideWeights, unit: Unit) -> Self {
        let (born, died) = (Weighted::default(), Weighted::default());
        let mut sums = Sums { born, died, unseen: 0.0, per, unseen_from: 0.0 };
        // Nothing is allocated for an object without bytes, so nothing samples it.
        let moved = moved.iter().filter(|bucket| bucket.size > 0);
        for bucket in moved.clone() {
            let objects = rate.objects_per_sample(bucket.size);
            let weight = if unit == Unit::Bytes { objects * bucket.size as f64 } else { objects };
            let variance = weight * weight * rate.unseen(bucket.size);
            sums.born.add(bucket.born as f64, weight, variance);
            sums.died.add(bucket.died as f64, weight, variance);
        }
        // The greatest of min(unseen, weight) over the buckets is that of the smallest objects: a weight is
        // never less than `rate / size` objects or `rate` bytes.
        if let Some(size) = moved.map(|bucket| bucket.size as f64).reduce(f64::min)
            && !rate.is_exact()
        {
            sums.unseen = if unit == Unit::Bytes { rate.bytes() } else { rate.bytes() / size };
            sums.unseen_from = size / rate.bytes();
        }
        (sums.born, sums.died) = (sums.born.scaled(per.born), sums.died.scaled(per.died));
        sums
    }

    pub(super) fn estimate(&self) -> f64 {
        self.born.sum - self.died.sum
    }

    pub(super) fn interval(&self, alpha: f64) -> Interval {
        let estimate = self.estimate();
        let above = self.born.upper(alpha, self.unseen(-libm::log(alpha)) * self.per.born) - self.born.sum;
        let below = self.died.sum - self.died.lower(alpha);
        Interval { estimate, low: self.low(-libm::log(alpha)), high: estimate + libm::hypot(above, below) }
    }

    /// The lower bound at the level `e^-depth`.
    pub(super) fn low(&self, depth: f64) -> f64 {
        let alpha = libm::exp(-depth);
        let below = self.born.sum - self.born.lower(alpha);
        let above = self.died.upper(alpha, self.unseen(depth) * self.per.died) - self.died.sum;
        self.estimate() - libm::hypot(below, above)
    }

    /// Where nothing was seen to die: a function of the same sign as [`Sums::low`], which takes a tail of the births'
    /// limit where that takes a quantile, and so half the time.
    pub(super) fn low_of_births(&self) -> Option<impl Fn(f64) -> f64> {
        let Weighted { sum, variance } = self.born;
        let shape = sum * sum / variance;
        let is_alone = self.died.sum == 0.0 && shape <= GREATEST_SHAPE;
        let gamma = is_alone.then(|| Gamma::new(shape))?;
        Some(move |depth: f64| {
            // The upper limit of one sample that was not seen: an exponential's.
            let above = (self.unseen(depth) * self.per.died * depth).min(sum);
            if above == 0.0 {
                return f64::INFINITY;
            }
            // The births' limit where the bound is 0, without loss where it is small.
            let limit = above * above / (sum + (sum * sum - above * above).sqrt());
            -depth - gamma.ln_tail(Tail::Lower, libm::log(limit * sum / variance)).0
        })
    }

    fn unseen(&self, depth: f64) -> f64 {
        if depth < self.unseen_from { 0.0 } else { self.unseen }
    }
}

impl Weighted {
    fn add(&mut self, count: f64, weight: f64, variance: f64) {
        self.sum += weight * count;
        self.variance += variance * count;
    }

    fn scaled(self, by: f64) -> Self {
        Weighted { sum: self.sum * by, variance: self.variance * by * by }
    }

    fn lower(self, alpha: f64) -> f64 {
        self.limit(|shape| lower_quantile(shape, alpha))
    }

    /// The upper limit, of one more unit than was seen.
    fn upper(self, alpha: f64, unseen: f64) -> f64 {
        let more = Weighted { sum: self.sum + unseen, variance: self.variance + unseen * unseen };
        more.limit(|shape| upper_quantile(shape, alpha))
    }

    fn limit(self, quantile: impl Fn(f64) -> f64) -> f64 {
        let shape = self.sum * self.sum / self.variance;
        // Without variance, or with less than a number can show, the sum is its own limit.
        if shape < 1e30 { self.variance / self.sum * quantile(shape) } else { self.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: i64 = 512 << 10;

    fn moved(buckets: &[(u64, u64, u64)]) -> Vec<BucketTurnover> {
        buckets.iter().map(|&(size, born, died)| BucketTurnover { size, born, died }).collect()
    }

    #[test]
    fn known_intervals() {
        type Case<'a> = (&'a [(u64, u64, u64)], [f64; 3], [f64; 3]);
        let cases: [Case<'_>; 7] = [
            (&[(64, 7, 0)], [3670240.0, 745111.0, 7561837.0], [57347.5, 11642.4, 118153.7]),
            (&[(64, 10, 0)], [5243200.0, 1898569.0, 9642139.0], [81925.0, 29665.1, 150658.4]),
            (&[(64, 20, 5)], [7864800.0, 2491177.0, 13841613.0], [122887.5, 38924.6, 216275.2]),
            (&[(160, 12, 0), (24, 3, 1)], [7341016.0, 3129626.0, 12473149.0], [83019.3, -34819.1, 209275.7]),
            (&[(262144, 10, 2)], [5329899.0, 1451739.0, 9725030.0], [20.3, 5.5, 37.1]),
            (&[(4194304, 1, 0)], [4195712.0, 4046431.0, 4347658.0], [1.0, 1.0, 1.0]),
            (&[(512, 0, 8), (1024, 17, 0)], [4725250.0, -789534.0, 10588769.0], [516.5, -8224.0, 8216.3]),
        ];
        for (buckets, bytes, objects) in cases {
            for (unit, known, rounded) in [(Unit::Bytes, bytes, 0.51), (Unit::Objects, objects, 0.051)] {
                let found = growth(&moved(buckets), Rate::new(RATE), 0.025, unit);
                for (found, known) in [found.estimate, found.low, found.high].into_iter().zip(known) {
                    assert!((found - known).abs() < rounded, "{buckets:?} {unit:?}: {found} {known}");
                }
            }
        }
    }

    #[test]
    fn what_is_counted_has_no_width() {
        let point = |estimate| Interval { estimate, low: estimate, high: estimate };
        let buckets = moved(&[(64, 20, 5), (24, 0, 3)]);
        assert_eq!(growth(&buckets, Rate::new(1), 1e-26, Unit::Objects), point(12.0));
        assert_eq!(growth(&buckets, Rate::new(0), 0.5, Unit::Bytes), point(15.0 * 64.0 - 72.0));
        assert_eq!(growth(&[], Rate::new(RATE), 0.05, Unit::Bytes), point(0.0));
        assert_eq!(growth(&moved(&[(0, 3, 1)]), Rate::new(RATE), 0.05, Unit::Bytes), point(0.0));
    }

    #[test]
    fn huge_objects_are_seen_for_certain() {
        for size in [1 << 26, 1 << 29, 1 << 33, 1 << 63] {
            let found = growth(&moved(&[(size, 2, 1)]), Rate::new(RATE), 0.005, Unit::Objects);
            assert!((found.low - 1.0).abs() < 1e-9 && (found.high - 1.0).abs() < 1e-9, "{size}: {found:?}");
        }
    }

    #[test]
    fn bounds_enclose_the_estimate_whatever_comes() {
        let counts = [0, 1, 3, 1000, 1 << 40, u64::MAX];
        for (size, rate) in [(1, i64::MAX), (8, RATE), (1 << 20, RATE), (u64::MAX, 2)] {
            for (born, died) in counts.iter().flat_map(|&born| counts.map(|died| (born, died))) {
                for alpha in [1e-26, 1e-3, 0.4] {
                    let found = growth(&moved(&[(size, born, died)]), Rate::new(rate), alpha, Unit::Bytes);
                    assert!(found.low <= found.estimate && found.estimate <= found.high, "{size} {rate}: {found:?}");
                }
            }
        }
    }
}
