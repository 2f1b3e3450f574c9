//! The small messages of `profile.proto`, as prost structs. Strings are indexes of the string table.
//!
//! A large profile has hundreds of thousands of locations and functions, all but a few of them nothing but
//! varints: these are read here, and prost reads whatever is not plain.

use super::varint;

/// What a column holds.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct ValueType {
    #[prost(int64, tag = "1")]
    pub(super) r#type: i64,
    #[prost(int64, tag = "2")]
    pub(super) unit: i64,
}

/// A label of a sample.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Label {
    #[prost(int64, tag = "1")]
    pub(super) key: i64,
    #[prost(int64, tag = "2")]
    pub(super) str: i64,
    #[prost(int64, tag = "3")]
    pub(super) num: i64,
    #[prost(int64, tag = "4")]
    pub(super) num_unit: i64,
}

/// A mapped file.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Mapping {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(uint64, tag = "2")]
    pub(super) memory_start: u64,
    #[prost(uint64, tag = "3")]
    pub(super) memory_limit: u64,
    #[prost(uint64, tag = "4")]
    pub(super) file_offset: u64,
    #[prost(int64, tag = "5")]
    pub(super) filename: i64,
    #[prost(int64, tag = "6")]
    pub(super) build_id: i64,
    #[prost(bool, tag = "7")]
    pub(super) has_functions: bool,
    #[prost(bool, tag = "8")]
    pub(super) has_filenames: bool,
    #[prost(bool, tag = "9")]
    pub(super) has_line_numbers: bool,
    #[prost(bool, tag = "10")]
    pub(super) has_inline_frames: bool,
}

/// A place in the code.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Location {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(uint64, tag = "2")]
    pub(super) mapping_id: u64,
    #[prost(uint64, tag = "3")]
    pub(super) address: u64,
    #[prost(message, repeated, tag = "4")]
    pub(super) line: Vec<Line>,
    #[prost(bool, tag = "5")]
    pub(super) is_folded: bool,
}

/// A source line of a location.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Line {
    #[prost(uint64, tag = "1")]
    pub(super) function_id: u64,
    #[prost(int64, tag = "2")]
    pub(super) line: i64,
    #[prost(int64, tag = "3")]
    pub(super) column: i64,
}

/// A function.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Function {
    #[prost(uint64, tag = "1")]
    pub(super) id: u64,
    #[prost(int64, tag = "2")]
    pub(super) name: i64,
    #[prost(int64, tag = "3")]
    pub(super) system_name: i64,
    #[prost(int64, tag = "4")]
    pub(super) filename: i64,
    #[prost(int64, tag = "5")]
    pub(super) start_line: i64,
}

/// The varints of a message that has nothing else, by field number, the last one of each; `None` for any other.
fn plain<const FIELDS: usize>(mut bytes: &[u8]) -> Option<[u64; FIELDS]> {
    let mut fields = [0; FIELDS];
    while let [key, rest @ ..] = bytes {
        // The key of a varint is its number in three bits' distance.
        let number = usize::from(*key >> 3);
        if *key & 7 != 0 || *key >= 0x80 || number == 0 || number >= FIELDS {
            return None;
        }
        (fields[number], bytes) = varint::take(rest)?;
    }
    Some(fields)
}

/// The varint of a field, and what follows it, if `bytes` start with its key.
#[inline(always)]
fn number(key: u8, bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (found, rest) = bytes.split_first()?;
    if *found == key { varint::take(rest) } else { None }
}

impl Function {
    /// The function, if it is plain.
    pub(super) fn plain(bytes: &[u8]) -> Option<Self> {
        let [_, id, name, system_name, filename, start_line] = plain::<6>(bytes)?;
        let [name, system_name, filename, start_line] = [name, system_name, filename, start_line].map(u64::cast_signed);
        Some(Function { id, name, system_name, filename, start_line })
    }
}

