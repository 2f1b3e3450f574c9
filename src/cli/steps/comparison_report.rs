//! Builds the report on a comparison of two sides.

use std::path::PathBuf;

use crate::cli::options::{Companions, LoadOptions};
use crate::cli::steps::companion_growth::CompanionGrowth;
use crate::cli::steps::{LoadedSide, matching_notes};
use crate::diagnose::{FindingInputs, Note, Outlier, Request, findings, notes};
use crate::diff::{Attribution, Deltas};
use crate::evidence::Evidence;
use crate::matching::Matching;
use crate::rank::rank;
use crate::report::{Conclusions, Report, Selection, UsedConfig, report};
use crate::site::SiteShares;

/// Two sides to compare, and what to report of them.
pub(crate) struct ComparisonPlan {
    /// The files of the base and of the current side.
    pub(crate) sides: [Vec<PathBuf>; 2],
    pub(crate) load_options: LoadOptions,
    pub(crate) companions: Companions,
    /// Files with the `runtime.MemStats` of both sides; none if they were not given.
    pub(crate) mem_stats: Vec<PathBuf>,
    pub(crate) request: Request,
    pub(crate) selection: Selection,
}

/// Builds the report.
pub(crate) fn build_report(
    plan: &ComparisonPlan,
    [base, current]: [&LoadedSide<'_>; 2],
    deltas: &Deltas<'_, '_>,
    companions: &CompanionGrowth,
    matching: Matching,
) -> Report {
    let (ranking, evidence) = (rank(deltas, plan.selection.rank_depth()), Evidence::new(deltas));
    let mut notes = notes([&base.info, &current.info], deltas, &evidence, &plan.request);
    notes.extend(current.shares.as_ref().and_then(|shares| outlier(shares, deltas)).map(Note::Outlier));
    notes.extend(matching_notes(&matching));
    let inputs = FindingInputs {
        mem_stats: [base.mem_stats(), current.mem_stats()],
        goroutines: companions.goroutines.as_ref(),
        leaked: companions.leaked.as_ref(),
        threads: &companions.threads,
        ..FindingInputs::new(deltas, &evidence, &notes, &plan.request)
    };
    let whole = inputs.whole_heap();
    let findings = findings(inputs);
    let sides = [base.info.clone(), current.info.clone()];
    let path = plan.request.config.as_ref().map(|path| path.display().to_string());
    let config = UsedConfig { path, ..UsedConfig::default() };
    let connection = plan.request.connection.clone();
    let conclusions = Conclusions { notes, findings, whole, matching, config, connection, ..Conclusions::default() };
    report(sides, &ranking, &evidence, conclusions, &plan.selection)
}

/// The current profile that has most of a site that grew.
fn outlier(shares: &SiteShares<'_>, deltas: &Deltas<'_, '_>) -> Option<Outlier> {
    let (metric, by_key) = (deltas.ranking_metric(), deltas.by_key());
    let growth = |site: usize| deltas.change(&deltas.sites[site], Attribution::Flat).delta_of(metric);
    Outlier::of(shares, metric, |key| by_key.get(key).is_some_and(|&site| growth(site) > 0))
}
