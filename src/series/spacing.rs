//! How the snapshots of a process are spread over time.

use std::ops::RangeInclusive;

/// The shortest and the longest time between two snapshots that a rate is derived from, nanoseconds: a tenth of a second
/// and a hundred years. Clocks that are wrong, and files that were made up, have others.
const USABLE_NANOS: RangeInclusive<i64> = 100_000_000..=3_155_760_000_000_000_000;

/// Seconds from one time to a later one, both in nanoseconds since 1970; `None` where one is unknown, or they cannot be
/// true.
pub fn seconds_between(first: i64, last: i64) -> Option<f64> {
    let span = last.checked_sub(first).filter(|span| first > 0 && USABLE_NANOS.contains(span))?;
    Some(span as f64 / 1e9)
}

/// Nanoseconds in a millisecond.
const MILLISECOND: i64 = 1_000_000;

/// The times of snapshots whose exact numbers are judged: by their numbers where they are evenly spread, as in the series on
/// which the rules were measured, or where times are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spacing {
    /// When each was taken: its number, or milliseconds.
    times: Vec<i128>,
    is_uneven: bool,
}

impl Spacing {
    /// Of `snapshots` that are evenly spread.
    pub fn even(snapshots: usize) -> Self {
        Spacing { times: (0..snapshots).map(|at| at as i128).collect(), is_uneven: false }
    }

    /// From nanoseconds since 1970, 0 where unknown. Snapshots are evenly spread unless the longest time between two is more
    /// than 1.5 times the shortest; and where times are missing or cannot be true.
    pub fn new(nanos: impl Iterator<Item = i64>) -> Self {
        let nanos: Vec<_> = nanos.collect();
        let intervals: Option<Vec<_>> = nanos.windows(2).map(|pair| pair[1].checked_sub(pair[0])).collect();
        let intervals = intervals.unwrap_or_default();
        let are_usable = nanos.iter().all(|&time| time > 0) && intervals.iter().all(|time| USABLE_NANOS.contains(time));
        let [shortest, longest] =
            [intervals.iter().min(), intervals.iter().max()].map(|time| time.copied().unwrap_or(0));
        if !are_usable || 2 * i128::from(longest) <= 3 * i128::from(shortest) {
            return Spacing::even(nanos.len());
        }
        Spacing { times: nanos.iter().map(|&time| i128::from(time / MILLISECOND)).collect(), is_uneven: true }
    }

    /// The time from one snapshot to a later one, in intervals or milliseconds.
    pub(super) fn between(&self, from: usize, to: usize) -> i128 {
        let at = |at: usize| self.times.get(at).copied().unwrap_or_default();
        at(to) - at(from)
    }

    /// The snapshot nearest the middle by time, but neither the first nor the last; 0 of fewer than three.
    pub(super) fn middle(&self) -> usize {
        let last = self.times.len().saturating_sub(1);
        let off = |at: usize| (self.between(0, at) - self.between(at, last)).abs();
        (1..last).min_by_key(|&at| off(at)).unwrap_or(0)
    }

    /// The milliseconds before and after the middle, if the snapshots are unevenly spread.
    pub(super) fn uneven_halves(&self) -> Option<[u64; 2]> {
        let (middle, last) = (self.middle(), self.times.len().checked_sub(1)?);
        let halves = [(0, middle), (middle, last)].map(|(from, to)| u64::try_from(self.between(from, to)).ok());
        halves[0].zip(halves[1]).filter(|_| self.is_uneven).map(|(early, late)| [early, late])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spacing(seconds: &[i64]) -> Spacing {
        Spacing::new(seconds.iter().map(|seconds| seconds * 1_000_000_000))
    }

    #[test]
    fn times_that_cannot_be_give_no_rate() {
        let second = 1_000_000_000;
        assert_eq!(seconds_between(1_700_000_000 * second, 1_700_000_060 * second), Some(60.0));
        for (first, last) in [
            (0, second),
            (second, 0),
            (-second, second),
            (i64::MIN, i64::MAX),
            (i64::MAX, i64::MIN),
            (1, i64::MAX),
            (second, second + 1),
            (2 * second, second),
        ] {
            assert_eq!(seconds_between(first, last), None, "{first} {last}");
        }
    }

    #[test]
    fn the_middle_of_even_snapshots_is_the_one_below_half() {
        for (snapshots, middle) in [(1, 0), (2, 0), (3, 1), (4, 1), (5, 2), (6, 2), (9, 4)] {
            assert_eq!(Spacing::even(snapshots).middle(), middle, "{snapshots}");
        }
    }

    #[test]
    fn times_count_where_they_are_uneven() {
        // A server that was slow once is no other series.
        assert_eq!(spacing(&[10, 12, 15, 17]), Spacing::even(4));
        let uneven = spacing(&[10, 12, 16, 17]);
        assert_eq!((uneven.between(0, 2), uneven.middle(), uneven.uneven_halves()), (6000, 1, Some([2000, 5000])));
        // Unknown, the wrong way round, too close to be true.
        for seconds in [&[10, 0, 16, 17][..], &[10, 12, 11, 17], &[10, 10, 16, 17], &[i64::MIN / 1_000_000_000, 5, 9]] {
            assert_eq!(spacing(seconds), Spacing::even(seconds.len()), "{seconds:?}");
        }
    }
}
