//! Standard output, standard error and files.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process;

use anyhow::{Context, Result};

use crate::diagnose::Note;
use crate::render::{note_message, sanitize};

/// Writes to `path` or standard output. A reader that stops reading is not an error.
pub(crate) fn write_to(path: Option<&Path>, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let result = match path {
        Some(path) => replace_file(path, write),
        None => buffered(io::stdout().lock(), write),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.with_context(|| path.map_or("standard output".to_owned(), |path| path.display().to_string())),
    }
}

/// Replaces a file as a whole or not at all: writes to a new file beside it, then renames that. Anything else at `path`,
/// such as a pipe, is written to directly.
pub(crate) fn replace_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Opened even if it is replaced, so that a read-only file stays as it is.
    let permissions = match OpenOptions::new().write(true).open(path) {
        Ok(file) => match file.metadata()? {
            known if known.is_file() => Some(known.permissions()),
            _ => return buffered(file, write),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    // Of a link, the file that it leads to.
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", process::id()));
    let temporary = target.with_file_name(name);
    let file = File::create(&temporary)?;
    let written = || {
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        buffered(&file, write)?;
        file.sync_all()?;
        fs::rename(&temporary, &target)
    };
    written().inspect_err(|_| {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    })
}

/// Appends to a file, which need not exist, after an empty line.
pub(crate) fn append_to(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let file = OpenOptions::new().append(true).create(true).open(path)?;
    let has_text = file.metadata()?.len() > 0;
    buffered(file, |out| {
        if has_text {
            out.write_all(b"\n")?;
        }
        write(out)
    })
}

fn buffered(out: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write(&mut out)?;
    out.flush()
}

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
    use std::env;

    use super::*;

    #[test]
    fn files_are_replaced_whole_or_not_at_all() {
        let folder = env::temp_dir().join(format!("heapdiff-output-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        let path = folder.join("file");
        for text in ["long text", "short"] {
            replace_file(&path, |out| out.write_all(text.as_bytes())).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        replace_file(&path, |out| out.write_all(b"half").and(Err(io::Error::other("full")))).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), "short");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
        assert!(replace_file(&folder, |_| Ok(())).is_err());
        assert!(replace_file(&folder.join("none/file"), |_| Ok(())).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
