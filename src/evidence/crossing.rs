//! Root finding.

/// The argument at which a falling function, which may jump, passes 0. `above` and `below` are an argument and value on
/// either side of it.
///
/// Chandrupatla (1997): inverse quadratic interpolation, or bisection where the function is not smooth enough.
pub(super) fn crossing(function: impl Fn(f64) -> f64, above: (f64, f64), below: (f64, f64)) -> f64 {
    const TOLERANCE: f64 = 1e-8;
    let (mut a, mut b) = (below, above);
    let mut share = 0.5;
    // Bisection alone would need 30 steps.
    for _ in 0..100 {
        let x = a.0 + share * (b.0 - a.0);
        let new = (x, function(x));
        let c;
        if (new.1 > 0.0) == (a.1 > 0.0) {
            c = a;
        } else {
            c = b;
            b = a;
        }
        a = new;
        let nearest = TOLERANCE / (b.0 - a.0).abs();
        if nearest > 0.5 {
            break;
        }
        let xi = (a.0 - b.0) / (c.0 - b.0);
        let phi = (a.1 - b.1) / (c.1 - b.1);
        let is_smooth = phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        share = 0.5;
        if is_smooth {
            let first = a.1 / (b.1 - a.1) * c.1 / (b.1 - c.1);
            let second = (c.0 - a.0) / (b.0 - a.0) * a.1 / (c.1 - a.1) * b.1 / (c.1 - b.1);
            share = first + second;
        }
        share = share.clamp(nearest, 1.0 - nearest);
    }
    if a.1.abs() < b.1.abs() { a.0 } else { b.0 }
}
