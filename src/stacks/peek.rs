//! Who calls a function, and what it calls.

use std::collections::BTreeMap;

use super::Calls;
use crate::diff::{Change, Metric};
use crate::order::sorted;

/// A function between its callers and its callees.
///
/// Of a function that stands on a stack several times the outermost call has the caller, and the innermost has the
/// callee: so the callers add up to what it allocates with its callees, and so do the callees and itself.
#[derive(Debug, Clone)]
pub struct Peek {
    /// Index in [`Calls::functions`].
    pub function: u32,
    /// What it allocates itself.
    pub flat: Change,
    /// That, and what anything it calls allocates.
    pub cum: Change,
    /// What of that stands on stacks that have it several times; `None` if it is not recursive.
    pub recursive: Option<Change>,
    /// What came through each of its callers, most grown first.
    pub callers: Vec<Call>,
    /// What went to each of its callees, likewise.
    pub callees: Vec<Call>,
}

/// A caller, or a callee.
#[derive(Debug, Clone)]
pub struct Call {
    /// Index in [`Calls::functions`]; `None` where the stack begins.
    pub function: Option<u32>,
    /// What was allocated through the call.
    pub change: Change,
}

impl Calls<'_> {
    /// The functions with these indexes between their callers and callees: what grows most in `metric`, its callees
    /// included, first.
    pub fn peek(&self, functions: &[u32], metric: Metric) -> Vec<Peek> {
        let mut wanted = vec![false; self.functions.len()];
        functions.iter().for_each(|&function| wanted[function as usize] = true);
        let mut found: BTreeMap<u32, Found> = BTreeMap::new();
        // By function, the last stack that it stands on, from 1, and where it is the innermost there.
        let mut innermost = vec![(0, 0); self.functions.len()];
        for (number, stack) in (1..).zip(&self.stacks) {
            let functions: Vec<_> = stack.frames.iter().map(|&frame| self.frames[frame as usize].function).collect();
            for (at, &function) in functions.iter().enumerate() {
                innermost[function as usize] = (number, at);
            }
            for (outermost, &function) in functions.iter().enumerate() {
                let (on, innermost) = &mut innermost[function as usize];
                // 0 for one that counted.
                if !wanted[function as usize] || std::mem::take(on) != number {
                    continue;
                }
                let innermost = *innermost;
                let found = found.entry(function).or_default();
                found.cum += stack.change;
                if innermost > outermost {
                    *found.recursive.get_or_insert_default() += stack.change;
                }
                let caller = outermost.checked_sub(1).map(|at| functions[at]);
                *found.callers.entry(caller).or_default() += stack.change;
                match functions.get(innermost + 1) {
                    Some(&callee) => *found.callees.entry(Some(callee)).or_default() += stack.change,
                    None => found.flat += stack.change,
                }
            }
        }
        let name = |function: u32| self.functions[function as usize];
        let by = |a: Change, b: Change| b.delta_of(metric).cmp(&a.delta_of(metric));
        let calls = |calls: BTreeMap<Option<u32>, Change>| {
            let calls = calls.into_iter().map(|(function, change)| Call { function, change });
            sorted(calls.collect(), |a: &Call, b| {
                by(a.change, b.change).then_with(|| a.function.map(name).cmp(&b.function.map(name)))
            })
        };
        let peek = |(function, found): (u32, Found)| Peek {
            function,
            flat: found.flat,
            cum: found.cum,
            recursive: found.recursive,
            callers: calls(found.callers),
            callees: calls(found.callees),
        };
        sorted(found.into_iter().map(peek).collect(), |a: &Peek, b| {
            by(a.cum, b.cum).then_with(|| name(a.function).cmp(&name(b.function)))
        })
    }
}

/// What was found of a function.
#[derive(Default)]
struct Found {
    flat: Change,
    cum: Change,
    recursive: Option<Change>,
    callers: BTreeMap<Option<u32>, Change>,
    callees: BTreeMap<Option<u32>, Change>,
}
