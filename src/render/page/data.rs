//! What the scripts of a page draw, as compact JSON: columns instead of objects, and each text once.

use std::borrow::Cow;
use std::io::{self, Write};
use std::panic::resume_unwind;
use std::thread;

use foldhash::fast::RandomState;
use indexmap::map::raw_entry_v1::{RawEntryApiV1, RawEntryMut};
use indexmap::{IndexMap, IndexSet};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::super::names::Short;
use super::super::units::Bytes;
use super::super::words::{plain, rank, what_and_how_sure};
use crate::diff::{Change, Metric};
use crate::evidence::Interval;
use crate::report::{Column, Flame, Picture, Report, SiteRow, SiteStacks};
use crate::site::Values;

/// A column for each metric; empty of one that is not shown.
#[derive(Serialize)]
struct Both<T> {
    space: Vec<T>,
    objects: Vec<T>,
}

impl<T> Default for Both<T> {
    fn default() -> Self {
        Both { space: Vec::new(), objects: Vec::new() }
    }
}

impl<T> Both<T> {
    fn of(metrics: &[Column], column: impl Fn(Metric) -> Vec<T>) -> Self {
        let shown = |metric| metrics.iter().any(|column| column.metric == metric);
        let column = |metric| if shown(metric) { column(metric) } else { Vec::new() };
        Both { space: column(Metric::Space), objects: column(Metric::Objects) }
    }
}

/// The data of a page, as JSON in which no text can end what it stands in, in HTML as in XML.
pub(super) struct Data {
    /// An object, to which the sites belong.
    graph: Vec<u8>,
    sites: Option<Vec<u8>>,
}

/// What is drawn of the stacks.
#[derive(Serialize)]
struct Graph {
    raw_bytes: bool,
    metrics: Vec<MetricName>,
    functions: Functions,
    flame: FlameData,
    #[serde(skip_serializing_if = "Option::is_none")]
    stacks: Option<Stacks>,
    #[serde(skip_serializing_if = "Option::is_none")]
    frames: Option<Frames>,
    /// Of a series: all that is alive, by snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    totals: Option<Both<i128>>,
    /// To which the others have indexes.
    texts: Texts,
}

/// Distinct texts, by index.
#[derive(Default)]
struct Texts(IndexMap<String, (), RandomState>);

impl Serialize for Texts {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.keys())
    }
}

