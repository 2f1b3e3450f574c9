//! `--report`: files that get the report beside the output, each in a format of its own.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Command;

use crate::cli::options::format::{self, Choice};
use crate::cli::options::words::{Word, words};
use crate::cli::options::{OutputFormat, config};
use crate::input;
use crate::render::Format;

/// The file that a job's steps append their summaries to: GitHub Actions sets it.
const STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";

/// A value of `--report`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportFile {
    pub(crate) format: Format,
    pub(crate) path: PathBuf,
    /// Whether the report is added to what the file has: the summary of a job is of all its steps.
    pub(crate) appends: bool,
}

impl ReportFile {
    /// Parses `FORMAT=FILE`.
    pub(crate) fn parse(text: &str, choices: &[Choice]) -> Result<Self> {
        Self::parse_with(text, choices, env::var_os(STEP_SUMMARY).as_deref())
    }

    /// `summary`: the file of the job's summary.
    fn parse_with(text: &str, choices: &[Choice], summary: Option<&OsStr>) -> Result<Self> {
        let Some((name, path)) = text.split_once('=') else {
            bail!("expected FORMAT=FILE, such as junit=heap.xml");
        };
        let Some(choice) = choices.iter().find(|choice| choice.name == name) else {
            let names: Vec<_> = choices.iter().map(|choice| choice.name).collect();
            bail!("unknown report format {name:?}: expected one of {}", names.join(", "));
        };
        let OutputFormat::Report(format) = choice.format else {
            bail!("{name} is a stack format, not a report format");
        };
        match path {
            "" => bail!("expected a file after {name}=: is a variable not set?"),
            "-" => bail!("standard output has the output of --format: expected a file after {name}="),
            _ => {}
        }
        let path = PathBuf::from(path);
        let appends = format == Format::Markdown && summary.is_some_and(|summary| summary == path);
        Ok(ReportFile { format, path, appends })
    }
}

/// Where the report was to go, in arguments that cannot be parsed as a whole.
pub(crate) struct TypedOutputs {
    /// The format of standard output; `None` if the report was to go to a file, or the format is unknown.
    pub(crate) stdout: Option<Format>,
    /// The file of `--output`, and those of `--report`.
    pub(crate) files: Vec<ReportFile>,
}

impl TypedOutputs {
    /// Leaves out a file that another argument may name as well, as it may be an input.
    pub(crate) fn new(typed: &TypedOptions<'_>, choices: &[Choice]) -> Self {
        let TypedOptions { reports, output, format, paths, .. } = typed;
        let format = format.map_or_else(
            || format::chosen(None, false, *output, choices).ok(),
            |name| choices.iter().find(|choice| choice.is_named(name)).map(|choice| choice.format),
        );
        let format = format.and_then(|format| format.of_report().ok());
        // What ends like another kind of file is left as it is: it may have been meant as an input.
        let is_report = |output: &&Path| format::chosen(None, false, Some(output), choices).is_ok();
        let output_file = output.filter(is_report).zip(format);
        let output_file =
            output_file.map(|(output, format)| ReportFile { format, path: output.to_owned(), appends: false });
        let reports = reports.iter().flat_map(|report| ReportFile::parse(report, choices));
        let config = config::nearest();
        let paths: Vec<_> = paths.iter().copied().chain(config.as_deref()).collect();
        let is_free = |report: &ReportFile| {
            !paths.iter().any(|path| is_same_file(path, &report.path) || is_in_folder(path, &report.path))
        };
        let mut files: Vec<ReportFile> = Vec::new();
        for report in output_file.into_iter().chain(reports).filter(is_free) {
            if !files.iter().any(|known| is_same_file(&known.path, &report.path)) {
                files.push(report);
            }
        }
        TypedOutputs { stdout: format.filter(|_| output.is_none()), files }
    }
}

