//! `table` of a series: which sites are still growing, with a line of blocks each.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment};
use unicode_width::UnicodeWidthStr;

use super::Look;
use super::messages::{
    labelled, note_message, series_note_message, snapshots_read, trend_details, trend_footnotes, trend_headline,
    trend_status,
};
use super::spark::spark_of;
use super::table::{TablePage, new_table};
use super::text::{sanitize, wrap};
use super::units::{delta, sides};
use crate::diff::Metric;
use crate::report::{SiteRow, TrendReport, TrendRow};
use crate::series::Trend;

/// Longest line of blocks, columns: on a page of [`WIDE_COLUMNS`] or more, and on a narrower one.
const SPARK_WIDTHS: [usize; 2] = [24, 12];
const WIDE_COLUMNS: usize = 120;

/// Writes the table: at most `top` rows, with those without significant growth only if `all` are wanted.
pub fn write(report: &TrendReport, all: bool, top: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = TablePage::new(&report.comparison, look);
    if let Some(status) = report.status {
        page.paragraph(trend_status(report, status), "  ", out)?;
    }
    page.paragraph(&snapshots_read(report), "  ", out)?;
    page.paragraph(&trend_headline(report), "  ", out)?;
    writeln!(out)?;
    let wanted =
        |row: &&TrendRow| all || !matches!(row.trend, Trend::Steady | Trend::Unknown) || grew_unknown(report, row);
    let rows: Vec<_> = report.rows.iter().filter(wanted).collect();
    let shown: Vec<_> = rows.iter().take(top).copied().collect();
    if !shown.is_empty() {
        page.print(&table(report, &page, &shown, look), out)?;
        writeln!(out)?;
    }
    for sentence in trend_footnotes(report, [rows.len() - shown.len(), report.rows.len() - rows.len()], look.bytes) {
        page.paragraph(&sentence, "  ", out)?;
    }
    let series = report.notes.iter().map(|note| labelled(note.severity(), &series_note_message(note)));
    let comparison = report.comparison.notes.iter().map(|note| labelled(note.severity(), &note_message(note)));
    series.chain(comparison).try_for_each(|note| page.paragraph(&note, "  ", out))?;
    page.findings(&report.comparison.findings, None, out)
}

/// Whether a site without evidence seems to have grown.
fn grew_unknown(report: &TrendReport, row: &TrendRow) -> bool {
    let site = &report.comparison.sites[row.site];
    row.trend == Trend::Unknown && report.comparison.metrics.iter().any(|column| site.flat.delta_of(column.metric) > 0)
}

/// A site on two lines: growth, course and name; then both ends, the pace, the place and the trend.
fn table(report: &TrendReport, page: &TablePage<'_>, rows: &[&TrendRow], look: Look) -> String {
    let metrics: Vec<_> = report.comparison.metrics.iter().collect();
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    let mut table = new_table();
    let mut titles = vec![right("#".to_owned())];
    titles.extend(metrics.iter().map(|column| right(sanitize(&column.name))));
    titles.extend([Cell::new("course"), Cell::new("site")]);
    table.set_header(titles);
    let metric = metrics.first().map_or(Metric::Space, |column| column.metric);
    let texts: Vec<_> = rows.iter().map(|row| texts(report, page, row, metric, look)).collect();
    // Columns left for names beside the numbers; each column has a space on either side.
    let sites = || rows.iter().map(|row| &report.comparison.sites[row.site]);
    let widest = |text: &dyn Fn(&SiteRow) -> String| sites().map(|site| text(site).width()).max().unwrap_or(0);
    let numbers = metrics.iter().fold(4, |sum, column| {
        let (metric, name) = (column.metric, column.name.width());
        sum + 2 + widest(&|site| sides(site.flat, metric, look.bytes)).max(name)
    });
    let course =
        texts.iter().flat_map(|texts| [texts.course.width(), texts.pace.width()]).max().unwrap_or(0).max(6) + 2;
    let left = look.width.saturating_sub(numbers + course + 1).max(20);
    for (at, (row, texts)) in rows.iter().zip(&texts).enumerate() {
        let site = &report.comparison.sites[row.site];
        let mut first = vec![right((at + 1).to_string())];
        let mut second = vec![Cell::new("")];
        for column in &metrics {
            let metric = column.metric;
            first.push(right(page.painted(metric, site.flat.delta_of(metric))));
            second.push(right(sides(site.flat, metric, look.bytes)));
        }
        first.extend([Cell::new(&texts.course), Cell::new(wrap(&texts.name, left).join("\n"))]);
        second.extend([Cell::new(&texts.pace), Cell::new(wrap(&texts.rest, left).join("\n"))]);
        table.add_row(first);
        table.add_row(second);
    }
    table.trim_fmt()
}

struct RowTexts {
    course: String,
    pace: String,
    name: String,
    rest: String,
}

fn texts(report: &TrendReport, page: &TablePage<'_>, row: &TrendRow, metric: Metric, look: Look) -> RowTexts {
    let site = &report.comparison.sites[row.site];
    let texts = page.texts(site);
    let pace =
        report.growth_per_hour(site.flat.delta_of(metric)).map(|pace| format!("{}/h", delta(metric, pace, look.bytes)));
    let place = if texts.place.is_empty() { String::new() } else { format!("{}, ", texts.place) };
    RowTexts {
        course: spark_of(
            row.steps.values(report.snapshots.len()),
            metric,
            SPARK_WIDTHS[usize::from(look.width < WIDE_COLUMNS)],
        ),
        pace: pace.unwrap_or_default(),
        name: texts.name,
        rest: format!("{place}{}", trend_details(report, row, metric, look.bytes)),
    }
}
