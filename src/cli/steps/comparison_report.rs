//! Builds the report on a comparison of two sides.

use std::path::PathBuf;

use crate::cli::options::{Companions, LoadOptions};
use crate::cli::steps::companion_growth::CompanionGrowth;
use crate::cli::steps::{LoadedSide, matching_notes};
use crate::diagnose::{FindingInputs, Request, findings, notes};
use crate::diff::Deltas;
use crate::evidence::Evidence;
use crate::matching::Matching;
use crate::rank::rank;
use crate::report::{Conclusions, Report, Selection, report};

/// Two sides to compare, and what to report of them.
pub(crate) struct ComparisonPlan {
    /// The files of the base and of the current side.
    pub(crate) sides: [Vec<PathBuf>; 2],
    pub(crate) load_options: LoadOptions,
    pub(crate) companions: Companions,
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
    notes.extend(matching_notes(&matching));
    let findings = findings(FindingInputs {
        mem_stats: [base.mem_stats(), current.mem_stats()],
        goroutines: &companions.goroutines,
        threads: &companions.threads,
        ..FindingInputs::new(deltas, &evidence, &notes, &plan.request)
    });
    let sides = [base.info.clone(), current.info.clone()];
    let conclusions = Conclusions { notes, findings, matching, ..Conclusions::default() };
    report(sides, &ranking, &evidence, conclusions, &plan.selection)
}
