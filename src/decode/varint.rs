//! Numbers as the wire has them: seven bits a byte, the lowest first, and all bytes but the last from 0x80 on.

/// The number of at most eight bytes that `bytes` start with, and what follows it; `None` if there is none.
#[inline(always)]
pub(super) fn take(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let low = |byte: u8| u64::from(byte & 0x7f);
    match *bytes {
        [a @ 0..0x80, ref rest @ ..] => Some((a.into(), rest)),
        [a, b @ 0..0x80, ref rest @ ..] => Some((low(a) | u64::from(b) << 7, rest)),
        [a, b, c @ 0..0x80, ref rest @ ..] => Some((low(a) | low(b) << 7 | u64::from(c) << 14, rest)),
        // Most addresses.
        [a, b, c, d @ 0..0x80, ref rest @ ..] => Some((low(a) | low(b) << 7 | low(c) << 14 | u64::from(d) << 21, rest)),
        _ => take_long(bytes),
    }
}

/// Likewise, all bytes at a look.
#[inline(never)]
fn take_long(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let word = match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte)),
    };
    let ends = !word & 0x8080_8080_8080_8080;
    let len = ends.trailing_zeros() as usize / 8 + 1;
    let rest = bytes.get(len..).filter(|_| len <= 8)?;
    let word = word & u64::MAX >> (64 - 8 * len);
    // The seven bits of two bytes next to each other, then those of two pairs, then of both halves.
    let word = word & 0x007f_007f_007f_007f | (word & 0x7f00_7f00_7f00_7f00) >> 1;
    let word = word & 0x0000_3fff_0000_3fff | (word & 0x3fff_0000_3fff_0000) >> 2;
    Some((word & 0x0fff_ffff | (word & 0x0fff_ffff_0000_0000) >> 4, rest))
}

/// How many numbers a packed run has; three stands for more. A number takes ten bytes at most, and
/// its last one is below 0x80.
pub(super) fn packed_len(run: &[u8]) -> usize {
    if run.len() > 20 { 3 } else { run.iter().filter(|&&byte| byte < 0x80).count() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths_are_read_with_whatever_follows() {
        for bits in 0..56 {
            for number in [1u64 << bits, (1 << bits) | 1, (2 << bits) - 1] {
                let mut bytes = Vec::new();
                prost::encoding::encode_varint(number, &mut bytes);
                for follows in [&[][..], &[0], &[0xff], &[0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80]] {
                    let with_rest = [&bytes, follows].concat();
                    assert_eq!(take(&with_rest), Some((number, follows)), "{with_rest:x?}");
                }
                // Cut off.
                assert!((0..bytes.len()).all(|len| take(&bytes[..len]).is_none()), "{bytes:x?}");
            }
        }
        assert_eq!(take(&[0x80, 0x00, 7]), Some((0, &[7][..])));
        assert_eq!(take(&[0xff; 10]), None);
        assert_eq!(take(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), None);
    }
}
