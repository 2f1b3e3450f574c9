//! Whether profiles know where their functions start.

use crate::profile::Profile;

/// Whether the profiles of a table know the first lines of their functions. A text profile knows none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct StartLineCoverage {
    /// At least one profile does.
    pub(super) some_known: bool,
    /// At least one profile does not, for any function.
    pub(super) some_missing: bool,
}

impl StartLineCoverage {
    pub(super) fn note(&mut self, profile: &Profile) {
        let known = profile.functions().iter().any(|function| function.start_line != 0);
        self.some_known |= known;
        self.some_missing |= !known && !profile.functions().is_empty();
    }
}
