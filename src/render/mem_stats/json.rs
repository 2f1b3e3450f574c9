//! `json` of a series of `runtime.MemStats`: every number of every snapshot, and the verdict with its figures.

use std::io::{self, Write};

use serde::Serialize;

use super::super::json::{NoteJson, TOOL, Tool, write_line};
use super::super::messages::{
    given_rss_message, mem_stats_headline, mem_stats_note_message, memory_growth, other_files, pattern_message,
    pattern_next_step,
};
use super::super::units::Bytes;
use crate::profile::MemStats;
use crate::report::{MemStatsReport, SCHEMA_VERSION, Severity};
use crate::series::{Endpoints, HeapPattern, MemoryMeasure, MemoryPart, MemoryParts};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: &'static str,
    headline: String,
    inputs: &'a [String],
    snapshots: Vec<SnapshotJson<'a>>,
    parts: Option<PartsJson>,
    breakdown: Option<PartsJson>,
    verdict: VerdictJson,
    notes: Vec<NoteJson>,
}

#[derive(Serialize)]
struct SnapshotJson<'a> {
    input: &'a str,
    counts: bool,
    heap_alloc_bytes: Option<u64>,
    heap_objects: Option<u64>,
    heap_sys_bytes: Option<u64>,
    heap_inuse_bytes: Option<u64>,
    heap_idle_bytes: Option<u64>,
    heap_released_bytes: Option<u64>,
    stack_inuse_bytes: Option<u64>,
    stack_sys_bytes: Option<u64>,
    mspan_sys_bytes: Option<u64>,
    mcache_sys_bytes: Option<u64>,
    buck_hash_sys_bytes: Option<u64>,
    gc_sys_bytes: Option<u64>,
    other_sys_bytes: Option<u64>,
    sys_bytes: Option<u64>,
    rss_bytes: Option<u64>,
    next_gc_bytes: Option<u64>,
    last_gc_nanos: Option<u64>,
    num_gc: Option<u64>,
    num_forced_gc: Option<u64>,
    max_rss_bytes: Option<u64>,
    goroutines: Option<u64>,
    heap_live_bytes: Option<u64>,
    gogc_percent: Option<u64>,
    memory_limit_bytes: Option<u64>,
}

impl<'a> SnapshotJson<'a> {
    fn new(input: &'a str, counts: bool, stats: &MemStats) -> Self {
        SnapshotJson {
            input,
            counts,
            heap_alloc_bytes: stats.heap_alloc,
            heap_objects: stats.heap_objects,
            heap_sys_bytes: stats.heap_sys,
            heap_inuse_bytes: stats.heap_inuse,
            heap_idle_bytes: stats.heap_idle,
            heap_released_bytes: stats.heap_released,
            stack_inuse_bytes: stats.stack_inuse,
            stack_sys_bytes: stats.stack_sys,
            mspan_sys_bytes: stats.mspan_sys,
            mcache_sys_bytes: stats.mcache_sys,
            buck_hash_sys_bytes: stats.buck_hash_sys,
            gc_sys_bytes: stats.gc_sys,
            other_sys_bytes: stats.other_sys,
            sys_bytes: stats.sys,
            rss_bytes: stats.rss,
            next_gc_bytes: stats.next_gc,
            last_gc_nanos: stats.last_gc,
            num_gc: stats.num_gc,
            num_forced_gc: stats.num_forced_gc,
            max_rss_bytes: stats.max_rss,
            goroutines: stats.goroutines,
            heap_live_bytes: stats.heap_live,
            gogc_percent: stats.gogc_percent,
            memory_limit_bytes: stats.memory_limit,
        }
    }
}

#[derive(Serialize)]
struct VerdictJson {
    code: &'static str,
    sentence: String,
    next: Option<String>,
    also: Vec<PatternJson>,
    basis: Option<&'static str>,
    trust: &'static str,
    shape: Option<&'static str>,
    figures: Figures,
}

/// The memory of the process and its parts.
#[derive(Serialize)]
pub(in crate::render) struct PartsJson {
    sentence: Option<String>,
    first_snapshot: usize,
    measure: Option<&'static str>,
    whole: PartJson,
    live_heap: PartJson,
    live_heap_and_garbage: PartJson,
    headroom: PartJson,
    idle: PartJson,
    stacks: PartJson,
    profiler: PartJson,
    runtime: PartJson,
    outside_go: PartJson,
}

#[derive(Serialize)]
struct PartJson {
    first_bytes: Option<u64>,
    last_bytes: Option<u64>,
}

impl From<[Option<u64>; 2]> for PartJson {
    fn from([first_bytes, last_bytes]: [Option<u64>; 2]) -> Self {
        PartJson { first_bytes, last_bytes }
    }
}

impl PartsJson {
    /// `from`: the snapshot that the parts begin with, counted from 1.
    pub(in crate::render) fn new(parts: &MemoryParts, from: usize, sentence: Option<String>) -> Self {
        let objects_if =
            |shown: bool| PartJson::from(parts.of(MemoryPart::Objects).map(|number| number.filter(|_| shown)));
        PartsJson {
            sentence,
            first_snapshot: from,
            measure: parts.measure.map(MemoryMeasure::name),
            whole: parts.whole.into(),
            live_heap: objects_if(parts.is_live_known),
            live_heap_and_garbage: objects_if(!parts.is_live_known),
            headroom: parts.of(MemoryPart::Headroom).into(),
            idle: parts.of(MemoryPart::Idle).into(),
            stacks: parts.of(MemoryPart::Stacks).into(),
            profiler: parts.of(MemoryPart::Profiler).into(),
            runtime: parts.of(MemoryPart::Runtime).into(),
            outside_go: parts.of(MemoryPart::OutsideGo).into(),
        }
    }
}

