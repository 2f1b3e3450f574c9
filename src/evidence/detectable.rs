//! The smallest growth that is found nine times in ten.

use super::bounds::GrowthBounds;
use super::gamma;
use super::normal;
use super::turnover::BucketTurnover;
use super::weights::SideWeights;
use crate::diff::Metric;
use crate::site::Rate;

/// Probability with which growth of the detectable size is missed: one less the power.
const MISS_PROBABILITY: f64 = 0.1;

/// The growth, in bytes, that is found with probability 90 %, where each site is tested at `alpha` (that of the family,
/// after [`testable`](super::testable)). 0 if every object is counted.
///
/// `deaths`: raw samples of the site that died; for two processes, all its samples in the base. Within 5 % of exact
/// Poisson computations, for small objects.
pub fn detectable_growth(rate: Rate, weights: SideWeights, alpha: f64, deaths: f64) -> f64 {
    if rate.is_exact() {
        0.0
    } else {
        rate.bytes() * detectable_samples(weights, alpha.clamp(1e-26, 0.5), deaths.max(0.0))
    }
}

/// The growth, in bytes, below which no site is significant at `alpha`, unless it has objects larger than that. 0 if every
/// object is counted.
///
/// What may have died unseen is bounded by one unseen sample, which is exponential. Objects that are larger are not
/// missed at this level.
pub(super) fn min_significant_growth(rate: Rate, weights: SideWeights, alpha: f64) -> f64 {
    if rate.is_exact() { 0.0 } else { -libm::log(alpha) * rate.bytes() * weights.died }
}

/// The fewest births of small objects that are significant at `alpha`, if none died.
fn min_births(weights: SideWeights, alpha: f64) -> f64 {
    const RATE: i64 = 512 << 10;
    let is_significant = |born: u64| {
        let births = [BucketTurnover { size: 64, born, died: 0, is_usual: false }];
        GrowthBounds::new(&births, Rate::new(RATE), weights, Metric::Space).low(-libm::log(alpha)) > 0.0
    };
    let (mut few, mut enough) = (0, 1u64);
    while enough < 1 << 32 && !is_significant(enough) {
        (few, enough) = (enough, 2 * enough);
    }
    while enough - few > 1 {
        let middle = few.midpoint(enough);
        if is_significant(middle) { enough = middle } else { few = middle }
    }
    enough as f64
}

