//! Makes a [`Report`] of a comparison.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::row::Rows;
use super::runs::RunsSummary;
use super::{
    Finding, GoneSite, List, Note, Report, RuntimeGrowth, Sampling, ShownMetric, SideInfo, SiteSum, Unfit, UsedConfig,
    WholeHeap,
};
use crate::diff::{Attribution, Deltas, Metric, SiteDelta};
use crate::evidence::Evidence;
use crate::gate::GateResult;
use crate::matching::Matching;
use crate::rank::Ranking;
use crate::site::{Granularity, Name, RuntimeClass, SiteKey, Values};

/// The sites that a report shows, and their order.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Metrics, each with a list of sites, the most grown first. The first one also decides which line and which owner of
    /// a site grew most.
    pub lists: Vec<Metric>,
    /// Only sites that grew.
    pub only_grown: bool,
    /// Only sites whose growth is confirmed.
    pub only_confirmed: bool,
    /// Whether confirmed growth comes first where sites are ranked by objects, of which one sample of small ones stands
    /// for thousands.
    pub confirmed_first: bool,
    /// Whether the runtime's own memory is summed up by class instead of being listed with the program's sites.
    pub folds_runtime: bool,
    /// Largest number of sites in each list.
    pub top: Option<usize>,
    /// Sample type that is counted instead of live objects and bytes.
    pub sample_type: Option<String>,
}

/// Indexes in [`Deltas::sites`] of the sites in any list. A site's position in this set is its index in
/// [`Report::sites`].
type ShownSites = IndexSet<usize, RandomState>;

impl Selection {
    /// How many sites of each metric must be ranked: `None` for all, as a confirmed site may rank anywhere.
    pub fn rank_depth(&self) -> Option<usize> {
        self.top.filter(|_| !self.only_confirmed)
    }
}

/// What was concluded from a comparison.
#[derive(Debug, Clone, Default)]
pub struct Conclusions {
    /// What the user should know of the numbers.
    pub notes: Vec<Note>,
    /// What the numbers suggest, the most important first.
    pub findings: Vec<Finding>,
    /// Whether the heap as a whole grew.
    pub whole: Option<WholeHeap>,
    /// What the gate comes to; its sites are indexes in [`Deltas::sites`]. `None` in a diff.
    pub gate: Option<GateResult>,
    /// Why the sides are unfit for the gate.
    pub unfit: Vec<Unfit>,
    /// The functions of both builds that are one, though their names differ.
    pub matching: Matching,
    /// The files that shaped the verdict.
    pub config: UsedConfig,
    /// The program's exit code.
    pub exit_code: u8,
}

