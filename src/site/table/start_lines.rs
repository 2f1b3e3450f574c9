//! Whether profiles know where their functions start.

use crate::profile::{InputFormat, Profile};
use crate::site::go::is_go_program;

/// Whether the profiles of a table know the first lines of their functions. A text profile knows none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StartLineCoverage {
    /// At least one profile does.
    pub(super) some_known: bool,
    /// At least one profile does not, for any function.
    pub(super) some_missing: bool,
    /// At least one does not, and is a protobuf of a Go program: Go 1.19 and older wrote none.
    pub(super) some_old_go: bool,
}

impl StartLineCoverage {
    pub(super) fn note(&mut self, profile: &Profile) {
        let known = profile.functions().iter().any(|function| function.start_line != 0);
        self.some_known |= known;
        let is_missing = !known && !profile.functions().is_empty();
        self.some_missing |= is_missing;
        self.some_old_go |= is_missing && profile.header().format == InputFormat::Pprof && is_go_program(profile);
    }
}
