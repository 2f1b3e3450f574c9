//! Errors of reading `runtime.MemStats`, with their positions.

use std::io;

use thiserror::Error;

use super::metrics_error::MetricsError;

/// An error of reading `runtime.MemStats`.
#[derive(Debug, Error)]
#[error("{}{kind}", line.map(|line| format!("at line {line}: ")).unwrap_or_default())]
pub struct MemStatsError {
    /// Line of the decompressed text, from 1; `None` if all of it is meant or the kind has the line.
    pub line: Option<u64>,
    /// What is wrong.
    pub kind: MemStatsErrorKind,
}

/// What is wrong with a source of `runtime.MemStats`.
#[derive(Debug, Error)]
pub enum MemStatsErrorKind {
    #[error("the file is empty; expected runtime.MemStats")]
    Empty,
    #[error(
        "this is {found}, not runtime.MemStats; expected a heap profile as text (/debug/pprof/heap?debug=1&gc=1), \
         JSON of the struct, /debug/vars, /proc/PID/status, or a page or a response of Prometheus with metrics such as \
         go_memstats_heap_alloc_bytes"
    )]
    NotMemStats { found: &'static str },
    #[error("the heap profile has no runtime.MemStats at its end: is it cut off, or not from a Go program?")]
    NoTrailer,
    #[error("runtime.MemStats ends before NumGC: is the heap profile cut off?")]
    TrailerCut,
    #[error("this document has no HeapAlloc, as those before it have; expected runtime.MemStats")]
    NoHeapAlloc,
    /// The bytes could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Malformed JSON, or a number in it that is not an integer. Has the position.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error("{name} is {text}; expected a non-negative integer")]
    Number {
        /// The field or metric.
        name: String,
        /// The value.
        text: String,
    },
    /// A line without a line break at the end of the file.
    #[error("the file ends within this line: is it cut off?")]
    CutOff,
    #[error("more than {most} snapshots; give fewer of them")]
    TooMany {
        /// The limit.
        most: usize,
    },
    /// Metrics of Prometheus that do not make snapshots of one process.
    #[error(transparent)]
    Metrics(#[from] MetricsError),
    /// A field that occurs twice in an object.
    #[error("{name} occurs twice in one object; expected one snapshot per object")]
    FieldTwice {
        /// The field.
        name: String,
    },
    /// An object that is not closed.
    #[error("the file ends within an object, before its last brace: is it cut off?")]
    ObjectCut,
    /// A size in `/proc/PID/status` that is not one.
    #[error("{name} is {text}; expected a number of kB, as in /proc/PID/status")]
    Kilobytes {
        /// The field.
        name: String,
        /// The value.
        text: String,
    },
    /// Texts of two kinds in one file.
    #[error("the file has {first} and {second}; expected one kind, or each in a file of its own")]
    Mixed {
        /// A kind.
        first: &'static str,
        /// Another kind.
        second: &'static str,
    },
    /// Resident sets that cannot be joined with the other snapshots of the file.
    #[error("expected one /proc/PID/status for each other snapshot of the file, not {statuses} for {snapshots}")]
    Statuses {
        /// Number of resident sets.
        statuses: usize,
        /// Number of other snapshots.
        snapshots: usize,
    },
}

impl MemStatsErrorKind {
    /// The error at a line.
    pub(super) fn at(self, line: u64) -> MemStatsError {
        MemStatsError { line: Some(line), kind: self }
    }
}

impl From<MemStatsErrorKind> for MemStatsError {
    fn from(kind: MemStatsErrorKind) -> Self {
        MemStatsError { line: None, kind }
    }
}
