//! Groups of stacks that are the same from the root to the owner: what a library does below the program's own code
//! seldom matters to the program.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::{Stack, StackComparison};
use crate::diff::{Change, Metric};
use crate::index::index;
use crate::site::SiteKey;

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

/// Groups of stacks as they are ranked.
pub struct RankedGroups {
    /// The groups, greatest growth first, at most as many as asked for.
    pub groups: Vec<StackGroup>,
    /// How many others there are.
    pub omitted: usize,
}

/// What the groups that are returned may take, bytes: more than anyone can look at.
const MAX_GROUP_BYTES: usize = 8 << 20;

/// A group while groups are ranked: its stacks in the order of [`StackComparison::key_of`], and its growth.
struct Run {
    start: u32,
    end: u32,
    delta: i128,
}

impl StackComparison<'_> {
    /// The stacks, folded at their owners; greatest growth in `metric` first, at most `most` groups, and only those that
    /// grew if `only_grown`. Groups that take too much memory are left out, too.
    pub fn groups(&self, metric: Metric, only_grown: bool, most: usize) -> RankedGroups {
        let mut order: Vec<u32> = (0..index(self.stacks.len())).collect();
        let stack = |at: u32| &self.stacks[at as usize];
        order.sort_unstable_by(|&a, &b| self.key_of(stack(a)).cmp(&self.key_of(stack(b))).then(a.cmp(&b)));
        let change = |run: &[u32]| {
            let mut sum = Change::default();
            run.iter().for_each(|&at| sum += stack(at).change());
            sum
        };
        let (mut runs, mut start, mut all) = (Vec::new(), 0, 0);
        for run in order.chunk_by(|&a, &b| self.key_of(stack(a)) == self.key_of(stack(b))) {
            let (end, delta) = (start + index(run.len()), change(run).delta_of(metric));
            all += 1;
            if !only_grown || delta > 0 {
                runs.push(Run { start, end, delta });
            }
            start = end;
        }
        let stacks_of = |run: &Run| &order[run.start as usize..run.end as usize];
        let other = if metric == Metric::Space { Metric::Objects } else { Metric::Space };
        let names = |run: &Run| {
            let frames = self.key_of(stack(order[run.start as usize])).0;
            frames.iter().rev().map(|&frame| self.name_of(frame))
        };
        runs.sort_unstable_by(|a, b| {
            let other = |run: &Run| change(stacks_of(run)).delta_of(other);
            let by_growth = b.delta.cmp(&a.delta).then_with(|| other(b).cmp(&other(a)));
            // Groups of the same names, in order of appearance.
            by_growth.then_with(|| names(a).cmp(names(b))).then_with(|| stacks_of(a)[0].cmp(&stacks_of(b)[0]))
        });
        let mut bytes = 0;
        let mut groups = Vec::new();
        for run in runs.iter().take(most) {
            let group = self.group(stacks_of(run), change(stacks_of(run)), metric);
            bytes += size_of::<StackGroup>() + size_of_val(&*group.frames) + size_of_val(&*group.leaves);
            if bytes > MAX_GROUP_BYTES {
                break;
            }
            groups.push(group);
        }
        RankedGroups { omitted: all - groups.len(), groups }
    }

    /// The group of these stacks, which have one key.
    fn group(&self, stacks: &[u32], change: Change, metric: Metric) -> StackGroup {
        let mut leaves: BTreeMap<u32, Change> = BTreeMap::new();
        for &at in stacks {
            let stack = &self.stacks[at as usize];
            if let Some(&leaf) = self.frames_of(stack).last() {
                *leaves.entry(leaf).or_default() += stack.change();
            }
        }
        let mut leaves: Vec<_> = leaves.into_iter().collect();
        leaves.sort_by_key(|&(leaf, change)| (Reverse(change.delta_of(metric)), self.name_of(leaf)));
        let (frames, has_owner) =
            stacks.first().map_or((&[][..], false), |&first| self.key_of(&self.stacks[first as usize]));
        StackGroup { frames: frames.into(), has_owner, change, leaves, stacks: stacks.len() }
    }

    /// What the stacks of a group have in common: the frames from the root to the owner, or all, and whether the last is an
    /// owner.
    fn key_of(&self, stack: &Stack) -> (&[u32], bool) {
        let frames = self.frames_of(stack);
        // What follows the owner in a chain of references is what it holds, and matters.
        let owner = stack.owner().filter(|_| !self.are_references);
        (&frames[..owner.map_or(frames.len(), |owner| owner + 1)], owner.is_some())
    }

    fn name_of(&self, frame: u32) -> (SiteKey<'_>, i64) {
        (self.function(frame), self.frames[frame as usize].line.line)
    }
}
