//! Standard output, standard error and files.

use std::error::Error;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

use crate::cli::steps::replace::{buffered, replace_file};
use crate::diagnose::Note;
use crate::input;
use crate::render::{note_message, sanitize};

/// Writes to `path` or standard output. A reader that stops reading is not an error.
pub(crate) fn write_to(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let result = match path {
        Some(path) => replace_file(path, write),
        None => buffered(io::stdout().lock(), write),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.with_context(|| path.map_or("standard output".to_owned(), input::shown)),
    }
}

/// Appends to a file, which need not exist, after an empty line. What was there stays if that fails.
pub(crate) fn append_to(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    let before = file.metadata()?;
    let written = buffered(&file, |out| {
        if before.len() > 0 {
            out.write_all(b"\n")?;
        }
        write(out)
    });
    written.inspect_err(|_| {
        // The first error is the one to report.
        let _ = if before.is_file() { file.set_len(before.len()) } else { Ok(()) };
    })
}

/// An error of several lines, each of which is harmless; of any other error a line feed is text from elsewhere.
#[derive(Debug)]
pub(crate) struct SeveralLines(pub(crate) String);

impl fmt::Display for SeveralLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for SeveralLines {}

/// Prints notes to standard error, for a format that has no place for them.
pub(crate) fn print_notes(notes: &[Note]) {
    for note in notes {
        let text = sanitize(&note_message(note));
        print_line(&format!("{} [{}]: {text}", note.severity().name(), note.code()));
    }
}

/// Prints a warning to standard error.
pub(crate) fn warn(text: &str) {
    print_line(&format!("warning: {}", sanitize(text)));
}

/// Prints a line to standard error. If nobody reads it, that is not an error.
pub(crate) fn print_line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{env, fs, process};

    use super::*;

    #[test]
    fn what_is_appended_to_stays_if_that_fails() {
        let path = env::temp_dir().join(format!("heapdiff-append-{}", process::id()));
        append_to(&path, |out| out.write_all(b"a\n")).unwrap();
        append_to(&path, |out| out.write_all(b"b\n")).unwrap();
        append_to(&path, |out| out.write_all(&[b'c'; 1 << 16]).and(Err(io::Error::other("full")))).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n\nb\n");
        fs::remove_file(path).unwrap();
    }
}
