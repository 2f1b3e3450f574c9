//! Whose code is the program's own: patterns of import paths.

/// The packages that are the program's own code. Go's library never is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(Vec<String>);

/// All but Go's library.
pub(super) static ALL: Own = Own(Vec::new());

impl Own {
    /// Those that match one of the patterns; all but Go's library if there are none.
    ///
    /// As in Go, `...` stands for anything, `example.com/acme/...` matches `example.com/acme`, too, and `vendor`
    /// as an element of a path only matches where the pattern has it. A pattern without `...` is a prefix:
    /// `example.com/acme/` matches all below, and `main` the program itself, whatever its path.
    pub fn new(patterns: Vec<String>) -> Self {
        Own(patterns)
    }

    /// The patterns.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    pub(super) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// By pattern: not matched yet.
    pub(super) fn no_hits(&self) -> Vec<bool> {
        vec![false; self.0.len()]
    }

    /// Whether a pattern matches, and notes which do.
    pub(super) fn matches(&self, path: &str, hits: &mut [bool]) -> bool {
        let mut any = false;
        for (pattern, known) in self.0.iter().zip(hits) {
            let hit = matches(pattern, path);
            *known |= hit;
            any |= hit;
        }
        any
    }
}

const ANYTHING: &str = "...";

fn matches(pattern: &str, path: &str) -> bool {
    if !pattern.contains(ANYTHING) {
        return path.starts_with(pattern);
    }
    let is_vendored = |path: &str| path.split('/').any(|element| element == "vendor");
    let all_below = pattern.strip_suffix(ANYTHING).and_then(|folder| folder.strip_suffix('/'));
    (is_vendored(pattern) || !is_vendored(path))
        && (glob(pattern, path) || all_below.is_some_and(|all| glob(all, path)))
}

/// Whether `path` is as `pattern` says, in which `...` stands for anything.
fn glob(pattern: &str, path: &str) -> bool {
    let Some((first, others)) = pattern.split_once(ANYTHING) else { return pattern == path };
    let Some(mut rest) = path.strip_prefix(first) else { return false };
    let (between, last) = others.rsplit_once(ANYTHING).unwrap_or(("", others));
    for part in between.split(ANYTHING) {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::matches;

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
            assert!(matches(pattern, path), "{pattern} {path}");
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
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
    }
}
