//! What the gate says: its rules, the rules that were broken, and its reasons.

use super::super::text::sanitize;
use super::super::units::{Bytes, both, count, delta, grouped};
use super::note_message;
use crate::diff::Metric;
use crate::gate::{
    AppliedRule, BrokenRule, Doubt, GateResult, Greatest, LeakedGrowth, MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT,
    MIN_GATE_SAMPLES, Reason, Scope, TOLERANCE_BYTES, TOLERANCE_PERCENT, Variation, Violation,
};
use crate::report::{Report, Unfit};
use crate::site::Granularity;

/// The comment at the top of a budget file.
pub(crate) const BUDGET_HEADER: &str = "\
# What each site may grow by, in objects and bytes; others may by what the limits say.
# Written by `heapdiff check --update-budget`; `heapdiff check --budget` holds later runs to it.

";

/// The natural variation that `calibrate` found among `profiles` profiles, as comments for heapdiff.toml.
pub(in crate::render) fn variation_comments(
    variation: &Variation,
    profiles: usize,
    granularity: Granularity,
) -> [String; 5] {
    let greatest = |metric: Metric, found: &Greatest| {
        let site = if found.site.is_empty() { String::new() } else { format!(" ({})", sanitize(&found.site)) };
        format!("{} in {}{site}", delta(metric, found.delta, Bytes::Iec), metric.name())
    };
    let (profiles, pairs) = (count(profiles, "profile"), count(variation.comparisons, "comparison"));
    let doubt = if variation.significant_sites > 0 { "; is it true that nothing changed?" } else { "" };
    [
        format!("# {profiles} in which nothing changed, by {}: {pairs}", granularity.name()),
        format!("# confirmed growth: {}{doubt}", count(variation.significant_sites, "site")),
        format!("# greatest growth of a site: {}", greatest(Metric::Objects, &variation.site_objects)),
        format!("#                            {}", greatest(Metric::Space, &variation.site_space)),
        format!(
            "# greatest growth of the heap: {:+.1} % in inuse_objects, {:+.1} % in inuse_space",
            variation.total_objects, variation.total_space
        ),
    ]
}

/// Why the gate came to its result: why the inputs are unfit, or else the gate's own reasons.
pub(crate) fn reasons(report: &Report, result: &GateResult) -> Vec<String> {
    let leaked = result.leaked.iter().map(leaked);
    leaked.chain(report.unfit.iter().map(unfit)).chain(result.reasons.iter().map(|of| reason(report, of))).collect()
}

/// A function with more leaked goroutines than it may have.
pub(crate) fn leaked(found: &LeakedGrowth) -> String {
    format!(
        "{} more leaked goroutines in {} ({}): nothing can wake them",
        grouped(found.current - found.base),
        found.function,
        both(Metric::Objects, found.base, found.current, Bytes::Iec)
    )
}

/// The rules for all sites and for the whole heap, as users write them.
pub(crate) fn rules(result: &GateResult) -> Vec<String> {
    result.rules.iter().map(applied_rule).collect()
}

fn applied_rule(rule: &AppliedRule) -> String {
    match *rule {
        AppliedRule::Limit { scope, metric, limit } => format!("{} {limit}", option(scope, metric)),
        AppliedRule::ObjectCount { counts_bytes: true } => format!(
            "object count: no site surely grows in objects, by {MIN_GATE_SAMPLES} samples, {} KiB and {TOLERANCE_PERCENT} % \
             of it at least",
            TOLERANCE_BYTES >> 10
        ),
        AppliedRule::ObjectCount { counts_bytes: false } => format!(
            "object count: no site surely grows by {MIN_COUNT_GROWTH} and {MIN_COUNT_GROWTH_PERCENT} % of it at least"
        ),
        AppliedRule::LeakedGoroutines => format!(
            "leaked goroutines: no function has {MIN_COUNT_GROWTH} and {MIN_COUNT_GROWTH_PERCENT} % more of them"
        ),
        AppliedRule::Budget(sites) => format!("budget of {}", count_sites(sites)),
    }
}

/// The rule that a violation breaks, as users write it.
pub(crate) fn broken_rule(violation: &Violation) -> String {
    match &violation.rule {
        BrokenRule::ObjectCount => "object count".to_owned(),
        BrokenRule::Limit(limit) => format!("{} {limit}", option(violation.scope(), violation.metric)),
        BrokenRule::Allow { limit, reason } => format!("allowed {limit}: {reason}"),
        BrokenRule::Budget => format!("budget {}", violation.allowed),
    }
}

