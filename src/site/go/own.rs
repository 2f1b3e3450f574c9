//! Which code is the program's own.

use memchr::{memchr, memrchr2};

use super::pattern::go_pattern_matches;

/// The pattern that stands for the program's main module.
pub(crate) const MAIN_MODULE: &str = "module";

/// The packages that are the program's own code, by patterns of import paths. Go's standard library never is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(Vec<String>);

/// All packages but Go's standard library.
pub(crate) static ALL_BUT_STANDARD: Own = Own(Vec::new());

impl Own {
    /// The packages that match one of the patterns; all but Go's standard library if there are none.
    ///
    /// In a pattern `...` stands for any text, as in Go; a pattern without it is a prefix. `module` is the main module: all
    /// source files that are not a dependency's by their path.
    pub fn new(patterns: Vec<String>) -> Self {
        Own(patterns)
    }

    /// The patterns.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    /// Whether dependencies are the program's own code on stacks without the main module: so that the owners of a program
    /// that was itself built as a module's version, whose files all look like a dependency's, are those without patterns.
    pub(in crate::site) fn has_main_module(&self) -> bool {
        self.0.iter().any(|pattern| pattern == MAIN_MODULE)
    }

    /// Whether any pattern matches a package and a source file in it, or there are none; sets `hits` for each that does.
    pub(in crate::site) fn matches(&self, package: &str, file: &[u8], hits: &mut [bool]) -> bool {
        let mut any = self.0.is_empty();
        for (pattern, known) in self.0.iter().zip(hits) {
            let hit = match pattern.as_str() {
                MAIN_MODULE => !is_dependency(file),
                pattern => go_pattern_matches(pattern, package),
            };
            *known |= hit;
            any |= hit;
        }
        any
    }
}

/// Whether a source file is a dependency's, by its path: in a module's version (`example.com/codec@v1.0.0/`), or vendored.
fn is_dependency(file: &[u8]) -> bool {
    let folders = memrchr2(b'/', b'\\', file).map_or(&b""[..], |end| &file[..end]);
    let mut folders = folders.split(|byte| matches!(byte, b'/' | b'\\'));
    folders.any(|folder| {
        let version = memchr(b'@', folder).map(|at| &folder[at + 1..]);
        folder == b"vendor" || version.is_some_and(|version| matches!(version, [b'v', b'0'..=b'9', ..]))
    })
}

#[cfg(test)]
mod tests {
    use super::is_dependency;

    #[test]
    fn dependencies_are_versions_or_vendored() {
        for file in [
            "/home/me/go/pkg/mod/example.com/codec@v1.0.0/codec.go",
            "example.com/codec/v2@v2.0.0-20260102030405-abcdef123456/in/codec.go",
            r"C:\Users\me\go\pkg\mod\example.com\codec@v1.0.0\codec.go",
            "/src/app/vendor/example.com/codec/codec.go",
        ] {
            assert!(is_dependency(file.as_bytes()), "{file}");
        }
        for file in
            ["/src/app/main.go", "/home/me@version/app/main.go", "vendor.go", "/src/a@v1.go", "", "/src/vendors/x.go"]
        {
            assert!(!is_dependency(file.as_bytes()), "{file}");
        }
    }
}
