//! The sentences of pages.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, range, value};
use super::whole::{capitalised, contradiction, spread_sentence, whole_claim, whole_sentence};
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::report::{Flame, FunctionCode, Report, SiteRow, TrendReport, WholeBasis, WholeVerdict};
use crate::site::Granularity;

/// Sites that a headline names.
const MAX_NAMED: usize = 2;
/// Shortest series whose growth is given per hour, seconds.
const MIN_SECONDS_FOR_PACE: f64 = 600.0;

/// What grew, by how much, and how sure that is.
pub(in crate::render) fn page_headline(report: &Report, names: &DisplayNames<'_>, bytes: Bytes) -> String {
    let of = |significance| grown(report, |site| site.evidence.significance == significance);
    let (confirmed, suspect) = (of(Significance::Grew), of(Significance::Suspect));
    let unknown = grown(report, |site| report.sampling.rate_bytes.is_none() || is_unknown(site));
    let is_counted = !report.sampling.is_sampled() && report.sampling.rate_bytes.is_some();
    let has_grown = report.whole.as_ref().is_some_and(|whole| whole.verdict == WholeVerdict::Grew);
    if !confirmed.is_empty() {
        return named(report, names, &confirmed, "grew by", if is_counted { "exact" } else { "confirmed" }, bytes);
    }
    // Certain growth of the whole is said before growth of a site that is not.
    if let Some(claim) = has_grown.then(|| whole_claim(report, bytes)).flatten() {
        return format!("{}, but no single {}'s growth is confirmed", capitalised(&claim), site_noun(report));
    }
    if !suspect.is_empty() {
        return named(report, names, &suspect, "may have grown by", "suspect", bytes);
    }
    if !unknown.is_empty() {
        return named(report, names, &unknown, "grew by", "significance unknown", bytes);
    }
    match report.sites.iter().any(|site| growth(report, site) > 0) {
        true => "Nothing grew beyond sampling noise".to_owned(),
        false => "Nothing grew".to_owned(),
    }
}

fn is_unknown(site: &SiteRow) -> bool {
    site.evidence.significance == Significance::Unknown
}

fn growth(report: &Report, site: &SiteRow) -> i128 {
    report.metrics.first().map_or(0, |column| site.flat.delta_of(column.metric))
}

/// The sites that grew and for which `is_wanted` is true, the most grown first.
fn grown(report: &Report, is_wanted: impl Fn(&SiteRow) -> bool) -> Vec<&SiteRow> {
    let mut sites: Vec<_> = report.sites.iter().filter(|site| growth(report, site) > 0 && is_wanted(site)).collect();
    sites.sort_by_key(|site| -growth(report, site));
    sites
}

/// A sentence on sites: the first by name, the others by number.
fn named(
    report: &Report,
    names: &DisplayNames<'_>,
    sites: &[&SiteRow],
    verb: &str,
    certainty: &str,
    bytes: Bytes,
) -> String {
    let metric = report.metrics.first().map_or(Metric::Space, |column| column.metric);
    let amount = |growth: i128| match metric {
        Metric::Space => value(metric, growth, bytes),
        Metric::Objects => format!("{} objects", value(metric, growth, bytes)),
    };
    let said = |(at, site): (usize, &&SiteRow)| {
        let verb = if at == 0 { format!("{verb} ") } else { "by ".to_owned() };
        format!("{} {verb}{}", sanitize(names.site(site)), amount(growth(report, site)))
    };
    // One more is named rather than counted.
    let shown = if sites.len() == MAX_NAMED + 1 { MAX_NAMED + 1 } else { sites.len().min(MAX_NAMED) };
    let mut parts: Vec<_> = sites[..shown].iter().enumerate().map(said).collect();
    let others = &sites[shown..];
    if !others.is_empty() {
        let sum = others.iter().map(|site| growth(report, site)).sum();
        parts.push(format!("{} by {}", count(others.len(), &format!("other {}", site_noun(report))), amount(sum)));
    }
    format!("{} ({certainty})", listed(&parts))
}

/// `a, b and c`.
fn listed(parts: &[String]) -> String {
    match parts {
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
        [] => String::new(),
    }
}

/// What a site is, as people call it.
fn site_noun(report: &Report) -> &'static str {
    match report.granularity {
        Granularity::Lines => "line",
        Granularity::Functions | Granularity::Owner => "function",
        Granularity::Files => "file",
        Granularity::Packages => "package",
    }
}

/// What there is to say of the heap as a whole beside its totals.
pub(in crate::render) fn page_lead(report: &Report, bytes: Bytes) -> Option<String> {
    match report.whole.as_ref()?.basis {
        WholeBasis::Samples => {
            let said: Vec<_> = spread_sentence(report).into_iter().chain(contradiction(report, bytes)).collect();
            (!said.is_empty()).then(|| capitalised(&said.join("; ")))
        }
        WholeBasis::Count => None,
        _ => whole_sentence(report, bytes),
    }
}

/// How certain the growth of a total is.
pub(in crate::render) fn total_certainty(report: &Report, metric: Metric, bytes: Bytes) -> Option<String> {
    let whole = report.whole.as_ref()?;
    let growth = if metric == Metric::Space { whole.space } else { whole.objects };
    match whole.basis {
        WholeBasis::Count => Some("exact: everything was counted".to_owned()),
        WholeBasis::Samples => Some(format!("95 % interval: {}", range(metric, growth?.bounds?, true, bytes))),
        _ => None,
    }
}

