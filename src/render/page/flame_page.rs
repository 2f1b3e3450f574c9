//! What the flame graph alone and the report have in common: totals, the graph's place and its legend.

use std::io::{self, Write};

use super::super::messages::stacks::FrameWords;
use super::super::messages::{COLOR_LEGEND, flame_use, inputs, undrawn_calls};
use super::super::text::sanitize;
use super::super::units::{Bytes, delta_and_sides};
use super::shell::markup;
use crate::diff::Metric;
use crate::report::{ShownMetric, SideInfo, StackGraph};

/// A flame graph to write.
#[derive(Debug, Clone, Copy)]
pub struct FlamePage<'a> {
    /// Both sides.
    pub sides: [&'a SideInfo; 2],
    /// The metrics that both have; the first is shown first.
    pub metrics: &'a [ShownMetric],
    /// The graph to draw.
    pub graph: &'a StackGraph,
    /// Whether the width of nodes is growth rather than live memory.
    pub by_growth: bool,
    /// How bytes are written.
    pub bytes: Bytes,
}

impl FlamePage<'_> {
    /// The inputs of both sides.
    pub(super) fn title(&self) -> String {
        format!("{} → {}", inputs(self.sides[0]), inputs(self.sides[1]))
    }

    /// Total of a metric: name, delta, both sides.
    pub(super) fn total(&self, column: &ShownMetric) -> String {
        let (metric, total) = (column.metric, self.graph.flame.nodes.first().map(|root| root.cum).unwrap_or_default());
        format!("{} {}", sanitize(&column.name), delta_and_sides(total, metric, self.bytes))
    }
}

/// Writes the place where a script draws the graph, and its legend.
pub(super) fn write_graph(
    graph: &StackGraph,
    by_growth: bool,
    totals: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let words = FrameWords::of(graph.are_references);
    let width = if by_growth { "delta" } else { "current" };
    for total in totals {
        writeln!(out, "<p class=\"total\">{}</p>", markup(&format!("total {total}")))?;
    }
    writeln!(out, "<section id=\"flame\" aria-label=\"Flame graph\" data-width=\"{width}\"></section>")?;
    writeln!(out, "<noscript><p>The graph is drawn by a script.</p></noscript>")?;
    writeln!(
        out,
        "<p class=\"legend\"><span class=\"key g1\">▲ up to 5 %</span><span class=\"key g2\">25 %</span>\
         <span class=\"key g3\">60 %</span><span class=\"key g4\">more</span> <span class=\"key s4\">▼ shrank</span>\
         <span class=\"key n\">unchanged</span><span class=\"key z\">noise</span> {COLOR_LEGEND}</p>\n\
         <p class=\"note use\">{}</p>",
        flame_use(words)
    )?;
    match undrawn_calls(&graph.flame, words) {
        Some(sentence) => writeln!(out, "<p class=\"note\">{}</p>", markup(&sentence)),
        None => Ok(()),
    }
}

/// The metric a page shows first.
pub(super) fn first(metrics: &[ShownMetric]) -> Metric {
    metrics.first().map_or(Metric::Space, |column| column.metric)
}
