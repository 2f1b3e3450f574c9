//! The stacks as a tree of calls.

use std::collections::VecDeque;
use std::ops::Range;

use super::StackComparison;
use super::by_functions::ByFunctions;
use crate::diff::Change;
use crate::index::index;
use crate::site::Values;

/// The calls of both sides: each node is a function, called through the nodes above it.
#[derive(Debug)]
pub struct CallTree {
    /// The nodes level by level, callees of a node side by side. The first is the root, which is the whole program.
    pub nodes: Vec<CallNode>,
    /// Number of nodes that are left out, each with all nodes below it.
    pub left_out: usize,
}

/// A function, called through certain others.
#[derive(Debug, Clone, Default)]
pub struct CallNode {
    /// Index in [`StackComparison::functions`]; `None` for the root.
    pub function: Option<u32>,
    /// Index of its caller in [`CallTree::nodes`]; of the root, its own.
    pub parent: u32,
    /// Its distance from the root, whose own is 0.
    pub depth: u32,
    /// What it allocates itself.
    pub flat: Change,
    /// What it and its callees allocate.
    pub cum: Change,
    /// Growth of those stacks through it that grew; stacks that shrank are not subtracted.
    pub grown: Values,
    /// The part of its change that is within sampling noise.
    pub noise: Values,
}

impl CallTree {
    /// Nodes kept at most, more than anyone can look at; the deepest are left out.
    pub const MAX_NODES: usize = 100_000;

    /// The tree of all stacks. Leaves out the nodes for which `keeps(node, root)` is false. A function that calls
    /// itself is below itself. `is_noise`: whether the change of a stack, by its index, is within sampling noise.
    pub fn new(
        stacks: &StackComparison<'_>,
        is_noise: impl Fn(usize) -> bool,
        keeps: impl Fn(&CallNode, &CallNode) -> bool,
    ) -> Self {
        let sorted = SortedStacks::new(stacks, is_noise);
        let mut tree = CallTree { nodes: Vec::new(), left_out: 0 };
        let mut waiting = VecDeque::from([(0..sorted.by_functions.len(), None, 0, 0)]);
        while let Some((range, function, parent, depth)) = waiting.pop_front() {
            let Sums { cum, grown, noise } = sorted.sums(range.clone());
            let flat = sorted.flat(range.clone(), depth);
            let node = CallNode { function, parent, depth: index(depth), flat, cum, grown, noise };
            if tree.nodes.first().is_some_and(|root| tree.nodes.len() >= Self::MAX_NODES || !keeps(&node, root)) {
                tree.left_out += 1;
                continue;
            }
            let parent = index(tree.nodes.len());
            tree.nodes.push(node);
            waiting
                .extend(sorted.callees(range, depth).map(|(range, callee)| (range, Some(callee), parent, depth + 1)));
        }
        tree
    }
}

/// All stacks, sorted by their functions: those through a node are adjacent. Sums are made node by node, which takes a step
/// for each frame and no memory.
struct SortedStacks<'a, 'p, N> {
    all: &'a StackComparison<'p>,
    is_noise: N,
    by_functions: ByFunctions,
}

/// Sums over some stacks.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    /// What was allocated through them.
    cum: Change,
    /// Growth of those that grew.
    grown: Values,
    /// Change of those whose change is within sampling noise.
    noise: Values,
}

impl<'a, 'p, N: Fn(usize) -> bool> SortedStacks<'a, 'p, N> {
    fn new(all: &'a StackComparison<'p>, is_noise: N) -> Self {
        SortedStacks { all, is_noise, by_functions: all.by_functions() }
    }

    /// Sums of adjacent stacks.
    fn sums(&self, stacks: Range<usize>) -> Sums {
        let mut sums = Sums::default();
        for at in stacks {
            let mut sum = Change::default();
            for &stack in self.by_functions.stacks(at) {
                let change = self.all.stacks[stack as usize].change();
                sum += change;
                if (self.is_noise)(stack as usize) {
                    sums.noise += change.delta();
                }
            }
            let delta = sum.delta();
            sums.grown += Values { objects: delta.objects.max(0), space: delta.space.max(0) };
            sums.cum += sum;
        }
        sums
    }

    /// What the node itself allocates through whose `depth` frames these stacks go.
    fn flat(&self, Range { start, end }: Range<usize>, depth: usize) -> Change {
        // A stack that ends at the node sorts first.
        let ends_here = start < end && self.callee(start, depth).is_none();
        if ends_here { self.sums(start..start + 1).cum } else { Change::default() }
    }

    /// The function below the first `depth` ones of a distinct stack.
    fn callee(&self, at: usize, depth: usize) -> Option<u32> {
        self.all.functions_of(*self.by_functions.stacks(at).first()?).nth(depth)
    }

    /// The callees of that node, and the stacks through each.
    fn callees(&self, stacks: Range<usize>, depth: usize) -> impl Iterator<Item = (Range<usize>, u32)> {
        let Range { mut start, end } = stacks;
        std::iter::from_fn(move || {
            while start < end {
                let (first, callee) = (start, self.callee(start, depth));
                start = (first..end).find(|&at| self.callee(at, depth) != callee).unwrap_or(end);
                if let Some(callee) = callee {
                    return Some((first..start, callee));
                }
            }
            None
        })
    }
}
