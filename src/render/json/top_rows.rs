//! `ndjson` of many profiles: a row for each, and a row for each of its sites.

use std::io::{self, Write};

use serde::{Serialize, Serializer};

use super::head::MetricNames;
use super::notes::{NoteJson, notes};
use super::top::{OmittedJson, SiteJson, ValuesJson};
use super::values::{TOOL, Tool, write_line};
use crate::report::{Origin, SCHEMA_VERSION, TopReport};

/// What all rows of a profile have.
#[derive(Serialize)]
struct Common<'a> {
    time: Option<&'a str>,
    input: &'a str,
    labels: LabelsJson<'a>,
    granularity: &'static str,
    metrics: MetricNames<'a>,
    period_bytes: i64,
    build_id: Option<&'a str>,
}

/// An object, in the order of the labels.
struct LabelsJson<'a>(&'a [(String, String)]);

impl Serialize for LabelsJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}

#[derive(Serialize)]
struct ProfileRow<'a> {
    r#type: &'static str,
    schema_version: &'static str,
    tool: Tool,
    #[serde(flatten)]
    common: Common<'a>,
    format: &'static str,
    #[serde(flatten)]
    total: ValuesJson,
    sites: usize,
    omitted: OmittedJson,
    notes: Vec<NoteJson>,
}

#[derive(Serialize)]
struct SiteRow<'a> {
    r#type: &'static str,
    #[serde(flatten)]
    common: &'a Common<'a>,
    #[serde(flatten)]
    site: SiteJson<'a>,
}

fn common<'a>(report: &'a TopReport, origin: &'a Origin) -> Common<'a> {
    Common {
        time: origin.time.as_deref(),
        input: report.input.inputs.first().map_or("", String::as_str),
        labels: LabelsJson(&origin.labels),
        granularity: report.granularity.name(),
        metrics: MetricNames::of_top(report),
        period_bytes: report.input.period_bytes,
        build_id: Some(report.input.build_id.as_str()).filter(|id| !id.is_empty()),
    }
}

/// Writes a row for a profile, and a row for each of its sites.
pub fn write(report: &TopReport, origin: &Origin, out: &mut dyn Write) -> io::Result<()> {
    let profile = ProfileRow {
        r#type: "profile",
        schema_version: SCHEMA_VERSION,
        tool: TOOL,
        common: common(report, origin),
        format: report.input.format.name(),
        total: ValuesJson::new(report, report.total),
        sites: report.sites.len(),
        omitted: OmittedJson::new(report),
        notes: notes(&report.notes).collect(),
    };
    write_line(&profile, out)?;
    report.sites.iter().try_for_each(|site| {
        let row = SiteRow { r#type: "profile_site", common: &profile.common, site: SiteJson::new(report, site) };
        write_line(&row, out)
    })
}
