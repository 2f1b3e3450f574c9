//! The report as a page: a headline, the flame graph, and the table.

use std::io::{self, Write};

use super::super::json::FindingJson;
use super::super::messages::{
    capitalised, comparison_label, contradiction, footnotes, inputs, note_message, page_headline, series_note_message,
    snapshots_read, spread_sentence, trend_details, trend_footnotes, trend_headline, trend_limit,
};
use super::super::text::sanitize;
use super::super::units::{Bytes, delta, sides};
use super::columns::key;
use super::data::Data;
use super::flame_page::{first, write_graph};
use super::shell::{BASE_CSS, Code, FLAME_CSS, FLAME_JS, PageShell, UNITS_JS, markup};
use super::sites::Courses;
use crate::diff::Metric;
use crate::report::{Report, Severity, StackGraph, TrendReport};
use crate::site::Values;

const REPORT_CSS: &str = include_str!("report.css");
const REPORT_JS: &str = include_str!("report.js");

/// Largest number of points that a series is drawn with.
const MAX_POINTS: usize = 100;

/// The texts of a page.
struct Words {
    headline: String,
    inputs: String,
    /// Notes, each with whether it is a warning.
    notes: Vec<(bool, String)>,
}

/// Writes the page of a comparison.
pub fn diff(report: &Report, graph: &StackGraph, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let sentences = spread_sentence(report).into_iter().chain(contradiction(report, bytes));
    let sentences = sentences.map(|sentence| capitalised(&sentence));
    let mut notes: Vec<_> = sentences.chain(footnotes(report, bytes)).map(|sentence| (false, sentence)).collect();
    notes.extend(report.notes.iter().map(|note| (note.severity() == Severity::Warning, note_message(note))));
    let words = Words { headline: page_headline(report, bytes), inputs: comparison_label(report), notes };
    write(report, graph, bytes, None, &words, out)
}

/// Writes the page of a series.
pub fn trend(report: &TrendReport, graph: &StackGraph, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let comparison = &report.comparison;
    let metric = first(&comparison.metrics);
    let mut courses = Courses {
        rank: vec![0; comparison.sites.len()],
        what: vec![String::new(); comparison.sites.len()],
        values: vec![Vec::new(); comparison.sites.len()],
        totals: thinned(report.snapshots.iter().map(|snapshot| snapshot.total).collect()),
    };
    for (at, row) in report.rows.iter().enumerate() {
        courses.rank[row.site] = at + 1;
        courses.what[row.site] = trend_details(report, row, metric, bytes);
        courses.values[row.site] = thinned(row.steps.values(report.snapshots.len()).collect());
    }
    let mut notes: Vec<_> = trend_limit(report, bytes)
        .into_iter()
        .chain(trend_footnotes(report, [0, 0]))
        .map(|sentence| (false, sentence))
        .collect();
    notes.extend(report.notes.iter().map(|note| (note.severity() == Severity::Warning, series_note_message(note))));
    notes.extend(comparison.notes.iter().map(|note| (note.severity() == Severity::Warning, note_message(note))));
    let words = Words { headline: trend_headline(report, bytes), inputs: snapshots_read(report), notes };
    write(comparison, graph, bytes, Some(&courses), &words, out)
}

/// At most [`MAX_POINTS`] of the values, the first and the last among them.
fn thinned(values: Vec<Values>) -> Vec<Values> {
    match values.len().checked_sub(1) {
        Some(last) if last >= MAX_POINTS => (0..MAX_POINTS).map(|at| values[at * last / (MAX_POINTS - 1)]).collect(),
        _ => values,
    }
}

fn write(
    report: &Report,
    graph: &StackGraph,
    bytes: Bytes,
    courses: Option<&Courses>,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let data = Data::of_report(report, graph, bytes, courses)?;
    let shell = PageShell {
        title: &format!("Heap growth: {} → {}", inputs(&report.base), inputs(&report.current)),
        code: Code {
            css: format!("{BASE_CSS}{FLAME_CSS}{REPORT_CSS}"),
            css_hash: "6NS5JRIyJQG3qQm8Q6VJaq/fEt1Ss5GKympsUYMOzt4=",
            script: format!("{UNITS_JS}{FLAME_JS}{REPORT_JS}"),
            script_hash: "qPNh7zSqOA3N8ffnqF+1QugXGX0SNYa3sGNz6S/9+jw=",
        },
        data: &data,
    };
    shell.write(out, |out| {
        let (headline, inputs) = (markup(&words.headline), markup(&words.inputs));
        writeln!(out, "<header>\n<h1>{headline}</h1>\n<p class=\"inputs\">{inputs}</p>\n</header>\n<main>")?;
        write_totals(report, bytes, courses.is_some(), out)?;
        write_findings(report, out)?;
        writeln!(out, "<ul class=\"notes\">")?;
        for (is_warning, sentence) in &words.notes {
            let (class, word) = if *is_warning { ("warning", "warning: ") } else { ("info", "") };
            writeln!(out, "<li class=\"{class}\">{word}{}</li>", markup(sentence))?;
        }
        writeln!(out, "</ul>\n<div id=\"metric\"></div>\n<h2>Through which callers</h2>")?;
        write_graph(graph, false, &[], out)?;
        writeln!(
            out,
            r#"<h2>Sites</h2>
<div class="toolbar tools"><input type="search" id="filter" placeholder="Filter: a name, a file, confirmed" aria-label="Filter sites"><span id="count" class="found" role="status"></span></div>
<table id="sites" aria-label="Sites; arrow keys move, Enter opens the details"></table>
</main>
<dialog id="details" aria-labelledby="details-title"><button type="button" class="close">Close</button><div class="content"></div></dialog>"#
        )
    })
}

fn write_totals(report: &Report, bytes: Bytes, has_course: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=\"totals\" aria-label=\"Totals\">")?;
    for column in &report.metrics {
        let (metric, total): (Metric, _) = (column.metric, report.totals);
        let change = total.delta_of(metric);
        let class = ["less", "same", "grew"][usize::try_from(change.signum() + 1).unwrap_or(1)];
        let percent = total.ratio(metric).map(|ratio| format!(", {:+.1} %", (ratio - 1.0) * 100.0)).unwrap_or_default();
        let course = if has_course { format!("<div data-course=\"{}\"></div>", key(metric)) } else { String::new() };
        writeln!(
            out,
            "<div class=\"card\"><h2>total {}</h2><div class=\"big {class}\">{}</div><div>{}{percent}</div>{course}</div>",
            markup(&column.name),
            delta(metric, change, bytes),
            sides(total, metric, bytes),
        )?;
    }
    writeln!(out, "</section>")
}

fn write_findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let news: Vec<_> = report.findings.iter().filter(|finding| finding.is_news()).map(FindingJson::new).collect();
    if news.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>What the numbers suggest</h2>\n<ul class=\"findings\">")?;
    for finding in news {
        writeln!(
            out,
            "<li><p><b>{} {}</b>{}</p><p class=\"next\">{}</p><p class=\"note\">Does not prove {}</p></li>",
            finding.code,
            markup(finding.title),
            markup(&finding.message),
            markup(finding.next),
            markup(&sanitize(finding.does_not_prove)),
        )?;
    }
    writeln!(out, "</ul>")
}
