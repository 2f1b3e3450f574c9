//! Makes a budget: what sites grow by today, so that a later check fails only on more.

use super::{Budget, BudgetSite, Comparison};
use crate::diff::Attribution;
use crate::site::{LineAnchor, SiteKey};

/// The budget that a comparison fits in: the sites whose growth is confirmed, or with `all` every site that grew.
pub fn budget(comparison: Comparison<'_, '_, '_>, all: bool) -> Budget {
    let sites = comparison.deltas.sites.iter().enumerate();
    let mut sites: Vec<_> = sites
        .filter(|&(at, _)| all || comparison.evidence.is_significant(at))
        .map(|(_, site)| (comparison.deltas.key(site), comparison.deltas.change(site, Attribution::Flat).delta()))
        .filter(|(_, delta)| delta.space > 0 || delta.objects > 0)
        .map(|(key, delta)| BudgetSite { site: label(&key), objects: delta.objects.max(0), space: delta.space.max(0) })
        .collect();
    sites.sort();
    Budget { sites }
}

/// The name of a site in a budget; that of a line also says where it is in its function.
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
