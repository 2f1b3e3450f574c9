//! The runtime's own memory: which packages are the runtime's, and what it keeps there.

/// What the runtime keeps memory for. The order decides: a stack is of the first class that has a frame on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RuntimeClass {
    /// Threads: M structs, their g0 and their profiling stacks.
    Threads,
    /// Goroutines: g structs, as many as were ever alive at once. Go never frees them.
    Goroutines,
    /// Processors: P structs, one for each of GOMAXPROCS.
    Processors,
    /// The heap of timers.
    Timers,
    /// The garbage collector, and finalizers.
    Collector,
    /// The start of the program.
    StartUp,
    /// All else.
    Other,
    /// What Go's profilers allocate for a profile. Its owner is the profilers' function.
    Profiler,
}

impl RuntimeClass {
    /// All of them.
    pub const ALL: [RuntimeClass; 8] = [
        RuntimeClass::Threads,
        RuntimeClass::Goroutines,
        RuntimeClass::Processors,
        RuntimeClass::Timers,
        RuntimeClass::Collector,
        RuntimeClass::StartUp,
        RuntimeClass::Other,
        RuntimeClass::Profiler,
    ];

    /// The classes that functions of the runtime stand for, each with these functions.
    const FUNCTIONS: [(RuntimeClass, &[&[u8]]); 6] = [
        // Threads before goroutines: each thread has a g of its own.
        (RuntimeClass::Threads, &[b"allocm", b"mcommoninit", b"newm", b"oneNewExtraM", b"mpreinit", b"minit"]),
        (RuntimeClass::Goroutines, &[b"malg", b"newproc1", b"allgadd", b"gfget"]),
        (RuntimeClass::Processors, &[b"procresize"]),
        (RuntimeClass::Timers, &[b"(*timers).addHeap", b"(*timer).maybeAdd", b"doaddtimer", b"addtimer"]),
        (
            RuntimeClass::Collector,
            &[
                b"gcBgMarkWorker",
                b"bgscavenge",
                b"bgsweep",
                b"gcenable",
                b"gcMarkDone",
                b"gcStart",
                b"gcMarkTermination",
                b"addfinalizer",
                b"runfinq",
                b"runFinalizers",
                b"runCleanups",
                b"createfing",
            ],
        ),
        (RuntimeClass::StartUp, &[b"schedinit", b"rt0_go"]),
    ];

    /// The class that a function of the package `runtime` stands for, by its name without the package.
    pub(super) fn of_function(symbol: &[u8]) -> RuntimeClass {
        let found = RuntimeClass::FUNCTIONS.iter().find(|(_, functions)| functions.contains(&symbol));
        found.map_or(RuntimeClass::Other, |&(class, _)| class)
    }

    /// Whether its growth depends on the machine and on the moment, and says nothing of the program. Only goroutines
    /// are the program's doing.
    pub fn is_exempt(self) -> bool {
        self != RuntimeClass::Goroutines
    }

    /// The class of memory of both classes: goroutines if one of them is, for which rules hold.
    #[must_use]
    pub fn with(self, other: RuntimeClass) -> Self {
        match (self, other) {
            _ if self == other => self,
            (RuntimeClass::Goroutines, _) | (_, RuntimeClass::Goroutines) => RuntimeClass::Goroutines,
            _ => RuntimeClass::Other,
        }
    }

    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            RuntimeClass::Threads => "runtime (threads)",
            RuntimeClass::Goroutines => "runtime (goroutines)",
            RuntimeClass::Processors => "runtime (processors)",
            RuntimeClass::Timers => "runtime (timers)",
            RuntimeClass::Collector => "runtime (collector)",
            RuntimeClass::StartUp => "runtime (start-up)",
            RuntimeClass::Other => "runtime (other)",
            RuntimeClass::Profiler => "runtime (profiler)",
        }
    }

    /// Its name in JSON.
    pub fn code(self) -> &'static str {
        match self {
            RuntimeClass::Threads => "threads",
            RuntimeClass::Goroutines => "goroutines",
            RuntimeClass::Processors => "processors",
            RuntimeClass::Timers => "timers",
            RuntimeClass::Collector => "collector",
            RuntimeClass::StartUp => "start-up",
            RuntimeClass::Other => "other",
            RuntimeClass::Profiler => "profiler",
        }
    }
}

/// Packages of the runtime besides `runtime` itself and what is below `internal/runtime` or `runtime/internal`. Go 1.27
/// names the package of the runtime's closures `_`.
const PACKAGES: [&[u8]; 13] = [
    b"_",
    b"internal/abi",
    b"internal/bytealg",
    b"internal/chacha8rand",
    b"internal/coverage/rtcov",
    b"internal/cpu",
    b"internal/goarch",
    b"internal/goexperiment",
    b"internal/goos",
    b"internal/profilerecord",
    b"internal/stringslite",
    b"runtime",
    b"runtime/internal",
];

/// Whether a package is the runtime's, rather than another one of Go's library.
pub(in crate::site) fn is_runtime(package: &[u8]) -> bool {
    package.starts_with(b"internal/runtime/")
        || package.starts_with(b"runtime/internal/")
        || PACKAGES.binary_search(&package).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_of_the_runtime() {
        assert!(PACKAGES.is_sorted());
        for package in ["runtime", "_", "internal/runtime/maps", "runtime/internal/atomic", "internal/bytealg"] {
            assert!(is_runtime(package.as_bytes()), "{package}");
        }
        for package in ["runtime/pprof", "runtime/trace", "internal/poll", "_/home/a", "main", "net/http", "runtimes"] {
            assert!(!is_runtime(package.as_bytes()), "{package}");
        }
    }

    #[test]
    fn functions_have_the_classes_of_the_table() {
        for (symbol, name) in [
            ("allocm", "runtime (threads)"),
            ("mpreinit", "runtime (threads)"),
            ("malg", "runtime (goroutines)"),
            ("newproc1", "runtime (goroutines)"),
            ("procresize", "runtime (processors)"),
            ("(*timers).addHeap", "runtime (timers)"),
            ("gcBgMarkWorker", "runtime (collector)"),
            ("createfing", "runtime (collector)"),
            ("schedinit", "runtime (start-up)"),
            ("main", "runtime (other)"),
            ("malgx", "runtime (other)"),
        ] {
            assert_eq!(RuntimeClass::of_function(symbol.as_bytes()).name(), name, "{symbol}");
        }
    }
}
