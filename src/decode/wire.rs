//! The protobuf wire format in memory: varints, keys and fields. As a stream: [`Window`](super::window::Window).
//!
//! Every field knows its offset from the start of the data, for error messages.

use super::error::{DecodeErrorKind as Kind, Decoded};

/// Largest field accepted, bytes: no profile has a sample or a name anywhere near it. It also bounds the depth of a
/// stack and the number of values and labels.
pub(super) const MAX_FIELD: usize = 4 << 20;

/// Longest varint, bytes: seven bits each.
const MAX_VARINT: usize = 10;

/// The varint at the start of `bytes`, and the bytes after it; `None` if it is cut off or has more than 64 bits.
#[inline(always)]
pub(super) fn take_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    match *bytes {
        [a @ 0..0x80, ref rest @ ..] => Some((a.into(), rest)),
        [a, b @ 0..0x80, ref rest @ ..] => Some((u64::from(a & 0x7f) | u64::from(b) << 7, rest)),
        [a, b, c @ 0..0x80, ref rest @ ..] => {
            Some((u64::from(a & 0x7f) | u64::from(b & 0x7f) << 7 | u64::from(c) << 14, rest))
        }
        _ => take_long_varint(bytes),
    }
}

#[inline(never)]
fn take_long_varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0;
    for (at, &byte) in bytes.iter().enumerate().take(MAX_VARINT) {
        value |= u64::from(byte & 0x7f) << (7 * at);
        if byte < 0x80 {
            let fits = at + 1 < MAX_VARINT || byte <= 1;
            return fits.then(|| (value, &bytes[at + 1..]));
        }
    }
    None
}

/// Value of a field. Fixed-size numbers are skipped: no field of a profile has one.
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
    /// Offset of its key.
    pub(super) offset: u64,
    /// Offset of its value; of bytes, after their length.
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

    /// Appends a repeated number to `numbers`: one value, or a packed run.
    pub(super) fn push_numbers(&self, name: &'static str, numbers: &mut Vec<u64>) -> Decoded<()> {
        match self.value {
            Value::Varint(one) => numbers.push(one),
            Value::Bytes(run) => {
                let mut wire = Wire::new(run, self.value_offset);
                while wire.left() > 0 {
                    numbers.push(wire.varint(name)?);
                }
            }
            _ => return self.unexpected(name, "varints, packed or not"),
        }
        Ok(())
    }

    /// The first of a repeated number: the value, or the start of a packed run.
    pub(super) fn first_number(&self) -> Option<u64> {
        match self.value {
            Value::Varint(one) => Some(one),
            Value::Bytes(run) => take_varint(run).map(|(first, _)| first),
            _ => None,
        }
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

/// The unread part of a message in memory.
#[derive(Debug)]
pub(super) struct Wire<'b> {
    rest: &'b [u8],
    /// Offset of the end of `rest` in the data.
    end: u64,
    /// Whether `end` is the end of the data, and not of a field.
    outermost: bool,
}

impl<'b> Wire<'b> {
    /// The message `bytes`, at `offset` in the data.
    pub(super) fn new(bytes: &'b [u8], offset: u64) -> Self {
        Wire { rest: bytes, end: offset + bytes.len() as u64, outermost: false }
    }

    /// The outermost message from `offset` on; the data ends with `bytes`.
    #[inline(always)]
    pub(super) fn outermost(bytes: &'b [u8], offset: u64) -> Self {
        Wire { outermost: true, ..Wire::new(bytes, offset) }
    }

