//! The probability that a site would seem to grow as much by chance.

use super::bounds::GrowthBounds;
use super::crossing::crossing;
use super::turnover::BucketTurnover;
use super::weights::SideWeights;
use crate::diff::Metric;
use crate::site::Rate;

/// Smallest p-value reported; also returned for exact (unsampled) growth.
pub const MIN_P: f64 = 1e-26;

/// The level, from 1e-26 to 0.5, at which the lower bound of the growth in bytes is 0; 1 if it is not above 0 at any.
///
/// Bytes, because raw samples are proportional to them; counted in objects, the smallest would drown the others. Levels
/// hold for objects up to the size of the rate. Of a few larger ones (2 to 12 times the rate) nearly all are sampled, and
/// one that was missed looks like a new one: if 30 objects of six times the rate are replaced, p is below 0.005 in 7 % of
/// cases. The gate asks for more than one sample.
pub fn p_value(buckets: &[BucketTurnover], rate: Rate, weights: SideWeights) -> f64 {
    p_value_up_to(0.5, buckets, rate, weights)
}

/// [`p_value`], but 1 for p-values above `max_p`.
pub(super) fn p_value_up_to(max_p: f64, buckets: &[BucketTurnover], rate: Rate, weights: SideWeights) -> f64 {
    let bounds = GrowthBounds::new(buckets, rate, weights.relative(), Metric::Space);
    if bounds.estimate() <= 0.0 {
        return 1.0;
    }
    match bounds.low_without_deaths() {
        Some(low) => level_of_zero(&low, max_p),
        None => level_of_zero(&|neg_ln_alpha| bounds.low(neg_ln_alpha), max_p),
    }
}

/// The level at which a bound is 0, if it is at most `max_p`. `low` has the bound's sign, as a function of `-ln alpha`.
fn level_of_zero(low: &dyn Fn(f64) -> f64, max_p: f64) -> f64 {
    // A bound is nearly linear in √(-ln alpha).
    let low = |root: f64| low(root * root);
    let [first, last] = [max_p, MIN_P].map(|p| (-libm::log(p)).sqrt());
    let at_first = low(first);
    if at_first <= 0.0 {
        return 1.0;
    }
    let at_last = low(last);
    if at_last > 0.0 {
        return MIN_P;
    }
    let root = crossing(low, (first, at_first), (last, at_last));
    libm::exp(-root * root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::turnover::turnover;

    const RATE: i64 = 512 << 10;

    /// By definition: 40 steps of bisection over `ln alpha`.
    fn by_bisection(buckets: &[BucketTurnover], rate: Rate) -> f64 {
        let bounds = GrowthBounds::new(buckets, rate, SideWeights::SUM, Metric::Space);
        let (mut low, mut high) = (libm::log(MIN_P), libm::log(0.5));
        if bounds.low(-high) <= 0.0 {
            return 1.0;
        }
        for _ in 0..40 {
            let middle = 0.5 * (low + high);
            *(if bounds.low(-middle) > 0.0 { &mut high } else { &mut low }) = middle;
        }
        libm::exp(high)
    }

    /// `P[Binomial(born + died, 1/2) >= born]`, which ignores sizes.
    fn binomial(buckets: &[BucketTurnover]) -> f64 {
        let born: u64 = buckets.iter().map(|bucket| bucket.born).sum();
        let all = born + buckets.iter().map(|bucket| bucket.died).sum::<u64>();
        let ways = |k: u64| (0..k).map(|i| (all - i) as f64 / (i + 1) as f64).product::<f64>();
        (born..=all).map(ways).sum::<f64>() / (all as f64).exp2()
    }

    #[test]
    fn known_p_values() {
        type Case<'a> = (&'a [(u64, u64, u64)], f64, f64);
        let cases: [Case<'_>; 7] = [
            (&[(64, 7, 0)], 0.00647945, 0.0078125),
            (&[(64, 10, 0)], 0.000869305, 0.000976562),
            (&[(64, 20, 5)], 0.00178922, 0.00203866),
            (&[(160, 12, 0), (24, 3, 1)], 0.000236104, 0.000259399),
            (&[(262144, 10, 2)], 0.00318177, 0.0192871),
            (&[(4194304, 1, 0)], 0.000335463, 0.5),
            (&[(512, 0, 8), (1024, 17, 0)], 0.0480146, 0.0538761),
        ];
        for (buckets, p, by_count) in cases {
            let buckets = turnover(buckets);
            let found = p_value(&buckets, Rate::new(RATE), SideWeights::SUM);
            assert!((found / p - 1.0).abs() < 3e-6, "{buckets:?}: {found} {p}");
            assert!((binomial(&buckets) / by_count - 1.0).abs() < 3e-6, "{buckets:?}");
        }
    }

    #[test]
    fn as_by_bisection() {
        let rate = Rate::new(RATE);
        for size in [16, 4096, 300_000, 1 << 20, 5 << 20, 30 << 20, 1 << 30] {
            for (born, died) in [(1, 0), (2, 0), (3, 1), (9, 0), (9, 8), (60, 0), (70, 20), (400, 300), (1, 1)] {
                for other in [(64, 0, 0), (64, 2, 1), (1 << 21, 1, 0)] {
                    let buckets = turnover(&[(size, born, died), other]);
                    let (found, known) = (p_value(&buckets, rate, SideWeights::SUM), by_bisection(&buckets, rate));
                    assert!((found / known - 1.0).abs() < 1e-6, "{buckets:?}: {found} {known}");
                    let all_born: Vec<_> = buckets.iter().map(BucketTurnover::all_born).collect();
                    let min_attainable = p_value(&all_born, rate, SideWeights::SUM);
                    assert!(found < 1e-8 || min_attainable <= found * (1.0 + 1e-6), "{buckets:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_counted_is_certain() {
        assert_eq!(p_value(&turnover(&[(64, 2, 1)]), Rate::new(1), SideWeights::SUM), MIN_P);
        assert_eq!(p_value(&turnover(&[(64, 1, 1)]), Rate::new(1), SideWeights::SUM), 1.0);
        assert_eq!(p_value(&turnover(&[(1 << 40, 1, 0)]), Rate::new(RATE), SideWeights::SUM), MIN_P);
        assert_eq!(p_value(&[], Rate::new(RATE), SideWeights::SUM), 1.0);
    }
}
