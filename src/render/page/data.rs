//! The data of a page, which its scripts draw, as compact JSON.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use memchr::memchr3;
use serde::Serialize;
use serde_json::ser::Formatter;

use super::super::display_names::DisplayNames;
use super::super::text::{is_hidden, sanitize};
use super::super::units::Bytes;
use super::columns::Both;
use super::graph::GraphColumns;
use super::sites::{Courses, SiteColumns};
use crate::report::{Report, ShownMetric, StackGraph};

/// Short names of all that a report's page shows, the same everywhere on it.
pub(super) struct PageNames<'a> {
    pub(super) functions: DisplayNames<'a>,
    pub(super) paths: DisplayNames<'a>,
}

impl<'a> PageNames<'a> {
    /// The names of a report with its graph.
    pub(super) fn new(report: &'a Report, graph: &'a StackGraph) -> Self {
        let sites = report.sites.iter();
        let owners = sites.clone().filter_map(|site| site.owner.as_ref());
        let named = sites.clone().filter(|site| site.package.is_some()).filter_map(|site| site.function.as_deref());
        let named = named.chain(owners.clone().map(|owner| owner.function.as_str()));
        let files = sites.filter_map(|site| site.file.as_deref());
        let files = files.chain(owners.filter_map(|owner| owner.file.as_deref()));
        let files = files.chain(graph.files.iter().map(String::as_str));
        let files = files.chain(graph.code.iter().map(|code| &*code.file));
        let callees = graph.code.iter().flat_map(|code| &code.lines).flat_map(|line| &line.callees);
        let names = named.chain(shown(graph)).chain(graph.code.iter().map(|code| &*code.name));
        let names = names.chain(callees.map(String::as_str));
        PageNames { functions: DisplayNames::functions(names), paths: DisplayNames::paths(files) }
    }
}

/// The data of a page, as JSON whose texts cannot end the element around them, in HTML as in XML.
pub(super) struct Data {
    /// An object, which gets the sites as its last field.
    graph: Vec<u8>,
    sites: Option<Vec<u8>>,
}

impl Data {
    /// The data of a graph alone.
    pub(super) fn new(graph: &StackGraph, metrics: &[ShownMetric], bytes: Bytes) -> io::Result<Self> {
        let functions = DisplayNames::functions(shown(graph));
        Ok(Data { graph: json(&GraphColumns::new(graph, metrics, bytes, &functions))?, sites: None })
    }

    /// The data of a report with its graph, and of its series if it has one.
    pub(super) fn of_report(
        report: &Report,
        graph: &StackGraph,
        names: &PageNames<'_>,
        bytes: Bytes,
        courses: Option<&Courses>,
    ) -> io::Result<Self> {
        let PageNames { functions, paths } = names;
        let mut drawn = GraphColumns::new(graph, &report.metrics, bytes, functions);
        drawn.add_frames(graph, paths);
        drawn.totals = courses.map(|courses| {
            Both::of(&report.metrics, |metric| courses.totals.iter().map(|&values| metric.of(values)).collect())
        });
        let sites = SiteColumns::new(report, graph, functions, paths, courses);
        Ok(Data { graph: json(&drawn)?, sites: Some(json(&sites)?) })
    }

    /// Writes it.
    pub(super) fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let Some(sites) = &self.sites else { return out.write_all(&self.graph) };
        out.write_all(self.graph.strip_suffix(b"}").unwrap_or_default())?;
        out.write_all(b",\"sites\":")?;
        out.write_all(sites)?;
        out.write_all(b"}")
    }
}

fn json(data: &impl Serialize) -> io::Result<Vec<u8>> {
    // The page of a service fits; untouched memory costs nothing.
    let json = Vec::with_capacity(1 << 20);
    // Small writes to a fixed buffer are faster than to a growing vector.
    let mut out = BufWriter::with_capacity(16 << 10, json);
    data.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Inert))?;
    Ok(out.into_inner()?)
}

/// The functions that a page shows.
fn shown(graph: &StackGraph) -> impl Iterator<Item = &str> + Clone {
    graph.functions.iter().map(String::as_str).filter(|name| !name.is_empty())
}

/// Escapes what could end the element around the JSON, and characters that a page must not have.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let is_obeyed = fragment.contains("##");
        if fragment.is_ascii() && !is_obeyed && memchr3(b'<', b'>', b'&', fragment.as_bytes()).is_none() {
            return out.write_all(fragment.as_bytes());
        }
        let is_harmless = !is_obeyed && !fragment.contains(is_hidden);
        let text = if is_harmless { Cow::Borrowed(fragment) } else { sanitize(fragment).replace('\\', r"\\").into() };
        let mut rest = &*text;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{fffe}', '\u{ffff}']) {
            out.write_all(&rest.as_bytes()[..at])?;
            let Some(found) = rest[at..].chars().next() else { break };
            write!(out, "\\u{:04x}", u32::from(found))?;
            rest = &rest[at + found.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}
