//! A window over streamed data, read as fields of the outermost message or as lines. Knows nothing of profiles.

use std::io::Read;

use super::error::{DecodeErrorKind as Kind, Decoded};
use super::wire::{Field, MAX_FIELD, ShortField, Wire};

/// Longest header, bytes: a key and a length of ten bytes each.
const MAX_HEADER: usize = 20;
/// Initial size, bytes.
const WINDOW: usize = 256 << 10;

/// A window that moves over the data of a reader.
///
/// It holds one field or line at a time. It grows only when it is full, to twice its size, so a forged length
/// allocates nothing.
#[derive(Debug)]
pub(super) struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Start of the unread part of `buffer`.
    start: usize,
    /// End of the filled part of `buffer`.
    end: usize,
    /// Offset of `buffer[start]` in the data.
    offset: u64,
}

impl<R: Read> Window<R> {
    pub(super) fn new(reader: R) -> Self {
        Window { reader, buffer: vec![0; WINDOW], start: 0, end: 0, offset: 0 }
    }

    /// The next `len` bytes, which stay unread; fewer at the end of the data.
    pub(super) fn peek(&mut self, len: usize) -> Decoded<&[u8]> {
        self.fill(len)?;
        Ok(&self.buffer[self.start..self.end.min(self.start + len)])
    }

    /// Skips `mark`, if it comes next.
    pub(super) fn skip(&mut self, mark: &[u8]) -> Decoded<()> {
        if self.peek(mark.len())? == mark {
            self.start += mark.len();
            self.offset += mark.len() as u64;
        }
        Ok(())
    }

    /// The next field; `None` at the end of the data.
    #[inline(always)]
    pub(super) fn field(&mut self) -> Decoded<Option<Field<'_>>> {
        if let Some(short) = ShortField::parse(&self.buffer[self.start..self.end]) {
            let field = short.field(&self.buffer[self.start..self.end], self.offset);
            self.start += short.len();
            self.offset += short.len() as u64;
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

    /// The next line with its line break, which the last one may lack; `None` at the end of the data.
    pub(super) fn line(&mut self) -> Decoded<Option<&[u8]>> {
        let mut searched = 0;
        let len = loop {
            let held = &self.buffer[self.start..self.end];
            if let Some(end) = memchr::memchr(b'\n', &held[searched..]) {
                break searched + end + 1;
            }
            searched = held.len();
            if searched > MAX_FIELD {
                return Err(Kind::LineTooLong { max: MAX_FIELD }.at(self.offset));
            }
            self.fill(searched + 1)?;
            if self.end - self.start == searched {
                break searched;
            }
        };
        let start = self.start;
        self.start += len;
        self.offset += len as u64;
        Ok((len > 0).then(|| &self.buffer[start..start + len]))
    }

    /// Reads up to 256 MiB more, so that the reader can notice that its data is damaged.
    pub(super) fn check_rest(&mut self) -> Decoded<()> {
        const ENOUGH: u64 = 256 << 20;
        let at = self.offset;
        std::io::copy(&mut self.reader.by_ref().take(ENOUGH), &mut std::io::sink())
            .map(|_| ())
            .map_err(|error| Kind::Read(error).at(at))
    }

    /// Reads until `len` bytes are unread or the data ends.
    #[inline(never)]
    fn fill(&mut self, len: usize) -> Decoded<()> {
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
