//! The table of locations, one column per property. In: mentions and definitions, in any order. Out: those on live
//! stacks, in the same memory, since a second copy would set the peak of a large profile.

use std::ops::Range;

use super::fingerprint::{UNKNOWN_RARITY, rarity};
use super::{Line, Locations};
use crate::index::index;

/// Locations by index, in order of first mention.
#[derive(Debug, Default)]
pub(super) struct LocationTable {
    pub(super) address: Vec<u64>,
    /// Index of the mapping, or [`Locations::NO_MAPPING`].
    mapping: Vec<u32>,
    /// Index of its first line, or [`UNDEFINED`].
    first_line: Vec<u32>,
    /// Number of its lines.
    lines: Vec<u32>,
    /// Whether it is on a live stack.
    is_live: Vec<bool>,
    /// Rarity of its address; [`UNKNOWN_RARITY`] while undefined.
    pub(super) rarity: Vec<u8>,
}

/// First line of a location that was mentioned and not defined yet.
const UNDEFINED: u32 = u32::MAX;

impl LocationTable {
    /// Adds a location that was only mentioned.
    pub(super) fn mention(&mut self) {
        self.push(0, Locations::NO_MAPPING, UNDEFINED..UNDEFINED);
        self.rarity.push(UNKNOWN_RARITY);
    }

    /// Adds a location with its definition.
    pub(super) fn add(&mut self, address: u64, mapping: u32, lines: Range<u32>) {
        self.push(address, mapping, lines);
        self.rarity.push(rarity(address));
    }

    fn push(&mut self, address: u64, mapping: u32, lines: Range<u32>) {
        self.address.push(address);
        self.mapping.push(mapping);
        self.first_line.push(lines.start);
        self.lines.push(lines.end - lines.start);
        self.is_live.push(false);
    }

    /// Defines a location that was mentioned; `false` if it is defined already.
    pub(super) fn define(&mut self, at: u32, address: u64, mapping: u32, lines: Range<u32>) -> bool {
        let at = at as usize;
        let is_new = self.first_line[at] == UNDEFINED;
        (self.address[at], self.mapping[at], self.rarity[at]) = (address, mapping, rarity(address));
        (self.first_line[at], self.lines[at]) = (lines.start, lines.end - lines.start);
        is_new
    }

    #[inline(always)]
    pub(super) fn set_live(&mut self, at: u32) {
        self.is_live[at as usize] = true;
    }

    /// Puts each location into the mapping that `mapping_of` finds for its address.
    pub(super) fn map<E>(&mut self, mut mapping_of: impl FnMut(u64) -> Result<Option<u32>, E>) -> Result<(), E> {
        for (&address, mapping) in self.address.iter().zip(&mut self.mapping) {
            *mapping = mapping_of(address)?.unwrap_or(*mapping);
        }
        Ok(())
    }

    /// The first location that is on a live stack and not defined.
    pub(super) fn first_unknown(&self) -> Option<u32> {
        let mut known = self.first_line.iter().zip(&self.is_live);
        known.position(|(&first_line, &is_live)| is_live && first_line == UNDEFINED).map(index)
    }

    /// The location with a line: its index, and the position of the line in it.
    pub(super) fn with_line(&self, line: u32) -> Option<(u32, u32)> {
        let starts = self.first_line.iter().zip(&self.lines).zip(0..);
        let mut positions = starts.map(|((&first, &lines), at)| (at, line.wrapping_sub(first), lines));
        positions.find(|&(_, position, lines)| position < lines).map(|(at, position, _)| (at, position))
    }

    /// The locations on live stacks with their lines, and the [`LocationId`](super::LocationId)s by location index.
    pub(super) fn live(mut self, mut lines: Vec<Line>) -> (Locations, Vec<Line>, Vec<u32>) {
        if !self.first_line.is_sorted() {
            lines = self.in_order(&lines);
        }
        let (mut count, mut end) = (0, 0);
        for at in 0..self.is_live.len() {
            let (first, len) = (self.first_line[at] as usize, self.lines[at] as usize);
            // From here on this column holds the ids.
            self.lines[at] = index(count);
            if self.is_live[at] {
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
        let LocationTable { mut address, mut mapping, mut first_line, lines: ids, .. } = self;
        address.shrink_to_fit();
        mapping.shrink_to_fit();
        first_line.shrink_to_fit();
        lines.shrink_to_fit();
        (Locations { address, mapping, first_line }, lines, ids)
    }

    /// The lines in the order of the locations, which are made to refer to them.
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
