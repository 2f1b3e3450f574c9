//! Stacks, packed as on the wire: ids of locations that count from 1, in seven bits a byte. In memory, the index of a
//! location is one less.

/// Adds the index of a location to a packed stack: as an id that counts from 1, which is what most files have.
#[inline(always)]
pub(super) fn put_id(bytes: &mut Vec<u8>, index: u32) {
    let id = index + 1;
    let low = |shift: u32| (id >> shift).to_le_bytes()[0] | 0x80;
    let last = |shift: u32| (id >> shift).to_le_bytes()[0];
    match id {
        0..0x80 => bytes.push(last(0)),
        0x80..0x4000 => bytes.extend_from_slice(&[low(0), last(7)]),
        0x4000..0x20_0000 => bytes.extend_from_slice(&[low(0), low(7), last(14)]),
        // No table has 2²⁸ entries.
        _ => bytes.extend_from_slice(&[low(0), low(7), low(14), last(21)]),
    }
}

/// Shows the indexes of the locations of a packed stack.
#[inline(always)]
pub(super) fn each_id(mut stack: &[u8], mut show: impl FnMut(u32)) {
    while !stack.is_empty() {
        stack = match four_ids(stack) {
            Some(([a, b, c, d], rest)) => {
                show(a);
                show(b);
                show(c);
                show(d);
                rest
            }
            None => {
                let (index, rest) = short_id(stack).unwrap_or_else(|| long_id(stack));
                show(index);
                rest
            }
        };
    }
}

/// Likewise, while ids have up to three bytes, as all but the largest have, and `show` takes them; whether it was shown
/// all.
#[inline(always)]
pub(super) fn each_short_id(mut stack: &[u8], mut show: impl FnMut(u32) -> bool) -> bool {
    while !stack.is_empty() {
        let (taken, rest) = match four_ids(stack) {
            Some(([a, b, c, d], rest)) => (show(a) && show(b) && show(c) && show(d), rest),
            None => match short_id(stack) {
                Some((index, rest)) => (show(index), rest),
                None => return false,
            },
        };
        if !taken {
            return false;
        }
        stack = rest;
    }
    true
}

/// The indexes of four locations whose ids have two bytes each, as most of a large profile have, at a look.
#[inline(always)]
fn four_ids(stack: &[u8]) -> Option<([u32; 4], &[u8])> {
    let (word, rest) = stack.split_first_chunk()?;
    let word = u64::from_le_bytes(*word);
    if word & 0x8080_8080_8080_8080 != 0x0080_0080_0080_0080 {
        return None;
    }
    let ids = word & 0x007f_007f_007f_007f | word >> 1 & 0x3f80_3f80_3f80_3f80;
    let index = |shift: u32| u32::try_from(ids >> shift & 0xffff).unwrap_or_default().wrapping_sub(1);
    Some(([index(0), index(16), index(32), index(48)], rest))
}

/// The index of a location whose id has up to three bytes.
#[inline(always)]
fn short_id(stack: &[u8]) -> Option<(u32, &[u8])> {
    let low = |byte: u8| u32::from(byte & 0x7f);
    let (id, rest) = match *stack {
        [a @ 0..0x80, ref rest @ ..] => (u32::from(a), rest),
        [a, b @ 0..0x80, ref rest @ ..] => (low(a) | u32::from(b) << 7, rest),
        [a, b, c @ 0..0x80, ref rest @ ..] => (low(a) | low(b) << 7 | u32::from(c) << 14, rest),
        _ => return None,
    };
    Some((id.wrapping_sub(1), rest))
}

/// One of four bytes, or one that its file wrote in more bytes than it needs.
#[inline(never)]
fn long_id(stack: &[u8]) -> (u32, &[u8]) {
    let end = stack.iter().position(|&byte| byte < 0x80).map_or(stack.len(), |last| last + 1);
    let (bytes, rest) = stack.split_at(end);
    let parts = bytes.iter().zip((0..).step_by(7));
    let id = parts.fold(0, |id, (&byte, shift)| id | u64::from(byte & 0x7f).wrapping_shl(shift));
    (u32::try_from(id.wrapping_sub(1)).unwrap_or(u32::MAX), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_by_four_are_as_one_by_one() {
        let lens = [1, 2, 2, 2, 2, 2, 2, 3, 4];
        for seed in 0..4000 {
            // As the file may have written them: with more bytes than they need, too.
            let id = |at: usize| match lens[seed * (at + 7) % 31 % lens.len()] {
                1 => vec![1],
                len => [vec![0x80 | (at * seed).to_le_bytes()[0]; len - 1], vec![(at % 3).to_le_bytes()[0]]].concat(),
            };
            let stack: Vec<Vec<u8>> = (0..seed % 23).map(id).collect();
            let one_by_one: Vec<u32> = stack.iter().map(|id| long_id(id).0).collect();
            let stack = stack.concat();
            let mut found = Vec::new();
            each_id(&stack, |index| found.push(index));
            assert_eq!(found, one_by_one, "{stack:x?}");

            let mut found = Vec::new();
            let all = each_short_id(&stack, |index| {
                found.push(index);
                index != u32::MAX
            });
            assert_eq!(found, one_by_one[..found.len()], "{stack:x?}");
            let is_refused = |id: &&[u8]| id.len() > 3 || long_id(id).0 == u32::MAX;
            assert_eq!(all, !stack.split_inclusive(|&byte| byte < 0x80).any(|id| is_refused(&id)), "{stack:x?}");
        }
    }
}
