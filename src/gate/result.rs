//! What the gate comes to: data, and no sentence.

use super::limit::{Limit, Scope};
use crate::diff::Metric;
use crate::site::Values;

/// What a check comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct GateResult {
    /// Whether it passed.
    pub status: Status,
    /// Why, where the violations do not show it.
    pub reasons: Vec<Reason>,
    /// The rules for all sites and for the whole heap.
    pub rules: Vec<AppliedRule>,
    /// Everything that grew more than it may: sites, worst first, then the whole heap.
    pub violations: Vec<Violation>,
    /// What each rule could have caught; empty where chance plays no part or its part is unknown.
    pub power: Vec<RulePower>,
    /// Whether growth that must be seen is caught; `None` if nothing must be, or that is unknown.
    pub must_see: Option<MustSee>,
    /// What would have failed but for an allowance or the budget, most grown first.
    pub accepted: Vec<Accepted>,
    /// Functions with more goroutines that nothing can wake, the most grown first.
    pub leaked: Vec<LeakedGrowth>,
}

/// A function with more leaked goroutines than before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeakedGrowth {
    /// The function.
    pub function: String,
    /// Their number before.
    pub base: i128,
    /// Their number now.
    pub current: i128,
    /// File and line in the checkout at which most of them wait, if that is there and was looked for.
    pub source: Option<(String, i64)>,
}

/// Whether a check passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Every rule holds.
    Pass,
    /// A rule is broken.
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

/// A rule for all sites or for the whole heap.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AppliedRule {
    /// A limit that the user set.
    Limit { scope: Scope, metric: Metric, limit: Limit },
    /// No site may grow in objects, beyond a tolerance: the rule where the user set no limit.
    SiteTolerance {
        /// Whether the profiles count bytes; without them there is no size to judge by.
        counts_bytes: bool,
        /// Whether growth is that of an operation of a benchmark.
        is_per_operation: bool,
    },
    /// The whole heap may not grow beyond a tolerance of this share of its base, or this amount.
    TotalTolerance(Limit),
    /// A budget of this many sites.
    Budget(usize),
    /// No function may have more leaked goroutines: the rule where profiles of these are known.
    LeakedGoroutines,
}

/// Something that grew more than it may.
#[derive(Debug, Clone, PartialEq)]
pub struct Violation {
    /// The metric it grew in.
    pub metric: Metric,
    /// The rule it breaks.
    pub rule: BrokenRule,
    /// Allowed growth, objects or bytes.
    pub allowed: i128,
    /// Growth found, objects or bytes.
    pub delta: i128,
    /// Lower bound of the growth, which is more than allowed; `None` where chance was ignored.
    pub low: Option<i128>,
    /// Probability of such growth by chance; `None` where chance was ignored.
    pub p_value: Option<f64>,
    /// Of the whole heap: indexes of the sites that grew most, as in [`Violation::site`].
    pub most_grown: Vec<usize>,
    /// Index of the site, in [`Deltas::sites`](crate::diff::Deltas::sites) as [`judge`](super::judge) returns it, in
    /// the sites of a report there; `None` for the whole heap.
    pub site: Option<usize>,
}

impl Violation {
    /// What its rule is on.
    pub fn scope(&self) -> Scope {
        if self.site.is_some() { Scope::Site } else { Scope::Total }
    }
}

/// The rule that a violation breaks.
#[derive(Debug, Clone, PartialEq)]
pub enum BrokenRule {
    /// The tolerance for sites, or for the whole heap.
    Tolerance,
    /// The limit on sites, or on the whole heap.
    Limit(Limit),
    /// The limit of an exception.
    Allow {
        limit: Limit,
        /// The user's reason for the exception.
        reason: String,
    },
    /// The budget.
    Budget,
}

/// What a rule could have caught.
#[derive(Debug, Clone, PartialEq)]
pub struct RulePower {
    /// What the rule is on.
    pub scope: Scope,
    /// The metric of the rule and of the numbers here.
    pub metric: Metric,
    /// The limit; `None` for the tolerance.
    pub limit: Option<Limit>,
    /// Growth of a new site, or of the whole heap, that is caught nine times in ten, objects or bytes.
    pub caught: f64,
    /// The site that can hide most, and the growth of it that is caught nine times in ten, if that is more.
    pub worst: Option<(String, f64)>,
    /// Mean object size that `caught` assumes, bytes, where it is in objects.
    pub object_size: Option<f64>,
    /// What would be needed, if the limit is finer than the data.
    pub too_fine: Option<TooFine>,
}

