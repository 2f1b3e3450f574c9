//! `table` of one profile: what is alive in it, by site with its lines below, and the memory of the process.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::display_names::DisplayNames;
use super::mem_stats::breakdown;
use super::messages::top::{headline, next_step, omitted_sentence, process_heading, sampling_sentence};
use super::messages::{labelled, more_parts, note_message, single_snapshot_message};
use super::text::{sanitize, wrap};
use super::units::value;
use crate::diff::Metric;
use crate::report::{Place, TopReport};
use crate::site::Values;

/// Lines of a site that are shown.
const MAX_LINES: usize = 5;

/// A row: its rank, if it is a site and no line of one, its numbers, and its text.
struct Row {
    rank: String,
    cells: Vec<String>,
    text: String,
    /// Indent of the text, columns.
    indent: usize,
}

/// Writes the table. `all`: every line of each site.
pub fn write(report: &TopReport, all: bool, look: Look, out: &mut dyn Write) -> io::Result<()> {
    paragraph(&headline(report, look.bytes), look, out)?;
    if !report.sites.is_empty() {
        writeln!(out)?;
        write_rows(&titles(report), &rows(report, if all { usize::MAX } else { MAX_LINES }, look), look, out)?;
    }
    let process = report.mem_stats.as_ref().and_then(|stats| Some((stats, stats.breakdown.as_ref()?)));
    if let Some((stats, parts)) = process {
        writeln!(out, "\n{}", process_heading())?;
        for line in breakdown(parts, look).trim_fmt().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
        if let Some(sentence) = single_snapshot_message(stats, look.bytes) {
            paragraph(&sentence, look, out)?;
        }
    }
    writeln!(out)?;
    let sentences = [omitted_sentence(report, look.bytes), sampling_sentence(report)];
    sentences.iter().flatten().try_for_each(|sentence| paragraph(sentence, look, out))?;
    let notes = report.notes.iter().map(|note| labelled(note.severity(), &note_message(note)));
    notes.into_iter().try_for_each(|note| paragraph(&note, look, out))?;
    // Not wrapped, so that it can be pasted.
    let steps = next_step(report);
    if !steps.is_empty() {
        writeln!(out, "Next:")?;
    }
    steps.iter().try_for_each(|line| writeln!(out, "  {line}"))
}

fn titles(report: &TopReport) -> Vec<String> {
    let share = report.metrics.first().map(|_| String::new());
    let mut titles: Vec<_> = report.metrics.iter().map(|column| sanitize(&column.name)).collect();
    titles.splice(1.min(titles.len())..1.min(titles.len()), share);
    titles
}

fn rows(report: &TopReport, most_lines: usize, look: Look) -> Vec<Row> {
    let in_package = report.sites.iter().filter(|site| site.package.is_some());
    let functions = DisplayNames::functions(in_package.filter_map(|site| site.function.as_deref()));
    let places = || report.sites.iter().flat_map(|site| site.lines.iter().map(|line| &line.place).chain([&site.place]));
    let paths = DisplayNames::paths(places().filter_map(|place| place.file.as_deref()));
    let shown_place = |place: &Place| match (&place.file, place.line) {
        (Some(file), Some(line)) => sanitize(&format!("{}:{line}", paths.get(file))),
        (Some(file), None) => sanitize(paths.get(file)),
        (None, _) => String::new(),
    };
    let mut rows = Vec::new();
    for site in &report.sites {
        let name = match (&site.function, &site.package) {
            (Some(function), Some(_)) => functions.get(function),
            _ => &site.name,
        };
        let has_lines = site.lines.len() > 1 && site.lines.iter().any(|line| line.place.line.is_some());
        let place = if has_lines || site.name == site.place.file.as_deref().unwrap_or_default() {
            String::new()
        } else {
            shown_place(&site.place)
        };
        let text = [sanitize(name), place].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("  ");
        let values = report.values(site);
        rows.push(Row { rank: site.rank.to_string(), cells: cells(report, values, true, look), text, indent: 0 });
        if !has_lines {
            continue;
        }
        let (shown, rest) = site.lines.split_at(most_lines.min(site.lines.len()));
        for line in shown {
            let cells = cells(report, line.values, false, look);
            rows.push(Row { rank: String::new(), cells, text: shown_place(&line.place), indent: 2 });
        }
        if !rest.is_empty() {
            let sum = rest.iter().fold(Values::default(), |sum, line| sum + line.values);
            let text = super::units::count(rest.len(), more_parts(report.granularity));
            rows.push(Row { rank: String::new(), cells: cells(report, sum, false, look), text, indent: 2 });
        }
    }
    rows
}

/// The numbers of a row, the share of the first metric after it.
fn cells(report: &TopReport, values: Values, with_share: bool, look: Look) -> Vec<String> {
    let mut cells = Vec::new();
    for (at, column) in report.metrics.iter().enumerate() {
        let number = column.metric.of(values);
        cells.push(value(column.metric, number, look.bytes));
        if at == 0 {
            cells.push(if with_share { share(report, column.metric, number) } else { String::new() });
        }
    }
    cells
}

fn share(report: &TopReport, metric: Metric, number: i128) -> String {
    match metric.of(report.total) {
        0 => String::new(),
        total => format!("{:.0} %", 100.0 * number as f64 / total as f64),
    }
}

fn write_rows(titles: &[String], rows: &[Row], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let ranks = rows.iter().map(|row| row.rank.width()).max().unwrap_or(0);
    let mut widths: Vec<_> = titles.iter().map(|title| title.width()).collect();
    for row in rows {
        widths.iter_mut().zip(&row.cells).for_each(|(width, cell)| *width = (*width).max(cell.width()));
    }
    let start = ranks + widths.iter().map(|width| width + 2).sum::<usize>() + 2;
    let line = |rank: &str, cells: &[String], text: &str| {
        let padded: String = widths
            .iter()
            .enumerate()
            .map(|(at, width)| format!("  {:>width$}", cells.get(at).map_or("", String::as_str)))
            .collect();
        format!("{rank:>ranks$}{padded}  {text}").trim_end().to_owned()
    };
    writeln!(out, "{}", line("", titles, ""))?;
    for row in rows {
        let left = look.width.saturating_sub(start + row.indent).max(20);
        for (at, text) in wrap(&row.text, left).iter().enumerate() {
            let (rank, cells) = if at == 0 { (row.rank.as_str(), &row.cells[..]) } else { ("", &[][..]) };
            let indent = " ".repeat(row.indent + if at == 0 { 0 } else { 2 });
            writeln!(out, "{}", line(rank, cells, &format!("{indent}{text}")))?;
        }
    }
    Ok(())
}

fn paragraph(text: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    const INDENT: &str = "  ";
    for (at, line) in wrap(&sanitize(text), look.width.saturating_sub(INDENT.len())).iter().enumerate() {
        writeln!(out, "{}{line}", if at == 0 { "" } else { INDENT })?;
    }
    Ok(())
}
