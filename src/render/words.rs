//! What the formats for people say in the same words.

use super::units::{Bytes, count, delta, value};
use crate::diff::Metric;
use crate::evidence::Verdict;
use crate::profile::InputFormat;
use crate::report::{ChangeKind, Growth, List, Report, Sampling, Side, SiteRow, Sum};

/// Text from a file as it may stand on a page: without control characters, and without those that turn
/// the direction of what follows or have no width.
pub fn plain(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    text.chars().map(|c| if c.is_control() || hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// The files of a side: the first few of many, and how many more there are.
pub(super) fn inputs(side: &Side) -> String {
    const FEW: usize = 3;
    let named = match side.inputs.len() {
        0..=FEW => side.inputs.join(" + "),
        all => format!("{} + {} more", side.inputs[..FEW - 1].join(" + "), all + 1 - FEW),
    };
    plain(&named)
}

/// What is compared: sites of a granularity, and of how many profiles.
pub(super) fn by(report: &Report) -> String {
    let per_profile = if report.per_profile.is_some() { ", per profile" } else { "" };
    format!("by {}{per_profile}", report.granularity.name())
}

/// The heading of a list; `metric` is its name as the format writes it.
pub(super) fn title(report: &Report, list: &List, metric: &str) -> String {
    let all = list.omitted.sites == 0 && list.sites.len() == report.listed;
    match (list.sites.is_empty() && list.omitted.sites == 0, all) {
        (true, _) if report.confirmed => format!("No growth in {metric} is confirmed."),
        (true, _) => format!("No site grew in {metric}."),
        (false, _) if report.confirmed => format!("Confirmed growth, most grown in {metric} first"),
        (false, true) => format!("All sites, most grown in {metric} first"),
        (false, false) => format!("Most grown in {metric}"),
    }
}

/// What happened at a site: what drives its growth, as far as it grew.
pub(super) fn what(site: &SiteRow) -> &'static str {
    match (site.change, site.growth) {
        (ChangeKind::New, _) => "new",
        (_, Some(Growth::Objects)) => "more objects",
        (_, Some(Growth::Size)) => "larger objects",
        (change, None) => change.name(),
    }
}

/// The same, and how sure it is, as far as anything is left to chance.
pub(super) fn what_and_how_sure(report: &Report, site: &SiteRow) -> String {
    let what = what(site);
    let changed = site.flat.base != site.flat.current;
    let sampled = report.sampling.rate_bytes.is_some_and(|rate| rate > 1.0);
    match site.evidence.verdict {
        Verdict::Grew | Verdict::Shrank if sampled => format!("{what}, confirmed"),
        Verdict::Suspect if sampled => format!("{what}, suspect"),
        Verdict::Noise if sampled && changed => format!("{what}, within noise"),
        _ => what.to_owned(),
    }
}

/// What could be seen at all, a sentence or none.
pub(super) fn sampling(report: &Report) -> Option<String> {
    let sampling = &report.sampling;
    let size = |bytes: Option<f64>| {
        #[allow(clippy::cast_possible_truncation, reason = "bytes")]
        bytes.map(|bytes| value(Metric::Space, bytes.ceil() as i128, Bytes::Iec))
    };
    let rate = sampling.rate_bytes?;
    if rate <= 1.0 {
        return Some("everything was counted: nothing here is noise of sampling".to_owned());
    }
    let mut text = format!(
        "sampled every {}: at this rate a site must grow by about {} to be seen",
        size(Some(rate))?,
        size(sampling.detectable_bytes)?
    );
    if !sampling.same_process {
        let why = match report.current.is_native() {
            true => "nothing says that the dumps are of one process",
            false => "the profiles are of different processes",
        };
        text += &format!(", and by more where it was large before, as {why}");
    }
    if rate > Sampling::FINE as f64 {
        let option = match report.current.format {
            InputFormat::Jemalloc => format!("MALLOC_CONF=lg_prof_sample:{}", Sampling::FINE.ilog2()),
            InputFormat::Gperftools => format!("TCMALLOC_SAMPLE_PARAMETER={}", Sampling::FINE),
            _ => format!("GODEBUG=memprofilerate={}", Sampling::FINE),
        };
        text += &format!("; {option} makes it {}", size(sampling.detectable_fine_bytes)?);
    }
    Some(text)
}

/// The rank that a site has in a list by `metric`.
pub(super) fn rank(site: &SiteRow, metric: Metric) -> usize {
    match metric {
        Metric::Space => site.space_rank,
        Metric::Objects => site.objects_rank,
    }
}

/// What the lists do not show, and what shrank: a sentence each, as far as there is anything.
pub(super) fn rest(report: &Report, bytes: Bytes) -> Vec<String> {
    let sums = |sites: &str, sum: fn(&List) -> Sum| -> Vec<String> {
        let lists = report.lists.iter().filter(|list| sum(list).sites > 0);
        let text = |list: &List| {
            let (metric, sum) = (list.metric, sum(list));
            let amount = delta(metric, metric.of(sum.delta), bytes);
            format!("{} ({amount} in {})", count(sum.sites, sites), plain(report.name(metric)))
        };
        lists.map(text).collect()
    };
    let mut omitted = sums("more site", |list| list.omitted);
    if report.growers && !report.lists.is_empty() && !report.confirmed && report.unchanged > 0 {
        omitted.push(format!("{} unchanged", report.unchanged));
    }
    let shrank = sums("site", |list| list.shrank);
    let mut sentences = Vec::new();
    if !omitted.is_empty() {
        let all = if report.confirmed { "" } else { "; --all lists every site" };
        sentences.push(format!("not shown: {}{all}", omitted.join(", ")));
    }
    if !shrank.is_empty() {
        sentences.push(format!("shrank: {}", shrank.join(", ")));
    }
    sentences.extend(sampling(report));
    sentences
}
