//! Time: how it is typed, the clock, and what is done again and again.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};

const SECOND: Duration = Duration::from_secs(1);
/// Nobody waits longer.
const MAX: Duration = Duration::from_secs(366 * 24 * 60 * 60);

/// Parses a duration such as 500ms, 10s, 1.5m or 1h.
pub(super) fn duration(text: &str) -> Result<Duration> {
    let units = [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0)];
    let parsed = units.into_iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(unit)?;
        let plain = number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        Duration::try_from_secs_f64(number.parse::<f64>().ok().filter(|_| plain)? * seconds).ok()
    });
    let duration = parsed.context("expected a number and a unit, such as 500ms, 10s, 5m or 1h")?;
    if duration > MAX { bail!("expected at most 366 days") } else { Ok(duration) }
}

/// A clock that can also be waited by.
pub(super) trait Clock {
    /// The date and time of day.
    fn now(&self) -> SystemTime;
    /// The time since the clock was made; nobody sets it.
    fn elapsed(&self) -> Duration;
    fn sleep(&self, duration: Duration);
}

/// The system's.
pub(super) struct SystemClock(Instant);

impl SystemClock {
    pub(super) fn new() -> Self {
        SystemClock(Instant::now())
    }
}

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }
}

/// Does `round` for each of `rounds`: one begins `every` after the beginning of the one before, or right behind it
/// where that took longer. Ends with the first error. `waits` is told every second what is left to wait.
pub(super) fn repeat<T>(
    rounds: impl Iterator<Item = T>,
    every: Duration,
    clock: &dyn Clock,
    mut waits: impl FnMut(&T, Duration),
    mut round: impl FnMut(T) -> Result<()>,
) -> Result<()> {
    let mut due = clock.elapsed();
    for item in rounds {
        due = due.max(clock.elapsed());
        loop {
            let left = due.saturating_sub(clock.elapsed());
            if left.is_zero() {
                break;
            }
            waits(&item, left);
            clock.sleep(left.min(SECOND));
        }
        round(item)?;
        due += every;
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::cell::Cell;
    use std::time::UNIX_EPOCH;

    use super::*;

    /// One that stands still until somebody sleeps.
    struct Still(Cell<Duration>);

    impl Clock for Still {
        fn now(&self) -> SystemTime {
            UNIX_EPOCH + self.0.get()
        }

        fn elapsed(&self) -> Duration {
            self.0.get()
        }

        fn sleep(&self, duration: Duration) {
            assert!(duration <= SECOND);
            self.0.set(self.0.get() + duration);
        }
    }

    #[test]
    fn durations_as_people_type_them() {
        for (text, millis) in
            [("500ms", 500), ("0s", 0), ("10s", 10_000), ("1.5m", 90_000), ("1h", 3_600_000), ("8784h", 31_622_400_000)]
        {
            assert_eq!(duration(text).unwrap(), Duration::from_millis(millis), "{text}");
        }
        for text in ["", "10", "s", "-1s", "+1s", "1e3s", "infs", "NaNs", "1 s", "1d", "1.2.3s", "8785h", "ms"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn rounds_begin_when_they_are_due() {
        let clock = Still(Cell::new(Duration::from_secs(5)));
        let (mut begun, mut told) = (Vec::new(), Vec::new());
        let takes = [1, 0, 25, 0, 0];
        repeat(
            takes.into_iter(),
            Duration::from_secs(10),
            &clock,
            |_, left| told.push(left.as_secs()),
            |takes| {
                begun.push(clock.elapsed().as_secs());
                clock.0.set(clock.elapsed() + Duration::from_secs(takes));
                Ok(())
            },
        )
        .unwrap();
        // The third took until 50: the fourth follows at once, the fifth ten seconds behind that.
        assert_eq!(begun, [5, 15, 25, 50, 60]);
        assert_eq!(told[..9], [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn an_error_ends_the_rounds() {
        let clock = Still(Cell::default());
        let mut rounds = 0;
        let failing = |round| {
            rounds += 1;
            if round == 2 { bail!("enough") } else { Ok(()) }
        };
        let mut waited = false;
        let error = repeat(0.., Duration::ZERO, &clock, |_, _| waited = true, failing).unwrap_err();
        assert_eq!((error.to_string().as_str(), rounds, waited), ("enough", 3, false));
    }
}
