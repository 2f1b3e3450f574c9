//! `json` and `ndjson` of a diff or a check.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::head::Head;
use super::notes::{FindingJson, NoteJson, notes};
use super::site::Site;
use super::values::{Metrics, SamplingJson, write_line};
use super::verdict::{ConfigJson, VerdictJson};
use super::whole::WholeJson;
use crate::diff::Metric;
use crate::render::Bytes;
use crate::render::messages::headline;
use crate::report::Report;

/// The sites of a report, one in memory at a time.
struct Sites<'a>(&'a Report);

impl Serialize for Sites<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(sites(self.0))
    }
}

/// Writes one object.
pub(in crate::render) fn write_document(report: &Report, out: &mut dyn Write) -> io::Result<()> {
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
pub(in crate::render) fn write_lines(report: &Report, out: &mut dyn Write) -> io::Result<()> {
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

fn sites(report: &Report) -> impl Iterator<Item = Site<'_>> {
    let list = report.list.as_ref().map_or(&[][..], |list| &list.sites);
    list.iter().map(|&at| Site::new(report, &report.sites[at]))
}

#[derive(Serialize)]
struct Tail<'a> {
    omitted: Omitted,
    headline: Option<String>,
    whole: Option<WholeJson>,
    sampling: SamplingJson,
    notes: Vec<NoteJson>,
    findings: Vec<FindingJson>,
    verdict: Option<VerdictJson<'a>>,
    config: ConfigJson<'a>,
}

#[derive(Serialize)]
struct Omitted {
    sites: usize,
    inuse_objects_delta: Option<i128>,
    inuse_space_delta: Option<i128>,
}

impl<'a> Tail<'a> {
    fn new(report: &'a Report) -> Self {
        let omitted = report.list.as_ref().map(|list| list.omitted).unwrap_or_default();
        let of = |metric: Metric| report.shows(metric).then(|| metric.of(omitted.delta));
        Tail {
            omitted: Omitted {
                sites: omitted.sites,
                inuse_objects_delta: of(Metric::Objects),
                inuse_space_delta: of(Metric::Space),
            },
            headline: headline(report, Bytes::Iec),
            whole: WholeJson::new(report),
            sampling: SamplingJson::new(report),
            notes: notes(&report.notes).collect(),
            findings: report.findings.iter().map(FindingJson::new).collect(),
            verdict: report.gate.as_ref().map(|result| VerdictJson::new(report, result)),
            config: ConfigJson::new(report),
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::Value;

    use crate::gate::Status;
    use crate::render::{Format, SCHEMA, sample};

    /// The schema for users, which here also rejects fields that it does not describe.
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
            report.list = Some(sample::list());
            report.gate.as_mut().unwrap().violations.push(sample::total_violation());
            sample::add_coverage(&mut report);
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