/// Makes the report of a comparison. The ranking must reach at least to [`Selection::rank_depth`].
pub fn report(
    sides: [SideInfo; 2],
    ranking: &Ranking<'_, '_, '_>,
    evidence: &Evidence,
    Conclusions { notes, findings, whole, gate, unfit, matching, config, exit_code }: Conclusions,
    selection: &Selection,
) -> Report {
    let deltas = ranking.deltas();
    let metrics = ShownMetric::counted(deltas, Metric::Space, selection.sample_type.as_deref());
    let mut list_metrics: Vec<_> = selection.lists.iter().copied().filter(|&metric| deltas.counts(metric)).collect();
    if list_metrics.is_empty() && !selection.lists.is_empty() {
        list_metrics.extend(metrics.iter().map(|column| column.metric));
    }
    let sort = list_metrics.first().copied().or(metrics.first().map(|column| column.metric)).unwrap_or(Metric::Space);
    let mut shown = ShownSites::default();
    let (lists, unchanged) = lists(ranking, evidence, list_metrics, selection, &mut shown);
    let gate = gate.map(|mut result| {
        let violations = result.violations.iter_mut();
        let violating = violations.flat_map(|found| found.site.iter_mut().chain(&mut found.most_grown));
        for site in violating.chain(result.accepted.iter_mut().filter_map(|accepted| accepted.site.as_mut())) {
            *site = shown.insert_full(*site).0;
        }
        result
    });
    let shown: Vec<_> = shown.into_iter().collect();
    let ranks = |metric| ranking.ranks(metric, &shown);
    let (by_space, by_objects) = (ranks(Metric::Space), ranks(Metric::Objects));
    let rows = Rows::new(deltas, evidence, sort, &matching);
    let ranks = by_space.into_iter().zip(by_objects);
    let sites = shown.iter().zip(ranks).map(|(&site, (space, objects))| rows.row(site, [space, objects])).collect();
    let [base, current] = sides;
    Report {
        command: if gate.is_some() { "check" } else { "diff" },
        base,
        current,
        granularity: deltas.current.granularity(),
        attribution: deltas.attribution,
        metrics,
        scales: [deltas.base.scale(), deltas.current.scale()],
        runs: RunsSummary::new(deltas, evidence),
        totals: deltas.total(),
        whole,
        site_count: deltas.sites.len(),
        unchanged,
        only_grown: selection.only_grown,
        only_confirmed: selection.only_confirmed,
        sampling: Sampling::new(deltas, evidence),
        sites,
        lists,
        notes,
        findings,
        gate,
        unfit,
        gone: gone(deltas, &matching),
        runtime: if selection.folds_runtime { runtime(deltas, evidence) } else { Vec::new() },
        matching,
        config,
        exit_code,
    }
}

/// The functions that are gone without a trace and that were alive, if anything grew: what new ones may come from. At
/// coarser granularities, the packages and files all of whose functions are.
fn gone(deltas: &Deltas<'_, '_>, matching: &Matching) -> Vec<GoneSite> {
    let grew = |site: &SiteDelta| site.change.delta().space > 0 || site.change.delta().objects > 0;
    if matching.unpaired_gone.is_empty() || !deltas.sites.iter().any(grew) {
        return Vec::new();
    }
    let is_gone = |name: Name<'_>| matching.unpaired_gone.binary_search(&name.text().into_owned()).is_ok();
    let are_all_gone = |site: &SiteDelta| {
        let lines = site.base.into_iter().flat_map(|index| deltas.base.cells(index));
        let mut functions = lines.map(|cell| deltas.base.line(cell.line).function());
        functions.all(|function| function.is_some_and(is_gone))
    };
    let mut gone: BTreeMap<String, Values> = BTreeMap::new();
    for site in deltas.sites.iter().filter(|site| site.change.current == Values::default()) {
        let name = match deltas.key(site) {
            SiteKey::Function(name) | SiteKey::Line(name, _) if is_gone(name) => name.text().into_owned(),
            key @ (SiteKey::Package(_) | SiteKey::File(_)) if are_all_gone(site) => key.name().into_owned(),
            _ => continue,
        };
        *gone.entry(name).or_default() += site.change.base;
    }
    let mut gone: Vec<_> = gone.into_iter().map(|(name, values)| GoneSite { name, values }).collect();
    gone.retain(|site| site.values != Values::default());
    gone.sort_by_key(|site| Reverse((site.values.space, site.values.objects)));
    gone
}

/// Whether a site is the runtime's own and not listed with the program's. Of goroutines that surely are more, the program
/// is the cause.
fn is_folded(deltas: &Deltas<'_, '_>, evidence: &Evidence, site: usize) -> bool {
    let has_own_row = |class: RuntimeClass| {
        deltas.current.granularity() == Granularity::Owner && !class.is_exempt() && evidence.is_significant(site)
    };
    deltas.sites[site].runtime_class.is_some_and(|class| !has_own_row(class))
}

