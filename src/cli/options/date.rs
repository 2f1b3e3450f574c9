//! Calendar days, for the end of allowances, and timestamps.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: u64 = 86_400;

/// A day of the Gregorian calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    year: u64,
    month: u64,
    day: u64,
}

impl Date {
    /// The day of a point in time; 1970-01-01 for any earlier one.
    pub(crate) fn at(time: SystemTime) -> Self {
        let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self::from_days(seconds / SECONDS_PER_DAY)
    }

    /// The day `days` after 1970-01-01, by Howard Hinnant's `civil_from_days`: years begin in March, so that a leap day
    /// is their last, and come in eras of 400, all of the same length.
    /// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>
    fn from_days(days: u64) -> Self {
        // Days since 0000-03-01.
        let days = days + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        // March to July have 153 days, and so have August to December.
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        Date { year: era * 400 + year_of_era + u64::from(month <= 2), month, day }
    }

    /// Parses a day such as 2026-12-31; `None` if it is malformed or not in the calendar.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            let part = parts.next().filter(|part| part.len() == digits && part.bytes().all(|b| b.is_ascii_digit()))?;
            part.parse().ok()
        };
        let date = Date { year: number(4)?, month: number(2)?, day: number(2)? };
        (parts.next().is_none() && (1..=date.days_in_month()).contains(&date.day)).then_some(date)
    }

    /// 0 where the month is invalid.
    fn days_in_month(self) -> u64 {
        let leap = self.year.is_multiple_of(4) && !self.year.is_multiple_of(100) || self.year.is_multiple_of(400);
        match self.month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 28 + u64::from(leap),
            _ => 0,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

/// Formats a point in time by RFC 3339, in UTC.
pub(crate) fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let second = since.as_secs() % SECONDS_PER_DAY;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{}T{hour:02}:{minute:02}:{second:02}.{:03}Z", Date::at(time), since.subsec_millis())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn days_of_points_in_time() {
        // `date -u -d @SECONDS +%F`
        for (seconds, day) in [
            (0, "1970-01-01"),
            (86_399, "1970-01-01"),
            (86_400, "1970-01-02"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_399, "2100-02-28"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Date::at(UNIX_EPOCH + Duration::from_secs(seconds)).to_string(), day);
        }
        assert_eq!(Date::at(UNIX_EPOCH - Duration::from_secs(1)).to_string(), "1970-01-01");
    }

    #[cfg(feature = "fetch")]
    #[test]
    fn timestamps_follow_rfc_3339() {
        // `date -u -d @SECONDS +%FT%TZ`
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (1_763_737_445_010, "2025-11-21T15:04:05.010Z"),
        ] {
            assert_eq!(timestamp(UNIX_EPOCH + Duration::from_millis(millis)), text);
        }
    }

    #[test]
    fn every_day_for_800_years_follows_the_previous_one() {
        let mut before = Date::from_days(0);
        for days in 1..2 * 146_097 {
            let date = Date::from_days(days);
            let first = before.day == before.days_in_month();
            let expected = match (first, before.month) {
                (false, _) => Date { day: before.day + 1, ..before },
                (true, 12) => Date { year: before.year + 1, month: 1, day: 1 },
                (true, month) => Date { month: month + 1, day: 1, ..before },
            };
            assert_eq!(date, expected);
            assert!(before < date);
            before = date;
        }
        assert_eq!(before.to_string(), "2769-12-31");
    }

    #[test]
    fn days_are_parsed_as_people_write_them() {
        for text in ["2026-12-31", "2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(Date::parse(text).map(|date| date.to_string()).as_deref(), Some(text));
        }
        let malformed = "|2026|2026-12|2026-12-32|2026-13-01|2026-00-01|2026-01-00|2026-02-29|2100-02-29|2026-1-1|26-01-01|2026-12-31-|2026-12-31T00:00:00Z|+026-12-31|31.12.2026| 2026-12-31";
        for text in malformed.split('|') {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }
}
