//! What was noticed while samples were added up, for the notes of a report.

use super::filter::FilterHits;
use super::values::Values;

/// What was noticed in the profiles of one side.
#[derive(Debug, Clone, Default)]
pub struct Observed {
    /// The filters that matched anything alive.
    pub filter_hits: FilterHits,
    /// By pattern of [`Own`](super::Own): whether it matched the package of any function.
    pub own_hits: Vec<bool>,
    /// Why a profile's `drop_frames` or `keep_frames` did not compile and was not applied.
    pub bad_drop_frames: Option<String>,
    /// Whether what was allocated is counted, rather than what is alive.
    pub is_allocation: bool,
    /// Samples of which more is alive than was allocated: what is alive was not counted from the same time on.
    pub live_beyond_allocated: u64,
    /// Samples with a negative value, which only a difference of profiles has.
    pub negative_samples: u64,
    /// Number of profiles of Go programs.
    pub of_go: u64,
    /// Number of those that goref wrote, whose stacks are chains of references.
    pub of_goref: u64,
    /// Number of profiles of programs in other languages.
    pub of_others: u64,
    /// Number of profiles with samples and without any function, but for those of allocators.
    pub without_symbols: u64,
    /// Number of stacks whose root seems to have been cut off.
    pub cut_stacks: u64,
    /// Memory that Go's profiler allocated for itself, summed over all profiles.
    pub(super) profiler: Values,
}
