//! Applies a [`Filter`] to one profile: which samples count, and which of their frames.

use regex::bytes::Regex;

use super::filter::{Filter, FilterHits, FilterKind};
use super::lines::index;
use super::sizes::Sizes;
use super::stack::Stacks;
use crate::profile::{Line, LocationId, Profile};

/// A filter on the samples of one profile. Without one it takes no look at a stack.
pub(super) struct FilterPass {
    /// Indexed by [`LocationId`]: the marks below; `None` if no filter asks for frames.
    marks: Option<Vec<u8>>,
    /// Whether a filter on names asks for a frame, so that no sample without one passes.
    by_name: bool,
    show_from: bool,
    sizes: Option<Sizes>,
    /// The marks on the stacks of all samples.
    seen: u8,
    /// Whether a sample had a size that was asked for.
    sized: bool,
    /// The locations of a sample of which frames are left.
    left: Vec<LocationId>,
}

const FOCUSED: u8 = 1;
const IGNORED: u8 = 2;
/// A frame was taken out by `hide`.
const HIDDEN: u8 = 4;
/// A frame was left in by `show`.
const SHOWN: u8 = 8;
/// No frame is left.
const EMPTY: u8 = 16;
/// A frame matches `show_from`.
const FROM: u8 = 32;

impl FilterPass {
    /// Takes the frames that are not to be seen out of `stacks`, but for the locations of which none is left:
    /// those [`FilterPass::pass`] takes out.
    pub(super) fn new(filter: &Filter, profile: &Profile, stacks: &mut Stacks<'_>) -> Self {
        let Filter { focus, ignore, hide, show, show_from, block_sizes, trim_path: _ } = filter;
        let by_name = [focus, ignore, hide, show].iter().any(|filter| filter.is_some());
        let mut sieve = FilterPass {
            marks: None,
            by_name,
            show_from: show_from.is_some(),
            sizes: *block_sizes,
            seen: 0,
            sized: false,
            left: Vec::new(),
        };
        if !by_name && show_from.is_none() {
            return sieve;
        }
        let names = |filter: &Option<Regex>| filter.as_ref().map(|regex| Names::new(regex.clone(), profile));
        let [focus, ignore] = [focus, ignore].map(names);
        let cut = Cut { hide: names(hide), show: names(show), show_from: names(show_from) };
        let cuts = cut.hide.is_some() || cut.show.is_some() || cut.show_from.is_some();
        let mut marks = Vec::with_capacity(profile.location_ids().len());
        let (mut lines, mut ranges, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for id in profile.location_ids() {
            let all = stacks.lines_of(id);
            let matches = |names: &Names<'_>| names.match_any(id, all);
            let focused = if ignore.as_ref().is_some_and(matches) {
                IGNORED
            } else if focus.as_ref().is_none_or(matches) {
                FOCUSED
            } else {
                0
            };
            let mut cut_marks = 0;
            if cuts {
                left.clear();
                left.extend_from_slice(all);
                cut_marks = cut.apply(id, &mut left);
                let start = index(lines.len());
                lines.append(&mut left);
                ranges.push(start..index(lines.len()));
            }
            marks.push(focused | cut_marks);
        }
        if cuts {
            stacks.replace_lines(lines, ranges);
        }
        sieve.marks = Some(marks);
        sieve
    }

    /// What is left of the stack of a sample whose objects are of a size; `None` if the sample does not count.
    #[inline]
    pub(super) fn pass<'s>(&'s mut self, stack: &'s [LocationId], size: Option<i64>) -> Option<&'s [LocationId]> {
        let sized = match &self.sizes {
            Some(sizes) => size.is_some_and(|size| sizes.contains(size)),
            None => true,
        };
        self.sized |= sized;
        let stack = if self.marks.is_some() { self.cut(stack)? } else { stack };
        sized.then_some(stack)
    }

    fn cut<'s>(&'s mut self, stack: &'s [LocationId]) -> Option<&'s [LocationId]> {
        let marks = self.marks.as_ref()?;
        let mark = |id: &LocationId| marks[id.index()];
        let seen = stack.iter().fold(0, |seen, id| seen | mark(id));
        self.seen |= seen;
        if self.by_name && (seen & FOCUSED == 0 || seen & IGNORED != 0) {
            return None;
        }
        let mut stack = stack;
        if seen & EMPTY != 0 {
            self.left.clear();
            self.left.extend(stack.iter().filter(|id| mark(id) & EMPTY == 0));
            stack = &self.left;
            if stack.is_empty() {
                return None;
            }
        }
        if self.show_from {
            let outermost = stack.iter().rposition(|id| mark(id) & FROM != 0)?;
            stack = &stack[..=outermost];
        }
        Some(stack)
    }

    /// Which filters matched a sample.
    pub(super) fn hits(&self) -> FilterHits {
        let mut hits = FilterHits::default();
        let kinds = [
            (FilterKind::Focus, FOCUSED),
            (FilterKind::Ignore, IGNORED),
            (FilterKind::Hide, HIDDEN),
            (FilterKind::Show, SHOWN),
            (FilterKind::ShowFrom, FROM),
        ];
        kinds.into_iter().for_each(|(kind, mark)| hits.note(kind, self.seen & mark != 0));
        hits.note(FilterKind::TagFocus, self.sized);
        hits
    }
}

/// The filters that take frames out.
struct Cut<'p> {
    hide: Option<Names<'p>>,
    show: Option<Names<'p>>,
    show_from: Option<Names<'p>>,
}

