//! The flame graph as a picture (SVG): drawn here, and drawn again by its script where one can run.

use std::io::{self, Write};

use super::super::display_names::DisplayNames;
use super::super::messages::stacks::FrameWords;
use super::super::messages::{grown_stacks, undrawn_calls, width_legend};
use super::super::text::sanitize;
use super::super::units::{delta, delta_and_sides, value};
use super::data::Data;
use super::flame_page::{FlamePage, first};
use super::shell::{CALLS_JS, FLAME_CSS, FLAME_JS, UNITS_JS, markup};
use crate::diff::Metric;
use crate::report::FlameNode;

const SVG_JS: &str = include_str!("svg.js");

/// Filling of what is noise, as in flame.js.
const HATCHING: &str = r#"<defs><pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="ground" width="6" height="6"/><rect class="stripe" width="2" height="6"/></pattern></defs>"#;
/// Width of the picture and height of a row, pixels, as in flame.js.
const WIDTH: f64 = 1200.0;
const ROW: u32 = 20;
/// Height of the text above the graph, pixels.
const HEAD: u32 = 76;
/// Mean width of a letter, pixels.
const LETTER_WIDTH: f64 = 6.7;
/// Narrowest node that is drawn without a script, pixels.
const MIN_WIDTH: f64 = 3.0;
/// Deepest node that is drawn without a script.
const MAX_DEPTH: u32 = 120;

pub(super) fn write(page: &FlamePage<'_>, data: &Data, out: &mut dyn Write) -> io::Result<()> {
    let metric = first(page.metrics);
    let nodes = &page.graph.flame.nodes;
    let whole = page.graph.flame.whole(metric, page.by_growth).max(1) as f64;
    let names = nodes.iter().filter_map(|node| Some(page.graph.functions[node.function? as usize].as_str()));
    let functions = DisplayNames::functions(names);
    let mut drawn = Vec::new();
    // By depth: the position of the next callee.
    let mut next: Vec<f64> = Vec::new();
    for node in nodes {
        let depth = node.depth as usize;
        let width = node.width(metric, page.by_growth) as f64 / whole * WIDTH;
        next.resize(depth + 2, 0.0);
        let x = next[depth];
        next[depth] += width;
        next[depth + 1] = x;
        if width >= MIN_WIDTH && node.depth <= MAX_DEPTH {
            drawn.push((node, x, width));
        }
    }
    let deepest = drawn.iter().map(|(node, ..)| node.depth).max().unwrap_or(0);
    let height = HEAD + (deepest + 1) * ROW + 8;
    let by = if page.by_growth { "delta" } else { "current" };
    writeln!(
        out,
        r#"<?xml version="1.0" encoding="UTF-8"?>
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-label="Flame graph">
<title>{}</title>
<style>{FLAME_CSS}</style>
{HATCHING}
<g id="static" data-width="{by}">
<rect class="page" width="100%" height="100%"/>"#,
        markup(&format!("Heap growth: {}", page.title())),
    )?;
    let totals: Vec<_> = page.metrics.iter().map(|column| page.total(column)).collect();
    let shown = page.metrics.first().map_or_else(String::new, |column| sanitize(&column.name));
    let width = width_legend(page.by_growth, &shown);
    let undrawn = undrawn_calls(&page.graph.flame, FrameWords::of(page.graph.are_references)).unwrap_or_default();
    let lines = [("title", page.title()), ("", totals.join(", ")), ("width note", width), ("note", undrawn)];
    for ((class, text), y) in lines.into_iter().zip((18..).step_by(16)).filter(|((_, text), _)| !text.is_empty()) {
        writeln!(out, r#"<text class="{class}" x="4" y="{y}">{}</text>"#, markup(&text))?;
    }
    for (node, x, width) in drawn {
        let (change, y) = (node.cum.delta_of(metric), HEAD + node.depth * ROW);
        let name = node.function.map_or("all", |function| functions.get(&page.graph.functions[function as usize]));
        let sign = sign(change);
        let growth = if change == 0 { String::new() } else { format!(" {}", delta(metric, change, page.bytes)) };
        let text = format!("{sign}{}{growth}", sanitize(name));
        let (title, wide) = (markup(&tooltip(page, name, node)), width - 0.5);
        write!(out, r#"<g class="{}"><title>{title}</title>"#, color(node, metric))?;
        write!(out, r#"<rect x="{x:.1}" y="{y}" width="{wide:.1}" height="{}"/>"#, ROW - 1)?;
        let shown = cut(&text, width);
        if !shown.is_empty() {
            write!(out, r#"<text x="{:.1}" y="{}">{}</text>"#, x + 3.0, y + 14, markup(&shown))?;
        }
        writeln!(out, "</g>")?;
    }
    write!(out, "</g>\n<script type=\"application/json\" id=\"data\">")?;
    data.write(out)?;
    // Neither ends the element around it, which a test checks.
    writeln!(out, "</script>\n<script><![CDATA[{UNITS_JS}{CALLS_JS}{FLAME_JS}{SVG_JS}]]></script>\n</svg>")
}

/// Text of a node, in full.
fn tooltip(page: &FlamePage<'_>, name: &str, node: &FlameNode) -> String {
    let mut lines = vec![name.to_owned()];
    for column in page.metrics {
        let (metric, change) = (column.metric, node.cum);
        lines.push(format!("{} {}", column.name, delta_and_sides(change, metric, page.bytes)));
    }
    if page.by_growth {
        let metric = first(page.metrics);
        let words = FrameWords::of(page.graph.are_references);
        lines.push(grown_stacks(&value(metric, metric.of(node.grown), page.bytes), words));
    }
    lines.join("; ")
}

/// A sign for those who cannot see the colours.
fn sign(change: i128) -> &'static str {
    match change.signum() {
        1 => "▲ ",
        -1 => "▼ ",
        _ => "",
    }
}

/// The class of a node's colour: by how much of the larger side it grew or shrank, unless that is noise.
fn color(node: &FlameNode, metric: Metric) -> String {
    if node.is_noise(metric) {
        return "z".to_owned();
    }
    let (base, current) = (node.cum.base_of(metric), node.cum.current_of(metric));
    let part = (current - base) as f64 / base.max(current).max(1) as f64;
    let strength = match part.abs() {
        part if part <= 0.05 => 1,
        part if part <= 0.25 => 2,
        part if part <= 0.6 => 3,
        _ => 4,
    };
    match (current - base).signum() {
        1 => format!("g{strength}"),
        -1 => format!("s{strength}"),
        _ => "n".to_owned(),
    }
}

/// As much of a text as fits; nothing if fewer than three letters do.
fn cut(text: &str, width: f64) -> String {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    let room = ((width - 6.0) / LETTER_WIDTH).max(0.0) as usize;
    match (text.chars().count(), room) {
        (all, room) if all <= room => text.to_owned(),
        (_, ..3) => String::new(),
        (_, room) => text.chars().take(room - 1).chain(['…']).collect(),
    }
}
