//! The sentences of findings: the figures, and one next step. They are hints, never assertions.

use super::super::text::sanitize;
use super::super::units::{Bytes, both, count, delta, value};
use super::{capitalised, goroutines, more_goroutines};
use crate::diff::Metric;
use crate::report::{Finding, FindingCode, FunctionCounts, GrownSite, LibraryPattern, MemoryGrowth};
use crate::series::{MemoryMeasure, MemoryPart};

/// Findings shown to people; JSON has all.
const MAX_FINDINGS: usize = 5;

/// The findings shown to people, a line each. `lead`: the site that the first sentence names, whose growth is not said again.
pub(in crate::render) fn finding_lines<'a>(
    findings: &'a [Finding],
    lead: Option<&'a str>,
    bytes: Bytes,
) -> impl Iterator<Item = String> + 'a {
    let said = findings.iter().filter(|finding| is_said(finding, findings)).take(MAX_FINDINGS);
    said.map(move |finding| finding_line(finding, lead, bytes))
}

pub(super) fn finding_line(finding: &Finding, lead: Option<&str>, bytes: Bytes) -> String {
    let (id, title) = (finding.code().id(), capitalised(finding_title(finding.code())));
    let message = match site_message(finding, lead, bytes) {
        Some(message) => message,
        None => finding_message(finding, bytes),
    };
    sanitize(&format!("{title}: {message}. {} (heapdiff explain {id}).", capitalised(next_step(finding))))
}

/// Whether people are told of a finding.
pub(super) fn is_said(finding: &Finding, all: &[Finding]) -> bool {
    finding.is_news() && !is_contradicted(finding, all)
}

/// Whether another finding, or its own figures, speak against one: what is freed in good part does not pile up, and what
/// goroutines hold is explained by them.
fn is_contradicted(finding: &Finding, all: &[Finding]) -> bool {
    let Finding::PilingUp(site) = finding else { return false };
    let [born, died] = site.turnover;
    let is_of_goroutines = |finding: &Finding| match finding {
        Finding::Goroutines(course) => course.groups.iter().any(|found| found.group.owner == site.site),
        _ => false,
    };
    died.saturating_mul(3) > born || all.iter().any(is_of_goroutines)
}

/// What stands above the findings.
pub(in crate::render) fn findings_heading(findings: &[Finding]) -> &'static str {
    let is_cause = |finding: &&Finding| {
        matches!(
            finding,
            Finding::PilingUp(_)
                | Finding::Larger(_)
                | Finding::ManySmall(_)
                | Finding::MapTables(_)
                | Finding::Goroutines(_)
                | Finding::GoroutineObjects { .. }
        )
    };
    match findings.iter().find(|finding| is_said(finding, findings)).filter(is_cause) {
        Some(_) => "Likely cause:",
        None => "Findings:",
    }
}

/// The figures behind a finding on the site that the first sentence names; `None` for others.
fn site_message(finding: &Finding, lead: Option<&str>, bytes: Bytes) -> Option<String> {
    let lead = lead?;
    let is_lead = |site: &GrownSite| site.site == lead;
    Some(match finding {
        Finding::PilingUp(site) if is_lead(site) => {
            format!("{}{}{}", turnover(site, bytes), tables(site, bytes), others(site))
        }
        Finding::Larger(site) if is_lead(site) => format!("larger objects{}{}", mean(site, bytes), others(site)),
        Finding::MapTables(site) if is_lead(site) => {
            format!("{}{}", tables(site, bytes).trim_start_matches(", "), others(site))
        }
        Finding::ManySmall(site) if is_lead(site) => {
            let delta = site.change.delta();
            let size = value(Metric::Space, delta.space / delta.objects.max(1), bytes);
            format!("many small objects, {size} each{}", others(site))
        }
        Finding::Retainer { site, .. } if is_lead(site) && !site.is_library => {
            "a heap profile shows what allocated, not what keeps it alive".to_owned()
        }
        _ => return None,
    })
}

/// "7 sampled objects were added, none were freed".
fn turnover(site: &GrownSite, bytes: Bytes) -> String {
    let [born, died] = site.turnover;
    let what = if site.is_exact { "object" } else { "sampled object" };
    let (were, added) = (if born == 1 { "was" } else { "were" }, samples(born, what));
    match died {
        0 => format!("{added} {were} added, none freed"),
        died => format!("{added} {were} added, at most {} freed", value(Metric::Objects, died.into(), bytes)),
    }
}

