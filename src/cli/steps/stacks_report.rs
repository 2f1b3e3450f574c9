//! Compares two sides by their stacks, for the commands that report on these.

use anyhow::{Result, bail};
use regex::bytes::Regex;

use crate::cli::options::Pair;
use crate::cli::steps::{Progress, compare_loaded, load_comparable_pair, matching_notes, stacks_of};
use crate::diagnose::notes;
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::rank::rank;
use crate::render::sanitize;
use crate::report::{Conclusions, Selection, StackContext, report};

/// The functions that match a regular expression. If there is none, the error names similar ones.
pub(crate) fn matching(of: &StackContext<'_, '_>, pattern: &Regex, typed: &str) -> Result<Vec<u32>> {
    const SUGGESTIONS: usize = 5;
    let found = of.calls.matching(pattern);
    if !found.is_empty() {
        return Ok(found);
    }
    let near: Vec<_> = of
        .calls
        .suggest_similar(typed, of.sort, SUGGESTIONS)
        .iter()
        .map(|name| format!("\n  {}", sanitize(name)))
        .collect();
    match near.is_empty() {
        true if of.calls.functions.is_empty() => {
            bail!("no function matches {typed}: no memory is alive on either side")
        }
        true => bail!("no function on a live stack matches {typed}"),
        false => bail!("no function on a live stack matches {typed}; there are{}", near.concat()),
    }
}

/// Compares both sides, and calls `show` with what all reports on stacks have in common.
pub(crate) fn report_stacks(
    plan: &Pair,
    sort: Metric,
    show: impl FnOnce(&Deltas<'_, '_>, &Evidence, StackContext<'_, '_>) -> Result<()>,
) -> Result<()> {
    let mut names = Default::default();
    let progress = Progress::new(plan.sides.iter().flatten());
    let ([base, current], renames) = load_comparable_pair(&plan.sides, &plan.load_options, &progress, &mut names)?;
    let deltas = compare_loaded([&base, &current], &plan.load_options, Attribution::Flat)?;
    let calls = stacks_of(&deltas)?;
    let evidence = Evidence::new(&deltas);
    let sides = [base.info.clone(), current.info.clone()];
    let mut notes = notes(sides.each_ref(), &deltas, &evidence, &plan.request);
    notes.extend(matching_notes(&renames));
    let selection = Selection { sample_type: plan.request.sample_type.clone(), ..Selection::default() };
    let conclusions = Conclusions { notes, matching: renames, ..Conclusions::default() };
    let comparison = report(sides, &rank(&deltas, Some(0)), &evidence, conclusions, &selection);
    // A metric that only one side counts cannot rank.
    let sort = if deltas.counts(sort) { sort } else { comparison.metrics.first().map_or(sort, |column| column.metric) };
    show(&deltas, &evidence, StackContext { comparison, calls: &calls, sort, omitted: 0 })
}
