//! Which columns of a profile are counted.

use super::role::Role;

/// The columns that are counted as objects and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SampleType {
    /// What is alive.
    #[default]
    Live,
    /// What the profile's `default_sample_type` means: what was allocated if it says so, else what is alive.
    Default,
    /// What was allocated, alive or not.
    Allocated,
    /// What was allocated and is not alive any more.
    Freed,
    /// The number of goroutines, all or leaked, of a profile that has nothing else.
    Goroutines,
    /// The column of this name alone.
    Named(String),
}

impl SampleType {
    /// Parses what was typed: `inuse` and `alloc` are both columns of that kind, all else is the name of a column,
    /// Go's in any spelling.
    pub fn parse(text: &str) -> Self {
        match text {
            "inuse" => SampleType::Live,
            "alloc" => SampleType::Allocated,
            name => SampleType::Named(Role::go_name(name).unwrap_or(name).to_owned()),
        }
    }

    /// Whether it is what is alive on the heap, in bytes or objects: what the runtime's own totals are of.
    pub fn is_live_heap(&self) -> bool {
        match self {
            SampleType::Live => true,
            SampleType::Named(name) => [Role::LiveObjects, Role::LiveBytes].iter().any(|role| role.has_name(name)),
            _ => false,
        }
    }

    /// Whether it is what was allocated, alive or not, which never shrinks.
    pub fn is_allocation(&self) -> bool {
        match self {
            SampleType::Allocated => true,
            SampleType::Named(name) => {
                [Role::AllocatedObjects, Role::AllocatedBytes].iter().any(|role| role.has_name(name))
            }
            _ => false,
        }
    }

    /// The name of the only column, if it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            SampleType::Named(name) => Some(name),
            _ => None,
        }
    }
}
