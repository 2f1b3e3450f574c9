//! Decodes bytes into a [`Profile`]. The format is recognised by the bytes, never by a file name.
//!
//! Once a format is chosen its decoder succeeds or fails, with a position and a reason; no other is tried. Knows no
//! path and no compression.

mod error;
mod field_order;
mod go_text;
mod heap_text;
mod jemalloc;
mod maps;
mod mem_stats;
mod pprof;
mod sample_reader;
mod tables;
mod text;
mod window;
mod wire;

use std::io::Read;

pub use error::{DecodeError, DecodeErrorKind};
pub use mem_stats::{MemStatsError, MemStatsErrorKind, decode_mem_stats};

use crate::profile::{Profile, ProfileBuilder};
use error::Decoded;
use window::Window;

/// Start of the first line of a text of Go, gperftools or tcmalloc.
const HEAP_TEXT: &[u8] = b"heap profile:";
/// Start of the first line of a text of jemalloc.
const JEMALLOC: &[u8] = b"heap_v2/";

/// Bytes that are examined to recognise the format.
const SNIFF: usize = 512;

/// Decodes a heap profile from decompressed data.
///
/// `checksum_verified` is called once all data was read, and returns true if a checksum proves it complete. Without
/// one, a missing end is inferred from the order in which encoders write their fields. A text must prove by itself that
/// it is complete.
///
/// # Errors
///
/// If the data is damaged, or not a heap profile. After [`Invalid::LiveColumns`](crate::profile::Invalid::LiveColumns)
/// use [`decode_again`].
pub fn decode(reader: impl Read, checksum_verified: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::new(), reader, &checksum_verified).map_err(|error| *error)
}

/// Decodes a profile whose live columns are not where [`decode`] expected them, from its start. Needs memory for the
/// dead samples, too.
///
/// # Errors
///
/// If the data is damaged, or not a heap profile.
pub fn decode_again(reader: impl Read, checksum_verified: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::keeping_dead(), reader, &checksum_verified).map_err(|error| *error)
}

/// Decodes a profile with the column `sample_type` in place of the live objects and bytes. Needs memory for the dead
/// samples, too.
///
/// # Errors
///
/// If the data is damaged, or not a profile with such a column.
pub fn decode_sample_type(
    reader: impl Read,
    sample_type: &str,
    checksum_verified: impl Fn() -> bool,
) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::with_sample_type(sample_type), reader, &checksum_verified).map_err(|error| *error)
}

fn decode_into(builder: ProfileBuilder, reader: impl Read, checksum_verified: &dyn Fn() -> bool) -> Decoded<Profile> {
    let mut window = Window::new(reader);
    let head = window.peek(SNIFF)?;
    if head.is_empty() {
        return Err(DecodeErrorKind::Empty.anywhere());
    }
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_heap_text = memchr::memmem::find(first_line, HEAP_TEXT).is_some() && !is_binary(first_line);
    let decoded = if is_heap_text {
        heap_text::decode(&mut window, builder)
    } else if first_line.starts_with(JEMALLOC) {
        jemalloc::decode(&mut window, builder)
    } else if let Some(format) = foreign_format(head) {
        let (found, advice) = format.description();
        return Err(DecodeErrorKind::NotPprof { found, advice }.anywhere());
    } else {
        pprof::decode(&mut window, builder, checksum_verified)
    };
    decoded.map_err(|error| {
        // If the compressed data is damaged, this is the better explanation.
        let damaged = if checksum_verified() { window.check_rest().err() } else { None };
        damaged.unwrap_or(error)
    })
}

/// What data that is not a pprof profile looks like.
enum ForeignFormat {
    /// Text of an unknown kind, or of a kind that only other decoders know.
    Text,
    /// A known kind that holds no heap profile, and advice.
    Known { found: &'static str, advice: &'static str },
}

impl ForeignFormat {
    /// Its name, and what to do about it.
    fn description(&self) -> (&'static str, &'static str) {
        match *self {
            ForeignFormat::Text => ("text", "expected protobuf, gzipped or not"),
            ForeignFormat::Known { found, advice } => (found, advice),
        }
    }
}

/// The foreign format of data that starts with `head`; `None` if it may be a pprof profile.
fn foreign_format(head: &[u8]) -> Option<ForeignFormat> {
    const MAGIC: &[(&[u8], &str, &str)] = &[
        (b"\x1f\x8b", "gzip data", "at most two layers of compression are removed: remove the others first (gunzip)"),
        (
            b"\x28\xb5\x2f\xfd",
            "zstd data",
            "at most two layers of compression are removed: remove the others first (zstd -d)",
        ),
        (b"BZh", "bzip2 data", "decompress it first (bunzip2)"),
        (b"\xfd7zXZ\0", "xz data", "decompress it first (unxz)"),
        (b"\x04\x22\x4d\x18", "lz4 data", "decompress it first (lz4 -d)"),
        (b"PK\x03\x04", "a zip archive", "give the profile that is in it"),
        (b"\x7fELF", "a program", "give a profile of it"),
        (b"go 1.", "a Go execution trace", "fetch /debug/pprof/heap instead"),
        (b"JAVA PROFILE", "a Java heap dump", "only pprof profiles are read"),
    ];
    const TEXT: &[(&str, &str, &str)] = &[
        ("--- heapz", "a heap profile of Java as text", "only those of Go, gperftools, tcmalloc and jemalloc are read"),
        ("--- ", "a profile of something else than a heap as text", "give a heap profile"),
        ("goroutine profile:", "a goroutine profile as text", "fetch /debug/pprof/heap instead"),
        ("goroutine ", "a goroutine dump", "fetch /debug/pprof/heap instead"),
        ("<", "HTML or XML", "was it a log-in or an error page that was saved?"),
        ("{", "JSON", "give the profile itself"),
        ("[", "JSON", "give the profile itself"),
    ];
    if let Some(&(_, found, advice)) = MAGIC.iter().find(|(magic, ..)| head.starts_with(magic)) {
        return Some(ForeignFormat::Known { found, advice });
    }
    let text = readable(head)?.trim_start();
    let known = TEXT.iter().find(|(start, ..)| text.starts_with(start));
    Some(known.map_or(ForeignFormat::Text, |&(_, found, advice)| ForeignFormat::Known { found, advice }))
}

/// Whether a line has control characters, which protobuf has within its first few bytes.
fn is_binary(line: &[u8]) -> bool {
    line.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// `head` as text, if it has no control characters, which protobuf has within its first few bytes.
fn readable(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // `head` ends within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().all(plain)).then_some(text)
}
