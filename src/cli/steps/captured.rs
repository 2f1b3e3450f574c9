//! Profiles of one capture: what its manifest says of two sides that are in its folder.

use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::diagnose::SideInfo;
use crate::input::{SmallFileError, read_small};

/// Where a capture says which profiles it has.
pub(crate) const MANIFEST: &str = "manifest.json";

/// Largest manifest that is read, bytes: that of about 15,000 snapshots.
const MAX_BYTES: u64 = 8 << 20;

/// The snapshots of a capture.
#[derive(Deserialize)]
pub(super) struct Captured {
    pub(super) snapshots: Vec<CapturedRound>,
}

/// A snapshot.
#[derive(Deserialize)]
pub(super) struct CapturedRound {
    pub(super) files: Vec<CapturedFile>,
}

/// A profile of a snapshot.
#[derive(Deserialize)]
pub(super) struct CapturedFile {
    pub(super) profile: String,
    /// Its name in the folder of the manifest.
    pub(super) file: String,
}

/// What a capture says of itself, if both sides are snapshots of it, and so of one process.
pub(super) fn capture_of([base, current]: [&SideInfo; 2]) -> Result<Option<Captured>> {
    let ([base], [current]) = (&base.paths[..], &current.paths[..]) else { return Ok(None) };
    capture_of_files([base, current])
}

/// What a capture says of itself, if both files are snapshots of it. A file of a manifest's name which is something else
/// is ignored; one that cannot be a manifest, such as a pipe, is an error.
pub(super) fn capture_of_files([base, current]: [&Path; 2]) -> Result<Option<Captured>> {
    let Some(folder) = base.parent().filter(|folder| current.parent() == Some(folder)) else { return Ok(None) };
    let path = folder.join(MANIFEST);
    let text = match read_small(&path, MAX_BYTES) {
        Err(SmallFileError::Io(_)) => return Ok(None),
        read => read.with_context(|| path.display().to_string())?,
    };
    let captured: Option<Captured> = serde_json::from_slice(&text).ok();
    let has = |all: &Captured, path: &Path| {
        all.snapshots.iter().flat_map(|snapshot| &snapshot.files).any(|file| path.ends_with(&file.file))
    };
    Ok(captured.filter(|all| has(all, base) && has(all, current)))
}
