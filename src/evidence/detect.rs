//! What could be seen at all. In: the sampling rate, the level a site is tested at, and how much of it was
//! replaced. Out: the growth that is found nine times in ten.

use crate::evidence::gamma::upper_quantile;
use crate::evidence::interval::SideWeights;
use crate::evidence::normal;
use crate::site::Rate;

/// One less the power.
const MISSED: f64 = 0.1;

/// The growth in bytes that a site must have to be found with a probability of 90 %, where each site is
/// tested at `alpha` (that of the family, after [`testable`](crate::evidence::testable)).
///
/// `deaths`: raw samples of the site that died; of two processes, all its samples in the earlier. Within 3.5 %
/// of exact Poisson computations, for small objects. 0 if every object is counted.
pub fn detectable_growth(rate: Rate, alpha: f64, deaths: f64) -> f64 {
    detectable_growth_per(rate, SideWeights::SUM, alpha, deaths)
}

/// Likewise of sides whose samples count for less.
pub fn detectable_growth_per(rate: Rate, per: SideWeights, alpha: f64, deaths: f64) -> f64 {
    if rate.is_exact() { 0.0 } else { rate.bytes() * samples(per, alpha.clamp(1e-26, 0.5), deaths.max(0.0)) }
}

/// The growth in samples, of which those of the later side count for less.
fn samples(per: SideWeights, alpha: f64, deaths: f64) -> f64 {
    let of_level = normal::upper_quantile(alpha);
    let z = of_level + normal::upper_quantile(MISSED);
    // The variance that is there without growth; growth adds `per.born` of itself to it.
    let replaced = |deaths: f64| deaths * per.died * (per.died + per.born);
    let z_born = z * per.born;
    let normal = |deaths: f64| z * z_born / 2.0 + z * (z_born * z_born / 4.0 + replaced(deaths)).sqrt();
    // Where nothing died, n births have a p-value of 2^-n, or whatever their share is where sides differ in
    // size. The normal approximation asks for too much there; by how much, fades as deaths mask it.
    let share_of_births = per.died / (per.died + per.born);
    let births = (libm::log2(alpha) / libm::log2(share_of_births)).ceil();
    let excess = normal(0.0) - upper_quantile(births, MISSED) * per.born;
    // Limits of a small count are skewed, and those of births and of deaths cancel out only between sides of
    // the same size.
    let skew = |per: f64| per * per.sqrt();
    let skewed = (of_level * of_level - 1.0).max(0.0) / 3.0 * (skew(per.died) - skew(per.born));
    let skewed = skewed / (per.died + per.born).sqrt() * (deaths / (1.0 + deaths));
    normal(deaths) - excess / (1.0 + deaths) + skewed
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: i64 = 512 << 10;

    /// By exact Poisson computation, in units of the rate.
    const DEATHS: [f64; 9] = [0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0];
    const KNOWN: [(f64, [f64; 9]); 3] = [
        (0.05, [8.0, 10.2, 11.6, 14.8, 18.5, 24.0, 34.7, 46.8, 63.9]),
        (0.005, [11.8, 15.0, 17.1, 21.2, 26.0, 33.1, 47.3, 63.1, 85.7]),
        (0.001, [14.2, 18.0, 20.4, 25.2, 30.7, 38.7, 54.6, 72.6, 98.2]),
    ];

    #[test]
    fn as_computed_exactly() {
        for (alpha, row) in KNOWN {
            for (deaths, known) in DEATHS.into_iter().zip(row) {
                let found = detectable_growth(Rate::new(RATE), alpha, deaths) / Rate::new(RATE).bytes();
                let allowed = if deaths == 0.0 { 0.05 } else { 0.035 * known };
                assert!((found - known).abs() < allowed, "{alpha} {deaths}: {found} {known}");
            }
        }
    }

    #[test]
    fn grows_with_deaths_and_with_the_rate() {
        for alpha in [0.5, 0.05, 0.03, 0.004, 1e-5, 1e-26] {
            let growths = (0..1000).map(|n| detectable_growth(Rate::new(RATE), alpha, f64::from(n) / 50.0));
            assert!(growths.clone().is_sorted_by(|a, b| a < b), "{alpha}");
            assert!(growths.take(1).all(|growth| growth > 0.0));
        }
        let kib = |rate| detectable_growth(Rate::new(rate), 0.005, 0.0) / 1024.0;
        assert!((kib(4096) - 47.1).abs() < 0.1 && kib(1) == 0.0 && kib(0) == 0.0, "{}", kib(4096));
    }
}
