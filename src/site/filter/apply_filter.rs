//! Applies a [`Filter`] to one profile: which samples count, and which of their frames.

use regex::bytes::Regex;

use super::block_sizes::BlockSizes;
use super::options::{Filter, FilterHits, FilterKind};
use crate::index::index;
use crate::profile::{Function, Line, LocationId, Profile};
use crate::site::renames::Renames;
use crate::site::visible_stacks::VisibleStacks;

/// A filter on the samples of one profile.
pub(in crate::site) struct FilterPass {
    /// By location: the marks below; `None` if no filter looks at frames.
    marks: Option<Vec<u8>>,
    /// Whether a filter on names is set, so that a sample without a frame is dropped.
    by_name: bool,
    show_from: bool,
    block_sizes: Option<BlockSizes>,
    /// The marks on the stacks of all samples.
    seen: u8,
    /// Whether any sample had one of the `block_sizes`.
    size_seen: bool,
    /// The visible locations of the sample at hand.
    visible: Vec<LocationId>,
}

const FOCUSED: u8 = 1;
const IGNORED: u8 = 2;
/// `hide` removed a frame.
const HIDDEN: u8 = 4;
/// `show` kept a frame.
const SHOWN: u8 = 8;
/// No frame is left.
const EMPTY: u8 = 16;
/// A frame matches `show_from`.
const FROM: u8 = 32;

impl FilterPass {
    /// Removes the frames that are not visible from `stacks`, except locations with no frame left, which
    /// [`FilterPass::pass`] removes. Of a function with another name in `renames`, either name is looked at.
    pub(in crate::site) fn new(
        filter: &Filter,
        profile: &Profile,
        renames: Option<&Renames>,
        stacks: &mut VisibleStacks<'_>,
    ) -> Self {
        let Filter { focus, ignore, hide, show, show_from, block_sizes, trim_path: _ } = filter;
        let by_name = [focus, ignore, hide, show].iter().any(|filter| filter.is_some());
        let mut pass = FilterPass {
            marks: None,
            by_name,
            show_from: show_from.is_some(),
            block_sizes: *block_sizes,
            seen: 0,
            size_seen: false,
            visible: Vec::new(),
        };
        if !by_name && show_from.is_none() {
            return pass;
        }
        let matcher =
            |filter: &Option<Regex>| filter.as_ref().map(|regex| FrameMatcher::new(regex.clone(), profile, renames));
        let [focus, ignore] = [focus, ignore].map(matcher);
        let remover = FrameRemover { hide: matcher(hide), show: matcher(show), show_from: matcher(show_from) };
        let removes = remover.hide.is_some() || remover.show.is_some() || remover.show_from.is_some();
        let mut marks = Vec::with_capacity(profile.location_ids().len());
        let (mut lines, mut ranges, mut visible) = (Vec::new(), Vec::new(), Vec::new());
        for id in profile.location_ids() {
            let all = stacks.lines_of(id);
            let matches = |matcher: &FrameMatcher<'_>| matcher.matches_any(id, all);
            let focused = if ignore.as_ref().is_some_and(matches) {
                IGNORED
            } else if focus.as_ref().is_none_or(matches) {
                FOCUSED
            } else {
                0
            };
            let mut removed = 0;
            if removes {
                visible.clear();
                visible.extend_from_slice(all);
                removed = remover.apply(id, &mut visible);
                let start = index(lines.len());
                lines.append(&mut visible);
                ranges.push(start..index(lines.len()));
            }
            marks.push(focused | removed);
        }
        if removes {
            stacks.replace_lines(lines, ranges);
        }
        pass.marks = Some(marks);
        pass
    }

