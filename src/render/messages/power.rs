//! What a check could have caught, and what exceptions hid: what a pass is worth.

use super::super::text::sanitize;
use super::super::units::{Bytes, delta, value};
use super::acceptance::acceptance;
use super::capitalised;
use super::gate::{amount, finer_rate, option, site_noun, size};
use super::nouns::{site_noun as bare_noun, site_nouns};
use super::runs::runs_sentences;
use super::settings::settings_sentence;
use crate::diff::Metric;
use crate::gate::{Accepted, Acceptor, GateResult, MustSee, RulePower, Scope, Status};
use crate::report::{Report, SiteRow};
use crate::site::{Granularity, Scale};

/// Exceptions shown one by one.
const MAX_ACCEPTED: usize = 20;
/// Functions named at which growth that must be seen can be missed.
const MAX_UNMET: usize = 3;

/// What the check could have caught, the growth that exceptions hid, and how growth that is meant is accepted.
pub(in crate::render) fn coverage(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<String> {
    caught_and_accepted(report, result, bytes).into_iter().chain(acceptance(report, result)).collect()
}

/// The same for formats in which the last has a place of its own.
pub(in crate::render) fn caught_and_accepted(report: &Report, result: &GateResult, bytes: Bytes) -> Vec<String> {
    let mut sentences: Vec<_> = runs_sentences(report);
    sentences.extend(tolerance_power(report, result));
    sentences.extend(must_see(report, result));
    sentences.extend(result.power.iter().filter_map(|power| limit_power(report, power)));
    sentences.extend(settings_sentence(report));
    sentences
        .extend(result.accepted.iter().take(MAX_ACCEPTED).map(|accepted| accepted_growth(report, accepted, bytes)));
    sentences.extend(more_accepted(result));
    sentences.iter().map(|sentence| sanitize(sentence)).collect()
}

/// How much more was accepted, and by what that is not named before.
fn more_accepted(result: &GateResult) -> Option<String> {
    let (shown, more) = result.accepted.split_at(result.accepted.len().min(MAX_ACCEPTED));
    let mut others: Vec<String> = Vec::new();
    for accepted in more {
        let is_known = shown.iter().any(|known| known.by == accepted.by && known.reason == accepted.reason);
        let by = accepted_by(accepted);
        if !is_known && !others.contains(&by) {
            others.push(by);
        }
    }
    let also = if others.is_empty() { String::new() } else { format!(", also {}", others.join(", ")) };
    (!more.is_empty()).then(|| format!("and {} more were allowed{also}; --json lists them all", more.len()))
}

/// The same for formats without a place for it.
pub(crate) fn gate_remarks(report: &Report) -> Vec<String> {
    report.gate.as_ref().map(|result| coverage(report, result, Bytes::Iec)).unwrap_or_default()
}

/// What the tolerances could have caught; `None` where they do not hold, or chance is ignored.
fn tolerance_power(report: &Report, result: &GateResult) -> Option<String> {
    let of = |scope: Scope| result.power.iter().find(|power| power.scope == scope && power.limit.is_none());
    let (site, total) = (of(Scope::Site), of(Scope::Total));
    let at_site = site.map(|power| {
        let worst = power.worst.as_ref();
        let worst = worst.map(|(site, most)| format!(" ({} in {})", size(*most), short(report, site)));
        let noun = bare_noun(report.granularity);
        format!("{} or more in one {noun}{}", size(power.caught), worst.unwrap_or_default())
    });
    let in_total = total.map(|power| {
        let or_more = if site.is_some() { "" } else { " or more" };
        format!("{}{or_more} of the whole heap", size(power.caught))
    });
    let caught = [at_site, in_total].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let is_passed = result.status == Status::Pass;
    let verb = if is_passed { "Would have failed" } else { "Caught" };
    let often = if report.sampling.is_sampled() { " nine times in ten" } else { "" };
    let rest = if is_passed { not_excluded(report, site.is_some(), total.is_some()) } else { String::new() };
    (!caught.is_empty()).then(|| format!("{verb}{often}: growth of {caught}.{rest}"))
}

/// What may have grown though a check passed by the tolerances.
fn not_excluded(report: &Report, has_site_rule: bool, has_total_rule: bool) -> String {
    let smaller = if report.sampling.is_sampled() { " Smaller growth may have been missed." } else { "" };
    let judged = format!("{} are judged by their number of objects", capitalised(site_nouns(report.granularity)));
    let larger_objects = match (report.scales[1], has_total_rule) {
        _ if !has_site_rule => String::new(),
        // There bytes are judged at each site.
        (Scale::PerOperation(_), _) => String::new(),
        (_, true) => format!(" {judged}; memory that grows by larger objects counts only in the whole heap."),
        (_, false) => format!(" {judged}; memory that grows by larger objects is not judged."),
    };
    format!("{smaller}{larger_objects}")
}

/// Whether growth that must be seen is caught, and where not; `None` where a reason says that it is not.
fn must_see(report: &Report, result: &GateResult) -> Option<String> {
    let must_see @ MustSee { bytes, caught, unmet, .. } = result.must_see.as_ref()?;
    let (rule, one) = (format!("must-see {}", value(Metric::Space, *bytes, Bytes::Iec)), site_noun(report.granularity));
    if !must_see.holds() {
        let caught = caught.map(|caught| format!(": growth at {one} is caught from {} on", size(caught)));
        let is_said = result.status == Status::Inconclusive;
        return (!is_said).then(|| format!("{rule} does not hold{}", caught.unwrap_or_default()));
    }
    if let [found, others @ ..] = &must_see.larger[..] {
        let named = report.sites.get(found.site).map_or("", |site| short(report, &site.name));
        let more = if others.is_empty() { String::new() } else { format!(" (and {} more)", others.len()) };
        return Some(format!(
            "{rule} holds for more objects, but not for larger ones: {named} grew by {}{more} and is judged in the whole heap \
             only; {}",
            size(found.delta as f64),
            by_bytes(*bytes)
        ));
    }
    let [(worst, most), others @ ..] = &unmet[..] else {
        return Some(format!("{rule} holds at every {}", bare_noun(report.granularity)));
    };
    let named = others.iter().take(MAX_UNMET - 1);
    let named = named.map(|(site, most)| format!(", nor at {} ({})", short(report, site), size(*most)));
    let more = match others.len().saturating_sub(MAX_UNMET - 1) {
        0 => String::new(),
        more => format!(", nor at {more} more (--json lists them)"),
    };
    let worst = format!("{}, where growth is caught from {} on", short(report, worst), size(*most));
    Some(format!("{rule} holds, but not at {worst}{}{more}", named.collect::<String>()))
}

/// Growth by larger objects that passes though it had to be seen, as sentences with its sites.
pub(in crate::render) fn larger_growth<'r>(
    report: &'r Report,
    result: &'r GateResult,
) -> impl Iterator<Item = (&'r SiteRow, String)> {
    let must_see = result.must_see.iter().filter(|_| result.status == Status::Pass);
    let found = must_see.flat_map(|must_see| must_see.larger.iter().map(move |found| (must_see.bytes, found)));
    found.filter_map(|(bytes, found)| {
        let site = report.sites.get(found.site)?;
        let [grown, must_see] = [found.delta, bytes].map(|bytes| value(Metric::Space, bytes, Bytes::Iec));
        let sentence = format!(
            "{} grew by {grown} by larger objects, which is judged in the whole heap only, though growth of {must_see} must be \
             seen (must-see); {}",
            sanitize(&site.name),
            by_bytes(bytes)
        );
        Some((site, sentence))
    })
}

