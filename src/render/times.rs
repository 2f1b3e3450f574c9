//! Times for people.

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3600.0;
const DAY: f64 = 86400.0;
const YEAR: f64 = 365.25 * DAY;
/// Longest time that is an answer.
const MAX_SECONDS: f64 = 100.0 * YEAR;
/// Shortest series whose growth is said per minute, and per hour: what is shown as 60 s, and as 30 min.
const MIN_SECONDS_PER_MINUTE: f64 = 59.5;
const MIN_SECONDS_PER_HOUR: f64 = 29.5 * MINUTE;

/// A time that was measured: `0.6 s`, `82 s`, `3 min 20 s`, `45 min`, `16 h 45 min`.
pub(in crate::render) fn duration(seconds: f64) -> String {
    match seconds {
        ..0.0995 => format!("{:.0} ms", seconds * 1000.0),
        ..9.95 => format!("{seconds:.1} s").replace(".0 s", " s"),
        ..119.5 => format!("{seconds:.0} s"),
        ..595.0 => two(seconds, 10.0, [(MINUTE, "min"), (1.0, "s")]),
        ..7170.0 => format!("{:.0} min", seconds / MINUTE),
        ..169_200.0 => two(seconds, 5.0 * MINUTE, [(HOUR, "h"), (MINUTE, "min")]),
        ..5_097_600.0 => two(seconds, HOUR, [(DAY, "d"), (HOUR, "h")]),
        _ => about(seconds),
    }
}

/// A time in two units, rounded to `step` seconds first, so that no part reads 60.
fn two(seconds: f64, step: f64, [(large, unit), (small, part)]: [(f64, &str); 2]) -> String {
    let rounded = (seconds / step).round() * step;
    let whole = (rounded / large).floor();
    let rest = ((rounded - whole * large) / small).round();
    if rest > 0.0 { format!("{whole} {unit} {rest} {part}") } else { format!("{whole} {unit}") }
}

/// A time that was estimated, in one unit: `40 s`, `17 h`, `12 days`.
pub(in crate::render) fn about(seconds: f64) -> String {
    let one = |length: f64, unit: &str| {
        let number = (seconds / length).max(1.0);
        // Below ten, a half is a good part.
        let number = if number < 9.75 { (2.0 * number).round() / 2.0 } else { number.round() };
        format!("{number} {unit}")
    };
    match seconds {
        ..59.5 => format!("{:.0} s", seconds.max(1.0)),
        ..7170.0 => one(MINUTE, "min"),
        ..169_200.0 => one(HOUR, "h"),
        ..5_097_600.0 => one(DAY, "days"),
        ..YEAR => one(YEAR / 12.0, "months"),
        ..=MAX_SECONDS => one(YEAR, "years"),
        _ => "more than 100 years".to_owned(),
    }
}

/// Two bounds of a time, the unit once if both have it: `15 to 19 h`.
pub(in crate::render) fn between(low: f64, high: f64) -> String {
    let [low, high] = [low, high].map(about);
    match (low.split_once(' '), high.split_once(' ')) {
        _ if low == high => low,
        (Some((number, unit)), Some((_, same))) if unit == same => format!("{number} to {high}"),
        _ => format!("{low} to {high}"),
    }
}

/// Growth between the snapshots that count.
#[derive(Debug, Clone, Copy)]
pub(in crate::render) struct Grown {
    pub(in crate::render) by: i128,
    /// Number of intervals between them.
    pub(in crate::render) intervals: usize,
    /// Time between the first and the last of them, where known.
    pub(in crate::render) seconds: Option<f64>,
}

impl Grown {
    /// Mean growth, and its unit, for a series that spans `span` seconds with the snapshots that do not count: per hour or
    /// minute if it is long enough, or else per snapshot.
    pub(in crate::render) fn pace(self, span: Option<f64>) -> (i128, &'static str) {
        let per_time = match span {
            Some(MIN_SECONDS_PER_HOUR..) => Some((HOUR, "hour")),
            Some(MIN_SECONDS_PER_MINUTE..) => Some((MINUTE, "minute")),
            _ => None,
        };
        let (times, unit) = match (per_time, self.seconds) {
            (Some((length, unit)), Some(seconds)) => (seconds / length, unit),
            _ => (self.intervals.max(1) as f64, "snapshot"),
        };
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        let pace = (self.by as f64 / times).round() as i128;
        (pace, unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_times_are_as_people_say_them() {
        for (seconds, text) in [
            (0.025, "25 ms"),
            (0.25, "0.2 s"),
            (0.704, "0.7 s"),
            (3.0, "3 s"),
            (59.6, "60 s"),
            (82.0, "82 s"),
            (119.6, "2 min"),
            (210.0, "3 min 30 s"),
            (213.0, "3 min 30 s"),
            (599.0, "10 min"),
            (3600.0, "60 min"),
            (7199.0, "2 h"),
            (60_300.0, "16 h 45 min"),
            (100_000.0, "27 h 45 min"),
            (260_000.0, "3 d"),
            (264_000.0, "3 d 1 h"),
            (1e12, "more than 100 years"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn estimates_have_one_unit() {
        for (seconds, text) in [
            (0.0, "1 s"),
            (50.0, "50 s"),
            (100.0, "1.5 min"),
            (200.0, "3.5 min"),
            (700.0, "12 min"),
            (60_300.0, "17 h"),
            (1e6, "12 days"),
            (1e7, "4 months"),
            (1e8, "3 years"),
            (1e12, "more than 100 years"),
        ] {
            assert_eq!(about(seconds), text, "{seconds}");
        }
        assert_eq!(between(53_100.0, 67_200.0), "15 to 19 h");
        assert_eq!(between(44.0, 195.0), "44 s to 3.5 min");
        assert_eq!(between(60_000.0, 60_100.0), "17 h");
    }

    #[test]
    fn growth_has_the_unit_that_the_series_allows() {
        let pace = |by, seconds, span| Grown { by, intervals: 8, seconds }.pace(span);
        assert_eq!(pace(100, Some(0.6), Some(0.7)), (13, "snapshot"));
        assert_eq!(pace(100, Some(52.0), Some(59.0)), (13, "snapshot"));
        // What is shown as 60 s, though less of it counts.
        assert_eq!(pace(100, Some(50.0), Some(59.6)), (120, "minute"));
        assert_eq!(pace(100, Some(120.0), Some(130.0)), (50, "minute"));
        assert_eq!(pace(30, Some(1800.0), Some(1900.0)), (60, "hour"));
        assert_eq!(pace(-100, None, None), (-13, "snapshot"));
    }
}
