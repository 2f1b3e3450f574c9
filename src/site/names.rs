//! The memory in which names outlive the profiles they come from.

use std::cell::OnceCell;
use std::sync::Arc;

use bumpalo::Bump;

use crate::profile::{Profile, Strings};

/// Names of functions and files: those of the sites of a table, so that the profiles it was made of can go, and
/// a folder of profiles takes the memory of what is distinct in them.
#[derive(Debug, Default)]
pub struct Names {
    /// Those of one profile, which stay where they are.
    adopted: OnceCell<Arc<Strings>>,
    /// Others one behind the other.
    others: Bump,
}

impl Names {
    /// Keeps all strings of a profile, so that its names need not be copied: of one that is added up alone, since
    /// others have most of them, too. Of the first such profile.
    pub fn adopt(&self, profile: &Profile) {
        self.adopted.get_or_init(|| profile.strings().clone());
    }

    #[inline]
    pub(super) fn keep(&self, name: &[u8]) -> &[u8] {
        let adopted = self.adopted.get().and_then(|strings| strings.part(name));
        adopted.unwrap_or_else(|| self.others.alloc_slice_copy(name))
    }
}
