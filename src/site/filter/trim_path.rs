//! Prefixes removed from file names: `--trim-path`.

use crate::profile::Profile;

/// Folders removed from the front of file names, such as that of a checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrimPath(Vec<Vec<u8>>);

/// The folder a build ran in, which pprof always removes.
const ALWAYS: [&[u8]; 2] = [b"/proc/self/cwd/./", b"/proc/self/cwd/"];

impl TrimPath {
    /// Parses a list of folders separated by `:`.
    pub fn new(list: &str) -> Self {
        let folders = list.split(':').filter(|folder| !folder.is_empty());
        let with_slash = |folder: &str| if folder.ends_with('/') { folder.into() } else { format!("{folder}/").into() };
        TrimPath(folders.map(with_slash).collect())
    }

    /// The path below the first of the folders that contains it; the whole path if none does.
    pub fn trim<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let always = ALWAYS.iter().find_map(|folder| path.strip_prefix(*folder));
        self.below(path).or(always).unwrap_or(path)
    }

    fn below<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        self.0.iter().find_map(|folder| path.strip_prefix(folder.as_slice()))
    }

    /// Whether any file of a profile is in one of the folders.
    pub(in crate::site) fn matches_any(&self, profile: &Profile) -> bool {
        let in_folder = |name| self.below(profile.string(name)).is_some();
        !self.0.is_empty() && profile.functions().iter().any(|function| in_folder(function.filename))
    }
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
        ] {
            let trimmed = TrimPath::new(list).trim(path.as_bytes()).to_vec();
            assert_eq!(String::from_utf8_lossy(&trimmed), expected, "{list} {path}");
        }
    }
}
