//! What a series comes to, and trends in words.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, count, value};
use super::capitalised;
use crate::diff::Metric;
use crate::gate::Status;
use crate::report::{HeapHint, TrendReport};
use crate::series::{Shape, Trend};

/// The headline of `--fail-on`.
pub(in crate::render) fn trend_status(report: &TrendReport, status: Status) -> &'static str {
    match status {
        Status::Pass => "PASS: no site has such a trend",
        Status::Fail if report.fails_by_heap && !counts_bytes(report) => {
            "FAIL: the number of all has a trend that it must not have"
        }
        Status::Fail if report.fails_by_heap && report.process == Some(Shape::Growing) => {
            "FAIL: the live heap as a whole is still growing"
        }
        Status::Fail if report.fails_by_heap => "FAIL: the live heap as a whole has a trend that it must not have",
        Status::Fail => "FAIL: a site has a trend that it must not have",
        Status::Inconclusive => "INCONCLUSIVE: the snapshots cannot tell",
    }
}

/// Whether a series is of the heap; others, such as of goroutines, have a number only.
fn counts_bytes(report: &TrendReport) -> bool {
    report.comparison.shows(Metric::Space)
}

fn goes_on(report: &TrendReport) -> bool {
    report.rows.iter().any(|row| row.trend.goes_on())
}

/// What a series comes to, as the last line of a watch.
#[cfg(feature = "fetch")]
pub fn trend_verdict(report: &TrendReport) -> String {
    format!("verdict: {}", outcome(report, &Naming { most: 1, names: None }))
}

/// What a series comes to, as a headline.
pub(in crate::render) fn trend_headline(report: &TrendReport) -> String {
    capitalised(&outcome(report, &Naming { most: 1, names: None }))
}

/// What a series comes to, with the names of the first few sites that keep growing.
pub(in crate::render) fn trend_page_headline(report: &TrendReport, names: &DisplayNames<'_>) -> String {
    const FEW: usize = 3;
    capitalised(&outcome(report, &Naming { most: FEW, names: Some(names) }))
}

/// How sites are named.
struct Naming<'a> {
    /// How many are given by name, where there are many.
    most: usize,
    /// Short names; in full without.
    names: Option<&'a DisplayNames<'a>>,
}

impl Naming<'_> {
    fn name(&self, report: &TrendReport, row: usize) -> String {
        let site = &report.comparison.sites[report.rows[row].site];
        sanitize(self.names.map_or(&site.name, |names| names.site(site)))
    }
}

/// The sites that keep growing, or those that may; and the heap as a whole.
fn outcome(report: &TrendReport, naming: &Naming<'_>) -> String {
    let whole = if counts_bytes(report) { "the live heap as a whole (exact)" } else { "the number of all (exact)" };
    let heap = report.process.map(|shape| format!("{whole} {}", whole_heap_label(shape)));
    let parts = match report.process {
        Some(Shape::Growing) if goes_on(report) => {
            vec![Some(format!("{}, and so is {whole}", growing_sites(report, naming)))]
        }
        _ if goes_on(report) => vec![Some(growing_sites(report, naming)), heap],
        Some(Shape::Growing) => {
            let larger = if report.is_bloat { ", as its objects get larger" } else { "" };
            vec![
                heap.map(|heap| format!("{heap}{larger}, but no single site is known to be")),
                best_candidate(report, naming),
            ]
        }
        None if report.hint.is_some() => vec![report.hint.map(hint_sentence), best_candidate(report, naming)],
        None | Some(Shape::Grew) if !report.candidates.is_empty() => {
            vec![Some("no site is known to keep growing".to_owned()), best_candidate(report, naming), heap]
        }
        _ => vec![heap, Some(ended_growth(report))],
    };
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// Growth of the whole heap that no site shows.
fn hint_sentence(hint: HeapHint) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "bytes")]
    let size = |bytes: f64| value(Metric::Space, bytes.round() as i128, Bytes::Iec);
    match hint {
        HeapHint::NextGc => {
            "NextGC, an estimate of the live heap, is still growing, but no single site is known to be".to_owned()
        }
        HeapHint::Samples(growth) => format!(
            "all sites together grew by {} (95 %: {} to {}), but no single site is sure to have",
            size(growth.estimate),
            size(growth.low),
            size(growth.high)
        ),
    }
}

