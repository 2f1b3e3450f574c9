//! The sentences of a series of `runtime.MemStats`: what the figures suggest, and what to do next.

use super::super::units::{Bytes, count, delta, grouped, value};
use crate::diff::Metric;
use crate::report::MemStatsReport;
use crate::series::{Assessment, Course, Endpoints, HeapPattern, LiveHeapSource, MemStatsNote, Shape, UnknownCause};

/// A pattern in a word or two.
pub(in crate::render) fn pattern_headline(pattern: HeapPattern) -> &'static str {
    match pattern {
        HeapPattern::Leak => "LEAK SUSPECTED",
        HeapPattern::Bloat => "BLOAT SUSPECTED",
        HeapPattern::Grows => "KEEPS GROWING",
        HeapPattern::GoroutineLeak => "GOROUTINE LEAK SUSPECTED",
        HeapPattern::Grew => "GREW",
        HeapPattern::Fragmentation => "FRAGMENTED",
        HeapPattern::RetainedIdle => "IDLE MEMORY KEPT",
        HeapPattern::Unknown(_) => "NO VERDICT",
        HeapPattern::Decelerating => "SLOWS DOWN",
        HeapPattern::Levelled => "LEVELLED OFF",
        HeapPattern::Fluctuating => "UP AND DOWN",
        HeapPattern::OneStep => "ONE STEP",
        HeapPattern::NoGrowth => "NO GROWTH",
    }
}

