//! The distinct lines of code on the stacks of one side, in order of appearance.
//!
//! A monolith has hundreds of thousands, so a line is a few numbers here: its function and its file are
//! indexes, and a function's name is hashed once and not for each of its lines.

use std::hash::BuildHasher;

use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use super::key::{LineAnchor, SiteKey};
use super::{CodeLine, Interner, Name, Names};

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

impl Code<'_> {
    fn kept<'n>(&self, names: &'n Names) -> Code<'n> {
        match *self {
            Code::Function(name) => Code::Function(name.kept(names)),
            Code::Address { binary, offset } => Code::Address { binary: names.keep(binary), offset },
            Code::NoStack => Code::NoStack,
        }
    }
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
/// What another side does not have.
pub(super) const NOWHERE: u32 = u32::MAX;

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
    /// Codes of the functions that initialise a package's variables.
    initializers: Vec<u32>,
}

impl<'p> Lines<'p> {
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Makes room for functions and lines, so that a large table is not built several times.
    pub(super) fn reserve(&mut self, functions: usize, lines: usize) {
        // Those of a profile that is summed with others are mostly known.
        if self.lines.is_empty() {
            self.codes.reserve_exact(functions);
            self.lines.reserve_exact(lines);
        }
    }

    /// The index of what lines are in.
    pub(super) fn code(&mut self, code: Code<'_>, names: &'p Names) -> u32 {
        let hash = self.codes.hasher().hash_one(code);
        let entry = self.codes.raw_entry_mut_v1().from_hash(hash, |known| *known == code);
        match entry {
            RawEntryMut::Occupied(entry) => index(entry.index()),
            RawEntryMut::Vacant(entry) => {
                let at = index(entry.index());
                entry.insert_hashed_nocheck(hash, code.kept(names), ());
                if matches!(code, Code::Function(name) if name.is_initializer()) {
                    self.initializers.push(at);
                }
                at
            }
        }
    }

    /// The lines of initialisers, as [`Lines::offsets`].
    pub(super) fn initializer_lines(&self) -> Vec<(Name<'p>, i64, i64)> {
        let mut wanted = vec![false; self.codes.len()];
        self.initializers.iter().for_each(|&code| wanted[code as usize] = true);
        self.offsets(&wanted)
    }

