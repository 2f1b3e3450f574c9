//! Errors of decoding, with their positions.

use std::io;

use thiserror::Error;

use crate::profile::Invalid;

/// A profile that could not be decoded.
#[derive(Debug, Error)]
#[error("{}{kind}", position.map(|position| format!("{position}: ")).unwrap_or_default())]
pub struct DecodeError {
    /// Position in the decompressed data; `None` if all of it is meant.
    pub position: Option<InputPosition>,
    /// What is wrong.
    pub kind: DecodeErrorKind,
}

/// A position in the decompressed data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputPosition {
    /// Offset in bytes.
    Byte(u64),
    /// Line number of a text, from 1.
    Line(u64),
}

impl std::fmt::Display for InputPosition {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            InputPosition::Byte(offset) => write!(f, "at byte {offset}"),
            InputPosition::Line(number) => write!(f, "line {number}"),
        }
    }
}

/// What is wrong with a profile.
#[derive(Debug, Error)]
pub enum DecodeErrorKind {
    /// An empty file.
    #[error("the file is empty; expected a heap profile")]
    Empty,
    /// Something that is not a pprof profile.
    #[error("this is {found}, not a pprof heap profile; {advice}")]
    NotPprof {
        /// What it looks like.
        found: &'static str,
        /// What to do about it.
        advice: &'static str,
    },
    /// The bytes could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The data ends within a field.
    #[error("the profile is cut off within {what}: the data ends here, {needed} B too early at least")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// How many bytes are missing at least.
        needed: u64,
    },
    /// A field that is longer than the message it is in.
    #[error("{what} is longer than the message it is in, by {excess} B at least: it is damaged")]
    Overrun {
        /// What was being read.
        what: &'static str,
        /// How many bytes too long.
        excess: u64,
    },
    /// A number of more than ten bytes or 64 bits.
    #[error("bad varint: a number of more than 64 bits")]
    Varint,
    /// A key that protobuf does not know.
    #[error(
        "wire type {wire_type} of field {field}; expected 0 (varint), 1, 5 (fixed) or 2 (bytes): this is not protobuf, or it is damaged"
    )]
    WireType {
        /// The field's number.
        field: u64,
        /// What its key says.
        wire_type: u64,
    },
    /// A field number out of range.
    #[error(
        "field number {field}; protobuf's start at 1 and end below 2^29: this is not protobuf, or it is damaged (padded with zeros?)"
    )]
    FieldNumber {
        /// The number.
        field: u64,
    },
    /// A known field that is encoded as something else.
    #[error("{field} is encoded as {found}, expected {expected}")]
    FieldType {
        /// Its name in `profile.proto`.
        field: &'static str,
        /// How it stands there.
        found: &'static str,
        /// How it should.
        expected: &'static str,
    },
    /// A field larger than any profile has.
    #[error("a field of {len} bytes; expected at most {max}")]
    TooLong {
        /// Its size.
        len: u64,
        /// The limit.
        max: u64,
    },
    /// A memory map longer than any process has.
    #[error("a memory map of more than {most} bytes")]
    MapTooLong {
        /// The limit.
        most: usize,
    },
    /// A line longer than any text has.
    #[error("a line of more than {max} bytes")]
    LineTooLong {
        /// The limit.
        max: usize,
    },
    /// A small message that does not decode.
    #[error("{table}[{index}] is malformed: {error}")]
    Message {
        /// The table it is in, such as `location`.
        table: &'static str,
        /// Its index there.
        index: u64,
        /// What prost says.
        error: prost::DecodeError,
    },
    /// It decodes, but contradicts itself, or holds something else than a heap profile.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An uncompressed profile that stops where something is still due.
    #[error(
        "the profile ends where {missing} is due: cut off? (uncompressed, nothing else proves that it is whole; a gzip file has a checksum)"
    )]
    EndsEarly {
        /// What an encoder would have written next.
        missing: &'static str,
    },
    /// A line of a text that means nothing where it stands.
    #[error("expected {expected}, found {found:?}")]
    Line {
        /// What may stand there.
        expected: &'static str,
        /// How the line starts.
        found: String,
    },
    /// A number in a text that has more than 64 bits.
    #[error("the number {digits} is too large")]
    Number {
        /// As it stands there.
        digits: String,
    },
    /// A record of a text whose values, unsampled, have more than 64 bits.
    #[error("{objects} objects of {bytes} B together are too many once the sampling is undone")]
    Unsampled {
        /// As the record has them.
        objects: i64,
        /// Likewise.
        bytes: i64,
    },
    /// Bytes of no object.
    #[error("0 objects have {bytes} B; it is damaged")]
    BytesOfNothing {
        /// The bytes.
        bytes: i64,
    },
    /// The records are not what the header says they are.
    #[error("the records add up to {found}, but the first line says {expected}: lines are missing or damaged")]
    Totals {
        /// The sums.
        found: String,
        /// The header's.
        expected: String,
    },
    /// A text that stops where something is still due.
    #[error("the text ends where {missing} is due: it was cut off")]
    TextEndsEarly {
        /// What would have come next.
        missing: &'static str,
    },
}

/// What decoding gives within this module: an error as a pointer, so that success fits into registers.
pub(super) type Decoded<T> = Result<T, Box<DecodeError>>;

impl DecodeErrorKind {
    /// This error at byte `offset`.
    #[cold]
    pub(super) fn at(self, offset: u64) -> Box<DecodeError> {
        Box::new(DecodeError { position: Some(InputPosition::Byte(offset)), kind: self })
    }

    /// This error in a line of a text.
    #[cold]
    pub(super) fn in_line(self, number: u64) -> Box<DecodeError> {
        Box::new(DecodeError { position: Some(InputPosition::Line(number)), kind: self })
    }

    /// This error of the file as a whole.
    #[cold]
    pub(super) fn anywhere(self) -> Box<DecodeError> {
        Box::new(DecodeError { position: None, kind: self })
    }
}
