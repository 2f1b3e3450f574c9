//! Confidence bounds of the growth of a site. In: births and deaths in its buckets, in raw samples. Out: an [`Interval`].

use super::gamma::{MAX_SHAPE, lower_quantile, upper_quantile};
use super::tail::{Gamma, Tail};
use super::turnover::BucketTurnover;
use super::weights::SideWeights;
use crate::diff::Metric;
use crate::site::Rate;

/// An estimate and its bounds, of confidence `1 - 2 alpha`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// The growth that the samples stand for.
    pub estimate: f64,
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

/// The growth of a site in `metric`, with bounds that fail with probability `alpha` on either side.
///
/// The method of variance estimates recovery for a difference (MOVER, Zou & Donner 2008), over gamma limits for weighted
/// Poisson sums (Fay & Feuer 1997). An object that may be sampled only once has less variance than Poisson's, by the
/// share that is not sampled.
pub fn growth_interval(
    buckets: &[BucketTurnover],
    rate: Rate,
    weights: SideWeights,
    alpha: f64,
    metric: Metric,
) -> Interval {
    GrowthBounds::new(buckets, rate, weights, metric).interval(alpha)
}

/// Births and deaths over all buckets of a site, from which bounds at any level are computed.
#[derive(Debug)]
pub(super) struct GrowthBounds {
    born: PoissonSum,
    died: PoissonSum,
    /// Amount that may have been born, or have died, unseen: at least what one sample of the smallest objects stands
    /// for.
    unseen: f64,
    /// `neg_ln_alpha` from which anything may have gone unseen: `(1 - p)^objects = alpha`.
    unseen_from: f64,
    weights: SideWeights,
}

/// A weighted sum of Poisson counts.
#[derive(Debug, Clone, Copy, Default)]
struct PoissonSum {
    sum: f64,
    variance: f64,
}

/// `neg_ln_alpha` is `-ln alpha`, which keeps the digits of the smallest levels.
impl GrowthBounds {
    pub(super) fn new(buckets: &[BucketTurnover], rate: Rate, weights: SideWeights, metric: Metric) -> Self {
        let (born, died) = (PoissonSum::default(), PoissonSum::default());
        let mut sums = GrowthBounds { born, died, unseen: 0.0, unseen_from: 0.0, weights };
        // An object without bytes is never sampled.
        let buckets = buckets.iter().filter(|bucket| bucket.size > 0);
        for bucket in buckets.clone() {
            let objects = rate.objects_per_sample(bucket.size);
            let weight = if metric == Metric::Space { objects * bucket.size as f64 } else { objects };
            let weight = weight * weights.of(bucket);
            let variance = weight * weight * rate.unseen(bucket.size);
            sums.born.add(bucket.born as f64, weight, variance);
            sums.died.add(bucket.died as f64, weight, variance);
        }
        // The greatest of min(unseen, weight) over the buckets is that of the smallest objects, since a weight is at
        // least `rate / size` objects or `rate` bytes.
        if let Some(size) = buckets.map(|bucket| bucket.size as f64).reduce(f64::min)
            && !rate.is_exact()
        {
            sums.unseen = if metric == Metric::Space { rate.bytes() } else { rate.bytes() / size };
            sums.unseen *= weights.usual.max(1.0);
            sums.unseen_from = size / rate.bytes();
        }
        (sums.born, sums.died) = (sums.born.scaled(weights.born), sums.died.scaled(weights.died));
        sums
    }

    pub(super) fn estimate(&self) -> f64 {
        self.born.sum - self.died.sum
    }

    pub(super) fn interval(&self, alpha: f64) -> Interval {
        let estimate = self.estimate();
        let above = self.born.upper(alpha, self.unseen(-libm::log(alpha)) * self.weights.born) - self.born.sum;
        let below = self.died.sum - self.died.lower(alpha);
        Interval { estimate, low: self.low(-libm::log(alpha)), high: estimate + libm::hypot(above, below) }
    }

    /// The lower bound at a level.
    pub(super) fn low(&self, neg_ln_alpha: f64) -> f64 {
        let alpha = libm::exp(-neg_ln_alpha);
        let below = self.born.sum - self.born.lower(alpha);
        let above = self.died.upper(alpha, self.unseen(neg_ln_alpha) * self.weights.died) - self.died.sum;
        self.estimate() - libm::hypot(below, above)
    }

    /// If nothing was seen to die, a function of the same sign as [`GrowthBounds::low`]. It needs a tail of the births'
    /// distribution instead of a quantile, which takes half the time.
    pub(super) fn low_without_deaths(&self) -> Option<impl Fn(f64) -> f64> {
        let PoissonSum { sum, variance } = self.born;
        let shape = sum * sum / variance;
        let is_alone = self.died.sum == 0.0 && shape <= MAX_SHAPE;
        let gamma = is_alone.then(|| Gamma::new(shape))?;
        Some(move |neg_ln_alpha: f64| {
            // Upper limit of one unseen sample, which is exponential.
            let above = (self.unseen(neg_ln_alpha) * self.weights.died * neg_ln_alpha).min(sum);
            if above == 0.0 {
                return f64::INFINITY;
            }
            // The births' limit at which the bound is 0, without loss of digits if it is small.
            let limit = above * above / (sum + (sum * sum - above * above).sqrt());
            -neg_ln_alpha - gamma.ln_tail(Tail::Lower, libm::log(limit * sum / variance)).0
        })
    }

