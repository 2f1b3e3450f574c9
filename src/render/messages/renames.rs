//! What is said of functions that have another name on the other side, or none there.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, value};
use crate::diff::Metric;
use crate::report::{GoneSite, How, OtherName, Report, SiteRow};
use crate::site::{Name, import_path};

/// Confidence below which a pair is only probable.
const PROBABLE_BELOW: f64 = 0.8;
/// Names that are listed before the number of the others.
const FEW: usize = 3;

/// The other names of a site; `None` if it has none.
pub(in crate::render) fn other_names_label(site: &SiteRow) -> Option<String> {
    let label = |name: &OtherName| {
        let function = sanitize(&name.function);
        let probably = if name.confidence < PROBABLE_BELOW { "probably " } else { "" };
        match name.is_part {
            _ if site.function.is_some() => {}
            true => return format!("with functions of {function}, {probably}moved here"),
            false => return format!("{probably}moved from {function}"),
        }
        let has_moved = site.package.as_deref().is_some_and(|package| !is_in_package(&name.function, package));
        match name.how {
            How::Name => format!("renamed from {function}"),
            How::Told | How::Line | How::Evidence if !has_moved => format!("{probably}renamed from {function}"),
            How::Told | How::Line | How::Evidence | How::Package | How::Moved => {
                format!("{probably}moved from {function}")
            }
            How::Split => format!("with {function}, which was split off"),
            How::Merged => format!("with {function}, which became part of it"),
            How::Renumbered => format!("closures renumbered: was {function}"),
        }
    };
    let labels: Vec<_> = site.other_names.iter().map(label).collect();
    (!labels.is_empty()).then(|| few(&labels, "; "))
}

/// Whether a function is in the package with an import path.
fn is_in_package(function: &str, path: &str) -> bool {
    Name::new(function.as_bytes()).package().is_some_and(|package| import_path(package) == path)
}

/// Of a function that only the later build has and that grew too much: that nothing it could be is gone.
pub(in crate::render) fn unmatched_label(site: &SiteRow) -> Option<String> {
    let gone = site.unmatched.as_ref()?;
    if gone.is_empty() {
        return Some("new; no function that is gone matches it".to_owned());
    }
    let gone: Vec<_> = gone.iter().map(|name| sanitize(name)).collect();
    Some(format!(
        "new; gone from the same package, but not similar: {} (if it was renamed: --rename OLD=NEW)",
        few(&gone, ", ")
    ))
}

/// What is said below the sites: how many have other names, and what is gone.
pub(in crate::render) fn renames_footnotes(report: &Report, bytes: Bytes) -> Vec<String> {
    let mut sentences = Vec::new();
    let pairs = report.matching.pairs();
    if pairs > 0 {
        let functions = count(pairs, "function");
        sentences.push(format!("{functions} matched although renamed or moved (--no-renames turns this off)"));
    }
    if !report.gone.is_empty() {
        let metric = report.metrics.first().map_or(Metric::Space, |shown| shown.metric);
        let gone =
            |gone: &GoneSite| format!("{} ({})", sanitize(&gone.name), value(metric, metric.of(gone.values), bytes));
        let gone = few(&report.gone.iter().map(gone).collect::<Vec<_>>(), ", ");
        let start = if report.usual.is_some() { "gone, with what it grew by in the earlier build" } else { "gone" };
        let is_failed = report.gate.as_ref().is_some_and(|result| !result.violations.is_empty());
        let advice = if is_failed { "; if it was moved or split: --rename OLD=NEW" } else { "" };
        sentences.push(format!("{start}: {gone}{advice}"));
    }
    sentences
}

/// A rename that was typed and is of nothing on either side.
pub(crate) fn mistyped_rename(rename: &str) -> String {
    format!("--rename {rename}: neither side has such a function or package")
}

/// The first few texts, and the number of the others.
fn few(texts: &[String], separator: &str) -> String {
    match texts.len() {
        0..=FEW => texts.join(separator),
        all => format!("{}{separator}and {} more", texts[..FEW].join(separator), all - FEW),
    }
}
