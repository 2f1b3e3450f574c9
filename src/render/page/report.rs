//! The report as a page: a headline, the flame graph, and the table.

use std::io::{self, Write};

use super::super::json::FindingJson;
use super::super::messages::{
    FLAME_HEADING, capitalised, comparison_label, findings_heading, footnotes, note_lines, page_headline, page_lead,
    percent, site_noun, snapshots_read, total_certainty, total_pace, trend_details, trend_footnotes, trend_headline,
    trend_limit, whole_course,
};
use super::super::text::sanitize;
use super::super::trend::notes as series_notes;
use super::super::units::{Bytes, delta, sides};
use super::code::write_code;
use super::columns::key;
use super::data::{Data, PageNames};
use super::flame_page::{first, write_graph};
use super::shell::{BASE_CSS, CALLS_JS, Code, FLAME_CSS, FLAME_JS, PageShell, UNITS_JS, markup, prose};
use super::sites::Courses;
use crate::diff::Metric;
use crate::report::{Report, Severity, StackGraph, TrendReport, WholeVerdict};
use crate::site::Values;

const REPORT_CSS: &str = include_str!("report.css");
const REPORT_JS: &str = include_str!("report.js");

/// Largest number of points that a series is drawn with.
const MAX_POINTS: usize = 100;

/// The texts of a page.
struct Words {
    headline: String,
    /// What there is to say of the whole beside its totals.
    lead: Option<String>,
    inputs: String,
    /// By metric: a line below its total.
    totals: Vec<Option<String>>,
    /// Notes, each with whether it is a warning.
    notes: Vec<(bool, String)>,
}

/// Writes the page of a comparison.
pub fn diff(report: &Report, graph: &StackGraph, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let mut notes: Vec<_> = footnotes(report, bytes).into_iter().map(|sentence| (false, sentence)).collect();
    let others = note_lines(report, false).into_iter();
    notes.extend(others.map(|note| (note.severity == Severity::Warning, note.message)));
    let names = PageNames::new(report, graph);
    let words = Words {
        headline: page_headline(report, &names.functions, bytes),
        lead: page_lead(report, bytes),
        inputs: comparison_label(report),
        totals: report.shown_metrics().map(|metric| total_certainty(report, metric, bytes)).collect(),
        notes,
    };
    write(report, graph, &names, bytes, None, &words, out)
}

/// Writes the page of a series.
pub fn trend(report: &TrendReport, graph: &StackGraph, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let comparison = &report.comparison;
    let metric = first(&comparison.metrics);
    let mut courses = Courses {
        rank: vec![0; comparison.sites.len()],
        kind: vec![""; comparison.sites.len()],
        what: vec![String::new(); comparison.sites.len()],
        values: vec![Vec::new(); comparison.sites.len()],
        totals: thinned(report.snapshots.iter().map(|snapshot| snapshot.total).collect()),
    };
    for (at, row) in report.rows.iter().enumerate() {
        courses.rank[row.site] = at + 1;
        courses.kind[row.site] = match report.candidates.contains(&at) {
            _ if row.trend.goes_on() => "leak",
            true => "candidate",
            false => "",
        };
        courses.what[row.site] = trend_details(report, row, metric, bytes);
        courses.values[row.site] = thinned(row.steps.values(report.snapshots.len()).collect());
    }
    let mut notes: Vec<_> = trend_limit(report, bytes)
        .into_iter()
        .chain(trend_footnotes(report, [0, 0]))
        .map(|sentence| (false, sentence))
        .collect();
    notes.extend(series_notes(report).map(|(severity, note)| (severity == Severity::Warning, note)));
    let names = PageNames::new(comparison, graph);
    let words = Words {
        headline: trend_headline(report, bytes),
        // The totals are of samples.
        lead: report.runtime_heap.as_ref().map(|_| course(report, bytes)),
        inputs: snapshots_read(report),
        totals: comparison.shown_metrics().map(|metric| total_pace(report, metric, bytes)).collect(),
        notes,
    };
    write(comparison, graph, &names, bytes, Some(&courses), &words, out)
}

