//! The code of the functions that grew: what each of their lines allocates.
//!
//! In: [`StackComparison`], and which sites count. Out: [`FunctionCode`], for whose lines the source may be looked for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use foldhash::fast::RandomState;

use super::site_stacks::StackSites;
use super::{Excerpt, NoSource};
use crate::diff::{Change, Metric};
use crate::evidence::Significance;
use crate::stacks::{Stack, StackComparison};

/// Number of functions whose code is shown.
const MAX_FUNCTIONS: usize = 10;

/// A function that grew, line by line.
#[derive(Debug, Clone)]
pub struct FunctionCode {
    /// Its full name.
    pub name: String,
    /// Its file, as the profile has it; empty when unknown.
    pub file: String,
    /// Its first line, if known.
    pub start_line: Option<i64>,
    /// What the lines allocate together.
    pub change: Change,
    /// The lines that allocate, by number.
    pub lines: Vec<AllocatingLine>,
    /// The source around these lines.
    pub source: Result<Excerpt, NoSource>,
}

/// A line, and what is allocated there or in what it calls.
#[derive(Debug, Clone)]
pub struct AllocatingLine {
    /// Its number in the current file; 0 when unknown.
    pub line: i64,
    /// What it allocates.
    pub change: Change,
    /// Full names of the other functions that allocate for it.
    pub callees: BTreeSet<String>,
}

/// The functions of the sites that grew by more than noise: those whose growth is confirmed first, then by growth in
/// `metric`, and no more than [`MAX_FUNCTIONS`]. `grown`: the significance of a site that grew, by its index in
/// [`Deltas::sites`](crate::diff::Deltas).
pub(super) fn function_code(
    calls: &StackComparison<'_>,
    stack_sites: &StackSites,
    grown: impl Fn(usize) -> Option<Significance>,
    metric: Metric,
) -> Vec<FunctionCode> {
    // Variables and fields have no code.
    if calls.are_references {
        return Vec::new();
    }
    let mut of_functions: HashMap<u32, Vec<(&Stack, u32)>, RandomState> = HashMap::default();
    let mut confirmed = HashSet::<u32, RandomState>::default();
    for (at, stack) in calls.stacks.iter().enumerate() {
        let Some((frame, site)) = stack_sites.of(at) else { continue };
        let Some(significance) = grown(site).filter(|&known| known != Significance::Noise) else { continue };
        let frame = calls.frames_of(stack)[frame];
        let function = calls.frames[frame as usize].function;
        of_functions.entry(function).or_default().push((stack, frame));
        if significance == Significance::Grew {
            confirmed.insert(function);
        }
    }
    let growth =
        |stacks: &[(&Stack, u32)]| stacks.iter().map(|(stack, _)| stack.change().delta_of(metric)).sum::<i128>();
    let mut found: Vec<_> = of_functions.into_iter().filter(|(_, stacks)| growth(stacks) > 0).collect();
    found.sort_by_cached_key(|(function, stacks)| {
        let is_first = Reverse(confirmed.contains(function));
        (is_first, Reverse(growth(stacks)), calls.functions[*function as usize])
    });
    found.truncate(MAX_FUNCTIONS);
    if found.is_empty() {
        return Vec::new();
    }
    let current = calls.current_lines();
    let code = |(function, stacks): (u32, Vec<(&Stack, u32)>)| {
        let mut lines: BTreeMap<i64, AllocatingLine> = BTreeMap::new();
        let mut change = Change::default();
        for (stack, frame) in &stacks {
            change += stack.change();
            let number = current.line(calls, *frame);
            let new = || AllocatingLine { line: number, change: Change::default(), callees: BTreeSet::new() };
            let line = lines.entry(number).or_insert_with(new);
            line.change += stack.change();
            let leaf = calls.frames_of(stack).last().map(|&leaf| calls.frames[leaf as usize].function);
            let callee = leaf.filter(|&leaf| leaf != function);
            line.callees.extend(callee.map(|callee| calls.functions[callee as usize].name().into_owned()));
        }
        let file = stacks.first().map_or(&[][..], |&(_, frame)| current.file(calls, frame));
        FunctionCode {
            name: calls.functions[function as usize].name().into_owned(),
            file: String::from_utf8_lossy(file).into_owned(),
            start_line: current.start_line(function),
            change,
            lines: lines.into_values().collect(),
            source: Err(NoSource::NotFound),
        }
    };
    found.into_iter().map(code).collect()
}

impl FunctionCode {
    /// Cuts the source of the function out of the text of its file, which was found at `path`.
    ///
    /// # Errors
    ///
    /// The file cannot be the source of the function.
    pub fn excerpt(&self, path: &str, text: &str) -> Result<Excerpt, NoSource> {
        let numbered: Vec<_> = self.lines.iter().map(|line| line.line).collect();
        Excerpt::of_function(path, text, &self.name, self.start_line, &numbered)
    }
}
