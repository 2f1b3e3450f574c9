//! `github`: workflow commands, which GitHub Actions shows beside the code. One per line, escaped as the runner
//! unescapes it: <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.

use std::io::{self, Write};

use super::messages::gate::leaked;
use super::messages::{
    SiteViolations, gate_headline, gate_summary, larger_growth, note_message, site_violations, violation_lines,
};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::{GateResult, Reason, Status};
use crate::report::{Report, Source};

/// Annotations of a kind that GitHub shows from one step; it does not say which others it drops.
const MAX_ANNOTATIONS: usize = 10;

/// Writes nothing for a report without a check.
pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let Some(result) = &report.gate else { return Ok(()) };
    match result.status {
        Status::Pass => {
            for (site, sentence) in larger_growth(report, result).take(MAX_ANNOTATIONS) {
                command("warning", &place(&site.name, site.source.as_ref()), &sentence, out)?;
            }
            command(pass_kind(result), "title=heapdiff", &summary(report, result, bytes), out)
        }
        Status::Inconclusive => {
            let kind = if report.exit_code == 0 { "warning" } else { "error" };
            command(kind, "title=heapdiff", &summary(report, result, bytes), out)
        }
        Status::Fail => {
            for violations in site_violations(report, result).take(MAX_ANNOTATIONS) {
                command("error", &properties(&violations), &violation_lines(&violations, bytes).join("\n"), out)?;
            }
            let left = MAX_ANNOTATIONS.saturating_sub(site_violations(report, result).count());
            for found in result.leaked.iter().take(left.max(1)) {
                let title = property(&format!("leaked goroutines: {}", sanitize(&found.function)));
                let source = found.source.as_ref().map(|(file, line)| (file.as_str(), *line));
                command("error", &at(source, &title), &sanitize(&leaked(found)), out)?;
            }
            let more = site_violations(report, result).skip(MAX_ANNOTATIONS).count();
            if more > 0 {
                command("notice", "", &format!("{more} more, {}", gate_headline(report, result)), out)?;
            }
            command("notice", "title=heapdiff", &summary(report, result, bytes), out)
        }
    }
}

/// A pass with exceptions that are to be reviewed is a warning.
fn pass_kind(result: &GateResult) -> &'static str {
    let is_warning =
        |reason: &Reason| matches!(reason, Reason::AllowanceEnded { .. } | Reason::AllowanceUnmatched { .. });
    if result.reasons.iter().any(is_warning) { "warning" } else { "notice" }
}

fn summary(report: &Report, result: &GateResult, bytes: Bytes) -> String {
    let sourceless = report.sourceless.as_ref().map(|note| sanitize(&note_message(note)));
    gate_summary(report, result, bytes).into_iter().chain(sourceless).collect::<Vec<_>>().join("\n")
}

/// Writes an error for a check that could not be made.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    command("error", "title=heapdiff", text, out)
}

fn properties(violations: &SiteViolations<'_>) -> String {
    place(violations.name(), violations.source())
}

/// The properties of an annotation on the growth of a site.
fn place(name: &str, source: Option<&Source>) -> String {
    let title = property(&format!("heap growth: {}", sanitize(name)));
    at(source.map(|source| (source.file.as_str(), source.line)), &title)
}

/// The properties of an annotation at a line of the checkout, if there is one.
fn at(source: Option<(&str, i64)>, title: &str) -> String {
    let place = source.map(|(file, line)| format!("file={},line={line},", property(&sanitize(file))));
    format!("{}title={title}", place.unwrap_or_default())
}

fn command(kind: &str, properties: &str, message: &str, out: &mut dyn Write) -> io::Result<()> {
    let space = if properties.is_empty() { "" } else { " " };
    writeln!(out, "::{kind}{space}{properties}::{}", data(message))
}

