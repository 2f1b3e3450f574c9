//! What the inputs of one side say of themselves. Filled by who reads them; shown, and told of in notes.

use std::path::PathBuf;

use crate::profile::InputFormat;

/// One side's inputs, summed.
#[derive(Debug, Clone, Default)]
pub struct Side {
    /// The files, as the user named them.
    pub inputs: Vec<String>,
    /// The format; [`InputFormat::Mixed`] if the files differ.
    pub format: InputFormat,
    /// `gzip` or `none`; `mixed` if the files differ.
    pub compression: &'static str,
    /// When the last of them was taken, in nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// Mean bytes between samples, of the first file; 0 when unknown.
    pub period_bytes: i64,
    /// Samples in the files, dead ones included.
    pub samples: u64,
    /// The columns of the first file: type and unit.
    pub sample_types: Vec<(String, String)>,
    /// Path of the first file's program.
    pub program: String,
    /// Its build id.
    pub build_id: String,
    /// For how long the longest was recorded, in nanoseconds; 0 for what is of one moment.
    pub duration_nanos: i64,
    /// Whether one of them is a difference that was saved, with samples of its base in it.
    pub is_saved_difference: bool,
    /// Where the files really are, to tell one that was given twice; empty where that is not known.
    pub paths: Vec<PathBuf>,
    /// In what they differ from each other.
    pub differing: Differing,
    /// The inputs that are there already, under this name or another.
    pub repeated: Vec<String>,
    /// What could not be read, where that is no error.
    pub skipped: Vec<Skipped>,
}

impl Side {
    /// Whether it was not Go's runtime that wrote it, but an allocator.
    pub fn is_native(&self) -> bool {
        matches!(self.format, InputFormat::Jemalloc | InputFormat::Gperftools)
    }
}

/// What several files of one side say differently: each value once, in the files' order; none where all say
/// the same.
#[derive(Debug, Clone, Default)]
pub struct Differing {
    /// Mean bytes between samples.
    pub periods: Vec<i64>,
    /// Paths of programs.
    pub programs: Vec<String>,
    /// Build ids.
    pub builds: Vec<String>,
    /// Columns: type and unit.
    pub sample_types: Vec<Vec<(String, String)>>,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// As the user named it.
    pub path: String,
    /// Why.
    pub error: String,
}
