//! Which number measures the live heap in a series, how far it can be trusted, and its values.

use super::garbage::garbage;
use super::next_gc::{live_by_next_gc, low_grew_by};
use super::note::MemStatsNote;
use super::source::{Field, LiveHeapSource, UnknownCause, values};
use crate::profile::MemStats;
use crate::series::{Course, Shape, Spacing};

/// The source of the live heap, and its course over the `counted` snapshots, which are the last of `all`. Adds notes on
/// why it is not HeapAlloc.
pub(super) fn measure(
    all: &[MemStats],
    counted: &[MemStats],
    notes: &mut Vec<MemStatsNote>,
) -> Result<(LiveHeapSource, Option<Course>), UnknownCause> {
    if all.len() < 2 {
        return Err(UnknownCause::OneSnapshot);
    }
    if let Some(at) = counters_fell(all) {
        return Err(UnknownCause::CountersFell(at));
    }
    // The time of the last collection, and the live bytes that it found, change exactly if the number of collections
    // does.
    let counters: [Field; 3] = [|stats| stats.num_gc, |stats| stats.last_gc, |stats| stats.heap_live];
    let collections = counters.into_iter().find_map(|counter| values(counted, counter));
    let collections = collections.ok_or(UnknownCause::Missing("NumGC"))?;
    if collections.first() == collections.last() {
        return Err(UnknownCause::NoCollection);
    }
    let spacing =
        Spacing::new(counted.iter().map(|stats| stats.last_gc.and_then(|time| i64::try_from(time).ok()).unwrap_or(0)));
    if let Some(live) = values(counted, |stats| stats.heap_live) {
        return Ok((LiveHeapSource::HeapLive, Course::of(&live, &spacing)));
    }
    let forced = values(counted, |stats| stats.num_forced_gc);
    let rises = |forced: &Vec<u64>| forced[0] > 0 && forced.windows(2).all(|pair| pair[0] < pair[1]);
    if forced.as_ref().is_some_and(rises) {
        let alloc = values(counted, |stats| stats.heap_alloc).ok_or(UnknownCause::Missing("HeapAlloc"))?;
        match garbage(counted, &alloc) {
            Some(garbage) => notes.push(MemStatsNote::Garbage(garbage)),
            None => {
                let objects = values(counted, |stats| stats.heap_objects);
                let course = Course::of_heap(&alloc, &objects.unwrap_or_default(), &spacing);
                return Ok((LiveHeapSource::HeapAlloc, course));
            }
        }
    } else {
        notes.push(MemStatsNote::NotForced { known: forced.is_some() });
    }
    let (source, live) = live_by_next_gc(counted)?;
    // Garbage collections come when they come: only whether it grew and goes on growing can be seen in this.
    let mut course = Course::of(&live, &spacing);
    if let Some(course) = course.as_mut().filter(|course| !matches!(course.shape, Shape::Flat | Shape::Growing)) {
        course.shape = Shape::Grew;
    }
    Ok((source, course))
}

/// Whether a snapshot is of another process than the one before it, as a counter is lower.
pub fn is_of_later_process(before: &MemStats, after: &MemStats) -> bool {
    let counters: [Field; 3] = [|stats| stats.num_gc, |stats| stats.num_forced_gc, |stats| stats.last_gc];
    counters.iter().any(|counter| counter(before) > counter(after) && counter(after).is_some())
}

/// The first snapshot with a counter below that of the one before it.
fn counters_fell(snapshots: &[MemStats]) -> Option<usize> {
    snapshots.windows(2).position(|pair| is_of_later_process(&pair[0], &pair[1])).map(|at| at + 1)
}

/// Snapshots in which lowest values of garbage that comes and goes mean something.
const MIN_LEVEL_SNAPSHOTS: usize = 5;

/// Whether HeapAlloc and HeapObjects at their lowest, and HeapInuse, did not grow: with garbage in them, that is what can be
/// seen of a live heap that does not.
pub(super) fn looks_flat(snapshots: &[MemStats]) -> bool {
    let is_level = |field: Field, lowest: bool| {
        let Some(values) = values(snapshots, field) else { return false };
        let (early, late) = values.split_at((values.len() / 2 + 1).min(values.len() - 1));
        let [first, last] = match lowest {
            true => [early, late].map(|half| half.iter().copied().min().unwrap_or(0)),
            false => [values[0], values[values.len() - 1]],
        };
        last <= first.saturating_add((1 << 20).max(first / 100))
    };
    snapshots.len() >= MIN_LEVEL_SNAPSHOTS
        && is_level(|stats| stats.heap_alloc, true)
        && is_level(|stats| stats.heap_inuse, false)
        && (values(snapshots, |stats| stats.heap_objects).is_none_or(|objects| !low_grew_by(&objects, 100)))
}