/// Short title of a code.
pub(in crate::render) fn finding_title(code: FindingCode) -> &'static str {
    match code {
        FindingCode::Noise => "sampling noise",
        FindingCode::Stale => "stale profile",
        FindingCode::PilingUp => "piling up",
        FindingCode::Churn => "churn",
        FindingCode::Sizes => "size of objects",
        FindingCode::Goroutines => "goroutines",
        FindingCode::Idle => "idle memory",
        FindingCode::Outside => "outside the heap",
        FindingCode::Fragmentation => "fragmentation",
        FindingCode::Retainer => "allocator, not retainer",
        FindingCode::NotComparable => "not comparable",
        FindingCode::Negative => "negative values",
        FindingCode::WarmUp => "warm-up",
        FindingCode::Profiler => "the profiler itself",
    }
}

/// The figures behind a finding, in a sentence.
pub(in crate::render) fn finding_message(finding: &Finding, bytes: Bytes) -> String {
    let size = |number: u64| value(Metric::Space, number.into(), bytes);
    match finding {
        Finding::Noise(site) => format!(
            "the largest growth, {} in {}, rests on {}, up from {}",
            grown(site, bytes),
            named(site),
            samples(site.samples[1], "sample"),
            site.samples[0]
        ),
        Finding::Stale(_) => "both profiles are the same, as if no garbage was collected in between".to_owned(),
        Finding::PilingUp(site) => format!(
            "{} {}{}: {}{}",
            named(site),
            grown(site, bytes),
            tables(site, bytes),
            turnover(site, bytes),
            others(site)
        ),
        Finding::Churn { allocated, growth } => format!(
            "at least {} was allocated in between, while the live heap changed by {}",
            size(*allocated),
            delta(Metric::Space, *growth, bytes)
        ),
        Finding::Larger(site) => {
            format!("{} {}, by larger objects{}{}", named(site), grown(site, bytes), mean(site, bytes), others(site))
        }
        Finding::MapTables(site) => {
            format!("{} {}{}{}", named(site), grown(site, bytes), tables(site, bytes), others(site))
        }
        Finding::ManySmall(site) => format!(
            "{} {}, by {} objects of {} each{}",
            named(site),
            grown(site, bytes),
            delta(Metric::Objects, site.change.delta().objects, bytes),
            value(Metric::Space, site.change.delta().space / site.change.delta().objects.max(1), bytes),
            others(site)
        ),
        Finding::Goroutines(course) => goroutines::growth(course, bytes),
        Finding::Leaked(course) => goroutines::leaked(course, bytes),
        Finding::Threads(functions) => function_counts(functions, "thread", bytes),
        Finding::GoroutineObjects { change, .. } => more_goroutines(*change, bytes),
        Finding::GoroutineCount(ends) => {
            format!("goroutines {}", both(Metric::Objects, ends.first.into(), ends.last.into(), bytes))
        }
        Finding::Idle(held) => format!(
            "the runtime holds {} for a live heap of {}{}",
            size(held.held),
            size(held.alloc),
            held.idle.map(|idle| format!(", {} of it idle", size(idle))).unwrap_or_default()
        ),
        Finding::Outside { max_rss, sys } => {
            format!("the process took up to {} of memory, of which Go obtained at most {}", size(*max_rss), size(*sys))
        }
        Finding::Memory(growth) => memory_growth(growth, bytes),
        Finding::Fragmentation(held) => format!(
            "{} lies between the objects of a heap of {}",
            size(held.between.unwrap_or_default()),
            size(held.alloc)
        ),
        Finding::Retainer { site, .. } if site.is_library => format!(
            "{} {}, allocated for it with none of the program's own code on the stack; a heap profile does not show \
             what keeps it alive",
            named(site),
            grown(site, bytes)
        ),
        Finding::Retainer { site, .. } => {
            let owner = site.owner.as_ref().map(|owner| format!(", for {owner}")).unwrap_or_default();
            format!("{} allocated what grew most{owner}; a heap profile does not show what keeps it alive", site.site)
        }
        Finding::Unseen { ends: [first, last], is_exact } => format!(
            "by the runtime's own numbers the live heap grew from {} to {}{}, but nothing in the profiles is seen to grow: the profiles are too \
             coarse to show where",
            size(*first),
            size(*last),
            if *is_exact { "" } else { " (NextGC, an estimate)" }
        ),
        Finding::NotComparable(notes) => format!("these two are hardly comparable: {}", notes.join(", ")),
        Finding::Negative([base, current]) => {
            format!(
                "samples below zero: {base} in the base, {current} in the current side; a live heap has none, so the profiles are differences, or the Go version that \
                 wrote them has a bug"
            )
        }
        Finding::WarmUp(Some(site)) => {
            format!("{} {}, levelling off{}", site.site, grown(site, bytes), others(site))
        }
        Finding::WarmUp(None) => "the live heap as a whole is levelling off".to_owned(),
        Finding::Profiler { objects, space, percent } => format!(
            "the profiler itself grew by {} and {} objects, {percent} % of all growth",
            value(Metric::Space, (*space).into(), bytes),
            value(Metric::Objects, (*objects).into(), bytes)
        ),
    }
}

