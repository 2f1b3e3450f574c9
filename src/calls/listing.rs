//! Functions line by line: what each line allocates itself, and with what it calls.

use std::collections::{BTreeMap, HashMap};

use super::Calls;
use crate::diff::{Change, Metric};
use crate::site::{Place, SiteKey};

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

/// The file and the line of a function that are known of a frame, and whether the current side says so.
struct Seen<'p> {
    file: &'p [u8],
    start_line: Option<i64>,
    is_current: bool,
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
        let seen = self.seen(&is_wanted);
        for (number, stack) in (1..).zip(&self.stacks) {
            for (at, &frame) in stack.frames.iter().enumerate().filter(|(_, frame)| is_wanted(**frame)) {
                let place = self.place(frame, &seen);
                let (listed, counted) = found.entry(place).or_insert_with(|| (self.listed(place, &seen), 0));
                if std::mem::replace(counted, number) != number {
                    listed.cum += stack.change;
                }
                let (line, counted) = lines.entry(frame).or_insert_with(|| (self.line(frame, listed.start_line), 0));
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
            found.entry(self.place(frame, &seen)).and_modify(|(listed, _)| listed.lines.push(line));
        }
        let mut found: Vec<_> = found.into_values().map(|(listed, _)| listed).collect();
        found.iter_mut().for_each(|listed| listed.lines.sort_by_key(|line| (line.line, line.base_line)));
        let order = |listed: &Listed<'p>| {
            let name = self.functions[listed.function as usize].name();
            (-listed.flat.delta_of(metric), -listed.cum.delta_of(metric), name)
        };
        found.sort_by_cached_key(order);
        found
    }

    /// Of functions whose first line is known, that and their file: as the current side has them, if it does.
    fn seen(&self, is_wanted: &impl Fn(u32) -> bool) -> HashMap<u32, Seen<'p>> {
        let mut known: HashMap<u32, Seen<'p>> = HashMap::new();
        for stack in &self.stacks {
            let is_current = stack.change.current != Default::default();
            for &frame in stack.frames.iter().filter(|frame| is_wanted(**frame)) {
                let at = &self.frames[frame as usize];
                let SiteKey::Line(name, Place::Offset(offset)) = at.line.key else { continue };
                let start_line = (!name.is_initializer()).then(|| at.line.line.saturating_sub(offset));
                let seen = Seen { file: at.line.file, start_line, is_current };
                known
                    .entry(at.function)
                    .and_modify(|known| {
                        if seen.is_current && !known.is_current {
                            *known = Seen { ..seen };
                        }
                    })
                    .or_insert(seen);
            }
        }
        known
    }

    /// The function of a frame, and the file that it stands in.
    fn place(&self, frame: u32, seen: &HashMap<u32, Seen<'p>>) -> (u32, &'p [u8]) {
        let at = &self.frames[frame as usize];
        (at.function, seen.get(&at.function).map_or(at.line.file, |seen| seen.file))
    }

    /// A function without its values.
    fn listed(&self, (function, file): (u32, &'p [u8]), seen: &HashMap<u32, Seen<'p>>) -> Listed<'p> {
        let start_line = seen.get(&function).and_then(|seen| seen.start_line);
        Listed { function, file, start_line, flat: Change::default(), cum: Change::default(), lines: Vec::new() }
    }

    /// A line without its values. One that only the base has stands where it would today: as far from the
    /// function's first line.
    fn line(&self, frame: u32, start_line: Option<i64>) -> ListedLine {
        let at = &self.frames[frame as usize];
        let line = match (at.line.key, start_line) {
            (SiteKey::Line(_, Place::Offset(offset)), Some(start)) => start.saturating_add(offset),
            _ => at.line.line,
        };
        let none = Change::default();
        ListedLine { line, base_line: at.base_line, flat: none, cum: none, frame }
    }
}
