//! A budget: what sites grow by today, so that a later check fails only on more.

use super::{Budget, BudgetSite, Comparison};
use crate::diff::Attribution;
use crate::order::sorted;
use crate::site::{LineAnchor, SiteKey};

/// The budget that the comparison fits in: the sites whose growth is confirmed, or with `all` every one
/// that grew.
pub fn budget(seen: Comparison<'_, '_, '_>, all: bool) -> Budget {
    let sites = seen.deltas.sites.iter().enumerate();
    let sites = sites
        .filter(|&(at, _)| all || seen.evidence.is_significant(at))
        .map(|(_, site)| (seen.deltas.key(site), seen.deltas.change(site, Attribution::Flat).delta()))
        .filter(|(_, delta)| delta.space > 0 || delta.objects > 0)
        .map(|(key, delta)| BudgetSite { site: label(&key), objects: delta.objects.max(0), space: delta.space.max(0) })
        .collect();
    Budget { sites: sorted(sites, BudgetSite::cmp) }
}

/// What a budget calls a site: its name, and of a line also where it is in its function.
pub(super) fn label(key: &SiteKey<'_>) -> String {
    match *key {
        SiteKey::Line(_, LineAnchor::Offset(offset) | LineAnchor::InFile { offset, .. }) => {
            format!("{} +{offset}", key.name())
        }
        SiteKey::Line(_, LineAnchor::Absolute { file, line }) => {
            format!("{} {}:{line}", key.name(), String::from_utf8_lossy(file))
        }
        _ => key.name().into_owned(),
    }
}
