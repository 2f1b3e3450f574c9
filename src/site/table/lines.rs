//! The distinct lines of code on the stacks of one side, in order of appearance.
//!
//! A monolith has hundreds of thousands, so a line is a few numbers: its symbol and its file are indexes, and a
//! function's name is hashed once and not for each of its lines.

use std::hash::BuildHasher;

use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};

use crate::index::{NONE, index};
use crate::site::go::{Name, OwnerName, RuntimeClass};
use crate::site::key::{LineAnchor, SiteKey};
use crate::site::name_arena::NameArena;

/// A line of code on a live stack.
#[derive(Debug, Clone, Copy)]
pub struct CodeLine<'p> {
    /// What distinguishes it from other lines; at granularity `lines` also the key of its site.
    pub key: SiteKey<'p>,
    /// Its file as named in the profile, or without the trimmed prefix. Where builds or instantiations disagree, the
    /// first by name.
    pub file: &'p [u8],
    /// Line number in the file; 0 if unknown.
    pub line: i64,
}

impl<'p> CodeLine<'p> {
    /// The function it is in; `None` for code without a symbol.
    pub fn function(&self) -> Option<Name<'p>> {
        match self.key {
            SiteKey::Line(name, _) => Some(name),
            _ => None,
        }
    }
}

/// What a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Symbol<'p> {
    Function(Name<'p>),
    /// Code without a symbol, as in [`SiteKey::Address`].
    Address {
        binary: &'p [u8],
        offset: u64,
    },
    /// The runtime's own memory of a class, whatever the function.
    Runtime(RuntimeClass),
    /// No code: the stack is empty.
    NoStack,
}

impl<'p> From<OwnerName<'p>> for Symbol<'p> {
    fn from(owner: OwnerName<'p>) -> Self {
        match owner {
            OwnerName::Function(name) => Symbol::Function(name),
            OwnerName::Runtime(class) => Symbol::Runtime(class),
        }
    }
}

impl Symbol<'_> {
    fn copy_into<'n>(&self, arena: &'n NameArena) -> Symbol<'n> {
        match *self {
            Symbol::Function(name) => Symbol::Function(name.copy_into(arena)),
            Symbol::Address { binary, offset } => Symbol::Address { binary: arena.keep(binary), offset },
            Symbol::Runtime(class) => Symbol::Runtime(class),
            Symbol::NoStack => Symbol::NoStack,
        }
    }
}

/// What distinguishes lines of one table: a [`SiteKey`] with indexes for names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LineKey {
    symbol: u32,
    /// [`NO_FILE`] if the file does not matter; with the bit [`ABSOLUTE`] if `offset` is a line number of the file.
    file: u32,
    /// Lines from the function's first, or a line number; [`UNKNOWN`] if neither is known.
    offset: i64,
}

const NO_FILE: u32 = u32::MAX;
const ABSOLUTE: u32 = 1 << 31;
const UNKNOWN: i64 = i64::MIN;

impl LineKey {
    /// The key of a line of a symbol; `file` is the index of its file.
    pub(super) fn new(symbol: u32, anchor: LineAnchor<'_>, file: u32) -> Self {
        let (file, offset) = match anchor {
            LineAnchor::Offset(offset) => (NO_FILE, offset),
            LineAnchor::Unknown => (NO_FILE, UNKNOWN),
            LineAnchor::InFile { offset, .. } => (file, offset),
            LineAnchor::Absolute { line, .. } => (file | ABSOLUTE, line),
        };
        LineKey { symbol, file, offset }
    }
}

/// Where a line is shown to be.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Position {
    /// Index of the file.
    file: u32,
    line: i64,
}

/// Shows a line at `other`, if that is first by the name of its file and its number: builds may name the file differently,
/// and functions of one name may have one line at several places. Which sample comes first decides nothing.
#[inline]
fn show_first(shown: &mut Position, other: Position, files: &Interner<&[u8], ()>) {
    let place = |at: Position| (files.get_index(at.file as usize), at.line);
    if *shown != other && place(other) < place(*shown) {
        *shown = other;
    }
}

/// A line of a function whose first line is known.
#[derive(Debug, Clone, Copy)]
pub struct OffsetLine<'p> {
    /// The function.
    pub function: Name<'p>,
    /// Lines from the function's first.
    pub offset: i64,
    /// Line number in the file.
    pub line: i64,
}

