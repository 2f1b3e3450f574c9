//! `json` and `ndjson`: the contract with scripts. The types here are the wire's, apart from the model.

mod calls;
mod head;
mod notes;
mod trend;
mod verdict;

use std::io::{self, Write};

pub use calls::{write_list, write_peek, write_stacks};
use serde::Serialize;
pub use trend::write as write_trend;
use verdict::VerdictJson;

use super::messages::note_message;
use crate::diff::{Change, Metric};
use crate::evidence::{GrowthKind, Interval};
use crate::report::{List, Owner, Report, RowEvidence, SiteRow};
use head::Head;
pub(super) use notes::{FindingJson, NoteJson};

/// The sites of a report, one in memory at a time.
struct Sites<'a>(&'a Report);

impl Serialize for Sites<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(sites(self.0))
    }
}

/// Writes one object.
pub(super) fn write_document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Document<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        totals: Metrics,
        sites: Sites<'a>,
        #[serde(flatten)]
        tail: Tail<'a>,
    }
    let document = Document {
        head: Head::new(report),
        totals: Metrics::new(report, report.totals),
        sites: Sites(report),
        tail: Tail::new(report),
    };
    write_line(&document, out)
}

/// Writes a header, a line for each site, and a summary.
pub(super) fn write_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<T> {
        r#type: &'static str,
        #[serde(flatten)]
        content: T,
    }
    #[derive(Serialize)]
    struct Summary<'a> {
        totals: Metrics,
        #[serde(flatten)]
        tail: Tail<'a>,
    }
    write_line(&Line { r#type: "header", content: Head::new(report) }, out)?;
    for site in sites(report) {
        write_line(&Line { r#type: "site", content: site }, out)?;
    }
    let summary = Summary { totals: Metrics::new(report, report.totals), tail: Tail::new(report) };
    write_line(&Line { r#type: "summary", content: summary }, out)
}

fn write_line<T: Serialize>(value: &T, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    out.write_all(b"\n")
}

fn sites(report: &Report) -> impl Iterator<Item = Site<'_>> {
    let list = report.lists.first().map_or(&[][..], |list| &list.sites);
    list.iter().map(|&at| Site::new(report, &report.sites[at]))
}

#[derive(Serialize)]
struct Site<'a> {
    rank: Rank,
    site_id: &'a str,
    function: Option<&'a str>,
    package: Option<&'a str>,
    file: Option<&'a str>,
    line: Option<i64>,
    base_line: Option<i64>,
    owner: Option<OwnerJson<'a>>,
    #[serde(flatten)]
    flat: Metrics,
    cum: Metrics,
    change: &'static str,
    growth: Option<&'static str>,
    evidence: EvidenceJson,
}

#[derive(Serialize)]
struct EvidenceJson {
    verdict: &'static str,
    samples_base: u64,
    samples_current: u64,
    p_value: Option<f64>,
    delta_objects_low: Option<i128>,
    delta_objects_high: Option<i128>,
    delta_space_low: Option<i128>,
    delta_space_high: Option<i128>,
    class: Option<&'static str>,
}

impl EvidenceJson {
    fn new(evidence: &RowEvidence) -> Self {
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
            class: evidence.kind.map(GrowthKind::class_name),
        }
    }
}

#[derive(Serialize)]
struct Rank {
    inuse_space: Option<usize>,
    inuse_objects: Option<usize>,
}

#[derive(Serialize)]
struct OwnerJson<'a> {
    function: &'a str,
    file: Option<&'a str>,
    line: Option<i64>,
}

impl<'a> OwnerJson<'a> {
    fn new(owner: &'a Owner) -> Self {
        OwnerJson { function: &owner.function, file: owner.file.as_deref(), line: owner.line }
    }
}

impl<'a> Site<'a> {
    fn new(report: &Report, row: &'a SiteRow) -> Self {
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
            flat: Metrics::new(report, row.flat),
            cum: Metrics::new(report, row.cum),
            change: row.change.name(),
            growth: row.growth.map(|growth| growth.name()),
            evidence: EvidenceJson::new(&row.evidence),
        }
    }
}

#[derive(Serialize)]
struct Metrics {
    inuse_objects: Option<Numbers>,
    inuse_space: Option<Numbers>,
}

