//! What a renderer may show of a series of `runtime.MemStats`.

use serde_json::{Value, json};

use crate::profile::MemStats;
use crate::series::{Assessment, Endpoints, MemStatsNote, assess};

use super::Severity;

/// A series, and what it suggests.
#[derive(Debug, Clone)]
pub struct MemStatsReport {
    /// The files, as the user named them, with snapshots in them.
    pub inputs: Vec<String>,
    /// Files of a folder without any.
    pub skipped: Vec<String>,
    /// The snapshots in time order, each with the index of the file it is from.
    pub snapshots: Vec<(usize, MemStats)>,
    /// What they suggest.
    pub assessment: Assessment,
}

impl MemStatsReport {
    /// Makes a report of the snapshots in files, in time order.
    pub fn new(files: Vec<(String, Vec<MemStats>)>, skipped: Vec<String>) -> Self {
        let (mut inputs, mut snapshots) = (Vec::new(), Vec::new());
        for (at, (name, found)) in files.into_iter().enumerate() {
            inputs.push(name);
            snapshots.extend(found.into_iter().map(|stats| (at, stats)));
        }
        let stats: Vec<_> = snapshots.iter().map(|(_, stats)| stats.clone()).collect();
        MemStatsReport { inputs, skipped, assessment: assess(&stats), snapshots }
    }

    /// From the last collection before the first snapshot to that before the last one, in nanoseconds.
    pub fn span_nanos(&self) -> Option<u64> {
        let (first, last) = (self.snapshots.first()?, self.snapshots.last()?);
        last.1.last_gc?.checked_sub(first.1.last_gc?).filter(|&span| span > 0)
    }
}

/// How a remark is told.
impl MemStatsNote {
    /// Its code, a part of the JSON contract.
    pub fn code(&self) -> &'static str {
        match self {
            MemStatsNote::FirstLeftOut => "first_left_out",
            MemStatsNote::NotForced { .. } => "gc_not_forced",
            MemStatsNote::NotRightAfterGc(..) => "not_right_after_gc",
            MemStatsNote::Missing(_) => "numbers_missing",
            MemStatsNote::GoroutinesGrew(_) => "goroutines_grew",
        }
    }

    /// How much it matters.
    pub fn severity(&self) -> Severity {
        match self {
            MemStatsNote::FirstLeftOut => Severity::Info,
            MemStatsNote::NotForced { .. }
            | MemStatsNote::NotRightAfterGc(..)
            | MemStatsNote::Missing(_)
            | MemStatsNote::GoroutinesGrew(_) => Severity::Warning,
        }
    }

    /// What it says, in a sentence.
    pub fn message(&self) -> String {
        match self {
            MemStatsNote::FirstLeftOut => {
                "the first snapshot is shown, but does not count: the program may still have been starting".to_owned()
            }
            MemStatsNote::NotForced { known } => {
                let why = match known {
                    true => "NumForcedGC did not rise between all snapshots",
                    false => "nothing says whether a collection was forced before each snapshot",
                };
                format!(
                    "{why}, so HeapAlloc has garbage in it, and NextGC/2 is taken for the live heap, which holds with \
                     GOGC=100 and is coarse; take snapshots with /debug/pprof/heap?debug=1&gc=1, or call runtime.GC() \
                     before each"
                )
            }
            MemStatsNote::NotRightAfterGc(at, percent) => format!(
                "HeapAlloc is {percent} % of NextGC in snapshot {}, and right after a collection it is half of it at \
                 most, with GOGC=100: there may be garbage in it",
                at + 1
            ),
            MemStatsNote::Missing(names) => {
                format!("without {} some rules could not be applied", names.join(", "))
            }
            MemStatsNote::GoroutinesGrew(Endpoints { first, last }) => {
                format!("goroutines grew from {first} to {last}; two snapshots cannot tell whether that goes on")
            }
        }
    }
    /// What it says, for programs.
    pub fn data(&self) -> Value {
        match self {
            MemStatsNote::FirstLeftOut => json!({}),
            MemStatsNote::NotForced { known } => json!({ "known": known }),
            MemStatsNote::NotRightAfterGc(at, percent) => json!({ "snapshot": at + 1, "percent": percent }),
            MemStatsNote::Missing(names) => json!({ "names": names }),
            MemStatsNote::GoroutinesGrew(Endpoints { first, last }) => json!({ "first": first, "last": last }),
        }
    }
}
