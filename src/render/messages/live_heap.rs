//! The sentences on the live heap: how it developed, and why it cannot be followed.

use super::super::units::{Bytes, delta, grouped, value};
use crate::diff::Metric;
use crate::series::{Assessment, Course, HeapPattern, LiveHeapSource, UnknownCause};

/// The number that is taken for the live heap.
fn live_heap_label(source: Option<LiveHeapSource>) -> &'static str {
    match source {
        Some(LiveHeapSource::HeapLive) => "the live heap",
        Some(LiveHeapSource::HalfNextGc) => "the live heap, estimated as NextGC/2,",
        Some(LiveHeapSource::NextGcByGogc) => "the live heap, estimated by NextGC and GOGC,",
        Some(LiveHeapSource::HeapAlloc) | None => "HeapAlloc after GC",
    }
}

/// A pattern of the live heap in a sentence.
pub(super) fn live_heap_message(pattern: HeapPattern, course: &Course, found: &Assessment, bytes: Bytes) -> String {
    let live = live_heap_label(found.source);
    let is_estimated = !found.source.is_some_and(LiveHeapSource::is_exact);
    let [first, last] = [course.first, course.last].map(|number| value(Metric::Space, number.into(), bytes));
    let snapshots = course.snapshots;
    let grew = format!("{live} grew from {first} to {last} in {snapshots} snapshots");
    let pace = |metric: Metric, course: &Course| {
        let [early, late] = course.growth_per_snapshot().unwrap_or_default().map(|pace| delta(metric, pace, bytes));
        format!("{early} a snapshot, then {late}")
    };
    let by_bytes = pace(Metric::Space, course);
    let objects = course.objects.as_deref();
    // The course that has the shape: of the bytes, or of the number of objects.
    let of_objects = objects.filter(|objects| course.own_shape != course.shape && objects.shape == course.shape);
    let (metric, told, whose) = match of_objects {
        Some(objects) => (Metric::Objects, objects, "its number of objects "),
        None => (Metric::Space, course, ""),
    };
    match pattern {
        HeapPattern::Leak => {
            let new = objects.map_or(0, Course::growth);
            let new_objects = delta(Metric::Objects, new, bytes);
            let each = value(Metric::Space, course.growth() / new.max(1), bytes);
            let how = match of_objects {
                Some(objects) => format!(
                    ", with {new_objects} objects of {each} on average, which did not slow down ({})",
                    pace(Metric::Objects, objects)
                ),
                None => format!(" and did not slow down ({by_bytes}), with {new_objects} objects of {each} on average"),
            };
            format!("{grew}{how}: this suggests a leak")
        }
        HeapPattern::Bloat => {
            format!("{grew} ({by_bytes}), {}: this suggests that objects get larger, not more", larger(course, bytes))
        }
        HeapPattern::Grows => format!(
            "{grew} and did not slow down ({by_bytes}): this suggests a leak, or objects that get larger; without their \
             number it cannot be told which"
        ),
        HeapPattern::Grew if is_estimated => format!("{grew}; an estimate cannot tell whether it keeps growing"),
        HeapPattern::Grew => format!("{grew}: too few to tell a leak from a warm-up"),
        HeapPattern::Decelerating => {
            format!("{grew}, but {whose}slowed down ({}): this suggests a warm-up, not a leak", pace(metric, told))
        }
        HeapPattern::Levelled => format!(
            "{grew}, but {whose}only until about snapshot {}, and hardly since: this suggests a warm-up, not a leak",
            found.left_out + told.level_from() + 1
        ),
        HeapPattern::Fluctuating => {
            let [early, late] = told.least.map(|least| value(metric, least.into(), bytes));
            let unit = if metric == Metric::Objects { " objects" } else { "" };
            format!(
                "{grew}, but the least of the second half, {late}{unit}, is not much more than that of the first, \
                 {early}: this suggests ups and downs, not a leak"
            )
        }
        HeapPattern::OneStep => {
            let (at, step) = told.largest_step;
            let [before, after] = [1, 2].map(|more| found.left_out + at + more);
            let of_that = if metric == Metric::Objects { " of its new objects" } else { " of that" };
            format!(
                "{grew}, but {}{of_that} at once, between snapshots {before} and {after}: this suggests one event, not a \
                 leak",
                delta(metric, step, bytes)
            )
        }
        HeapPattern::NoGrowth if is_estimated => {
            format!(
                "{live} went from {first} to {last} in {snapshots} snapshots, which is no growth, if GOMEMLIMIT does not \
                 bound NextGC"
            )
        }
        HeapPattern::NoGrowth if course.growth() > i128::from(course.first) / 100 => format!(
            "{live} went from {first} to {last} in {snapshots} snapshots, less than the {} that count as growth: longer \
             under load would tell whether it goes on",
            value(Metric::Space, course.tolerance.into(), bytes)
        ),
        _ => format!(
            "{live} went from {first} to {last} in {snapshots} snapshots, which is no growth: nothing in the Go heap suggests a \
             leak"
        ),
    }
}

/// How many bytes there are for each new object, over the whole course, or over its second half if only then objects
/// got larger.
fn larger(course: &Course, bytes: Bytes) -> String {
    let late = |course: &Course| course.growth_of_halves()[1];
    let objects = course.objects.as_deref();
    let new = objects.map_or(0, Course::growth);
    let (when, growth, new) = match objects {
        Some(objects) if new > 0 && objects.growth_explains(course.growth()) => {
            ("in the second half ", late(course), late(objects))
        }
        _ => ("", course.growth(), new),
    };
    match new {
        ..=0 => format!("{when}though HeapObjects did not"),
        _ => format!("{when}{} for each of {} new objects", value(Metric::Space, growth / new, bytes), grouped(new)),
    }
}

/// Why NextGC does not follow the live heap.
pub(super) fn next_gc_reason(why: UnknownCause) -> &'static str {
    match why {
        UnknownCause::GogcOff => "NextGC says nothing with GOGC=off",
        UnknownCause::MemoryLimit => "GOMEMLIMIT bounds NextGC",
        UnknownCause::SmallHeap => "NextGC is at its minimum, as the heap is below 4 MiB",
        UnknownCause::NextGcPinned => "NextGC stays where it is while the heap grows, as with GOMEMLIMIT",
        UnknownCause::NextGcConstant => {
            "NextGC stays where it is, as it does for a level heap, and under GOMEMLIMIT for a growing one"
        }
        UnknownCause::NextGcUnsteady(_) => "NextGC falls now and then",
        _ => "NextGC says nothing",
    }
}
