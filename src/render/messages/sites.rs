//! What the formats for people say of sites, lists and sampling.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, value};
use super::gate::needed_rate;
use super::header::is_in_wrong_order;
use super::nouns::site_noun;
use super::renames::renames_footnotes;
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, ProcessRelation, Significance};
use crate::report::{ChangeKind, Claim, Note, Report, RuntimeGrowth, Sampling, SiteRow, SiteSum};

/// What the numbers of the base are where pairs are compared.
fn usual_base(report: &Report) -> Option<&'static str> {
    report.usual.as_ref()?;
    Some(
        "Before the arrow: this build's first profile plus the growth of the earlier build, so that only the excess grew.",
    )
}

/// What is said where the list has no site.
pub(in crate::render) fn empty_list(report: &Report) -> Option<String> {
    let list = report.list.as_ref().filter(|list| list.sites.is_empty() && list.omitted.sites == 0)?;
    let noun = site_noun(report.granularity);
    match report.only_confirmed {
        true => Some(format!("No {noun}'s growth is confirmed.")),
        // The first sentence says so.
        false if report.only_grown && list.noise.sites == 0 => None,
        false => Some(format!("No {noun} to show.")),
    }
}

/// A number of sites.
pub(in crate::render) fn count_sites(report: &Report, number: usize) -> String {
    count(number, site_noun(report.granularity))
}

/// What happened at a site: what made it grow, if it grew.
pub(in crate::render) fn growth_label(site: &SiteRow) -> &'static str {
    match (site.change_kind, site.kind_by_values) {
        (ChangeKind::New, _) => "new",
        (ChangeKind::Shrank, Some(GrowthKind::MoreObjects)) => "more, smaller objects",
        (_, Some(GrowthKind::MoreObjects)) => "more objects",
        (_, Some(GrowthKind::LargerObjects)) => "larger objects",
        (change, None) => change.name(),
    }
}

/// What happened at a site, and how significant that is.
pub(in crate::render) fn growth_and_significance(report: &Report, site: &SiteRow) -> String {
    let growth = growth_label(site);
    match significance_label(report, site.evidence.significance, site.flat) {
        Some(significance) => format!("{growth}, {significance}"),
        None => growth.to_owned(),
    }
}

/// How significant a change is, unless everything was counted or nothing changed.
pub(in crate::render) fn significance_label(
    report: &Report,
    significance: Significance,
    flat: Change,
) -> Option<&'static str> {
    let says_nothing = match significance {
        Significance::Unknown => true,
        Significance::Noise => flat.base == flat.current,
        _ => false,
    };
    (report.sampling.is_sampled() && !says_nothing).then(|| significance_word(significance))
}

/// A class of significance in a word or two.
pub(in crate::render) fn significance_word(significance: Significance) -> &'static str {
    match significance {
        Significance::Grew | Significance::Shrank => "confirmed",
        Significance::Suspect => "suspect",
        Significance::Noise => "within noise",
        Significance::Unknown => "unknown",
    }
}

/// Said of growth that is confirmed, where nothing else says whether it goes on.
pub(in crate::render) const NO_PROOF: &str = " (not proof of a leak)";

/// What a mark means.
pub(in crate::render) fn mark_words(significance: Significance) -> &'static str {
    match significance {
        Significance::Grew => "confirmed: beyond sampling noise",
        Significance::Suspect => "suspect: perhaps only sampling noise",
        Significance::Noise => "within sampling noise",
        Significance::Shrank => "shrank, beyond sampling noise",
        Significance::Unknown => "not known",
    }
}

/// The growth of the runtime's own memory that is not listed, in a line.
fn runtime_sentence(report: &Report, bytes: Bytes) -> Option<String> {
    let metric = report.metrics.first()?.metric;
    let one =
        |growth: &RuntimeGrowth| format!("{} {}", growth.class.code(), delta(metric, metric.of(growth.delta), bytes));
    let grown: Vec<_> = report.runtime.iter().filter(|growth| metric.of(growth.delta) != 0).map(one).collect();
    (!grown.is_empty()).then(|| format!("Go runtime: {}", grown.join(", ")))
}

