//! Turns a [`Report`] into text, one file per format. A renderer computes nothing; its sentences are in `messages`.

mod alerts;
mod calibration;
mod code_quality;
mod csv;
mod display_names;
mod export;
mod failure;
mod github;
mod json;
mod junit;
mod look;
mod manual;
mod markdown;
mod mem_stats;
pub(crate) mod messages;
mod page;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod sample;
mod sarif;
mod spark;
mod stacks;
mod style;
mod table;
mod text;
mod times;
mod top;
mod trend;
mod trend_sites;
mod units;

use std::io::{self, Write};

pub use calibration::write as calibration;
pub use csv::write_top as top_csv;
pub use display_names::is_shown_as;
pub use export::{Export, Exported, export};
pub use failure::write as failure;
#[cfg(feature = "fetch")]
pub(crate) use json::{TOOL, Tool, to_writer as to_json};
pub use json::{
    write_list as list_json, write_peek as peek_json, write_stacks as stacks_json, write_top as top_json,
    write_top_rows as top_rows, write_trend as trend_json, write_version as version_json,
};
pub use look::Look;
pub use mem_stats::{advice as mem_stats_advice, json as mem_stats_json, table as mem_stats_table};
pub use messages::top::beside_trend_heading;
#[cfg(feature = "fetch")]
pub use messages::{
    INSECURE, Taken, capture_end, interval_not_kept, missing_by_version, missing_profile, no_pass, restarted_before,
    rests_on, retrying, stopped_early, totals_trust, trend_verdict,
};
pub use messages::{explain, explained, file_names, no_series, not_a_series, note_message, one_moment, quoted};
pub use page::{FlamePage, flame, report_page, trend_page};
pub use stacks::groups::write as stacks_table;
pub use stacks::list::write as list_table;
pub use stacks::peek::write as peek_table;
pub use text::sanitize;
pub use top::write as top_table;
pub use trend::{write as trend_table, write_answer as trend_answer, write_next as trend_next};
pub use units::Bytes;

use crate::report::Report;

/// The JSON Schema of `--format json` and of the lines of `--format ndjson`.
pub const SCHEMA: &str = include_str!("schema.json");

/// A format of a report. To add one, write a file for it, and list it here and in the command line's formats. Other
/// commands write only table and json, by functions of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, at a terminal.
    Table,
    /// One object.
    Json,
    /// JSON lines: a header, a line for each site, a summary.
    Ndjson,
    /// A row for each site.
    Csv,
    /// For people, on a page.
    Markdown,
    /// Annotations of GitHub Actions; for checks only.
    Github,
    /// Test results; for checks only.
    Junit,
    /// Results of code scanning; for checks only.
    Sarif,
    /// GitLab's code quality report; for checks only.
    CodeQuality,
}

impl Format {
    /// Whether it is for people, who want to see what grew, rather than for programs, which want everything. CI systems
    /// show theirs to people.
    pub fn is_for_people(self) -> bool {
        match self {
            Format::Table | Format::Markdown => true,
            Format::Github | Format::Junit | Format::Sarif | Format::CodeQuality => true,
            Format::Json | Format::Ndjson | Format::Csv => false,
        }
    }

    /// Its name, as in options.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Format::Table => "table",
            Format::Markdown => "markdown",
            Format::Github => "github",
            Format::Junit => "junit",
            Format::Sarif => "sarif",
            Format::CodeQuality => "code-quality",
            Format::Json => "json",
            Format::Ndjson => "ndjson",
            Format::Csv => "csv",
        }
    }

    /// Whether it contains the notes.
    pub fn shows_notes(self) -> bool {
        !matches!(self, Format::Csv | Format::Github | Format::Junit | Format::CodeQuality)
    }

    /// Whether it contains what a pass is worth and which growth was allowed.
    pub fn shows_coverage(self) -> bool {
        !matches!(self, Format::Csv | Format::CodeQuality)
    }

    /// Whether it points at the lines of the source.
    pub fn points_at_source(self) -> bool {
        matches!(self, Format::Github | Format::Junit | Format::Sarif | Format::CodeQuality)
    }

    /// Whether a CI system reads it from standard output, so that it must not be empty when a check fails to run.
    pub fn is_for_ci(self) -> bool {
        self == Format::Markdown || self.points_at_source()
    }
}

/// Writes a report.
pub fn render(report: &Report, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, look, out),
        Format::Json => json::write_document(report, out),
        Format::Ndjson => json::write_lines(report, out),
        Format::Csv => csv::write(report, out),
        Format::Markdown => markdown::write(report, look.bytes, out),
        Format::Github => github::write(report, look.bytes, out),
        Format::Junit => junit::write(report, look.bytes, out),
        Format::Sarif => sarif::write(report, look.bytes, out),
        Format::CodeQuality => code_quality::write(report, look.bytes, out),
    }
}
