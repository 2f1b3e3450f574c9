//! A series of `runtime.MemStats`, ready to be shown.

use crate::profile::MemStats;
use crate::series::{Assessment, assess};

/// A series of snapshots, and what it suggests.
#[derive(Debug, Clone)]
pub struct MemStatsReport {
    /// Files with snapshots, as the user named them.
    pub inputs: Vec<String>,
    /// Files of a folder that have no snapshots.
    pub skipped: Vec<String>,
    /// The snapshots in time order, each with the index of the file it is from.
    pub snapshots: Vec<(usize, MemStats)>,
    /// What the snapshots suggest.
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

    /// Time from the last collection before the first snapshot to the last one before the last snapshot, nanoseconds.
    pub fn span_nanos(&self) -> Option<u64> {
        let (first, last) = (self.snapshots.first()?, self.snapshots.last()?);
        last.1.last_gc?.checked_sub(first.1.last_gc?).filter(|&span| span > 0)
    }
}
