//! Makes a [`Report`] of a comparison.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::row::Rows;
use super::runs::RunsSummary;
use super::runtime_growth::runtime_growth;
use super::shown_lines::show_lines;
use super::site_list::{Selection, ShownSites, list};
use super::{Finding, GoneSite, Headline, Note, Report, Sampling, ShownMetric, SideInfo, Unfit, UsedConfig, WholeHeap};
use crate::diff::{Deltas, Metric, SiteDelta};
use crate::evidence::{Evidence, GrowthKind};
use crate::gate::{GateResult, Status};
use crate::matching::Matching;
use crate::order::sorted;
use crate::rank::Ranking;
use crate::site::{Name, SiteKey, Values};

/// What was concluded from a comparison.
#[derive(Debug, Clone, Default)]
pub struct Conclusions {
    /// What the user should know of the numbers.
    pub notes: Vec<Note>,
    /// What the numbers suggest, the most important first.
    pub findings: Vec<Finding>,
    /// Whether the heap as a whole grew.
    pub whole: Option<WholeHeap>,
    /// The pair whose growth is usual.
    pub usual: Option<[SideInfo; 2]>,
    /// What the gate comes to; its sites are indexes in [`Deltas::sites`]. `None` in a diff.
    pub gate: Option<GateResult>,
    /// Why the sides are unfit for the gate.
    pub unfit: Vec<Unfit>,
    /// The functions of both builds that are one, though their names differ.
    pub matching: Matching,
    /// The files that shaped the verdict.
    pub config: UsedConfig,
    /// The options on connections, as words of another command.
    pub connection: Vec<String>,
    /// The program's exit code.
    pub exit_code: u8,
}

/// Makes the report of a comparison. The ranking must reach at least to [`Selection::rank_depth`].
pub fn report(
    sides: [SideInfo; 2],
    ranking: &Ranking<'_, '_, '_>,
    evidence: &Evidence,
    Conclusions { notes, findings, whole, usual, gate, unfit, matching, config, connection, exit_code }: Conclusions,
    selection: &Selection,
) -> Report {
    let deltas = ranking.deltas();
    let metrics = ShownMetric::counted(deltas, Metric::Space, selection.sample_type.as_deref());
    // Where only one metric is counted, that one.
    let counted = |metric: &Metric| deltas.counts(*metric);
    let sort = selection.sort.filter(counted).unwrap_or(deltas.ranking_metric());
    let mut shown = ShownSites::default();
    let list = selection.sort.map(|_| list(ranking, evidence, sort, selection, &mut shown));
    // What was accepted is not what a check fails by.
    let failed = gate.iter().filter(|result| result.status == Status::Fail);
    let aside: Vec<_> = failed.flat_map(|result| &result.accepted).filter_map(|accepted| accepted.site).collect();
    let gate = gate.map(|mut result| {
        let violations = result.violations.iter_mut();
        let violating = violations.flat_map(|found| found.site.iter_mut().chain(&mut found.most_grown));
        let accepted = result.accepted.iter_mut().filter_map(|accepted| accepted.site.as_mut());
        let larger = result.must_see.iter_mut().flat_map(|must_see| &mut must_see.larger).map(|found| &mut found.site);
        for site in violating.chain(accepted).chain(larger) {
            *site = shown.insert_full(*site).0;
        }
        result
    });
    let is_answer = list.is_some() || gate.is_some();
    let headline = is_answer.then(|| Headline::new(deltas, evidence, sort, whole.as_ref(), &aside, &mut shown));
    let shown: Vec<_> = shown.into_iter().collect();
    let ranks = |metric| ranking.ranks(metric, &shown);
    let (by_space, by_objects) = (ranks(Metric::Space), ranks(Metric::Objects));
    let rows = Rows::new(deltas, evidence, sort, &matching);
    let ranks = by_space.into_iter().zip(by_objects);
    let rows = shown.iter().zip(ranks).map(|(&site, (space, objects))| rows.row(site, [space, objects]));
    let mut sites: Vec<_> = rows.collect();
    let listed = list.iter().filter(|list| !list.is_noise).flat_map(|list| list.sites.iter().copied());
    let broken = gate.iter().flat_map(|result| &result.violations).filter_map(|violation| violation.site);
    show_lines(&mut sites, listed.chain(broken), sort);
    let sampling = Sampling::new(deltas, evidence);
    let [base, current] = sides;
    if current.difference.is_some() {
        // What was freed and what was allocated are other objects: their sizes say nothing of any that grew.
        let is_known = |kind: &GrowthKind| *kind == GrowthKind::MoreObjects;
        for site in &mut sites {
            site.kind_by_values = site.kind_by_values.filter(is_known);
            site.evidence.kind_by_turnover = site.evidence.kind_by_turnover.filter(is_known);
        }
    }
    Report {
        command: if gate.is_some() { "check" } else { "diff" },
        base,
        current,
        usual,
        granularity: deltas.current.granularity(),
        has_own_patterns: !deltas.current.observed().own_hits.is_empty(),
        attribution: deltas.attribution,
        metrics,
        scales: [deltas.base.scale(), deltas.current.scale()],
        runs: RunsSummary::new(deltas, evidence),
        totals: deltas.total(),
        whole,
        site_count: deltas.sites.len(),
        unchanged: deltas.sites.iter().filter(|site| site.change.base == site.change.current).count(),
        only_grown: selection.only_grown,
        only_confirmed: selection.only_confirmed,
        sites,
        headline,
        list,
        notes,
        findings,
        gate,
        unfit,
        gone: gone(deltas, &matching),
        runtime: if selection.folds_runtime { runtime_growth(deltas, evidence, &sampling) } else { Vec::new() },
        sampling,
        matching,
        config,
        connection,
        sourceless: None,
        exit_code,
        found_files: BTreeMap::new(),
    }
}

/// The functions that the later build lacks without a trace, with what they grew by in the earlier one, the most first.
pub fn gone_with_growth(usual: &Deltas<'_, '_>, matching: &Matching) -> Vec<GoneSite> {
    let mut gone: BTreeMap<String, Values> = BTreeMap::new();
    for site in &usual.sites {
        let (SiteKey::Function(name) | SiteKey::Line(name, _)) = usual.key(site) else { continue };
        let name = name.text().into_owned();
        if matching.unpaired_gone.binary_search(&name).is_ok() {
            *gone.entry(name).or_default() += site.change.delta();
        }
    }
    let grown = gone.into_iter().map(|(name, values)| GoneSite { name, values });
    let grown = grown.filter(|site| site.values.space > 0 || site.values.objects > 0).collect();
    sorted(grown, |a, b| (b.values.space, b.values.objects).cmp(&(a.values.space, a.values.objects)))
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
