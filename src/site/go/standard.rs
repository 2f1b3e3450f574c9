//! Go's standard library, by import path.

use memchr::memchr2;

/// Whether `package` is in Go's standard library or the runtime. Go advises modules not to start their paths with one of
/// its elements. Since Go 1.27, closures of the runtime are in a package `_`; `_/path` is a package outside GOPATH.
pub fn is_standard(package: &[u8]) -> bool {
    if package == b"_" {
        return true;
    }
    let first = match memchr2(b'/', b'.', package) {
        // Most modules begin with a host; no element of the library has a dot.
        Some(at) if package[at] == b'.' => return false,
        Some(at) => &package[..at],
        None => package,
    };
    std::str::from_utf8(first).is_ok_and(|first| STANDARD.binary_search(&first).is_ok())
}

/// The first elements of the standard library's import paths, and names that the linker uses.
const STANDARD: [&str; 54] = [
    "_cgo_export",
    "archive",
    "arena",
    "bufio",
    "bytes",
    "cmp",
    "compress",
    "container",
    "context",
    "crypto",
    "database",
    "debug",
    "embed",
    "encoding",
    "errors",
    "expvar",
    "flag",
    "fmt",
    "go",
    "hash",
    "html",
    "image",
    "index",
    "internal",
    "io",
    "iter",
    "log",
    "maps",
    "math",
    "mime",
    "net",
    "os",
    "path",
    "plugin",
    "reflect",
    "regexp",
    "runtime",
    "simd",
    "slices",
    "sort",
    "strconv",
    "strings",
    "structs",
    "sync",
    "syscall",
    "testing",
    "text",
    "time",
    "unicode",
    "unique",
    "unsafe",
    "uuid",
    "vendor",
    "weak",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standard_library_is_distinguished_from_modules() {
        assert!(STANDARD.is_sorted());
        for package in
            ["runtime", "net/http", "internal/poll", "vendor/golang.org/x/net/http2/hpack", "encoding/json", "_"]
        {
            assert!(is_standard(package.as_bytes()), "{package}");
        }
        for package in [
            "main",
            "example.com/net/http",
            "github.com/a/b",
            "golang.org/x/net/http2",
            "myapp/internal/x",
            "_/src/app",
        ] {
            assert!(!is_standard(package.as_bytes()), "{package}");
        }
    }
}
