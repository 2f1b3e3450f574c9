//! The parts of the memory of a process: which grew, on both sides of each threshold, and what is not known.

use std::fs;

use heapdiff::internals::profile::MemStats;
use heapdiff::internals::series::{HeapPattern, MemoryMeasure, MemoryPart, UnknownCause, assess};
use serde_json::{Value, json};

use crate::run::{Ran, assert_valid, command, folder, run};

const MIB: u64 = 1 << 20;

/// The `at`-th snapshot, after a forced collection: 10 MiB live, 33 MiB held by Go, and an RSS of 100 MiB.
fn snapshot(at: u64) -> MemStats {
    MemStats {
        heap_alloc: Some(10 * MIB),
        heap_objects: Some(1000),
        heap_sys: Some(30 * MIB),
        heap_inuse: Some(12 * MIB),
        heap_idle: Some(18 * MIB),
        heap_released: Some(8 * MIB),
        stack_inuse: Some(3 * MIB),
        stack_sys: Some(4 * MIB),
        buck_hash_sys: Some(2 * MIB),
        gc_sys: Some(2 * MIB),
        mspan_sys: Some(MIB),
        mcache_sys: Some(MIB),
        other_sys: Some(MIB),
        sys: Some(41 * MIB),
        next_gc: Some(20 * MIB),
        num_gc: Some(3 * at),
        num_forced_gc: Some(2 * at),
        rss: Some(100 * MIB),
        ..MemStats::default()
    }
}

/// Two snapshots, the second of which is changed.
fn pair(change: impl Fn(&mut MemStats)) -> [MemStats; 2] {
    let mut ends = [snapshot(1), snapshot(2)];
    change(&mut ends[1]);
    ends
}

fn add(field: &mut Option<u64>, bytes: u64) {
    *field = field.map(|number| number + bytes);
}

fn patterns(ends: &[MemStats]) -> Vec<HeapPattern> {
    assess(ends).patterns
}

/// Runs `memstats` on these snapshots, a JSON line each.
fn memstats(name: &str, snapshots: &[MemStats], args: &[&str]) -> Ran {
    let folder = folder(name);
    let line = |stats: &MemStats| {
        let fields = [
            ("HeapAlloc", stats.heap_alloc),
            ("HeapObjects", stats.heap_objects),
            ("HeapSys", stats.heap_sys),
            ("HeapInuse", stats.heap_inuse),
            ("HeapIdle", stats.heap_idle),
            ("HeapReleased", stats.heap_released),
            ("StackInuse", stats.stack_inuse),
            ("StackSys", stats.stack_sys),
            ("BuckHashSys", stats.buck_hash_sys),
            ("GCSys", stats.gc_sys),
            ("MSpanSys", stats.mspan_sys),
            ("MCacheSys", stats.mcache_sys),
            ("OtherSys", stats.other_sys),
            ("Sys", stats.sys),
            ("NextGC", stats.next_gc),
            ("NumGC", stats.num_gc),
            ("NumForcedGC", stats.num_forced_gc),
            ("MaxRSS", stats.max_rss),
            ("RSS", stats.rss),
            ("NumGoroutine", stats.goroutines),
        ];
        let fields = fields.into_iter().filter_map(|(name, number)| Some((name.to_owned(), Value::from(number?))));
        Value::Object(fields.collect()).to_string()
    };
    let lines: Vec<_> = snapshots.iter().map(line).collect();
    fs::write(folder.join("s.jsonl"), lines.join("\n")).unwrap();
    run(command(&folder, &[&["memstats", "s.jsonl"], args].concat()), None)
}

