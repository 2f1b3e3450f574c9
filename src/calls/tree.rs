//! The stacks as a tree of calls, from the root on.

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::Calls;
use crate::diff::Change;

/// What the calls of both sides make: each node is a function, called through those above it.
#[derive(Debug)]
pub struct Tree {
    /// The root first, which stands for the whole program; a caller before what it calls.
    pub nodes: Vec<Node>,
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
    /// The tree of all stacks. A function that calls itself stands below itself.
    pub fn new(calls: &Calls<'_>) -> Self {
        let root = Node { function: None, parent: 0, depth: 0, flat: Change::default(), cum: Change::default() };
        let mut nodes = vec![root];
        let mut known: IndexMap<(u32, u32), u32, RandomState> = IndexMap::default();
        for stack in &calls.stacks {
            let mut at = 0;
            for (&frame, depth) in stack.frames.iter().zip(1..) {
                let function = calls.frames[frame as usize].function;
                let parent = at;
                at = *known.entry((parent, function)).or_insert_with(|| {
                    nodes.push(Node {
                        function: Some(function),
                        parent,
                        depth,
                        flat: Change::default(),
                        cum: Change::default(),
                    });
                    super::index(nodes.len() - 1)
                });
            }
            let flat = &mut nodes[at as usize].flat;
            flat.base += stack.change.base;
            flat.current += stack.change.current;
        }
        // Callees stand behind their callers.
        for at in (0..nodes.len()).rev() {
            let Change { base, current } = nodes[at].flat;
            nodes[at].cum.base += base;
            nodes[at].cum.current += current;
            let (cum, parent) = (nodes[at].cum, nodes[at].parent as usize);
            if parent != at {
                nodes[parent].cum.base += cum.base;
                nodes[parent].cum.current += cum.current;
            }
        }
        Tree { nodes }
    }
}
