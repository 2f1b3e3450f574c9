//! `table`: for people at a terminal. The result of a check first; then a line per site if it fits, otherwise two.

use std::io::{self, Write};

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};
use unicode_width::UnicodeWidthStr;

use super::Look;
use super::display_names::DisplayNames;
use super::messages::gate::reasons;
use super::messages::{
    SiteViolations, commands, comparison_label, coverage, finding_lines, footnotes, gate_headline,
    growth_and_significance, labelled, list_heading, note_message, other_names_label, rules_line, site_violations,
    whole_sentence,
};
use super::text::{sanitize, wrap};
use super::units::{delta, sides};
use crate::diff::Metric;
use crate::gate::{GateResult, Status};
use crate::report::{Finding, List, Report, ShownMetric, SiteRow};

/// Violations shown.
const MAX_VIOLATIONS: usize = 20;

pub(super) fn write(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = TablePage::new(report, look);
    let inputs = comparison_label(report);
    if let Some(result) = &report.gate {
        page.headline(result, out)?;
        page.paragraph(&inputs, "", out)?;
        page.whole(out)?;
        page.gate(result, out)?;
    } else {
        page.whole(out)?;
        page.paragraph(&inputs, "", out)?;
    }
    for list in &report.lists {
        writeln!(out)?;
        page.list(list, out)?;
    }
    writeln!(out)?;
    page.totals(out)?;
    for sentence in footnotes(report, look.bytes) {
        page.paragraph(&sentence, "  ", out)?;
    }
    page.notes(out)?;
    page.findings(&report.findings, out)
}

const RED: char = '\u{2061}';
const GREEN: char = '\u{2062}';
const RESET: char = '\u{2063}';
const YELLOW: char = '\u{2064}';
/// Marks without width that stand for colours until the table is laid out, so that colours move nothing. `sanitize` removes
/// them from text of a file.
///
/// comfy-table's own cell colours need its feature `tty`, and so crossterm, which decides on `NO_COLOR` itself and would
/// overrule `--color always`; it also writes other codes (`38;5;1` for `31`), and cannot colour a part of a cell or text
/// outside of tables.
const COLORS: [(char, &str); 4] =
    [(RED, "\u{1b}[31m"), (GREEN, "\u{1b}[32m"), (YELLOW, "\u{1b}[33m"), (RESET, "\u{1b}[0m")];

/// A report at a terminal, and the short names on it.
pub(super) struct TablePage<'r> {
    report: &'r Report,
    look: Look,
    functions: DisplayNames<'r>,
    paths: DisplayNames<'r>,
}

/// The texts of a row.
pub(super) struct Texts {
    pub(super) name: String,
    pub(super) place: String,
    growth_and_significance: String,
    owner: String,
    other_names: Option<String>,
}

impl<'r> TablePage<'r> {
    pub(super) fn new(report: &'r Report, look: Look) -> Self {
        let owners = report.sites.iter().filter_map(|site| site.owner.as_ref());
        let functions = report.sites.iter().filter(|site| site.package.is_some());
        let functions = functions.filter_map(|site| site.function.as_deref());
        let paths = report.sites.iter().filter_map(|site| site.file.as_deref());
        TablePage {
            report,
            look,
            functions: DisplayNames::functions(functions.chain(owners.clone().map(|owner| owner.function.as_str()))),
            paths: DisplayNames::paths(paths.chain(owners.filter_map(|owner| owner.file.as_deref()))),
        }
    }

    fn headline(&self, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
        let (color, word) = match result.status {
            Status::Pass => (GREEN, "PASS"),
            Status::Fail => (RED, "FAIL"),
            Status::Inconclusive => (YELLOW, "INCONCLUSIVE"),
        };
        self.paragraph(&format!("{color}{word}:{RESET} {}", gate_headline(self.report, result)), "  ", out)
    }

    /// Whether the heap as a whole grew.
    fn whole(&self, out: &mut dyn Write) -> io::Result<()> {
        whole_sentence(self.report, self.look.bytes)
            .map_or(Ok(()), |sentence| self.paragraph(&sanitize(&sentence), "  ", out))
    }

