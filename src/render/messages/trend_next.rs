//! What to do after a series, with the files that were given.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::commands::quoted;
use crate::report::TrendReport;
use crate::site::Granularity;

/// Sites whose lines are shown by a command each.
const MAX_COMMANDS: usize = 2;

/// What to do next: commands that can be pasted, or advice.
pub(in crate::render) fn trend_next(report: &TrendReport) -> Vec<String> {
    let (shown, names) = (shown_sites(report), DisplayNames::of_report(&report.comparison));
    let commands = shown.iter().take(MAX_COMMANDS).filter_map(|&row| list_command(report, &names, row));
    let mut steps: Vec<_> = commands.collect();
    let goes_on = report.rows.iter().any(|row| row.trend.goes_on());
    if !goes_on && (!report.candidates.is_empty() || report.hint.is_some()) {
        steps.push(match report.window.is_short() {
            true => "take six snapshots or more, better nine: heapdiff capture --count 9 URL".to_owned(),
            false => "take more snapshots under the same load, or sample more finely".to_owned(),
        });
    }
    steps
}

/// The sites that are worth a look: those that keep growing, or else those that may.
fn shown_sites(report: &TrendReport) -> Vec<usize> {
    let growing: Vec<_> = (0..report.rows.len()).filter(|&row| report.rows[row].trend.goes_on()).collect();
    match growing.is_empty() {
        true => report.candidates.clone(),
        false => growing,
    }
}

/// The command that shows the lines of a site; `None` where that cannot be pasted, or sites are not functions.
fn list_command(report: &TrendReport, names: &DisplayNames<'_>, row: usize) -> Option<String> {
    let by_function =
        matches!(report.comparison.granularity, Granularity::Owner | Granularity::Functions | Granularity::Lines);
    let site = &report.comparison.sites[report.rows[row].site];
    let function = site.function.as_deref().filter(|_| by_function && site.package.is_some())?;
    let ends = [report.window.first, report.window.last].map(|at| report.snapshots.get(at));
    let [first, last] = ends.map(|seen| seen.map(|seen| quoted(&seen.input)));
    let command = format!("heapdiff list {} {} {}", quoted(names.get(function)), first?, last?);
    (sanitize(&command) == command).then_some(command)
}
