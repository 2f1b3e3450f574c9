//! How samples are added up: what the options on sites, filters and files become.

use crate::cli::options::renames::RenameOptions;
use crate::cli::options::work::Work;
use crate::input::Limit;
use crate::profile::{CountedThing, SampleType};
use crate::site::{Filter, Granularity, Own};

/// How samples are added up.
#[derive(Clone)]
pub(crate) struct LoadOptions {
    pub(crate) granularity: Granularity,
    pub(crate) filter: Filter,
    /// The program's own packages.
    pub(crate) own: Own,
    pub(crate) collect: Collect,
    /// The columns to count.
    pub(crate) sample_type: SampleType,
    /// Whether values are divided by the number of profiles.
    pub(crate) per_profile: bool,
    /// Whether unreadable files are left out, with a warning.
    pub(crate) skip_unreadable: bool,
    /// Whether both sides are said to be of one process.
    pub(crate) same_process: bool,
    /// Which functions of the two sides are matched, though their names differ; none by default.
    pub(crate) renames: RenameOptions,
    /// What the work of both sides is compared by.
    pub(crate) work: Work,
    /// How much a file may inflate to.
    pub(crate) limit: Limit,
}

/// What is collected besides the flat values of each site.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Collect {
    /// Cumulative values, which add what a site's callees allocate.
    pub(crate) cumulative: bool,
    pub(crate) stacks: bool,
    /// The samples of each profile of a side, so that the variation between runs shows.
    pub(crate) runs: bool,
}

impl LoadOptions {
    /// What is counted instead of the heap, if that is goroutines.
    pub(crate) fn counted_thing(&self) -> Option<CountedThing> {
        CountedThing::of(&self.sample_type)
    }

    /// Whether functions of two builds are matched by evidence. A function without goroutines is in no profile of them, so
    /// that nothing tells it from one that is gone.
    pub(crate) fn matches_by_evidence(&self) -> bool {
        self.renames.by_evidence && self.counted_thing().is_none()
    }

    /// Whether functions of two builds are matched at all.
    pub(crate) fn matches(&self) -> bool {
        self.matches_by_evidence() || !self.renames.told.is_empty()
    }

    /// Flat live objects and bytes, summed over files that must all be readable.
    pub(crate) fn new(granularity: Granularity, filter: Filter, own: Own, limit: Limit) -> Self {
        LoadOptions {
            granularity,
            filter,
            own,
            collect: Collect::default(),
            sample_type: SampleType::Live,
            per_profile: false,
            skip_unreadable: false,
            same_process: false,
            renames: RenameOptions::default(),
            work: Work::AsItIs,
            limit,
        }
    }
}
