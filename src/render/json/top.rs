//! `json` of one profile.

use std::io::{self, Write};

use serde::Serialize;

use super::super::mem_stats::PartsJson;
use super::head::{Input, MetricNames};
use super::notes::{NoteJson, notes};
use super::values::{TOOL, Tool, write_line};
use crate::diff::Metric;
use crate::report::{Place, SCHEMA_VERSION, TopLine, TopReport, TopSite};
use crate::site::{RuntimeClass, Values};

#[derive(Serialize)]
struct Document<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: &'static str,
    input: Input<'a>,
    granularity: &'static str,
    metrics: MetricNames<'a>,
    totals: ValuesJson,
    sites: Vec<SiteWithLines<'a>>,
    omitted: OmittedJson,
    breakdown: Option<PartsJson>,
    notes: Vec<NoteJson>,
}

#[derive(Serialize)]
pub(super) struct ValuesJson {
    inuse_objects: Option<i128>,
    inuse_space: Option<i128>,
}

impl ValuesJson {
    pub(super) fn new(report: &TopReport, values: Values) -> Self {
        let number =
            |metric: Metric| report.metrics.iter().any(|column| column.metric == metric).then(|| metric.of(values));
        ValuesJson { inuse_objects: number(Metric::Objects), inuse_space: number(Metric::Space) }
    }
}

/// A site without its lines.
#[derive(Serialize)]
pub(super) struct SiteJson<'a> {
    rank: usize,
    site_id: &'a str,
    function: Option<&'a str>,
    package: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    #[serde(flatten)]
    flat: ValuesJson,
    cum: ValuesJson,
    samples: u64,
    runtime_class: Option<&'static str>,
}

impl<'a> SiteJson<'a> {
    pub(super) fn new(report: &TopReport, site: &'a TopSite) -> Self {
        SiteJson {
            rank: site.rank,
            site_id: &site.site_id,
            function: site.function.as_deref(),
            package: site.package.as_deref(),
            file: site.place.file.as_deref(),
            line: site.place.line,
            flat: ValuesJson::new(report, site.flat),
            cum: ValuesJson::new(report, site.cum),
            samples: site.samples,
            runtime_class: site.runtime_class.map(RuntimeClass::code),
        }
    }
}

#[derive(Serialize)]
struct SiteWithLines<'a> {
    #[serde(flatten)]
    site: SiteJson<'a>,
    lines: Vec<LineJson<'a>>,
}

#[derive(Serialize)]
struct LineJson<'a> {
    file: Option<&'a str>,
    line: Option<i64>,
    #[serde(flatten)]
    values: ValuesJson,
}

#[derive(Serialize)]
pub(super) struct OmittedJson {
    sites: usize,
    #[serde(flatten)]
    values: ValuesJson,
}

impl OmittedJson {
    pub(super) fn new(report: &TopReport) -> Self {
        OmittedJson { sites: report.omitted.sites, values: ValuesJson::new(report, report.omitted.values) }
    }
}

impl<'a> MetricNames<'a> {
    pub(super) fn of_top(report: &'a TopReport) -> Self {
        let name = |metric: Metric| {
            report.metrics.iter().find(|column| column.metric == metric).map(|column| column.name.as_str())
        };
        MetricNames { inuse_objects: name(Metric::Objects), inuse_space: name(Metric::Space) }
    }
}

/// Writes one object.
pub fn write(report: &TopReport, out: &mut dyn Write) -> io::Result<()> {
    let breakdown = report.mem_stats.as_ref().and_then(|stats| stats.breakdown.as_ref());
    let document = Document {
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        command: "top",
        input: Input::new(&report.input),
        granularity: report.granularity.name(),
        metrics: MetricNames::of_top(report),
        totals: ValuesJson::new(report, report.total),
        sites: report.sites.iter().map(|site| with_lines(report, site)).collect(),
        omitted: OmittedJson::new(report),
        breakdown: breakdown.map(|parts| PartsJson::new(parts, 1, None)),
        notes: notes(&report.notes).collect(),
    };
    write_line(&document, out)
}

fn with_lines<'a>(report: &TopReport, site: &'a TopSite) -> SiteWithLines<'a> {
    let line = |line: &'a TopLine| {
        let Place { file, line: number } = &line.place;
        LineJson { file: file.as_deref(), line: *number, values: ValuesJson::new(report, line.values) }
    };
    SiteWithLines { site: SiteJson::new(report, site), lines: site.lines.iter().map(line).collect() }
}
