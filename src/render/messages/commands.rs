//! Shell commands that look further into what grew.

use std::collections::BTreeSet;

use super::super::text::sanitize;
use super::super::times::duration;
use super::goroutine_headline::explain_half;
use super::site_violations;
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::goroutines::GoroutineCourse;
use crate::profile::InputFormat;
use crate::report::{Claim, Finding, Note, Report, SiteRow};
use crate::site::{Granularity, RuntimeClass, is_standard};

/// Largest number of sites named in a command.
const MAX_SITES: usize = 5;
/// What stands for the parts of a URL that nobody but the server may see.
const HIDDEN: char = '…';
/// The path of the list of profiles of a program.
const LIST: &str = "/debug/pprof/";
/// The heap in that list, as heapdiff asks for it.
const HEAP: &str = "heap?gc=1";

/// Commands to run next, ready to be pasted. None if nothing grew, or if the inputs cannot be named again: several files of
/// one side, or standard input. Of pairs, the first of the later build.
pub(in crate::render) fn steps(report: &Report) -> Vec<String> {
    let mut commands = steps_of_sites(report);
    let is_reversed = report.notes.iter().any(|note| matches!(note, Note::TimeReversed { .. }));
    let courses = report.findings.iter().filter(|_| report.gate.is_none() && !is_reversed);
    let mut courses = courses.filter_map(|finding| match finding {
        // What nothing can wake comes first.
        Finding::Leaked(course) | Finding::Goroutines(course) => Some(course),
        _ => None,
    });
    if let Some(command) = courses.find_map(goroutine_command) {
        let certain = report.headline.as_ref().map_or(0, |headline| headline.certain);
        // As the first sentence: the cause comes first.
        let at = if explain_half(report, certain) { 0 } else { commands.len() };
        commands.insert(at, command);
    }
    with_connection(commands, &report.connection)
}

/// The commands with the options that their servers need. pprof has none for headers or sockets, and is left out.
fn with_connection(commands: Vec<String>, connection: &[String]) -> Vec<String> {
    if connection.is_empty() {
        return commands;
    }
    let options = connection.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ");
    let own = commands.into_iter().filter(|command| !command.starts_with("go "));
    let own = own.filter_map(|command| match command.starts_with('#') {
        true => Some(command),
        false => pasteable(format!("{command} {options}")),
    });
    header_file(connection).into_iter().map(str::to_owned).chain(own).collect()
}

/// What stands above commands with these options on a connection, if one of them names a file that the user has to write.
pub(super) fn header_file(connection: &[String]) -> Option<&'static str> {
    connection.iter().any(|word| word == "@FILE").then_some("# FILE: a file with the header, as NAME: VALUE")
}

/// The command that shows the function of the program's own code in which the most goroutines are that there are more of;
/// `None` where none is known, or the profiles cannot be named.
pub(super) fn goroutine_command(course: &GoroutineCourse) -> Option<String> {
    let found = course.groups.iter().find(|found| found.delta() > 0).filter(|found| found.place.is_some())?;
    let [base, current] = course.inputs.as_ref()?.each_ref().map(|input| quoted(input));
    let command = format!("heapdiff list {} {base} {current}", quoted(&found.group.owner));
    pasteable(command)
}

/// The command, if it can be shown as it is: with replaced characters, or a query of a URL that is hidden, it would be another
/// one.
pub(super) fn pasteable(command: String) -> Option<String> {
    (sanitize(&command) == command && !command.contains(HIDDEN)).then_some(command)
}

