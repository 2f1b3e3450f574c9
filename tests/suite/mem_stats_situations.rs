//! Situations that people ask about: what `memstats`, its gates and `trend` say of them.
//!
//! The inputs were written by the program beside them (`testdata/memstats/situations/main.go`), whose truth is in its
//! source.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::run::{Ran, assert_valid, command, folder, root, run};

fn situation(name: &str) -> PathBuf {
    root().join("testdata/memstats/situations").join(name)
}

fn heapdiff(command_: &str, name: &str, args: &[&str]) -> Ran {
    let path = situation(name);
    let folder = folder(&format!("situation-{command_}-{}", name.replace('/', "-")));
    run(command(&folder, &[&[command_, path.to_str().unwrap()], args].concat()), None)
}

/// The output of `memstats` in one line.
fn memstats(name: &str, args: &[&str]) -> String {
    let ran = heapdiff("memstats", name, args);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The exit codes of `--fail-on`.
fn gates<const N: usize>(name: &str, asked: [&str; N]) -> [i32; N] {
    asked.map(|what| heapdiff("memstats", name, &["--fail-on", what]).exit)
}

fn report(folder: &Path, input: &str) -> Value {
    let ran = run(command(folder, &["memstats", "--json", input]), None);
    let report = serde_json::from_str(&ran.stdout).expect(&ran.stderr);
    assert_valid(&report);
    report
}

fn assert_says(text: &str, expected: &[&str]) {
    for part in expected {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn memory_outside_go_on_pages_of_prometheus() {
    // 4 MiB mapped between two pages; the heap is level.
    let text = memstats("native", &[]);
    assert_says(
        &text,
        &[
            "Memory grew by 29.0 MiB since snapshot 1: 29.0 MiB of memory outside Go, live heap flat",
            "Grew outside Go: ",
        ],
    );
    assert!(!text.contains("Leak:"), "{text}");
    assert_eq!(gates("native", ["outside-go", "stacks-grew", "profiler-buckets", "goroutine-leak"]), [1, 0, 2, 0]);
}

#[test]
fn memory_outside_go_by_the_high_water_mark_of_texts() {
    // 20 MiB mapped between two texts.
    let text = memstats("mmap", &[]);
    assert_says(
        &text,
        &[
            "Memory grew by 140 MiB (MaxRSS, a high-water mark) since snapshot 1: 140 MiB of memory outside Go at the \
             peak, live heap flat.",
            "MaxRSS never falls, so it may have been freed since",
            "No growth:",
        ],
    );
    assert_eq!(gates("mmap", ["outside-go", "leak", "grew", "goroutine-leak"]), [1, 0, 0, 2]);
    let trend = heapdiff("trend", "mmap", &[]);
    assert_says(&trend.stdout, &["No growth: the live heap is level (exact).", "Outside the heap"]);
}

#[test]
fn goroutine_stacks_are_told_with_their_number() {
    // 40 goroutines more between two snapshots, each with a stack of 512 KiB.
    let text = memstats("stacks", &[]);
    assert_says(
        &text,
        &[
            "Memory grew by 143 MiB (Sys - HeapReleased) since snapshot 1: 140 MiB of goroutine stacks, live heap flat.",
            "20.3 → 160 MiB of goroutine stacks. goroutines: 41 → 321",
            "Goroutine leak: ",
        ],
    );
    assert_eq!(gates("stacks", ["stacks-grew", "goroutine-leak", "leak", "bloat", "outside-go"]), [1, 1, 0, 0, 2]);
    // The leak comes first, and no blocks rise beside a level heap.
    let mut wide = command(&situation("stacks"), &["."]);
    wide.env("COLUMNS", "200");
    let trend = run(wide, None).stdout;
    assert!(
        trend.starts_with(
            "Goroutine leak: 80 → 320 goroutines (+40 per snapshot) wait in select (no cases) in main.deep at main.go:146; \
             stacks +120 MiB. The live heap grew by 121 KiB, too little to judge.\n"
        ),
        "{trend}"
    );
    assert!(
        trend.contains("\n  less than 1.00 MiB does not count as growth; a longer series under load would tell\n"),
        "{trend}"
    );
    assert!(
        trend.ends_with("\nNext:\n  heapdiff list main.deep ./goroutine_01.pb.gz ./goroutine_07.pb.gz\n"),
        "{trend}"
    );
    // Without the profiles the number is not known.
    let folder = folder("situation-texts");
    for name in (0..8).map(|at| format!("heap_{at:02}.txt")) {
        fs::copy(situation(&format!("stacks/{name}")), folder.join(name)).unwrap();
    }
    let ran = run(command(&folder, &["memstats", "."]), None);
    assert!(ran.stdout.contains("Stacks grew:") && !ran.stdout.contains("Goroutine leak"), "{}", ran.stdout);
}

#[test]
fn the_profilers_own_table() {
    // 8,000 call stacks more between two snapshots, with MemProfileRate=1.
    let text = memstats("buckets", &[]);
    assert_says(
        &text,
        &["22.3 MiB of the heap profiler's table, live heap flat.", "Profiler's table grew", "MemProfileRate=1"],
    );
    assert_eq!(gates("buckets", ["profiler-buckets", "stacks-grew", "leak", "grew"]), [1, 0, 0, 0]);
}

#[test]
fn a_leak_under_a_memory_limit_is_told_by_the_profiles() {
    // GOGC=off, 64 MiB; main.keep keeps 4 MiB between two snapshots; no collection is forced.
    let text = memstats("limit", &[]);
    assert_says(&text, &["Cannot tell: HeapAlloc includes garbage", "as under GOMEMLIMIT"]);
    assert!(!text.contains("No growth:"), "{text}");
    assert_eq!(gates("limit", ["leak", "grew", "bloat"]), [2; 3]);
    let trend = heapdiff("trend", "limit", &["--json"]);
    let trend: Value = serde_json::from_str(&trend.stdout).unwrap();
    let first = &trend["sites"][0];
    assert!(first["function"].as_str().unwrap().contains("main.keep"), "{first}");
    assert!(["leak", "grew"].contains(&first["trend"].as_str().unwrap()), "{first}");
}

#[test]
fn one_snapshot_with_a_resident_set() {
    // 40 MiB kept, 20 MiB of garbage, 80 MiB mapped and touched.
    let text = memstats("once", &[]);
    assert_says(&text, &["all memory (RSS)", "live heap and garbage", "memory outside Go", "with GOGC=100"]);
    assert_eq!(gates("once", ["leak", "outside-go"]), [2; 2]);
    let text = memstats("once/once.json", &["--rss", "186MiB"]);
    assert_says(&text, &["all memory (RSS) 186 MiB", "more than Go holds in the snapshot"]);
}

#[test]
fn idle_memory_is_not_a_leak_in_either_form() {
    // 285 of 300 MiB were freed right before.
    for form in ["idle/idle.json", "idle/console.txt", "idle"] {
        let text = memstats(form, &[]);
        assert_says(&text, &["idle heap not returned 289 MiB", "Idle memory kept: ", "One snapshot: "]);
        assert!(!text.contains("Leak:"), "{text}");
        assert_eq!(gates(form, ["retained-idle", "leak", "fragmentation"]), [1, 2, 0]);
    }
}

#[test]
fn a_program_without_a_profiler() {
    // MemProfileRate 0; 2 MiB kept between two texts, unforced.
    let text = memstats("blank", &[]);
    assert_says(&text, &["Growing: the live heap keeps growing", "(estimated as NextGC/2)"]);
    assert_eq!(gates("blank", ["leak", "grew"]), [1, 1]);
}

#[test]
fn growth_below_what_the_samples_show() {
    // 300 KiB kept in objects of 32 B between two texts, unforced.
    let text = memstats("coarse", &[]);
    assert_says(&text, &["Growing: the live heap keeps growing", "(estimated as NextGC/2)"]);
    assert_eq!(gates("coarse", ["leak"]), [1]);
}

/// A JSON line for each of these HeapAlloc and NextGC, in MiB, with 10 collections in between.
fn lines(numbers: &[(u64, u64)], more: &str) -> String {
    let line = |(at, (alloc, next)): (usize, &(u64, u64))| {
        let (gc, alloc, next) = (10 * at + 10, alloc << 20, next << 20);
        let heap = format!("\"HeapAlloc\":{alloc},\"HeapInuse\":{alloc},\"HeapObjects\":1000,\"NextGC\":{next}");
        format!("{{{heap},\"NumGC\":{gc},\"LastGC\":{gc}{more}}}\n")
    };
    numbers.iter().enumerate().map(line).collect()
}

#[test]
fn a_next_gc_that_stays_where_it_is_is_no_verdict_unless_the_limit_is_known() {
    let folder = folder("situation-constant");
    let level = [(300, 390), (340, 391), (310, 390), (350, 391), (301, 390), (330, 390)];
    fs::write(folder.join("unknown.jsonl"), lines(&level, "")).unwrap();
    fs::write(folder.join("known.jsonl"), lines(&level, ",\"GOMEMLIMIT\":9223372036854775807")).unwrap();
    let gate = |file: &str| run(command(&folder, &["memstats", file, "--fail-on", "leak"]), None);
    let unknown = gate("unknown.jsonl");
    assert_eq!(unknown.exit, 2, "{}", unknown.stdout);
    assert!(unknown.stdout.contains("Cannot tell") && !unknown.stdout.contains("No growth:"), "{}", unknown.stdout);
    let known = gate("known.jsonl");
    assert_eq!(known.exit, 0, "{}", known.stdout);
    assert!(known.stdout.contains("No growth:"), "{}", known.stdout);
}

#[test]
fn files_of_a_folder_with_the_same_snapshots_are_joined() {
    let folder = folder("situation-joined");
    fs::create_dir(folder.join("run")).unwrap();
    let numbers = [(20, 40), (22, 44), (24, 48), (26, 52), (28, 56)];
    for (at, text) in lines(&numbers, ",\"NumForcedGC\":9").lines().enumerate() {
        let text = text.replace("\"NumForcedGC\":9", &format!("\"NumForcedGC\":{}", at + 1));
        fs::write(folder.join(format!("run/vars_{at}.json")), text).unwrap();
    }
    fs::write(folder.join("run/memstats.jsonl"), lines(&numbers, ",\"NumGoroutine\":7")).unwrap();
    let joined = report(&folder, "run");
    let snapshots = joined["snapshots"].as_array().unwrap();
    assert_eq!((snapshots.len(), &snapshots[0]["goroutines"]), (5, &7.into()));
    assert_eq!(joined["verdict"]["code"], "bloat");
    let note = joined["notes"].as_array().unwrap().iter().find(|note| note["code"] == "files_joined").unwrap();
    assert_eq!(note["data"]["files"], serde_json::json!(["run/memstats.jsonl"]));
    // Those of another process are not.
    fs::write(folder.join("run/memstats.jsonl"), lines(&numbers, "").replace("\"LastGC\":", "\"LastGC\":7")).unwrap();
    assert_eq!(report(&folder, "run")["verdict"]["code"], "unknown");
}

#[test]
fn a_resident_set_that_cannot_be_right_is_refused() {
    let folder = folder("situation-rss");
    fs::write(folder.join("s.jsonl"), lines(&[(20, 40), (22, 44)], ",\"Sys\":80000000,\"HeapReleased\":9000000"))
        .unwrap();
    let rss = |size: &str| run(command(&folder, &["memstats", "s.jsonl", "--rss", size]), None);
    let ran = rss("125952");
    assert_eq!(ran.exit, 2);
    assert!(
        ran.stderr.starts_with("error: --rss 125952: cannot be the RSS of a process with 22.0 MiB"),
        "{}",
        ran.stderr
    );
    // As in /proc/PID/status, 1024 bytes.
    let ran = rss("125952kB");
    assert_says(
        &ran.stdout.split_whitespace().collect::<Vec<_>>().join(" "),
        &[
            "at the last snapshot: all memory (RSS) 123 MiB",
            "more than Go holds in the last snapshot (Sys - HeapReleased), 67.7 MiB",
        ],
    );
    assert_says(&rss("60MiB").stdout, &["--rss 60.0 MiB, compared with the last snapshot"]);
    assert_eq!(rss("5%").exit, 2);
    let lines = lines(&[(20, 40)], ",\"MaxRSS\":50000000,\"Sys\":40000000,\"HeapReleased\":0");
    fs::write(folder.join("s.jsonl"), lines).unwrap();
    assert_eq!(rss("54MB").exit, 0);
    assert!(rss("56MB").stderr.contains("more than MaxRSS, 47.7 MiB"), "{}", rss("56MB").stderr);
}

#[test]
fn amounts_are_from_the_first_snapshot_unless_the_program_was_starting() {
    let folder = folder("situation-amounts");
    let memory = |first: u64| {
        let all = [first, 120, 130, 140, 160, 180, 200];
        let line = |(at, sys): (usize, &u64)| {
            let gc = 2 * at + 2;
            let sys = sys << 20;
            let stacks = sys - (10 << 20);
            format!(
                "{{\"HeapAlloc\":5000000,\"HeapObjects\":9,\"HeapInuse\":6000000,\"NextGC\":10000000,\"NumGC\":{gc},\
                 \"NumForcedGC\":{gc},\"StackSys\":{stacks},\"Sys\":{sys},\"HeapReleased\":0}}\n"
            )
        };
        let text: String = all.iter().enumerate().map(line).collect();
        fs::write(folder.join("s.jsonl"), text).unwrap();
        let report = report(&folder, "s.jsonl");
        (report["parts"]["sentence"].as_str().unwrap().to_owned(), report["parts"]["first_snapshot"].clone())
    };
    let (sentence, from) = memory(80);
    assert!(
        sentence
            .starts_with("Memory grew by 120 MiB (Sys - HeapReleased) since snapshot 1: 120 MiB of goroutine stacks"),
        "{sentence}"
    );
    assert_eq!(from, 1);
    // Half of the growth and more was before the second snapshot.
    let (sentence, from) = memory(11);
    assert!(
        sentence.starts_with("Memory grew by 80.0 MiB (Sys - HeapReleased) since snapshot 2: 80.0 MiB"),
        "{sentence}"
    );
    assert_eq!(from, 2);
}

#[test]
fn trend_joins_statuses_with_the_totals() {
    let folder = folder("situation-status");
    let totals = folder.join("totals");
    fs::create_dir(&totals).unwrap();
    let texts = root().join("testdata/memstats/heap");
    for at in [0, 1, 2, 4, 5, 6] {
        fs::copy(texts.join(format!("heap_{at:02}.txt")), totals.join(format!("heap_{at:02}.txt"))).unwrap();
        fs::write(totals.join(format!("status_{at:02}")), format!("VmRSS:\t{} kB\n", 90_000 + at)).unwrap();
    }
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let heaps: Vec<_> = (0..6).map(|at| captures.join(format!("heap_{at:02}.pb.gz")).display().to_string()).collect();
    let heaps: Vec<_> = heaps.iter().map(String::as_str).collect();
    let ran = run(command(&folder, &[&["trend", "--memstats", "totals"], &heaps[..]].concat()), None);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("live heap (exact) "), "{}", ran.stdout);
}