impl Texts {
    /// The index of a text from a file, as it may stand on a page.
    fn index(&mut self, text: &str) -> usize {
        // Most are; looking at every byte of them is faster than to stop at the first that is not.
        let is_plain = text.bytes().fold(true, |all, byte| all & (b' '..0x7f).contains(&byte));
        let text = if is_plain { Cow::Borrowed(text) } else { Cow::Owned(plain(text)) };
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

#[derive(Serialize)]
struct FlameData {
    depth: Vec<u32>,
    /// Index of its function; -1 for the root.
    function: Vec<i64>,
    base: Both<i128>,
    current: Both<i128>,
    /// What it grew by beyond its own delta: 0 where nothing below it shrank.
    grown: Both<i128>,
    merged: usize,
    least: f64,
}

#[derive(Serialize)]
struct Sites {
    id: Vec<String>,
    rank: Vec<usize>,
    name: Vec<usize>,
    full: Vec<usize>,
    place: Vec<usize>,
    owner: Vec<usize>,
    what: Vec<usize>,
    verdict: Vec<&'static str>,
    base: Both<i128>,
    current: Both<i128>,
    low: Both<Option<i128>>,
    high: Both<Option<i128>>,
    samples_base: Vec<u64>,
    samples_current: Vec<u64>,
    p_value: Vec<Option<f64>>,
    /// Of a series: each site's values, by snapshot.
    #[serde(skip_serializing_if = "Option::is_none")]
    course: Option<Both<Vec<i128>>>,
    texts: Texts,
}

/// The stacks of all sites, one behind the other.
#[derive(Serialize, Default)]
struct Stacks {
    /// By site: how many of them are its own.
    count: Vec<usize>,
    /// By stack: how many frames it has, and how many of them, from the root on, are those of the one before.
    depth: Vec<usize>,
    same: Vec<usize>,
    /// The other frames of all of them, root first.
    frame: Vec<u32>,
    base: Both<i128>,
    current: Both<i128>,
    /// By site: how many more there are, and how much these grew.
    omitted: Vec<usize>,
    rest: Both<i128>,
}

/// Lines of code: the index of the function, and that of the place's text.
#[derive(Serialize)]
struct Frames {
    function: Vec<u32>,
    place: Vec<usize>,
}

/// What a series adds to a page.
pub(super) struct Courses {
    /// By site of the report: its place among those that matter most.
    pub(super) rank: Vec<usize>,
    /// By site of the report: what it did, in words.
    pub(super) what: Vec<String>,
    /// Its values.
    pub(super) values: Vec<Vec<Values>>,
    /// Those of all sites.
    pub(super) totals: Vec<Values>,
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
        let short = Short::functions(distinct(named.chain(shown(picture))));
        let paths = Short::paths(distinct(files.chain(picture.files.iter().map(String::as_str))));
        let graph = || {
            let mut graph = Graph::new(picture, &report.metrics, bytes, &short);
            graph.add_stacks(picture, &report.metrics, &paths);
            graph.totals = courses.map(|courses| {
                Both::of(&report.metrics, |metric| courses.totals.iter().map(|&values| metric.of(values)).collect())
            });
            json(&graph)
        };
        let (graph, sites) = thread::scope(|scope| {
            let thread = thread::Builder::new().spawn_scoped(scope, graph);
            let sites = json(&Sites::new(report, &short, &paths, courses));
            let graph = match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
                Err(_) => graph(),
            };
            (graph, sites)
        });
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
    let mut json = Vec::new();
    data.serialize(&mut serde_json::Serializer::with_formatter(&mut json, Inert))?;
    Ok(json)
}

impl Graph {
    fn new(picture: &Picture, metrics: &[Column], bytes: Bytes, short: &Short) -> Self {
        let mut texts = Texts::default();
        let functions = Functions {
            name: picture.functions.iter().map(|full| texts.index(short.get(full))).collect(),
            full: picture.functions.iter().map(|full| texts.index(full)).collect(),
        };
        let flame = FlameData::new(&picture.flame, metrics);
        let metrics = metrics.iter().map(|column| MetricName { key: key(column.metric), name: plain(&column.name) });
        Graph {
            raw_bytes: bytes == Bytes::Raw,
            metrics: metrics.collect(),
            functions,
            flame,
            stacks: None,
            frames: None,
            totals: None,
            texts,
        }
    }

    fn add_stacks(&mut self, picture: &Picture, metrics: &[Column], paths: &Short) {
        let files: Vec<_> = picture.files.iter().map(|file| paths.get(file)).collect();
        let places = picture.frames.iter().map(|frame| self.texts.index(&place(files[frame.file], Some(frame.line))));
        let place = places.collect();
        self.frames = Some(Frames { function: picture.frames.iter().map(|frame| frame.function).collect(), place });
        self.stacks = Some(Stacks::new(&picture.stacks, metrics));
    }
}

impl Sites {
    fn new(report: &Report, short: &Short, paths: &Short, courses: Option<&Courses>) -> Self {
        let mut texts = Texts::default();
        let column = |of: fn(&SiteRow, Metric) -> i128| {
            Both::of(&report.metrics, |metric| report.sites.iter().map(|site| of(site, metric)).collect())
        };
        let bound = |of: fn(Interval) -> f64, round: fn(f64) -> f64| {
            #[allow(clippy::cast_possible_truncation, reason = "a bound beyond any number is that number")]
            let of_site = move |site: &SiteRow, metric| {
                let bounds = if metric == Metric::Space { site.evidence.space } else { site.evidence.objects };
                bounds.map(|bounds| round(of(bounds)) as i128)
            };
            Both::of(&report.metrics, |metric| report.sites.iter().map(|site| of_site(site, metric)).collect())
        };
        let names = report.sites.iter().map(|site| texts.index(name(short, site))).collect();
        let full = report.sites.iter().map(|site| texts.index(&site.name)).collect();
        let mut texts_of = |of: &dyn Fn(usize, &SiteRow) -> String| -> Vec<usize> {
            report.sites.iter().enumerate().map(|(at, site)| texts.index(&of(at, site))).collect()
        };
        let course = courses.map(|courses| {
            let values = |metric: Metric| {
                let of_site = |values: &Vec<Values>| values.iter().map(|&values| metric.of(values)).collect();
                courses.values.iter().map(of_site).collect()
            };
            Both::of(&report.metrics, values)
        });
        let first = report.metrics.first().map_or(Metric::Space, |column| column.metric);
        Sites {
            id: report.sites.iter().map(|site| site.site_id.clone()).collect(),
            rank: match courses {
                Some(courses) => courses.rank.clone(),
                None => report.sites.iter().map(|site| rank(site, first)).collect(),
            },
            name: names,
            full,
            place: texts_of(&|_, site| place(paths.get(site.file.as_deref().unwrap_or_default()), site.line)),
            owner: texts_of(&|_, site| {
                let owner = site.owner.as_ref().map(|owner| {
                    let place = place(paths.get(owner.file.as_deref().unwrap_or_default()), owner.line);
                    format!("{} {place}", short.get(&owner.function)).trim_end().to_owned()
                });
                owner.unwrap_or_default()
            }),
            what: texts_of(&|at, site| match courses {
                Some(courses) => courses.what[at].clone(),
                None => what_and_how_sure(report, site),
            }),
            verdict: report.sites.iter().map(|site| site.evidence.verdict.name()).collect(),
            base: column(|site, metric| site.flat.base_of(metric)),
            current: column(|site, metric| site.flat.current_of(metric)),
            low: bound(|bounds| bounds.low, f64::floor),
            high: bound(|bounds| bounds.high, f64::ceil),
            samples_base: report.sites.iter().map(|site| site.evidence.samples_base).collect(),
            samples_current: report.sites.iter().map(|site| site.evidence.samples_current).collect(),
            p_value: report.sites.iter().map(|site| site.evidence.p_value).collect(),
            course,
            texts,
        }
    }
}

/// The functions that a page shows.
fn shown(picture: &Picture) -> impl Iterator<Item = &str> {
    picture.functions.iter().map(String::as_str).filter(|name| !name.is_empty())
}

/// Each text once, which is faster than to sort all of them.
fn distinct<'a>(texts: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    texts.collect::<IndexSet<_, RandomState>>().into_iter()
}

