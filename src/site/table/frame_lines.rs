//! Maps the frames of one profile to the lines of a table, each looked up once.

use std::ops::Range;

use super::lines::{Interner, LineKey, Symbol};
use super::site_index::SiteIndex;
use super::stack_owners::{FrameId, StackOwner, StackOwners};
use crate::index::{NONE, index};
use crate::paths::base_name_of_bytes;
use crate::profile::{Function, FunctionId, Line, LocationId, Profile};
use crate::site::filter::TrimPath;
use crate::site::go::{Name, Own, OwnerName};
use crate::site::key::{Granularity, LineAnchor};
use crate::site::name_arena::NameArena;
use crate::site::renames::Renames;
use crate::site::visible_stacks::VisibleStacks;

/// Stands for the line of a frame that will be looked up.
const MARKED: u32 = NONE - 1;

/// The visible frames of one profile, with what is known of each so far.
pub(super) struct FrameLines<'x, 'p> {
    profile: &'x Profile,
    stacks: &'x VisibleStacks<'x>,
    trim: &'x TrimPath,
    renames: Option<&'x Renames>,
    /// Holds the names of the table.
    arena: &'p NameArena,
    owners: StackOwners,
    /// The frames of owners that are named otherwise than their frame.
    renamed: Interner<FrameId, ()>,
    /// By function: its symbol and file in the table.
    functions: Vec<Option<FunctionRef>>,
    /// By string: the index of the file of that name in the table, or [`NONE`].
    files: Vec<u32>,
    /// By frame: the index of its line in the table, [`MARKED`] or [`NONE`].
    lines: Vec<u32>,
}

#[derive(Clone, Copy)]
struct FunctionRef {
    symbol: u32,
    file: u32,
}

impl<'x, 'p> FrameLines<'x, 'p> {
    pub(super) fn new(
        profile: &'x Profile,
        stacks: &'x VisibleStacks<'x>,
        trim: &'x TrimPath,
        renames: Option<&'x Renames>,
        own: &Own,
        arena: &'p NameArena,
    ) -> Self {
        FrameLines {
            profile,
            stacks,
            trim,
            renames,
            arena,
            owners: StackOwners::new(profile, stacks, own, renames),
            renamed: Interner::default(),
            functions: vec![None; profile.functions().len()],
            files: vec![NONE; profile.strings().len()],
            lines: vec![NONE; stacks.lines().len() + profile.location_ids().len() + 1],
        }
    }

    /// The frames of a location, innermost first.
    #[inline(always)]
    pub(super) fn frames(&self, id: LocationId) -> Range<FrameId> {
        let lines = self.stacks.line_range(id);
        let itself = index(self.stacks.lines().len() + id.index());
        if lines.is_empty() { itself..itself + 1 } else { lines }
    }

    /// The owner of a stack.
    #[inline(always)]
    pub(super) fn owner(&self, stack: &[LocationId]) -> StackOwner {
        self.owners.owner(self.stacks, stack)
    }

    /// By pattern of own code: whether a function matches it.
    pub(super) fn own_hits(&self) -> &[bool] {
        &self.owners.own_hits
    }

    /// The frames of a stack that make its cell, marked to be looked up: the line's, the owner's or [`NONE`], and that of
    /// the line that allocates or [`NONE`].
    #[inline(always)]
    pub(super) fn frames_of_cell(
        &mut self,
        stack: &[LocationId],
        owner: StackOwner,
        granularity: Granularity,
    ) -> [FrameId; 3] {
        let leaf = stack.first().map_or_else(|| self.no_stack(), |&id| self.frames(id).start);
        let frames = match (granularity.is_by_owner(), owner) {
            (_, StackOwner::Unknown) => [leaf, NONE, NONE],
            (true, StackOwner::Own(frame)) => [frame, NONE, leaf],
            (true, StackOwner::Library(frame) | StackOwner::Runtime(frame, _)) => {
                [self.renamed_frame(frame), NONE, leaf]
            }
            (false, StackOwner::Own(frame) | StackOwner::Library(frame) | StackOwner::Runtime(frame, _)) => {
                [leaf, frame, NONE]
            }
        };
        for frame in frames.into_iter().filter(|&frame| frame != NONE) {
            let line = &mut self.lines[frame as usize];
            *line = if *line == NONE { MARKED } else { *line };
        }
        frames
    }

    /// The frame that stands for an owner of the library or the runtime.
    fn renamed_frame(&mut self, frame: FrameId) -> FrameId {
        let at = self.renamed.insert_full(frame, ()).0;
        let renamed = index(self.first_renamed() + at);
        if renamed as usize == self.lines.len() {
            self.lines.push(NONE);
        }
        renamed
    }

    /// Index of the first frame that is named otherwise.
    fn first_renamed(&self) -> usize {
        self.no_stack() as usize + 1
    }

    /// The frame of a stack without locations.
    pub(super) fn no_stack(&self) -> FrameId {
        index(self.stacks.lines().len() + self.profile.location_ids().len())
    }

