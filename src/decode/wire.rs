//! The protobuf wire format: keys, varints and fields, in memory. As a stream: [`Window`](super::window::Window).
//!
//! Every field knows its offset from the start of the data, for error messages. A large profile has
//! tens of millions of numbers: the short ones take the straight way, and errors travel as a pointer.

use std::ops::Range;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::varint;

/// A field's value as it stands on the wire.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value<'b> {
    Varint(u64),
    Bytes(&'b [u8]),
    Fixed32,
    Fixed64,
}

/// A field of a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'b> {
    pub(super) number: u32,
    /// Where its key starts.
    pub(super) offset: u64,
    /// Where its value starts; of bytes, behind the length.
    pub(super) value_offset: u64,
    pub(super) value: Value<'b>,
}

impl<'b> Field<'b> {
    pub(super) fn bytes(&self, name: &'static str) -> Decoded<&'b [u8]> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => self.unexpected(name, "bytes"),
        }
    }

    pub(super) fn int(&self, name: &'static str) -> Decoded<i64> {
        match self.value {
            Value::Varint(value) => Ok(value.cast_signed()),
            _ => self.unexpected(name, "a varint"),
        }
    }

    /// Adds a repeated number to `numbers`: one value, or a run of packed ones.
    pub(super) fn push_numbers(&self, name: &'static str, numbers: &mut Vec<u64>) -> Decoded<()> {
        match self.value {
            Value::Varint(one) => numbers.push(one),
            Value::Bytes(_) => self.each_packed(name, |number| {
                numbers.push(number);
                Ok(())
            })?,
            _ => return self.unexpected(name, "varints, packed or not"),
        }
        Ok(())
    }

    /// Shows the numbers of a packed run.
    #[inline(always)]
    pub(super) fn each_packed(&self, name: &'static str, mut show: impl FnMut(u64) -> Decoded<()>) -> Decoded<()> {
        let mut wire = Wire::new(self.bytes(name)?, self.value_offset);
        while !wire.rest.is_empty() {
            show(wire.varint(name)?)?;
        }
        Ok(())
    }

    /// The first number of a packed run, if there is one.
    pub(super) fn first_packed(&self) -> Option<u64> {
        match self.value {
            Value::Bytes(run) => Some(first_varint(run)),
            _ => None,
        }
    }

    /// Where this field's bytes stand in those of `outer`, the message that it is a part of.
    pub(super) fn range(&self, name: &'static str, outer: &Field<'_>) -> Decoded<Range<usize>> {
        let len = self.bytes(name)?.len();
        let start = usize::try_from(self.value_offset - outer.value_offset).unwrap_or(usize::MAX);
        Ok(start..start + len)
    }

    pub(super) fn is_bytes(&self) -> bool {
        matches!(self.value, Value::Bytes(_))
    }

    #[cold]
    fn unexpected<T>(&self, field: &'static str, expected: &'static str) -> Decoded<T> {
        let found = match self.value {
            Value::Varint(_) => "a varint",
            Value::Bytes(_) => "bytes",
            Value::Fixed32 => "a 32-bit number",
            Value::Fixed64 => "a 64-bit number",
        };
        Err(Kind::FieldType { field, found, expected }.at(self.offset))
    }
}

/// The number that `bytes` start with; 0 if they start with none.
#[inline(always)]
pub(super) fn first_varint(bytes: &[u8]) -> u64 {
    let long = || Wire::new(bytes, 0).long_varint("a number").unwrap_or(0);
    varint::take(bytes).map_or_else(long, |(number, _)| number)
}

/// A message in memory, as far as it was not read.
#[derive(Debug)]
pub(super) struct Wire<'b> {
    rest: &'b [u8],
    /// Offset of the end of `rest` in the data.
    end: u64,
    /// Whether that is the end of the data, and not of a field.
    outermost: bool,
}

impl<'b> Wire<'b> {
    /// The message `bytes`, which stands at `offset` in the data.
    pub(super) fn new(bytes: &'b [u8], offset: u64) -> Self {
        Wire { rest: bytes, end: offset + bytes.len() as u64, outermost: false }
    }

    /// What starts with `bytes`, at `offset` in the data, and ends with it.
    #[inline(always)]
    pub(super) fn outermost(bytes: &'b [u8], offset: u64) -> Self {
        Wire { outermost: true, ..Wire::new(bytes, offset) }
    }

    /// How many bytes were not read.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// The next number. `what`: the name of what it is.
    #[inline(always)]
    fn varint(&mut self, what: &'static str) -> Decoded<u64> {
        let Some((value, rest)) = varint::take(self.rest) else { return self.long_varint(what) };
        self.rest = rest;
        Ok(value)
    }

    /// A number of any length, or none.
    #[inline(never)]
    fn long_varint(&mut self, what: &'static str) -> Decoded<u64> {
        let mut value = 0;
        for (at, &byte) in self.rest.iter().enumerate().take(10) {
            if at == 9 && byte > 1 {
                return Err(Kind::Varint.at(self.offset()));
            }
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte < 0x80 {
                self.rest = &self.rest[at + 1..];
                return Ok(value);
            }
        }
        Err(ended(self.outermost, what, 1).at(self.end))
    }

