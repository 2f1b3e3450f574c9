//! What the sums of a side are multiplied by, so that sides that did different amounts of work compare.

use super::Values;

/// What the sums of a side are multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Scale {
    /// Nothing: they are sums.
    #[default]
    Sum,
    /// They are divided by the number of profiles.
    PerProfile(u32),
    /// They are divided by the number of operations of a benchmark.
    PerOperation(u64),
    /// They are multiplied by factors that make the totals of both sides equal.
    Normalized(Factors),
}

/// A factor of each metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factors {
    /// Factor of objects.
    pub objects: f64,
    /// Factor of bytes.
    pub space: f64,
}

impl Factors {
    /// The factors that turn the sums `from` into `to`, each metric by itself; 0 where there is nothing to multiply.
    ///
    /// Source: pprof's `Profile.Normalize`.
    pub fn between(from: Values, to: Values) -> Self {
        let factor = |from: i128, to: i128| if from == 0 { 0.0 } else { to as f64 / from as f64 };
        Factors { objects: factor(from.objects, to.objects), space: factor(from.space, to.space) }
    }
}

impl Scale {
    /// What one of each metric counts for.
    pub fn factors(self) -> Factors {
        let by = match self {
            Scale::Sum => 1.0,
            Scale::PerProfile(profiles) => 1.0 / f64::from(profiles.max(1)),
            Scale::PerOperation(operations) => 1.0 / operations.max(1) as f64,
            Scale::Normalized(factors) => return factors,
        };
        Factors { objects: by, space: by }
    }

    /// The scaled values, rounded half away from zero.
    pub fn apply(self, values: Values) -> Values {
        match self {
            Scale::Sum => values,
            Scale::PerProfile(profiles) => values.divided(profiles.into()),
            Scale::PerOperation(operations) => values.divided(operations),
            Scale::Normalized(Factors { objects, space }) => {
                Values { objects: multiplied(values.objects, objects), space: multiplied(values.space, space) }
            }
        }
    }
}

/// A product beyond any that means something, of which millions can still be added.
const MAX_PRODUCT: f64 = (1u128 << 100) as f64;

#[allow(clippy::cast_possible_truncation, reason = "within the limit")]
fn multiplied(value: i128, by: f64) -> i128 {
    if by == 1.0 { value } else { libm::round(value as f64 * by).clamp(-MAX_PRODUCT, MAX_PRODUCT) as i128 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(objects: i128, space: i128) -> Values {
        Values { objects, space }
    }

    #[test]
    fn shares_are_rounded_half_away_from_zero() {
        assert_eq!(Scale::PerOperation(201).apply(values(41_004, 2_249_592)), values(204, 11_192));
        assert_eq!(Scale::PerOperation(2).apply(values(1, -3)), values(1, -2));
        assert_eq!(Scale::PerOperation(u64::MAX).apply(values(5, 5)), values(0, 0));
    }

    /// As `TestNormalizeByDifferentProfile` and `TestNormalizeByMultipleOfSameProfile` of pprof: columns by themselves.
    #[test]
    fn totals_of_normalized_values_are_equal() {
        let (from, to) = (values(100, 3000), values(50, 4500));
        let scale = Scale::Normalized(Factors::between(from, to));
        assert_eq!(scale.apply(from), to);
        assert_eq!(scale.apply(values(3, 100)), values(2, 150));
        let huge = Scale::Normalized(Factors { objects: 1e300, space: -1e300 });
        assert_eq!(huge.apply(values(5, 5)), values(1 << 100, -(1 << 100)));
        let of_nothing = Scale::Normalized(Factors::between(values(0, 10), values(7, 10)));
        assert_eq!(of_nothing.apply(values(0, 3)), values(0, 3));
    }
}
