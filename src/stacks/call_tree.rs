//! The stacks as a tree of calls.

use std::collections::VecDeque;
use std::ops::Range;

use super::StackComparison;
use crate::diff::Change;
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
        let mut waiting = VecDeque::from([(0..sorted.stacks.len(), None, 0, 0)]);
        while let Some((range, function, parent, depth)) = waiting.pop_front() {
            let Sums { cum, grown, noise } = sorted.sums(range.clone());
            let flat = sorted.flat(range.clone(), depth);
            let node = CallNode { function, parent, depth: crate::index::index(depth), flat, cum, grown, noise };
            if tree.nodes.first().is_some_and(|root| tree.nodes.len() >= Self::MAX_NODES || !keeps(&node, root)) {
                tree.left_out += 1;
                continue;
            }
            let parent = crate::index::index(tree.nodes.len());
            tree.nodes.push(node);
            waiting
                .extend(sorted.callees(range, depth).map(|(range, callee)| (range, Some(callee), parent, depth + 1)));
        }
        tree
    }
}

/// The functions of all stacks, root first, sorted: the stacks through a node are adjacent. Stacks that differ only in
/// lines are one.
struct SortedStacks {
    /// The functions of one stack after the other.
    functions: Vec<u32>,
    /// Where the functions of each stack are, and prefix sums: of the stack and all before it.
    stacks: Vec<(Range<usize>, Sums)>,
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

impl SortedStacks {
    fn new(all: &StackComparison<'_>, is_noise: impl Fn(usize) -> bool) -> Self {
        let mut functions = Vec::new();
        let mut stacks: Vec<(Range<usize>, Sums)> = Vec::with_capacity(all.stacks.len());
        for (at, stack) in all.stacks.iter().enumerate() {
            let start = functions.len();
            functions.extend(all.frames_of(stack).iter().map(|&frame| all.frames[frame as usize].function));
            let noise = if is_noise(at) { stack.change.delta() } else { Values::default() };
            stacks.push((start..functions.len(), Sums { cum: stack.change, grown: Values::default(), noise }));
        }
        let of = |stack: &Range<usize>| &functions[stack.clone()];
        stacks.sort_unstable_by(|(a, _), (b, _)| of(a).cmp(of(b)));
        stacks.dedup_by(|(stack, sums), (kept, sum)| {
            let is_same = of(stack) == of(kept);
            if is_same {
                sum.cum += sums.cum;
                sum.noise += sums.noise;
            }
            is_same
        });
        let mut sum = Sums::default();
        for (_, sums) in &mut stacks {
            let delta = sums.cum.delta();
            sum.cum += sums.cum;
            sum.grown += Values { objects: delta.objects.max(0), space: delta.space.max(0) };
            sum.noise += sums.noise;
            *sums = sum;
        }
        SortedStacks { functions, stacks }
    }

    /// Sums of adjacent stacks.
    fn sums(&self, Range { start, end }: Range<usize>) -> Sums {
        let until = |end: usize| end.checked_sub(1).map_or_else(Sums::default, |at| self.stacks[at].1);
        let (before, sum) = (until(start), until(end));
        Sums {
            cum: Change { base: sum.cum.base - before.cum.base, current: sum.cum.current - before.cum.current },
            grown: sum.grown - before.grown,
            noise: sum.noise - before.noise,
        }
    }

    /// What the node itself allocates through whose `depth` frames these stacks go.
    fn flat(&self, Range { start, .. }: Range<usize>, depth: usize) -> Change {
        // A stack that ends at the node sorts first.
        let ends_here = self.stacks.get(start).is_some_and(|(stack, _)| stack.len() == depth);
        if ends_here { self.sums(start..start + 1).cum } else { Change::default() }
    }

    /// The callees of that node, and the stacks through each.
    fn callees(&self, stacks: Range<usize>, depth: usize) -> impl Iterator<Item = (Range<usize>, u32)> {
        let callee = move |(stack, _): &(Range<usize>, Sums)| self.functions[stack.clone()].get(depth).copied();
        let mut start = stacks.start;
        let chunks = self.stacks[stacks].chunk_by(move |a, b| callee(a) == callee(b));
        chunks.filter_map(move |chunk| {
            let range = start..start + chunk.len();
            start = range.end;
            Some((range, callee(&chunk[0])?))
        })
    }
}
