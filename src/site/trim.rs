//! `--trim-path`: prefixes that file names are rid of.

use crate::profile::Profile;

/// Prefixes of file names that are of no interest, such as the folder of a checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrimPath(Vec<Vec<u8>>);

/// What pprof always strips: the folder that a build ran in.
const ALWAYS: [&[u8]; 2] = [b"/proc/self/cwd/./", b"/proc/self/cwd/"];

impl TrimPath {
    /// The folders of a list with `:` between them.
    pub fn new(list: &str) -> Self {
        let folders = list.split(':').filter(|folder| !folder.is_empty());
        let with_slash = |folder: &str| if folder.ends_with('/') { folder.into() } else { format!("{folder}/").into() };
        TrimPath(folders.map(with_slash).collect())
    }

    /// The rest of a path behind the first of the folders that it is in; itself if it is in none.
    pub fn trim<'p>(&self, path: &'p [u8]) -> &'p [u8] {
        let always = ALWAYS.iter().find_map(|folder| path.strip_prefix(*folder));
        self.rest(path).or(always).unwrap_or(path)
    }

    fn rest<'p>(&self, path: &'p [u8]) -> Option<&'p [u8]> {
        self.0.iter().find_map(|folder| path.strip_prefix(folder.as_slice()))
    }

    /// Whether a file of a profile is in one of the folders.
    pub(super) fn matches_any(&self, profile: &Profile) -> bool {
        let in_folder = |name| self.rest(profile.string(name)).is_some();
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
