//! Compares two sides by their stacks, for the commands that report on these.

use anyhow::{Result, bail};

use crate::cli::options::{NamePattern, Pair};
use crate::cli::steps::{Progress, SeveralLines, compare_loaded, load_comparable_pair, matching_notes, stacks_of};
use crate::diagnose::notes;
use crate::diff::{Attribution, Deltas, Metric};
use crate::evidence::Evidence;
use crate::rank::rank;
use crate::render::{is_shown_as, sanitize};
use crate::report::{Conclusions, Selection, StackContext, report};
use crate::site::RuntimeClass;

/// The functions that have the name that was typed, in full or as tables show it, or else those that match it as a
/// regular expression. If there is none, the error names similar ones.
pub(crate) fn matching(of: &StackContext<'_, '_>, pattern: &NamePattern) -> Result<Vec<u32>> {
    const SUGGESTIONS: usize = 5;
    let typed = &pattern.text;
    let named = pattern.as_name().map(|name| of.calls.named(|function| is_shown_as(function, name)));
    if let Some(found) = named.filter(|found| !found.is_empty()) {
        return Ok(found);
    }
    if RuntimeClass::ALL.iter().any(|class| class.name() == typed) {
        bail!("{typed} is memory of Go's runtime itself, not a function; heapdiff stacks shows where it is allocated");
    }
    let regex = pattern.as_regex();
    let found = regex.as_ref().map(|regex| of.calls.matching(regex)).unwrap_or_default();
    if !found.is_empty() {
        return Ok(found);
    }
    let near: Vec<_> = of
        .calls
        .suggest_similar(typed, of.sort, SUGGESTIONS)
        .iter()
        .map(|name| format!("\n  {}", sanitize(name)))
        .collect();
    let (one, all) = match of.calls.are_references {
        true => ("variable or field", "Variables and fields"),
        false => ("function", "Functions"),
    };
    match near.is_empty() {
        true if of.calls.functions.is_empty() => {
            bail!("no {one} matches {typed}: no memory is alive on either side")
        }
        true => regex.and_then(|_| bail!("no {one} matches {typed}; heapdiff BASE CURRENT shows the names"))?,
        false => {
            let typed = sanitize(typed);
            bail!(SeveralLines(format!("no {one} matches {typed}. {all} in these profiles:{}", near.concat())))
        }
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
