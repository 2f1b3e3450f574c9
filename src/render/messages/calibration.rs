//! What `calibrate` says of natural variation, and of the limits that follow from it.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta};
use super::gate::{amount, option, setting, site_noun};
use super::header::granularity_label;
use super::nouns;
use crate::gate::{Found, Limit, Proposal, Refusal, Scope, Variation};
use crate::profile::InputFormat;
use crate::site::Granularity;

/// Runs from which on the greatest variation is no longer rarely exceeded.
const ENOUGH: usize = 10;

/// How many limits can be suggested.
pub(in crate::render) fn outcome(suggested: usize, all: usize) -> String {
    match all - suggested.min(all) {
        0 => format!("suggested: {}", count(suggested, "limit")),
        refused => format!("suggested: {suggested} of {all} limits; the comments say why not the other {refused}"),
    }
}

/// What was compared.
pub(in crate::render) fn introduction(variation: &Variation, profiles: usize, granularity: Granularity) -> Vec<String> {
    let (runs, pairs) = (count(profiles, "profile"), count(variation.comparisons, "comparison"));
    let noun = nouns::site_noun(granularity);
    let doubt = if variation.significant_sites > 0 { "; did really nothing change?" } else { "" };
    let mut lines = vec![
        format!("{runs} of runs without changes, {}: {pairs}", granularity_label(granularity)),
        format!("confirmed growth: {}{doubt}", count(variation.significant_sites, noun)),
    ];
    if profiles < ENOUGH {
        lines.push(format!(
            "few profiles: about one run in {} differs by more than all of these; take {ENOUGH} or more",
            profiles + 1
        ));
    }
    lines
}

/// What a limit rests on and what it would miss, or why it is not proposed.
pub(in crate::render) fn comment(proposal: &Proposal, granularity: Granularity, format: InputFormat) -> [String; 2] {
    let (metric, scope) = (proposal.metric, proposal.scope);
    let noun = nouns::site_noun(granularity);
    let found = match &proposal.found {
        Found::Site(greatest) if greatest.site.is_empty() => format!("no {noun} grew in {}", metric.name()),
        Found::Site(greatest) => format!(
            "largest growth of a {noun}: {} in {} ({})",
            delta(metric, greatest.delta, Bytes::Iec),
            metric.name(),
            sanitize(&greatest.site)
        ),
        Found::Percent(percent) if proposal.refusal == Some(Refusal::VariesTooMuch) => {
            format!("growth of the heap in {}: {:.1} times", metric.name(), 1.0 + percent / 100.0)
        }
        Found::Percent(percent) => format!("largest growth of the heap: {percent:+.1} % in {}", metric.name()),
    };
    let whose = if scope == Scope::Site { site_noun(granularity) } else { "a heap" };
    let missed = amount(metric, proposal.missed);
    let limit = match proposal.limit {
        Limit::Absolute(most) => amount(metric, most as f64),
        Limit::Percent(percent) => format!("{percent} %"),
    };
    let name = option(scope, metric).trim_start_matches("max-");
    let verdict = match proposal.refusal {
        None => format!("{name} misses growth of {whose} below {missed}"),
        Some(Refusal::VariesTooMuch) => {
            format!("no {name}: these runs differ too much; take the profiles at the same point, after the warm-up")
        }
        Some(Refusal::HidesMore(too_fine)) => format!(
            "no {name}: {limit} would miss growth of {whose} below {missed}; these profiles allow {} at best, {} \
             would allow it",
            amount(metric, too_fine.finest),
            setting(format, too_fine.rate)
        ),
    };
    [found, verdict]
}
