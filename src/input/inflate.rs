//! Decompression by the first bytes, of at most two layers: proxies compress what was compressed before.

use std::cell::Cell;
use std::io::{self, BufReader, Cursor, Read};
use std::rc::Rc;

use super::size_limit::{Count, CountingReader, Limit, LimitedReader};
use super::{gzip, zstd};

/// A compression format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// gzip, one or several members in a row.
    Gzip,
    /// zstd, one or several frames in a row.
    Zstd,
}

impl Codec {
    pub(super) fn name(self) -> &'static str {
        match self {
            Codec::Gzip => "gzip",
            Codec::Zstd => "zstd",
        }
    }

    fn recognize(head: &[u8]) -> Option<Codec> {
        if head.starts_with(&gzip::MAGIC) { Some(Codec::Gzip) } else { zstd::starts(head).then_some(Codec::Zstd) }
    }
}

/// The layers of compression of a file, the outermost first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Compression(pub [Option<Codec>; 2]);

impl Compression {
    /// No compression.
    pub const NONE: Compression = Compression([None; 2]);

    /// The name: `none`, `gzip`, or of two layers `gzip+zstd`, the innermost first.
    pub fn name(self) -> &'static str {
        use Codec::{Gzip, Zstd};
        match self.0 {
            [None, _] => "none",
            [Some(Gzip), None] => "gzip",
            [Some(Zstd), None] => "zstd",
            [Some(Gzip), Some(Gzip)] => "gzip+gzip",
            [Some(Zstd), Some(Gzip)] => "gzip+zstd",
            [Some(Gzip), Some(Zstd)] => "zstd+gzip",
            [Some(Zstd), Some(Zstd)] => "zstd+zstd",
        }
    }
}

/// Proof that the data that was read is complete.
///
/// The checksum of a gzip member or a zstd frame proves it; after several of them one more may be missing. Of two layers
/// the inner one counts, which was made first.
#[derive(Debug, Clone, Default)]
pub struct Proof(Rc<Cell<Seen>>);

/// The members and frames so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Seen {
    #[default]
    None,
    /// One with a checksum.
    OneProven,
    Other,
}

impl Proof {
    /// Whether the data is known to be complete, once all was read.
    pub fn is_whole(&self) -> bool {
        self.0.get() == Seen::OneProven
    }

    /// Notes the start of a member or frame.
    pub(super) fn start(&self, has_checksum: bool) {
        self.0.set(if self.0.get() == Seen::None && has_checksum { Seen::OneProven } else { Seen::Other });
    }
}

/// Length of the longest magic number.
const MAGIC: usize = 4;
const BUFFER: usize = 128 << 10;

/// Decompresses `raw`; see [`super::inflate`].
pub(super) fn inflate<'r>(raw: impl Read + 'r, limit: Limit) -> io::Result<(Box<dyn Read + 'r>, Compression, Proof)> {
    let count = Count::default();
    let mut data: Box<dyn Read + 'r> = Box::new(CountingReader { reader: raw, count: count.clone() });
    let mut compression = Compression::NONE;
    let mut proof = Proof::default();
    for layer in &mut compression.0 {
        let mut head = Vec::with_capacity(MAGIC);
        data.by_ref().take(MAGIC as u64).read_to_end(&mut head)?;
        *layer = Codec::recognize(&head);
        let whole = Cursor::new(head).chain(data);
        let Some(codec) = *layer else {
            data = Box::new(whole);
            break;
        };
        proof = Proof::default();
        let source = BufReader::with_capacity(BUFFER, whole);
        let plain: Box<dyn Read + 'r> = match codec {
            Codec::Gzip => Box::new(gzip::Members::new(source, proof.clone())),
            Codec::Zstd => Box::new(zstd::Frames::new(source, proof.clone(), limit.window())),
        };
        data = Box::new(LimitedReader::new(plain, count.clone(), limit, true));
    }
    if compression == Compression::NONE {
        data = Box::new(LimitedReader::new(data, count, limit, false));
    }
    Ok((data, compression, proof))
}
