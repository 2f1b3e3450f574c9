//! Where a path of a profile or of a checkout may lead, which somebody else may have written: never out of a folder, nor
//! into something hidden.

use std::path::{Component, Path, PathBuf};

/// The path of a file in a folder, unless it leads out of it or into something hidden. Links are not looked at.
pub(crate) fn under(folder: &Path, file: &str) -> Option<PathBuf> {
    let file = Path::new(file);
    (file.file_name().is_some() && is_plain(file)).then(|| folder.join(file))
}

/// The path without links, if it is that of a regular file in one of these folders, whose own paths have no links, and
/// nothing between the two is hidden.
pub(crate) fn resolved_within(folders: &[PathBuf], path: &Path) -> Option<PathBuf> {
    let path = path.canonicalize().ok()?;
    let is_in = |folder: &PathBuf| path.strip_prefix(folder).is_ok_and(is_plain);
    (folders.iter().any(is_in) && path.is_file()).then_some(path)
}

fn is_plain(path: &Path) -> bool {
    path.components().all(|part| match part {
        Component::Normal(name) => !name.as_encoded_bytes().starts_with(b"."),
        Component::CurDir => true,
        _ => false,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn nothing_leads_out_of_a_folder() {
        let under = |file: &str| super::under(Path::new("/src"), file);
        for file in ["../a", "a/../../b", "/etc/passwd", "", ".", "a/..", ".env", "a/.git/config", "./../a"] {
            assert_eq!(under(file), None, "{file}");
        }
        assert_eq!(under("a/b.go").unwrap(), Path::new("/src/a/b.go"));
        assert_eq!(under("./a/b.go").unwrap(), Path::new("/src/./a/b.go"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_judged_by_where_they_lead() {
        use std::os::unix::fs::symlink;
        use std::{env, fs, process};
        let root = env::temp_dir().join(format!("heapdiff-within-{}", process::id()));
        fs::create_dir_all(root.join("checkout/.git")).unwrap();
        let root = root.canonicalize().unwrap();
        for file in ["secret.go", "checkout/a.go", "checkout/.git/b.go"] {
            fs::write(root.join(file), "").unwrap();
        }
        let links = [
            ("in.go", "a.go"),
            ("out.go", "../secret.go"),
            ("hidden.go", ".git/b.go"),
            ("zero.go", "/dev/zero"),
            ("loop.go", "loop.go"),
            ("folder", ".."),
        ];
        for (link, to) in links {
            symlink(to, root.join("checkout").join(link)).unwrap();
        }
        let folders = [root.join("checkout")];
        let within = |file: &str| resolved_within(&folders, &root.join("checkout").join(file));
        assert_eq!(within("in.go"), Some(root.join("checkout/a.go")));
        for file in ["out.go", "hidden.go", "zero.go", "loop.go", "folder/secret.go", "folder", "none.go", ""] {
            assert_eq!(within(file), None, "{file}");
        }
        fs::remove_dir_all(root).unwrap();
    }
}
