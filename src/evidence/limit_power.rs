//! What a limit on growth can miss, if it fails only growth that exceeds it with confidence.
//!
//! In: the sampling, a limit, deaths. Out: the growth that such a limit finds nine times in ten, and what limits the
//! sampling can hold. The formulas are normal approximations of the bound in `bounds`, at 1.96 standard errors.

use super::detectable::detectable_growth;
use super::weights::SideWeights;
use crate::site::Rate;

/// Standard errors between a limit and the growth that exceeds it with confidence nine times in ten: 1.96 of the lower
/// bound of 95 % confidence, and 1.2816 of the power.
const Z: f64 = 1.96 + 1.2816;
/// A limit is finer than the data if growth of more than this many times the limit can pass it.
const MAX_MISSED: f64 = 2.0;

/// The power of limits on growth, in bytes. `deaths`: raw samples that died; for two processes, all those of the base.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitPower {
    rate: Rate,
    weights: SideWeights,
    /// Level at which growth must be significant.
    level: f64,
}

impl LimitPower {
    /// The power of limits where growth must be significant at `level`.
    pub fn new(rate: Rate, weights: SideWeights, level: f64) -> Self {
        LimitPower { rate, weights, level }
    }

    /// Growth, in bytes, that exceeds `limit` with confidence nine times in ten; less of it may pass.
    pub fn caught(&self, limit: f64, deaths: f64) -> f64 {
        if self.rate.is_exact() {
            return limit;
        }
        let born = self.weights.born;
        let samples = limit / self.rate.bytes();
        let errors = (Z * Z * born * born / 4.0 + born * samples + self.masking(deaths)).sqrt();
        let beyond = (samples + Z * Z * born / 2.0 + Z * errors) * self.rate.bytes();
        beyond.max(detectable_growth(self.rate, self.weights, self.level, deaths))
    }

    /// Whether growth of more than twice the limit can pass it.
    pub fn is_finer_than_data(&self, limit: f64, deaths: f64) -> bool {
        !self.rate.is_exact() && self.caught(limit, deaths) > MAX_MISSED * limit * (1.0 + 1e-9)
    }

    /// The finest limit, in bytes, that growth of twice as much never passes but once in ten.
    pub fn finest_limit(&self, deaths: f64) -> f64 {
        if self.rate.is_exact() {
            return 0.0;
        }
        let born = Z * Z * self.weights.born;
        let samples = born + (born * born + Z * Z * self.masking(deaths)).sqrt();
        let significant = detectable_growth(self.rate, self.weights, self.level, deaths) / MAX_MISSED;
        (samples * self.rate.bytes()).max(significant)
    }

    /// The sampling period, in bytes, at which `limit` would be the finest; 1 if everything must be counted.
    pub fn rate_for(&self, limit: f64, deaths: f64) -> f64 {
        let by_bound =
            limit * limit / (Z * Z * (2.0 * self.weights.born * limit + self.masking(deaths) * self.rate.bytes()));
        let finest = self.finest_limit(deaths);
        // Where significance is what is missing, the detectable growth is proportional to the period.
        by_bound.min(self.rate.bytes() * (limit / finest).max(0.0)).max(1.0)
    }

    /// The sampling period, in bytes, at which growth of `growth` bytes is caught by `limit`, if nothing died; `None` if the
    /// limit itself lets it pass.
    pub fn rate_to_catch(&self, growth: f64, limit: f64) -> Option<f64> {
        let excess = growth - limit;
        let by_bound = excess * excess / (Z * Z * self.weights.born * growth);
        let by_level =
            self.rate.bytes() * growth / detectable_growth(self.rate, self.weights, self.level, 0.0).max(1.0);
        (excess > 0.0).then(|| by_bound.min(by_level).max(1.0))
    }

    /// Variance that deaths, and the births that replace them, add to the growth; in squared samples.
    fn masking(&self, deaths: f64) -> f64 {
        let SideWeights { born, died, .. } = self.weights;
        deaths.max(0.0) * died * (died + born)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIB: f64 = 1024.0;

    fn power(rate: i64) -> LimitPower {
        LimitPower::new(Rate::new(rate), SideWeights::SUM, 0.05)
    }

    #[test]
    fn as_the_formula_says() {
        // Limits and deaths in samples, by Y = L + z^2/2 + z sqrt(z^2/4 + L + 2 d).
        for (limit, deaths, known) in [(0.125, 0.0, 10.75), (1.0, 0.0, 12.43), (16.0, 0.0, 35.25), (2.0, 10.0, 23.34)] {
            let rate = 65536.0;
            let found = power(65536).caught(limit * rate, deaths) / rate;
            assert!((found - known).abs() < 0.01, "{limit} {deaths}: {found}");
        }
        // Growth must be significant as well.
        let strict = LimitPower::new(Rate::new(65536), SideWeights::SUM, 1e-6);
        assert!(strict.caught(0.0, 0.0) > 20.0 * 65536.0);
    }

    #[test]
    fn the_finest_limit_is_missed_by_no_more_than_twice() {
        for deaths in [0.0, 3.0, 50.0] {
            let power = power(512 << 10);
            let finest = power.finest_limit(deaths);
            assert!((power.caught(finest, deaths) / finest - 2.0).abs() < 1e-9, "{deaths}");
            assert!(!power.is_finer_than_data(finest, deaths) && power.is_finer_than_data(finest * 0.99, deaths));
        }
        assert!((power(512 << 10).finest_limit(0.0) / KIB / KIB - 10.5).abs() < 0.02);
    }

    #[test]
    fn a_finer_rate_holds_a_finer_limit() {
        let limit = 64.0 * KIB;
        for deaths in [0.0, 7.0] {
            let rate = power(512 << 10).rate_for(limit, deaths);
            // The same bytes die in more samples.
            #[allow(clippy::cast_possible_truncation, reason = "far below the range")]
            let finer = power(rate as i64);
            let found = finer.finest_limit(deaths * 512.0 * KIB / rate);
            assert!((found / limit - 1.0).abs() < 0.02, "{deaths}: {rate} {found}");
        }
        assert_eq!(power(4096).rate_for(0.0, 0.0), 1.0);
    }

    #[test]
    fn a_finer_rate_catches_less_growth() {
        for (growth, limit) in [(256.0 * KIB, 64.0 * KIB), (64.0 * KIB, 0.0), (4096.0 * KIB, 1024.0 * KIB)] {
            let rate = power(512 << 10).rate_to_catch(growth, limit).unwrap_or_default();
            #[allow(clippy::cast_possible_truncation, reason = "far below the range")]
            let finer = power(rate as i64);
            let caught = finer.caught(limit, 0.0);
            assert!((0.97..=1.0).contains(&(caught / growth)), "{growth}: {rate} {caught}");
        }
        assert_eq!(power(1).rate_to_catch(64.0, 64.0), None);
    }

    #[test]
    fn what_is_counted_is_never_missed() {
        assert_eq!(power(1).caught(640.0, 9.0), 640.0);
        assert!(!power(1).is_finer_than_data(0.0, 9.0));
    }
}
