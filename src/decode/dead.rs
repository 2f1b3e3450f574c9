//! Tells a dead sample from a look at its bytes: nine of ten samples of a Go profile are dead.
//!
//! In: a sample as it stands on the wire. Out: what is counted of it. Any other is left to the walk.

use super::wire::{first_varint, packed_len};

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

impl PlainlyDead {
    /// `None` for any other sample, and for one that must be read to tell.
    pub(super) fn new(sample: &[u8], expected_values: Option<usize>) -> Option<Self> {
        const ID: u8 = 1 << 3;
        const VALUE: u8 = 2 << 3;
        const PACKED: u8 = 2;
        const LABEL: u8 = 3 << 3 | PACKED;
        if expected_values != Some(4) {
            return None;
        }
        let mut values = [false; 4];
        let (mut count, mut packed, mut ids, mut leaf, mut rest) = (0, false, (0, false), 0, sample);
        while let [key, tail @ ..] = rest {
            rest = if *key & PACKED == 0 {
                // A number ends with its first byte below 0x80.
                let end = tail.iter().take(10).position(|&byte| byte < 0x80)?;
                match *key {
                    ID if !ids.1 => {
                        leaf = if ids.0 == 0 { first_varint(tail) } else { leaf };
                        ids.0 += 1;
                    }
                    VALUE => {
                        *values.get_mut(count)? = tail[..=end] != [0];
                        count += 1;
                    }
                    _ => return None,
                }
                &tail[end + 1..]
            } else {
                let (len, tail) = match tail {
                    [len @ 0..0x80, tail @ ..] => (usize::from(*len), tail),
                    [low, high @ 0..0x80, tail @ ..] => (usize::from(low & 0x7f) | usize::from(*high) << 7, tail),
                    _ => return None,
                };
                let (run, tail) = tail.split_at_checked(len)?;
                match *key & !PACKED {
                    ID if ids.0 == 0 => {
                        leaf = first_varint(run);
                        ids = (packed_len(run), true);
                    }
                    VALUE if count == 0 => {
                        values = only_allocated(run)?;
                        (count, packed) = (4, true);
                    }
                    _ if *key == LABEL => {}
                    _ => return None,
                }
                tail
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

/// Which of four packed numbers are not 0, if the last two are.
fn only_allocated(run: &[u8]) -> Option<[bool; 4]> {
    let [first @ .., 0, 0] = run else { return None };
    // The last byte of a number is below 0x80: one in between, and one at the end.
    let second = first.iter().position(|&byte| byte < 0x80)? + 1;
    let end = second + first[second..].iter().position(|&byte| byte < 0x80)? + 1;
    (end == first.len()).then(|| [first[0] != 0, first[second] != 0, false, false])
}
