//! `table` of `peek`: functions between their callers and callees.

use std::io::{self, Write};

use super::super::Look;
use super::super::messages::stacks::{
    CUM_LABEL, FLAT_LABEL, NO_CALLER, OWNED_LABEL, RECURSIVE_LABEL, function_answer, functions_matched,
    mostly_called_by, omitted_sentence, percent_of,
};
use super::super::units::count;
use super::{Entry, Sheet};
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
    sheet.foot(omitted_sentence(report.of.omitted, "function").as_slice(), out)
}

/// What the first function comes to, which caller most of that comes through, and how many functions there are.
fn answer(sheet: &Sheet<'_>, report: &PeekReport<'_, '_>) -> String {
    let Some(peek) = report.peeks.first() else { return functions_matched(0, &report.pattern) };
    let name = sheet.name(report.of.calls, peek.function);
    let metric = report.of.sort;
    let changes = [peek.cum, peek.owned, peek.flat];
    let growth = report.of.calls.growth(report.of.sort);
    let mut parts = vec![function_answer(&name, changes, growth, (metric, &sheet.unit()), sheet.look.bytes)];
    let most = peek.callers.iter().filter_map(|call| {
        let percent = percent_of(call.change.delta_of(metric), peek.cum.delta_of(metric))?;
        Some((percent, sheet.name(report.of.calls, call.function?)))
    });
    parts.extend(
        most.max().filter(|(percent, _)| *percent > 0).map(|(percent, caller)| mostly_called_by(&caller, percent)),
    );
    let all = report.peeks.len() + report.of.omitted;
    parts.extend((all > 1).then(|| functions_matched(all, &report.pattern)));
    parts.join("; ")
}

fn write_peek(
    sheet: &Sheet<'_>,
    report: &PeekReport<'_, '_>,
    peek: &Peek,
    most: usize,
    out: &mut dyn Write,
) -> io::Result<()> {
    let name = sheet.name(report.of.calls, peek.function);
    let entry = |change: Change, text: String| Entry { change, text, indent: 2 };
    let shown = |calls: &[CallEdge]| -> Vec<Entry> {
        let call = |call: &CallEdge| {
            let name = call.function.map(|function| sheet.name(report.of.calls, function));
            entry(call.change, name.unwrap_or_else(|| NO_CALLER.to_owned()))
        };
        let mut entries: Vec<_> = calls.iter().take(most).map(call).collect();
        if let Some(rest @ [_, ..]) = calls.get(most..) {
            let mut change = Change::default();
            rest.iter().for_each(|call| change += call.change);
            entries.push(entry(change, count(rest.len(), "more function")));
        }
        entries
    };
    let mut own = vec![entry(peek.cum, CUM_LABEL.to_owned()), entry(peek.flat, FLAT_LABEL.to_owned())];
    if ![peek.flat, peek.cum, Change::default()].contains(&peek.owned) {
        own.insert(1, entry(peek.owned, OWNED_LABEL.to_owned()));
    }
    own.extend(peek.recursive.map(|change| entry(change, RECURSIVE_LABEL.to_owned())));
    let callees = shown(&peek.callees);
    let callees = if callees.is_empty() { Vec::new() } else { vec![("calls".to_owned(), callees)] };
    let sections = [("called by".to_owned(), shown(&peek.callers)), (name, own)];
    sheet.sections(&sections.into_iter().chain(callees).collect::<Vec<_>>(), out)
}
