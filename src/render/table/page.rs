//! What all tables of reports have in common: names, paragraphs, notes.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::super::Look;
use super::super::display_names::DisplayNames;
use super::super::messages::{finding_lines, findings_heading, labelled, note_lines};
use super::super::text::{sanitize, wrap};
use super::super::units::{delta, sides};
use crate::diff::Metric;
use crate::report::{Finding, Report, ShownMetric, SiteRow};

pub(super) const RED: char = '\u{2061}';
pub(super) const GREEN: char = '\u{2062}';
pub(super) const RESET: char = '\u{2063}';
pub(super) const YELLOW: char = '\u{2064}';
/// Marks without width that stand for colours until the table is laid out, so that colours move nothing. `sanitize` removes
/// them from text of a file.
///
/// comfy-table's own cell colours need its feature `tty`, and so crossterm, which decides on `NO_COLOR` itself and would
/// overrule `--color always`; it also writes other codes (`38;5;1` for `31`), and cannot colour a part of a cell or text
/// outside of tables.
const COLORS: [(char, &str); 4] =
    [(RED, "\u{1b}[31m"), (GREEN, "\u{1b}[32m"), (YELLOW, "\u{1b}[33m"), (RESET, "\u{1b}[0m")];

/// A report at a terminal, and the short names on it.
pub(in crate::render) struct TablePage<'r> {
    pub(super) report: &'r Report,
    pub(super) look: Look,
    functions: DisplayNames<'r>,
    paths: DisplayNames<'r>,
}

/// The texts of a row.
pub(in crate::render) struct Texts {
    pub(in crate::render) name: String,
    pub(in crate::render) place: String,
}

impl<'r> TablePage<'r> {
    pub(in crate::render) fn new(report: &'r Report, look: Look) -> Self {
        let owners = report.sites.iter().filter_map(|site| site.owner.as_ref());
        let lines = report.sites.iter().flat_map(|site| &site.lines);
        let paths = report.sites.iter().filter_map(|site| site.file.as_deref());
        let paths = paths.chain(lines.filter_map(|line| line.file.as_deref()));
        TablePage {
            report,
            look,
            functions: DisplayNames::of_report(report),
            paths: DisplayNames::paths(paths.chain(owners.filter_map(|owner| owner.file.as_deref()))),
        }
    }

    /// Writes lines, and turns marks into colours.
    pub(in crate::render) fn print(&self, table: &str, out: &mut dyn Write) -> io::Result<()> {
        for line in table.lines() {
            let mut line = line.trim_end().to_owned();
            for (mark, code) in COLORS {
                line = line.replace(mark, if self.look.color { code } else { "" });
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    pub(in crate::render) fn texts(&self, site: &SiteRow) -> Texts {
        let place = |file: &Option<String>, line: Option<i64>| match (file, line) {
            (Some(file), Some(line)) => sanitize(&format!("{}:{line}", self.paths.get(file))),
            (Some(file), None) => sanitize(self.paths.get(file)),
            (None, _) => String::new(),
        };
        Texts { name: self.site_name(site), place: place(&site.file, site.line) }
    }

    /// Short name of a site.
    pub(super) fn site_name(&self, site: &SiteRow) -> String {
        sanitize(self.functions.site(site))
    }

    /// Short name of a function.
    pub(super) fn function(&self, name: &str) -> String {
        sanitize(self.functions.get(name))
    }

    /// A line of a file as an editor opens it where the file is in the working directory, and as a URL.
    ///
    /// Returns whether it can be opened so, too.
    pub(super) fn place(&self, file: Option<&str>, line: Option<i64>) -> (String, bool, Option<String>) {
        let Some(file) = file else { return (String::new(), false, None) };
        let found = self.report.found_files.get(file);
        let shown = found.and_then(|found| found.relative.as_deref()).unwrap_or_else(|| self.paths.get(file));
        let number = line.map(|line| format!(":{line}")).unwrap_or_default();
        let link = found.filter(|_| self.look.links).map(|found| found.url.clone());
        let is_found = found.is_some_and(|found| found.relative.is_some());
        (sanitize(&format!("{shown}{number}")), is_found, link)
    }

    pub(in crate::render) fn painted(&self, metric: Metric, number: i128) -> String {
        let text = delta(metric, number, self.look.bytes);
        match number.signum() {
            1 => format!("{RED}{text}{RESET}"),
            -1 => format!("{GREEN}{text}{RESET}"),
            _ => text,
        }
    }

    /// Writes the notes.
    pub(in crate::render) fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        for note in note_lines(self.report, self.look.verbose) {
            self.paragraph(&labelled(note.severity, &note.message), "  ", out)?;
        }
        Ok(())
    }

    pub(in crate::render) fn totals(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut table = new_table();
        for ShownMetric { metric, name } in &self.report.metrics {
            let (metric, total) = (*metric, self.report.totals);
            let change = Cell::new(self.painted(metric, total.delta_of(metric)));
            let percent = total.ratio(metric).map(|ratio| format!("{:+.1} %", (ratio - 1.0) * 100.0));
            table.add_row(vec![
                Cell::new(format!("total {}", sanitize(name))),
                change.set_alignment(CellAlignment::Right),
                Cell::new(sides(total, metric, self.look.bytes)),
                Cell::new(percent.unwrap_or_default()).set_alignment(CellAlignment::Right),
            ]);
        }
        if let Some(column) = table.column_mut(0) {
            column.set_padding((0, 1));
        }
        self.print(&table.trim_fmt(), out)
    }

    /// Writes the findings, if any, after an empty line.
    ///
    /// `lead`: the site that the first sentence names, whose growth is not said again.
    pub(in crate::render) fn findings(
        &self,
        findings: &[Finding],
        lead: Option<&str>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for (at, line) in finding_lines(findings, lead, self.look.bytes).enumerate() {
            if at == 0 {
                writeln!(out, "\n{}", findings_heading(findings))?;
            }
            self.lines(&line, "  ", "    ", out)?;
        }
        Ok(())
    }

    pub(in crate::render) fn paragraph(&self, text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        self.lines(text, "", indent, out)
    }

    /// Writes wrapped text. `others`: the indent of all lines but the first, at least as wide as that of the first.
    pub(in crate::render) fn lines(
        &self,
        text: &str,
        first: &str,
        others: &str,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let width = self.look.width.saturating_sub(others.len());
        for (at, line) in wrap(text, width).iter().enumerate() {
            self.print(&format!("{}{line}", if at == 0 { first } else { others }), out)?;
        }
        Ok(())
    }
}

pub(in crate::render) fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}
