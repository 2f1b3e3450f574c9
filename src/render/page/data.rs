//! What the scripts of a page draw, as compact JSON: columns instead of objects, and each text once.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};
use memchr::memchr3;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::Bytes;
use super::graph::GraphColumns;
use super::sites::{Courses, SiteColumns};
use crate::diff::Metric;
use crate::report::{Column, Report, StackGraph};

/// A column for each metric; empty if the metric is not shown.
pub(super) struct Both<C> {
    space: Option<C>,
    objects: Option<C>,
}

impl<C> Both<C> {
    pub(super) fn of(metrics: &[Column], column: impl Fn(Metric) -> C) -> Self {
        let shown = |metric| metrics.iter().any(|column| column.metric == metric);
        let column = |metric| shown(metric).then(|| column(metric));
        Both { space: column(Metric::Space), objects: column(Metric::Objects) }
    }
}

impl<C: Serialize> Serialize for Both<C> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut both = serializer.serialize_struct("Both", 2)?;
        for (name, column) in [("space", &self.space), ("objects", &self.objects)] {
            match column {
                Some(column) => both.serialize_field(name, column)?,
                None => both.serialize_field(name, &[(); 0])?,
            }
        }
        both.end()
    }
}

/// A column whose cells are made as they are written.
pub(super) struct Each<F>(pub(super) F);

impl<I: IntoIterator<Item: Serialize>, F: Fn() -> I> Serialize for Each<F> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The data of a page, as JSON whose texts cannot end the element around them, in HTML as in XML.
pub(super) struct Data {
    /// An object, which gets the sites as its last field.
    graph: Vec<u8>,
    sites: Option<Vec<u8>>,
}

/// Distinct texts, by index.
#[derive(Default)]
pub(super) struct Texts(IndexMap<String, (), RandomState>);

impl Serialize for Texts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.keys())
    }
}

impl Texts {
    /// The index of a text from a file, which is sanitized first.
    pub(super) fn index<'t>(&mut self, text: impl Into<Cow<'t, str>>) -> usize {
        let text = text.into();
        // Most texts need no change.
        let text = if is_plain(text.as_bytes()) { text } else { Cow::Owned(sanitize(&text)) };
        match self.0.raw_entry_mut_v1().from_key(&*text) {
            RawEntryMut::Occupied(known) => known.index(),
            RawEntryMut::Vacant(new) => {
                let at = new.index();
                new.insert(text.into_owned(), ());
                at
            }
        }
    }
}

impl Data {
    /// The data of a graph alone.
    pub(super) fn new(graph: &StackGraph, metrics: &[Column], bytes: Bytes) -> io::Result<Self> {
        let functions = DisplayNames::functions(shown(graph));
        Ok(Data { graph: json(&GraphColumns::new(graph, metrics, bytes, &functions))?, sites: None })
    }

    /// The data of a report with its graph, and of its series if it has one.
    pub(super) fn of_report(
        report: &Report,
        graph: &StackGraph,
        bytes: Bytes,
        courses: Option<&Courses>,
    ) -> io::Result<Self> {
        let sites = report.sites.iter();
        let owners = sites.clone().filter_map(|site| site.owner.as_ref());
        let named = sites.clone().filter(|site| site.package.is_some()).filter_map(|site| site.function.as_deref());
        let named = named.chain(owners.clone().map(|owner| owner.function.as_str()));
        let files = sites.filter_map(|site| site.file.as_deref());
        let files = files.chain(owners.filter_map(|owner| owner.file.as_deref()));
        let files = files.chain(graph.files.iter().map(String::as_str));
        let names = named.chain(shown(graph));
        let (paths, functions) = (DisplayNames::paths(files), DisplayNames::functions(names));
        let mut drawn = GraphColumns::new(graph, &report.metrics, bytes, &functions);
        drawn.add_frames(graph, &paths);
        drawn.totals = courses.map(|courses| {
            Both::of(&report.metrics, |metric| courses.totals.iter().map(|&values| metric.of(values)).collect())
        });
        let sites = SiteColumns::new(report, graph, &functions, &paths, courses);
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

/// Whether all bytes are printable ASCII.
fn is_plain(text: &[u8]) -> bool {
    text.iter().all(|byte| (b' '..0x7f).contains(byte))
}

/// The functions that a page shows.
fn shown(graph: &StackGraph) -> impl Iterator<Item = &str> + Clone {
    graph.functions.iter().map(String::as_str).filter(|name| !name.is_empty())
}

/// The name of a metric in the data.
pub(super) fn key(metric: Metric) -> &'static str {
    match metric {
        Metric::Space => "space",
        Metric::Objects => "objects",
    }
}

/// `file:line`, or the file alone if the line is unknown.
pub(super) fn place(file: &str, line: Option<i64>) -> String {
    match line.filter(|&line| line != 0 && !file.is_empty()) {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

/// Escapes what could end the element around the JSON, and characters that a page must not have.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        if fragment.is_ascii() && memchr3(b'<', b'>', b'&', fragment.as_bytes()).is_none() {
            return out.write_all(fragment.as_bytes());
        }
        let mut rest = fragment;
        while let Some(at) = rest.find(['<', '>', '&', '\u{2028}', '\u{2029}', '\u{fffe}', '\u{ffff}']) {
            out.write_all(&rest.as_bytes()[..at])?;
            let Some(found) = rest[at..].chars().next() else { break };
            write!(out, "\\u{:04x}", u32::from(found))?;
            rest = &rest[at + found.len_utf8()..];
        }
        out.write_all(rest.as_bytes())
    }
}
