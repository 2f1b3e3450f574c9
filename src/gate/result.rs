//! What the gate comes to: data, and no sentence.

use super::limit::{Limit, Scope};
use crate::diff::Metric;

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
    /// No site's object count may grow significantly: the rule where the user set no limit.
    ObjectCount {
        /// Whether the profiles count bytes; without them there is no size to judge by.
        counts_bytes: bool,
    },
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
    /// Probability of such growth by chance; `None` where chance was ignored.
    pub p_value: Option<f64>,
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
    /// The object-count rule.
    ObjectCount,
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

/// Why a check came to what it did, where the violations do not show it.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// Some violations were ignored, as their growth had gone in the settled profile.
    GoneWhenSettled,
    /// Two snapshots of one process cannot tell a leak from a warm-up.
    LeakOrWarmUp,
    /// A pass would mean nothing.
    Doubt(Doubt),
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
    /// A limit is below what the profiles can show.
    LimitNotDetectable {
        scope: Scope,
        metric: Metric,
        limit: Limit,
        /// Smallest growth that would be seen, of a new site or of the whole heap, bytes.
        detectable_bytes: f64,
    },
    /// A site may have grown by more than it may.
    SiteMayExceed {
        /// Its name.
        site: String,
        /// The metric of the limit.
        metric: Metric,
        /// Upper bound of its growth, objects or bytes.
        upper_bound: f64,
    },
}
