//! What the formats for people say in the same words.

use super::units::{Bytes, count, delta};
use crate::diff::Metric;
use crate::report::{ChangeKind, Growth, List, Report, SiteRow, Sum};

/// Text from a file as it may stand on a page: without control characters, and without those that turn
/// the direction of what follows or have no width.
pub fn plain(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}');
    text.chars().map(|c| if c.is_control() || hidden(c) { '\u{fffd}' } else { c }).collect()
}

/// The heading of a list; `metric` is its name as the format writes it.
pub(super) fn title(report: &Report, list: &List, metric: &str) -> String {
    let all = list.omitted.sites == 0 && list.sites.len() == report.listed;
    match (list.sites.is_empty() && list.omitted.sites == 0, all) {
        (true, _) => format!("No site grew in {metric}."),
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
            format!("{} ({amount} in {})", count(sum.sites, sites), metric.name())
        };
        lists.map(text).collect()
    };
    let mut omitted = sums("more site", |list| list.omitted);
    if report.growers && report.unchanged > 0 {
        omitted.push(format!("{} unchanged", report.unchanged));
    }
    let shrank = sums("site", |list| list.shrank);
    let mut sentences = Vec::new();
    if !omitted.is_empty() {
        sentences.push(format!("not shown: {}; --all lists every site", omitted.join(", ")));
    }
    if !shrank.is_empty() {
        sentences.push(format!("shrank: {}", shrank.join(", ")));
    }
    sentences
}
