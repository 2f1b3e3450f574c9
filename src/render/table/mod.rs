//! `table`: for people at a terminal. The answer first, then the numbers, then what to do next.

mod check;
mod columns;
mod fit;
mod page;
mod row_text;
mod sites;
mod styled;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use fit::fit;
pub(super) use page::{TablePage, new_table};
use sites::{Entry, SitesTable};
use styled::{Line, Style};
use unicode_width::UnicodeWidthStr;

use super::Look;
use super::messages::{
    answer, cautions, empty_list, footnotes, header_parts, labelled, noise_heading, noise_line, note_message,
    power_details, steps, steps_heading, whole_parts,
};
use super::text::{sanitize, wrap};
use crate::report::Report;

pub(super) fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = TablePage::new(report, look);
    if let Some(result) = &report.gate {
        page.verdict(result, out)?;
    }
    for note in cautions(report) {
        bold(&page, &labelled(note.severity(), &note_message(note)), Style::Unsure, out)?;
    }
    if let Some(answer) = answer(report, &|site| page.site_name(site), look.bytes) {
        bold(&page, &sanitize(&answer), Style::Bold, out)?;
    }
    for (at, part) in lines(whole_parts(report, look.bytes), "; ", look.width).into_iter().enumerate() {
        let indent = if at == 0 { "" } else { "  " };
        page.lines(&sanitize(&part), indent, "  ", out)?;
    }
    // Paths are not broken.
    let header = lines(header_parts(report), ", ", look.width);
    let header = header.iter().flat_map(|line| match line.width() <= look.width {
        true => vec![&line[..]],
        false => line.split_inclusive("→ ").collect(),
    });
    for line in header {
        Line::new(fit(line, look.width), Style::Dim).write(look.color, out)?;
    }
    match &report.gate {
        Some(result) => page.gate(result, out)?,
        None => sites(&page, out)?,
    }
    writeln!(out)?;
    for sentence in footnotes(report, look.bytes) {
        page.paragraph(&sentence, "  ", out)?;
    }
    if look.verbose && report.gate.is_none() {
        power_details(report).into_iter().try_for_each(|sentence| page.paragraph(&sentence, "  ", out))?;
    }
    page.notes(out)?;
    page.findings(&report.findings, report.lead(), out)?;
    let steps = steps(report);
    if !steps.is_empty() {
        writeln!(out, "\n{}:", steps_heading(report))?;
    }
    // Not wrapped, so that they can be pasted.
    steps.iter().try_for_each(|command| writeln!(out, "  {command}"))?;
    report.gate.as_ref().map_or(Ok(()), |result| page.acceptance(result, out))
}

/// The list of sites, and what is within noise.
fn sites(page: &TablePage<'_>, out: &mut dyn Write) -> io::Result<()> {
    let (report, look) = (page.report, page.look);
    let Some(list) = &report.list else { return Ok(()) };
    if let Some(sentence) = empty_list(report) {
        writeln!(out)?;
        page.paragraph(&sentence, "  ", out)?;
    }
    let rows = list.sites.iter().map(|&at| Entry { site: &report.sites[at], remarks: Vec::new() });
    let entries: Vec<_> = rows.collect();
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    if let Some(heading) = noise_heading(report) {
        write_dim(page, heading, out)?;
    }
    let table = SitesTable::new(page, &entries);
    table.write(out)?;
    if let Some(line) = noise_line(report, look.bytes) {
        let mark = if report.sampling.is_sampled() { "~ " } else { "" };
        Line::new(format!("{mark}{line}"), Style::Dim).write(look.color, out)?;
    }
    match table.legend() {
        Some(legend) => write_dim(page, &legend, out),
        None => Ok(()),
    }
}

/// Parts in as few lines as hold them.
fn lines(parts: Vec<String>, glue: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in parts {
        match lines.last_mut() {
            Some(line) if line.width() + glue.width() + part.width() <= width => *line += &format!("{glue}{part}"),
            _ => lines.push(part),
        }
    }
    lines
}

fn write_dim(page: &TablePage<'_>, text: &str, out: &mut dyn Write) -> io::Result<()> {
    wrap(text, page.look.width).into_iter().try_for_each(|line| Line::new(line, Style::Dim).write(page.look.color, out))
}

fn bold(page: &TablePage<'_>, text: &str, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let lines = wrap(text, page.look.width.saturating_sub(2));
    lines.into_iter().enumerate().try_for_each(|(at, line)| {
        let indent = if at == 0 { "" } else { "  " };
        let mut styled = Line::new(indent, Style::Plain);
        styled.push(line, style);
        styled.write(page.look.color, out)
    })
}
