//! What is said of a site on its row.

use super::super::units::{Bytes, count, delta, probability, range};
use super::amounts::objects_unit;
use super::nouns::more_parts;
use super::sites::growth_label;
use crate::diff::Metric;
use crate::evidence::{Interval, Significance};
use crate::report::{ChangeKind, Report, SiteRow};
use crate::site::Granularity;

/// That a site is new, in brackets, as beside functions "new" reads as Go's new().
pub(in crate::render) fn row_tag(site: &SiteRow) -> Option<&'static str> {
    (site.change_kind == ChangeKind::New).then_some("(new)")
}

/// What happened at a site, where that is not what growth mostly is: more objects.
pub(in crate::render) fn row_label(site: &SiteRow) -> Option<&'static str> {
    match growth_label(site) {
        "more objects" | "grew" | "new" => None,
        label => Some(label),
    }
}

/// What the numbers of a metric are: the difference, and the values of both sides.
pub(in crate::render) fn number_titles(report: &Report) -> [&'static str; 3] {
    match report.current.difference {
        Some(_) => ["change", "freed", "allocated"],
        None => ["growth", "before", "now"],
    }
}

/// The rank of a site by the metric that the list is not ordered by, if it is among the first there only.
pub(in crate::render) fn row_rank(report: &Report, site: &SiteRow) -> Option<String> {
    const FIRST: usize = 3;
    let list = report.list.as_ref()?;
    let other = match list.metric {
        Metric::Space => Metric::Objects,
        Metric::Objects => Metric::Space,
    };
    let rank = site.rank(other);
    let is_first = report.shows(other)
        && rank <= FIRST
        && site.rank(list.metric) > FIRST
        && site.values(report.attribution).delta_of(other) > 0;
    is_first.then(|| format!("#{rank} by {}", report.name(other)))
}

/// How sure the growth of a site is, in numbers.
pub(in crate::render) fn row_certainty(report: &Report, site: &SiteRow, bytes: Bytes) -> Vec<String> {
    let evidence = &site.evidence;
    if !report.sampling.is_sampled() || evidence.significance == Significance::Unknown {
        return Vec::new();
    }
    // Rounded outwards, as in JSON.
    #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
    let bounds = |growth: Interval| [growth.low.floor() as i128, growth.high.ceil() as i128];
    let interval = |metric: Metric, growth: Option<Interval>, unit: &str| {
        let growth = growth.filter(|_| report.shows(metric))?;
        Some(format!("95 %: {}{unit}", range(metric, bounds(growth), true, bytes)))
    };
    let unit = format!(" {}", objects_unit(report, 2));
    let p_value = evidence.p_value.map(|p| format!("p {}", probability(p)));
    let samples = format!("samples {} → {}", evidence.samples_base, evidence.samples_current);
    let (space, objects) =
        (interval(Metric::Space, evidence.space, ""), interval(Metric::Objects, evidence.objects, &unit));
    [p_value, space, objects, Some(samples)].into_iter().flatten().collect()
}

/// The lines of a site that are not shown; those of a root are fields.
pub(in crate::render) fn more_lines(of: Granularity, number: usize, metric: Metric, sum: i128, bytes: Bytes) -> String {
    format!("and {}, {}", count(number, more_parts(of)), delta(metric, sum, bytes))
}

/// Heading of sites that did not grow by more than noise.
pub(in crate::render) fn noise_heading(report: &Report) -> Option<&'static str> {
    let list = report.list.as_ref()?;
    (list.is_noise && !list.sites.is_empty()).then_some("Largest changes, all within sampling noise:")
}
