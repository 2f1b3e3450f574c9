//! The calls of both sides, laid out to be drawn as a flame graph.
//!
//! In: [`Calls`]. Out: a [`Flame`], which owns what it shows. Knows no colours and no pixels.

use std::cmp::Reverse;

use crate::calls::{Calls, Tree};
use crate::diff::{Change, Metric};
use crate::order::{group_starts, sorted};
use crate::site::Values;

/// A tree of calls, root on top, of which what is too narrow to be seen is left out.
#[derive(Debug, Clone)]
pub struct Flame {
    /// A caller before its callees, and those one behind the other by name.
    pub nodes: Vec<FlameNode>,
    /// How many calls were left out, each with all that it calls: they are in the numbers of their callers.
    pub merged: usize,
    /// What was left out: what is narrower than this share of the whole, by either metric, in what is alive and in
    /// what grew.
    pub least: f64,
}

/// A function, called through those above it.
#[derive(Debug, Clone, Copy)]
pub struct FlameNode {
    /// Index in [`Calls::functions`]; `None` for the root.
    pub function: Option<u32>,
    /// Its distance from the root, which has 0.
    pub depth: u32,
    /// What it and all that it calls allocate.
    pub cum: Change,
    /// The growth of the stacks through it that grew; what shrank elsewhere is not taken off.
    pub grown: Values,
}

/// Widths of a node: what is alive, and what grew.
fn widths(change: Change, grown: Values) -> [i128; 4] {
    [change.current.space, change.current.objects, grown.space, grown.objects]
}

impl Flame {
    /// Lays out the calls. `least`: the share of the whole that is left out, as [`Flame::least`].
    pub fn new(calls: &Calls<'_>, least: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a share of a whole is no more than that")]
        let limit = |whole: i128| (whole as f64 * least).ceil() as i128;
        let tree = Tree::new(calls, |node, root| {
            let wholes = widths(root.cum, root.grown);
            widths(node.cum, node.grown).iter().zip(wholes).any(|(&width, whole)| width > 0 && width >= limit(whole))
        });
        // Callees stand one behind the other, in the order of their callers.
        let called = &tree.nodes[tree.nodes.len().min(1)..];
        let callees = group_starts(tree.nodes.len(), called.iter().map(|node| node.parent));
        // By function: whether it is shown, then its place by name.
        let mut places = vec![None; calls.functions.len()];
        called.iter().filter_map(|node| node.function).for_each(|function| places[function as usize] = Some(0));
        let shown = (0..places.len()).filter(|&function| places[function].is_some());
        let named = shown.map(|function| (calls.functions[function].name(), calls.functions[function], function));
        let by_name = sorted(named.collect(), |(a, same, _), (b, other, _)| a.cmp(b).then_with(|| same.cmp(other)));
        by_name.iter().enumerate().for_each(|(at, &(.., function))| places[function] = Some(at));
        let mut flame = Flame { nodes: Vec::new(), merged: tree.left_out, least };
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let node = &tree.nodes[at];
            flame.nodes.push(FlameNode {
                function: node.function,
                depth: node.depth,
                cum: node.cum,
                grown: node.grown,
            });
            let first = open.len();
            open.extend(callees[at] as usize + 1..callees[at + 1] as usize + 1);
            // The first by name is taken next.
            let place = |at: usize| tree.nodes[at].function.map(|function| places[function as usize]);
            open[first..].sort_unstable_by_key(|&callee| Reverse(place(callee)));
        }
        flame
    }

    /// The whole of a metric, as wide as the picture: what is alive, or what grew.
    pub fn whole(&self, metric: Metric, by_growth: bool) -> i128 {
        self.nodes.first().map_or(0, |root| root.width(metric, by_growth))
    }
}

impl FlameNode {
    /// Its width in a metric: what is alive, or what grew.
    pub fn width(&self, metric: Metric, by_growth: bool) -> i128 {
        metric.of(if by_growth { self.grown } else { self.cum.current }).max(0)
    }
}
