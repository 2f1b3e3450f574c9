//! The sentences of a series of `runtime.MemStats`: the answer, its figures, and what to do next.

use super::super::units::{Bytes, count, delta, grouped, value};
use super::commands::{pasteable, quoted};
use super::live_heap::{live_heap_message, next_gc_reason};
use super::parts::{largest_part, part_label, part_message, single_next_step};
use super::series::{counted_snapshots, first_to_last};
use crate::diff::Metric;
use crate::paths::folder_and_name;
use crate::report::{MemStatsReport, OtherFiles};
use crate::series::{Endpoints, HeapPattern, MemStatsNote, UnknownCause};

/// A pattern in a word or two.
pub(in crate::render) fn pattern_headline(pattern: HeapPattern) -> &'static str {
    match pattern {
        HeapPattern::Leak => "Leak",
        HeapPattern::Bloat => "Bloat",
        HeapPattern::Grows => "Growing",
        HeapPattern::GoroutineLeak => "Goroutine leak",
        HeapPattern::StacksGrew => "Stacks grew",
        HeapPattern::OutsideGo => "Grew outside Go",
        HeapPattern::ProfilerBuckets => "Profiler's table grew",
        HeapPattern::Grew => "Grew",
        HeapPattern::Fragmentation => "Fragmented",
        HeapPattern::RetainedIdle => "Idle memory kept",
        HeapPattern::Unknown(UnknownCause::OneSnapshot) => "One snapshot",
        HeapPattern::Unknown(_) | HeapPattern::Undecided => "Cannot tell",
        HeapPattern::Decelerating => "Levelling off",
        HeapPattern::Levelled => "Levelled off",
        HeapPattern::Fluctuating => "Up and down",
        HeapPattern::OneStep => "One step",
        HeapPattern::NoGrowth => "No growth",
    }
}

/// The answer to a series: the most important pattern, in a sentence.
pub(in crate::render) fn mem_stats_headline(report: &MemStatsReport, bytes: Bytes) -> String {
    let pattern = report.assessment.patterns.first().copied().unwrap_or(HeapPattern::NoGrowth);
    format!("{}: {}.", pattern_headline(pattern), pattern_message(pattern, report, bytes)[0])
}

/// A pattern in a sentence, and the figures behind it, which may be none.
pub(in crate::render) fn pattern_message(pattern: HeapPattern, report: &MemStatsReport, bytes: Bytes) -> [String; 2] {
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
            | HeapPattern::Undecided
            | HeapPattern::Decelerating
            | HeapPattern::Levelled
            | HeapPattern::Fluctuating
            | HeapPattern::OneStep
            | HeapPattern::NoGrowth,
            Some(course),
            _,
        ) => live_heap_message(pattern, course, found, bytes),
        (HeapPattern::RetainedIdle, _, Some(held)) => [
            format!("the process holds {} for {} of {objects}", space(held.held), space(held.alloc)),
            format!(
                "NextGC is only {}{}; Go returns memory to the system some time after a peak",
                space(held.next_gc),
                held.idle.map_or(String::new(), |idle| format!(", HeapIdle - HeapReleased is {}", space(idle)))
            ),
        ],
        (HeapPattern::Fragmentation, _, Some(held)) => [
            format!(
                "{} of the {} that the process holds is between objects, beside {} of {objects}",
                space(held.between.unwrap_or_default()),
                space(held.held),
                space(held.alloc)
            ),
            "HeapInuse - HeapAlloc: spans that are in use, but not full".to_owned(),
        ],
        (HeapPattern::GoroutineLeak, ..) => {
            let goroutines = found.goroutines.unwrap_or(Endpoints { first: 0, last: 0 });
            let stacks = found.stacks.map(|ends| format!(" (StackInuse {})", more(ends.delta())));
            let sentence = format!(
                "goroutines grew from {} to {}, in both halves{}",
                grouped(goroutines.first.into()),
                grouped(goroutines.last.into()),
                stacks.unwrap_or_default()
            );
            [sentence, String::new()]
        }
        (HeapPattern::StacksGrew | HeapPattern::OutsideGo | HeapPattern::ProfilerBuckets, ..) => {
            part_message(pattern, report, bytes)
        }
        (HeapPattern::Unknown(why), ..) => [unknown(why, report, bytes), String::new()],
        // A pattern is only found with its figures.
        _ => [String::new(), String::new()],
    }
}