/// The commands for what grew on the heap.
fn steps_of_sites(report: &Report) -> Vec<String> {
    let named = |inputs: &'_ [String]| if report.usual.is_some() { inputs.len().min(1) } else { inputs.len() };
    let sides = [&report.base.inputs, &report.current.inputs];
    let [Some(base), Some(current)] = sides.map(|inputs| only(&inputs[..named(inputs)])) else {
        return Vec::new();
    };
    if report.notes.iter().any(|note| matches!(note, Note::TimeReversed { .. })) && report.gate.is_none() {
        return pasteable(format!("heapdiff {} {}", quoted(&address(current)), quoted(&address(base))))
            .into_iter()
            .collect();
    }
    // Both sides are in one file.
    if report.current.difference.is_some() {
        return Vec::new();
    }
    // What is not certain calls for better profiles first.
    let is_suspected = report.headline.as_ref().is_some_and(|headline| headline.claim == Claim::Suspected);
    if is_suspected && report.gate.is_none() {
        return more_snapshots(9, [base, current].into_iter().rev().find(|input| is_live(input)));
    }
    let Some((sites, metric)) = grown(report) else { return Vec::new() };
    let sites_first = own_site(report).or(sites.first().copied()).and_then(|site| match report.granularity {
        // A class of the runtime's memory is no function.
        Granularity::Lines | Granularity::Functions | Granularity::Owner | Granularity::Roots
            if site.name != RuntimeClass::Goroutines.name() =>
        {
            site.function.clone()
        }
        _ => None,
    });
    // Several lines may be of one function.
    let mut patterns: Vec<_> = sites.into_iter().map(pattern).collect();
    let mut known = BTreeSet::new();
    patterns.retain(|pattern| known.insert(pattern.clone()));
    let focus = |option: &str| match patterns.is_empty() {
        true => String::new(),
        false => format!("{option}{} ", in_quotes(&patterns.join("|"))),
    };
    let urls = [base, current].map(quoted);
    let [base, current] = [base, current].map(|input| quoted(&address(input)));
    let instead = report.name(metric);
    let sample_type = sample_type_option(report, metric);
    let mut commands = Vec::new();
    // Beside a gate, all that breaks rules; else the function that matters most. One alone by its name as it is printed.
    let first = sites_first.filter(|_| report.gate.is_none() || patterns.len() == 1).map(|name| quoted(&name));
    // `list` and `peek` match functions, not packages or files.
    if !matches!(report.granularity, Granularity::Files | Granularity::Packages) && !patterns.is_empty() {
        match &first {
            // A root has no source.
            Some(name) if report.granularity == Granularity::Roots => {
                commands.push(format!("heapdiff peek {name} {base} {current}"));
                commands.push(format!("heapdiff stacks {}{base} {current}", focus("--focus ")));
            }
            Some(name) => {
                commands.push(format!("heapdiff list {sample_type}{name} {base} {current}"));
                if report.gate.is_none() {
                    commands.push(format!("heapdiff peek {sample_type}{name} {base} {current}"));
                }
            }
            None => commands.push(format!("heapdiff list {sample_type}{}{base} {current}", focus(""))),
        }
    }
    if report.gate.is_some() {
        commands.push(format!("heapdiff {sample_type}{}{base} {current}", focus("--focus ")));
    } else if patterns.is_empty() && report.granularity != Granularity::Packages {
        commands.push(format!("heapdiff --by packages {sample_type}{base} {current}"));
    } else if !patterns.is_empty() && first.is_none() {
        commands.push(format!("heapdiff stacks {sample_type}{}{base} {current}", focus("--focus ")));
    }
    // pprof shows one unknown site of texts, or nothing.
    let is_readable = [&report.base, &report.current].iter().all(|side| side.format == InputFormat::Pprof);
    if report.gate.is_some() && is_readable {
        let options = format!("-sample_index={instead} -diff_base={}", urls[0]);
        commands.push(format!("go tool pprof {options} {}{}", focus("-focus="), urls[1]));
    }
    commands.into_iter().map(pasteable).collect::<Option<_>>().unwrap_or_default()
}

/// The option that selects what a report is of, with a space after it; empty for live memory.
pub(super) fn sample_type_option(report: &Report, metric: Metric) -> String {
    let name = report.name(metric);
    let is_allocation = name == metric.allocated_name() && report.metrics.len() > 1;
    match name {
        _ if is_allocation => "--sample-type alloc ".to_owned(),
        _ if name == metric.name() => String::new(),
        _ => format!("--sample-type {} ", quoted(name)),
    }
}

/// What stands above the commands: of which build they are.
pub(in crate::render) fn steps_heading(report: &Report) -> &'static str {
    match (&report.usual, report.base.inputs.len()) {
        (None, _) => "Next",
        (Some(_), 0 | 1) => "Next, in the later build alone",
        (Some(_), _) => "Next, in the first run of the later build alone",
    }
}

/// The sites to look at, and the metric in which they grew: those that break rules, or else those that are said to have
/// grown; none of them where only the heap as a whole grew.
fn grown(report: &Report) -> Option<(Vec<&SiteRow>, Metric)> {
    if let Some(result) = &report.gate {
        let worst = result.violations.first()?;
        let sites = site_violations(report, result).filter_map(|violations| violations.site);
        return Some((sites.take(MAX_SITES).collect(), worst.metric));
    }
    let headline = report.headline.as_ref()?;
    let metric = report.list.as_ref().map_or(Metric::Space, |list| list.metric);
    match headline.claim {
        Claim::Noise | Claim::NoGrowth | Claim::CountedHardly => None,
        _ => Some((headline.named.iter().filter_map(|&at| report.sites.get(at)).collect(), metric)),
    }
}

