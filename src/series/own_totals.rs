//! Which of the runtime's numbers that lie beside a series are of its snapshots.

use super::window::SnapshotWindow;
use crate::profile::MemStats;

/// The runtime's numbers of the time of a series, in their order: from those of its first snapshot, by the last collection
/// nearest to it, to those of its last, with all in between, as more of them show the course better. `None` if the first
/// snapshot that counts or the last has none, as then they are of another time.
///
/// `times`: of the snapshots, nanoseconds since 1970, 0 where unknown. Where times are missing, or no collection was
/// forced, numbers of as many snapshots are taken to be of these.
pub fn own_totals(times: &[i64], window: SnapshotWindow, found: &[MemStats]) -> Option<Vec<MemStats>> {
    let is_forced = |pair: &[MemStats]| pair[0].num_forced_gc.zip(pair[1].num_forced_gc).is_some_and(|(a, b)| a < b);
    let are_as_many = found.len() == times.len();
    let is_in_order = times.iter().all(|&time| time > 0) && times.is_sorted_by(|a, b| a < b);
    let collected: Option<Vec<i128>> = found.iter().map(|stats| stats.last_gc.map(i128::from)).collect();
    let Some(collected) = collected.filter(|_| is_in_order && found.windows(2).all(is_forced)) else {
        return are_as_many.then(|| found.to_vec());
    };
    let times: Vec<_> = times.iter().copied().map(i128::from).collect();
    let own = |at: usize| nearest(&times, at, &collected);
    let (first, last) = ((0..=window.first).find_map(own)?, own(window.last)?);
    Some(found.get(first..=last)?.to_vec())
}

/// The numbers of the snapshots that have some, unless there are none at the start or at the end of the window.
pub fn totals_of_window(window: SnapshotWindow, own: &[Option<MemStats>]) -> Option<Vec<MemStats>> {
    let has_start = own.get(..=window.first).is_some_and(|start| start.iter().any(Option::is_some));
    let has_end = own.get(window.last).is_some_and(Option::is_some);
    (has_start && has_end).then(|| own.iter().flatten().cloned().collect())
}

/// The collection that is nearest to a snapshot, if no other snapshot is nearer to it.
fn nearest(times: &[i128], at: usize, collected: &[i128]) -> Option<usize> {
    let gap = |pair: Option<&[i128]>| pair.and_then(|pair| Some(pair.last()? - pair.first()?));
    let [before, after] =
        [at.checked_sub(1).and_then(|before| times.get(before..=at)), times.get(at..=at + 1)].map(gap);
    // At an end of the series, as on its other side.
    let (before, after) = (before.or(after)?, after.or(before)?);
    let is_near = |time: i128| -before < 2 * (time - times[at]) && 2 * (time - times[at]) <= after;
    let near = (0..collected.len()).filter(|&other| is_near(collected[other]));
    near.min_by_key(|&other| (collected[other] - times[at]).abs())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;
    use crate::series::SnapshotTimes;

    const TIMES: [i64; 5] = [1000, 2000, 3000, 4000, 5000];

    /// The times of the numbers that are of the snapshots.
    fn own(times: &[i64], collected: &[u64], forced: u64) -> Option<Vec<u64>> {
        let window = SnapshotWindow::of(&SnapshotTimes::new(times.iter().copied())).unwrap();
        let stats = |(at, &time): (usize, &u64)| MemStats {
            last_gc: Some(time),
            num_forced_gc: Some(at as u64 * forced),
            ..MemStats::default()
        };
        let found: Vec<_> = collected.iter().enumerate().map(stats).collect();
        own_totals(times, window, &found).map(|own| own.iter().map(|stats| stats.last_gc.unwrap()).collect())
    }

    #[test]
    fn numbers_are_of_the_snapshot_they_were_collected_for() {
        let near = [990, 2010, 2900, 4400, 5499];
        assert_eq!(own(&TIMES, &near, 2).unwrap(), near);
        // One is missing in the middle, or there are more.
        assert_eq!(own(&TIMES, &[990, 2010, 4010, 5010], 2).unwrap(), [990, 2010, 4010, 5010]);
        let more = [400, 990, 1500, 2010, 2900, 4010, 4400, 5010, 5900];
        assert_eq!(own(&TIMES, &more, 2).unwrap(), more[1..8]);
    }

    #[test]
    fn numbers_of_another_time_are_of_no_snapshot() {
        // As many, but later or earlier ones.
        assert_eq!(own(&TIMES, &[5010, 6010, 7010, 8010, 9010], 2), None);
        assert_eq!(own(&TIMES, &[10, 20, 990, 2010, 2900], 2), None);
        assert_eq!(own(&TIMES, &[990, 2010, 2900, 4010], 2), None);
        assert_eq!(own(&TIMES, &[2900, 4010, 5010], 2), None);
        assert_eq!(own(&TIMES, &[], 2), None);
    }

    #[test]
    fn without_times_or_forced_collections_as_many_are_taken() {
        let others = [10, 20, 30, 40, 50];
        assert_eq!(own(&TIMES, &others, 0).unwrap(), others);
        assert_eq!(own(&[0; 5], &others, 2).unwrap(), others);
        assert_eq!(own(&[0; 5], &others[1..], 2), None);
    }
}
