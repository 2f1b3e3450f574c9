//! What every format says instead of a report when a check could not be made. No format may look like a pass then, nor
//! like an earlier report.

use std::io::{self, Write};

use super::messages::NO_CHECK;
use super::text::sanitize;
use super::{Format, code_quality, csv, github, json, junit, markdown, sarif};

/// Writes why a check could not be made: `message`, of one or more lines.
pub fn write(message: &str, format: Format, out: &mut dyn Write) -> io::Result<()> {
    // Text from a file must not control the terminal.
    let message = message.lines().map(sanitize).collect::<Vec<_>>().join("\n");
    let text = format!("{NO_CHECK}: {message}");
    match format {
        Format::Table => writeln!(out, "ERROR: {text}"),
        Format::Json => json::write_failed_document(&message, out),
        Format::Ndjson => json::write_failed_line(&message, out),
        Format::Csv => csv::write_failure(&text, out),
        Format::Markdown => markdown::write_failure(&text, out),
        Format::Github => github::write_failure(&text, out),
        Format::Junit => junit::write_failure(&text, out),
        Format::Sarif => sarif::write_failure(&text, out),
        Format::CodeQuality => code_quality::write_failure(&text, out),
    }
}
