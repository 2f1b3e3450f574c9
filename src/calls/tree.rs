//! The stacks as a tree of calls, from the root on.

use std::collections::VecDeque;
use std::ops::Range;

use super::Calls;
use crate::diff::Change;

/// What the calls of both sides make: each node is a function, called through those above it.
#[derive(Debug)]
pub struct Tree {
    /// The root first, which stands for the whole program; a caller before what it calls.
    pub nodes: Vec<Node>,
    /// Nodes that are left out, with all below them.
    pub left_out: usize,
}

/// A function, called through certain others.
#[derive(Debug, Clone)]
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
}

impl Tree {
    /// More than anyone can look at; what is left out then is what stands deepest.
    pub const MOST: usize = 100_000;

    /// The tree of all stacks, without the nodes that `keeps` does not want by their cumulative values. A function
    /// that calls itself stands below itself.
    pub fn new(calls: &Calls<'_>, keeps: impl Fn(&Change) -> bool) -> Self {
        let function = |frame: &u32| calls.frames[*frame as usize].function;
        let mut stacks: Vec<_> = calls.stacks.iter().collect();
        stacks.sort_unstable_by(|a, b| a.frames.iter().map(function).cmp(b.frames.iter().map(function)));
        let mut tree = Tree { nodes: Vec::new(), left_out: 0 };
        // A node's stacks stand together.
        let mut waiting = VecDeque::from([(0..stacks.len(), None, 0, 0)]);
        while let Some((range, function_here, parent, depth)) = waiting.pop_front() {
            let Range { start, end } = range.clone();
            let mut node =
                Node { function: function_here, parent, depth, flat: Change::default(), cum: Change::default() };
            for stack in &stacks[range] {
                node.cum += stack.change;
                if stack.frames.len() == depth as usize {
                    node.flat += stack.change;
                }
            }
            if depth > 0 && (!keeps(&node.cum) || tree.nodes.len() >= Self::MOST) {
                tree.left_out += 1;
                continue;
            }
            let here = super::index(tree.nodes.len());
            tree.nodes.push(node);
            let callee = |stack: usize| stacks[stack].frames.get(depth as usize).map(function);
            let mut from = start;
            while from < end {
                let called = callee(from);
                let to = from + (from..end).take_while(|&stack| callee(stack) == called).count();
                if called.is_some() {
                    waiting.push_back((from..to, called, here, depth + 1));
                }
                from = to;
            }
        }
        tree
    }
}