/// A pattern in a sentence, with the figures behind it.
pub(in crate::render) fn pattern_message(pattern: HeapPattern, report: &MemStatsReport, bytes: Bytes) -> String {
    let found = &report.assessment;
    let space = |number: u64| value(Metric::Space, number.into(), bytes);
    let more = |number: i128| delta(Metric::Space, number, bytes);
    match (pattern, &found.course, &found.held) {
        (
            HeapPattern::Leak
            | HeapPattern::Bloat
            | HeapPattern::Grows
            | HeapPattern::Grew
            | HeapPattern::Decelerating
            | HeapPattern::Levelled
            | HeapPattern::Fluctuating
            | HeapPattern::OneStep
            | HeapPattern::NoGrowth,
            Some(course),
            _,
        ) => live_heap_message(pattern, course, found, bytes),
        (HeapPattern::RetainedIdle, _, Some(held)) => format!(
            "the process holds {} for {} of live heap, and NextGC is only {}{}: this suggests memory kept from a peak, \
             which Go gives back to the system late",
            space(held.held),
            space(held.alloc),
            space(held.next_gc),
            held.idle.map_or(String::new(), |idle| format!("; HeapIdle - HeapReleased is {}", space(idle)))
        ),
        (HeapPattern::Fragmentation, _, Some(held)) => format!(
            "the process holds {} for {} of live heap, of which HeapInuse - HeapAlloc, {}, lies between objects: this \
             suggests fragmentation",
            space(held.held),
            space(held.alloc),
            space(held.between.unwrap_or_default())
        ),
        (HeapPattern::GoroutineLeak, ..) => {
            let goroutines = found.goroutines.unwrap_or(Endpoints { first: 0, last: 0 });
            let stacks = found.stacks.map(|ends| format!(" (StackInuse {})", more(ends.delta())));
            format!(
                "goroutines went from {} to {}, up in both halves{}: this suggests a goroutine leak",
                grouped(goroutines.first.into()),
                grouped(goroutines.last.into()),
                stacks.unwrap_or_default()
            )
        }
        (HeapPattern::Unknown(why), ..) => unknown(why, report),
        // A pattern is only found with its figures.
        _ => String::new(),
    }
}

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
fn live_heap_message(pattern: HeapPattern, course: &Course, found: &Assessment, bytes: Bytes) -> String {
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
            let how = match (of_objects, course.own_shape) {
                (Some(objects), _) => format!(
                    ", with {new_objects} objects of {each} on average, which did not slow down ({})",
                    pace(Metric::Objects, objects)
                ),
                (None, Shape::Growing) => {
                    format!(" and did not slow down ({by_bytes}), with {new_objects} objects of {each} on average")
                }
                _ => format!(" in every step ({by_bytes}), with {new_objects} objects of {each} on average"),
            };
            format!("{grew}{how}: this suggests a leak")
        }
        HeapPattern::Bloat => {
            format!("{grew} ({by_bytes}), {}: this suggests that objects get larger, not more", larger(course, bytes))
        }
        HeapPattern::Grows if is_estimated => format!(
            "{grew} and did not slow down ({by_bytes}): this suggests a leak, or objects that get larger, which an \
             estimate does not tell"
        ),
        HeapPattern::Grows => format!(
            "{grew} and did not slow down ({by_bytes}): this suggests a leak, or objects that get larger, as the number \
             of live objects is not known"
        ),
        HeapPattern::Grew if is_estimated => {
            format!("{grew}; whether it keeps growing, an estimate does not tell")
        }
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
        _ => format!(
            "{live} went from {first} to {last} in {snapshots} snapshots, which is no growth: nothing suggests a leak"
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

fn unknown(why: UnknownCause, report: &MemStatsReport) -> String {
    match why {
        UnknownCause::OneSnapshot => "one snapshot cannot tell whether anything grows".to_owned(),
        UnknownCause::CountersFell(at) => {
            let name = |at: usize| {
                let input = report.snapshots.get(at).and_then(|(input, _)| report.inputs.get(*input));
                format!("{} ({})", at + 1, input.map_or("", String::as_str))
            };
            format!(
                "the counters of snapshot {} are lower than those of {}: the snapshots are of several processes, or not \
                 in time order",
                name(at),
                name(at.saturating_sub(1))
            )
        }
        UnknownCause::NoCollection => {
            "NumGC did not change, so nothing was collected, and HeapAlloc has all the garbage in it".to_owned()
        }
        UnknownCause::Missing(name) => {
            format!("{name} is missing, without which garbage cannot be told from what is alive")
        }
        UnknownCause::GogcOff
        | UnknownCause::MemoryLimit
        | UnknownCause::SmallHeap
        | UnknownCause::NextGcPinned
        | UnknownCause::NextGcUnsteady(_) => format!(
            "the totals cannot tell whether the live heap grows: HeapAlloc has garbage in it, and {}",
            next_gc_reason(why)
        ),
    }
}

/// Why NextGC does not follow the live heap.
pub(super) fn next_gc_reason(why: UnknownCause) -> &'static str {
    match why {
        UnknownCause::GogcOff => "NextGC says nothing with GOGC=off",
        UnknownCause::MemoryLimit => "GOMEMLIMIT bounds NextGC",
        UnknownCause::SmallHeap => "NextGC is at its minimum, as the heap is below 4 MiB",
        UnknownCause::NextGcPinned => "NextGC stays where it is while the heap grows, as with GOMEMLIMIT",
        UnknownCause::NextGcUnsteady(_) => "NextGC goes up and down",
        _ => "NextGC says nothing",
    }
}

