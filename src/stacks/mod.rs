//! Through which callers memory was allocated, on both sides: the stacks behind a comparison, over frames that both
//! sides share.
//!
//! In: [`Deltas`] at the granularity `lines`, of tables whose stacks were kept. Out: [`Calls`], and made of them a
//! [`Tree`], listings of functions, their callers and callees, and groups of stacks. Knows no format and no page.

mod groups;
mod listing;
mod peek;
mod pick;
mod places;
mod tree;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

pub use groups::Group;
pub use listing::{Listed, ListedLine};
pub use peek::{Call, Peek};
pub use places::Places;
pub use tree::Tree;

use crate::diff::{Change, Deltas};
use crate::profile::Counted;
use crate::site::{CodeLine, SiteKey, SiteTable, Values};

/// The distinct stacks of both sides.
#[derive(Debug)]
pub struct Calls<'p> {
    /// The distinct lines of code on them, as the current side has them.
    pub frames: Vec<Frame<'p>>,
    /// The functions that these are in; of code without a symbol, the code itself.
    pub functions: Vec<SiteKey<'p>>,
    /// In order of appearance, the base's first.
    pub stacks: Vec<Stack>,
    /// The metrics that both sides have.
    pub counted: Counted,
}

/// A line of code on stacks.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'p> {
    /// What it is, its file and its number.
    pub line: CodeLine<'p>,
    /// Its number in the base, where that has it; it moves when code is added above.
    pub base_line: Option<i64>,
    /// Index of its function in [`Calls::functions`].
    pub function: u32,
}

/// A stack on both sides.
#[derive(Debug, Clone)]
pub struct Stack {
    /// Indexes in [`Calls::frames`], root first.
    pub frames: Box<[u32]>,
    /// Where among them the owner stands: the last in the program's own code.
    pub owner: Option<usize>,
    /// What both sides have of it.
    pub change: Change,
}

impl<'p> Calls<'p> {
    /// The stacks of both sides of a comparison.
    pub fn new(deltas: &Deltas<'_, 'p>) -> Self {
        let mut frames = Frames::default();
        let mut stacks: IndexMap<Box<[u32]>, (Option<usize>, Change), RandomState> = IndexMap::default();
        let mut add = |table: &SiteTable<'p>, frames: &[u32], change: fn(&mut Change) -> &mut Values| {
            stacks.reserve(table.chains().count());
            for chain in table.chains() {
                let key: Box<[u32]> = chain.lines.iter().rev().map(|&line| frames[line as usize]).collect();
                let owner = chain.owner.map(|from_leaf| key.len() - 1 - from_leaf);
                let (_, sums) = stacks.entry(key).or_insert((owner, Change::default()));
                *change(sums) += deltas.only_counted(chain.values);
            }
        };
        let base =
            frames.of(deltas.base, |key| deltas.current_key(key), |frame, line| frame.base_line = Some(line.line));
        add(deltas.base, &base, |change| &mut change.base);
        let current = frames.of(deltas.current, |key| key, |frame, line| frame.line = line);
        add(deltas.current, &current, |change| &mut change.current);
        Calls {
            frames: frames.known.into_values().collect(),
            functions: frames.functions.into_keys().collect(),
            stacks: stacks.into_iter().map(|(frames, (owner, change))| Stack { frames, owner, change }).collect(),
            counted: deltas.counted,
        }
    }

    /// Where functions and lines stand today.
    pub fn places(&self) -> Places<'p> {
        Places::new(self)
    }

    /// The function of a frame.
    pub fn function(&self, frame: u32) -> SiteKey<'p> {
        self.functions[self.frames[frame as usize].function as usize]
    }
}

/// An index of anything here, of which there are never 2³¹: each takes more than a byte of a file in memory.
pub(crate) fn index(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The frames of both sides by what they are.
#[derive(Default)]
struct Frames<'p> {
    known: IndexMap<SiteKey<'p>, Frame<'p>, RandomState>,
    functions: IndexMap<SiteKey<'p>, (), RandomState>,
}

impl<'p> Frames<'p> {
    /// By index of a line of `table`: the index of its frame.
    fn of(
        &mut self,
        table: &SiteTable<'p>,
        key: impl Fn(SiteKey<'p>) -> SiteKey<'p>,
        note: fn(&mut Frame<'p>, CodeLine<'p>),
    ) -> Vec<u32> {
        let lines = table.chain_lines();
        // What the later side has is mostly known.
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
