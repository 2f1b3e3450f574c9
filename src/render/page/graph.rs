//! What is drawn of the stacks: the flame graph, its frames, and the stacks of each site.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::super::names::Short;
use super::super::units::Bytes;
use super::super::words::plain;
use super::data::{Both, Each, Texts, key, place};
use crate::diff::{Change, Metric};
use crate::report::{Column, Flame, FlameNode, Picture, SiteStacks};

/// What is drawn of the stacks.
#[derive(Serialize)]
pub(super) struct Graph<'a> {
    raw_bytes: bool,
    metrics: Vec<MetricName>,
    functions: Functions,
    flame: FlameData<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Frames>,
    /// Of a series: all that is alive, by snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) totals: Option<Both<Vec<i128>>>,
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

struct FlameData<'a> {
    flame: &'a Flame,
    metrics: &'a [Column],
}

/// The stacks of all sites, one behind the other.
pub(super) struct Stacks<'a> {
    of_sites: &'a [SiteStacks],
    metrics: &'a [Column],
    /// By stack: how many frames it has, and how many of them, from the root on, are those of the one before.
    depth: Vec<usize>,
    same: Vec<usize>,
    /// The other frames of all of them, root first.
    frame: Vec<u32>,
}

/// Lines of code: the index of the function, and that of the place's text.
#[derive(Serialize)]
struct Frames {
    function: Vec<u32>,
    place: Vec<usize>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(picture: &'a Picture, metrics: &'a [Column], bytes: Bytes, short: &Short<'_>) -> Self {
        let mut texts = Texts::default();
        let functions = Functions {
            name: picture.functions.iter().map(|full| texts.index(short.get(full))).collect(),
            full: picture.functions.iter().map(|full| texts.index(full)).collect(),
        };
        let flame = FlameData { flame: &picture.flame, metrics };
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

    pub(super) fn add_frames(&mut self, picture: &Picture, paths: &Short<'_>) {
        let files: Vec<_> = picture.files.iter().map(|file| paths.get(file)).collect();
        let places = picture.frames.iter().map(|frame| self.texts.index(place(files[frame.file], Some(frame.line))));
        let place = places.collect();
        self.frames = Some(Frames { function: picture.frames.iter().map(|frame| frame.function).collect(), place });
    }
}

impl Serialize for FlameData<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Flame { nodes, merged, least } = self.flame;
        let column = |of: fn(&FlameNode, Metric) -> i128| {
            Both::of(self.metrics, move |metric| Each(move || nodes.iter().map(move |node| of(node, metric))))
        };
        let mut data = serializer.serialize_struct("FlameData", 7)?;
        data.serialize_field("depth", &Each(|| nodes.iter().map(|node| node.depth)))?;
        // Index of its function; -1 for the root.
        data.serialize_field("function", &Each(|| nodes.iter().map(|node| node.function.map_or(-1, i64::from))))?;
        data.serialize_field("base", &column(|node, metric| node.cum.base_of(metric)))?;
        data.serialize_field("current", &column(|node, metric| node.cum.current_of(metric)))?;
        // What it grew by beyond its own delta: 0 where nothing below it shrank.
        let beyond = |node: &FlameNode, metric: Metric| metric.of(node.grown) - node.cum.delta_of(metric).max(0);
        data.serialize_field("grown", &column(beyond))?;
        data.serialize_field("merged", merged)?;
        data.serialize_field("least", least)?;
        data.end()
    }
}

impl<'a> Stacks<'a> {
    pub(super) fn new(of_sites: &'a [SiteStacks], metrics: &'a [Column]) -> Self {
        let mut made = Stacks { of_sites, metrics, depth: Vec::new(), same: Vec::new(), frame: Vec::new() };
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

impl Serialize for Stacks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (of_sites, metrics) = (self.of_sites, self.metrics);
        let column = |of: fn(Change, Metric) -> i128| {
            let stacks = || of_sites.iter().flat_map(|site| &site.shown);
            Both::of(metrics, move |metric| Each(move || stacks().map(move |stack| of(stack.change, metric))))
        };
        let mut data = serializer.serialize_struct("Stacks", 8)?;
        // By site: how many of them are its own.
        data.serialize_field("count", &Each(|| of_sites.iter().map(|site| site.shown.len())))?;
        data.serialize_field("depth", &self.depth)?;
        data.serialize_field("same", &self.same)?;
        data.serialize_field("frame", &self.frame)?;
        data.serialize_field("base", &column(|change, metric| change.base_of(metric)))?;
        data.serialize_field("current", &column(|change, metric| change.current_of(metric)))?;
        // By site: how many more there are, and how much these grew.
        data.serialize_field("omitted", &Each(|| of_sites.iter().map(|site| site.omitted)))?;
        let rest = |metric| Each(move || of_sites.iter().map(move |site| site.rest.delta_of(metric)));
        data.serialize_field("rest", &Both::of(metrics, rest))?;
        data.end()
    }
}
