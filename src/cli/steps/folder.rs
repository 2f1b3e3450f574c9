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

    /// Removes the snapshots up to `last`, except those that are still `needed`. The one being taken comes after `last`.
    pub(crate) fn prune(&self, needed: &[PathBuf], last: &Path) {
        let entries = self.path.read_dir().into_iter().flatten().flatten();
        for path in entries.map(|entry| entry.path()) {
            let is_whole = path.file_name().is_some_and(|name| !name.as_encoded_bytes().starts_with(b"."));
            if is_whole && path.as_path() <= last && !needed.contains(&path) {
                // What stays here is removed with the folder.
                let _ = fs::remove_file(path);
            }
        }
    }
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
        let at = |name: &str| folder.path.join(name);
        for name in [".heap_3.pb.gz.tmp", "heap_0.pb.gz", "heap_0.txt", "heap_1.pb.gz", "heap_2.pb.gz", "heap_3.pb.gz"]
        {
            fs::write(at(name), "").unwrap();
        }
        folder.prune(&[at("heap_1.pb.gz")], &at("heap_2.pb.gz"));
        let mut names: Vec<_> = folder.path.read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, [".heap_3.pb.gz.tmp", "heap_1.pb.gz", "heap_3.pb.gz"]);
        let other = Folder::new(None).unwrap();
        assert!(other.path != folder.path);
        let path = folder.path.clone();
        drop(folder);
        assert!(!path.exists() && other.path.is_dir());
    }
}
