//! The table of sites: a row for each, and below it the lines that allocate for it. As wide as the page.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::fit::fit;
use super::page::TablePage;
use super::row_text::RowText;
use super::styled::{Line, Style};
use crate::diff::{Change, Metric};
use crate::evidence::Significance;
use crate::render::messages::{legend, mark_words, more_lines, site_noun};
use crate::render::text::{sanitize, wrap};
use crate::render::units::{delta, value};
use crate::report::{Report, SiteRow};

/// Columns that a name needs beside numbers.
const MIN_NAME: usize = 24;
/// Columns that a name needs for the base's values to be shown, too.
const MIN_NAME_BESIDE_BASE: usize = 30;
/// Columns of a page on which places stand on the row of their site.
const WIDE: usize = 140;
/// Width of the gap between columns.
const GAP: usize = 2;

/// A site of the table.
pub(super) struct Entry<'r> {
    pub(super) site: &'r SiteRow,
    /// Sentences below its row.
    pub(super) remarks: Vec<String>,
}

/// The table of some sites of a report.
pub(super) struct SitesTable<'p, 'r> {
    page: &'p TablePage<'r>,
    /// The order of the metrics: that which ranks the sites first.
    metrics: Vec<Metric>,
    columns: Vec<Column>,
    /// Columns of the mark and the number of a row, with the gap.
    lead: usize,
    layout: Layout,
}

/// How much fits beside the names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// Deltas and both sides.
    BothSides,
    /// Deltas and the current side.
    CurrentSide,
    /// Numbers below the names.
    Stacked,
}

/// Widths of the numbers of a metric.
#[derive(Clone, Copy, Default)]
struct Column {
    delta: usize,
    base: usize,
    current: usize,
}

impl Column {
    fn width(self, layout: Layout) -> usize {
        let base = if layout == Layout::BothSides { self.base + 1 } else { 0 };
        self.delta + GAP + base + 2 + self.current
    }
}

/// The mark of a site, which says without colours how sure its growth is.
pub(super) fn mark(report: &Report, site: &SiteRow) -> &'static str {
    match site.evidence.significance {
        _ if !report.sampling.is_sampled() => "",
        Significance::Grew => "●",
        Significance::Suspect => "○",
        Significance::Noise => "~",
        Significance::Shrank => "▼",
        Significance::Unknown => "?",
    }
}

