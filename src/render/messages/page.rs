//! The sentences of pages.

use super::super::units::{Bytes, count};
use super::whole::{capitalised, whole_headline};
use crate::evidence::Significance;
use crate::report::{Flame, Report};

/// What a comparison comes to: of the heap as a whole, and of its sites.
pub(in crate::render) fn page_headline(report: &Report, bytes: Bytes) -> String {
    let of_sites = sites_headline(report);
    capitalised(&match whole_headline(report, bytes) {
        Some(whole) => format!("{whole}; {of_sites}"),
        None => of_sites,
    })
}

/// What a comparison comes to at its sites.
fn sites_headline(report: &Report) -> String {
    let classes = || report.sites.iter().map(|site| site.evidence.significance);
    let of = |significance| classes().filter(|&class| class == significance).count();
    let suspect = classes().filter(|class| class.is_suspicion()).count();
    let (confirmed, all) = (of(Significance::Grew), count(report.site_count, "site"));
    let has_grown = report.sites.iter().any(|site| site.flat.delta().space > 0 || site.flat.delta().objects > 0);
    let is_spread = report.whole.as_ref().is_some_and(|whole| whole.is_spread);
    match (report.sampling.rate_bytes, confirmed, suspect) {
        _ if !has_grown => "no site grew".to_owned(),
        (None, ..) => "some sites grew; how sure that is cannot be told".to_owned(),
        (Some(rate), ..) if rate <= 1.0 && of(Significance::Unknown) == 0 => format!("{confirmed} of {all} grew"),
        (_, 0, 0) if of(Significance::Unknown) > 0 => "some sites grew; how sure that is cannot be told".to_owned(),
        (_, 0, 0) if is_spread => format!("no single site's growth is significant, of {all}"),
        (_, 0, 0) => format!("no growth is more than sampling noise, at {all}"),
        (_, 0, _) => format!("growth at no single site is confirmed; it is suspected at {suspect} of {all}"),
        (_, _, 0) => format!("growth is confirmed at {confirmed} of {all}"),
        (..) => format!("growth is confirmed at {confirmed} of {all}, and suspected at {suspect}"),
    }
}

/// The sentence on calls that are too narrow to be drawn.
pub(in crate::render) fn undrawn_calls(flame: &Flame) -> Option<String> {
    let share = format!("{:.3}", flame.min_share * 100.0);
    let share = share.trim_end_matches('0').trim_end_matches('.');
    (flame.merged > 0).then(|| {
        let calls = count(flame.merged, "call");
        format!("{calls} narrower than {share} % of the whole are not drawn, nor what they call; their callers' numbers have them (--min)")
    })
}

/// What the width and the colours of a graph mean.
pub(in crate::render) fn width_legend(by_growth: bool, metric: &str) -> String {
    let what = if by_growth { "grew" } else { "is alive" };
    format!("as wide as what {what} in {metric}; ▲ grew, ▼ shrank, the stronger the larger the part of it")
}

/// The growth of the stacks through a node that grew.
pub(in crate::render) fn grown_stacks(value: &str) -> String {
    format!("stacks that grew: {value}")
}
