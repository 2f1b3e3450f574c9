//! What a check could have caught, and what exceptions hid: what a pass is worth.

use super::super::text::sanitize;
use super::super::units::{Bytes, delta};
use super::gate::{amount, finer_rate, option, site_noun, size};
use super::runs::runs_sentences;
use crate::diff::Metric;
use crate::gate::{Accepted, Acceptor, GateResult, RulePower, Scope, Status};
use crate::report::Report;
use crate::site::Scale;

/// Exceptions shown one by one.
const MAX_ACCEPTED: usize = 20;

/// What the check could have caught, and the growth that exceptions hid.
pub(in crate::render) fn coverage(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<String> {
    let mut sentences: Vec<_> = runs_sentences(report);
    sentences.extend(tolerance_power(report, result));
    sentences.extend(not_excluded(report, result));
    sentences.extend(result.power.iter().filter_map(|power| limit_power(report, power)));
    sentences
        .extend(result.accepted.iter().take(MAX_ACCEPTED).map(|accepted| accepted_growth(report, accepted, bytes)));
    let more = result.accepted.len().saturating_sub(MAX_ACCEPTED);
    sentences.extend((more > 0).then(|| format!("and {more} more were allowed; --json lists them all")));
    sentences.iter().map(|sentence| sanitize(sentence)).collect()
}

/// The same for formats without a place for it.
pub(crate) fn gate_remarks(report: &Report) -> Vec<String> {
    report.gate.as_ref().map(|result| coverage(report, result, Bytes::Iec)).unwrap_or_default()
}

/// What the tolerances could have caught; `None` where they do not hold, or chance is ignored.
fn tolerance_power(report: &Report, result: &GateResult) -> Option<String> {
    let of = |scope: Scope| result.power.iter().find(|power| power.scope == scope && power.limit.is_none());
    let (site, total) = (of(Scope::Site), of(Scope::Total));
    let one = site_noun(report.granularity);
    let caught: Vec<_> = [
        site.map(|power| format!("of {} at {one}", size(power.caught))),
        total.map(|power| format!("of {} of the whole heap", size(power.caught))),
    ]
    .into_iter()
    .flatten()
    .collect();
    let often = if report.sampling.is_sampled() { ", nine times in ten" } else { "" };
    let worst = site.and_then(|power| power.worst.as_ref());
    let worst = worst.map(|(site, most)| format!("; at {site}, {}", size(*most))).unwrap_or_default();
    (!caught.is_empty()).then(|| format!("would have caught growth {}{often}{worst}", caught.join(" and ")))
}

/// What may have grown though a check passed by the tolerances; `None` where it did not.
fn not_excluded(report: &Report, result: &GateResult) -> Option<String> {
    let has = |scope: Scope| result.power.iter().any(|power| power.scope == scope && power.limit.is_none());
    let larger_objects = match (report.scales[1], has(Scope::Total)) {
        // There bytes are judged at each site.
        (Scale::PerOperation(_), _) => "",
        (_, true) => "; larger objects, not more of them, are judged only for the whole heap",
        (_, false) => "; larger objects, not more of them, are not judged",
    };
    let is_passed = result.status == Status::Pass && has(Scope::Site);
    is_passed.then(|| format!("passing does not exclude growth of less than that{larger_objects}"))
}

/// What a limit of the user's own can miss.
fn limit_power(report: &Report, power: &RulePower) -> Option<String> {
    let limit = power.limit?;
    let rule = format!("{} {limit}", option(power.scope, power.metric));
    let whose = match power.scope {
        Scope::Site => site_noun(report.granularity),
        Scope::Total => "a heap",
    };
    let of_size = power.object_size.map(|mean| format!(" (of {}, the mean here)", size(mean))).unwrap_or_default();
    let worst =
        power.worst.as_ref().map(|(site, most)| format!("; {site}, by less than {}", amount(power.metric, *most)));
    let mut text = format!(
        "{rule}: {whose} that grows by less than {}{of_size} may pass{}",
        amount(power.metric, power.caught),
        worst.unwrap_or_default()
    );
    if let Some(too_fine) = power.too_fine {
        text += &format!(
            "; the limit is finer than these profiles, which hold one of {} at best{}",
            amount(power.metric, too_fine.finest),
            finer_rate(report, too_fine.rate)
        );
    }
    Some(text)
}

/// Growth that an exception hid.
fn accepted_growth(report: &Report, accepted: &Accepted, bytes: Bytes) -> String {
    let site = accepted.site.and_then(|site| report.sites.get(site));
    let name = site.map_or("the whole heap", |site| &site.name);
    let of = |metric: Metric| format!("{} {}", delta(metric, metric.of(accepted.delta), bytes), report.name(metric));
    let grown: Vec<_> = report.shown_metrics().map(of).collect();
    let by = match &accepted.by {
        Acceptor::Allowance(patterns) => format!("the allowance for {patterns}"),
        Acceptor::Budget => "the budget".to_owned(),
    };
    let reason = if accepted.reason.is_empty() { String::new() } else { format!(" ({})", accepted.reason) };
    format!("allowed by {by}{reason}: {name} {}", grown.join(", "))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::render::sample;

    fn say(report: &Report) -> Vec<String> {
        coverage(report, report.gate.as_ref().unwrap(), Bytes::Iec)
    }

    #[test]
    fn a_limit_says_what_can_pass_it_and_an_allowance_what_it_hid() {
        let mut report = sample::report(Status::Pass);
        sample::add_coverage(&mut report);
        assert_eq!(
            say(&report),
            [
                "max-site-space 65536: a function that grows by less than 5.34 MiB may pass; main.(*store[...]).create, by \
                 less than 9.00 MiB; the limit is finer than these profiles, which hold one of 10.5 MiB at best; \
                 GODEBUG=memprofilerate=2048 would do",
                "allowed by the allowance for main.load*, file *_test.go (only in tests): \
                 main.load\\u{a}:\\u{3a}error::\\u{1b}[31m]]>&<b>`|\"'100%\\u{202e} +128 KiB inuse_space, +2 inuse_objects",
            ]
        );
    }

    #[test]
    fn the_tolerances_say_what_they_would_have_caught() {
        let mut report = sample::report(Status::Pass);
        sample::add_coverage(&mut report);
        let result = report.gate.as_mut().unwrap();
        let site = RulePower { limit: None, too_fine: None, worst: None, ..result.power[0].clone() };
        let total = RulePower { scope: Scope::Total, caught: 9_437_184.0, ..site.clone() };
        (result.power, result.accepted) = (vec![site, total], Vec::new());
        let text = "would have caught growth of 5.34 MiB at a function and of 9.00 MiB of the whole heap";
        let passing = "passing does not exclude growth of less than that; larger objects, not more of them, are \
                       judged only for the whole heap";
        assert_eq!(say(&report), [format!("{text}, nine times in ten"), passing.to_owned()]);
        report.sampling.rate_bytes = Some(1.0);
        report.gate.as_mut().unwrap().status = Status::Fail;
        assert_eq!(say(&report), [text]);
    }
}