/// What growth of the runtime's goroutine structs means.
pub(in crate::render) fn more_goroutines(change: Change, bytes: Bytes) -> String {
    let delta = change.delta();
    let goroutines = value(Metric::Objects, delta.objects, bytes);
    let structs = value(Metric::Space, delta.space, bytes);
    format!("about {goroutines} more goroutines were alive at once ({structs} of g structs; Go keeps them)")
}

/// What growth the sampling can show; `None` where unknown.
pub(in crate::render) fn sampling_sentence(report: &Report) -> Option<String> {
    let sampling = &report.sampling;
    sampling.rate_bytes?;
    let Some(rate) = rate(sampling) else { return Some("Exact counts: no sampling noise.".to_owned()) };
    // Growth that is listed as certain may be less.
    let is_certain = |site: &SiteRow| site.evidence.significance == Significance::Grew;
    let growth = if report.sites.iter().any(is_certain) { "Other growth" } else { "Growth" };
    let mut text = format!(
        "{growth} below about {} a {} can be missed at this sampling rate ({rate})",
        sampling_size(sampling.detectable_bytes?),
        site_noun(report.granularity)
    );
    if let Some(setting) = sampling_setting(report) {
        text += &format!("; {setting} finds {}", sampling_size(sampling.detectable_fine_bytes?));
    }
    text.push('.');
    text.extend(more_is_missed(report));
    Some(text)
}

/// Growth that the sampling can show, two digits.
pub(in crate::render) fn sampling_size(bytes: f64) -> String {
    let mut unit = 1.0;
    while bytes / unit >= 1024.0 {
        unit *= 1024.0;
    }
    let digits = if bytes / unit < 9.95 { 10.0 } else { 1.0 };
    let rounded = (bytes / unit * digits).ceil() / digits;
    let name = size(unit);
    let name = name.rsplit_once(' ').map_or("B", |(_, name)| name);
    format!("{rounded} {name}")
}

/// The period of sampling; `None` where it is unknown, or everything was counted.
pub(super) fn rate(sampling: &Sampling) -> Option<String> {
    sampling.rate_bytes.filter(|_| sampling.is_sampled()).map(size)
}

/// The setting that samples more finely, where there is a finer one.
pub(super) fn sampling_setting(report: &Report) -> Option<String> {
    let is_coarse = report.sampling.rate_bytes.is_some_and(|rate| rate > Sampling::FINE_PERIOD as f64);
    is_coarse.then(|| match report.sampling.ignores_environment {
        true => format!("runtime.MemProfileRate = {}, first thing in main,", Sampling::FINE_PERIOD),
        false => report.current.format.sampling_setting(Sampling::FINE_PERIOD),
    })
}

fn size(bytes: f64) -> String {
    #[allow(clippy::cast_possible_truncation, reason = "bytes")]
    value(Metric::Space, bytes.ceil() as i128, Bytes::Iec)
}

/// What the list does not show: a clause each.
pub(in crate::render) fn not_shown(report: &Report, bytes: Bytes) -> Option<String> {
    let list = report.list.as_ref()?;
    let noun = site_noun(report.granularity);
    let amount = |sum: SiteSum| delta(list.metric, list.metric.of(sum.delta), bytes);
    let mut parts = Vec::new();
    if list.omitted.sites > 0 {
        parts.push(format!(
            "{} ({} together)",
            count(list.omitted.sites, &format!("more {noun}")),
            amount(list.omitted)
        ));
    }
    let shrank = if report.only_grown { list.shrank } else { SiteSum::default() };
    if shrank.sites > 0 {
        let most = most_shrunk(report, bytes).map(|most| format!("; {most}")).unwrap_or_default();
        parts.push(format!("{} that shrank ({}{most})", count(shrank.sites, noun), amount(shrank)));
    }
    if report.only_grown && !report.only_confirmed && report.unchanged > 0 && !parts.is_empty() {
        parts.push(format!("{} unchanged", report.unchanged));
    }
    (!parts.is_empty()).then(|| format!("Not shown without --all: {}.", parts.join(", ")))
}

