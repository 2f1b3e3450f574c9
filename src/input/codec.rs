//! Compression: the codecs, their layers, and the proof that the data is complete.

use std::cell::Cell;
use std::rc::Rc;

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
    /// Whether one checksum covers all data so far. Once all was read without an error, the data is complete.
    pub fn has_checksum(&self) -> bool {
        self.0.get() == Seen::OneProven
    }

    /// Notes the start of a member or frame.
    pub(super) fn start(&self, has_checksum: bool) {
        self.0.set(if self.0.get() == Seen::None && has_checksum { Seen::OneProven } else { Seen::Other });
    }
}