impl FlameData {
    fn new(flame: &Flame, metrics: &[Column]) -> Self {
        let Flame { nodes, merged, least } = flame;
        let column = |of: fn(Change, Metric) -> i128| {
            Both::of(metrics, |metric| nodes.iter().map(|node| of(node.cum, metric)).collect())
        };
        FlameData {
            depth: nodes.iter().map(|node| node.depth).collect(),
            function: nodes.iter().map(|node| node.function.map_or(-1, i64::from)).collect(),
            base: column(|change, metric| change.base_of(metric)),
            current: column(|change, metric| change.current_of(metric)),
            grown: Both::of(metrics, |metric| {
                nodes.iter().map(|node| metric.of(node.grown) - node.cum.delta_of(metric).max(0)).collect()
            }),
            merged: *merged,
            least: *least,
        }
    }
}

impl Stacks {
    fn new(of_sites: &[SiteStacks], metrics: &[Column]) -> Self {
        let stacks = || of_sites.iter().flat_map(|site| &site.shown);
        let column = |of: fn(Change, Metric) -> i128| {
            Both::of(metrics, |metric| stacks().map(|stack| of(stack.change, metric)).collect())
        };
        let mut made = Stacks {
            count: of_sites.iter().map(|site| site.shown.len()).collect(),
            base: column(|change, metric| change.base_of(metric)),
            current: column(|change, metric| change.current_of(metric)),
            omitted: of_sites.iter().map(|site| site.omitted).collect(),
            rest: Both::of(metrics, |metric| of_sites.iter().map(|site| site.rest.delta_of(metric)).collect()),
            ..Stacks::default()
        };
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

/// The name of a metric in the data.
pub(super) fn key(metric: Metric) -> &'static str {
    match metric {
        Metric::Space => "space",
        Metric::Objects => "objects",
    }
}

/// What a site is called: as in the table.
fn name<'r>(short: &'r Short, site: &'r SiteRow) -> &'r str {
    match (&site.function, site.package.is_some()) {
        (Some(function), true) => short.get(function),
        _ => &site.name,
    }
}

/// A line of a file, as far as they are known.
fn place(file: &str, line: Option<i64>) -> String {
    match line.filter(|&line| line != 0 && !file.is_empty()) {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}

/// JSON in which no text can end the element it stands in, or be a character that a page must not have.
struct Inert;

impl Formatter for Inert {
    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let is_harmless = |byte: u8| byte.is_ascii() & !matches!(byte, b'<' | b'>' | b'&');
        if fragment.bytes().fold(true, |all, byte| all & is_harmless(byte)) {
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
