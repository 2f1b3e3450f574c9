//! How samples are added up: what the options on sites, filters and files become.

use crate::cli::options::renames::RenameOptions;
use crate::input::Limit;
use crate::site::{Filter, Granularity, Own};

/// How samples are added up.
#[derive(Clone)]
pub(crate) struct LoadOptions {
    pub(crate) granularity: Granularity,
    pub(crate) filter: Filter,
    /// The program's own packages.
    pub(crate) own: Own,
    pub(crate) collect: Collect,
    /// The sample type to count instead of live objects and bytes.
    pub(crate) sample_type: Option<String>,
    /// Whether values are divided by the number of profiles.
    pub(crate) per_profile: bool,
    /// Whether unreadable files are left out, with a warning.
    pub(crate) skip_unreadable: bool,
    /// Whether both sides are said to be of one process.
    pub(crate) same_process: bool,
    /// Which functions of the two sides are matched, though their names differ; none by default.
    pub(crate) renames: RenameOptions,
    /// How much a file may inflate to.
    pub(crate) limit: Limit,
}

/// What is collected besides the flat values of each site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Collect {
    /// Cumulative values, which add what a site's callees allocate.
    pub(crate) cumulative: bool,
    pub(crate) stacks: bool,
}

impl LoadOptions {
    /// Flat live objects and bytes, summed over files that must all be readable.
    pub(crate) fn new(granularity: Granularity, filter: Filter, own: Own, limit: Limit) -> Self {
        LoadOptions {
            granularity,
            filter,
            own,
            collect: Collect::default(),
            sample_type: None,
            per_profile: false,
            skip_unreadable: false,
            same_process: false,
            renames: RenameOptions::default(),
            limit,
        }
    }
}
