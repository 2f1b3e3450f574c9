//! What may have made a site grow, and how that is allowed if it is meant.

use super::super::text::sanitize;
use super::super::units::Bytes;
use super::findings::{finding_line, is_said};
use crate::report::{Finding, Report, SiteRow};
use crate::site::{Granularity, RuntimeClass};

/// What is likely to have made a site grow, and what to do, if a finding is on it.
pub(super) fn likely_cause(report: &Report, site: &SiteRow, bytes: Bytes) -> Option<String> {
    let is_goroutines = site.runtime_class == Some(RuntimeClass::Goroutines);
    let is_on_it = |finding: &&Finding| match finding {
        Finding::PilingUp(grown) | Finding::Larger(grown) | Finding::ManySmall(grown) | Finding::MapTables(grown) => {
            grown.site == site.name
        }
        Finding::Retainer { site: grown, .. } => grown.site == site.name,
        Finding::Goroutines(_) | Finding::Leaked(_) | Finding::GoroutineObjects { .. } => is_goroutines,
        _ => false,
    };
    let said = report.findings.iter().filter(|finding| is_said(finding, &report.findings));
    said.into_iter().find(is_on_it).map(|finding| finding_line(finding, Some(&site.name), bytes))
}

/// The pattern of an allowance that matches a site and no other; `None` where its name cannot be shown as it is.
pub(super) fn allow_key(report: &Report, site: &SiteRow) -> Option<String> {
    let key = match report.granularity {
        Granularity::Packages => "package",
        Granularity::Files => "file",
        Granularity::Lines | Granularity::Functions | Granularity::Owner | Granularity::Roots => "function",
    };
    let name = serde_json::to_string(&site.name).ok().filter(|_| sanitize(&site.name) == site.name)?;
    Some(format!("{key} = {name}"))
}
