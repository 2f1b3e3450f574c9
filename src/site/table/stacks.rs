//! The distinct live stacks of one side, as lines; kept only for commands that show callers.

use crate::index::NONE;
use crate::site::slice_set::SliceSet;
use crate::site::values::{PackedValues, Values};

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

/// Memory of the stacks of a side of small files, bytes.
const FREE_BYTES: u64 = 36 << 20;
/// Bytes more for each byte of a file: a monolith with half a million live stacks has 10 million frames in 136 MB.
const BYTES_PER_BYTE_READ: u64 = 2;
/// What a stack takes besides its frames, bytes.
const STACK_BYTES: u64 = 80;
/// What a frame takes, bytes.
const FRAME_BYTES: u64 = 4;
/// Frames of one stack; only a crafted profile has more.
pub(super) const MAX_DEPTH: usize = 1 << 16;

/// The distinct stacks of one side, in order of appearance.
#[derive(Debug, Default)]
pub(super) struct StackTable {
    /// The lines of each stack.
    lines: SliceSet,
    /// By stack: position of the owner or [`NONE`].
    owners: Vec<u32>,
    values: Vec<PackedValues>,
    /// Bytes that all stacks take.
    bytes: u64,
    /// Bytes of the files they are of.
    bytes_read: u64,
    /// Number of samples and merged stacks for which there was no room.
    pub(super) dropped: u64,
    /// The stack to be added, in memory that is used again.
    pub(super) next: Vec<u32>,
}

impl StackTable {
    /// Makes room for the stacks of a file of this size.
    pub(super) fn note_file(&mut self, bytes: u64) {
        self.bytes_read = self.bytes_read.saturating_add(bytes);
    }

    /// Adds the values of the stack in `next`. `owner`: position of the owner in it.
    pub(super) fn add_next(&mut self, owner: u32, values: Values) {
        let vacancy = match self.lines.find(&self.next) {
            Ok(known) => {
                self.values[known] = (self.values[known].get() + values).into();
                return;
            }
            Err(vacancy) => vacancy,
        };
        let bytes = self.bytes + STACK_BYTES + FRAME_BYTES * self.next.len() as u64;
        let room = FREE_BYTES.saturating_add(self.bytes_read.saturating_mul(BYTES_PER_BYTE_READ));
        if self.next.len() >= MAX_DEPTH || bytes > room {
            self.dropped += 1;
            return;
        }
        self.bytes = bytes;
        self.lines.insert(&self.next, vacancy);
        self.owners.push(owner);
        self.values.push(values.into());
    }

    /// Replaces the index of each line. Stacks that become the same are merged, in the order of the first.
    pub(super) fn rekey(&mut self, new_index: &[u32]) {
        let old = std::mem::take(self);
        (self.bytes_read, self.dropped, self.next) = (old.bytes_read, old.dropped, old.next);
        for (at, (owner, values)) in old.owners.into_iter().zip(old.values).enumerate() {
            self.next.clear();
            self.next.extend(old.lines.get(at).iter().map(|&line| new_index[line as usize]));
            self.add_next(owner, values.get());
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = StackEntry<'_>> {
        self.owners.iter().zip(&self.values).enumerate().map(|(at, (&owner, &values))| StackEntry {
            lines: self.lines.get(at),
            owner: (owner != NONE).then_some(owner as usize),
            values: values.get(),
        })
    }
}
