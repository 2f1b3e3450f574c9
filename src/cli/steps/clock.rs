//! The clock, and work that is done at regular times.

use std::thread;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;

const SECOND: Duration = Duration::from_secs(1);

/// A clock that can also wait.
pub(crate) trait Clock {
    /// The date and time of day.
    fn now(&self) -> SystemTime;
    /// The monotonic time since the clock was made.
    fn elapsed(&self) -> Duration;
    fn sleep(&self, duration: Duration);
}

/// The clock of the system.
pub(crate) struct SystemClock(Instant);

impl SystemClock {
    pub(crate) fn new() -> Self {
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

/// Tells once that rounds take longer than the time between their beginnings.
pub(crate) struct Pace {
    every: Duration,
    is_lost: bool,
}

impl Pace {
    /// Of rounds that begin `every` after each other; 0 cannot be missed.
    pub(crate) fn new(every: Duration) -> Self {
        Pace { every, is_lost: every.is_zero() }
    }

    /// Whether a round that took this long is the first that took too long.
    pub(crate) fn is_lost_by(&mut self, took: Duration) -> bool {
        let is_first = took > self.every && !self.is_lost;
        self.is_lost |= is_first;
        is_first
    }
}

/// Does `round` for each of `rounds`. A round begins `every` after the beginning of the previous one, or right after its
/// end if that is later. Ends with the first error. `waits` is called every second with the time left to wait.
pub(crate) fn repeat<T>(
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

    use anyhow::bail;

    use super::*;

    /// A clock that only moves while somebody sleeps.
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
        // The third took until 50: the fourth follows at once, the fifth ten seconds later.
        assert_eq!(begun, [5, 15, 25, 50, 60]);
        assert_eq!(told[..9], [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    }

    #[test]
    fn a_lost_pace_is_told_once() {
        let mut pace = Pace::new(SECOND);
        assert_eq!([1, 2, 2, 1].map(|seconds| pace.is_lost_by(seconds * SECOND)), [false, true, false, false]);
        assert!(!Pace::new(Duration::ZERO).is_lost_by(SECOND));
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
