//! The tails of the gamma distribution of scale 1, in logarithms of values and probabilities so that nothing underflows.

use std::f64::consts::{PI, TAU};

/// An end of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tail {
    /// Below a value.
    Lower,
    /// Above a value.
    Upper,
}

/// A gamma distribution over `t = ln x`, where its density is `x^shape e^-x / Γ(shape)`.
#[derive(Debug)]
pub(super) struct Gamma {
    /// Shape, which is also the mean.
    pub(super) shape: f64,
    ln_shape: f64,
    /// Logarithm of the greatest density, at `x = shape`.
    ln_peak: f64,
}

/// `z / (λ - 1)` in powers of `z`, where `z²/2 = λ - 1 - ln λ` (Temme 1979). The series converges for `|z| < 3.5`.
#[rustfmt::skip]
const TEMME: [f64; 22] = [
    1.0, -0.3333333333333333, 0.08333333333333333, -0.014814814814814815, 0.0011574074074074073,
    0.0003527336860670194, -0.0001787551440329218, 3.919263178522438e-5, -2.1854485106799923e-6,
    -1.85406221071516e-6, 8.296711340953087e-7, -1.7665952736826078e-7, 6.7078535434015e-9,
    1.0261809784240309e-8, -4.382036018453353e-9, 9.14769958223679e-10, -2.551419399494625e-11,
    -5.830772132550425e-11, 2.436194802066742e-11, -5.027669280114176e-12, 1.1004392031956134e-13,
    3.371763262400985e-13,
];

impl Gamma {
    pub(super) fn new(shape: f64) -> Self {
        let ln_shape = libm::log(shape);
        Gamma { shape, ln_shape, ln_peak: ln_peak(shape, ln_shape) }
    }

    /// `ln Γ(shape + 1)`.
    pub(super) fn ln_factorial(&self) -> f64 {
        self.shape * self.ln_shape - self.shape - self.ln_peak + self.ln_shape
    }

    /// The logarithm of the probability of a tail from `t` on, and the density at `t` divided by it.
    pub(super) fn ln_tail(&self, tail: Tail, t: f64) -> (f64, f64) {
        let x = libm::exp(t);
        let excess = x / self.shape - 1.0;
        // ln(x / shape), without loss of digits if the two are close.
        let ln_ratio = if excess.abs() < 0.5 { libm::log1p(excess) } else { t - self.ln_shape };
        let half_z_squared = (excess - ln_ratio).max(0.0);
        let ln_density = self.ln_peak - self.shape * half_z_squared;
        let (known, by_density) = if self.shape >= 20.0 && half_z_squared < 0.5 {
            self.near_mean(excess, half_z_squared)
        } else if x < self.shape + 1.0 {
            (Tail::Lower, series(self.shape, x))
        } else {
            (Tail::Upper, fraction(self.shape, x))
        };
        if known == tail {
            return (ln_density + libm::log(by_density), 1.0 / by_density);
        }
        let density = libm::exp(ln_density);
        let rest = density * by_density;
        (libm::log1p(-rest), density / (1.0 - rest))
    }

    /// The smaller tail divided by the density, near the mean, where series and fraction would take `√shape` steps.
    ///
    /// The density falls as `e^(-shape z²/2)`, and `dt = z / (λ - 1) dz`, so each power of `z` integrates by parts.
    fn near_mean(&self, excess: f64, half_z_squared: f64) -> (Tail, f64) {
        let z = (2.0 * half_z_squared).sqrt();
        let (tail, sign) = if excess < 0.0 { (Tail::Lower, -1.0) } else { (Tail::Upper, 1.0) };
        let unit = 1.0 / self.shape;
        let mut even = (0.5 * PI * unit).sqrt() * scaled_erfc(self.shape * half_z_squared);
        let mut odd = unit;
        let mut power = unit;
        let mut sum = 0.0;
        let mut k = 0.0;
        for pair in TEMME.chunks_exact(2) {
            sum += pair[0] * even + sign * pair[1] * odd;
            // From moments k and k + 1 to k + 2 and k + 3; power is z^k / shape.
            even = power * z + (k + 1.0) * unit * even;
            power *= z * z;
            odd = power + (k + 2.0) * unit * odd;
            k += 2.0;
        }
        (tail, sum)
    }
}

/// `P(x) / density`, by its power series; short where `x < shape + 1`.
fn series(shape: f64, x: f64) -> f64 {
    let mut term = 1.0 / shape;
    let mut sum = term;
    let mut n = shape;
    for _ in 0..500 {
        n += 1.0;
        term *= x / n;
        sum += term;
        if term < sum * 1e-16 {
            break;
        }
    }
    sum
}

/// `Q(x) / density`, by Legendre's continued fraction (Lentz's method); short where `x > shape + 1`.
fn fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    let mut n = 0.0;
    for _ in 0..500 {
        n += 1.0;
        let a = n * (shape - n);
        b += 2.0;
        d = 1.0 / (b + a * d);
        c = b + a / c;
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// `e^square erfc(√square)`, from the gamma distribution of shape 1/2.
fn scaled_erfc(square: f64) -> f64 {
    let density = (square / PI).sqrt();
    if square < 1.5 { libm::exp(square) - density * series(0.5, square) } else { density * fraction(0.5, square) }
}

/// `shape ln(shape) - shape - ln Γ(shape)`, by Stirling's series, without loss of digits for great shapes.
pub(super) fn ln_peak(shape: f64, ln_shape: f64) -> f64 {
    if shape < 10.0 {
        // Γ(a + 10) = a (a + 1) ... (a + 9) Γ(a)
        let raised = shape + 10.0;
        let product: f64 = (0..10).map(|n| shape + f64::from(n)).product();
        let ln_raised = libm::log(raised);
        return shape * ln_shape - raised * ln_raised + 10.0 + ln_peak(raised, ln_raised) + libm::log(product);
    }
    let inverse = 1.0 / (shape * shape);
    let rest = [-1.0 / 1680.0, 1.0 / 1260.0, -1.0 / 360.0, 1.0 / 12.0];
    let rest = rest.iter().fold(1.0 / 1188.0, |sum, coefficient| sum * inverse + coefficient) / shape;
    0.5 * (ln_shape - libm::log(TAU)) - rest
}
