//! One profile, ready to be shown: what is alive in it.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{MemStatsReport, Note, ShownMetric, SideInfo};
use crate::diff::{Attribution, Metric};
use crate::site::{CodeLine, Granularity, Name, RuntimeClass, SiteKey, SiteTable, Values, import_path};

/// What is alive in one profile, by site.
#[derive(Debug, Clone)]
pub struct TopReport {
    /// The profile, or several that are summed.
    pub input: SideInfo,
    /// What a site is.
    pub granularity: Granularity,
    /// Values that rank the sites.
    pub attribution: Attribution,
    /// The metrics that the profile counts, the one that ranks first.
    pub metrics: Vec<ShownMetric>,
    /// Whether it is counted what was allocated, rather than what is alive.
    pub is_allocation: bool,
    /// The sum of all sites.
    pub total: Values,
    /// The sites that are shown, the largest first.
    pub sites: Vec<TopSite>,
    /// The sites that are not shown.
    pub omitted: TopSum,
    /// The runtime's own numbers, if the profile has them.
    pub mem_stats: Option<MemStatsReport>,
    /// What the user should know of the numbers.
    pub notes: Vec<Note>,
    /// The options on connections that another command on the same inputs needs, without secrets.
    pub connection: Vec<String>,
}

/// Where a profile of many is from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// When it was taken, by RFC 3339; `None` where it does not say.
    pub time: Option<String>,
    /// Names and values that the user gave.
    pub labels: Vec<(String, String)>,
}

/// The sum of some sites.
#[derive(Debug, Clone, Copy, Default)]
pub struct TopSum {
    /// Number of sites.
    pub sites: usize,
    /// Their flat values.
    pub values: Values,
}

/// A site of one profile.
#[derive(Debug, Clone)]
pub struct TopSite {
    /// Rank among all sites, from 1.
    pub rank: usize,
    /// An id that is the same in other builds.
    pub site_id: String,
    /// Its name: the function, the file or the package.
    pub name: String,
    /// Its function; `None` at the granularities `files` and `packages`.
    pub function: Option<String>,
    /// Import path of the package; `None` where names have none.
    pub package: Option<String>,
    /// Its largest line.
    pub place: Place,
    /// What it has itself.
    pub flat: Values,
    /// What it and its callees have; 0 where that was not counted.
    pub cum: Values,
    /// Raw samples of its flat values.
    pub samples: u64,
    /// The class of its memory, if that is the runtime's own.
    pub runtime_class: Option<RuntimeClass>,
    /// Its lines, the largest first; none where a site is a line, a file or a package.
    pub lines: Vec<TopLine>,
}

/// A line of a site.
#[derive(Debug, Clone)]
pub struct TopLine {
    pub place: Place,
    /// What was allocated for it.
    pub values: Values,
}

/// A file and a line, if known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub file: Option<String>,
    pub line: Option<i64>,
}

/// Which sites of a profile are shown.
#[derive(Debug, Clone)]
pub struct TopSelection {
    /// The metric that ranks.
    pub sort: Metric,
    pub attribution: Attribution,
    /// Largest number of sites.
    pub top: usize,
    /// Sample type that is counted instead of live objects and bytes.
    pub sample_type: Option<String>,
}

