//! Decodes bytes into a [`Profile`]. The format is recognised by the bytes, never by a file name.
//!
//! Once a format is chosen its decoder succeeds or fails, with a position and a reason; no other is tried. Knows no
//! path and no compression.

mod bench_output;
mod count_text;
mod error;
mod field_order;
mod foreign_format;
mod go_text;
mod goroutine_dump;
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

pub use bench_output::{BenchOutput, BenchRun, decode_bench_output};
pub use error::{DecodeError, DecodeErrorKind};
pub use mem_stats::{MemStatsError, MemStatsErrorKind, decode_mem_stats};

use crate::profile::{Profile, ProfileBuilder, SampleType};
use error::Decoded;
use foreign_format::foreign_format;
use window::Window;

/// What some editors put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes that are examined to recognise the format.
const SNIFF: usize = 512;

/// Decodes a heap profile from decompressed data.
///
/// `has_checksum` returns whether one checksum covers the data read so far: once all was read, it proves the data
/// complete. Without one, a missing end is inferred from the order in which encoders write their fields. A text must
/// prove by itself that it is complete.
///
/// # Errors
///
/// If the data is damaged, or not a heap profile. After [`Invalid::LiveColumnsElsewhere`](crate::profile::Invalid::LiveColumnsElsewhere)
/// use [`decode_keeping_dead`].
pub fn decode(reader: impl Read, has_checksum: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::new(), reader, &has_checksum).map_err(|error| *error)
}

/// Decodes a profile whose live columns are not where [`decode`] expected them, from its start. Needs memory for the
/// dead samples, too.
///
/// # Errors
///
/// If the data is damaged, or not a heap profile.
pub fn decode_keeping_dead(reader: impl Read, has_checksum: impl Fn() -> bool) -> Result<Profile, DecodeError> {
    decode_into(ProfileBuilder::keeping_dead(), reader, &has_checksum).map_err(|error| *error)
}

/// Decodes a profile in which the columns `wanted` are counted, where they are not the live ones. Needs memory for the
/// dead samples, too, unless the live ones are. `keeps_dead`: whether dead samples are kept in any case, for after
/// [`Invalid::LiveColumnsElsewhere`](crate::profile::Invalid::LiveColumnsElsewhere).
///
/// # Errors
///
/// If the data is damaged, or not a profile with such columns.
pub fn decode_counting(
    reader: impl Read,
    wanted: &SampleType,
    keeps_dead: bool,
    has_checksum: impl Fn() -> bool,
) -> Result<Profile, DecodeError> {
    let builder = if keeps_dead { ProfileBuilder::keeping_dead() } else { ProfileBuilder::new() };
    decode_into(builder.counting(wanted.clone()), reader, &has_checksum).map_err(|error| *error)
}

/// Whether data that starts with `head` may be a profile that counts goroutines: their text, or a protobuf that may have a
/// single column.
pub fn may_count(head: &[u8]) -> bool {
    let head = head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head);
    let line = head.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
    count_text::counted(line).is_some()
        || goroutine_dump::starts(line)
        || is_binary(&head[..head.len().min(SNIFF)]) && pprof::may_have_one_column(head)
}

fn decode_into(builder: ProfileBuilder, reader: impl Read, has_checksum: &dyn Fn() -> bool) -> Decoded<Profile> {
    let mut window = Window::new(reader);
    window.skip(BYTE_ORDER_MARK)?;
    let head = window.peek(SNIFF)?;
    if head.is_empty() {
        return Err(DecodeErrorKind::Empty.anywhere());
    }
    let first_line = head.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let is_heap_text = memchr::memmem::find(first_line, heap_text::START).is_some() && !is_binary(first_line);
    let decoded = if is_heap_text {
        heap_text::decode(&mut window, builder)
    } else if first_line.starts_with(jemalloc::START) {
        jemalloc::decode(&mut window, builder)
    } else if count_text::counted(first_line).is_some() {
        count_text::decode(&mut window, builder)
    } else if goroutine_dump::starts(first_line) {
        goroutine_dump::decode(&mut window, builder)
    } else if let Some(format) = foreign_format(head) {
        let (found, advice) = format.description();
        return Err(DecodeErrorKind::NotPprof { found, advice }.anywhere());
    } else {
        pprof::decode(&mut window, builder, has_checksum)
    };
    decoded.map_err(|error| {
        // The rest may fail its checksum; damaged compression then explains the error better.
        let damaged = if has_checksum() { window.check_rest().err() } else { None };
        damaged.unwrap_or(error)
    })
}

/// Whether a line has control characters, which protobuf has within its first few bytes.
fn is_binary(line: &[u8]) -> bool {
    line.iter().any(|byte| byte.is_ascii_control() && !byte.is_ascii_whitespace())
}
