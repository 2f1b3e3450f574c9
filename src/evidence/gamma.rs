//! Quantiles of the gamma distribution of scale 1.

use super::normal;
use super::tail::{Gamma, Tail};

/// The value below which a variable falls with `probability`, in (0, 1).
pub(super) fn lower_quantile(shape: f64, probability: f64) -> f64 {
    if probability > 0.5 {
        quantile(shape, Tail::Upper, 1.0 - probability)
    } else {
        quantile(shape, Tail::Lower, probability)
    }
}

/// The value that a variable exceeds with `probability`, in (0, 1). Small probabilities lose no digits.
pub(super) fn upper_quantile(shape: f64, probability: f64) -> f64 {
    if probability > 0.5 {
        quantile(shape, Tail::Lower, 1.0 - probability)
    } else {
        quantile(shape, Tail::Upper, probability)
    }
}

/// Shape above which Wilson and Hilferty's transformation is exact enough.
pub(super) const MAX_SHAPE: f64 = 1e9;

/// The value at which a tail of `probability`, at most 0.5, begins.
///
/// Newton's method for `ln probability` over `t = ln x`. Both tails are concave there, so a step never ends on the side
/// where the probability is too great, and from the other side the steps converge monotonically: no bracket is needed.
/// Halley's correction saves the last step.
fn quantile(shape: f64, tail: Tail, probability: f64) -> f64 {
    if shape == 1.0 {
        return if tail == Tail::Lower { -libm::log1p(-probability) } else { -libm::log(probability) };
    }
    if shape > MAX_SHAPE {
        return wilson_hilferty(shape, tail, probability);
    }
    let gamma = Gamma::new(shape);
    let ln_probability = libm::log(probability);
    // In units of t's deviation; the remaining error is the cube of this.
    let close = 1e-4 / shape.sqrt().max(1.0);
    let mut t = start(&gamma, tail, probability);
    for _ in 0..100 {
        let (ln_tail, hazard) = gamma.ln_tail(tail, t);
        let slope = if tail == Tail::Lower { hazard } else { -hazard };
        let newton = (ln_probability - ln_tail) / slope;
        let bend = 0.5 * newton * (shape - libm::exp(t) - slope);
        let step = if bend.abs() < 0.25 { newton / (1.0 + bend) } else { newton.min(1.0) };
        t += step;
        if step.abs() < close {
            break;
        }
    }
    libm::exp(t)
}

/// The logarithm of a value near the quantile, or on the side from which the steps converge.
fn start(gamma: &Gamma, tail: Tail, probability: f64) -> f64 {
    let guess = libm::log(wilson_hilferty(gamma.shape, tail, probability));
    match tail {
        // P(x) < x^shape / Γ(shape + 1), and little less for small x.
        Tail::Lower => guess.max((libm::log(probability) + gamma.ln_factorial()) / gamma.shape),
        Tail::Upper if gamma.shape >= 1.0 => guess,
        // Q(x) < e^-x x^(shape - 1) / Γ(shape)
        Tail::Upper => {
            let far = -libm::log(probability) - gamma.ln_factorial() + libm::log(gamma.shape);
            if far > 1.0 { libm::log(far) } else { (libm::log1p(-probability) + gamma.ln_factorial()) / gamma.shape }
        }
    }
}

/// Approximate quantile by Wilson & Hilferty (1931): the cube root of a gamma variable is nearly normal. 0 if that fails.
fn wilson_hilferty(shape: f64, tail: Tail, probability: f64) -> f64 {
    let z = normal::upper_quantile(probability);
    let z = if tail == Tail::Lower { -z } else { z };
    let root = 1.0 - 1.0 / (9.0 * shape) + z / (3.0 * shape.sqrt());
    shape * root.max(0.0).powi(3)
}

#[cfg(test)]
mod tests {
    use super::Tail::{Lower, Upper};
    use super::*;

