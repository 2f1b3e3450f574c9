//! One bucket of Go's profiler.

use crate::profile::BucketHash;

/// A bucket with live samples.
#[derive(Debug, Clone, Copy)]
pub struct Bucket {
    /// Identifies it among the buckets of a process; the same for all where several profiles were added.
    pub hash: BucketHash,
    /// Index of its site in the table; [`NONE`](crate::index::NONE) if a filter dropped its samples.
    pub site: u32,
    /// Bytes of an object; 0 if the size or the number of samples is unknown, or the size is 4 GiB or more.
    pub size: u32,
    /// Live raw samples.
    pub live: u32,
    /// Raw samples ever allocated; [`Bucket::UNKNOWN`] if unknown or more.
    pub allocated: u32,
}

impl Bucket {
    /// [`Bucket::allocated`] if unknown or more. Saturating sums stay at it: a sum with an unknown part is unknown.
    pub const UNKNOWN: u32 = u32::MAX;
}