/// Growth of a site that a check must see.
#[derive(Debug, Clone, PartialEq)]
pub struct MustSee {
    /// That growth, bytes.
    pub bytes: i128,
    /// Growth of a new site that the rule lets pass, bytes; `None` if no rule is on single sites.
    pub allowed: Option<i128>,
    /// Smallest growth of a new site that is caught nine times in ten, bytes; `None` if none is.
    pub caught: Option<f64>,
    /// The sampling period that would do, bytes; `None` if the rule itself lets the growth pass.
    pub rate: Option<f64>,
    /// Sites where growth is caught only if it is larger, and from how many bytes on; the worst first.
    pub unmet: Vec<(String, f64)>,
    /// Sites that grew by as much and pass all the same, as their objects got larger and no rule is on the bytes of sites;
    /// the most grown first.
    pub larger: Vec<LargerGrowth>,
}

/// Growth of a site by larger objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LargerGrowth {
    /// Index of the site, as in [`Violation::site`].
    pub site: usize,
    /// Growth, bytes.
    pub delta: i128,
}

impl MustSee {
    /// Whether growth of a new site is caught.
    pub fn holds(&self) -> bool {
        self.caught.is_some_and(|caught| caught <= self.bytes as f64)
    }
}

/// What a limit needs that is finer than the data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TooFine {
    /// The finest limit that the profiles hold, objects or bytes.
    pub finest: f64,
    /// The sampling period that would hold the limit, bytes.
    pub rate: f64,
}

/// Growth that was accepted.
#[derive(Debug, Clone, PartialEq)]
pub struct Accepted {
    /// Index of the site, as in [`Violation::site`]; `None` for the whole heap.
    pub site: Option<usize>,
    /// By how much it grew.
    pub delta: Values,
    /// What accepted it.
    pub by: Acceptor,
    /// The user's reason; empty if there is none.
    pub reason: String,
}

/// What accepts growth.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptor {
    /// An allowance, by its patterns.
    Allowance(String),
    /// The budget.
    Budget,
}

/// Why a check came to what it did, where the violations do not show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Some violations were ignored, as their growth had gone in the settled profile.
    GoneWhenSettled,
    /// Two snapshots of one process cannot tell a leak from a warm-up.
    LeakOrWarmUp,
    /// A pass would mean nothing.
    Doubt(Doubt),
    /// An allowance that ended, and is ignored.
    AllowanceEnded { allowance: String, place: String, last_day: String },
    /// An allowance that matches no site.
    AllowanceUnmatched { allowance: String, place: String },
    /// Sites of the budget that would pass without it.
    BudgetUnneeded(Vec<String>),
}

/// Why a pass would mean nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Doubt {
    /// A rule is on a metric that the profiles do not count.
    MetricNotCounted(Metric),
    /// The sampling rate is missing, or is not the same on both sides.
    NoSamplingRate,
    /// The samples of this many sites that grew too much cannot be counted.
    SitesNotCountable(usize),
    /// What was allocated also grows with the work that was done.
    WorkMayDiffer {
        /// The smallest factor by which a site of both sides grew; `None` if unknown.
        ratio: Option<f64>,
        /// Whether both profiles are of one build, which costs no more.
        is_same_build: bool,
    },
    /// Growth that the check must see could not have been caught.
    WouldNotSee(MustSee),
    /// Something may have grown by more than it may.
    MayExceed {
        /// Its name; `None` for the whole heap.
        site: Option<String>,
        /// The metric of the limit.
        metric: Metric,
        limit: Limit,
        /// Upper bound of its growth, objects or bytes.
        upper_bound: f64,
    },
    /// A site without a sample may have grown by more than the limit.
    UnseenMayExceed {
        metric: Metric,
        limit: Limit,
        /// Upper bound of its growth, bytes.
        upper_bound: f64,
    },
}