fn unknown(why: UnknownCause, report: &MemStatsReport, bytes: Bytes) -> String {
    match why {
        UnknownCause::OneSnapshot => one_snapshot(report, bytes),
        UnknownCause::CountersFell(at) => {
            let name = |at: usize| {
                let input = report.snapshots.get(at).and_then(|(input, _)| report.inputs.get(*input));
                format!("{} ({})", at + 1, input.map_or("", String::as_str))
            };
            format!(
                "the counters of snapshot {} are lower than those of {}, so the snapshots are of several processes or \
                 out of order",
                name(at),
                name(at.saturating_sub(1))
            )
        }
        UnknownCause::NoCollection => {
            "no garbage was collected between the snapshots (NumGC did not change), so HeapAlloc includes all of it"
                .to_owned()
        }
        UnknownCause::Missing(name) => {
            format!("{name} is missing, without which garbage cannot be distinguished from live memory")
        }
        UnknownCause::GogcOff
        | UnknownCause::MemoryLimit
        | UnknownCause::SmallHeap
        | UnknownCause::NextGcPinned
        | UnknownCause::NextGcConstant
        | UnknownCause::NextGcUnsteady(_) => {
            format!("HeapAlloc includes garbage, and {}", next_gc_reason(why))
        }
    }
}

/// Why the runtime's numbers do not judge what the trend of the profiles does. `why`: the sentence of the pattern.
pub(in crate::render) fn no_judgement(why: &str) -> String {
    format!("Its totals cannot tell whether the live heap grows: {why}.")
}

/// Where the memory of a single snapshot is.
fn one_snapshot(report: &MemStatsReport, bytes: Bytes) -> String {
    let largest = report.assessment.parts.as_ref().and_then(|parts| {
        let (part, size) = largest_part(parts)?;
        let space = |number: u64| value(Metric::Space, number.into(), bytes);
        Some(format!(
            "{} of memory, the largest part {} ({})",
            space(parts.whole[1]?),
            part_label(part, parts),
            space(size)
        ))
    });
    match largest {
        Some(largest) => format!("{largest}; whether it grows takes more snapshots"),
        None => "whether anything grows takes more snapshots".to_owned(),
    }
}

/// What to do about a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) enum Step {
    Advice(String),
    /// A command that can be pasted, and what it shows.
    Command {
        shows: &'static str,
        command: String,
    },
}

impl Step {
    /// As one text.
    pub(in crate::render) fn text(&self) -> String {
        match self {
            Step::Advice(text) => text.clone(),
            Step::Command { shows, command } => format!("{command} shows {shows}"),
        }
    }
}

/// What to do about it.
pub(in crate::render) fn pattern_next_step(pattern: HeapPattern, report: &MemStatsReport) -> Option<Step> {
    const FORCE: &str = "take snapshots right after a collection: /debug/pprof/heap?debug=1&gc=1, or runtime.GC() before \
                         runtime.ReadMemStats()";
    let source = report.assessment.source;
    if source.is_some_and(|source| !source.is_exact())
        && matches!(pattern, HeapPattern::Grew | HeapPattern::Undecided | HeapPattern::NoGrowth)
    {
        return Some(Step::Advice(FORCE.to_owned()));
    }
    let step = match pattern {
        HeapPattern::Leak | HeapPattern::Grows | HeapPattern::Bloat | HeapPattern::GoroutineLeak
            if report.is_beside_trend =>
        {
            return None;
        }
        HeapPattern::Leak | HeapPattern::Grows => return Some(trend_step(report, "where")),
        HeapPattern::Bloat => return Some(trend_step(report, "where: look for objects that get larger")),
        HeapPattern::GoroutineLeak if !report.others.counted.is_empty() => {
            return Some(trend_step(report, "which they are, and what they wait for"));
        }
        HeapPattern::GoroutineLeak => {
            "/debug/pprof/goroutine?debug=1 shows where they wait: look for the stack that most of them have"
        }
        // The trend has the goroutine profiles, and names them.
        HeapPattern::StacksGrew if report.is_beside_trend && !report.others.counted.is_empty() => return None,
        HeapPattern::StacksGrew => {
            "/debug/pprof/goroutine?debug=1 shows how many goroutines there are, and how deep their stacks are"
        }
        HeapPattern::OutsideGo => {
            "Go's heap profiles do not show it: look at /proc/PID/smaps, and at what cgo and mmap allocate"
        }
        HeapPattern::ProfilerBuckets => {
            "look for call stacks that are always new (deep recursion, generated code) and for MemProfileRate=1: the \
             table has an entry for each stack and size, and never shrinks"
        }
        HeapPattern::RetainedIdle => {
            "wait and look again; debug.FreeOSMemory() returns it at once, and GOMEMLIMIT bounds it"
        }
        HeapPattern::Fragmentation => {
            "compare heap profiles of the peak and of now: what outlives a peak keeps spans in use"
        }
        HeapPattern::Unknown(UnknownCause::OneSnapshot) => single_next_step(report.assessment.parts.as_ref()),
        HeapPattern::Grew | HeapPattern::Undecided => "take six or more snapshots under the same load",
        HeapPattern::Unknown(UnknownCause::CountersFell(_)) => "give the snapshots of one process, the earliest first",
        HeapPattern::Unknown(_) => {
            let until = "until then, heapdiff trend judges heap profiles of the same times by their samples";
            let text = if report.is_beside_trend { FORCE.to_owned() } else { format!("{FORCE}; {until}") };
            return Some(Step::Advice(text));
        }
        HeapPattern::Decelerating | HeapPattern::Levelled | HeapPattern::Fluctuating | HeapPattern::OneStep => {
            "run longer under the same load to see whether it keeps growing"
        }
        HeapPattern::NoGrowth => return None,
    };
    Some(Step::Advice(step.to_owned()))
}

