//! Tells a dead sample from a look at its bytes: nine of ten samples of a Go profile are dead.
//!
//! In: a sample as it stands on the wire. Out: what is counted of it. Any other is left to the walk.

use super::varint::{self, packed_len};
use super::wire::{Short, first_varint};

/// A dead sample of four values, two of allocations and two of 0, told from a look at its bytes.
pub(super) struct PlainlyDead {
    /// The allocations.
    allocated: Allocated,
    /// The first id of its stack; 0 without one.
    pub(super) leaf: u64,
    /// How many ids its stack has, where three may stand for more, and whether they are packed.
    pub(super) ids: (usize, bool),
    /// Whether its values are packed.
    pub(super) packed_values: bool,
}

/// Dead samples as Go writes them, one behind the other: of four values, packed as are their stacks.
pub(super) struct DeadRun {
    pub(super) samples: u64,
    /// Which of the allocations of any are not 0.
    pub(super) allocated: [bool; 2],
    /// How many bytes they take, with their keys and lengths.
    pub(super) len: usize,
}

/// Key of a sample.
pub(super) const SAMPLE: u8 = 2 << 3 | 2;
/// Keys of the fields of a sample.
pub(super) const IDS: u8 = 1 << 3 | 2;
pub(super) const VALUES: u8 = 2 << 3 | 2;
pub(super) const LABEL: u8 = 3 << 3 | 2;
const UNPACKED_ID: u8 = 1 << 3;
const UNPACKED_VALUE: u8 = 2 << 3;

impl DeadRun {
    /// Those that `bytes`, fields of a profile, start with, up to the first that is another one or whose leaf `wants`
    /// says is wanted.
    #[inline(always)]
    pub(super) fn new(bytes: &[u8], wants: impl Fn(u64) -> bool) -> Self {
        let (mut rest, mut samples, mut allocated) = (bytes, 0, [false; 2]);
        while let Some((dead, tail)) = Self::first(rest)
            && !wants(dead.leaf)
        {
            // Soon both are known not to be.
            if allocated != [true; 2] {
                let [first, second] = dead.allocated();
                allocated = [allocated[0] | first, allocated[1] | second];
            }
            samples += 1;
            rest = tail;
        }
        DeadRun { samples, allocated, len: bytes.len() - rest.len() }
    }

    /// The first sample, and what follows it.
    #[inline(always)]
    fn first(bytes: &[u8]) -> Option<(PlainlyDead, &[u8])> {
        let (sample, tail) = part(SAMPLE, bytes)?;
        let dead = PlainlyDead::as_go_writes(sample)?;
        (dead.ids.0 == 3).then_some((dead, tail))
    }
}

/// The first bytes of two numbers.
#[derive(Clone, Copy)]
struct Allocated {
    bytes: u64,
    /// Where in these the second one starts.
    second: u32,
}

impl Allocated {
    /// Which of them are not 0.
    #[inline(always)]
    fn any(self) -> [bool; 2] {
        [self.bytes & 0xff != 0, self.bytes >> self.second & 0xff != 0]
    }
}

impl PlainlyDead {
    /// Which of the allocations are not 0.
    #[inline(always)]
    pub(super) fn allocated(&self) -> [bool; 2] {
        self.allocated.any()
    }

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
        let allocated = only_allocated(run, values.first_chunk())?;
        let (ids, mut rest) = part(IDS, rest)?;
        while let [LABEL, len @ 0..0x80, tail @ ..] = rest {
            rest = tail.get(usize::from(*len)..)?;
        }
        if !rest.is_empty() {
            return None;
        }
        Some(PlainlyDead { allocated, leaf: first_varint(ids), ids: (packed_len(ids), true), packed_values: true })
    }

    #[inline(never)]
    fn as_others_write(sample: &[u8]) -> Option<Self> {
        let (mut count, mut packed, mut ids, mut leaf, mut rest) = (0, false, (0, false), 0, sample);
        let mut values = [0; 4];
        while !rest.is_empty() {
            rest = match *rest {
                [UNPACKED_ID, ref tail @ ..] if !ids.1 => {
                    let (id, tail) = varint::take(tail)?;
                    leaf = if ids.0 == 0 { id } else { leaf };
                    ids.0 += 1;
                    // There may be hundreds.
                    if ids.0 == 3 { &tail[unpacked_ids(tail)..] } else { tail }
                }
                [UNPACKED_VALUE, ref tail @ ..] => {
                    let (value, tail) = varint::take(tail)?;
                    *values.get_mut(count)? = u64::from(value != 0);
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
                            let allocated = only_allocated(run, rest[part.head..].first_chunk())?;
                            let [first, second] = allocated.any().map(u64::from);
                            (values, count, packed) = ([first, second, 0, 0], 4, true);
                        }
                        3 => {}
                        _ => return None,
                    }
                    tail
                }
            };
        }
        match values {
            [first, second, 0, 0] if count == 4 => {
                let allocated = Allocated { bytes: first | second << 8, second: 8 };
                Some(PlainlyDead { allocated, leaf, ids, packed_values: packed })
            }
            _ => None,
        }
    }
}

