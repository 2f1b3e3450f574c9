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
#[allow(missing_docs, reason = "the messages describe the variants")]
pub enum DecodeErrorKind {
    #[error("the file is empty; expected a heap profile")]
    Empty,
    #[error("this is {found}, not a pprof heap profile; {advice}")]
    NotPprof { found: &'static str, advice: &'static str },
    /// The bytes could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    #[error("the profile is cut off within {what}: the data ends at least {needed} B too early")]
    Truncated { what: &'static str, needed: u64 },
    #[error("{what} exceeds its message by at least {excess} B: the profile is damaged")]
    Overrun { what: &'static str, excess: u64 },
    #[error("invalid varint: a number of more than 64 bits")]
    Varint,
    #[error(
        "wire type {wire_type} of field {field}; expected 0 (varint), 1, 5 (fixed) or 2 (bytes): this is not protobuf, or it is damaged"
    )]
    WireType { field: u64, wire_type: u64 },
    #[error(
        "field number {field}; protobuf's start at 1 and end below 2^29: this is not protobuf, or it is damaged (padded with zeros?)"
    )]
    FieldNumber { field: u64 },
    #[error("{field} is encoded as {found}, expected {expected}")]
    FieldType { field: &'static str, found: &'static str, expected: &'static str },
    #[error("a field of {len} bytes; expected at most {max}")]
    TooLong { len: u64, max: u64 },
    #[error("a memory map of more than {most} bytes")]
    MapTooLong { most: usize },
    #[error("a line of more than {max} bytes")]
    LineTooLong { max: usize },
    #[error("{table}[{index}] is malformed: {error}")]
    Message { table: &'static str, index: u64, error: prost::DecodeError },
    /// Content that contradicts itself, or is not a heap profile's.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    #[error(
        "the profile ends where {missing} should follow: is it cut off? (an uncompressed file has no checksum that proves it complete)"
    )]
    EndsEarly { missing: &'static str },
    #[error("expected {expected}, found {found:?}")]
    Line { expected: &'static str, found: String },
    #[error("the number {digits} is too large")]
    Number { digits: String },
    #[error("{objects} objects with {bytes} B in total exceed 64 bits when scaled up from the sample")]
    Unsampled { objects: i64, bytes: i64 },
    #[error("0 objects have {bytes} B: the record is damaged")]
    BytesOfNothing { bytes: i64 },
    #[error("the records add up to {found}, but the first line says {expected}: lines are missing or damaged")]
    Totals { found: String, expected: String },
    #[error("the text ends where {missing} should follow: it was cut off")]
    TextEndsEarly { missing: &'static str },
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
