//! The stacks behind each site of a report: those that changed most.
//!
//! In: [`StackComparison`], and which sites there are. Out: [`SiteStacks`], which own what they show.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::diff::{Change, Metric};
use crate::order::sorted;
use crate::site::{CodeLine, Granularity, SiteKey, owner_key, site_key};
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

/// The stacks of the sites with these keys, in the same order.
pub(super) fn site_stacks<'p>(
    calls: &StackComparison<'p>,
    granularity: Granularity,
    sites: impl Iterator<Item = SiteKey<'p>>,
    metric: Metric,
) -> Vec<SiteStacks> {
    let index_of: HashMap<_, _, foldhash::fast::RandomState> = sites.enumerate().map(|(at, key)| (key, at)).collect();
    let mut of_sites: Vec<Vec<&Stack>> = vec![Vec::new(); index_of.len()];
    // By frame, since many stacks end in the same one: its site, once known.
    let mut of_frames: Vec<Option<Option<usize>>> = vec![None; calls.frames.len()];
    let key = |line: &CodeLine<'p>| match line.function() {
        Some(function) if granularity == Granularity::Owner => owner_key(function),
        _ => site_key(granularity, line.key, line.file),
    };
    for stack in &calls.stacks {
        let Some(at) = site_frame(granularity, stack, calls.frames_of(stack)) else { continue };
        let line = &calls.frames[at].line;
        let site = of_frames[at].get_or_insert_with(|| index_of.get(&key(line)).copied());
        if let Some(site) = *site {
            of_sites[site].push(stack);
        }
    }
    let stacks_of = |stacks: Vec<&Stack>| {
        let most = |stack: &Stack| Reverse((stack.change.delta_of(metric).abs(), stack.change.current_of(metric)));
        let mut stacks = sorted(stacks, |a, b| most(a).cmp(&most(b)));
        let rest = stacks.split_off(stacks.len().min(MAX_STACKS));
        let stacks = sorted(stacks, |a, b| b.change.delta_of(metric).cmp(&a.change.delta_of(metric)));
        let mut found = SiteStacks { omitted: rest.len(), ..SiteStacks::default() };
        for stack in rest {
            found.rest.base += stack.change.base;
            found.rest.current += stack.change.current;
        }
        let shown = |stack: &&Stack| SiteStack { frames: calls.frames_of(stack).into(), change: stack.change };
        found.shown = stacks.iter().map(shown).collect();
        found
    };
    of_sites.into_iter().map(stacks_of).collect()
}

/// The frame that decides which site a stack belongs to.
fn site_frame(granularity: Granularity, stack: &Stack, frames: &[u32]) -> Option<usize> {
    let leaf = frames.len().checked_sub(1)?;
    let at = if granularity == Granularity::Owner { stack.owner().unwrap_or(leaf) } else { leaf };
    Some(frames[at] as usize)
}
