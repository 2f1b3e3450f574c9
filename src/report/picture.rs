//! What a page draws of the stacks behind a report: a flame graph, and the stacks of each site.

use std::sync::OnceLock;

use foldhash::fast::RandomState;
use indexmap::IndexSet;

use super::flame::Flame;
use super::stacks::{SiteStacks, site_stacks};
use crate::calls::Calls;
use crate::diff::{Deltas, Metric};
use crate::threads::join2;

/// The stacks behind a comparison, ready to be drawn. Owns what it shows.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The functions of the program, by their full names; of those that are not shown the name is empty.
    pub functions: Vec<String>,
    /// The files of the frames.
    pub files: Vec<String>,
    /// The lines of code on the stacks of sites.
    pub frames: Vec<PictureFrame>,
    /// All stacks as a tree.
    pub flame: Flame,
    /// Those of each site, by index in the report's sites; none of a picture without a report.
    pub stacks: Vec<SiteStacks>,
}

/// A line of code.
#[derive(Debug, Clone, Copy)]
pub struct PictureFrame {
    /// Index in [`Picture::functions`].
    pub function: u32,
    /// Index in [`Picture::files`], of which one is empty if a file is unknown.
    pub file: usize,
    /// Its number; 0 when unknown.
    pub line: i64,
}

impl Picture {
    /// The flame graph alone. `least`: the share of its width that is left out.
    pub fn new(calls: &Calls<'_>, least: f64) -> Self {
        Picture::of(calls, Flame::new(calls, least), Vec::new())
    }

    /// That, and the stacks of sites of `deltas`, whose indexes `order` gives. That may take its time, so it is asked for
    /// while the calls are laid out, and may give something else besides.
    ///
    /// # Errors
    ///
    /// Those of `order`.
    pub fn with_stacks<T: Send, E: Send>(
        deltas: &Deltas<'_, '_>,
        metric: Metric,
        least: f64,
        order: impl Fn() -> Result<(Vec<usize>, T), E> + Sync,
    ) -> Result<(Self, T), E> {
        let calls = OnceLock::new();
        let calls = || calls.get_or_init(|| Calls::new(deltas));
        let (flame, stacks) = join2(
            || Flame::new(calls(), least),
            || {
                let (order, besides) = order()?;
                let keys = order.iter().map(|&site| deltas.key(&deltas.sites[site]));
                Ok((site_stacks(calls(), deltas.current.granularity(), keys, metric), besides))
            },
        );
        let (stacks, besides) = stacks?;
        Ok((Picture::of(calls(), flame, stacks), besides))
    }

    /// Owns of the calls what is shown. `stacks`: their frames are those of the calls.
    fn of(calls: &Calls<'_>, flame: Flame, mut stacks: Vec<SiteStacks>) -> Self {
        // By frame of the calls: its index among those that are shown.
        let mut places = vec![u32::MAX; calls.frames.len()];
        let mut shown = Vec::new();
        for frame in stacks.iter_mut().flat_map(|site| &mut site.shown).flat_map(|stack| &mut *stack.frames) {
            let place = &mut places[*frame as usize];
            if *place == u32::MAX {
                *place = crate::calls::index(shown.len());
                shown.push(*frame);
            }
            *frame = *place;
        }
        let mut files: IndexSet<&[u8], RandomState> = IndexSet::default();
        let frame = |&frame: &u32| {
            let frame = calls.frames[frame as usize];
            let file = files.insert_full(frame.line.file).0;
            PictureFrame { function: frame.function, file, line: frame.line.line }
        };
        let frames: Vec<_> = shown.iter().map(frame).collect();
        let mut functions = vec![String::new(); calls.functions.len()];
        let on_flame = flame.nodes.iter().filter_map(|node| node.function);
        for at in frames.iter().map(|frame| frame.function).chain(on_flame) {
            let name = &mut functions[at as usize];
            if name.is_empty() {
                *name = calls.functions[at as usize].name().into_owned();
            }
        }
        let files = files.iter().map(|file| String::from_utf8_lossy(file).into_owned()).collect();
        Picture { functions, files, frames, flame, stacks }
    }
}