/// The growth of the runtime's own memory that is not listed, by class, the most grown first.
fn runtime(deltas: &Deltas<'_, '_>, evidence: &Evidence) -> Vec<RuntimeGrowth> {
    let is_listed = |class: RuntimeClass| {
        let of_class = |site: &usize| deltas.sites[*site].runtime_class == Some(class);
        (0..deltas.sites.len()).filter(of_class).any(|site| !is_folded(deltas, evidence, site))
    };
    let classes = RuntimeClass::ALL.into_iter().filter(|&class| !is_listed(class));
    let mut grown: Vec<_> =
        classes.map(|class| RuntimeGrowth { class, delta: deltas.runtime_memory(class).delta() }).collect();
    grown.retain(|growth| growth.delta != Values::default());
    grown.sort_by_key(|growth| (Reverse((growth.delta.space, growth.delta.objects)), growth.class));
    grown
}

/// The list of each metric, and the number of sites that are the same on both sides.
fn lists(
    ranking: &Ranking<'_, '_, '_>,
    evidence: &Evidence,
    metrics: Vec<Metric>,
    selection: &Selection,
    shown: &mut ShownSites,
) -> (Vec<List>, usize) {
    let deltas = ranking.deltas();
    let delta = |metric: Metric, site: usize| deltas.sites[site].change.delta_of(metric);
    let is_folded = |site: usize| selection.folds_runtime && is_folded(deltas, evidence, site);
    let belongs = |metric: Metric, site: usize| {
        (!selection.only_grown || delta(metric, site) > 0)
            && (!selection.only_confirmed || evidence.is_significant(site))
            && !is_folded(site)
    };
    let is_sampled = deltas.attribution == Attribution::Flat && deltas.counts(Metric::Space);
    let is_sampled = is_sampled && evidence.rate().is_some_and(|rate| !rate.is_exact());
    // One pass for all sums, as the sites of a monolith do not fit into a cache.
    let mut sums = vec![[SiteSum::default(); 2]; metrics.len()];
    let mut unchanged = 0;
    for (site, SiteDelta { change, .. }) in deltas.sites.iter().enumerate() {
        unchanged += usize::from(change.base == change.current);
        for (&metric, [all, shrank]) in metrics.iter().zip(&mut sums) {
            if belongs(metric, site) {
                add(all, deltas, site);
            }
            if delta(metric, site) < 0 && !is_folded(site) {
                add(shrank, deltas, site);
            }
        }
    }
    let list = |(metric, [mut omitted, shrank]): (Metric, [SiteSum; 2])| {
        let is_first = |site: &usize| {
            selection.confirmed_first && metric == Metric::Objects && is_sampled && evidence.is_significant(*site)
        };
        let mut first: Vec<_> = (0..deltas.sites.len()).filter(is_first).collect();
        first.sort_by_cached_key(|&site| (Reverse(delta(metric, site)), deltas.key(&deltas.sites[site])));
        let others = ranking.by(metric).iter().copied().filter(|site| !is_first(site));
        let sites = first.into_iter().chain(others).filter(|&site| belongs(metric, site));
        let sites: Vec<_> = sites.take(selection.top.unwrap_or(usize::MAX)).collect();
        let mut listed = SiteSum::default();
        sites.iter().for_each(|&site| add(&mut listed, deltas, site));
        omitted.sites -= listed.sites;
        omitted.delta = omitted.delta - listed.delta;
        let has_confirmed_first = sites.windows(2).any(|pair| delta(metric, pair[0]) < delta(metric, pair[1]));
        List {
            has_confirmed_first,
            metric,
            sites: sites.into_iter().map(|site| shown.insert_full(site).0).collect(),
            omitted,
            shrank,
        }
    };
    (metrics.into_iter().zip(sums).map(list).collect(), unchanged)
}

/// Adds the flat values of a site, since cumulative ones of several sites overlap and have no sum.
fn add(sum: &mut SiteSum, deltas: &Deltas<'_, '_>, site: usize) {
    sum.sites += 1;
    sum.delta += deltas.change(&deltas.sites[site], Attribution::Flat).delta();
}
