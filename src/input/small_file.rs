//! Small files of a checkout, which somebody else may have written: settings, budgets, manifests, sources.
//!
//! In: a path and a limit. Out: all bytes of a regular file. A pipe would block, a device may never end.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

use thiserror::Error;

/// Why a small file is not read.
#[derive(Debug, Error)]
pub enum SmallFileError {
    /// It cannot be opened or read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// It is, or links to, something else.
    #[error("it is {0}, not a regular file, and is not read")]
    NotRegular(&'static str),
    /// It is larger than such a file may be.
    #[error("it is larger than {} MiB, the limit for such a file", .limit >> 20)]
    TooLarge {
        /// The limit, bytes.
        limit: u64,
    },
}

/// Opens a regular file, links followed, without waiting for anything.
///
/// # Errors
///
/// If there is none, or it is not a regular file.
pub fn open_regular(path: &Path) -> Result<File, SmallFileError> {
    // Opening a pipe blocks, and opening a device may do something.
    check_kind(&path.metadata()?)?;
    let file = File::open(path)?;
    // It may have been replaced meanwhile.
    check_kind(&file.metadata()?)?;
    Ok(file)
}

/// Reads a whole regular file of at most `limit` bytes.
///
/// # Errors
///
/// As [`open_regular`], or if the file is larger or cannot be read.
pub fn read_small(path: &Path, limit: u64) -> Result<Vec<u8>, SmallFileError> {
    let file = open_regular(path)?;
    let mut bytes = Vec::new();
    // Some files, such as those of /proc, do not say how large they are.
    if file.metadata()?.len() <= limit {
        file.take(limit + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 <= limit {
            return Ok(bytes);
        }
    }
    Err(SmallFileError::TooLarge { limit })
}

fn check_kind(file: &Metadata) -> Result<(), SmallFileError> {
    if file.is_file() { Ok(()) } else { Err(SmallFileError::NotRegular(kind(file))) }
}

fn kind(file: &Metadata) -> &'static str {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = file.file_type();
        if kind.is_fifo() {
            return "a pipe";
        } else if kind.is_socket() {
            return "a socket";
        } else if kind.is_block_device() || kind.is_char_device() {
            return "a device";
        }
    }
    if file.is_dir() { "a folder" } else { "something else" }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{env, fs, process};

    use super::*;

    fn error(path: &Path, limit: u64) -> String {
        read_small(path, limit).unwrap_err().to_string()
    }

    #[test]
    fn only_small_regular_files_are_read() {
        let folder = env::temp_dir().join(format!("heapdiff-small-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file");
        fs::write(&path, "1234").unwrap();
        assert_eq!(read_small(&path, 4).unwrap(), b"1234");
        assert_eq!(error(&path, 3), "it is larger than 0 MiB, the limit for such a file");
        File::create(&path).unwrap().set_len(10 << 30).unwrap();
        assert_eq!(error(&path, 2 << 20), "it is larger than 2 MiB, the limit for such a file");
        assert_eq!(error(&folder, 9), "it is a folder, not a regular file, and is not read");
        assert!(matches!(read_small(&folder.join("none"), 9), Err(SmallFileError::Io(_))));
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn links_are_judged_by_where_they_lead() {
        use std::os::unix::fs::symlink;
        let folder = env::temp_dir().join(format!("heapdiff-small-links-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let at = |name: &str| folder.join(name);
        fs::write(at("file"), "text").unwrap();
        for (link, to) in [("a", "file"), ("zero", "/dev/zero"), ("loop", "loop"), ("pipe", "fifo")] {
            symlink(to, at(link)).unwrap();
        }
        assert!(process::Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
        assert_eq!(read_small(&at("a"), 9).unwrap(), b"text");
        assert_eq!(error(&at("zero"), 9), "it is a device, not a regular file, and is not read");
        for pipe in ["fifo", "pipe"] {
            assert_eq!(error(&at(pipe), 9), "it is a pipe, not a regular file, and is not read");
        }
        assert!(matches!(read_small(&at("loop"), 9), Err(SmallFileError::Io(_))));
        fs::remove_dir_all(folder).unwrap();
    }
}