/// How many bytes at the start are unpacked ids of at most eight bytes and nothing else; all of them but the last few.
fn unpacked_ids(bytes: &[u8]) -> usize {
    const HIGH: u64 = 0x8080_8080_8080_8080;
    const LOW: u64 = !HIGH;
    const IDS: u64 = u64::from_ne_bytes([UNPACKED_ID; 8]);
    let mut at = 0;
    // The high bit of a byte stands for the byte. Here: whether it is one of an id, and not its last one.
    let mut inside = 0;
    // So many bytes at the end of the last word are of an id that goes on.
    let mut unended = 0;
    for word in bytes.as_chunks().0 {
        let word = u64::from_le_bytes(*word);
        // The key of an id is below 0x80, and so is its last byte: they take turns.
        let below = !word & HIGH;
        if unended + below.trailing_zeros() / 8 >= 8 {
            break;
        }
        unended = below.leading_zeros() / 8;
        let mut begun = below ^ below << 8;
        begun ^= begun << 16;
        begun ^= begun << 32;
        begun ^= inside;
        let keys = (below & !begun) << 8 | !inside & 0x80;
        let differs = word ^ IDS;
        let others = keys & (((differs & LOW) + LOW) | differs);
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        inside = if begun & 1 << 63 != 0 { HIGH } else { 0 };
        at += 8;
    }
    // Back to the key of the last one.
    if inside != 0 {
        at = bytes[..at].iter().rposition(|&byte| byte < 0x80).unwrap_or(0);
    }
    at
}

/// The bytes of the part that `bytes` start with, if it has this key and a length of one or two bytes, and what follows.
#[inline(always)]
pub(super) fn part(key: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = match *bytes {
        [found, len @ 0..0x80, ref rest @ ..] if found == key => (usize::from(len), rest),
        [found, low, high @ 0..0x80, ref rest @ ..] if found == key => {
            (usize::from(low & 0x7f) | usize::from(high) << 7, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(len)
}

/// The first two of four packed numbers, if the last two are 0. `start`: the first bytes of the run, and maybe some
/// behind it.
#[inline(always)]
fn only_allocated(run: &[u8], start: Option<&[u8; 8]>) -> Option<Allocated> {
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
        return Some(Allocated { bytes: word, second: ends.trailing_zeros() + 1 });
    }
    let second = first.iter().position(|&byte| byte < 0x80)? + 1;
    let end = second + first[second..].iter().position(|&byte| byte < 0x80)? + 1;
    (end == first.len()).then(|| Allocated { bytes: u64::from(first[0]) | u64::from(first[second]) << 8, second: 8 })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn unpacked_ids_are_told_from_what_follows() {
        // By a look at each byte.
        let slow = |bytes: &[u8]| {
            let mut rest = bytes;
            while let [UNPACKED_ID, tail @ ..] = rest {
                let Some((_, tail)) = varint::take(tail) else { break };
                rest = tail;
            }
            bytes.len() - rest.len()
        };
        // More ids, behind one that is too long.
        let long = |len| [&[8][..], &vec![0x80; len], &[1], &[8; 20]].concat();
        let ends = [&[][..], &[16, 8, 16, 8], &[0x88, 0, 7], &[0x88, 8, 7], &[8], &[8, 0x80, 0x80], &[26, 2, 8, 8]];
        let ends: Vec<_> = ends.into_iter().map(<[u8]>::to_vec).chain((8..20).map(long)).collect();
        for (count, lens) in (0..400).map(|at| (at % 20, at / 20)) {
            for end in &ends {
                let id = |at: usize| [&[8][..], &[0x88; 7][..(at * (lens + 1) + lens) % 8], &[8]].concat();
                let ids: Vec<u8> = (0..count).flat_map(id).collect();
                let bytes = [&ids, &end[..]].concat();
                let (found, all) = (unpacked_ids(&bytes), slow(&bytes));
                assert_eq!(found + slow(&bytes[found..]), all, "{bytes:x?}");
                assert!(all - found < 16, "{bytes:x?}");
            }
        }
    }

    #[test]
    fn a_run_ends_in_front_of_what_is_not_passed() {
        let field = |key: u8, bytes: &[u8]| [&[key, u8::try_from(bytes.len()).unwrap()], bytes].concat();
        let sample = |values: &[u8], ids: &[u8], label: &[u8]| {
            field(SAMPLE, &[field(VALUES, values), field(IDS, ids), label.to_vec()].concat())
        };
        let bytes_label = field(LABEL, &[8, 7, 24, 16]);
        let dead = [
            sample(&[5, 48, 0, 0], &[1, 2, 3], &bytes_label),
            sample(&[0, 0, 0, 0], &[0x84, 1, 2, 3], &[]),
            sample(&[0, 0, 0, 0], &[9; 70], &bytes_label),
        ];
        let len: usize = dead.iter().map(Vec::len).sum();
        let others = [
            vec![SAMPLE],
            sample(&[5, 48, 1, 16], &[1, 2, 3], &[]),
            sample(&[5, 0, 0], &[1, 2, 3], &[]),
            sample(&[5, 48, 0, 0], &[1, 2], &[]),
            sample(&[5, 48, 0, 0], &[1, 2, 3], &[8, 1]),
            field(4 << 3 | 2, &[8, 1]),
            sample(&[5, 48, 0, 0], &[7, 2, 3], &[]),
        ];
        for other in others {
            let bytes = [dead.concat(), other, dead[2].clone()].concat();
            let run = DeadRun::new(&bytes, |leaf| leaf == 7);
            assert_eq!((run.samples, run.allocated, run.len), (3, [true, true], len), "{bytes:x?}");
        }
        let cut = dead.concat();
        let run = DeadRun::new(&cut[..len - 1], |_| false);
        assert_eq!((run.samples, run.len), (2, len - dead[2].len()));
        let second = DeadRun::new(&dead[1..].concat(), |leaf| leaf == 9);
        assert_eq!((second.samples, second.allocated, second.len), (1, [false; 2], dead[1].len()));
    }

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
            let slow = only_allocated(run, None).map(Allocated::any);
            for byte in [0, 0xff] {
                assert_eq!(only_allocated(run, followed(byte).first_chunk()).map(Allocated::any), slow, "{run:?}");
            }
            dead += usize::from(slow.is_some());
        }
        assert_eq!(dead, 6);
    }
}