/// The growth in samples, weighted.
fn detectable_samples(weights: SideWeights, alpha: f64, deaths: f64) -> f64 {
    let SideWeights { born, died, .. } = weights;
    let z_alpha = normal::upper_quantile(alpha);
    let z = z_alpha + normal::upper_quantile(MISS_PROBABILITY);
    // The variance without growth; growth adds `born` of itself to it.
    let variance = |deaths: f64| deaths * died * (died + born);
    let z_born = z * born;
    let by_normal = |deaths: f64| z * z_born / 2.0 + z * (z_born * z_born / 4.0 + variance(deaths)).sqrt();
    // The normal approximation asks for too much where nothing died; the excess fades as deaths mask it.
    let births = min_births(weights, alpha);
    let excess = by_normal(0.0) - gamma::upper_quantile(births, MISS_PROBABILITY) * born;
    // Limits of a small count are skewed, and those of births and deaths cancel out only between sides of one size.
    let skew = |weight: f64| weight * weight.sqrt();
    let skewed = (z_alpha * z_alpha - 1.0).max(0.0) / 3.0 * (skew(died) - skew(born));
    let skewed = skewed / (died + born).sqrt() * (deaths / (1.0 + deaths));
    by_normal(deaths) - excess / (1.0 + deaths) + skewed
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: i64 = 512 << 10;

    const DEATHS: [f64; 9] = [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
    /// By exact Poisson computation of the power of the test, in units of the rate.
    const KNOWN: [(f64, [f64; 9]); 3] = [
        (0.05, [6.7, 9.7, 11.3, 14.6, 18.2, 23.7, 34.4, 46.4, 63.6]),
        (0.005, [11.8, 14.6, 16.9, 20.9, 25.9, 32.8, 46.9, 62.8, 85.4]),
        (0.001, [14.2, 18.0, 20.4, 24.9, 30.3, 38.3, 54.2, 72.3, 97.8]),
    ];

    #[test]
    fn as_computed_exactly() {
        for (alpha, row) in KNOWN {
            for (deaths, known) in DEATHS.into_iter().zip(row) {
                let found =
                    detectable_growth(Rate::new(RATE), SideWeights::SUM, alpha, deaths) / Rate::new(RATE).bytes();
                let allowed = if deaths == 0.0 { 0.05 } else { 0.05 * known };
                assert!((found - known).abs() < allowed, "{alpha} {deaths}: {found} {known}");
            }
        }
    }

    #[test]
    fn without_deaths_as_the_test_finds_it() {
        // By divisor of the family's level: the fewest births that are significant, and the births expected where these
        // are found nine times in ten.
        for (divisor, births, detectable) in
            [(1, 4.0, 6.7), (2, 6.0, 9.3), (3, 6.0, 9.3), (4, 7.0, 10.5), (8, 8.0, 11.8)]
        {
            let level = 0.05 / f64::from(divisor);
            assert_eq!(min_births(SideWeights::SUM, level), births, "{divisor}");
            let found = detectable_growth(Rate::new(RATE), SideWeights::SUM, level, 0.0) / RATE as f64;
            assert!((found - detectable).abs() < 0.05, "{divisor}: {found}");
        }
        // The p-value of five births is hardly above 0.025.
        assert_eq!(min_births(SideWeights::SUM, 0.0251), 5.0);
        let few = |deaths: u64, level: f64| {
            let low = |born: u64| {
                let moved = [BucketTurnover { size: 64, born, died: deaths, is_usual: false }];
                GrowthBounds::new(&moved, Rate::new(RATE), SideWeights::SUM, Metric::Space).low(-libm::log(level))
            };
            (1..100).find(|&net| low(deaths + net) > 0.0)
        };
        let net = |level: f64| [0, 2, 5, 10, 20, 50].map(|deaths| few(deaths, level).unwrap_or_default());
        assert_eq!([net(0.05), net(0.01)], [[4, 6, 8, 10, 13, 19], [7, 9, 12, 15, 19, 27]]);
    }

    #[test]
    fn no_growth_below_the_least_is_significant_unless_objects_are_larger() {
        let (rate, weights) = (Rate::new(RATE), SideWeights::SUM);
        for divisor in [1, 2, 3, 7, 20, 1000, 100_000] {
            let level = 0.05 / f64::from(divisor);
            let least = min_significant_growth(rate, weights, level);
            for size in [16, 64, 208, 4096, 32 << 10, 200 << 10, 512 << 10, 900 << 10, 1400 << 10] {
                for died in [0, 1, 2, 5, 20] {
                    let all = (died + 1..died + 60).map(|born| [BucketTurnover { size, born, died, is_usual: false }]);
                    let found = all.map(|moved| GrowthBounds::new(&moved, rate, weights, Metric::Space));
                    let found = found.filter(|bounds| bounds.low(-libm::log(level)) > 0.0);
                    let growth = found.map(|bounds| bounds.estimate()).fold(f64::INFINITY, f64::min);
                    assert!(growth > least, "{divisor} {size} {died}: {growth} {least}");
                }
            }
        }
    }

    #[test]
    fn grows_with_deaths_and_with_the_rate() {
        for alpha in [0.5, 0.05, 0.03, 0.004, 1e-5, 1e-26] {
            let growths =
                (0..1000).map(|n| detectable_growth(Rate::new(RATE), SideWeights::SUM, alpha, f64::from(n) / 50.0));
            assert!(growths.clone().is_sorted_by(|a, b| a < b), "{alpha}");
            assert!(growths.take(1).all(|growth| growth > 0.0));
        }
        let kib = |rate| detectable_growth(Rate::new(rate), SideWeights::SUM, 0.005, 0.0) / 1024.0;
        assert!((kib(4096) - 47.1).abs() < 0.1 && kib(1) == 0.0 && kib(0) == 0.0, "{}", kib(4096));
    }
}
