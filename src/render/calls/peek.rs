//! Functions between their callers and callees.

use std::io::{self, Write};

use super::super::Look;
use super::super::units::count;
use super::super::words::plain;
use super::{Entry, Sheet};
use crate::diff::Change;
use crate::report::PeekReport;
use crate::stacks::{CallEdge, Peek};

/// Writes the functions, each with so many callers and callees at most.
pub fn write(report: &PeekReport<'_, '_>, most: usize, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let calls = report.peeks.iter().flat_map(|peek| peek.callers.iter().chain(&peek.callees));
    let functions = calls.filter_map(|call| call.function).chain(report.peeks.iter().map(|peek| peek.function));
    let sheet = Sheet::new(&report.of, &functions.collect::<Vec<_>>(), &[], look);
    sheet.head(&format!("functions that match {}", plain(&report.pattern)), out)?;
    for peek in &report.peeks {
        writeln!(out)?;
        write_peek(&sheet, report, peek, most, out)?;
    }
    let more = (report.of.omitted > 0)
        .then(|| format!("not shown: {}; --all lists every function", count(report.of.omitted, "more function")));
    sheet.foot(more.as_slice(), out)
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
            let name = call
                .function
                .map_or("nothing: the stack begins here".to_owned(), |function| sheet.name(report.of.calls, function));
            entry(call.change, name)
        };
        let mut entries: Vec<_> = calls.iter().take(most).map(call).collect();
        if let Some(rest @ [_, ..]) = calls.get(most..) {
            let mut change = Change::default();
            rest.iter().for_each(|call| change += call.change);
            entries.push(entry(change, count(rest.len(), "more function")));
        }
        entries
    };
    let mut own =
        vec![entry(peek.cum, "cum: and all it calls".to_owned()), entry(peek.flat, "flat: itself".to_owned())];
    own.extend(peek.recursive.map(|change| entry(change, "of cum on stacks on which it calls itself".to_owned())));
    let callees = shown(&peek.callees);
    let callees = if callees.is_empty() { Vec::new() } else { vec![("calls".to_owned(), callees)] };
    let sections = [(format!("callers of {name}"), shown(&peek.callers)), (name, own)];
    sheet.sections(&sections.into_iter().chain(callees).collect::<Vec<_>>(), out)
}
