//! What could be seen at all. In: the sampling rate, the level a site is tested at, and how much of it was
//! replaced. Out: the growth that is found nine times in ten.

use crate::evidence::gamma::upper_quantile;
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
    if rate.is_exact() { 0.0 } else { rate.bytes() * samples(alpha.clamp(1e-26, 0.5), deaths.max(0.0)) }
}

/// The growth in samples.
fn samples(alpha: f64, deaths: f64) -> f64 {
    let z = normal::upper_quantile(alpha) + normal::upper_quantile(MISSED);
    let normal = |deaths: f64| z * z / 2.0 + z * (z * z / 4.0 + 2.0 * deaths).sqrt();
    // Where nothing died, n births have a p-value of 2^-n. The normal approximation asks for too much there;
    // by how much, fades as deaths mask it.
    let births = (-alpha.log2()).ceil();
    let excess = normal(0.0) - upper_quantile(births, MISSED);
    normal(deaths) - excess / (1.0 + deaths)
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
