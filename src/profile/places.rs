//! The locations as they are read, a column each. In: mentions and definitions, in any order. Out: those on
//! live stacks, in the same memory: a second copy would be the most that a large profile ever takes.

use std::ops::Range;

use super::builder::USUAL;
use super::dead::Mark;
use super::finish::index;
use super::{Line, Locations};

/// Locations by index.
#[derive(Debug, Default)]
pub(super) struct Places {
    pub(super) address: Vec<u64>,
    /// Index of the mapping, or [`Locations::NO_MAPPING`].
    mapping: Vec<u32>,
    /// Where its lines start, or [`UNDEFINED`].
    first_line: Vec<u32>,
    /// How many they are.
    lines: Vec<u32>,
}

/// Of a location that was only mentioned.
const UNDEFINED: u32 = u32::MAX;

impl Places {
    pub(super) fn with_capacity(capacity: usize) -> Self {
        Places {
            address: Vec::with_capacity(capacity),
            mapping: Vec::with_capacity(capacity),
            first_line: Vec::with_capacity(capacity),
            lines: Vec::with_capacity(capacity),
        }
    }

    /// One more, that was mentioned.
    pub(super) fn mention(&mut self) {
        self.push(0, Locations::NO_MAPPING, UNDEFINED..UNDEFINED);
    }

    /// One more, that is defined.
    #[inline]
    pub(super) fn push(&mut self, address: u64, mapping: u32, lines: Range<u32>) {
        self.address.push(address);
        self.mapping.push(mapping);
        self.first_line.push(lines.start);
        self.lines.push(lines.end - lines.start);
    }

    /// Defines a location that was mentioned; not if it is defined already.
    pub(super) fn define(&mut self, at: u32, address: u64, mapping: u32, lines: Range<u32>) -> bool {
        let at = at as usize;
        let is_new = self.first_line[at] == UNDEFINED;
        (self.address[at], self.mapping[at]) = (address, mapping);
        (self.first_line[at], self.lines[at]) = (lines.start, lines.end - lines.start);
        is_new
    }

    /// Puts each into the mapping that its address gives, if it gives one.
    pub(super) fn map<E>(&mut self, mut mapping_of: impl FnMut(u64) -> Result<Option<u32>, E>) -> Result<(), E> {
        for (&address, mapping) in self.address.iter().zip(&mut self.mapping) {
            *mapping = mapping_of(address)?.unwrap_or(*mapping);
        }
        Ok(())
    }

    /// Whether each is defined.
    pub(super) fn defined(&self) -> impl Iterator<Item = bool> {
        self.first_line.iter().map(|&first| first != UNDEFINED)
    }

    /// The location that has a line: its index, and how many of its lines come before.
    pub(super) fn with_line(&self, line: u32) -> Option<(u32, u32)> {
        let starts = self.first_line.iter().zip(&self.lines).zip(0..);
        let mut places = starts.map(|((&first, &lines), at)| (at, line.wrapping_sub(first), lines));
        places.find(|&(_, before, lines)| before < lines).map(|(at, before, _)| (at, before))
    }

    /// The locations on live stacks, their lines, and by index the number of each location.
    pub(super) fn live(mut self, marks: &[Mark], mut lines: Vec<Line>) -> (Locations, Vec<Line>, Vec<u32>) {
        if !self.first_line.is_sorted() {
            lines = self.in_order(&lines);
        }
        let (mut count, mut end) = (0, 0);
        for (at, mark) in marks.iter().enumerate() {
            let (first, len) = (self.first_line[at] as usize, self.lines[at] as usize);
            // From here on that column has the numbers.
            self.lines[at] = index(count);
            if mark.is_live() {
                self.address[count] = self.address[at];
                self.mapping[count] = self.mapping[at];
                self.first_line[count] = index(end);
                lines.copy_within(first..first + len, end);
                (count, end) = (count + 1, end + len);
            }
        }
        self.address.truncate(count);
        self.mapping.truncate(count);
        self.first_line.truncate(count);
        self.first_line.push(index(end));
        lines.truncate(end);
        let Places { mut address, mut mapping, mut first_line, lines: numbers } = self;
        mapping.shrink_to_fit();
        first_line.shrink_to_fit();
        // What was mapped alone is given back soon, and to unmap a part of it before that takes time.
        if address.capacity() > USUAL || lines.capacity() > 2 * USUAL {
            address.shrink_to_fit();
            lines.shrink_to_fit();
        }
        (Locations { address, mapping, first_line }, lines, numbers)
    }

    /// The lines in the order of the locations, whose lines start there from now on.
    fn in_order(&mut self, lines: &[Line]) -> Vec<Line> {
        let mut ordered = Vec::with_capacity(lines.len());
        for (first, &len) in self.first_line.iter_mut().zip(&self.lines) {
            let start = ordered.len();
            if *first != UNDEFINED {
                ordered.extend_from_slice(&lines[*first as usize..][..len as usize]);
            }
            *first = index(start);
        }
        ordered
    }
}
