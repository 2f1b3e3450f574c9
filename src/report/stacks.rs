//! The stacks behind each site of a report: those that changed most.
//!
//! In: [`StackComparison`], and which sites there are. Out: [`SiteStacks`], which own what they show.

use std::cmp::Reverse;
use std::collections::HashMap;

use crate::diff::{Change, Metric};
use crate::order::sorted;
use crate::site::{Granularity, SiteKey, site_key};
use crate::stacks::{Stack, StackComparison};

/// So many stacks of a site are shown.
const MOST: usize = 5;

/// The stacks of one site.
#[derive(Debug, Clone, Default)]
pub struct SiteStacks {
    /// Those that changed most, the most grown first.
    pub shown: Vec<SiteStack>,
    /// How many more there are.
    pub omitted: usize,
    /// What those have in sum.
    pub rest: Change,
}

/// A stack.
#[derive(Debug, Clone)]
pub struct SiteStack {
    /// Its frames, root first: indexes in [`Picture::frames`](super::Picture::frames).
    pub frames: Box<[u32]>,
    /// What both sides have of it.
    pub change: Change,
}

/// The stacks of each of the sites with these keys, in their order.
pub(super) fn site_stacks<'p>(
    calls: &StackComparison<'p>,
    granularity: Granularity,
    sites: impl Iterator<Item = SiteKey<'p>>,
    metric: Metric,
) -> Vec<SiteStacks> {
    let places: HashMap<_, _, foldhash::fast::RandomState> = sites.enumerate().map(|(at, key)| (key, at)).collect();
    let mut of_sites: Vec<Vec<&Stack>> = vec![Vec::new(); places.len()];
    // By frame, as many stacks end in the same.
    let mut of_frames: Vec<Option<Option<usize>>> = vec![None; calls.frames.len()];
    for stack in &calls.stacks {
        let Some(at) = site_frame(granularity, stack) else { continue };
        let line = &calls.frames[at].line;
        let site =
            of_frames[at].get_or_insert_with(|| places.get(&site_key(granularity, line.key, line.file)).copied());
        if let Some(site) = *site {
            of_sites[site].push(stack);
        }
    }
    let stacks_of = |stacks: Vec<&Stack>| {
        let most = |stack: &Stack| Reverse((stack.change.delta_of(metric).abs(), stack.change.current_of(metric)));
        let mut stacks = sorted(stacks, |a, b| most(a).cmp(&most(b)));
        let rest = stacks.split_off(stacks.len().min(MOST));
        let stacks = sorted(stacks, |a, b| b.change.delta_of(metric).cmp(&a.change.delta_of(metric)));
        let mut found = SiteStacks { omitted: rest.len(), ..SiteStacks::default() };
        for stack in rest {
            found.rest.base += stack.change.base;
            found.rest.current += stack.change.current;
        }
        let shown = |stack: &&Stack| SiteStack { frames: stack.frames.clone(), change: stack.change };
        found.shown = stacks.iter().map(shown).collect();
        found
    };
    of_sites.into_iter().map(stacks_of).collect()
}

/// The frame at which a stack's memory counts.
fn site_frame(granularity: Granularity, stack: &Stack) -> Option<usize> {
    let leaf = stack.frames.len().checked_sub(1)?;
    let at = if granularity == Granularity::Owner { stack.owner.unwrap_or(leaf) } else { leaf };
    Some(stack.frames[at] as usize)
}
