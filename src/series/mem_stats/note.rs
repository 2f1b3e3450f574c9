//! What the user should know about an assessment.

/// A number in the first and in the last snapshot that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints {
    /// Its value in the first.
    pub first: u64,
    /// Its value in the last.
    pub last: u64,
}

impl Endpoints {
    /// last − first.
    pub fn delta(self) -> i128 {
        i128::from(self.last) - i128::from(self.first)
    }
}

/// What the user should know about an assessment. Codes are part of the JSON contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemStatsNote {
    /// The first snapshot does not count.
    FirstLeftOut,
    /// Not every snapshot follows a forced collection, or the numbers do not say.
    NotForced {
        /// Whether the numbers say.
        known: bool,
    },
    /// Collections were forced, but HeapAlloc has garbage in it all the same: it varies by this many bytes.
    Garbage(u64),
    /// Rules were skipped as these numbers are missing.
    Missing(Vec<&'static str>),
    /// The number of goroutines grew between the only two snapshots.
    GoroutinesGrew(Endpoints),
}
