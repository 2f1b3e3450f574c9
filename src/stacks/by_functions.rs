//! Stacks that differ only in lines.

use super::StackComparison;
use crate::index::index;

/// All stacks, sorted by their functions from the root, those with the same functions as one.
#[derive(Debug)]
pub struct ByFunctions {
    /// Indexes in [`StackComparison::stacks`].
    order: Vec<u32>,
    /// Where in `order` the stacks of each list of functions begin, and the end.
    starts: Vec<u32>,
}

impl ByFunctions {
    /// Number of distinct lists of functions.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Indexes of the stacks of one of them in [`StackComparison::stacks`], in that order.
    pub fn stacks(&self, at: usize) -> &[u32] {
        &self.order[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

impl StackComparison<'_> {
    /// The stacks by their functions.
    pub fn by_functions(&self) -> ByFunctions {
        let functions = |&stack: &u32| self.functions_of(stack);
        let mut order: Vec<u32> = (0..index(self.stacks.len())).collect();
        order.sort_unstable_by(|a, b| functions(a).cmp(functions(b)).then(a.cmp(b)));
        let same = order.chunk_by(|a, b| functions(a).eq(functions(b)));
        let mut starts = vec![0];
        starts.extend(same.scan(0, |end, same| {
            *end += index(same.len());
            Some(*end)
        }));
        ByFunctions { order, starts }
    }

    /// The functions of a stack, root first: indexes in [`StackComparison::functions`].
    pub fn functions_of(&self, stack: u32) -> impl Iterator<Item = u32> {
        let stack = &self.stacks[stack as usize];
        self.frames_of(stack).iter().map(|&frame| self.frames[frame as usize].function)
    }
}
