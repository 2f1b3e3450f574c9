//! The sentences on goroutines: how many more there are, where, what they wait for, and what that often means.

use super::super::display_names::DisplayNames;
use super::super::text::sanitize;
use super::super::units::{Bytes, both, delta, grouped, value};
use crate::diff::Metric;
use crate::goroutines::{GoroutineCourse, GroupGrowth, HeapShare, Pattern, Waits};
use crate::paths::base_name;
use crate::series::{Shape, is_rise};

/// Groups shown in a sentence; JSON has all.
const MAX_GROUPS: usize = 4;

/// Intervals that all rise by chance in one of 120 orders.
const MIN_RISES: usize = 4;

/// How the number of goroutines developed, in a clause: "goroutines grew from 274 to 1,254 in every interval".
pub(in crate::render) fn course(course: &GoroutineCourse) -> String {
    let [first, last] = course.ends();
    let intervals = course.totals.len() - 1;
    if course.shape == Shape::Flat {
        let how = match course.intervals_grown() == intervals {
            // As many would not rise by chance.
            true if intervals >= MIN_RISES => "too little growth to judge, though in every interval",
            _ if !is_rise(first, last - first) => "no growth",
            _ => "too little growth to judge",
        };
        return format!("goroutines: {} → {}, {how}", grouped(first), grouped(last));
    }
    let ends = format!("goroutines grew from {} to {}", grouped(first), grouped(last));
    let how = match course.shape {
        _ if intervals < 2 => String::new(),
        Shape::Flat => String::new(),
        Shape::Decelerating | Shape::Levelled => " and are levelling off".to_owned(),
        Shape::OneStep => " in one step".to_owned(),
        Shape::Fluctuating => ", up and down".to_owned(),
        Shape::Growing | Shape::Grew if course.intervals_grown() == intervals => " in every interval".to_owned(),
        Shape::Growing | Shape::Grew => format!(" in {} of {intervals} intervals", course.intervals_grown()),
    };
    format!("{ends}{how}")
}

/// The growth of goroutines, in all and by group.
pub(super) fn growth(found: &GoroutineCourse, bytes: Bytes) -> String {
    let groups = found.groups.iter().take(MAX_GROUPS).map(|group| group_growth(group, bytes));
    let mut start = course(found);
    if found.marked_leaked > 0 {
        start += &format!(", of which the dump marks {} as leaked", grouped(found.marked_leaked));
    }
    if let Some(mean) = found.mean_stack_bytes {
        start += &format!(", each with {} of stack on average", value(Metric::Space, mean.into(), bytes));
    }
    listed(start, groups, found.groups.len())
}

/// A sentence with its groups, and how many more there are of them.
fn listed(start: String, groups: impl Iterator<Item = String>, all: usize) -> String {
    let more = all.saturating_sub(MAX_GROUPS);
    let mut parts: Vec<_> = groups.collect();
    if more > 0 {
        parts.push(format!("and {more} more {}", if more == 1 { "function" } else { "functions" }));
    }
    if parts.is_empty() { start } else { format!("{start}: {}", parts.join("; ")) }
}

fn group_growth(found: &GroupGrowth, bytes: Bytes) -> String {
    let more = grouped(found.delta());
    let what = match found.group.pattern {
        Some(Pattern::HttpClientRead) => {
            let loops = if found.companions.is_some() { "readLoop/writeLoop" } else { "readLoop" };
            format!("{more} more HTTP client connections (persistConn.{loops}): response bodies not closed?")
        }
        Some(Pattern::HttpServerConnection) => {
            format!("{more} more HTTP server connections held open, on which no handler runs ({})", found.group.owner)
        }
        Some(Pattern::HttpHandler) => format!("{more} more HTTP handlers that have not returned, in {}", place(found)),
        Some(Pattern::SqlRows) => format!("{more} more database/sql.(*Rows).awaitDone: sql.Rows not closed?"),
        Some(Pattern::ContextParent) => format!("{more} more contexts that nobody cancelled? ({})", found.group.owner),
        Some(Pattern::GrpcClientRead) => {
            format!("{more} more gRPC client connections (http2Client.reader): ClientConn not closed?")
        }
        Some(Pattern::GrpcServerConnection) => format!("{more} more gRPC server connections held open"),
        Some(Pattern::GrpcStream) => format!("{more} more gRPC handlers that have not returned, in {}", place(found)),
        Some(Pattern::HttpClientWrite | Pattern::HttpHandlerWatch | Pattern::GrpcClientWrite) | None => {
            format!("{more} more in {}", place(found))
        }
    };
    let sides = both(Metric::Objects, found.base(), found.current(), bytes);
    format!("{what} ({sides}){}", found.heap.as_ref().map(|heap| heap_growth(heap, bytes)).unwrap_or_default())
}

