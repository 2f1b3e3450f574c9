//! `--focus` and `--ignore`, with pprof's meaning.

use regex::bytes::Regex;

use super::stack::Stacks;
use crate::profile::{LocationId, Profile};

/// Which samples count. A frame matches by its function's name, its file or its mapping's file; those
/// that the producer wants dropped are gone before.
#[derive(Debug, Default)]
pub struct Filter {
    /// Only samples with a matching frame.
    pub focus: Option<Regex>,
    /// No samples with a matching frame.
    pub ignore: Option<Regex>,
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

impl Filter {
    fn is_empty(&self) -> bool {
        self.focus.is_none() && self.ignore.is_none()
    }
}

/// Which filters matched a live sample.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FilterHits {
    /// `focus` did.
    pub focus: bool,
    /// `ignore` did.
    pub ignore: bool,
}

#[derive(Debug, Clone, Copy)]
enum Match {
    Ignored,
    Focused,
    Neither,
}

/// A filter on the samples of one profile.
pub(super) struct Sieve {
    /// Indexed by [`LocationId`]; `None` without a filter.
    matches: Option<Vec<Match>>,
    pub(super) hits: FilterHits,
}

impl Sieve {
    pub(super) fn new(filter: &Filter, profile: &Profile, stacks: &Stacks<'_>) -> Self {
        let hits = FilterHits::default();
        if filter.is_empty() {
            return Sieve { matches: None, hits };
        }
        let judge = |id: LocationId| {
            let matches = |regex: &Regex| matches(regex, profile, stacks, id);
            if filter.ignore.as_ref().is_some_and(matches) {
                Match::Ignored
            } else if filter.focus.as_ref().is_none_or(matches) {
                Match::Focused
            } else {
                Match::Neither
            }
        };
        let matches = profile.location_ids().map(judge).collect();
        Sieve { matches: Some(matches), hits }
    }

    /// Whether a sample with this stack counts. One without any frame does not pass a filter.
    pub(super) fn passes(&mut self, stack: &[LocationId]) -> bool {
        let Some(matches) = &self.matches else { return true };
        let (mut focused, mut ignored) = (false, false);
        for id in stack {
            match matches[id.index()] {
                Match::Ignored => ignored = true,
                Match::Focused => focused = true,
                Match::Neither => {}
            }
        }
        self.hits.focus |= focused;
        self.hits.ignore |= ignored;
        focused && !ignored
    }
}

fn matches(regex: &Regex, profile: &Profile, stacks: &Stacks<'_>, id: LocationId) -> bool {
    let frame = stacks.lines(id).any(|at| {
        let function = profile.function(profile.lines()[at as usize].function);
        regex.is_match(profile.string(function.name)) || regex.is_match(profile.string(function.filename))
    });
    let mapping = profile.location(id).mapping;
    let mapping = mapping.and_then(|mapping| profile.mapping(mapping));
    frame || mapping.is_some_and(|mapping| regex.is_match(profile.string(mapping.filename)))
}
