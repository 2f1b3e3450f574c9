//! The meaning of the columns of a profile, found by name.

use super::{CountedThing, Invalid, SampleType, ValueType};

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
    fn names_it(self, column: &ValueType) -> bool {
        self.has_name(&column.kind)
    }
}

pub(super) fn is_same(found: &str, name: &str) -> bool {
    let letter = |byte: u8| if byte == b'-' { b'_' } else { byte.to_ascii_lowercase() };
    found.bytes().map(letter).eq(name.bytes().map(letter))
}

/// The columns of objects and of bytes, in the order of [`MetricsPresent`]'s fields.
pub(super) struct MetricColumns {
    pub(super) objects: Option<usize>,
    pub(super) space: Option<usize>,
    /// Columns that are subtracted from these two.
    pub(super) less: [Option<usize>; 2],
}

/// The columns that are counted. `wanted` is what the profile means: never [`SampleType::Default`], and
/// [`SampleType::Goroutines`] only if it has none.
pub(super) fn metrics(sample_types: &[ValueType], wanted: &SampleType) -> Result<MetricColumns, Invalid> {
    let found = || sample_types.iter().map(ValueType::to_string).collect();
    let missing = |wanted: &str| Invalid::NoSuchSampleType { wanted: wanted.to_owned(), found: found() };
    let columns = |roles: [Role; 2]| roles.map(|role| role.column(sample_types));
    let (live, allocated) = ([Role::LiveObjects, Role::LiveBytes], [Role::AllocatedObjects, Role::AllocatedBytes]);
    let ([objects, space], less) = match wanted {
        SampleType::Live | SampleType::Default => {
            let found_live = columns(live);
            // A live column in another unit must not be silently ignored.
            let is_odd = |(role, column): (Role, Option<usize>)| {
                column.is_none() && sample_types.iter().any(|column| role.names_it(column))
            };
            if found_live == [None; 2] || live.into_iter().zip(found_live).any(is_odd) {
                return Err(Invalid::NotAHeapProfile { found: found() });
            }
            (found_live, [None; 2])
        }
        SampleType::Allocated => match columns(allocated) {
            [None, None] => return Err(missing("alloc")),
            found => (found, [None; 2]),
        },
        SampleType::Freed => match (columns(allocated), columns(live)) {
            ([Some(objects), Some(space)], less @ [Some(_), Some(_)]) => ([Some(objects), Some(space)], less),
            _ => return Err(missing("alloc")),
        },
        SampleType::Goroutines => return Err(missing(CountedThing::Goroutine.sample_type())),
        SampleType::Named(name) => match sample_types.iter().position(|column| is_same(&column.kind, name)) {
            Some(column) if is_same(&sample_types[column].unit, "bytes") => ([None, Some(column)], [None; 2]),
            Some(column) => ([Some(column), None], [None; 2]),
            None => return Err(missing(name)),
        },
    };
    Ok(MetricColumns { objects, space, less })
}
