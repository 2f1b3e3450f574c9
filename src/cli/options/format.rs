//! `--format`: every output format, and which commands write it.

use anyhow::{Result, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::render::{Export, Format};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// A report on sites.
    Report(Format),
    /// Stacks for other programs.
    Stacks(Export),
}

impl OutputFormat {
    pub(crate) const JSON: Self = OutputFormat::Report(Format::Json);

    /// The format of a report on sites. Fails for a format of stacks.
    pub(crate) fn of_report(self) -> Result<Format> {
        match self {
            OutputFormat::Report(format) => Ok(format),
            OutputFormat::Stacks(_) => bail!("expected a format of reports, not of stacks"),
        }
    }
}

/// A value of `--format`.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    help: &'static str,
    pub(crate) format: OutputFormat,
}

impl Choice {
    const fn report(name: &'static str, format: Format, help: &'static str) -> Self {
        Choice { name, help, format: OutputFormat::Report(format) }
    }

    const fn stacks(name: &'static str, format: Export, help: &'static str) -> Self {
        Choice { name, help, format: OutputFormat::Stacks(format) }
    }
}

const TABLE: Choice = Choice::report("table", Format::Table, "For people, at a terminal");
const JSON: Choice = Choice::report("json", Format::Json, "One object");
const NDJSON: Choice = Choice::report("ndjson", Format::Ndjson, "A line for each site, between a header and a summary");
const CSV: Choice = Choice::report("csv", Format::Csv, "A row for each site");
const MARKDOWN: Choice = Choice::report("markdown", Format::Markdown, "For people, on a page");
const JOB_SUMMARY: Choice = Choice { help: "For people, on a page, such as a job's summary", ..MARKDOWN };
const GITHUB: Choice = Choice::report("github", Format::Github, "Annotations of GitHub Actions");
const JUNIT: Choice = Choice::report("junit", Format::Junit, "A test report as JUnit writes it");
const SARIF: Choice = Choice::report("sarif", Format::Sarif, "SARIF 2.1.0, for code scanning");
const CODE_QUALITY: Choice =
    Choice::report("code-quality", Format::CodeQuality, "A code quality report for GitLab's merge requests");
const FOLDED: Choice = Choice::stacks(
    "folded",
    Export::Folded,
    "A line for each stack, with the values of both sides: what flame graphs are made of",
);
const PPROF: Choice = Choice::stacks(
    "pprof",
    Export::Pprof,
    "A profile that go tool pprof shows as a diff: the base's samples are below 0 in it",
);
const SPEEDSCOPE: Choice = Choice::stacks(
    "speedscope",
    Export::Speedscope,
    "For speedscope.app: what grew, the current side and the base, of each metric",
);

/// Formats of `diff`.
pub(crate) const OF_DIFF: &[Choice] = &[TABLE, JSON, NDJSON, CSV, MARKDOWN, FOLDED, PPROF, SPEEDSCOPE];
/// Formats of `check`.
pub(crate) const OF_CHECK: &[Choice] = &[TABLE, JSON, NDJSON, CSV, JOB_SUMMARY, GITHUB, JUNIT, SARIF, CODE_QUALITY];
/// Formats of the commands on stacks and on series.
pub(crate) const TABLE_OR_JSON: &[Choice] = &[TABLE, JSON];

/// A parser for `--format` of a command that writes these formats.
pub(crate) fn one_of(choices: &'static [Choice]) -> impl TypedValueParser<Value = OutputFormat> {
    let values = choices.iter().map(|choice| PossibleValue::new(choice.name).help(choice.help));
    PossibleValuesParser::new(values).try_map(|name| {
        choices.iter().find(|choice| choice.name == name).map(|choice| choice.format).ok_or("no such format")
    })
}
