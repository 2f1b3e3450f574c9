//! Everything a renderer may show, and nothing it must compute.
//!
//! In: ranked [`Deltas`] and what the inputs are. Out: a [`Report`]. Knows no format of output.

mod asked;
mod calls;
mod comparability;
mod excerpt;
mod finding;
mod findings;
mod flame;
mod goroutines;
mod mem_stats;
mod message;
mod note;
mod notes;
mod picture;
mod row;
mod sampling;
mod side;
mod stacks;
mod trend;

pub use asked::Asked;
pub use calls::{CallsReport, ListReport, ListedFunction, PeekReport, StacksReport};
pub use excerpt::{Excerpt, NoSource};
pub use finding::{Code, Finding, SiteGrew, Waiting};
pub use findings::{Seen, findings};
pub use flame::{Flame, FlameNode};
pub use goroutines::waiting;
pub use mem_stats::MemStatsReport;
pub use note::{NoEvidence, Note, Severity, Which};
pub use notes::notes;
pub use picture::Picture;
pub use row::{ChangeKind, Growth, Owner, RowEvidence, SiteRow};
pub use sampling::Sampling;
pub use side::{Differing, Side, Skipped};
pub use stacks::SiteStacks;
pub use trend::{Reach, SeriesNote, Snapshot, TrendReport, TrendRow, reach, some, trend_rows};

use std::collections::HashMap;

use crate::diff::{Attribution, Change, Delta, Deltas, Metric};
use crate::evidence::Evidence;
use crate::gate::{GateResult, Scope, Status};
use crate::rank::Ranking;
use crate::site::{Granularity, Values};
use crate::threads::at_once_if_many;

/// Version of the JSON that reports are printed as. Minor: fields were added. Major: meaning changed.
pub const SCHEMA_VERSION: &str = "1.0";

/// A metric that is shown.
#[derive(Debug, Clone)]
pub struct Column {
    /// Which.
    pub metric: Metric,
    /// What the profiles count in it: its own name, or the sample type that was asked for instead.
    pub name: String,
}

/// Which sites are wanted, and in which order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// A list of sites for each of these, the most grown first. The first one also decides which
    /// line and which owner of a site grew most.
    pub lists: Vec<Metric>,
    /// Only the sites that grew.
    pub growers: bool,
    /// Only those whose growth is confirmed.
    pub confirmed: bool,
    /// At most so many in each list.
    pub top: Option<usize>,
    /// What counts instead of the live objects and bytes.
    pub sample_type: Option<String>,
}

/// Some sites, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    /// How many.
    pub sites: usize,
    /// Their delta, of what they allocate themselves.
    pub delta: Values,
}

impl Sum {
    fn add(&mut self, deltas: &Deltas<'_, '_>, site: usize) {
        self.sites += 1;
        self.delta += deltas.change(&deltas.sites[site], Attribution::Flat).delta();
    }

    /// The sites of this sum without those of another, which are among them.
    fn minus(self, part: Sum) -> Sum {
        Sum { sites: self.sites - part.sites, delta: self.delta - part.delta }
    }
}

/// The sites by one metric.
#[derive(Debug, Clone)]
pub struct List {
    /// The metric.
    pub metric: Metric,
    /// Indexes into [`Report::sites`], in order.
    pub sites: Vec<usize>,
    /// The wanted sites behind the last one shown.
    pub omitted: Sum,
    /// The sites that shrank in this metric.
    pub shrank: Sum,
}

/// A comparison, ready to be shown.
#[derive(Debug, Clone)]
pub struct Report {
    /// The command that made it.
    pub command: &'static str,
    /// The earlier side.
    pub base: Side,
    /// The later side.
    pub current: Side,
    /// What a site is.
    pub granularity: Granularity,
    /// Which values rank the sites.
    pub basis: Attribution,
    /// What both sides count, bytes first. The other metric is 0 everywhere, and not shown.
    pub metrics: Vec<Column>,
    /// How many profiles of the earlier and of the later side the numbers are divided by; `None` for sums.
    pub per_profile: Option<[u32; 2]>,
    /// The whole of both sides.
    pub totals: Change,
    /// How many sites there are to list, shown or not.
    pub listed: usize,
    /// Those of them that are the same on both sides.
    pub unchanged: usize,
    /// Whether the lists have only sites that grew.
    pub growers: bool,
    /// Whether they have only those whose growth is confirmed.
    pub confirmed: bool,
    /// The sites of all lists, each once.
    pub sites: Vec<SiteRow>,
    /// A list for each metric asked for.
    pub lists: Vec<List>,
    /// Whether both sides are of one process, and how much chance there is.
    pub sampling: Sampling,
    /// What the user should know.
    pub notes: Vec<Note>,
    /// What the numbers suggest, the most important first.
    pub findings: Vec<Finding>,
    /// The gate's judgement; `None` of a diff.
    pub judgement: Option<Judgement>,
}

impl Report {
    /// Whether a metric is shown.
    pub fn shows(&self, metric: Metric) -> bool {
        self.metrics.iter().any(|column| column.metric == metric)
    }

    /// What the profiles count in a metric.
    pub fn name(&self, metric: Metric) -> &str {
        self.metrics.iter().find(|column| column.metric == metric).map_or(metric.name(), |column| &column.name)
    }
}

