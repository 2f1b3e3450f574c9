//! Errors of reading `runtime.MemStats`, with their positions.

use std::io;

use thiserror::Error;

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
         JSON of the struct, /debug/vars, or a page for Prometheus with go_memstats_heap_alloc_bytes"
    )]
    NotMemStats { found: &'static str },
    #[error("the heap profile has no runtime.MemStats at its end: is it cut off, or not of a Go program?")]
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
    Number { name: String, text: String },
    #[error("{name} occurs twice; expected the page of one process")]
    Twice { name: &'static str },
    #[error("the file ends within this line: is it cut off?")]
    CutOff,
    #[error("more than {most} snapshots; give fewer of them")]
    TooMany { most: usize },
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
