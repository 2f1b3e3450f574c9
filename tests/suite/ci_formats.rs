//! What each format of `check` must be, whatever the check comes to: well-formed, and as good or as bad as the verdict.

use serde_json::{Value, json};

use crate::junit;
use crate::run::assert_valid;

/// Every format of `check`.
pub const FORMATS: [&str; 9] =
    ["table", "json", "ndjson", "csv", "markdown", "github", "junit", "sarif", "code-quality"];

/// Those that say on standard output why there is no report.
pub const FOR_CI: [&str; 5] = ["markdown", "github", "junit", "sarif", "code-quality"];

/// Checks an output of a check that ended with `status`, or `error`, and this exit code.
pub fn assert_says(format: &str, text: &str, status: &str, exit: i32) {
    let context = format!("{format}, {status}, {exit}: {text}");
    match format {
        "table" => assert!(text.starts_with(&format!("{}: ", status.to_uppercase())), "{context}"),
        "json" => assert_eq!(document(text)["verdict"]["status"], status, "{context}"),
        "ndjson" => ndjson(text, status),
        "csv" => {
            let column = if status == "error" { "error\n" } else { "rank_inuse_space," };
            assert!(text.starts_with(column), "{context}");
        }
        "markdown" => {
            let sign = match status {
                "pass" => "✅",
                "inconclusive" => "⚠️",
                _ => "❌",
            };
            assert!(text.starts_with(&format!("## {sign} Heap check: {status}\n\n")), "{context}");
        }
        "github" => github(text, status),
        "junit" => junit_file(text, status, exit),
        "sarif" => sarif(text, status, exit),
        "code-quality" => code_quality(text, status, exit),
        other => panic!("{other}"),
    }
}

/// The only line of a document.
fn document(text: &str) -> Value {
    assert_eq!(text.lines().count(), 1, "{text}");
    let json = serde_json::from_str(text).unwrap();
    assert_valid(&json);
    json
}

fn ndjson(text: &str, status: &str) {
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(assert_valid);
    let last = lines.last().unwrap();
    assert_eq!(last["type"], if status == "error" { "error" } else { "summary" }, "{text}");
    assert_eq!(last["verdict"]["status"], status, "{text}");
    assert!(lines.len() > 1 || status == "error", "{text}");
}

fn github(text: &str, status: &str) {
    let kinds: Vec<_> = text.lines().map(command).collect();
    let errors = kinds.iter().filter(|kind| **kind == "error").count();
    match status {
        "pass" => assert_eq!(kinds, ["notice"], "{text}"),
        "fail" => assert!(errors > 0 && errors + 1 == kinds.len() && kinds.last() == Some(&"notice"), "{text}"),
        // Which of them is up to the exit code.
        "inconclusive" => assert!(kinds == ["warning"] || kinds == ["error"], "{text}"),
        _ => assert_eq!(kinds, ["error"], "{text}"),
    }
}

/// The kind of a workflow command, of which each property and the message must be escaped.
fn command(line: &str) -> &str {
    let (head, message) = line.strip_prefix("::").and_then(|line| line.split_once("::")).unwrap();
    let (kind, properties) = head.split_once(' ').unwrap_or((head, ""));
    for text in properties.split(',').filter_map(|property| property.split_once('=')).map(|(_, value)| value) {
        assert!(!text.contains(':'), "{line}");
    }
    for escape in line.split('%').skip(1) {
        assert!(["25", "0A", "0D", "3A", "2C"].iter().any(|known| escape.starts_with(known)), "{line}");
    }
    assert!(!message.is_empty(), "{line}");
    kind
}

fn junit_file(text: &str, status: &str, exit: i32) {
    let suites = junit::parse(text);
    let suite = &suites.children[0];
    let [failures, errors, skipped] = ["failures", "errors", "skipped"].map(|name| suite.number(name));
    let expected = match (status, exit) {
        ("pass", _) => [0, 0, 0],
        ("fail", _) => [failures.max(1), 0, 0],
        ("inconclusive", 0) => [0, 0, 1],
        ("inconclusive", 1) => [1, 0, 0],
        _ => [0, 1, 0],
    };
    assert_eq!([failures, errors, skipped], expected, "{text}");
    assert_eq!(suite.named("system-out").count(), usize::from(status != "error"), "{text}");
}

