//! The memory in which names outlive the profiles they come from.

use std::cell::OnceCell;
use std::sync::Arc;

use bumpalo::Bump;

use crate::profile::{Profile, Strings};

/// Names of functions and files: those of the sites of a table, so that the profiles it was made of can go, and
/// a folder of profiles takes the memory of what is distinct in them.
#[derive(Debug, Default)]
pub struct Names {
    /// Those of the first profile stay where they are, as nearly all of a small side's do.
    first: OnceCell<Arc<Strings>>,
    /// Others one behind the other.
    others: Bump,
}

impl Names {
    /// Keeps the strings of a profile, if it is the first, so that its names need not be copied.
    pub(super) fn adopt(&self, profile: &Profile) {
        self.first.get_or_init(|| profile.strings().clone());
    }

    #[inline]
    pub(super) fn keep(&self, name: &[u8]) -> &[u8] {
        let adopted = self.first.get().and_then(|first| first.part(name));
        adopted.unwrap_or_else(|| self.others.alloc_slice_copy(name))
    }
}
