//! Folders of snapshots: named by the user, or temporary.

use std::env;
use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::cli::steps::unguessable;

/// A folder of snapshots, which is removed if it is temporary, or new and empty.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    pub(crate) is_temporary: bool,
    /// Whether it was created.
    is_new: bool,
}

impl Folder {
    /// Makes the folder that was named, which must be new or empty, or a temporary one.
    pub(crate) fn new(named: Option<PathBuf>) -> Result<Self> {
        let Some(path) = named else {
            let parent = env::temp_dir();
            let path = temporary(&parent).with_context(|| parent.display().to_string())?;
            return Ok(Folder { path, is_temporary: true, is_new: true });
        };
        let is_new = prepare(&path).with_context(|| path.display().to_string())?;
        Ok(Folder { path, is_temporary: false, is_new })
    }
}

/// Removes those of the `files` that are not `needed` any more.
pub(crate) fn prune(files: &mut Vec<PathBuf>, needed: &[PathBuf]) {
    files.retain(|path| {
        let is_needed = needed.contains(path);
        if !is_needed {
            // What stays here is removed with the folder.
            let _ = fs::remove_file(path);
        }
        is_needed
    });
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_temporary {
            // A snapshot may be being written: under another name, the folder gets no more files.
            let removed = self.path.with_extension("removed");
            let renamed = fs::rename(&self.path, &removed);
            let _ = fs::remove_dir_all(if renamed.is_ok() { &removed } else { &self.path });
        } else if self.is_new {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

/// Makes sure that there is a folder without any but hidden files. Returns whether it was created.
pub(crate) fn prepare(folder: &Path) -> Result<bool> {
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        return Ok(true);
    }
    for entry in folder.read_dir()? {
        let name = entry?.file_name();
        if !name.as_encoded_bytes().starts_with(b".") {
            bail!("the folder is not empty ({}); give a new or an empty one", Path::new(&name).display());
        }
    }
    Ok(false)
}

/// Makes folders that only this user can read.
#[cfg(unix)]
fn private() -> DirBuilder {
    let mut builder = DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes folders that are as private as the one they are in.
#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

/// Makes a folder that only this user can read. Fails if something has its name, which nobody can guess.
fn temporary(parent: &Path) -> io::Result<PathBuf> {
    let path = parent.join(format!("heapdiff-watch-{}", unguessable()));
    private().create(&path).map(|()| path)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_temporary_folder_keeps_what_is_needed_and_is_removed() {
        let folder = Folder::new(None).unwrap();
        let files = ["heap_0.pb.gz", "heap_0.txt", "heap_1.pb.gz", "heap_2.pb.gz"].map(|name| folder.path.join(name));
        files.iter().for_each(|path| fs::write(path, "").unwrap());
        let mut held = files.to_vec();
        prune(&mut held, &files[2..]);
        assert_eq!(held, files[2..]);
        assert_eq!(files.each_ref().map(|path| path.exists()), [false, false, true, true]);
        let other = Folder::new(None).unwrap();
        assert!(other.path != folder.path);
        let path = folder.path.clone();
        drop(folder);
        assert!(!path.exists() && other.path.is_dir());
    }
}
