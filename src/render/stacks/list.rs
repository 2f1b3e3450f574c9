//! `table` of `list`: functions line by line, what grew at each, beside its source.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::super::Look;
use super::super::messages::stacks::{
    CALLS, ONLY_CALLEES, OWNED_LABEL, base_line_label, file_label, flat_part, function_answer, functions_matched,
    omitted_sentence,
};
use super::super::messages::{no_source_message, significance_label};
use super::super::text::{sanitize, wrap};
use super::super::units::delta;
use super::{Entry, Sheet, code, pad};
use crate::diff::{Change, Metric};
use crate::evidence::Significance;
use crate::report::{Excerpt, ListReport, ListedFunction};
use crate::stacks::ListedLine;

/// Marks of lines, in the order of their legend.
const MARKS: [char; 5] = ['●', '○', '~', '?', '↓'];

/// Writes the functions.
pub fn write(report: &ListReport<'_, '_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let shown: Vec<_> = report.functions.iter().map(|function| function.listed.function).collect();
    let sheet = Sheet::new(&report.of, &shown, &[], look);
    sheet.head(&answer(&sheet, report), out)?;
    for function in &report.functions {
        writeln!(out)?;
        heading(&sheet, report, function, out)?;
        writeln!(out)?;
        lines(&sheet, function, out)?;
    }
    let legend = legend(&sheet, report);
    sheet.foot(&legend.into_iter().chain(omitted_sentence(report.of.omitted, "function")).collect::<Vec<_>>(), out)
}

/// What the first function comes to, and how many there are.
fn answer(sheet: &Sheet<'_>, report: &ListReport<'_, '_>) -> String {
    let Some(first) = report.functions.first() else { return functions_matched(0, &report.pattern, &CALLS) };
    let listed = &first.listed;
    let name = sheet.name(report.of.calls, listed.function);
    let changes = [listed.cum, listed.owned, listed.flat];
    let growth = report.of.calls.growth(report.of.sort);
    let answer = function_answer(
        &name,
        changes,
        growth,
        (report.of.sort, &|number| sheet.unit(number)),
        &CALLS,
        sheet.look.bytes,
    );
    match report.functions.len() + report.of.omitted {
        1 => answer,
        all => format!("{answer}; {}", functions_matched(all, &report.pattern, &CALLS)),
    }
}