fn sarif(text: &str, status: &str, exit: i32) {
    let json: Value = serde_json::from_str(text).unwrap();
    assert_matches(&sarif_schema(), &json);
    let run = &json["runs"][0];
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["exitCode"], exit, "{text}");
    assert_eq!(invocation["executionSuccessful"], exit != 2, "{text}");
    let level = match (status, exit) {
        ("pass" | "fail", _) => "note",
        ("inconclusive", 0) => "warning",
        _ => "error",
    };
    assert_eq!(invocation["toolExecutionNotifications"][0]["level"], level, "{text}");
    let results = run["results"].as_array().unwrap();
    assert_eq!(results.is_empty(), status != "fail", "{text}");
    let rules: Vec<_> = run["tool"]["driver"]["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
    assert!(results.iter().all(|result| rules.contains(&&result["ruleId"])), "{text}");
    assert_distinct(results.iter().map(|result| format!("{}{}", result["ruleId"], result["partialFingerprints"])));
}

fn code_quality(text: &str, status: &str, exit: i32) {
    let json: Value = serde_json::from_str(text).unwrap();
    assert_matches(&code_quality_schema(), &json);
    let issues = json.as_array().unwrap();
    let of = |field: &str| issues.iter().map(|issue| issue[field].as_str().unwrap()).collect::<Vec<_>>();
    match status {
        "pass" => assert!(issues.is_empty(), "{text}"),
        "fail" => {
            assert!(!issues.is_empty() && of("severity").iter().all(|severity| *severity == "major"), "{text}");
        }
        _ => {
            let severity = match (status, exit) {
                ("error", _) => "critical",
                (_, 0) => "info",
                _ => "major",
            };
            assert_eq!((of("check_name"), of("severity")), (vec![status], vec![severity]), "{text}");
        }
    }
    assert_distinct(of("fingerprint").into_iter().map(str::to_owned));
}

fn assert_distinct(all: impl Iterator<Item = String>) {
    let mut all: Vec<_> = all.collect();
    let count = all.len();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), count, "{all:?}");
}

fn assert_matches(schema: &Value, json: &Value) {
    let validator = jsonschema::validator_for(schema).unwrap();
    let errors: Vec<_> =
        validator.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{json:#}");
}

/// An object that has these members and no others.
fn exactly(properties: Value) -> Value {
    let required: Vec<_> = properties.as_object().unwrap().keys().cloned().collect();
    json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
}

fn list(of: Value) -> Value {
    json!({"type": "array", "items": of})
}

/// What SARIF 2.1.0 says of the members that are written, and what GitHub asks for beyond it.
fn sarif_schema() -> Value {
    let level = json!({"enum": ["none", "note", "warning", "error"]});
    let text = exactly(json!({"text": {"type": "string", "minLength": 1}}));
    let id = json!({"type": "string", "pattern": "^[a-z-]+$"});
    let rule = exactly(json!({
        "id": id, "shortDescription": text, "fullDescription": text, "help": text,
        "defaultConfiguration": exactly(json!({"level": level})),
    }));
    let place = exactly(json!({
        "artifactLocation": exactly(json!({"uri": {"type": "string", "pattern": "^[A-Za-z0-9._~/@+=%:?&-]+$"}})),
        "region": exactly(json!({"startLine": {"type": "integer", "minimum": 1}})),
    }));
    let function = exactly(json!({"fullyQualifiedName": {"type": "string"}, "kind": {"const": "function"}}));
    let location = json!({
        "type": "object", "properties": {"physicalLocation": place, "logicalLocations": list(function)},
        "required": ["physicalLocation"], "additionalProperties": false,
    });
    let result = exactly(json!({
        "ruleId": id, "level": level, "message": text,
        "locations": {"type": "array", "items": location, "minItems": 1},
        "partialFingerprints": {"type": "object", "additionalProperties": {"type": "string"}, "minProperties": 1},
    }));
    let invocation = exactly(json!({
        "executionSuccessful": {"type": "boolean"}, "exitCode": {"type": "integer"},
        "toolExecutionNotifications": list(exactly(json!({"level": level, "message": text}))),
    }));
    let driver = exactly(json!({
        "name": {"const": "heapdiff"}, "version": {"type": "string"}, "rules": list(rule),
    }));
    exactly(json!({
        "$schema": {"type": "string", "format": "uri"}, "version": {"const": "2.1.0"},
        "runs": list(exactly(json!({
            "tool": exactly(json!({"driver": driver})), "invocations": list(invocation), "results": list(result),
        }))),
    }))
}

/// What GitLab says of code quality reports.
fn code_quality_schema() -> Value {
    list(exactly(json!({
        "description": {"type": "string", "minLength": 1}, "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": exactly(json!({
            "path": {"type": "string", "minLength": 1}, "lines": exactly(json!({"begin": {"type": "integer", "minimum": 1}})),
        })),
    })))
}
