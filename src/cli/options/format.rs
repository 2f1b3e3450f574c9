//! `--format`: every output format, and which commands write it.

use std::path::Path;

use anyhow::{Result, bail};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use crate::cli::options::page::PageKind;
use crate::render::{Export, Format};

/// An output format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OutputFormat {
    /// A report on sites.
    Report(Format),
    /// Stacks for other programs.
    Stacks(Export),
    /// A page or a picture for a browser.
    Page(PageKind),
}

impl OutputFormat {
    pub(crate) const JSON: Self = OutputFormat::Report(Format::Json);

    /// The format of a report on sites. Fails for a format of stacks.
    pub(crate) fn of_report(self) -> Result<Format> {
        match self {
            OutputFormat::Report(format) => Ok(format),
            OutputFormat::Stacks(_) | OutputFormat::Page(_) => bail!("expected a format of reports"),
        }
    }
}

/// A value of `--format`.
pub(crate) struct Choice {
    pub(crate) name: &'static str,
    /// Another name that people type.
    alias: Option<&'static str>,
    help: &'static str,
    pub(crate) format: OutputFormat,
}

impl Choice {
    const fn report(name: &'static str, format: Format, help: &'static str) -> Self {
        Choice { name, alias: None, help, format: OutputFormat::Report(format) }
    }

    const fn stacks(name: &'static str, format: Export, help: &'static str) -> Self {
        Choice { name, alias: None, help, format: OutputFormat::Stacks(format) }
    }

    /// Whether it is what was typed.
    pub(crate) fn is_named(&self, typed: &str) -> bool {
        self.name == typed || self.alias == Some(typed)
    }

    const fn page(name: &'static str, kind: PageKind, help: &'static str) -> Self {
        Choice { name, alias: None, help, format: OutputFormat::Page(kind) }
    }
}

const TABLE: Choice = Choice::report("table", Format::Table, "For people, at a terminal");
const JSON: Choice = Choice::report("json", Format::Json, "One object");
const NDJSON: Choice =
    Choice::report("ndjson", Format::Ndjson, "A line for each function, between a header and a summary");
const ROWS: Choice =
    Choice { help: "A row for each profile and each of its functions, of any number of profiles", ..NDJSON };
const CSV: Choice = Choice::report("csv", Format::Csv, "A row for each function");
const MARKDOWN: Choice =
    Choice { alias: Some("md"), ..Choice::report("markdown", Format::Markdown, "For people, on a page") };
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

const HTML: Choice = Choice::page("html", PageKind::Html, "A page for a browser");
const SVG: Choice = Choice::page("svg", PageKind::Svg, "A flame graph, as the command flame draws it");

/// Formats of `diff`.
pub(crate) const OF_DIFF: &[Choice] = &[TABLE, JSON, NDJSON, CSV, MARKDOWN, HTML, SVG, FOLDED, PPROF, SPEEDSCOPE];
/// Formats of `check`.
pub(crate) const OF_CHECK: &[Choice] = &[TABLE, JSON, NDJSON, CSV, JOB_SUMMARY, GITHUB, JUNIT, SARIF, CODE_QUALITY];
/// Formats of `top`.
pub(crate) const OF_TOP: &[Choice] = &[TABLE, JSON, ROWS, CSV];
/// Formats of `trend`.
pub(crate) const OF_TREND: &[Choice] = &[TABLE, JSON, HTML];
/// Formats of the other commands.
pub(crate) const TABLE_OR_JSON: &[Choice] = &[TABLE, JSON];

/// A parser for `--format` of a command that writes these formats.
pub(crate) fn one_of(choices: &'static [Choice]) -> impl TypedValueParser<Value = OutputFormat> {
    let values = choices.iter().map(|choice| PossibleValue::new(choice.name).aliases(choice.alias).help(choice.help));
    PossibleValuesParser::new(values).try_map(|name| {
        choices.iter().find(|choice| choice.is_named(&name)).map(|choice| choice.format).ok_or("no such format")
    })
}

/// Endings of files, and the formats that they mean, of which a command writes the first that it knows.
const ENDINGS: [(&str, &[&str]); 16] = [
    (".speedscope.json", &["speedscope", "json"]),
    (".json", &["json"]),
    (".ndjson", &["ndjson"]),
    (".jsonl", &["ndjson"]),
    (".csv", &["csv"]),
    (".md", &["markdown"]),
    (".markdown", &["markdown"]),
    (".html", &["html"]),
    (".htm", &["html"]),
    (".svg", &["svg"]),
    (".xml", &["junit"]),
    (".sarif", &["sarif"]),
    (".folded", &["folded"]),
    (".pb.gz", &["pprof"]),
    (".pb", &["pprof"]),
    (".pprof", &["pprof"]),
];

