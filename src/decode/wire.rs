//! The protobuf wire format: keys, varints and fields, in memory ([`Wire`]) and as a stream ([`Window`]).
//!
//! Every field knows its offset from the start of the data, for error messages.

use std::io::Read;
use std::ops::Range;

use super::error::{DecodeError, DecodeErrorKind as Kind};

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
    pub(super) fn bytes(&self, name: &'static str) -> Result<&'b [u8], DecodeError> {
        match self.value {
            Value::Bytes(bytes) => Ok(bytes),
            _ => Err(self.unexpected(name, "bytes")),
        }
    }

    pub(super) fn int(&self, name: &'static str) -> Result<i64, DecodeError> {
        match self.value {
            Value::Varint(value) => Ok(value.cast_signed()),
            _ => Err(self.unexpected(name, "a varint")),
        }
    }

    /// Where this field's bytes stand in those of `outer`, the message that it is a part of.
    pub(super) fn range(&self, outer: &Field<'_>) -> Result<Range<usize>, DecodeError> {
        let len = self.bytes("sample.label")?.len();
        let start = usize::try_from(self.value_offset - outer.value_offset).unwrap_or(usize::MAX);
        Ok(start..start + len)
    }

    pub(super) fn is_bytes(&self) -> bool {
        matches!(self.value, Value::Bytes(_))
    }

    /// A repeated number: one value, or a run of packed ones.
    pub(super) fn each_number(&self, name: &'static str, mut value: impl FnMut(u64)) -> Result<(), DecodeError> {
        match self.value {
            Value::Varint(one) => value(one),
            Value::Bytes(packed) => {
                let mut wire = Wire::new(packed, self.value_offset);
                while !wire.is_empty() {
                    value(wire.varint(name)?);
                }
            }
            _ => return Err(self.unexpected(name, "varints, packed or not")),
        }
        Ok(())
    }

    fn unexpected(&self, field: &'static str, expected: &'static str) -> DecodeError {
        let found = match self.value {
            Value::Varint(_) => "a varint",
            Value::Bytes(_) => "bytes",
            Value::Fixed32 => "a 32-bit number",
            Value::Fixed64 => "a 64-bit number",
        };
        Kind::FieldType { field, found, expected }.at(self.offset)
    }
}

/// A message in memory.
#[derive(Debug)]
pub(super) struct Wire<'b> {
    bytes: &'b [u8],
    at: usize,
    /// Offset of `bytes` in the data.
    base: u64,
}

impl<'b> Wire<'b> {
    pub(super) fn new(bytes: &'b [u8], base: u64) -> Self {
        Wire { bytes, at: 0, base }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.at == self.bytes.len()
    }

    fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    fn varint(&mut self, what: &'static str) -> Result<u64, DecodeError> {
        let rest = &self.bytes[self.at..];
        // Most numbers of a profile are small.
        if let Some(&byte) = rest.first()
            && byte < 0x80
        {
            self.at += 1;
            return Ok(byte.into());
        }
        let mut value = 0;
        for (&byte, shift) in rest.iter().zip((0..64).step_by(7)) {
            if shift == 63 && byte > 1 {
                return Err(Kind::Varint.at(self.offset()));
            }
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                self.at += shift / 7 + 1;
                return Ok(value);
            }
        }
        Err(Kind::Truncated { what, needed: 1 }.at(self.base + self.bytes.len() as u64))
    }

    /// Key of the next field, and the length of its value, as far as the value is not a varint.
    fn header(&mut self) -> Result<Header, DecodeError> {
        let offset = self.offset();
        let key = self.varint("a field's key")?;
        let (field, wire_type) = (key >> 3, key & 7);
        let number = u32::try_from(field).ok().filter(|number| (1..1 << 29).contains(number));
        let number = number.ok_or_else(|| Kind::FieldNumber { field }.at(offset))?;
        let value = match wire_type {
            0 => Shape::Varint(self.varint("a number")?),
            1 => Shape::Fixed64,
            2 => {
                let len = self.varint("a field's length")?;
                let fits = usize::try_from(len).ok().filter(|&len| len <= MAX_FIELD);
                Shape::Bytes(fits.ok_or_else(|| Kind::TooLong { len, max: MAX_FIELD as u64 }.at(offset))?)
            }
            5 => Shape::Fixed32,
            other => {
                return Err(Kind::WireType { field, wire_type: other.to_le_bytes()[0] }.at(offset));
            }
        };
        Ok(Header { number, offset, value_offset: self.offset(), shape: value })
    }

    /// The next field; `None` at the end.
    pub(super) fn field(&mut self) -> Result<Option<Field<'b>>, DecodeError> {
        if self.is_empty() {
            return Ok(None);
        }
        let header = self.header()?;
        let field = header.field(&self.bytes[self.at..])?;
        self.at += header.shape.len();
        Ok(Some(field))
    }
}

