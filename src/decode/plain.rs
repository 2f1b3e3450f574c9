//! Reads the small messages that have nothing but varints, as all but a few of a large profile's are; prost reads the
//! others. This saves PLAIN_GAIN of the time of a large profile.

use super::wire::{ShortField, take_varint};
use crate::proto::{Function, Label, Line, Location};

/// The varints of a message that has nothing else, by field number, the last one of each; `None` for any other.
fn varints<const FIELDS: usize>(mut bytes: &[u8]) -> Option<[u64; FIELDS]> {
    let mut fields = [0; FIELDS];
    while let [key, rest @ ..] = bytes {
        // The wire type of a varint is 0, and the bits above it are the number.
        let number = usize::from(*key >> 3);
        if *key & 7 != 0 || *key >= 0x80 || number == 0 || number >= FIELDS {
            return None;
        }
        (fields[number], bytes) = take_varint(rest)?;
    }
    Some(fields)
}

pub(super) fn function(bytes: &[u8]) -> Option<Function> {
    let [_, id, name, system_name, filename, start_line] = varints::<6>(bytes)?;
    let [name, system_name, filename, start_line] = [name, system_name, filename, start_line].map(u64::cast_signed);
    Some(Function { id, name, system_name, filename, start_line })
}

pub(super) fn label(bytes: &[u8]) -> Option<Label> {
    let [_, key, str, num, num_unit] = varints::<5>(bytes)?.map(u64::cast_signed);
    Some(Label { key, str, num, num_unit })
}

fn line(bytes: &[u8]) -> Option<Line> {
    let [_, function_id, line, column] = varints::<4>(bytes)?;
    Some(Line { function_id, line: line.cast_signed(), column: column.cast_signed() })
}

/// Reads a location into `location`, which must be empty; `None` if it is not plain.
pub(super) fn merge_location(location: &mut Location, mut bytes: &[u8]) -> Option<()> {
    const LINE: u32 = 4;
    while let [key, rest @ ..] = bytes {
        if let Some(field) = ShortField::parse(bytes).filter(|field| field.number == LINE) {
            let (value, rest) = field.split(bytes);
            location.line.push(line(value)?);
            bytes = rest;
            continue;
        }
        let (number, rest) = take_varint(rest)?;
        match *key {
            0x08 => location.id = number,
            0x10 => location.mapping_id = number,
            0x18 => location.address = number,
            0x28 => location.is_folded = number != 0,
            _ => return None,
        }
        bytes = rest;
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn plain_messages_are_read_as_prost_reads_them() {
        for number in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000, (1 << 56) - 1, u64::MAX] {
            let line = Line { function_id: number, line: number.cast_signed(), column: 3 };
            let lines = vec![line, Line::default()];
            let expected = Location { id: number, mapping_id: 1, address: number, line: lines, is_folded: true };
            let mut location = Location::default();
            assert_eq!(merge_location(&mut location, &expected.encode_to_vec()), Some(()));
            assert_eq!(location, expected);
            let filename = number.cast_signed();
            let expected = Function { id: number, name: 7, system_name: 0, filename, start_line: 9 };
            assert_eq!(function(&expected.encode_to_vec()), Some(expected));
            let expected = Label { key: 7, str: 0, num: number.cast_signed(), num_unit: 3 };
            assert_eq!(label(&expected.encode_to_vec()), Some(expected));
        }
    }

    #[test]
    fn other_messages_are_left_to_prost() {
        let others: [&[u8]; 8] = [
            &[0x08],
            &[0x0a, 0],
            &[0x0d, 0, 0, 0, 0],
            &[0x88, 1, 0],
            &[0x30, 1],
            &[0x00, 1],
            &[0x22, 2, 0x08],
            &[0x08, 0x80],
        ];
        for bytes in others {
            assert_eq!(function(bytes), None, "{bytes:?}");
            assert_eq!(merge_location(&mut Location::default(), bytes), None, "{bytes:?}");
        }
    }
}
