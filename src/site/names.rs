//! The memory in which names outlive the profiles they come from.

use bumpalo::Bump;

/// Names of functions and files, one behind the other: those of the sites of a table, so that the profiles
/// it was made of can go, and a folder of profiles takes the memory of what is distinct in them.
#[derive(Debug, Default)]
pub struct Names(Bump);

impl Names {
    #[inline]
    pub(super) fn keep(&self, name: &[u8]) -> &[u8] {
        self.0.alloc_slice_copy(name)
    }
}