/// Arguments that cannot be parsed as a whole, as far as they say what was to be run and where its report goes.
#[derive(Default)]
pub(crate) struct TypedOptions<'a> {
    /// The first word that is neither an option nor a value, and its place: it may be a command's name.
    pub(crate) first: Option<(usize, &'a OsStr)>,
    /// The values of `--report`.
    reports: Vec<&'a str>,
    /// That of `--output`.
    output: Option<&'a Path>,
    /// That of `--format`, or json; empty if it is missing.
    format: Option<&'a str>,
    /// All others that may be a path.
    paths: Vec<&'a Path>,
}

impl<'a> TypedOptions<'a> {
    /// `args`: without the program's name. `known` has the options, its subcommands more of them.
    pub(crate) fn new(args: &'a [OsString], known: &'a Command) -> Self {
        let mut typed = TypedOptions::default();
        for word in words(args, known) {
            match word {
                Word::Option("report", value) => typed.reports.extend(value.and_then(OsStr::to_str)),
                Word::Option("output", value) => {
                    typed.output = value.filter(|file| !file.is_empty()).map(Path::new).or(typed.output);
                }
                Word::Option("format", value) => typed.format = Some(value.and_then(OsStr::to_str).unwrap_or_default()),
                Word::Option("json", _) => typed.format = Some("json"),
                Word::Bare(at, word) if typed.first.is_none() => typed.first = Some((at, word)),
                Word::Option(_, value) => typed.paths.extend(value.map(Path::new)),
                Word::Value(path) | Word::Bare(_, path) => typed.paths.push(Path::new(path)),
            }
        }
        typed
    }
}

/// Fails if an output is one of the files that are read.
pub(crate) fn refuse_overwriting<'p>(
    output: Option<&Path>,
    inputs: impl IntoIterator<Item = &'p PathBuf>,
) -> Result<()> {
    let Some(output) = output else { return Ok(()) };
    let is_overwritten =
        |input: &PathBuf| input != Path::new(input::STDIN) && !input::is_url(input) && is_same_file(input, output);
    match inputs.into_iter().any(is_overwritten) {
        true => bail!("{} is an input, which the report would overwrite", input::shown(output)),
        false => Ok(()),
    }
}

/// Whether two paths lead to one file, which need not exist.
pub(crate) fn is_same_file(a: &Path, b: &Path) -> bool {
    a == b || resolved(a).is_some_and(|a| Some(a) == resolved(b))
}

