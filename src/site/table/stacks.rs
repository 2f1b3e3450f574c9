//! The distinct live stacks of one side, as lines; kept only for commands that show callers.

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use crate::index::NONE;
use crate::site::values::Values;

/// A distinct stack that allocated live memory.
#[derive(Debug, Clone, Copy)]
pub struct StackEntry<'t> {
    /// Indexes of its lines, leaf first.
    pub lines: &'t [u32],
    /// Position in `lines` of the owner: the first frame from the leaf in the program's own code.
    pub owner: Option<usize>,
    /// Live values.
    pub values: Values,
}

/// Frames kept over all stacks: 64 MiB. A monolith with half a million live stacks has 10 million.
const MAX_FRAMES: usize = 16 << 20;
/// Frames of one stack; only a crafted profile has more.
pub(super) const MAX_DEPTH: usize = 1 << 16;

/// The distinct stacks of one side, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct StackTable {
    /// Lines of a stack ─▶ position of the owner or [`NONE`], and values.
    entries: IndexMap<Box<[u32]>, (u32, Values), RandomState>,
    /// Number of frames over all entries.
    frames: usize,
    /// Number of samples and merged stacks for which there was no room.
    pub(super) dropped: u64,
    /// The stack to be added, in memory that is used again.
    pub(super) next: Vec<u32>,
}

impl StackTable {
    /// Adds `values` to the stack in `next`, whose owner is at position `owner` or [`NONE`].
    pub(super) fn add_next(&mut self, owner: u32, values: Values) {
        match self.entries.raw_entry_mut_v1().from_key(self.next.as_slice()) {
            RawEntryMut::Occupied(mut known) => known.get_mut().1 += values,
            RawEntryMut::Vacant(_) if self.next.len() >= MAX_DEPTH || self.frames + self.next.len() > MAX_FRAMES => {
                self.dropped += 1;
            }
            RawEntryMut::Vacant(new) => {
                self.frames += self.next.len();
                new.insert(self.next.as_slice().into(), (owner, values));
            }
        }
    }

    /// Gives each line its new index.
    pub(super) fn rekey(&mut self, new_index: &[u32]) {
        self.frames = 0;
        for (lines, (owner, values)) in std::mem::take(&mut self.entries) {
            self.next.clear();
            self.next.extend(lines.iter().map(|&line| new_index[line as usize]));
            self.add_next(owner, values);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = StackEntry<'_>> {
        self.entries.iter().map(|(lines, &(owner, values))| StackEntry {
            lines,
            owner: (owner != NONE).then_some(owner as usize),
            values,
        })
    }
}
