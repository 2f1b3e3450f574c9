//! The sentences of pages.

use super::super::units::count;
use crate::evidence::Significance;
use crate::report::{Flame, Report};

/// What a comparison comes to, in a sentence.
pub(in crate::render) fn page_headline(report: &Report) -> String {
    let classes = || report.sites.iter().map(|site| site.evidence.significance);
    let of = |significance| classes().filter(|&class| class == significance).count();
    let suspect = classes().filter(|class| class.is_suspicion()).count();
    let (confirmed, all) = (of(Significance::Grew), count(report.site_count, "site"));
    let has_grown = report.sites.iter().any(|site| site.flat.delta().space > 0 || site.flat.delta().objects > 0);
    match (report.sampling.rate_bytes, confirmed, suspect) {
        _ if !has_grown => "No site grew".to_owned(),
        (None, ..) => "Some sites grew; how sure that is cannot be told".to_owned(),
        (Some(rate), ..) if rate <= 1.0 && of(Significance::Unknown) == 0 => format!("{confirmed} of {all} grew"),
        (_, 0, 0) if of(Significance::Unknown) > 0 => "Some sites grew; how sure that is cannot be told".to_owned(),
        (_, 0, 0) => format!("No growth is more than sampling noise, at {all}"),
        (_, 0, _) => format!("No growth is confirmed; it is suspected at {suspect} of {all}"),
        (_, _, 0) => format!("Growth is confirmed at {confirmed} of {all}"),
        (..) => format!("Growth is confirmed at {confirmed} of {all}, and suspected at {suspect}"),
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
