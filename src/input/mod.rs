//! Where bytes come from: files, directories, standard input and URLs, decompressed.
//!
//! In: a path as typed. Out: a reader of plain bytes, no more than a limit allows. Knows no profile.

#[cfg(feature = "fetch")]
mod body;
mod error;
mod gzip;
#[cfg(feature = "fetch")]
pub mod http;
mod inflate;
mod limit;
pub mod url;
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
    if path == Path::new(STDIN) || url::of(path).is_some() || !path.is_dir() {
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

/// Whether `path` is a URL, which need not give the same when it is asked again.
pub fn is_url(path: &Path) -> bool {
    url::of(path).is_some()
}

/// What is shown of `path`: of a URL what is fetched, without credentials.
pub fn shown(path: &Path) -> String {
    url::of(path).map_or_else(|| path.display().to_string(), url::shown)
}

/// Opens `path`, or standard input for `-`, or asks a server for a URL, as it is.
pub fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(match url::of(path) {
        Some(text) => fetch(text)?,
        None if path == Path::new(STDIN) => Box::new(io::stdin()),
        None => Box::new(File::open(path)?),
    })
}

#[cfg(feature = "fetch")]
fn fetch(text: &str) -> io::Result<Box<dyn Read>> {
    let given = url::Url::parse(text).map_err(http::FetchError::Url)?;
    let get = |url: &url::Url| http::get(url, http::Limits::default());
    let Some(heap) = given.heap() else { return Ok(Box::new(get(&given)?)) };
    // Each time garbage is collected; what is in pools or has a finalizer is gone only behind the second time.
    io::copy(&mut get(&heap)?, &mut io::sink())?;
    Ok(Box::new(get(&heap)?))
}

#[cfg(not(feature = "fetch"))]
fn fetch(_: &str) -> io::Result<Box<dyn Read>> {
    let advice = "URLs are not built in (feature fetch): fetch it with another program and give the file";
    Err(io::Error::new(io::ErrorKind::Unsupported, advice))
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
