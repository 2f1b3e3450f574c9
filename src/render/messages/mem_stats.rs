//! The sentences of a series of `runtime.MemStats`: what the figures suggest, and what to do next.

use super::super::units::{Bytes, count, delta, grouped, value};
use crate::diff::Metric;
use crate::report::MemStatsReport;
use crate::series::{Course, Endpoints, HeapPattern, LiveHeapSource, MemStatsNote, Shape, UnknownCause};

/// A pattern in a word or two.
pub(in crate::render) fn pattern_headline(pattern: HeapPattern) -> &'static str {
    match pattern {
        HeapPattern::Leak => "LEAK SUSPECTED",
        HeapPattern::Bloat => "BLOAT SUSPECTED",
        HeapPattern::GoroutineLeak => "GOROUTINE LEAK SUSPECTED",
        HeapPattern::Grew => "GREW",
        HeapPattern::Fragmentation => "FRAGMENTED",
        HeapPattern::RetainedIdle => "IDLE MEMORY KEPT",
        HeapPattern::Unknown(_) => "NO VERDICT",
        HeapPattern::Decelerating => "SLOWS DOWN",
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
    let live = match found.source {
        Some(LiveHeapSource::HalfNextGc) => "the live heap (NextGC/2)",
        _ => "HeapAlloc after GC",
    };
    let grew = |course: &Course| {
        format!("{live} grew from {} to {} in {} snapshots", space(course.first), space(course.last), course.snapshots)
    };
    let pace = |course: &Course| {
        let pace = course
            .growth_per_snapshot()
            .map(|[early, late]| format!("{} a snapshot, then {}", more(early), more(late)));
        pace.unwrap_or_default()
    };
    let objects = found.objects.map_or(0, Endpoints::delta);
    let objects_grew = delta(Metric::Objects, objects, bytes);
    match (pattern, &found.course, &found.held) {
        (HeapPattern::Leak, Some(course), _) => format!(
            "{} and did not slow down ({}), with {objects_grew} objects{}: this suggests a leak",
            grew(course),
            pace(course),
            match found.source {
                // Many of them are garbage.
                Some(LiveHeapSource::HalfNextGc) => String::new(),
                _ => format!(" of {} on average", value(Metric::Space, course.growth() / objects.max(1), bytes)),
            }
        ),
        (HeapPattern::Bloat, Some(course), _) => {
            let how = match objects {
                ..=0 => "though HeapObjects did not".to_owned(),
                _ => {
                    let each = value(Metric::Space, course.growth() / objects, bytes);
                    format!("{each} for each of {} new objects", grouped(objects))
                }
            };
            format!("{} ({}), {how}: this suggests that objects get larger, not more", grew(course), pace(course))
        }
        (HeapPattern::Grew, Some(course), _) if course.shape == Shape::Grew => {
            format!("{}: too few to tell a leak from a warm-up", grew(course))
        }
        (HeapPattern::Grew, Some(course), _) => {
            format!("{}; without HeapObjects a leak cannot be told from objects that get larger", grew(course))
        }
        (HeapPattern::Decelerating, Some(course), _) => {
            format!("{}, but slowed down ({}): this suggests a warm-up, not a leak", grew(course), pace(course))
        }
        (HeapPattern::Fluctuating, Some(course), _) => format!(
            "{}, but the least of the second half, {}, is not much more than that of the first, {}: this suggests ups and \
             downs, not a leak",
            grew(course),
            space(course.least[1]),
            space(course.least[0])
        ),
        (HeapPattern::OneStep, Some(course), _) => {
            let (at, step) = course.largest_step;
            let [before, after] = [1, 2].map(|more| found.left_out + at + more);
            format!(
                "{}, but {} of that at once, between snapshots {before} and {after}: this suggests one event, not a leak",
                grew(course),
                more(step)
            )
        }
        (HeapPattern::NoGrowth, Some(course), _) => format!(
            "{live} went from {} to {} in {} snapshots, which is no growth: nothing suggests a leak",
            space(course.first),
            space(course.last),
            course.snapshots
        ),
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
    }
}

/// What to do about it.
pub(in crate::render) fn pattern_next_step(pattern: HeapPattern) -> Option<&'static str> {
    const FORCE: &str =
        "take snapshots with /debug/pprof/heap?debug=1&gc=1, or call runtime.GC() before runtime.ReadMemStats()";
    Some(match pattern {
        HeapPattern::Leak => "heapdiff BASE CURRENT of heap profiles from the same times tells where",
        HeapPattern::Bloat => {
            "heapdiff BASE CURRENT of heap profiles from the same times tells where: look for larger objects"
        }
        HeapPattern::GoroutineLeak => {
            "/debug/pprof/goroutine?debug=1 tells where they wait: look for the stack that most of them have"
        }
        HeapPattern::Grew => "take more snapshots, six or more, under the same load",
        HeapPattern::RetainedIdle => {
            "wait, and look again; debug.FreeOSMemory() gives it back at once, and GOMEMLIMIT bounds it"
        }
        HeapPattern::Fragmentation => {
            "heapdiff PEAK CURRENT of heap profiles tells what outlives a peak, and so keeps spans in use"
        }
        HeapPattern::Unknown(UnknownCause::OneSnapshot) => "take more snapshots, six or more, under the same load",
        HeapPattern::Unknown(UnknownCause::CountersFell(_)) => "give the snapshots of one process, the earliest first",
        HeapPattern::Unknown(UnknownCause::NoCollection | UnknownCause::Missing(_)) => FORCE,
        HeapPattern::Decelerating | HeapPattern::Fluctuating | HeapPattern::OneStep => {
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

/// The sentence of a note on the runtime's numbers.
pub(in crate::render) fn mem_stats_note_message(note: &MemStatsNote) -> String {
    match note {
        MemStatsNote::FirstLeftOut => {
            "the first snapshot is shown, but does not count: the program may still have been starting".to_owned()
        }
        MemStatsNote::NotForced { known } => {
            let why = match known {
                true => "NumForcedGC did not rise between all snapshots",
                false => "nothing says whether a collection was forced before each snapshot",
            };
            format!(
                "{why}, so HeapAlloc has garbage in it, and NextGC/2 is taken for the live heap, which holds with \
                 GOGC=100 and is coarse; take snapshots with /debug/pprof/heap?debug=1&gc=1, or call runtime.GC() \
                 before each"
            )
        }
        MemStatsNote::NotRightAfterGc(at, percent) => format!(
            "HeapAlloc is {percent} % of NextGC in snapshot {}, and right after a collection it is half of it at \
             most, with GOGC=100: there may be garbage in it",
            at + 1
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
