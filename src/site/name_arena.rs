//! Memory for names that outlive the profiles they come from.

use std::cell::OnceCell;
use std::sync::Arc;

use bumpalo::Bump;

use crate::profile::{Profile, Strings};

/// The names of the functions and files of a table's sites. With them here, profiles can be freed, and a folder of
/// profiles takes the memory of what is distinct in them.
#[derive(Debug, Default)]
pub struct NameArena {
    /// The strings of one profile, kept where they are.
    adopted: OnceCell<Arc<Strings>>,
    others: Bump,
}

impl NameArena {
    /// Keeps all strings of a profile, so that its names need not be copied. Only the first profile is adopted; for
    /// use where it is the only one, since more profiles would have most strings in common.
    pub fn adopt(&self, profile: &Profile) {
        self.adopted.get_or_init(|| profile.strings().clone());
    }

    #[inline]
    pub(super) fn keep(&self, name: &[u8]) -> &[u8] {
        let adopted = self.adopted.get().and_then(|strings| strings.part(name));
        adopted.unwrap_or_else(|| self.others.alloc_slice_copy(name))
    }
}
