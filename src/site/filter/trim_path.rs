//! Prefixes removed from file names: `--trim-path`.

use crate::profile::Profile;

/// Folders removed from the front of file names, such as that of a checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrimPath(Vec<Vec<u8>>);

/// The folder a build ran in, which pprof always removes.
const ALWAYS: [&[u8]; 2] = [b"/proc/self/cwd/./", b"/proc/self/cwd/"];

impl TrimPath {
    /// Parses a list of folders separated by `:`, which after a drive letter of Windows separates nothing.
    pub fn new(list: &str) -> Self {
        let mut folders: Vec<String> = Vec::new();
        for part in list.split(':') {
            match folders.last_mut() {
                Some(drive) if is_letter(drive) && part.starts_with(SLASHES) => *drive = format!("{drive}:{part}"),
                _ => folders.push(part.to_owned()),
            }
        }
        folders.retain(|folder| !folder.is_empty());
        let with_slash = |folder: String| if folder.ends_with(SLASHES) { folder } else { folder + "/" };
        TrimPath(folders.into_iter().map(|folder| with_slash(folder).into_bytes()).collect())
    }

    /// The path below the first of the folders that contains it; the whole path if none does.
    pub fn trim<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let always = ALWAYS.iter().find_map(|folder| path.strip_prefix(*folder));
        self.below(path).or(always).unwrap_or(path)
    }

    fn below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        let is_in = |folder: &&Vec<u8>| path.len() >= folder.len() && folder.iter().zip(path).all(is_same);
        self.0.iter().find(is_in).map(|folder| &path[folder.len()..])
    }

    /// Whether any file of a profile is in one of the folders.
    pub(in crate::site) fn matches_any(&self, profile: &Profile) -> bool {
        let in_folder = |name| self.below(profile.string(name)).is_some();
        !self.0.is_empty() && profile.functions().iter().any(|function| in_folder(function.filename))
    }
}

/// What separates folders; the second one on Windows.
const SLASHES: [char; 2] = ['/', '\\'];

fn is_letter(text: &str) -> bool {
    matches!(text.as_bytes(), [letter] if letter.is_ascii_alphabetic())
}

/// Whether two bytes of paths are the same: either slash is, as Go writes `/` on Windows, too.
fn is_same((a, b): (&u8, &u8)) -> bool {
    let slash = |byte: u8| if byte == b'\\' { b'/' } else { byte };
    slash(*a) == slash(*b)
}

#[cfg(test)]
mod tests {
    use super::TrimPath;

    #[test]
    fn the_first_folder_that_a_path_is_in_goes() {
        for (list, path, expected) in [
            ("/src", "/src/a/b.go", "a/b.go"),
            ("/src/", "/src/a/b.go", "a/b.go"),
            ("/src", "/source/b.go", "/source/b.go"),
            ("/home:/src:/src/a", "/src/a/b.go", "a/b.go"),
            ("/src/a:/src", "/src/a/b.go", "b.go"),
            ("/src:", "/a.go", "/a.go"),
            ("", "/proc/self/cwd/a.go", "a.go"),
            ("", "/proc/self/cwd/./a.go", "a.go"),
            ("/proc", "/proc/self/cwd/a.go", "self/cwd/a.go"),
            ("", "a.go", "a.go"),
            ("C:/Users/bob/src", "C:/Users/bob/src/acme/a.go", "acme/a.go"),
            (r"C:\Users\bob", "C:/Users/bob/src/a.go", "src/a.go"),
            ("/src:D:/b/:e:/", r"D:\b\src\a.go", r"src\a.go"),
            ("/src:D:/b:/c", "/c/a.go", "a.go"),
            ("C:/src", "/src/a.go", "/src/a.go"),
        ] {
            let trimmed = TrimPath::new(list).trim(path.as_bytes()).to_vec();
            assert_eq!(String::from_utf8_lossy(&trimmed), expected, "{list} {path}");
        }
    }
}
