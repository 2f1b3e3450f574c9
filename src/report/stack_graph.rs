//! What a page draws of the stacks behind a report: a flame graph, and the stacks of each site.

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::flame::Flame;
use super::function_code::{FunctionCode, function_code};
use super::site_stacks::{SiteStacks, StackSites, site_stacks};
use crate::diff::{Deltas, Metric};
use crate::evidence::Significance;
use crate::stacks::StackComparison;
use crate::threads::join2;

/// The stacks behind a comparison, ready to be drawn. Owns what it shows.
#[derive(Debug, Clone)]
pub struct StackGraph {
    /// Full names of the functions that are shown.
    pub functions: Vec<String>,
    /// Files of the frames.
    pub files: Vec<String>,
    /// Lines of code on the stacks of sites.
    pub frames: Vec<GraphFrame>,
    /// Whether they are chains of references, and not calls.
    pub are_references: bool,
    /// All stacks as a tree.
    pub flame: Flame,
    /// The stacks of each site, indexed as the report's sites; empty without a report.
    pub stacks: Vec<SiteStacks>,
    /// The functions that grew by more than noise, the most grown first; empty without a report.
    pub code: Vec<FunctionCode>,
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
    /// Lays out the flame graph alone. `calls`: those of `deltas`. `significance`: that of a site, by its index
    /// in [`Deltas::sites`]. `min_share`: as [`Flame::min_share`].
    pub fn flame_only<'p>(
        deltas: &Deltas<'_, 'p>,
        calls: &StackComparison<'p>,
        significance: impl Fn(usize) -> Significance,
        min_share: f64,
    ) -> Self {
        let sites = StackSites::new(calls, deltas);
        let is_noise = |stack| sites.site(stack).is_some_and(|site| significance(site) == Significance::Noise);
        StackGraph::new(calls, Flame::new(calls, is_noise, min_share), Vec::new(), Vec::new())
    }

    /// Lays out the flame graph, and the stacks of `sites`, which are indexes in [`Deltas::sites`]. `metric`: decides
    /// which stacks of a site are shown. The others: as in [`StackGraph::flame_only`].
    pub fn with_sites<'p>(
        deltas: &Deltas<'_, 'p>,
        calls: &StackComparison<'p>,
        sites: &[usize],
        significance: impl Fn(usize) -> Significance + Sync,
        metric: Metric,
        min_share: f64,
    ) -> Self {
        let of_stacks = StackSites::new(calls, deltas);
        let is_noise = |stack| of_stacks.site(stack).is_some_and(|site| significance(site) == Significance::Noise);
        let grown = |site: usize| Some(significance(site)).filter(|_| deltas.sites[site].change.delta_of(metric) > 0);
        let (flame, (stacks, code)) = join2(
            || Flame::new(calls, is_noise, min_share),
            || {
                let stacks = site_stacks(calls, &of_stacks, deltas, sites, metric);
                (stacks, function_code(calls, &of_stacks, grown, metric))
            },
        );
        StackGraph::new(calls, flame, stacks, code)
    }

    /// Copies from `calls` what is shown. `stacks`: with frames of `calls`.
    fn new(
        calls: &StackComparison<'_>,
        mut flame: Flame,
        mut stacks: Vec<SiteStacks>,
        code: Vec<FunctionCode>,
    ) -> Self {
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
        // As they come on the page, so that the order of a profile's samples decides nothing.
        let mut functions: IndexSet<u32, RandomState> = IndexSet::default();
        let mut files: IndexSet<&[u8], RandomState> = IndexSet::default();
        let frame = |&frame: &u32| {
            let frame = calls.frames[frame as usize];
            let file = files.insert_full(frame.line.file).0;
            let function = crate::index::index(functions.insert_full(frame.function).0);
            GraphFrame { function, file, line: frame.line.line }
        };
        let frames: Vec<_> = shown.iter().map(frame).collect();
        for function in flame.nodes.iter_mut().filter_map(|node| node.function.as_mut()) {
            *function = crate::index::index(functions.insert_full(*function).0);
        }
        let functions = functions.iter().map(|&at| calls.functions[at as usize].name().into_owned()).collect();
        let files = files.iter().map(|file| String::from_utf8_lossy(file).into_owned()).collect();
        StackGraph { functions, files, frames, are_references: calls.are_references, flame, stacks, code }
    }
}
