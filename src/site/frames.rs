//! What the frames of one profile are: lines of code, each looked up once.

use std::collections::HashMap;

use super::aggregate::Aggregator;
use super::key::base_name;
use super::lines::{Code, LineKey};
use super::stack::Stacks;
use super::{Granularity, Name, Place, is_standard};
use crate::profile::{Function, Line, LocationId, Profile, StrId};

/// A line by its index, and whether it is the program's own code, neither Go's library nor of another
/// language. In 32 bits, so that those of a large profile fit into a cache.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct LineRef(u32);

impl LineRef {
    const OWN: u32 = 1 << 31;
    /// One that was not looked up.
    const UNKNOWN: LineRef = LineRef(u32::MAX);

    pub(super) fn new(index: u32, own: bool) -> Self {
        LineRef(if own { index | Self::OWN } else { index })
    }

    pub(super) fn index(self) -> u32 {
        self.0 & !Self::OWN
    }

    pub(super) fn is_own(self) -> bool {
        self.0 & Self::OWN != 0
    }
}

/// What the frames of one profile are, looked up once each.
pub(super) struct Frames<'p> {
    profile: &'p Profile,
    is_go: bool,
    functions: Vec<FunctionRef>,
    /// By index in [`Profile::lines`].
    of_line: Vec<LineRef>,
    of_address: HashMap<LocationId, LineRef>,
}

/// A function of a profile: the indexes of its name and its file, and whether it is the program's own.
#[derive(Clone, Copy)]
struct FunctionRef {
    code: u32,
    file: u32,
    own: bool,
}

impl<'p> Frames<'p> {
    pub(super) fn new(profile: &'p Profile, table: &mut Aggregator<'p, '_>) -> Self {
        let all = profile.functions();
        // Only Go's names tell a library from the program's own code.
        let is_go = all.iter().any(|function| profile.string(function.filename).ends_with(b".go"));
        table.lines.reserve(all.len(), profile.lines().len());
        let mut last_file = (StrId::default(), table.lines.file(b""));
        // All at once, in the order in which their names stand in memory; most are in the file of the one before.
        let function = |function: &Function| {
            let name = Name::new(profile.string(function.name));
            if last_file.0 != function.filename {
                last_file = (function.filename, table.lines.file(profile.string(function.filename)));
            }
            FunctionRef {
                code: table.lines.code(Code::Function(name)),
                file: last_file.1,
                own: is_go && name.package().is_some_and(|package| !is_standard(package)),
            }
        };
        let functions = all.iter().map(function).collect();
        let of_line = vec![LineRef::UNKNOWN; profile.lines().len()];
        Frames { profile, is_go, functions, of_line, of_address: HashMap::new() }
    }

    #[inline(always)]
    pub(super) fn line(&mut self, at: u32, table: &mut Aggregator<'p, '_>) -> LineRef {
        let known = self.of_line[at as usize];
        if known != LineRef::UNKNOWN {
            return known;
        }
        let line = self.symbol(at, table);
        self.of_line[at as usize] = line;
        line
    }

    /// The leaf of a visible stack, and its owner; frames that are neither are not looked up.
    pub(super) fn ends(
        &mut self,
        stacks: &Stacks<'p>,
        stack: &[LocationId],
        table: &mut Aggregator<'p, '_>,
    ) -> (LineRef, Option<LineRef>) {
        let Some((&id, callers)) = stack.split_first() else { return (table.whole(Code::NoStack), None) };
        let mut lines = stacks.lines(id);
        let leaf = match lines.next() {
            Some(at) => self.line(at, table),
            None => self.address(id, table),
        };
        if leaf.is_own() || !self.is_go {
            return (leaf, Some(leaf).filter(|leaf| leaf.is_own()));
        }
        let own = |&at: &u32| self.functions[self.profile.lines()[at as usize].function.index()].own;
        let owner = lines.find(own).or_else(|| callers.iter().find_map(|&id| stacks.lines(id).find(own)));
        (leaf, owner.map(|at| self.line(at, table)))
    }

    pub(super) fn address(&mut self, id: LocationId, table: &mut Aggregator<'p, '_>) -> LineRef {
        let profile = self.profile;
        *self.of_address.entry(id).or_insert_with(|| table.whole(address(profile, id)))
    }

    #[inline(never)]
    fn symbol(&self, at: u32, table: &mut Aggregator<'p, '_>) -> LineRef {
        let Line { function, line } = self.profile.lines()[at as usize];
        let FunctionRef { code, file, own } = self.functions[function.index()];
        let name = |function: &Function| self.profile.string(function.filename);
        let function = self.profile.function(function);
        let place = match (function.start_line, line) {
            (0, line) => Place::Absolute { file: name(function), line },
            (_, 0) => Place::Unknown,
            (start, line) => match line.checked_sub(start) {
                Some(offset) if table.granularity == Granularity::Files => {
                    Place::InFile { file: name(function), offset }
                }
                Some(offset) => Place::Offset(offset),
                None => Place::Unknown,
            },
        };
        table.line(LineKey::new(code, place, file), file, line, own)
    }
}

fn address(profile: &Profile, id: LocationId) -> Code<'_> {
    let location = profile.location(id);
    match location.mapping {
        Some(mapping) => {
            let mapping = profile.mapping(mapping);
            let offset = location.address.wrapping_sub(mapping.memory_start).wrapping_add(mapping.file_offset);
            Code::Address { binary: base_name(profile.string(mapping.filename)), offset }
        }
        None => Code::Address { binary: b"", offset: location.address },
    }
}