/// The site that shrank by as much as anything grew, where that is not certain: what is certain, the first sentence says.
fn most_shrunk(report: &Report, bytes: Bytes) -> Option<String> {
    let list = report.list.as_ref()?;
    let row = report.sites.get(list.most_shrunk?)?;
    let delta_of = row.values(report.attribution).delta_of(list.metric);
    let is_certain = row.evidence.significance == Significance::Shrank || !report.sampling.is_sampled();
    // Beside growth that is noise, such shrinkage is mostly noise, too.
    let is_asked = !is_certain && !list.is_noise && list.shrank.sites > 1;
    is_asked.then(|| format!("{} {}", sanitize(&row.name), delta(list.metric, delta_of, bytes)))
}

/// The sites within sampling noise, in a line below those that are more.
pub(in crate::render) fn noise_line(report: &Report, bytes: Bytes) -> Option<String> {
    let list = report.list.as_ref().filter(|list| list.noise.sites > 0)?;
    let amount = delta(list.metric, list.metric.of(list.noise.delta), bytes);
    let number = list.noise.sites;
    // Cumulative growth of sites that call each other has no sum.
    let sum = match (number, report.attribution) {
        (_, Attribution::Cum) => String::new(),
        (1, _) => format!(", {amount}"),
        _ => format!(", {amount} together"),
    };
    // Without sampling, only the runtime's own memory is left aside.
    let what = if report.sampling.is_sampled() { "within sampling noise" } else { "of the Go runtime" };
    Some(format!("{number} more {what}{sum}; --all lists {}", if number == 1 { "it" } else { "them" }))
}

