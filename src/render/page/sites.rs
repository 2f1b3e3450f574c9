//! What the table of a page shows: the sites, a column for each of their numbers and texts.

use serde::Serialize;

use super::super::names::Short;
use super::super::words::{rank, what_and_how_sure};
use super::data::{Both, Texts, place};
use super::graph::Stacks;
use crate::diff::Metric;
use crate::evidence::Interval;
use crate::report::{Picture, Report, SiteRow};
use crate::site::Values;

#[derive(Serialize)]
pub(super) struct Sites {
    id: Vec<String>,
    rank: Vec<usize>,
    name: Vec<usize>,
    full: Vec<usize>,
    place: Vec<usize>,
    owner: Vec<usize>,
    what: Vec<usize>,
    verdict: Vec<&'static str>,
    base: Both<i128>,
    current: Both<i128>,
    low: Both<Option<i128>>,
    high: Both<Option<i128>>,
    samples_base: Vec<u64>,
    samples_current: Vec<u64>,
    p_value: Vec<Option<f64>>,
    /// Of a series: each site's values, by snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    course: Option<Both<Vec<i128>>>,
    stacks: Stacks,
    texts: Texts,
}

/// What a series adds to a page.
pub(super) struct Courses {
    /// By site of the report: its place among those that matter most.
    pub(super) rank: Vec<usize>,
    /// By site of the report: what it did, in words.
    pub(super) what: Vec<String>,
    /// Its values.
    pub(super) values: Vec<Vec<Values>>,
    /// Those of all sites.
    pub(super) totals: Vec<Values>,
}

impl Sites {
    pub(super) fn new(
        report: &Report,
        picture: &Picture,
        short: &Short,
        paths: &Short,
        courses: Option<&Courses>,
    ) -> Self {
        let mut texts = Texts::default();
        let column = |of: fn(&SiteRow, Metric) -> i128| {
            Both::of(&report.metrics, |metric| report.sites.iter().map(|site| of(site, metric)).collect())
        };
        let bound = |of: fn(Interval) -> f64, round: fn(f64) -> f64| {
            #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
            let of_site = move |site: &SiteRow, metric| {
                let bounds = if metric == Metric::Space { site.evidence.space } else { site.evidence.objects };
                bounds.map(|bounds| round(of(bounds)) as i128)
            };
            Both::of(&report.metrics, |metric| report.sites.iter().map(|site| of_site(site, metric)).collect())
        };
        let names = report.sites.iter().map(|site| texts.index(name(short, site))).collect();
        let full = report.sites.iter().map(|site| texts.index(&site.name)).collect();
        let mut texts_of = |of: &dyn Fn(usize, &SiteRow) -> String| -> Vec<usize> {
            report.sites.iter().enumerate().map(|(at, site)| texts.index(&of(at, site))).collect()
        };
        let course = courses.map(|courses| {
            let values = |metric: Metric| {
                let of_site = |values: &Vec<Values>| values.iter().map(|&values| metric.of(values)).collect();
                courses.values.iter().map(of_site).collect()
            };
            Both::of(&report.metrics, values)
        });
        let first = report.metrics.first().map_or(Metric::Space, |column| column.metric);
        Sites {
            id: report.sites.iter().map(|site| site.site_id.clone()).collect(),
            rank: match courses {
                Some(courses) => courses.rank.clone(),
                None => report.sites.iter().map(|site| rank(site, first)).collect(),
            },
            name: names,
            full,
            place: texts_of(&|_, site| place(paths.get(site.file.as_deref().unwrap_or_default()), site.line)),
            owner: texts_of(&|_, site| {
                let owner = site.owner.as_ref().map(|owner| {
                    let place = place(paths.get(owner.file.as_deref().unwrap_or_default()), owner.line);
                    format!("{} {place}", short.get(&owner.function)).trim_end().to_owned()
                });
                owner.unwrap_or_default()
            }),
            what: texts_of(&|at, site| match courses {
                Some(courses) => courses.what[at].clone(),
                None => what_and_how_sure(report, site),
            }),
            verdict: report.sites.iter().map(|site| site.evidence.verdict.name()).collect(),
            base: column(|site, metric| site.flat.base_of(metric)),
            current: column(|site, metric| site.flat.current_of(metric)),
            low: bound(|bounds| bounds.low, f64::floor),
            high: bound(|bounds| bounds.high, f64::ceil),
            samples_base: report.sites.iter().map(|site| site.evidence.samples_base).collect(),
            samples_current: report.sites.iter().map(|site| site.evidence.samples_current).collect(),
            p_value: report.sites.iter().map(|site| site.evidence.p_value).collect(),
            course,
            stacks: Stacks::new(&picture.stacks, &report.metrics),
            texts,
        }
    }
}

/// What a site is called: as in the table.
fn name<'r>(short: &'r Short, site: &'r SiteRow) -> &'r str {
    match (&site.function, site.package.is_some()) {
        (Some(function), true) => short.get(function),
        _ => &site.name,
    }
}
