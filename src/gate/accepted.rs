//! What exceptions hide, and which of them are to be reviewed.

use std::cmp::Reverse;

use super::judge::Gate;
use super::site_rule::SiteRule;
use super::sites::SiteCheck;
use super::{Accepted, Acceptor, BudgetSite, Reason, Violation};
use crate::diff::Metric;

impl Gate<'_, '_, '_> {
    /// Growth that would fail, by itself or as a part of the whole heap, but for an allowance or the budget; most bytes first.
    /// `of_sites`: violations by sites.
    pub(super) fn accepted(&self, of_sites: &[Violation]) -> Vec<Accepted> {
        if self.rules.allow.is_empty() && self.rules.budget.is_none() {
            return Vec::new();
        }
        let of_whole = self.is_whole_accepted(of_sites);
        let sites = 0..self.deltas.sites.len();
        let mut accepted: Vec<_> = sites.filter_map(|site| Some((site, self.accepted_at(site, of_whole)?))).collect();
        accepted.sort_by_cached_key(|&(site, ref accepted)| (Reverse(accepted.delta.space), self.key(site)));
        let of_sites = accepted.into_iter().map(|(_, accepted)| accepted);
        let total = self.rules.budget.as_ref().and_then(|budget| budget.site(BudgetSite::WHOLE_HEAP));
        let of_total = total.filter(|_| of_whole).map(|whole| Accepted {
            site: None,
            delta: self.deltas.total().delta(),
            by: Acceptor::Budget,
            reason: whole.reason.clone(),
        });
        of_total.into_iter().chain(of_sites).collect()
    }

    /// `of_whole`: whether the whole heap would fail but for exceptions.
    fn accepted_at(&self, site: usize, of_whole: bool) -> Option<Accepted> {
        let check = SiteCheck::new(self, site, !self.rules.ignore_evidence);
        let (by, reason) = match self.rule_for(site) {
            SiteRule::Allow(allow) => (Acceptor::Allowance(allow.name()), &allow.reason),
            SiteRule::Budget(budget) => (Acceptor::Budget, &budget.reason),
            SiteRule::Exempt | SiteRule::Tolerance | SiteRule::Limits(_) => return None,
        };
        let (change, delta) = (self.change(site), self.change(site).delta());
        let is_part = of_whole && delta.space > self.tolerances().site(change.base.space);
        let fails = is_part || !check.violations_of(&self.general_rule()).is_empty();
        let is_hidden = fails && check.violations().is_empty();
        is_hidden.then(|| Accepted { site: Some(site), delta, by, reason: reason.clone() })
    }

    /// By how many bytes the sites with an exception grew within it, and those that no rule holds for.
    pub(super) fn accepted_growth(&self) -> i128 {
        let accepted = |site: usize| {
            let change = self.change(site);
            let delta = change.delta().space;
            match self.rule_for(site) {
                SiteRule::Exempt => delta,
                SiteRule::Allow(allow) => {
                    let limit = allow.limit(Metric::Space).map(|limit| limit.allowed(change.base.space));
                    limit.map_or(delta, |limit| delta.min(limit))
                }
                SiteRule::Budget(budget) => delta.min(budget.allowed(Metric::Space, change.base)),
                SiteRule::Tolerance | SiteRule::Limits(_) => 0,
            }
        };
        (0..self.deltas.sites.len()).map(accepted).sum()
    }

    /// Whether the exception at a place of the configuration matches a site, by the name it was given for or by the one
    /// that a renamed function has now.
    fn is_met(&self, place: &str) -> bool {
        let mut same = self.rules.allow.iter().filter(|allow| allow.place == place);
        same.any(|allow| (0..self.deltas.sites.len()).any(|site| self.is_allowed_by(allow, site)))
    }

    /// Exceptions that ended, that match nothing, or that nothing needs any longer.
    pub(super) fn exceptions_to_review(&self) -> Vec<Reason> {
        let mut reasons = Vec::new();
        for allow in &self.rules.allow {
            let (allowance, place) = (allow.name(), allow.place.clone());
            if let Some(last_day) = allow.ended.clone() {
                reasons.push(Reason::AllowanceEnded { allowance, place, last_day });
            } else if !self.is_partial && !self.is_met(&place) {
                reasons.push(Reason::AllowanceUnmatched { allowance, place });
            }
        }
        let unneeded = self.unneeded_in_budget();
        if !unneeded.is_empty() {
            reasons.push(Reason::BudgetUnneeded(unneeded));
        }
        reasons
    }
}
