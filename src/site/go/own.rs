//! Which code is the program's own.

use super::pattern::go_pattern_matches;

/// The packages that are the program's own code, by patterns of import paths. Go's standard library never is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Own(Vec<String>);

/// All packages but Go's standard library.
pub(crate) static ALL_BUT_STANDARD: Own = Own(Vec::new());

impl Own {
    /// The packages that match one of the patterns; all but Go's standard library if there are none.
    ///
    /// In a pattern `...` stands for any text, as in Go; a pattern without it is a prefix.
    pub fn new(patterns: Vec<String>) -> Self {
        Own(patterns)
    }

    /// The patterns.
    pub fn patterns(&self) -> &[String] {
        &self.0
    }

    /// Whether any pattern matches `path`, or there are none; sets `hits` for each that does.
    pub(in crate::site) fn matches(&self, path: &str, hits: &mut [bool]) -> bool {
        let mut any = self.0.is_empty();
        for (pattern, known) in self.0.iter().zip(hits) {
            let hit = go_pattern_matches(pattern, path);
            *known |= hit;
            any |= hit;
        }
        any
    }
}
