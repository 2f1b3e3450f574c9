//! The JSON of a series: every number of every snapshot, and the verdict with what it rests on.

use std::io::{self, Write};

use serde::Serialize;

use super::super::units::{Bytes, count};
use super::words::{next, sentence};
use crate::profile::MemStats;
use crate::report::{MemStatsReport, SCHEMA_VERSION};
use crate::series::{Endpoints, HeapPattern};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: &'static str,
    inputs: &'a [String],
    snapshots: Vec<Snapshot<'a>>,
    verdict: Verdict,
    notes: Vec<Note>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

#[derive(Serialize)]
struct Snapshot<'a> {
    input: &'a str,
    counts: bool,
    heap_alloc_bytes: Option<u64>,
    heap_objects: Option<u64>,
    heap_sys_bytes: Option<u64>,
    heap_inuse_bytes: Option<u64>,
    heap_idle_bytes: Option<u64>,
    heap_released_bytes: Option<u64>,
    stack_inuse_bytes: Option<u64>,
    sys_bytes: Option<u64>,
    next_gc_bytes: Option<u64>,
    last_gc_nanos: Option<u64>,
    num_gc: Option<u64>,
    num_forced_gc: Option<u64>,
    max_rss_bytes: Option<u64>,
    goroutines: Option<u64>,
}

impl<'a> Snapshot<'a> {
    fn new(input: &'a str, counts: bool, stats: &MemStats) -> Self {
        Snapshot {
            input,
            counts,
            heap_alloc_bytes: stats.heap_alloc,
            heap_objects: stats.heap_objects,
            heap_sys_bytes: stats.heap_sys,
            heap_inuse_bytes: stats.heap_inuse,
            heap_idle_bytes: stats.heap_idle,
            heap_released_bytes: stats.heap_released,
            stack_inuse_bytes: stats.stack_inuse,
            sys_bytes: stats.sys,
            next_gc_bytes: stats.next_gc,
            last_gc_nanos: stats.last_gc,
            num_gc: stats.num_gc,
            num_forced_gc: stats.num_forced_gc,
            max_rss_bytes: stats.max_rss,
            goroutines: stats.goroutines,
        }
    }
}

#[derive(Serialize)]
struct Verdict {
    code: &'static str,
    sentence: String,
    next: Option<&'static str>,
    also: Vec<Told>,
    basis: Option<&'static str>,
    shape: Option<&'static str>,
    figures: Figures,
}

/// A finding.
#[derive(Serialize)]
struct Told {
    code: &'static str,
    sentence: String,
    next: Option<&'static str>,
}

/// What the verdict rests on.
#[derive(Serialize)]
struct Figures {
    live: Option<Live>,
    heap_objects: Option<FirstLast>,
    stack_inuse_bytes: Option<FirstLast>,
    goroutines: Option<FirstLast>,
    held: Option<Held>,
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
struct Held {
    held_bytes: u64,
    heap_alloc_bytes: u64,
    next_gc_bytes: u64,
    idle_bytes: Option<u64>,
    between_objects_bytes: Option<u64>,
}

#[derive(Serialize)]
struct Note {
    code: &'static str,
    severity: &'static str,
    message: String,
    data: serde_json::Value,
}

/// Writes one object.
pub fn write(report: &MemStatsReport, out: &mut dyn Write) -> io::Result<()> {
    let input = |at: usize| report.inputs.get(at).map_or("", String::as_str);
    let snapshots = report.snapshots.iter().enumerate();
    let left_out = report.assessment.left_out;
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        command: "memstats",
        inputs: &report.inputs,
        snapshots: snapshots.map(|(at, (from, stats))| Snapshot::new(input(*from), at >= left_out, stats)).collect(),
        verdict: Verdict::new(report),
        notes: notes(report),
    };
    serde_json::to_writer(&mut *out, &document)?;
    out.write_all(b"\n")
}

impl Verdict {
    fn new(report: &MemStatsReport) -> Self {
        let found = &report.assessment;
        let told = |finding: HeapPattern| Told {
            code: finding.code(),
            sentence: sentence(finding, report, Bytes::Iec),
            next: next(finding),
        };
        let mut findings = found.patterns.iter().map(|&finding| told(finding));
        let most = findings.next().unwrap_or_else(|| told(HeapPattern::NoGrowth));
        let course = found.course.as_ref();
        Verdict {
            code: most.code,
            sentence: most.sentence,
            next: most.next,
            also: findings.collect(),
            basis: found.source.map(|basis| basis.name()),
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
                held: found.held.map(|held| Held {
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

fn notes(report: &MemStatsReport) -> Vec<Note> {
    let remarks = report.assessment.notes.iter().map(|remark| Note {
        code: remark.code(),
        severity: remark.severity().name(),
        message: remark.message(),
        data: remark.data(),
    });
    let skipped = (!report.skipped.is_empty()).then(|| Note {
        code: "files_skipped",
        severity: "info",
        message: skipped(&report.skipped),
        data: serde_json::json!({ "files": report.skipped }),
    });
    remarks.chain(skipped).collect()
}

/// That files were passed over.
pub(super) fn skipped(files: &[String]) -> String {
    match files {
        [only] => format!("{only} has no runtime.MemStats, and was skipped"),
        [first, ..] => {
            format!("{} such as {first} have no runtime.MemStats, and were skipped", count(files.len(), "file"))
        }
        [] => String::new(),
    }
}