/// The command-line option of a limit, without dashes.
fn option(scope: Scope, metric: Metric) -> &'static str {
    match (scope, metric) {
        (Scope::Site, Metric::Objects) => "max-site-objects",
        (Scope::Site, Metric::Space) => "max-site-space",
        (Scope::Total, Metric::Objects) => "max-total-objects",
        (Scope::Total, Metric::Space) => "max-total-space",
    }
}

/// Why inputs are unfit for a judgement.
pub(crate) fn unfit(unfit: &Unfit) -> String {
    let text = match unfit {
        Unfit::Note(note) => return note_message(note),
        Unfit::UsualCountsOtherwise => "the two pairs do not count the same: objects, bytes, or both",
        Unfit::NothingLive => "nothing is alive on either side, so there is nothing to judge",
        Unfit::GrowthNotDistinguishable => {
            "growth cannot be distinguished from noise (--no-evidence takes it as it is)"
        }
        Unfit::SettledNote(note) => return format!("the settled profile: {}", note_message(note)),
        Unfit::SettledCountsOtherwise => {
            "the settled profile does not count the same as the others: objects, bytes, or both"
        }
        Unfit::SettledEmpty => "the settled profile is empty",
        Unfit::SettledSampledOtherwise => "the settled profile was not sampled as the base was",
        Unfit::SettledIsCurrent => "the settled profile is the current one: take it later",
        Unfit::SettledTooEarly => "the settled profile was taken before the current one",
    };
    text.to_owned()
}

fn reason(report: &Report, reason: &Reason) -> String {
    match reason {
        Reason::GoneWhenSettled => {
            "some of what grew is gone again in the settled profile, and does not count".to_owned()
        }
        Reason::LeakOrWarmUp => "two snapshots cannot tell a leak from a warm-up: take the base after the warm-up, or \
                                 give a third profile with --settled"
            .to_owned(),
        Reason::Doubt(doubt) => self::doubt(report, doubt),
    }
}

fn doubt(report: &Report, doubt: &Doubt) -> String {
    match doubt {
        Doubt::MetricNotCounted(metric) => {
            let other = match metric {
                Metric::Objects => "bytes, such as --max-site-space 10%",
                Metric::Space => "objects, such as --max-site-objects 10%",
            };
            format!("a rule is on {}, which the profiles do not count: set a limit on {other}", metric.name())
        }
        Doubt::WorkMayDiffer { is_same_build: true, .. } => "both profiles are of one build, so no operation costs \
                                                             more: how much was allocated only says how much work was \
                                                             done, such as b.N iterations of a benchmark"
            .to_owned(),
        Doubt::WorkMayDiffer { ratio, is_same_build: false } => {
            let ratio = ratio.map_or_else(|| "more".to_owned(), |ratio| format!("at least {ratio:.2} times as much"));
            format!(
                "all sites of both sides allocated {ratio}, which more work explains, such as b.N iterations of a \
                 benchmark: what an operation costs does not show; give both as many (go test -benchtime=1000x), or \
                 take the totals as they are with --no-evidence"
            )
        }
        Doubt::NoSamplingRate => "the profiles do not say how often was sampled, or not the same: growth cannot be \
                                  told from noise (--no-evidence compares the numbers as they are)"
            .to_owned(),
        Doubt::SitesNotCountable(sites) => format!(
            "{} cannot be counted (no label bytes, or objects of 4 GiB), so that what grew more than allowed cannot be \
             told from noise",
            count_sites(*sites)
        ),
        Doubt::LimitNotDetectable { scope, metric, limit, detectable_bytes } => {
            let (subject, growth) = match scope {
                Scope::Site => ("a site", "growth of one"),
                Scope::Total => ("the heap", "growth of the whole"),
            };
            format!(
                "a limit of {limit} on the {} of {subject} is below what the profiles can show: {growth} below about {} \
                 can be missed",
                sanitize(report.name(*metric)),
                bytes(*detectable_bytes)
            )
        }
        Doubt::SiteMayExceed { site, metric, upper_bound } => {
            let most = match metric {
                Metric::Space => bytes(*upper_bound),
                Metric::Objects => format!("{upper_bound:.0} objects"),
            };
            format!("{site} may have grown by up to {most}, more than it may: the profiles cannot show less")
        }
    }
}

fn count_sites(count: usize) -> String {
    if count == 1 { "1 site".to_owned() } else { format!("{count} sites") }
}

fn bytes(number: f64) -> String {
    if number >= 1024.0 * 1024.0 {
        format!("{:.1} MiB", number / 1024.0 / 1024.0)
    } else {
        format!("{:.0} KiB", number / 1024.0)
    }
}
