//! `table` of `peek`: functions between their callers and callees.

use std::io::{self, Write};

use super::super::Look;
use super::super::messages::stacks::{
    OWNED_LABEL, RECURSIVE_LABEL, function_answer, functions_matched, mostly_called_by, omitted_sentence, percent_of,
};
use super::super::units::count;
use super::{Entry, Sheet, words};
use crate::diff::Change;
use crate::report::PeekReport;
use crate::stacks::{CallEdge, Peek};

/// Writes the functions, each with at most `most` callers and callees.
pub fn write(report: &PeekReport<'_, '_>, most: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let calls = report.peeks.iter().flat_map(|peek| peek.callers.iter().chain(&peek.callees));
    let functions = calls.filter_map(|call| call.function).chain(report.peeks.iter().map(|peek| peek.function));
    let sheet = Sheet::new(&report.of, &functions.collect::<Vec<_>>(), &[], look);
    sheet.head(&answer(&sheet, report), out)?;
    for peek in &report.peeks {
        writeln!(out)?;
        write_peek(&sheet, report, peek, most, out)?;
    }
    sheet.foot(omitted_sentence(report.of.omitted, words(report.of.calls).frame).as_slice(), out)
}

/// What the first function comes to, which caller most of that comes through, and how many functions there are.
fn answer(sheet: &Sheet<'_>, report: &PeekReport<'_, '_>) -> String {
    let words = words(report.of.calls);
    let Some(peek) = report.peeks.first() else { return functions_matched(0, &report.pattern, words) };
    let name = sheet.name(report.of.calls, peek.function);
    let metric = report.of.sort;
    let changes = [peek.cum, owned(report, peek), peek.flat];
    let growth = report.of.calls.growth(report.of.sort);
    let unit = |number| sheet.unit(number);
    let mut parts = vec![function_answer(&name, changes, growth, (metric, &unit), words, sheet.look.bytes)];
    let most = peek.callers.iter().filter_map(|call| {
        let percent = percent_of(call.change.delta_of(metric), peek.cum.delta_of(metric))?;
        Some((percent, sheet.name(report.of.calls, call.function?)))
    });
    parts.extend(
        most.max()
            .filter(|(percent, _)| *percent > 0)
            .map(|(percent, caller)| mostly_called_by(&caller, percent, words)),
    );
    let all = report.peeks.len() + report.of.omitted;
    parts.extend((all > 1).then(|| functions_matched(all, &report.pattern, words)));
    parts.join("; ")
}

/// What is allocated for a function as the owner; nothing for a variable, which owns all that it holds.
fn owned(report: &PeekReport<'_, '_>, peek: &Peek) -> Change {
    if report.of.calls.are_references { Change::default() } else { peek.owned }
}

fn write_peek(
    sheet: &Sheet<'_>,
    report: &PeekReport<'_, '_>,
    peek: &Peek,
    most: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (name, words) = (sheet.name(report.of.calls, peek.function), words(report.of.calls));
    let entry = |change: Change, text: String| Entry { change, text, indent: 2 };
    let shown = |calls: &[CallEdge]| -> Vec<Entry> {
        let call = |call: &CallEdge| {
            let name = call.function.map(|function| sheet.name(report.of.calls, function));
            entry(call.change, name.unwrap_or_else(|| words.none_before.to_owned()))
        };
        let mut entries: Vec<_> = calls.iter().take(most).map(call).collect();
        if let Some(rest @ [_, ..]) = calls.get(most..) {
            let mut change = Change::default();
            rest.iter().for_each(|call| change += call.change);
            entries.push(entry(change, count(rest.len(), &format!("more {}", words.frame))));
        }
        entries
    };
    let mut own = vec![entry(peek.cum, words.cum.to_owned()), entry(peek.flat, words.flat.to_owned())];
    let owned = owned(report, peek);
    if ![peek.flat, peek.cum, Change::default()].contains(&owned) {
        own.insert(1, entry(owned, OWNED_LABEL.to_owned()));
    }
    own.extend(peek.recursive.map(|change| entry(change, RECURSIVE_LABEL.to_owned())));
    let callees = shown(&peek.callees);
    let callees = if callees.is_empty() { Vec::new() } else { vec![(words.after.to_owned(), callees)] };
    let sections = [(words.before.to_owned(), shown(&peek.callers)), (name, own)];
    sheet.sections(&sections.into_iter().chain(callees).collect::<Vec<_>>(), out)
}