/// What the gate says.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// What it comes to.
    pub status: Status,
    /// Why, where it is not plain from the violations: a sentence each.
    pub reasons: Vec<String>,
    /// The rules that were applied, as people write them.
    pub limits: Vec<String>,
    /// The worst first.
    pub violations: Vec<ViolationRow>,
}

/// Something that grew more than it may.
#[derive(Debug, Clone)]
pub struct ViolationRow {
    /// What is limited.
    pub scope: Scope,
    /// In which metric.
    pub metric: Metric,
    /// The rule, as people write it.
    pub limit: String,
    /// What was allowed.
    pub allowed: i128,
    /// What was found.
    pub delta: i128,
    /// How likely such a growth is by chance; `None` where that was left aside.
    pub p_value: Option<f64>,
    /// Index into [`Report::sites`]; `None` for the whole heap.
    pub site: Option<usize>,
    /// Where it is in the checkout, if it is there.
    pub source: Option<Source>,
}

/// A line of a file of the checkout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Its path, relative to the root.
    pub file: String,
    /// The line, from 1.
    pub line: i64,
}

/// Makes the report of a diff. The ranking must be laid out as deep as the selection shows.
pub fn report(
    sides: [Side; 2],
    ranking: &Ranking<'_, '_, '_>,
    evidence: &Evidence,
    verdict: Option<GateResult>,
    notes: Vec<Note>,
    selection: &Selection,
) -> Report {
    let deltas = ranking.deltas();
    let metrics: Vec<_> =
        [Metric::Space, Metric::Objects].into_iter().filter(|&metric| deltas.counts(metric)).collect();
    let mut wanted: Vec<_> = selection.lists.iter().copied().filter(|metric| metrics.contains(metric)).collect();
    if wanted.is_empty() && !selection.lists.is_empty() {
        wanted.clone_from(&metrics);
    }
    let sort = wanted.first().or(metrics.first()).copied().unwrap_or(Metric::Space);
    // The sites of all lists, each once, as indexes of the deltas.
    let mut shown_sites = Vec::new();
    let mut index_of = HashMap::new();
    let delta = |metric: Metric, site: usize| deltas.sites[site].change.delta_of(metric);
    let sure = |site: usize| !selection.confirmed || evidence.is_confirmed(site);
    let belongs = |metric: Metric, site: usize| (!selection.growers || delta(metric, site) > 0) && sure(site);
    // In one go, as a monolith's sites are more than a cache holds.
    let mut sums = vec![[Sum::default(); 2]; wanted.len()];
    let mut unchanged = 0;
    for (site, Delta { change, .. }) in deltas.sites.iter().enumerate() {
        unchanged += usize::from(change.base == change.current);
        for (&metric, [all, shrank]) in wanted.iter().zip(&mut sums) {
            if belongs(metric, site) {
                all.add(deltas, site);
            }
            if delta(metric, site) < 0 {
                shrank.add(deltas, site);
            }
        }
    }
    let mut lists = Vec::new();
    for (metric, [all, shrank]) in wanted.into_iter().zip(sums) {
        let shown = ranking.by(metric).iter().copied().filter(|&site| belongs(metric, site));
        let shown: Vec<_> = shown.take(selection.top.unwrap_or(usize::MAX)).collect();
        let mut listed = Sum::default();
        shown.iter().for_each(|&site| listed.add(deltas, site));
        let shown = shown.into_iter().map(|site| {
            *index_of.entry(site).or_insert_with(|| {
                shown_sites.push(site);
                shown_sites.len() - 1
            })
        });
        lists.push(List { metric, sites: shown.collect(), omitted: all.minus(listed), shrank });
    }
    let judgement = verdict.map(|verdict| Judgement {
        status: verdict.status,
        reasons: verdict.reasons,
        limits: verdict.limits,
        violations: verdict
            .violations
            .into_iter()
            .map(|violation| ViolationRow {
                scope: violation.scope,
                metric: violation.metric,
                limit: violation.limit,
                allowed: violation.allowed,
                delta: violation.delta,
                p_value: violation.p_value,
                site: violation.site.map(|site| {
                    *index_of.entry(site).or_insert_with(|| {
                        shown_sites.push(site);
                        shown_sites.len() - 1
                    })
                }),
                source: None,
            })
            .collect(),
    });
    let ranks = |metric| ranking.ranks(metric, &shown_sites);
    let (by_space, by_objects) =
        at_once_if_many(deltas.sites.len(), || ranks(Metric::Space), || ranks(Metric::Objects));
    let rows = row::Rows::new(deltas, evidence, sort);
    let ranks = by_space.into_iter().zip(by_objects);
    let sites = shown_sites.iter().zip(ranks).map(|(&site, (space, objects))| rows.row(site, [space, objects]));
    let sites = sites.collect();
    let [base, current] = sides;
    Report {
        command: if judgement.is_some() { "check" } else { "diff" },
        base,
        current,
        granularity: deltas.current.granularity(),
        basis: deltas.basis,
        metrics: metrics
            .into_iter()
            .map(|metric| Column {
                metric,
                name: selection.sample_type.clone().unwrap_or_else(|| metric.name().to_owned()),
            })
            .collect(),
        per_profile: deltas.base.per_profile().zip(deltas.current.per_profile()).map(<[u32; 2]>::from),
        totals: deltas.total(),
        listed: deltas.sites.len(),
        unchanged,
        growers: selection.growers,
        confirmed: selection.confirmed,
        sampling: Sampling::of(evidence),
        sites,
        lists,
        notes,
        findings: Vec::new(),
        judgement,
    }
}
