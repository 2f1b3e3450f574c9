//! Which callers allocated memory on both sides: the stacks of a comparison.
//!
//! In: [`Deltas`] of tables whose stacks were kept. Out: a [`StackComparison`], and from it
//! a [`CallTree`], functions line by line, callers and callees, and groups of stacks. Knows no format and no page.

mod by_functions;
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
pub use groups::{RankedGroups, StackGroup};
pub use listing::{FunctionListing, ListedLine};
pub use peek::{CallEdge, Peek};

use crate::diff::{Change, Deltas, Metric};
use crate::index::{NONE, index};
use crate::profile::MetricsPresent;
use crate::site::{CodeLine, PackedValues, SiteKey, SiteTable, SliceSet, owner_key};

/// The distinct stacks of both sides, over frames that the sides share.
#[derive(Debug)]
pub struct StackComparison<'p> {
    /// The distinct lines of code on the stacks, as the current side has them.
    pub frames: Vec<Frame<'p>>,
    /// The functions of the frames; code without a symbol is its own function.
    pub functions: Vec<SiteKey<'p>>,
    /// The stacks in order of appearance, the base's first.
    pub stacks: Vec<Stack>,
    /// The frames of one stack after the other.
    stack_frames: Vec<u32>,
    /// Whether the stacks are chains of references rather than of calls.
    pub are_references: bool,
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
#[derive(Debug, Clone, Copy)]
pub struct Stack {
    /// Where its frames begin and end in [`StackComparison::stack_frames`].
    bounds: [u32; 2],
    /// Position among its frames of the owner, the last one in the program's own code; [`NONE`] without such a frame.
    owner: u32,
    /// What was allocated through it on the base and on the current side.
    sides: [PackedValues; 2],
}

impl Stack {
    /// Position among its frames of the owner, if it has one.
    pub fn owner(&self) -> Option<usize> {
        (self.owner != NONE).then_some(self.owner as usize)
    }

    /// What was allocated through it, on both sides.
    pub fn change(&self) -> Change {
        let [base, current] = self.sides.map(PackedValues::get);
        Change { base, current }
    }
}

impl<'p> StackComparison<'p> {
    /// The stacks of both sides of a comparison.
    pub fn new(deltas: &Deltas<'_, 'p>) -> Self {
        let mut frames = Frames::default();
        let (mut stacks, mut owned) = (SliceSet::default(), Vec::new());
        let mut key = Vec::new();
        let mut add = |table: &SiteTable<'p>, frames: &[u32], side: usize| {
            owned.reserve_exact(table.stacks().count());
            for chain in table.stacks() {
                key.clear();
                key.extend(chain.lines.iter().rev().map(|&line| frames[line as usize]));
                let at = stacks.find(&key).unwrap_or_else(|vacancy| {
                    let owner = chain.owner.map_or(NONE, |from_leaf| index(key.len() - 1 - from_leaf));
                    owned.push(Stack { bounds: [0; 2], owner, sides: Default::default() });
                    stacks.insert(&key, vacancy)
                });
                let sum = &mut owned[at].sides[side];
                *sum = (sum.get() + deltas.only_counted(chain.values)).into();
            }
        };
        let base =
            frames.add(deltas.base, |key| deltas.current_key(key), |frame, line| frame.base_line = Some(line.line));
        add(deltas.base, &base, 0);
        let current = frames.add(deltas.current, |key| key, |frame, line| frame.line = line);
        add(deltas.current, &current, 1);
        let (stack_frames, ends) = stacks.into_parts();
        let mut start = 0;
        for (stack, end) in owned.iter_mut().zip(ends) {
            stack.bounds = [start, end];
            start = end;
        }
        StackComparison {
            frames: frames.known.into_values().collect(),
            functions: frames.functions.into_keys().collect(),
            stacks: owned,
            stack_frames,
            are_references: deltas.are_references(),
            counted: deltas.counted,
        }
    }

    /// The frames of a stack: indexes in [`StackComparison::frames`], root first.
    pub fn frames_of(&self, stack: &Stack) -> &[u32] {
        let [start, end] = stack.bounds;
        &self.stack_frames[start as usize..end as usize]
    }

    /// The files and lines of functions on the current side.
    pub fn current_lines(&self) -> CurrentLines<'p> {
        CurrentLines::new(self)
    }

    /// What is allocated for each owner, by its key; where a stack has none, its leaf is it.
    fn of_owners(&self) -> IndexMap<SiteKey<'p>, Change, RandomState> {
        let mut found: IndexMap<SiteKey<'p>, Change, RandomState> = IndexMap::default();
        for stack in &self.stacks {
            let frames = self.frames_of(stack);
            let Some(leaf) = frames.len().checked_sub(1) else { continue };
            let owner = self.frames[frames[stack.owner().unwrap_or(leaf)] as usize].line;
            *found.entry(owner.function().map_or(owner.key, owner_key)).or_default() += stack.change();
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
