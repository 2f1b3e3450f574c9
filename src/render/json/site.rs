//! A site, as all documents have it.

use serde::Serialize;

use super::values::Metrics;
use crate::diff::Metric;
use crate::evidence::{GrowthKind, Interval};
use crate::report::{OtherName, Owner, Report, RowEvidence, SiteLine, SiteRow};
use crate::site::RuntimeClass;

#[derive(Serialize)]
pub(super) struct Site<'a> {
    rank: Rank,
    site_id: &'a str,
    function: Option<&'a str>,
    package: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    base_line: Option<i64>,
    owner: Option<OwnerJson<'a>>,
    lines: Vec<LineJson<'a>>,
    #[serde(flatten)]
    flat: Metrics,
    cum: Metrics,
    change: &'static str,
    renamed_from: Option<Vec<OtherNameJson<'a>>>,
    growth: Option<&'static str>,
    evidence: EvidenceJson,
    runtime_class: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct EvidenceJson {
    verdict: &'static str,
    samples_base: u64,
    samples_current: u64,
    p_value: Option<f64>,
    delta_objects_low: Option<i128>,
    delta_objects_high: Option<i128>,
    delta_space_low: Option<i128>,
    delta_space_high: Option<i128>,
    class: Option<&'static str>,
    natural_variation: bool,
}

impl EvidenceJson {
    pub(super) fn new(evidence: &RowEvidence) -> Self {
        // Outwards, so that the whole numbers still hold what they should.
        #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
        let (low, high) =
            (|bounds: Interval| bounds.low.floor() as i128, |bounds: Interval| bounds.high.ceil() as i128);
        EvidenceJson {
            verdict: evidence.significance.name(),
            samples_base: evidence.samples_base,
            samples_current: evidence.samples_current,
            p_value: evidence.p_value,
            delta_objects_low: evidence.objects.map(low),
            delta_objects_high: evidence.objects.map(high),
            delta_space_low: evidence.space.map(low),
            delta_space_high: evidence.space.map(high),
            class: evidence.kind_by_turnover.map(GrowthKind::class_name),
            natural_variation: evidence.varies,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Rank {
    inuse_space: Option<usize>,
    inuse_objects: Option<usize>,
}

#[derive(Serialize)]
struct OtherNameJson<'a> {
    function: &'a str,
    how: &'static str,
    confidence: f64,
}

impl<'a> OtherNameJson<'a> {
    /// `None` if there are none.
    fn all(names: &'a [OtherName]) -> Option<Vec<Self>> {
        let name = |name: &'a OtherName| OtherNameJson {
            function: &name.function,
            how: name.how.name(),
            confidence: name.confidence,
        };
        (!names.is_empty()).then(|| names.iter().map(name).collect())
    }
}

/// What a site allocates at one of its lines.
#[derive(Serialize)]
struct LineJson<'a> {
    function: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    base_line: Option<i64>,
    #[serde(flatten)]
    flat: Metrics,
}

impl<'a> LineJson<'a> {
    fn new(report: &Report, row: &'a SiteRow, line: &'a SiteLine) -> Self {
        LineJson {
            function: line.callee.as_deref().or(row.function.as_deref()),
            file: line.file.as_deref(),
            line: line.line,
            base_line: line.base_line,
            flat: Metrics::new(report, line.change),
        }
    }
}

#[derive(Serialize)]
pub(super) struct OwnerJson<'a> {
    function: &'a str,
    file: Option<&'a str>,
    line: Option<i64>,
}

impl<'a> OwnerJson<'a> {
    pub(super) fn new(owner: &'a Owner) -> Self {
        OwnerJson { function: &owner.function, file: owner.file.as_deref(), line: owner.line }
    }
}

impl<'a> Site<'a> {
    pub(super) fn new(report: &Report, row: &'a SiteRow) -> Self {
        let rank = |metric, rank| report.shows(metric).then_some(rank);
        Site {
            rank: Rank {
                inuse_space: rank(Metric::Space, row.space_rank),
                inuse_objects: rank(Metric::Objects, row.objects_rank),
            },
            site_id: &row.site_id,
            function: row.function.as_deref(),
            package: row.package.as_deref(),
            file: row.file.as_deref(),
            line: row.line,
            base_line: row.base_line,
            owner: row.owner.as_ref().map(OwnerJson::new),
            lines: row.lines.iter().map(|line| LineJson::new(report, row, line)).collect(),
            flat: Metrics::new(report, row.flat),
            cum: Metrics::new(report, row.cum),
            change: row.change_kind.name(),
            renamed_from: OtherNameJson::all(&row.other_names),
            growth: row.kind_by_values.map(|growth| growth.name()),
            evidence: EvidenceJson::new(&row.evidence),
            runtime_class: row.runtime_class.map(RuntimeClass::code),
        }
    }
}
