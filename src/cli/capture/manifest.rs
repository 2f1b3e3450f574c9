//! `manifest.json`: what a capture took, when and from where, and what it could not get.

use std::io::Write;
use std::path::Path;
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::cli::budget::replace;
use crate::cli::date::timestamp;

const NAME: &str = "manifest.json";
/// Of the format.
const VERSION: &str = "1.0";

/// All of a capture.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Manifest {
    schema_version: &'static str,
    tool: Tool,
    /// Without credentials.
    url: String,
    started_at: String,
    /// How many snapshots were asked for; `None` where it goes on until somebody ends it.
    count: Option<usize>,
    every_seconds: f64,
    pub(in crate::cli) snapshots: Vec<Snapshot>,
    /// Why there are fewer than were asked for.
    pub(in crate::cli) error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

/// One round of profiles.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Snapshot {
    pub(in crate::cli) taken_at: String,
    pub(in crate::cli) files: Vec<Taken>,
    pub(in crate::cli) failed: Vec<Failed>,
}

/// A profile that was taken.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Taken {
    pub(in crate::cli) profile: &'static str,
    pub(in crate::cli) file: String,
    pub(super) bytes: u64,
}

/// A profile that is missing.
#[derive(Debug, Serialize)]
pub(in crate::cli) struct Failed {
    pub(in crate::cli) profile: &'static str,
    pub(in crate::cli) error: String,
}

impl Manifest {
    pub(in crate::cli) fn new(url: String, started_at: SystemTime, count: Option<usize>, every_seconds: f64) -> Self {
        Manifest {
            schema_version: VERSION,
            tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
            url,
            started_at: timestamp(started_at),
            count,
            every_seconds,
            snapshots: Vec::new(),
            error: None,
        }
    }

    /// Writes it, whole, so that at any time it tells of what is there.
    pub(in crate::cli) fn write(&self, folder: &Path) -> Result<()> {
        let mut text = Vec::new();
        // As the reports are: another form would be another copy of the code.
        let mut out: &mut dyn Write = &mut text;
        serde_json::to_writer(&mut out, self)?;
        text.push(b'\n');
        let path = folder.join(NAME);
        replace(&path, &text).with_context(|| path.display().to_string())
    }
}
