//! `markdown`: for people on a page, such as the summary of a pull request or a job. Names are in full below the first sentence, which is
//! that of all formats.

use std::io::{self, Write};

use super::display_names::DisplayNames;
use super::messages::{
    BUDGET_HEADING, NoteLine, SiteViolations, acceptance_to_paste, answer, capitalised, caught_and_accepted, cautions,
    empty_list, finding_lines, findings_heading, footnotes, gate_headline, growth_and_significance, inputs, labelled,
    legend, more_lines, noise_heading, noise_line, note_lines, note_message, number_titles, origin, other_names_label,
    other_reasons, row_rank, rules_line, scope_label, site_noun, site_violations, steps, steps_heading, whole_line,
};
use super::text::sanitize;
use super::units::{Bytes, delta, sides};
use crate::diff::Metric;
use crate::gate::{GateResult, Status};
use crate::report::{Report, ShownMetric, SiteLine, SiteRow};
use crate::site::Granularity;

/// Functions of which it is shown how their growth is allowed.
const MAX_ALLOWED: usize = 20;
/// Violations that get a row: GitHub accepts summaries of at most 1 MiB.
const MAX_VIOLATIONS: usize = 100;

pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let both = |base, current| format!("{} → {}", code(&inputs(base)), code(&inputs(current)));
    let against = report.usual.as_ref().map(|[base, current]| format!(", against {}", both(base, current)));
    let against = against.unwrap_or_default();
    let origin = origin(report).map(|origin| format!(": {origin}")).unwrap_or_default();
    let inputs = format!("{}{origin}{against}, {}", both(&report.base, &report.current), scope_label(report));
    match &report.gate {
        None => writeln!(out, "## Heap diff: {inputs}")?,
        Some(result) => write_verdict(report, result, &inputs, out)?,
    }
    for note in cautions(report) {
        writeln!(out, "\n**{}**", escape(&labelled(note.severity(), &note_message(note))))?;
    }
    let names = DisplayNames::of_report(report);
    if let Some(answer) = answer(report, &|site| names.site(site).to_owned(), bytes) {
        writeln!(out, "\n**{}**", escape(&answer))?;
    }
    writeln!(out, "\n{}", escape(&capitalised(&whole_line(report, bytes))))?;
    match &report.gate {
        None => write_sites(report, bytes, out)?,
        Some(result) => write_gate(report, result, bytes, out)?,
    }
    let sentences = footnotes(report, bytes);
    let notes = note_lines(report, false);
    if !sentences.is_empty() || !notes.is_empty() {
        writeln!(out)?;
    }
    for sentence in sentences {
        writeln!(out, "- {}", escape(&sentence))?;
    }
    for NoteLine { severity, code, message } in notes {
        writeln!(out, "- **{}** ({code}): {}", severity.name(), escape(&message))?;
    }
    for (at, line) in finding_lines(&report.findings, report.lead(), bytes).enumerate() {
        if at == 0 {
            writeln!(out, "\n{}\n", findings_heading(&report.findings))?;
        }
        writeln!(out, "- {}", escape(&line))?;
    }
    let steps = steps(report);
    if !steps.is_empty() {
        writeln!(out, "\n<details>\n<summary>{}</summary>\n\n```sh", steps_heading(report))?;
        steps.iter().try_for_each(|command| writeln!(out, "{command}"))?;
        writeln!(out, "```\n\n</details>")?;
    }
    report.gate.as_ref().map_or(Ok(()), |result| write_acceptance(report, result, out))
}

/// How growth that is meant is accepted.
fn write_acceptance(report: &Report, result: &GateResult, out: &mut dyn Write) -> io::Result<()> {
    let Some(paste) = acceptance_to_paste(report, result, MAX_ALLOWED) else { return Ok(()) };
    if paste.config.is_empty() {
        return writeln!(out, "\n{}", escape(&paste.heading));
    }
    writeln!(out, "\n<details>\n<summary>{}</summary>\n\n```toml", escape_html(&paste.heading))?;
    paste.config.iter().try_for_each(|line| writeln!(out, "{line}"))?;
    if let Some(command) = paste.command {
        writeln!(out, "```\n\n{BUDGET_HEADING}\n\n```sh\n{command}")?;
    }
    writeln!(out, "```\n\n</details>")
}

/// Escapes text for HTML.
fn escape_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

