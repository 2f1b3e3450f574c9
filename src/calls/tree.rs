//! The stacks as a tree of calls, from the root on.

use std::collections::HashMap;

use foldhash::fast::RandomState;

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
        // Most stacks have a few calls that no other has.
        let most = 4 * calls.stacks.len();
        let mut nodes = Vec::with_capacity(most);
        nodes.push(root);
        // By caller and function.
        let mut known: HashMap<u64, u32, RandomState> = HashMap::with_capacity_and_hasher(most, RandomState::default());
        // The calls of the stack before: mostly the next one starts with the same.
        let mut path: Vec<(u32, u32)> = Vec::new();
        for stack in &calls.stacks {
            let functions = stack.frames.iter().map(|&frame| calls.frames[frame as usize].function);
            let same =
                path.iter().zip(functions.clone()).take_while(|((before, _), function)| before == function).count();
            path.truncate(same);
            let mut at = path.last().map_or(0, |&(_, node)| node);
            for (function, depth) in functions.zip(1..).skip(same) {
                let parent = at;
                at = *known.entry(u64::from(parent) << 32 | u64::from(function)).or_insert_with(|| {
                    nodes.push(Node {
                        function: Some(function),
                        parent,
                        depth,
                        flat: Change::default(),
                        cum: Change::default(),
                    });
                    super::index(nodes.len() - 1)
                });
                path.push((function, at));
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