/// The sites that keep growing.
fn growing_sites(report: &TrendReport, naming: &Naming<'_>) -> String {
    let of = |(trend, what): (Trend, &str)| {
        let rows: Vec<_> = (0..report.rows.len()).filter(|&row| report.rows[row].trend == trend).collect();
        (!rows.is_empty()).then(|| format!("{what}: {} still growing", are(report, &rows, naming)))
    };
    let found = [(Trend::Leak, "leak"), (Trend::Bloat, "larger objects")].into_iter().filter_map(of);
    found.collect::<Vec<_>>().join("; ")
}

fn best_candidate(report: &TrendReport, naming: &Naming<'_>) -> Option<String> {
    let (&first, sites) = (report.candidates.first()?, report.candidates.len());
    let others = if sites > 1 { format!(", of {sites}") } else { String::new() };
    Some(format!("the best candidate{others}: {}", naming.name(report, first)))
}

/// The sites that grew and do not keep growing.
fn ended_growth(report: &TrendReport) -> String {
    let count_of = |trends: &[Trend]| trends.iter().map(|&trend| report.count(trend)).sum::<usize>();
    let found = [
        ("levelling off", count_of(&[Trend::WarmUp])),
        ("levelled off", count_of(&[Trend::Levelled])),
        ("one step", count_of(&[Trend::OneStep])),
        ("up and down", count_of(&[Trend::Fluctuating])),
        ("unclear", count_of(&[Trend::Grew, Trend::GrewLarge])),
    ];
    let found: Vec<_> = found
        .into_iter()
        .filter(|(_, sites)| *sites > 0)
        .map(|(what, sites)| format!("{what} ({})", count(sites, "site")))
        .collect();
    if !found.is_empty() {
        return format!("no site is known to keep growing: {}", found.join(", "));
    }
    let is_sampled = report.process.is_none() && report.comparison.sampling.is_sampled();
    let help = if is_sampled { "; finer sampling or a longer series shows smaller growth" } else { "" };
    format!("no site is sure to have grown{help}")
}

/// The first of some rows by name, and the number of the others, with a verb.
fn are(report: &TrendReport, rows: &[usize], naming: &Naming<'_>) -> String {
    let names: Vec<_> = rows.iter().take(naming.most).map(|&row| naming.name(report, row)).collect();
    match (rows.len() - names.len(), &names[..]) {
        (0, [one]) => format!("{one} is"),
        (0, [first @ .., last]) => format!("{} and {last} are", first.join(", ")),
        (others, names) => format!("{} and {} are", names.join(", "), count(others, "other site")),
    }
}

/// A trend in words.
pub(super) fn trend_label(report: &TrendReport, trend: Trend) -> String {
    let text = match trend {
        Trend::Leak => "leak: still growing",
        Trend::Bloat => "larger objects: still growing",
        Trend::Grew => unclear_label(report),
        Trend::GrewLarge => "grew: larger objects; unclear whether it goes on",
        Trend::WarmUp => "warm-up: levelling off",
        Trend::Levelled => {
            let until = report.window.level_from() + 1;
            return format!("levelled off: grew until about snapshot {until}, hardly since");
        }
        Trend::OneStep => "one step",
        Trend::Fluctuating => "goes up and down",
        Trend::Unknown => "unknown",
        Trend::Steady => "no significant growth",
    };
    text.to_owned()
}

/// Why it is unclear whether a site keeps growing.
fn unclear_label(report: &TrendReport) -> &'static str {
    match () {
        () if report.has_heap_stopped() => "grew; the live heap as a whole does not keep growing",
        () if report.window.is_short() => "grew; too few snapshots to tell whether it goes on",
        () if report.comparison.sampling.is_sampled() => "grew; too few samples to tell whether it goes on",
        () => "grew, unclear whether it goes on",
    }
}

/// The course of the whole live heap in words.
fn whole_heap_label(shape: Shape) -> &'static str {
    match shape {
        Shape::Flat => "does not grow",
        Shape::Decelerating => "is levelling off, as in a warm-up",
        Shape::Levelled => "grew at first and hardly at the end, as in a warm-up",
        Shape::Fluctuating => "goes up and down",
        Shape::OneStep => "grew in one step",
        Shape::Growing => "is still growing",
        Shape::Grew => "grew, in too few snapshots to tell more",
    }
}
