//! A budget: what sites grow by today, so that a later check fails only on more.

use super::{Budget, BudgetSite, Comparison};
use crate::diff::Basis;

/// The budget that the comparison fits in: the sites whose growth is confirmed, or with `all` every one
/// that grew.
pub fn budget(seen: Comparison<'_, '_, '_>, all: bool) -> Budget {
    let sites = seen.deltas.sites.iter().enumerate();
    let mut sites: Vec<_> = sites
        .filter(|&(at, _)| all || seen.evidence.is_confirmed(at))
        .map(|(_, site)| (seen.deltas.key(site), seen.deltas.change(site, Basis::Flat).delta()))
        .filter(|(_, delta)| delta.space > 0 || delta.objects > 0)
        .map(|(key, delta)| BudgetSite {
            site: key.name().into_owned(),
            objects: delta.objects.max(0),
            space: delta.space.max(0),
        })
        .collect();
    sites.sort_unstable();
    // Lines of one function have one name: what the function may grow by.
    sites.dedup_by(|site, sum| {
        let same = site.site == sum.site;
        if same {
            sum.objects = sum.objects.saturating_add(site.objects);
            sum.space = sum.space.saturating_add(site.space);
        }
        same
    });
    Budget { sites }
}
