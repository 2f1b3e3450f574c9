//! Functions line by line: what each line allocates itself, and with its callees.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{CurrentLines, StackComparison};
use crate::diff::{Change, Metric};

/// The lines of a function in one file.
#[derive(Debug, Clone)]
pub struct FunctionListing<'p> {
    /// Index in [`StackComparison::functions`].
    pub function: u32,
    /// Its file, as the profile has it, preferably the current one; empty when unknown.
    pub file: &'p [u8],
    /// Its first line there, if known.
    pub start_line: Option<i64>,
    /// What it allocates itself.
    pub flat: Change,
    /// What it and its callees allocate; a stack counts once, however often the function is on it.
    pub cum: Change,
    /// Its lines that are on stacks, by number.
    pub lines: Vec<ListedLine>,
}

/// A line of a function.
#[derive(Debug, Clone)]
pub struct ListedLine {
    /// Its number in the current file; 0 when unknown.
    pub line: i64,
    /// Its number in the base; `None` if the base does not have it.
    pub base_line: Option<i64>,
    /// What it allocates itself.
    pub flat: Change,
    /// What it and its callees allocate; a stack counts once, however often the line is on it.
    pub cum: Change,
    /// Index in [`StackComparison::frames`].
    pub frame: u32,
}

impl<'p> StackComparison<'p> {
    /// The functions with these indexes, line by line; greatest flat growth in `metric` first.
    pub fn list(&self, functions: &[u32], metric: Metric) -> Vec<FunctionListing<'p>> {
        let mut wanted = vec![false; self.functions.len()];
        functions.iter().for_each(|&function| wanted[function as usize] = true);
        let is_wanted = |frame: u32| wanted[self.frames[frame as usize].function as usize];
        // Each with the number of the last stack that counted, from 1.
        let mut found: BTreeMap<(u32, &[u8]), (FunctionListing<'p>, usize)> = BTreeMap::new();
        let mut lines: BTreeMap<u32, (ListedLine, usize)> = BTreeMap::new();
        let current = self.current_lines();
        let place = |frame: u32| (self.frames[frame as usize].function, current.file(self, frame));
        for (number, stack) in (1..).zip(&self.stacks) {
            let frames = self.frames_of(stack);
            for (at, &frame) in frames.iter().enumerate().filter(|(_, frame)| is_wanted(**frame)) {
                let (function, file) = place(frame);
                let new = || FunctionListing {
                    function,
                    file,
                    start_line: current.start_line(function),
                    flat: Change::default(),
                    cum: Change::default(),
                    lines: Vec::new(),
                };
                let (listed, counted) = found.entry((function, file)).or_insert_with(|| (new(), 0));
                if std::mem::replace(counted, number) != number {
                    listed.cum += stack.change();
                }
                let (line, counted) = lines.entry(frame).or_insert_with(|| (self.line(frame, &current), 0));
                if std::mem::replace(counted, number) != number {
                    line.cum += stack.change();
                }
                if at + 1 == frames.len() {
                    listed.flat += stack.change();
                    line.flat += stack.change();
                }
            }
        }
        for (frame, (line, _)) in lines {
            found.entry(place(frame)).and_modify(|(listed, _)| listed.lines.push(line));
        }
        let mut found: Vec<_> = found.into_values().map(|(listed, _)| listed).collect();
        found.iter_mut().for_each(|listed| listed.lines.sort_by_key(|line| (line.line, line.base_line)));
        found.sort_by_key(|listed| {
            let growth = [listed.flat, listed.cum].map(|change| Reverse(change.delta_of(metric)));
            (growth, self.functions[listed.function as usize], listed.file)
        });
        found
    }

    /// A line, without what it allocates.
    fn line(&self, frame: u32, current: &CurrentLines<'p>) -> ListedLine {
        let none = Change::default();
        let line = current.line(self, frame);
        ListedLine { line, base_line: self.frames[frame as usize].base_line, flat: none, cum: none, frame }
    }
}
