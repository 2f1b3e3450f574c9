//! Data of the table on a page: a column for each number and text of the sites.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::super::display_names::DisplayNames;
use super::super::messages::{growth_and_significance, other_names_label};
use super::columns::{Both, Texts, place};
use super::graph::StackColumns;
use crate::diff::Metric;
use crate::evidence::{Interval, Significance};
use crate::render::json::Lazy;
use crate::report::{Report, SiteRow, StackGraph};
use crate::site::Values;

pub(super) struct SiteColumns<'a> {
    report: &'a Report,
    courses: Option<&'a Courses>,
    stacks: StackColumns<'a>,
    texts: Texts,
    /// By site: its rank by certainty and growth, or in a series by importance, from 1.
    rank: Vec<usize>,
    /// By site, indexes of texts.
    name: Vec<usize>,
    full: Vec<usize>,
    place: Vec<usize>,
    owner: Vec<usize>,
    what: Vec<usize>,
}

/// Data that a series adds to a page.
pub(super) struct Courses {
    /// By site of the report: its rank by importance, from 1.
    pub(super) rank: Vec<usize>,
    /// By site of the report: whether it is a `leak`, a `candidate` or neither.
    pub(super) kind: Vec<&'static str>,
    /// By site of the report: its trend in words.
    pub(super) what: Vec<String>,
    /// By site of the report: its values by snapshot.
    pub(super) values: Vec<Vec<Values>>,
    /// Sum of all sites by snapshot.
    pub(super) totals: Vec<Values>,
}

impl<'a> SiteColumns<'a> {
    pub(super) fn new(
        report: &'a Report,
        graph: &'a StackGraph,
        functions: &DisplayNames<'_>,
        paths: &DisplayNames<'_>,
        courses: Option<&'a Courses>,
    ) -> Self {
        let mut texts = Texts::default();
        let name = report.sites.iter().map(|site| texts.index(functions.site(site))).collect();
        let full = report.sites.iter().map(|site| texts.index(&site.name)).collect();
        let mut texts_of = |of: &dyn Fn(usize, &SiteRow) -> String| -> Vec<usize> {
            report.sites.iter().enumerate().map(|(at, site)| texts.index(of(at, site))).collect()
        };
        SiteColumns {
            report,
            courses,
            rank: courses.map_or_else(|| ranks(report), |courses| courses.rank.clone()),
            stacks: StackColumns::new(&graph.stacks, &report.metrics),
            name,
            full,
            place: texts_of(&|_, site| place(paths.get(site.file.as_deref().unwrap_or_default()), site.line)),
            owner: texts_of(&|_, site| {
                // An owner that is a site has none.
                let owner = site.owner.as_ref().filter(|_| !report.granularity.is_by_owner()).map(|owner| {
                    let place = place(paths.get(owner.file.as_deref().unwrap_or_default()), owner.line);
                    format!("{} {place}", functions.get(&owner.function)).trim_end().to_owned()
                });
                owner.unwrap_or_default()
            }),
            what: texts_of(&|at, site| match courses {
                Some(courses) => courses.what[at].clone(),
                None => {
                    let what = growth_and_significance(report, site);
                    other_names_label(site).map(|names| format!("{what}; {names}")).unwrap_or(what)
                }
            }),
            texts,
        }
    }
}

impl Serialize for SiteColumns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (sites, metrics) = (&self.report.sites, &self.report.metrics);
        let column = |of: fn(&SiteRow, Metric) -> i128| {
            Both::of(metrics, move |metric| Lazy(move || sites.iter().map(move |site| of(site, metric))))
        };
        let bound = |of: fn(Interval) -> f64| {
            #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
            let of_site = move |site: &SiteRow, metric| {
                let bounds = if metric == Metric::Space { site.evidence.space } else { site.evidence.objects };
                bounds.map(|bounds| of(bounds) as i128)
            };
            Both::of(metrics, move |metric| Lazy(move || sites.iter().map(move |site| of_site(site, metric))))
        };
        let mut data = serializer.serialize_struct("SiteColumns", 20)?;
        data.serialize_field("id", &Lazy(|| sites.iter().map(|site| &site.site_id)))?;
        data.serialize_field("rank", &self.rank)?;
        data.serialize_field("name", &self.name)?;
        data.serialize_field("full", &self.full)?;
        data.serialize_field("place", &self.place)?;
        data.serialize_field("owner", &self.owner)?;
        data.serialize_field("what", &self.what)?;
        data.serialize_field("verdict", &Lazy(|| sites.iter().map(|site| site.evidence.significance.name())))?;
        data.serialize_field("base", &column(|site, metric| site.flat.base_of(metric)))?;
        data.serialize_field("current", &column(|site, metric| site.flat.current_of(metric)))?;
        data.serialize_field("low", &bound(|bounds| bounds.low.floor()))?;
        data.serialize_field("high", &bound(|bounds| bounds.high.ceil()))?;
        data.serialize_field("samples_base", &Lazy(|| sites.iter().map(|site| site.evidence.samples_base)))?;
        data.serialize_field("samples_current", &Lazy(|| sites.iter().map(|site| site.evidence.samples_current)))?;
        data.serialize_field("p_value", &Lazy(|| sites.iter().map(|site| site.evidence.p_value)))?;
        if let Some(courses) = self.courses {
            // Lazy site's values, by snapshot.
            let of_site = |values: &Vec<Values>, metric: Metric| -> Vec<i128> {
                values.iter().map(|&values| metric.of(values)).collect()
            };
            let values = |metric| Lazy(move || courses.values.iter().map(move |values| of_site(values, metric)));
            data.serialize_field("kind", &courses.kind)?;
            data.serialize_field("course", &Both::of(metrics, values))?;
        }
        data.serialize_field("stacks", &self.stacks)?;
        data.serialize_field("texts", &self.texts)?;
        data.end()
    }
}

/// The rank of each site: confirmed growth first, then suspects, then the others, each by growth.
fn ranks(report: &Report) -> Vec<usize> {
    let first = report.metrics.first().map_or(Metric::Space, |column| column.metric);
    let tier = |site: &SiteRow| match site.evidence.significance {
        Significance::Grew => 0,
        Significance::Suspect => 1,
        Significance::Unknown if site.flat.delta_of(first) > 0 => 2,
        _ => 3,
    };
    let mut order: Vec<_> = (0..report.sites.len()).collect();
    order.sort_by_key(|&at| (tier(&report.sites[at]), report.sites[at].rank(first)));
    let mut ranks = vec![0; order.len()];
    order.into_iter().zip(1..).for_each(|(at, rank)| ranks[at] = rank);
    ranks
}
