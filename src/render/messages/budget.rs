//! What budget files and their updates say.

use super::super::text::sanitize;
use crate::gate::{BudgetSite, BudgetUpdate};

/// The comment at the top of a budget file.
pub(crate) const BUDGET_HEADER: &str = "\
# What each site may grow by beyond the other rules; `heapdiff check --budget` holds later runs to it.
# Measured against a base of `base-space` and `base-objects`: what a later base already has of that growth is
# subtracted, so that nothing is accepted twice after a merge. Growth is rounded up, with a quarter of room; `rate` is
# the sampling period in bytes. `heapdiff check --update-budget` keeps lines that still hold, and every `reason`;
# `--tighten` removes what is no longer needed. Site \"*\" is the whole heap. A merge may keep both sides' lines: the
# larger numbers count.

";

/// What an update of a budget changed.
pub(crate) fn budget_update(file: &str, update: &BudgetUpdate) -> String {
    let changes = [
        ("added", &update.added),
        ("raised", &update.raised),
        ("lowered", &update.lowered),
        ("removed", &update.removed),
    ];
    let changes = changes.iter().filter(|(_, sites)| !sites.is_empty());
    let changes: Vec<_> = changes.map(|(what, sites)| format!("{what}: {}", names(sites))).collect();
    let file = sanitize(file);
    let mut text = match changes.is_empty() {
        true => format!("{file}: nothing changed"),
        false => format!("{file}: {}", changes.join("; ")),
    };
    if !update.unneeded.is_empty() {
        text += &format!("; no longer needed: {} (--tighten removes that)", names(&update.unneeded));
    }
    if !update.added.is_empty() {
        text += &format!(". Give each line its reason; --budget {} makes a check accept it", file);
    }
    text
}

/// Names of the budget's sites: the first few, and the number of the others.
pub(super) fn names(sites: &[String]) -> String {
    const FEW: usize = 5;
    let name =
        |site: &String| if site == BudgetSite::WHOLE_HEAP { "the whole heap".to_owned() } else { sanitize(site) };
    let named: Vec<_> = sites.iter().take(FEW).map(name).collect();
    let more = sites.len().saturating_sub(FEW);
    if more > 0 { format!("{} and {more} more", named.join(", ")) } else { named.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_says_what_changed() {
        assert_eq!(budget_update("b.toml", &BudgetUpdate::default()), "b.toml: nothing changed");
        let sites = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let update = BudgetUpdate {
            added: sites(&["*", "main.f"]),
            unneeded: sites(&["a", "b", "c", "d", "e", "f", "g"]),
            ..BudgetUpdate::default()
        };
        assert_eq!(
            budget_update("b.toml", &update),
            "b.toml: added: the whole heap, main.f; no longer needed: a, b, c, d, e and 2 more (--tighten removes \
             that). Give each line its reason; --budget b.toml makes a check accept it"
        );
    }
}
