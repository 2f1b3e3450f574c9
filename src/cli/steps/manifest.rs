//! `manifest.json`: the profiles of a capture, when and from where they were taken, and which are missing.

use std::io::Write;
use std::path::Path;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::options::timestamp;
use crate::cli::steps::captured::MANIFEST;
use crate::cli::steps::{Retry, replace_private};
use crate::profile::MemStats;
use crate::render::{TOOL, Tool, to_json};

/// Version of the format.
const VERSION: &str = "1.0";

/// A capture.
#[derive(Debug, Serialize)]
pub(crate) struct Manifest {
    schema_version: &'static str,
    tool: Tool,
    /// The URL of the program, without credentials.
    url: String,
    /// Whether any certificate was accepted, so that the profiles may be anybody's.
    insecure: bool,
    started_at: String,
    /// Snapshots asked for; `None` if it goes on until somebody ends it.
    count: Option<usize>,
    every_seconds: f64,
    pub(crate) snapshots: Vec<Round>,
    /// Snapshots, counted from 1, before which the program was restarted.
    pub(crate) restarted_before: Vec<usize>,
    /// How far the totals in the texts can be trusted; `None` until the end.
    pub(crate) totals: Option<Totals>,
    /// Why there are fewer snapshots than were asked for.
    pub(crate) error: Option<String>,
}

/// How far the totals in the texts of a capture can be trusted.
#[derive(Debug, Serialize)]
pub(crate) struct Totals {
    /// exact, approximate or none.
    pub(crate) trust: &'static str,
    pub(crate) sentence: String,
}

/// One snapshot: a round of profiles.
#[derive(Debug, Serialize)]
pub(crate) struct Round {
    pub(crate) taken_at: String,
    pub(crate) files: Vec<TakenProfile>,
    pub(crate) failed: Vec<MissingProfile>,
    /// Requests that were repeated.
    pub(crate) retries: Vec<Retry>,
    /// The time that it took, if no request was repeated.
    #[serde(skip)]
    pub(crate) took: Option<Duration>,
    /// The totals in the text.
    #[serde(skip)]
    pub(crate) mem_stats: Option<Box<MemStats>>,
}

impl Round {
    /// A round without profiles.
    pub(crate) fn new(taken_at: String) -> Self {
        Round { taken_at, files: Vec::new(), failed: Vec::new(), retries: Vec::new(), took: None, mem_stats: None }
    }
}

/// A profile that was taken.
#[derive(Debug, Serialize)]
pub(crate) struct TakenProfile {
    pub(crate) profile: &'static str,
    pub(crate) file: String,
    pub(crate) bytes: u64,
}

/// A profile that is missing.
#[derive(Debug, Serialize)]
pub(crate) struct MissingProfile {
    pub(crate) profile: &'static str,
    /// Whether older programs have none, so that this is no fault.
    #[serde(skip)]
    pub(crate) is_expected: bool,
    pub(crate) error: String,
}

impl Manifest {
    pub(crate) fn new(
        url: String,
        started_at: SystemTime,
        count: Option<usize>,
        every_seconds: f64,
        insecure: bool,
    ) -> Self {
        Manifest {
            schema_version: VERSION,
            tool: TOOL,
            url,
            insecure,
            started_at: timestamp(started_at),
            count,
            every_seconds,
            snapshots: Vec::new(),
            restarted_before: Vec::new(),
            totals: None,
            error: None,
        }
    }

    /// Writes the file to `folder`, as a whole, so that it is valid at any time.
    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        let path = folder.join(MANIFEST);
        let write = |out: &mut dyn Write| {
            to_json(self, out)?;
            out.write_all(b"\n")
        };
        replace_private(&path, write).with_context(|| path.display().to_string())
    }
}
