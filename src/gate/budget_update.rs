//! Brings a budget up to date with a comparison, changing no more of it than must be.

use super::judge::{Comparison, Gate};
use super::round::{round_up_binary, round_up_decimal};
use super::site_rule::SiteRule;
use super::sites::SiteCheck;
use super::{Budget, BudgetSite, Rules};
use crate::diff::{Change, Metric};
use crate::site::Rate;

/// Room above the growth that was found, so that the next run of the same code stays within.
const ROOM: f64 = 1.25;
/// A site of a budget that allows this many times what it needs is too loose.
const LOOSE: f64 = 2.0;

/// A budget, and what changed in it. Names are those of sites.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BudgetUpdate {
    /// The new budget.
    pub budget: Budget,
    /// Sites that are new in it.
    pub added: Vec<String>,
    /// Sites that may grow by more than before.
    pub raised: Vec<String>,
    /// Sites that may grow by less than before.
    pub lowered: Vec<String>,
    /// Sites that were taken out.
    pub removed: Vec<String>,
    /// Sites that are kept though nothing needs them any longer.
    pub unneeded: Vec<String>,
}

/// The budget that a comparison fits in: that of `rules`, with what else grows by more than the other rules allow.
///
/// What holds stays as it is. `tighten`: takes out what is not needed any longer, and lowers what is too loose.
pub fn update_budget(comparison: Comparison<'_, '_, '_>, rules: &Rules, tighten: bool) -> BudgetUpdate {
    let gate = Gate::new(comparison, rules);
    let mut update = BudgetUpdate::default();
    let unneeded = gate.unneeded_in_budget();
    let mut sites = Vec::new();
    for known in rules.budget.iter().flat_map(|budget| &budget.sites) {
        match unneeded.contains(&known.site) {
            true if tighten => update.removed.push(known.site.clone()),
            is_unneeded => {
                sites.push(known.clone());
                update.unneeded.extend(is_unneeded.then(|| known.site.clone()));
            }
        }
    }
    for entry in gate.missing_in_budget() {
        match sites.iter_mut().find(|known| known.site == entry.site) {
            Some(known) => {
                update.raised.push(entry.site.clone());
                *known = BudgetSite { reason: std::mem::take(&mut known.reason), ..entry };
            }
            None => {
                update.added.push(entry.site.clone());
                sites.push(entry);
            }
        }
    }
    if tighten {
        for entry in gate.loose_in_budget() {
            if let Some(known) = sites.iter_mut().find(|known| known.site == entry.site) {
                update.lowered.push(entry.site.clone());
                *known = BudgetSite { reason: std::mem::take(&mut known.reason), ..entry };
            }
        }
    }
    // The whole heap comes last, since it is held to what its sites leave.
    let with_sites = Rules { budget: Some(Budget::new(sites.clone())), ..rules.clone() };
    if let Some(whole) = Gate::new(comparison, &with_sites).missing_of_whole() {
        match sites.iter_mut().find(|known| known.site == whole.site) {
            Some(known) => {
                update.raised.push(whole.site.clone());
                *known = BudgetSite { reason: std::mem::take(&mut known.reason), ..whole };
            }
            None => {
                update.added.push(whole.site.clone());
                sites.push(whole);
            }
        }
    }
    update.budget = Budget::new(sites);
    update
}

impl Gate<'_, '_, '_> {
    /// Sites that fail, with the budget that they need.
    fn missing_in_budget(&self) -> Vec<BudgetSite> {
        let fails = |&site: &usize| {
            let check = SiteCheck::new(self, site, !self.rules.ignore_evidence);
            // An allowance has limits of its own.
            !matches!(self.rule_for(site), SiteRule::Allow(_)) && !check.violations().is_empty()
        };
        let sites = (0..self.deltas.sites.len()).filter(fails);
        Budget::new(sites.map(|site| self.entry(self.name(site), self.change(site))).collect()).sites
    }

    /// Sites of the budget that may grow by much more than they do, with the budget that they need.
    fn loose_in_budget(&self) -> Vec<BudgetSite> {
        let loose = |site: usize| match self.rule_for(site) {
            SiteRule::Budget(known) => {
                let needed = self.entry(self.name(site), self.change(site));
                let is_loose = |metric: Metric| known.growth(metric) as f64 > LOOSE * needed.growth(metric) as f64;
                (is_loose(Metric::Space) || is_loose(Metric::Objects)).then_some(needed)
            }
            _ => None,
        };
        Budget::new((0..self.deltas.sites.len()).filter_map(loose).collect()).sites
    }

    /// The budget that the whole heap needs if it fails.
    fn missing_of_whole(&self) -> Option<BudgetSite> {
        let allowed = self.total_allowed()?;
        let total = self.deltas.total();
        self.total_exceeds(allowed).then(|| {
            let beyond = total.delta().space - self.accepted_growth().max(0);
            let entry = self.entry(BudgetSite::WHOLE_HEAP.to_owned(), total);
            BudgetSite { space: round_up_binary(beyond as f64 * ROOM, 2), objects: 0, ..entry }
        })
    }

    fn entry(&self, site: String, change: Change) -> BudgetSite {
        let delta = change.delta();
        let with_room = |growth: i128| growth.max(0) as f64 * ROOM;
        BudgetSite {
            site,
            objects: round_up_decimal(with_room(delta.objects), 2),
            space: round_up_binary(with_room(delta.space), 2),
            base: Some([
                round_up_decimal(change.base.objects.max(0) as f64, 3),
                round_up_binary(change.base.space.max(0) as f64, 3),
            ]),
            rate: self.evidence.rate().map(whole_bytes),
            reason: String::new(),
        }
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at least 1")]
fn whole_bytes(rate: Rate) -> u64 {
    rate.bytes() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: f64 = (1 << 20) as f64;

    #[test]
    fn the_room_is_a_quarter_in_round_numbers() {
        assert_eq!(round_up_binary(10.53 * MIB * ROOM, 2), 14 << 20);
        assert_eq!(round_up_decimal(95_803.0 * ROOM, 2), 120_000);
    }
}