impl<'p, 'r> SitesTable<'p, 'r> {
    pub(super) fn new(page: &'p TablePage<'r>, entries: &[Entry<'r>]) -> Self {
        let report = page.report;
        let mut metrics: Vec<_> = report.shown_metrics().collect();
        if report.list.as_ref().is_some_and(|list| metrics.last() == Some(&list.metric)) {
            metrics.reverse();
        }
        let mut table = SitesTable { page, metrics, columns: Vec::new(), lead: 0, layout: Layout::Stacked };
        table.columns = table.metrics.iter().map(|&metric| table.column(metric, entries)).collect();
        let has_marks = entries.iter().any(|entry| !mark(report, entry.site).is_empty());
        table.lead = if has_marks { 2 } else { 0 } + entries.len().to_string().len() + GAP;
        let left = |layout: Layout| page.look.width.saturating_sub(table.text_start(layout));
        table.layout = match () {
            () if left(Layout::BothSides) >= MIN_NAME_BESIDE_BASE => Layout::BothSides,
            () if left(Layout::CurrentSide) >= MIN_NAME => Layout::CurrentSide,
            () => Layout::Stacked,
        };
        table
    }

    fn column(&self, metric: Metric, entries: &[Entry<'_>]) -> Column {
        let bytes = self.page.look.bytes;
        let mut column = Column::default();
        for entry in entries {
            let change = entry.site.values(self.page.report.attribution);
            let lines = entry.site.lines.iter().map(|line| line.change);
            for delta_width in std::iter::once(change).chain(lines).map(|change| change.delta_of(metric)) {
                column.delta = column.delta.max(delta(metric, delta_width, bytes).width());
            }
            column.base = column.base.max(value(metric, change.base_of(metric), bytes).width());
            column.current = column.current.max(value(metric, change.current_of(metric), bytes).width());
        }
        // Room for the title.
        let title = sanitize(self.page.report.name(metric)).width();
        column.delta = column.delta.max((title + 1).saturating_sub(column.width(Layout::CurrentSide) - column.delta));
        column
    }

    /// The column that names start at.
    fn text_start(&self, layout: Layout) -> usize {
        match layout {
            Layout::Stacked => self.lead,
            _ => self.lead + self.columns.iter().map(|column| column.width(layout) + GAP + 1).sum::<usize>(),
        }
    }

    /// Writes titles, rows and lines.
    pub(super) fn write(&self, entries: &[Entry<'r>], out: &mut dyn Write) -> io::Result<()> {
        self.titles(out)?;
        let texts: Vec<_> = entries.iter().map(|entry| RowText::new(self.page, entry.site)).collect();
        let is_wide = self.page.look.width >= WIDE;
        let names = texts.iter().map(|text| text.name.width()).max().unwrap_or(0);
        let left = self.left();
        for ((entry, text), number) in entries.iter().zip(texts).zip(1..) {
            let style = self.style(entry.site);
            let details = text.details();
            let mut row = self.lead(entry.site, number);
            let name = fit(&text.name, left);
            // On a wide page details start below each other.
            let gap = if is_wide { (names.min(left) + GAP).saturating_sub(name.width()) } else { GAP };
            let fits = name.width() + gap + details.width() <= left;
            let mut first = Line::default();
            first.push_link(name, style, text.link.clone());
            let beside = fits && details.width() > 0;
            if beside {
                first.spaces(gap);
                first.append(details.clone().line());
            }
            match self.layout {
                Layout::Stacked => {
                    row.append(first);
                    row.write(self.page.look.color, out)?;
                    self.stacked(entry.site, style, out)?;
                }
                _ => {
                    row.append(self.numbers(entry.site.values(self.page.report.attribution), Some(style)));
                    row.append(first);
                    row.write(self.page.look.color, out)?;
                }
            }
            if !beside {
                for line in details.wrapped(left) {
                    self.below(line, out)?;
                }
            }
            self.lines(entry.site, &text, out)?;
            for remark in &entry.remarks {
                for (at, text) in wrap(remark, self.page.look.width.saturating_sub(self.lead + GAP)).iter().enumerate()
                {
                    let indent = self.lead + if at == 0 { 0 } else { GAP };
                    let mut line = Line::new(" ".repeat(indent), Style::Plain);
                    line.push(text, Style::Plain);
                    line.write(self.page.look.color, out)?;
                }
            }
        }
        Ok(())
    }

    /// Columns for names.
    fn left(&self) -> usize {
        self.page.look.width.saturating_sub(self.text_start(self.layout)).max(8)
    }

    fn titles(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.layout == Layout::Stacked {
            return Ok(());
        }
        let mut line = Line::default();
        line.spaces(self.lead);
        for (&metric, column) in self.metrics.iter().zip(&self.columns) {
            let title = sanitize(self.page.report.name(metric));
            let width = column.width(self.layout) + GAP + 1;
            let title = fit(&title, width - 1);
            let gap = width.saturating_sub(title.width());
            line.push(title, Style::Dim);
            line.spaces(gap);
        }
        line.push(site_noun(self.page.report.granularity), Style::Dim);
        line.write(self.page.look.color, out)
    }

    /// Mark and number of a row.
    fn lead(&self, site: &SiteRow, number: usize) -> Line {
        let mut line = Line::default();
        let mark = mark(self.page.report, site);
        let number = number.to_string();
        line.push(mark, self.style(site));
        line.right(&number, self.lead.saturating_sub(mark.width() + GAP), Style::Plain);
        line.spaces(GAP);
        line
    }

    /// Numbers of a row; of a line if `style` is `None`.
    fn numbers(&self, change: Change, style: Option<Style>) -> Line {
        let bytes = self.page.look.bytes;
        let mut line = Line::default();
        for (&metric, column) in self.metrics.iter().zip(&self.columns) {
            let number = change.delta_of(metric);
            let of_delta = delta_style(number, style.unwrap_or(Style::Plain));
            line.right(&delta(metric, number, bytes), column.delta, of_delta);
            let rest = column.width(self.layout) - column.delta + GAP + 1;
            if style.is_none() {
                line.spaces(rest);
                continue;
            }
            line.spaces(GAP);
            if self.layout == Layout::BothSides {
                line.right(&value(metric, change.base_of(metric), bytes), column.base, Style::Dim);
                line.push(" ", Style::Plain);
            }
            line.push("→ ", Style::Dim);
            let of_current = if style == Some(Style::Dim) { Style::Dim } else { Style::Plain };
            line.right(&value(metric, change.current_of(metric), bytes), column.current, of_current);
            line.spaces(GAP + 1);
        }
        line
    }

    /// Numbers below a name.
    fn stacked(&self, site: &SiteRow, style: Style, out: &mut dyn Write) -> io::Result<()> {
        let bytes = self.page.look.bytes;
        let change = site.values(self.page.report.attribution);
        for &metric in &self.metrics {
            let number = change.delta_of(metric);
            let mut line = Line::default();
            line.push(delta(metric, number, bytes), delta_style(number, style));
            let unit = if metric == Metric::Objects { " objects" } else { "" };
            line.push(format!(" → {}{unit}", value(metric, change.current_of(metric), bytes)), Style::Plain);
            self.below(line, out)?;
        }
        Ok(())
    }

    /// The lines that allocate for a site.
    fn lines(&self, site: &SiteRow, text: &RowText, out: &mut dyn Write) -> io::Result<()> {
        let shown = text.lines.iter();
        for (line, at) in shown {
            let mut row = Line::default();
            row.spaces(self.lead);
            let (left, mut numbers) = match self.layout {
                Layout::Stacked => {
                    let metric = self.metrics.first().copied().unwrap_or(Metric::Space);
                    let number = delta(metric, line.delta_of(metric), self.page.look.bytes);
                    let width = number.width() + 2 + GAP;
                    (
                        self.left().saturating_sub(width),
                        Line::new(format!("  {number}{}", " ".repeat(GAP)), Style::Plain),
                    )
                }
                _ => (self.left().saturating_sub(GAP), self.numbers(*line, None)),
            };
            if self.layout != Layout::Stacked {
                numbers.spaces(GAP);
            }
            row.append(numbers);
            let start = row.width();
            for (part, text) in at.fitted(left).into_iter().enumerate() {
                if part > 0 {
                    row.spaces(start);
                }
                row.append(text);
                std::mem::take(&mut row).write(self.page.look.color, out)?;
            }
        }
        let (others, sum) = site.other_lines();
        if text.lines.is_empty() || others == 0 {
            return Ok(());
        }
        let metric = self.metrics.first().copied().unwrap_or(Metric::Space);
        let mut line = Line::default();
        line.spaces(GAP);
        line.push(more_lines(others, metric, metric.of(sum), self.page.look.bytes), Style::Dim);
        self.below(line, out)
    }

    /// Writes a line that starts where names do.
    fn below(&self, text: Line, out: &mut dyn Write) -> io::Result<()> {
        let mut line = Line::default();
        line.spaces(self.text_start(self.layout));
        line.append(text);
        line.write(self.page.look.color, out)
    }

    fn style(&self, site: &SiteRow) -> Style {
        style(self.page.report, site)
    }

    /// What the marks mean, and how much of all growth the rows are.
    pub(super) fn legend(&self, entries: &[Entry<'r>]) -> Option<String> {
        let mut marks: Vec<(&str, Significance)> = Vec::new();
        for site in entries.iter().map(|entry| entry.site) {
            let mark = mark(self.page.report, site);
            if !mark.is_empty() && marks.iter().all(|(known, _)| *known != mark) {
                marks.push((mark, site.evidence.significance));
            }
        }
        let words: Vec<_> = marks.into_iter().map(|(mark, of)| format!("{mark} {}", mark_words(of))).collect();
        legend(self.page.report, &words.join(", "))
    }
}

/// How a site looks: as sure as its growth is.
fn style(report: &Report, site: &SiteRow) -> Style {
    let is_program = site.runtime_class.is_none_or(|class| !class.is_exempt());
    match site.evidence.significance {
        _ if !is_program => Style::Dim,
        Significance::Grew => Style::Sure,
        Significance::Suspect => Style::Unsure,
        Significance::Shrank => Style::Green,
        Significance::Unknown if site.values(report.attribution).delta() == Default::default() => Style::Dim,
        Significance::Unknown => Style::Unsure,
        Significance::Noise => Style::Dim,
    }
}

/// How a delta looks in a row: what shrank is green, however sure the growth of the other metric is.
fn delta_style(number: i128, style: Style) -> Style {
    match number.signum() {
        -1 if style != Style::Dim => Style::Green,
        0 => Style::Dim,
        _ => style,
    }
}
