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
    /// A file of another kind.
    #[error("this is {found}, not a pprof heap profile; {advice}")]
    NotPprof {
        /// The kind of file.
        found: &'static str,
        /// What the user can do.
        advice: &'static str,
    },
    /// The bytes could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// The data ends within a field.
    #[error("the profile is cut off within {what}: the data ends at least {needed} B too early")]
    Truncated {
        /// What was being read.
        what: &'static str,
        /// Missing bytes, at least.
        needed: u64,
    },
    /// A field that ends after the message it is in.
    #[error("{what} exceeds its message by at least {excess} B: the profile is damaged")]
    Overrun {
        /// What was being read.
        what: &'static str,
        /// Bytes after the end of the message, at least.
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
        /// The wire type in its key.
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
        /// The encoding found.
        found: &'static str,
        /// The encoding expected.
        expected: &'static str,
    },
    /// A field larger than any profile has.
    #[error("a field of {len} bytes; expected at most {max}")]
    TooLong {
        /// Its length, bytes.
        len: u64,
        /// The limit, bytes.
        max: u64,
    },
    /// A memory map longer than any process has.
    #[error("a memory map of more than {most} bytes")]
    MapTooLong {
        /// The limit, bytes.
        most: usize,
    },
    /// A line longer than any text has.
    #[error("a line of more than {max} bytes")]
    LineTooLong {
        /// The limit, bytes.
        max: usize,
    },
    /// A small message that does not decode.
    #[error("{table}[{index}] is malformed: {error}")]
    Message {
        /// The table it is in, such as `location`.
        table: &'static str,
        /// Its index there.
        index: u64,
        /// The error of prost.
        error: prost::DecodeError,
    },
    /// Content that contradicts itself, or is not a heap profile's.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An uncompressed profile that ends too early.
    #[error(
        "the profile ends where {missing} should follow: is it cut off? (an uncompressed file has no checksum that proves it complete)"
    )]
    EndsEarly {
        /// The field that its encoder would have written next.
        missing: &'static str,
    },
    /// A line of a text that is not allowed there.
    #[error("expected {expected}, found {found:?}")]
    Line {
        /// The kinds of lines that are allowed.
        expected: &'static str,
        /// Start of the line.
        found: String,
    },
    /// A number in a text that has more than 64 bits.
    #[error("the number {digits} is too large")]
    Number {
        /// Its digits.
        digits: String,
    },
    /// A record of a text whose values exceed 64 bits when they are scaled up from the sample.
    #[error("{objects} objects with {bytes} B in total exceed 64 bits when scaled up from the sample")]
    Unsampled {
        /// Objects of the record.
        objects: i64,
        /// Bytes of the record.
        bytes: i64,
    },
    /// Bytes without objects.
    #[error("0 objects have {bytes} B: the record is damaged")]
    BytesOfNothing {
        /// The bytes.
        bytes: i64,
    },
    /// Records that do not add up to the sums in the first line.
    #[error("the records add up to {found}, but the first line says {expected}: lines are missing or damaged")]
    Totals {
        /// Sums of the records.
        found: String,
        /// Sums in the first line.
        expected: String,
    },
    /// A text that ends too early.
    #[error("the text ends where {missing} should follow: it was cut off")]
    TextEndsEarly {
        /// The part that its producer would have written next.
        missing: &'static str,
    },
}

/// Result within this module. The error is boxed so that success fits into registers.
pub(super) type Decoded<T> = Result<T, Box<DecodeError>>;

impl DecodeErrorKind {
    /// The error at byte `offset`.
    #[cold]
    pub(super) fn at(self, offset: u64) -> Box<DecodeError> {
        Box::new(DecodeError { position: Some(InputPosition::Byte(offset)), kind: self })
    }

    /// The error in a line of a text.
    #[cold]
    pub(super) fn in_line(self, number: u64) -> Box<DecodeError> {
        Box::new(DecodeError { position: Some(InputPosition::Line(number)), kind: self })
    }

    /// The error of the file as a whole.
    #[cold]
    pub(super) fn anywhere(self) -> Box<DecodeError> {
        Box::new(DecodeError { position: None, kind: self })
    }
}
