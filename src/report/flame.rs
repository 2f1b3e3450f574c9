//! The calls of both sides, laid out to be drawn as a flame graph.
//!
//! In: [`StackComparison`]. Out: a [`Flame`], which owns what it shows. Knows no colours and no pixels.

use std::cmp::Reverse;

use crate::diff::{Change, Metric};
use crate::order::{group_starts, sorted};
use crate::site::Values;
use crate::stacks::{CallTree, StackComparison};

/// A tree of calls, root on top, without the calls that are too narrow to be seen.
#[derive(Debug, Clone)]
pub struct Flame {
    /// Each caller before its callees, and callees in the order of their names.
    pub nodes: Vec<FlameNode>,
    /// Number of calls left out, each with all it calls; their values are part of their callers'.
    pub merged: usize,
    /// Smallest share of the whole that is drawn, 0 to 1: calls that are narrower by both metrics, in live memory as in
    /// growth, are left out.
    pub min_share: f64,
}

/// A call of a function through those above it.
#[derive(Debug, Clone, Copy)]
pub struct FlameNode {
    /// Index in [`StackComparison::functions`], in a [`StackGraph`](super::StackGraph) in its own; `None` for the root.
    pub function: Option<u32>,
    /// Its distance from the root, which has 0.
    pub depth: u32,
    /// What it and all it calls allocate.
    pub cum: Change,
    /// Summed growth of the stacks through it that grew; those that shrank are not subtracted.
    pub grown: Values,
    /// The part of the change of `cum` that is within sampling noise: that of sites without significant growth.
    pub noise: Values,
}

/// Widths of a node by bytes and objects: live, then grown.
fn widths(change: Change, grown: Values) -> [i128; 4] {
    [change.current.space, change.current.objects, grown.space, grown.objects]
}

impl Flame {
    /// Lays out the calls. `is_noise`: whether the change of a stack, by its index, is within sampling noise.
    /// `min_share`: as [`Flame::min_share`].
    pub(super) fn new(calls: &StackComparison<'_>, is_noise: impl Fn(usize) -> bool, min_share: f64) -> Self {
        #[allow(clippy::cast_possible_truncation, reason = "a share of a whole is no more than that")]
        let limit = |whole: i128| (whole as f64 * min_share).ceil() as i128;
        let tree = CallTree::new(calls, is_noise, |node, root| {
            let wholes = widths(root.cum, root.grown);
            widths(node.cum, node.grown).iter().zip(wholes).any(|(&width, whole)| width > 0 && width >= limit(whole))
        });
        // Callees are contiguous, in the order of their callers.
        let called = &tree.nodes[tree.nodes.len().min(1)..];
        let callees = group_starts(tree.nodes.len(), called.iter().map(|node| node.parent));
        // By function: whether it is shown, then its rank by name.
        let mut ranks = vec![None; calls.functions.len()];
        called.iter().filter_map(|node| node.function).for_each(|function| ranks[function as usize] = Some(0));
        let shown = (0..ranks.len()).filter(|&function| ranks[function].is_some());
        let named = shown.map(|function| (calls.functions[function].name(), calls.functions[function], function));
        let by_name = sorted(named.collect(), |(a, same, _), (b, other, _)| a.cmp(b).then_with(|| same.cmp(other)));
        by_name.iter().enumerate().for_each(|(at, &(.., function))| ranks[function] = Some(at));
        let mut flame = Flame { nodes: Vec::new(), merged: tree.left_out, min_share };
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let node = &tree.nodes[at];
            flame.nodes.push(FlameNode {
                function: node.function,
                depth: node.depth,
                cum: node.cum,
                grown: node.grown,
                noise: node.noise,
            });
            let first = open.len();
            open.extend(callees[at] as usize + 1..callees[at + 1] as usize + 1);
            // The first by name is popped next.
            let rank = |at: usize| tree.nodes[at].function.map(|function| ranks[function as usize]);
            open[first..].sort_unstable_by_key(|&callee| Reverse(rank(callee)));
        }
        flame
    }

    /// Width of the whole graph in a metric: live memory, or growth.
    pub fn whole(&self, metric: Metric, by_growth: bool) -> i128 {
        self.nodes.first().map_or(0, |root| root.width(metric, by_growth))
    }
}

impl FlameNode {
    /// Whether most of its change in a metric is within sampling noise.
    pub fn is_noise(&self, metric: Metric) -> bool {
        let (delta, noise) = (self.cum.delta_of(metric), metric.of(self.noise));
        let significant = (delta - noise) * delta.signum();
        delta != 0 && 2 * significant < delta.abs()
    }

    /// Its width in a metric: live memory, or growth.
    pub fn width(&self, metric: Metric, by_growth: bool) -> i128 {
        metric.of(if by_growth { self.grown } else { self.cum.current }).max(0)
    }
}
