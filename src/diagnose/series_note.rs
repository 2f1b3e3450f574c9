//! What the user should know of a series of profiles, as codes with data.

use serde_json::{Value, json};

use super::Severity;
use crate::series::UnknownCause;

/// A note on a series. Codes and data keys are part of the JSON contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeriesNote {
    /// The snapshots were sorted, as they were not given in the order of their times.
    Sorted,
    /// The program was restarted: snapshots of earlier processes do not count.
    Restarted {
        /// Number of those snapshots.
        left_out: usize,
    },
    /// The times of the snapshots cannot be true: negative, or too close or too far apart.
    TimesUnusable,
    /// The profiles do not reveal whether all are of one process.
    ProcessUnknown,
    /// No garbage was collected between these snapshots and the ones before them.
    NoCollection { inputs: Vec<String> },
    /// Files of a folder that are not heap profiles.
    Skipped { inputs: Vec<String> },
    /// Too few snapshots to distinguish a leak from a warm-up or a single step.
    TooFew {
        /// Number of snapshots.
        snapshots: usize,
    },
    /// The runtime's own numbers say nothing certain of the whole live heap.
    NoTotals {
        /// The reason; `None` if they only estimate it.
        why: Option<UnknownCause>,
    },
    /// The runtime's own numbers that lie beside the profiles are of other snapshots than these.
    TotalsOfOthers,
    /// What was allocated is followed, which never shrinks.
    Allocation,
    /// No site is known to keep growing, but some may.
    NoSiteStandsOut {
        /// Names of the sites most likely to, the best first; at least one.
        candidates: Vec<String>,
        /// Whether the whole live heap is known to keep growing.
        heap_grows: bool,
    },
    /// Leaks rest on samples alone.
    SamplesAlone,
}

impl SeriesNote {
    /// The code in JSON.
    pub fn code(&self) -> &'static str {
        self.code_and_severity().0
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        self.code_and_severity().1
    }

    fn code_and_severity(&self) -> (&'static str, Severity) {
        use Severity::{Info, Warning};
        match self {
            SeriesNote::Sorted => ("sorted_by_time", Info),
            SeriesNote::Restarted { .. } => ("restarted", Warning),
            SeriesNote::TimesUnusable => ("times_unusable", Warning),
            SeriesNote::ProcessUnknown => ("process_unknown", Warning),
            SeriesNote::NoCollection { .. } => ("no_collection_between", Warning),
            SeriesNote::Skipped { .. } => ("skipped", Info),
            SeriesNote::TooFew { .. } => ("too_few_snapshots", Warning),
            SeriesNote::NoTotals { .. } => ("no_totals", Warning),
            SeriesNote::TotalsOfOthers => ("totals_of_other_snapshots", Warning),
            SeriesNote::Allocation => ("allocation", Info),
            SeriesNote::NoSiteStandsOut { .. } => ("no_site_stands_out", Info),
            SeriesNote::SamplesAlone => ("samples_alone", Info),
        }
    }

    /// The values behind it, a JSON object.
    pub fn data(&self) -> Value {
        match self {
            SeriesNote::Restarted { left_out } => json!({ "left_out": left_out }),
            SeriesNote::NoSiteStandsOut { candidates, heap_grows } => {
                json!({ "site": candidates.first(), "candidates": candidates, "heap_grows": heap_grows })
            }
            SeriesNote::TooFew { snapshots } => json!({ "snapshots": snapshots }),
            SeriesNote::NoCollection { inputs } | SeriesNote::Skipped { inputs } => json!({ "inputs": inputs }),
            SeriesNote::Sorted
            | SeriesNote::TimesUnusable
            | SeriesNote::ProcessUnknown
            | SeriesNote::NoTotals { .. }
            | SeriesNote::TotalsOfOthers
            | SeriesNote::Allocation
            | SeriesNote::SamplesAlone => json!({}),
        }
    }
}
