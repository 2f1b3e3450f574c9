//! What makes a site: its key at a granularity, and the stable id made of it.

use std::borrow::Cow;

use super::Names;
use super::go::{Name, import_path};

/// What a site is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Granularity {
    /// A line of a function.
    Lines,
    /// A function.
    Functions,
    /// A source file.
    Files,
    /// A package.
    Packages,
    /// The function, in the program's own code, for which the memory was allocated.
    Owner,
}

impl Granularity {
    /// Its name on the command line and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Granularity::Lines => "lines",
            Granularity::Functions => "functions",
            Granularity::Files => "files",
            Granularity::Packages => "packages",
            Granularity::Owner => "owner",
        }
    }
}

/// Where in a function a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineAnchor<'p> {
    /// Lines from the function's first, which code added above the function does not change.
    Offset(i64),
    /// Likewise, but of one file only, where files are the sites: functions of different files may have
    /// the same name.
    InFile {
        /// The file.
        file: &'p [u8],
        /// Lines from the function's first.
        offset: i64,
    },
    /// Where the first line is unknown, and so the best there is.
    Absolute {
        /// The file.
        file: &'p [u8],
        /// The line; 0 when unknown, too.
        line: i64,
    },
    /// The first line of the function is known, but not this one.
    Unknown,
}

/// What tells sites apart, the same in two builds. Ordered by name, then place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteKey<'p> {
    /// A line of a function.
    Line(Name<'p>, LineAnchor<'p>),
    /// A function.
    Function(Name<'p>),
    /// A source file.
    File(&'p [u8]),
    /// A package, by its import path as it stands in function names.
    Package(&'p [u8]),
    /// Code without a symbol: the file it was mapped from, and where in it.
    Address {
        /// Base name of the file; empty where no mapping is known.
        binary: &'p [u8],
        /// Offset in the file, or the address where no mapping is known.
        offset: u64,
    },
    /// A file of code without symbols or packages, for the granularities that are coarser than functions.
    Binary(&'p [u8]),
    /// A sample with an empty stack.
    NoStack,
}

impl<'p> SiteKey<'p> {
    /// The same, its names in `names`.
    pub fn kept<'n>(&self, names: &'n Names) -> SiteKey<'n> {
        match *self {
            SiteKey::Line(name, place) => SiteKey::Line(
                name.kept(names),
                match place {
                    LineAnchor::Offset(offset) => LineAnchor::Offset(offset),
                    LineAnchor::InFile { file, offset } => LineAnchor::InFile { file: names.keep(file), offset },
                    LineAnchor::Absolute { file, line } => LineAnchor::Absolute { file: names.keep(file), line },
                    LineAnchor::Unknown => LineAnchor::Unknown,
                },
            ),
            SiteKey::Function(name) => SiteKey::Function(name.kept(names)),
            SiteKey::File(file) => SiteKey::File(names.keep(file)),
            SiteKey::Package(package) => SiteKey::Package(names.keep(package)),
            SiteKey::Address { binary, offset } => SiteKey::Address { binary: names.keep(binary), offset },
            SiteKey::Binary(binary) => SiteKey::Binary(names.keep(binary)),
            SiteKey::NoStack => SiteKey::NoStack,
        }
    }

    /// The name to show where there is no function.
    pub fn name(&self) -> Cow<'p, str> {
        match *self {
            SiteKey::Line(name, _) | SiteKey::Function(name) if name.is_empty() => Cow::Borrowed("<unknown>"),
            SiteKey::Line(name, _) | SiteKey::Function(name) => name.text(),
            SiteKey::File(b"") => Cow::Borrowed("<unknown>"),
            SiteKey::File(bytes) => String::from_utf8_lossy(bytes),
            SiteKey::Package(bytes) => import_path(bytes),
            SiteKey::Binary(b"") => Cow::Borrowed("<unknown>"),
            SiteKey::Binary(bytes) => Cow::Owned(format!("[{}]", String::from_utf8_lossy(bytes))),
            SiteKey::Address { binary: b"", offset } => Cow::Owned(format!("{offset:#x}")),
            SiteKey::Address { binary, offset } => {
                Cow::Owned(format!("{}+{offset:#x}", String::from_utf8_lossy(binary)))
            }
            SiteKey::NoStack => Cow::Borrowed("<no stack>"),
        }
    }

    /// An id that is the same in two builds: of no path but where a file is the site, no address but in a
    /// file, and no line but where it cannot be counted from the function's first. The scheme has a
    /// version, `v1`.
    pub fn site_id(&self) -> String {
        let mut hash = Fnv1a::default();
        let number = |n: i64| n.to_le_bytes();
        match *self {
            SiteKey::Line(name, place) => {
                hash.part(b"line");
                hash.part(&name.parts().concat());
                match place {
                    LineAnchor::Offset(offset) | LineAnchor::InFile { offset, .. } => hash.part(&number(offset)),
                    LineAnchor::Absolute { file, line } => {
                        hash.part(base_name(file));
                        hash.part(&number(line));
                    }
                    LineAnchor::Unknown => {}
                }
            }
            SiteKey::Function(name) => {
                hash.part(b"function");
                hash.part(&name.parts().concat());
            }
            SiteKey::File(file) => {
                hash.part(b"file");
                hash.part(file);
            }
            SiteKey::Package(package) => {
                hash.part(b"package");
                hash.part(package);
            }
            SiteKey::Address { binary, offset } => {
                hash.part(b"address");
                hash.part(binary);
                hash.part(&offset.to_le_bytes());
            }
            SiteKey::Binary(binary) => {
                hash.part(b"binary");
                hash.part(binary);
            }
            SiteKey::NoStack => hash.part(b"no stack"),
        }
        format!("v1:{:016x}", hash.0)
    }
}

/// The last element of a path.
pub(super) fn base_name(path: &[u8]) -> &[u8] {
    path.rsplit(|&byte| byte == b'/').next().unwrap_or(path)
}

/// The 64-bit FNV-1a hash: the same on every machine and in every release, unlike std's.
/// <http://www.isthe.com/chongo/tech/comp/fnv/>
struct Fnv1a(u64);

impl Default for Fnv1a {
    fn default() -> Self {
        Fnv1a(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv1a {
    /// Adds `bytes` and their length, so that parts cannot run into each other.
    fn part(&mut self, bytes: &[u8]) {
        for &byte in (bytes.len() as u64).to_le_bytes().iter().chain(bytes) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_scheme_is_pinned() {
        let line = SiteKey::Line(Name::new(b"main.f"), LineAnchor::Offset(3));
        assert_eq!(line.site_id(), "v1:6421b2796c0f49df");
        let generic = |name: &'static [u8]| SiteKey::Function(Name::new(name)).site_id();
        assert_eq!(generic(b"main.mk[go.shape.int]"), generic(b"main.mk[...]"));
        let at = |file: &'static [u8]| SiteKey::Line(Name::new(b"f"), LineAnchor::Absolute { file, line: 7 });
        assert_eq!(at(b"/home/a/x.c").site_id(), at(b"/build/b/x.c").site_id());
        assert_ne!(at(b"x.c").site_id(), at(b"y.c").site_id());
    }
}
