//! Which snapshots of a series count, and when they were taken.

use super::shape::level_intervals;
use super::spacing::Spacing;

/// Intervals between snapshots that the course of a site needs.
pub(super) const MIN_INTERVALS: usize = 3;

/// When the snapshots of a series were taken, in nanoseconds; by their numbers where times are missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnapshotTimes(Vec<i128>);

impl SnapshotTimes {
    /// From nanoseconds since 1970, 0 where unknown. Unless each is positive and later than the one before, snapshots are
    /// taken as evenly spread.
    pub fn new(nanos: impl Iterator<Item = i64>) -> Self {
        let nanos: Vec<_> = nanos.map(i128::from).collect();
        let are_known = nanos.iter().all(|&time| time > 0) && nanos.windows(2).all(|pair| pair[0] < pair[1]);
        if are_known { SnapshotTimes(nanos) } else { SnapshotTimes((0..nanos.len()).map(|at| at as i128).collect()) }
    }

    /// Number of snapshots.
    pub fn snapshots(&self) -> usize {
        self.0.len()
    }

    /// How the snapshots of a window are spread.
    pub fn spacing(&self, window: SnapshotWindow) -> Spacing {
        let counted = self.0.get(window.first..=window.last).unwrap_or_default();
        Spacing::new(counted.iter().map(|&time| i64::try_from(time).unwrap_or_default()))
    }

    /// The time from one snapshot to a later one; positive. Its unit is the same for all snapshots of the series.
    pub(super) fn between(&self, from: usize, to: usize) -> i128 {
        self.0[to] - self.0[from]
    }
}

/// What a series is judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JudgedBy {
    /// The samples of each site.
    Samples,
    /// The runtime's own numbers of the whole process.
    RuntimeNumbers,
}

/// The first snapshot that counts, from 0: before it the program was starting, if there are snapshots enough to do
/// without it.
///
/// Samples do without it from four on, the runtime's numbers from six on. One number for both is worse: in 98
/// windows of four snapshots of leaking programs the runtime's numbers show 90 leaks, and none if the first of the four
/// does not count, as two intervals have no shape. If the first of four or five counts for samples, 2 of 41 warm-ups
/// are called leaks, and 6 of 189 leaks warm-ups; otherwise none.
pub(super) fn first_counted(snapshots: usize, by: JudgedBy) -> usize {
    let enough = match by {
        JudgedBy::Samples => 4,
        JudgedBy::RuntimeNumbers => 6,
    };
    usize::from(snapshots >= enough)
}

/// The snapshots between which growth is measured, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotWindow {
    /// The first that counts; in the one before it the program was still starting.
    pub first: usize,
    /// The one nearest the middle by time: the end of the first half.
    pub middle: usize,
    /// The last one.
    pub last: usize,
}

impl SnapshotWindow {
    /// The window of the snapshots of one process; `None` of fewer than three, which have no halves.
    pub fn of(times: &SnapshotTimes) -> Option<Self> {
        let last = times.snapshots().checked_sub(1).filter(|&last| last >= 2)?;
        let first = first_counted(times.snapshots(), JudgedBy::Samples);
        let off = |at: usize| (times.between(first, at) - times.between(at, last)).abs();
        let middle = (first + 1..last).min_by_key(|&at| off(at))?;
        Some(SnapshotWindow { first, middle, last })
    }

    /// Number of intervals between its snapshots.
    pub fn intervals(&self) -> usize {
        self.last - self.first
    }

    /// Whether it has too few snapshots for a site to have a course: a warm-up looks like a leak.
    pub fn is_short(&self) -> bool {
        self.intervals() < MIN_INTERVALS
    }

    /// The snapshot after which a site that has levelled off hardly grew.
    pub fn level_from(&self) -> usize {
        self.last - level_intervals(self.intervals())
    }

    /// The first snapshot that may be the middle of this window, or of one with more snapshots: times may turn out to be
    /// missing later.
    pub fn first_possible_middle(&self) -> usize {
        self.middle.min(usize::midpoint(self.first, self.last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(nanos: &[i64]) -> Option<(usize, usize, usize)> {
        let window = SnapshotWindow::of(&SnapshotTimes::new(nanos.iter().copied()));
        window.map(|window| (window.first, window.middle, window.last))
    }

    #[test]
    fn samples_do_without_the_first_snapshot_before_the_runtimes_numbers_do() {
        let first = |snapshots| [JudgedBy::Samples, JudgedBy::RuntimeNumbers].map(|by| first_counted(snapshots, by));
        assert_eq!([3, 4, 5, 6, 9].map(first), [[0, 0], [1, 0], [1, 0], [1, 1], [1, 1]]);
    }

    #[test]
    fn the_first_of_many_snapshots_does_not_count() {
        assert_eq!(window(&[0; 2]), None);
        assert_eq!(window(&[0; 3]), Some((0, 1, 2)));
        assert_eq!(window(&[0; 4]), Some((1, 2, 3)));
        assert_eq!(window(&[0; 9]), Some((1, 4, 8)));
        assert_eq!(window(&[0; 20]), Some((1, 10, 19)));
    }

    #[test]
    fn the_middle_is_one_by_time() {
        assert_eq!(window(&[1, 2, 3, 4, 5, 6, 7, 8, 9]), Some((1, 4, 8)));
        assert_eq!(window(&[1, 10, 11, 12, 13, 14, 15, 118, 120]), Some((1, 6, 8)));
        assert_eq!(window(&[1, 10, 100, 101, 102, 103, 104, 105, 110]), Some((1, 2, 8)));
        // A time that is missing, cannot be, or is the same as another: by number.
        assert_eq!(window(&[-3, -2, -1, 5, 200]), Some((1, 2, 4)));
        assert_eq!(window(&[1, 10, 100, 0, 102, 103, 104, 105, 110]), Some((1, 4, 8)));
        assert_eq!(window(&[1, 10, 100, 100, 102, 103, 104, 105, 110]), Some((1, 4, 8)));
        let window = SnapshotWindow { first: 1, middle: 6, last: 8 };
        assert_eq!(window.first_possible_middle(), 4);
    }
}