/// The first site of the program's own code that is certain to have grown, where the one that grew most is Go's library.
fn own_site(report: &Report) -> Option<&SiteRow> {
    let list = report.list.as_ref().filter(|_| report.gate.is_none() && report.granularity == Granularity::Owner)?;
    let is_library = |site: &SiteRow| site.package.as_deref().is_some_and(|package| is_standard(package.as_bytes()));
    let named = report.headline.as_ref()?.named.first().and_then(|&at| report.sites.get(at));
    named.filter(|site| is_library(site))?;
    list.sites.iter().filter_map(|&at| report.sites.get(at)).find(|site| {
        site.evidence.significance == Significance::Grew && site.runtime_class.is_none() && !is_library(site)
    })
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

/// Why a difference of two heaps is no side of a comparison. `nanos`: the time between the heaps; `input`: its name.
pub(crate) fn no_heap(nanos: i64, input: &str) -> String {
    let over = duration(nanos as f64 / 1e9);
    let shown = match is_live(input) {
        true => "save it to a file, and heapdiff FILE shows it alone".to_owned(),
        false => format!("heapdiff {} shows it alone", quoted(input)),
    };
    format!("this is a difference over {over} (?seconds=N), not a heap, and cannot be compared; {shown}")
}

/// That both sides of a comparison are the same `url` of a running program, and what to do instead.
pub fn one_moment(url: &str) -> String {
    format!("{url}: base and current are one program at one moment; to see what grows: {}", watch(url, &[]))
}

/// That the `url` of a running program is no series of snapshots, and what to do instead. `connection`: its options.
pub fn no_series(url: &str, connection: &[String]) -> String {
    format!("{url}: a running program is one snapshot, of now; to see what keeps growing: {}", watch(url, connection))
}

/// The address of the program whose profile has this URL.
pub(super) fn program(url: &str) -> String {
    address(url.find(LIST).map_or(url, |at| &url[..at + LIST.len()]))
}

/// The command that watches the program at `url`.
fn watch(url: &str, connection: &[String]) -> String {
    let words: Vec<_> = [&program(url)].into_iter().chain(connection).map(|word| quoted(word)).collect();
    pasteable(format!("heapdiff watch {}", words.join(" "))).unwrap_or_else(|| "heapdiff watch URL".to_owned())
}

/// The URL of a heap as the shortest address of its program that means the same or better: the program itself, whose
/// garbage is collected twice. Any other input is itself.
pub(super) fn address(input: &str) -> String {
    let Some(list) = input.strip_suffix(HEAP).or_else(|| input.strip_suffix(LIST).map(|_| input)) else {
        return input.to_owned();
    };
    let server = list.strip_suffix(LIST).unwrap_or(list);
    if let Some(socket) = server.strip_prefix("unix:").and_then(|server| server.strip_suffix(':')) {
        return format!("unix:{socket}");
    }
    match server.split_once("://") {
        // Behind a prefix the program's list is named in full.
        None => list.to_owned(),
        Some((_, authority)) if authority.contains('/') => list.to_owned(),
        Some(("http", authority)) if authority.rsplit(']').next().is_some_and(|end| end.contains(':')) => {
            authority.to_owned()
        }
        Some(_) => server.to_owned(),
    }
}

/// What takes more snapshots of a program: at this URL, or else at one that stands for it.
pub(super) fn more_snapshots(count: usize, url: Option<&str>) -> Vec<String> {
    let take = |program: &str| format!("heapdiff capture --count {count} {program}");
    match url.and_then(|url| pasteable(take(&quoted(&program(url))))) {
        Some(command) => vec!["# more snapshots, for a firm answer".to_owned(), command],
        None => vec![
            "# more snapshots, for a firm answer; localhost:6060 stands for the program's address".to_owned(),
            take("localhost:6060"),
        ],
    }
}

/// Whether an input is a URL of a running program.
pub(super) fn is_live(input: &str) -> bool {
    input.contains("://") || input.starts_with("unix:")
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
        let say = |report: &Report| steps(report);
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
        report.connection = ["--header", "@a token"].map(str::to_owned).into();
        assert_eq!(say(&report), ["heapdiff base.pb.gz current.pb.gz --header '@a token'"]);
        for inputs in [&["-"][..], &["a", "b"], &["line\nfeed"]] {
            report.current.inputs = inputs.iter().map(|&input| input.to_owned()).collect();
            assert_eq!(say(&report), [""; 0], "{inputs:?}");
        }
    }
}
