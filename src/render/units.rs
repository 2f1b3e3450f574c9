//! Numbers for people.

use crate::byte_size::iec;
use crate::diff::{Change, Metric};
use crate::evidence::MIN_P;

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bytes {
    /// In units of 1024, three digits: `1.50 MiB`.
    Iec,
    /// As they are: `1572864`.
    Raw,
}

/// A value of `metric`.
pub(super) fn value(metric: Metric, number: i128, bytes: Bytes) -> String {
    match (metric, bytes) {
        (Metric::Objects, _) => grouped(number),
        (Metric::Space, Bytes::Raw) => number.to_string(),
        (Metric::Space, Bytes::Iec) => iec(number),
    }
}

/// A difference of `metric`: with its sign.
pub(super) fn delta(metric: Metric, number: i128, bytes: Bytes) -> String {
    let sign = if number > 0 { "+" } else { "" };
    format!("{sign}{}", value(metric, number, bytes))
}

/// Two bounds of a value: the unit once if both have it. `is_signed`: as differences.
pub(super) fn range(metric: Metric, bounds: [i128; 2], is_signed: bool, bytes: Bytes) -> String {
    let [low, high] =
        bounds.map(|bound| if is_signed { delta(metric, bound, bytes) } else { value(metric, bound, bytes) });
    range_with(" to ", [low, high])
}

/// Two texts with a word between, the unit once if both have it.
fn range_with(word: &str, [low, high]: [String; 2]) -> String {
    match (low.rsplit_once(' '), high.rsplit_once(' ')) {
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number}{word}{high}"),
        _ => format!("{low}{word}{high}"),
    }
}

/// Both sides of a value.
pub(super) fn both(metric: Metric, base: i128, current: i128, bytes: Bytes) -> String {
    format!("{} → {}", value(metric, base, bytes), value(metric, current, bytes))
}

/// Both sides of a change.
pub(super) fn sides(change: Change, metric: Metric, bytes: Bytes) -> String {
    both(metric, change.base_of(metric), change.current_of(metric), bytes)
}

/// The delta of a change, and both sides in parentheses.
pub(super) fn delta_and_sides(change: Change, metric: Metric, bytes: Bytes) -> String {
    format!("{} ({})", delta(metric, change.delta_of(metric), bytes), sides(change, metric, bytes))
}

/// With a comma after each third digit.
pub(super) fn grouped(number: i128) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3 + 1);
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// "1 site", "2 sites".
pub(super) fn count(number: usize, one: &str) -> String {
    let text = grouped(number.try_into().unwrap_or(i128::MAX));
    if number == 1 { format!("{text} {one}") } else { format!("{text} {one}s") }
}

/// Both ends of a value, the unit once if both have it: `27.0 → 37.6 MiB`.
pub(super) fn ends(metric: Metric, ends: [i128; 2], bytes: Bytes) -> String {
    range_with(" → ", ends.map(|end| value(metric, end, bytes)))
}

/// Growth from a base, as people say it: percent, or from eleven times the base on how many times it is.
pub(super) fn growth_label(ratio: f64) -> String {
    let percent = (ratio - 1.0) * 100.0;
    match percent {
        _ if ratio >= 11.0 => format!("{}×", grouped_float(ratio)),
        10.0.. | ..=-10.0 => format!("{percent:+.0} %"),
        _ => format!("{percent:+.1} %"),
    }
}

fn grouped_float(number: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    grouped(number.round() as i128)
}

/// A probability with two digits, after its sign: `= 0.049`, or `< 1e-26` for the smallest that is computed.
pub(super) fn probability(p: f64) -> String {
    let digits = match p {
        p if p <= MIN_P => return format!("< {MIN_P:e}"),
        p if p >= 0.1 => format!("{p:.2}"),
        p if p >= 0.001 => format!("{p:.4}").trim_end_matches('0').to_owned(),
        p => format!("{p:.1e}"),
    };
    format!("= {digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_and_deltas_signed() {
        assert_eq!(grouped(-1_234_567), "-1,234,567");
        assert_eq!(grouped(999), "999");
        assert_eq!(delta(Metric::Objects, 1000, Bytes::Iec), "+1,000");
        assert_eq!(delta(Metric::Space, -1024, Bytes::Raw), "-1024");
        assert_eq!(delta(Metric::Space, 0, Bytes::Iec), "0 B");
        assert_eq!(count(1, "site"), "1 site");
        assert_eq!(count(2000, "site"), "2,000 sites");
    }

    #[test]
    fn growth_is_said_in_percent_or_times() {
        let labels = [1.0, 1.04, 1.385, 0.5, 4.66, 10.9, 11.0, 1800.2].map(growth_label);
        assert_eq!(labels, ["+0.0 %", "+4.0 %", "+38 %", "-50 %", "+366 %", "+990 %", "11×", "1,800×"]);
        assert_eq!(ends(Metric::Space, [27 << 20, 38 << 20], Bytes::Iec), "27.0 → 38.0 MiB");
        assert_eq!(ends(Metric::Space, [512 << 10, 38 << 20], Bytes::Iec), "512 KiB → 38.0 MiB");
    }

    #[test]
    fn probabilities_have_two_digits() {
        for (p, text) in [(0.5, "0.50"), (0.049, "0.049"), (0.0123, "0.0123"), (0.002, "0.002"), (5.6e-7, "5.6e-7")] {
            assert_eq!(probability(p), format!("= {text}"));
        }
    }
}
