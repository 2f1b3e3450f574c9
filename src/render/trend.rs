//! `table` of a series: the answer, the whole heap, the sites with a line of blocks each, and what to do next.

use std::io::{self, Write};

use unicode_width::UnicodeWidthStr;

use super::Look;
use super::messages::{
    labelled, note_message, series_news, snapshots_read, steps_heading, trend_footnotes, trend_headline, trend_limit,
    trend_next, trend_status, whole_course,
};
use super::spark::{spark, spark_of};
use super::style::Style;
use super::table::TablePage;
use super::trend_sites::{SiteLines, marks_legend};
use crate::diff::Metric;
use crate::gate::Status;
use crate::report::{Finding, Note, SeriesNote, Severity, TrendReport, TrendRow};
use crate::series::{Shape, Trend};

/// Columns before the line of blocks of the whole heap.
const INDENT: &str = "  ";

/// Writes the table and what to do next: at most `top` rows, with those without significant growth only if `all` are
/// wanted.
pub fn write(report: &TrendReport, all: bool, top: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    write_answer(report, all, top, look, out)?;
    write_next(report, &[], look, out)
}

/// Writes the table without what to do next.
pub fn write_answer(report: &TrendReport, all: bool, top: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let page = TablePage::new(&report.comparison, look);
    if let Some(status) = report.status {
        let style = match status {
            Status::Pass => Style::Good,
            Status::Fail => Style::Alarm,
            Status::Inconclusive => Style::Warning,
        };
        say(&trend_status(report, status), style, &page, look, out)?;
    }
    say(&trend_headline(report, look.bytes), answer_style(report), &page, look, out)?;
    whole(report, &page, look, out)?;
    page.paragraph(&snapshots_read(report), INDENT, out)?;
    let wanted = |(at, row): &(usize, &TrendRow)| {
        let grew = !matches!(row.trend, Trend::Steady | Trend::Unknown) || grew_unknown(report, row);
        all || grew || report.candidates.contains(at)
    };
    let rows: Vec<_> = report.rows.iter().enumerate().filter(wanted).map(|(_, row)| row).collect();
    let shown: Vec<_> = rows.iter().take(top).copied().collect();
    if !shown.is_empty() {
        writeln!(out)?;
        let lines = SiteLines::new(report, &page, &shown, look);
        lines.write(out)?;
    }
    writeln!(out)?;
    marks_legend(report, &shown).iter().try_for_each(|legend| page.paragraph(legend, INDENT, out))?;
    for sentence in trend_footnotes(report, [rows.len() - shown.len(), report.rows.len() - rows.len()]) {
        page.paragraph(&sentence, INDENT, out)?;
    }
    notes(report).try_for_each(|(severity, note)| page.paragraph(&labelled(severity, &note), INDENT, out))?;
    let findings: Vec<_> = findings(report).cloned().collect();
    page.findings(&findings, None, out)
}

/// The findings that say more than the answer does: where the exact totals have answered, noise of samples is no news.
pub(super) fn findings(report: &TrendReport) -> impl Iterator<Item = &Finding> {
    let is_answered = report.process.is_some();
    report.comparison.findings.iter().filter(move |finding| !(is_answered && matches!(finding, Finding::Noise(_))))
}

/// The notes that say more than the answer does.
pub(super) fn notes(report: &TrendReport) -> impl Iterator<Item = (Severity, String)> {
    let has_totals = report.notes.iter().any(|note| matches!(note, SeriesNote::NoTotals { .. }));
    // Of totals that say nothing another note says why.
    let series = report.notes.iter().filter(move |note| !(has_totals && matches!(note, SeriesNote::SamplesAlone)));
    let series = series.filter_map(|note| Some((note.severity(), series_news(note)?)));
    let is_cut = |note: &Note| matches!(note, Note::StacksCut { .. });
    let last_cut = report.comparison.notes.iter().rposition(is_cut);
    // The answer says that nothing grew; of a series the later snapshot is enough.
    let is_news =
        move |(at, note): &(usize, &Note)| !matches!(note, Note::NoGrowth) && (!is_cut(note) || Some(*at) == last_cut);
    let comparison = report.comparison.notes.iter().enumerate().filter(is_news).map(|(_, note)| note);
    series.chain(comparison.map(|note| (note.severity(), note_message(note))))
}

