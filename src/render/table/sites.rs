//! The table of sites: a row for each, and below it the lines that allocate for it. As wide as the page.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::columns::{Columns, GAP};
use super::fit::fit;
use super::page::TablePage;
use super::row_text::RowText;
use super::styled::{Line, Style};
use crate::evidence::Significance;
use crate::render::messages::{legend, more_lines, site_noun};
use crate::render::text::wrap;
use crate::render::units::delta;
use crate::report::{Report, SiteRow};

/// Columns of a page on which places stand on the row of their site.
const WIDE: usize = 140;

/// A site of the table.
pub(super) struct Entry<'r> {
    pub(super) site: &'r SiteRow,
    /// Sentences below its row.
    pub(super) remarks: Vec<String>,
}

/// The table of some sites of a report.
pub(super) struct SitesTable<'p, 'r> {
    page: &'p TablePage<'r>,
    rows: Vec<(&'p Entry<'r>, RowText)>,
    columns: Columns,
    /// Columns of the mark and the number of a row, with the gap.
    lead: usize,
    /// Width of the widest name with its tag.
    names: usize,
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
    pub(super) fn new(page: &'p TablePage<'r>, entries: &'p [Entry<'r>]) -> Self {
        let (report, look) = (page.report, page.look);
        let rows: Vec<_> = entries.iter().map(|entry| (entry, RowText::new(page, entry.site))).collect();
        let has_marks = entries.iter().any(|entry| !mark(report, entry.site).is_empty());
        let lead = if has_marks { 2 } else { 0 } + entries.len().to_string().len() + GAP;
        let widest = |width: fn(&RowText) -> usize| rows.iter().map(|(_, text)| width(text)).max().unwrap_or(0);
        let (name, names) = (widest(|text| text.name.width()), widest(RowText::width));
        let sites: Vec<_> = entries.iter().map(|entry| entry.site).collect();
        let columns = Columns::new(report, &sites, name, look.width.saturating_sub(lead), look.bytes);
        SitesTable { page, rows, columns, lead, names }
    }

    /// The column that names start at.
    fn text_start(&self) -> usize {
        self.lead + self.columns.width()
    }

    /// Columns for names.
    fn left(&self) -> usize {
        self.page.look.width.saturating_sub(self.text_start()).max(8)
    }

    /// Writes titles, rows and lines.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        self.titles(out)?;
        let lines_start = self.lines_start();
        for ((entry, text), number) in self.rows.iter().zip(1..) {
            self.row(entry.site, text, number, out)?;
            self.lines(entry.site, text, lines_start, out)?;
            for remark in &entry.remarks {
                for (at, text) in wrap(remark, self.page.look.width.saturating_sub(self.lead + GAP)).iter().enumerate()
                {
                    let indent = self.lead + if at == 0 { 0 } else { GAP };
                    self.at(indent, Line::new(text, Style::Plain), out)?;
                }
            }
        }
        Ok(())
    }

    fn titles(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.columns.is_stacked {
            return Ok(());
        }
        self.at(self.lead, self.columns.metric_titles(), out)?;
        let mut line = self.columns.number_titles();
        line.push(site_noun(self.page.report.granularity), Style::Dim);
        self.at(self.lead, line, out)
    }

    /// Writes the row of a site, and below it what has no room on it.
    fn row(&self, site: &SiteRow, text: &RowText, number: usize, out: &mut dyn Write) -> io::Result<()> {
        let (width, left, style) = (self.page.look.width, self.left(), style(self.page.report, site));
        let change = site.values(self.page.report.attribution);
        let mut row = self.lead(site, number);
        if !self.columns.is_stacked {
            row.append(self.columns.numbers(change, style));
        }
        let name = fit(&text.name, left);
        let mut used = name.width();
        // Yellow is hard to read on white.
        row.push_link(name, if style == Style::Unsure { Style::Plain } else { style }, text.link.clone());
        let tag = text.tag.filter(|tag| used + 1 + tag.width() <= left);
        if let Some(tag) = tag {
            used += 1 + tag.width();
            row.push(format!(" {tag}"), Style::Dim);
        }
        let mut details = text.details(tag.is_some());
        // On a wide page details start below each other.
        let gap = if width >= WIDE { (self.names.min(left) + GAP).saturating_sub(used) } else { GAP };
        if used + gap + details.width() <= left {
            row.spaces(gap);
            row.append(std::mem::take(&mut details).line());
        }
        while let Some(short) = details.take_first(left.saturating_sub(used + GAP)) {
            used += GAP + short.width();
            row.spaces(GAP);
            row.append(short);
        }
        row.write(self.page.look.color, out)?;
        if self.columns.is_stacked {
            self.columns.stacked(change, style).try_for_each(|line| self.at(self.lead, line, out))?;
        }
        // What is wider than the names' column starts further left.
        let start = width.saturating_sub(details.width()).min(self.text_start());
        if start >= self.lead && details.width() > 0 {
            return self.at(start, details.line(), out);
        }
        let room = width.saturating_sub(self.lead);
        details.wrapped(room).into_iter().try_for_each(|line| self.at(self.lead, line, out))
    }

    /// Mark and number of a row.
    fn lead(&self, site: &SiteRow, number: usize) -> Line {
        let mut line = Line::default();
        let mark = mark(self.page.report, site);
        let number = number.to_string();
        line.push(mark, style(self.page.report, site));
        line.right(&number, self.lead.saturating_sub(mark.width() + GAP), Style::Plain);
        line.spaces(GAP);
        line
    }

    /// The column that lines of sites start at, as far left as the widest needs.
    fn lines_start(&self) -> usize {
        let places = self.rows.iter().flat_map(|(_, text)| &text.lines);
        let widest = places.map(|(_, place)| place.width()).max().unwrap_or(0);
        let natural = self.text_start() + GAP;
        let first = self.lead + self.columns.deltas_width() + GAP;
        self.page.look.width.saturating_sub(widest).clamp(first.min(natural), natural)
    }

    /// The lines that allocate for a site.
    fn lines(&self, site: &SiteRow, text: &RowText, start: usize, out: &mut dyn Write) -> io::Result<()> {
        let (width, bytes, metric) = (self.page.look.width, self.page.look.bytes, self.columns.first());
        for (line, place) in &text.lines {
            let mut row = Line::default();
            row.spaces(self.lead);
            if self.columns.is_stacked {
                row.push(format!("  {}", delta(metric, line.delta_of(metric), bytes)), Style::Plain);
                row.spaces(GAP);
            } else {
                row.append(self.columns.deltas(*line));
                row.spaces(start.saturating_sub(row.width()));
            }
            let start = row.width();
            for (part, text) in place.fitted(width.saturating_sub(start)).into_iter().enumerate() {
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
        let more = more_lines(self.page.report.granularity, others, metric, metric.of(sum), bytes);
        self.at(start, Line::new(more, Style::Dim), out)
    }

    /// Writes a line that starts at a column.
    fn at(&self, column: usize, text: Line, out: &mut dyn Write) -> io::Result<()> {
        let mut line = Line::default();
        line.spaces(column);
        line.append(text);
        line.write(self.page.look.color, out)
    }

    /// What the marks mean, and how much of all growth the rows are.
    pub(super) fn legend(&self) -> Option<String> {
        let report = self.page.report;
        // A line of its own says what noise is.
        let is_said = report.list.as_ref().is_some_and(|list| list.is_noise || list.noise.sites > 0);
        let mut marks: Vec<(&str, Significance)> = Vec::new();
        for site in self.rows.iter().map(|(entry, _)| entry.site) {
            let (mark, significance) = (mark(report, site), site.evidence.significance);
            let is_said = is_said && significance == Significance::Noise;
            let is_asked = !mark.is_empty() && !is_said;
            if is_asked && marks.iter().all(|(known, _)| *known != mark) {
                marks.push((mark, significance));
            }
        }
        legend(report, &marks)
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