/// What to do about it.
pub(in crate::render) fn pattern_next_step(pattern: HeapPattern, report: &MemStatsReport) -> Option<&'static str> {
    const FORCE: &str = "take snapshots right after a collection, with /debug/pprof/heap?debug=1&gc=1 or \
                         runtime.GC() before runtime.ReadMemStats()";
    let source = report.assessment.source;
    if source.is_some_and(|source| !source.is_exact()) && matches!(pattern, HeapPattern::Grew | HeapPattern::NoGrowth) {
        return Some(FORCE);
    }
    Some(match pattern {
        HeapPattern::Leak | HeapPattern::Grows => {
            "heapdiff BASE CURRENT of heap profiles from the same times tells where"
        }
        HeapPattern::Bloat => {
            "heapdiff BASE CURRENT of heap profiles from the same times tells where: look for larger objects"
        }
        HeapPattern::GoroutineLeak => {
            "/debug/pprof/goroutine?debug=1 tells where they wait: look for the stack that most of them have"
        }
        HeapPattern::RetainedIdle => {
            "wait, and look again; debug.FreeOSMemory() gives it back at once, and GOMEMLIMIT bounds it"
        }
        HeapPattern::Fragmentation => {
            "heapdiff PEAK CURRENT of heap profiles tells what outlives a peak, and so keeps spans in use"
        }
        HeapPattern::Grew | HeapPattern::Unknown(UnknownCause::OneSnapshot) => {
            "take more snapshots, six or more, under the same load"
        }
        HeapPattern::Unknown(UnknownCause::CountersFell(_)) => "give the snapshots of one process, the earliest first",
        HeapPattern::Unknown(_) => FORCE,
        HeapPattern::Decelerating | HeapPattern::Levelled | HeapPattern::Fluctuating | HeapPattern::OneStep => {
            "run longer under the same load, to see whether it grows on"
        }
        HeapPattern::NoGrowth => return None,
    })
}

/// The number of snapshots, the time they cover, and their files.
pub(in crate::render) fn snapshots_label(report: &MemStatsReport) -> String {
    let names = match report.inputs.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, .., last] => format!("{first} → {last}"),
    };
    let span = report.span_nanos().map_or(String::new(), |span| format!(" over {}", duration(span)));
    format!("{}{span}: {names}", count(report.snapshots.len(), "snapshot"))
}

/// A time in the largest unit of which it has at least two.
fn duration(nanos: u64) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400_000_000_000, "days"), (3_600_000_000_000, "h"), (60_000_000_000, "min"), (1_000_000_000, "s")];
    let unit = UNITS.iter().find(|(size, _)| nanos / size >= 2);
    unit.map_or_else(|| format!("{} ms", nanos / 1_000_000), |(size, unit)| format!("{} {unit}", nanos / size))
}

/// The sentence of a remark.
pub(in crate::render) fn remark_message(remark: &MemStatsNote, bytes: Bytes) -> String {
    match remark {
        MemStatsNote::FirstLeftOut => {
            "the first snapshot is shown, but does not count: the program may still have been starting".to_owned()
        }
        MemStatsNote::NotForced { known } => {
            let why = match known {
                true => "NumForcedGC did not rise between all snapshots",
                false => "nothing says whether a collection was forced before each snapshot",
            };
            format!("{why}, so HeapAlloc has garbage in it; with ?gc=1 it has none")
        }
        MemStatsNote::Garbage(most) => format!(
            "HeapAlloc has up to {} of garbage in it, though collections were forced: the snapshots were not taken \
             right after them",
            value(Metric::Space, (*most).into(), bytes)
        ),
        MemStatsNote::Missing(names) => {
            format!("without {} some rules could not be applied", names.join(", "))
        }
        MemStatsNote::GoroutinesGrew(Endpoints { first, last }) => {
            format!("goroutines grew from {first} to {last}; two snapshots cannot tell whether that goes on")
        }
    }
}

/// The sentence on files without snapshots.
pub(in crate::render) fn skipped_message(files: &[String]) -> String {
    match files {
        [only] => format!("{only} has no runtime.MemStats, and was skipped"),
        [first, ..] => {
            format!("{} such as {first} have no runtime.MemStats, and were skipped", count(files.len(), "file"))
        }
        [] => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn times_are_in_a_fitting_unit() {
        let second = 1_000_000_000;
        let times =
            [second / 2, 3 * second, 119 * second, 120 * second, 7199 * second, 47 * 3600 * second, 48 * 3600 * second];
        assert_eq!(times.map(duration), ["500 ms", "3 s", "119 s", "2 min", "119 min", "47 h", "2 days"]);
    }
}
