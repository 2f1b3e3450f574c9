//! `junit`: test results, as GitLab, Jenkins and most CI systems read them, by the schema of Jenkins' xUnit plugin,
//! `junit-10.xsd`. A test case for each violation, or a single one.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::slice;

use super::messages::gate::{leaked, reasons};
use super::messages::{
    SiteViolations, coverage, gate_headline, headline, pairs_label, rules_line, violation_lines, whole_sentence,
};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::{GateResult, Status, Violation};
use crate::report::Report;

/// What a test case ends with where it does not pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Failure,
    Error,
    Skipped,
}

impl Outcome {
    fn tag(self) -> &'static str {
        match self {
            Outcome::Failure => "failure",
            Outcome::Error => "error",
            Outcome::Skipped => "skipped",
        }
    }

    /// What an inconclusive check counts as: a suite that ends with an exit code of 0 has no errors.
    fn of_doubt(exit_code: u8) -> Self {
        match exit_code {
            0 => Outcome::Skipped,
            1 => Outcome::Failure,
            _ => Outcome::Error,
        }
    }
}

/// Writes a suite without test cases for a report without a check.
pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let Some(result) = &report.gate else { return write_suite(&[], 0, &[], out) };
    let outcomes = match result.status {
        Status::Pass => Vec::new(),
        Status::Inconclusive => vec![Outcome::of_doubt(report.exit_code)],
        Status::Fail => vec![Outcome::Failure; result.violations.len() + result.leaked.len()],
    };
    let mut cases = Vec::new();
    write_cases(report, result, bytes, &mut cases)?;
    let mut about = vec![gate_headline(report, result)];
    about.extend(pairs_label(report));
    about.extend(headline(report, bytes));
    about.extend(whole_sentence(report, bytes));
    about.push(rules_line(report, result));
    about.extend(coverage(report, result, bytes));
    about.extend(reasons(report, result));
    let about = format!("    <system-out>{}</system-out>\n", lines(&about));
    cases.extend(about.as_bytes());
    write_suite(&outcomes, usize::from(result.status == Status::Pass), &cases, out)
}

/// Writes a suite with an error for a check that could not be made.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let mut case = Vec::new();
    writeln!(case, "{WHOLE}>")?;
    let first = text.lines().next().unwrap_or_default();
    let text: Vec<_> = text.lines().map(str::to_owned).collect();
    write_outcome(Outcome::Error, "error", first, &text, &mut case)?;
    write_suite(&[Outcome::Error], 0, &case, out)
}

/// The start of the only case of a check in which nothing fails.
const WHOLE: &str = r#"    <testcase classname="heapdiff" name="heap growth""#;

