//! Which number measures the live heap in a series, and its values.

use super::note::MemStatsNote;
use crate::profile::MemStats;

/// Greatest HeapAlloc right after a collection, percent of NextGC: with GOGC=100 it is half of NextGC at most, and a
/// little garbage is tolerated.
const MAX_ALLOC_PERCENT_OF_NEXT_GC: u128 = 55;

/// The number that measures the live heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LiveHeapSource {
    /// HeapAlloc right after a forced collection.
    HeapAlloc,
    /// Half of NextGC, which is the live heap at the last collection if GOGC is 100.
    HalfNextGc,
}

impl LiveHeapSource {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            LiveHeapSource::HeapAlloc => "heap_alloc",
            LiveHeapSource::HalfNextGc => "half_next_gc",
        }
    }
}

/// Why the live heap cannot be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UnknownCause {
    /// There is only one snapshot.
    OneSnapshot,
    /// The counters of this snapshot, counted from 0, are less than those of the one before it.
    CountersFell(usize),
    /// No garbage was collected between the first and the last snapshot.
    NoCollection,
    /// A number is missing.
    Missing(&'static str),
}

type Field = fn(&MemStats) -> Option<u64>;

/// The source of the live heap, and its bytes in each of the `counted` snapshots, which are the last of `all`. Adds a
/// note unless a collection was forced before each.
pub(super) fn measure(
    all: &[MemStats],
    counted: &[MemStats],
    notes: &mut Vec<MemStatsNote>,
) -> Result<(LiveHeapSource, Vec<u64>), UnknownCause> {
    if all.len() < 2 {
        return Err(UnknownCause::OneSnapshot);
    }
    if let Some(at) = counters_fell(all) {
        return Err(UnknownCause::CountersFell(at));
    }
    let values = |field: Field| counted.iter().map(field).collect::<Option<Vec<_>>>();
    // The time of the last collection changes exactly if the number of collections does.
    let collections =
        values(|stats| stats.num_gc).or_else(|| values(|stats| stats.last_gc)).ok_or(UnknownCause::Missing("NumGC"))?;
    if collections.first() == collections.last() {
        return Err(UnknownCause::NoCollection);
    }
    let forced = values(|stats| stats.num_forced_gc);
    let rises = |forced: &Vec<u64>| forced[0] > 0 && forced.windows(2).all(|pair| pair[0] < pair[1]);
    if forced.as_ref().is_some_and(rises) {
        let values = values(|stats| stats.heap_alloc).ok_or(UnknownCause::Missing("HeapAlloc"))?;
        return Ok((LiveHeapSource::HeapAlloc, values));
    }
    notes.push(MemStatsNote::NotForced { known: forced.is_some() });
    // With GOGC=off NextGC is the greatest number.
    let is_finite = |next: &u64| *next < u64::MAX / 2;
    let values = values(|stats| stats.next_gc).filter(|values| values.iter().all(is_finite));
    let values = values.ok_or(UnknownCause::Missing("a finite NextGC"))?;
    Ok((LiveHeapSource::HalfNextGc, values.iter().map(|next| next / 2).collect()))
}

/// The first snapshot with a counter below that of the one before it.
fn counters_fell(snapshots: &[MemStats]) -> Option<usize> {
    let counters: [Field; 3] = [|stats| stats.num_gc, |stats| stats.num_forced_gc, |stats| stats.last_gc];
    let fell = |pair: &[MemStats]| {
        counters.iter().any(|counter| counter(&pair[0]) > counter(&pair[1]) && counter(&pair[1]).is_some())
    };
    snapshots.windows(2).position(fell).map(|at| at + 1)
}

/// The snapshot with most garbage in HeapAlloc, and its HeapAlloc in percent of NextGC; `None` if all were taken right
/// after their collections.
pub(super) fn most_garbage(counted: &[MemStats]) -> Option<(usize, u128)> {
    let percent = |stats: &MemStats| {
        let (alloc, next) = (u128::from(stats.heap_alloc?), u128::from(stats.next_gc?));
        (100 * alloc).checked_div(next)
    };
    let percents = counted.iter().enumerate().filter_map(|(at, stats)| Some((at, percent(stats)?)));
    percents.max_by_key(|&(_, percent)| percent).filter(|&(_, most)| most > MAX_ALLOC_PERCENT_OF_NEXT_GC)
}