    /// Key of the next field, and the length of its value, as far as the value is not a varint.
    #[inline(always)]
    pub(super) fn header(&mut self) -> Decoded<Header> {
        let offset = self.offset();
        let key = self.varint("a field's key")?;
        let shape = match key & 7 {
            0 => Shape::Varint(self.varint("a number")?),
            1 => Shape::Fixed64,
            2 => {
                let len = self.varint("a field's length")?;
                match usize::try_from(len) {
                    Ok(len) if len <= MAX_FIELD => Shape::Bytes(len),
                    _ => return Err(Kind::TooLong { len, max: MAX_FIELD as u64 }.at(offset)),
                }
            }
            5 => Shape::Fixed32,
            wire_type => return Err(Kind::WireType { field: key >> 3, wire_type }.at(offset)),
        };
        match u32::try_from(key >> 3) {
            Ok(number @ 1..0x2000_0000) => Ok(Header { number, offset, value_offset: self.offset(), shape }),
            _ => Err(Kind::FieldNumber { field: key >> 3 }.at(offset)),
        }
    }

    /// Adds the next numbers of field `number`, up to 15, to `numbers`, as long as they are short and one field each.
    pub(super) fn push_next_numbers(&mut self, number: u8, numbers: &mut Vec<u64>) {
        while let [key, rest @ ..] = self.rest
            && *key == number << 3
            && let Some((next, rest)) = varint::take(rest)
        {
            numbers.push(next);
            self.rest = rest;
        }
    }

    /// The next field; `None` at the end.
    #[inline(always)]
    pub(super) fn field(&mut self) -> Decoded<Option<Field<'b>>> {
        if let Some(short) = Short::of(self.rest) {
            let field = short.field(self.rest, self.offset());
            self.rest = &self.rest[short.head + short.len..];
            return Ok(Some(field));
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let header = self.header()?;
        let field = header.field(self.rest, self.outermost)?;
        self.rest = &self.rest[header.shape.len()..];
        Ok(Some(field))
    }
}

/// What nearly all fields are: bytes, with a key of one byte and a length of one or two, that are all there.
pub(super) struct Short {
    pub(super) number: u32,
    /// Bytes of the key and the length.
    pub(super) head: usize,
    pub(super) len: usize,
}

impl Short {
    #[inline(always)]
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let (key, head, len) = match *bytes {
            [key, len @ 0..0x80, ..] => (key, 2, usize::from(len)),
            [key, low, high @ 0..0x80, ..] => (key, 3, usize::from(low & 0x7f) | usize::from(high) << 7),
            _ => return None,
        };
        let is_short = key & 7 == 2 && (8..0x80).contains(&key) && head + len <= bytes.len();
        is_short.then(|| Short { number: u32::from(key >> 3), head, len })
    }

    /// The field, with which `bytes` start, at an offset in the data.
    #[inline(always)]
    pub(super) fn field<'b>(&self, bytes: &'b [u8], offset: u64) -> Field<'b> {
        let value = Value::Bytes(&bytes[self.head..self.head + self.len]);
        Field { number: self.number, offset, value_offset: offset + self.head as u64, value }
    }
}

/// What a field's key and length say, before its value is read.
pub(super) struct Header {
    number: u32,
    offset: u64,
    value_offset: u64,
    pub(super) shape: Shape,
}

impl Header {
    /// The field, whose value `rest` starts with.
    #[inline(always)]
    pub(super) fn field<'b>(&self, rest: &'b [u8], outermost: bool) -> Decoded<Field<'b>> {
        let Some(bytes) = rest.get(..self.shape.len()) else {
            let missing = (self.shape.len() - rest.len()) as u64;
            return Err(ended(outermost, "a field", missing).at(self.value_offset + rest.len() as u64));
        };
        let value = match self.shape {
            Shape::Varint(value) => Value::Varint(value),
            Shape::Bytes(_) => Value::Bytes(bytes),
            Shape::Fixed32 => Value::Fixed32,
            Shape::Fixed64 => Value::Fixed64,
        };
        Ok(Field { number: self.number, offset: self.offset, value_offset: self.value_offset, value })
    }
}

/// What went wrong where the bytes ended while `what` was read.
#[cold]
fn ended(outermost: bool, what: &'static str, missing: u64) -> Kind {
    if outermost { Kind::Truncated { what, needed: missing } } else { Kind::Overrun { what, excess: missing } }
}

pub(super) enum Shape {
    Varint(u64),
    Bytes(usize),
    Fixed32,
    Fixed64,
}

impl Shape {
    /// Bytes of the value that stand behind the header.
    pub(super) fn len(&self) -> usize {
        match *self {
            Shape::Varint(_) => 0,
            Shape::Bytes(len) => len,
            Shape::Fixed32 => 4,
            Shape::Fixed64 => 8,
        }
    }
}

/// The longest field taken: no profile has a sample or a name anywhere near it. With it the length of a stack and
/// the number of values and labels are limited, too.
pub(super) const MAX_FIELD: usize = 4 << 20;
