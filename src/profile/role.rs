//! Which columns of a profile mean what, found by name.

use super::ValueType;

/// What a column means to this tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Objects alive when the profile was taken.
    LiveObjects,
    /// Their bytes.
    LiveBytes,
    /// Bytes of all objects ever allocated.
    AllocatedBytes,
}

impl Role {
    /// The names that producers give the column, and its unit. The first is Go's.
    const fn names(self) -> (&'static [&'static str], &'static str) {
        match self {
            Role::LiveObjects => (&["inuse_objects", "objects"], "count"),
            Role::LiveBytes => (&["inuse_space", "space"], "bytes"),
            Role::AllocatedBytes => (&["alloc_space"], "bytes"),
        }
    }

    /// The first column with this role. Never taken from the position or from `default_sample_type`:
    /// producers differ in their order, and Go's own is about to change.
    pub(super) fn column(self, sample_types: &[ValueType]) -> Option<usize> {
        let (names, unit) = self.names();
        names.iter().find_map(|name| sample_types.iter().position(|column| column.kind == *name && column.unit == unit))
    }
}
