//! A series of `runtime.MemStats`, ready to be shown.

use crate::profile::MemStats;
use crate::series::{Assessment, MemoryParts, assess};

/// Files that are no snapshots of their own.
#[derive(Debug, Clone, Default)]
pub struct OtherFiles {
    /// Files of a folder that have no snapshots.
    pub skipped: Vec<String>,
    /// Files of a folder with the same snapshots as others, which were joined with those.
    pub joined: Vec<String>,
    /// Goroutine profiles of a folder, whose goroutines were counted.
    pub counted: Vec<String>,
}

/// A series of snapshots, and what it suggests.
#[derive(Debug, Clone)]
pub struct MemStatsReport {
    /// Files with snapshots, as the user named them.
    pub inputs: Vec<String>,
    /// The other files that were read.
    pub others: OtherFiles,
    /// The snapshots in time order, each with the index of the file it is from.
    pub snapshots: Vec<(usize, MemStats)>,
    /// What the snapshots suggest.
    pub assessment: Assessment,
    /// The parts of the memory at one time: of the only snapshot, or of the last one, if the user gave its resident set.
    pub breakdown: Option<MemoryParts>,
    /// The resident set that the user gave, bytes.
    pub given_rss: Option<u64>,
    /// Whether the trend of heap profiles of the same times is shown, too.
    pub is_beside_trend: bool,
}

impl MemStatsReport {
    /// Makes a report of the snapshots in files, in time order. `given_rss`: the resident set of the last one that the user
    /// gave, which is in it already, bytes.
    pub fn new(files: Vec<(String, Vec<MemStats>)>, others: OtherFiles, given_rss: Option<u64>) -> Self {
        let (mut inputs, mut snapshots) = (Vec::new(), Vec::new());
        for (at, (name, found)) in files.into_iter().enumerate() {
            inputs.push(name);
            snapshots.extend(found.into_iter().map(|stats| (at, stats)));
        }
        let stats: Vec<_> = snapshots.iter().map(|(_, stats)| stats.clone()).collect();
        let assessment = assess(&stats);
        let breakdown = match &stats[..] {
            [_] => assessment.parts,
            [.., last] if given_rss.is_some() => Some(MemoryParts::of_one(last, assessment.source)),
            _ => None,
        };
        MemStatsReport { inputs, others, snapshots, assessment, breakdown, given_rss, is_beside_trend: false }
    }
}
