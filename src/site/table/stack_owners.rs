//! Whose a stack of a profile is. Decided by the functions on it, and only of Go, whose names distinguish the program's
//! own code, its libraries and the runtime.
//!
//! ```text
//! first own frame from the leaf
//! else, if own code is the main module: first dependency's frame from the leaf
//! else, if all frames are the runtime's: a class of its memory
//! else the outermost frame of a profiler
//! else the outermost frame that is not the runtime's
//! ```

use crate::index::NONE;
use crate::profile::{Function, LocationId, Profile};
use crate::site::go::{FunctionRole, Name, Own, RuntimeClass, is_go_program};
use crate::site::renames::Renames;
use crate::site::visible_stacks::VisibleStacks;

/// A frame of a profile: the index of a visible line, or, counted on from there, of a location without lines; the one
/// after all locations is the frame of an empty stack. Owners that are named otherwise than their frame follow.
pub(super) type FrameId = u32;

/// The owner of a stack: a frame of it, and what that says of the memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum StackOwner {
    /// The program's own code.
    Own(FrameId),
    /// A library, on a stack without the program's own code.
    Library(FrameId),
    /// The runtime, or a profiler: the frame that tells the class.
    Runtime(FrameId, RuntimeClass),
    /// Unknown.
    Unknown,
}

impl StackOwner {
    /// Its frame, or [`NONE`].
    pub(super) fn frame(self) -> FrameId {
        match self {
            StackOwner::Own(frame) | StackOwner::Library(frame) | StackOwner::Runtime(frame, _) => frame,
            StackOwner::Unknown => NONE,
        }
    }
}

/// What decides the owners of a profile's stacks.
pub(super) struct StackOwners {
    is_go: bool,
    /// By function.
    roles: Vec<FunctionRole>,
    /// By location: its innermost frame in the program's own code, or [`NONE`].
    own_frames: Vec<FrameId>,
    /// By location: its innermost frame in a dependency, or [`NONE`]; empty if dependencies are not distinguished.
    dependency_frames: Vec<FrameId>,
    /// By pattern of own code: whether a function matches it.
    pub(super) own_hits: Vec<bool>,
}

impl StackOwners {
    pub(super) fn new(profile: &Profile, stacks: &VisibleStacks<'_>, own: &Own, renames: Option<&Renames>) -> Self {
        let is_go = is_go_program(profile);
        let mut own_hits = vec![false; own.patterns().len()];
        let mut role = |function: &Function| {
            let name = profile.string(function.name);
            let name = renames.map_or_else(|| Name::new(name), |renames| renames.apply(name, b"").0);
            FunctionRole::new(name, profile.string(function.filename), own, &mut own_hits)
        };
        let roles: Vec<_> = match is_go {
            true => profile.functions().iter().map(&mut role).collect(),
            false => vec![FunctionRole::Unknown; profile.functions().len()],
        };
        let innermost = |role: FunctionRole| {
            let has_role = |&at: &FrameId| roles[{ stacks.lines()[at as usize].function }.index()] == role;
            let frame = |id| stacks.line_range(id).find(has_role).unwrap_or(NONE);
            profile.location_ids().map(frame).collect()
        };
        let own_frames = innermost(FunctionRole::Own);
        let dependency_frames = if own.has_main_module() { innermost(FunctionRole::Dependency) } else { Vec::new() };
        StackOwners { is_go, own_frames, dependency_frames, roles, own_hits }
    }

    /// The owner of a stack.
    #[inline(always)]
    pub(super) fn owner(&self, stacks: &VisibleStacks<'_>, stack: &[LocationId]) -> StackOwner {
        match stack.iter().map(|&id| self.own_frames[id.index()]).find(|&own| own != NONE) {
            Some(own) => StackOwner::Own(own),
            None if self.is_go => self.owner_without_own_code(stacks, stack),
            None => StackOwner::Unknown,
        }
    }

    #[inline(never)]
    fn owner_without_own_code(&self, stacks: &VisibleStacks<'_>, stack: &[LocationId]) -> StackOwner {
        if !self.dependency_frames.is_empty() {
            let mut frames = stack.iter().map(|&id| self.dependency_frames[id.index()]);
            if let Some(frame) = frames.find(|&frame| frame != NONE) {
                return StackOwner::Own(frame);
            }
        }
        let (mut library, mut profiler, mut runtime) = (None, None, None);
        for frame in stack.iter().flat_map(|&id| stacks.line_range(id)) {
            match self.roles[{ stacks.lines()[frame as usize].function }.index()] {
                FunctionRole::Own | FunctionRole::Dependency | FunctionRole::Library => library = Some(frame),
                FunctionRole::Profiler => profiler = Some(frame),
                FunctionRole::Runtime(class) => {
                    if runtime.is_none_or(|(_, known)| class < known) {
                        runtime = Some((frame, class));
                    }
                }
                FunctionRole::Unknown => {}
            }
        }
        match (library, profiler, runtime) {
            (_, Some(frame), _) => StackOwner::Runtime(frame, RuntimeClass::Profiler),
            (Some(frame), None, _) => StackOwner::Library(frame),
            (None, None, Some((frame, class))) => StackOwner::Runtime(frame, class),
            (None, None, None) => StackOwner::Unknown,
        }
    }
}
