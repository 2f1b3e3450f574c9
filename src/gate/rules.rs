//! What a comparison is held to, and which rule holds for which site.

use std::collections::BTreeSet;

use super::{AppliedRule, Limit, Limits, Scope};
use crate::diff::Metric;
use crate::matching::Matching;
use crate::site::{LineAnchor, Name, SiteKey};

/// The rules of a check.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Limits on sites and on the whole heap; without any, the object-count rule holds for sites.
    pub limits: Limits,
    /// Exceptions for some sites, before budget and limits; the first that matches holds.
    pub allow: Vec<Allow>,
    /// What sites may grow by; the limits hold for sites that are not in it.
    pub budget: Option<Budget>,
    /// Whether growth counts as measured, significant or not.
    pub ignore_evidence: bool,
}

/// An exception for some sites.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Allow {
    /// Pattern of the function's name, in which `*` matches any text; `None` matches every function.
    pub function: Option<String>,
    /// Pattern of the package's import path, in which `*` matches any text; `None` matches every package.
    pub package: Option<String>,
    /// Objects that such a site may grow by; `None` for any number.
    pub objects: Option<Limit>,
    /// Bytes that such a site may grow by; `None` for any number.
    pub space: Option<Limit>,
    /// Why, in the user's words.
    pub reason: String,
}

/// What sites may grow by, as an earlier check found it; sorted by site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budget {
    /// The sites, each once.
    pub sites: Vec<BudgetSite>,
}

/// A site of a budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetSite {
    /// Its name: the function, at the granularity `owner`.
    pub site: String,
    /// Objects it may grow by.
    pub objects: i128,
    /// Bytes it may grow by.
    pub space: i128,
}

/// The rule that holds for a site.
pub(super) enum SiteRule<'a> {
    ObjectCount,
    Limits(Limits),
    Allow(&'a Allow),
    Budget(&'a BudgetSite),
}

impl Rules {
    /// Lets a budget or an allowance of a function hold for what it is called now, and notes that in `matching`.
    pub fn follow(&mut self, matching: &mut Matching) {
        let mut followed = BTreeSet::new();
        for (old, new, _) in matching.of_base() {
            let matches = |allow: &&Allow, name: &str| {
                let package = Name::new(name.as_bytes()).package().unwrap_or_default();
                allow.matches(name, &String::from_utf8_lossy(package))
            };
            let of_old = self.allow.iter().find(|allow| matches(allow, old));
            if let Some(allow) = of_old.filter(|_| !self.allow.iter().any(|allow| matches(&allow, new))) {
                let allow = Allow { function: Some(new.to_owned()), package: None, ..allow.clone() };
                self.allow.push(allow);
                followed.insert((old.to_owned(), new.to_owned()));
            }
            let Some(budget) = &mut self.budget else { continue };
            let known = budget.sites.iter().find(|site| site.site == old).cloned();
            if let Some(known) = known.filter(|_| budget.sites.iter().all(|site| site.site != new)) {
                budget.sites.push(BudgetSite { site: new.to_owned(), ..known });
                budget.sites.sort();
                followed.insert((old.to_owned(), new.to_owned()));
            }
        }
        matching.followed = followed.into_iter().collect();
    }

    /// The rule for a site: of the first exception that matches, else of the budget, else of the limits.
    pub(super) fn for_site(&self, key: SiteKey<'_>) -> SiteRule<'_> {
        let name = key.name();
        let package = match key {
            SiteKey::Line(name, _) | SiteKey::Function(name) => Name::package(name).unwrap_or_default(),
            SiteKey::Package(package) => package,
            SiteKey::Runtime(_) => b"runtime",
            _ => b"",
        };
        let package = String::from_utf8_lossy(package);
        if let Some(allow) = self.allow.iter().find(|allow| allow.matches(&name, &package)) {
            return SiteRule::Allow(allow);
        }
        match self.budget.as_ref().and_then(|budget| budget.site(&label(&key))) {
            Some(budget) => SiteRule::Budget(budget),
            None if self.limits.is_empty() => SiteRule::ObjectCount,
            None => SiteRule::Limits(self.limits),
        }
    }

    /// The rules for all sites and for the whole heap. `counts_bytes`: whether the profiles do.
    pub(super) fn applied(&self, counts_bytes: bool) -> Vec<AppliedRule> {
        let mut applied = Vec::new();
        for scope in [Scope::Site, Scope::Total] {
            for metric in [Metric::Objects, Metric::Space] {
                let limit = self.limits.on(scope, metric);
                applied.extend(limit.map(|limit| AppliedRule::Limit { scope, metric, limit }));
            }
        }
        if self.limits.is_empty() {
            applied.push(AppliedRule::ObjectCount { counts_bytes });
        }
        applied.extend(self.budget.as_ref().map(|budget| AppliedRule::Budget(budget.sites.len())));
        applied
    }
}

impl Allow {
    fn matches(&self, function: &str, package: &str) -> bool {
        let matches = |pattern: &Option<String>, text| {
            pattern.as_ref().is_none_or(|pattern| crate::site::wildcard_matches(pattern, text))
        };
        matches(&self.function, function) && matches(&self.package, package)
    }

    /// How much of a metric such a site may grow by; `None` for any amount.
    pub(super) fn limit(&self, metric: Metric) -> Option<Limit> {
        match metric {
            Metric::Objects => self.objects,
            Metric::Space => self.space,
        }
    }
}

impl Budget {
    fn site(&self, label: &str) -> Option<&BudgetSite> {
        let found = self.sites.binary_search_by(|known| known.site.as_str().cmp(label));
        found.ok().map(|at| &self.sites[at])
    }
}

impl BudgetSite {
    /// How much of a metric it may grow by.
    pub(super) fn allowed(&self, metric: Metric) -> i128 {
        match metric {
            Metric::Objects => self.objects,
            Metric::Space => self.space,
        }
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
