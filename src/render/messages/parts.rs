//! The sentences on the parts of the process's memory: which of them grew, and what is in one snapshot.

use super::super::units::{Bytes, ends, grouped, value};
use crate::diff::Metric;
use crate::report::MemStatsReport;
use crate::series::{
    Assessment, HeapPattern, LiveHeapSource, MemoryMeasure, MemoryPart, MemoryParts, Shape, UnknownCause,
};

/// From this on NextGC means that there is no goal.
const NO_GOAL: u64 = 1 << 62;

/// A part in words.
pub(in crate::render) fn part_label(part: MemoryPart, parts: &MemoryParts) -> &'static str {
    match part {
        MemoryPart::Objects if parts.is_live_known => "live heap",
        MemoryPart::Objects => "live heap and garbage",
        MemoryPart::Headroom if parts.is_live_known => "garbage and headroom",
        MemoryPart::Headroom => "headroom between objects",
        MemoryPart::Idle => "idle heap not returned",
        MemoryPart::Stacks => "goroutine stacks",
        MemoryPart::Profiler => "the heap profiler's table",
        MemoryPart::Runtime => "the GC's and runtime's own",
        MemoryPart::OutsideGo => "memory outside Go",
    }
}

/// What is taken for all memory, in words.
pub(in crate::render) fn measure_label(measure: MemoryMeasure) -> &'static str {
    match measure {
        MemoryMeasure::Rss => "RSS",
        MemoryMeasure::MaxRss => "MaxRSS, a high-water mark",
        MemoryMeasure::Sys => "Sys - HeapReleased",
    }
}

/// By how much all memory grew, and which part did most; `None` if it did not grow by enough to count.
pub(in crate::render) fn memory_growth(report: &MemStatsReport, bytes: Bytes) -> Option<String> {
    let found = &report.assessment;
    let parts = found.parts.as_ref().filter(|parts| parts.grew())?;
    let amounts = found.amounts.as_ref()?;
    if matches!(found.patterns[..], [HeapPattern::Unknown(UnknownCause::CountersFell(_))]) {
        return None;
    }
    let space = |number: i128| value(Metric::Space, number, bytes);
    let source = match parts.measure? {
        MemoryMeasure::Rss => String::new(),
        measure => format!(" ({})", measure_label(measure)),
    };
    let since = match found.left_out {
        0 => String::new(),
        _ => format!(" since snapshot {}", found.amounts_from + 1),
    };
    let top = parts.largest_growth().and_then(|(part, _)| Some((part, amounts.growth_of(part)?)));
    let most = match top {
        None => "no part of it is known to have grown".to_owned(),
        Some((MemoryPart::OutsideGo, growth)) if parts.measure == Some(MemoryMeasure::MaxRss) => {
            format!("{} of {} at the peak", space(growth), part_label(MemoryPart::OutsideGo, parts))
        }
        Some((part, growth)) => format!("{} of {}", space(growth), part_label(part, parts)),
    };
    // What else grew by a good part of it belongs to the answer.
    let whole = amounts.growth().unwrap_or(0);
    let is_large = |part: MemoryPart| amounts.growth_of(part).is_some_and(|growth| 5 * growth >= whole);
    let is_other = |&part: &MemoryPart| top.is_some_and(|(most, _)| part != most) && is_large(part);
    let others: Vec<_> = MemoryPart::ALL.into_iter().filter(is_other).collect();
    let named = top.into_iter().map(|(_, growth)| growth);
    let named: i128 = named.chain(others.iter().filter_map(|&part| amounts.growth_of(part))).sum();
    let rest = Some(whole - named).filter(|rest| named > 0 && 5 * rest >= whole);
    let rest = rest.map(|rest| format!(", {} of the rest", space(rest))).unwrap_or_default();
    let others = others
        .into_iter()
        .filter_map(|part| Some(format!(", {} of {}", space(amounts.growth_of(part)?), part_label(part, parts))))
        .collect::<String>()
        + &rest;
    let is_live_named = top.is_some_and(|(most, _)| most == MemoryPart::Objects || is_large(MemoryPart::Objects));
    let live = match is_live_named && parts.is_live_known {
        true => String::new(),
        false => format!(", live heap {}", live_heap_change(found, amounts, bytes)),
    };
    let unknown: Vec<_> = parts.unknown().map(|part| part_label(part, parts)).collect();
    let unknown = if unknown.is_empty() { String::new() } else { format!(" Not known: {}.", unknown.join(", ")) };
    Some(format!("Memory grew by {}{source}{since}: {most}{others}{live}.{unknown}", space(amounts.growth()?)))
}

/// How the live heap changed, in a few words.
fn live_heap_change(found: &Assessment, amounts: &MemoryParts, bytes: Bytes) -> String {
    let Some(course) = &found.course else {
        let known = if found.looks_flat { "flat by HeapAlloc and HeapInuse" } else { "not known" };
        return known.to_owned();
    };
    let is_exact = found.source.is_some_and(LiveHeapSource::is_exact);
    let estimate = if is_exact { "" } else { " by NextGC" };
    let of_objects = amounts.growth_of(MemoryPart::Objects).filter(|_| is_exact && amounts.is_live_known);
    match course.shape {
        Shape::Flat => format!("flat{estimate}"),
        _ => format!("{} more{estimate}", value(Metric::Space, of_objects.unwrap_or(course.growth()), bytes)),
    }
}

