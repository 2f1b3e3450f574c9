//! `markdown`: for people on a page, such as a pull request's. Names stand in full.

use std::io::{self, Write};

use super::units::{Bytes, both, delta};
use super::words::{plain, rank, rest, title, what_and_how_sure};
use crate::diff::Metric;
use crate::report::{List, Report, SiteRow};

pub(super) fn write(report: &Report, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "## Heap diff: {} → {}",
        code(&report.base.inputs.join(" + ")),
        code(&report.current.inputs.join(" + "))
    )?;
    writeln!(out, "\n| by {} | delta | base → current |\n|---|---:|---:|", report.granularity.name())?;
    for metric in [Metric::Space, Metric::Objects] {
        let total = report.totals;
        let numbers = both(metric, total.base_of(metric), total.current_of(metric), bytes);
        writeln!(out, "| total `{}` | {} | {numbers} |", metric.name(), delta(metric, total.delta_of(metric), bytes))?;
    }
    for list in &report.lists {
        write_list(report, list, bytes, out)?;
    }
    let sentences = rest(report, bytes);
    if !sentences.is_empty() || !report.notes.is_empty() {
        writeln!(out)?;
    }
    for sentence in sentences {
        writeln!(out, "- {}", escape(&sentence))?;
    }
    for note in &report.notes {
        writeln!(out, "- **{}** ({}): {}", note.severity().name(), note.code(), escape(&note.message()))?;
    }
    Ok(())
}

fn write_list(report: &Report, list: &List, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let metric = list.metric;
    let name = format!("`{}`", metric.name());
    if list.sites.is_empty() {
        return writeln!(out, "\n{}", title(report, list, &name));
    }
    writeln!(out, "\n### {}\n", title(report, list, &name))?;
    writeln!(out, "| # | inuse_space | base → current | inuse_objects | base → current | site | at | what | for |")?;
    writeln!(out, "|---:|---:|---:|---:|---:|---|---|---|---|")?;
    list.sites.iter().try_for_each(|&at| write_row(report, &report.sites[at], metric, bytes, out))
}

fn write_row(report: &Report, site: &SiteRow, metric: Metric, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "| {} |", rank(site, metric))?;
    for metric in [Metric::Space, Metric::Objects] {
        let values = site.values(report.basis);
        let numbers = both(metric, values.base_of(metric), values.current_of(metric), bytes);
        write!(out, " {} | {numbers} |", delta(metric, values.delta_of(metric), bytes))?;
    }
    let owner = site.owner.as_ref().map(|owner| code(&owner.function)).unwrap_or_default();
    writeln!(out, " {} | {} | {} | {owner} |", code(&site.name), place(site), what_and_how_sure(report, site))
}

fn place(site: &SiteRow) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => code(&format!("{file}:{line}")),
        (Some(file), None) => code(file),
        (None, _) => String::new(),
    }
}

/// Text as code in a table: a bar would end the cell, a backtick the code.
fn code(text: &str) -> String {
    format!("`{}`", plain(text).replace('`', "'").replace('|', "\\|"))
}

/// Text that is not to be taken for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}
