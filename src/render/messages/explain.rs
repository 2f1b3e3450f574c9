//! A page for each code of a finding.

use super::super::text::wrap;
use super::finding_title;
use crate::render::manual::{CHAPTERS, Chapter};
use crate::report::FindingCode;

/// What a finding does not prove.
pub(in crate::render) fn does_not_prove(code: FindingCode) -> &'static str {
    page(code).1
}

/// What a finding rests on, what it does not prove, and what to do.
fn page(code: FindingCode) -> (&'static str, &'static str, &'static str) {
    match code {
        FindingCode::Noise => (
            "A heap profile is a sample: by default Go records about one allocation in every 512 KiB, which stands for \
             all the others. The growth here rests on so few samples that chance alone produces as much in a program \
             in which nothing grows. The numbers are the growth of the function that grew most, and its raw samples on both \
             sides.",
            "that nothing grew: a small leak looks just like this at this rate",
            "Start the program with GODEBUG=memprofilerate=4096, which shows growth a hundred times smaller, or put more \
             load between the two profiles. Programs built with Go 1.19 ignore that variable: set \
             runtime.MemProfileRate first thing in main. --by packages adds up what is spread over several functions.",
        ),
        FindingCode::Stale => (
            "Go's heap profile shows the heap as of the last finished garbage collection. If none finished between two \
             profiles, both show the same moment, whatever the clock says. This is reported if the runtime's \
             counters are the same on both sides. If only the samples are the same, it may also be that nothing sampled \
             has changed.",
            "that nothing grew: the profiles cannot show it",
            "Fetch /debug/pprof/heap?gc=1 twice for each profile and keep the second, or call runtime.GC() twice before \
             writing it.",
        ),
        FindingCode::PilingUp => (
            "Both profiles are of one process, the growth is more than sampling noise, and at most half as many samples \
             were freed as were added. The numbers are the samples added and freed at the confirmed function that grew most; \
             the number freed is an upper bound, and the difference is exact. Memory allocated with none of the \
             program's own code on the stack is named after the library function that it was allocated for, such as \
             net/http.(*conn).serve.",
            "a leak: a cache or pool that fills up does the same until it is full",
            "Look for the map, list, channel or goroutine that the objects go into (heapdiff explain retainers shows how), \
             and for the code that should remove them. If that code exists, and nearly all objects have the size of map tables: a map keeps its \
             tables when entries are deleted, so replace it from time to time. For a library, look for what your code \
             keeps open: connections, bodies, rows, timers. More snapshots show whether it keeps growing: heapdiff \
             capture, then heapdiff trend, or heapdiff check --settled.",
        ),
        FindingCode::Churn => (
            "Much was allocated between the two profiles, and nearly all of it was collected. The number is a lower \
             bound: it counts the samples taken on stacks that are alive in both profiles, each as the bytes between two \
             samples.",
            "that there is no leak as well, nor that the churn costs anything worth saving",
            "If the garbage collector takes too much time, heapdiff --sample-type alloc_space shows who allocates. If \
             memory is the problem, look elsewhere.",
        ),
        FindingCode::Sizes => (
            "Bytes are the number of objects times their size, and either may grow. Larger objects in place of others \
             come from append, a growing map or a buffer; many small ones are single entries that something holds. The \
             numbers are both sides of the function, and the mean size.",
            "which container they are in, nor that they will keep growing: slices and maps grow in steps",
            "For larger objects, look for what is only appended to, and bound it. Maps never shrink in Go: make a new \
             one. For many small objects, look for what should remove entries.",
        ),
        FindingCode::Goroutines => (
            "A goroutine that waits forever keeps its stack, and everything its variables refer to. Counts in goroutine \
             profiles are exact. Goroutines are grouped by the first function of the program on their stack (or the \
             outermost one of the library), by what they wait for, and by what `go` started. Groups that grew by at \
             least ten goroutines and a tenth are listed. The heap growth beside a group is an estimate of what was \
             allocated in the function and its callees. Well-known stacks are put in words. Go 1.27's goroutineleak profile \
             has only goroutines that nothing can wake any more. Without such profiles, growth shows in the runtime's \
             goroutine structs (g), which Go never frees, so they count how many were ever alive at once, or in the \
             runtime's own count.",
            "that they never end, nor that they keep all of that memory",
            "Take goroutine profiles at the same times, as heapdiff capture does: goroutine_01.pb.gz beside \
             heap_01.pb.gz is found without an option; give others with --goroutines, as protobuf or text (debug=1, \
             debug=2). Look for a channel that nobody reads, a context that is not cancelled, a response body that is \
             not closed. An empty goroutineleak profile does not rule out a leak: it does not find unclosed bodies, \
             open connections, or anything that a global variable or a timer can still wake.",
        ),
        FindingCode::Idle => (
            "The live heap is small, and the runtime holds far more than the garbage collector needs: more than two and \
             a half times NextGC, and at least 16 MiB more than the heap. A burst of load leaves this; the runtime returns it \
             later. The numbers are HeapSys - HeapReleased, HeapAlloc, NextGC and HeapIdle - HeapReleased.",
            "a leak: this memory is free for the next burst, and no heap profile shows it",
            "Look again after a few minutes. If the peak is the problem, bound it: GOMEMLIMIT, smaller batches, less \
             concurrency. debug.FreeOSMemory returns it at once.",
        ),
        FindingCode::Outside => (
            "Memory of the process that is not on Go's heap: goroutine stacks or memory outside Go make up most of the \
             growth of the process, the resident set was larger than all that Go obtained from the system, or the \
             number of threads grew. The numbers are those of heapdiff memstats, or counts from a threadcreate profile.",
            "who allocated it; MaxRSS is a peak, and the memory may be long gone",
            "Look at cgo, mmap and C libraries with a profiler of their own (jemalloc and gperftools dumps can be \
             compared, too). For stacks and threads, look at goroutine profiles.",
        ),
        FindingCode::Fragmentation => (
            "Spans of the heap are in use, but only parts of them hold objects: HeapInuse - HeapAlloc is larger than the \
             heap itself. A span is returned only once its last object is freed. The numbers are those two.",
            "that it will stay so: objects of the same size fill the holes",
            "Look for few long-lived objects allocated among many short-lived ones, and allocate them together or \
             earlier.",
        ),
        FindingCode::Retainer => (
            "A heap profile has the stack that allocated an object, and nothing about who refers to it now. Where a \
             library helper allocated, such as a buffer or a decoder, the first function of your own code on that stack \
             is named beside it, or else the outermost function of the library. \
             This is reported where the function that allocates is not the one that keeps the object.",
            "that the function named is at fault: it may only have made what another one keeps",
            "Start from there: the owner is the code that asked for the memory, and --cum includes callers. Only \
             references show what keeps an object alive: heapdiff explain retainers.",
        ),
        FindingCode::NotComparable => (
            "The two sides differ in more than time: another program, another sampling rate, the same file twice, a \
             difference of profiles instead of a profile, or base and current swapped. The notes say which.",
            "that the growth shown is wrong, only that it has other possible reasons",
            "Take both profiles of the same program, with the same settings, each after two garbage collections.",
        ),
        FindingCode::Negative => (
            "A live heap has no values below zero. A profile that has some is a difference of two, comes from a broken \
             exporter, or from a Go version whose runtime miscounts (go.dev/issue/67584). The numbers are the samples \
             below zero on each side.",
            "which of the values are right",
            "Give the profiles as they were taken. If nothing was subtracted, look up the Go version that wrote them \
             among its known issues.",
        ),
        FindingCode::WarmUp => (
            "It grew, but more slowly from snapshot to snapshot, as caches, pools, connections and lazily built tables \
             do while they fill. The numbers are the growth over all snapshots used.",
            "that it stops: a leak under falling load slows down, too",
            "Take more snapshots under the same load until it levels off or clearly keeps growing: heapdiff trend. For \
             two profiles, take the base once it has levelled off.",
        ),
        FindingCode::Profiler => (
            "Writing a profile allocates, and so does a running CPU profile. Such frames are known by their packages: \
             runtime/pprof, and what it compresses with. The numbers are their growth. Outside the heap, the profiler \
             keeps a table with an entry for each call stack and size, which is never freed (BuckHashSys).",
            "anything about the program itself",
            "Take profiles one at a time. The first profile written allocates most of this; later ones show less.",
        ),
    }
}

