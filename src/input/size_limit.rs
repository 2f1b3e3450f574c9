//! The limit on the decompressed size of a file. In: bytes read and returned. Out: an error beyond the limit.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::compression_error::CompressionError;

/// Limit on the decompressed size of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limit {
    /// A limit that keeps small files from taking much memory: 32 MiB, plus 64 bytes for each byte read after the first
    /// MiB, up to 4 GiB. Profiles inflate to 4 to 15 times their size with gzip, and to 40 times with zstd.
    #[default]
    Usual,
    /// A number of bytes.
    Bytes(u64),
}

const MIN_LIMIT_BYTES: u64 = 32 << 20;
const FREE_READ_BYTES: u64 = 1 << 20;
const MAX_RATIO: u64 = 64;
const MAX_LIMIT_BYTES: u64 = 4 << 30;

impl Limit {
    /// Bytes that may be returned once `read` bytes were read.
    fn allowed(self, read: u64, compressed: bool) -> u64 {
        match self {
            Limit::Usual if compressed => MAX_LIMIT_BYTES
                .min(MIN_LIMIT_BYTES.saturating_add(MAX_RATIO.saturating_mul(read.saturating_sub(FREE_READ_BYTES)))),
            Limit::Usual => MAX_LIMIT_BYTES,
            Limit::Bytes(most) => most,
        }
    }

    /// Maximum window size of zstd, bytes: all of it is kept in memory.
    pub(super) fn window(self) -> u64 {
        match self {
            Limit::Usual => MIN_LIMIT_BYTES,
            // The default maximum of the zstd tool.
            Limit::Bytes(_) => 128 << 20,
        }
    }
}

/// Bytes read so far, shared with the reader that counts them.
#[derive(Debug, Clone, Default)]
pub(super) struct Count(Rc<Cell<u64>>);

/// A reader that counts its bytes.
pub(super) struct CountingReader<R> {
    pub(super) reader: R,
    pub(super) count: Count,
}

impl<R: Read> Read for CountingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.0.set(self.count.0.get() + read as u64);
        Ok(read)
    }
}

/// A reader that fails beyond a limit.
pub(super) struct LimitedReader<R> {
    reader: R,
    /// Bytes of the file that were read for it.
    read: Count,
    limit: Limit,
    compressed: bool,
    /// Bytes returned so far.
    given: u64,
}

impl<R: Read> LimitedReader<R> {
    pub(super) fn new(reader: R, read: Count, limit: Limit, compressed: bool) -> Self {
        LimitedReader { reader, read, limit, compressed, given: 0 }
    }
}

impl<R: Read> Read for LimitedReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.reader.read(buffer)?;
        self.given += given as u64;
        let read = self.read.0.get();
        let allowed = self.limit.allowed(read, self.compressed);
        if self.given <= allowed {
            return Ok(given);
        }
        Err(match self.limit {
            Limit::Usual if self.compressed && allowed < MAX_LIMIT_BYTES => {
                CompressionError::Bomb { read, allowed }.into()
            }
            _ => CompressionError::TooLarge { allowed }.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_grows_with_the_bytes_read() {
        let compressed = |read| Limit::Usual.allowed(read, true);
        assert_eq!([0, 1 << 20, 2 << 20, u64::MAX].map(compressed), [32 << 20, 32 << 20, 96 << 20, 4 << 30]);
        assert_eq!(Limit::Usual.allowed(0, false), 4 << 30);
        assert_eq!(Limit::Bytes(7).allowed(u64::MAX, true), 7);
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test may panic")]
    fn a_limit_is_inclusive() {
        let read = |most| {
            let mut all = Vec::new();
            let mut limited = LimitedReader::new(&b"12345"[..], Count::default(), Limit::Bytes(most), false);
            limited.read_to_end(&mut all).map(|_| all).map_err(|error| error.to_string())
        };
        assert_eq!(read(5).unwrap(), b"12345");
        assert!(read(4).unwrap_err().contains("more than 4 B"), "{:?}", read(4));
    }
}
