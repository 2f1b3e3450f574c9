//! Where functions and their lines are in the files of the current side.

use super::StackComparison;
use crate::site::{LineAnchor, SiteKey, Values};

/// The file and first line of each function, if known, by index of the function.
#[derive(Debug)]
pub struct CurrentLines<'p>(Vec<Option<Start<'p>>>);

/// Where a function begins.
#[derive(Debug, Clone, Copy)]
struct Start<'p> {
    file: &'p [u8],
    line: i64,
    is_current: bool,
}

impl<'p> CurrentLines<'p> {
    /// The starts of all functions: on the current side, or on the base if only that has them.
    pub(super) fn new(stacks: &StackComparison<'p>) -> Self {
        let mut starts = vec![None; stacks.functions.len()];
        for stack in &stacks.stacks {
            let is_current = stack.change().current != Values::default();
            for &frame in stacks.frames_of(stack) {
                let at = &stacks.frames[frame as usize];
                let SiteKey::Line(name, LineAnchor::Offset(offset)) = at.line.key else { continue };
                let known: &mut Option<Start<'p>> = &mut starts[at.function as usize];
                let start = Start { file: at.line.file, line: at.line.line.saturating_sub(offset), is_current };
                // Of several functions with one name, the first by its place, whichever stack comes first.
                let rank = |start: &Start<'p>| (!start.is_current, start.file, start.line);
                let is_better = known.is_none_or(|known| rank(&start) < rank(&known));
                // An initialiser has no first line of its own.
                if is_better && !name.is_initializer() {
                    *known = Some(start);
                }
            }
        }
        CurrentLines(starts)
    }

    /// The first line of a function.
    pub fn start_line(&self, function: u32) -> Option<i64> {
        self.0[function as usize].map(|start| start.line)
    }

    /// The file of a frame; empty when unknown.
    pub fn file(&self, stacks: &StackComparison<'p>, frame: u32) -> &'p [u8] {
        let at = &stacks.frames[frame as usize];
        self.0[at.function as usize].map_or(at.line.file, |start| start.file)
    }

    /// The line of a frame; 0 when unknown. A line that only the base has is given where it would be today: at the
    /// same distance from the function's first line.
    pub fn line(&self, stacks: &StackComparison<'p>, frame: u32) -> i64 {
        let at = &stacks.frames[frame as usize];
        match (at.line.key, self.0[at.function as usize]) {
            (SiteKey::Line(_, LineAnchor::Offset(offset)), Some(start)) => start.line.saturating_add(offset),
            _ => at.line.line,
        }
    }
}
