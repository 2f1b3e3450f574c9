//! What to do after a series: commands with the files that were given.

use super::commands::{goroutine_command, header_file, more_snapshots, pasteable, quoted, sample_type_option};
use super::trend::{counts_bytes, leading_metric, leading_row};
use crate::report::{TrendReport, Watched};
use crate::series::Shape;
use crate::site::Granularity;

/// Snapshots that make a trend firm.
const FIRM_SNAPSHOTS: usize = 9;
/// What a watch whose snapshots are not kept is told.
const KEEP: &str = "# these snapshots are not kept; this keeps them, for list and peek";
/// What more snapshots of the program that was watched are for.
const MORE: &str = "# more snapshots, for a firm answer";

/// What to do next, as commands that can be pasted: the lines and the callers of the function that matters most, between
/// the snapshots that its growth is measured between; and more snapshots where these cannot tell.
pub(in crate::render) fn trend_next(report: &TrendReport) -> Vec<String> {
    let mut steps = function_commands(report).unwrap_or_default();
    if let Some((watched, folder)) =
        report.watched.as_ref().and_then(|watched| Some((watched, watched.keep_in.as_deref()?)))
    {
        // No file is left that another command could read.
        let command = pasteable(format!("heapdiff watch {} -o {}", words(watched), quoted(folder)));
        let command = command.filter(|_| !steps.is_empty() || wants_more(report));
        let file = header_file(&watched.words).map(str::to_owned);
        return command
            .map_or_else(Vec::new, |command| [KEEP.to_owned()].into_iter().chain(file).chain([command]).collect());
    }
    // Of a series of goroutines these are the same.
    let goroutines = report.goroutines.as_ref().filter(|found| found.shape == Shape::Growing && counts_bytes(report));
    steps.extend(goroutines.and_then(goroutine_command));
    if wants_more(report) {
        let more = FIRM_SNAPSHOTS.max(2 * report.snapshots.len());
        let count = if report.window.is_short() { FIRM_SNAPSHOTS } else { more };
        let program = report.watched.as_ref().and_then(|watched| pasteable(words(watched)));
        steps.extend(match program {
            Some(program) => vec![MORE.to_owned(), format!("heapdiff capture --count {count} {program}")],
            None => more_snapshots(count, None),
        });
    }
    steps
}

/// Whether only more snapshots can tell. Of goref's output no command takes more.
fn wants_more(report: &TrendReport) -> bool {
    let is_captured = report.comparison.granularity != Granularity::Roots;
    let goes_on = report.rows.iter().any(|row| row.trend.goes_on());
    is_captured && !goes_on && (!report.candidates.is_empty() || report.hint.is_some())
}

/// The program that was watched, for a shell.
fn words(watched: &Watched) -> String {
    watched.words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
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
    let option = sample_type_option(comparison, leading_metric(report));
    let arguments = pasteable(format!("{option}{} {first} {last}", quoted(function)))?;
    Some(commands.iter().map(|command| format!("heapdiff {command} {arguments}")).collect())
}