/// What the marks of lines mean, if some have one.
fn legend(sheet: &Sheet<'_>, report: &ListReport<'_, '_>) -> Option<String> {
    let lines = report.functions.iter().flat_map(|function| function.listed.lines.iter().zip(&function.significances));
    let found: Vec<_> = lines.filter_map(|(line, significance)| mark(sheet, line, *significance)).collect();
    let words: Vec<_> = MARKS
        .iter()
        .filter_map(|mark| found.iter().find(|(found, _)| found == mark))
        .map(|(mark, words)| format!("{mark} {words}"))
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Writes the values of the whole function, and where its source is.
fn heading(
    sheet: &Sheet<'_>,
    report: &ListReport<'_, '_>,
    function: &ListedFunction<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let listed = &function.listed;
    let name = sanitize(&report.of.calls.functions[listed.function as usize].name());
    let file = match &function.source {
        Ok(excerpt) => sanitize(&excerpt.path),
        Err(_) => sanitize(&String::from_utf8_lossy(listed.file)),
    };
    sheet.page.paragraph(&format!("{name} {}", file_label(&file)), "  ", out)?;
    let entry = |change: Change, text: &str| Entry { change, text: text.to_owned(), indent: 0 };
    let mut entries = vec![entry(listed.flat, CALLS.flat), entry(listed.cum, CALLS.cum)];
    if ![listed.flat, listed.cum, Change::default()].contains(&listed.owned) {
        entries.insert(1, entry(listed.owned, OWNED_LABEL));
    }
    sheet.entries(entries, out)?;
    match &function.source {
        Ok(_) => Ok(()),
        Err(why) => sheet.page.paragraph(&no_source_message(*why), "  ", out),
    }
}

/// The part to the left of a line of source.
struct Gutter {
    cells: Vec<String>,
    mark: char,
    number: String,
}

/// Writes the lines of a short function, or of a long one those that have values and those around them.
fn lines(sheet: &Sheet<'_>, function: &ListedFunction<'_>, out: &mut dyn Write) -> io::Result<()> {
    let listed = &function.listed;
    let mut numbered: BTreeMap<i64, Vec<(&ListedLine, Option<Significance>)>> = BTreeMap::new();
    for (line, &significance) in listed.lines.iter().zip(&function.significances) {
        numbered.entry(line.line).or_default().push((line, significance));
    }
    let excerpt = function.source.as_ref().ok();
    let numbers: Vec<_> = numbered.keys().copied().collect();
    let shown = excerpt.map(|excerpt| excerpt.shown(&numbers)).unwrap_or_default();
    let all: BTreeSet<i64> = shown.iter().filter_map(|&line| i64::try_from(line).ok()).chain(numbers).collect();
    // A line appears once for each of its entries, usually one.
    let mut rows = Vec::new();
    for &number in &all {
        let entries = numbered.get(&number).map_or(&[][..], Vec::as_slice);
        let name = if number == 0 { "?".to_owned() } else { number.to_string() };
        match entries {
            [] => rows.push((number, Gutter { cells: Vec::new(), mark: ' ', number: name }, None)),
            _ => rows.extend(entries.iter().map(|&(line, significance)| {
                let mark = mark(sheet, line, significance).map_or(' ', |(mark, _)| mark);
                let gutter = Gutter { cells: cells(sheet, line, significance), mark, number: name.clone() };
                (number, gutter, Some((line, significance)))
            })),
        }
    }
    let titles = titles(sheet);
    let mut widths: Vec<_> = titles.iter().map(|title| title.width()).collect();
    for (_, gutter, _) in &rows {
        widths.iter_mut().zip(&gutter.cells).for_each(|(width, cell)| *width = (*width).max(cell.width()));
    }
    let digits = rows.iter().map(|(_, gutter, _)| gutter.number.len()).max().unwrap_or(0).max("line".len());
    let start = widths.iter().map(|width| width + 2).sum::<usize>() + 2 + digits + 2;
    let left = sheet.look.width.saturating_sub(start).max(20);
    let line = |gutter: &Gutter, text: &str| {
        let cells: String = widths.iter().enumerate().map(|(at, &width)| pad(gutter.cells.get(at), width)).collect();
        format!("{cells}{} {:>digits$}  {text}", gutter.mark, gutter.number)
    };
    sheet.page.print(&line(&Gutter { cells: titles, mark: ' ', number: "line".to_owned() }, ""), out)?;
    let tab = if sheet.is_wide() { 4 } else { 2 };
    let text = |excerpt: &Excerpt, number: i64| excerpt.line(number).map(|text| code(text, tab));
    let mut last = None;
    let omitted = format!("{}⋮", " ".repeat(start - 3));
    for (number, gutter, entry) in &rows {
        if excerpt.is_some() && last.is_some_and(|last| number - last > 1) {
            sheet.page.print(&omitted, out)?;
        }
        last = Some(*number);
        let text = excerpt.and_then(|excerpt| text(excerpt, *number));
        let is_bare = text.is_none();
        sheet.page.print(&line(gutter, &text.unwrap_or_default()), out)?;
        if let Some((entry, _)) = entry {
            let notes = notes(sheet, entry);
            if !notes.is_empty() {
                let indent = " ".repeat(if is_bare { start } else { start + tab });
                let notes = wrap(&notes, left.saturating_sub(tab + 2));
                for (at, line) in notes.iter().enumerate() {
                    sheet.page.print(&format!("{indent}{}{line}", if at == 0 { "└ " } else { "  " }), out)?;
                }
            }
        }
    }
    match (excerpt, last) {
        (Some(excerpt), Some(last)) if excerpt.line(last + 1).is_some() => sheet.page.print(&omitted, out),
        _ => Ok(()),
    }
}

fn titles(sheet: &Sheet<'_>) -> Vec<String> {
    let title = |metric: Metric| {
        let title = sheet.title(metric);
        let title = title.strip_prefix("inuse_").unwrap_or(&title);
        match sheet.is_wide() {
            true => vec![format!("{title} flat"), format!("{title} cum"), "base → current".to_owned()],
            false => vec![title.to_owned()],
        }
    };
    sheet.metrics().flat_map(title).collect()
}

/// Cumulative deltas of a line; on a wide page also flat ones, and both sides. Noise has no colour.
fn cells(sheet: &Sheet<'_>, line: &ListedLine, significance: Option<Significance>) -> Vec<String> {
    let is_noise = significance == Some(Significance::Noise);
    let delta = |change: Change, metric: Metric| match is_noise {
        true => delta(metric, change.delta_of(metric), sheet.look.bytes),
        false => sheet.delta(change, metric),
    };
    let cells = |metric: Metric| match sheet.is_wide() {
        true => vec![delta(line.flat, metric), delta(line.cum, metric), sheet.both(line.cum, metric)],
        false => vec![delta(line.cum, metric)],
    };
    sheet.metrics().flat_map(cells).collect()
}

/// How sure the flat growth of a line is, or that its values are those of callees, with what the mark means; `None`
/// where everything was counted.
fn mark(sheet: &Sheet<'_>, line: &ListedLine, significance: Option<Significance>) -> Option<(char, &'static str)> {
    if line.flat == Change::default() && line.cum != Change::default() {
        return Some(('↓', ONLY_CALLEES));
    }
    let word = significance_label(sheet.report, significance?, line.flat)?;
    Some(match significance? {
        Significance::Grew | Significance::Shrank => ('●', word),
        Significance::Suspect => ('○', word),
        Significance::Noise => ('~', word),
        Significance::Unknown => ('?', word),
    })
}

/// What has no column: the flat part, and the line in the base.
fn notes(sheet: &Sheet<'_>, line: &ListedLine) -> String {
    let mut notes = Vec::new();
    if !sheet.is_wide() && line.flat != line.cum && line.flat != Change::default() {
        let flat = sheet.metrics().map(|metric| delta(metric, line.flat.delta_of(metric), sheet.look.bytes));
        notes.push(flat_part(&flat.collect::<Vec<_>>()));
    }
    notes.extend(line.base_line.filter(|&base| base != line.line).map(base_line_label));
    notes.join(", ")
}
