//! What the scripts of a page draw, as compact JSON: columns instead of objects, and each text once.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::sync::OnceLock;

use foldhash::fast::RandomState;
use indexmap::IndexMap;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};
use memchr::memchr3;
use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};
use serde_json::ser::Formatter;

use super::super::names::Short;
use super::super::units::Bytes;
use super::super::words::plain;
use super::graph::Graph;
use super::sites::{Courses, Sites};
use crate::diff::Metric;
use crate::report::{Column, Picture, Report};
use crate::threads::join2;

/// A column for each metric; an empty one of a metric that is not shown.
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

/// The data of a page, as JSON in which no text can end what it stands in, in HTML as in XML.
pub(super) struct Data {
    /// An object, to which the sites belong.
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
    /// The index of a text from a file, as it may stand on a page.
    pub(super) fn index<'t>(&mut self, text: impl Into<Cow<'t, str>>) -> usize {
        let text = text.into();
        // Most are.
        let text = if is_plain(text.as_bytes()) { text } else { Cow::Owned(plain(&text)) };
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
    /// Of a picture alone.
    pub(super) fn new(picture: &Picture, metrics: &[Column], bytes: Bytes) -> io::Result<Self> {
        let graph = Graph::new(picture, metrics, bytes, &Short::functions(shown(picture)));
        Ok(Data { graph: json(&graph)?, sites: None })
    }

    /// Of a report with its picture, and of its series if it is of one.
    pub(super) fn of_report(
        report: &Report,
        picture: &Picture,
        bytes: Bytes,
        courses: Option<&Courses>,
    ) -> io::Result<Self> {
        let sites = report.sites.iter();
        let owners = sites.clone().filter_map(|site| site.owner.as_ref());
        let named = sites.clone().filter(|site| site.package.is_some()).filter_map(|site| site.function.as_deref());
        let named = named.chain(owners.clone().map(|owner| owner.function.as_str()));
        let files = sites.filter_map(|site| site.file.as_deref());
        let files = files.chain(owners.filter_map(|owner| owner.file.as_deref()));
        let files = files.chain(picture.files.iter().map(String::as_str));
        let names = named.chain(shown(picture));
        // Each half of the work makes what the other half needs, too.
        let (paths, short) = (OnceLock::new(), OnceLock::new());
        let paths = || paths.get_or_init(|| Short::paths(files.clone()));
        let short = || short.get_or_init(|| Short::functions(names.clone()));
        let graph = || {
            let paths = paths();
            let mut graph = Graph::new(picture, &report.metrics, bytes, short());
            graph.add_frames(picture, paths);
            graph.totals = courses.map(|courses| {
                Both::of(&report.metrics, |metric| courses.totals.iter().map(|&values| metric.of(values)).collect())
            });
            json(&graph)
        };
        let (graph, sites) = join2(graph, || json(&Sites::new(report, picture, short(), paths(), courses)));
        Ok(Data { graph: graph?, sites: Some(sites?) })
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
    // A service's page fits; what is not used costs nothing.
    let json = Vec::with_capacity(1 << 20);
    // A few bytes at a time are added to it faster than to what grows.
    let mut out = BufWriter::with_capacity(16 << 10, json);
    data.serialize(&mut serde_json::Serializer::with_formatter(&mut out, Inert))?;
    Ok(out.into_inner()?)
}

/// Whether all bytes are of ASCII and none is a control character, eight of them at a look.
fn is_plain(text: &[u8]) -> bool {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks();
    // A byte from DEL on has the highest bit, or gets it by one more; one below the blank gets it by 32 less.
    let word = |word: &[u8; 8]| {
        let word = u64::from_le_bytes(*word);
        (word | word.wrapping_add(EACH) | word.wrapping_sub(0x20 * EACH)) & (0x80 * EACH) == 0
    };
    words.iter().all(word) && rest.iter().all(|byte| (b' '..0x7f).contains(byte))
}

/// The functions that a page shows.
fn shown(picture: &Picture) -> impl Iterator<Item = &str> + Clone {
    picture.functions.iter().map(String::as_str).filter(|name| !name.is_empty())
}

/// The name of a metric in the data.
pub(super) fn key(metric: Metric) -> &'static str {
    match metric {
        Metric::Space => "space",
        Metric::Objects => "objects",
    }
}

/// A line of a file, as far as they are known.
pub(super) fn place(file: &str, line: Option<i64>) -> String {
    match line.filter(|&line| line != 0 && !file.is_empty()) {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

/// JSON in which no text can end the element it stands in, or be a character that a page must not have.
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

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_byte_that_is_not_plain_is_found_anywhere() {
        for byte in 0..=u8::MAX {
            for at in 0..20 {
                let mut text = *b"main.(*T).Store ~~~ ";
                text[at] = byte;
                assert_eq!(is_plain(&text), (b' '..0x7f).contains(&byte), "{byte} at {at}");
            }
        }
    }
}
