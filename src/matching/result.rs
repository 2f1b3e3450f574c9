//! The functions of two builds that are one, though their names differ.

use std::collections::BTreeMap;

use crate::site::split_name;

/// How a pair was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The user said so.
    Told,
    /// The names differ only in what compilers and versions change.
    Name,
    /// They start at the same line.
    Line,
    /// Their package has another path.
    Package,
    /// It went to another package.
    Moved,
    /// Sizes, amounts, callers and lines.
    Evidence,
    /// A function of the current side that was split off.
    Split,
    /// A function of the base that became part of the other.
    Merged,
    /// Closures that have each other's numbers.
    Renumbered,
}

impl How {
    /// Its name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            How::Told => "told",
            How::Name => "name",
            How::Line => "line",
            How::Package => "package",
            How::Moved => "moved",
            How::Evidence => "evidence",
            How::Split => "split",
            How::Merged => "merged",
            How::Renumbered => "renumbered",
        }
    }
}

/// Another name under which the memory of a function is, or of a package or a file.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherName {
    /// The name: of the base, for [`How::Split`] of the current side. Of a package or a file, where that is the site.
    pub function: String,
    /// How it was found.
    pub how: How,
    /// From 0 to 1.
    pub confidence: f64,
    /// Of a package or a file: whether only some of its functions went there.
    pub is_part: bool,
}

/// Other names, by name of the current side.
pub type OtherNames = BTreeMap<String, Vec<OtherName>>;

/// What a side lacks of a rename.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lack {
    /// The function; it has others of the package.
    Function,
    /// All functions of the package.
    Package,
}

/// A rename of the user's that a side has nothing of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmetRename {
    /// As written.
    pub rename: String,
    /// Its number among those of the user, from 0.
    pub number: usize,
    /// What the base lacks of the old name, and the current side of the new one.
    pub lacks: [Option<Lack>; 2],
}

/// What two sides have under different names. Names are canonical.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Matching {
    /// By name of the current side: the other names.
    pub(super) other_names: OtherNames,
    /// The other names of packages, and of files.
    pub(super) coarser: [OtherNames; 2],
    /// The files of functions of the base that have other names, by these functions.
    pub(super) base_files: BTreeMap<String, String>,
    /// By name of the base: that of the current side.
    pub(super) base: BTreeMap<String, String>,
    /// By name of the current side: the name it counts with.
    pub(super) current: BTreeMap<String, String>,
    /// The files of functions of the current side that have other names.
    pub(super) files: BTreeMap<String, String>,
    /// Own functions that only the base has, and that no function of the current side matches; sorted.
    pub unpaired_gone: Vec<String>,
    /// Own functions that only the current side has, and that no function of the base matches; sorted.
    pub unpaired_new: Vec<String>,
    /// Whether functions were left unmatched as there were too many.
    pub is_limited: bool,
    /// The renames of the user that a side has nothing of.
    pub unmet: Vec<UnmetRename>,
    /// The names of the base that an allowance or a budget has, and that were taken for those of the current side.
    pub followed: Vec<(String, String)>,
}

impl Matching {
    /// The names by which the base's functions count, by their own, and the file of each on the current side.
    pub fn of_base(&self) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
        self.with_files(&self.base)
    }

    /// The names by which functions of the current side count that were split off, and the file of each.
    pub fn of_current(&self) -> impl Iterator<Item = (&str, &str, Option<&str>)> {
        self.with_files(&self.current)
    }

    fn with_files<'a>(
        &'a self,
        names: &'a BTreeMap<String, String>,
    ) -> impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)> {
        let file = |name: &str| self.files.get(name).map(String::as_str);
        names.iter().map(move |(name, new)| (name.as_str(), new.as_str(), file(new)))
    }

    /// The other names of a function of the current side.
    pub fn other_names(&self, name: &str) -> &[OtherName] {
        self.other_names.get(name).map_or(&[], Vec::as_slice)
    }

    /// The other names of a package of the current side, as function names have it.
    pub fn other_names_of_package(&self, package: &[u8]) -> &[OtherName] {
        self.coarser_names(0, package)
    }

    /// The other names of a file of the current side.
    pub fn other_names_of_file(&self, file: &[u8]) -> &[OtherName] {
        self.coarser_names(1, file)
    }

    fn coarser_names(&self, at: usize, name: &[u8]) -> &[OtherName] {
        let name = std::str::from_utf8(name).ok();
        name.and_then(|name| self.coarser[at].get(name)).map_or(&[], Vec::as_slice)
    }

    /// The packages and files of the base that the current side has as a whole under another name: that of the base, that
    /// of the current side.
    pub fn of_base_as_a_whole(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.coarser.iter().flatten();
        let names = all.flat_map(|(new, others)| others.iter().map(move |other| (new, other)));
        names.filter(|(_, other)| !other.is_part).map(|(new, other)| (other.function.as_str(), new.as_str()))
    }

    /// The files of a function of the base that has another name, and of what it is called on the current side.
    pub fn files_of(&self, base: &str) -> Option<[&str; 2]> {
        Some([self.base_files.get(base)?, self.files.get(self.base.get(base)?)?])
    }

    /// Shortens the paths of all files, as those of sites are.
    pub fn shorten_files(&mut self, shorten: impl Fn(&str) -> String) {
        let [_, files] = &mut self.coarser;
        for (file, mut others) in std::mem::take(files) {
            others.iter_mut().for_each(|other| other.function = shorten(&other.function));
            let file = shorten(&file);
            others.retain(|other| other.function != file);
            if !others.is_empty() {
                files.insert(file, others);
            }
        }
        self.files.values_mut().chain(self.base_files.values_mut()).for_each(|file| *file = shorten(file));
    }

    /// The functions of the same package that are gone, if only the current side has the function `name`.
    pub fn gone_beside(&self, name: &str) -> Option<Vec<String>> {
        self.unpaired_new.binary_search_by(|known| known.as_str().cmp(name)).ok()?;
        let package = split_name(name).0;
        let gone = self.unpaired_gone.iter().filter(|gone| split_name(gone).0 == package);
        Some(gone.cloned().collect())
    }

    /// Number of pairs.
    pub fn pairs(&self) -> usize {
        self.other_names.values().map(Vec::len).sum()
    }

    /// Adds that `base` is what the current side calls `current`.
    pub(super) fn add_base(&mut self, base: &str, current: &str, how: How, confidence: f64) {
        if base != current && !self.base.contains_key(base) {
            self.base.insert(base.to_owned(), current.to_owned());
            self.add_name(current, base, how, confidence);
        }
    }

    /// Adds that `part` counts with `whole`, both of the current side.
    pub(super) fn add_current(&mut self, part: &str, whole: &str, how: How, confidence: f64) {
        if part != whole && !self.current.contains_key(part) {
            self.current.insert(part.to_owned(), whole.to_owned());
            // Other copies of a closure are not worth a word.
            if how == How::Split {
                self.add_name(whole, part, how, confidence);
            }
        }
    }

    fn add_name(&mut self, name: &str, other: &str, how: How, confidence: f64) {
        let others = self.other_names.entry(name.to_owned()).or_default();
        others.push(OtherName { function: other.to_owned(), how, confidence, is_part: false });
        others.sort_by(|a, b| (a.how, &a.function).cmp(&(b.how, &b.function)));
    }
}
