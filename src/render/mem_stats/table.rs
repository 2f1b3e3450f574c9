//! `table` of a series of `runtime.MemStats`: the answer, the figures with a line of blocks each, and what to do next.

use std::io::{self, Write};

use comfy_table::{Cell, CellAlignment, Table};
use unicode_width::UnicodeWidthStr;

use super::super::Look;
use super::super::messages::{
    Step, given_rss_message, labelled, measure_label, mem_stats_note_message, memory_growth, no_judgement,
    other_files_read, part_label, pattern_headline, pattern_message, pattern_next_step, single_snapshot_message,
    snapshots_label,
};
use super::super::spark::spark;
use super::super::style::Style;
use super::super::table::new_table;
use super::super::text::{sanitize, wrap};
use super::super::units::{delta, value};
use super::{FIGURES, Figure};
use crate::diff::Metric;
use crate::report::{MemStatsReport, Severity};
use crate::series::{HeapPattern, LiveHeapSource, MemStatsNote, MemoryPart, MemoryParts};

/// Shortest line of blocks, columns.
const MIN_BLOCKS: usize = 8;
const INDENT: &str = "  ";

/// Writes the table.
pub fn write(report: &MemStatsReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    answer(report, look, out)?;
    if let Some(text) = memory_growth(report, look.bytes) {
        paragraph(&text, look, out)?;
    }
    paragraph(&snapshots_label(report), look, out)?;
    writeln!(out)?;
    let bare = rows(report, look, 0);
    let used = bare.trim_fmt().lines().map(UnicodeWidthStr::width).max().unwrap_or(0);
    let blocks = look.width.saturating_sub(used + 2).max(MIN_BLOCKS);
    for line in rows(report, look, blocks).trim_fmt().lines() {
        writeln!(out, "{}", line.trim_end())?;
    }
    if let Some(parts) = &report.breakdown {
        writeln!(out)?;
        if report.snapshots.len() > 1 {
            writeln!(out, "at the last snapshot:")?;
        }
        for line in breakdown(parts, look).trim_fmt().lines() {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    let sentences = [given_rss_message, single_snapshot_message].map(|of| of(report, look.bytes));
    let of_series = report.assessment.notes.iter();
    // The line above says that there is garbage.
    let of_series = of_series.filter(|note| match note {
        MemStatsNote::FirstLeftOut => false,
        MemStatsNote::Garbage(_) => !report.is_beside_trend,
        _ => true,
    });
    let of_series = of_series.map(|note| labelled(note.severity(), &mem_stats_note_message(note, look.bytes)));
    let of_files = other_files_read(&report.others).map(|text| labelled(Severity::Info, &text));
    let more: Vec<_> = sentences.into_iter().flatten().chain(of_series).chain(of_files).collect();
    if !more.is_empty() {
        writeln!(out)?;
    }
    more.iter().try_for_each(|text| paragraph(text, look, out))?;
    next(report, look, out)
}

/// Writes what the snapshots come to, the most important pattern first, each with its figures.
fn answer(report: &MemStatsReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for &pattern in &report.assessment.patterns {
        let [sentence, figures] = pattern_message(pattern, report, look.bytes);
        if report.is_beside_trend && matches!(pattern, HeapPattern::Unknown(_)) {
            paragraph(&no_judgement(&sentence), look, out)?;
            continue;
        }
        let word = pattern_headline(pattern);
        lines(&sanitize(&format!("{word}: {sentence}.")), Some((word, style(pattern))), look, out)?;
        if !figures.is_empty() {
            let figures = wrap(&sanitize(&figures), look.width.saturating_sub(INDENT.len()));
            figures.iter().try_for_each(|line| writeln!(out, "{INDENT}{line}"))?;
        }
    }
    Ok(())
}

/// What to do about each pattern.
fn steps(report: &MemStatsReport) -> Vec<Step> {
    let mut steps: Vec<_> =
        report.assessment.patterns.iter().filter_map(|&pattern| pattern_next_step(pattern, report)).collect();
    steps.dedup();
    steps
}

/// The same, as text.
pub fn advice(report: &MemStatsReport) -> Vec<String> {
    steps(report).iter().map(Step::text).collect()
}

/// Writes what to do about each pattern; beside a trend that is written below both.
fn next(report: &MemStatsReport, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let steps = if report.is_beside_trend { Vec::new() } else { steps(report) };
    if !steps.is_empty() {
        writeln!(out)?;
    }
    steps.iter().try_for_each(|step| match step {
        Step::Advice(text) => paragraph(&format!("Next: {text}"), look, out),
        // Not wrapped, so that it can be pasted.
        Step::Command { shows, command } => writeln!(out, "Next:\n  # shows {shows}\n  {command}"),
    })
}

/// The table, with lines of at most `blocks` blocks.
fn rows(report: &MemStatsReport, look: Look, blocks: usize) -> Table {
    let mut table = new_table();
    let right = |text: String| Cell::new(text).set_alignment(CellAlignment::Right);
    // What does not count is not the base of a change.
    let left_out = report.assessment.left_out;
    let first = if left_out > 0 { format!("snapshot {}", left_out + 1) } else { "first".to_owned() };
    let [first, last, delta_title] = [first, "last".to_owned(), "delta".to_owned()].map(right);
    // Of one snapshot nothing has changed.
    let is_one = report.snapshots.len() == 1;
    if !is_one {
        table.set_header(vec![Cell::new(""), first, last, delta_title, Cell::new("")]);
    }
    for Figure { name, metric, of } in &FIGURES {
        let values: Vec<_> = report.snapshots.iter().map(|(_, stats)| of(stats)).collect();
        if values.iter().all(Option::is_none) {
            continue;
        }
        let after_gc = *name == "HeapAlloc" && report.assessment.source == Some(LiveHeapSource::HeapAlloc);
        let (first, last) = (values.get(left_out).copied().flatten(), values.last().copied().flatten());
        let text = |number: Option<u64>| right(number.map_or(String::new(), |n| value(*metric, n.into(), look.bytes)));
        let change = first.zip(last).map(|(first, last)| i128::from(last) - i128::from(first));
        let name = Cell::new(format!("{name}{}", if after_gc { " after GC" } else { "" }));
        if is_one {
            table.add_row(vec![name, text(last)]);
            continue;
        }
        table.add_row(vec![
            name,
            text(first),
            text(last),
            right(change.map_or(String::new(), |change| delta(*metric, change, look.bytes))),
            Cell::new(spark(&values, blocks)),
        ]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
    }
    table
}

/// All memory of one snapshot, and its parts.
pub(in crate::render) fn breakdown(parts: &MemoryParts, look: Look) -> Table {
    let mut table = new_table();
    let mut add = |label: String, number: Option<u64>| {
        let text = number.map_or("unknown".to_owned(), |number| value(Metric::Space, number.into(), look.bytes));
        table.add_row(vec![Cell::new(label), Cell::new(text).set_alignment(CellAlignment::Right)]);
    };
    let measure = parts.measure.map_or(String::new(), |measure| format!(" ({})", measure_label(measure)));
    add(format!("all memory{measure}"), parts.whole[1]);
    for part in MemoryPart::ALL {
        add(format!("  {}", part_label(part, parts)), parts.of(part)[1]);
    }
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 1));
    }
    table
}

