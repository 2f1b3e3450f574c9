//! Flat values in their smallest parts: by line, and by the owner that caused them.

use crate::index::NONE;
use crate::site::values::Values;

/// The flat values of one line and one owner.
#[derive(Debug, Clone, Copy)]
pub struct FlatCell {
    /// Index of the line in the table.
    pub line: u32,
    /// Index of the owner's line, if the owner is another function than the line's.
    pub owner: Option<u32>,
    /// At the granularity `owner`, index of the line that allocates, if that is another one.
    pub allocator: Option<u32>,
    /// What was allocated.
    pub values: Values,
}

/// A [`FlatCell`] as it is kept: one for each sample at first, until [`merge`] adds up what belongs together.
///
/// While its profile is being added, `site` is [`NONE`], and the others are frames of the profile (`FrameId`);
/// `SiteTableBuilder::add_samples` then replaces them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell {
    /// Index of the site in the table.
    pub(super) site: u32,
    pub(super) line: u32,
    /// [`NONE`] if the line is the owner's.
    pub(super) owner: u32,
    /// [`NONE`] if the line is what allocates.
    pub(super) allocator: u32,
    pub(super) sum: Sum64,
}

impl Cell {
    /// `others`: the owner and the allocator.
    pub(super) fn new(site: u32, line: u32, others: [u32; 2], sum: Sum64) -> Self {
        let [owner, allocator] = others.map(|other| if other == line { NONE } else { other });
        Cell { site, line, owner, allocator, sum }
    }

    fn key(&self) -> (u32, u32, u32, u32) {
        (self.site, self.line, self.owner, self.allocator)
    }
}

/// Sorts cells by site and adds up those of the same lines.
pub(super) fn merge(cells: &mut Vec<Cell>) {
    cells.sort_unstable_by_key(Cell::key);
    // A sum that would leave 64 bits stays in two cells.
    cells.dedup_by(|cell, sum| cell.key() == sum.key() && sum.sum.add(cell.sum));
}

/// A sum of values that almost always stays within 64 bits.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum64 {
    pub(super) objects: i64,
    pub(super) space: i64,
}

impl Sum64 {
    /// Adds `other` and returns true; returns false and changes nothing if the sum would leave 64 bits.
    #[inline(always)]
    pub(super) fn add(&mut self, other: Sum64) -> bool {
        let sums = self.objects.checked_add(other.objects).zip(self.space.checked_add(other.space));
        (self.objects, self.space) = sums.unwrap_or((self.objects, self.space));
        sums.is_some()
    }

    pub(super) fn values(self) -> Values {
        Values::widen(self.objects, self.space)
    }
}