/// What to do first.
pub(in crate::render) fn next_step(finding: &Finding) -> &'static str {
    match finding {
        Finding::Noise(GrownSite { trend: Some(_), .. }) => "sample more finely, or take snapshots under more load",
        Finding::Noise(_) => "sample more finely, or compare after more load",
        Finding::Stale(_) => "fetch each profile twice with ?gc=1, and keep the second",
        Finding::PilingUp(site) => match (site.pattern, site.trend) {
            (Some(pattern), _) => library_hint(pattern),
            _ if site.is_library => NO_OWN_CODE,
            (None, None) => {
                "find what should remove them; to tell a leak from a warm-up, take more snapshots: heapdiff capture, then heapdiff trend"
            }
            (None, Some(trend)) if trend.goes_on() => "find what should remove them",
            (None, Some(_)) => "take more snapshots, and find what should remove them",
        },
        Finding::Churn { .. } => {
            "if the work of the garbage collector is the problem, heapdiff --sample-type alloc_space shows who allocates"
        }
        Finding::MapTables(_) => {
            "find what should remove them; if they are a map's tables, bound the map, or replace it from time to time"
        }
        Finding::Larger(_) => "look for a slice, map or buffer that is only appended to",
        Finding::ManySmall(_) => "look for the map, list or slice that they are added to, and whether it is bounded",
        Finding::Goroutines(course) => goroutines::next_step(course),
        Finding::Leaked(course) => goroutines::next_step_of_leaked(course),
        Finding::GoroutineObjects { are_given: true, .. } => {
            "the goroutine profiles show no such growth, so a burst made them: bound how many run at once"
        }
        Finding::GoroutineObjects { .. } | Finding::GoroutineCount(_) => GIVE_GOROUTINES,
        Finding::Idle(_) => "wait some minutes to see whether it is returned; debug.SetMemoryLimit bounds it",
        Finding::Outside { .. } => "look at cgo, mmap and C libraries: a heap profile does not show them",
        Finding::Memory(growth) => match (growth.part, growth.are_goroutines_given) {
            (MemoryPart::Stacks, false) => GIVE_GOROUTINES,
            (MemoryPart::Stacks, true) => {
                "find in the goroutine profiles which there are more of, or which call deeper; stacks shrink only at a collection"
            }
            (MemoryPart::Profiler, _) => {
                "look for call stacks that are always new (deep recursion, generated code), and for MemProfileRate=1"
            }
            _ => {
                "look at cgo, mmap and C libraries: a heap profile does not show them; /proc/PID/smaps names the mappings"
            }
        },
        Finding::Threads(_) => "look for blocking system calls and cgo calls: each takes a thread",
        Finding::Fragmentation(_) => "look for long-lived small objects that are allocated among short-lived ones",
        Finding::Retainer { site, .. } if site.is_library => site.pattern.map_or(NO_OWN_CODE, library_hint),
        Finding::Unseen { .. } => "sample more finely, and compare again",
        Finding::Retainer { .. } => "find what holds it: heapdiff explain retainers",
        Finding::NotComparable(_) => "take both profiles of the same program in the same way",
        Finding::Negative(_) => {
            "give the profiles as they were taken; if these are, upgrade Go: none of their numbers is reliable"
        }
        Finding::WarmUp(_) => "run longer under the same load: a warm-up stops growing, a leak does not",
        Finding::Profiler { .. } => "take no other profile at the same time",
    }
}

const GIVE_GOROUTINES: &str = "add goroutine profiles of the same two times: --goroutines";
const NO_OWN_CODE: &str = "look for what your code keeps open, or keeps of what the library made; goroutine profiles \
                           (--goroutines) show who waits there";

