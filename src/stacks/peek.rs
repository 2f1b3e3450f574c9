//! Who calls a function, and what it calls.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::StackComparison;
use crate::diff::{Change, Metric};
use crate::index::index;

/// Frames of the functions that are shown together, each of which may be a call of its own: more than anyone can look at.
const MAX_CALLS: usize = 100_000;

/// A function between its callers and its callees.
///
/// If the function is on a stack several times, its outermost frame decides the caller and its innermost frame the
/// callee. So the callers add up to `cum`, and so do the callees and `flat`.
#[derive(Debug, Clone)]
pub struct Peek {
    /// Index in [`StackComparison::functions`].
    pub function: u32,
    /// What it allocates itself.
    pub flat: Change,
    /// What is allocated for it as the owner: by itself and by the library code that it calls.
    pub owned: Change,
    /// What it and its callees allocate.
    pub cum: Change,
    /// The part of `cum` on stacks that have the function several times; `None` if it is not recursive.
    pub recursive: Option<Change>,
    /// The calls of it, greatest growth first.
    pub callers: Vec<CallEdge>,
    /// The calls by it, greatest growth first.
    pub callees: Vec<CallEdge>,
}

/// The calls between a function and one caller or one callee.
#[derive(Debug, Clone)]
pub struct CallEdge {
    /// Index of the caller or callee in [`StackComparison::functions`]; `None` for the caller of a root.
    pub function: Option<u32>,
    /// What was allocated through the calls.
    pub change: Change,
}

impl StackComparison<'_> {
    /// The functions with these indexes between their callers and callees; greatest cumulative growth in `metric`
    /// first. Of very many, those at the front of `functions` that are on no more than [`MAX_CALLS`] stacks together.
    pub fn peek(&self, functions: &[u32], metric: Metric) -> Vec<Peek> {
        let mut frames = vec![0_usize; self.functions.len()];
        let on_stacks = (0..index(self.stacks.len())).flat_map(|stack| self.functions_of(stack));
        on_stacks.for_each(|function| frames[function as usize] += 1);
        let mut calls = 0;
        let shown = functions.iter().take_while(|&&function| {
            // The first is always shown.
            let is_first = calls == 0;
            calls += frames[function as usize];
            is_first || calls <= MAX_CALLS
        });
        let mut wanted = vec![false; self.functions.len()];
        shown.for_each(|&function| wanted[function as usize] = true);
        let mut found: BTreeMap<u32, Found> = BTreeMap::new();
        // By function: the number of the last stack that has it, from 1, and the position of its innermost frame there.
        let mut innermost = vec![(0, 0); self.functions.len()];
        for (number, stack) in (1..).zip(&self.stacks) {
            let functions: Vec<_> =
                self.frames_of(stack).iter().map(|&frame| self.frames[frame as usize].function).collect();
            for (at, &function) in functions.iter().enumerate() {
                innermost[function as usize] = (number, at);
            }
            for (outermost, &function) in functions.iter().enumerate() {
                let (on, innermost) = &mut innermost[function as usize];
                // Taken, so that inner frames of the same function do not count again.
                if !wanted[function as usize] || std::mem::take(on) != number {
                    continue;
                }
                let innermost = *innermost;
                let found = found.entry(function).or_default();
                found.cum += stack.change();
                if innermost > outermost {
                    *found.recursive.get_or_insert_default() += stack.change();
                }
                let caller = outermost.checked_sub(1).map(|at| functions[at]);
                *found.callers.entry(caller).or_default() += stack.change();
                match functions.get(innermost + 1) {
                    Some(&callee) => *found.callees.entry(Some(callee)).or_default() += stack.change(),
                    None => found.flat += stack.change(),
                }
            }
        }
        let owned = self.owned();
        let name = |function: u32| self.functions[function as usize];
        let edges = |calls: BTreeMap<Option<u32>, Change>| {
            let edges = calls.into_iter().map(|(function, change)| CallEdge { function, change });
            let mut edges: Vec<_> = edges.collect();
            edges.sort_by_key(|edge| (Reverse(edge.change.delta_of(metric)), edge.function.map(name)));
            edges
        };
        let peek = |(function, found): (u32, Found)| Peek {
            function,
            flat: found.flat,
            owned: owned[function as usize],
            cum: found.cum,
            recursive: found.recursive,
            callers: edges(found.callers),
            callees: edges(found.callees),
        };
        let mut peeks: Vec<_> = found.into_iter().map(peek).collect();
        peeks.sort_by_key(|peek| (Reverse(peek.cum.delta_of(metric)), name(peek.function)));
        peeks
    }
}

/// Sums over the stacks of a function.
#[derive(Default)]
struct Found {
    flat: Change,
    cum: Change,
    recursive: Option<Change>,
    callers: BTreeMap<Option<u32>, Change>,
    callees: BTreeMap<Option<u32>, Change>,
}