    /// Number of unread bytes.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    fn offset(&self) -> u64 {
        self.end - self.rest.len() as u64
    }

    /// The next varint. `what` names it in errors.
    #[inline(always)]
    fn varint(&mut self, what: &'static str) -> Decoded<u64> {
        let Some((value, rest)) = take_varint(self.rest) else { return Err(self.bad_varint(what)) };
        self.rest = rest;
        Ok(value)
    }

    #[cold]
    fn bad_varint(&self, what: &'static str) -> Box<super::DecodeError> {
        if self.rest.len() >= MAX_VARINT {
            return Kind::Varint.at(self.offset());
        }
        ended(self.outermost, what, 1).at(self.end)
    }

    /// Key of the next field, with the length of its value or the value of a varint.
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

    /// The next field; `None` at the end.
    #[inline(always)]
    pub(super) fn field(&mut self) -> Decoded<Option<Field<'b>>> {
        if let Some(short) = ShortField::parse(self.rest) {
            let field = short.field(self.rest, self.offset());
            self.rest = &self.rest[short.len()..];
            return Ok(Some(field));
        }
        let Some((&key, rest)) = self.rest.split_first() else { return Ok(None) };
        // A varint whose key has one byte.
        if key & 7 == 0
            && (8..0x80).contains(&key)
            && let Some((number, rest)) = take_varint(rest)
        {
            let offset = self.offset();
            self.rest = rest;
            let value = Value::Varint(number);
            return Ok(Some(Field { number: u32::from(key >> 3), offset, value_offset: self.offset(), value }));
        }
        let header = self.header()?;
        let field = header.field(self.rest, self.outermost)?;
        self.rest = &self.rest[header.shape.len()..];
        Ok(Some(field))
    }
}

/// A field of bytes with a key of one byte and a length of one or two, all of it in memory. Nearly all fields are.
pub(super) struct ShortField {
    pub(super) number: u32,
    /// Bytes of the key and the length.
    head: usize,
    /// Bytes of the value.
    value: usize,
}

impl ShortField {
    #[inline(always)]
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let (key, head, value) = match *bytes {
            [key, len @ 0..0x80, ..] => (key, 2, usize::from(len)),
            [key, low, high @ 0..0x80, ..] => (key, 3, usize::from(low & 0x7f) | usize::from(high) << 7),
            _ => return None,
        };
        let is_short = key & 7 == 2 && (8..0x80).contains(&key) && head + value <= bytes.len();
        is_short.then(|| ShortField { number: u32::from(key >> 3), head, value })
    }

    /// Bytes of the whole field.
    pub(super) fn len(&self) -> usize {
        self.head + self.value
    }

    /// Splits `bytes`, which start with the field, into its value and the bytes after it.
    #[inline(always)]
    pub(super) fn split<'b>(&self, bytes: &'b [u8]) -> (&'b [u8], &'b [u8]) {
        bytes[self.head..].split_at(self.value)
    }

    /// The field that `bytes` start with, at `offset` in the data.
    #[inline(always)]
    pub(super) fn field<'b>(&self, bytes: &'b [u8], offset: u64) -> Field<'b> {
        let value = Value::Bytes(&bytes[self.head..self.len()]);
        Field { number: self.number, offset, value_offset: offset + self.head as u64, value }
    }
}

/// Key and length of a field, before its value is read.
pub(super) struct Header {
    number: u32,
    offset: u64,
    value_offset: u64,
    pub(super) shape: Shape,
}

impl Header {
    /// The field whose value `rest` starts with.
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

/// The error for bytes that ended while `what` was read, at least `missing` bytes too early.
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
    /// Bytes of the value after the header.
    pub(super) fn len(&self) -> usize {
        match *self {
            Shape::Varint(_) => 0,
            Shape::Bytes(len) => len,
            Shape::Fixed32 => 4,
            Shape::Fixed64 => 8,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_of_all_lengths_are_read_whatever_follows() {
        for bits in 0..64 {
            for number in [1u64 << bits, (1 << bits) | 1, u64::MAX >> (63 - bits)] {
                let mut bytes = Vec::new();
                prost::encoding::encode_varint(number, &mut bytes);
                for follows in [&[][..], &[0], &[0xff], &[0x80; 8]] {
                    let with_rest = [&bytes, follows].concat();
                    assert_eq!(take_varint(&with_rest), Some((number, follows)), "{with_rest:x?}");
                }
                // Cut off.
                assert!((0..bytes.len()).all(|len| take_varint(&bytes[..len]).is_none()), "{bytes:x?}");
            }
        }
        assert_eq!(take_varint(&[0x80, 0x00, 7]), Some((0, &[7][..])));
        assert_eq!(take_varint(&[0xff; 10]), None);
        assert_eq!(take_varint(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]), None);
    }
}