/// The trend of the profiles, which `shows` more: a command if the folder of the snapshots has heap profiles.
fn trend_step(report: &MemStatsReport, shows: &'static str) -> Step {
    let folder = |path: &String| {
        let (folder, name) = folder_and_name(path)?;
        let is_profile = [".pb.gz", ".txt", ".txt.gz"].iter().any(|end| name.ends_with(end));
        (name.starts_with("heap") && is_profile).then(|| folder.to_owned())
    };
    let folder = report.others.skipped.iter().chain(&report.inputs).find_map(folder);
    match folder.and_then(|folder| pasteable(format!("heapdiff trend {}", quoted(&folder)))) {
        Some(command) => Step::Command { shows, command },
        None => Step::Advice(format!("heapdiff trend of heap profiles of the same times shows {shows}")),
    }
}

/// The number of snapshots, the time they cover, and their files.
pub(in crate::render) fn snapshots_label(report: &MemStatsReport) -> String {
    let names = match report.inputs.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [first, .., last] => first_to_last(first, last),
    };
    let found = &report.assessment;
    let counted = counted_snapshots(report.snapshots.len(), found.span_seconds, found.left_out);
    format!("{counted}: {names}")
}

/// The sentence of a note on the runtime's numbers.
pub(in crate::render) fn mem_stats_note_message(note: &MemStatsNote, bytes: Bytes) -> String {
    match note {
        MemStatsNote::FirstLeftOut => "the first snapshot is ignored for verdicts (start-up)".to_owned(),
        MemStatsNote::NotForced { known } => {
            let why = match known {
                true => "no collection was forced before some snapshots (NumForcedGC)",
                false => "it is not known whether a collection was forced before each snapshot",
            };
            format!("{why}, so HeapAlloc includes garbage; with ?gc=1 it does not")
        }
        MemStatsNote::Garbage(most) => format!(
            "HeapAlloc includes up to {} of garbage: the snapshots were taken some time after their collections",
            value(Metric::Space, (*most).into(), bytes)
        ),
        MemStatsNote::Missing(names) => {
            format!("missing, so that not everything could be judged: {}", names.join(", "))
        }
        MemStatsNote::GoroutinesGrew(Endpoints { first, last }) => {
            format!("goroutines grew from {first} to {last}; two snapshots cannot tell whether they still do")
        }
    }
}

/// What was read beside the snapshots; files without numbers are no news.
pub(in crate::render) fn other_files_read(others: &OtherFiles) -> impl Iterator<Item = String> {
    let joined = others.joined.len();
    let joined = (joined > 0).then(|| {
        let have = if joined == 1 { "has" } else { "have" };
        format!("{} {have} the same snapshots as others, and joined those", count(joined, "file"))
    });
    joined.into_iter()
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
