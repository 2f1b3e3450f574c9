//! The lower tail of the binomial distribution.

use super::normal;
use super::tail::ln_peak;

/// Variance from which a binomial variable is taken as normal: the probability errs by less than 1e-4 then, and the sum
/// would have tens of thousands of terms.
const MIN_NORMAL_VARIANCE: f64 = 1e6;

/// Whether `successes` or fewer of `trials` have at most the probability `alpha`, below 1/2, where each succeeds with
/// `probability`, in (0, 1).
pub fn is_improbably_few(successes: u64, trials: u64, probability: f64, alpha: f64) -> bool {
    let (few, all) = (successes as f64, trials as f64);
    let mean = all * probability;
    // The median is less than 1 away from the mean.
    if few >= mean {
        return false;
    }
    let variance = mean * (1.0 - probability);
    if variance > MIN_NORMAL_VARIANCE {
        return few + 0.5 - mean <= -normal::upper_quantile(alpha) * variance.sqrt();
    }
    lower_tail(few, all, probability) <= alpha
}

/// The probability of at most `successes`, below the mean: that of the last number, times a sum whose terms fall.
fn lower_tail(successes: f64, trials: f64, probability: f64) -> f64 {
    let odds_against = (1.0 - probability) / probability;
    let (mut term, mut sum, mut at) = (1.0, 1.0, successes);
    while at > 0.0 && term > sum * 1e-17 {
        term *= at / (trials - at + 1.0) * odds_against;
        sum += term;
        at -= 1.0;
    }
    libm::exp(ln_mass(successes, trials, probability)) * sum
}

/// The logarithm of the probability of exactly `successes`, by deviances, so that great logarithms do not cancel
/// (Loader 2000).
fn ln_mass(successes: f64, trials: f64, probability: f64) -> f64 {
    let failures = trials - successes;
    if successes <= 0.0 {
        return trials * libm::log1p(-probability);
    }
    if failures <= 0.0 {
        return trials * libm::log(probability);
    }
    let deviance = deviance(successes, trials * probability) + deviance(failures, trials * (1.0 - probability));
    let peak = |number: f64| ln_peak(number, libm::log(number));
    peak(successes) + peak(failures) - peak(trials) - deviance + libm::log(trials / successes / failures)
}

/// `x ln(x / mean) + mean - x`, without loss of digits if the two are close.
fn deviance(x: f64, mean: f64) -> f64 {
    let excess = (x - mean) / mean;
    let ln_ratio = if excess.abs() < 0.5 { libm::log1p(excess) } else { libm::log(x / mean) };
    x * ln_ratio + mean - x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By mpmath, with 50 digits.
    #[rustfmt::skip]
    const KNOWN: [(f64, f64, f64, f64); 10] = [
        (0.0, 1.0, 0.5, 0.5),
        (0.0, 30.0, 0.25, 0.000178582090170015),
        (3.0, 20.0, 0.5, 0.00128841400146484),
        (5.0, 13.0, 4.0 / 7.0, 0.140166372202093),
        (19.0, 100.0, 0.3, 0.00888720831614283),
        (499.0, 1000.0, 0.5, 0.48738749091082),
        (40.0, 1000.0, 0.05, 0.0806365732566911),
        (119000.0, 400000.0, 0.3, 0.000279131247981266),
        (3.0, 1000000.0, 1e-05, 0.0103357858444335),
        (998.0, 1000.0, 0.9999, 0.00467476785173915),
    ];

    #[test]
    fn known_tails() {
        for (successes, trials, probability, tail) in KNOWN {
            let found = lower_tail(successes, trials, probability);
            assert!((found / tail - 1.0).abs() < 1e-10, "{successes} {trials} {probability}: {found} {tail}");
        }
    }

    #[test]
    fn it_is_few_at_the_level_and_not_above() {
        // 0 of 7 at 1/2 have 1/128.
        assert!(is_improbably_few(0, 7, 0.5, 1.0 / 127.9));
        assert!(!is_improbably_few(0, 7, 0.5, 1.0 / 128.1));
        assert!(!is_improbably_few(0, 0, 0.5, 0.49));
        assert!(!is_improbably_few(4, 8, 0.5, 0.49));
        assert!(!is_improbably_few(9, 10, 0.9, 0.49));
    }

    #[test]
    fn the_sum_and_the_normal_distribution_agree_where_they_meet() {
        // Variances of 999,000 and 1,001,000.
        for (probability, trials, means) in [
            (0.5, [3_996_000, 4_004_000], [1_998_000, 2_002_000]),
            (0.1, [11_100_000, 11_122_222], [1_110_000, 1_112_222]),
        ] {
            for alpha in [0.02, 0.05] {
                let below = |at: usize| {
                    let is_few = |below: &u64| is_improbably_few(means[at] - below, trials[at], probability, alpha);
                    (0..=4000).find(is_few)
                };
                let [sum, normal] = [0, 1].map(|at| below(at).unwrap_or(u64::MAX));
                assert!(sum.abs_diff(normal) <= 3, "{probability} {alpha}: {sum} {normal}");
            }
        }
        // The work is bounded: this ends.
        assert!(is_improbably_few(u64::MAX / 4, u64::MAX, 0.5, 0.02));
        assert!(!is_improbably_few(u64::MAX / 2, u64::MAX, 0.5, 0.02));
    }
}
