//! The frames of a profile's stacks that count: without `drop_frames`, an allocator's own frames, those of the runtime in
//! which goroutines wait, and what filters hide.
//!
//! A frame is a line of a location, or a location without lines.

use std::borrow::Cow;
use std::ops::Range;

use super::allocator::in_allocator;
use super::go::{Name, is_runtime};
use super::go_regex::compile_regex;
use crate::profile::{Function, Header, Line, LocationId, Profile};

/// The visible frames of a profile's stacks.
///
/// As in pprof: seen from the root, the first frame that matches `drop_frames` and follows one that does not is removed,
/// with everything it called. Unlike there, each side is pruned by its own expressions, and frames in an allocator's
/// library are dropped too: without symbols, all memory would be that library's otherwise.
pub(super) struct VisibleStacks<'p> {
    profile: &'p Profile,
    /// All visible lines, grouped by location.
    lines: Cow<'p, [Line]>,
    /// By location: the range of its lines; `None` if they are the profile's.
    ranges: Option<Vec<Range<u32>>>,
    /// By location: what of it is dropped; `None` if no location is.
    dropped: Option<Vec<Dropped>>,
    /// By location: what of it is the runtime's, in profiles of goroutines: at the leaf it is dropped, as in Go's own
    /// texts.
    waiting: Option<Vec<Dropped>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dropped {
    Nothing,
    /// An inlined line and all lines inlined into it; the outer lines stay.
    Inner,
    All,
}

impl<'p> VisibleStacks<'p> {
    /// The stacks of `profile`, and the error in its `drop_frames` or `keep_frames`, if any; no frame is dropped then.
    pub(super) fn new(profile: &'p Profile) -> (Self, Option<regex::Error>) {
        let mut stacks = VisibleStacks {
            profile,
            lines: Cow::Borrowed(profile.lines()),
            ranges: None,
            dropped: None,
            waiting: None,
        };
        let error = stacks.prune().err();
        if profile.header().counted_thing().is_some() {
            stacks.hide_waiting();
        }
        (stacks, error)
    }