impl TopReport {
    /// Ranks the sites of a profile.
    pub fn new(
        input: SideInfo,
        sites: &SiteTable<'_>,
        selection: &TopSelection,
        mem_stats: Option<MemStatsReport>,
        mut notes: Vec<Note>,
    ) -> Self {
        notes.extend((sites.observed().of_goref > 0).then_some(Note::Holders));
        let is_allocation = sites.observed().is_allocation;
        let counted = sites.counted();
        let mut metrics = vec![Metric::Space, Metric::Objects];
        metrics.sort_by_key(|&metric| metric != selection.sort);
        metrics.retain(|metric| match metric {
            Metric::Space => counted.space,
            Metric::Objects => counted.objects,
        });
        let sort = metrics.first().copied().unwrap_or(selection.sort);
        let samples = sites.live_samples();
        let ranking = |at: usize| match selection.attribution {
            Attribution::Flat => sites.flat(at).unwrap_or_default(),
            Attribution::Cum => sites.cum(at),
        };
        let mut ranked: Vec<_> = sites.indexes().filter(|&at| ranking(at) != Values::default()).collect();
        ranked.sort_by_cached_key(|&at| (Reverse(sort.of(ranking(at))), sites.key(at)));
        let rest = ranked.split_off(selection.top.min(ranked.len()));
        let omitted = rest.iter().fold(TopSum::default(), |sum, &at| TopSum {
            sites: sum.sites + 1,
            values: sum.values + sites.flat(at).unwrap_or_default(),
        });
        let name = |metric: Metric| match &selection.sample_type {
            Some(name) => name.clone(),
            None if is_allocation => metric.allocated_name().to_owned(),
            None => metric.name().to_owned(),
        };
        TopReport {
            granularity: sites.granularity(),
            attribution: selection.attribution,
            metrics: metrics.into_iter().map(|metric| ShownMetric { metric, name: name(metric) }).collect(),
            is_allocation,
            total: sites.total(),
            sites: ranked
                .into_iter()
                .zip(1..)
                .map(|(at, rank)| site(sites, at, rank, samples.get(at).copied().unwrap_or(0), sort))
                .collect(),
            omitted,
            mem_stats,
            notes,
            connection: Vec::new(),
            input,
        }
    }

    /// The values of a site that rank it.
    pub fn values(&self, site: &TopSite) -> Values {
        match self.attribution {
            Attribution::Flat => site.flat,
            Attribution::Cum => site.cum,
        }
    }
}

fn site(sites: &SiteTable<'_>, at: usize, rank: usize, samples: u64, sort: Metric) -> TopSite {
    let key = sites.key(at).unwrap_or(SiteKey::NoStack);
    let mut by_place: BTreeMap<Place, (CodeLine<'_>, Values)> = BTreeMap::new();
    for cell in sites.cells(at) {
        let line = sites.line(cell.line);
        by_place.entry(place(&line)).or_insert((line, Values::default())).1 += cell.values;
    }
    let mut lines: Vec<_> = by_place.into_iter().collect();
    lines.sort_by_cached_key(|(place, (_, values))| (Reverse(sort.of(*values)), place.clone()));
    let most = lines.first().map(|(_, (line, _))| *line).or_else(|| sites.lines_of(at).min_by_key(place));
    let has_function = !matches!(key, SiteKey::File(_) | SiteKey::Package(_) | SiteKey::Binary(_));
    let package = match key {
        SiteKey::Package(package) => Some(package),
        SiteKey::Runtime(_) => Some(&b"runtime"[..]),
        _ => most.and_then(|line| line.function()).and_then(Name::package),
    };
    let has_lines = sites.granularity().is_by_owner() || sites.granularity() == Granularity::Functions;
    TopSite {
        rank,
        site_id: key.site_id(),
        name: key.name().into_owned(),
        function: has_function.then(|| key.name().into_owned()),
        package: package.map(|package| import_path(package).into_owned()),
        place: most.map_or(Place { file: None, line: None }, |line| place(&line)),
        flat: sites.flat(at).unwrap_or_default(),
        cum: sites.cum(at),
        samples,
        runtime_class: sites.runtime_class(at),
        lines: match has_lines {
            true => lines.into_iter().map(|(place, (_, values))| TopLine { place, values }).collect(),
            false => Vec::new(),
        },
    }
}

fn place(line: &CodeLine<'_>) -> Place {
    Place {
        file: (!line.file.is_empty()).then(|| String::from_utf8_lossy(line.file).into_owned()),
        line: (line.line != 0).then_some(line.line),
    }
}