/// What a field's key and length say, before its value is read.
struct Header {
    number: u32,
    offset: u64,
    value_offset: u64,
    shape: Shape,
}

impl Header {
    /// The field, whose value `rest` starts with.
    fn field<'b>(&self, rest: &'b [u8]) -> Result<Field<'b>, DecodeError> {
        let len = self.shape.len();
        let Some(bytes) = rest.get(..len) else {
            let needed = (len - rest.len()) as u64;
            let end = self.value_offset + rest.len() as u64;
            return Err(Kind::Truncated { what: "a field", needed }.at(end));
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

enum Shape {
    Varint(u64),
    Bytes(usize),
    Fixed32,
    Fixed64,
}

impl Shape {
    /// Bytes of the value that stand behind the header.
    fn len(&self) -> usize {
        match *self {
            Shape::Varint(_) => 0,
            Shape::Bytes(len) => len,
            Shape::Fixed32 => 4,
            Shape::Fixed64 => 8,
        }
    }
}

/// The longest field taken: no profile has a sample or a name anywhere near it.
const MAX_FIELD: usize = 64 << 20;
/// The longest header: a key and a length of ten bytes each.
const MAX_HEADER: usize = 20;
const WINDOW: usize = 256 << 10;

/// The fields of the outermost message, read from a stream through a window that moves over it.
///
/// It holds one field at a time, and never more than twice what was read of it, so a forged length
/// allocates nothing.
#[derive(Debug)]
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// The part of `buffer` that was read and not yet given out.
    start: usize,
    end: usize,
    /// Offset of `buffer[start]` in the data.
    offset: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Window { reader, buffer: vec![0; WINDOW], start: 0, end: 0, offset: 0 }
    }

    /// The next bytes without taking them: `len`, or fewer at the end of the data.
    pub(super) fn peek(&mut self, len: usize) -> Result<&[u8], DecodeError> {
        self.fill(len)?;
        Ok(&self.buffer[self.start..self.end.min(self.start + len)])
    }

    /// The next field; `None` at the end of the data.
    pub(super) fn field(&mut self) -> Result<Option<Field<'_>>, DecodeError> {
        self.fill(MAX_HEADER)?;
        if self.start == self.end {
            return Ok(None);
        }
        let mut wire = Wire::new(&self.buffer[self.start..self.end], self.offset);
        let header = wire.header()?;
        let (head, len) = (wire.at, wire.at + header.shape.len());
        self.fill(len)?;
        let value = self.start + head;
        self.start = self.end.min(self.start + len);
        self.offset += len as u64;
        header.field(&self.buffer[value..self.start]).map(Some)
    }

    /// Reads on, though not for ever, to let the reader find out whether its data is damaged.
    pub(super) fn check_rest(&mut self) -> Result<(), DecodeError> {
        const ENOUGH: u64 = 256 << 20;
        let at = self.offset;
        std::io::copy(&mut self.reader.by_ref().take(ENOUGH), &mut std::io::sink())
            .map(|_| ())
            .map_err(|error| Kind::Read(error).at(at))
    }

    /// Reads until `len` bytes are held, or all that there are.
    fn fill(&mut self, len: usize) -> Result<(), DecodeError> {
        while self.end - self.start < len {
            if self.end == self.buffer.len() {
                if self.start > 0 {
                    self.buffer.copy_within(self.start..self.end, 0);
                    (self.start, self.end) = (0, self.end - self.start);
                } else {
                    self.buffer.resize(2 * self.buffer.len(), 0);
                }
            }
            let at = self.offset + (self.end - self.start) as u64;
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => break,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(Kind::Read(error).at(at)),
            }
        }
        Ok(())
    }
}