/// Endings of other kinds of files, which a report would not be.
const OTHER_ENDINGS: &[&str] = &[
    ".7z", ".bmp", ".br", ".bz2", ".css", ".db", ".dll", ".doc", ".docx", ".exe", ".gif", ".go", ".gz", ".ico",
    ".jpeg", ".jpg", ".js", ".lz4", ".mod", ".ods", ".odt", ".parquet", ".pdf", ".png", ".ppt", ".pptx", ".ps", ".rar",
    ".so", ".sqlite", ".sum", ".tar", ".tgz", ".tif", ".tiff", ".toml", ".tsv", ".webp", ".xls", ".xlsx", ".xz",
    ".yaml", ".yml", ".zip", ".zst",
];

/// The format to write: what `--json` or `--format` says, or else what the ending of the output file means, or else a
/// table.
///
/// # Errors
///
/// If the command does not write what the ending means, nothing writes such files, or a browser would be given a table.
pub(crate) fn chosen(
    typed: Option<OutputFormat>,
    json: bool,
    output: Option<&Path>,
    choices: &[Choice],
) -> Result<OutputFormat> {
    if json {
        return Ok(OutputFormat::JSON);
    }
    let name = output.and_then(Path::file_name).map(|name| name.to_string_lossy().to_ascii_lowercase());
    let meant = ENDINGS.iter().find(|(ending, _)| name.as_ref().is_some_and(|name| name.ends_with(ending)));
    let shown = output.unwrap_or(Path::new("")).display();
    match (typed, meant) {
        (Some(OutputFormat::Report(Format::Table)), Some((ending, ["html" | "svg"]))) => {
            bail!("{shown}: a table does not belong in a file that ends with {ending}; expected .txt, or --format html")
        }
        (Some(typed), _) => Ok(typed),
        (None, Some((ending, names))) => {
            let find = |name: &&str| choices.iter().find(|choice| choice.name == *name);
            let Some(choice) = names.iter().find_map(find) else {
                let known: Vec<_> = choices.iter().map(|choice| choice.name).collect();
                bail!(
                    "{shown}: the command does not write {ending} files; it writes {}; --format NAME writes one of them to \
                     any file",
                    known.join(", ")
                );
            };
            Ok(choice.format)
        }
        (None, None) => {
            match OTHER_ENDINGS.iter().find(|ending| name.as_ref().is_some_and(|name| name.ends_with(**ending))) {
                Some(ending) => {
                    let known = endings_of(choices);
                    let or = if known.len() > 1 { ", or" } else { " or" };
                    bail!(
                        "{shown}: heapdiff does not write {ending} files; expected a name that ends with {}{or} .txt for a \
                         table; --format NAME writes that format to any file",
                        known.join(", ")
                    )
                }
                None => Ok(TABLE.format),
            }
        }
    }
}

/// The endings that choose one of these formats, the first one of each format.
fn endings_of(choices: &[Choice]) -> Vec<&'static str> {
    let of = |choice: &Choice| {
        ENDINGS.iter().find(|(_, names)| names.first() == Some(&choice.name)).map(|(ending, _)| *ending)
    };
    choices.iter().filter_map(of).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn the_ending_of_a_file_says_what_it_becomes() {
        let of = |name: &str| chosen(None, false, Some(Path::new(name)), OF_DIFF);
        for (name, format) in [
            ("x.JSON", JSON),
            ("x.speedscope.json", SPEEDSCOPE),
            ("x.jsonl", NDJSON),
            ("a.b/x.md", MARKDOWN),
            ("x.htm", HTML),
            ("x.pb.gz", PPROF),
            ("x.txt", TABLE),
            ("json", TABLE),
        ] {
            assert_eq!(of(name).unwrap(), format.format, "{name}");
        }
        for name in ["x.log", "x.out", "x.2024-01-31", "x.zip.txt", "zip", ".zip/x", "/dev/null"] {
            assert_eq!(of(name).unwrap(), TABLE.format, "{name}");
        }
        assert!(of("x.xml").is_err());
        let refused =
            |name: &str, choices| chosen(None, false, Some(Path::new(name)), choices).unwrap_err().to_string();
        assert_eq!(
            refused("a/x.ZIP", TABLE_OR_JSON),
            "a/x.ZIP: heapdiff does not write .zip files; expected a name that ends with .json or .txt for a table; \
             --format NAME writes that format to any file"
        );
        for name in ["x.png", "x.pdf", "x.xlsx", "x.json.gz", "main.go"] {
            let expected = ".json, .ndjson, .csv, .md, .html, .svg, .folded, .pb.gz, .speedscope.json, or .txt";
            assert!(refused(name, OF_DIFF).contains(expected), "{name}");
        }
        let typed = |format: Choice, name: &str| chosen(Some(format.format), false, Some(Path::new(name)), OF_DIFF);
        assert_eq!(typed(CSV, "x.json").unwrap(), CSV.format);
        assert_eq!(typed(TABLE, "x.md").unwrap(), TABLE.format);
        assert_eq!(typed(TABLE, "x.zip").unwrap(), TABLE.format);
        assert!(typed(TABLE, "x.html").is_err());
        let speedscope = chosen(None, false, Some(Path::new("x.speedscope.json")), TABLE_OR_JSON).unwrap();
        assert_eq!(speedscope, OutputFormat::JSON);
    }
}
