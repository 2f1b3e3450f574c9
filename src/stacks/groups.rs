//! Stacks that are the same from the root to the owner, as one: what a library does below the program's own code is
//! mostly its own business.

use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::Calls;
use crate::diff::{Change, Metric};
use crate::order::sorted;

/// Stacks with the same frames from the root to the owner.
#[derive(Debug, Clone)]
pub struct Group {
    /// Indexes in [`Calls::frames`], root first, the owner last; of a stack without an owner all.
    pub frames: Box<[u32]>,
    /// Whether the last of them is an owner.
    pub has_owner: bool,
    /// What all of them have.
    pub change: Change,
    /// Where below the owner it was allocated, or at the last of the frames itself: each with what it has, most grown
    /// first.
    pub leaves: Vec<(u32, Change)>,
    /// How many stacks these are.
    pub stacks: usize,
}

impl Calls<'_> {
    /// The stacks, folded at their owners: what grew most in `metric` first.
    pub fn groups(&self, metric: Metric) -> Vec<Group> {
        let mut groups: IndexMap<(&[u32], bool), Merged, RandomState> = IndexMap::default();
        for stack in &self.stacks {
            let end = stack.owner.map_or(stack.frames.len(), |owner| owner + 1);
            let merged = groups.entry((&stack.frames[..end], stack.owner.is_some())).or_default();
            merged.change += stack.change;
            merged.stacks += 1;
            if let Some(&leaf) = stack.frames.last() {
                *merged.leaves.entry(leaf).or_default() += stack.change;
            }
        }
        let name = |frame: u32| (self.function(frame), self.frames[frame as usize].line.line);
        let group = |((frames, has_owner), merged): ((&[u32], bool), Merged)| {
            let leaves = merged.leaves.into_iter().collect();
            let leaves = sorted(leaves, |a: &(u32, Change), b| {
                b.1.delta_of(metric).cmp(&a.1.delta_of(metric)).then_with(|| name(a.0).cmp(&name(b.0)))
            });
            Group { frames: frames.into(), has_owner, change: merged.change, leaves, stacks: merged.stacks }
        };
        let groups = groups.into_iter().map(group).collect();
        let other = if metric == Metric::Space { Metric::Objects } else { Metric::Space };
        sorted(groups, |a: &Group, b| {
            let by = |metric: Metric| b.change.delta_of(metric).cmp(&a.change.delta_of(metric));
            let names = |group: &Group| group.frames.iter().rev().map(|&frame| name(frame)).collect::<Vec<_>>();
            by(metric).then_with(|| by(other)).then_with(|| names(a).cmp(&names(b)))
        })
    }
}

/// What the stacks of a group add up to.
#[derive(Default)]
struct Merged {
    change: Change,
    leaves: BTreeMap<u32, Change>,
    stacks: usize,
}
