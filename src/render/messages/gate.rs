//! What the gate says: its rules, the rules that were broken, and its reasons.

use super::super::text::sanitize;
use super::super::units::{Bytes, both, count, grouped, value};
use super::note_message;
use super::nouns::site_nouns;
use crate::diff::Metric;
use crate::gate::{
    AppliedRule, BrokenRule, Doubt, GateResult, LeakedGrowth, Limit, MIN_COUNT_GROWTH, MIN_COUNT_GROWTH_PERCENT,
    MIN_GATE_SAMPLES, MustSee, OPERATION_TOLERANCE_BYTES, OPERATION_TOLERANCE_PERCENT, Reason, Scope, TOLERANCE_BYTES,
    TOLERANCE_PERCENT, TOTAL_TOLERANCE_BYTES, Violation,
};
use crate::profile::InputFormat;
use crate::report::{Note, Report, Unfit};
use crate::site::Granularity;

use super::budget::names;
pub(crate) use super::budget::{BUDGET_HEADER, budget_update};

/// Why the gate came to its result: why the inputs are unfit, or else the gate's own reasons.
pub(crate) fn reasons(report: &Report, result: &GateResult) -> Vec<String> {
    let leaked = result.leaked.iter().map(leaked);
    leaked
        .chain(report.unfit.iter().map(unfit))
        .chain(result.reasons.iter().map(|of| report_reason(report, of)))
        .collect()
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
pub(crate) fn rules(granularity: Granularity, result: &GateResult) -> Vec<String> {
    result.rules.iter().map(|rule| applied_rule(granularity, rule)).collect()
}

fn applied_rule(granularity: Granularity, rule: &AppliedRule) -> String {
    let (noun, nouns) = (super::nouns::site_noun(granularity), site_nouns(granularity));
    match *rule {
        AppliedRule::Limit { scope, metric, limit } => format!("{} {limit}", option(scope, metric)),
        AppliedRule::SiteTolerance { is_per_operation: true, .. } => format!(
            "a {noun} fails if it has at least {MIN_GATE_SAMPLES} more samples and, by the lower bound (95 %), allocates an \
             object or {OPERATION_TOLERANCE_BYTES} B more per operation, and more than {OPERATION_TOLERANCE_PERCENT} % of \
             its base"
        ),
        AppliedRule::SiteTolerance { counts_bytes: true, .. } => format!(
            "a {noun} fails if it has more objects, with at least {MIN_GATE_SAMPLES} more samples, and grew, by the lower \
             bound (95 %), by more than {} KiB and by more than {TOLERANCE_PERCENT} % of its base",
            TOLERANCE_BYTES >> 10
        ),
        AppliedRule::SiteTolerance { counts_bytes: false, .. } => {
            format!(
                "a {noun} fails if it grew significantly: by at least {MIN_COUNT_GROWTH} and by at least \
                 {MIN_COUNT_GROWTH_PERCENT} % of its base"
            )
        }
        AppliedRule::TotalTolerance(share) => format!(
            "the whole heap fails if, beyond what failing {nouns} explain, it grew, by its lower bound, by more than {} MiB and by \
             more than {}",
            TOTAL_TOLERANCE_BYTES >> 20,
            match share {
                Limit::Percent(percent) => format!("{percent} % of its base"),
                Limit::Absolute(bytes) => value(Metric::Space, bytes, Bytes::Iec),
            }
        ),
        AppliedRule::LeakedGoroutines => format!(
            "leaked goroutines: no function has {MIN_COUNT_GROWTH} and {MIN_COUNT_GROWTH_PERCENT} % more of them"
        ),
        AppliedRule::Budget(sites) => format!("budget of {}", count(sites, noun)),
    }
}

/// The rule that a violation breaks, as users write it.
pub(crate) fn broken_rule(violation: &Violation) -> String {
    match &violation.rule {
        BrokenRule::Tolerance => "default".to_owned(),
        BrokenRule::Limit(limit) => format!("{} {limit}", option(violation.scope(), violation.metric)),
        BrokenRule::Allow { limit, reason } => format!("allowed {limit}: {reason}"),
        BrokenRule::Budget => format!("budget {}", violation.allowed),
    }
}

/// The command-line option of a limit, without dashes.
pub(super) fn option(scope: Scope, metric: Metric) -> &'static str {
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
        Unfit::UsualIsJudged => "both builds are given the same profiles, so nothing is compared",
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

fn report_reason(report: &Report, found: &Reason) -> String {
    match found {
        Reason::Doubt(doubt) => self::doubt(report, doubt),
        found => reason(found),
    }
}

/// A reason that needs no report; empty for doubts, which do.
fn reason(reason: &Reason) -> String {
    match reason {
        Reason::GoneWhenSettled => {
            "some of what grew is gone again in the settled profile, and does not count".to_owned()
        }
        Reason::LeakOrWarmUp => "two snapshots cannot tell a leak from a warm-up: take the base after the warm-up, or \
                                 give a third profile with --settled"
            .to_owned(),
        Reason::AllowanceEnded { allowance, place, last_day } => {
            format!("warning: {}", over(allowance, place, last_day))
        }
        Reason::AllowanceUnmatched { allowance, place } => format!("warning: {}", unmatched(allowance, place)),
        Reason::BudgetUnneeded(sites) => {
            format!("the budget no longer needs {}: --update-budget FILE --tighten removes that", names(sites))
        }
        Reason::Doubt(_) => String::new(),
    }
}

/// An allowance that ended.
pub(crate) fn over(allowance: &str, place: &str, last_day: &str) -> String {
    let (allowance, place) = (sanitize(allowance), sanitize(place));
    format!(
        "the allowance for {allowance} ({place}) ended on {last_day} and no longer holds: fix the growth or extend it"
    )
}

/// An allowance that matches nothing.
pub(crate) fn unmatched(allowance: &str, place: &str) -> String {
    let (allowance, place) = (sanitize(allowance), sanitize(place));
    format!("the allowance for {allowance} ({place}) matches nothing: correct it or take it out")
}

/// Sites of a budget whose lines say no reason.
pub(crate) fn unexplained(sites: &[String]) -> String {
    format!("the budget gives no reason for {}: write there why the growth is fine", names(sites))
}

fn doubt(report: &Report, doubt: &Doubt) -> String {
    let one = site_noun(report.granularity);
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
                                                             done, such as b.N iterations of a benchmark; --bench \
                                                             divides by them"
            .to_owned(),
        Doubt::WorkMayDiffer { ratio, is_same_build: false } => {
            let ratio = ratio.map_or_else(|| "more".to_owned(), |ratio| format!("at least {ratio:.2} times as much"));
            format!(
                "everything together allocated {ratio}, which more work explains, such as b.N iterations of a \
                 benchmark: what an operation costs does not show; divide by them with --bench OLD.txt NEW.txt, or \
                 take the totals as they are with --no-evidence"
            )
        }
        Doubt::NoSamplingRate => different_rates(report).unwrap_or_else(|| {
            "the sampling rate is unknown, or not the same in all profiles: growth cannot be distinguished from noise (--no-evidence \
             compares the numbers as they are)"
                .to_owned()
        }),
        Doubt::SitesNotCountable(sites) => format!(
            "{} cannot be counted (no label bytes, or objects of 4 GiB), so that what grew more than allowed cannot be \
             distinguished from noise",
            count(*sites, super::nouns::site_noun(report.granularity))
        ),
        Doubt::WouldNotSee(MustSee { bytes, allowed, caught, rate, .. }) => {
            let space = |bytes| value(Metric::Space, bytes, Bytes::Iec);
            let growth = space(*bytes);
            let why = match (allowed, caught, rate) {
                (Some(_), Some(caught), Some(rate)) => format!(
                    "is caught only from {} on: the sampling is too coarse{}",
                    size(*caught),
                    finer_rate(report, *rate)
                ),
                (Some(allowed), ..) => {
                    format!("the rule itself lets {} pass: set --max-site-space lower than {growth}", space(*allowed))
                }
                (None, ..) => format!("no rule is on single {}: set --max-site-space lower than {growth}", site_nouns(report.granularity)),
            };
            format!("growth of {growth} at {one} must be seen, but {why}")
        }
        Doubt::MayExceed { site, metric, limit, upper_bound } => {
            let scope = if site.is_some() { Scope::Site } else { Scope::Total };
            format!(
                "{} may have grown by up to {}, more than {} {limit} allows: the profiles cannot tell (without --strict \
                 that passes)",
                site.as_deref().unwrap_or("the whole heap"),
                amount(*metric, *upper_bound),
                option(scope, *metric)
            )
        }
        Doubt::UnseenMayExceed { metric, limit, upper_bound } => format!(
            "{one} without a sample may have grown by up to {}, more than {} {limit} allows: the profiles cannot tell \
             (without --strict that passes)",
            size(*upper_bound),
            option(Scope::Site, *metric)
        ),
    }
}