    fn unseen(&self, neg_ln_alpha: f64) -> f64 {
        if neg_ln_alpha < self.unseen_from { 0.0 } else { self.unseen }
    }
}

impl PoissonSum {
    fn add(&mut self, count: f64, weight: f64, variance: f64) {
        self.sum += weight * count;
        self.variance += variance * count;
    }

    fn scaled(self, by: f64) -> Self {
        PoissonSum { sum: self.sum * by, variance: self.variance * by * by }
    }

    fn lower(self, alpha: f64) -> f64 {
        self.limit(|shape| lower_quantile(shape, alpha))
    }

    /// Upper limit, with one unseen unit added.
    fn upper(self, alpha: f64, unseen: f64) -> f64 {
        let more = PoissonSum { sum: self.sum + unseen, variance: self.variance + unseen * unseen };
        more.limit(|shape| upper_quantile(shape, alpha))
    }

    fn limit(self, quantile: impl Fn(f64) -> f64) -> f64 {
        let shape = self.sum * self.sum / self.variance;
        // Without variance, or with too little to represent, the sum is its own limit.
        if shape < 1e30 { self.variance / self.sum * quantile(shape) } else { self.sum }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::turnover::turnover;

    const RATE: i64 = 512 << 10;

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
            for (metric, known, rounded) in [(Metric::Space, bytes, 0.51), (Metric::Objects, objects, 0.051)] {
                let found = growth_interval(&turnover(buckets), Rate::new(RATE), SideWeights::SUM, 0.025, metric);
                for (found, known) in [found.estimate, found.low, found.high].into_iter().zip(known) {
                    assert!((found - known).abs() < rounded, "{buckets:?} {metric:?}: {found} {known}");
                }
            }
        }
    }

    #[test]
    fn known_intervals_of_whole_heaps() {
        type Case<'a> = (&'a [(u64, u64, u64)], [f64; 3]);
        let cases: [Case<'_>; 3] = [
            (&[(64, 40, 5), (1024, 10, 2)], [22_549_601.0, 14_751_512.0, 31_179_239.0]),
            (
                &[(64, 6, 0), (48, 5, 0), (80, 4, 1), (32, 6, 1), (96, 5, 0), (128, 4, 0)],
                [14_681_072.0, 8_877_344.0, 21_468_871.0],
            ),
            (&[(64, 100, 60)], [20_972_800.0, 7_665_390.0, 34_541_088.0]),
        ];
        for (buckets, known) in cases {
            let found = growth_interval(&turnover(buckets), Rate::new(RATE), SideWeights::SUM, 0.025, Metric::Space);
            for (found, known) in [found.estimate, found.low, found.high].into_iter().zip(known) {
                assert!((found - known).abs() < 0.51, "{buckets:?}: {found} {known}");
            }
        }
        // Nothing was seen to move, and as much as one sample stands for may have.
        let found = growth_interval(&turnover(&[(64, 0, 0)]), Rate::new(RATE), SideWeights::SUM, 0.025, Metric::Space);
        assert!(found.estimate == 0.0 && (found.high / RATE as f64 - 3.689).abs() < 0.001 && found.low == -found.high);
    }

    #[test]
    fn what_is_counted_has_no_width() {
        let point = |estimate| Interval { estimate, low: estimate, high: estimate };
        let buckets = turnover(&[(64, 20, 5), (24, 0, 3)]);
        assert_eq!(growth_interval(&buckets, Rate::new(1), SideWeights::SUM, 1e-26, Metric::Objects), point(12.0));
        assert_eq!(
            growth_interval(&buckets, Rate::new(0), SideWeights::SUM, 0.5, Metric::Space),
            point(15.0 * 64.0 - 72.0)
        );
        assert_eq!(growth_interval(&[], Rate::new(RATE), SideWeights::SUM, 0.05, Metric::Space), point(0.0));
        assert_eq!(
            growth_interval(&turnover(&[(0, 3, 1)]), Rate::new(RATE), SideWeights::SUM, 0.05, Metric::Space),
            point(0.0)
        );
    }

    #[test]
    fn huge_objects_are_seen_for_certain() {
        for size in [1 << 26, 1 << 29, 1 << 33, 1 << 63] {
            let found =
                growth_interval(&turnover(&[(size, 2, 1)]), Rate::new(RATE), SideWeights::SUM, 0.005, Metric::Objects);
            assert!((found.low - 1.0).abs() < 1e-9 && (found.high - 1.0).abs() < 1e-9, "{size}: {found:?}");
        }
    }

    #[test]
    fn bounds_enclose_the_estimate_whatever_comes() {
        let counts = [0, 1, 3, 1000, 1 << 40, u64::MAX];
        for (size, rate) in [(1, i64::MAX), (8, RATE), (1 << 20, RATE), (u64::MAX, 2)] {
            for (born, died) in counts.iter().flat_map(|&born| counts.map(|died| (born, died))) {
                for alpha in [1e-26, 1e-3, 0.4] {
                    let found = growth_interval(
                        &turnover(&[(size, born, died)]),
                        Rate::new(rate),
                        SideWeights::SUM,
                        alpha,
                        Metric::Space,
                    );
                    assert!(found.low <= found.estimate && found.estimate <= found.high, "{size} {rate}: {found:?}");
                }
            }
        }
    }
}