/// How fast a total grows in a series.
pub(in crate::render) fn total_pace(report: &TrendReport, metric: Metric, bytes: Bytes) -> String {
    let growth = report.comparison.totals.delta_of(metric);
    let per_snapshot = format!("{} per snapshot", delta(metric, report.growth_per_snapshot(growth), bytes));
    let is_long = report.seconds().is_some_and(|seconds| seconds >= MIN_SECONDS_FOR_PACE);
    match report.growth_per_hour(growth).filter(|_| is_long) {
        Some(pace) => format!("{per_snapshot}, {} per hour", delta(metric, pace, bytes)),
        None => per_snapshot,
    }
}

/// Heading of the graph.
pub(in crate::render) const FLAME_HEADING: &str = "Flame graph";
/// Heading of the findings.
pub(in crate::render) const FINDINGS_HEADING: &str = "Likely cause";
/// Heading of the functions that grew, line by line.
pub(in crate::render) const CODE_HEADING: &str = "Lines that grew";
/// Why no function has its source beside its lines.
pub(in crate::render) const NO_SOURCES: &str =
    "Their source is not below the working directory; --source-root DIR says where it is.";
/// What the colours mean; the hatching is beside it.
pub(in crate::render) const COLOR_LEGEND: &str = "Darker: a larger share of the frame is growth. Hatched: within \
    sampling noise.";
/// How the graph is used.
pub(in crate::render) const FLAME_USE: &str = "Click a frame to zoom in, double-click it (or press C) for its callers \
    over all stacks; Esc goes back.";

/// The other functions that allocate for a line: the first few, and the number of the others.
pub(in crate::render) fn callees_label(callees: &[String]) -> String {
    const FEW: usize = 2;
    let more = callees.len().saturating_sub(FEW);
    let shown = callees.iter().take(FEW).map(|name| sanitize(name)).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("in {shown} and {more} more") } else { format!("in {shown}") }
}

/// Where a function is: the file that its source was found in, or the one that the profile names.
pub(in crate::render) fn code_place(code: &FunctionCode) -> String {
    let file = code.source.as_ref().map_or(&code.file, |excerpt| &excerpt.path);
    match code.start_line.filter(|line| *line > 0 && !file.is_empty()) {
        Some(line) => format!("{}:{line}", sanitize(file)),
        None => sanitize(file),
    }
}

/// The sentence on calls that are too narrow to be drawn.
pub(in crate::render) fn undrawn_calls(flame: &Flame) -> Option<String> {
    let share = format!("{:.3}", flame.min_share * 100.0);
    let share = share.trim_end_matches('0').trim_end_matches('.');
    let are = if flame.merged == 1 { "is" } else { "are" };
    (flame.merged > 0)
        .then(|| format!("{} below {share} % {are} hidden (--min 0 shows them)", count(flame.merged, "call")))
}

/// What the width and the colours of a graph mean.
pub(in crate::render) fn width_legend(by_growth: bool, metric: &str) -> String {
    let what = if by_growth { "growth" } else { "live memory" };
    format!("Width: {what}, {metric}. ▲ grew, ▼ shrank. {COLOR_LEGEND}")
}

/// The growth of the stacks through a node that grew.
pub(in crate::render) fn grown_stacks(value: &str) -> String {
    format!("stacks that grew: {value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;

    #[test]
    fn a_headline_names_what_grew_and_says_how_sure_that_is() {
        let mut report = sample::report(Status::Pass);
        let whole = report.whole.take();
        let mut site = report.sites[0].clone();
        site.flat = Default::default();
        let grown = |name: &str, mib: i128, significance| {
            let mut site = site.clone();
            (site.name, site.function) = (name.to_owned(), Some(name.to_owned()));
            site.flat.current.space = mib << 20;
            site.evidence.significance = significance;
            site
        };
        let mut say = |sites: &[(&str, i128, Significance)]| {
            report.sites = sites.iter().map(|&(name, mib, significance)| grown(name, mib, significance)).collect();
            page_headline(&report, &DisplayNames::default(), Bytes::Iec)
        };
        let (sure, maybe) = (Significance::Grew, Significance::Suspect);
        for site in [("f", 3, sure), ("f", 3, maybe)] {
            let expected = if site.2 == sure {
                "f grew by 3.00 MiB (confirmed)"
            } else {
                "f may have grown by 3.00 MiB (suspect)"
            };
            assert_eq!(say(&[site]), expected);
        }
        assert_eq!(
            say(&[("f", 1, sure), ("g", 3, sure), ("h", 9, maybe)]),
            "g grew by 3.00 MiB and f by 1.00 MiB (confirmed)"
        );
        assert_eq!(
            say(&[("f", 4, sure), ("g", 3, sure), ("h", 2, sure), ("i", 1, sure)]),
            "f grew by 4.00 MiB, g by 3.00 MiB and 2 other functions by 3.00 MiB (confirmed)"
        );
        assert_eq!(say(&[("f", 3, Significance::Unknown)]), "f grew by 3.00 MiB (significance unknown)");
        assert_eq!(say(&[]), "Nothing grew");
        assert_eq!(say(&[("f", 3, Significance::Noise)]), "Nothing grew beyond sampling noise");
        report.whole = whole;
        assert_eq!(
            page_headline(&report, &DisplayNames::default(), Bytes::Iec),
            "The heap grew by 10.0 MiB, but no single function's growth is confirmed"
        );
    }
}
