//! What is drawn of the stacks: the flame graph, its frames, and the stacks of each site.

use serde::Serialize;

use super::super::names::Short;
use super::super::units::Bytes;
use super::super::words::plain;
use super::data::{Both, Texts, key, place};
use crate::diff::{Change, Metric};
use crate::report::{Column, Flame, Picture, SiteStacks};

/// What is drawn of the stacks.
#[derive(Serialize)]
pub(super) struct Graph {
    raw_bytes: bool,
    metrics: Vec<MetricName>,
    functions: Functions,
    flame: FlameData,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Frames>,
    /// Of a series: all that is alive, by snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) totals: Option<Both<i128>>,
    /// To which the others have indexes.
    texts: Texts,
}

#[derive(Serialize)]
struct MetricName {
    key: &'static str,
    name: String,
}

/// Functions, each once: the short name and the full one, as indexes of texts.
#[derive(Serialize)]
struct Functions {
    name: Vec<usize>,
    full: Vec<usize>,
}

#[derive(Serialize)]
struct FlameData {
    depth: Vec<u32>,
    /// Index of its function; -1 for the root.
    function: Vec<i64>,
    base: Both<i128>,
    current: Both<i128>,
    /// What it grew by beyond its own delta: 0 where nothing below it shrank.
    grown: Both<i128>,
    merged: usize,
    least: f64,
}

/// The stacks of all sites, one behind the other.
#[derive(Serialize, Default)]
pub(super) struct Stacks {
    /// By site: how many of them are its own.
    count: Vec<usize>,
    /// By stack: how many frames it has, and how many of them, from the root on, are those of the one before.
    depth: Vec<usize>,
    same: Vec<usize>,
    /// The other frames of all of them, root first.
    frame: Vec<u32>,
    base: Both<i128>,
    current: Both<i128>,
    /// By site: how many more there are, and how much these grew.
    omitted: Vec<usize>,
    rest: Both<i128>,
}

/// Lines of code: the index of the function, and that of the place's text.
#[derive(Serialize)]
struct Frames {
    function: Vec<u32>,
    place: Vec<usize>,
}

impl Graph {
    pub(super) fn new(picture: &Picture, metrics: &[Column], bytes: Bytes, short: &Short) -> Self {
        let mut texts = Texts::default();
        let functions = Functions {
            name: picture.functions.iter().map(|full| texts.index(short.get(full))).collect(),
            full: picture.functions.iter().map(|full| texts.index(full)).collect(),
        };
        let flame = FlameData::new(&picture.flame, metrics);
        let metrics = metrics.iter().map(|column| MetricName { key: key(column.metric), name: plain(&column.name) });
        Graph {
            raw_bytes: bytes == Bytes::Raw,
            metrics: metrics.collect(),
            functions,
            flame,
            frames: None,
            totals: None,
            texts,
        }
    }

    pub(super) fn add_frames(&mut self, picture: &Picture, paths: &Short) {
        let files: Vec<_> = picture.files.iter().map(|file| paths.get(file)).collect();
        let places = picture.frames.iter().map(|frame| self.texts.index(&place(files[frame.file], Some(frame.line))));
        let place = places.collect();
        self.frames = Some(Frames { function: picture.frames.iter().map(|frame| frame.function).collect(), place });
    }
}

impl FlameData {
    fn new(flame: &Flame, metrics: &[Column]) -> Self {
        let Flame { nodes, merged, least } = flame;
        let column = |of: fn(Change, Metric) -> i128| {
            Both::of(metrics, |metric| nodes.iter().map(|node| of(node.cum, metric)).collect())
        };
        FlameData {
            depth: nodes.iter().map(|node| node.depth).collect(),
            function: nodes.iter().map(|node| node.function.map_or(-1, i64::from)).collect(),
            base: column(|change, metric| change.base_of(metric)),
            current: column(|change, metric| change.current_of(metric)),
            grown: Both::of(metrics, |metric| {
                nodes.iter().map(|node| metric.of(node.grown) - node.cum.delta_of(metric).max(0)).collect()
            }),
            merged: *merged,
            least: *least,
        }
    }
}

impl Stacks {
    pub(super) fn new(of_sites: &[SiteStacks], metrics: &[Column]) -> Self {
        let stacks = || of_sites.iter().flat_map(|site| &site.shown);
        let column = |of: fn(Change, Metric) -> i128| {
            Both::of(metrics, |metric| stacks().map(|stack| of(stack.change, metric)).collect())
        };
        let mut made = Stacks {
            count: of_sites.iter().map(|site| site.shown.len()).collect(),
            base: column(|change, metric| change.base_of(metric)),
            current: column(|change, metric| change.current_of(metric)),
            omitted: of_sites.iter().map(|site| site.omitted).collect(),
            rest: Both::of(metrics, |metric| of_sites.iter().map(|site| site.rest.delta_of(metric)).collect()),
            ..Stacks::default()
        };
        for site in of_sites {
            let mut before: &[u32] = &[];
            for stack in &site.shown {
                let same = stack.frames.iter().zip(before).take_while(|(frame, before)| frame == before).count();
                made.depth.push(stack.frames.len());
                made.same.push(same);
                made.frame.extend(&stack.frames[same..]);
                before = &stack.frames;
            }
        }
        made
    }
}
