//! `--update-budget`: brings a budget file up to date, and says on standard error what changed.

use std::path::Path;

use anyhow::{Result, bail};

use crate::cli::check::args::CheckPlan;
use crate::cli::check::budget;
use crate::cli::exit::Exit;
use crate::cli::steps::print_line;
use crate::diagnose::Unfit;
use crate::gate::{self, Comparison};
use crate::render::messages;

/// Writes the budget. `unfit`: why the sides cannot be compared.
pub(super) fn update_budget(
    path: &Path,
    comparison: Comparison<'_, '_, '_>,
    mut unfit: Vec<Unfit>,
    plan: &CheckPlan,
) -> Result<Exit> {
    let mut sites = 0..comparison.deltas.sites.len();
    if !plan.rules.ignore_evidence && sites.any(|site| comparison.evidence.is_unknown(site)) {
        unfit.push(Unfit::GrowthNotDistinguishable);
    }
    if !unfit.is_empty() {
        let reasons: Vec<_> = unfit.iter().map(messages::gate::unfit).collect();
        bail!("no budget was written: {}", reasons.join("; "));
    }
    let update = gate::update_budget(comparison, &plan.rules, plan.tighten);
    budget::write(path, &update.budget, plan.load_options.granularity.name())?;
    print_line(&messages::gate::budget_update(&path.display().to_string(), &update));
    Ok(Exit::Success)
}
