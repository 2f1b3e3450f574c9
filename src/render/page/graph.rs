//! Data of the stacks on a page: the flame graph, its frames, and the stacks of each site.

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::Bytes;
use super::columns::{Both, Texts, key, place};
use crate::diff::{Change, Metric};
use crate::render::json::Lazy;
use crate::report::{Flame, FlameNode, ShownMetric, SiteStacks, StackGraph};

/// Data of a flame graph, a column for each of its numbers and texts.
#[derive(Serialize)]
pub(super) struct GraphColumns<'a> {
    raw_bytes: bool,
    /// Whether the stacks are chains of references.
    are_references: bool,
    metrics: Vec<MetricName>,
    functions: FunctionColumns,
    flame: FlameColumns<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<FrameColumns>,
    /// Live memory by snapshot, if the report is of a series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) totals: Option<Both<Vec<i128>>>,
    /// Texts that the other columns have indexes of.
    texts: Texts,
}

#[derive(Serialize)]
struct MetricName {
    key: &'static str,
    name: String,
}

/// Short and full names of functions, as indexes of texts.
#[derive(Serialize)]
struct FunctionColumns {
    name: Vec<usize>,
    full: Vec<usize>,
}

struct FlameColumns<'a> {
    flame: &'a Flame,
    metrics: &'a [ShownMetric],
}

/// The stacks of all sites in a row.
pub(super) struct StackColumns<'a> {
    of_sites: &'a [SiteStacks],
    metrics: &'a [ShownMetric],
    /// By stack: the number of its frames, and how many of them, from the root, it shares with the one before.
    depth: Vec<usize>,
    same: Vec<usize>,
    /// The frames not shared of all stacks, root first.
    frame: Vec<u32>,
}

/// Lines of code: indexes of functions, and of the texts of their places.
#[derive(Serialize)]
struct FrameColumns {
    function: Vec<u32>,
    place: Vec<usize>,
}

impl<'a> GraphColumns<'a> {
    pub(super) fn new(
        graph: &'a StackGraph,
        metrics: &'a [ShownMetric],
        bytes: Bytes,
        names: &DisplayNames<'_>,
    ) -> Self {
        let mut texts = Texts::default();
        let functions = FunctionColumns {
            name: graph.functions.iter().map(|full| texts.index(names.get(full))).collect(),
            full: graph.functions.iter().map(|full| texts.index(full)).collect(),
        };
        let flame = FlameColumns { flame: &graph.flame, metrics };
        let metrics = metrics.iter().map(|column| MetricName { key: key(column.metric), name: sanitize(&column.name) });
        GraphColumns {
            raw_bytes: bytes == Bytes::Raw,
            are_references: graph.are_references,
            metrics: metrics.collect(),
            functions,
            flame,
            frames: None,
            totals: None,
            texts,
        }
    }

    pub(super) fn add_frames(&mut self, graph: &StackGraph, paths: &DisplayNames<'_>) {
        let files: Vec<_> = graph.files.iter().map(|file| paths.get(file)).collect();
        let places = graph.frames.iter().map(|frame| self.texts.index(place(files[frame.file], Some(frame.line))));
        let place = places.collect();
        self.frames = Some(FrameColumns { function: graph.frames.iter().map(|frame| frame.function).collect(), place });
    }
}

impl Serialize for FlameColumns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Flame { nodes, merged, min_share } = self.flame;
        let column = |of: fn(&FlameNode, Metric) -> i128| {
            Both::of(self.metrics, move |metric| Lazy(move || nodes.iter().map(move |node| of(node, metric))))
        };
        let mut data = serializer.serialize_struct("FlameColumns", 8)?;
        data.serialize_field("depth", &Lazy(|| nodes.iter().map(|node| node.depth)))?;
        // Index of its function; -1 for the root.
        data.serialize_field("function", &Lazy(|| nodes.iter().map(|node| node.function.map_or(-1, i64::from))))?;
        data.serialize_field("base", &column(|node, metric| node.cum.base_of(metric)))?;
        data.serialize_field("current", &column(|node, metric| node.cum.current_of(metric)))?;
        // Growth beyond its own delta: 0 where nothing below it shrank.
        let beyond = |node: &FlameNode, metric: Metric| metric.of(node.grown) - node.cum.delta_of(metric).max(0);
        data.serialize_field("grown", &column(beyond))?;
        // The part of its delta that is within sampling noise.
        data.serialize_field("noise", &column(|node, metric| metric.of(node.noise)))?;
        data.serialize_field("merged", merged)?;
        data.serialize_field("least", min_share)?;
        data.end()
    }
}

impl<'a> StackColumns<'a> {
    pub(super) fn new(of_sites: &'a [SiteStacks], metrics: &'a [ShownMetric]) -> Self {
        let mut made = StackColumns { of_sites, metrics, depth: Vec::new(), same: Vec::new(), frame: Vec::new() };
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

impl Serialize for StackColumns<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (of_sites, metrics) = (self.of_sites, self.metrics);
        let column = |of: fn(Change, Metric) -> i128| {
            let stacks = || of_sites.iter().flat_map(|site| &site.shown);
            Both::of(metrics, move |metric| Lazy(move || stacks().map(move |stack| of(stack.change, metric))))
        };
        let mut data = serializer.serialize_struct("StackColumns", 8)?;
        // By site: the number of its stacks.
        data.serialize_field("count", &Lazy(|| of_sites.iter().map(|site| site.shown.len())))?;
        data.serialize_field("depth", &self.depth)?;
        data.serialize_field("same", &self.same)?;
        data.serialize_field("frame", &self.frame)?;
        data.serialize_field("base", &column(|change, metric| change.base_of(metric)))?;
        data.serialize_field("current", &column(|change, metric| change.current_of(metric)))?;
        // By site: the number of other stacks, and their growth.
        data.serialize_field("omitted", &Lazy(|| of_sites.iter().map(|site| site.omitted)))?;
        let rest = |metric| Lazy(move || of_sites.iter().map(move |site| site.rest.delta_of(metric)));
        data.serialize_field("rest", &Both::of(metrics, rest))?;
        data.end()
    }
}
