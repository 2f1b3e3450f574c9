//! Files that are replaced as a whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Who can read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Readers {
    /// Whoever the system lets, as for any file.
    Usual,
    /// This user.
    Owner,
}

/// Replaces a file as a whole or not at all: writes to a new file beside it, then renames that. What was there stays if
/// anything fails or somebody ends the program. Keeps the permissions of the file. Of a symbolic link, replaces the file
/// that it leads to, as `>` of a shell does; one that leads nowhere becomes the file. Anything else at `path`, such as a
/// pipe, is written to directly.
pub(crate) fn replace_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    replace(path, Readers::Usual, write)
}

/// Replaces a file as [`replace_file`] does; a new one can be read by this user only.
#[cfg(feature = "fetch")]
pub(crate) fn replace_private(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    replace(path, Readers::Owner, write)
}

fn replace(path: &Path, readers: Readers, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // Opened even if it is replaced, so that a read-only file stays as it is.
    let permissions = match OpenOptions::new().write(true).open(path) {
        Ok(file) => match file.metadata()? {
            known if known.is_file() => Some(known.permissions()),
            _ => return buffered(file, write),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let target = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    // Nobody else reads it before it has the permissions of the file that it replaces.
    let readers = if permissions.is_some() { Readers::Owner } else { readers };
    let (file, temporary) = create_beside(&target, readers)?;
    let written = || {
        buffered(&file, write)?;
        if let Some(permissions) = permissions {
            file.set_permissions(permissions)?;
        }
        file.sync_all()?;
        fs::rename(&temporary, &target)
    };
    written().inspect_err(|_| {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
    })
}

pub(super) fn buffered(out: impl Write, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let mut out = BufWriter::new(out);
    write(&mut out)?;
    out.flush()
}

/// Creates a file with a hidden name of its own, so that nobody can put a link in its place.
fn create_beside(target: &Path, readers: Readers) -> io::Result<(File, PathBuf)> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut name = OsString::from(".");
    name.push(target.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", unguessable()));
    let temporary = target.with_file_name(name);
    options.open(&temporary).map(|file| (file, temporary))
}

/// Text for a name that nobody can guess: its keys are of the system's random numbers.
pub(crate) fn unguessable() -> String {
    format!("{:016x}", RandomState::new().hash_one(()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use std::{env, process};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = env::temp_dir().join(format!("heapdiff-{name}-{}", process::id()));
        fs::create_dir_all(&folder).unwrap();
        folder
    }

    #[test]
    fn files_are_replaced_whole_or_not_at_all() {
        let folder = folder("output");
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

    #[test]
    fn no_two_temporary_files_have_one_name() {
        let folder = folder("names");
        let (_, one) = create_beside(&folder.join("file"), Readers::Usual).unwrap();
        let (_, other) = create_beside(&folder.join("file"), Readers::Usual).unwrap();
        assert_ne!(one, other);
        fs::remove_dir_all(folder).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn permissions_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder("modes");
        let at = |name: &str| folder.join(name);
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        let write = |name: &str| replace_file(&at(name), |out| out.write_all(b"new"));
        replace(&at("private"), Readers::Owner, |_| Ok(())).unwrap();
        fs::write(at("known"), "old").unwrap();
        fs::set_permissions(at("known"), PermissionsExt::from_mode(0o640)).unwrap();
        symlink("known", at("link")).unwrap();
        symlink("nothing", at("dangling")).unwrap();
        for name in ["private", "link", "dangling"] {
            write(name).unwrap();
        }
        assert_eq!([mode("private"), mode("known")], [0o600, 0o640]);
        assert_eq!(fs::read_to_string(at("known")).unwrap(), "new");
        assert!(at("link").is_symlink() && !at("dangling").is_symlink() && !at("nothing").exists());
        fs::set_permissions(at("known"), PermissionsExt::from_mode(0o440)).unwrap();
        // Who may do everything may write this, too.
        assert!(write("known").is_err() || fs::read_to_string(at("known")).unwrap() == "new");
        fs::remove_dir_all(folder).unwrap();
    }
}
