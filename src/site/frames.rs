//! What the frames of one profile are: lines of code, each looked up once.

use std::collections::HashMap;
use std::ops::Range;

use foldhash::fast::RandomState;

use super::aggregate::{Aggregator, NONE};
use super::key::base_name;
use super::lines::{Code, LineKey, index};
use super::own::Own;
use super::stack::Stacks;
use super::trim::TrimPath;
use super::{Granularity, LineAnchor, Name, import_path, is_standard};
use crate::profile::{Function, FunctionId, Line, LocationId, Profile};

/// What the frames of one profile are, each looked up once.
///
/// What takes time here is memory that is not in a cache, so what can be done in the order of the tables
/// is done in that order.
pub(super) struct Frames<'x> {
    profile: &'x Profile,
    /// The lines of the profile that are left.
    all_lines: &'x [Line],
    trim: &'x TrimPath,
    /// Whether a function is the program's own.
    own: Vec<bool>,
    /// By pattern of own code, whether a function matches it.
    pub(super) own_hits: Vec<bool>,
    functions: Vec<FunctionRef>,
    /// By string: the index of the file with that name, or [`UNKNOWN`].
    files: Vec<u32>,
    /// By frame, the index of its line. A frame is one of the lines that are left, or behind those a location
    /// without lines, or no location at all.
    lines: Vec<u32>,
    /// Likewise of the frames that are no line: there are few.
    others: HashMap<Frame, u32, RandomState>,
}

/// Of a frame whose line was not looked up, and of one whose line will be.
const UNKNOWN: u32 = u32::MAX;
const MARKED: u32 = u32::MAX - 1;

/// A frame of a profile: an index of [`Frames::lines`].
pub(super) type Frame = u32;

/// The indexes of a function's name and of its file.
#[derive(Clone, Copy)]
struct FunctionRef {
    code: u32,
    file: u32,
}

impl FunctionRef {
    const UNKNOWN: FunctionRef = FunctionRef { code: u32::MAX, file: u32::MAX };
}

impl<'x> Frames<'x> {
    pub(super) fn new(profile: &'x Profile, stacks: &'x Stacks<'_>, trim: &'x TrimPath, own: &Own) -> Self {
        let functions = profile.functions();
        // Only Go's names tell a library from the program's own code.
        let is_go = functions.iter().any(|function| profile.string(function.filename).ends_with(b".go"));
        let mut own_hits = own.no_hits();
        let mut is_own = |function: &Function| {
            let package = Name::new(profile.string(function.name)).package();
            let package = package.filter(|package| is_go && !is_standard(package));
            package.is_some_and(|package| own.is_all() || own.matches(&import_path(package), &mut own_hits))
        };
        Frames {
            profile,
            all_lines: stacks.all_lines(),
            trim,
            own: functions.iter().map(&mut is_own).collect(),
            own_hits,
            functions: vec![FunctionRef::UNKNOWN; functions.len()],
            files: vec![UNKNOWN; profile.strings().len()],
            lines: vec![UNKNOWN; stacks.all_lines().len()],
            others: HashMap::default(),
        }
    }

    /// The innermost frame of a location, of which `lines` are visible.
    #[inline(always)]
    pub(super) fn innermost(&self, id: LocationId, lines: Range<u32>) -> Frame {
        if lines.is_empty() { index(self.all_lines.len() + id.index()) } else { lines.start }
    }

    /// The frame of a stack without locations.
    pub(super) fn no_stack(&self) -> Frame {
        index(self.lines.len() + self.profile.location_ids().len())
    }

    /// By location: the first of its visible lines in the program's own code, or [`NONE`].
    pub(super) fn own_lines(&self, stacks: &Stacks<'_>) -> Vec<Frame> {
        let own = |&at: &Frame| self.own[{ self.all_lines[at as usize].function }.index()];
        self.profile.location_ids().map(|id| stacks.lines(id).find(own).unwrap_or(NONE)).collect()
    }

    /// The index of the line of a frame.
    #[inline(always)]
    pub(super) fn line(&mut self, frame: Frame, table: &mut Aggregator<'_, '_>) -> u32 {
        match self.lines.get(frame as usize).or_else(|| self.others.get(&frame)) {
            Some(&known) if known < MARKED => return known,
            _ => {}
        }
        let line = self.look_up(frame, table);
        match self.lines.get_mut(frame as usize) {
            Some(known) => *known = line,
            None => _ = self.others.insert(frame, line),
        }
        line
    }

    /// Looks up the frames that were marked.
    pub(super) fn look_up_marked(&mut self, table: &mut Aggregator<'_, '_>) {
        let mut wanted = vec![false; self.functions.len()];
        let marked = self.lines.iter().zip(self.all_lines).filter(|&(&line, _)| line == MARKED);
        let lines = marked.map(|(_, line)| wanted[{ line.function }.index()] = true).count();
        table.lines.reserve(wanted.iter().filter(|&&wanted| wanted).count(), lines);
        // Names stand in the order of functions.
        for (id, _) in self.profile.function_ids().zip(wanted).filter(|&(_, wanted)| wanted) {
            self.function(id, table);
        }
        for frame in 0..index(self.lines.len()) {
            if self.lines[frame as usize] == MARKED {
                self.lines[frame as usize] = self.look_up(frame, table);
            }
        }
    }

    /// Marks a frame to be looked up, if it is a line.
    #[inline(always)]
    pub(super) fn mark(&mut self, frame: Frame) {
        match self.lines.get_mut(frame as usize) {
            Some(line) if *line == UNKNOWN => *line = MARKED,
            _ => {}
        }
    }

    /// What a function is, looked up once.
    fn function(&mut self, id: FunctionId, table: &mut Aggregator<'_, '_>) -> FunctionRef {
        let known = self.functions[id.index()];
        if known.code != FunctionRef::UNKNOWN.code {
            return known;
        }
        let Function { name, filename, .. } = *self.profile.function(id);
        let code = table.lines.code(Code::Function(Name::new(self.profile.string(name))), table.names);
        let file = &mut self.files[filename.index()];
        if *file == UNKNOWN {
            *file = table.lines.file(self.trim.trim(self.profile.string(filename)), table.names);
        }
        let known = FunctionRef { code, file: *file };
        self.functions[id.index()] = known;
        known
    }

    #[inline(never)]
    fn look_up(&mut self, frame: Frame, table: &mut Aggregator<'_, '_>) -> u32 {
        let profile = self.profile;
        let Some(&Line { function: id, line }) = self.all_lines.get(frame as usize) else {
            let location = profile.location_id(frame as usize - self.all_lines.len());
            return table.whole(location.map_or(Code::NoStack, |id| address(profile, id)));
        };
        let function = profile.function(id);
        let trim = self.trim;
        let filename = || trim.trim(profile.string(function.filename));
        let known = self.function(id, table);
        let place = match (function.start_line, line) {
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
        table.line(LineKey::new(known.code, place, known.file), known.file, line)
    }
}

fn address(profile: &Profile, id: LocationId) -> Code<'_> {
    let location = profile.location(id);
    match location.mapping.and_then(|mapping| profile.mapping(mapping)) {
        Some(mapping) => {
            let offset = location.address.wrapping_sub(mapping.memory_start).wrapping_add(mapping.file_offset);
            Code::Address { binary: base_name(profile.string(mapping.filename)), offset }
        }
        None => Code::Address { binary: b"", offset: location.address },
    }
}
