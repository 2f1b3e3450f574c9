//! What is compared: the files of both sides, whether they are of one build and one process, and what a site is.

use super::super::text::sanitize;
use super::super::times::duration;
use super::runs::scale_label;
use crate::diff::{Attribution, Metric};
use crate::evidence::ProcessRelation;
use crate::report::{Note, Report, SideInfo};
use crate::site::Granularity;

/// Longest time between two profiles that can be meant: a hundred years.
const MAX_SECONDS_APART: f64 = 100.0 * 365.25 * 86400.0;

/// What is compared, in parts: the files, the pair that they are compared with, and what a site is.
pub(in crate::render) fn header_parts(report: &Report) -> Vec<String> {
    let callers = if report.attribution == Attribution::Cum { ", callers included" } else { "" };
    let scope = format!("{}{callers}", scope_label(report));
    if report.current.difference.is_some() {
        return vec![format!("{}, freed → allocated", inputs(&report.current)), scope];
    }
    let origin = origin(report).map(|origin| format!(": {origin}")).unwrap_or_default();
    let sides = format!("{}{origin}", both_inputs(report, &report.base, &report.current));
    let usual = report.usual.as_ref();
    let usual = usual.map(|[base, current]| format!("against {}", both_inputs(report, base, current)));
    [Some(sides), time_between(report), usual, Some(scope)].into_iter().flatten().collect()
}

/// The time between the two profiles, where both have theirs: of two files of one process, as other times say nothing.
fn time_between(report: &Report) -> Option<String> {
    let is_pair = report.usual.is_none() && report.base.inputs.len() == 1 && report.current.inputs.len() == 1;
    let [base, current] = [report.base.time_nanos, report.current.time_nanos];
    let nanos = current.checked_sub(base).filter(|_| is_pair && base > 0 && current > 0)?;
    let seconds = nanos as f64 / 1e9;
    let is_one = report.sampling.process_relation != ProcessRelation::Different;
    (is_one && (0.1..MAX_SECONDS_APART).contains(&seconds)).then(|| format!("{} apart", duration(seconds)))
}

/// The same in one line.
pub(in crate::render) fn comparison_label(report: &Report) -> String {
    header_parts(report).join(", ")
}

/// The granularity, and what numbers are of.
pub(in crate::render) fn scope_label(report: &Report) -> String {
    let allocated = if report.name(Metric::Space) == Metric::Space.allocated_name() { ", allocated" } else { "" };
    let explained = match report.granularity {
        _ if report.list.as_ref().is_some_and(|list| list.sites.is_empty()) => "",
        Granularity::Owner if report.current.is_native() => "",
        Granularity::Owner if report.has_own_patterns => " (the first in your own code, if any)",
        Granularity::Owner => " (the first outside Go's library, if any)",
        Granularity::Roots => " (the variable that holds it)",
        _ => "",
    };
    format!("{}{explained}{allocated}{}", granularity_label(report.granularity), scale_label(report))
}

/// What the sites are.
pub(in crate::render) fn granularity_label(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "by line",
        Granularity::Functions => "by allocating function",
        Granularity::Owner => "by function",
        Granularity::Roots => "by root",
        Granularity::Files => "by file",
        Granularity::Packages => "by package",
    }
}