/// The page of a finding's code such as `H003` or `h003`, or a chapter of the manual by its topic; a list of both without
/// either. `None` if there is none.
pub fn explain(code_or_topic: Option<&str>) -> Option<String> {
    let Some(code_or_topic) = code_or_topic else { return Some(list()) };
    if let Some(chapter) = Chapter::find(code_or_topic) {
        return Some(chapter.text.to_owned());
    }
    let code = *FindingCode::ALL.iter().find(|known| known.id().eq_ignore_ascii_case(code_or_topic))?;
    let (meaning, open, steps) = page(code);
    let wrapped = |text: &str| wrap(text, 80).join("\n");
    Some(format!(
        "{} {}\n\n{}\n\n{}\n\n{}\n",
        code.id(),
        finding_title(code),
        wrapped(meaning),
        wrapped(&format!("It does not prove {open}.")),
        wrapped(&format!("Next: {steps}"))
    ))
}

/// What can be explained: topics of chapters, and codes of findings.
pub fn explained() -> impl Iterator<Item = String> {
    let topics = CHAPTERS.iter().map(|chapter| chapter.topic);
    topics.chain(FindingCode::ALL.iter().map(|code| code.id())).map(str::to_owned)
}

/// The chapters and the findings.
fn list() -> String {
    let mut text = String::from("Chapters of the manual, such as heapdiff explain ci:\n");
    for chapter in CHAPTERS {
        text += &format!("  {:<11}{}\n", chapter.topic, chapter.title());
    }
    text += "\nFindings, such as heapdiff explain H003:\n";
    for code in FindingCode::ALL {
        text += &format!("  {:<11}{}\n", code.id(), finding_title(code));
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_of_its_own() {
        let pages: Vec<_> = FindingCode::ALL.iter().map(|code| explain(Some(code.id())).unwrap()).collect();
        for (at, (page, code)) in pages.iter().zip(FindingCode::ALL).enumerate() {
            assert_eq!(code.id(), format!("H{:03}", at + 1));
            assert!(page.starts_with(&format!("{} {}\n\n", code.id(), finding_title(code))), "{page}");
            assert!(page.lines().all(|line| line.chars().count() <= 80), "{page}");
            assert!(!pages[..at].contains(page));
        }
    }

    #[test]
    fn codes_are_listed_and_unknown_ones_have_no_page() {
        let list = explain(None).unwrap();
        assert!(
            FindingCode::ALL.iter().all(|code| list.contains(&format!(
                "  {:<11}{}\n",
                code.id(),
                finding_title(*code)
            ))),
            "{list}"
        );
        assert_eq!(explain(Some("h013")), explain(Some("H013")));
        assert_eq!(explain(Some("H015")), None);
        assert_eq!(explain(Some("CI")), explain(Some("ci")));
        assert!(explain(Some("ci")).unwrap().starts_with("# heapdiff in CI\n"));
    }
}
