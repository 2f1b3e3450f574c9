//! Folded stacks of two sides, one per line as `main;caller;callee 1024 4096`, which tools for differential flame graphs
//! read.

use std::io::{self, Write};

use super::super::text::sanitize;
use super::exported::{Exported, at_least_0};
use crate::diff::{Change, Metric};
use crate::order::sorted;
use crate::site::SiteKey;
use crate::stacks::Stack;

/// Writes a line for each stack of functions with a value on either side, sorted. Has the first metric only.
pub(super) fn write(exported: &Exported<'_, '_>, out: &mut dyn Write) -> io::Result<usize> {
    let (calls, metric) = (exported.calls, exported.metrics.first().map_or(Metric::Space, |column| column.metric));
    // A function's name ends at a semicolon here.
    let name = |function: &SiteKey<'_>| sanitize(&function.name()).replace(';', ":");
    let names: Vec<_> = calls.functions.iter().map(name).collect();
    // Numbers in the order of the names, so that stacks sort without their text.
    let mut numbers = vec![0; names.len()];
    let mut last: Option<(&str, u32)> = None;
    for at in sorted((0..names.len()).collect(), |&a, &b| names[a].cmp(&names[b])) {
        let number = last.map_or(0, |(name, number)| number + u32::from(name != names[at]));
        (numbers[at], last) = (number, Some((names[at].as_str(), number)));
    }
    let function = |frame: &u32| calls.frames[*frame as usize].function as usize;
    let key = |stack: &Stack| calls.frames_of(stack).iter().map(|frame| numbers[function(frame)]);
    let stacks = sorted(calls.stacks.iter().collect(), |a: &&Stack, b| key(a).cmp(key(b)));
    let mut below_0 = 0;
    for same in stacks.chunk_by(|a, b| key(a).eq(key(b))) {
        let mut change = Change::default();
        same.iter().for_each(|stack| change += stack.change());
        let ([base, current], is_below_0) = at_least_0(change, metric);
        below_0 += usize::from(is_below_0);
        if base != 0 || current != 0 {
            for (at, frame) in calls.frames_of(same[0]).iter().enumerate() {
                write!(out, "{}{}", if at == 0 { "" } else { ";" }, names[function(frame)])?;
            }
            writeln!(out, " {base} {current}")?;
        }
    }
    Ok(below_0)
}