/// How a site is judged by its bytes, so that growth of `must_see` bytes fails.
fn by_bytes(must_see: i128) -> String {
    format!("--max-site-space {}, in place of the default rules, judges it by its bytes", must_see / 2)
}

/// The name of a site without the path to its package.
fn short<'n>(report: &Report, name: &'n str) -> &'n str {
    match report.granularity {
        Granularity::Lines | Granularity::Functions | Granularity::Owner | Granularity::Roots => {
            // Type arguments have paths of their own.
            let path = &name[..name.find(['[', '(']).unwrap_or(name.len())];
            path.rfind('/').map_or(name, |slash| &name[slash + 1..])
        }
        Granularity::Files | Granularity::Packages => name,
    }
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
            "; these profiles cannot enforce a limit below {}{}",
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
    format!("{}: {name} {}", accepted_by(accepted), grown.join(", "))
}

/// What accepts growth, with the user's reason.
fn accepted_by(accepted: &Accepted) -> String {
    let by = match &accepted.by {
        Acceptor::Allowance(patterns) => format!("the allowance for {patterns}"),
        Acceptor::Budget => "the budget".to_owned(),
    };
    let reason = if accepted.reason.is_empty() { String::new() } else { format!(" ({})", accepted.reason) };
    format!("allowed by {by}{reason}")
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;
    use crate::gate::LargerGrowth;
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
                 less than 9.00 MiB; these profiles cannot enforce a limit below 10.5 MiB; \
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
        let text = "growth of 5.34 MiB or more in one function, 9.00 MiB of the whole heap.";
        let passing = "Smaller growth may have been missed. Functions are judged by their number of objects; memory that grows by \
                       larger objects counts only in the whole heap.";
        assert_eq!(say(&report), [format!("Would have failed nine times in ten: {text} {passing}")]);
        report.sampling.rate_bytes = Some(1.0);
        let result = report.gate.as_mut().unwrap();
        result.status = Status::Fail;
        result.power[0].worst = Some(("example.com/a/b.(*T[example.com/c.D]).put".to_owned(), 6_291_456.0));
        let worst = text.replace("one function", "one function (6.00 MiB in b.(*T[example.com/c.D]).put)");
        assert_eq!(say(&report), [format!("Caught: {worst}")]);
    }

    #[test]
    fn growth_that_must_be_seen_names_where_it_is_not() {
        let mut report = sample::report(Status::Pass);
        let unmet: Vec<_> = (1..6).map(|at| (format!("example.com/a.f{at}"), 453_607.0)).collect();
        let must_see = MustSee {
            bytes: 262_144,
            allowed: Some(65_536),
            caught: Some(144_362.0),
            rate: Some(4096.0),
            unmet,
            larger: Vec::new(),
        };
        let mut say = |must_see: MustSee, status| {
            let result = report.gate.as_mut().unwrap();
            (result.must_see, result.status) = (Some(must_see), status);
            self::say(&report)
        };
        assert_eq!(
            say(must_see.clone(), Status::Pass),
            [
                "must-see 256 KiB holds, but not at a.f1, where growth is caught from 443 KiB on, nor at a.f2 (443 KiB), \
                 nor at a.f3 (443 KiB), nor at 2 more (--json lists them)"
            ]
        );
        let missed = MustSee { bytes: 65_537, ..must_see.clone() };
        assert_eq!(
            say(missed.clone(), Status::Fail),
            ["must-see 64.0 KiB does not hold: growth at a function is caught from 141 KiB on"]
        );
        assert_eq!(say(missed, Status::Inconclusive), [""; 0]);
        let met = MustSee { unmet: Vec::new(), ..must_see };
        assert_eq!(say(met.clone(), Status::Pass), ["must-see 256 KiB holds at every function"]);
        let larger = MustSee { larger: vec![LargerGrowth { site: 0, delta: 335_872 }], ..met };
        assert_eq!(
            say(larger, Status::Pass),
            [
                "must-see 256 KiB holds for more objects, but not for larger ones: main.(*store[...]).create grew by 328 KiB and \
                 is judged in the whole heap only; --max-site-space 131072, in place of the default rules, judges it by its bytes"
            ]
        );
    }
}
