//! Which of the runtime's numbers that lie beside a series are of its snapshots.

use super::window::SnapshotWindow;
use crate::profile::MemStats;

/// The runtime's numbers that are of a series, in time order.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnTotals {
    /// One at least.
    pub numbers: Vec<MemStats>,
    /// Which of them are of the first snapshot that counts.
    pub window_start: usize,
}

/// Go collects at least this often, nanoseconds.
const COLLECTION_INTERVAL: i128 = 120_000_000_000;

/// The runtime's numbers of the time of a series: from those of its first snapshot, by the last collection nearest to it,
/// to those of its last, with all in between, as more of them show the course better. `None` if the first snapshot that
/// counts or the last has none, as then they are of another time.
///
/// `times`: of the snapshots, nanoseconds since 1970, 0 where unknown. Without forced collections the last one says little:
/// numbers of as many snapshots are of these if they are of about the same time, and also where times are missing.
pub fn own_totals(times: &[i64], window: SnapshotWindow, found: &[MemStats]) -> Option<OwnTotals> {
    let as_many = |found: &[MemStats]| {
        (found.len() == times.len()).then(|| OwnTotals { numbers: found.to_vec(), window_start: window.first })
    };
    let is_in_order = times.iter().all(|&time| time > 0) && times.is_sorted_by(|a, b| a < b);
    let mut dated: Vec<_> =
        found.iter().filter_map(|stats| Some((i128::from(stats.last_gc?), stats.clone()))).collect();
    if !is_in_order || dated.len() < found.len() {
        return as_many(found);
    }
    dated.sort_by_key(|(collected, _)| *collected);
    let (collected, found): (Vec<_>, Vec<_>) = dated.into_iter().unzip();
    let times: Vec<_> = times.iter().copied().map(i128::from).collect();
    let is_forced = |pair: &[MemStats]| pair[0].num_forced_gc.zip(pair[1].num_forced_gc).is_some_and(|(a, b)| a < b);
    if !found.windows(2).all(is_forced) {
        let (start, end) = (times.first()?, times.last()?);
        let is_near = |time: &i128| (start - COLLECTION_INTERVAL..=end + COLLECTION_INTERVAL).contains(time);
        return as_many(&found).filter(|_| collected.iter().all(is_near));
    }
    let own = |at: usize| nearest(&times, at, &collected);
    let (first, start) = ((0..=window.first).find_map(own)?, (0..=window.first).rev().find_map(own)?);
    let last = own(window.last)?;
    Some(OwnTotals { numbers: found.get(first..=last)?.to_vec(), window_start: start.checked_sub(first)? })
}

/// The numbers of the snapshots that have some, unless there are none at the start or at the end of the window.
pub fn totals_of_window(window: SnapshotWindow, own: &[Option<MemStats>]) -> Option<OwnTotals> {
    let until_start = own.get(..=window.first)?.iter().flatten().count();
    own.get(window.last)?.as_ref()?;
    Some(OwnTotals { numbers: own.iter().flatten().cloned().collect(), window_start: until_start.checked_sub(1)? })
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

    /// The times of the numbers that are of the snapshots, from the first on that counts.
    fn own(times: &[i64], collected: &[u64], forced: u64) -> Option<Vec<u64>> {
        let own = own_totals(times, window(times), &numbers(collected, forced))?;
        Some(own.numbers.iter().map(|stats| stats.last_gc.unwrap()).collect())
    }

    fn start(times: &[i64], collected: &[u64]) -> usize {
        own_totals(times, window(times), &numbers(collected, 2)).unwrap().window_start
    }

    fn window(times: &[i64]) -> SnapshotWindow {
        SnapshotWindow::of(&SnapshotTimes::new(times.iter().copied())).unwrap()
    }

    fn numbers(collected: &[u64], forced: u64) -> Vec<MemStats> {
        let stats = |(at, &time): (usize, &u64)| MemStats {
            last_gc: Some(time),
            num_forced_gc: Some(at as u64 * forced),
            ..MemStats::default()
        };
        collected.iter().enumerate().map(stats).collect()
    }

    #[test]
    fn numbers_are_of_the_snapshot_they_were_collected_for() {
        let near = [990, 2010, 2900, 4400, 5499];
        assert_eq!(own(&TIMES, &near, 2).unwrap(), near);
        // One is missing in the middle, or there are more.
        assert_eq!(own(&TIMES, &[990, 2010, 4010, 5010], 2).unwrap(), [990, 2010, 4010, 5010]);
        let more = [400, 990, 1500, 2010, 2900, 4010, 4400, 5010, 5900];
        assert_eq!(own(&TIMES, &more, 2).unwrap(), more[1..8]);
        // The second snapshot is the first that counts.
        assert_eq!([start(&TIMES, &near), start(&TIMES, &more), start(&TIMES, &[990, 3010, 5010])], [1, 2, 0]);
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
        assert_eq!(own_totals(&[0; 5], window(&[0; 5]), &numbers(&others, 2)).unwrap().window_start, 1);
        // Go collects within two minutes.
        let later = others.map(|time| time + 120_000_005_000);
        assert_eq!(
            [own(&TIMES, &others.map(|time| time + 120_000_000_000), 0).is_some(), own(&TIMES, &later, 0).is_some()],
            [true, false]
        );
    }

    #[test]
    fn the_order_of_files_is_not_that_of_numbers() {
        let mut found = numbers(&[990, 2010, 2900, 4400, 5499], 2);
        found.swap(0, 3);
        let own = own_totals(&TIMES, window(&TIMES), &found).unwrap();
        assert_eq!(
            own.numbers.iter().map(|stats| stats.last_gc.unwrap()).collect::<Vec<_>>(),
            [990, 2010, 2900, 4400, 5499]
        );
    }

    #[test]
    fn numbers_in_the_files_of_snapshots_need_no_time() {
        let own = |has: [bool; 5]| {
            let own: Vec<_> = has.iter().map(|has| has.then(MemStats::default)).collect();
            totals_of_window(window(&TIMES), &own).map(|own| (own.numbers.len(), own.window_start))
        };
        assert_eq!(own([true; 5]), Some((5, 1)));
        assert_eq!(own([true, false, true, false, true]), Some((3, 0)));
        assert_eq!(own([false, true, true, true, true]), Some((4, 0)));
        assert_eq!([own([false, false, true, true, true]), own([true, true, true, true, false])], [None, None]);
    }
}