/// Writes what to do next: a command on a line each, not wrapped, so that they can be pasted; and `advice`.
pub fn write_next(report: &TrendReport, advice: &[String], look: Look, out: &mut dyn Write) -> io::Result<()> {
    let commands = trend_next(report);
    if !commands.is_empty() || !advice.is_empty() {
        writeln!(out, "\n{}:", steps_heading(&report.comparison))?;
    }
    commands.iter().try_for_each(|command| writeln!(out, "{INDENT}{command}"))?;
    let page = TablePage::new(&report.comparison, look);
    // No commands, and so comments beside them.
    advice.iter().try_for_each(|advice| page.lines(&format!("# {advice}"), INDENT, "  # ", out))
}

/// Writes a sentence whose first word, up to the colon, is painted.
fn say(sentence: &str, style: Style, page: &TablePage<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut text = Vec::new();
    page.paragraph(sentence, INDENT, &mut text)?;
    let text = String::from_utf8_lossy(&text);
    match text.split_once(':') {
        Some((word, rest)) => write!(out, "{}{rest}", look.painted(style, &format!("{word}:"))),
        None => write!(out, "{text}"),
    }
}

fn answer_style(report: &TrendReport) -> Style {
    let goroutines_grow = report.goroutines.as_ref().is_some_and(|found| found.shape == Shape::Growing);
    let goes_on = goroutines_grow || report.rows.iter().any(|row| row.trend.goes_on());
    match report.process {
        _ if goes_on => Style::Alarm,
        Some(Shape::Growing) => Style::Alarm,
        Some(Shape::Grew) => Style::Warning,
        Some(_) => Style::Good,
        None if report.hint.is_some() || !report.candidates.is_empty() || !is_known(report) => Style::Warning,
        None => Style::Good,
    }
}

/// Whether there is an answer: of every site, and from different snapshots.
fn is_known(report: &TrendReport) -> bool {
    let repeats = |note: &SeriesNote| matches!(note, SeriesNote::NoCollection { .. });
    !report.notes.iter().any(repeats) && !report.rows.iter().any(|row| grew_unknown(report, row))
}

/// Writes both ends of the whole heap, and below them its course.
fn whole(report: &TrendReport, page: &TablePage<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let [ends, course] = whole_course(report, look.bytes);
    page.paragraph(&ends, INDENT, out)?;
    // Blocks are as high as what they show, and would rise beside what is level.
    if report.process == Some(Shape::Flat) {
        return page.lines(&course, INDENT, INDENT, out).and_then(|()| limit(report, page, look, out));
    }
    let width = look.width.saturating_sub(INDENT.len());
    let metric = report.comparison.metrics.first().map_or(Metric::Space, |column| column.metric);
    let blocks = match report.runtime_heap.as_ref().filter(|_| metric == Metric::Space) {
        Some(heap) => spark(&heap.series.iter().copied().map(Some).collect::<Vec<_>>(), width),
        None => spark_of(report.snapshots.iter().map(|snapshot| snapshot.total), metric, width),
    };
    let fits = INDENT.len() + blocks.width() + 2 + course.width() <= look.width;
    match (course.is_empty(), fits) {
        (true, _) => writeln!(out, "{INDENT}{blocks}"),
        (false, true) => writeln!(out, "{INDENT}{blocks}  {course}"),
        (false, false) => writeln!(out, "{INDENT}{blocks}\n{INDENT}{course}"),
    }?;
    limit(report, page, look, out)
}

/// Writes when the limit is reached, if one was given.
fn limit(report: &TrendReport, page: &TablePage<'_>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let limit = trend_limit(report, look.bytes);
    limit.iter().try_for_each(|sentence| page.lines(sentence, INDENT, INDENT, out))
}

/// Whether a site without evidence seems to have grown.
fn grew_unknown(report: &TrendReport, row: &TrendRow) -> bool {
    let site = &report.comparison.sites[row.site];
    row.trend == Trend::Unknown && report.comparison.metrics.iter().any(|column| site.flat.delta_of(column.metric) > 0)
}
