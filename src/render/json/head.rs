//! The start of every document: what was compared, and how.

use serde::Serialize;

use super::values::{TOOL, Tool};
use crate::diff::Metric;
use crate::report::{Operations, Report, SCHEMA_VERSION, SideInfo};
use crate::site::{Factors, Scale};

#[derive(Serialize)]
pub(super) struct Head<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: &'static str,
    base: Input<'a>,
    current: Input<'a>,
    granularity: &'static str,
    metrics: MetricNames<'a>,
    per_profile: Option<PerProfile>,
    per_operation: Option<PerOperation<'a>>,
    normalized: Option<Normalized>,
    matching: MatchingJson,
}

/// Functions that are on one side only, or under another name there.
#[derive(Serialize)]
struct MatchingJson {
    pairs: usize,
    unpaired_gone: usize,
    unpaired_new: usize,
}

/// Sample type of each metric; null if the profiles do not have it.
#[derive(Serialize)]
pub(super) struct MetricNames<'a> {
    pub(super) inuse_objects: Option<&'a str>,
    pub(super) inuse_space: Option<&'a str>,
}

/// Number of profiles that the values of each side are divided by.
#[derive(Serialize)]
struct PerProfile {
    base: u32,
    current: u32,
}

/// The benchmark whose operations the values of each side are divided by.
#[derive(Serialize)]
struct PerOperation<'a> {
    benchmark: &'a str,
    base: u64,
    current: u64,
    base_basis: &'static str,
    current_basis: &'static str,
    undivided: Undivided,
}

/// The totals of both sides, not divided.
#[derive(Serialize)]
struct Undivided {
    inuse_objects: Sums,
    inuse_space: Sums,
}

#[derive(Serialize)]
struct Sums {
    base: i128,
    current: i128,
}

/// The factors that scale the current side to the totals of the base.
#[derive(Serialize)]
struct Normalized {
    inuse_objects: f64,
    inuse_space: f64,
}

impl<'a> PerOperation<'a> {
    fn new(base: &Operations, current: &'a Operations) -> Self {
        let sums = |metric: Metric| Sums { base: metric.of(base.allocated), current: metric.of(current.allocated) };
        PerOperation {
            benchmark: &current.benchmark,
            base: base.count,
            current: current.count,
            base_basis: base.basis.name(),
            current_basis: current.basis.name(),
            undivided: Undivided { inuse_objects: sums(Metric::Objects), inuse_space: sums(Metric::Space) },
        }
    }
}

impl<'a> Head<'a> {
    /// Starts a document of another command than the report's.
    pub(super) fn of(command: &'static str, report: &'a Report) -> Self {
        Head { command, ..Head::new(report) }
    }

    pub(super) fn new(report: &'a Report) -> Self {
        let name = |metric| report.shows(metric).then(|| report.name(metric));
        Head {
            schema_version: SCHEMA_VERSION,
            tool: TOOL,
            command: report.command,
            base: Input::new(&report.base),
            current: Input::new(&report.current),
            granularity: report.granularity.name(),
            metrics: MetricNames { inuse_objects: name(Metric::Objects), inuse_space: name(Metric::Space) },
            per_profile: match report.scales {
                [Scale::PerProfile(base), Scale::PerProfile(current)] => Some(PerProfile { base, current }),
                _ => None,
            },
            per_operation: match (&report.base.operations, &report.current.operations) {
                (Some(base), Some(current)) => Some(PerOperation::new(base, current)),
                _ => None,
            },
            normalized: match report.scales[1] {
                Scale::Normalized(Factors { objects, space }) => {
                    Some(Normalized { inuse_objects: objects, inuse_space: space })
                }
                _ => None,
            },
            matching: MatchingJson {
                pairs: report.matching.pairs(),
                unpaired_gone: report.matching.unpaired_gone.len(),
                unpaired_new: report.matching.unpaired_new.len(),
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct Input<'a> {
    inputs: &'a [String],
    format: &'static str,
    time_nanos: i64,
    period_bytes: i64,
    samples: u64,
    sample_types: Vec<SampleType<'a>>,
    build_id: &'a str,
    compression: &'static str,
}

#[derive(Serialize)]
struct SampleType<'a> {
    r#type: &'a str,
    unit: &'a str,
}

impl<'a> Input<'a> {
    pub(super) fn new(side: &'a SideInfo) -> Self {
        Input {
            inputs: &side.inputs,
            format: side.format.name(),
            time_nanos: side.time_nanos,
            period_bytes: side.period_bytes,
            samples: side.samples,
            sample_types: side.sample_types.iter().map(|(kind, unit)| SampleType { r#type: kind, unit }).collect(),
            build_id: &side.build_id,
            compression: side.compression,
        }
    }
}
