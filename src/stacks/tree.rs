//! The stacks as a tree of calls, from the root on.

use std::collections::VecDeque;
use std::ops::Range;

use super::Calls;
use crate::diff::Change;
use crate::site::Values;

/// What the calls of both sides make: each node is a function, called through those above it.
#[derive(Debug)]
pub struct Tree {
    /// The root first, which stands for the whole program; a caller before what it calls, and level by level: the
    /// callees of a node stand one behind the other.
    pub nodes: Vec<Node>,
    /// How many nodes are left out, each with all below it.
    pub left_out: usize,
}

/// A function, called through certain others.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Index in [`Calls::functions`]; `None` for the root.
    pub function: Option<u32>,
    /// Index of its caller; its own for the root.
    pub parent: u32,
    /// Its distance from the root, which has 0.
    pub depth: u32,
    /// What it allocates itself.
    pub flat: Change,
    /// That, and what anything it calls allocates.
    pub cum: Change,
    /// The growth of the stacks through it that grew; what shrank elsewhere is not taken off.
    pub grown: Values,
}

/// Bytes of a function on a stack.
const WORD: usize = size_of::<u32>();

impl Tree {
    /// More than anyone can look at; what is left out then is what stands deepest.
    pub const MOST: usize = 100_000;

    /// The tree of all stacks, without the nodes that `keeps` does not want: it sees a node and the root. A function
    /// that calls itself stands below itself.
    pub fn new(calls: &Calls<'_>, keeps: impl Fn(&Node, &Node) -> bool) -> Self {
        // The functions of all stacks, one behind the other, to be compared where they stand: as bytes, of which many
        // are at a look.
        let mut functions: Vec<u8> = Vec::new();
        let mut stacks = Vec::with_capacity(calls.stacks.len());
        for stack in &calls.stacks {
            let start = functions.len();
            let function = |&frame: &u32| calls.frames[frame as usize].function.to_be_bytes();
            functions.extend(stack.frames.iter().flat_map(function));
            stacks.push((start..functions.len(), stack.change));
        }
        let of = |stack: &Range<usize>| &functions[stack.clone()];
        stacks.sort_unstable_by(|(a, _), (b, _)| of(a).cmp(of(b)));
        // Those that differ in lines alone are one.
        stacks.dedup_by(|(stack, change), (kept, sum)| {
            let same = of(stack) == of(kept);
            if same {
                *sum += *change;
            }
            same
        });
        // What each has and all before it: a node's stacks stand together, so that its sum is a difference.
        let (mut sum, mut growth) = (Change::default(), Values::default());
        let mut growths = Vec::with_capacity(stacks.len());
        for (_, change) in &mut stacks {
            let delta = change.delta();
            growth += Values { objects: delta.objects.max(0), space: delta.space.max(0) };
            growths.push(growth);
            sum += *change;
            *change = sum;
        }
        let sums = |Range { start, end }: Range<usize>| {
            let upto = |end: usize| end.checked_sub(1).map_or_else(Default::default, |at| (stacks[at].1, growths[at]));
            let ((before, growth_before), (sum, growth)) = (upto(start), upto(end));
            (Change { base: sum.base - before.base, current: sum.current - before.current }, growth - growth_before)
        };
        let mut tree = Tree { nodes: Vec::new(), left_out: 0 };
        let mut waiting = VecDeque::from([(0..stacks.len(), None, 0, 0)]);
        while let Some((range, function, parent, depth)) = waiting.pop_front() {
            let Range { start, end } = range.clone();
            let (cum, grown) = sums(range);
            let mut node = Node { function, parent, depth, cum, grown, ..Node::default() };
            let depth = depth as usize;
            // One that ends here comes first.
            if stacks.get(start).is_some_and(|(stack, _)| stack.len() == depth * WORD) {
                node.flat = sums(start..start + 1).0;
            }
            if tree.nodes.first().is_some_and(|root| tree.nodes.len() >= Self::MOST || !keeps(&node, root)) {
                tree.left_out += 1;
                continue;
            }
            let parent = super::index(tree.nodes.len());
            tree.nodes.push(node);
            let callee = |(stack, _): &(Range<usize>, Change)| {
                let function = of(stack).as_chunks().0.get(depth)?;
                Some(u32::from_be_bytes(*function))
            };
            let mut from = start;
            while from < end {
                let function = callee(&stacks[from]);
                let to = from + stacks[from..end].partition_point(|stack| callee(stack) == function);
                if function.is_some() {
                    waiting.push_back((from..to, function, parent, super::index(depth + 1)));
                }
                from = to;
            }
        }
        tree
    }
}
