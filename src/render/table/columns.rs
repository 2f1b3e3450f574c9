//! The columns of numbers: as many numbers of each metric as leave room for names.

use unicode_width::UnicodeWidthStr;

use super::fit::fit;
use super::styled::{Line, Style};
use crate::diff::{Change, Metric};
use crate::render::messages::number_titles;
use crate::render::text::sanitize;
use crate::render::units::{Bytes, delta, value};
use crate::report::{Report, SiteRow};

/// Columns that a name needs beside numbers.
const MIN_NAME: usize = 24;
/// Columns that a name needs for the base's values to be shown, too.
const MIN_NAME_BESIDE_BASE: usize = 30;
/// Width of the longest name that numbers make room for.
const LONG_NAME: usize = 48;
/// Width of the gap between columns.
pub(super) const GAP: usize = 2;
/// Width of the gap after the numbers of a metric.
const METRIC_GAP: usize = GAP + 1;

/// What is shown of a metric.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    /// The delta and both sides.
    BothSides,
    /// The delta and the current side.
    CurrentSide,
    /// The delta.
    Delta,
}

/// The numbers of a metric, and their widths.
#[derive(Clone)]
struct Column {
    metric: Metric,
    title: String,
    parts: Parts,
    delta: usize,
    base: usize,
    current: usize,
}

/// The columns of numbers of a table.
pub(super) struct Columns {
    columns: Vec<Column>,
    /// Titles of the delta, of the base and of the current side.
    titles: [&'static str; 3],
    bytes: Bytes,
    /// Whether numbers are below the names, as nothing fits beside them.
    pub(super) is_stacked: bool,
}

impl Column {
    fn new(report: &Report, metric: Metric, sites: &[&SiteRow], bytes: Bytes) -> Self {
        let [mut delta_width, mut base, mut current] = number_titles(report).map(UnicodeWidthStr::width);
        for site in sites {
            let change = site.values(report.attribution);
            for change in std::iter::once(change).chain(site.lines.iter().map(|line| line.change)) {
                delta_width = delta_width.max(delta(metric, change.delta_of(metric), bytes).width());
            }
            base = base.max(value(metric, change.base_of(metric), bytes).width());
            current = current.max(value(metric, change.current_of(metric), bytes).width());
        }
        let title = sanitize(report.name(metric));
        Column { metric, title, parts: Parts::BothSides, delta: delta_width, base, current }
    }

    /// Columns up to the end of the delta. Where there is nothing else, the title needs room.
    fn delta_width(&self) -> usize {
        if self.parts == Parts::Delta { self.delta.max(self.title.width()) } else { self.delta }
    }

    /// Columns that it takes with the gap after it.
    fn width(&self) -> usize {
        let sides = match self.parts {
            Parts::BothSides => GAP + self.base + 1 + 2 + self.current,
            Parts::CurrentSide => GAP + 2 + self.current,
            Parts::Delta => 0,
        };
        self.delta_width() + sides + METRIC_GAP
    }
}

impl Columns {
    /// The columns of these sites; `room` is what names and numbers have together.
    pub(super) fn new(report: &Report, sites: &[&SiteRow], names: usize, room: usize, bytes: Bytes) -> Self {
        let mut metrics: Vec<_> = report.shown_metrics().collect();
        if report.list.as_ref().is_some_and(|list| metrics.last() == Some(&list.metric)) {
            metrics.reverse();
        }
        let columns = metrics.into_iter().map(|metric| Column::new(report, metric, sites, bytes)).collect();
        let mut columns = Columns { columns, titles: number_titles(report), bytes, is_stacked: false };
        let name = names.min(LONG_NAME);
        // Of the other metric, the values of both sides say least.
        let layouts = [
            (Parts::BothSides, Parts::BothSides, name.max(MIN_NAME_BESIDE_BASE)),
            (Parts::CurrentSide, Parts::CurrentSide, name.max(MIN_NAME)),
            (Parts::CurrentSide, Parts::Delta, MIN_NAME),
            (Parts::Delta, Parts::Delta, MIN_NAME),
        ];
        let fits = |columns: &mut Columns, (first, others, name)| {
            columns.columns.iter_mut().enumerate().for_each(|(at, column)| {
                column.parts = if at == 0 { first } else { others };
            });
            columns.width() + name <= room
        };
        columns.is_stacked = !layouts.into_iter().any(|layout| fits(&mut columns, layout));
        columns
    }

