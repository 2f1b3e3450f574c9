//! The sites of a series: a line each if the page is wide enough for all of them, otherwise two or three.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::messages::{NO_PROOF, mark_words, trend_details};
use super::spark::spark_of;
use super::style::Style;
use super::table::TablePage;
use super::text::{sanitize, wrap};
use super::units::{delta, value};
use crate::diff::Metric;
use crate::evidence::Significance;
use crate::report::{TrendReport, TrendRow};
use crate::series::Trend;

/// Columns before the numbers of a site: its number, and how sure its growth is.
const START: usize = 6;
/// Columns between two columns.
const GAP: &str = "  ";

/// Marks of sites, in the order of their legend.
const MARKS: [(&str, Significance); 4] =
    [("●", Significance::Grew), ("○", Significance::Suspect), ("~", Significance::Noise), ("?", Significance::Unknown)];

/// How sure the growth of a site is, as a mark; none of what goes up and down, as it did not keep growing.
fn mark(report: &TrendReport, row: &TrendRow) -> &'static str {
    match report.comparison.sites[row.site].evidence.significance {
        _ if row.trend == Trend::Fluctuating => " ",
        _ if !report.comparison.sampling.is_sampled() => "●",
        Significance::Grew | Significance::Shrank => "●",
        Significance::Suspect => "○",
        Significance::Noise => "~",
        Significance::Unknown => "?",
    }
}

/// What the marks mean, if sites have some.
pub(super) fn marks_legend(report: &TrendReport, rows: &[&TrendRow]) -> Option<String> {
    // Beside a leak, its own trend says more.
    let proof = if rows.iter().any(|row| row.trend.goes_on()) { "" } else { NO_PROOF };
    let words: Vec<_> = MARKS
        .iter()
        .filter(|(known, _)| rows.iter().any(|row| mark(report, row) == *known))
        .map(|&(mark, of)| {
            let proof = if of == Significance::Grew { proof } else { "" };
            format!("{mark} {}{proof}", mark_words(of))
        })
        .collect();
    (!words.is_empty() && report.comparison.sampling.is_sampled()).then(|| words.join("; "))
}

/// The texts of a site.
struct RowTexts {
    mark: &'static str,
    /// Growth, and the value at the end, of each metric.
    numbers: Vec<[String; 2]>,
    blocks: String,
    trend: String,
    name: String,
    place: String,
    style: Style,
}

/// The lines of the sites of a series.
pub(super) struct SiteLines {
    titles: Vec<String>,
    rows: Vec<RowTexts>,
    /// Widths of the numbers of each metric.
    widths: Vec<[usize; 2]>,
    look: Look,
}

impl SiteLines {
    /// The lines of some rows.
    pub(super) fn new(report: &TrendReport, page: &TablePage<'_>, shown: &[&TrendRow], look: Look) -> Self {
        let metrics: Vec<_> = report.comparison.metrics.iter().collect();
        let leading = metrics.first().map_or(Metric::Space, |column| column.metric);
        let row = |row: &&TrendRow| {
            let site = &report.comparison.sites[row.site];
            let texts = page.texts(site);
            let numbers = |metric: Metric| {
                let change = site.flat;
                [
                    delta(metric, change.delta_of(metric), look.bytes),
                    value(metric, change.current_of(metric), look.bytes),
                ]
            };
            RowTexts {
                mark: mark(report, row),
                numbers: metrics.iter().map(|column| numbers(column.metric)).collect(),
                blocks: spark_of(row.steps.values(report.snapshots.len()), leading, look.width.saturating_sub(START)),
                trend: trend_details(report, row, leading, look.bytes),
                name: texts.name,
                place: if texts.place.is_empty() { String::new() } else { format!("at {}", texts.place) },
                style: style(row.trend, site.evidence.significance),
            }
        };
        let rows: Vec<_> = shown.iter().map(row).collect();
        let width =
            |column: usize, part: usize| rows.iter().map(|row| row.numbers[column][part].width()).max().unwrap_or(0);
        let titles: Vec<_> = metrics.iter().map(|column| sanitize(&column.name)).collect();
        let widths = titles.iter().enumerate().map(|(column, title)| {
            let [first, last] = [width(column, 0), width(column, 1)];
            // The title is above both.
            [first.max(title.width().saturating_sub(last + " → ".width())), last]
        });
        let widths = widths.collect();
        SiteLines { titles, rows, widths, look }
    }