/// A site, and what it allocates for.
fn named(site: &GrownSite) -> String {
    match &site.owner {
        Some(owner) if site.has_other_owners => format!("{} (mostly for {owner})", site.site),
        Some(owner) => format!("{} (for {owner})", site.site),
        None => site.site.clone(),
    }
}

/// What to look for in the program's own code.
fn library_hint(pattern: LibraryPattern) -> &'static str {
    match pattern {
        LibraryPattern::HttpClient => {
            "these are HTTP client connections: look for response bodies that are not closed, or closed late"
        }
        LibraryPattern::HttpServer => {
            "these are HTTP server connections: look for clients that stay connected (Server.IdleTimeout), handlers that do \
             not return, and code that keeps request data"
        }
        LibraryPattern::SqlRows => "look for sql.Rows that are not closed",
        LibraryPattern::Context => "look for contexts whose cancel function is not called",
        LibraryPattern::Ticker => "look for tickers that are not stopped",
        LibraryPattern::Timer => {
            "look for timers that are not stopped, and for time.After in a loop, which before Go 1.23 is kept until it \
             fires"
        }
    }
}

/// Growth of the process that is not on the heap.
fn memory_growth(growth: &MemoryGrowth, bytes: Bytes) -> String {
    let size = |number: i128| value(Metric::Space, number, bytes);
    let heap = match growth.is_heap_flat() {
        true => "the live heap is flat, but".to_owned(),
        false => format!("the live heap grew by {}, and", size(growth.heap)),
    };
    let [first, last] = growth.ends.map(i128::from);
    let part = match growth.part {
        MemoryPart::Stacks => "goroutine stacks",
        MemoryPart::Profiler => "the heap profiler's own table",
        _ => "memory outside Go",
    };
    let peak = match growth.measure {
        MemoryMeasure::MaxRss => "; by MaxRSS, which never falls",
        MemoryMeasure::Rss | MemoryMeasure::Sys => "",
    };
    let goroutines = growth.goroutines.filter(|_| growth.part == MemoryPart::Stacks);
    let goroutines = goroutines
        .map(|ends| format!("; goroutines {}", both(Metric::Objects, ends.first.into(), ends.last.into(), bytes)));
    format!(
        "{heap} memory grew by {}: {} of {part} ({}){}{peak}",
        size(growth.whole),
        size(last - first),
        both(Metric::Space, first, last, bytes),
        goroutines.unwrap_or_default()
    )
}

fn samples(number: u64, one: &str) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), one)
}

fn grown(site: &GrownSite, bytes: Bytes) -> String {
    let change = site.change.delta();
    match change.space {
        0 => format!("{} objects", delta(Metric::Objects, change.objects, bytes)),
        space => delta(Metric::Space, space, bytes),
    }
}

fn others(site: &GrownSite) -> String {
    match site.others {
        0 => String::new(),
        1 => "; and at one more place".to_owned(),
        others => format!("; and at {others} more places"),
    }
}

/// That a site grew by what may be tables of maps. Only their size says so: Go leaves the runtime's own functions out of
/// the stacks of heap profiles, and buffers have the same sizes.
fn tables(site: &GrownSite, bytes: Bytes) -> String {
    let size = site.table_bytes.map(|size| value(Metric::Space, size.into(), bytes));
    let of_size = |size| {
        format!(
            ", nearly all in objects of {size} (tables of a map can be that large, and stay when its entries are deleted)"
        )
    };
    size.map_or(String::new(), of_size)
}

/// Mean object size on both sides; nothing if a side has no objects.
fn mean(site: &GrownSite, bytes: Bytes) -> String {
    let [base, current] = [site.change.base, site.change.current];
    match (base.space.checked_div(base.objects), current.space.checked_div(current.objects)) {
        (Some(base), Some(current)) => format!(" ({} on average)", both(Metric::Space, base, current, bytes)),
        _ => String::new(),
    }
}

fn function_counts(functions: &[FunctionCounts], what: &str, bytes: Bytes) -> String {
    let Some(most) = functions.first() else { return String::new() };
    let more = match functions.len() - 1 {
        0 => String::new(),
        more => format!("; and {}", count(more, "other function")),
    };
    let number = usize::try_from(most.delta()).unwrap_or(usize::MAX);
    format!(
        "{} more in {} ({}){more}",
        count(number, what),
        most.function,
        both(Metric::Objects, most.base, most.current, bytes)
    )
}
