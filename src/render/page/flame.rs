//! The flame graph alone: a picture that is also a page, or a page.

use std::io::{self, Write};

use super::super::units::{Bytes, both, delta};
use super::super::words::{inputs, plain};
use super::data::Data;
use super::{BASE_CSS, Code, FLAME_CSS, FLAME_JS, Page, UNITS_JS, markup, svg};
use crate::diff::Metric;
use crate::report::{Column, Flame, Picture, Side};

const PAGE_JS: &str = include_str!("page.js");

/// A flame graph to be written.
#[derive(Debug, Clone, Copy)]
pub struct FlamePage<'a> {
    /// Both sides.
    pub sides: [&'a Side; 2],
    /// The metrics that both have; the first is shown first.
    pub metrics: &'a [Column],
    /// What is drawn.
    pub picture: &'a Picture,
    /// Whether nodes are as wide as what grew, rather than as what is alive.
    pub by_growth: bool,
    /// How bytes are written.
    pub bytes: Bytes,
}

impl FlamePage<'_> {
    /// From what to what.
    pub(super) fn title(&self) -> String {
        format!("{} → {}", inputs(self.sides[0]), inputs(self.sides[1]))
    }

    /// The totals of a metric: its name, by how much it changed, both sides.
    pub(super) fn total(&self, column: &Column) -> String {
        let (metric, total) =
            (column.metric, self.picture.flame.nodes.first().map(|root| root.cum).unwrap_or_default());
        let change = delta(metric, total.delta_of(metric), self.bytes);
        let sides = both(metric, total.base_of(metric), total.current_of(metric), self.bytes);
        format!("{} {change} ({sides})", plain(&column.name))
    }
}

/// What is not drawn, in a sentence.
pub(super) fn left_out(flame: &Flame) -> Option<String> {
    let share = format!("{:.3}", flame.least * 100.0);
    let share = share.trim_end_matches('0').trim_end_matches('.');
    (flame.merged > 0).then(|| {
        let calls = super::super::units::count(flame.merged, "call");
        format!("{calls} narrower than {share} % of the whole are not drawn, nor what they call; their callers' numbers have them (--min)")
    })
}

/// Writes it as a picture (SVG), or as a page (HTML).
pub fn write(page: &FlamePage<'_>, as_html: bool, out: &mut dyn Write) -> io::Result<()> {
    let data = Data::new(page.picture, page.metrics, page.bytes)?;
    if !as_html {
        return svg::write(page, &data, out);
    }
    let title = page.title();
    let shell = Page {
        title: &format!("Heap growth: {title}"),
        code: Code {
            css: format!("{BASE_CSS}{FLAME_CSS}"),
            css_hash: "XfT6teGonwqsx/KczwtdrS5UwOxYXgqmVw3oNshaot4=",
            script: format!("{UNITS_JS}{FLAME_JS}{PAGE_JS}"),
            script_hash: "cYQw6gAimD41AIMO7ZKubUgb8t4Vh63Nk8yn7BOSqTI=",
        },
        data: &data,
    };
    shell.write(out, |out| {
        writeln!(out, "<header>\n<h1>Heap growth</h1>\n<p class=\"inputs\">{}</p>\n</header>\n<main>", markup(&title))?;
        write_graph(
            page.picture,
            page.by_growth,
            &page.metrics.iter().map(|column| page.total(column)).collect::<Vec<_>>(),
            out,
        )?;
        writeln!(out, "</main>")
    })
}

/// Writes the place where a script draws the graph, and what is to be known of it.
pub(super) fn write_graph(
    picture: &Picture,
    by_growth: bool,
    totals: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    let width = if by_growth { "delta" } else { "current" };
    for total in totals {
        writeln!(out, "<p class=\"total\">{}</p>", markup(&format!("total {total}")))?;
    }
    writeln!(out, "<section id=\"flame\" aria-label=\"Flame graph\" data-width=\"{width}\"></section>")?;
    writeln!(out, "<noscript><p>The graph is drawn by a script.</p></noscript>")?;
    writeln!(
        out,
        "<p class=\"legend\"><span class=\"key g4\">▲ grew</span> <span class=\"key n\">unchanged</span> \
         <span class=\"key s4\">▼ shrank</span> The stronger, the larger the part of it. Colours are estimates: \
         sampling alone moves them, too.</p>"
    )?;
    match left_out(&picture.flame) {
        Some(sentence) => writeln!(out, "<p class=\"note\">{}</p>", markup(&sentence)),
        None => Ok(()),
    }
}

/// The metric a page shows first.
pub(super) fn first(metrics: &[Column]) -> Metric {
    metrics.first().map_or(Metric::Space, |column| column.metric)
}
