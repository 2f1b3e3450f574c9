//! `code-quality`: what GitLab shows in a merge request, by <https://docs.gitlab.com/ci/testing/code_quality/>. An array
//! of issues; an empty one says that all is well, so whatever is not a pass has an issue.

use std::io::{self, Write};

use serde::Serialize;

use super::alerts::{AlertRule, Place, alerts, profile_place};
use super::json::write_line;
use super::messages::gate::reasons;
use super::messages::{acceptance, gate_headline};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::Status;
use crate::report::Report;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: &'static str,
    /// GitLab shows only the first of two issues with the same one.
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: i64,
}

impl From<Place> for Location {
    fn from(Place { file, line }: Place) -> Self {
        Location { path: file, lines: Lines { begin: line } }
    }
}

/// Writes no issue for a report without a check.
pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let Some(result) = &report.gate else { return write_line(&[(); 0], out) };
    let issues: Vec<Issue> = match result.status {
        Status::Pass => Vec::new(),
        Status::Inconclusive => {
            let mut lines = vec![gate_headline(report, result)];
            lines.extend(reasons(report, result).iter().map(|reason| sanitize(reason)));
            vec![Issue {
                description: lines.join("; "),
                check_name: "inconclusive",
                fingerprint: "inconclusive".to_owned(),
                severity: if report.exit_code == 0 { "info" } else { "major" },
                location: profile_place(report).into(),
            }]
        }
        Status::Fail => {
            let how = acceptance(report, result);
            let issue = |alert: super::alerts::Alert| Issue {
                description: alert
                    .lines
                    .iter()
                    .chain(how.as_ref().filter(|_| alert.rule == AlertRule::WholeHeap))
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join("; "),
                check_name: alert.rule.id(),
                fingerprint: format!("{}/{}", alert.rule.id(), alert.identity),
                severity: "major",
                location: alert.place.into(),
            };
            alerts(report, result, bytes).into_iter().map(issue).collect()
        }
    };
    write_line(&issues, out)
}

/// Writes an issue for a check that could not be made, at the root of the repository, as nothing better is known.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let issue = Issue {
        description: text.replace('\n', "; "),
        check_name: "error",
        fingerprint: "error".to_owned(),
        severity: "critical",
        location: Place { file: ".".to_owned(), line: 1 }.into(),
    };
    write_line(&[issue], out)
}
