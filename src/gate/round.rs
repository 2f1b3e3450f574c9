//! Round numbers, which people can review.

/// Rounds up to a number of significant digits.
#[allow(clippy::cast_possible_truncation, reason = "far below the range of i128")]
pub(super) fn round_up_decimal(number: f64, digits: u32) -> i128 {
    let whole = number.ceil().max(0.0);
    let unit = 10f64.powi(magnitude(whole) - digits.cast_signed());
    if unit <= 1.0 { whole as i128 } else { ((whole / unit).ceil() * unit).round() as i128 }
}

/// Rounds bytes up to at least that number of significant digits of KiB, MiB and so on.
#[allow(clippy::cast_possible_truncation, reason = "far below the range of i128")]
pub(super) fn round_up_binary(bytes: f64, digits: u32) -> i128 {
    let mut unit = 1.0;
    while bytes / unit >= 1000.0 {
        unit *= 1024.0;
    }
    if unit == 1.0 {
        return round_up_decimal(bytes, digits);
    }
    let step = 10f64.powi(magnitude(bytes / unit) - digits.cast_signed());
    ((bytes / unit / step).ceil() * step * unit).round() as i128
}

/// Digits before the point.
#[allow(clippy::cast_possible_truncation, reason = "a logarithm")]
fn magnitude(number: f64) -> i32 {
    let mut digits = 1;
    while number >= 10f64.powi(digits) {
        digits += 1;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_upwards() {
        let found =
            [0.0, 1.0, 9.5, 10.0, 99.1, 101.0, 123_456.0, 6_291_456.0].map(|number| round_up_decimal(number, 2));
        assert_eq!(found, [0, 1, 10, 10, 100, 110, 130_000, 6_300_000]);
        assert_eq!(round_up_decimal(30_584.0, 3), 30_600);
    }

    #[test]
    fn units_of_1024() {
        const KIB: f64 = 1024.0;
        let found = [0.0, 700.0, KIB, 1.01 * KIB, 130.0 * KIB, 999.0 * KIB, 1001.0 * KIB, 4.71 * KIB * KIB];
        let found = found.map(|bytes| round_up_binary(bytes, 2));
        let known = [0, 700, 1024, 1126, 130 << 10, 1000 << 10, 1_048_576, 5_033_165];
        assert_eq!(found, known);
    }
}
