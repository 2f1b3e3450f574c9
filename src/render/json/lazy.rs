//! Lists that are never in memory as a whole.

use serde::{Serialize, Serializer};

/// A list whose items are made one by one as they are written.
pub(in crate::render) struct Lazy<F>(pub(in crate::render) F);

impl<I: IntoIterator<Item: Serialize>, F: Fn() -> I> Serialize for Lazy<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}