/// What of the heap grew with a group.
fn heap_growth(heap: &HeapShare, bytes: Bytes) -> String {
    let size = |space| value(Metric::Space, space, bytes);
    let mut parts = Vec::new();
    if heap.below.space > 0 {
        parts.push(format!(", which allocated {} that is still live", size(heap.below.space)));
    }
    if heap.tickers.space > 0 {
        parts.push(format!(", {} of it by time.NewTicker: not stopped?", size(heap.tickers.space)));
    }
    if heap.timers.space > 0 {
        parts.push(format!(", {} of it by time.After: in a loop?", size(heap.timers.space)));
    }
    parts.concat()
}

/// Where goroutines of a group are, what they wait for, and where they were started.
fn place(found: &GroupGrowth) -> String {
    let group = &found.group;
    let waits = group.waits.map(|waits| format!(", {}", waiting(waits))).unwrap_or_default();
    let entry = if group.entry == group.owner || group.entry.starts_with(&format!("{}.", group.owner)) {
        String::new()
    } else {
        format!(", started at {}", group.entry)
    };
    format!("{}{waits}{entry}", group.owner)
}

/// The goroutines that keep growing in number: those of the most grown group. `pace`: how much a number grew, per what.
pub(super) fn growing_goroutines(
    course: &GoroutineCourse,
    names: &DisplayNames<'_>,
    pace: impl Fn(i128) -> (i128, &'static str),
) -> String {
    match course.groups.first() {
        Some(group) => growing_group(group, names, pace),
        None => {
            let [first, last] = course.ends();
            let (more, unit) = pace(last - first);
            format!("{} more per {unit}, in no single function", grouped(more))
        }
    }
}

/// A group that keeps growing: how many more, what they wait for in which function, and what that often means.
pub(super) fn growing_group(
    found: &GroupGrowth,
    names: &DisplayNames<'_>,
    pace: impl Fn(i128) -> (i128, &'static str),
) -> String {
    let group = &found.group;
    let (more, unit) = pace(found.delta());
    let owner = sanitize(names.get(&group.owner));
    let (what, cause) = match group.pattern {
        Some(Pattern::HttpClientRead | Pattern::HttpClientWrite) => {
            ("HTTP client connections", "response bodies not closed?")
        }
        Some(Pattern::HttpServerConnection) => ("HTTP server connections", "held open, no handler runs on them"),
        Some(Pattern::HttpHandler | Pattern::HttpHandlerWatch) => ("HTTP handlers", "they have not returned"),
        Some(Pattern::SqlRows) => ("goroutines", "sql.Rows not closed?"),
        Some(Pattern::ContextParent) => ("goroutines", "contexts that nobody cancelled?"),
        Some(Pattern::GrpcClientRead | Pattern::GrpcClientWrite) => ("gRPC client connections", "not closed?"),
        Some(Pattern::GrpcServerConnection) => ("gRPC server connections", "held open"),
        Some(Pattern::GrpcStream) => ("gRPC handlers", "they have not returned"),
        None => ("goroutines", ""),
    };
    let place = match (group.pattern, group.waits) {
        (None, Some(waits)) => format!("wait in {} in {owner}", wait_state(waits)),
        _ => format!("in {owner}"),
    };
    let cause = match cause {
        // What started them is the first place to look at.
        "" if group.entry != group.owner && !group.entry.starts_with(&format!("{}.", group.owner)) => {
            format!(", started at {}", sanitize(names.get(&group.entry)))
        }
        "" => String::new(),
        cause => format!(": {cause}"),
    };
    let [first, last] = [found.base(), found.current()].map(grouped);
    let line = found.place.as_ref().map(|(file, line)| format!(" at {}:{line}", sanitize(base_name(file))));
    let line = line.unwrap_or_default();
    format!("{first} → {last} {what} (+{} per {unit}) {place}{line}{cause}", grouped(more))
}

/// What goroutines wait for, as Go's own dumps say it.
fn wait_state(waits: Waits) -> &'static str {
    match waits {
        Waits::Send => "chan send",
        Waits::Receive => "chan receive",
        Waits::Select => "select",
        Waits::Network => "IO wait",
        Waits::Sleep => "sleep",
        Waits::WaitGroup => "sync.WaitGroup.Wait",
        Waits::Lock => "sync.Mutex.Lock",
        Waits::Cond => "sync.Cond.Wait",
        Waits::ForEver => "select (no cases)",
        Waits::Syscall => "syscall",
        Waits::Semaphore => "semacquire",
    }
}

/// What goroutines wait for.
fn waiting(waits: Waits) -> &'static str {
    match waits {
        Waits::Send => "sending on a channel",
        Waits::Receive => "receiving from a channel",
        Waits::Select => "waiting in a select",
        Waits::Network => "waiting for the network or a file",
        Waits::Sleep => "in time.Sleep",
        Waits::WaitGroup => "waiting for a sync.WaitGroup",
        Waits::Lock => "waiting for a mutex",
        Waits::Cond => "waiting for a sync.Cond",
        Waits::ForEver => "in a select without cases",
        Waits::Syscall => "in a system call",
        Waits::Semaphore => "waiting for a semaphore",
    }
}

