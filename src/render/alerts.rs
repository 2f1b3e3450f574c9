//! What fails a check, as services that show results beside the code want it: an alert for each site, each at a place.

use super::messages::gate::leaked;
use super::messages::{SiteViolations, site_violations, violation_lines};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::GateResult;
use crate::report::Report;

/// The rule that an alert is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlertRule {
    Site,
    WholeHeap,
    LeakedGoroutines,
}

impl AlertRule {
    pub(super) const ALL: [Self; 3] = [Self::Site, Self::WholeHeap, Self::LeakedGoroutines];

    /// Its name, which services keep.
    pub(super) fn id(self) -> &'static str {
        match self {
            AlertRule::Site => "site-growth",
            AlertRule::WholeHeap => "heap-growth",
            AlertRule::LeakedGoroutines => "leaked-goroutines",
        }
    }
}

/// One of the things that fail a check.
pub(super) struct Alert {
    pub(super) rule: AlertRule,
    /// Tells it from others of its rule, in this run and in later ones: without lines and amounts, which change.
    pub(super) identity: String,
    /// The function, where there is one.
    pub(super) function: Option<String>,
    /// What grew, how significant that is, where, and what is allowed.
    pub(super) lines: Vec<String>,
    pub(super) place: Place,
}

/// A file and a line, as services demand one of each alert.
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: i64,
}

/// The alerts of a check, the worst first.
pub(super) fn alerts(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<Alert> {
    let of_violations = |found: SiteViolations<'_>| Alert {
        rule: if found.site.is_some() { AlertRule::Site } else { AlertRule::WholeHeap },
        identity: found.site.map_or("heap", |site| &site.site_id).to_owned(),
        function: found.site.and_then(|site| site.function.as_deref()).map(sanitize),
        lines: violation_lines(&found, bytes),
        place: place(report, &found),
    };
    let of_leaked = result.leaked.iter().map(|found| Alert {
        rule: AlertRule::LeakedGoroutines,
        identity: sanitize(&found.function),
        function: Some(sanitize(&found.function)),
        lines: vec![sanitize(&leaked(found))],
        place: match found.source.clone() {
            Some((file, line)) => Place { file: sanitize(&file), line: line.max(1) },
            None => profile_place(report),
        },
    });
    site_violations(report, result).map(of_violations).chain(of_leaked).collect()
}

/// The line in the checkout, or else the one that the profile names, or else the profile.
fn place(report: &Report, violations: &SiteViolations<'_>) -> Place {
    if let Some(source) = violations.source() {
        return Place { file: sanitize(&source.file), line: source.line.max(1) };
    }
    // A line of the runtime is nobody's.
    let site = violations.pointed_at().filter(|site| site.runtime_class.is_none());
    let of_profile =
        site.and_then(|site| Some(Place { file: sanitize(site.file.as_deref()?), line: site.line?.max(1) }));
    of_profile.unwrap_or_else(|| profile_place(report))
}

/// The current profile, for what has no line of source.
pub(super) fn profile_place(report: &Report) -> Place {
    let file = report.current.inputs.first().map_or("-", String::as_str);
    Place { file: if file == "-" { "standard input".to_owned() } else { sanitize(file) }, line: 1 }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use serde_json::Value;

    use super::super::{Format, sample};
    use super::*;
    use crate::gate::{LeakedGrowth, Status, Violation};

    /// A failed check with every kind of alert.
    fn report() -> Report {
        let mut report = sample::report(Status::Fail);
        let result = report.gate.as_mut().unwrap();
        result.violations.push(sample::total_violation());
        result.leaked.push(LeakedGrowth {
            function: "main.wait".to_owned(),
            base: 0,
            current: 90,
            source: Some(("sessiond/wait.go".to_owned(), 7)),
        });
        report
    }

    fn json(report: &Report, format: Format) -> Value {
        serde_json::from_str(&sample::text(report, format, false)).unwrap()
    }

    /// The alerts, each as its rule, its identity, and its place.
    const ALERTS: [[&str; 4]; 4] = [
        ["site-growth", "v1:0123456789abcdef", "sessiond/a,b:c%/main.go", "48"],
        ["site-growth", "v1:0123456789abcdef", "after it's warm.pb.gz", "1"],
        ["heap-growth", "heap", "after it's warm.pb.gz", "1"],
        ["leaked-goroutines", "main.wait", "sessiond/wait.go", "7"],
    ];

    #[test]
    fn each_alert_has_a_rule_an_identity_and_a_place() {
        let report = report();
        let alerts = alerts(&report, report.gate.as_ref().unwrap(), Bytes::Iec);
        let of = |alert: &Alert| {
            [alert.rule.id().to_owned(), alert.identity.clone(), alert.place.file.clone(), alert.place.line.to_string()]
        };
        assert_eq!(alerts.iter().map(of).collect::<Vec<_>>(), ALERTS);
        assert!(
            alerts[1].lines[0].starts_with("main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%\\u{202e} grew: ")
        );
    }

    #[test]
    fn the_whole_heap_points_at_what_has_most_of_its_growth() {
        for (delta, place) in [(18 << 20, ("sessiond/a,b:c%/main.go", 48)), (19 << 20, ("after it's warm.pb.gz", 1))] {
            let mut report = sample::report(Status::Fail);
            let result = report.gate.as_mut().unwrap();
            result.violations = vec![Violation { delta, most_grown: vec![0], ..sample::total_violation() }];
            let alerts = alerts(&report, report.gate.as_ref().unwrap(), Bytes::Iec);
            let found: Vec<_> = alerts.iter().map(|alert| (alert.place.file.as_str(), alert.place.line)).collect();
            assert_eq!(found, [place]);
        }
    }

    #[test]
    fn sarif_and_code_quality_have_the_same_alerts() {
        let report = report();
        let (sarif, issues) = (json(&report, Format::Sarif), json(&report, Format::CodeQuality));
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        assert_eq!((results.len(), issues.as_array().unwrap().len()), (4, 4));
        for (at, [rule, identity, file, line]) in ALERTS.iter().enumerate() {
            let (result, issue) = (&results[at], &issues[at]);
            assert_eq!(result["ruleId"], *rule);
            assert_eq!(result["partialFingerprints"]["heapdiffSite/v1"], *identity);
            assert_eq!(issue["check_name"], *rule);
            assert_eq!(issue["fingerprint"], format!("{rule}/{identity}"));
            assert_eq!(
                (&issue["location"]["path"], issue["location"]["lines"]["begin"].to_string()),
                (&(*file).into(), (*line).to_owned())
            );
        }
        let place = &results[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "sessiond/a%2Cb%3Ac%25/main.go");
        assert_eq!(
            results[0]["locations"][0]["logicalLocations"][0]["fullyQualifiedName"],
            "main.(*store[...]).create"
        );
        let notes = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
        assert_eq!(notes[1]["message"]["text"], "base and current are the same profile");
    }

    #[test]
    fn a_doubt_is_no_alert_but_shows() {
        for (exit_code, level, severity) in [(0, "warning", "info"), (1, "error", "major"), (2, "error", "major")] {
            let report = Report { exit_code, ..sample::report(Status::Inconclusive) };
            let run = &json(&report, Format::Sarif)["runs"][0];
            assert_eq!(run["results"], Value::Array(Vec::new()));
            assert_eq!(run["invocations"][0]["executionSuccessful"], exit_code != 2);
            assert_eq!(run["invocations"][0]["toolExecutionNotifications"][0]["level"], level);
            assert_eq!(json(&report, Format::CodeQuality)[0]["severity"], severity);
        }
    }
}