/// Entries by key, in order of first appearance, so that no hash decides an order. SipHash would take a fifth of a
/// large run.
pub(super) type Interner<K, V> = indexmap::IndexMap<K, V, foldhash::fast::RandomState>;

/// The lines, by index.
#[derive(Debug, Default)]
pub(super) struct LineTable<'p> {
    symbols: Interner<Symbol<'p>, ()>,
    files: Interner<&'p [u8], ()>,
    lines: Interner<LineKey, Position>,
    /// Symbols of the functions that initialise a package's variables.
    initializers: Vec<u32>,
}

impl<'p> LineTable<'p> {
    pub(super) fn len(&self) -> usize {
        self.lines.len()
    }

    /// Makes room in an empty table, so that a large one is not rebuilt as it grows.
    pub(super) fn reserve(&mut self, symbols: usize, lines: usize) {
        if self.lines.is_empty() {
            self.symbols.reserve_exact(symbols);
            self.lines.reserve_exact(lines);
        }
    }

    /// Interns a symbol.
    pub(super) fn symbol(&mut self, symbol: Symbol<'_>, arena: &'p NameArena) -> u32 {
        let hash = self.symbols.hasher().hash_one(symbol);
        match self.symbols.raw_entry_mut_v1().from_hash(hash, |known| *known == symbol) {
            RawEntryMut::Occupied(entry) => index(entry.index()),
            RawEntryMut::Vacant(entry) => {
                let at = index(entry.index());
                entry.insert_hashed_nocheck(hash, symbol.copy_into(arena), ());
                if matches!(symbol, Symbol::Function(name) if name.is_initializer()) {
                    self.initializers.push(at);
                }
                at
            }
        }
    }

    /// Interns the name of a file.
    pub(super) fn file(&mut self, file: &[u8], arena: &'p NameArena) -> u32 {
        match self.files.get_index_of(file) {
            Some(known) => index(known),
            None => index(self.files.insert_full(arena.keep(file), ()).0),
        }
    }

    /// Interns line number `line` of the file with index `file`. Returns its index, and whether it is new.
    pub(super) fn line(&mut self, key: LineKey, file: u32, line: i64) -> (u32, bool) {
        let count = self.lines.len();
        let entry = self.lines.entry(key);
        let at = entry.index();
        show_first(entry.or_insert(Position { file, line }), Position { file, line }, &self.files);
        (index(at), at == count)
    }

