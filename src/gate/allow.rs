//! Exceptions for some sites, as users write them.

use super::Limit;
use crate::diff::Metric;
use crate::site::wildcard_matches;

/// An exception for some sites. In patterns, `*` matches any text; `None` matches everything.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Allow {
    /// Pattern of the function's name.
    pub function: Option<String>,
    /// Pattern of the package's import path.
    pub package: Option<String>,
    /// Pattern of the file's path, such as `*_test.go`.
    pub file: Option<String>,
    /// Objects that such a site may grow by; `None` for any number.
    pub objects: Option<Limit>,
    /// Bytes that such a site may grow by; `None` for any number.
    pub space: Option<Limit>,
    /// Why, in the user's words.
    pub reason: String,
    /// Where it is written, such as `heapdiff.toml:7`.
    pub place: String,
    /// The last day it was for, if that is over; it matches nothing then.
    pub ended: Option<String>,
}

impl Allow {
    /// `files`: of the lines of the site that allocate, all of which must match.
    pub(super) fn matches(&self, function: &str, package: &str, files: &[&[u8]]) -> bool {
        let matches = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| wildcard_matches(pattern, text))
        };
        let is_file = |pattern: &String| {
            let is_match = |file: &&[u8]| wildcard_matches(pattern, &String::from_utf8_lossy(file));
            !files.is_empty() && files.iter().all(is_match)
        };
        self.ended.is_none()
            && matches(&self.function, function)
            && matches(&self.package, package)
            && self.file.as_ref().is_none_or(is_file)
    }

    /// How much of a metric such a site may grow by; `None` for any amount.
    pub(super) fn limit(&self, metric: Metric) -> Option<Limit> {
        match metric {
            Metric::Objects => self.objects,
            Metric::Space => self.space,
        }
    }

    /// Its patterns, which name it.
    pub(super) fn name(&self) -> String {
        let patterns = [("", &self.function), ("package ", &self.package), ("file ", &self.file)];
        let named = patterns.iter().filter_map(|(kind, pattern)| Some(format!("{kind}{}", pattern.as_ref()?)));
        named.collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn every_pattern_must_match_and_every_file() {
        let allow = Allow { package: pattern("example.com/*"), file: pattern("*_test.go"), ..Allow::default() };
        let matches = |package: &str, files: &[&[u8]]| allow.matches("f", package, files);
        assert!(matches("example.com/a", &[b"example.com/a/x_test.go", b"y_test.go"]));
        assert!(!matches("example.com/a", &[b"x_test.go", b"x.go"]) && !matches("main", &[b"x_test.go"]));
        assert!(!matches("example.com/a", &[]), "a site without a file");
        assert!(Allow::default().matches("f", "p", &[]));
        assert!(!Allow { ended: pattern("2026-11-20"), ..Allow::default() }.matches("f", "p", &[]));
    }

    #[test]
    fn its_patterns_name_it() {
        let allow = Allow { function: pattern("main.f*"), file: pattern("*_test.go"), ..Allow::default() };
        assert_eq!(allow.name(), "main.f*, file *_test.go");
    }
}
