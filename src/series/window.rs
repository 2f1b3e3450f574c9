//! Which snapshots of a series count.

/// From this many snapshots on the first is left out.
pub(super) const MIN_SNAPSHOTS_TO_DROP_FIRST: usize = 4;

/// The snapshots between which growth is measured, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnapshotWindow {
    /// The first that counts; in the one before it the program was still starting.
    pub first: usize,
    /// The end of the first half.
    pub middle: usize,
    /// The last one.
    pub last: usize,
}

impl SnapshotWindow {
    /// The window of a number of snapshots of one process; `None` of fewer than three, which have no halves.
    pub fn of(snapshots: usize) -> Option<Self> {
        let last = snapshots.checked_sub(1).filter(|&last| last >= 2)?;
        let first = usize::from(snapshots >= MIN_SNAPSHOTS_TO_DROP_FIRST);
        Some(SnapshotWindow { first, middle: usize::midpoint(first, last), last })
    }

    /// Number of intervals between its snapshots.
    pub fn intervals(&self) -> usize {
        self.last - self.first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_many_snapshots_does_not_count() {
        assert_eq!(SnapshotWindow::of(2), None);
        assert_eq!(SnapshotWindow::of(3), Some(SnapshotWindow { first: 0, middle: 1, last: 2 }));
        assert_eq!(SnapshotWindow::of(4), Some(SnapshotWindow { first: 1, middle: 2, last: 3 }));
        assert_eq!(SnapshotWindow::of(9), Some(SnapshotWindow { first: 1, middle: 4, last: 8 }));
        assert_eq!(SnapshotWindow::of(20), Some(SnapshotWindow { first: 1, middle: 10, last: 19 }));
    }
}
