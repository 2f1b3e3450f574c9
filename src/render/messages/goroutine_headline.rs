//! What the first sentences say of goroutines: how many more there are, where they are, and what that often means.

use super::super::units::{Bytes, both, delta, grouped, value};
use crate::diff::Metric;
use crate::goroutines::{GoroutineCourse, GroupGrowth, Pattern, Waits};
use crate::report::{Finding, Report};
use crate::series::MemoryPart;
use crate::site::Values;

/// How many more goroutines there are, if goroutine profiles or the runtime's own number say so.
pub(super) fn more_goroutines(report: &Report, bytes: Bytes) -> Option<String> {
    let leaked = report.findings.iter().find_map(|finding| match finding {
        Finding::Leaked(course) => leaked(course),
        _ => None,
    });
    let counted = || {
        report.findings.iter().find_map(|finding| match finding {
            Finding::Goroutines(course) if is_worth_a_word(course) => {
                Some(counted(course, stacks(report, course, bytes)))
            }
            Finding::GoroutineCount(ends) => {
                let more = i128::from(ends.last) - i128::from(ends.first);
                let all = more_of(more, ends.first.into(), ends.last.into());
                Some(format!("{all} are alive{}.", stacks_growth(report, bytes).unwrap_or_default()))
            }
            _ => None,
        })
    };
    leaked.or_else(counted)
}

/// Whether they are more at some place, or many.
fn is_worth_a_word(course: &GoroutineCourse) -> bool {
    const MANY: i128 = 50;
    let [first, last] = course.ends();
    !course.groups.is_empty() || last - first >= MANY
}

/// Whether goroutines explain at least half of an amount of the heap, bytes.
pub(super) fn explain_half(report: &Report, growth: i128) -> bool {
    let courses = report.findings.iter().filter_map(|finding| match finding {
        Finding::Goroutines(course) => Some(&course.groups),
        _ => None,
    });
    let explained: i128 = courses.flatten().filter_map(|found| found.heap.as_ref()).map(|heap| heap.below.space).sum();
    growth > 0 && 2 * explained >= growth
}

/// That the runtime's structs of goroutines grew most, where nothing is certain.
pub(super) fn by_structs(change: Values, bytes: Bytes) -> String {
    format!(
        "The largest change is in goroutines: about {} more were alive at once, by the runtime's structs ({}), if that is \
         not noise.",
        grouped(change.objects),
        delta(Metric::Space, change.space, bytes)
    )
}

/// "360 more goroutines (121 → 481)".
fn more_of(more: i128, first: i128, last: i128) -> String {
    let noun = if more == 1 { "goroutine" } else { "goroutines" };
    format!("{} more {noun} ({})", grouped(more), both(Metric::Objects, first, last, Bytes::Iec))
}

fn counted(course: &GoroutineCourse, stacks: String) -> String {
    let [first, last] = course.ends();
    let Some(found) = course.groups.first() else {
        return format!("{} are alive{stacks}.", more_of(last - first, first, last));
    };
    let companions = found.companions.map_or(0, |[base, current]| current - base);
    let here = found.delta() + companions;
    let means = means(found).map(|means| format!(" ({means})")).unwrap_or_default();
    // Others may be fewer.
    if last - first > here {
        return format!(
            "Of {}, {} {}{means}{stacks}.",
            more_of(last - first, first, last),
            grouped(here),
            place(found)
        );
    }
    let sides = if last - first == here { [first, last] } else { [found.base(), found.current()] };
    let all = more_of(if last - first == here { here } else { found.delta() }, sides[0], sides[1]);
    format!("{all} {}{means}{stacks}.", place(found))
}

