//! Indexes of 32 bits, which halve the memory of the tables.

/// No index.
pub(crate) const NONE: u32 = u32::MAX;

/// An index as 32 bits. There are never 2³¹ of anything: each takes more than a byte of a file in memory.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(NONE)
}
