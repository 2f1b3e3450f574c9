//! Samples in memory: numbers as varints, which take a third of the memory of plain ones, and stacks as plain indexes.
//!
//! Samples follow each other in two vectors:
//!
//! ```text
//! numbers  │ index │ value, one per     │ labels │ key, number            │ depth │ index … of the next sample
//!          │       │ column of the file │        │ for each numeric label │       │
//! frames   │ location index, leaf first │ × depth                                 │ of the next sample
//! ```
//!
//! Values and label numbers are 64 bits in two's complement. A stack leads from there to names:
//!
//! ```text
//! location index ─▶ LocationId ─▶ address, mapping, lines ─▶ FunctionId, line number ─▶ StrId of name and file
//! (first mention    (live ones      (innermost first)
//!  in the file)      only)
//! ```

/// A sample, as it is packed or was unpacked.
#[derive(Debug, Default)]
pub(super) struct UnpackedSample {
    /// Index of the sample in the file.
    pub(super) index: u64,
    pub(super) values: Vec<i64>,
    /// Numeric labels: a string index and a number.
    pub(super) labels: Vec<(u64, i64)>,
    /// Indexes of locations, leaf first.
    pub(super) stack: Vec<u32>,
}

impl UnpackedSample {
    /// Takes the first sample of `packed`, which has `columns` values; `false` at the end.
    fn unpack(&mut self, packed: &mut PackedSlice<'_>, columns: usize) -> bool {
        if packed.numbers.is_empty() {
            return false;
        }
        let mut next = || take_varint(&mut packed.numbers);
        self.index = next();
        self.values.clear();
        self.values.extend((0..columns).map(|_| next().cast_signed()));
        self.labels.clear();
        let labels = next();
        self.labels.extend((0..labels).map(|_| (next(), next().cast_signed())));
        let depth = usize::try_from(next()).unwrap_or(usize::MAX).min(packed.frames.len());
        let (stack, rest) = packed.frames.split_at(depth);
        packed.frames = rest;
        self.stack.clear();
        self.stack.extend_from_slice(stack);
        true
    }
}

/// Packed samples, one after the other.
#[derive(Debug, Default)]
pub(super) struct PackedChunk {
    numbers: Vec<u8>,
    frames: Vec<u32>,
}

/// The part of a [`PackedChunk`] that is still to be unpacked.
#[derive(Clone, Copy)]
struct PackedSlice<'c> {
    numbers: &'c [u8],
    frames: &'c [u32],
}

impl PackedChunk {
    /// Appends a sample.
    pub(super) fn push(&mut self, sample: &UnpackedSample) {
        let numbers = &mut self.numbers;
        put_varint(sample.index, numbers);
        sample.values.iter().for_each(|value| put_varint(value.cast_unsigned(), numbers));
        put_varint(sample.labels.len() as u64, numbers);
        for &(key, number) in &sample.labels {
            put_varint(key, numbers);
            put_varint(number.cast_unsigned(), numbers);
        }
        put_varint(sample.stack.len() as u64, numbers);
        self.frames.extend_from_slice(&sample.stack);
    }

    /// Calls `show` with each sample, which has `columns` values.
    pub(super) fn for_each(&self, columns: usize, show: &mut impl FnMut(&UnpackedSample)) {
        let mut sample = UnpackedSample::default();
        let mut packed = PackedSlice { numbers: &self.numbers, frames: &self.frames };
        while sample.unpack(&mut packed, columns) {
            show(&sample);
        }
    }
}

/// Appends a number, seven bits a byte, the lowest first; all bytes but the last are 0x80 or more.
#[inline(always)]
fn put_varint(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number.to_le_bytes()[0] | 0x80);
        number >>= 7;
    }
    bytes.push(number.to_le_bytes()[0]);
}

/// Takes what [`put_varint`] wrote.
#[inline(always)]
fn take_varint(packed: &mut &[u8]) -> u64 {
    let (mut number, mut shift) = (0, 0);
    while let Some((&byte, rest)) = packed.split_first() {
        *packed = rest;
        number |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
        shift += 7;
    }
    number
}

/// Frames of a chunk. Their memory is above the size from which malloc gives it back to the system at once.
const CHUNK_FRAMES: usize = 64 << 10;
/// Samples without stacks also fill a chunk, bytes.
const CHUNK_NUMBERS: usize = 64 << 10;

/// Packed samples, in chunks that can be freed one by one.
#[derive(Debug, Default)]
pub(super) struct PackedSamples {
    chunks: Vec<PackedChunk>,
    count: usize,
}

impl PackedSamples {
    pub(super) fn push(&mut self, sample: &UnpackedSample) {
        let fits = |chunk: &PackedChunk| {
            chunk.numbers.len() < CHUNK_NUMBERS && chunk.frames.len() + sample.stack.len() <= CHUNK_FRAMES
        };
        if !self.chunks.last().is_some_and(fits) {
            self.chunks.push(PackedChunk { numbers: Vec::new(), frames: Vec::with_capacity(CHUNK_FRAMES) });
        }
        let last = self.chunks.len() - 1;
        self.chunks[last].push(sample);
        self.count += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Calls `show` with each sample, which has `columns` values.
    pub(super) fn for_each(&self, columns: usize, mut show: impl FnMut(&UnpackedSample)) {
        self.chunks.iter().for_each(|chunk| chunk.for_each(columns, &mut show));
    }

    /// Calls `show` with each sample, which has `columns` values, and frees each chunk once its samples were shown.
    pub(super) fn drain(self, columns: usize, mut show: impl FnMut(&UnpackedSample)) {
        self.chunks.into_iter().for_each(|chunk| chunk.for_each(columns, &mut show));
    }

    /// The first sample with a location on its stack: its index in the file.
    pub(super) fn first_with(&self, columns: usize, location: u32) -> Option<u64> {
        let mut first = None;
        self.for_each(columns, |sample| {
            if first.is_none() && sample.stack.contains(&location) {
                first = Some(sample.index);
            }
        });
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_as_they_were() {
        let sample = |index: usize| UnpackedSample {
            index: index as u64,
            values: vec![0, 5, i64::MAX, i64::MIN],
            labels: (0..index % 4).map(|at| (7 << at, -9)).collect(),
            stack: [3, 0, 0x7f, 0x80, 0x1f_ffff, 0x20_0000].repeat(index % 5),
        };
        let mut packed = PackedSamples::default();
        (0..40_000).for_each(|index| packed.push(&sample(index)));
        assert!(packed.chunks.len() > 1);
        assert_eq!(packed.first_with(4, 0x20_0000), Some(1));
        assert_eq!(packed.first_with(4, 1), None);
        let mut expected = (0..40_000).chain(0..40_000).map(sample);
        let mut check =
            |found: &UnpackedSample| assert_eq!(Some(format!("{found:?}")), expected.next().map(|s| format!("{s:?}")));
        packed.for_each(4, &mut check);
        packed.drain(4, &mut check);
        assert!(expected.next().is_none());
    }
}