impl Cut<'_> {
    /// Takes lines out of those of a location, and tells which marks it gets.
    fn apply(&self, id: LocationId, lines: &mut Vec<Line>) -> u8 {
        let mut marks = 0;
        if let Some(hide) = self.hide.as_ref().filter(|hide| hide.match_any(id, lines)) {
            let mapped = hide.mapped(id);
            lines.retain(|line| !mapped && !hide.has(line));
            marks |= if lines.is_empty() { HIDDEN | EMPTY } else { HIDDEN };
        }
        if let Some(show) = &self.show {
            let mapped = show.mapped(id);
            lines.retain(|line| mapped || show.has(line));
            // As in pprof, code without a symbol has nothing to show.
            marks |= if lines.is_empty() { EMPTY } else { SHOWN };
        }
        if let Some(from) = self.show_from.as_ref().filter(|_| marks & EMPTY == 0) {
            let outermost = lines.iter().rposition(|line| from.has(line));
            if from.mapped(id) {
                marks |= FROM;
            } else if let Some(outermost) = outermost {
                lines.truncate(outermost + 1);
                marks |= FROM;
            }
        }
        marks
    }
}

/// What of one profile a regular expression matches.
struct Names<'p> {
    regex: Regex,
    profile: &'p Profile,
    /// By function.
    functions: Vec<bool>,
}

impl<'p> Names<'p> {
    fn new(regex: Regex, profile: &'p Profile) -> Self {
        let is_match = |name| regex.is_match(profile.string(name));
        let functions = profile.functions().iter();
        let functions = functions.map(|function| is_match(function.name) || is_match(function.filename)).collect();
        Names { functions, profile, regex }
    }

    fn has(&self, line: &Line) -> bool {
        self.functions[{ line.function }.index()]
    }

    /// Whether it matches any line of a location, or the location itself.
    fn match_any(&self, id: LocationId, lines: &[Line]) -> bool {
        lines.iter().any(|line| self.has(line)) || self.mapped(id)
    }

    /// Whether the file that a location was mapped from matches, and so all its lines.
    fn mapped(&self, id: LocationId) -> bool {
        let mapping = self.profile.location(id).mapping.and_then(|mapping| self.profile.mapping(mapping));
        mapping.is_some_and(|mapping| self.regex.is_match(self.profile.string(mapping.filename)))
    }
}