/// What the marks of the rows mean, and how much of all growth the rows are.
pub(in crate::render) fn legend(report: &Report, marks: &[(&str, Significance)]) -> Option<String> {
    let list = report.list.as_ref()?;
    let metric = sanitize(report.name(list.metric));
    // One row that is all of it says so.
    let is_all = |percent: &u32| *percent == 100 && list.sites.len() == 1;
    let explained = list.explained_percent.filter(|percent| !is_all(percent)).map(|percent| match percent {
        0 => format!("less than 1 % of all growth in {metric}"),
        percent => format!("{percent} % of all growth in {metric}"),
    });
    let together = if marks.len() > 1 { "together " } else { "" };
    let explained = explained.map(|explained| format!("{together}{explained}"));
    let words = marks.iter().map(|&(mark, of)| {
        let proof = if of == Significance::Grew { NO_PROOF } else { "" };
        format!("{mark} {}{proof}", mark_words(of))
    });
    let parts: Vec<_> = words.chain(explained).collect();
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// Sentences below the list: what it does not show, what is gone, and what growth the sampling can show.
pub(in crate::render) fn footnotes(report: &Report, bytes: Bytes) -> Vec<String> {
    let mut sentences: Vec<_> = usual_base(report).map(str::to_owned).into_iter().collect();
    sentences.extend(not_shown(report, bytes));
    sentences.extend(runtime_sentence(report, bytes));
    sentences.extend(renames_footnotes(report, bytes));
    // The first sentence says so.
    let is_said =
        report.headline.as_ref().is_some_and(|headline| matches!(headline.claim, Claim::Noise | Claim::NoGrowth));
    let is_gate = report.gate.as_ref().is_some_and(|result| !result.power.is_empty());
    match sampling_sentence(report) {
        _ if is_in_wrong_order(report) => {}
        // What it would have caught is said there.
        Some(_) if is_gate && report.sampling.is_sampled() => sentences.extend(gate_sampling(report)),
        Some(_) if is_said && report.sampling.is_sampled() => sentences.extend(finer_sampling(report)),
        sentence => sentences.extend(sentence),
    }
    sentences
}

/// That more can be missed of what was alive before, where nothing shows that the profiles are of one process.
fn more_is_missed(report: &Report) -> Option<String> {
    let relation = report.sampling.process_relation;
    let is_reversed = report.notes.iter().any(|note| matches!(note, Note::TimeReversed { pair: None, .. }));
    let why = match relation {
        _ if relation.is_same() || report.current.difference.is_some() => return None,
        ProcessRelation::Possible { .. } => {
            "the profiles hardly show whether they are of one process (if they are: --same-process)"
        }
        _ if report.current.is_native() => "nothing says that the dumps are of one process",
        // Backwards, those of one process look like two.
        _ if is_reversed => return Some(" More can be missed where much was alive before.".to_owned()),
        _ => "the profiles are of different processes",
    };
    Some(format!(" More can be missed where much was alive before: {why}."))
}

/// What growth is never confirmed.
pub(in crate::render) fn power_details(report: &Report) -> Option<String> {
    let least = report.sampling.never_confirmed_bytes.filter(|_| report.sampling.is_sampled()).map(sampling_size)?;
    let noun = site_noun(report.granularity);
    Some(format!("Growth below {least} a {noun} is never confirmed, unless a single object is larger than that."))
}

/// The rate of sampling of a check, and a finer one, unless another is called for.
fn gate_sampling(report: &Report) -> Option<String> {
    let rate = rate(&report.sampling)?;
    let is_said = report.gate.as_ref().is_some_and(|result| needed_rate(result).is_some());
    let finer = sampling_setting(report).filter(|_| !is_said);
    let finer = finer.map(|setting| format!("; {} catches smaller growth", setting.trim_end_matches(',')));
    Some(format!("Sampled every {rate}{}.", finer.unwrap_or_default()))
}

/// The rate of sampling, and what finds less growth.
fn finer_sampling(report: &Report) -> Option<String> {
    let rate = rate(&report.sampling)?;
    let finer = sampling_setting(report).zip(report.sampling.detectable_fine_bytes);
    let finer = finer.map(|(setting, least)| format!("; {setting} finds growth of {}", sampling_size(least)));
    Some(format!("Sampled every {rate}{}.{}", finer.unwrap_or_default(), more_is_missed(report).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::Status;
    use crate::render::sample;
    use crate::report::List;

    #[test]
    fn a_legend_says_what_its_marks_mean() {
        let mut report = sample::report(Status::Pass);
        let list = |percent: u32, rows: usize| List {
            explained_percent: Some(percent),
            sites: (0..rows).collect(),
            ..sample::list()
        };
        let (grew, suspect) = (("●", Significance::Grew), ("○", Significance::Suspect));
        let mut say = |list: List, marks: &[(&str, Significance)]| {
            report.list = Some(list);
            legend(&report, marks)
        };
        let confirmed = "● confirmed: beyond sampling noise (not proof of a leak)";
        assert_eq!(
            say(list(96, 2), &[grew]).as_deref(),
            Some(&*format!("{confirmed}; 96 % of all growth in inuse_space"))
        );
        assert_eq!(
            say(list(92, 2), &[grew, suspect]).as_deref(),
            Some(&*format!(
                "{confirmed}; ○ suspect: perhaps only sampling noise; together 92 % of all growth in inuse_space"
            ))
        );
        assert_eq!(say(list(100, 1), &[grew]).as_deref(), Some(confirmed));
        assert_eq!(say(list(100, 1), &[]), None);
    }

    #[test]
    fn growth_that_is_listed_may_be_less_than_what_can_be_missed() {
        let mut report = sample::report(Status::Pass);
        let say = |report: &Report| sampling_sentence(report).unwrap_or_default();
        assert!(
            say(&report).starts_with("Other growth below about 3 MiB a function can be missed"),
            "{}",
            say(&report)
        );
        report.sites.clear();
        assert!(say(&report).starts_with("Growth below about 3 MiB a function can be missed"), "{}", say(&report));
    }
}
