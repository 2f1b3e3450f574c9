//! Decompression, told from the first bytes.

use std::io::{self, BufReader, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

/// How a file is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    None,
    /// gzip, one or several members in a row.
    Gzip,
}

impl Compression {
    /// The word for it: `none` or `gzip`.
    pub fn name(self) -> &'static str {
        match self {
            Compression::None => "none",
            Compression::Gzip => "gzip",
        }
    }

    /// Whether the format has a checksum over its content.
    pub fn has_checksum(self) -> bool {
        self == Compression::Gzip
    }
}

const GZIP: [u8; 2] = [0x1f, 0x8b];
const BUFFER: usize = 64 << 10;

/// Decompresses what `raw` gives, if it is compressed.
pub(super) fn inflate<R: Read>(mut raw: R) -> io::Result<(Plain<R>, Compression)> {
    let mut head = Vec::with_capacity(GZIP.len());
    raw.by_ref().take(GZIP.len() as u64).read_to_end(&mut head)?;
    let compressed = head == GZIP;
    let whole = Cursor::new(head).chain(raw);
    Ok(if compressed {
        let decoder = MultiGzDecoder::new(BufReader::with_capacity(BUFFER, whole));
        (Plain::Gzip(Box::new(decoder)), Compression::Gzip)
    } else {
        (Plain::Raw(whole), Compression::None)
    })
}

type Whole<R> = io::Chain<Cursor<Vec<u8>>, R>;

/// The plain bytes. What goes wrong says what the user has to know.
pub(super) enum Plain<R> {
    Raw(Whole<R>),
    Gzip(Box<MultiGzDecoder<BufReader<Whole<R>>>>),
}

impl<R: Read> Read for Plain<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Plain::Raw(raw) => raw.read(buffer),
            Plain::Gzip(decoder) => decoder.read(buffer).map_err(gzip_error),
        }
    }
}

/// flate2's errors, in words that tell a file that was cut off from one that is damaged.
fn gzip_error(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => io::Error::new(
            error.kind(),
            "the gzip data is cut off (or something short follows it): it ends before its checksum",
        ),
        io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData => {
            io::Error::new(error.kind(), format!("the gzip data is damaged, or something follows it: {error}"))
        }
        _ => error,
    }
}
