//! What the formats for people say of sites, lists and sampling.

use super::super::text::sanitize;
use super::super::units::{Bytes, count, delta, value};
use super::renames::renames_footnotes;
use crate::diff::{Attribution, Change, Metric};
use crate::evidence::{GrowthKind, ProcessRelation, Significance};
use crate::report::{ChangeKind, List, Report, Sampling, SideInfo, SiteRow, SiteSum};

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
    format!("{} → {}, {}{callers}", inputs(&report.base), inputs(&report.current), scope_label(report))
}

/// What is compared: the granularity, and whether numbers are per profile.
pub(in crate::render) fn scope_label(report: &Report) -> String {
    let per_profile = if report.per_profile.is_some() { ", per profile" } else { "" };
    format!("by {}{per_profile}", report.granularity.name())
}

/// Heading of a list. `metric`: its name, as the format writes it.
pub(in crate::render) fn list_heading(report: &Report, list: &List, metric: &str) -> String {
    let all = list.omitted.sites == 0 && list.sites.len() == report.site_count;
    match (list.sites.is_empty() && list.omitted.sites == 0, all) {
        (true, _) if report.only_confirmed => format!("No growth in {metric} is confirmed."),
        (true, _) => format!("No site grew in {metric}."),
        (false, _) if report.only_confirmed => format!("Confirmed growth, most grown in {metric} first"),
        (false, true) => format!("All sites, most grown in {metric} first"),
        (false, false) => format!("Most grown in {metric}"),
    }
}

/// What happened at a site: what made it grow, if it grew.
pub(in crate::render) fn growth_label(site: &SiteRow) -> &'static str {
    match (site.change_kind, site.kind_by_values) {
        (ChangeKind::New, _) => "new",
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

/// What growth the sampling can show; `None` where unknown.
pub(in crate::render) fn sampling_sentence(report: &Report) -> Option<String> {
    let sampling = &report.sampling;
    let size = |bytes: Option<f64>| {
        #[allow(clippy::cast_possible_truncation, reason = "bytes")]
        bytes.map(|bytes| value(Metric::Space, bytes.ceil() as i128, Bytes::Iec))
    };
    let rate = sampling.rate_bytes?;
    if !sampling.is_sampled() {
        return Some("everything was counted: nothing here is noise of sampling".to_owned());
    }
    let mut text = format!(
        "sampled every {}: at this rate a site must grow by about {} to be seen",
        size(Some(rate))?,
        size(sampling.detectable_bytes)?
    );
    if !sampling.process_relation.is_same() {
        let why = match sampling.process_relation {
            ProcessRelation::Possible { .. } => {
                "too little in the profiles shows whether they are of one process (if they are: --same-process)"
            }
            _ if report.current.is_native() => "nothing says that the dumps are of one process",
            _ => "the profiles are of different processes",
        };
        text += &format!(", and by more where it was large before, as {why}");
    }
    if rate > Sampling::FINE_PERIOD as f64 {
        let option = report.current.format.sampling_setting(Sampling::FINE_PERIOD);
        text += &format!("; {option} makes it {}", size(sampling.detectable_fine_bytes)?);
    }
    Some(text)
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
    sentences.extend(renames_footnotes(report, bytes));
    sentences.extend(sampling_sentence(report));
    sentences
}