/// Writes a paragraph for a check that could not be made.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = text.lines().map(escape).collect();
    writeln!(out, "## ❌ Heap check: error\n\n{}", lines.join("<br>\n"))
}

/// The result of a check, in a heading.
fn write_verdict(report: &Report, result: &GateResult, inputs: &str, out: &mut dyn Write) -> io::Result<()> {
    let sign = match result.status {
        Status::Pass => "✅",
        Status::Fail => "❌",
        Status::Inconclusive => "⚠️",
    };
    writeln!(out, "## {sign} Heap check: {}", result.status.name())?;
    writeln!(out, "\n{}: {inputs}", gate_headline(report, result))
}

/// What breaks the rules, why, and the rules.
fn write_gate(report: &Report, result: &GateResult, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    if !result.violations.is_empty() {
        let noun = site_noun(report.granularity);
        writeln!(out, "\n| {noun} |{} how sure | where | called by | limit |", titles(report))?;
        writeln!(out, "|---|{}---|---|---|---|", "---:|---:|".repeat(report.metrics.len()))?;
    }
    for violations in site_violations(report, result).take(MAX_VIOLATIONS) {
        write_violations(report, &violations, bytes, out)?;
    }
    let more = site_violations(report, result).skip(MAX_VIOLATIONS).count();
    if more > 0 {
        writeln!(out, "\nand {more} more")?;
    }
    let reasons = other_reasons(report, result);
    if !reasons.is_empty() {
        writeln!(out)?;
    }
    reasons.iter().try_for_each(|reason| writeln!(out, "- {}", escape(reason)))?;
    writeln!(out, "\n{}", escape(&rules_line(report, result)))?;
    for (at, sentence) in caught_and_accepted(report, result, bytes).iter().enumerate() {
        let space = if at == 0 { "\n" } else { "" };
        writeln!(out, "{space}- {}", escape(sentence))?;
    }
    Ok(())
}

fn write_violations(
    report: &Report,
    violations: &SiteViolations<'_>,
    bytes: Bytes,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = if violations.site.is_some() { code(violations.name()) } else { violations.name().to_owned() };
    let name = with_line(name, violations.names());
    write!(out, "| {name} |")?;
    let change = violations.change();
    for metric in report.shown_metrics() {
        write!(out, " {} | {} |", delta(metric, change.delta_of(metric), bytes), sides(change, metric, bytes))?;
    }
    let place = violations.site.map(|site| places(report, site, bytes)).unwrap_or_default();
    let owner =
        violations.site.and_then(|site| site.owner.as_ref()).map(|owner| code(&owner.function)).unwrap_or_default();
    let (significance, limits) = (escape(&violations.significance(bytes)), escape(&violations.limits(bytes)));
    writeln!(out, " {significance} | {place} | {owner} | {limits} |")
}

/// The list of sites, and what is within noise.
fn write_sites(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let Some(list) = &report.list else { return Ok(()) };
    if let Some(sentence) = empty_list(report) {
        writeln!(out, "\n{}", escape(&sentence))?;
    }
    if list.sites.is_empty() {
        return Ok(());
    }
    if let Some(heading) = noise_heading(report) {
        writeln!(out, "\n{}", escape(heading))?;
    }
    let noun = site_noun(report.granularity);
    // Nothing calls a variable.
    let [title, line] = if has_owners(report) { [" called by |", "---|"] } else { [""; 2] };
    writeln!(out, "\n| # |{} {noun} | where | what |{title}", titles(report))?;
    writeln!(out, "|---:|{}---|---|---|{line}", "---:|---:|".repeat(report.metrics.len()))?;
    let mut rows = list.sites.iter().zip(1..);
    rows.try_for_each(|(&at, number)| write_row(report, &report.sites[at], number, bytes, out))?;
    let below: Vec<_> = noise_line(report, bytes).into_iter().chain(legend(report, &[])).collect();
    if !below.is_empty() {
        writeln!(out, "\n{}", escape(&below.join(". ")))?;
    }
    Ok(())
}