    /// The rules, their violations, commands to look further, and the reasons.
    fn gate(&self, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
        self.paragraph(&rules_line(result), "  ", out)?;
        coverage(self.report, result, self.look.bytes)
            .iter()
            .try_for_each(|sentence| self.paragraph(sentence, "  ", out))?;
        for violations in site_violations(self.report, result).take(MAX_VIOLATIONS) {
            writeln!(out)?;
            self.violations(&violations, out)?;
        }
        let more = site_violations(self.report, result).skip(MAX_VIOLATIONS).count();
        if more > 0 {
            writeln!(out, "\nand {more} more; --json lists them all")?;
        }
        let commands = commands(self.report, result);
        if !commands.is_empty() {
            writeln!(out, "\nlook further:")?;
            // Not wrapped, so that they can be pasted.
            commands.iter().try_for_each(|command| writeln!(out, "  {command}"))?;
        }
        let reasons = reasons(self.report, result);
        if !reasons.is_empty() {
            writeln!(out)?;
        }
        reasons.iter().try_for_each(|reason| self.paragraph(&sanitize(reason), "  ", out))
    }

    fn violations(&self, violations: &SiteViolations<'_>, out: &mut dyn Write) -> io::Result<()> {
        let texts = violations.site.map(|site| self.texts(site));
        let name = texts.as_ref().map_or(violations.name(), |texts| &texts.name);
        self.paragraph(&format!("{RED}{name}{RESET}"), "  ", out)?;
        let mut lines = vec![violations.growth(self.look.bytes), violations.significance(self.look.bytes)];
        if let Some(Texts { place, owner, .. }) = texts {
            let at = if violations.is_allocated_for() {
                "allocated for it, with no code of your own on the stack, at"
            } else {
                "at"
            };
            let place = if place.is_empty() { place } else { format!("{at} {place}") };
            let owner = if owner.is_empty() { owner } else { format!("for {owner}") };
            lines.push([place, owner].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", "));
        }
        lines.extend(violations.names());
        lines.push(format!("limit: {}", violations.limits(self.look.bytes)));
        let lines = lines.iter().filter(|line| !line.is_empty());
        lines.into_iter().try_for_each(|line| self.lines(line, "  ", "    ", out))
    }

    fn list(&self, list: &List, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{}", list_heading(self.report, list, &sanitize(self.report.name(list.metric))))?;
        if list.sites.is_empty() {
            return Ok(());
        }
        // Often not even the titles fit.
        let titles = self.wide_titles().iter().map(|title| title.width() + 2).sum::<usize>() - 1;
        let wide = (titles <= self.look.width).then(|| self.wide(list).trim_fmt());
        let fits = |page: &String| page.lines().all(|line| line.trim_end().width() <= self.look.width);
        self.print(&wide.filter(fits).unwrap_or_else(|| self.narrow(list).trim_fmt()), out)
    }

    /// Writes lines, and turns marks into colours.
    pub(super) fn print(&self, table: &str, out: &mut dyn Write) -> io::Result<()> {
        for line in table.lines() {
            let mut line = line.trim_end().to_owned();
            for (mark, code) in COLORS {
                line = line.replace(mark, if self.look.color { code } else { "" });
            }
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Titles of a table with one line per site.
    fn wide_titles(&self) -> Vec<String> {
        let mut titles = vec!["#".to_owned()];
        for column in &self.report.metrics {
            titles.extend([sanitize(&column.name), "base → current".to_owned()]);
        }
        titles.extend(["site", "at", "growth", "for"].map(str::to_owned));
        titles
    }

    /// A table with one line per site.
    fn wide(&self, list: &List) -> Table {
        let mut table = new_table();
        let numbers = 1 + 2 * self.report.metrics.len();
        let aligned = |(column, cell): (usize, Cell)| {
            cell.set_alignment(if column < numbers { CellAlignment::Right } else { CellAlignment::Left })
        };
        table.set_header(self.wide_titles().into_iter().map(Cell::new).enumerate().map(aligned));
        for (&at, number) in list.sites.iter().zip(1..) {
            let site = &self.report.sites[at];
            let mut cells = vec![Cell::new(number)];
            for metric in self.report.shown_metrics() {
                cells.push(self.delta_cell(site, metric));
                cells.push(Cell::new(self.both(site, metric)));
            }
            let texts = self.texts(site);
            let name = [Some(texts.name), texts.other_names].into_iter().flatten().collect::<Vec<_>>().join("\n  ");
            cells.extend([name, texts.place, texts.growth_and_significance, texts.owner].map(Cell::new));
            table.add_row(cells.into_iter().enumerate().map(aligned));
        }
        table
    }

    /// A table with at least two lines per site: the deltas and the name; both sides, the place and the rest.
    fn narrow(&self, list: &List) -> Table {
        let mut table = new_table();
        let right = |cell: Cell| cell.set_alignment(CellAlignment::Right);
        let mut titles = vec![right(Cell::new("#"))];
        titles.extend(self.report.metrics.iter().map(|column| right(Cell::new(sanitize(&column.name)))));
        titles.push(Cell::new("site"));
        table.set_header(titles);
        let rows: Vec<_> = list.sites.iter().map(|&at| &self.report.sites[at]).collect();
        let column = |text: &dyn Fn(&SiteRow) -> String, title: &str| {
            rows.iter().map(|site| text(site).width()).max().unwrap_or(0).max(title.width()) + 2
        };
        let numbers = rows.len().to_string().width()
            + 2
            + self
                .report
                .metrics
                .iter()
                .fold(0, |sum, shown| sum + column(&|site| self.both(site, shown.metric), &sanitize(&shown.name)));
        // The last column is padded, too.
        let left = self.look.width.saturating_sub(numbers + 1);
        for (site, number) in rows.into_iter().zip(1..) {
            let texts = self.texts(site);
            let separator = if texts.place.is_empty() { "" } else { ", " };
            let mut rest = wrap(&format!("{}{separator}{}", texts.place, texts.growth_and_significance), left);
            if !texts.owner.is_empty() {
                rest.extend(wrap(&format!("for {}", texts.owner), left));
            }
            if let Some(other_names) = &texts.other_names {
                rest.extend(wrap(other_names, left));
            }
            let row = |first: Cell, numbers: &dyn Fn(Metric) -> Cell, last: String| {
                let numbers = self.report.shown_metrics().map(|metric| right(numbers(metric)));
                [right(first)].into_iter().chain(numbers).chain([Cell::new(last)]).collect::<Vec<_>>()
            };
            let name = wrap(&texts.name, left).join("\n");
            table.add_row(row(Cell::new(number), &|metric| self.delta_cell(site, metric), name));
            table.add_row(row(Cell::new(""), &|metric| Cell::new(self.both(site, metric)), rest.join("\n")));
        }
        table
    }

    pub(super) fn texts(&self, site: &SiteRow) -> Texts {
        let place = |file: &Option<String>, line: Option<i64>| match (file, line) {
            (Some(file), Some(line)) => sanitize(&format!("{}:{line}", self.paths.get(file))),
            (Some(file), None) => sanitize(self.paths.get(file)),
            (None, _) => String::new(),
        };
        let name = self.functions.site(site);
        let owner = site.owner.as_ref().map(|owner| {
            let place = place(&owner.file, owner.line);
            let space = if place.is_empty() { "" } else { " " };
            format!("{}{space}{place}", sanitize(self.functions.get(&owner.function)))
        });
        Texts {
            name: sanitize(name),
            place: place(&site.file, site.line),
            growth_and_significance: growth_and_significance(self.report, site),
            owner: owner.unwrap_or_default(),
            other_names: other_names_label(site),
        }
    }

    fn delta_cell(&self, site: &SiteRow, metric: Metric) -> Cell {
        let number = site.values(self.report.attribution).delta_of(metric);
        Cell::new(self.painted(metric, number))
    }

    pub(super) fn painted(&self, metric: Metric, number: i128) -> String {
        let text = delta(metric, number, self.look.bytes);
        match number.signum() {
            1 => format!("{RED}{text}{RESET}"),
            -1 => format!("{GREEN}{text}{RESET}"),
            _ => text,
        }
    }

    fn both(&self, site: &SiteRow, metric: Metric) -> String {
        sides(site.values(self.report.attribution), metric, self.look.bytes)
    }

    /// Writes the notes.
    pub(super) fn notes(&self, out: &mut dyn Write) -> io::Result<()> {
        for note in &self.report.notes {
            self.paragraph(&labelled(note.severity(), &note_message(note)), "  ", out)?;
        }
        Ok(())
    }

    pub(super) fn totals(&self, out: &mut dyn Write) -> io::Result<()> {
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
    pub(super) fn findings(&self, findings: &[Finding], out: &mut dyn Write) -> io::Result<()> {
        for (at, line) in finding_lines(findings, self.look.bytes).enumerate() {
            if at == 0 {
                writeln!(out, "\nsuggests:")?;
            }
            self.lines(&line, "  ", "    ", out)?;
        }
        Ok(())
    }

    pub(super) fn paragraph(&self, text: &str, indent: &str, out: &mut dyn Write) -> io::Result<()> {
        self.lines(text, "", indent, out)
    }

    /// Writes wrapped text. `others`: the indent of all lines but the first, at least as wide as that of the first.
    pub(super) fn lines(&self, text: &str, first: &str, others: &str, out: &mut dyn Write) -> io::Result<()> {
        let width = self.look.width.saturating_sub(others.len());
        for (at, line) in wrap(text, width).iter().enumerate() {
            self.print(&format!("{}{line}", if at == 0 { first } else { others }), out)?;
        }
        Ok(())
    }
}

pub(super) fn new_table() -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table
}

#[cfg(test)]
mod tests;