/// The goroutines that nothing can wake, by place.
pub(super) fn leaked(course: &GoroutineCourse, bytes: Bytes) -> String {
    let [first, last] = course.ends();
    if last == 0 {
        let before = if first > 0 { format!(" (before: {})", grouped(first)) } else { String::new() };
        return format!(
            "no goroutine is leaked by the goroutineleak profile{before}; that does not rule out a leak: it does not find \
             unclosed response bodies, open connections, or what a global variable or a timer can still wake"
        );
    }
    let one = |found: &GroupGrowth| {
        let are = if found.current() == 1 { "goroutine is" } else { "goroutines are" };
        let heap = found.heap.filter(|heap| heap.started.space > 0).map(|heap| {
            format!(
                "; goroutines started there allocated {} that is still live",
                value(Metric::Space, heap.started.space, bytes)
            )
        });
        format!(
            "{} {are} blocked forever at {} ({}){}",
            grouped(found.current()),
            place(found),
            delta(Metric::Objects, found.delta(), bytes),
            heap.unwrap_or_default()
        )
    };
    let groups = course.groups.iter().take(MAX_GROUPS).map(one);
    listed(format!("{} → {} leaked", grouped(first), grouped(last)), groups, course.groups.len())
}

/// What to do about more goroutines.
pub(super) fn next_step(course: &GoroutineCourse) -> &'static str {
    if matches!(course.shape, Shape::Decelerating | Shape::Levelled) {
        return "take more snapshots until their number levels off or clearly keeps growing";
    }
    if course.groups.is_empty() {
        return "no single function has many more: heapdiff --by lines on the goroutine profiles shows where each waits";
    }
    match course.groups.first().and_then(|found| found.group.pattern) {
        Some(Pattern::HttpClientRead | Pattern::HttpClientWrite) => {
            "close every response body, also on errors, and read it to its end"
        }
        Some(Pattern::HttpServerConnection) => {
            "find who holds the connections; IdleTimeout and ReadHeaderTimeout of http.Server end them"
        }
        Some(Pattern::HttpHandler | Pattern::HttpHandlerWatch | Pattern::GrpcStream) => {
            "find what the handlers wait for, and give them a deadline"
        }
        Some(Pattern::SqlRows) => "close all sql.Rows (defer rows.Close()), or read them to their end",
        Some(Pattern::ContextParent) => "call the cancel function of each context",
        Some(Pattern::GrpcClientRead | Pattern::GrpcClientWrite | Pattern::GrpcServerConnection) => {
            "reuse one connection, or close each"
        }
        None => "find what each of them waits for, and what should have ended it",
    }
}

/// What to do about leaked goroutines.
pub(super) fn next_step_of_leaked(course: &GoroutineCourse) -> &'static str {
    match course.ends() {
        [_, 0] => "compare goroutine profiles as well: their number is exact",
        _ => "find the other end of what they wait for: who should have received, sent, closed or unlocked it",
    }
}
