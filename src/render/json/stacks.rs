//! `json` of the commands on stacks.

use std::io::{self, Write};

use serde::Serialize;

use super::head::Head;
use super::lazy::Lazy;
use super::notes::{NoteJson, notes};
use super::values::{Metrics, SamplingJson, write_line};
use crate::diff::Change;
use crate::evidence::Significance;
use crate::report::{ListReport, ListedFunction, PeekReport, StackContext, StacksReport};
use crate::site::{SiteKey, import_path};
use crate::stacks::{CallEdge, Peek, StackComparison, StackGroup};

/// A document of a command on stacks.
#[derive(Serialize)]
struct Document<'a, T> {
    #[serde(flatten)]
    head: Head<'a>,
    sort: &'static str,
    totals: Metrics,
    #[serde(flatten)]
    content: T,
    omitted: usize,
    sampling: SamplingJson,
    notes: Vec<NoteJson>,
}

fn write<T: Serialize>(
    command: &'static str,
    of: &StackContext<'_, '_>,
    content: T,
    out: &mut dyn Write,
) -> io::Result<()> {
    let report = &of.comparison;
    let document = Document {
        head: Head::of(command, report),
        sort: of.sort.name(),
        totals: Metrics::new(report, report.totals),
        content,
        omitted: of.omitted,
        sampling: SamplingJson::new(report),
        notes: notes(&report.notes).collect(),
    };
    write_line(&document, out)
}

/// A function.
#[derive(Serialize)]
struct FunctionJson {
    function: String,
    package: Option<String>,
}

impl FunctionJson {
    fn new(calls: &StackComparison<'_>, function: u32) -> Self {
        let key = calls.functions[function as usize];
        let package = match key {
            SiteKey::Function(name) => name.package(),
            _ => None,
        };
        FunctionJson {
            function: key.name().into_owned(),
            package: package.map(|package| import_path(package).into_owned()),
        }
    }
}

fn text(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn number(line: i64) -> Option<i64> {
    (line != 0).then_some(line)
}

/// Writes functions, line by line.
pub fn write_list(report: &ListReport<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct List<'a, T> {
        pattern: &'a str,
        functions: T,
    }
    #[derive(Serialize)]
    struct ListingJson<'a> {
        #[serde(flatten)]
        function: FunctionJson,
        file: Option<String>,
        start_line: Option<i64>,
        source: Option<&'a str>,
        no_source: Option<&'static str>,
        #[serde(flatten)]
        flat: Metrics,
        owned: Metrics,
        cum: Metrics,
        lines: Vec<LineJson<'a>>,
    }
    #[derive(Serialize)]
    struct LineJson<'a> {
        line: Option<i64>,
        base_line: Option<i64>,
        text: Option<&'a str>,
        #[serde(flatten)]
        flat: Metrics,
        cum: Metrics,
        verdict: Option<&'static str>,
    }
    let of = &report.of;
    fn listed<'a>(of: &StackContext<'_, '_>, function: &'a ListedFunction<'_>) -> ListingJson<'a> {
        let ListedFunction { listed, significances, source } = function;
        let excerpt = source.as_ref().ok();
        let lines = listed.lines.iter().zip(significances).map(|(entry, &significance)| LineJson {
            line: number(entry.line),
            base_line: entry.base_line.and_then(number),
            text: excerpt.and_then(|excerpt| excerpt.line(entry.line)),
            flat: Metrics::new(&of.comparison, entry.flat),
            cum: Metrics::new(&of.comparison, entry.cum),
            verdict: significance.map(Significance::name),
        });
        ListingJson {
            function: FunctionJson::new(of.calls, listed.function),
            file: text(listed.file),
            start_line: listed.start_line,
            source: excerpt.map(|excerpt| excerpt.path.as_str()),
            no_source: source.as_ref().err().map(|why| why.name()),
            flat: Metrics::new(&of.comparison, listed.flat),
            owned: Metrics::new(&of.comparison, listed.owned),
            cum: Metrics::new(&of.comparison, listed.cum),
            lines: lines.collect(),
        }
    }
    let functions = Lazy(|| report.functions.iter().map(|function| listed(of, function)));
    write("list", of, List { pattern: &report.pattern, functions }, out)
}

/// Writes functions between their callers and callees.
pub fn write_peek(report: &PeekReport<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Peeks<'a, T> {
        pattern: &'a str,
        functions: T,
    }
    #[derive(Serialize)]
    struct PeekJson {
        #[serde(flatten)]
        function: FunctionJson,
        #[serde(flatten)]
        flat: Metrics,
        owned: Metrics,
        cum: Metrics,
        recursive: Option<Metrics>,
        callers: Vec<CallJson>,
        callees: Vec<CallJson>,
    }
    #[derive(Serialize)]
    struct CallJson {
        function: Option<String>,
        package: Option<String>,
        #[serde(flatten)]
        values: Metrics,
    }
    let of = &report.of;
    let values = |change: Change| Metrics::new(&of.comparison, change);
    let call = |call: &CallEdge| {
        let function = call.function.map(|function| FunctionJson::new(of.calls, function));
        let (function, package) = function.map_or((None, None), |known| (Some(known.function), known.package));
        CallJson { function, package, values: values(call.change) }
    };
    let peek = |peek: &Peek| PeekJson {
        function: FunctionJson::new(of.calls, peek.function),
        flat: values(peek.flat),
        owned: values(peek.owned),
        cum: values(peek.cum),
        recursive: peek.recursive.map(values),
        callers: peek.callers.iter().map(call).collect(),
        callees: peek.callees.iter().map(call).collect(),
    };
    write("peek", of, Peeks { pattern: &report.pattern, functions: Lazy(|| report.peeks.iter().map(peek)) }, out)
}

/// Writes stacks, the owner first.
pub fn write_stacks(report: &StacksReport<'_, '_>, out: &mut dyn Write) -> io::Result<()> {
    #[derive(Serialize)]
    struct Stacks<T> {
        stacks: T,
    }
    #[derive(Serialize)]
    struct GroupJson {
        rank: usize,
        #[serde(flatten)]
        values: Metrics,
        stacks: usize,
        has_owner: bool,
        frames: Vec<FrameJson>,
        leaves: Vec<Leaf>,
    }
    #[derive(Serialize)]
    struct FrameJson {
        #[serde(flatten)]
        function: FunctionJson,
        file: Option<String>,
        line: Option<i64>,
        base_line: Option<i64>,
    }
    #[derive(Serialize)]
    struct Leaf {
        #[serde(flatten)]
        frame: FrameJson,
        #[serde(flatten)]
        values: Metrics,
    }
    let of = &report.of;
    let frame = |frame: u32| {
        let at = &of.calls.frames[frame as usize];
        FrameJson {
            function: FunctionJson::new(of.calls, at.function),
            file: text(at.line.file),
            line: number(at.line.line),
            base_line: at.base_line.and_then(number),
        }
    };
    let values = |change: Change| Metrics::new(&of.comparison, change);
    let json = |(at, group): (usize, &StackGroup)| GroupJson {
        rank: at + 1,
        values: values(group.change),
        stacks: group.stacks,
        has_owner: group.has_owner,
        frames: group.frames.iter().rev().map(|&at| frame(at)).collect(),
        leaves: group
            .leaves
            .iter()
            .map(|&(leaf, change)| Leaf { frame: frame(leaf), values: values(change) })
            .collect(),
    };
    let stacks = Lazy(|| report.groups.iter().enumerate().map(json));
    write("stacks", of, Stacks { stacks }, out)
}