    /// Writes them under their titles.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let titles = self.titles.iter().zip(&self.widths);
        let titles: String = titles
            .map(|(title, width)| {
                let width = column_width(width);
                format!("{title:<width$}{GAP}")
            })
            .collect();
        writeln!(out, "{}", format!("{}{titles}", " ".repeat(START)).trim_end())?;
        let on_one_line = self.on_one_line();
        for (at, row) in self.rows.iter().enumerate() {
            self.row(at + 1, row, on_one_line, out)?;
        }
        Ok(())
    }

    /// Columns of the numbers, with the gap after them.
    fn numbers_width(&self) -> usize {
        START + self.widths.iter().map(|width| column_width(width) + GAP.len()).sum::<usize>()
    }

    /// Widths of the blocks, names and places, if all rows fit on a line each.
    fn on_one_line(&self) -> Option<[usize; 3]> {
        let widest = |text: fn(&RowTexts) -> &str| self.rows.iter().map(|row| text(row).width()).max().unwrap_or(0);
        let widths = [widest(|row| &row.blocks), widest(|row| &row.name), widest(|row| &row.place)];
        let all = self.numbers_width() + widths.iter().map(|width| width + GAP.len()).sum::<usize>();
        (all + widest(|row| &row.trend) <= self.look.width).then_some(widths)
    }

    fn row(&self, number: usize, row: &RowTexts, one: Option<[usize; 3]>, out: &mut dyn Write) -> io::Result<()> {
        let paint = |style: Style, text: &str| self.look.painted(style, text);
        let mut numbers = format!("{number:>3} {} ", paint(row.style, row.mark));
        for ([growth, last], [wide, width]) in row.numbers.iter().zip(&self.widths) {
            let padding = " ".repeat(wide.saturating_sub(growth.width()));
            let rest = format!(" → {last:<width$}{GAP}");
            let growth = if growth.starts_with('+') { paint(row.style, growth) } else { growth.clone() };
            numbers += &format!("{padding}{growth}{}", paint(Style::Dim, &rest));
        }
        let name = paint(if row.style == Style::Dim { Style::Dim } else { Style::Strong }, &row.name);
        if let Some([blocks, names, places]) = one {
            let gap = |width: usize, text: &str| " ".repeat(width + GAP.len() - text.width());
            let (after_blocks, after_name) = (gap(blocks, &row.blocks), gap(names, &row.name));
            let after_place = gap(places, &row.place);
            return write_line(
                &format!(
                    "{numbers}{}{after_blocks}{name}{after_name}{}{after_place}{}",
                    row.blocks, row.place, row.trend
                ),
                out,
            );
        }
        let start = self.numbers_width();
        let indent = " ".repeat(START);
        let is_beside = start + row.name.width().max(row.place.width()) <= self.look.width;
        match is_beside {
            true => write_line(&format!("{numbers}{name}"), out)?,
            false => {
                write_line(&numbers, out)?;
                write_line(&format!("{indent}{name}"), out)?;
            }
        }
        // Below the numbers: blocks and trend, with the place under the name, as far as each fits.
        let blocks = row.blocks.width();
        let mut lines = Vec::new();
        let left = self.look.width.saturating_sub(START);
        if blocks + GAP.len() + row.trend.width() <= left {
            lines.push(format!("{}{GAP}{}", row.blocks, row.trend));
        } else {
            lines.push(row.blocks.clone());
            lines.extend(wrap(&row.trend, left));
        }
        let last = lines.pop().unwrap_or_default();
        let free = start.saturating_sub(START);
        match row.place.width() {
            0 => lines.push(last),
            _ if is_beside && last.width() + GAP.len() <= free => lines.push(format!("{last:<free$}{}", row.place)),
            place if last.width() + GAP.len() + place <= left => lines.push(format!("{last}{GAP}{}", row.place)),
            _ if is_beside => {
                lines.push(last);
                lines.push(format!("{}{}", " ".repeat(free), row.place));
            }
            _ => lines.extend([last, row.place.clone()]),
        }
        lines.iter().try_for_each(|line| write_line(&format!("{indent}{line}"), out))
    }
}

fn write_line(line: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", line.trim_end())
}

fn column_width([growth, last]: &[usize; 2]) -> usize {
    growth + " → ".width() + last
}

/// How a trend looks: what keeps growing for sure stands out, noise does not.
fn style(trend: Trend, significance: Significance) -> Style {
    match trend {
        Trend::Leak | Trend::Bloat if significance == Significance::Noise => Style::Warning,
        Trend::Leak | Trend::Bloat => Style::Alarm,
        Trend::Grew | Trend::GrewLarge | Trend::Unknown => Style::Warning,
        Trend::WarmUp | Trend::Levelled | Trend::OneStep | Trend::Fluctuating => Style::Good,
        Trend::Steady => Style::Dim,
    }
}
