//! Where bytes come from: files, directories and standard input, decompressed.
//!
//! In: a path as typed. Out: a reader of plain bytes, no more than a limit allows. Knows no profile.

mod error;
mod gzip;
mod inflate;
mod limit;
mod zstd;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use inflate::{Codec, Compression, Proof};
pub use limit::Limit;

/// The path that means standard input.
pub const STDIN: &str = "-";

/// The files that `path` stands for: itself, or, sorted by name, the files in a directory, hidden
/// ones and subdirectories aside.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if path == Path::new(STDIN) || !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir()? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // A pipe in a folder would be waited for.
        if !hidden && entry.path().is_file() {
            files.push(entry.path());
        }
    }
    if files.is_empty() {
        return Err(io::Error::new(io::ErrorKind::NotFound, "the directory has no files; expected heap profiles"));
    }
    files.sort();
    Ok(files)
}

/// Opens `path`, or standard input for `-`, as it is.
pub fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(if path == Path::new(STDIN) { Box::new(io::stdin()) } else { Box::new(File::open(path)?) })
}

/// Decompresses what `raw` gives, and tells how it was compressed; gives no more than `limit` allows. The proof
/// tells when all was read whether that is known to be the whole.
///
/// # Errors
///
/// Of reading the first bytes; what is wrong with the rest is told when it is read.
pub fn inflate<'r>(raw: impl Read + 'r, limit: Limit) -> io::Result<(impl Read + 'r, Compression, Proof)> {
    inflate::inflate(raw, limit)
}
