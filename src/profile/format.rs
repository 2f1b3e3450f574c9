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
    /// goref's `profile.proto`, whose stacks are not calls but chains of references, from what holds memory to the memory.
    Goref,
    /// Several formats, of a side that is the sum of several files.
    Mixed,
}

impl InputFormat {
    /// Whether an allocator wrote it, rather than Go's runtime.
    pub fn is_native(self) -> bool {
        matches!(self, InputFormat::Jemalloc | InputFormat::Gperftools)
    }

    /// The setting of the environment with which its producer samples every `period` bytes.
    pub fn sampling_setting(self, period: i64) -> String {
        match self {
            InputFormat::Jemalloc => format!("MALLOC_CONF=lg_prof_sample:{}", period.ilog2()),
            InputFormat::Gperftools => format!("TCMALLOC_SAMPLE_PARAMETER={period}"),
            InputFormat::Pprof | InputFormat::GoText | InputFormat::Goref | InputFormat::Mixed => {
                format!("GODEBUG=memprofilerate={period}")
            }
        }
    }

    /// The name in reports, such as `go-text`.
    pub fn name(self) -> &'static str {
        match self {
            InputFormat::Pprof => "pprof",
            InputFormat::GoText => "go-text",
            InputFormat::Gperftools => "gperftools",
            InputFormat::Jemalloc => "jemalloc",
            InputFormat::Goref => "goref",
            InputFormat::Mixed => "mixed",
        }
    }
}