    /// The visible part of the stack of a sample with objects of `size` bytes; `None` if the sample is dropped.
    #[inline]
    pub(in crate::site) fn pass<'s>(
        &'s mut self,
        stack: &'s [LocationId],
        size: Option<i64>,
    ) -> Option<&'s [LocationId]> {
        let has_size = match &self.block_sizes {
            Some(sizes) => size.is_some_and(|size| sizes.contains(size)),
            None => true,
        };
        self.size_seen |= has_size;
        let stack = if self.marks.is_some() { self.pass_frames(stack)? } else { stack };
        has_size.then_some(stack)
    }

    fn pass_frames<'s>(&'s mut self, stack: &'s [LocationId]) -> Option<&'s [LocationId]> {
        let marks = self.marks.as_ref()?;
        let mark = |id: &LocationId| marks[id.index()];
        let seen = stack.iter().fold(0, |seen, id| seen | mark(id));
        self.seen |= seen;
        if self.by_name && (seen & FOCUSED == 0 || seen & IGNORED != 0) {
            return None;
        }
        let mut stack = stack;
        if seen & EMPTY != 0 {
            self.visible.clear();
            self.visible.extend(stack.iter().filter(|id| mark(id) & EMPTY == 0));
            stack = &self.visible;
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

    /// The filters that matched a sample.
    pub(in crate::site) fn hits(&self) -> FilterHits {
        let mut hits = FilterHits::default();
        let kinds = [
            (FilterKind::Focus, FOCUSED),
            (FilterKind::Ignore, IGNORED),
            (FilterKind::Hide, HIDDEN),
            (FilterKind::Show, SHOWN),
            (FilterKind::ShowFrom, FROM),
        ];
        kinds.into_iter().for_each(|(kind, mark)| hits.note(kind, self.seen & mark != 0));
        hits.note(FilterKind::TagFocus, self.size_seen);
        hits
    }
}

/// The filters that remove frames.
struct FrameRemover<'p> {
    hide: Option<FrameMatcher<'p>>,
    show: Option<FrameMatcher<'p>>,
    show_from: Option<FrameMatcher<'p>>,
}

impl FrameRemover<'_> {
    /// Removes lines from those of a location, and returns the location's marks.
    fn apply(&self, id: LocationId, lines: &mut Vec<Line>) -> u8 {
        let mut marks = 0;
        if let Some(hide) = self.hide.as_ref().filter(|hide| hide.matches_any(id, lines)) {
            let whole = hide.matches_mapping(id);
            lines.retain(|line| !whole && !hide.matches(line));
            marks |= if lines.is_empty() { HIDDEN | EMPTY } else { HIDDEN };
        }
        if let Some(show) = &self.show {
            let whole = show.matches_mapping(id);
            lines.retain(|line| whole || show.matches(line));
            // As in pprof, code without a symbol is not shown.
            marks |= if lines.is_empty() { EMPTY } else { SHOWN };
        }
        if let Some(from) = self.show_from.as_ref().filter(|_| marks & EMPTY == 0) {
            if from.matches_mapping(id) {
                marks |= FROM;
            } else if let Some(outermost) = lines.iter().rposition(|line| from.matches(line)) {
                lines.truncate(outermost + 1);
                marks |= FROM;
            }
        }
        marks
    }
}

/// A regular expression, applied to the functions of one profile.
struct FrameMatcher<'p> {
    regex: Regex,
    profile: &'p Profile,
    /// By function: whether its name or file matches.
    functions: Vec<bool>,
}

impl<'p> FrameMatcher<'p> {
    fn new(regex: Regex, profile: &'p Profile, renames: Option<&Renames>) -> Self {
        let is_match = |function: &Function| {
            let (name, file) = (profile.string(function.name), profile.string(function.filename));
            let new = renames.map(|renames| renames.apply(name, file).0.text());
            regex.is_match(name) || regex.is_match(file) || new.is_some_and(|new| regex.is_match(new.as_bytes()))
        };
        let functions = profile.functions().iter().map(is_match).collect();
        FrameMatcher { functions, profile, regex }
    }

    fn matches(&self, line: &Line) -> bool {
        self.functions[{ line.function }.index()]
    }

    /// Whether the file that a location was mapped from matches, and so all its lines.
    fn matches_mapping(&self, id: LocationId) -> bool {
        let mapping = self.profile.location(id).mapping.and_then(|mapping| self.profile.mapping(mapping));
        mapping.is_some_and(|mapping| self.regex.is_match(self.profile.string(mapping.filename)))
    }

    /// Whether any of a location's `lines` matches, or its mapping.
    fn matches_any(&self, id: LocationId, lines: &[Line]) -> bool {
        lines.iter().any(|line| self.matches(line)) || self.matches_mapping(id)
    }
}
