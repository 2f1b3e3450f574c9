//! The live samples, packed as the wire packs them: a large profile has millions of frames on its stacks,
//! and most of the time it takes to keep them goes into touching memory for the first time.

use super::LocationId;
use super::packed::each_id;

/// One live sample: a stack, and the live objects and bytes allocated from it.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'s> {
    /// Leaf first. Ids of its profile.
    pub stack: &'s [LocationId],
    /// Live objects (`inuse_objects`); 0 in a profile that does not count them.
    pub objects: i64,
    /// Live bytes (`inuse_space`), likewise.
    pub space: i64,
    /// Bytes allocated since the start of the process, alive or not (`alloc_space`); `None` without such
    /// a column.
    pub allocated_space: Option<i64>,
    /// Bytes of each of its objects: the label `bytes`, which Go's runtime writes.
    pub block_size: Option<i64>,
}

/// The live samples of a profile, in the file's order.
#[derive(Debug, Default)]
pub struct Samples {
    records: Records,
    /// By index of a location, as in the records: its number.
    numbers: Vec<u32>,
    columns: Columns,
}

/// Which of a sample's numbers are which.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) count: usize,
    pub(super) objects: Option<usize>,
    pub(super) space: Option<usize>,
    pub(super) allocated_space: Option<usize>,
    /// Strings that are the key of the size label, sorted.
    pub(super) size_keys: Vec<u64>,
}

impl Columns {
    #[inline]
    fn block_size(&self, record: &Scratch) -> Option<i64> {
        let is_size = |label: &&(u64, i64)| self.size_keys.binary_search(&label.0).is_ok();
        record.labels.iter().find(is_size).map(|label| label.1)
    }
}

impl Samples {
    pub(super) fn new(records: Records, numbers: Vec<u32>, columns: Columns) -> Self {
        Samples { records, numbers, columns }
    }

    /// How many there are, and maybe a few that turned out to be dead.
    pub fn count(&self) -> usize {
        self.records.count
    }

    /// Shows the samples one after the other.
    pub fn for_each(&self, mut show: impl FnMut(&Sample<'_>)) {
        let mut scratch = Scratch::default();
        self.records.chunks.iter().for_each(|chunk| self.show(chunk, &mut scratch, &mut show));
    }

    /// Likewise, and gives the memory back on the way.
    pub fn drain(mut self, mut show: impl FnMut(&Sample<'_>)) {
        let mut scratch = Scratch::default();
        for chunk in std::mem::take(&mut self.records.chunks) {
            self.show(&chunk, &mut scratch, &mut show);
        }
    }

    fn show(&self, chunk: &[u8], scratch: &mut Scratch, show: &mut impl FnMut(&Sample<'_>)) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let record = Record::take(&mut rest, self.columns.count, scratch);
            let live = [self.columns.objects, self.columns.space];
            let [objects, space] = live.map(|column| column.map_or(0, |column| scratch.values[column]));
            if objects == 0 && space == 0 {
                continue;
            }
            // Each location takes a byte at least.
            if scratch.stack.len() < record.stack.len() {
                scratch.stack.resize(record.stack.len(), LocationId(0));
            }
            let mut depth = 0;
            each_id(record.stack, |index| {
                scratch.stack[depth] = LocationId(self.numbers[index as usize]);
                depth += 1;
            });
            show(&Sample {
                stack: &scratch.stack[..depth],
                objects,
                space,
                allocated_space: self.columns.allocated_space.map(|column| scratch.values[column]),
                block_size: self.columns.block_size(scratch),
            });
        }
    }
}

/// The samples, in chunks, so that none moves when there are more.
#[derive(Debug, Default)]
pub(super) struct Records {
    chunks: Vec<Vec<u8>>,
    count: usize,
}

/// What the next record is read into.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    stack: Vec<LocationId>,
    values: Vec<i64>,
    /// The numeric labels: the key, a string, and the number.
    labels: Vec<(u64, i64)>,
}

/// One of [`Records`], but for what is in the [`Scratch`].
struct Record<'c> {
    /// Index of the sample in the file.
    index: u64,
    /// Packed indexes of locations.
    stack: &'c [u8],
}

