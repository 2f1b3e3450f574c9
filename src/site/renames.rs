//! Other names for functions, by which two builds have the same sites.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::go::Name;

/// The names by which functions count instead of their own, and their files.
#[derive(Debug, Clone, Default)]
pub struct Renames(HashMap<Box<[u8]>, Renamed, RandomState>);

#[derive(Debug, Clone)]
struct Renamed {
    name: Box<[u8]>,
    file: Option<Box<[u8]>>,
}

impl Renames {
    /// Renames functions: each by its canonical name, the new one, and the new file if there is one.
    pub fn new<'a>(renames: impl Iterator<Item = (&'a str, &'a str, Option<&'a str>)>) -> Self {
        let bytes = |text: &str| Box::from(text.as_bytes());
        let renamed = |(old, name, file): (&str, &str, Option<&str>)| {
            (bytes(old), Renamed { name: bytes(name), file: file.map(bytes) })
        };
        Renames(renames.map(renamed).collect())
    }

    /// Whether no function has another name.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The name and the file by which a function counts.
    pub(in crate::site) fn apply<'a>(&'a self, name: &'a [u8], file: &'a [u8]) -> (Name<'a>, &'a [u8]) {
        let own = Name::new(name);
        match self.0.get(own.parts().concat().as_slice()) {
            Some(renamed) => (Name::new(&renamed.name), renamed.file.as_deref().unwrap_or(file)),
            None => (own, file),
        }
    }
}
