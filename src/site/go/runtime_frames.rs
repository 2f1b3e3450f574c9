//! The packages of Go's runtime, whose frames say how a goroutine waits and not who waits.

/// Packages of the runtime by their path below `internal/`, without `runtime` and what is below it.
const INTERNAL: [&[u8]; 10] = [
    b"abi",
    b"bytealg",
    b"chacha8rand",
    b"coverage/rtcov",
    b"cpu",
    b"goarch",
    b"goexperiment",
    b"goos",
    b"profilerecord",
    b"stringslite",
];

/// Whether a package is the runtime's own. `_` is that of its closures, whose package Go 1.27 leaves out.
pub fn is_runtime_package(package: &[u8]) -> bool {
    let below = |folder: &[u8]| package.strip_prefix(folder);
    matches!(package, b"runtime" | b"_" | b"internal/runtime")
        || below(b"internal/runtime/").is_some()
        || below(b"runtime/internal/").is_some()
        || below(b"internal/").is_some_and(|name| INTERNAL.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::is_runtime_package;

    #[test]
    fn only_its_own_packages_are_the_runtimes() {
        for package in [
            "runtime",
            "_",
            "internal/runtime/maps",
            "runtime/internal/atomic",
            "internal/abi",
            "internal/coverage/rtcov",
        ] {
            assert!(is_runtime_package(package.as_bytes()), "{package}");
        }
        for package in ["runtime/pprof", "internal/poll", "sync", "main", "example.com/runtime", "internal/abix"] {
            assert!(!is_runtime_package(package.as_bytes()), "{package}");
        }
    }
}
