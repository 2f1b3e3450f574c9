//! The meaning of the columns of a profile, found by name.

use super::ValueType;

/// The metrics that a profile has; at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetricsPresent {
    /// Objects, or anything else that is not bytes.
    pub objects: bool,
    /// Bytes.
    pub space: bool,
}

impl MetricsPresent {
    /// Both metrics.
    pub const BOTH: MetricsPresent = MetricsPresent { objects: true, space: true };

    /// The metrics that both have.
    pub fn and(self, other: MetricsPresent) -> MetricsPresent {
        MetricsPresent { objects: self.objects && other.objects, space: self.space && other.space }
    }
}

/// The meaning of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Objects alive when the profile was taken.
    LiveObjects,
    /// Their bytes.
    LiveBytes,
    /// Objects ever allocated.
    AllocatedObjects,
    /// Bytes of all objects ever allocated.
    AllocatedBytes,
}

impl Role {
    /// The names that producers give the column, Go's first, and its unit. Upper and lower case, and `-` and `_`, are the
    /// same.
    const fn names(self) -> (&'static [&'static str], &'static str) {
        match self {
            Role::LiveObjects => (&["inuse_objects", "objects", "heap_live_samples", "retained_objects"], "count"),
            Role::LiveBytes => (&["inuse_space", "space", "heap_space", "heap_live_size", "retained_size"], "bytes"),
            Role::AllocatedObjects => (&["alloc_objects"], "count"),
            Role::AllocatedBytes => (&["alloc_space"], "bytes"),
        }
    }

    /// The name that Go gives the column, of one that means it.
    pub(super) fn go_name(text: &str) -> Option<&'static str> {
        let roles = [Role::LiveObjects, Role::LiveBytes, Role::AllocatedObjects, Role::AllocatedBytes];
        roles.into_iter().filter_map(|role| role.names().0.first().copied()).find(|name| is_same(text, name))
    }

    /// Whether the column has one of these names in some producer's profiles.
    pub(super) fn has_name(self, text: &str) -> bool {
        self.names().0.iter().any(|name| is_same(text, name))
    }

    /// The first column with this role. Its position and `default_sample_type` do not matter: producers order columns
    /// differently, and Go's own order is about to change.
    pub(super) fn column(self, sample_types: &[ValueType]) -> Option<usize> {
        let (names, unit) = self.names();
        let is_named = |column: &ValueType, name: &str| is_same(&column.kind, name) && is_same(&column.unit, unit);
        names.iter().find_map(|name| sample_types.iter().position(|column| is_named(column, name)))
    }

    /// Whether a column has one of the names, and the unit.
    pub fn is(self, column: &ValueType) -> bool {
        self.names_it(column) && is_same(&column.unit, self.names().1)
    }

    /// Whether a column has one of the names, whatever its unit.
    pub(super) fn names_it(self, column: &ValueType) -> bool {
        self.has_name(&column.kind)
    }
}

pub(super) fn is_same(found: &str, name: &str) -> bool {
    let letter = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    found.bytes().map(letter).eq(name.bytes().map(letter))
}