impl Metrics {
    fn new(report: &Report, change: Change) -> Self {
        let numbers = |metric| report.shows(metric).then(|| Numbers::new(change, metric));
        Metrics { inuse_objects: numbers(Metric::Objects), inuse_space: numbers(Metric::Space) }
    }
}

#[derive(Serialize)]
struct Numbers {
    base: i128,
    current: i128,
    delta: i128,
    ratio: Option<f64>,
}

impl Numbers {
    fn new(change: Change, metric: Metric) -> Self {
        Numbers {
            base: change.base_of(metric),
            current: change.current_of(metric),
            delta: change.delta_of(metric),
            ratio: change.ratio(metric),
        }
    }
}

#[derive(Serialize)]
struct SamplingJson {
    same_process: bool,
    rate_bytes: Option<f64>,
    detectable_bytes: Option<i64>,
}

#[derive(Serialize)]
struct Tail<'a> {
    omitted: Omitted,
    sampling: SamplingJson,
    notes: Vec<NoteJson>,
    findings: Vec<FindingJson>,
    verdict: Option<VerdictJson<'a>>,
}

#[derive(Serialize)]
struct Omitted {
    sites: usize,
    inuse_objects_delta: Option<i128>,
    inuse_space_delta: Option<i128>,
}

impl SamplingJson {
    fn new(report: &Report) -> Self {
        SamplingJson {
            same_process: report.sampling.same_process,
            rate_bytes: report.sampling.rate_bytes,
            #[allow(clippy::cast_possible_truncation, reason = "bytes")]
            detectable_bytes: report.sampling.detectable_bytes.map(|bytes| bytes.ceil() as i64),
        }
    }
}

fn notes(report: &Report) -> impl Iterator<Item = NoteJson> {
    report.notes.iter().map(|note| NoteJson {
        code: note.code(),
        severity: note.severity().name(),
        message: note_message(note),
        data: note.data(),
    })
}

impl<'a> Tail<'a> {
    fn new(report: &'a Report) -> Self {
        let omitted = report.lists.first().map(|list: &List| list.omitted).unwrap_or_default();
        let of = |metric: Metric| report.shows(metric).then(|| metric.of(omitted.delta));
        Tail {
            omitted: Omitted {
                sites: omitted.sites,
                inuse_objects_delta: of(Metric::Objects),
                inuse_space_delta: of(Metric::Space),
            },
            sampling: SamplingJson::new(report),
            notes: notes(report).collect(),
            findings: report.findings.iter().map(FindingJson::new).collect(),
            verdict: report.gate.as_ref().map(|result| VerdictJson::new(report, result)),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::Value;

    use super::super::{Format, SCHEMA, sample};
    use super::*;
    use crate::gate::Status;

    /// As for users, but a field that the schema does not tell of is a mistake.
    fn strict() -> jsonschema::Validator {
        fn forbid_unknown(schema: &mut Value) {
            match schema {
                Value::Object(map) => {
                    if map.contains_key("properties") {
                        map.insert("additionalProperties".to_owned(), Value::Bool(false));
                    }
                    map.values_mut().for_each(forbid_unknown);
                }
                Value::Array(items) => items.iter_mut().for_each(forbid_unknown),
                _ => {}
            }
        }
        let mut schema = serde_json::from_str(SCHEMA).unwrap();
        forbid_unknown(&mut schema);
        jsonschema::validator_for(&schema).unwrap()
    }

    #[test]
    fn a_check_is_as_the_schema_says() {
        let strict = strict();
        for status in [Status::Pass, Status::Fail, Status::Inconclusive] {
            let mut report = sample::report(status);
            for side in [&mut report.base, &mut report.current] {
                side.compression = "none";
            }
            let all = List {
                metric: Metric::Space,
                sites: vec![0, 1],
                omitted: Default::default(),
                shrank: Default::default(),
            };
            report.lists.push(all);
            report.gate.as_mut().unwrap().violations.push(sample::total_violation());
            for format in [Format::Json, Format::Ndjson] {
                for line in sample::text(&report, format, false).lines() {
                    let json = serde_json::from_str(line).unwrap();
                    let errors: Vec<_> = strict.iter_errors(&json).map(|error| error.to_string()).collect();
                    assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
                }
            }
        }
    }
}