/// Small enough that malloc gives the memory of one to the tables that are made while samples are drained.
const CHUNK: usize = 64 << 10;
/// Of more chunks than this, malloc shall rather give the memory back.
const MANY: usize = 16;
impl Records {
    /// A chunk with room for one more record, of so many bytes at most.
    fn room(&mut self, most: usize) -> &mut Vec<u8> {
        self.count += 1;
        let last = self.chunks.last();
        if last.is_none_or(|chunk| chunk.capacity() - chunk.len() < most) {
            let usual = match self.chunks.len() {
                0 => CHUNK / 16,
                chunks if chunks < MANY => CHUNK,
                _ => 16 * CHUNK,
            };
            self.chunks.push(Vec::with_capacity(most.max(usual)));
        }
        let at = self.chunks.len() - 1;
        &mut self.chunks[at]
    }

    /// Adds the sample with an index in the file. `stack`: indexes as [`super::packed::put_id`] writes them.
    pub(super) fn push(&mut self, index: u64, stack: &[u8], values: &[u64], labels: &[(u64, i64)]) {
        let numbers = 3 + values.len() + 2 * labels.len();
        let chunk = self.room(stack.len() + WORD * numbers + LENS * numbers.div_ceil(GROUP));
        let mut numbers = Numbers::of(chunk);
        // Few samples have more than two labels.
        let few = labels.len().min(MANY_LABELS);
        numbers.put((stack.len() * (MANY_LABELS + 1) + few) as u64);
        if few == MANY_LABELS {
            numbers.put(labels.len() as u64);
        }
        numbers.put(index);
        values.iter().for_each(|&value| numbers.put(value));
        for &(key, number) in labels {
            numbers.put(key);
            numbers.put(number.cast_unsigned());
        }
        numbers.flush();
        chunk.extend_from_slice(stack);
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Shows the indexes of the locations of each record, what its bucket allocated, and its size.
    pub(super) fn for_each(&self, columns: &Columns, mut show: impl FnMut(&[u32], i64, Option<i64>)) {
        let mut scratch = Scratch::default();
        let mut stack = Vec::new();
        for chunk in &self.chunks {
            let mut rest = &chunk[..];
            while !rest.is_empty() {
                stack.clear();
                each_id(Record::take(&mut rest, columns.count, &mut scratch).stack, |index| stack.push(index));
                let allocated = columns.allocated_space.map_or(0, |column| scratch.values[column]);
                show(&stack, allocated, columns.block_size(&scratch));
            }
        }
    }

    /// Index in the file of the first sample with a location, by its index, on its stack.
    pub(super) fn first_with(&self, columns: usize, location: u32) -> Option<u64> {
        let mut scratch = Scratch::default();
        for chunk in &self.chunks {
            let mut rest = &chunk[..];
            while !rest.is_empty() {
                let record = Record::take(&mut rest, columns, &mut scratch);
                let mut found = false;
                each_id(record.stack, |index| found |= index == location);
                if found {
                    return Some(record.index);
                }
            }
        }
        None
    }
}

impl<'c> Record<'c> {
    fn take(rest: &mut &'c [u8], columns: usize, scratch: &mut Scratch) -> Self {
        let mut numbers = Taken { rest, lens: 0, left: 0 };
        let shape = usize::try_from(numbers.take()).unwrap_or_default();
        let len = shape / (MANY_LABELS + 1);
        let labels = match shape % (MANY_LABELS + 1) {
            MANY_LABELS => numbers.take(),
            few => few as u64,
        };
        let index = numbers.take();
        scratch.values.clear();
        scratch.values.extend((0..columns).map(|_| numbers.take().cast_signed()));
        scratch.labels.clear();
        scratch.labels.extend((0..labels).map(|_| (numbers.take(), numbers.take().cast_signed())));
        let (stack, tail) = numbers.rest.split_at(len.min(numbers.rest.len()));
        *rest = tail;
        Record { index, stack }
    }
}

/// So many labels have a number of their own for how many they are.
const MANY_LABELS: usize = 3;

/// So many numbers stand together.
const GROUP: usize = 8;
/// Bytes of a number at most, and of how many each of a group has.
const WORD: usize = size_of::<u64>();
const LENS: usize = size_of::<u32>();

/// Numbers on their way into a chunk, by groups: how many bytes each has, in four bits, and these. 0 has none.
struct Numbers<'c> {
    chunk: &'c mut Vec<u8>,
    /// The group, as a fixed number of bytes is written faster than some of them.
    bytes: [u8; LENS + GROUP * WORD],
    len: usize,
    lens: u32,
    count: usize,
}

