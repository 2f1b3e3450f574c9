//! Groups of stacks that are the same from the root to the owner: what a library does below the program's own code
//! seldom matters to the program.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use foldhash::fast::RandomState;
use indexmap::IndexMap;

use super::StackComparison;
use crate::diff::{Change, Metric};

/// Stacks with the same frames from the root to the owner.
#[derive(Debug, Clone)]
pub struct StackGroup {
    /// Indexes in [`StackComparison::frames`], root first, owner last; the whole stack if it has no owner.
    pub frames: Box<[u32]>,
    /// Whether the last frame is an owner.
    pub has_owner: bool,
    /// What was allocated through all of its stacks.
    pub change: Change,
    /// The leaf frames of its stacks, and what each allocated, greatest growth first.
    pub leaves: Vec<(u32, Change)>,
    /// Number of stacks.
    pub stacks: usize,
}

impl StackComparison<'_> {
    /// The stacks, folded at their owners; greatest growth in `metric` first.
    pub fn groups(&self, metric: Metric) -> Vec<StackGroup> {
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
            let mut leaves: Vec<_> = merged.leaves.into_iter().collect();
            leaves.sort_by_key(|&(leaf, change)| (Reverse(change.delta_of(metric)), name(leaf)));
            StackGroup { frames: frames.into(), has_owner, change: merged.change, leaves, stacks: merged.stacks }
        };
        let mut groups: Vec<_> = groups.into_iter().map(group).collect();
        let other = if metric == Metric::Space { Metric::Objects } else { Metric::Space };
        groups.sort_by_cached_key(|group| {
            let names: Vec<_> = group.frames.iter().rev().map(|&frame| name(frame)).collect();
            (Reverse(group.change.delta_of(metric)), Reverse(group.change.delta_of(other)), names)
        });
        groups
    }
}

/// Sums over the stacks of a group.
#[derive(Default)]
struct Merged {
    change: Change,
    leaves: BTreeMap<u32, Change>,
    stacks: usize,
}
