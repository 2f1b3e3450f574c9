//! The functions that grew, line by line, with their source where it was found.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::messages::{CODE_HEADING, NO_SOURCES, callees_label, code_place, no_source_message};
use super::super::units::{Bytes, delta};
use super::columns::place;
use super::data::PageNames;
use super::flame_page::first;
use super::shell::markup;
use crate::report::{FunctionCode, NoSource, ShownMetric};

/// Functions that are unfolded at first.
const UNFOLDED: usize = 1;
/// A tab, which a page must not have.
const TAB: &str = "    ";

/// Writes the functions; nothing if there are none.
pub(super) fn write_code(
    functions: &[FunctionCode],
    metrics: &[ShownMetric],
    names: &PageNames<'_>,
    bytes: Bytes,
    out: &mut dyn Write,
) -> io::Result<()> {
    if functions.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section class=\"code\">\n<h2>{CODE_HEADING}</h2>")?;
    let are_missing = functions.iter().all(|code| matches!(code.source, Err(NoSource::NotFound)));
    if are_missing {
        writeln!(out, "<p class=\"note\">{NO_SOURCES}</p>")?;
    }
    for (at, code) in functions.iter().enumerate() {
        let metric = first(metrics);
        let open = if at < UNFOLDED { " open" } else { "" };
        writeln!(
            out,
            "<details data-function=\"{}\"{open}><summary><b class=\"name\">{}</b> <b class=\"grew\">{}</b> \
             <span class=\"place\">{}</span></summary>",
            markup(&code.name),
            markup(names.functions.get(&code.name)),
            delta(metric, code.change.delta_of(metric), bytes),
            markup(&code_place(code)),
        )?;
        if let (Err(why), false) = (&code.source, are_missing) {
            writeln!(out, "<p class=\"note\">{}</p>", markup(&no_source_message(*why)))?;
        }
        write_lines(code, metrics, names, bytes, out)?;
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")
}

/// Writes the lines that allocate, and those around them.
fn write_lines(
    code: &FunctionCode,
    metrics: &[ShownMetric],
    names: &PageNames<'_>,
    bytes: Bytes,
    out: &mut dyn Write,
) -> io::Result<()> {
    let excerpt = code.source.as_ref().ok();
    let allocating: BTreeMap<_, _> = code.lines.iter().map(|line| (line.line, line)).collect();
    let numbers: Vec<_> = allocating.keys().copied().collect();
    let shown = excerpt.map(|excerpt| excerpt.shown(&numbers)).unwrap_or_default();
    let shown = shown.into_iter().filter_map(|line| i64::try_from(line).ok());
    let all: BTreeSet<i64> = shown.chain(numbers).collect();
    write!(out, "<div class=\"scroll\"><table><thead><tr>")?;
    for column in metrics {
        write!(out, "<th scope=\"col\">{}</th>", markup(&column.name))?;
    }
    writeln!(out, "<th scope=\"col\">line</th><th scope=\"col\">source</th></tr></thead><tbody>")?;
    let gap = format!("<tr class=\"gap\"><td colspan=\"{}\">⋮</td></tr>", metrics.len() + 2);
    let mut last: Option<i64> = None;
    for &number in &all {
        if excerpt.is_some() && last.is_some_and(|last| number - last > 1) {
            writeln!(out, "{gap}")?;
        }
        last = Some(number);
        let line = allocating.get(&number);
        let growth = line.map(|line| line.change.delta_of(first(metrics)).signum());
        let class = match growth {
            Some(1) => " class=\"grew\"",
            Some(-1) => " class=\"shrank\"",
            _ => "",
        };
        write!(out, "<tr{class}>")?;
        for column in metrics {
            let cell = line.map(|line| delta(column.metric, line.change.delta_of(column.metric), bytes));
            write!(out, "<td>{}</td>", cell.unwrap_or_default())?;
        }
        let number_text = if number == 0 { "?".to_owned() } else { number.to_string() };
        let text = match excerpt {
            Some(excerpt) => excerpt.line(number).unwrap_or_default().replace('\t', TAB),
            None => place(names.paths.get(&code.file), Some(number)),
        };
        let callees: Vec<_> =
            line.into_iter().flat_map(|line| &line.callees).map(|name| names.functions.get(name).to_owned()).collect();
        let callees = match callees.is_empty() {
            true => String::new(),
            false => format!(" <span class=\"callee\">{}</span>", markup(&callees_label(&callees))),
        };
        writeln!(out, "<td>{number_text}</td><td><code>{}</code>{callees}</td></tr>", markup(&text))?;
    }
    let next = last.and_then(|last| excerpt?.line(last + 1));
    if next.is_some() {
        writeln!(out, "{gap}")?;
    }
    writeln!(out, "</tbody></table></div>")
}
