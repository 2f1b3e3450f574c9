//! The codes of findings, H001 and so on.

/// Kind of a finding, in the order of the codes: the first is H001. The numbers are part of the JSON contract, and are never
/// used for anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindingCode {
    /// Growth no larger than what chance does.
    Noise,
    /// No garbage collection between the two profiles.
    Stale,
    /// More objects are added than freed.
    PilingUp,
    /// Much is allocated, and little stays.
    Churn,
    /// Many small objects, or objects that get larger.
    Sizes,
    /// More goroutines, and what they hold.
    Goroutines,
    /// Memory that the runtime keeps without objects in it.
    Idle,
    /// Memory that is not on Go's heap.
    Outside,
    /// Space between objects.
    Fragmentation,
    /// The function that allocates is not the one that keeps.
    Retainer,
    /// Two sides that should not be compared.
    NotComparable,
    /// Values below 0.
    Negative,
    /// Growth that levels off.
    WarmUp,
    /// Allocations of the profiler itself.
    Profiler,
}

impl FindingCode {
    /// All codes, H001 first.
    pub const ALL: [FindingCode; 14] = [
        FindingCode::Noise,
        FindingCode::Stale,
        FindingCode::PilingUp,
        FindingCode::Churn,
        FindingCode::Sizes,
        FindingCode::Goroutines,
        FindingCode::Idle,
        FindingCode::Outside,
        FindingCode::Fragmentation,
        FindingCode::Retainer,
        FindingCode::NotComparable,
        FindingCode::Negative,
        FindingCode::WarmUp,
        FindingCode::Profiler,
    ];

    /// The code itself, such as `H001`.
    pub fn id(self) -> &'static str {
        let ids = [
            "H001", "H002", "H003", "H004", "H005", "H006", "H007", "H008", "H009", "H010", "H011", "H012", "H013",
            "H014",
        ];
        ids[self as usize]
    }
}
