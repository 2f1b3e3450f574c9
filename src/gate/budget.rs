//! Makes a budget: what sites grow by today, so that a later check fails only on more.

use super::judge::Comparison;
use super::rules::{Budget, BudgetSite, label};
use crate::diff::Attribution;

/// The budget that a comparison fits in: the sites whose growth is significant, or with `all` every site that grew.
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
