//! The two kinds of wildcards: Go's `...` for packages, and `*` for functions and packages of an allowance.

/// Whether `path` matches `pattern`, in which `...` stands for any text.
///
/// As in Go, `example.com/acme/...` also matches `example.com/acme`, and `vendor` as an element of a path matches only
/// where the pattern has it. A pattern without `...` is a prefix: `example.com/acme/` matches all packages below it,
/// and `main` the program itself, whatever its path.
pub(super) fn go_pattern_matches(pattern: &str, path: &str) -> bool {
    const ANYTHING: &str = "...";
    if !pattern.contains(ANYTHING) {
        return path.starts_with(pattern);
    }
    let is_vendored = |path: &str| path.split('/').any(|element| element == "vendor");
    let folder = pattern.strip_suffix(ANYTHING).and_then(|folder| folder.strip_suffix('/'));
    (is_vendored(pattern) || !is_vendored(path))
        && (matches(pattern, ANYTHING, path) || folder.is_some_and(|folder| matches(folder, ANYTHING, path)))
}

/// Whether `text` matches `pattern`, in which `*` stands for any text.
pub(crate) fn wildcard_matches(pattern: &str, text: &str) -> bool {
    matches(pattern, "*", text)
}

/// Whether `text` matches `pattern`, in which `anything` stands for any text.
fn matches(pattern: &str, anything: &str, text: &str) -> bool {
    let Some((first, others)) = pattern.split_once(anything) else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let (between, last) = others.rsplit_once(anything).unwrap_or(("", others));
    for part in between.split(anything) {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::{go_pattern_matches, wildcard_matches};

    #[test]
    fn dots_are_gos_and_all_else_is_a_prefix() {
        for (pattern, path) in [
            ("example.com/acme/...", "example.com/acme"),
            ("example.com/acme/...", "example.com/acme/cache"),
            ("example.com/acme...", "example.com/acmeplus"),
            ("...", "main"),
            (".../cache", "example.com/acme/cache"),
            ("example.com/.../cache/...", "example.com/acme/cache"),
            ("example.com/.../cache/...", "example.com/acme/cache/lru"),
            ("a...b...c...d", "a1b2c3d"),
            ("example.com/acme/vendor/...", "example.com/acme/vendor/x.org/y"),
            ("example.com/acme", "example.com/acme/vendor/x.org/y"),
            ("example.com/acme", "example.com/acme"),
            ("example.com/acme/", "example.com/acme/cache"),
            ("main", "main"),
        ] {
            assert!(go_pattern_matches(pattern, path), "{pattern} {path}");
        }
        for (pattern, path) in [
            ("example.com/acme/...", "example.com/acmeplus"),
            ("example.com/acme/...", "example.com"),
            ("example.com/acme/...", "main"),
            ("example.com/acme/...", "example.com/acme/vendor/x.org/y"),
            (".../cache", "example.com/acme/cached"),
            ("a...a", "a"),
            ("a...b...c...d", "a1c2b3d"),
            ("example.com/acme/", "example.com/acme"),
        ] {
            assert!(!go_pattern_matches(pattern, path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("main.f", "main.f"),
            ("main.(*Cache).put", "main.(*Cache).put"),
            ("main.*", "main.f"),
            ("*", ""),
            ("*.init", "example.com/a.init"),
            ("a*b*c", "a1b2c"),
            ("a**c", "abc"),
        ] {
            assert!(wildcard_matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("main.f", "main.f1"), ("main.f", "xmain.f"), ("a*b*c", "acb"), ("", "x"), ("a*a", "a")]
        {
            assert!(!wildcard_matches(pattern, text), "{pattern} {text}");
        }
    }
}
