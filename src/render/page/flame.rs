//! The flame graph alone: a picture that is also a page, or a page.

use std::io::{self, Write};

use super::data::Data;
use super::flame_page::{FlamePage, write_graph};
use super::shell::{BASE_CSS, CALLS_JS, Code, FLAME_CSS, FLAME_JS, PageShell, UNITS_JS, markup};
use super::svg;

const PAGE_JS: &str = include_str!("page.js");

/// Writes the graph as a picture (SVG), or as a page (HTML).
pub fn write(page: &FlamePage<'_>, as_html: bool, out: &mut dyn Write) -> io::Result<()> {
    let data = Data::new(page.graph, page.metrics, page.bytes)?;
    if !as_html {
        return svg::write(page, &data, out);
    }
    let title = page.title();
    let shell = PageShell {
        title: &format!("Heap growth: {title}"),
        code: Code {
            css: format!("{BASE_CSS}{FLAME_CSS}"),
            css_hash: "BR2UW4QTThWNDUUzhi/CTltBffzRYJoBHNzpgrjCPoU=",
            script: format!("{UNITS_JS}{CALLS_JS}{FLAME_JS}{PAGE_JS}"),
            script_hash: "YBkKirMq/uHs9cSQZ4hFeoSRfPMh4Xrlg8ux00w01Kw=",
        },
        data: &data,
    };
    shell.write(out, |out| {
        writeln!(out, "<header>\n<h1>Heap growth</h1>\n<p class=\"inputs\">{}</p>\n</header>\n<main>", markup(&title))?;
        write_graph(
            page.graph,
            page.by_growth,
            &page.metrics.iter().map(|column| page.total(column)).collect::<Vec<_>>(),
            out,
        )?;
        writeln!(out, "</main>")
    })
}
