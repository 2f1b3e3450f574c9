//! The formats that profiles are read from.

/// The format of a profile's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputFormat {
    /// `profile.proto`.
    #[default]
    Pprof,
    /// The text of Go's runtime, `debug=1`.
    GoText,
    /// The text of gperftools and tcmalloc.
    Gperftools,
    /// The text of jemalloc.
    Jemalloc,
    /// Several formats, of a side that is the sum of several files.
    Mixed,
}

impl InputFormat {
    /// The name in reports, such as `go-text`.
    pub fn name(self) -> &'static str {
        match self {
            InputFormat::Pprof => "pprof",
            InputFormat::GoText => "go-text",
            InputFormat::Gperftools => "gperftools",
            InputFormat::Jemalloc => "jemalloc",
            InputFormat::Mixed => "mixed",
        }
    }
}
