//! A diff as stacks, for other programs.

use std::io::{self, Write};

use anyhow::Result;

use super::Exit;
use super::plan::DiffPlan;
use super::run::{calls, tell, write_to};
use super::side::Added;
use crate::diagnose::notes;
use crate::diff::{Deltas, Metric};
use crate::evidence::Evidence;
use crate::render::{self, Export, Exported};
use crate::report::Column;

/// Writes both sides, and what there is to know of them on standard error, as the formats have no place for that.
pub(super) fn run_export(
    plan: &DiffPlan,
    export: Export,
    [base, current]: [&Added<'_>; 2],
    deltas: &Deltas<'_, '_>,
) -> Result<Exit> {
    let calls = calls(deltas)?;
    let first = plan.selection.lists.first().copied().filter(|&metric| deltas.counts(metric));
    let mut metrics = vec![Metric::Space, Metric::Objects];
    metrics.retain(|&metric| deltas.counts(metric));
    if metrics.first() != first.as_ref() {
        metrics.reverse();
    }
    let name = |metric: Metric| plan.measure.sample_type.clone().unwrap_or_else(|| metric.name().to_owned());
    let exported = Exported {
        calls: &calls,
        metrics: metrics.into_iter().map(|metric| Column { metric, name: name(metric) }).collect(),
        base: &base.side,
        current: &current.side,
    };
    tell(&notes([&base.side, &current.side], deltas, &Evidence::new(deltas), &plan.asked));
    let mut below_0 = 0;
    let exit = write_to(plan.output.as_deref(), |out| {
        below_0 = render::export(&exported, export, out)?;
        Ok(())
    })?;
    if below_0 > 0 {
        let plural = if below_0 == 1 { "stack has a value" } else { "stacks have values" };
        let _ =
            writeln!(io::stderr(), "warning: {below_0} {plural} below 0, which the format has no place for: 0 there");
    }
    Ok(exit)
}
