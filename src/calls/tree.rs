//! The stacks as a tree of calls, from the root on.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::Range;

use super::{Calls, Stack};
use crate::diff::Change;
use crate::site::Values;

/// What the calls of both sides make: each node is a function, called through those above it.
#[derive(Debug)]
pub struct Tree {
    /// The root first, which stands for the whole program; a caller before what it calls.
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

impl Tree {
    /// More than anyone can look at; what is left out then is what stands deepest.
    pub const MOST: usize = 100_000;

    /// The tree of all stacks, without the nodes that `keeps` does not want: it sees a node and the root. A function
    /// that calls itself stands below itself.
    pub fn new(calls: &Calls<'_>, keeps: impl Fn(&Node, &Node) -> bool) -> Self {
        let function = |frame: &u32| calls.frames[*frame as usize].function;
        let order = |a: &&Stack, b: &&Stack| a.frames.iter().map(function).cmp(b.frames.iter().map(function));
        let mut stacks: Vec<_> = calls.stacks.iter().collect();
        stacks.sort_unstable_by(order);
        // Those that differ in lines alone are one.
        let stacks: Vec<_> = stacks
            .chunk_by(|a, b| order(a, b) == Ordering::Equal)
            .map(|same| {
                let mut change = Change::default();
                same.iter().for_each(|stack| change += stack.change);
                (&same[0].frames, change)
            })
            .collect();
        let mut tree = Tree { nodes: Vec::new(), left_out: 0 };
        // A node's stacks stand together.
        let mut waiting = VecDeque::from([(0..stacks.len(), Node::default())]);
        while let Some((range, mut node)) = waiting.pop_front() {
            let Range { start, end } = range.clone();
            let depth = node.depth as usize;
            for (frames, change) in &stacks[range] {
                let delta = change.delta();
                node.cum += *change;
                node.grown += Values { objects: delta.objects.max(0), space: delta.space.max(0) };
                if frames.len() == depth {
                    node.flat += *change;
                }
            }
            if tree.nodes.first().is_some_and(|root| tree.nodes.len() >= Self::MOST || !keeps(&node, root)) {
                tree.left_out += 1;
                continue;
            }
            let parent = super::index(tree.nodes.len());
            tree.nodes.push(node);
            let callee = |stack: usize| stacks[stack].0.get(depth).map(function);
            let mut from = start;
            while from < end {
                let function = callee(from);
                let to = from + (from..end).take_while(|&stack| callee(stack) == function).count();
                if function.is_some() {
                    waiting.push_back((
                        from..to,
                        Node { function, parent, depth: super::index(depth + 1), ..Node::default() },
                    ));
                }
                from = to;
            }
        }
        tree
    }
}
