//! `markdown`: for people on a page, such as the summary of a pull request or a job. Names are in full.

use std::io::{self, Write};

use super::messages::gate::reasons;
use super::messages::{
    SiteViolations, commands, coverage, finding_lines, footnotes, gate_headline, growth_and_significance, inputs,
    list_heading, note_message, other_names_label, rules_line, scope_label, site_violations, whole_sentence,
};
use super::text::sanitize;
use super::units::{Bytes, delta, sides};
use crate::gate::{GateResult, Status};
use crate::report::{List, Report, ShownMetric, SiteRow};

/// Violations that get a row: GitHub accepts summaries of at most 1 MiB.
const MAX_VIOLATIONS: usize = 100;

pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let inputs = format!("{} → {}", code(&inputs(&report.base)), code(&inputs(&report.current)));
    match &report.gate {
        None => writeln!(out, "## Heap diff: {inputs}")?,
        Some(result) => write_gate(report, result, &inputs, bytes, out)?,
    }
    if let Some(sentence) = whole_sentence(report, bytes) {
        writeln!(out, "\n{}", escape(&sentence))?;
    }
    writeln!(out, "\n| {} | delta | base → current |\n|---|---:|---:|", scope_label(report))?;
    for ShownMetric { metric, name } in &report.metrics {
        let (metric, total) = (*metric, report.totals);
        let numbers = sides(total, metric, bytes);
        let change = delta(metric, total.delta_of(metric), bytes);
        writeln!(out, "| total {} | {change} | {numbers} |", code(name))?;
    }
    for list in &report.lists {
        write_list(report, list, bytes, out)?;
    }
    let sentences = footnotes(report, bytes);
    if !sentences.is_empty() || !report.notes.is_empty() {
        writeln!(out)?;
    }
    for sentence in sentences {
        writeln!(out, "- {}", escape(&sentence))?;
    }
    for note in &report.notes {
        writeln!(out, "- **{}** ({}): {}", note.severity().name(), note.code(), escape(&note_message(note)))?;
    }
    for (at, line) in finding_lines(&report.findings, bytes).enumerate() {
        if at == 0 {
            writeln!(out, "\nSuggests:\n")?;
        }
        writeln!(out, "- {}", escape(&line))?;
    }
    Ok(())
}

/// Writes a paragraph for a check that could not be made.
pub(super) fn write_failure(text: &str, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = text.lines().map(escape).collect();
    writeln!(out, "## ❌ Heap check: error\n\n{}", lines.join("<br>\n"))
}

fn write_gate(report: &Report, result: &GateResult, inputs: &str, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let sign = match result.status {
        Status::Pass => "✅",
        Status::Fail => "❌",
        Status::Inconclusive => "⚠️",
    };
    writeln!(out, "## {sign} Heap check: {}", result.status.name())?;
    writeln!(out, "\n{}: {inputs}", gate_headline(report, result))?;
    writeln!(out, "\n{}", escape(&rules_line(result)))?;
    for (at, sentence) in coverage(report, result, bytes).iter().enumerate() {
        let space = if at == 0 { "\n" } else { "" };
        writeln!(out, "{space}- {}", escape(sentence))?;
    }
    if !result.violations.is_empty() {
        writeln!(out, "\n| site |{} how sure | at | for | limit |", titles(report))?;
        writeln!(out, "|---|{}---|---|---|---|", "---:|---:|".repeat(report.metrics.len()))?;
    }
    for violations in site_violations(report, result).take(MAX_VIOLATIONS) {
        write_violations(report, &violations, bytes, out)?;
    }
    let more = site_violations(report, result).skip(MAX_VIOLATIONS).count();
    if more > 0 {
        writeln!(out, "\nand {more} more")?;
    }
    let commands = commands(report, result);
    if !commands.is_empty() {
        writeln!(out, "\n<details>\n<summary>Look further</summary>\n\n```sh")?;
        commands.iter().try_for_each(|command| writeln!(out, "{command}"))?;
        writeln!(out, "```\n\n</details>")?;
    }
    let reasons = reasons(report, result);
    if !reasons.is_empty() {
        writeln!(out)?;
    }
    reasons.iter().try_for_each(|reason| writeln!(out, "- {}", escape(reason)))
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
    let place = violations.site.map(place).unwrap_or_default();
    let owner =
        violations.site.and_then(|site| site.owner.as_ref()).map(|owner| code(&owner.function)).unwrap_or_default();
    let (significance, limits) = (escape(&violations.significance(bytes)), escape(&violations.limits(bytes)));
    writeln!(out, " {significance} | {place} | {owner} | {limits} |")
}

fn write_list(report: &Report, list: &List, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let metric = list.metric;
    let name = code(report.name(metric));
    if list.sites.is_empty() {
        return writeln!(out, "\n{}", list_heading(report, list, &name));
    }
    writeln!(out, "\n### {}\n", list_heading(report, list, &name))?;
    writeln!(out, "| # |{} site | at | what | for |", titles(report))?;
    writeln!(out, "|---:|{}---|---|---|---|", "---:|---:|".repeat(report.metrics.len()))?;
    let mut rows = list.sites.iter().zip(1..);
    rows.try_for_each(|(&at, number)| write_row(report, &report.sites[at], number, bytes, out))
}

fn write_row(report: &Report, site: &SiteRow, number: usize, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| {number} |")?;
    for metric in report.shown_metrics() {
        let values = site.values(report.attribution);
        write!(out, " {} | {} |", delta(metric, values.delta_of(metric), bytes), sides(values, metric, bytes))?;
    }
    let owner = site.owner.as_ref().map(|owner| code(&owner.function)).unwrap_or_default();
    let name = with_line(code(&site.name), other_names_label(site));
    writeln!(out, " {name} | {} | {} | {owner} |", place(site), growth_and_significance(report, site))
}

/// A cell with a second line.
fn with_line(cell: String, line: Option<String>) -> String {
    line.map(|line| format!("{cell}<br>{}", escape(&line))).unwrap_or(cell)
}

/// Titles of the columns of numbers.
fn titles(report: &Report) -> String {
    report.metrics.iter().map(|column| format!(" {} | base → current |", escape_cell(&column.name))).collect()
}

/// Escapes text for a cell, which a bar would end.
fn escape_cell(text: &str) -> String {
    sanitize(text).replace('|', "\\|")
}

fn place(site: &SiteRow) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => code(&format!("{file}:{line}")),
        (Some(file), None) => code(file),
        (None, _) => String::new(),
    }
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
| `main.load�::error::�[31m]]>&<b>'\|"'100%�` | +128 KiB | 0 B → 128 KiB | +2 | 0 → 2 | confirmed, p = 5.6e-7, 1 sample where there were none |  |  | allowed 65536: a \<cache\> \| 50% full (inuse\_space may grow by 64.0 KiB and grew by at least 64.0 KiB) |
"#;
        let text = text(Status::Fail);
        assert!(text.contains(row), "{text}");
        assert!(text.ends_with("\n- **warning** (same_profile): base and current are the same profile\n"), "{text}");
    }

    #[test]
    fn a_pass_and_a_doubt_have_their_signs() {
        let pass = text(Status::Pass);
        assert!(pass.starts_with("## ✅ Heap check: pass\n\nnone of 31 sites grows more than it may: "), "{pass}");
        let doubt = text(Status::Inconclusive);
        assert!(doubt.starts_with("## ⚠️ Heap check: inconclusive\n\nthe data cannot tell "), "{doubt}");
        assert!(doubt.contains("\n\n- the profiles do not say how often was sampled, "), "{doubt}");
    }
}
