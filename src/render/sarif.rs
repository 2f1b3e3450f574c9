//! `sarif`: results of code scanning, by SARIF 2.1.0. A result for each site that fails; what is inconclusive or could
//! not be read is a notification, as it says nothing of the code.
//!
//! GitHub refuses results without a place, and runs without `results`.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::alerts::{Alert, AlertRule, Place, alerts};
use super::json::write_line;
use super::messages::{alert_rule_texts, gate_summary, note_message};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::Status;
use crate::paths::has_drive;
use crate::report::{Report, Severity};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Name of our fingerprint: the identity of a site, which outlives builds.
const FINGERPRINT: &str = "heapdiffSite/v1";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    results: Vec<ResultJson>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: [Rule; 3],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Text,
    full_description: Text,
    help: Text,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    exit_code: u8,
    tool_execution_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Text,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ResultJson {
    rule_id: &'static str,
    level: &'static str,
    message: Text,
    locations: [Location; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logical_locations: Vec<LogicalLocation>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: i64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct LogicalLocation {
    fully_qualified_name: String,
    kind: &'static str,
}

/// Writes a run without results for a report without a check.
pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let mut notifications: Vec<_> = report
        .notes
        .iter()
        .map(|note| Notification { level: level(note.severity()), message: text(sanitize(&note_message(note))) })
        .collect();
    let mut results = Vec::new();
    if let Some(result) = &report.gate {
        let level = match result.status {
            Status::Pass | Status::Fail => "note",
            Status::Inconclusive if report.exit_code == 0 => "warning",
            Status::Inconclusive => "error",
        };
        notifications.insert(0, Notification { level, message: text(gate_summary(report, result, bytes).join("\n")) });
        results.extend(alerts(report, result, bytes).into_iter().map(ResultJson::from));
    }
    write_run(report.exit_code, notifications, results, out)
}

/// Writes a run that did not succeed.
pub(super) fn write_failure(message: &str, out: &mut dyn Write) -> io::Result<()> {
    write_run(2, vec![Notification { level: "error", message: text(message.to_owned()) }], Vec::new(), out)
}

fn write_run(
    exit_code: u8,
    notifications: Vec<Notification>,
    results: Vec<ResultJson>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let invocation = Invocation {
        // No answer is the only end that is not one of a check.
        execution_successful: exit_code != 2,
        exit_code,
        tool_execution_notifications: notifications,
    };
    let driver = Driver {
        name: env!("CARGO_PKG_NAME"),
        version: env!("CARGO_PKG_VERSION"),
        rules: AlertRule::ALL.map(Rule::from),
    };
    let run = Run { tool: Tool { driver }, invocations: [invocation], results };
    write_line(&Log { schema: SCHEMA, version: "2.1.0", runs: [run] }, out)
}

fn text(text: String) -> Text {
    Text { text }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

impl From<AlertRule> for Rule {
    fn from(rule: AlertRule) -> Self {
        let [short, full, help] = alert_rule_texts(rule);
        Rule {
            id: rule.id(),
            short_description: text(short),
            full_description: text(full),
            help: text(help),
            default_configuration: Configuration { level: "error" },
        }
    }
}

impl From<Alert> for ResultJson {
    fn from(alert: Alert) -> Self {
        let function = alert.function.into_iter();
        ResultJson {
            rule_id: alert.rule.id(),
            level: "error",
            message: text(alert.lines.join("\n")),
            locations: [Location {
                physical_location: alert.place.into(),
                logical_locations: function
                    .map(|name| LogicalLocation { fully_qualified_name: name, kind: "function" })
                    .collect(),
            }],
            partial_fingerprints: [(FINGERPRINT, alert.identity)].into(),
        }
    }
}

impl From<Place> for PhysicalLocation {
    fn from(Place { file, line }: Place) -> Self {
        PhysicalLocation {
            artifact_location: ArtifactLocation { uri: uri(&file) },
            region: Region { start_line: line },
        }
    }
}

/// A file as a URI: relative for a relative path. A URL stays as it is.
fn uri(file: &str) -> String {
    if file.starts_with("http://") || file.starts_with("https://") {
        return file.to_owned();
    }
    let has_drive = has_drive(file);
    let mut uri = String::from(match file.starts_with('/') {
        true => "file://",
        false if has_drive => "file:///",
        false => "",
    });
    for (at, byte) in file.bytes().enumerate() {
        match byte {
            b':' if has_drive && at == 1 => uri.push(':'),
            b'\\' if has_drive => uri.push('/'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' | b'@' | b'+' | b'=' => {
                uri.push(byte.into());
            }
            _ => uri += &format!("%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(uri("sessiond/a,b:c%/main.go"), "sessiond/a%2Cb%3Ac%25/main.go");
        assert_eq!(uri("/usr/lib/go/src/bytes/buffer.go"), "file:///usr/lib/go/src/bytes/buffer.go");
        assert_eq!(uri(r"C:\src\a b.go"), "file:///C:/src/a%20b.go");
        assert_eq!(uri("standard input"), "standard%20input");
        assert_eq!(uri("http://localhost:6060/debug/pprof/heap?gc=1"), "http://localhost:6060/debug/pprof/heap?gc=1");
        assert_eq!(uri("lib@v1.2/ä.go"), "lib@v1.2/%C3%A4.go");
    }
}
