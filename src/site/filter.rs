//! What the filters say, with pprof's names and meanings. What they do to a profile is in [`apply_filter`](super::apply_filter).

use regex::bytes::Regex;

use super::sizes::Sizes;
use super::trim::TrimPath;

/// Which samples and which of their frames count, and what their files are called. A frame matches by its
/// function's name, its file or its mapping's file; those that the producer wants dropped are gone before.
///
/// As in pprof `focus` and `ignore` see all frames, then `hide` and `show` take some out, then `show_from`,
/// and `block_sizes` comes last. Files are matched as they stand in the profile, and trimmed afterwards.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only samples with a matching frame.
    pub focus: Option<Regex>,
    /// No samples with a matching frame.
    pub ignore: Option<Regex>,
    /// Matching frames go.
    pub hide: Option<Regex>,
    /// All others go.
    pub show: Option<Regex>,
    /// What called the outermost matching frame goes; without one the sample.
    pub show_from: Option<Regex>,
    /// Only samples whose objects are of such a size.
    pub block_sizes: Option<Sizes>,
    /// What file names are rid of.
    pub trim_path: TrimPath,
}

impl Filter {
    /// Whether `hide` and `show` leave the frames of a function, as far as it decides that.
    pub fn leaves(&self, name: &[u8], file: &[u8]) -> bool {
        let is_match = |regex: &Regex| regex.is_match(name) || regex.is_match(file);
        !self.hide.as_ref().is_some_and(is_match) && self.show.as_ref().is_none_or(is_match)
    }
}

/// Compiles a regular expression of pprof's kind: Go's syntax, of which only `\Q...\E` has to be spelled out
/// for this engine.
///
/// # Errors
///
/// What is wrong with it.
pub fn pattern(expression: &str) -> Result<Regex, regex::Error> {
    // To parse one takes hundreds of bytes for each of its own, and a profile may hold any.
    const LONGEST: usize = 64 << 10;
    if expression.len() > LONGEST {
        return Err(regex::Error::CompiledTooBig(LONGEST));
    }
    let mut parts = expression.split(r"\Q");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (quoted, rest) = part.split_once(r"\E").unwrap_or((part, ""));
        plain += &regex::escape(quoted);
        plain += rest;
    }
    Regex::new(&plain)
}

/// One of the filters that can be asked for.
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
    /// The option that asks for it, without dashes.
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

/// Which filters matched anything that is alive.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilterHits(u8);

impl FilterHits {
    /// Whether this one did.
    pub fn has(self, filter: FilterKind) -> bool {
        self.0 & 1 << filter as u8 != 0
    }

    /// Notes that this one did, if so.
    pub(super) fn note(&mut self, filter: FilterKind, hit: bool) {
        self.0 |= u8::from(hit) << filter as u8;
    }

    /// Adds those of another profile or side.
    pub fn add(&mut self, other: FilterHits) {
        self.0 |= other.0;
    }
}
