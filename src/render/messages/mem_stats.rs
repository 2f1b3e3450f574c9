//! The sentences of a series of `runtime.MemStats`: what the figures suggest, and what to do next.

use super::super::units::{Bytes, count, delta, grouped, value};
use super::live_heap::{live_heap_message, next_gc_reason};
use super::parts::{part_message, single_next_step};
use crate::diff::Metric;
use crate::report::{MemStatsReport, OtherFiles};
use crate::series::{Endpoints, HeapPattern, MemStatsNote, UnknownCause};

/// A pattern in a word or two.
pub(in crate::render) fn pattern_headline(pattern: HeapPattern) -> &'static str {
    match pattern {
        HeapPattern::Leak => "LEAK SUSPECTED",
        HeapPattern::Bloat => "BLOAT SUSPECTED",
        HeapPattern::Grows => "KEEPS GROWING",
        HeapPattern::GoroutineLeak => "GOROUTINE LEAK SUSPECTED",
        HeapPattern::StacksGrew => "STACKS GREW",
        HeapPattern::OutsideGo => "GREW OUTSIDE GO",
        HeapPattern::ProfilerBuckets => "PROFILER'S TABLE GREW",
        HeapPattern::Grew => "GREW",
        HeapPattern::Fragmentation => "FRAGMENTED",
        HeapPattern::RetainedIdle => "IDLE MEMORY KEPT",
        HeapPattern::Unknown(_) => "NO VERDICT",
        HeapPattern::Decelerating => "SLOWS DOWN",
        HeapPattern::Levelled => "LEVELLED OFF",
        HeapPattern::Fluctuating => "UP AND DOWN",
        HeapPattern::OneStep => "ONE STEP",
        HeapPattern::NoGrowth => "NO HEAP GROWTH",
    }
}

/// A pattern in a sentence, with the figures behind it.
pub(in crate::render) fn pattern_message(pattern: HeapPattern, report: &MemStatsReport, bytes: Bytes) -> String {
    let found = &report.assessment;
    let space = |number: u64| value(Metric::Space, number.into(), bytes);
    let more = |number: i128| delta(Metric::Space, number, bytes);
    let is_live_known = found.parts.as_ref().is_some_and(|parts| parts.is_live_known);
    let objects = if is_live_known { "live heap" } else { "live heap and garbage" };
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
            "the process holds {} for {} of {objects}, and NextGC is only {}{}: this suggests memory kept from a peak, \
             which Go gives back to the system late",
            space(held.held),
            space(held.alloc),
            space(held.next_gc),
            held.idle.map_or(String::new(), |idle| format!("; HeapIdle - HeapReleased is {}", space(idle)))
        ),
        (HeapPattern::Fragmentation, _, Some(held)) => format!(
            "the process holds {} for {} of {objects}, of which HeapInuse - HeapAlloc, {}, lies between objects: this \
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
        (HeapPattern::StacksGrew | HeapPattern::OutsideGo | HeapPattern::ProfilerBuckets, ..) => {
            part_message(pattern, report, bytes)
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
        UnknownCause::GogcOff
        | UnknownCause::MemoryLimit
        | UnknownCause::SmallHeap
        | UnknownCause::NextGcPinned
        | UnknownCause::NextGcConstant
        | UnknownCause::NextGcUnsteady(_) => format!(
            "the totals cannot tell whether the live heap grows: HeapAlloc has garbage in it, and {}",
            next_gc_reason(why)
        ),
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
        HeapPattern::Leak | HeapPattern::Grows | HeapPattern::Bloat | HeapPattern::GoroutineLeak
            if report.is_beside_trend =>
        {
            return None;
        }
        HeapPattern::Leak | HeapPattern::Grows => "heapdiff trend with heap profiles of the same times shows where",
        HeapPattern::Bloat => {
            "heapdiff trend with heap profiles of the same times shows where: look for larger objects"
        }
        HeapPattern::GoroutineLeak if !report.others.counted.is_empty() => {
            "heapdiff trend with the goroutine profiles beside the snapshots names them, and what they wait for"
        }
        HeapPattern::GoroutineLeak => {
            "/debug/pprof/goroutine?debug=1 tells where they wait: look for the stack that most of them have"
        }
        HeapPattern::StacksGrew => {
            "/debug/pprof/goroutine?debug=1 tells how many goroutines there are, and what deepens their stacks"
        }
        HeapPattern::OutsideGo => {
            "heap profiles of Go do not show it: look at /proc/PID/smaps, and at what cgo and mmap allocate"
        }
        HeapPattern::ProfilerBuckets => {
            "look for call stacks that are ever new, such as deep recursion or generated code, and for \
             MemProfileRate=1: the table has an entry for each stack and size, and is never freed"
        }
        HeapPattern::RetainedIdle => {
            "wait, and look again; debug.FreeOSMemory() gives it back at once, and GOMEMLIMIT bounds it"
        }
        HeapPattern::Fragmentation => {
            "heapdiff PEAK CURRENT of heap profiles tells what outlives a peak, and so keeps spans in use"
        }
        HeapPattern::Unknown(UnknownCause::OneSnapshot) => single_next_step(report.assessment.parts.as_ref()),
        HeapPattern::Grew => "take more snapshots, six or more, under the same load",
        HeapPattern::Unknown(UnknownCause::CountersFell(_)) => "give the snapshots of one process, the earliest first",
        HeapPattern::Unknown(_) => {
            "take snapshots right after a collection, with /debug/pprof/heap?debug=1&gc=1 or runtime.GC() before \
             runtime.ReadMemStats(); until then, heapdiff trend judges heap profiles of the same times by their samples"
        }
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

/// The sentence of a note on the runtime's numbers.
pub(in crate::render) fn mem_stats_note_message(note: &MemStatsNote, bytes: Bytes) -> String {
    match note {
        MemStatsNote::FirstLeftOut => {
            "the first snapshot does not count for verdicts: the program may still have been starting".to_owned()
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

/// The sentences on files that are no snapshots of their own, each with its code and the files.
pub(in crate::render) fn other_files(others: &OtherFiles) -> Vec<(&'static str, &[String], String)> {
    let OtherFiles { skipped, joined, counted } = others;
    let all: [(_, &[String], _, _); 3] = [
        (
            "files_joined",
            joined,
            "has the same snapshots as other files, and was joined with them",
            "have the same snapshots as other files, and were joined with them",
        ),
        (
            "goroutines_counted",
            counted,
            "has the number of goroutines of each snapshot",
            "have the number of goroutines of each snapshot",
        ),
        (
            "files_skipped",
            skipped,
            "has no runtime.MemStats, and was skipped",
            "have no runtime.MemStats, and were skipped",
        ),
    ];
    let sentence = |files: &[String], one: &str, many: &str| match files {
        [] => None,
        [only] => Some(format!("{only} {one}")),
        [first, ..] => Some(format!("{} such as {first} {many}", count(files.len(), "file"))),
    };
    let known = all.into_iter().map(|(code, files, one, many)| Some((code, files, sentence(files, one, many)?)));
    known.flatten().collect()
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
