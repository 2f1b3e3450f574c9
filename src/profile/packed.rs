//! Samples in memory, as varints: a large profile has millions of frames on its stacks, and four bytes each would take
//! twice the memory.
//!
//! Each sample is a run of varints, and the samples follow each other:
//!
//! ```text
//! ┌───────┬──────────────────────┬────────┬─────────────────────────┬───────┬───────────────────┐
//! │ index │ value, one per       │ labels │ key, number             │ depth │ location index    │
//! │       │ column of the file   │        │ for each numeric label  │       │ for each frame    │
//! └───────┴──────────────────────┴────────┴─────────────────────────┴───────┴───────────────────┘
//! ```
//!
//! Values and numbers are 64 bits in two's complement. A stack, leaf first, leads from there to names:
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
    /// Appends the sample to `bytes`.
    pub(super) fn pack(&self, bytes: &mut Vec<u8>) {
        put_varint(self.index, bytes);
        self.values.iter().for_each(|value| put_varint(value.cast_unsigned(), bytes));
        put_varint(self.labels.len() as u64, bytes);
        for &(key, number) in &self.labels {
            put_varint(key, bytes);
            put_varint(number.cast_unsigned(), bytes);
        }
        put_varint(self.stack.len() as u64, bytes);
        self.stack.iter().for_each(|&location| put_varint(location.into(), bytes));
    }

    /// Takes the first sample of `packed`, which has `columns` values; `false` at the end.
    pub(super) fn unpack(&mut self, packed: &mut &[u8], columns: usize) -> bool {
        if packed.is_empty() {
            return false;
        }
        let mut next = || take_varint(packed);
        self.index = next();
        self.values.clear();
        self.values.extend((0..columns).map(|_| next().cast_signed()));
        self.labels.clear();
        let labels = next();
        self.labels.extend((0..labels).map(|_| (next(), next().cast_signed())));
        self.stack.clear();
        let depth = next();
        self.stack.extend((0..depth).map(|_| u32::try_from(next()).unwrap_or_default()));
        true
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

/// Bytes of a chunk. Above the size from which malloc gives memory back to the system at once.
const CHUNK: usize = 256 << 10;

/// Packed samples, in chunks that can be freed one by one.
#[derive(Debug, Default)]
pub(super) struct PackedSamples {
    chunks: Vec<Vec<u8>>,
    count: usize,
}

impl PackedSamples {
    pub(super) fn push(&mut self, sample: &UnpackedSample) {
        let is_full = |chunk: &Vec<u8>| chunk.len() >= CHUNK - CHUNK / 16;
        if self.chunks.last().is_none_or(is_full) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let last = self.chunks.len() - 1;
        sample.pack(&mut self.chunks[last]);
        self.count += 1;
    }

    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Bytes of memory, rounded up to whole chunks.
    pub(super) fn bytes(&self) -> usize {
        self.chunks.len() * CHUNK
    }

    /// Calls `show` with each sample, which has `columns` values.
    pub(super) fn for_each(&self, columns: usize, mut show: impl FnMut(&UnpackedSample)) {
        let mut sample = UnpackedSample::default();
        self.chunks.iter().for_each(|chunk| each(chunk, columns, &mut sample, &mut show));
    }

    /// Does the same, and frees each chunk once its samples were shown.
    pub(super) fn drain(self, columns: usize, mut show: impl FnMut(&UnpackedSample)) {
        let mut sample = UnpackedSample::default();
        self.chunks.into_iter().for_each(|chunk| each(&chunk, columns, &mut sample, &mut show));
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

fn each(mut packed: &[u8], columns: usize, sample: &mut UnpackedSample, show: &mut impl FnMut(&UnpackedSample)) {
    while sample.unpack(&mut packed, columns) {
        show(sample);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back_as_they_were() {
        let sample = |at: usize| UnpackedSample {
            index: at as u64,
            values: vec![0, 5, i64::MAX, i64::MIN],
            labels: (0..at % 4).map(|label| (7 << label, -9)).collect(),
            stack: [3, 0, 0x7f, 0x80, 0x1f_ffff, 0x20_0000].repeat(at % 5),
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
