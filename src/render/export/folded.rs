//! Folded stacks of two sides: `main;caller;callee 1024 4096`, a line each, as the tools for differential flame graphs
//! read them.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::super::words::plain;
use super::{Exported, at_least_0};
use crate::diff::{Change, Metric};
use crate::site::SiteKey;

/// Writes a line for each stack of functions that has anything on a side, sorted; of the first metric.
pub(super) fn write(exported: &Exported<'_, '_>, out: &mut dyn Write) -> io::Result<usize> {
    let (calls, metric) = (exported.calls, exported.metrics.first().map_or(Metric::Space, |column| column.metric));
    // A function's name ends at a semicolon here.
    let name = |function: &SiteKey<'_>| plain(&function.name()).replace(';', ":");
    let names: Vec<_> = calls.functions.iter().map(name).collect();
    let mut lines: BTreeMap<String, Change> = BTreeMap::new();
    for stack in &calls.stacks {
        let functions = stack.frames.iter().map(|&frame| calls.frames[frame as usize].function);
        let folded: Vec<_> = functions.map(|function| names[function as usize].as_str()).collect();
        *lines.entry(folded.join(";")).or_default() += stack.change;
    }
    let mut below_0 = 0;
    for (stack, change) in lines {
        let ([base, current], is_below_0) = at_least_0(change, metric);
        below_0 += usize::from(is_below_0);
        if base != 0 || current != 0 {
            writeln!(out, "{stack} {base} {current}")?;
        }
    }
    Ok(below_0)
}
