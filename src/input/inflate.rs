//! Decompression by the first bytes, of at most two layers: proxies compress what was compressed before.

use std::io::{self, BufReader, Cursor, Read};

use super::codec::{Codec, Compression, Proof};
use super::size_limit::{Count, CountingReader, Limit, LimitedReader};
use super::utf16::{self, Utf16};
use super::{gzip, zstd};

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
        *layer = recognize(&head);
        let is_utf16 = utf16::starts(&head);
        let whole = Cursor::new(head).chain(data);
        let Some(codec) = *layer else {
            data = if is_utf16 { Box::new(Utf16::new(whole)) } else { Box::new(whole) };
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

/// The codec of data that starts with `head`.
fn recognize(head: &[u8]) -> Option<Codec> {
    if head.starts_with(&gzip::MAGIC) { Some(Codec::Gzip) } else { zstd::starts(head).then_some(Codec::Zstd) }
}