impl Label {
    /// The label, if it is plain.
    pub(super) fn plain(bytes: &[u8]) -> Option<Self> {
        // As Go writes the size of an object.
        if let Some((key, rest)) = number(0x08, bytes)
            && let Some((num, [])) = number(0x18, rest)
        {
            return Some(Label { key: key.cast_signed(), num: num.cast_signed(), ..Label::default() });
        }
        let [_, key, str, num, num_unit] = plain::<5>(bytes)?.map(u64::cast_signed);
        Some(Label { key, str, num, num_unit })
    }
}

impl Line {
    /// The line, if it is plain.
    #[inline(always)]
    fn plain(bytes: &[u8]) -> Option<Self> {
        // As nearly all are.
        if let Some((function_id, rest)) = number(0x08, bytes)
            && let Some((line, [])) = number(0x10, rest)
        {
            return Some(Line { function_id, line: line.cast_signed(), column: 0 });
        }
        let [_, function_id, line, column] = plain::<4>(bytes)?;
        Some(Line { function_id, line: line.cast_signed(), column: column.cast_signed() })
    }
}

impl Location {
    /// Reads the location into this one, which is empty, if it is plain; otherwise this one is of no use.
    pub(super) fn merge_plain(&mut self, mut bytes: &[u8]) -> Option<()> {
        // As nearly all start.
        if let Some((id, rest)) = number(0x08, bytes)
            && let Some((mapping_id, rest)) = number(0x10, rest)
            && let Some((address, rest)) = number(0x18, rest)
        {
            (self.id, self.mapping_id, self.address) = (id, mapping_id, address);
            bytes = rest;
        }
        while let [key, rest @ ..] = bytes {
            bytes = if *key == 4 << 3 | 2 {
                let (len, rest) = rest.split_first().filter(|(len, _)| **len < 0x80)?;
                let (line, rest) = rest.split_at_checked((*len).into())?;
                self.line.push(Line::plain(line)?);
                rest
            } else {
                let (number, rest) = varint::take(rest)?;
                match *key {
                    0x08 => self.id = number,
                    0x10 => self.mapping_id = number,
                    0x18 => self.address = number,
                    0x28 => self.is_folded = number != 0,
                    _ => return None,
                }
                rest
            };
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use prost::Message;

    use super::*;

    #[test]
    fn plain_messages_are_read_as_prost_reads_them() {
        for number in [0, 1, 0x7f, 0x80, 0x3fff, 0x4000, 0x1f_ffff, 0x20_0000, (1 << 56) - 1] {
            let line = Line { function_id: number, line: number.cast_signed(), column: 3 };
            let location = Location {
                id: number,
                mapping_id: 1,
                address: number,
                line: vec![line, Line::default()],
                is_folded: true,
            };
            let mut plain = Location::default();
            assert_eq!(plain.merge_plain(&location.encode_to_vec()), Some(()));
            assert_eq!(plain, location);
            let function =
                Function { id: number, name: 7, system_name: 0, filename: number.cast_signed(), start_line: 9 };
            assert_eq!(Function::plain(&function.encode_to_vec()), Some(function));
            let label = Label { key: 7, str: 0, num: number.cast_signed(), num_unit: 3 };
            assert_eq!(Label::plain(&label.encode_to_vec()), Some(label));
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_prost() {
        let odd: [&[u8]; 8] = [
            &[0x08],
            &[0x0a, 0],
            &[0x0d, 0, 0, 0, 0],
            &[0x88, 1, 0],
            &[0x30, 1],
            &[0x00, 1],
            &[0x22, 2, 0x08],
            &[0x08, 0x80],
        ];
        for bytes in odd {
            assert_eq!(Function::plain(bytes), None, "{bytes:?}");
            assert_eq!(Location::default().merge_plain(bytes), None, "{bytes:?}");
        }
        let negative = Line { function_id: 1, line: -1, column: 0 };
        assert_eq!(plain::<4>(&negative.encode_to_vec()), None);
    }
}