/// A pattern that the numbers suggest.
#[derive(Serialize)]
struct PatternJson {
    code: &'static str,
    sentence: String,
    next: Option<String>,
}

/// The figures behind the verdict.
#[derive(Serialize)]
struct Figures {
    live: Option<Live>,
    heap_objects: Option<FirstLast>,
    stack_inuse_bytes: Option<FirstLast>,
    goroutines: Option<FirstLast>,
    held: Option<HeldJson>,
}

#[derive(Serialize)]
struct Live {
    first_bytes: u64,
    middle_bytes: u64,
    last_bytes: u64,
    delta_bytes: i128,
    tolerance_bytes: u64,
    snapshots: usize,
    delta_bytes_a_snapshot: Option<[i128; 2]>,
    least_bytes: [u64; 2],
    largest_step_bytes: i128,
}

#[derive(Serialize)]
struct FirstLast {
    first: u64,
    last: u64,
    delta: i128,
}

impl From<Endpoints> for FirstLast {
    fn from(ends: Endpoints) -> Self {
        FirstLast { first: ends.first, last: ends.last, delta: ends.delta() }
    }
}

#[derive(Serialize)]
struct HeldJson {
    held_bytes: u64,
    heap_alloc_bytes: u64,
    next_gc_bytes: u64,
    idle_bytes: Option<u64>,
    between_objects_bytes: Option<u64>,
}

/// Writes one object.
pub fn write(report: &MemStatsReport, out: &mut dyn Write) -> io::Result<()> {
    let input = |at: usize| report.inputs.get(at).map_or("", String::as_str);
    let snapshots = report.snapshots.iter().enumerate();
    let left_out = report.assessment.left_out;
    let document =
        Document {
            schema_version: SCHEMA_VERSION,
            tool: TOOL,
            command: "memstats",
            headline: mem_stats_headline(report, Bytes::Iec),
            inputs: &report.inputs,
            snapshots: snapshots
                .map(|(at, (from, stats))| SnapshotJson::new(input(*from), at >= left_out, stats))
                .collect(),
            parts: report.assessment.amounts.as_ref().map(|parts| {
                PartsJson::new(parts, report.assessment.amounts_from + 1, memory_growth(report, Bytes::Iec))
            }),
            breakdown: report
                .breakdown
                .as_ref()
                .map(|parts| PartsJson::new(parts, report.snapshots.len(), given_rss_message(report, Bytes::Iec))),
            verdict: VerdictJson::new(report),
            notes: notes(report),
        };
    write_line(&document, out)
}

impl VerdictJson {
    fn new(report: &MemStatsReport) -> Self {
        let found = &report.assessment;
        let pattern_json = |pattern: HeapPattern| PatternJson {
            code: pattern.code(),
            sentence: sentence(pattern_message(pattern, report, Bytes::Iec)),
            next: pattern_next_step(pattern, report).map(|step| step.text()),
        };
        let mut patterns = found.patterns.iter().map(|&pattern| pattern_json(pattern));
        let most = patterns.next().unwrap_or_else(|| pattern_json(HeapPattern::NoGrowth));
        let course = found.course.as_ref();
        VerdictJson {
            code: most.code,
            sentence: most.sentence,
            next: most.next,
            also: patterns.collect(),
            basis: found.source.map(|basis| basis.name()),
            trust: found.trust(),
            shape: course.map(|course| course.shape.name()),
            figures: Figures {
                live: course.map(|course| Live {
                    first_bytes: course.first,
                    middle_bytes: course.middle,
                    last_bytes: course.last,
                    delta_bytes: course.growth(),
                    tolerance_bytes: course.tolerance,
                    snapshots: course.snapshots,
                    delta_bytes_a_snapshot: course.growth_per_snapshot(),
                    least_bytes: course.least,
                    largest_step_bytes: course.largest_step.1,
                }),
                heap_objects: found.objects.map(FirstLast::from),
                stack_inuse_bytes: found.stacks.map(FirstLast::from),
                goroutines: found.goroutines.map(FirstLast::from),
                held: found.held.map(|held| HeldJson {
                    held_bytes: held.held,
                    heap_alloc_bytes: held.alloc,
                    next_gc_bytes: held.next_gc,
                    idle_bytes: held.idle,
                    between_objects_bytes: held.between,
                }),
            },
        }
    }
}

/// A pattern's sentence with its figures, if it has some.
fn sentence([sentence, figures]: [String; 2]) -> String {
    if figures.is_empty() { sentence } else { format!("{sentence}; {figures}") }
}

fn notes(report: &MemStatsReport) -> Vec<NoteJson> {
    let of_series = report.assessment.notes.iter();
    let of_series = of_series
        .map(|note| NoteJson::new(note.code(), note.severity(), mem_stats_note_message(note, Bytes::Iec), note.data()));
    let of_files = other_files(&report.others)
        .into_iter()
        .map(|(code, files, text)| NoteJson::new(code, Severity::Info, text, serde_json::json!({ "files": files })));
    of_series.chain(of_files).collect()
}
