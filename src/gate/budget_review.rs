//! Which sites of a budget nothing needs any longer.

use super::BudgetSite;
use super::judge::Gate;
use super::site_rule::{SiteRule, label};
use super::sites::SiteCheck;

impl Gate<'_, '_, '_> {
    /// Names of the budget's sites that would pass without it, or whose growth the base already has. Sampling that is
    /// coarser than the budget's does not tell, nor do filters.
    pub(super) fn unneeded_in_budget(&self) -> Vec<String> {
        let Some(budget) = self.rules.budget.as_ref().filter(|_| !self.is_partial) else { return Vec::new() };
        let rate = if self.rules.ignore_evidence { Some(1.0) } else { self.evidence.rate().map(|rate| rate.bytes()) };
        let needed = self.needed_in_budget();
        let is_unneeded = |entry: &&BudgetSite| {
            let is_fine_enough = rate.is_some_and(|rate| entry.rate.is_none_or(|known| rate <= known as f64));
            is_fine_enough && needed.binary_search(&entry.site).is_err()
        };
        budget.sites.iter().filter(is_unneeded).map(|entry| entry.site.clone()).collect()
    }

    /// Names of the budget's sites without which the check would fail; sorted.
    fn needed_in_budget(&self) -> Vec<String> {
        let needs = |&site: &usize| {
            let is_in_budget = matches!(self.rule_for(site), SiteRule::Budget(_));
            let check = SiteCheck::new(self, site, !self.rules.ignore_evidence);
            is_in_budget && !check.violations_of(&self.general_rule()).is_empty()
        };
        let sites = (0..self.deltas.sites.len()).filter(needs).map(|site| self.name(site));
        let of_whole = self.rules.budget.as_ref().map_or(0, |budget| budget.total_allowed(self.deltas.total().base));
        let is_whole_needed = self.total_allowed().is_some_and(|allowed| self.total_exceeds(allowed - of_whole));
        let mut names: Vec<_> = sites.chain(is_whole_needed.then(|| BudgetSite::WHOLE_HEAP.to_owned())).collect();
        names.sort();
        names
    }

    /// The name of a site in a budget.
    pub(super) fn name(&self, site: usize) -> String {
        label(&self.key(site))
    }
}