/// Text of a message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property, which a colon or a comma would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::super::{Format, sample};
    use super::*;
    use crate::gate::{LargerGrowth, MustSee};

    fn text(report: &Report) -> String {
        sample::text(report, Format::Github, false)
    }

    #[test]
    fn text_is_escaped_as_the_runner_unescapes_it() {
        assert_eq!(data("100 %\r\na:b,c%0A"), "100 %25%0D%0Aa:b,c%250A");
        assert_eq!(property("100 %\r\na:b,c"), "100 %25%0D%0Aa%3Ab%2Cc");
    }

    #[test]
    fn what_failed_is_an_error_at_its_line() {
        let text = text(&sample::report(Status::Fail));
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "::error file=sessiond/a%2Cb%3Ac%25/main.go,line=48,title=heap growth%3A main.(*store[...]).create::\
                 main.(*store[...]).create grew: inuse_space +9.00 MiB (1.00 MiB → 10.0 MiB), \
                 inuse_objects +9,216 (1,024 → 10,240)%0A\
                 confirmed, p = 5.6e-7, 26 samples, up from 5; 95 %25: +6.12 MiB to +16.1 MiB%0A\
                 in main.(*store[...]).create at example.test/svc/sessiond/main.go:48, \
                 for main.newSession at example.test/svc/sessiond/session.go:60%0A\
                 limit: inuse_objects may grow by 1,000 (max-site-objects 1000), but grew by at least 4,608; \
                 inuse_space may grow by 64.0 KiB (max-site-space 65536), but grew by at least 4.50 MiB%0A\
                 If that growth is meant: [[allow]] function = \"main.(*store[...]).create\" in heapdiff.toml, with a reason",
                "::error title=heap growth%3A main.load\\u{a}%3A\\u{3a}error%3A%3A\\u{1b}[31m]]>&<b>`|\"'100%25\\u{202e}::\
                 main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%25\\u{202e} grew: \
                 inuse_space +128 KiB (0 B → 128 KiB), inuse_objects +2 (0 → 2)%0A\
                 confirmed, p = 5.6e-7, 1 sample, up from 0%0A\
                 in main.load%0A\
                 limit: inuse_space may grow by 64.0 KiB (allowed 65536: a <cache> | 50%25 full), but grew by at least \
                 64.0 KiB",
                "::notice title=heapdiff::2 of 31 functions grew beyond their limits%0A\
                 Base and current are the same profile. main.(*store[...]).create grew by 9.00 MiB and main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%25\\u{202e} by 128 KiB (confirmed): more objects.%0A\
                 The heap grew by 10.0 MiB (95 %25: 7.00 to 14.0 MiB)%0A\
                 rules: max-site-objects 1000; max-site-space 65536%0A\
                 If that growth is meant: [[allow]] in heapdiff.toml, or --update-budget FILE",
            ]
        );
    }

    #[test]
    fn larger_objects_that_had_to_be_seen_are_a_warning_at_their_line() {
        let mut report = sample::report(Status::Pass);
        let larger = vec![LargerGrowth { site: 0, delta: 335_872 }];
        let must_see = MustSee { bytes: 262_144, allowed: None, caught: None, rate: None, unmet: Vec::new(), larger };
        report.gate.as_mut().unwrap().must_see = Some(must_see);
        let text = text(&report);
        let (warning, notice) = text.split_once('\n').unwrap();
        assert_eq!(
            warning,
            "::warning file=sessiond/a%2Cb%3Ac%25/main.go,line=48,title=heap growth%3A main.(*store[...]).create::\
             main.(*store[...]).create grew by 328 KiB by larger objects, which is judged in the whole heap only, though \
             growth of 256 KiB must be seen (must-see); --max-site-space 131072, in place of the default rules, judges it by \
             its bytes"
        );
        assert!(notice.starts_with("::notice title=heapdiff::"), "{notice}");
    }

    #[test]
    fn no_more_than_github_shows() {
        let mut report = sample::report(Status::Fail);
        let result = report.gate.as_mut().unwrap();
        let pair = [result.violations[0].clone(), result.violations[2].clone()];
        result.violations = pair.iter().cycle().take(13).cloned().collect();
        let text = text(&report);
        assert_eq!(text.lines().filter(|line| line.starts_with("::error ")).count(), 10);
        assert!(text.contains("\n::notice::3 more, 13 of 31 functions grew beyond their limits\n"), "{text}");
    }

    #[test]
    fn a_pass_and_a_doubt_are_a_line() {
        assert_eq!(
            text(&sample::report(Status::Pass)),
            "::notice title=heapdiff::none of 31 functions grew beyond its limit%0A\
             Base and current are the same profile. main.(*store[...]).create grew by 9.00 MiB and main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%25\\u{202e} by 128 KiB (confirmed): more objects.%0A\
             The heap grew by 10.0 MiB (95 %25: 7.00 to 14.0 MiB)%0A\
             rules: max-site-objects 1000; max-site-space 65536\n"
        );
        let passing = Report { exit_code: 0, ..sample::report(Status::Inconclusive) };
        assert!(text(&passing).starts_with("::warning title=heapdiff::the data cannot tell"));
        assert_eq!(
            text(&sample::report(Status::Inconclusive)),
            "::error title=heapdiff::the data cannot tell whether anything grew beyond its limit%0A\
             Base and current are the same profile. main.(*store[...]).create grew by 9.00 MiB and main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%25\\u{202e} by 128 KiB (confirmed): more objects.%0A\
             The heap grew by 10.0 MiB (95 %25: 7.00 to 14.0 MiB)%0A\
             the sampling rate is unknown, or not the same in all profiles: growth cannot be distinguished from noise \
             (--no-evidence compares the numbers as they are)%0A\
             rules: max-site-objects 1000; max-site-space 65536\n"
        );
    }
}