    /// The lines of functions that are wanted by name, as [`Lines::offsets`].
    pub(super) fn lines_of(&self, wanted: impl Fn(Name<'p>) -> bool) -> Vec<(Name<'p>, i64, i64)> {
        let wanted = |(code, ()): (&Code<'p>, &())| matches!(code, Code::Function(name) if wanted(*name));
        self.offsets(&self.codes.iter().map(wanted).collect::<Vec<_>>())
    }

    /// The lines, of the codes that are wanted, whose function's first line is known: the function, the
    /// offset in it, the line.
    fn offsets(&self, wanted: &[bool]) -> Vec<(Name<'p>, i64, i64)> {
        let lines = self.lines.iter().filter(|(key, _)| wanted[key.code as usize] && key.file == NO_FILE);
        let lines = lines.filter_map(|(key, info)| match self.codes.get_index(key.code as usize) {
            // Numbers beyond any file would overflow, and mean nothing; an unknown one is one of those.
            Some((&Code::Function(name), ())) if key.offset.unsigned_abs().max(info.line.unsigned_abs()) < 1 << 32 => {
                Some((name, key.offset, info.line))
            }
            _ => None,
        });
        lines.collect()
    }

    /// The index of a file.
    pub(super) fn file(&mut self, file: &[u8], names: &'p Names) -> u32 {
        match self.files.get_index_of(file) {
            Some(known) => index(known),
            None => index(self.files.insert_full(names.keep(file), ()).0),
        }
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
            NO_FILE if key.offset == UNKNOWN => LineAnchor::Unknown,
            NO_FILE => LineAnchor::Offset(key.offset),
            file if file & ABSOLUTE != 0 => {
                LineAnchor::Absolute { file: self.file_name(file & !ABSOLUTE), line: key.offset }
            }
            file => LineAnchor::InFile { file: self.file_name(file), offset: key.offset },
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

    /// By code: its index in `other`, or [`NOWHERE`].
    pub(super) fn codes_in(&self, other: &Lines<'p>) -> Vec<u32> {
        look_up(self.codes.len(), |at| {
            self.codes.get_index(at).and_then(|(code, ())| other.codes.get_index_of(code)).map(index)
        })
    }

    /// The index in `other` of the line with an index, with what [`Lines::codes_in`] gave.
    pub(super) fn find_in(&self, line: usize, other: &Lines<'p>, codes: &[u32]) -> Option<usize> {
        let (key, _) = self.lines.get_index(line)?;
        if key.file != NO_FILE {
            // Files have other indexes there.
            return other.index_of(&self.key(key));
        }
        match codes[key.code as usize] {
            NOWHERE => None,
            code => other.lines.get_index_of(&LineKey { code, ..*key }),
        }
    }

    /// Keys the lines of functions by their file and number. Gives, by line, its index from now on: what
    /// was told apart by offsets may be one line of a file.
    ///
    /// An initialiser has lines of all files of its package, of which a protobuf of Go's names one only, so the
    /// file says nothing there.
    pub(super) fn forget_offsets(&mut self) -> Vec<u32> {
        let lines = std::mem::take(&mut self.lines);
        let no_name = index(self.files.insert_full(b"", ()).0);
        let mut moved = Vec::with_capacity(lines.len());
        for (key, info) in lines {
            let is_function = matches!(self.codes.get_index(key.code as usize), Some((Code::Function(_), ())));
            let file = if self.initializers.contains(&key.code) { no_name } else { info.file };
            let absolute = LineKey { file: file | ABSOLUTE, offset: info.line, ..key };
            let entry = self.lines.entry(if is_function { absolute } else { key });
            moved.push(index(entry.index()));
            entry.or_insert(info);
        }
        moved
    }

    /// The index of the line with a key.
    pub(super) fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        let (code, place) = match *key {
            SiteKey::Line(name, place) => (Code::Function(name), place),
            SiteKey::Address { binary, offset } => (Code::Address { binary, offset }, LineAnchor::Unknown),
            SiteKey::NoStack => (Code::NoStack, LineAnchor::Unknown),
            _ => return None,
        };
        let file = match place {
            LineAnchor::InFile { file, .. } | LineAnchor::Absolute { file, .. } => {
                index(self.files.get_index_of(file)?)
            }
            LineAnchor::Offset(_) | LineAnchor::Unknown => NO_FILE,
        };
        let code = index(self.codes.get_index_of(&code)?);
        self.lines.get_index_of(&LineKey::new(code, place, file))
    }
}

impl LineKey {
    /// The key of a line at a place, whose file has an index.
    pub(super) fn new(code: u32, place: LineAnchor<'_>, file: u32) -> Self {
        let (file, offset) = match place {
            LineAnchor::Offset(offset) => (NO_FILE, offset),
            LineAnchor::Unknown => (NO_FILE, UNKNOWN),
            LineAnchor::InFile { offset, .. } => (file, offset),
            LineAnchor::Absolute { line, .. } => (file | ABSOLUTE, line),
        };
        LineKey { code, file, offset }
    }
}

/// What a look-up gives for each of so many indexes, or [`NOWHERE`]. In a large table each takes a few
/// looks into memory.
pub(super) fn look_up(count: usize, find: impl Fn(usize) -> Option<u32>) -> Vec<u32> {
    (0..count).map(|at| find(at).unwrap_or(NOWHERE)).collect()
}

/// There are never 2³¹ of anything here: each takes more than a byte of a file in memory.
pub(super) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
