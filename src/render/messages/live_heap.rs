//! The sentences on the live heap: how it developed, and why it cannot be followed.

use super::super::times::{Grown, duration};
use super::super::units::{Bytes, delta, ends, grouped, value};
use crate::diff::Metric;
use crate::series::{Assessment, Course, HeapPattern, LiveHeapSource, UnknownCause};

/// How well the live heap is known.
fn basis_label(source: Option<LiveHeapSource>) -> &'static str {
    match source {
        Some(LiveHeapSource::HalfNextGc) => "estimated as NextGC/2",
        Some(LiveHeapSource::NextGcByGogc) => "estimated by NextGC and GOGC",
        Some(LiveHeapSource::HeapAlloc | LiveHeapSource::HeapLive) | None => "exact",
    }
}

/// A pattern of the live heap: what it does, and the figures behind that, which may be none.
pub(super) fn live_heap_message(
    pattern: HeapPattern,
    course: &Course,
    found: &Assessment,
    bytes: Bytes,
) -> [String; 2] {
    let how = basis_label(found.source);
    let is_estimated = !found.source.is_some_and(LiveHeapSource::is_exact);
    let since = if found.left_out > 0 { format!(" since snapshot {}", found.left_out + 1) } else { String::new() };
    let from_to = format!("{}{since}", ends(Metric::Space, [course.first, course.last].map(i128::from), bytes));
    let [grew, went] = ["grew,", "went"].map(|verb| format!("the live heap {verb} {from_to} ({how})"));
    let pace = || {
        let intervals = course.snapshots.max(2) - 1;
        let grown = Grown { by: course.growth(), intervals, seconds: found.counted_seconds };
        let (amount, unit) = grown.pace(found.span_seconds);
        format!("{} per {unit}", value(Metric::Space, amount, bytes))
    };
    let keeps_growing = |by: &str| format!("the live heap keeps growing by {}{by} ({how}), {from_to}", pace());
    let halves = |metric: Metric, course: &Course| {
        let unit = if metric == Metric::Objects { " objects" } else { "" };
        if let Some(halves) = course.uneven_halves {
            let [early, late] = course.growth_of_halves().map(|by| delta(metric, by, bytes));
            let [before, after] = halves.map(|millis| duration(millis as f64 / 1e3));
            return format!("{early}{unit} in the first {before}, {late} in the {after} after it");
        }
        let [early, late] = course.growth_per_snapshot().unwrap_or_default().map(|pace| delta(metric, pace, bytes));
        format!("{early}{unit} per snapshot in the first half, {late} in the second")
    };
    let objects = course.objects.as_deref();
    // The course that has the shape: of the bytes, or of the number of objects.
    let of_objects = objects.filter(|objects| course.own_shape != course.shape && objects.shape == course.shape);
    let (metric, told) = of_objects.map_or((Metric::Space, course), |objects| (Metric::Objects, objects));
    let what = if metric == Metric::Objects { "its number of objects" } else { "it" };
    match pattern {
        HeapPattern::Leak => {
            let new = objects.map_or(0, Course::growth);
            let each = value(Metric::Space, course.growth() / new.max(1), bytes);
            let more = format!("{} more objects, {each} each on average", grouped(new));
            [keeps_growing(""), format!("{}; {more}", halves(metric, told))]
        }
        HeapPattern::Bloat => {
            let figures = format!("{}; {}", halves(Metric::Space, course), larger(course, bytes));
            [keeps_growing(", by larger objects"), figures]
        }
        HeapPattern::Grows => {
            let figures = format!(
                "{}; the number of live objects is not known, so it cannot be told whether there are more or larger ones",
                halves(Metric::Space, course)
            );
            [keeps_growing(""), figures]
        }
        HeapPattern::Grew if is_estimated => {
            [format!("{went}, but an estimate cannot tell whether it keeps growing"), String::new()]
        }
        HeapPattern::Grew => {
            let few = course.snapshots;
            [format!("{went}, but {few} snapshots are too few to tell a leak from a warm-up"), String::new()]
        }
        HeapPattern::Undecided => {
            let few = course.snapshots;
            [format!("{went}, and {few} snapshots are too few to tell slow growth from none"), String::new()]
        }
        HeapPattern::Decelerating => [format!("{grew}, ever more slowly, as in a warm-up"), halves(metric, told)],
        HeapPattern::Levelled => {
            let until = found.left_out + told.level_from() + 1;
            let whose = if of_objects.is_some() { format!(": {what} hardly grew since") } else { String::new() };
            [format!("{grew}, but hardly after snapshot {until}, as in a warm-up{whose}"), String::new()]
        }
        HeapPattern::Fluctuating => {
            let [early, late] = told.least.map(|least| value(metric, least.into(), bytes));
            let unit = if metric == Metric::Objects { " objects" } else { "" };
            let figures =
                format!("at its lowest {early}{unit} in the first half, {late} in the second, which is not much more");
            [format!("{grew}, but goes up and down"), figures]
        }
        HeapPattern::OneStep => {
            let (at, step) = told.largest_step;
            let [before, after] = [1, 2].map(|more| found.left_out + at + more);
            let unit = if metric == Metric::Objects { " objects" } else { "" };
            let step = delta(metric, step, bytes);
            [format!("{grew}, most of it at once: {step}{unit} between snapshots {before} and {after}"), String::new()]
        }
        HeapPattern::NoGrowth if is_estimated => {
            let level = format!("the live heap is level, {from_to} ({how})");
            [level, "unless GOMEMLIMIT bounds NextGC".to_owned()]
        }
        HeapPattern::NoGrowth if course.hardly_grew() => {
            [format!("the live heap hardly grew, {from_to} ({how})"), too_little(course.tolerance, bytes)]
        }
        _ => [format!("the live heap is level, {from_to} ({how})"), String::new()],
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
            (" in the second half", late(course), late(objects))
        }
        _ => ("", course.growth(), new),
    };
    match new {
        ..=0 => format!("no more objects{when}"),
        _ => format!("{} more objects{when}, {} for each", grouped(new), value(Metric::Space, growth / new, bytes)),
    }
}

/// Why NextGC does not follow the live heap.
pub(super) fn next_gc_reason(why: UnknownCause) -> &'static str {
    match why {
        UnknownCause::GogcOff => "NextGC does not follow the live heap with GOGC=off",
        UnknownCause::MemoryLimit => "GOMEMLIMIT bounds NextGC",
        UnknownCause::SmallHeap => "NextGC is at its minimum, as the heap is below 4 MiB",
        UnknownCause::NextGcPinned => "NextGC does not move while the heap grows, as under GOMEMLIMIT",
        UnknownCause::NextGcConstant => {
            "NextGC does not move, as with a level heap, or with a growing one under GOMEMLIMIT"
        }
        UnknownCause::NextGcUnsteady(_) => "NextGC falls now and then",
        _ => "NextGC does not show it",
    }
}

/// What is said of a heap that grew by too little to count.
pub(super) fn too_little(tolerance: u64, bytes: Bytes) -> String {
    let tolerance = value(Metric::Space, tolerance.into(), bytes);
    format!("less than {tolerance} does not count as growth; a longer series under load would tell")
}
