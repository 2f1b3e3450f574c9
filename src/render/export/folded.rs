//! Folded stacks of two sides: `main;caller;callee 1024 4096`, a line each, as the tools for differential flame graphs
//! read them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::calls::Calls;
use crate::diff::{Change, Metric};

/// Writes a line for each stack of functions that has anything on a side, sorted.
pub(super) fn write(calls: &Calls<'_>, metric: Metric, out: &mut dyn Write) -> io::Result<()> {
    // A function's name ends at a semicolon here, and a line at its end.
    let name = |function: &crate::site::SiteKey<'_>| function.name().replace([';', '\n', '\r'], ":");
    let names: Vec<_> = calls.functions.iter().map(name).collect();
    let mut lines: BTreeMap<String, Change> = BTreeMap::new();
    for stack in &calls.stacks {
        let functions = stack.frames.iter().map(|&frame| calls.frames[frame as usize].function);
        let folded: Vec<_> = functions.map(|function| names[function as usize].as_str()).collect();
        *lines.entry(folded.join(";")).or_default() += stack.change;
    }
    for (stack, change) in lines {
        let [base, current] = [change.base_of(metric), change.current_of(metric)];
        if base != 0 || current != 0 {
            writeln!(out, "{stack} {base} {current}")?;
        }
    }
    Ok(())
}
