//! The stacks behind each site of a report: those that changed most.
//!
//! In: [`StackComparison`], and which sites there are. Out: [`SiteStacks`], which own what they show.

use std::cmp::Reverse;

use crate::diff::{Change, Deltas, Metric};
use crate::index::{NONE, index};
use crate::order::sorted;
use crate::site::{CodeLine, Granularity, owner_key, site_key};
use crate::stacks::{Stack, StackComparison};

/// Number of stacks shown of a site.
const MAX_STACKS: usize = 5;

/// The stacks of one site.
#[derive(Debug, Clone, Default)]
pub struct SiteStacks {
    /// Those that changed most, the most grown first.
    pub shown: Vec<SiteStack>,
    /// Number of other stacks.
    pub omitted: usize,
    /// Sum of the others.
    pub rest: Change,
}

/// A stack of a site.
#[derive(Debug, Clone)]
pub struct SiteStack {
    /// Its frames, root first: indexes in [`StackGraph::frames`](super::StackGraph::frames).
    pub frames: Box<[u32]>,
    /// Its values on both sides.
    pub change: Change,
}

/// Which site each stack belongs to.
#[derive(Debug)]
pub(super) struct StackSites {
    /// By stack: the position in its frames of the one that decides, and the index in [`Deltas::sites`]; both [`NONE`]
    /// without a site.
    of_stacks: Vec<[u32; 2]>,
}

impl StackSites {
    /// Looks up the sites of all stacks.
    pub(super) fn new<'p>(calls: &StackComparison<'p>, deltas: &Deltas<'_, 'p>) -> Self {
        let (granularity, index_of) = (deltas.current.granularity(), deltas.by_key());
        let key = |line: &CodeLine<'p>| match line.function() {
            Some(function) if granularity.is_by_owner() => owner_key(function),
            _ => site_key(granularity, line.key, line.file),
        };
        // By frame, since many stacks end in the same one: its site, once known.
        let mut of_frames: Vec<Option<Option<usize>>> = vec![None; calls.frames.len()];
        let mut of_stack = |stack: &Stack| {
            let frames = calls.frames_of(stack);
            let at = site_frame(granularity, stack, frames)?;
            let frame = frames[at] as usize;
            let site = of_frames[frame].get_or_insert_with(|| index_of.get(&key(&calls.frames[frame].line)).copied());
            Some([at, (*site)?].map(index))
        };
        StackSites { of_stacks: calls.stacks.iter().map(|stack| of_stack(stack).unwrap_or([NONE; 2])).collect() }
    }

    /// The site of a stack: its index in [`Deltas::sites`].
    pub(super) fn site(&self, stack: usize) -> Option<usize> {
        self.of(stack).map(|(_, site)| site)
    }

    /// The position in a stack's frames of the one that decides its site, and that site.
    pub(super) fn of(&self, stack: usize) -> Option<(usize, usize)> {
        let [frame, site] = self.of_stacks[stack];
        (site != NONE).then_some((frame as usize, site as usize))
    }
}

/// The stacks of `sites`, which are indexes in [`Deltas::sites`], in the same order.
pub(super) fn site_stacks(
    calls: &StackComparison<'_>,
    stack_sites: &StackSites,
    deltas: &Deltas<'_, '_>,
    sites: &[usize],
    metric: Metric,
) -> Vec<SiteStacks> {
    let mut position = vec![None; deltas.sites.len()];
    sites.iter().enumerate().for_each(|(at, &site)| position[site] = Some(at));
    let mut of_sites: Vec<Vec<&Stack>> = vec![Vec::new(); sites.len()];
    for (at, stack) in calls.stacks.iter().enumerate() {
        if let Some(position) = stack_sites.site(at).and_then(|site| position[site]) {
            of_sites[position].push(stack);
        }
    }
    let stacks_of = |stacks: Vec<&Stack>| {
        let most = |stack: &Stack| Reverse((stack.change().delta_of(metric).abs(), stack.change().current_of(metric)));
        // Of equals, the first by its calls, whichever comes first in a profile.
        let lines = |stack: &Stack| calls.frames_of(stack).iter().map(|&frame| calls.frames[frame as usize].line.key);
        let mut stacks = sorted(stacks, |a, b| most(a).cmp(&most(b)).then_with(|| lines(a).cmp(lines(b))));
        let rest = stacks.split_off(stacks.len().min(MAX_STACKS));
        let stacks = sorted(stacks, |a, b| b.change().delta_of(metric).cmp(&a.change().delta_of(metric)));
        let mut found = SiteStacks { omitted: rest.len(), ..SiteStacks::default() };
        for stack in rest {
            found.rest.base += stack.change().base;
            found.rest.current += stack.change().current;
        }
        let shown = |stack: &&Stack| SiteStack { frames: calls.frames_of(stack).into(), change: stack.change() };
        found.shown = stacks.iter().map(shown).collect();
        found
    };
    of_sites.into_iter().map(stacks_of).collect()
}

/// The position of the frame that decides which site a stack belongs to.
fn site_frame(granularity: Granularity, stack: &Stack, frames: &[u32]) -> Option<usize> {
    let leaf = frames.len().checked_sub(1)?;
    Some(if granularity.is_by_owner() { stack.owner().unwrap_or(leaf) } else { leaf })
}
