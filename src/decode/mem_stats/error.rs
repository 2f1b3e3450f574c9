//! Why bytes hold no `runtime.MemStats`, and where.

use std::io;

use thiserror::Error;

/// Numbers of the runtime that could not be read.
#[derive(Debug, Error)]
#[error("{}{kind}", line.map(|line| format!("at line {line}: ")).unwrap_or_default())]
pub struct MemStatsError {
    /// Where in the decompressed text, counted from 1; `None` where the whole is meant or the kind tells it.
    pub line: Option<u64>,
    /// What is wrong.
    pub kind: MemStatsErrorKind,
}

/// What is wrong with a source of `runtime.MemStats`.
#[derive(Debug, Error)]
pub enum MemStatsErrorKind {
    /// Not a byte.
    #[error("the file is empty; expected runtime.MemStats")]
    Empty,
    /// Something else.
    #[error(
        "this is {found}, not runtime.MemStats; expected a heap profile as text (/debug/pprof/heap?debug=1&gc=1), \
         JSON of the struct, /debug/vars, or a page for Prometheus with go_memstats_heap_alloc_bytes"
    )]
    NotMemStats {
        /// What it looks like.
        found: &'static str,
    },
    /// A heap profile as text without its last part.
    #[error("the heap profile has no runtime.MemStats at its end: is it cut off, or not of a Go program?")]
    NoTrailer,
    /// A trailer without its last part.
    #[error("runtime.MemStats ends before NumGC: is the heap profile cut off?")]
    TrailerCut,
    /// A document among others that has no HeapAlloc.
    #[error("this document has no HeapAlloc, as those before it have; expected runtime.MemStats")]
    NoHeapAlloc,
    /// The bytes could not be read or decompressed.
    #[error(transparent)]
    Read(#[from] io::Error),
    /// Text that is no JSON, or JSON whose numbers are none; it tells where.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// A number that is none.
    #[error("{name} is {text}; expected a non-negative integer")]
    Number {
        /// What it should be the value of.
        name: String,
        /// What stands there.
        text: String,
    },
    /// A metric for a second time.
    #[error("{name} occurs twice; expected the page of one process")]
    Twice {
        /// Its name.
        name: &'static str,
    },
    /// A line that ends with the file.
    #[error("the file ends within this line: is it cut off?")]
    CutOff,
    /// A series longer than any that makes sense.
    #[error("more than {most} snapshots; give fewer of them")]
    TooMany {
        /// The limit.
        most: usize,
    },
}

impl MemStatsErrorKind {
    /// This error at line `line`.
    pub(super) fn at(self, line: u64) -> MemStatsError {
        MemStatsError { line: Some(line), kind: self }
    }
}

impl From<MemStatsErrorKind> for MemStatsError {
    fn from(kind: MemStatsErrorKind) -> Self {
        MemStatsError { line: None, kind }
    }
}
