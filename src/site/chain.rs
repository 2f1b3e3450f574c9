//! The distinct stacks that are alive, as lines: kept only for who asks through which callers memory was allocated.

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use super::Values;
use super::aggregate::NONE;

/// A stack that memory is alive from, once.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'t> {
    /// Indexes of its lines, leaf first.
    pub lines: &'t [u32],
    /// Where among them the owner stands: the first in the program's own code.
    pub owner: Option<usize>,
    /// What is alive.
    pub values: Values,
}

/// So many frames are kept at most, which takes 64 MiB; a monolith with half a million live stacks has 10 million.
const MOST_FRAMES: usize = 16 << 20;
/// Room is made for so many stacks at most: more samples may be of the same few.
const ROOM: usize = 1 << 17;
/// No stack is deeper but one that was made to be.
pub(super) const DEEPEST: usize = 1 << 16;

/// The stacks of one side.
#[derive(Debug, Default)]
pub(super) struct Chains {
    known: IndexMap<Box<[u32]>, (u32, Values), RandomState>,
    /// The frames of those.
    frames: usize,
    /// Stacks that there was no room for.
    pub(super) left_out: u64,
    /// The one that is being read, so that those that are known take no memory.
    pub(super) next: Vec<u32>,
}

impl Chains {
    /// Makes room for the stacks of so many samples, so that a large table is not built several times.
    pub(super) fn reserve(&mut self, samples: usize) {
        // Those of a profile that is summed with others are mostly known.
        if self.known.is_empty() {
            self.known.reserve(samples.min(ROOM));
        }
    }

    /// Adds to the stack in `next`, whose owner stands at `owner` or is [`NONE`].
    pub(super) fn add(&mut self, owner: u32, values: Values) {
        match self.known.raw_entry_mut_v1().from_key(self.next.as_slice()) {
            RawEntryMut::Occupied(mut known) => known.get_mut().1 += values,
            RawEntryMut::Vacant(_) if self.next.len() >= DEEPEST || self.frames + self.next.len() > MOST_FRAMES => {
                self.left_out += 1;
            }
            RawEntryMut::Vacant(new) => {
                self.frames += self.next.len();
                new.insert(self.next.as_slice().into(), (owner, values));
            }
        }
    }

    /// Gives lines other indexes.
    pub(super) fn rekey(&mut self, moved: &[u32]) {
        self.frames = 0;
        for (lines, (owner, values)) in std::mem::take(&mut self.known) {
            self.next.clear();
            self.next.extend(lines.iter().map(|&line| moved[line as usize]));
            self.add(owner, values);
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Chain<'_>> {
        self.known.iter().map(|(lines, &(owner, values))| Chain {
            lines,
            owner: (owner != NONE).then_some(owner as usize),
            values,
        })
    }
}
