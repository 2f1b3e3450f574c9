//! What to do after a series: commands with the files that were given.

use super::super::text::sanitize;
use super::commands::{goroutine_command, quoted, sample_type_option};
use super::trend::{counts_bytes, leading_metric, leading_row};
use crate::report::TrendReport;
use crate::series::Shape;
use crate::site::Granularity;

/// Snapshots that make a trend firm.
const FIRM_SNAPSHOTS: usize = 9;

/// What to do next, as commands that can be pasted: the lines and the callers of the function that matters most, between
/// the snapshots that its growth is measured between; and more snapshots where these cannot tell.
pub(in crate::render) fn trend_next(report: &TrendReport) -> Vec<String> {
    let mut steps = function_commands(report).unwrap_or_default();
    // Of a series of goroutines these are the same.
    let goroutines = report.goroutines.as_ref().filter(|found| found.shape == Shape::Growing && counts_bytes(report));
    steps.extend(goroutines.and_then(goroutine_command));
    let goes_on = report.rows.iter().any(|row| row.trend.goes_on());
    // Of goref's output no command takes more.
    let is_captured = report.comparison.granularity != Granularity::Roots;
    if is_captured && !goes_on && (!report.candidates.is_empty() || report.hint.is_some()) {
        let more = FIRM_SNAPSHOTS.max(2 * report.snapshots.len());
        let count = if report.window.is_short() { FIRM_SNAPSHOTS } else { more };
        steps.push(format!("heapdiff capture --count {count} URL"));
    }
    steps
}

/// The commands for the first function that keeps growing, or else the first that may; `None` where they cannot be
/// pasted, or sites are not functions.
fn function_commands(report: &TrendReport) -> Option<Vec<String>> {
    let comparison = &report.comparison;
    let commands = match comparison.granularity {
        Granularity::Owner | Granularity::Functions | Granularity::Lines => &["list", "peek"][..],
        // A variable has no source.
        Granularity::Roots => &["peek"],
        Granularity::Files | Granularity::Packages => return None,
    };
    let row = leading_row(report).or(report.candidates.first().copied())?;
    let site = &comparison.sites[report.rows[row].site];
    let function = site.function.as_deref().filter(|_| site.package.is_some())?;
    let ends = [report.window.first, report.window.last].map(|at| report.snapshots.get(at));
    let [first, last] = ends.map(|seen| seen.map(|seen| quoted(&seen.input)));
    let (first, last) = (first?, last?);
    let arguments =
        format!("{}{} {first} {last}", sample_type_option(comparison, leading_metric(report)), quoted(function));
    (sanitize(&arguments) == arguments)
        .then(|| commands.iter().map(|command| format!("heapdiff {command} {arguments}")).collect())
}
