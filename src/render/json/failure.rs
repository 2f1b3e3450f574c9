//! `json` and `ndjson` of a check that could not be made.

use std::io::{self, Write};

use serde::Serialize;

use super::values::{TOOL, Tool, write_line as write_json};
use super::verdict::VerdictJson;
use crate::report::SCHEMA_VERSION;

#[derive(Serialize)]
struct Failure<'a> {
    schema_version: &'static str,
    tool: Tool,
    command: &'static str,
    verdict: VerdictJson<'a>,
}

impl Failure<'_> {
    fn new(message: &str) -> Self {
        Failure { schema_version: SCHEMA_VERSION, tool: TOOL, command: "check", verdict: VerdictJson::error(message) }
    }
}

/// Writes one object: a verdict, and no sites.
pub(in crate::render) fn write_document(message: &str, out: &mut dyn Write) -> io::Result<()> {
    write_json(&Failure::new(message), out)
}

/// Writes the only line of its kind, without the summary that ends a report.
pub(in crate::render) fn write_line(message: &str, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        r#type: &'static str,
        #[serde(flatten)]
        failure: Failure<'a>,
    }
    write_json(&Line { r#type: "error", failure: Failure::new(message) }, out)
}