fn write_row(report: &Report, site: &SiteRow, number: usize, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| {number} |")?;
    for metric in report.shown_metrics() {
        let values = site.values(report.attribution);
        write!(out, " {} | {} |", delta(metric, values.delta_of(metric), bytes), sides(values, metric, bytes))?;
    }
    let owner = || site.owner.as_ref().map(|owner| code(&owner.function)).unwrap_or_default();
    let owner = if has_owners(report) { format!(" {} |", owner()) } else { String::new() };
    let name = with_line(code(&site.name), other_names_label(site));
    let what = [Some(growth_and_significance(report, site)), row_rank(report, site)];
    let what = what.into_iter().flatten().collect::<Vec<_>>().join(", ");
    writeln!(out, " {name} | {} | {} |{owner}", places(report, site, bytes), escape(&what))
}

fn has_owners(report: &Report) -> bool {
    report.granularity != Granularity::Roots
}

/// Where a site allocates: its lines, each with its growth, or the one that grew most.
fn places(report: &Report, site: &SiteRow, bytes: Bytes) -> String {
    let lines = site.main_lines();
    if lines.is_empty() {
        return place(report, site.file.as_deref(), site.line);
    }
    let metric = report.list.as_ref().map_or(Metric::Space, |list| list.metric);
    let line = |line: &SiteLine| {
        let callee = line.callee.as_deref().map(|callee| format!(" {}", code(callee))).unwrap_or_default();
        let place = place(report, line.file.as_deref(), line.line);
        let place = if place.is_empty() { place } else { format!(" {place}") };
        format!("{}{place}{callee}", delta(metric, line.change.delta_of(metric), bytes))
    };
    let (more, sum) = site.other_lines();
    let more = (more > 0).then(|| more_lines(report.granularity, more, metric, metric.of(sum), bytes));
    lines.iter().map(line).chain(more).collect::<Vec<_>>().join("<br>")
}

/// A cell with a second line.
fn with_line(cell: String, line: Option<String>) -> String {
    line.map(|line| format!("{cell}<br>{}", escape(&line))).unwrap_or(cell)
}

/// Titles of the columns of numbers.
fn titles(report: &Report) -> String {
    let [growth, base, current] = number_titles(report);
    let titles = |column: &ShownMetric| format!(" {} {growth} | {base} → {current} |", escape_cell(&column.name));
    report.metrics.iter().map(titles).collect()
}

/// Escapes text for a cell, which a bar would end.
fn escape_cell(text: &str) -> String {
    sanitize(text).replace('|', "\\|")
}

/// A line of a file, relative to the working directory where it is in that.
fn place(report: &Report, file: Option<&str>, line: Option<i64>) -> String {
    let Some(file) = file else { return String::new() };
    let file = report.found_files.get(file).and_then(|found| found.relative.as_deref()).unwrap_or(file);
    code(&line.map_or_else(|| file.to_owned(), |line| format!("{file}:{line}")))
}

/// Formats text as code in a table, where a bar would end the cell and a backtick the code.
fn code(text: &str) -> String {
    format!("`{}`", sanitize(text).replace('`', "'").replace('|', "\\|"))
}

/// Escapes text for a paragraph.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in sanitize(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::super::{Format, sample};
    use super::*;

    fn text(status: Status) -> String {
        sample::text(&sample::report(status), Format::Markdown, false)
    }

    #[test]
    fn names_from_a_file_are_escaped() {
        let row = r#"
| `main.load\u{a}:\u{3a}error::\u{1b}[31m]]>&<b>'\|"'100%\u{202e}` | +128 KiB | 0 B → 128 KiB | +2 | 0 → 2 | confirmed, p = 5.6e-7, 1 sample, up from 0 |  |  | inuse\_space may grow by 64.0 KiB (allowed 65536: a \<cache\> \| 50% full), but grew by at least 64.0 KiB |
"#;
        let text = text(Status::Fail);
        assert!(text.contains(row), "{text}");
        assert!(text.contains("\n\n**warning: base and current are the same profile**\n"), "{text}");
    }

    #[test]
    fn a_pass_and_a_doubt_have_their_signs() {
        let pass = text(Status::Pass);
        assert!(pass.starts_with("## ✅ Heap check: pass\n\nnone of 31 functions grew beyond its limit: "), "{pass}");
        let doubt = text(Status::Inconclusive);
        assert!(doubt.starts_with("## ⚠️ Heap check: inconclusive\n\nthe data cannot tell "), "{doubt}");
        assert!(doubt.contains("\n\n- the sampling rate is unknown, or not the same "), "{doubt}");
    }
}
