//! `markdown`: for people on a page, such as a pull request's. Names stand in full.

use std::io::{self, Write};

use super::units::{Bytes, both, count, delta};
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
    if !report.notes.is_empty() {
        writeln!(out)?;
    }
    for note in &report.notes {
        writeln!(out, "- **{}** ({}): {}", note.severity().name(), note.code(), escape(&note.message()))?;
    }
    Ok(())
}

fn write_list(report: &Report, list: &List, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let metric = list.metric;
    if list.sites.is_empty() {
        writeln!(out, "\nNo site grew in `{}`.", metric.name())?;
    } else {
        writeln!(out, "\n### Most grown in `{}`\n", metric.name())?;
        writeln!(
            out,
            "| # | inuse_space | base → current | inuse_objects | base → current | site | at | growth | for |"
        )?;
        writeln!(out, "|---:|---:|---:|---:|---:|---|---|---|---|")?;
    }
    for &at in &list.sites {
        write_row(report, &report.sites[at], metric, bytes, out)?;
    }
    let amount = |number: i128| format!("{} in `{}`", delta(metric, number, bytes), metric.name());
    if list.omitted.sites > 0 {
        let sites = count(list.omitted.sites, "more site");
        writeln!(out, "\nNot shown: {sites} ({}).", amount(metric.of(list.omitted.delta)))?;
    }
    if list.shrank.sites > 0 {
        let sites = count(list.shrank.sites, "site");
        writeln!(out, "\nShrank: {sites} ({}).", amount(metric.of(list.shrank.delta)))?;
    }
    Ok(())
}

fn write_row(report: &Report, site: &SiteRow, metric: Metric, bytes: Bytes, out: &mut dyn Write) -> io::Result<()> {
    let rank = match metric {
        Metric::Space => site.space_rank,
        Metric::Objects => site.objects_rank,
    };
    write!(out, "| {rank} |")?;
    for metric in [Metric::Space, Metric::Objects] {
        let values = site.values(report.basis);
        let numbers = both(metric, values.base_of(metric), values.current_of(metric), bytes);
        write!(out, " {} | {numbers} |", delta(metric, values.delta_of(metric), bytes))?;
    }
    let owner = site.owner.as_ref().map(|owner| code(&owner.function)).unwrap_or_default();
    let growth = site.growth.map(|growth| growth.name()).unwrap_or_default();
    writeln!(out, " {} | {} | {growth} | {owner} |", code(&site.name), place(site))
}

fn place(site: &SiteRow) -> String {
    match (&site.file, site.line) {
        (Some(file), Some(line)) => code(&format!("{file}:{line}")),
        (Some(file), None) => code(file),
        (None, _) => String::new(),
    }
}

/// Text as code in a table: a bar would end the cell, a backtick the code, a control character the line.
fn code(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    format!("`{}`", text.replace('`', "'").replace('|', "\\|"))
}

/// Text that is not to be taken for markup.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' => escaped.extend(['\\', c]),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
