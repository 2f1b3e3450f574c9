//! The live samples of a profile, once it is known which of their values are which.

use super::LocationId;
use super::packed::{PackedSamples, UnpackedSample};

/// One live sample: a stack, and the live objects and bytes allocated from it.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'s> {
    /// Leaf first. Ids of its profile.
    pub stack: &'s [LocationId],
    /// Live objects (`inuse_objects`); 0 in a profile that does not count them.
    pub objects: i64,
    /// Live bytes (`inuse_space`); 0 in a profile that does not count them.
    pub space: i64,
    /// Bytes allocated since the start of the process, alive or not (`alloc_space`); `None` without such
    /// a column.
    pub allocated_space: Option<i64>,
    /// Bytes per object: the label `bytes`, which Go's runtime writes.
    pub block_size: Option<i64>,
}

/// The live samples of a profile, in the file's order.
#[derive(Debug, Default)]
pub struct Samples {
    packed: PackedSamples,
    /// [`LocationId`]s by location index.
    location_ids: Vec<u32>,
    columns: Columns,
}

/// Which values of a sample mean what.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) count: usize,
    pub(super) objects: Option<usize>,
    pub(super) space: Option<usize>,
    /// Columns that are subtracted from `objects` and `space`.
    pub(super) less: [Option<usize>; 2],
    pub(super) allocated_space: Option<usize>,
    /// Label keys that are the string `bytes`, sorted.
    pub(super) size_keys: Vec<u64>,
}

impl Columns {
    pub(super) fn allocated_space(&self, sample: &UnpackedSample) -> Option<i64> {
        self.allocated_space.map(|column| sample.values[column])
    }

    pub(super) fn block_size(&self, sample: &UnpackedSample) -> Option<i64> {
        let is_size = |label: &&(u64, i64)| self.size_keys.binary_search(&label.0).is_ok();
        sample.labels.iter().find(is_size).map(|label| label.1)
    }
}

impl Samples {
    pub(super) fn new(packed: PackedSamples, location_ids: Vec<u32>, columns: Columns) -> Self {
        Samples { packed, location_ids, columns }
    }

    /// Number of samples, and of those that were kept but are dead: an upper bound.
    pub fn count(&self) -> usize {
        self.packed.count()
    }

    /// Calls `show` with each live sample.
    pub fn for_each(&self, show: impl FnMut(&Sample<'_>)) {
        self.packed.for_each(self.columns.count, resolved(&self.location_ids, &self.columns, if_live(show)));
    }

    /// Calls `show` with each sample that was kept: in a profile that keeps the dead, with all that allocated.
    pub fn for_each_kept(&self, show: impl FnMut(&Sample<'_>)) {
        self.packed.for_each(self.columns.count, resolved(&self.location_ids, &self.columns, show));
    }

    /// Calls `show` with each live sample, and frees their memory on the way.
    pub fn drain(self, show: impl FnMut(&Sample<'_>)) {
        self.packed.drain(self.columns.count, resolved(&self.location_ids, &self.columns, if_live(show)));
    }
}

/// Shows only live samples.
fn if_live(mut show: impl FnMut(&Sample<'_>)) -> impl FnMut(&Sample<'_>) {
    move |sample| {
        if sample.objects != 0 || sample.space != 0 {
            show(sample);
        }
    }
}

/// Shows unpacked samples as [`Sample`]s.
fn resolved<'s>(
    location_ids: &'s [u32],
    columns: &'s Columns,
    mut show: impl FnMut(&Sample<'_>) + 's,
) -> impl FnMut(&UnpackedSample) + 's {
    let mut stack = Vec::new();
    move |sample| {
        let value = |column: Option<usize>| column.map_or(0, |column| sample.values[column]);
        let [less_objects, less_space] = columns.less.map(value);
        let objects = value(columns.objects).wrapping_sub(less_objects);
        let space = value(columns.space).wrapping_sub(less_space);
        stack.clear();
        stack.extend(sample.stack.iter().map(|&location| LocationId(location_ids[location as usize])));
        let (allocated_space, block_size) = (columns.allocated_space(sample), columns.block_size(sample));
        show(&Sample { stack: &stack, objects, space, allocated_space, block_size });
    }
}
