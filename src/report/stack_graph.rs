//! What a page draws of the stacks behind a report: a flame graph, and the stacks of each site.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::flame::Flame;
use super::site_stacks::{SiteStacks, site_stacks};
use crate::diff::{Deltas, Metric};
use crate::stacks::StackComparison;
use crate::threads::join2;

/// The stacks behind a comparison, ready to be drawn. Owns what it shows.
#[derive(Debug, Clone)]
pub struct StackGraph {
    /// Full names of the program's functions; empty for those that are not shown.
    pub functions: Vec<String>,
    /// Files of the frames.
    pub files: Vec<String>,
    /// Lines of code on the stacks of sites.
    pub frames: Vec<GraphFrame>,
    /// All stacks as a tree.
    pub flame: Flame,
    /// The stacks of each site, indexed as the report's sites; empty without a report.
    pub stacks: Vec<SiteStacks>,
}

/// A line of code.
#[derive(Debug, Clone, Copy)]
pub struct GraphFrame {
    /// Index in [`StackGraph::functions`].
    pub function: u32,
    /// Index in [`StackGraph::files`], which has an empty entry for unknown files.
    pub file: usize,
    /// Line number; 0 when unknown.
    pub line: i64,
}

impl StackGraph {
    /// Lays out the flame graph alone. `min_share`: as [`Flame::min_share`].
    pub fn flame_only(calls: &StackComparison<'_>, min_share: f64) -> Self {
        StackGraph::new(calls, Flame::new(calls, min_share), Vec::new())
    }

    /// Lays out the flame graph and the stacks of `sites`, which are indexes in [`Deltas::sites`]. `metric`: decides
    /// which stacks of a site are shown. `min_share`: as [`Flame::min_share`].
    pub fn with_sites(deltas: &Deltas<'_, '_>, sites: &[usize], metric: Metric, min_share: f64) -> Self {
        let calls = StackComparison::new(deltas);
        let keys = || sites.iter().map(|&site| deltas.key(&deltas.sites[site]));
        let (flame, stacks) = join2(
            || Flame::new(&calls, min_share),
            || site_stacks(&calls, deltas.current.granularity(), keys(), metric),
        );
        StackGraph::new(&calls, flame, stacks)
    }

    /// Copies from `calls` what is shown. `stacks`: with frames of `calls`.
    fn new(calls: &StackComparison<'_>, flame: Flame, mut stacks: Vec<SiteStacks>) -> Self {
        // By frame of the calls: its index among those that are shown.
        let mut new_index = vec![u32::MAX; calls.frames.len()];
        let mut shown = Vec::new();
        for frame in stacks.iter_mut().flat_map(|site| &mut site.shown).flat_map(|stack| &mut *stack.frames) {
            let index = &mut new_index[*frame as usize];
            if *index == u32::MAX {
                *index = crate::index::index(shown.len());
                shown.push(*frame);
            }
            *frame = *index;
        }
        let mut files: IndexSet<&[u8], RandomState> = IndexSet::default();
        let frame = |&frame: &u32| {
            let frame = calls.frames[frame as usize];
            let file = files.insert_full(frame.line.file).0;
            GraphFrame { function: frame.function, file, line: frame.line.line }
        };
        let frames: Vec<_> = shown.iter().map(frame).collect();
        let mut functions = vec![String::new(); calls.functions.len()];
        let on_flame = flame.nodes.iter().filter_map(|node| node.function);
        for at in frames.iter().map(|frame| frame.function).chain(on_flame) {
            let name = &mut functions[at as usize];
            if name.is_empty() {
                *name = calls.functions[at as usize].name().into_owned();
            }
        }
        let files = files.iter().map(|file| String::from_utf8_lossy(file).into_owned()).collect();
        StackGraph { functions, files, frames, flame, stacks }
    }
}
