//! Data as it streams in, by fields of its outermost message or by lines. In: a reader. Knows no profile.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::wire::{Field, MAX_FIELD, Short, Wire};

/// The longest header: a key and a length of ten bytes each.
const MAX_HEADER: usize = 20;
/// What is read at once: more where there is much, as what inflates works best on large parts.
const WINDOW: usize = 128 << 10;
const WIDE_WINDOW: usize = 2 * WINDOW;
const MUCH: u64 = 8 << 20;

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
    pub(super) fn peek(&mut self, len: usize) -> Decoded<&[u8]> {
        self.fill(len)?;
        Ok(&self.buffer[self.start..self.end.min(self.start + len)])
    }

    /// Takes so many of the bytes that are held as `taken` says.
    #[inline(always)]
    pub(super) fn pass(&mut self, taken: impl FnOnce(&[u8]) -> usize) {
        let passed = taken(&self.buffer[self.start..self.end]);
        self.start += passed;
        self.offset += passed as u64;
    }

    /// The next field; `None` at the end of the data.
    #[inline(always)]
    pub(super) fn field(&mut self) -> Decoded<Option<Field<'_>>> {
        if let Some(short) = Short::of(&self.buffer[self.start..self.end]) {
            let field = short.field(&self.buffer[self.start..self.end], self.offset);
            self.start += short.head + short.len;
            self.offset += (short.head + short.len) as u64;
            return Ok(Some(field));
        }
        if self.end - self.start < MAX_HEADER {
            self.fill(MAX_HEADER)?;
            if self.start == self.end {
                return Ok(None);
            }
        }
        let mut wire = Wire::outermost(&self.buffer[self.start..self.end], self.offset);
        let held = wire.left();
        let header = wire.header()?;
        let head = held - wire.left();
        let len = head + header.shape.len();
        if held < len {
            self.fill(len)?;
        }
        let value = self.start + head;
        self.start = self.end.min(self.start + len);
        self.offset += len as u64;
        header.field(&self.buffer[value..self.start], true).map(Some)
    }

    /// The next line with its end, if the data does not end before it; `None` at the end of the data.
    pub(super) fn line(&mut self) -> Decoded<Option<&[u8]>> {
        let mut looked_at = 0;
        let len = loop {
            let held = &self.buffer[self.start..self.end];
            if let Some(end) = memchr::memchr(b'\n', &held[looked_at..]) {
                break looked_at + end + 1;
            }
            looked_at = held.len();
            if looked_at > MAX_FIELD {
                return Err(Kind::LineTooLong { max: MAX_FIELD }.at(self.offset));
            }
            self.fill(looked_at + 1)?;
            if self.end - self.start == looked_at {
                break looked_at;
            }
        };
        let start = self.start;
        self.start += len;
        self.offset += len as u64;
        Ok((len > 0).then(|| &self.buffer[start..start + len]))
    }

    /// Reads on, though not for ever, to let the reader find out whether its data is damaged.
    pub(super) fn check_rest(&mut self) -> Decoded<()> {
        const ENOUGH: u64 = 256 << 20;
        let at = self.offset;
        std::io::copy(&mut self.reader.by_ref().take(ENOUGH), &mut std::io::sink())
            .map(|_| ())
            .map_err(|error| Kind::Read(error).at(at))
    }

    /// Reads until `len` bytes are held, or all that there are.
    #[inline(never)]
    fn fill(&mut self, len: usize) -> Decoded<()> {
        while self.end - self.start < len {
            if self.end == self.buffer.len() {
                if self.start > 0 {
                    self.buffer.copy_within(self.start..self.end, 0);
                    (self.start, self.end) = (0, self.end - self.start);
                    if self.offset > MUCH && self.buffer.len() < WIDE_WINDOW {
                        self.buffer.resize(WIDE_WINDOW, 0);
                    }
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
