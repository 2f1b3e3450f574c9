//! The sources of bytes: files, directories, standard input and URLs, decompressed.
//!
//! In: a path as typed. Out: a reader of decompressed bytes, up to a limit. Knows no profile.

mod codec;
mod compression_error;
mod gzip;
#[cfg(feature = "fetch")]
pub mod http;
mod inflate;
mod percent;
mod query;
mod secrets;
mod size_limit;
mod small_file;
pub mod url;
mod utf16;
mod zstd;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use codec::{Compression, Proof};
#[cfg(feature = "fetch")]
pub use http::FetchError;
pub use secrets::Secrets;
pub use size_limit::Limit;
pub use small_file::{SmallFileError, open_regular, read_small};

/// The path that means standard input.
pub const STDIN: &str = "-";

/// The files of `path`: itself, or the files in a directory, sorted by name, without hidden ones and subdirectories. An
/// address such as `localhost:6060` is a URL, unless a file has that name.
pub fn files(path: &Path) -> io::Result<Vec<PathBuf>> {
    if let Some(url) = path.to_str().and_then(url::of_address).filter(|_| !path.exists()) {
        return Ok(vec![PathBuf::from(url)]);
    }
    if path == Path::new(STDIN) || url::of(path).is_some() || !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut files = Vec::new();
    for entry in path.read_dir()? {
        let entry = entry?;
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        // Reading a pipe in a folder would block.
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

/// Whether `path` is a URL, which may give something else when it is read again.
pub fn is_url(path: &Path) -> bool {
    url::of(path).is_some()
}

/// The name of the profile that a URL asks for, such as `goroutine`.
pub fn profile_name(path: &Path) -> Option<String> {
    let url = url::Url::parse(url::of(path)?).ok()?;
    url.path().rsplit('/').next().map(str::to_owned)
}

/// The URL of a heap as text with `runtime.MemStats`, if `path` is the URL of a program, which names no profile.
pub fn heap_as_text(path: &Path) -> Option<PathBuf> {
    url::of(path).and_then(url::heap_as_text).map(PathBuf::from)
}

/// Whether two paths are URLs of the same profile of a running program.
pub fn is_same_profile(one: &Path, other: &Path) -> bool {
    let [one, other] = [one, other].map(|path| url::Url::parse(url::of(path)?).ok());
    one.zip(other).is_some_and(|(one, other)| one.is_same_profile(&other))
}

/// Whether `path` is a URL that is fetched without verifying the server's certificate.
pub fn is_unverified(path: &Path) -> bool {
    #[cfg(feature = "fetch")]
    {
        let url = url::of(path).filter(|_| http::is_insecure()).and_then(|text| url::Url::parse(text).ok());
        url.is_some_and(|url| url.scheme == url::Scheme::Https)
    }
    #[cfg(not(feature = "fetch"))]
    {
        let _ = path;
        false
    }
}

/// `path` for people: of a URL what is fetched, without credentials.
pub fn shown(path: &Path) -> String {
    // Also of one that cannot be fetched, such as with a mistyped scheme: it may have a password.
    let typed = path.to_str().filter(|text| text.contains("://") || url::of(path).is_some());
    typed.map_or_else(|| path.display().to_string(), url::shown)
}

/// What `path`, if it is a URL, has that nobody but the server may see.
pub fn secrets(path: &Path) -> Secrets {
    url::of(path).and_then(|text| url::Url::parse(text).ok()).map(|url| Secrets::of(&url)).unwrap_or_default()
}

/// Opens `path`, standard input for `-`, or a URL, without decompressing it.
pub fn open(path: &Path) -> io::Result<Box<dyn Read>> {
    Ok(match url::of(path) {
        Some(text) => fetch(text)?,
        None if path == Path::new(STDIN) => Box::new(io::stdin()),
        None => Box::new(File::open(path)?),
    })
}

#[cfg(feature = "fetch")]
fn fetch(text: &str) -> io::Result<Box<dyn Read>> {
    let given = url::Url::parse(text).map_err(FetchError::Url)?;
    let get = |url: &url::Url| http::get(url, http::Limits::default());
    let Some(heap) = given.heap() else { return Ok(Box::new(get(&given)?)) };
    // Each request collects garbage; objects in pools or with finalizers are gone only after the second collection.
    io::copy(&mut get(&heap)?, &mut io::sink())?;
    Ok(Box::new(get(&heap)?))
}

#[cfg(not(feature = "fetch"))]
fn fetch(_: &str) -> io::Result<Box<dyn Read>> {
    let advice = "URLs are not built in (feature fetch): fetch it with another program and give the file";
    Err(io::Error::new(io::ErrorKind::Unsupported, advice))
}

/// Decompresses `raw`, up to `limit`. Also returns how it was compressed, and a proof that says, once all was read,
/// whether the data is known to be complete.
///
/// # Errors
///
/// If the first bytes cannot be read; other errors come up as the data is read.
pub fn inflate<'r>(raw: impl Read + 'r, limit: Limit) -> io::Result<(impl Read + 'r, Compression, Proof)> {
    inflate::inflate(raw, limit)
}