impl<'c> Numbers<'c> {
    fn of(chunk: &'c mut Vec<u8>) -> Self {
        Numbers { chunk, bytes: [0; LENS + GROUP * WORD], len: LENS, lens: 0, count: 0 }
    }

    #[inline]
    fn put(&mut self, number: u64) {
        if self.count == GROUP {
            self.flush();
        }
        let len = (u64::BITS - number.leading_zeros()).div_ceil(8);
        self.bytes[self.len..self.len + WORD].copy_from_slice(&number.to_le_bytes());
        self.lens |= len << (4 * self.count);
        self.len += len as usize;
        self.count += 1;
    }

    fn flush(&mut self) {
        self.bytes[..LENS].copy_from_slice(&self.lens.to_le_bytes());
        self.chunk.extend_from_slice(&self.bytes[..self.len]);
        (self.len, self.lens, self.count) = (LENS, 0, 0);
    }
}

/// Takes the numbers of a record again.
struct Taken<'c> {
    rest: &'c [u8],
    /// Of what is left of the group.
    lens: u32,
    left: usize,
}

impl Taken<'_> {
    /// The next number, of which it is known that there is one.
    #[inline(always)]
    fn take(&mut self) -> u64 {
        if self.left == 0 {
            let Some((lens, rest)) = self.rest.split_first_chunk() else { return 0 };
            (self.rest, self.lens, self.left) = (rest, u32::from_le_bytes(*lens), GROUP);
        }
        let len = self.lens & 0xf;
        self.lens >>= 4;
        self.left -= 1;
        let word = match self.rest.first_chunk() {
            Some(bytes) => u64::from_le_bytes(*bytes),
            // The last of a chunk.
            None => self.rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
        };
        self.rest = &self.rest[self.rest.len().min(len as usize)..];
        word & !(u64::MAX << (4 * len) << (4 * len))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::packed::put_id;

    #[test]
    fn records_come_back_as_they_were() {
        let ids = [3, 0, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000];
        let mut stack = Vec::new();
        ids.iter().for_each(|&id| put_id(&mut stack, id));
        let values = [0, 5, u64::MAX, i64::MIN.cast_unsigned()];
        let mut records = Records::default();
        (0..10_000).for_each(|index| records.push(index, &stack, &values, &[(7, 48), (9, i64::MIN)]));
        assert!(records.chunks.len() > 1);
        assert_eq!(records.first_with(4, 0x20_0000), Some(0));
        assert_eq!(records.first_with(4, 1), None);

        let columns =
            Columns { count: 4, objects: Some(2), space: Some(1), allocated_space: Some(3), size_keys: vec![2, 7] };
        let samples = Samples::new(records, (0..0x20_0001).map(|index| index ^ 1).collect(), columns);
        let mut count = 0;
        let mut check = |sample: &Sample<'_>| {
            assert_eq!(sample.stack, ids.map(|index| LocationId(index ^ 1)));
            assert_eq!((sample.objects, sample.space), (-1, 5));
            assert_eq!((sample.allocated_space, sample.block_size), (Some(i64::MIN), Some(48)));
            count += 1;
        };
        samples.for_each(&mut check);
        samples.drain(check);
        assert_eq!(count, 20_000);
    }

    #[test]
    fn records_have_any_number_of_numbers() {
        let number = |at: usize| u64::MAX >> (at * 7 % 65).min(63) >> u32::from(at.is_multiple_of(9));
        for (columns, labels, depth) in (0..1200).map(|at| (at % 20, at / 20 % 12, at % 7 * 50)) {
            let values: Vec<_> = (0..columns).map(number).collect();
            let labels: Vec<_> = (0..labels).map(|at| (number(at + 3), number(at + columns).cast_signed())).collect();
            let mut records = Records::default();
            let stack = vec![1; depth];
            (0..3).for_each(|index| records.push(index, &stack, &values, &labels));
            let mut scratch = Scratch::default();
            let mut rest = &records.chunks.concat()[..];
            for index in 0..3 {
                let record = Record::take(&mut rest, columns, &mut scratch);
                assert_eq!((record.index, record.stack), (index, &stack[..]));
                assert_eq!(scratch.values, values.iter().map(|value| value.cast_signed()).collect::<Vec<_>>());
                assert_eq!(scratch.labels, labels);
            }
            assert!(rest.is_empty());
        }
    }
}
