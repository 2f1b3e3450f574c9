//! Judges a comparison: does anything grow more than it may?
//!
//! In: [`Deltas`](crate::diff::Deltas) with their [`Evidence`](crate::evidence::Evidence), and [`Rules`].
//! Out: a [`GateResult`]. Sees every site, and knows no format, no file and no exit code.

mod budget;
mod calibrate;
mod doubt;
mod judge;
mod limit;
mod pattern;

use crate::diff::Metric;

pub use budget::budget;
pub use calibrate::{Greatest, Variation};
pub use judge::{Comparison, judge};
pub use limit::{Limit, Limits};

/// What is asked of a comparison.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Without any the object-count rule holds.
    pub limits: Limits,
    /// What holds instead for some sites; of several that match, the first.
    pub allow: Vec<Allow>,
    /// What some sites may grow by; for others the limits hold.
    pub budget: Option<Budget>,
    /// Numbers are taken as they are, and chance is left aside.
    pub ignore_evidence: bool,
}

/// An exception for some sites.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Allow {
    /// The function's name, where `*` stands for anything.
    pub function: Option<String>,
    /// The package's import path, likewise.
    pub package: Option<String>,
    /// By how many objects such a site may grow; `None` for any.
    pub objects: Option<Limit>,
    /// By how many bytes, likewise.
    pub space: Option<Limit>,
    /// Why.
    pub reason: String,
}

/// What sites may grow by, as an earlier check found it, sorted by site.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Budget {
    /// The sites.
    pub sites: Vec<BudgetSite>,
}

/// A site of a budget.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BudgetSite {
    /// What it is called: the function, at the granularity `owner`.
    pub site: String,
    /// Objects it may grow by.
    pub objects: i128,
    /// Bytes it may grow by.
    pub space: i128,
}

/// What a check comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every limit holds.
    Pass,
    /// One is exceeded.
    Fail,
    /// The data cannot tell.
    Inconclusive,
}

impl Status {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Status::Pass => "pass",
            Status::Fail => "fail",
            Status::Inconclusive => "inconclusive",
        }
    }
}

/// What a limit is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// One site.
    Site,
    /// The whole heap.
    Total,
}

impl Scope {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Scope::Site => "site",
            Scope::Total => "total",
        }
    }
}

/// Something that grew more than it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// What is limited.
    pub scope: Scope,
    /// In which metric.
    pub metric: Metric,
    /// The rule, as people write it.
    pub limit: String,
    /// What was allowed.
    pub allowed: i128,
    /// What was found.
    pub delta: i128,
    /// How likely such a growth is by chance; `None` where that was left aside.
    pub p_value: Option<f64>,
    /// The site, by its index in [`Deltas::sites`](crate::diff::Deltas::sites); `None` for the whole heap.
    pub site: Option<usize>,
}

/// The judgement.
#[derive(Debug, Clone, PartialEq)]
pub struct GateResult {
    /// What it comes to.
    pub status: Status,
    /// Why, where it is not plain from the violations: a sentence each.
    pub reasons: Vec<String>,
    /// The rules that were applied, as people write them.
    pub limits: Vec<String>,
    /// The worst first.
    pub violations: Vec<Violation>,
}