    /// By mpmath, with 50 digits.
    #[rustfmt::skip]
    const KNOWN: &[(f64, f64, Tail, f64)] = &[
        (0.001, 0.005, Upper, 0.00375303796578092),
        (0.001, 1e-10, Upper, 13.4545955112044),
        (0.001, 1e-26, Upper, 49.0512823468178),
        (0.5, 1e-26, Lower, 7.85398163397448e-53),
        (0.5, 0.025, Lower, 0.000491034558587628),
        (0.5, 0.5, Lower, 0.227468211559786),
        (0.5, 0.005, Upper, 3.93971928831121),
        (0.5, 1e-10, Upper, 20.9107281823806),
        (0.5, 1e-26, Upper, 57.262475856419),
        (7.0009, 1e-26, Lower, 0.000653417007108096),
        (7.0009, 0.025, Lower, 2.81492730218373),
        (7.0009, 0.5, Lower, 6.67053667349166),
        (7.0009, 0.005, Upper, 15.6610163342041),
        (7.0009, 1e-10, Upper, 38.5192053476085),
        (7.0009, 1e-26, Upper, 79.6319835686975),
        (19.0, 1e-26, Lower, 0.3453751341217),
        (19.0, 0.025, Lower, 11.4392411643667),
        (19.0, 0.5, Lower, 18.6677263645717),
        (19.0, 0.005, Upper, 32.0907061787031),
        (19.0, 1e-10, Upper, 60.9531717660348),
        (19.0, 1e-26, Upper, 107.916519769234),
        (21.0, 1e-26, Lower, 0.513486075915697),
        (21.0, 0.025, Lower, 12.9993309840762),
        (21.0, 0.5, Lower, 20.6676237063105),
        (21.0, 0.005, Upper, 34.6679987284502),
        (21.0, 1e-10, Upper, 64.3351562913605),
        (21.0, 1e-26, Upper, 112.116567895422),
        (100.0, 1e-26, Lower, 27.363504887011),
        (100.0, 1e-26, Upper, 246.45164179564),
        (1234.5, 1e-26, Lower, 897.207110939951),
        (1234.5, 0.025, Lower, 1166.58777036484),
        (1234.5, 0.5, Lower, 1234.16668267228),
        (1234.5, 0.005, Upper, 1326.88032266447),
        (1234.5, 1e-10, Upper, 1471.32736676905),
        (1234.5, 1e-26, Upper, 1646.48162491478),
        (100000.0, 1e-26, Lower, 96673.4983571142),
        (100000.0, 1e-09, Lower, 98114.9694671395),
        (100000.0, 0.5, Lower, 99999.6666668642),
        (100000.0, 1e-26, Upper, 103401.267693808),
        (10000000.0, 0.005, Upper, 10008147.3657536),
        (10000000.0, 1e-10, Upper, 10020129.4836465),
        (10000000.0, 1e-26, Upper, 10033675.2482395),
    ];

    #[test]
    fn known_quantiles() {
        for &(shape, probability, tail, x) in KNOWN {
            let found = quantile(shape, tail, probability);
            assert!((found / x - 1.0).abs() < 1e-10, "{shape} {probability} {tail:?}: {found} {x}");
        }
    }

    #[test]
    fn a_quantile_has_its_probability_and_grows() {
        let shapes = (-30..=90).map(|n| libm::pow(10.0, f64::from(n) / 10.0));
        for shape in shapes {
            for tail in [Lower, Upper] {
                let mut last = if tail == Lower { 0.0 } else { f64::INFINITY };
                for n in (1..=1040).rev().step_by(3) {
                    let probability = libm::pow(10.0, -f64::from(n) / 40.0).min(0.5);
                    let x = quantile(shape, tail, probability);
                    assert!(
                        if tail == Lower { x >= last } else { x <= last },
                        "{shape} {tail:?} {probability}: {x} {last}"
                    );
                    last = x;
                    if x > 1e-300 {
                        let (ln_tail, hazard) = Gamma::new(shape).ln_tail(tail, libm::log(x));
                        let error = (ln_tail - libm::log(probability)) / hazard;
                        assert!(error.abs() < 1e-10, "{shape} {tail:?} {probability}: {error}");
                    }
                }
            }
        }
    }

    #[test]
    fn tails_meet_where_the_method_changes() {
        for shape in [19.999_999_999, 20.0, 1e3, 1e5] {
            for depth in [0.499_999, 0.500_001] {
                // λ - 1 - ln λ = 1/2 on both sides of 1.
                for ratio in [0.301_768_4 + (0.5 - depth) * 0.5, 2.357_675_4 - (0.5 - depth)] {
                    let (lower, _) = Gamma::new(shape).ln_tail(Lower, libm::log(shape * ratio));
                    let (upper, _) = Gamma::new(shape).ln_tail(Upper, libm::log(shape * ratio));
                    assert!((libm::exp(lower) + libm::exp(upper) - 1.0).abs() < 1e-12, "{shape} {ratio}");
                }
            }
        }
    }

    #[test]
    fn either_half_may_be_asked_from_either_end() {
        assert_eq!(lower_quantile(7.5, 0.9), upper_quantile(7.5, 1.0 - 0.9));
        assert_eq!(upper_quantile(7.5, 0.75), lower_quantile(7.5, 0.25));
        assert!(lower_quantile(7.5, 1.0 - 1e-16) > 40.0);
        assert!((upper_quantile(1e300, 1e-26) / 1e300 - 1.0).abs() < 1e-15);
    }
}
