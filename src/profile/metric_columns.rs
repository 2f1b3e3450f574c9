//! Which columns of a profile are counted as objects and bytes.

use super::role::{Role, is_same};
use super::{CountedThing, Invalid, SampleType, ValueType};

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
