//! What a page draws of the stacks behind a report: a flame graph, and the stacks of each site.

use super::flame::Flame;
use super::stacks::{SiteStacks, site_stacks};
use crate::calls::Calls;
use crate::diff::{Deltas, Metric};

/// The stacks behind a comparison, ready to be drawn. Owns what it shows.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The functions that frames are in, by their full names.
    pub functions: Vec<String>,
    /// The lines of code on stacks.
    pub frames: Vec<PictureFrame>,
    /// All of them as a tree.
    pub flame: Flame,
    /// Those of each site, by index in the report's sites; none of a picture without a report.
    pub stacks: Vec<SiteStacks>,
}

/// A line of code.
#[derive(Debug, Clone)]
pub struct PictureFrame {
    /// Index in [`Picture::functions`].
    pub function: u32,
    /// Its file; empty when unknown.
    pub file: String,
    /// Its number; 0 when unknown.
    pub line: i64,
}

impl Picture {
    /// The flame graph alone. `least`: the share of its width that is left out.
    pub fn new(calls: &Calls<'_>, least: f64) -> Self {
        Picture {
            functions: calls.functions.iter().map(|function| function.name().into_owned()).collect(),
            frames: Vec::new(),
            flame: Flame::new(calls, least),
            stacks: Vec::new(),
        }
    }

    /// That, and the stacks of the sites of `deltas` with these indexes: those of the report, in its order.
    pub fn with_stacks(deltas: &Deltas<'_, '_>, sites: &[usize], metric: Metric, least: f64) -> Self {
        let calls = Calls::new(deltas);
        let frames = calls.frames.iter().map(|frame| PictureFrame {
            function: frame.function,
            file: String::from_utf8_lossy(frame.line.file).into_owned(),
            line: frame.line.line,
        });
        let keys = sites.iter().map(|&site| deltas.key(&deltas.sites[site]));
        let stacks = site_stacks(&calls, deltas.current.granularity(), keys, metric);
        Picture { frames: frames.collect(), stacks, ..Picture::new(&calls, least) }
    }
}