    /// The index of the line of a frame.
    #[inline(always)]
    pub(super) fn line(&mut self, frame: FrameId, table: &mut SiteIndex<'p>) -> u32 {
        let known = self.lines[frame as usize];
        if known < MARKED { known } else { self.look_up(frame, table) }
    }

    /// Looks up the marked frames in the order of the profile's tables. In the order of samples, each look-up would wait
    /// for memory that is in no cache, which takes about a fifth more CPU time on pair L of the benchmarks.
    pub(super) fn look_up_marked(&mut self, table: &mut SiteIndex<'p>) {
        let mut wanted = vec![false; self.functions.len()];
        let marked = self.lines.iter().zip(self.stacks.lines()).filter(|&(&line, _)| line == MARKED);
        let lines = marked.map(|(_, line)| wanted[{ line.function }.index()] = true).count();
        table.lines.reserve(wanted.iter().filter(|&&wanted| wanted).count(), lines);
        for (id, _) in self.profile.function_ids().zip(wanted).filter(|&(_, wanted)| wanted) {
            self.function(id, table);
        }
        for frame in 0..index(self.lines.len()) {
            if self.lines[frame as usize] == MARKED {
                self.look_up(frame, table);
            }
        }
    }

    #[inline(never)]
    fn look_up(&mut self, frame: FrameId, table: &mut SiteIndex<'p>) -> u32 {
        let profile = self.profile;
        let renamed = (frame as usize).checked_sub(self.first_renamed()).and_then(|at| self.renamed.get_index(at));
        let line = match (self.stacks.lines().get(frame as usize), renamed) {
            (Some(&line), _) => {
                let FunctionRef { symbol, file } = self.function(line.function, table);
                self.look_up_line(line, symbol, file, table)
            }
            (None, Some((&frame, ()))) => {
                let line = self.stacks.lines()[frame as usize];
                let file = self.function(line.function, table).file;
                let owner = OwnerName::new(self.name_and_file(line.function).0);
                let symbol = table.lines.symbol(owner.into(), self.arena);
                self.look_up_line(line, symbol, file, table)
            }
            (None, None) => {
                let location = profile.location_id(frame as usize - self.stacks.lines().len());
                table.line_without_number(location.map_or(Symbol::NoStack, |id| address(profile, id)), self.arena)
            }
        };
        self.lines[frame as usize] = line;
        line
    }

    /// `symbol` and `file`: indexes of the symbol and the file that the line is said to be of.
    fn look_up_line(
        &mut self,
        Line { function: id, line }: Line,
        symbol: u32,
        file: u32,
        table: &mut SiteIndex<'p>,
    ) -> u32 {
        let function = self.profile.function(id);
        let filename = || self.name_and_file(id).1;
        let anchor = match (function.start_line, line) {
            (0, line) => LineAnchor::Absolute { file: filename(), line },
            (_, 0) => LineAnchor::Unknown,
            (start, line) => match line.checked_sub(start) {
                Some(offset) if table.granularity == Granularity::Files => {
                    LineAnchor::InFile { file: filename(), offset }
                }
                Some(offset) => LineAnchor::Offset(offset),
                None => LineAnchor::Unknown,
            },
        };
        table.line(LineKey::new(symbol, anchor, file), file, line)
    }

    fn function(&mut self, id: FunctionId, table: &mut SiteIndex<'p>) -> FunctionRef {
        if let Some(known) = self.functions[id.index()] {
            return known;
        }
        let (name, filename) = self.name_and_file(id);
        let symbol = table.lines.symbol(Symbol::Function(name), self.arena);
        let file = if self.renames.is_none() {
            let file = &mut self.files[self.profile.function(id).filename.index()];
            if *file == NONE {
                *file = table.lines.file(filename, self.arena);
            }
            *file
        } else {
            table.lines.file(filename, self.arena)
        };
        *self.functions[id.index()].insert(FunctionRef { symbol, file })
    }

    /// The name and the file by which a function counts.
    #[inline]
    fn name_and_file(&self, id: FunctionId) -> (Name<'x>, &'x [u8]) {
        let Function { name, filename, .. } = *self.profile.function(id);
        let (name, file) = (self.profile.string(name), self.profile.string(filename));
        let (name, file) = match self.renames {
            Some(renames) => renames.apply(name, file),
            None => (Name::new(name), file),
        };
        (name, self.trim.trim(file))
    }
}

fn address(profile: &Profile, id: LocationId) -> Symbol<'_> {
    let location = profile.location(id);
    match location.mapping.and_then(|mapping| profile.mapping(mapping)) {
        Some(mapping) => {
            let offset = location.address.wrapping_sub(mapping.memory_start).wrapping_add(mapping.file_offset);
            Symbol::Address { binary: base_name_of_bytes(profile.string(mapping.filename)), offset }
        }
        None => Symbol::Address { binary: b"", offset: location.address },
    }
}
