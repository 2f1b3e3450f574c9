//! The smallest growth that is found nine times in ten.

use super::gamma;
use super::normal;
use super::weights::SideWeights;
use crate::site::Rate;

/// Probability with which growth of the detectable size is missed: one less the power.
const MISS_PROBABILITY: f64 = 0.1;
/// Level at which a site of a program of usual size is tested.
const USUAL_LEVEL: f64 = 0.005;

/// The growth, in bytes, of a site without deaths that is found with probability 90 %, where each site is tested at
/// `level`; rounded up to whole samples.
pub(super) fn detectable_site_growth(rate: Rate, weights: SideWeights, level: f64) -> f64 {
    let sample = rate.bytes() * weights.born;
    let samples = detectable_growth(rate, weights, level.min(USUAL_LEVEL), 0.0) / sample;
    samples.ceil() * sample
}

/// The growth, in bytes, that is found with probability 90 %, where each site is tested at `alpha` (that of the family,
/// after [`testable`](super::testable)). 0 if every object is counted.
///
/// `deaths`: raw samples of the site that died; for two processes, all its samples in the base. Within 3.5 % of exact
/// Poisson computations, for small objects.
pub fn detectable_growth(rate: Rate, weights: SideWeights, alpha: f64, deaths: f64) -> f64 {
    if rate.is_exact() {
        0.0
    } else {
        rate.bytes() * detectable_samples(weights, alpha.clamp(1e-26, 0.5), deaths.max(0.0))
    }
}

/// The growth in samples, weighted.
fn detectable_samples(weights: SideWeights, alpha: f64, deaths: f64) -> f64 {
    let SideWeights { born, died } = weights;
    let z_alpha = normal::upper_quantile(alpha);
    let z = z_alpha + normal::upper_quantile(MISS_PROBABILITY);
    // The variance without growth; growth adds `born` of itself to it.
    let variance = |deaths: f64| deaths * died * (died + born);
    let z_born = z * born;
    let by_normal = |deaths: f64| z * z_born / 2.0 + z * (z_born * z_born / 4.0 + variance(deaths)).sqrt();
    // If nothing died, n births have a p-value of 2^-n, or of their share of both weights to the n. The normal
    // approximation asks for too much there; the excess fades as deaths mask it.
    let share_of_births = died / (died + born);
    let births = (libm::log2(alpha) / libm::log2(share_of_births)).ceil();
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
    /// By exact Poisson computation, in units of the rate.
    const KNOWN: [(f64, [f64; 9]); 3] = [
        (0.05, [8.0, 10.2, 11.6, 14.8, 18.5, 24.0, 34.7, 46.8, 63.9]),
        (0.005, [11.8, 15.0, 17.1, 21.2, 26.0, 33.1, 47.3, 63.1, 85.7]),
        (0.001, [14.2, 18.0, 20.4, 25.2, 30.7, 38.7, 54.6, 72.6, 98.2]),
    ];

    #[test]
    fn as_computed_exactly() {
        for (alpha, row) in KNOWN {
            for (deaths, known) in DEATHS.into_iter().zip(row) {
                let found =
                    detectable_growth(Rate::new(RATE), SideWeights::SUM, alpha, deaths) / Rate::new(RATE).bytes();
                let allowed = if deaths == 0.0 { 0.05 } else { 0.035 * known };
                assert!((found - known).abs() < allowed, "{alpha} {deaths}: {found} {known}");
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
