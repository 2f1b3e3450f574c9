//! What the inputs of one side say of themselves: filled by the command line as it reads them, judged by the notes,
//! and shown in reports.

use std::path::PathBuf;

use super::Operations;
use crate::paths::base_name;
use crate::profile::InputFormat;

/// One of the two inputs of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichSide {
    /// The earlier one.
    Base,
    /// The later one.
    Current,
}

impl WhichSide {
    /// Name in JSON and in sentences.
    pub fn name(self) -> &'static str {
        match self {
            WhichSide::Base => "base",
            WhichSide::Current => "current",
        }
    }
}

/// A part of a difference between two heaps, which takes the place of a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DifferencePart {
    /// What was freed in between.
    Freed,
    /// What was allocated in between.
    Allocated,
}

/// Metadata of all inputs of one side.
#[derive(Debug, Clone, Default)]
pub struct SideInfo {
    /// The files, as the user named them.
    pub inputs: Vec<String>,
    /// Format of the files; [`InputFormat::Mixed`] if they differ.
    pub format: InputFormat,
    /// `gzip`, `zstd` or `none`; `mixed` if the files differ.
    pub compression: &'static str,
    /// When the last profile was taken, nanoseconds since 1970; 0 when unknown.
    pub time_nanos: i64,
    /// Sampling period of the first file, mean bytes between samples; 0 when unknown.
    pub period_bytes: i64,
    /// Samples in all files, including those without live objects.
    pub samples: u64,
    /// Columns of the first file: type and unit.
    pub sample_types: Vec<(String, String)>,
    /// Path of the first file's program.
    pub program: String,
    /// Build id of that program.
    pub build_id: String,
    /// The longest time that a file was recorded over, nanoseconds; 0 for snapshots of one moment.
    pub duration_nanos: i64,
    /// Files that are differences of two heaps that Go subtracted, as for `heap?seconds=N`, each with the time between these,
    /// nanoseconds.
    pub differences: Vec<(String, i64)>,
    /// Whether a file is a difference that pprof saved, which contains samples of its base.
    pub is_saved_difference: bool,
    /// Number of files of which is counted what was allocated, rather than what is alive.
    pub allocation_inputs: usize,
    /// Live bytes by the runtime's own numbers of the last file that has them, `HeapAlloc`.
    pub heap_alloc: Option<u64>,
    /// What the side is, if it is half of a difference.
    pub difference: Option<DifferencePart>,
    /// Files that nothing proves complete.
    pub unproven: Vec<String>,
    /// URLs whose server's certificate was not verified.
    pub unverified: Vec<String>,
    /// Canonical paths, which reveal a file that was given twice; without those that have none.
    pub paths: Vec<PathBuf>,
    /// Fields in which the files differ from each other.
    pub differing: Differing,
    /// Inputs that repeat an earlier one, under its name or another.
    pub repeated: Vec<String>,
    /// Operations of a benchmark that values are divided by.
    pub operations: Option<Operations>,
    /// Files left out because they could not be read, where that is allowed.
    pub skipped: Vec<Skipped>,
}

impl SideInfo {
    /// Whether the same is counted in all files of both sides.
    pub fn counts_like(&self, other: &SideInfo) -> bool {
        let sides = [self, other].into_iter().filter(|side| !side.inputs.is_empty());
        let files = sides.map(|side| (side.allocation_inputs, side.inputs.len())).collect::<Vec<_>>();
        files.iter().all(|&(allocations, _)| allocations == 0)
            || files.iter().all(|&(allocations, all)| allocations == all)
    }

    /// Whether the other side may have the same files, or copies of them: taken at the same time, with as many samples.
    pub fn is_same_profile_as(&self, other: &SideInfo) -> bool {
        let is_copy = self.time_nanos != 0 && (self.time_nanos, self.samples) == (other.time_nanos, other.samples);
        is_copy || !self.paths.is_empty() && self.paths == other.paths
    }

    /// Whether the profiler of Go was off, so that the profile shows nothing, or only what was sampled before.
    pub(super) fn is_profiler_off(&self) -> bool {
        let has = |kind: &str| self.sample_types.iter().any(|(found, _)| found == kind);
        let is_go = match self.format {
            InputFormat::GoText => true,
            InputFormat::Pprof => has("inuse_space") && has("alloc_space"),
            _ => false,
        };
        is_go && self.period_bytes == 0 && self.differing.periods.is_empty() && !self.inputs.is_empty()
    }

    /// Whether an allocator wrote the profile, rather than Go's runtime.
    pub fn is_native(&self) -> bool {
        self.format.is_native()
    }

    /// Base name of the program.
    pub(super) fn program_name(&self) -> &str {
        base_name(&self.program)
    }

    /// Build id of the program; empty if unknown. On Windows, Go writes the path and the time of the file instead, which
    /// two copies of one build do not share.
    pub(super) fn known_build(&self) -> &str {
        let is_path = !self.program.is_empty() && self.build_id.starts_with(&self.program);
        if is_path { "" } else { &self.build_id }
    }
}

/// Values in which the files of one side differ: each once, in the order of the files; empty where all agree.
#[derive(Debug, Clone, Default)]
pub struct Differing {
    /// Sampling periods, mean bytes between samples.
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
    /// The file, as the user named it.
    pub path: String,
    /// What is wrong with it.
    pub error: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_its_file_whatever_the_folder() {
        for path in [r"C:\Users\me\AppData\Local\Temp\go-build1\b001\app.test.exe", "/tmp/go-build2/b001/app.test.exe"]
        {
            let side = SideInfo { program: path.to_owned(), ..SideInfo::default() };
            assert_eq!(side.program_name(), "app.test.exe");
        }
    }
}
