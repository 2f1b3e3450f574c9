//! What the formats for people say of sites, lists and sampling.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, value};
use super::renames::renames_footnotes;
use super::runs::scale_label;
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, ProcessRelation, Significance};
use crate::report::{ChangeKind, List, Report, RuntimeGrowth, Sampling, SideInfo, SiteRow, SiteSum};

/// Names of a side's files: the first few, and the number of the others.
pub(in crate::render) fn inputs(side: &SideInfo) -> String {
    const FEW: usize = 3;
    let named = match side.inputs.len() {
        0..=FEW => side.inputs.join(" + "),
        all => format!("{} + {} more", side.inputs[..FEW - 1].join(" + "), all + 1 - FEW),
    };
    sanitize(&named)
}

/// What is compared: the files of both sides, and how sites are ranked.
pub(in crate::render) fn comparison_label(report: &Report) -> String {
    let callers = if report.attribution == Attribution::Cum { ", callers included" } else { "" };
    if report.current.difference.is_some() {
        return format!("{}, freed → allocated, {}{callers}", inputs(&report.current), scope_label(report));
    }
    format!("{} → {}, {}{callers}", inputs(&report.base), inputs(&report.current), scope_label(report))
}

/// What is compared: the granularity, and whether numbers are per profile.
pub(in crate::render) fn scope_label(report: &Report) -> String {
    let allocated = if report.name(Metric::Space) == Metric::Space.allocated_name() { ", allocated" } else { "" };
    format!("by {}{allocated}{}", report.granularity.name(), scale_label(report))
}

/// Heading of a list. `metric`: its name, as the format writes it.
pub(in crate::render) fn list_heading(report: &Report, list: &List, metric: &str) -> String {
    let all = list.omitted.sites == 0 && list.sites.len() == report.site_count;
    match (list.sites.is_empty() && list.omitted.sites == 0, all) {
        (true, _) if report.only_confirmed => format!("No growth in {metric} is confirmed."),
        (true, _) => format!("No site grew in {metric}."),
        (false, _) if report.only_confirmed => format!("Confirmed growth, most grown in {metric} first"),
        (false, _) if list.has_confirmed_first => format!("Most grown in {metric}, confirmed growth first"),
        (false, true) => format!("All sites, most grown in {metric} first"),
        (false, false) => format!("Most grown in {metric}"),
    }
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
    let Some(rate) = rate(sampling) else {
        return Some("everything was counted: nothing here is noise of sampling".to_owned());
    };
    let mut text = format!(
        "sampled every {rate}: growth below about {} at one site can be missed (below {} it always is, unless objects are \
         larger than that)",
        size(sampling.detectable_bytes?),
        size(sampling.never_confirmed_bytes?)
    );
    if !sampling.process_relation.is_same() && report.current.difference.is_none() {
        let why = match sampling.process_relation {
            ProcessRelation::Possible { .. } => {
                "too little in the profiles shows whether they are of one process (if they are: --same-process)"
            }
            _ if report.current.is_native() => "nothing says that the dumps are of one process",
            _ => "the profiles are of different processes",
        };
        text += &format!(", and more where it was large before, as {why}");
    }
    if let Some(setting) = sampling_setting(report) {
        text += &format!("; {setting} makes it {}", size(sampling.detectable_fine_bytes?));
    }
    Some(text)
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

/// Sentences below the lists: what they do not show, what shrank, and what growth the sampling can show.
pub(in crate::render) fn footnotes(report: &Report, bytes: Bytes) -> Vec<String> {
    let sums = |sites: &str, sum: fn(&List) -> SiteSum| -> Vec<String> {
        let lists = report.lists.iter().filter(|list| sum(list).sites > 0);
        let text = |list: &List| {
            let (metric, sum) = (list.metric, sum(list));
            let amount = delta(metric, metric.of(sum.delta), bytes);
            format!("{} ({amount} in {})", count(sum.sites, sites), sanitize(report.name(metric)))
        };
        lists.map(text).collect()
    };
    let mut omitted = sums("more site", |list| list.omitted);
    if report.only_grown && !report.lists.is_empty() && !report.only_confirmed && report.unchanged > 0 {
        omitted.push(format!("{} unchanged", report.unchanged));
    }
    let shrank = sums("site", |list| list.shrank);
    let mut sentences = Vec::new();
    if !omitted.is_empty() {
        let all = if report.only_confirmed { "" } else { "; --all lists every site" };
        sentences.push(format!("not shown: {}{all}", omitted.join(", ")));
    }
    if !shrank.is_empty() {
        sentences.push(format!("shrank: {}", shrank.join(", ")));
    }
    sentences.extend(runtime_sentence(report, bytes));
    sentences.extend(renames_footnotes(report, bytes));
    sentences.extend(sampling_sentence(report));
    sentences
}