/// The course of the whole heap, in a sentence.
fn course(report: &TrendReport, bytes: Bytes) -> String {
    let [ends, course] = whole_course(report, bytes);
    let parts: Vec<_> = [ends, course].into_iter().filter(|part| !part.is_empty()).collect();
    capitalised(&parts.join("; "))
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
    names: &PageNames<'_>,
    bytes: Bytes,
    courses: Option<&Courses>,
    words: &Words,
    out: &mut dyn Write,
) -> io::Result<()> {
    let data = Data::of_report(report, graph, names, bytes, courses)?;
    let shell = PageShell {
        title: &words.headline,
        code: Code {
            css: format!("{BASE_CSS}{FLAME_CSS}{REPORT_CSS}"),
            css_hash: "t0YAMXwFedmPCpPxT1fQRRjbF0111awHBGQHljcqutY=",
            script: format!("{UNITS_JS}{CALLS_JS}{FLAME_JS}{REPORT_JS}"),
            script_hash: "URx5w0MB86oxv9FYAsMDMUNYVRDCQ/HPytIh2V71Aso=",
        },
        data: &data,
    };
    shell.write(out, |out| {
        let (headline, inputs) = (prose(&words.headline), markup(&words.inputs));
        writeln!(out, "<header>\n<h1>{headline}</h1>")?;
        if let Some(lead) = &words.lead {
            writeln!(out, "<p class=\"lead\">{}</p>", prose(lead))?;
        }
        writeln!(out, "<p class=\"inputs\">{inputs}</p>\n</header>\n<main>")?;
        write_totals(report, words, bytes, courses.is_some(), out)?;
        write_findings(report, out)?;
        writeln!(out, "<ul class=\"notes\">")?;
        for (is_warning, sentence) in &words.notes {
            let (class, word) = if *is_warning { ("warning", "warning: ") } else { ("info", "") };
            writeln!(out, "<li class=\"{class}\">{}</li>", prose(&capitalised(&format!("{word}{sentence}"))))?;
        }
        writeln!(out, "</ul>")?;
        write_code(&graph.code, &report.metrics, names, bytes, out)?;
        writeln!(out, "<div id=\"metric\"></div>\n<h2>{FLAME_HEADING}</h2>")?;
        write_graph(graph, false, &[], out)?;
        let noun = site_noun(report.granularity);
        let nouns = format!("{noun}s");
        let heading = capitalised(&nouns);
        writeln!(
            out,
            r#"<h2>{heading}</h2>
<div class="toolbar tools"><input type="search" id="filter" placeholder="Filter: a name, a file, confirmed" aria-label="Filter {nouns}"><span id="sort"></span><span id="count" class="found" role="status"></span></div>
<table id="sites" data-noun="{noun}" role="table" aria-label="{heading}; arrow keys move, Enter opens the details"></table>
</main>
<dialog id="details" aria-labelledby="details-title"><button type="button" class="close">Close</button><div class="content"></div></dialog>"#
        )
    })
}

fn write_totals(report: &Report, words: &Words, bytes: Bytes, has_course: bool, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<section class=\"totals\" aria-label=\"Totals\">")?;
    for (column, below) in report.metrics.iter().zip(&words.totals) {
        let (metric, total): (Metric, _) = (column.metric, report.totals);
        let change = total.delta_of(metric);
        let is_certain = report.whole.as_ref().is_none_or(|whole| {
            let growth = if metric == Metric::Space { whole.space } else { whole.objects };
            growth.is_none_or(|growth| growth.verdict() != WholeVerdict::NoChange)
        });
        let class = match change.signum() {
            1 if is_certain => "grew",
            -1 if is_certain => "less",
            _ => "same",
        };
        let percent = total.ratio(metric).map(|ratio| prose(&format!(" ({})", percent(ratio)))).unwrap_or_default();
        let course = if has_course { format!("<div data-course=\"{}\"></div>", key(metric)) } else { String::new() };
        let below = below.as_ref().map(|below| format!("<div class=\"how\">{}</div>", prose(below)));
        writeln!(
            out,
            "<div class=\"card\"><h2>total {}</h2><div class=\"big {class}\">{}</div><div>{}{percent}</div>{}{course}</div>",
            markup(&column.name),
            prose(&delta(metric, change, bytes)),
            prose(&sides(total, metric, bytes)),
            below.unwrap_or_default(),
        )?;
    }
    writeln!(out, "</section>")
}

fn write_findings(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let news: Vec<_> = report.findings.iter().filter(|finding| finding.is_news()).map(FindingJson::new).collect();
    if news.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h2>{}</h2>\n<ul class=\"findings\">", findings_heading(&report.findings).trim_end_matches(':'))?;
    for finding in news {
        writeln!(
            out,
            "<li><p><b>{}</b>{} <span class=\"note\">{}</span></p><p class=\"next\">{}</p><p class=\"note\">Does not prove {}</p></li>",
            markup(&capitalised(finding.title)),
            prose(&finding.message),
            finding.code,
            markup(&capitalised(finding.next)),
            markup(&sanitize(finding.does_not_prove)),
        )?;
    }
    writeln!(out, "</ul>")
}
