//! Builds the report on a comparison of two sides.

use std::path::PathBuf;

use anyhow::Result;

use crate::cli::options::{Companions, LoadOptions};
use crate::cli::steps::{LoadedSide, Progress, companion_growth};
use crate::diagnose::{FindingInputs, Request, findings, notes};
use crate::diff::Deltas;
use crate::evidence::Evidence;
use crate::rank::rank;
use crate::report::{Report, Selection, report};

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
    progress: &Progress,
) -> Result<Report> {
    // A confirmed site may rank anywhere.
    let depth = if plan.selection.only_confirmed { None } else { plan.selection.top };
    let (ranking, evidence) = (rank(deltas, depth), Evidence::new(deltas));
    let notes = notes([&base.info, &current.info], deltas, &evidence, &plan.request);
    let growth = companion_growth::read_and_compare(&plan.companions, &plan.sides, &plan.load_options, progress)?;
    let sides = [base.info.clone(), current.info.clone()];
    let mut report = report(sides, &ranking, &evidence, None, notes, &plan.selection);
    report.findings = findings(FindingInputs {
        deltas,
        evidence: &evidence,
        notes: &report.notes,
        request: &plan.request,
        trends: None,
        assessment: None,
        mem_stats: [base.mem_stats(), current.mem_stats()],
        goroutines: growth.goroutines,
        threads: growth.threads,
    });
    Ok(report)
}
