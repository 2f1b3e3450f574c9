//! Shell commands that look further into a failed check.

use super::super::text::sanitize;
use super::site_violations;
use crate::gate::GateResult;
use crate::profile::InputFormat;
use crate::report::{Report, SiteRow};
use crate::site::{Granularity, RuntimeClass};

/// Largest number of sites named in a command.
const MAX_SITES: usize = 5;

/// Commands that show more of what failed, ready to be pasted. None if the inputs cannot be named again: several files of
/// one side, or standard input.
pub(in crate::render) fn commands(report: &Report, result: &GateResult) -> Vec<String> {
    let [Some(base), Some(current)] = [&report.base.inputs, &report.current.inputs].map(|inputs| only(inputs)) else {
        return Vec::new();
    };
    let Some(worst) = result.violations.first() else { return Vec::new() };
    let sites = site_violations(report, result).filter_map(|violations| violations.site);
    let patterns: Vec<_> = sites.take(MAX_SITES).map(pattern).collect();
    let focus = |option: &str| match patterns.is_empty() {
        true => String::new(),
        false => format!("{option}{} ", in_quotes(&patterns.join("|"))),
    };
    let (base, current) = (quoted(base), quoted(current));
    let instead = report.name(worst.metric);
    let is_allocation = instead == worst.metric.allocated_name() && report.metrics.len() > 1;
    let sample_type = match instead {
        _ if is_allocation => "--sample-type alloc ".to_owned(),
        _ if instead == worst.metric.name() => String::new(),
        _ => format!("--sample-type {} ", quoted(instead)),
    };
    let mut commands = vec![format!("heapdiff {sample_type}{}{base} {current}", focus("--focus "))];
    // `list` matches functions, not packages or files.
    if matches!(report.granularity, Granularity::Lines | Granularity::Functions | Granularity::Owner)
        && !patterns.is_empty()
    {
        commands.insert(0, format!("heapdiff list {sample_type}{}{base} {current}", focus("")));
    }
    // pprof shows one unknown site of texts, or nothing.
    if [&report.base, &report.current].iter().all(|side| side.format == InputFormat::Pprof) {
        let options = format!("-sample_index={instead} -diff_base={base}");
        commands.push(format!("go tool pprof {options} {}{current}", focus("-focus=")));
    }
    // A command with replaced characters cannot be pasted.
    if commands.iter().any(|command| sanitize(command) != *command) { Vec::new() } else { commands }
}

fn only(inputs: &[String]) -> Option<&str> {
    match inputs {
        [input] if input != "-" => Some(input),
        _ => None,
    }
}

/// A regular expression for the site, in the syntax of Go and of this program.
fn pattern(site: &SiteRow) -> String {
    // No function has the name of a class of the runtime's memory; goroutines are the only class that rules hold for.
    if site.name == RuntimeClass::Goroutines.name() {
        return r"runtime\.malg".to_owned();
    }
    let name = site.function.as_deref().unwrap_or(&site.name);
    // Some profiles have type arguments in full.
    regex::escape(name).replace(r"\[\.\.\.\]", r"\[.*\]")
}

/// A word for a shell, quoted only if it has to be.
pub fn quoted(word: &str) -> String {
    let is_safe = |byte: u8| byte.is_ascii_alphanumeric() || b"_@%+=:,./-".contains(&byte);
    if !word.is_empty() && word.bytes().all(is_safe) { word.to_owned() } else { in_quotes(word) }
}

fn in_quotes(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;

    #[test]
    fn commands_can_be_pasted() {
        let mut report = sample::report(Status::Fail);
        let say = |report: &Report| commands(report, report.gate.as_ref().unwrap());
        assert_eq!(
            say(&report),
            [
                r"heapdiff list 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'",
                r"heapdiff --focus 'main\.\(\*store\[.*\]\)\.create|main\.load' base.pb.gz 'after it'\''s warm.pb.gz'",
                r"go tool pprof -sample_index=inuse_objects -diff_base=base.pb.gz -focus='main\.\(\*store\[.*\]\)\.create|main\.load' 'after it'\''s warm.pb.gz'",
            ]
        );
        report.gate.as_mut().unwrap().violations = vec![sample::total_violation()];
        report.current.inputs = vec!["current.pb.gz".to_owned()];
        assert_eq!(
            say(&report),
            [
                "heapdiff base.pb.gz current.pb.gz",
                "go tool pprof -sample_index=inuse_space -diff_base=base.pb.gz current.pb.gz"
            ]
        );
        for inputs in [&["-"][..], &["a", "b"], &["line\nfeed"]] {
            report.current.inputs = inputs.iter().map(|&input| input.to_owned()).collect();
            assert_eq!(say(&report), [""; 0], "{inputs:?}");
        }
    }
}