/// That the sampling rates differ, if they do.
fn different_rates(report: &Report) -> Option<String> {
    report.notes.iter().find_map(|note| match note {
        Note::PeriodDiffers { base, current } => Some(format!(
            "sampling rates differ ({base} and {current} bytes): growth cannot be distinguished from noise unless all profiles are \
             taken at one rate (--no-evidence compares the numbers as they are)"
        )),
        _ => None,
    })
}

/// Growth of a metric, as in a sentence.
pub(super) fn amount(metric: Metric, number: f64) -> String {
    match metric {
        Metric::Space => size(number),
        #[allow(clippy::cast_possible_truncation, reason = "saturates")]
        Metric::Objects => count_objects(number.ceil() as i128),
    }
}

fn count_objects(objects: i128) -> String {
    format!("{} {}", value(Metric::Objects, objects, Bytes::Iec), if objects == 1 { "object" } else { "objects" })
}

/// The setting for a sampling period of at most this many bytes, or for one that does for all that a check asks for.
pub(super) fn finer_rate(report: &Report, rate: f64) -> String {
    let rate = report.gate.as_ref().and_then(needed_rate).map_or(rate, |needed| needed.min(rate));
    format!("; {} would do", setting(report.current.format, rate))
}

/// The sampling period that does for all that a check asks for; `None` if its own does.
pub(super) fn needed_rate(result: &GateResult) -> Option<f64> {
    let of_limits = result.power.iter().filter_map(|power| Some(power.too_fine?.rate));
    let must_see = result.must_see.as_ref().filter(|must_see| !must_see.holds());
    of_limits.chain(must_see.and_then(|must_see| must_see.rate)).reduce(f64::min)
}

/// The setting for the largest power of two that is no larger than a period, in bytes.
pub(super) fn setting(format: InputFormat, rate: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "saturates")]
    let bytes = rate.max(1.0) as i64;
    format.sampling_setting(1 << bytes.ilog2())
}

/// What a site is, in a sentence.
pub(super) fn site_noun(granularity: Granularity) -> &'static str {
    match granularity {
        Granularity::Lines => "a line",
        Granularity::Functions | Granularity::Owner => "a function",
        Granularity::Roots => "a root",
        Granularity::Files => "a file",
        Granularity::Packages => "a package",
    }
}

/// Bytes, as in a sentence.
#[allow(clippy::cast_possible_truncation, reason = "saturates")]
pub(super) fn size(bytes: f64) -> String {
    value(Metric::Space, bytes.ceil() as i128, Bytes::Iec)
}
