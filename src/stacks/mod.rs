//! Which callers allocated memory on both sides: the stacks of a comparison.
//!
//! In: [`Deltas`] of tables whose stacks were kept. Out: a [`StackComparison`], and from it
//! a [`CallTree`], functions line by line, callers and callees, and groups of stacks. Knows no format and no page.

mod call_tree;
mod current_lines;
mod functions;
mod groups;
mod listing;
mod peek;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

pub use call_tree::CallTree;
pub use current_lines::CurrentLines;
pub use groups::StackGroup;
pub use listing::{FunctionListing, ListedLine};
pub use peek::{CallEdge, Peek};

use crate::diff::{Change, Deltas, Metric};
use crate::index::index;
use crate::profile::MetricsPresent;
use crate::site::{CodeLine, SiteKey, SiteTable, Values, owner_key};

/// The distinct stacks of both sides, over frames that the sides share.
#[derive(Debug)]
pub struct StackComparison<'p> {
    /// The distinct lines of code on the stacks, as the current side has them.
    pub frames: Vec<Frame<'p>>,
    /// The functions of the frames; code without a symbol is its own function.
    pub functions: Vec<SiteKey<'p>>,
    /// The stacks in order of appearance, the base's first.
    pub stacks: Vec<Stack>,
    /// The metrics that both sides count.
    pub counted: MetricsPresent,
}

/// A line of code on stacks.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'p> {
    /// Its key, file and line number.
    pub line: CodeLine<'p>,
    /// Its line number in the base; `None` if the base does not have it.
    pub base_line: Option<i64>,
    /// Index of its function in [`StackComparison::functions`].
    pub function: u32,
}

/// A stack on both sides.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Indexes in [`StackComparison::frames`], root first.
    pub frames: Box<[u32]>,
    /// Position in `frames` of the owner, the last frame in the program's own code; `None` without such a frame.
    pub owner: Option<usize>,
    /// What was allocated through it, on both sides.
    pub change: Change,
}

impl<'p> StackComparison<'p> {
    /// The stacks of both sides of a comparison.
    pub fn new(deltas: &Deltas<'_, 'p>) -> Self {
        let mut frames = Frames::default();
        let mut stacks: IndexMap<Box<[u32]>, (Option<usize>, Change), RandomState> = IndexMap::default();
        let mut add = |table: &SiteTable<'p>, frames: &[u32], change: fn(&mut Change) -> &mut Values| {
            stacks.reserve(table.stacks().count());
            for chain in table.stacks() {
                let key: Box<[u32]> = chain.lines.iter().rev().map(|&line| frames[line as usize]).collect();
                let owner = chain.owner.map(|from_leaf| key.len() - 1 - from_leaf);
                let (_, sums) = stacks.entry(key).or_insert((owner, Change::default()));
                *change(sums) += deltas.only_counted(chain.values);
            }
        };
        let base =
            frames.add(deltas.base, |key| deltas.current_key(key), |frame, line| frame.base_line = Some(line.line));
        add(deltas.base, &base, |change| &mut change.base);
        let current = frames.add(deltas.current, |key| key, |frame, line| frame.line = line);
        add(deltas.current, &current, |change| &mut change.current);
        StackComparison {
            frames: frames.known.into_values().collect(),
            functions: frames.functions.into_keys().collect(),
            stacks: stacks.into_iter().map(|(frames, (owner, change))| Stack { frames, owner, change }).collect(),
            counted: deltas.counted,
        }
    }

    /// The files and lines of functions on the current side.
    pub fn current_lines(&self) -> CurrentLines<'p> {
        CurrentLines::new(self)
    }

    /// What is allocated for each owner, by its key; where a stack has none, its leaf is it.
    fn of_owners(&self) -> IndexMap<SiteKey<'p>, Change, RandomState> {
        let mut found: IndexMap<SiteKey<'p>, Change, RandomState> = IndexMap::default();
        for stack in &self.stacks {
            let Some(leaf) = stack.frames.len().checked_sub(1) else { continue };
            let owner = self.frames[stack.frames[stack.owner.unwrap_or(leaf)] as usize].line;
            *found.entry(owner.function().map_or(owner.key, owner_key)).or_default() += stack.change;
        }
        found
    }

    /// What is allocated for each function as the owner, by index of the function.
    pub fn owned(&self) -> Vec<Change> {
        let of_owners = self.of_owners();
        self.functions.iter().map(|function| of_owners.get(function).copied().unwrap_or_default()).collect()
    }

    /// The growth in `metric` of all owners that grew.
    pub fn growth(&self, metric: Metric) -> i128 {
        self.of_owners().values().map(|change| change.delta_of(metric)).filter(|&growth| growth > 0).sum()
    }

    /// The function of a frame.
    pub fn function(&self, frame: u32) -> SiteKey<'p> {
        self.functions[self.frames[frame as usize].function as usize]
    }
}

/// The frames of both sides by key.
#[derive(Default)]
struct Frames<'p> {
    known: IndexMap<SiteKey<'p>, Frame<'p>, RandomState>,
    functions: IndexMap<SiteKey<'p>, (), RandomState>,
}

impl<'p> Frames<'p> {
    /// Adds the lines of a side. Returns the index of the frame of each. `note` records what the side knows of a frame.
    fn add(
        &mut self,
        table: &SiteTable<'p>,
        key: impl Fn(SiteKey<'p>) -> SiteKey<'p>,
        note: fn(&mut Frame<'p>, CodeLine<'p>),
    ) -> Vec<u32> {
        let lines = table.lines();
        // Most lines of the current side are known from the base.
        self.known.reserve(lines.len().saturating_sub(self.known.len()));
        lines
            .map(|line| {
                let line = CodeLine { key: key(line.key), ..line };
                let entry = self.known.entry(line.key);
                let at = entry.index();
                let functions = &mut self.functions;
                let frame = entry.or_insert_with(|| {
                    let function = line.function().map_or(line.key, SiteKey::Function);
                    let function = index(functions.insert_full(function, ()).0);
                    Frame { line, base_line: None, function }
                });
                note(frame, line);
                index(at)
            })
            .collect()
    }
}