/// Where goroutines are, and what they wait for.
fn place(found: &GroupGrowth) -> String {
    let owner = &found.group.owner;
    match (found.group.pattern, found.group.waits) {
        (Some(Pattern::HttpClientRead), _) if found.companions.is_some() => format!("wait in {owner} and writeLoop"),
        (Some(Pattern::HttpHandler | Pattern::GrpcStream) | None, Some(waits)) => format!("{} in {owner}", wait(waits)),
        (None, None) => format!("are in {owner}"),
        (Some(_), _) => format!("wait in {owner}"),
    }
}

/// What goroutines of a well-known stack are.
fn means(found: &GroupGrowth) -> Option<&'static str> {
    Some(match found.group.pattern? {
        Pattern::HttpClientRead => "HTTP client connections: response bodies not closed?",
        Pattern::HttpServerConnection => "HTTP server connections held open",
        Pattern::HttpHandler => "HTTP handlers that have not returned",
        Pattern::SqlRows => "sql.Rows not closed?",
        Pattern::ContextParent => "contexts not cancelled?",
        Pattern::GrpcClientRead => "gRPC client connections: ClientConn not closed?",
        Pattern::GrpcServerConnection => "gRPC server connections held open",
        Pattern::GrpcStream => "gRPC handlers that have not returned",
        Pattern::HttpClientWrite => "HTTP client connections",
        Pattern::HttpHandlerWatch => "HTTP server connections whose handlers run",
        Pattern::GrpcClientWrite => "gRPC client connections",
    })
}

/// What goroutines do, if they wait for something.
fn wait(waits: Waits) -> &'static str {
    match waits {
        Waits::Send => "are blocked sending on a channel",
        Waits::Receive => "are blocked receiving from a channel",
        Waits::Select => "wait in a select",
        Waits::Network => "wait for the network or a file",
        Waits::Sleep => "sleep",
        Waits::WaitGroup => "wait for a sync.WaitGroup",
        Waits::Lock => "wait for a mutex",
        Waits::Cond => "wait for a sync.Cond",
        Waits::ForEver => "wait in an empty select",
        Waits::Syscall => "are in a system call",
        Waits::Semaphore => "wait for a semaphore",
    }
}

/// What their stacks take, if the runtime's own numbers say so.
fn stacks(report: &Report, course: &GoroutineCourse, bytes: Bytes) -> String {
    let [first, last] = course.ends();
    let mean = || {
        let all = i128::from(course.mean_stack_bytes?) * (last - first);
        (all > 0).then(|| format!(", with about {} of stack", value(Metric::Space, all, bytes)))
    };
    stacks_growth(report, bytes).or_else(mean).unwrap_or_default()
}

/// By how much the memory of all stacks grew, where that is most of what the process grew by.
fn stacks_growth(report: &Report, bytes: Bytes) -> Option<String> {
    report.findings.iter().find_map(|finding| match finding {
        Finding::Memory(growth) if growth.part == MemoryPart::Stacks => {
            let [first, last] = growth.ends.map(i128::from);
            Some(format!("; goroutine stacks grew by {}", value(Metric::Space, last - first, bytes)))
        }
        _ => None,
    })
}

/// That there are more goroutines that nothing can wake.
fn leaked(course: &GoroutineCourse) -> Option<String> {
    let [first, last] = course.ends();
    if last <= first {
        return None;
    }
    let most = course.groups.iter().find(|found| found.delta() > 0);
    let most = most.map(|found| {
        let doing = found.group.waits.map_or("blocked", |waits| match waits {
            Waits::Send => "sending on a channel",
            Waits::Receive => "receiving from a channel",
            Waits::Select | Waits::ForEver => "in a select",
            Waits::WaitGroup => "waiting for a sync.WaitGroup",
            Waits::Lock => "waiting for a mutex",
            _ => "blocked",
        });
        format!(", {} of them {doing} in {}", grouped(found.delta()), found.group.owner)
    });
    let are = if last - first == 1 { "is" } else { "are" };
    Some(format!("{} {are} blocked forever{}.", more_of(last - first, first, last), most.unwrap_or_default()))
}