    /// The metric that ranks the sites.
    pub(super) fn first(&self) -> Metric {
        self.columns.first().map_or(Metric::Space, |column| column.metric)
    }

    /// Columns that they take, up to the names.
    pub(super) fn width(&self) -> usize {
        if self.is_stacked { 0 } else { self.columns.iter().map(Column::width).sum() }
    }

    /// Columns up to the end of the last delta.
    pub(super) fn deltas_width(&self) -> usize {
        let last = self.columns.last().map_or(0, |column| column.width() - column.delta_width());
        self.width().saturating_sub(last)
    }

    /// The names of the metrics.
    pub(super) fn metric_titles(&self) -> Line {
        let mut line = Line::default();
        for column in &self.columns {
            let title = fit(&column.title, column.width() - 1);
            let rest = column.width() - title.width();
            line.push(title, Style::Dim);
            line.spaces(rest);
        }
        line
    }

    /// What the numbers are.
    pub(super) fn number_titles(&self) -> Line {
        let [growth, before, now] = self.titles;
        let mut line = Line::default();
        for column in &self.columns {
            let start = line.width();
            line.right(growth, column.delta_width(), Style::Dim);
            if column.parts == Parts::BothSides {
                line.spaces(GAP);
                line.right(before, column.base, Style::Dim);
                line.spaces(1);
            } else {
                line.spaces(GAP);
            }
            if column.parts != Parts::Delta {
                line.push(format!("→ {now}"), Style::Dim);
            }
            line.spaces((start + column.width()).saturating_sub(line.width()));
        }
        line
    }

    /// The numbers of a row.
    pub(super) fn numbers(&self, change: Change, style: Style) -> Line {
        let mut line = Line::default();
        for column in &self.columns {
            let metric = column.metric;
            let number = change.delta_of(metric);
            line.right(&delta(metric, number, self.bytes), column.delta_width(), delta_style(number, style));
            if column.parts != Parts::Delta {
                line.spaces(GAP);
            }
            if column.parts == Parts::BothSides {
                line.right(&value(metric, change.base_of(metric), self.bytes), column.base, Style::Dim);
                line.spaces(1);
            }
            if column.parts != Parts::Delta {
                line.push("→ ", Style::Dim);
                let of_current = if style == Style::Dim { Style::Dim } else { Style::Plain };
                line.right(&value(metric, change.current_of(metric), self.bytes), column.current, of_current);
            }
            line.spaces(METRIC_GAP);
        }
        line
    }

    /// The deltas alone, below those of a row.
    pub(super) fn deltas(&self, change: Change) -> Line {
        let mut line = Line::default();
        let mut start = 0;
        for column in &self.columns {
            line.spaces(start - line.width());
            let number = change.delta_of(column.metric);
            let text = delta(column.metric, number, self.bytes);
            line.right(&text, column.delta_width(), delta_style(number, Style::Plain));
            start += column.width();
        }
        line
    }

    /// The numbers of a row, a line for each metric, where they are below the name.
    pub(super) fn stacked(&self, change: Change, style: Style) -> impl Iterator<Item = Line> {
        self.columns.iter().map(move |&Column { metric, .. }| {
            let number = change.delta_of(metric);
            let mut line = Line::default();
            line.push(delta(metric, number, self.bytes), delta_style(number, style));
            let unit = if metric == Metric::Objects { " objects" } else { "" };
            let current = value(metric, change.current_of(metric), self.bytes);
            line.push(format!(" → {current}{unit}"), Style::Plain);
            line
        })
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
