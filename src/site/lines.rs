//! The distinct lines of code on the stacks of one side, in order of appearance.
//!
//! A monolith has hundreds of thousands, so a line is a few numbers here: its function and its file are
//! indexes, and a function's name is hashed once and not for each of its lines.

use super::key::{Place, SiteKey};
use super::{CodeLine, Interner, Name};

/// What a line is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Code<'p> {
    Function(Name<'p>),
    /// Code without a symbol, as in [`SiteKey::Address`].
    Address {
        binary: &'p [u8],
        offset: u64,
    },
    /// No code: the stack is empty.
    NoStack,
}

/// What tells lines apart: indexes, and the offset in the function or the number in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LineKey {
    code: u32,
    /// [`NO_FILE`] where the file does not matter; with the bit [`ABSOLUTE`] for a line of the file.
    file: u32,
    /// [`UNKNOWN`] where there is none.
    offset: i64,
}

const NO_FILE: u32 = u32::MAX;
const ABSOLUTE: u32 = 1 << 31;
const UNKNOWN: i64 = i64::MIN;

#[derive(Debug, Clone, Copy)]
struct LineInfo {
    file: u32,
    line: i64,
}

/// The lines, by index.
#[derive(Debug, Default)]
pub(super) struct Lines<'p> {
    codes: Interner<Code<'p>, ()>,
    files: Interner<&'p [u8], ()>,
    lines: Interner<LineKey, LineInfo>,
}

impl<'p> Lines<'p> {
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// The index of what lines are in.
    pub(super) fn code(&mut self, code: Code<'p>) -> u32 {
        index(self.codes.insert_full(code, ()).0)
    }

    /// The index of a file.
    pub(super) fn file(&mut self, file: &'p [u8]) -> u32 {
        index(self.files.insert_full(file, ()).0)
    }

    /// The index of line number `line` of a file, and whether it is new.
    pub(super) fn intern(&mut self, key: LineKey, file: u32, line: i64) -> (u32, bool) {
        let count = self.lines.len();
        let entry = self.lines.entry(key);
        let at = entry.index();
        let info = entry.or_insert(LineInfo { file, line });
        // Of the files that have it, as builds do, the first by name: in whatever order the samples came.
        if info.file != file {
            let name = |file: u32| self.files.get_index(file as usize);
            if (name(file), line) < (name(info.file), info.line) {
                *info = LineInfo { file, line };
            }
        }
        (index(at), at == count)
    }

    /// The line with an index; one without a stack for an index that does not exist.
    pub(super) fn get(&self, index: usize) -> CodeLine<'p> {
        let Some((key, info)) = self.lines.get_index(index) else {
            return CodeLine { key: SiteKey::NoStack, file: b"", line: 0 };
        };
        CodeLine { key: self.key(key), file: self.file_name(info.file), line: info.line }
    }

    fn key(&self, key: &LineKey) -> SiteKey<'p> {
        let place = match key.file {
            NO_FILE if key.offset == UNKNOWN => Place::Unknown,
            NO_FILE => Place::Offset(key.offset),
            file if file & ABSOLUTE != 0 => {
                Place::Absolute { file: self.file_name(file & !ABSOLUTE), line: key.offset }
            }
            file => Place::InFile { file: self.file_name(file), offset: key.offset },
        };
        match self.codes.get_index(key.code as usize) {
            Some((&Code::Function(name), ())) => SiteKey::Line(name, place),
            Some((&Code::Address { binary, offset }, ())) => SiteKey::Address { binary, offset },
            Some((&Code::NoStack, ())) | None => SiteKey::NoStack,
        }
    }

    fn file_name(&self, file: u32) -> &'p [u8] {
        self.files.get_index(file as usize).map_or(&b""[..], |(&name, ())| name)
    }

    /// The index of the line with a key.
    pub(super) fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        let (code, place) = match *key {
            SiteKey::Line(name, place) => (Code::Function(name), place),
            SiteKey::Address { binary, offset } => (Code::Address { binary, offset }, Place::Unknown),
            SiteKey::NoStack => (Code::NoStack, Place::Unknown),
            _ => return None,
        };
        let file = match place {
            Place::InFile { file, .. } | Place::Absolute { file, .. } => index(self.files.get_index_of(file)?),
            Place::Offset(_) | Place::Unknown => NO_FILE,
        };
        let code = index(self.codes.get_index_of(&code)?);
        self.lines.get_index_of(&LineKey::new(code, place, file))
    }
}

impl LineKey {
    /// The key of a line at a place, whose file has an index.
    pub(super) fn new(code: u32, place: Place<'_>, file: u32) -> Self {
        let (file, offset) = match place {
            Place::Offset(offset) => (NO_FILE, offset),
            Place::Unknown => (NO_FILE, UNKNOWN),
            Place::InFile { offset, .. } => (file, offset),
            Place::Absolute { line, .. } => (file | ABSOLUTE, line),
        };
        LineKey { code, file, offset }
    }
}

/// There are never 2³¹ of anything here: each takes more than a byte of a file in memory.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
