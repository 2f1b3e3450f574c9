//! The filters a user may ask for.

use regex::bytes::Regex;

use super::block_sizes::BlockSizes;
use super::trim_path::TrimPath;

/// Which samples count, which of their frames, and how files are named. A frame matches by its function's name, its
/// file or its mapping's file; frames in the profile's `drop_frames` are gone before.
///
/// As in pprof, `focus` and `ignore` see all frames, then `hide` and `show` remove some, then `show_from`, and
/// `block_sizes` comes last. Files are matched as named in the profile and trimmed afterwards.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Drops samples without a matching frame.
    pub focus: Option<Regex>,
    /// Drops samples with a matching frame.
    pub ignore: Option<Regex>,
    /// Removes matching frames.
    pub hide: Option<Regex>,
    /// Removes frames that do not match.
    pub show: Option<Regex>,
    /// Removes the callers of the outermost matching frame; drops samples without one.
    pub show_from: Option<Regex>,
    /// Drops samples of other object sizes.
    pub block_sizes: Option<BlockSizes>,
    /// Prefixes removed from file names.
    pub trim_path: TrimPath,
}

impl Filter {
    /// Whether `hide` and `show` keep the frames of a function.
    pub fn keeps_function(&self, name: &[u8], file: &[u8]) -> bool {
        let is_match = |regex: &Regex| regex.is_match(name) || regex.is_match(file);
        !self.hide.as_ref().is_some_and(is_match) && self.show.as_ref().is_none_or(is_match)
    }
}

/// One of the filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FilterKind {
    /// [`Filter::focus`].
    Focus,
    /// [`Filter::ignore`].
    Ignore,
    /// [`Filter::hide`].
    Hide,
    /// [`Filter::show`].
    Show,
    /// [`Filter::show_from`].
    ShowFrom,
    /// [`Filter::block_sizes`].
    TagFocus,
    /// [`Filter::trim_path`].
    TrimPath,
}

impl FilterKind {
    /// Its option, without dashes.
    pub fn name(self) -> &'static str {
        match self {
            FilterKind::Focus => "focus",
            FilterKind::Ignore => "ignore",
            FilterKind::Hide => "hide",
            FilterKind::Show => "show",
            FilterKind::ShowFrom => "show-from",
            FilterKind::TagFocus => "tagfocus",
            FilterKind::TrimPath => "trim-path",
        }
    }
}

/// The set of filters that matched anything alive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilterHits(u8);

impl FilterHits {
    /// Whether a filter is in the set.
    pub fn has(self, filter: FilterKind) -> bool {
        self.0 & 1 << filter as u8 != 0
    }

    /// Adds a filter if `hit`.
    pub(in crate::site) fn note(&mut self, filter: FilterKind, hit: bool) {
        self.0 |= u8::from(hit) << filter as u8;
    }

    /// Adds the filters of another profile or side.
    pub fn add(&mut self, other: FilterHits) {
        self.0 |= other.0;
    }
}
