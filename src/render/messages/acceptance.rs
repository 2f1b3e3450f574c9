//! How growth is accepted that is meant, in a sentence.

use crate::gate::GateResult;
use crate::report::Report;
use crate::site::Scale;

/// How growth is accepted that is meant; `None` where nothing of the kind fails.
pub(in crate::render) fn acceptance(report: &Report, result: &GateResult) -> Option<String> {
    let is_site = result.violations.iter().any(|violation| violation.site.is_some());
    let is_whole = result.violations.iter().any(|violation| violation.site.is_none());
    let how = match (is_site, is_whole) {
        (true, _) if has_budget(report) => "[[allow]] in heapdiff.toml, or --update-budget FILE",
        (true, _) => "[[allow]] in heapdiff.toml",
        (false, true) => "--total-tolerance or --max-total-space",
        (false, false) => return None,
    };
    Some(format!("If that growth is meant: {how}"))
}

/// Whether a budget can hold the growth.
pub(super) fn has_budget(report: &Report) -> bool {
    !matches!(report.scales[1], Scale::PerOperation(_) | Scale::Normalized(_))
}
