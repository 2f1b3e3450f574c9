//! From bytes to a [`Profile`]. What the bytes are is told from the bytes, never from a name.
//!
//! Once a format is chosen its decoder succeeds or fails, with the place and the reason; no other is
//! tried. Knows no path and no compression.

mod dead;
mod error;
mod go_text;
mod heap_text;
mod jemalloc;
mod maps;
mod mem_stats;
mod messages;
mod pprof;
mod tables;
mod text;
mod varint;
mod window;
mod wire;

use std::io::Read;

pub use error::{DecodeError, DecodeErrorKind};
pub use mem_stats::{MemStatsError, MemStatsErrorKind, decode_mem_stats};

use crate::profile::{Profile, ProfileBuilder};
use error::Decoded;
use window::Window;

/// How the first line of a heap profile as text starts.
const HEAP_TEXT: &[u8] = b"heap profile:";
/// Likewise of jemalloc.
const JEMALLOC: &[u8] = b"heap_v2/";

/// How much of the data is looked at to tell what it is.
const SNIFF: usize = 512;

/// Decodes a heap profile from `reader`, which must be decompressed already.
///
/// `proven` is asked whether a checksum proves the data to be whole, so that it cannot have been cut off
/// unseen. Without one, data that ends too early is told from the order in which encoders write. A text must
/// prove that itself.
///
/// # Errors
///
/// What is wrong with the data, and where. [`Invalid::LiveColumns`](crate::profile::Invalid::LiveColumns) asks for [`decode_again`].
pub fn decode(reader: impl Read, proven: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::new(), reader, &proven).map_err(|error| *error)
}

/// Decodes from its start a profile that [`decode`] could not, since its live columns do not stand
/// where they were expected. Takes memory for the dead samples, too.
///
/// # Errors
///
/// As [`decode`], but for that one.
pub fn decode_again(reader: impl Read, proven: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::keeping_dead(), reader, &proven).map_err(|error| *error)
}

/// Decodes a profile of which not the live objects count, but the column `sample_type`. Takes memory for the
/// dead samples, too.
///
/// # Errors
///
/// As [`decode`].
pub fn decode_sample_type(
    reader: impl Read,
    sample_type: &str,
    proven: impl Fn() -> bool,
) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::of_sample_type(sample_type), reader, &proven).map_err(|error| *error)
}

fn decode_into(builder: ProfileBuilder, reader: impl Read, proven: &dyn Fn() -> bool) -> Decoded<Profile> {
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
    } else if let Some((found, advice)) = other_format(head) {
        return Err(DecodeErrorKind::NotPprof { found, advice }.anywhere());
    } else {
        pprof::decode(&mut window, builder, proven)
    };
    decoded.map_err(|error| {
        // What does not decode because it was damaged on its way is reported as damaged.
        let damaged = if proven() { window.check_rest().err() } else { None };
        damaged.unwrap_or(error)
    })
}

/// What `head` is the start of, if it is not a pprof profile, and what to do about it.
fn other_format(head: &[u8]) -> Option<(&'static str, &'static str)> {
    const MAGIC: &[(&[u8], &str, &str)] = &[
        (b"\x1f\x8b", "gzip data", "of compression two layers are taken off: take off the others (gunzip)"),
        (b"\x28\xb5\x2f\xfd", "zstd data", "of compression two layers are taken off: take off the others (zstd -d)"),
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
        return Some((found, advice));
    }
    let text = readable(head)?.trim_start();
    let known = TEXT.iter().find(|(start, ..)| text.starts_with(start));
    Some(known.map_or(("text", "expected protobuf, gzipped or not"), |&(_, found, advice)| (found, advice)))
}

/// Whether a line has control characters, as protobuf has within its first few bytes.
fn is_binary(line: &[u8]) -> bool {
    line.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}

/// `head` as text, if it is any: protobuf has control characters within its first few bytes.
fn readable(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // Cut within a character.
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    (!text.is_empty() && text.chars().all(plain)).then_some(text)
}
