//! Tells a dead sample from a look at its bytes: nine of ten samples of a Go profile are dead.
//!
//! In: a sample as it stands on the wire. Out: what is counted of it. Any other is left to the walk.

use super::varint::{self, packed_len};
use super::wire::{Short, first_varint};

/// A dead sample of four values, two of allocations and two of 0, told from a look at its bytes.
pub(super) struct PlainlyDead {
    /// Which of the allocations are not 0.
    pub(super) allocated: [bool; 2],
    /// The first id of its stack; 0 without one.
    pub(super) leaf: u64,
    /// How many ids its stack has, of packed ones at most three, and whether they are packed.
    pub(super) ids: (usize, bool),
    /// Whether its values are packed.
    pub(super) packed_values: bool,
}

/// Keys of the fields of a sample.
const IDS: u8 = 1 << 3 | 2;
const VALUES: u8 = 2 << 3 | 2;
const LABEL: u8 = 3 << 3 | 2;
const UNPACKED_ID: u8 = 1 << 3;
const UNPACKED_VALUE: u8 = 2 << 3;

impl PlainlyDead {
    /// `None` for any other sample, and for one that must be read to tell.
    #[inline(always)]
    pub(super) fn new(sample: &[u8], expected_values: Option<usize>) -> Option<Self> {
        match (expected_values, sample) {
            (Some(4), [VALUES, ..]) => Self::as_go_writes(sample),
            (Some(4), _) => Self::as_others_write(sample),
            _ => None,
        }
    }

    /// One with its values before its stack, both packed.
    #[inline(always)]
    fn as_go_writes(sample: &[u8]) -> Option<Self> {
        let [VALUES, len @ 0..0x80, values @ ..] = sample else { return None };
        let (run, rest) = values.split_at_checked(usize::from(*len))?;
        let [first, second, ..] = only_allocated(run, values.first_chunk())?;
        let (ids, mut rest) = match *rest {
            [IDS, len @ 0..0x80, ref rest @ ..] => rest.split_at_checked(usize::from(len))?,
            [IDS, low, high @ 0..0x80, ref rest @ ..] => {
                rest.split_at_checked(usize::from(low & 0x7f) | usize::from(high) << 7)?
            }
            _ => return None,
        };
        while let [LABEL, len @ 0..0x80, tail @ ..] = rest {
            rest = tail.get(usize::from(*len)..)?;
        }
        if !rest.is_empty() {
            return None;
        }
        let allocated = [first, second];
        Some(PlainlyDead { allocated, leaf: first_varint(ids), ids: (packed_len(ids), true), packed_values: true })
    }

    #[inline(never)]
    fn as_others_write(sample: &[u8]) -> Option<Self> {
        let mut values = [false; 4];
        let (mut count, mut packed, mut ids, mut leaf, mut rest) = (0, false, (0, false), 0, sample);
        while !rest.is_empty() {
            rest = match *rest {
                // There may be hundreds.
                [UNPACKED_ID, ref tail @ ..] if !ids.1 => {
                    let (id, tail) = varint::take(tail)?;
                    leaf = if ids.0 == 0 { id } else { leaf };
                    ids.0 += 1;
                    tail
                }
                [UNPACKED_VALUE, ref tail @ ..] => {
                    let (value, tail) = varint::take(tail)?;
                    *values.get_mut(count)? = value != 0;
                    count += 1;
                    tail
                }
                _ => {
                    let part = Short::of(rest)?;
                    let (run, tail) = rest[part.head..].split_at(part.len);
                    match part.number {
                        1 if ids.0 == 0 => {
                            leaf = first_varint(run);
                            ids = (packed_len(run), true);
                        }
                        2 if count == 0 => {
                            values = only_allocated(run, rest[part.head..].first_chunk())?;
                            (count, packed) = (4, true);
                        }
                        3 => {}
                        _ => return None,
                    }
                    tail
                }
            };
        }
        match values {
            [first, second, false, false] if count == 4 => {
                Some(PlainlyDead { allocated: [first, second], leaf, ids, packed_values: packed })
            }
            _ => None,
        }
    }
}

/// Which of four packed numbers are not 0, if the last two are. `start`: the first bytes of the run, and maybe
/// some behind it.
#[inline(always)]
fn only_allocated(run: &[u8], start: Option<&[u8; 8]>) -> Option<[bool; 4]> {
    let [first @ .., 0, 0] = run else { return None };
    // The last byte of a number is below 0x80: one in between, and one at the end.
    if let (Some(start), 2..=8) = (start, first.len()) {
        // Both numbers at a look.
        let word = u64::from_le_bytes(*start);
        let end = 0x80 << (8 * first.len() - 8);
        let ends = !word & 0x8080_8080_8080_8080 & (end | (end - 1));
        if ends & ends.wrapping_sub(1) != end {
            return None;
        }
        let second = word >> (ends.trailing_zeros() + 1) & 0xff;
        return Some([word & 0xff != 0, second != 0, false, false]);
    }
    let second = first.iter().position(|&byte| byte < 0x80)? + 1;
    let end = second + first[second..].iter().position(|&byte| byte < 0x80)? + 1;
    (end == first.len()).then(|| [first[0] != 0, first[second] != 0, false, false])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_look_at_a_word_tells_what_a_look_at_each_byte_does() {
        let runs: [&[u8]; 12] = [
            &[5, 48, 0, 0],
            &[0, 0, 0, 0],
            &[0, 7, 0, 0],
            &[0x80, 1, 0, 0, 0],
            &[5, 0xff, 0xff, 3, 0, 0],
            &[0xff, 0xff, 3, 0xff, 0xff, 0xff, 0xff, 3, 0, 0],
            &[5, 48, 1, 0],
            &[5, 48, 0],
            &[5, 0, 0],
            &[5, 48, 3, 0, 0],
            &[0x85, 0x80, 0, 0],
            &[0xff, 0xff, 3, 0xff, 0xff, 0xff, 0xff, 0x83, 0, 0],
        ];
        let mut dead = 0;
        for run in runs {
            let followed = |byte: u8| [run, &[byte; 8]].concat();
            let slow = only_allocated(run, None);
            for byte in [0, 0xff] {
                assert_eq!(only_allocated(run, followed(byte).first_chunk()), slow, "{run:?}");
            }
            dead += usize::from(slow.is_some());
        }
        assert_eq!(dead, 6);
    }
}