    /// The line with an index; one without a stack for an index that does not exist.
    pub(super) fn get(&self, index: usize) -> CodeLine<'p> {
        let Some((key, shown)) = self.lines.get_index(index) else {
            return CodeLine { key: SiteKey::NoStack, file: b"", line: 0 };
        };
        CodeLine { key: self.site_key(key), file: self.file_name(shown.file), line: shown.line }
    }

    fn site_key(&self, key: &LineKey) -> SiteKey<'p> {
        let anchor = match key.file {
            NO_FILE if key.offset == UNKNOWN => LineAnchor::Unknown,
            NO_FILE => LineAnchor::Offset(key.offset),
            file if file & ABSOLUTE != 0 => {
                LineAnchor::Absolute { file: self.file_name(file & !ABSOLUTE), line: key.offset }
            }
            file => LineAnchor::InFile { file: self.file_name(file), offset: key.offset },
        };
        match self.symbols.get_index(key.symbol as usize) {
            Some((&Symbol::Function(name), ())) => SiteKey::Line(name, anchor),
            Some((&Symbol::Address { binary, offset }, ())) => SiteKey::Address { binary, offset },
            Some((&Symbol::Runtime(class), ())) => SiteKey::Runtime(class),
            Some((&Symbol::NoStack, ())) | None => SiteKey::NoStack,
        }
    }

    fn file_name(&self, file: u32) -> &'p [u8] {
        self.files.get_index(file as usize).map_or(&b""[..], |(&name, ())| name)
    }

    /// The index of the line with a key.
    pub(super) fn index_of(&self, key: &SiteKey<'p>) -> Option<usize> {
        let (symbol, anchor) = match *key {
            SiteKey::Line(name, anchor) => (Symbol::Function(name), anchor),
            SiteKey::Address { binary, offset } => (Symbol::Address { binary, offset }, LineAnchor::Unknown),
            SiteKey::NoStack => (Symbol::NoStack, LineAnchor::Unknown),
            _ => return None,
        };
        let file = match anchor {
            LineAnchor::InFile { file, .. } | LineAnchor::Absolute { file, .. } => {
                index(self.files.get_index_of(file)?)
            }
            LineAnchor::Offset(_) | LineAnchor::Unknown => NO_FILE,
        };
        let symbol = index(self.symbols.get_index_of(&symbol)?);
        self.lines.get_index_of(&LineKey::new(symbol, anchor, file))
    }

    /// By symbol: its index in `other`, or [`NONE`].
    pub(super) fn match_symbols(&self, other: &LineTable<'p>) -> Vec<u32> {
        self.symbols.keys().map(|symbol| other.symbols.get_index_of(symbol).map_or(NONE, index)).collect()
    }

    /// By line: its index in `other`, or [`NONE`]. Names are compared once for each symbol, not for each line.
    pub(super) fn match_lines(&self, other: &LineTable<'p>) -> Vec<u32> {
        let symbols = self.match_symbols(other);
        let find = |key: &LineKey| match symbols[key.symbol as usize] {
            // Files have other indexes there.
            _ if key.file != NO_FILE => other.index_of(&self.site_key(key)),
            NONE => None,
            symbol => other.lines.get_index_of(&LineKey { symbol, ..*key }),
        };
        self.lines.keys().map(|key| find(key).map_or(NONE, index)).collect()
    }

    /// The lines of functions that initialise a package's variables, if the function's first line is known.
    pub(super) fn initializer_lines(&self) -> Vec<OffsetLine<'p>> {
        let mut wanted = vec![false; self.symbols.len()];
        self.initializers.iter().for_each(|&symbol| wanted[symbol as usize] = true);
        self.offset_lines(&wanted)
    }

    /// The lines of the functions that `wanted` accepts, if the function's first line is known.
    pub(super) fn lines_of_functions(&self, wanted: impl Fn(Name<'p>) -> bool) -> Vec<OffsetLine<'p>> {
        let wanted = |symbol: &Symbol<'p>| matches!(symbol, Symbol::Function(name) if wanted(*name));
        self.offset_lines(&self.symbols.keys().map(wanted).collect::<Vec<_>>())
    }

    /// `wanted`: by symbol.
    fn offset_lines(&self, wanted: &[bool]) -> Vec<OffsetLine<'p>> {
        // Larger numbers would overflow and mean nothing; one of them stands for an unknown offset.
        const END_OF_LINES: u64 = 1 << 32;
        let lines = self.lines.iter().filter(|(key, _)| wanted[key.symbol as usize] && key.file == NO_FILE);
        let lines = lines.filter_map(|(&LineKey { symbol, offset, .. }, &Position { line, .. })| {
            let Some((&Symbol::Function(function), ())) = self.symbols.get_index(symbol as usize) else { return None };
            let is_sane = offset.unsigned_abs().max(line.unsigned_abs()) < END_OF_LINES;
            is_sane.then_some(OffsetLine { function, offset, line })
        });
        lines.collect()
    }

    /// Keys the lines of functions by file and line number. Returns each line's new index: lines with different
    /// offsets may be one line of a file.
    ///
    /// An initialiser has lines of all files of its package, of which Go's protobuf profiles name only one, so its
    /// file is left out.
    pub(super) fn rekey_by_file_line(&mut self) -> Vec<u32> {
        let lines = std::mem::take(&mut self.lines);
        let no_name = index(self.files.insert_full(b"", ()).0);
        let mut new_index = Vec::with_capacity(lines.len());
        for (key, shown) in lines {
            let is_function = matches!(self.symbols.get_index(key.symbol as usize), Some((Symbol::Function(_), ())));
            let file = if self.initializers.contains(&key.symbol) { no_name } else { shown.file };
            let absolute = LineKey { file: file | ABSOLUTE, offset: shown.line, ..key };
            let entry = self.lines.entry(if is_function { absolute } else { key });
            new_index.push(index(entry.index()));
            show_first(entry.or_insert(shown), shown, &self.files);
        }
        new_index
    }
}
