//! What the user should know of a profile's samples and is told in no number: whose program it is, whether its
//! stacks are cut, and what the profiler itself allocated.
//!
//! In: a profile, and its samples one by one. Out: additions to [`Observed`]. A look at a table of functions is
//! cheap, and one at every frame is not: so stacks are only looked at as far as [`LOOK_AT`], and for the profiler
//! only where there is something of it.

use super::{Observed, Values};
use crate::profile::{Function, FunctionId, LocationId, Profile, Sample};

/// So many stacks are enough to see how deep they go.
const LOOK_AT: usize = 4096;
/// How many frames Go kept of a stack before 1.23: those next to the leaf.
const CUT_AT: usize = 32;

/// Packages that allocate for the profiler when it calls them, and for others else.
const HELPERS: [&[u8]; 7] =
    [b"compress/flate.", b"compress/gzip.", b"bytes.", b"bufio.", b"text/tabwriter.", b"internal/profile.", b"fmt."];
const PROFILERS: [&[u8]; 2] = [b"runtime/pprof.", b"net/http/pprof."];
/// What labels the program's own work, which it calls.
const LABELS: [&[u8]; 5] = [b"Do", b"WithLabels", b"Labels", b"SetGoroutineLabels", b"ForLabels"];

/// What is seen of one profile.
pub(super) struct ProfileQuality<'p> {
    profile: &'p Profile,
    is_go: bool,
    /// By location; empty where nothing is the profiler's.
    parts: Vec<Part>,
    profiler: Values,
    depths: Depths,
}

/// What a location has to do with the profiler.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    None,
    /// A leaf that may allocate for it.
    Helper,
    Profiler,
}

struct Depths {
    looked_at: usize,
    /// Locations of the deepest stack of all.
    deepest: usize,
    /// Whether any has more frames.
    has_more_frames: bool,
    /// Stacks as deep as cut ones, in locations and in frames: before Go 1.21 an inlined frame did not count.
    /// By the function that seems to be their root.
    cut: [Vec<FunctionId>; 2],
    /// By function: whether it is the root of another stack, and whether it is called.
    functions: Vec<(bool, bool)>,
}

impl<'p> ProfileQuality<'p> {
    pub(super) fn new(profile: &'p Profile) -> Self {
        let functions = profile.functions();
        let is_go = functions.iter().any(|function| profile.string(function.filename).ends_with(b".go"));
        let mut watch = ProfileQuality {
            profile,
            is_go,
            parts: Vec::new(),
            profiler: Values::default(),
            depths: Depths::new(profile),
        };
        if is_go && functions.iter().any(|function| watch.is_profiler(function)) {
            watch.parts = profile.location_ids().map(|id| watch.part(id)).collect();
        }
        watch
    }

    fn name(&self, function: &Function) -> &'p [u8] {
        self.profile.string(function.name)
    }

    fn is_profiler(&self, function: &Function) -> bool {
        let name = self.name(function);
        // There are hundreds of thousands.
        if !matches!(name.first(), Some(b'r' | b'n')) {
            return false;
        }
        let called = PROFILERS.iter().find_map(|package| name.strip_prefix(*package));
        called.is_some_and(|called| !LABELS.iter().any(|label| called.starts_with(label)))
    }

    fn part(&self, id: LocationId) -> Part {
        let mut functions = self.profile.lines_of(id).map(|at| self.profile.lines()[at as usize].function);
        let mut functions = functions.by_ref().map(|id| self.profile.function(id)).peekable();
        let is_helper =
            functions.peek().is_some_and(|leaf| HELPERS.iter().any(|name| self.name(leaf).starts_with(name)));
        match functions.any(|function| self.is_profiler(function)) {
            true => Part::Profiler,
            false if is_helper => Part::Helper,
            false => Part::None,
        }
    }

    /// Looks at the next sample.
    #[inline(always)]
    pub(super) fn sample(&mut self, sample: &Sample<'_>) {
        if let Some(leaf) = sample.stack.first()
            && let Some(&part) = self.parts.get(leaf.index())
            && part != Part::None
        {
            self.note_profiler(sample);
        }
        let depths = &mut self.depths;
        depths.deepest = depths.deepest.max(sample.stack.len());
        if depths.looked_at < LOOK_AT && depths.deepest <= CUT_AT {
            depths.looked_at += 1;
            depths.note(self.profile, sample.stack);
        }
    }

    #[inline(never)]
    fn note_profiler(&mut self, sample: &Sample<'_>) {
        if sample.stack.iter().any(|id| self.parts[id.index()] == Part::Profiler) {
            self.profiler += Values { objects: sample.objects.into(), space: sample.space.into() };
        }
    }

    /// Adds what was seen.
    pub(super) fn finish(self, observed: &mut Observed) {
        if self.is_go {
            observed.of_go += 1;
            observed.cut_stacks += self.depths.cut();
        } else if !self.profile.functions().is_empty() {
            observed.of_others += 1;
        }
        observed.profiler += self.profiler;
    }
}

impl Depths {
    fn new(profile: &Profile) -> Self {
        Depths {
            looked_at: 0,
            deepest: 0,
            has_more_frames: false,
            cut: [Vec::new(), Vec::new()],
            functions: vec![(false, false); profile.functions().len()],
        }
    }

    fn note(&mut self, profile: &Profile, stack: &[LocationId]) {
        let functions = |id: &LocationId| profile.lines_of(*id).map(|at| profile.lines()[at as usize].function);
        let (mut frames, mut root) = (0, None);
        for id in stack {
            frames += functions(id).len().max(1);
            for function in functions(id) {
                // All but the last are called.
                if let Some(called) = root.replace(function) {
                    self.functions[FunctionId::index(called)].1 = true;
                }
            }
        }
        self.has_more_frames |= frames > CUT_AT;
        let Some(root) = root else { return };
        let depths = [stack.len(), frames];
        depths.iter().zip(&mut self.cut).filter(|(depth, _)| **depth == CUT_AT).for_each(|(_, cut)| cut.push(root));
        self.functions[root.index()].0 |= !depths.contains(&CUT_AT);
    }

    /// How many stacks are cut, as it seems: those of exactly as many frames as Go kept, where none has more, whose
    /// root is the root of no other stack, but called there.
    fn cut(&self) -> u64 {
        let is_called = |root: &&FunctionId| self.functions[root.index()] == (false, true);
        let has_deeper = [self.deepest > CUT_AT, self.deepest > CUT_AT || self.has_more_frames];
        let counts = self.cut.iter().zip(has_deeper).filter(|(_, has_deeper)| !has_deeper);
        counts.map(|(cut, _)| cut.iter().filter(is_called).count() as u64).max().unwrap_or(0)
    }
}