fn style(pattern: HeapPattern) -> Style {
    match pattern {
        HeapPattern::Leak
        | HeapPattern::Bloat
        | HeapPattern::Grows
        | HeapPattern::GoroutineLeak
        | HeapPattern::StacksGrew
        | HeapPattern::OutsideGo
        | HeapPattern::ProfilerBuckets => Style::Alarm,
        HeapPattern::Grew
        | HeapPattern::Fragmentation
        | HeapPattern::RetainedIdle
        | HeapPattern::Unknown(_)
        | HeapPattern::Undecided => Style::Warning,
        HeapPattern::Decelerating
        | HeapPattern::Levelled
        | HeapPattern::Fluctuating
        | HeapPattern::OneStep
        | HeapPattern::NoGrowth => Style::Good,
    }
}

fn paragraph(text: &str, look: Look, out: &mut dyn Write) -> io::Result<()> {
    lines(&sanitize(text), None, look, out)
}

/// Writes text in lines. `painted`: the start of the text, and its style.
fn lines(text: &str, painted: Option<(&str, Style)>, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (at, line) in wrap(text, look.width.saturating_sub(INDENT.len())).iter().enumerate() {
        match painted.and_then(|(start, style)| Some((start, style, line.strip_prefix(start)?))) {
            Some((start, style, rest)) if at == 0 => writeln!(out, "{}{rest}", look.painted(style, start))?,
            _ => writeln!(out, "{}{line}", if at == 0 { "" } else { INDENT })?,
        }
    }
    Ok(())
}
