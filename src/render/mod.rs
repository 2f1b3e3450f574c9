//! From a [`Report`] to text, one file per format. A renderer computes nothing.

mod calibration;
mod calls;
mod csv;
mod explain;
mod export;
mod findings;
mod github;
mod json;
mod junit;
mod markdown;
mod mem_stats;
mod names;
mod page;
#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod sample;
mod table;
mod trend;
mod units;
mod verdict;
mod words;

use std::io::{self, Write};

pub use calibration::write as calibration;
pub use calls::list::write as list_table;
pub use calls::peek::write as peek_table;
pub use calls::stacks::write as stacks_table;
pub use explain::explain;
pub use export::{Export, Exported, export};
pub use json::{
    write_list as list_json, write_peek as peek_json, write_stacks as stacks_json, write_trend as trend_json,
};
pub use mem_stats::{json as mem_stats_json, table as mem_stats_table};
pub use page::{FlamePage, flame, report_page, trend_page};
#[cfg(feature = "fetch")]
pub use trend::verdict as trend_verdict;
pub use trend::write as trend_table;
pub use units::Bytes;
pub use words::plain;

use crate::report::Report;

/// The JSON Schema of `--format json` and of the lines of `--format ndjson`.
pub const SCHEMA: &str = include_str!("schema.json");

/// A format of output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// For people, at a terminal.
    Table,
    /// One object.
    Json,
    /// The same, a line for each site.
    Ndjson,
    /// A row for each site.
    Csv,
    /// For people, on a page.
    Markdown,
    /// Annotations of GitHub Actions: of a check only.
    Github,
    /// Test results: of a check only.
    Junit,
}

impl Format {
    /// Whether it is meant for people, who want what grew, rather than for programs, which want it all.
    /// That a CI system stands between changes nothing of that.
    pub fn is_for_people(self) -> bool {
        match self {
            Format::Table | Format::Markdown | Format::Github | Format::Junit => true,
            Format::Json | Format::Ndjson | Format::Csv => false,
        }
    }

    /// Whether notes have a place in it.
    pub fn shows_notes(self) -> bool {
        !matches!(self, Format::Csv | Format::Github | Format::Junit)
    }
}

/// How text for people looks.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to colour growth and shrinkage.
    pub color: bool,
    /// How bytes are written.
    pub bytes: Bytes,
}

/// Writes `report`.
pub fn render(report: &Report, format: Format, look: Look, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Table => table::write(report, look, out),
        Format::Json => json::write_document(report, out),
        Format::Ndjson => json::write_lines(report, out),
        Format::Csv => csv::write(report, out),
        Format::Markdown => markdown::write(report, look.bytes, out),
        Format::Github => github::write(report, look.bytes, out),
        Format::Junit => junit::write(report, look.bytes, out),
    }
}
