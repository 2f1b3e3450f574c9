//! The frames of a stack that count: all, but for those the producer wants dropped, and for an allocator's own.
//! A frame is a line of a location, or a location without lines.

use std::borrow::Cow;
use std::ops::Range;

use super::allocator::in_allocator;
use super::filter::pattern;
use crate::profile::{Header, Line, LocationId, Profile};

/// A profile's stacks as frames, after its own `drop_frames` and `keep_frames`, and after the filters that
/// take frames out.
///
/// As in pprof: seen from the root, the first dropped frame behind one that is not dropped goes, and
/// everything it called. Unlike there, each side is pruned by its own expressions, and a frame in a library of an
/// allocator is dropped by that: without symbols, all memory would be that library's otherwise.
pub(super) struct Stacks<'p> {
    profile: &'p Profile,
    /// All lines that are left; those of a location stand together.
    lines: Cow<'p, [Line]>,
    /// By location, where its lines are; `None` where the profile says so.
    ranges: Option<Vec<Range<u32>>>,
    /// By location, what `drop_frames` hit.
    dropped: Option<Vec<Hit>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hit {
    None,
    /// An inlined line and all within it; the outer lines stay.
    Within,
    Whole,
}

impl<'p> Stacks<'p> {
    /// The stacks of `profile`. The error is of an expression in the profile that does not parse;
    /// no frame is dropped then.
    pub(super) fn new(profile: &'p Profile) -> (Self, Option<regex::Error>) {
        let mut stacks = Stacks { profile, lines: Cow::Borrowed(profile.lines()), ranges: None, dropped: None };
        let error = stacks.prune().err();
        (stacks, error)
    }

    /// The locations of a stack that have a frame left.
    pub(super) fn visible<'s>(&self, stack: &'s [LocationId]) -> &'s [LocationId] {
        match &self.dropped {
            Some(dropped) => &stack[cut(dropped, stack)..],
            None => stack,
        }
    }

    /// The lines of a location that are left, innermost first, as indexes in [`Stacks::all_lines`]; none for
    /// code without a symbol.
    #[inline]
    pub(super) fn lines(&self, id: LocationId) -> Range<u32> {
        match &self.ranges {
            Some(ranges) => ranges[id.index()].clone(),
            None => self.profile.lines_of(id),
        }
    }

    /// Likewise the lines themselves.
    pub(super) fn lines_of(&self, id: LocationId) -> &[Line] {
        let Range { start, end } = self.lines(id);
        &self.lines[start as usize..end as usize]
    }

    /// The lines that are left of all locations.
    pub(super) fn all_lines(&self) -> &[Line] {
        &self.lines
    }

    /// Leaves only these lines; `ranges`: by location, where its lines are.
    pub(super) fn replace_lines(&mut self, lines: Vec<Line>, ranges: Vec<Range<u32>>) {
        (self.lines, self.ranges) = (Cow::Owned(lines), Some(ranges));
    }

    fn prune(&mut self) -> Result<(), regex::Error> {
        let profile = self.profile;
        let Header { drop_frames, keep_frames, .. } = profile.header();
        let allocator = in_allocator(profile);
        if drop_frames.is_empty() && allocator.is_none() {
            return Ok(());
        }
        let whole = |expression: &str| pattern(&format!("^(?:{expression})$"));
        // An empty one hits no function, as those are not looked at that have no name.
        let drop = whole(drop_frames)?;
        let keep = if keep_frames.is_empty() { None } else { Some(whole(keep_frames)?) };
        let dropped: Vec<bool> = profile
            .functions()
            .iter()
            .map(|function| {
                let name = without_arguments(profile.string(function.name));
                !name.is_empty() && drop.is_match(name) && !keep.as_ref().is_some_and(|keep| keep.is_match(name))
            })
            .collect();
        let (ranges, hits) = profile
            .location_ids()
            .map(|id| {
                let lines = profile.lines_of(id);
                let last_hit = lines.clone().rev().find(|&at| {
                    let function = profile.lines()[at as usize].function;
                    dropped[function.index()]
                });
                match last_hit {
                    _ if allocator.as_ref().is_some_and(|allocator| allocator[id.index()]) => (lines, Hit::Whole),
                    None => (lines, Hit::None),
                    Some(at) if at + 1 == lines.end => (lines, Hit::Whole),
                    Some(at) => (at + 1..lines.end, Hit::Within),
                }
            })
            .unzip();
        (self.ranges, self.dropped) = (Some(ranges), Some(hits));
        Ok(())
    }
}

/// How many locations at the leaf's end of `stack` are dropped.
fn cut(dropped: &[Hit], stack: &[LocationId]) -> usize {
    let mut user_code = false;
    for (at, id) in stack.iter().enumerate().rev() {
        match dropped[id.index()] {
            Hit::None => user_code = true,
            _ if !user_code => {}
            Hit::Within => return at,
            Hit::Whole => return at + 1,
        }
    }
    0
}

/// A C++ name without its argument list, which `drop_frames` does not expect: up to the first `(`
/// that is not part of `(anonymous namespace)` or `operator()`.
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
