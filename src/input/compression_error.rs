//! Errors of decompression, which distinguish data that was cut off from data that is damaged.

use std::io;

use thiserror::Error;

use super::codec::Codec;

/// An error of decompression. Wrapped in an [`io::Error`] by readers.
#[derive(Debug, Error)]
pub(super) enum CompressionError {
    #[error("the {} data is cut off: it ends before its checksum", .0.name())]
    BeforeChecksum(Codec),
    #[error("the {} data is cut off: it ends within a frame", .0.name())]
    WithinFrame(Codec),
    #[error("the {} data is damaged: {reason}", .codec.name())]
    Damaged { codec: Codec, reason: String },
    #[error("the {} data is followed by something else; is the file damaged, or two files in one?", .0.name())]
    Tail(Codec),
    #[error("the zstd data was compressed with a dictionary (id {id}); compress it without one")]
    Dictionary { id: u32 },
    #[error("the zstd data needs a window of {}; expected at most {}{}", size(*.needed), size(*.most), advice(*.needed))]
    Window { needed: u64, most: u64 },
    #[error(
        "{} inflate to more than {}, which no usual profile does; if it is one, --max-decompressed SIZE accepts it",
        size(*.read), size(*.allowed)
    )]
    Bomb { read: u64, allowed: u64 },
    #[error("the profile takes more than {}, the limit (--max-decompressed SIZE sets another)", size(*.allowed))]
    TooLarge { allowed: u64 },
}

impl From<CompressionError> for io::Error {
    fn from(bad: CompressionError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, bad)
    }
}

/// Whether `error` is a [`CompressionError`] of an inner layer, which needs no other words.
pub(super) fn is_compression_error(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|error| error.is::<CompressionError>())
}

fn advice(needed: u64) -> &'static str {
    if needed <= 128 << 20 { " (--max-decompressed SIZE takes up to 128 MiB)" } else { "" }
}

fn size(bytes: u64) -> String {
    let mib = bytes >> 20;
    if mib == 0 { format!("{bytes} B") } else { format!("{mib} MiB") }
}
