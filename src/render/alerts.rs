//! What fails a check, as services that show results beside the code want it: an alert for each site, each at a place.

use super::messages::gate::leaked;
use super::messages::{SiteViolations, site_violations, violation_lines};
use super::text::sanitize;
use super::units::Bytes;
use crate::gate::GateResult;
use crate::report::Report;

/// The rule that an alert is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AlertRule {
    Site,
    WholeHeap,
    LeakedGoroutines,
}

impl AlertRule {
    pub(super) const ALL: [Self; 3] = [Self::Site, Self::WholeHeap, Self::LeakedGoroutines];

    /// Its name, which services keep.
    pub(super) fn id(self) -> &'static str {
        match self {
            AlertRule::Site => "site-growth",
            AlertRule::WholeHeap => "heap-growth",
            AlertRule::LeakedGoroutines => "leaked-goroutines",
        }
    }
}

/// One of the things that fail a check.
pub(super) struct Alert {
    pub(super) rule: AlertRule,
    /// Tells it from others of its rule, in this run and in later ones: without lines and amounts, which change.
    pub(super) identity: String,
    /// The function, where there is one.
    pub(super) function: Option<String>,
    /// What grew, how significant that is, where, and what is allowed.
    pub(super) lines: Vec<String>,
    pub(super) place: Place,
}

/// A file and a line, as services demand one of each alert.
pub(super) struct Place {
    pub(super) file: String,
    pub(super) line: i64,
}

/// The alerts of a check, the worst first.
pub(super) fn alerts(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<Alert> {
    let of_violations = |found: SiteViolations<'_>| Alert {
        rule: if found.site.is_some() { AlertRule::Site } else { AlertRule::WholeHeap },
        identity: found.site.map_or("heap", |site| &site.site_id).to_owned(),
        function: found.site.map(|site| sanitize(&site.name)),
        lines: violation_lines(&found, bytes),
        place: place(report, &found),
    };
    let of_leaked = result.leaked.iter().map(|found| Alert {
        rule: AlertRule::LeakedGoroutines,
        identity: sanitize(&found.function),
        function: Some(sanitize(&found.function)),
        lines: vec![sanitize(&leaked(found))],
        place: profile_place(report),
    });
    site_violations(report, result).map(of_violations).chain(of_leaked).collect()
}

/// The line in the checkout, or else the one that the profile names, or else the profile.
fn place(report: &Report, violations: &SiteViolations<'_>) -> Place {
    if let Some(source) = violations.source() {
        return Place { file: sanitize(&source.file), line: source.line.max(1) };
    }
    let site = violations.site;
    let of_profile =
        site.and_then(|site| Some(Place { file: sanitize(site.file.as_deref()?), line: site.line?.max(1) }));
    of_profile.unwrap_or_else(|| profile_place(report))
}

/// The current profile, for what has no line of source.
pub(super) fn profile_place(report: &Report) -> Place {
    let file = report.current.inputs.first().map_or("-", String::as_str);
    Place { file: if file == "-" { "standard input".to_owned() } else { sanitize(file) }, line: 1 }
}
