//! What the name of a Go function says: its package, and whether that is Go's own.

use std::borrow::Cow;

use memchr::{memchr, memchr2, memrchr};

use super::Names;

/// A function's name with its type arguments folded: `main.(*Queue[...]).Push`.
///
/// Folded by the rule of Go's runtime, from the first `[` to the last `]`, so that all instantiations
/// of a generic function are one, in a protobuf as in a text. A name without brackets is itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name<'p> {
    head: &'p [u8],
    /// What follows the brackets.
    tail: Option<&'p [u8]>,
}

impl<'p> Name<'p> {
    /// Folds `name`.
    #[inline]
    pub fn new(name: &'p [u8]) -> Self {
        let unfolded = Name { head: name, tail: None };
        // Few names are generic.
        let Some(open) = memchr(b'[', name) else { return unfolded };
        match memrchr(b']', name) {
            Some(close) if open < close => Name { head: &name[..open], tail: Some(&name[close + 1..]) },
            _ => unfolded,
        }
    }

    /// The import path of its package; `None` for a name without one, such as a C function's.
    #[inline]
    pub fn package(self) -> Option<&'p [u8]> {
        let last_element = memrchr(b'/', self.head).map_or(0, |slash| slash + 1);
        let dot = memchr(b'.', &self.head[last_element..])?;
        (last_element + dot > 0).then(|| &self.head[..last_element + dot])
    }

    /// Whether this is the function that initialises a package's variables, which Go makes. Its first
    /// line is given as 1, so that the lines in it are those of the file.
    pub fn is_initializer(self) -> bool {
        self.head.ends_with(b".init")
            && self.tail.is_none()
            && self.package().is_some_and(|package| &self.head[package.len()..] == b".init")
    }

    /// Whether there is no name at all.
    pub fn is_empty(self) -> bool {
        self.head.is_empty() && self.tail.is_none()
    }

    pub(super) fn kept(self, names: &Names) -> Name<'_> {
        Name { head: names.keep(self.head), tail: self.tail.map(|tail| names.keep(tail)) }
    }

    /// The bytes of the name, in parts.
    pub(super) fn parts(self) -> [&'p [u8]; 3] {
        match self.tail {
            Some(tail) => [self.head, b"[...]", tail],
            None => [self.head, b"", b""],
        }
    }

    /// The name for people.
    pub fn text(self) -> Cow<'p, str> {
        match self.tail {
            Some(_) => Cow::Owned(String::from_utf8_lossy(&self.parts().concat()).into_owned()),
            None => String::from_utf8_lossy(self.head),
        }
    }
}

/// An import path for people: Go writes a dot in its last element as `%2e`.
pub fn import_path(package: &[u8]) -> Cow<'_, str> {
    if !package.contains(&b'%') {
        return String::from_utf8_lossy(package);
    }
    let mut plain = Vec::with_capacity(package.len());
    let mut rest = package;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| byte == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(decoded) => {
                plain.push(decoded);
                rest = &after[2..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&plain).into_owned())
}

/// Whether `package` is in Go's standard library or the runtime. A module's path could start with
/// one of these elements only by ignoring Go's advice to keep them for the library.
pub fn is_standard(package: &[u8]) -> bool {
    let first = match memchr2(b'/', b'.', package) {
        // Most modules are at a host; none of the library's elements has a dot.
        Some(at) if package[at] == b'.' => return false,
        Some(at) => &package[..at],
        None => package,
    };
    std::str::from_utf8(first).is_ok_and(|first| STANDARD.binary_search(&first).is_ok())
}

/// The first elements of the standard library's import paths, and what the linker calls its own.
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
    fn type_arguments_are_folded_from_the_first_bracket_to_the_last() {
        let folded = |name: &'static str| Name::new(name.as_bytes()).text().into_owned();
        assert_eq!(folded("main.(*Queue[go.shape.struct { Job *main.job }]).Push"), "main.(*Queue[...]).Push");
        assert_eq!(folded("main.Map[go.shape.[4]int,go.shape.string].func1"), "main.Map[...].func1");
        assert_eq!(folded("main.(*Queue[...]).Push"), "main.(*Queue[...]).Push");
        assert_eq!(folded("main.main"), "main.main");
        assert_eq!(folded("operator]["), "operator][");
    }

    #[test]
    fn instantiations_are_one_function_in_proto_and_text() {
        let shapes = Name::new(b"main.mk[go.shape.struct { main.a [100]int }]");
        assert_eq!(shapes, Name::new(b"main.mk[...]"));
        assert_ne!(shapes, Name::new(b"main.mk"));
    }

    #[test]
    fn the_package_is_the_import_path() {
        let package = |name: &'static str| Name::new(name.as_bytes()).package().map(import_path);
        assert_eq!(package("net/http.(*conn).serve").as_deref(), Some("net/http"));
        assert_eq!(package("main.(*LRU[go.shape.*uint8,a/b.T]).Put").as_deref(), Some("main"));
        assert_eq!(package("github.com/foo/bar/v4.(*Foo).Bar").as_deref(), Some("github.com/foo/bar/v4"));
        assert_eq!(package("gopkg.in/yaml%2ev3.(*Decoder).Decode").as_deref(), Some("gopkg.in/yaml.v3"));
        assert_eq!(package("memeqbody"), None);
        assert_eq!(package(".L1"), None);
        assert!(Name::new(b"a/b%2ec.init").is_initializer());
        assert!(!Name::new(b"main.init.0").is_initializer());
        assert_eq!(import_path(b"a%2").as_ref(), "a%2");
        assert_eq!(import_path(b"a%zz").as_ref(), "a%zz");
    }

    #[test]
    fn the_standard_library_is_told_from_modules() {
        assert!(STANDARD.is_sorted());
        for package in ["runtime", "net/http", "internal/poll", "vendor/golang.org/x/net/http2/hpack", "encoding/json"]
        {
            assert!(is_standard(package.as_bytes()), "{package}");
        }
        for package in ["main", "example.com/net/http", "github.com/a/b", "golang.org/x/net/http2", "myapp/internal/x"]
        {
            assert!(!is_standard(package.as_bytes()), "{package}");
        }
    }
}
