//! What limits the meaning of a profile's numbers: stacks that were cut off, and memory of the profiler itself.
//!
//! In: a profile, and its samples one by one. Out: additions to [`Observed`]. Looking at every frame would be slow, so
//! only the first [`MAX_STACKS`] stacks are measured, and the profiler is searched for only if it has any function.

use super::go::{Name, is_go_program, is_profiler};
use super::observed::Observed;
use super::values::Values;
use crate::profile::{Function, FunctionId, InputFormat, LocationId, Profile, Sample};

/// Number of stacks whose depth is measured.
const MAX_STACKS: usize = 4096;
/// Number of frames, from the leaf, that Go kept of a stack before 1.23.
const GO_MAX_FRAMES: usize = 32;

/// Packages that allocate for the profiler when it calls them.
const HELPERS: [&[u8]; 7] =
    [b"compress/flate.", b"compress/gzip.", b"bytes.", b"bufio.", b"text/tabwriter.", b"internal/profile.", b"fmt."];
const PROFILERS: [&[u8]; 2] = [b"runtime/pprof.", b"net/http/pprof."];

/// The quality of one profile, sample by sample.
pub(super) struct ProfileQuality<'p> {
    profile: &'p Profile,
    is_go: bool,
    /// By location; empty if the profiler has no function.
    roles: Vec<ProfilerRole>,
    profiler: Values,
    depths: Depths,
}

/// The part of a location in the profiler's own allocations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ProfilerRole {
    None,
    /// A leaf that may allocate for the profiler.
    Helper,
    Profiler,
}

/// How deep stacks are, and which may have been cut off.
struct Depths {
    /// Number of stacks measured.
    measured: usize,
    /// Locations of the deepest stack, measured or not.
    max_locations: usize,
    /// Whether a measured stack has more than [`GO_MAX_FRAMES`] frames.
    has_more_frames: bool,
    /// The seeming root of each stack of exactly [`GO_MAX_FRAMES`] locations, and of that many frames: before Go 1.21
    /// an inlined frame did not count.
    roots: [Vec<FunctionId>; 2],
    /// By function: whether it is the root of another stack, and whether another function calls it.
    functions: Vec<(bool, bool)>,
}

impl<'p> ProfileQuality<'p> {
    pub(super) fn new(profile: &'p Profile) -> Self {
        let functions = profile.functions();
        let is_go = is_go_program(profile);
        let mut quality = ProfileQuality {
            profile,
            is_go,
            roles: Vec::new(),
            profiler: Values::default(),
            depths: Depths::new(profile),
        };
        if is_go && functions.iter().any(|function| quality.is_profiler(function)) {
            quality.roles = profile.location_ids().map(|id| quality.role(id)).collect();
        }
        quality
    }

    fn name(&self, function: &Function) -> &'p [u8] {
        self.profile.string(function.name)
    }

    fn is_profiler(&self, function: &Function) -> bool {
        let name = self.name(function);
        PROFILERS.iter().any(|package| name.starts_with(package)) && is_profiler(Name::new(name))
    }

    fn role(&self, id: LocationId) -> ProfilerRole {
        let mut functions = self.profile.line_range(id).map(|at| self.profile.lines()[at as usize].function);
        let mut functions = functions.by_ref().map(|id| self.profile.function(id)).peekable();
        let is_helper =
            functions.peek().is_some_and(|leaf| HELPERS.iter().any(|name| self.name(leaf).starts_with(name)));
        match functions.any(|function| self.is_profiler(function)) {
            true => ProfilerRole::Profiler,
            false if is_helper => ProfilerRole::Helper,
            false => ProfilerRole::None,
        }
    }

    /// Takes note of a sample.
    #[inline(always)]
    pub(super) fn note_sample(&mut self, sample: &Sample<'_>) {
        if let Some(leaf) = sample.stack.first()
            && let Some(&role) = self.roles.get(leaf.index())
            && role != ProfilerRole::None
        {
            self.note_profiler(sample);
        }
        let depths = &mut self.depths;
        depths.max_locations = depths.max_locations.max(sample.stack.len());
        if depths.measured < MAX_STACKS && depths.max_locations <= GO_MAX_FRAMES {
            depths.measured += 1;
            depths.note(self.profile, sample.stack);
        }
    }

    #[inline(never)]
    fn note_profiler(&mut self, sample: &Sample<'_>) {
        if sample.stack.iter().any(|id| self.roles[id.index()] == ProfilerRole::Profiler) {
            self.profiler += Values::widen(sample.objects, sample.space);
        }
    }

    /// Adds what was noticed to `observed`.
    pub(super) fn finish(self, observed: &mut Observed) {
        if self.is_go {
            observed.of_go += 1;
            observed.of_goref += u64::from(self.profile.header().format == InputFormat::Goref);
            observed.cut_stacks += self.depths.cut_stacks();
        } else if !self.profile.functions().is_empty() {
            observed.of_others += 1;
        } else if self.profile.location_ids().len() > 0 && !self.profile.header().format.is_native() {
            observed.without_symbols += 1;
        }
        observed.profiler += self.profiler;
    }
}

impl Depths {
    fn new(profile: &Profile) -> Self {
        Depths {
            measured: 0,
            max_locations: 0,
            has_more_frames: false,
            roots: [Vec::new(), Vec::new()],
            functions: vec![(false, false); profile.functions().len()],
        }
    }

    fn note(&mut self, profile: &Profile, stack: &[LocationId]) {
        let functions = |id: &LocationId| profile.line_range(*id).map(|at| profile.lines()[at as usize].function);
        let (mut frames, mut root) = (0, None);
        for id in stack {
            frames += functions(id).len().max(1);
            for function in functions(id) {
                // All but the last function are called.
                if let Some(called) = root.replace(function) {
                    self.functions[FunctionId::index(called)].1 = true;
                }
            }
        }
        self.has_more_frames |= frames > GO_MAX_FRAMES;
        let Some(root) = root else { return };
        let depths = [stack.len(), frames];
        for (_, roots) in depths.iter().zip(&mut self.roots).filter(|(depth, _)| **depth == GO_MAX_FRAMES) {
            roots.push(root);
        }
        self.functions[root.index()].0 |= !depths.contains(&GO_MAX_FRAMES);
    }

    /// Number of stacks that seem to have been cut off: as deep as Go kept them while none is deeper, with a root that
    /// is called elsewhere and is never the root of another stack.
    fn cut_stacks(&self) -> u64 {
        let is_called = |root: &&FunctionId| self.functions[root.index()] == (false, true);
        let has_deeper_stack = self.max_locations > GO_MAX_FRAMES;
        let has_deeper = [has_deeper_stack, has_deeper_stack || self.has_more_frames];
        let counts = self.roots.iter().zip(has_deeper).filter(|(_, has_deeper)| !has_deeper);
        counts.map(|(roots, _)| roots.iter().filter(is_called).count() as u64).max().unwrap_or(0)
    }
}