/// Text in one line.
fn flat(ran: &Ran) -> String {
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn stacks_must_grow_by_more_than_16_mib() {
    let by = |bytes: u64| {
        pair(|stats| {
            add(&mut stats.stack_sys, bytes);
            add(&mut stats.sys, bytes);
            add(&mut stats.rss, bytes);
        })
    };
    assert_eq!(patterns(&by(16 * MIB)), [HeapPattern::NoGrowth]);
    assert_eq!(patterns(&by(16 * MIB + 1)), [HeapPattern::StacksGrew, HeapPattern::NoGrowth]);
}

#[test]
fn a_part_must_grow_by_more_than_a_tenth_of_all() {
    let by = |bytes: u64| {
        let mut ends = [snapshot(1), snapshot(2)];
        ends[0].rss = Some(400 * MIB);
        ends[1].rss = Some(400 * MIB + bytes);
        ends
    };
    assert_eq!(patterns(&by(40 * MIB)), [HeapPattern::NoGrowth]);
    assert_eq!(patterns(&by(40 * MIB + 1)), [HeapPattern::OutsideGo, HeapPattern::NoGrowth]);
}

#[test]
fn a_part_must_be_half_of_all_growth() {
    // The table grows by 40 MiB, the rest by this much.
    let with = |rest: u64| {
        pair(|stats| {
            add(&mut stats.buck_hash_sys, 40 * MIB);
            add(&mut stats.gc_sys, rest);
            add(&mut stats.sys, 40 * MIB + rest);
            add(&mut stats.rss, 40 * MIB + rest);
        })
    };
    assert_eq!(patterns(&with(40 * MIB)), [HeapPattern::ProfilerBuckets, HeapPattern::NoGrowth]);
    assert_eq!(patterns(&with(40 * MIB + 1)), [HeapPattern::NoGrowth]);
}

#[test]
fn the_parts_add_up_to_the_resident_set() {
    let parts = assess(&[snapshot(1)]).parts.unwrap();
    let mib: Vec<_> = MemoryPart::ALL.iter().map(|&part| parts.of(part)[1].unwrap() / MIB).collect();
    assert_eq!(mib, [10, 2, 10, 4, 2, 5, 67]);
    assert_eq!(mib.iter().sum::<u64>() * MIB, parts.whole[1].unwrap());
    assert_eq!((parts.measure, parts.is_live_known), (Some(MemoryMeasure::Rss), false));
    assert!(assess(&[snapshot(1), snapshot(2)]).parts.unwrap().is_live_known);
}

#[test]
fn the_first_of_six_does_not_count_for_the_parts() {
    let mut all: Vec<_> = (1..=6).map(snapshot).collect();
    all[0].rss = Some(40 * MIB);
    assert_eq!(patterns(&all), [HeapPattern::NoGrowth]);
    all[5].rss = Some(117 * MIB);
    assert_eq!(patterns(&all), [HeapPattern::OutsideGo, HeapPattern::NoGrowth]);
}

#[test]
fn a_high_water_mark_that_the_heap_explains_is_not_memory_outside_go() {
    let with = |max_rss: u64, sys: u64| {
        let mut ends = [snapshot(1), snapshot(2)];
        ends.iter_mut().for_each(|stats| stats.rss = None);
        ends[0].max_rss = Some(60 * MIB);
        ends[1].max_rss = Some(max_rss * MIB);
        // The heap's peak was returned.
        add(&mut ends[1].sys, sys * MIB);
        add(&mut ends[1].heap_sys, sys * MIB);
        add(&mut ends[1].heap_idle, sys * MIB);
        add(&mut ends[1].heap_released, sys * MIB);
        ends
    };
    assert_eq!(patterns(&with(260, 200)), [HeapPattern::NoGrowth]);
    assert_eq!(patterns(&with(260, 0)), [HeapPattern::OutsideGo, HeapPattern::NoGrowth]);
    // What grew outside Go may be below the mark.
    assert!(!assess(&with(60, 0)).parts.unwrap().can_tell(HeapPattern::OutsideGo));
}

#[test]
fn a_high_water_mark_stands_for_all_memory_if_it_grew_as_go_did() {
    let measure = |first: u64, last: u64| {
        let mut ends = pair(|stats| add(&mut stats.sys, 20 * MIB));
        ends.iter_mut().for_each(|stats| stats.rss = None);
        (ends[0].max_rss, ends[1].max_rss) = (Some(first), Some(last));
        assess(&ends).parts.unwrap().measure
    };
    // Go holds 33 MiB, then 53.
    assert_eq!(measure(60 * MIB, 80 * MIB), Some(MemoryMeasure::MaxRss));
    assert_eq!(measure(60 * MIB, 80 * MIB - 1), Some(MemoryMeasure::Sys));
    assert_eq!(measure(33 * MIB, 53 * MIB), Some(MemoryMeasure::MaxRss));
    assert_eq!(measure(32 * MIB, 53 * MIB - 1), Some(MemoryMeasure::Sys));
}

#[test]
fn what_the_runtime_counts_as_live_is_the_live_heap_in_one_snapshot_as_well() {
    let parts = assess(&[MemStats { heap_live: Some(7 * MIB), ..snapshot(1) }]).parts.unwrap();
    assert!(parts.is_live_known);
    let [objects, headroom] = [MemoryPart::Objects, MemoryPart::Headroom].map(|part| parts.of(part)[1]);
    assert_eq!((objects, headroom), (Some(7 * MIB), Some(5 * MIB)));
    // Stacks in use, where all stacks are not known.
    let parts = assess(&[MemStats { stack_sys: None, ..snapshot(1) }]).parts.unwrap();
    assert_eq!(parts.of(MemoryPart::Stacks)[1], Some(3 * MIB));
}

#[test]
fn where_go_holds_more_than_is_resident_the_outside_is_not_known() {
    let with = |rss: u64| assess(&pair(|stats| stats.rss = Some(rss))).parts.unwrap();
    assert_eq!(with(33 * MIB).of(MemoryPart::OutsideGo), [Some(67 * MIB), Some(0)]);
    assert_eq!(with(33 * MIB - 1).of(MemoryPart::OutsideGo), [None; 2]);
    assert!(!with(33 * MIB - 1).can_tell(HeapPattern::OutsideGo));
    assert!(with(33 * MIB).can_tell(HeapPattern::OutsideGo));
    // Nor does it count from 0 if that was so at the start: what became resident since would read as growth outside.
    let from = |rss: u64| {
        let mut ends = pair(|stats| stats.rss = Some(200 * MIB));
        ends[0].rss = Some(rss);
        assess(&ends).parts.unwrap().of(MemoryPart::OutsideGo)
    };
    assert_eq!([from(33 * MIB), from(33 * MIB - 1)], [[Some(0), Some(167 * MIB)], [None; 2]]);
}

#[test]
fn several_processes_have_no_parts_that_grew() {
    let mut ends = pair(|stats| stats.rss = Some(500 * MIB));
    ends[1].num_gc = Some(1);
    assert_eq!(patterns(&ends), [HeapPattern::Unknown(UnknownCause::CountersFell(1))]);
    let ran = memstats("parts-restart", &ends, &[]);
    assert!(!ran.stdout.contains("Memory grew"), "{}", ran.stdout);
}

#[test]
fn the_first_sentence_names_what_grew() {
    let mut ends = pair(|stats| {
        add(&mut stats.stack_sys, 210 * MIB);
        add(&mut stats.sys, 220 * MIB);
        add(&mut stats.gc_sys, 10 * MIB);
        add(&mut stats.rss, 249 * MIB);
    });
    let text = flat(&memstats("parts-stacks", &ends, &[]));
    assert!(text.contains(" Memory grew by 249 MiB: 210 MiB of goroutine stacks, live heap flat. "), "{text}");
    assert!(text.contains("the number of goroutines is not known"), "{text}");
    assert!(text.starts_with("Stacks grew: "), "{text}");
    (ends[0].goroutines, ends[1].goroutines) = (Some(90), Some(93));
    ends.iter_mut().for_each(|stats| (stats.rss, stats.gc_sys) = (None, None));
    let text = flat(&memstats("parts-stacks", &ends, &[]));
    assert!(
        text.contains(
            "Memory grew by 220 MiB (Sys - HeapReleased): 210 MiB of goroutine stacks, live heap flat. Not known: the \
             GC's and runtime's own, memory outside Go."
        ),
        "{text}"
    );
    assert!(text.contains("goroutines: 90 → 93"), "{text}");
    // Growth that does not count is not told.
    let text = flat(&memstats("parts-stacks", &pair(|stats| stats.rss = Some(116 * MIB)), &[]));
    assert!(!text.contains("Memory grew"), "{text}");
    let text = flat(&memstats("parts-stacks", &pair(|stats| stats.rss = Some(116 * MIB + 1)), &[]));
    assert!(text.contains("Memory grew by 16.0 MiB: 16.0 MiB of memory outside Go, live heap flat."), "{text}");
}

#[test]
fn json_has_the_parts_and_null_for_what_is_not_known() {
    let parts = |ends: &[MemStats]| -> Value {
        let ran = memstats("parts-json", ends, &["--json"]);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_valid(&json);
        json["parts"].clone()
    };
    let known = parts(&pair(|stats| stats.rss = Some(130 * MIB)));
    assert_eq!(known["measure"], "rss");
    assert_eq!(known["whole"], json!({ "first_bytes": 100 * MIB, "last_bytes": 130 * MIB }));
    assert_eq!(known["outside_go"], json!({ "first_bytes": 67 * MIB, "last_bytes": 97 * MIB }));
    assert_eq!(known["live_heap"]["last_bytes"], 10 * MIB);
    assert_eq!(known["live_heap_and_garbage"]["last_bytes"], Value::Null);
    assert_eq!(known["sentence"], "Memory grew by 30.0 MiB: 30.0 MiB of memory outside Go, live heap flat.");
    let mut one = snapshot(1);
    (one.rss, one.buck_hash_sys) = (None, None);
    let unknown = parts(&[one]);
    let null = json!({ "first_bytes": null, "last_bytes": null });
    assert_eq!(unknown["measure"], "sys");
    assert_eq!([&unknown["outside_go"], &unknown["profiler"], &unknown["live_heap"]], [&null; 3]);
    assert_eq!(unknown["live_heap_and_garbage"]["last_bytes"], 10 * MIB);
    assert_eq!(unknown["sentence"], Value::Null);
}

#[test]
fn one_snapshot_is_broken_down() {
    let mut one = snapshot(1);
    one.rss = None;
    let text = flat(&memstats("parts-one", &[one], &[]));
    for expected in [
        "all memory (Sys - HeapReleased) 33.0 MiB live heap and garbage 10.0 MiB headroom between objects 2.00 MiB",
        "memory outside Go unknown",
        "The heap grows to 20.0 MiB (NextGC) before the next collection, about twice the live heap with GOGC=100",
        "give it by --rss, or /proc/PID/status beside the snapshot",
        "Next: a heap profile of the same time shows what is alive",
    ] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    let text = flat(&memstats("parts-one", &[snapshot(1)], &[]));
    assert!(text.contains("all memory (RSS) 100 MiB") && text.contains("memory outside Go 67.0 MiB"), "{text}");
    assert!(text.contains("Next: look at /proc/PID/smaps"), "{text}");
}

#[test]
fn fail_on_has_the_parts_and_ends_with_two_where_they_are_not_known() {
    let gate = |what: &str, ends: &[MemStats]| memstats("parts-gate", ends, &["--fail-on", what]).exit;
    let outside = pair(|stats| stats.rss = Some(130 * MIB));
    let asked = ["outside-go", "stacks-grew", "profiler-buckets", "leak"];
    assert_eq!(asked.map(|what| gate(what, &outside)), [1, 0, 0, 0]);
    let mut unknown = pair(|_| ());
    unknown.iter_mut().for_each(|stats| (stats.rss, stats.buck_hash_sys) = (None, None));
    assert_eq!(asked.map(|what| gate(what, &unknown)), [2, 0, 2, 0]);
    assert_eq!(asked.map(|what| gate(what, &unknown[..1])), [2; 4]);
    let ran = memstats("parts-gate", &unknown, &["--fail-on", "outside-go"]);
    assert!(ran.stderr.starts_with("error: --fail-on outside-go: memory outside Go is not known"), "{}", ran.stderr);
    // The live heap is not known, but the rest is.
    let mut uncollected = pair(|_| ());
    uncollected[1].num_gc = uncollected[0].num_gc;
    uncollected[1].num_forced_gc = uncollected[0].num_forced_gc;
    assert_eq!(asked.map(|what| gate(what, &uncollected)), [0, 0, 0, 2]);
}

#[test]
fn a_gate_on_goroutines_needs_their_number() {
    let gate = |counts: &[Option<u64>]| {
        let mut all: Vec<_> = (1..).map(snapshot).take(counts.len()).collect();
        all.iter_mut().zip(counts).for_each(|(stats, count)| stats.goroutines = *count);
        memstats("parts-goroutines", &all, &["--fail-on", "goroutine-leak"])
    };
    let none = gate(&[None; 3]);
    assert_eq!(none.exit, 2);
    assert!(
        none.stderr.starts_with("error: --fail-on goroutine-leak: the snapshots lack the number"),
        "{}",
        none.stderr
    );
    assert_eq!(gate(&[Some(10), Some(20), Some(30)]).exit, 1);
    assert_eq!(gate(&[Some(10), Some(10), Some(10)]).exit, 0);
    // In both halves?
    assert_eq!(gate(&[Some(10), None, Some(30)]).exit, 2);
    assert_eq!(gate(&[Some(10), Some(30)]).exit, 2);
    assert_eq!(gate(&[Some(10), Some(19)]).exit, 0);
}
