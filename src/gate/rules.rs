//! What a comparison is held to.

use std::collections::BTreeSet;

use super::thresholds::TOTAL_TOLERANCE;
use super::{Allow, AppliedRule, Budget, BudgetSite, Limit, Limits, Scope};
use crate::diff::{Deltas, Metric};
use crate::matching::Matching;
use crate::site::Name;

/// The rules of a check.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Limits on sites and on the whole heap; without any, the tolerances hold.
    pub limits: Limits,
    /// Share of its base, or amount, that the whole heap may grow by; `None` for [`TOTAL_TOLERANCE`] where there is no
    /// limit.
    pub total_tolerance: Option<Limit>,
    /// Exceptions for some sites, before budget and limits; the first that matches holds.
    pub allow: Vec<Allow>,
    /// What sites may grow by; the other rules hold for sites that are not in it.
    pub budget: Option<Budget>,
    /// Whether growth counts as measured, significant or not.
    pub ignore_evidence: bool,
    /// Whether what may exceed a limit is inconclusive rather than a pass.
    pub is_strict: bool,
    /// Growth of a site, in bytes, that a check must be able to see.
    pub must_see: Option<i128>,
}

impl Rules {
    /// Lets a budget or an allowance of a function, a package or a file hold for what it is called now, and notes that in
    /// `matching`.
    pub fn follow(&mut self, matching: &mut Matching) {
        let mut followed = BTreeSet::new();
        for (old, new, _) in matching.of_base() {
            if self.allow_also(old, new, matching.files_of(old)) | self.budget_also(old, new) {
                followed.insert((old.to_owned(), new.to_owned()));
            }
        }
        for (old, new) in matching.of_base_as_a_whole() {
            if self.budget_also(old, new) {
                followed.insert((old.to_owned(), new.to_owned()));
            }
        }
        matching.followed = followed.into_iter().collect();
    }

    /// Lets the allowance of a function hold for another name, unless that has one. `files`: where it was, and where it
    /// is.
    fn allow_also(&mut self, old: &str, new: &str, files: Option<[&str; 2]>) -> bool {
        let [old_file, new_file] = files.map_or([None; 2], |files| files.map(Some));
        let matches = |allow: &&Allow, name: &str, file: Option<&str>| {
            let package = Name::new(name.as_bytes()).package().unwrap_or_default();
            let files: Vec<_> = file.into_iter().map(str::as_bytes).collect();
            allow.matches(name, &String::from_utf8_lossy(package), &files)
        };
        let of_old = self.allow.iter().find(|allow| matches(allow, old, old_file));
        let of_old = of_old.filter(|_| !self.allow.iter().any(|allow| matches(&allow, new, new_file)));
        let Some(allow) = of_old.cloned() else { return false };
        // All that it allocates must still be in its file.
        let file = allow.file.as_ref().and(new_file).map(str::to_owned);
        self.allow.push(Allow { function: Some(new.to_owned()), package: None, file, ..allow });
        true
    }

    /// Lets the budget of a function with its lines, or of a package or a file, hold for another name, unless that has
    /// one.
    fn budget_also(&mut self, old: &str, new: &str) -> bool {
        let Some(budget) = &mut self.budget else { return false };
        let renamed = |site: &BudgetSite| {
            let rest = site.site.strip_prefix(old)?;
            (rest.is_empty() || rest.starts_with(" +")).then(|| format!("{new}{rest}"))
        };
        let also = budget.sites.iter().filter_map(|site| Some(BudgetSite { site: renamed(site)?, ..site.clone() }));
        let is_new = |site: &BudgetSite| budget.sites.iter().all(|known| known.site != site.site);
        let also: Vec<_> = also.filter(is_new).collect();
        let is_any = !also.is_empty();
        budget.sites.extend(also);
        budget.sites.sort();
        is_any
    }

    /// The tolerance for the whole heap; `None` if it has none. It is for live memory, which has objects and bytes: what
    /// was allocated only ever grows.
    pub(super) fn total_tolerance(&self, deltas: &Deltas<'_, '_>) -> Option<Limit> {
        let is_memory = deltas.counts(Metric::Space) && deltas.counts(Metric::Objects);
        let share = self.total_tolerance.or(self.limits.is_empty().then_some(TOTAL_TOLERANCE));
        share.filter(|_| is_memory && !deltas.is_allocation())
    }

    /// The rules for all sites and for the whole heap.
    pub(super) fn applied(&self, deltas: &Deltas<'_, '_>) -> Vec<AppliedRule> {
        let counts_bytes = deltas.counts(Metric::Space);
        let mut applied = Vec::new();
        for scope in [Scope::Site, Scope::Total] {
            for metric in [Metric::Objects, Metric::Space] {
                let limit = self.limits.on(scope, metric);
                applied.extend(limit.map(|limit| AppliedRule::Limit { scope, metric, limit }));
            }
        }
        if self.limits.is_empty() {
            applied.push(AppliedRule::SiteTolerance { counts_bytes, is_per_operation: deltas.is_per_operation() });
        }
        applied.extend(self.total_tolerance(deltas).map(AppliedRule::TotalTolerance));
        applied.extend(self.budget.as_ref().map(|budget| AppliedRule::Budget(budget.sites.len())));
        applied
    }
}
