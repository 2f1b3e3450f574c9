//! The tail of Student's t distribution, and its quantile.

use super::crossing::crossing;

/// The probability that a variable of `freedom` degrees of freedom, which need not be a whole number, exceeds `t`.
///
/// Half the regularized incomplete beta function of `freedom / (freedom + t²)`, by Lentz's continued fraction.
pub(super) fn upper_tail(t: f64, freedom: f64) -> f64 {
    let x = freedom / (freedom + t * t);
    let half = 0.5 * incomplete_beta(x, freedom / 2.0, 0.5);
    if t < 0.0 { 1.0 - half } else { half }
}

/// The value that a variable of `freedom` degrees of freedom exceeds with probability `tail`, in (0, 0.5).
pub(super) fn upper_quantile(tail: f64, freedom: f64) -> f64 {
    let ln_tail = libm::log(tail);
    let above = |ln_t: f64| libm::log(upper_tail(libm::exp(ln_t), freedom)) - ln_tail;
    let mut end = 1.0;
    while above(end) > 0.0 && end < 300.0 {
        end *= 2.0;
    }
    let start = -10.0;
    libm::exp(crossing(above, (start, above(start)), (end, above(end))))
}

/// The regularized incomplete beta function of `x` in [0, 1].
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    let ln_factor = libm::lgamma(a + b) - libm::lgamma(a) - libm::lgamma(b) + a * libm::log(x) + b * libm::log1p(-x);
    // The fraction converges fast on one side of the mean only.
    match x < (a + 1.0) / (a + b + 2.0) {
        true => libm::exp(ln_factor) * fraction(x, a, b) / a,
        false => 1.0 - libm::exp(ln_factor) * fraction(1.0 - x, b, a) / b,
    }
}

/// The continued fraction of the incomplete beta function.
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let not_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut d = 1.0 / not_zero(1.0 - (a + b) * x / (a + 1.0));
    let (mut c, mut value) = (1.0, d);
    for m in 1..300 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / not_zero(1.0 + term * d);
            c = not_zero(1.0 + term / c);
            change = c * d;
            value *= change;
        }
        if (change - 1.0).abs() < 1e-12 {
            break;
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_tabulated() {
        for (freedom, tail, t) in [
            (1.0, 0.025, 12.706_205),
            (2.0, 0.025, 4.302_653),
            (4.0, 0.025, 2.776_445),
            (4.0, 0.005, 4.604_095),
            (10.0, 0.001, 4.143_700),
            (1e6, 0.025, 1.959_966),
        ] {
            assert!((upper_quantile(tail, freedom) / t - 1.0).abs() < 1e-6, "{freedom} {tail}");
            assert!((upper_tail(t, freedom) / tail - 1.0).abs() < 1e-5, "{freedom} {tail}");
        }
        assert!((upper_tail(0.0, 3.0) - 0.5).abs() < 1e-12 && upper_tail(-4.302_653, 2.0) > 0.974);
        // With two degrees of freedom the tail has a closed form.
        for t in [0.1, 1.0, 70.0, 1e4] {
            let known = 1.0 / (2.0 + t * t + t * libm::sqrt(2.0 + t * t));
            assert!((upper_tail(t, 2.0) / known - 1.0).abs() < 1e-9, "{t}");
        }
        // Between whole numbers.
        assert!(upper_quantile(0.025, 2.5) < 4.302 && upper_quantile(0.025, 2.5) > 3.182);
    }
}
