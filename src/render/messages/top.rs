//! The sentences on one profile.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, value};
use super::commands::{header_file, is_live, pasteable, program, quoted};
use super::header::{granularity_label, inputs};
use super::nouns::site_noun;
use super::series::file_names;
use crate::diff::{Attribution, Metric};
use crate::report::TopReport;

/// Samples below which an estimate is off by half or more, in one of three cases.
const ROUGH_SAMPLES: i128 = 4;

/// All of it: how much, of what, in which file, by what.
pub(in crate::render) fn headline(report: &TopReport, bytes: Bytes) -> String {
    let number = |metric: Metric| value(metric, metric.of(report.total), bytes);
    let objects = report.metrics.iter().find(|column| column.metric == Metric::Objects);
    let thing = objects.map(|column| sanitize(&column.name)).filter(|name| name != Metric::Objects.name());
    let thing = thing.filter(|name| name != Metric::Objects.allocated_name()).unwrap_or_else(|| "objects".to_owned());
    let has_space = report.metrics.iter().any(|column| column.metric == Metric::Space);
    let state = if report.is_allocation { "allocated" } else { "alive" };
    let amount = match (has_space, objects.is_some()) {
        (true, true) => format!("{} {state} in {} {thing}", number(Metric::Space), number(Metric::Objects)),
        (true, false) => format!("{} {state}", number(Metric::Space)),
        (false, true) if thing == "objects" => format!("{} objects {state}", number(Metric::Objects)),
        (false, _) => format!("{} {thing}s", number(Metric::Objects)),
    };
    let callees = if report.attribution == Attribution::Cum { ", callees included" } else { "" };
    format!("{amount}: {}, {}{callees}", inputs(&report.input), granularity_label(report.granularity))
}

/// The heading of the memory of the process.
pub(in crate::render) fn process_heading() -> &'static str {
    "The process, by runtime.MemStats in the profile:"
}

/// The heading of the runtime's own numbers below a trend.
pub fn beside_trend_heading() -> &'static str {
    "The process, by runtime.MemStats:"
}

/// A file that is left out, as it cannot be read.
pub(crate) fn left_out(error: &str) -> String {
    format!("left out: {error}")
}

/// Files of folders that are left out.
pub(crate) fn skipped(inputs: &[String]) -> String {
    format!("skipped, not heap profiles: {}", file_names(inputs))
}

/// None of the files is a heap profile.
pub(crate) const NO_PROFILES: &str = "no heap profiles in what was given";

/// What the table does not show.
pub(in crate::render) fn omitted_sentence(report: &TopReport, bytes: Bytes) -> Option<String> {
    let omitted = report.omitted;
    let metric = report.metrics.first()?.metric;
    (omitted.sites > 0).then(|| {
        let amount = value(metric, metric.of(omitted.values), bytes);
        let noun = site_noun(report.granularity);
        format!(
            "Not shown: {}, {amount} together; --all lists every {noun}.",
            count(omitted.sites, &format!("more {noun}"))
        )
    })
}

/// How far the numbers can be trusted.
pub(in crate::render) fn sampling_sentence(report: &TopReport) -> Option<String> {
    let period = i128::from(report.input.period_bytes);
    let has_space = report.metrics.iter().any(|column| column.metric == Metric::Space);
    (period > 1 && has_space && !report.sites.is_empty()).then(|| {
        let size = |bytes: i128| value(Metric::Space, bytes, Bytes::Iec);
        let rough = size(ROUGH_SAMPLES * period);
        format!("Estimated from one sample in {}: values below about {rough} are rough.", size(period))
    })
}

/// What to do next: a command, below what it shows.
pub(in crate::render) fn next_step(report: &TopReport) -> Vec<String> {
    let [input] = &report.input.inputs[..] else { return Vec::new() };
    if input == "-" || report.sites.is_empty() {
        return Vec::new();
    }
    let below = |what: &str, command: String| {
        let command = pasteable(command)?;
        let mut lines = vec![format!("# {what}")];
        lines.extend(header_file(&report.connection).filter(|_| is_live(input)).map(str::to_owned));
        lines.push(command);
        Some(lines)
    };
    let step = if is_live(input) {
        // A running program has no past: it answers with what it has now.
        let words: Vec<_> = [&program(input)].into_iter().chain(&report.connection).map(|word| quoted(word)).collect();
        below("two snapshots, to see what grows", format!("heapdiff capture {}", words.join(" ")))
    } else {
        below("what grew since, given a later profile", format!("heapdiff {} LATER", quoted(input)))
    };
    step.unwrap_or_default()
}
