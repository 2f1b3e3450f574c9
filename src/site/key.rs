//! The keys of sites and lines, the same in two builds of a program.

use std::borrow::Cow;

use super::go::{Name, OwnerName, RuntimeClass, import_path};
use super::name_arena::NameArena;

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
    /// The owner: the first function from the leaf in the program's own code.
    Owner,
    /// The owner in chains of references: the variable that holds the memory.
    Roots,
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
            Granularity::Roots => "roots",
        }
    }

    /// Whether a site is what a stack's memory is owned by, rather than its leaf.
    pub fn is_by_owner(self) -> bool {
        matches!(self, Granularity::Owner | Granularity::Roots)
    }
}

/// Position of a line in its function, or in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LineAnchor<'p> {
    /// Lines from the function's first: code added above the function does not change it.
    Offset(i64),
    /// Lines from the function's first, and the file: used where files are the sites, since functions of different
    /// files may have the same name.
    InFile {
        /// The file.
        file: &'p [u8],
        /// Lines from the function's first.
        offset: i64,
    },
    /// Line number of the file, for functions whose first line is unknown.
    Absolute {
        /// The file.
        file: &'p [u8],
        /// Line number; 0 if unknown.
        line: i64,
    },
    /// No position: the first line of the function is known, but this one is not.
    Unknown,
}

/// What distinguishes sites, the same in two builds. Ordered by name, then position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteKey<'p> {
    /// A line of a function.
    Line(Name<'p>, LineAnchor<'p>),
    /// A function.
    Function(Name<'p>),
    /// A source file.
    File(&'p [u8]),
    /// A package, by its import path as written in function names.
    Package(&'p [u8]),
    /// Code without a symbol, by its position in the file it was mapped from.
    Address {
        /// Base name of the file; empty if no mapping is known.
        binary: &'p [u8],
        /// Offset in the file, bytes; the address if no mapping is known.
        offset: u64,
    },
    /// A file of code without symbols or packages, at granularities coarser than functions.
    Binary(&'p [u8]),
    /// The runtime's own memory, at the granularity `owner`.
    Runtime(RuntimeClass),
    /// A sample with an empty stack.
    NoStack,
}

impl<'p> SiteKey<'p> {
    /// A copy whose names live in `arena`.
    pub fn copy_into<'n>(&self, arena: &'n NameArena) -> SiteKey<'n> {
        match *self {
            SiteKey::Line(name, anchor) => SiteKey::Line(
                name.copy_into(arena),
                match anchor {
                    LineAnchor::Offset(offset) => LineAnchor::Offset(offset),
                    LineAnchor::InFile { file, offset } => LineAnchor::InFile { file: arena.keep(file), offset },
                    LineAnchor::Absolute { file, line } => LineAnchor::Absolute { file: arena.keep(file), line },
                    LineAnchor::Unknown => LineAnchor::Unknown,
                },
            ),
            SiteKey::Function(name) => SiteKey::Function(name.copy_into(arena)),
            SiteKey::File(file) => SiteKey::File(arena.keep(file)),
            SiteKey::Package(package) => SiteKey::Package(arena.keep(package)),
            SiteKey::Address { binary, offset } => SiteKey::Address { binary: arena.keep(binary), offset },
            SiteKey::Binary(binary) => SiteKey::Binary(arena.keep(binary)),
            SiteKey::Runtime(class) => SiteKey::Runtime(class),
            SiteKey::NoStack => SiteKey::NoStack,
        }
    }

    /// The name to show.
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
            SiteKey::Runtime(class) => Cow::Borrowed(class.name()),
            SiteKey::NoStack => Cow::Borrowed("<no stack>"),
        }
    }
}

/// The key, at a granularity, of the site that a line of `file` belongs to.
pub(crate) fn site_key<'p>(granularity: Granularity, line: SiteKey<'p>, file: &'p [u8]) -> SiteKey<'p> {
    match (granularity, line) {
        (Granularity::Functions | Granularity::Owner | Granularity::Roots, SiteKey::Line(name, _)) => {
            SiteKey::Function(name)
        }
        (Granularity::Files, SiteKey::Line(..)) => SiteKey::File(file),
        (Granularity::Packages, SiteKey::Line(name, _)) => {
            name.package().map_or(SiteKey::Binary(b""), SiteKey::Package)
        }
        (Granularity::Files | Granularity::Packages, SiteKey::Address { binary, .. }) => SiteKey::Binary(binary),
        _ => line,
    }
}

/// The key, at the granularity `owner`, of what a function on a stack owns.
pub(crate) fn owner_key(function: Name<'_>) -> SiteKey<'_> {
    match OwnerName::new(function) {
        OwnerName::Function(name) => SiteKey::Function(name),
        OwnerName::Runtime(class) => SiteKey::Runtime(class),
    }
}
