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
            "A heap profile is a sample: by default one allocation in 512 KiB is seen, and stands for all the others. \
             What grew here rests on so few samples that as much comes and goes by chance in a program that does \
             nothing of the kind. The numbers are the growth of the site that grew most, and its raw samples on both \
             sides.",
            "that nothing grew: a small leak looks just like this at this rate",
            "Start the program with GODEBUG=memprofilerate=4096, which sees growth a hundred times smaller, or let more \
             load pass between the two profiles. Programs built with Go 1.19 ignore that: set runtime.MemProfileRate \
             first thing in main. --by packages adds up what is spread over several functions.",
        ),
        FindingCode::Stale => (
            "Go's heap profile shows the heap as of the last finished garbage collection. Where there was none between \
             two profiles, both are pictures of the same moment, whatever the clock says. That is known where the \
             runtime's counters are the same on both sides; where the buckets are, nothing that was sampled may have \
             changed instead.",
            "that nothing grew: the profiles do not know",
            "Fetch /debug/pprof/heap?gc=1 twice for each profile and keep the second, or call runtime.GC() twice before \
             you write it.",
        ),
        FindingCode::PilingUp => (
            "Both profiles are of one process, the growth is more than sampling noise, and at most half as many samples \
             went as came. So more objects come than go. The numbers are the samples that came and those that went, at \
             the confirmed site that grew most; what went is an upper bound, and the difference is exact. Memory \
             allocated with none of the program's own code on the stack is named after the function of the library that \
             it was allocated for, such as net/http.(*conn).serve.",
            "a leak: a cache or pool that fills up does the same until it is full",
            "Look for the map, list, channel or goroutine that the objects go into, and for the code that should take \
             them out. If it is there, and nearly all objects have a size that tables of maps have: a map keeps these when \
             its entries are deleted, so make a new one from time to time. Of a library, look for what your code keeps \
             open: connections, bodies, rows, timers. A third profile later tells whether it goes on: heapdiff trend, or \
             heapdiff check --settled.",
        ),
        FindingCode::Churn => (
            "Much was allocated between the two profiles, and next to all of it was collected. The number is a lower \
             bound: it counts the samples taken at stacks that are alive in both profiles, and a sample stands for as \
             many bytes as the rate says at least.",
            "that there is no leak beside it, nor that the churn costs anything worth saving",
            "If the collector takes too much time, heapdiff --sample-type alloc_space shows who allocates. If memory is \
             the trouble, look elsewhere.",
        ),
        FindingCode::Sizes => (
            "Bytes are the number of objects times their size, and either may grow. Larger objects in place of others \
             are what append, a growing map or a buffer makes; many small ones are single entries that something \
             holds. The numbers are both sides of the site, and the mean size.",
            "which container they are in, nor that they will go on growing: slices and maps grow in steps",
            "For larger objects look for what is only appended to, and give it a bound. Maps of Go never shrink: make a \
             new one. For many small ones look for what should remove entries.",
        ),
        FindingCode::Goroutines => (
            "A goroutine that waits for ever keeps its stack, and all that its variables refer to. Counts of goroutine \
             profiles are exact. Goroutines are named by the first function of the program on their stack, or the \
             outermost of the library, by what they wait for, and by what `go` started; those are listed of which there \
             are ten and a tenth more than before. The heap growth beside them is what was allocated in the function and \
             in what it calls, which is an estimate. Well-known stacks are said in words. Go 1.27's goroutineleak profile \
             has only goroutines that nothing can wake any more. Without such profiles growth shows in the runtime's \
             structs of goroutines (g), which Go never frees, so that they count how many were ever alive at once, or in \
             the runtime's own count.",
            "that they never end, nor that all of that memory is kept by them",
            "Take goroutine profiles at the same times, as heapdiff capture does: beside heap_01.pb.gz, \
             goroutine_01.pb.gz is found without an option, others are given with --goroutines, as protobuf or text \
             (debug=1, debug=2). Look for a channel that nobody reads, a context that is not cancelled, a response body \
             that is not closed. That no goroutine is leaked by the goroutineleak profile does not mean that there is no \
             leak: it finds no unclosed bodies, no open connections, and nothing that a global variable or a timer can \
             still wake.",
        ),
        FindingCode::Idle => (
            "The live heap is small, and the runtime holds far more than the collector needs: more than two and a half \
             times NextGC, and 16 MiB beyond the heap. That is what a burst leaves behind; the runtime gives it back \
             later. The numbers are HeapSys - HeapReleased, HeapAlloc, NextGC and HeapIdle - HeapReleased.",
            "a leak: this memory is free for the next burst, and no heap profile shows it",
            "Look again after some minutes. If the peak is the trouble, bound it: GOMEMLIMIT, smaller batches, fewer at \
             once. debug.FreeOSMemory gives it back now.",
        ),
        FindingCode::Outside => (
            "Memory of the process that is not on Go's heap: stacks of goroutines or memory outside Go make up most of \
             what the process grew by, the resident set was larger than all that Go obtained from the system, or the \
             number of threads grew. The numbers are those of heapdiff memstats, or counts of a threadcreate profile.",
            "who allocated it; MaxRSS is a peak, and may be long gone",
            "Look at cgo, at mmap and at C libraries with their own profiler (jemalloc and gperftools dumps can be \
             compared, too). For stacks and threads, look at goroutine profiles.",
        ),
        FindingCode::Fragmentation => (
            "Spans of the heap are in use, but only parts of them hold objects: HeapInuse - HeapAlloc is more than the \
             heap itself. A span is given back only when its last object died. The numbers are those two.",
            "that it will stay so: the holes are filled by objects of the same size",
            "Look for few long-lived objects that were allocated among many short-lived ones, and allocate them \
             together or earlier.",
        ),
        FindingCode::Retainer => (
            "A heap profile knows the stack that allocated an object, and nothing of who refers to it today. Where a \
             helper of a library allocated, such as a buffer or a decoder, the first function of the program on that \
             stack is named beside it; where none of the program's own is on it, the outermost function of the library. \
             It is shown where the function that allocates is not the one that keeps.",
            "that the function named is at fault: it may only have made what another one keeps",
            "Read on from there: the owner is the code that asked, --cum shows the callers. What holds an object \
             shows only in its references: viewcore on a core dump, or goref.",
        ),
        FindingCode::NotComparable => (
            "The two sides differ in more than time: another program, another sampling rate, the same file twice, a \
             difference of profiles instead of a profile, or the two are swapped. The notes say which.",
            "that the growth shown is wrong, only that it has other possible reasons",
            "Take both profiles of the same program, with the same settings, behind two garbage collections each.",
        ),
        FindingCode::Negative => (
            "A live heap has no values below zero. A profile that has some is a difference of two already, comes from a \
             broken exporter, or from a version of Go whose runtime miscounts (go.dev/issue/67584). The numbers are the \
             samples below zero on either side.",
            "which of the values are right",
            "Give the profiles as they were taken. If nobody subtracted anything, look for the version of Go that wrote \
             them among its known issues.",
        ),
        FindingCode::WarmUp => (
            "It grew, and less and less from snapshot to snapshot, as what fills up does: caches, pools, connections, \
             lazily made tables. The numbers are the growth over all snapshots that count.",
            "that it stops: a leak under falling load slows down, too",
            "Take more snapshots under the same load, until the course is level or is sure to grow on: heapdiff trend. \
             For two profiles take the base when it is level.",
        ),
        FindingCode::Profiler => (
            "Writing a profile allocates, and so does a CPU profile that runs. Such frames are known by their packages, \
             runtime/pprof and what it compresses with. The numbers are what they grew by. Off the heap, the profiler \
             keeps a table with an entry for each call stack and size, which is never freed (BuckHashSys).",
            "anything about the program itself",
            "Take profiles one at a time. Once a first profile was written, the second one shows less of it.",
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
        wrapped(&format!("It does not prove: {open}.")),
        wrapped(&format!("Next: {steps}"))
    ))
}

/// The chapters and the findings.
fn list() -> String {
    let mut text = String::from("Chapters of the manual, such as heapdiff explain ci:\n");
    for chapter in CHAPTERS {
        text += &format!("  {:<10}{}\n", chapter.topic, chapter.title());
    }
    text += "\nFindings, such as heapdiff explain H003:\n";
    for code in FindingCode::ALL {
        text += &format!("  {:<10}{}\n", code.id(), finding_title(code));
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
                "  {:<10}{}\n",
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
