//! Functions line by line: what each line allocates itself, and with what it calls.

use std::collections::BTreeMap;

use super::{Calls, Places};
use crate::diff::{Change, Metric};
use crate::order::sorted;

/// A function, as far as it stands in one file.
#[derive(Debug, Clone)]
pub struct Listed<'p> {
    /// Index in [`Calls::functions`].
    pub function: u32,
    /// Its file, as the profile has it, the current one if both have it; empty when unknown.
    pub file: &'p [u8],
    /// Its first line there, where that is known.
    pub start_line: Option<i64>,
    /// What it allocates itself.
    pub flat: Change,
    /// That, and what anything it calls allocates: a stack counts once, however often the function stands there.
    pub cum: Change,
    /// Its lines with numbers, in order.
    pub lines: Vec<ListedLine>,
}

/// A line of a function.
#[derive(Debug, Clone)]
pub struct ListedLine {
    /// Its number in the current file; 0 when unknown.
    pub line: i64,
    /// Its number in the base, where that has it.
    pub base_line: Option<i64>,
    /// What it allocates itself.
    pub flat: Change,
    /// That, and what anything it calls allocates, likewise a stack once.
    pub cum: Change,
    /// Index in [`Calls::frames`].
    pub frame: u32,
}

impl<'p> Calls<'p> {
    /// The functions with these indexes, line by line: what grows most by itself in `metric` first.
    pub fn list(&self, functions: &[u32], metric: Metric) -> Vec<Listed<'p>> {
        let mut wanted = vec![false; self.functions.len()];
        functions.iter().for_each(|&function| wanted[function as usize] = true);
        let is_wanted = |frame: u32| wanted[self.frames[frame as usize].function as usize];
        // Each with the last stack that counted, from 1.
        let mut found: BTreeMap<(u32, &[u8]), (Listed<'p>, usize)> = BTreeMap::new();
        let mut lines: BTreeMap<u32, (ListedLine, usize)> = BTreeMap::new();
        let places = self.places();
        let place = |frame: u32| (self.frames[frame as usize].function, places.file(self, frame));
        for (number, stack) in (1..).zip(&self.stacks) {
            for (at, &frame) in stack.frames.iter().enumerate().filter(|(_, frame)| is_wanted(**frame)) {
                let (function, file) = place(frame);
                let new = || Listed {
                    function,
                    file,
                    start_line: places.start_line(function),
                    flat: Change::default(),
                    cum: Change::default(),
                    lines: Vec::new(),
                };
                let (listed, counted) = found.entry((function, file)).or_insert_with(|| (new(), 0));
                if std::mem::replace(counted, number) != number {
                    listed.cum += stack.change;
                }
                let (line, counted) = lines.entry(frame).or_insert_with(|| (self.line(frame, &places), 0));
                if std::mem::replace(counted, number) != number {
                    line.cum += stack.change;
                }
                if at + 1 == stack.frames.len() {
                    listed.flat += stack.change;
                    line.flat += stack.change;
                }
            }
        }
        for (frame, (line, _)) in lines {
            found.entry(place(frame)).and_modify(|(listed, _)| listed.lines.push(line));
        }
        let found = found.into_values().map(|(listed, _)| listed);
        let found = found.map(|listed| {
            let order = |a: &ListedLine, b: &ListedLine| (a.line, a.base_line).cmp(&(b.line, b.base_line));
            Listed { lines: sorted(listed.lines, order), ..listed }
        });
        sorted(found.collect(), |a: &Listed<'p>, b| {
            let by = |of: fn(&Listed<'p>) -> Change| of(b).delta_of(metric).cmp(&of(a).delta_of(metric));
            let name = |listed: &Listed<'p>| (self.functions[listed.function as usize], listed.file);
            by(|listed| listed.flat).then_with(|| by(|listed| listed.cum)).then_with(|| name(a).cmp(&name(b)))
        })
    }

    /// A line without its values.
    fn line(&self, frame: u32, places: &Places<'p>) -> ListedLine {
        let none = Change::default();
        let line = places.line(self, frame);
        ListedLine { line, base_line: self.frames[frame as usize].base_line, flat: none, cum: none, frame }
    }
}