/// Whether a file, which need not exist, is in this folder.
pub(crate) fn is_in_folder(folder: &Path, file: &Path) -> bool {
    folder.is_dir() && is_same_file(folder, folder_of(file))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The path without links; of a file that does not exist, its folder without links.
fn resolved(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| Some(folder_of(path).canonicalize().ok()?.join(path.file_name()?)))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use clap::Args;

    use super::*;
    use crate::cli::check::CheckArgs;
    use crate::cli::options::format::{OF_CHECK, OF_DIFF};

    #[test]
    fn what_a_report_is() {
        let parse = |text: &str| ReportFile::parse_with(text, OF_CHECK, Some(OsStr::new("/tmp/summary")));
        let report = |format, path: &str, appends| ReportFile { format, path: path.into(), appends };
        assert_eq!(parse("junit=a/heap.xml").unwrap(), report(Format::Junit, "a/heap.xml", false));
        assert_eq!(parse("json=a=b").unwrap(), report(Format::Json, "a=b", false));
        assert_eq!(parse("markdown=/tmp/summary").unwrap(), report(Format::Markdown, "/tmp/summary", true));
        assert_eq!(parse("markdown=/tmp/other").unwrap(), report(Format::Markdown, "/tmp/other", false));
        assert_eq!(parse("json=/tmp/summary").unwrap(), report(Format::Json, "/tmp/summary", false));
        for (text, error) in [
            ("heap.xml", "expected FORMAT=FILE, such as junit=heap.xml"),
            ("junit=", "expected a file after junit=: is a variable not set?"),
            ("json=-", "standard output has the output of --format: expected a file after json="),
            (
                "html=a",
                "unknown report format \"html\": expected one of table, json, ndjson, csv, markdown, github, \
                 junit, sarif, code-quality",
            ),
        ] {
            assert_eq!(parse(text).unwrap_err().to_string(), error);
        }
        let stacks = ReportFile::parse_with("pprof=a", OF_DIFF, None).unwrap_err();
        assert_eq!(stacks.to_string(), "pprof is a stack format, not a report format");
    }

    /// What is found in the arguments of a check.
    fn found(args: &[&str]) -> TypedOutputs {
        let known = CheckArgs::augment_args(Command::new("check"));
        let args: Vec<_> = ["check"].iter().chain(args).map(OsString::from).collect();
        TypedOutputs::new(&TypedOptions::new(&args, &known), OF_CHECK)
    }

    #[test]
    fn reports_are_found_in_arguments_that_make_no_sense() {
        let found = |args: &[&str]| -> Vec<String> {
            found(args).files.iter().map(|report| report.path.display().to_string()).collect()
        };
        assert_eq!(found(&["--nosuch", "--report", "junit=a.xml", "--report=csv=b.csv"]), ["a.xml", "b.csv"]);
        assert_eq!(found(&["--report", "junit=a.xml", "--report", "csv=./a.xml", "--report"]), ["a.xml"]);
        assert_eq!(found(&["--report", "json=a", "--", "--report", "json=b", "--report=json=c"]), ["a"]);
        assert_eq!(found(&["--report", "html=a", "--report", "json=b", "--base=./b", "--report=json=c", "c"]), [""; 0]);
        for output in [&["-o", "a.md"][..], &["-oa.md"], &["-o=a.md"], &["-vo", "a.md"], &["--output", "a.md"]] {
            assert_eq!(found(&[output, &["x", "--nosuch"]].concat()), ["a.md"]);
            assert_eq!(found(&[output, &["a.md", "--nosuch"]].concat()), [""; 0]);
            assert_eq!(found(&[output, &["--bench", "x", "a.md"]].concat()), [""; 0]);
        }
        // An input may have the command's name, and what begins with a dash is no file.
        for args in [
            &["check", "a", "--nosuch", "-ocheck"][..],
            &["check", "a", "--nosuch", "--report", "json=check"],
            &["a", "b", "-o", "--json"],
            &["a", "b", "-o", "--"],
            &["a", "b", "-o", "--nosuch", "--report", "--nosuch"],
            &["a", "b", "--output=", "--report=json="],
            &["a", "b", "-output", "x.json", "--json"],
            &["a", "-top", "b"],
        ] {
            assert_eq!(found(args), [""; 0], "{args:?}");
        }
        assert_eq!(found(&["a", "b", "-o", "check", "--format", "github", "--nosuch"]), ["check"]);
    }

    #[test]
    fn the_format_is_found_in_arguments_that_make_no_sense() {
        for (args, expected) in [
            (&["a", "--nosuch"][..], (Some(Format::Table), None)),
            (&["a", "--nosuch", "--format", "github"], (Some(Format::Github), None)),
            (&["--format=md", "--nosuch"], (Some(Format::Markdown), None)),
            (&["--json", "--nosuch"], (Some(Format::Json), None)),
            (&["--nosuch", "--", "--format=github"], (Some(Format::Table), None)),
            (&["--format"], (None, None)),
            (&["--format=nosuch"], (None, None)),
            (&["-o", "--json"], (Some(Format::Json), None)),
            (&["-o", "a.sarif", "--nosuch"], (None, Some(Format::Sarif))),
            (&["-o", "a.sarif", "--format=csv", "--nosuch"], (None, Some(Format::Csv))),
            (&["-vo", "a.sarif", "--nosuch"], (None, Some(Format::Sarif))),
        ] {
            let found = found(args);
            assert_eq!((found.stdout, found.files.first().map(|file| file.format)), expected, "{args:?}");
        }
    }
}