    /// The locations of a stack that have a visible frame.
    pub(super) fn visible<'s>(&self, stack: &'s [LocationId]) -> &'s [LocationId] {
        let stack = match &self.dropped {
            Some(dropped) => &stack[dropped_at_leaf(dropped, stack)..],
            None => stack,
        };
        let Some(waiting) = &self.waiting else { return stack };
        let hidden = stack.iter().take_while(|id| waiting[id.index()] == Dropped::All).count();
        // A stack of the runtime alone keeps its root, which tells what it is.
        &stack[hidden.min(stack.len().saturating_sub(1))..]
    }

    /// The visible lines of a location, innermost first, as indexes into [`VisibleStacks::lines`]; none for code
    /// without a symbol.
    #[inline]
    pub(super) fn line_range(&self, id: LocationId) -> Range<u32> {
        match &self.ranges {
            Some(ranges) => ranges[id.index()].clone(),
            None => self.profile.line_range(id),
        }
    }

    /// The visible lines of a location, innermost first.
    pub(super) fn lines_of(&self, id: LocationId) -> &[Line] {
        let Range { start, end } = self.line_range(id);
        &self.lines[start as usize..end as usize]
    }

    /// The visible lines of all locations.
    pub(super) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// Makes only `lines` visible; `ranges` has those of each location.
    pub(super) fn replace_lines(&mut self, lines: Vec<Line>, ranges: Vec<Range<u32>>) {
        (self.lines, self.ranges) = (Cow::Owned(lines), Some(ranges));
    }

    /// Hides the frames of the runtime in which goroutines wait, such as `runtime.gopark`.
    fn hide_waiting(&mut self) {
        let profile = self.profile;
        let is_of_runtime = |function: &Function| {
            let package = Name::new(profile.string(function.name)).package();
            package.is_some_and(is_runtime)
        };
        let is_runtime: Vec<_> = profile.functions().iter().map(is_of_runtime).collect();
        let (ranges, waiting) = profile
            .location_ids()
            .map(|id| {
                let lines = self.line_range(id);
                let mut functions = lines.clone().map(|at| { self.lines[at as usize].function }.index());
                let inner = functions.position(|function| !is_runtime[function]);
                match inner {
                    None if lines.is_empty() => (lines, Dropped::Nothing),
                    None => (lines, Dropped::All),
                    Some(0) => (lines, Dropped::Nothing),
                    Some(inner) => (lines.start + crate::index::index(inner)..lines.end, Dropped::Inner),
                }
            })
            .unzip();
        (self.ranges, self.waiting) = (Some(ranges), Some(waiting));
    }

    fn prune(&mut self) -> Result<(), regex::Error> {
        let profile = self.profile;
        let Header { drop_frames, keep_frames, .. } = profile.header();
        let allocator = in_allocator(profile);
        if drop_frames.is_empty() && allocator.is_none() {
            return Ok(());
        }
        let whole = |expression: &str| compile_regex(&format!("^(?:{expression})$"));
        // An empty expression drops nothing, since functions without a name are skipped.
        let drop = whole(drop_frames)?;
        let keep = if keep_frames.is_empty() { None } else { Some(whole(keep_frames)?) };
        let is_dropped: Vec<bool> = profile
            .functions()
            .iter()
            .map(|function| {
                let name = without_arguments(profile.string(function.name));
                !name.is_empty() && drop.is_match(name) && !keep.as_ref().is_some_and(|keep| keep.is_match(name))
            })
            .collect();
        let (ranges, dropped) = profile
            .location_ids()
            .map(|id| {
                let lines = profile.line_range(id);
                let last_hit = lines.clone().rev().find(|&at| {
                    let function = profile.lines()[at as usize].function;
                    is_dropped[function.index()]
                });
                match last_hit {
                    _ if allocator.as_ref().is_some_and(|allocator| allocator[id.index()]) => (lines, Dropped::All),
                    None => (lines, Dropped::Nothing),
                    Some(at) if at + 1 == lines.end => (lines, Dropped::All),
                    Some(at) => (at + 1..lines.end, Dropped::Inner),
                }
            })
            .unzip();
        (self.ranges, self.dropped) = (Some(ranges), Some(dropped));
        Ok(())
    }
}

/// Number of locations dropped at the leaf's end of `stack`.
fn dropped_at_leaf(dropped: &[Dropped], stack: &[LocationId]) -> usize {
    let mut user_code = false;
    for (at, id) in stack.iter().enumerate().rev() {
        match dropped[id.index()] {
            Dropped::Nothing => user_code = true,
            _ if !user_code => {}
            Dropped::Inner => return at,
            Dropped::All => return at + 1,
        }
    }
    0
}

/// A C++ name without its argument list, which `drop_frames` does not expect: up to the first `(` that is not part of
/// `(anonymous namespace)` or `operator()`.
fn without_arguments(name: &[u8]) -> &[u8] {
    let name = name.strip_prefix(b".").unwrap_or(name);
    let mut at = 0;
    while let Some(found) = name[at..].iter().position(|&byte| byte == b'(') {
        let open = at + found;
        at = if name[open..].starts_with(b"(anonymous namespace)") {
            open + b"(anonymous namespace)".len()
        } else if name[..open].ends_with(b"operator") && name[open..].starts_with(b"()") {
            open + b"()".len()
        } else {
            return &name[..open];
        };
    }
    name
}

#[cfg(test)]
mod tests {
    use super::without_arguments;

    #[test]
    fn argument_lists_are_cut_but_names_with_brackets_are_not() {
        let cut = |name: &'static str| std::str::from_utf8(without_arguments(name.as_bytes())).unwrap_or("?");
        assert_eq!(cut("operator new(unsigned long)"), "operator new");
        assert_eq!(cut("(anonymous namespace)::Pool::get(int)"), "(anonymous namespace)::Pool::get");
        assert_eq!(cut("Less::operator()(int, int)"), "Less::operator()");
        assert_eq!(cut(".malloc"), "malloc");
        assert_eq!(cut("main.(*T).f"), "main.");
    }
}