/// Writes a suite with these cases, `passed` of which pass while the others have an outcome each.
fn write_suite(outcomes: &[Outcome], passed: usize, cases: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let of = |wanted: Outcome| outcomes.iter().filter(|outcome| **outcome == wanted).count();
    let (tests, failures, errors) = (outcomes.len() + passed, of(Outcome::Failure), of(Outcome::Error));
    let counts = format!(r#"tests="{tests}" failures="{failures}" errors="{errors}""#);
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, "<testsuites {counts}>")?;
    writeln!(out, r#"  <testsuite name="heapdiff" {counts} skipped="{}">"#, of(Outcome::Skipped))?;
    out.write_all(cases)?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

fn write_cases(report: &Report, result: &GateResult, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    match result.status {
        Status::Pass => writeln!(out, "{WHOLE}/>"),
        Status::Inconclusive => {
            writeln!(out, "{WHOLE}>")?;
            let message = gate_headline(report, result);
            let outcome = Outcome::of_doubt(report.exit_code);
            write_outcome(outcome, "inconclusive", &message, &reasons(report, result), out)
        }
        Status::Fail => {
            let mut names = BTreeSet::new();
            result.violations.iter().try_for_each(|violation| {
                let violations = SiteViolations::new(report, slice::from_ref(violation));
                let name = unused_name(&violations, violation, &mut names);
                let class = violations.site.and_then(|site| site.package.as_deref()).unwrap_or("heapdiff");
                writeln!(out, r#"    <testcase classname="{}" name="{}">"#, attribute(class), attribute(&name))?;
                let message = format!("{} grew: {}", violations.name(), violations.growth(bytes));
                let mut lines = violation_lines(&violations, bytes);
                // Jenkins' schema has no attributes for it.
                lines.extend(violations.source().map(|source| format!("{}:{}", sanitize(&source.file), source.line)));
                write_outcome(Outcome::Failure, violation.metric.name(), &message, &lines, out)
            })?;
            result.leaked.iter().try_for_each(|found| {
                let name = format!("leaked goroutines: {}", found.function);
                writeln!(out, r#"    <testcase classname="heapdiff" name="{}">"#, attribute(&name))?;
                write_outcome(Outcome::Failure, "leaked_goroutines", &leaked(found), &[], out)
            })
        }
    }
}

/// A name for a test case: GitLab drops one that is named like an earlier one.
fn unused_name(violations: &SiteViolations<'_>, violation: &Violation, used: &mut BTreeSet<String>) -> String {
    let name = violations.name();
    let with_metric = format!("{name} ({})", violation.metric.name());
    let with_place = format!("{with_metric} at {}", violations.place().unwrap_or_default());
    let names = [name.to_owned(), with_metric, with_place.clone()];
    let free = names.into_iter().find(|name| !used.contains(name)).unwrap_or(with_place);
    used.insert(free.clone());
    free
}

fn write_outcome(outcome: Outcome, kind: &str, message: &str, text: &[String], out: &mut dyn Write) -> io::Result<()> {
    let (tag, message, text) = (outcome.tag(), attribute(message), lines(text));
    writeln!(out, r#"      <{tag} type="{kind}" message="{message}">{text}</{tag}>"#)?;
    writeln!(out, "    </testcase>")
}

/// Escapes lines for an element.
fn lines(lines: &[String]) -> String {
    lines.iter().map(|line| escape(&sanitize(line))).collect::<Vec<_>>().join("\n")
}

/// Escapes text for an attribute, on one line.
fn attribute(text: &str) -> String {
    escape(&sanitize(text))
}

/// Escapes text for an element. XML 1.0 cannot hold most control characters, not even escaped.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            '\n' => escaped.push('\n'),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Format, sample};
    use super::*;

    fn text(report: &Report) -> String {
        sample::text(report, Format::Junit, false)
    }

    #[test]
    fn what_xml_cannot_hold_is_replaced() {
        assert_eq!(
            escape("a<b>&\"'\u{0}\u{1b}\u{7f}\u{85}\u{ffff}\r\n]]>"),
            "a&lt;b&gt;&amp;&quot;&apos;\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\n]]&gt;"
        );
        assert_eq!(attribute("a\nb\t\"c\""), "a\\u{a}b\\u{9}&quot;c&quot;");
    }

    #[test]
    fn cases_have_distinct_names_and_their_lines() {
        let text = text(&sample::report(Status::Fail));
        let case = r#"<testcase classname="main" name="main.(*store[...]).create"#;
        assert!(text.contains(&format!("{case}\">\n")), "{text}");
        assert!(text.contains(&format!("{case} (inuse_space)\">\n")), "{text}");
        assert_eq!(text.matches("\nsessiond/a,b:c%/main.go:48</failure>").count(), 2, "{text}");
        let nasty = "main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]&gt;&amp;&lt;b&gt;`|&quot;&apos;100%\\u{202e}";
        assert!(text.contains(&format!("<testcase classname=\"heapdiff\" name=\"{nasty}\">\n")), "{text}");
    }

    #[test]
    fn a_pass_is_a_case_and_a_doubt_an_error() {
        assert_eq!(
            text(&sample::report(Status::Pass)),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="1" failures="0" errors="0">
  <testsuite name="heapdiff" tests="1" failures="0" errors="0" skipped="0">
    <testcase classname="heapdiff" name="heap growth"/>
    <system-out>none of 31 functions grew beyond its limit
Base and current are the same profile. main.(*store[...]).create grew by 9.00 MiB and main.load\u{a}:\u{3a}error::\u{1b}[31m]]&gt;&amp;&lt;b&gt;`|&quot;&apos;100%\u{202e} by 128 KiB (confirmed): more objects.
The heap grew by 10.0 MiB (95 %: 7.00 to 14.0 MiB)
rules: max-site-objects 1000; max-site-space 65536</system-out>
  </testsuite>
</testsuites>
"#
        );
        assert_eq!(
            text(&sample::report(Status::Inconclusive)),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="1" failures="0" errors="1">
  <testsuite name="heapdiff" tests="1" failures="0" errors="1" skipped="0">
    <testcase classname="heapdiff" name="heap growth">
      <error type="inconclusive" message="the data cannot tell whether anything grew beyond its limit">the sampling rate is unknown, or not the same in all profiles: growth cannot be distinguished from noise (--no-evidence compares the numbers as they are)</error>
    </testcase>
    <system-out>the data cannot tell whether anything grew beyond its limit
Base and current are the same profile. main.(*store[...]).create grew by 9.00 MiB and main.load\u{a}:\u{3a}error::\u{1b}[31m]]&gt;&amp;&lt;b&gt;`|&quot;&apos;100%\u{202e} by 128 KiB (confirmed): more objects.
The heap grew by 10.0 MiB (95 %: 7.00 to 14.0 MiB)
rules: max-site-objects 1000; max-site-space 65536
the sampling rate is unknown, or not the same in all profiles: growth cannot be distinguished from noise (--no-evidence compares the numbers as they are)</system-out>
  </testsuite>
</testsuites>
"#
        );
    }

    #[test]
    fn a_doubt_is_no_error_if_it_passes() {
        let say = |exit_code| text(&Report { exit_code, ..sample::report(Status::Inconclusive) });
        let passes = say(0);
        assert!(
            passes.contains(r#"<testsuite name="heapdiff" tests="1" failures="0" errors="0" skipped="1">"#),
            "{passes}"
        );
        assert!(passes.contains(r#"<skipped type="inconclusive" message="the data cannot tell "#), "{passes}");
        let fails = say(1);
        assert!(
            fails.contains(r#"<testsuite name="heapdiff" tests="1" failures="1" errors="0" skipped="0">"#),
            "{fails}"
        );
        assert!(fails.contains(r#"<failure type="inconclusive" message="the data cannot tell "#), "{fails}");
    }
}
