//! How much a file may inflate to. In: bytes read and given out. Out: an error when it is too much.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::error::Bad;

/// How many plain bytes a file may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Limit {
    /// So many that no small file takes much memory: 32 MiB, and 64 bytes more for each that was read behind the
    /// first MiB; 4 GiB at most. Profiles inflate to 4 to 15 times their size with gzip, and to 40 with zstd.
    #[default]
    Usual,
    /// So many.
    Bytes(u64),
}

const FREE: u64 = 32 << 20;
const FREE_READ: u64 = 1 << 20;
const RATIO: u64 = 64;
const MOST: u64 = 4 << 30;

impl Limit {
    /// How many bytes may be given out when `read` were read.
    fn allowed(self, read: u64, compressed: bool) -> u64 {
        match self {
            Limit::Usual if compressed => {
                MOST.min(FREE.saturating_add(RATIO.saturating_mul(read.saturating_sub(FREE_READ))))
            }
            Limit::Usual => MOST,
            Limit::Bytes(most) => most,
        }
    }

    /// How large the window of zstd may be: all of it is kept in memory.
    pub(super) fn window(self) -> u64 {
        match self {
            Limit::Usual => FREE,
            // What zstd itself takes without being asked.
            Limit::Bytes(_) => 128 << 20,
        }
    }
}

/// How much was read so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Count(Rc<Cell<u64>>);

/// A reader whose bytes are counted.
pub(super) struct Counted<R> {
    pub(super) reader: R,
    pub(super) count: Count,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buffer)?;
        self.count.0.set(self.count.0.get() + read as u64);
        Ok(read)
    }
}

/// A reader that gives no more than a limit allows.
pub(super) struct Limited<R> {
    reader: R,
    /// The bytes of the file that were read for it.
    read: Count,
    limit: Limit,
    compressed: bool,
    given: u64,
}

impl<R: Read> Limited<R> {
    pub(super) fn new(reader: R, read: Count, limit: Limit, compressed: bool) -> Self {
        Limited { reader, read, limit, compressed, given: 0 }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.reader.read(buffer)?;
        self.given += given as u64;
        let read = self.read.0.get();
        let allowed = self.limit.allowed(read, self.compressed);
        if self.given <= allowed {
            return Ok(given);
        }
        Err(match self.limit {
            Limit::Usual if self.compressed && allowed < MOST => Bad::Bomb { read, allowed }.into(),
            _ => Bad::TooLarge { allowed }.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_given_out_grows_with_what_was_read() {
        let compressed = |read| Limit::Usual.allowed(read, true);
        assert_eq!([0, 1 << 20, 2 << 20, u64::MAX].map(compressed), [32 << 20, 32 << 20, 96 << 20, 4 << 30]);
        assert_eq!(Limit::Usual.allowed(0, false), 4 << 30);
        assert_eq!(Limit::Bytes(7).allowed(u64::MAX, true), 7);
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test may panic")]
    fn a_limit_is_reached_and_not_passed() {
        let read = |most| {
            let mut all = Vec::new();
            let mut limited = Limited::new(&b"12345"[..], Count::default(), Limit::Bytes(most), false);
            limited.read_to_end(&mut all).map(|_| all).map_err(|error| error.to_string())
        };
        assert_eq!(read(5).unwrap(), b"12345");
        assert!(read(4).unwrap_err().contains("more than 4 B"), "{:?}", read(4));
    }
}