/// The verdict on a part that grew.
pub(super) fn part_message(pattern: HeapPattern, report: &MemStatsReport, bytes: Bytes) -> [String; 2] {
    let found = &report.assessment;
    let Some(parts) = &found.amounts else { return [String::new(), String::new()] };
    let ends = |part: MemoryPart| {
        let [first, last] = parts.of(part).map(|number| i128::from(number.unwrap_or(0)));
        ends(Metric::Space, [first, last], bytes)
    };
    match pattern {
        HeapPattern::StacksGrew => {
            let snapshots = [report.snapshots.get(found.amounts_from), report.snapshots.last()];
            let goroutines = snapshots.map(|end| end.and_then(|(_, stats)| stats.goroutines));
            let goroutines = goroutines[0]
                .zip(goroutines[1])
                .map(|(first, last)| format!("goroutines: {} → {}", grouped(first.into()), grouped(last.into())));
            let goroutines = goroutines.unwrap_or_else(|| "the number of goroutines is not known".to_owned());
            [format!("{} of goroutine stacks", ends(MemoryPart::Stacks)), goroutines]
        }
        HeapPattern::OutsideGo => {
            let how = match parts.measure {
                Some(MemoryMeasure::MaxRss) => {
                    "MaxRSS - Sys, at the peak; MaxRSS never falls, so it may have been freed since"
                }
                _ => "RSS - (Sys - HeapReleased): cgo, mmap, the program's binary",
            };
            [format!("{} of memory outside Go", ends(MemoryPart::OutsideGo)), how.to_owned()]
        }
        _ => [
            format!("{} in the heap profiler's table of call stacks (BuckHashSys)", ends(MemoryPart::Profiler)),
            "call stacks that are always new, or MemProfileRate=1".to_owned(),
        ],
    }
}

/// What one snapshot says of how far the heap grows, and what it does not know; `None` for a series.
pub(in crate::render) fn single_snapshot_message(report: &MemStatsReport, bytes: Bytes) -> Option<String> {
    let [(_, stats)] = &report.snapshots[..] else { return None };
    let parts = report.assessment.parts.as_ref()?;
    let goal = match stats.next_gc {
        Some(next) if next >= NO_GOAL => {
            Some("With GOGC=off the heap grows until GOMEMLIMIT, if there is one.".to_owned())
        }
        Some(next) => Some(format!(
            "The heap grows to {} (NextGC) before the next collection, about twice the live heap with GOGC=100, the \
             default.",
            value(Metric::Space, next.into(), bytes)
        )),
        None => None,
    };
    let outside = match parts.measure {
        Some(MemoryMeasure::Rss) if report.given_rss.is_some() || parts.of(MemoryPart::OutsideGo)[1].is_some() => None,
        Some(MemoryMeasure::Rss) => Some(NOT_ALL_RESIDENT),
        Some(MemoryMeasure::MaxRss) => Some(
            "MaxRSS is the peak so far, so memory outside Go may differ now: give the RSS by --rss, or /proc/PID/status \
             beside the snapshot.",
        ),
        Some(MemoryMeasure::Sys) | None => Some(
            "Memory outside Go is not known without the RSS: give it by --rss, or /proc/PID/status beside the snapshot.",
        ),
    };
    let sentences: Vec<_> = goal.as_deref().into_iter().chain(outside).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// Why memory outside Go is not known, though the RSS is.
const NOT_ALL_RESIDENT: &str = "Memory outside Go is not known: the RSS is less than Sys - HeapReleased, or one of them \
                                is missing.";

/// What the resident set that the user gave is compared with; `None` if none was given.
pub(in crate::render) fn given_rss_message(report: &MemStatsReport, bytes: Bytes) -> Option<String> {
    let (rss, parts) = (report.given_rss?, report.breakdown.as_ref()?);
    let space = |number: u64| value(Metric::Space, number.into(), bytes);
    let which = if report.snapshots.len() == 1 { "the snapshot" } else { "the last snapshot" };
    Some(match parts.of(MemoryPart::OutsideGo)[1] {
        Some(outside) => format!(
            "--rss {}: {} more than Go holds in {which} (Sys - HeapReleased), {}. That is memory outside Go if both were \
             read at the same time.",
            space(rss),
            space(outside),
            space(rss - outside)
        ),
        None => format!("--rss {}, compared with {which}: {NOT_ALL_RESIDENT}", space(rss)),
    })
}

/// The largest part of the memory at the end, and its size, bytes.
pub(super) fn largest_part(parts: &MemoryParts) -> Option<(MemoryPart, u64)> {
    let known = MemoryPart::ALL.into_iter().rev().filter_map(|part| Some((part, parts.of(part)[1]?)));
    known.max_by_key(|&(_, size)| size)
}

/// What to do after one snapshot, by its largest part.
pub(super) fn single_next_step(parts: Option<&MemoryParts>) -> &'static str {
    match parts.and_then(largest_part).map(|(part, _)| part) {
        Some(MemoryPart::Stacks) => {
            "look at /debug/pprof/goroutine?debug=1; take six or more snapshots under the same load to see what grows"
        }
        Some(MemoryPart::OutsideGo) => {
            "look at /proc/PID/smaps; take six or more snapshots under the same load to see what grows"
        }
        Some(MemoryPart::Profiler) => {
            "look for MemProfileRate=1 and call stacks that are always new; take six or more snapshots under the same \
             load to see what grows"
        }
        Some(MemoryPart::Idle) => {
            "wait to see whether idle memory is returned; take six or more snapshots under the same load to see what \
             grows"
        }
        Some(MemoryPart::Objects) => {
            "a heap profile of the same time shows what is alive: heapdiff PROFILE; take six or more snapshots under \
             the same load to see what grows"
        }
        Some(MemoryPart::Headroom | MemoryPart::Runtime) | None => {
            "take six or more snapshots under the same load to see what grows"
        }
    }
}
