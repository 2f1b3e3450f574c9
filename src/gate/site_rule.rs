//! Which rule holds for which site.

use super::judge::Gate;
use super::{Allow, BudgetSite, Limits};
use crate::site::{LineAnchor, Name, SiteKey};

/// The rule that holds for a site.
pub(super) enum SiteRule<'a> {
    /// No rule, as it is the runtime's own affair.
    Exempt,
    Tolerance,
    Limits(Limits),
    Allow(&'a Allow),
    Budget(&'a BudgetSite),
}

impl Gate<'_, '_, '_> {
    /// The rule for a site: of the first exception that matches, else of the budget, else what holds for all.
    pub(super) fn rule_for(&self, site: usize) -> SiteRule<'_> {
        if self.deltas.sites[site].is_exempt() {
            return SiteRule::Exempt;
        }
        if let Some(allow) = self.allowance_for(site) {
            return SiteRule::Allow(allow);
        }
        let change = self.change(site);
        let budget =
            self.budget_for(site).filter(|budget| !budget.is_used_up(change.base, self.deltas.ranking_metric()));
        match budget {
            Some(budget) => SiteRule::Budget(budget),
            None => self.general_rule(),
        }
    }

    /// The rule for sites without an exception.
    pub(super) fn general_rule(&self) -> SiteRule<'_> {
        match self.rules.limits.is_empty() {
            true => SiteRule::Tolerance,
            false => SiteRule::Limits(self.rules.limits),
        }
    }

    /// The first exception that matches a site.
    pub(super) fn allowance_for(&self, site: usize) -> Option<&Allow> {
        self.rules.allow.iter().find(|allow| self.is_allowed_by(allow, site))
    }

    pub(super) fn is_allowed_by(&self, allow: &Allow, site: usize) -> bool {
        let key = self.key(site);
        let package = match key {
            SiteKey::Line(name, _) | SiteKey::Function(name) => Name::package(name).unwrap_or_default(),
            SiteKey::Package(package) => package,
            SiteKey::Runtime(_) => b"runtime",
            _ => b"",
        };
        let files = if allow.file.is_some() { self.files(site) } else { Vec::new() };
        allow.matches(&key.name(), &String::from_utf8_lossy(package), &files)
    }

    fn budget_for(&self, site: usize) -> Option<&BudgetSite> {
        self.rules.budget.as_ref().and_then(|budget| budget.site(&label(&self.key(site))))
    }

    /// The files of the lines of a site that allocate, as the current profile has them, or else the base.
    fn files(&self, site: usize) -> Vec<&[u8]> {
        let site = &self.deltas.sites[site];
        let current = site.current.map(|index| (self.deltas.current, index));
        let Some((table, index)) = current.or(site.base.map(|index| (self.deltas.base, index))) else {
            return Vec::new();
        };
        table.cells(index).map(|cell| table.line(cell.line).file).filter(|file| !file.is_empty()).collect()
    }
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