/// That the sides are of two builds or processes.
pub(in crate::render) fn origin(report: &Report) -> Option<String> {
    let has = |is_it: fn(&Note) -> bool| report.notes.iter().any(is_it);
    // Said before anything else.
    if has(|note| matches!(note, Note::ProgramDiffers { .. } | Note::ProducerDiffers { .. })) {
        return None;
    }
    let is_pair = report.usual.is_none() && report.base.inputs.len() == 1 && report.current.inputs.len() == 1;
    let builds = has(|note| matches!(note, Note::BuildDiffers { .. })).then_some("two builds");
    // Of swapped inputs the counters fall, too.
    let is_pair = is_pair && !has(|note| matches!(note, Note::TimeReversed { .. }));
    let are_two = is_pair && report.sampling.process_relation == ProcessRelation::Different;
    let parts: Vec<_> = [builds, are_two.then_some("two processes")].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Whether the base is a later profile of the same process, so that what is missed between the two, and why, does not
/// follow from them.
pub(super) fn is_in_wrong_order(report: &Report) -> bool {
    report.notes.iter().any(Note::is_wrong_order)
}

/// A side's file, or how many there are: "3 profiles (pod-1 … pod-3)".
pub(in crate::render) fn inputs(side: &SideInfo) -> String {
    side_label(&side.inputs, "profiles")
}

fn side_label(inputs: &[String], what: &str) -> String {
    match inputs {
        [] => String::new(),
        [one] => sanitize(one),
        _ => format!("{} {what} ({})", inputs.len(), names(inputs, true)),
    }
}

/// Several files in short: without what their names have in common. `keeps_folder`: but for their folder.
fn names(inputs: &[String], keeps_folder: bool) -> String {
    let start = common_start(inputs);
    let rests: Vec<_> = inputs.iter().filter_map(|input| input.get(start..)).collect();
    let end = common_end(&rests);
    let short: Vec<_> = rests.iter().filter_map(|rest| rest.get(..rest.len() - end)).collect();
    let folder = inputs.first().and_then(|input| input.get(..start)).filter(|_| keeps_folder).unwrap_or_default();
    let named = match &short[..] {
        [first, second] => format!("{folder}{first}, {second}"),
        [first, .., last] => format!("{folder}{first} … {last}"),
        _ => String::new(),
    };
    sanitize(&named)
}

/// Length of the folder that all are in, with its slash.
fn common_start(inputs: &[String]) -> usize {
    let Some((first, others)) = inputs.split_first() else { return 0 };
    let folders = first.match_indices('/').map(|(at, _)| at + 1);
    folders.take_while(|&end| others.iter().all(|other| other.get(..end) == first.get(..end))).last().unwrap_or(0)
}

/// Length of the ending that all have, such as `.pb.gz`, so that something is left of each.
fn common_end(names: &[&str]) -> usize {
    let Some((first, others)) = names.split_first() else { return 0 };
    let file = first.rfind('/').map_or(0, |at| at + 1);
    let ends = first.match_indices('.').filter(|(at, _)| *at > file).map(|(at, _)| &first[at..]);
    let is_common = |end: &&str| others.iter().all(|other| other.len() > end.len() && other.ends_with(end));
    ends.filter(is_common).map(str::len).next().unwrap_or(0)
}

/// The files of both sides.
fn both_inputs(report: &Report, base: &SideInfo, current: &SideInfo) -> String {
    let what = if report.runs.is_some() { "runs" } else { "profiles" };
    in_one_folder(base, current, what)
        .unwrap_or_else(|| format!("{} → {}", side_label(&base.inputs, what), side_label(&current.inputs, what)))
}

/// The files of both sides if all are in one folder, which is named once.
fn in_one_folder(base: &SideInfo, current: &SideInfo, what: &str) -> Option<String> {
    let all: Vec<_> = base.inputs.iter().chain(&current.inputs).cloned().collect();
    let start = common_start(&all);
    let folder = all.first()?.get(..start)?.strip_suffix('/').filter(|folder| !folder.is_empty() && *folder != ".")?;
    let is_in = |input: &String| input.get(start..).is_some_and(|name| !name.contains('/'));
    if folder.contains("://") || !all.iter().all(is_in) {
        return None;
    }
    let side = |side: &SideInfo| match &side.inputs[..] {
        [one] => one.get(start..).map(sanitize).unwrap_or_default(),
        several => format!("{} {what} ({})", several.len(), names(several, false)),
    };
    Some(format!("{} → {} in {}", side(base), side(current), sanitize(folder)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(names: &[&str]) -> String {
        side_label(&names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>(), "runs")
    }

    #[test]
    fn several_files_are_named_in_short() {
        assert_eq!(label(&["a.pb.gz"]), "a.pb.gz");
        assert_eq!(label(&["pod-1.pb.gz", "pod-2.pb.gz"]), "2 runs (pod-1, pod-2)");
        assert_eq!(label(&["d/pod-1.pb", "d/pod-2.pb", "d/pod-3.pb"]), "3 runs (d/pod-1 … pod-3)");
        assert_eq!(label(&["1/heap.pb", "2/heap.pb"]), "2 runs (1/heap, 2/heap)");
        assert_eq!(label(&["a.pb.gz", "b.txt"]), "2 runs (a.pb.gz, b.txt)");
        assert_eq!(label(&["a.pb", "a.pb"]), "2 runs (a, a)");
        assert_eq!(label(&["http://h1/heap", "http://h2/heap"]), "2 runs (http://h1/heap, h2/heap)");
    }
}
