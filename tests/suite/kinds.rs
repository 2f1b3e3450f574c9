//! Kinds of profiles: what they say of themselves, and what is compared then.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Function, Label, Layout, Location, Mapping, Profile, Sample, ValueType};
use crate::run::{self, Ran, assert_valid, command, gzip, run};

const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
const RATE: i64 = 512 * KIB;

/// A bucket: function, bytes of an object, samples of those that live, samples of those ever allocated.
type Made = (&'static str, i64, i64, i64);

/// A profile of Go, whose numbers are estimates as Go's are.
fn made(buckets: &[Made]) -> Profile {
    let mut profile = Profile::go();
    for &(function, size, live, allocated) in buckets {
        let sample = profile.live(&[&[(function, "app/main.go", 1, 2)]], 0, 0);
        let seen = 1.0 - libm::exp(-size as f64 / RATE as f64);
        let estimate = |samples: i64| (samples as f64 / seen) as i64;
        sample.value = vec![estimate(allocated), estimate(allocated * size), estimate(live), estimate(live * size)];
        sample.label[0].num = size;
    }
    profile
}

/// A profile that means what was allocated.
fn allocs(buckets: &[Made], program: &str, build: &str) -> Profile {
    let mut profile = made(buckets);
    profile.default_sample_type = profile.string("alloc_space");
    let (filename, build_id) = (profile.string(program), profile.string(build));
    profile.mapping.push(Mapping { id: 1, filename, build_id, ..Mapping::default() });
    profile
}

fn write(folder: &Path, name: &str, profile: &Profile) {
    let bytes = profile.encode(if name.ends_with(".pprof") { Layout::Pprof } else { Layout::Go });
    fs::write(folder.join(name), gzip(&bytes)).unwrap();
}

fn folder(name: &str, profiles: &[(&str, Profile)]) -> PathBuf {
    let folder = run::folder(&format!("kinds-{name}"));
    for ((name, profile), later) in profiles.iter().zip(0..) {
        let mut profile = profile.clone();
        profile.time_nanos += later;
        write(&folder, name, &profile);
    }
    folder
}

fn heapdiff(folder: &Path, args: &str) -> Ran {
    run(command(folder, &args.split(' ').collect::<Vec<_>>()), None)
}

fn json(folder: &Path, args: &str) -> (i32, Value) {
    let ran = heapdiff(folder, args);
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

fn codes(json: &Value) -> Vec<&str> {
    json["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect()
}

#[test]
fn profiles_that_mean_allocation_are_compared_by_it() {
    let base = allocs(&[("a.f", 64, 0, 40), ("a.g", KIB, 4, 40)], "/tmp/go-build11/b001/a.test", "one");
    let current = allocs(&[("a.f", 64, 0, 40), ("a.g", KIB, 3, 90)], "/tmp/go-build22/b001/a.test", "two");
    for name in ["a.pb", "a.pprof"] {
        let current_name = name.replace('a', "b");
        let folder = folder("allocation", &[(name, base.clone()), (&current_name, current.clone())]);
        let pair = format!("{name} {current_name}");
        let (_, found) = json(&folder, &format!("--json {pair}"));
        assert_eq!(found["metrics"]["inuse_space"], "alloc_space");
        assert_eq!(found["metrics"]["inuse_objects"], "alloc_objects");
        assert_eq!(found["sites"][0]["evidence"]["samples_current"], 90, "{name}");
        assert_eq!(found["sites"][0]["evidence"]["verdict"], "grew");
        assert_eq!(codes(&found), ["allocation_compared", "build_differs"]);
        // As many iterations, by `a.f`, so that `a.g` allocates more.
        let check = heapdiff(&folder, &format!("check {pair}"));
        assert_eq!(check.exit, 1);
        assert!(check.stdout.contains("heapdiff list --sample-type alloc a.g "), "{}", check.stdout);
        let (_, live) = json(&folder, &format!("--json --sample-type inuse {pair}"));
        assert_eq!(live["metrics"]["inuse_space"], "inuse_space");
        assert_eq!(live["sites"][0]["evidence"]["samples_base"], 4);
        let (_, typed) = json(&folder, &format!("--json --sample-type alloc {pair}"));
        assert_eq!((&typed["sites"], codes(&typed)), (&found["sites"], vec!["build_differs"]));
        let (_, named) = json(&folder, &format!("--json --sample-type alloc_space {pair}"));
        assert_eq!(named["sites"][0]["inuse_space"], found["sites"][0]["inuse_space"]);
    }
}

#[test]
fn a_profile_that_means_allocation_and_one_that_does_not_are_compared_by_what_is_alive() {
    let base = allocs(&[("a.f", KIB, 4, 40)], "/a", "");
    let folder = folder("one-allocation", &[("a.pb", base), ("b.pb", made(&[("a.f", KIB, 30, 40)]))]);
    let (_, found) = json(&folder, "--json a.pb b.pb");
    assert_eq!(found["sites"][0]["evidence"]["samples_base"], 4);
    assert_eq!(codes(&found), Vec::<&str>::new());
    let stdin = run(command(&folder, &["-", "b.pb"]), Some(&fs::read(folder.join("a.pb")).unwrap()));
    assert_eq!(stdin.exit, 2);
    assert!(stdin.stderr.contains("--sample-type inuse"), "{}", stdin.stderr);
    // A side of both kinds, too.
    let (_, sides) = json(&folder, "--json --base a.pb b.pb --current b.pb");
    assert_eq!(sides["sites"][0]["evidence"]["samples_base"], 34);
}

#[test]
fn more_work_is_no_more_allocation_an_operation() {
    let build = |iterations: i64, build| {
        allocs(&[("a.f", 64, 0, 40 * iterations), ("a.g", KIB, 0, 60 * iterations)], "/tmp/b001/a.test", build)
    };
    let folder = folder("work", &[("a.pb", build(1, "one")), ("b.pb", build(2, "one")), ("c.pb", build(2, "two"))]);
    for (pair, says) in [("a.pb b.pb", "of one build"), ("a.pb c.pb", "at least 2.00 times as much")] {
        for limits in ["", "--max-total-space 5% ", "--sample-type alloc_space --max-total-space 5% "] {
            let ran = heapdiff(&folder, &format!("check --json {limits}{pair}"));
            assert_eq!(ran.exit, 2, "{limits}{pair}");
            assert!(ran.stdout.contains(says), "{limits}{pair}: {}", ran.stdout);
        }
        assert_eq!(heapdiff(&folder, &format!("check --no-evidence {pair}")).exit, 1);
    }
    // A site that was not there before is none of them.
    let new = allocs(&[("a.f", 64, 0, 80), ("a.g", KIB, 0, 120), ("a.new", KIB, 0, 30)], "/tmp/b001/a.test", "two");
    write(&folder, "new.pb", &new);
    let (exit, found) = json(&folder, "check --json a.pb new.pb");
    assert_eq!(exit, 1);
    assert_eq!(found["verdict"]["violations"].as_array().unwrap().len(), 1);
    assert_eq!(found["verdict"]["violations"][0]["function"], "a.new");
}

/// An export of live bytes without objects, sizes and allocation.
fn export(bytes: [i64; 2], duration_nanos: i64) -> Profile {
    let mut profile = Profile::with_types(&["inuse_space/bytes"]);
    for (name, bytes) in ["main.cacheAdd", "net/http.newBufioReader"].into_iter().zip(bytes) {
        let location_id = vec![profile.location(&[(name, "src/cache.go", 1, 12), ("main.main", "src/main.go", 1, 2)])];
        profile.sample.push(Sample { location_id, value: vec![bytes], label: Vec::new() });
    }
    profile.duration_nanos = duration_nanos;
    profile
}

#[test]
fn an_export_of_an_hour_is_no_difference() {
    const HOUR: i64 = 3600 * 1_000_000_000;
    for duration in [0, HOUR] {
        let (a, b) = (export([60 * MIB, 10 * MIB], duration), export([120 * MIB, 10 * MIB], duration));
        let folder = folder("export", &[("a.pprof", a), ("b.pprof", b)]);
        let (_, found) = json(&folder, "--json a.pprof b.pprof");
        assert_eq!(codes(&found).contains(&"merged"), duration > 0);
        assert!(!codes(&found).contains(&"recorded_over_time"));
        let ran = heapdiff(&folder, "a.pprof b.pprof");
        assert_eq!(ran.stdout.contains("both profiles are exports of 60 min: "), duration > 0);
        let check = |limit: &str| heapdiff(&folder, &format!("check --max-site-space {limit} a.pprof b.pprof")).exit;
        // Of 60 MiB in one-sample objects the standard error is 5.5 MiB, and of their growth 9.7 MiB.
        assert_eq!([check("10%"), check("60%"), check("100%")], [1, 2, 0]);
        assert_eq!(heapdiff(&folder, "check --max-total-space 10% a.pprof b.pprof").exit, 1);
        let default = heapdiff(&folder, "check a.pprof b.pprof");
        assert_eq!(default.exit, 2);
        assert!(default.stdout.contains("set a limit on\n  bytes"), "{}", default.stdout);
    }
}

#[test]
fn allocation_of_a_minute_beside_whole_heaps_is_no_difference() {
    let heap = |live: i64| {
        // Of `main.old` more is alive than was allocated in the minute.
        let mut profile = made(&[("main.old", KIB, live, 2), ("main.main", 64, 1, 3)]);
        profile.duration_nanos = 60_000_000_000;
        profile
    };
    let folder = folder("minute", &[("a.pb", heap(40)), ("b.pb", heap(90))]);
    let (exit, found) = json(&folder, "check --json a.pb b.pb");
    assert_eq!((exit, codes(&found)), (1, vec!["merged", "merged"]));
}

/// A difference of two heaps, as `heap?seconds=30` gives it. Live samples are net.
fn difference() -> Profile {
    let mut profile = made(&[
        ("main.leak", KIB, 40, 40),
        ("main.churn", KIB, 1, 50),
        ("main.free", KIB, -30, 0),
        ("main.few", 64, 2, 2),
    ]);
    profile.duration_nanos = 30_000_000_000;
    profile
}

#[test]
fn a_difference_is_shown_alone() {
    let folder = folder("difference", &[("d.pprof", difference()), ("heap.pb", made(&[("main.main", KIB, 4, 4)]))]);
    let (exit, found) = json(&folder, "--json d.pprof");
    assert_eq!((exit, codes(&found)), (0, vec!["difference"]));
    let site =
        |function: &str| found["sites"].as_array().unwrap().iter().find(|site| site["function"] == function).unwrap();
    let samples = |function: &str| {
        let evidence = &site(function)["evidence"];
        (evidence["samples_base"].as_u64().unwrap(), evidence["samples_current"].as_u64().unwrap())
    };
    // Freed and allocated.
    assert_eq!([samples("main.leak"), samples("main.churn"), samples("main.free")], [(0, 40), (49, 50), (30, 0)]);
    let verdict = |function: &str| site(function)["evidence"]["verdict"].as_str().unwrap();
    assert_eq!(["main.leak", "main.churn", "main.free"].map(verdict), ["grew", "noise", "shrank"]);
    let shown = heapdiff(&folder, "d.pprof").stdout;
    assert!(
        shown.contains("\nd.pprof, freed → allocated, by function (the first outside Go's library, if any)\n"),
        "{shown}"
    );
    assert!(shown.starts_with("main.leak grew by 20.0 MiB, ") && !shown.contains("Next:"), "{shown}");
    let alone = heapdiff(&folder, "diff heap.pb");
    assert_eq!(alone.exit, 2);
    assert!(alone.stderr.contains("heap?seconds=30"), "{}", alone.stderr);
    // Without a command's name, what is alive in it is shown.
    let top = heapdiff(&folder, "heap.pb");
    assert!(top.exit == 0 && top.stdout.starts_with("2.00 MiB alive in 2,050 objects"), "{}", top.stdout);
    assert_eq!(heapdiff(&folder, "check d.pprof d.pprof").exit, 2);
}

#[test]
fn a_difference_is_no_heap() {
    let mut empty = made(&[]);
    empty.duration_nanos = 5_000_000_000;
    let heap = || made(&[("main.main", KIB, 4, 4)]);
    let folder = folder(
        "no-heap",
        &[("d.pprof", difference()), ("e.pprof", empty), ("a.pb", heap()), ("b.pb", heap()), ("c.pb", heap())],
    );
    for (command, name, seconds) in [
        ("a.pb d.pprof", "d.pprof", 30),
        ("e.pprof a.pb", "e.pprof", 5),
        ("d.pprof d.pprof", "d.pprof", 30),
        ("--focus main.leak a.pb d.pprof", "d.pprof", 30),
        ("--sample-type alloc a.pb d.pprof", "d.pprof", 30),
        ("--base a.pb b.pb --current c.pb e.pprof", "e.pprof", 5),
        ("check a.pb d.pprof", "d.pprof", 30),
        ("list main.leak a.pb d.pprof", "d.pprof", 30),
        ("trend a.pb b.pb d.pprof", "d.pprof", 30),
        ("top e.pprof", "e.pprof", 5),
    ] {
        let ran = heapdiff(&folder, command);
        let error = format!(
            "error: {name}: this is a difference over {seconds} s (?seconds=N), not a heap, and cannot be compared; heapdiff \
             {name} shows it alone\n"
        );
        assert_eq!((ran.exit, ran.stderr), (2, error), "{command}");
    }
    let alone = heapdiff(&folder, "e.pprof");
    assert!(
        alone.stdout.starts_with("The difference is empty: no garbage collection ran in that time"),
        "{}",
        alone.stdout
    );
    // Of objects that were freed, and others that were allocated, no size is that of growth.
    assert!(!heapdiff(&folder, "d.pprof").stdout.contains("larger objects"));
    // What was allocated in a time compares with what was in another.
    assert_eq!(heapdiff(&folder, "--sample-type alloc d.pprof d.pprof").exit, 0);
}

/// A text of Go's runtime, with the first line, records, and `HeapAlloc`.
fn text(first: &str, records: &[&str], heap_alloc: i64) -> String {
    let mut text = format!("heap profile: {first}\n");
    for record in records {
        text += &format!("{record}\n\n");
    }
    let numbers = [
        ("Alloc", heap_alloc),
        ("TotalAlloc", 9 * heap_alloc),
        ("Sys", 2 * heap_alloc),
        ("Lookups", 0),
        ("Mallocs", 90),
        ("Frees", 30),
        ("HeapAlloc", heap_alloc),
        ("HeapSys", 2 * heap_alloc),
        ("HeapIdle", heap_alloc),
        ("HeapInuse", heap_alloc),
        ("HeapReleased", 0),
        ("HeapObjects", 60),
    ];
    text += "# runtime.MemStats\n";
    numbers.iter().for_each(|(name, number)| text += &format!("# {name} = {number}\n"));
    text += "# Stack = 1 / 1\n# MSpan = 1 / 1\n# MCache = 1 / 1\n# BuckHashSys = 1\n# GCSys = 1\n# OtherSys = 1\n";
    text += &format!("# NextGC = 4194304\n# LastGC = {}\n", 1_700_000_000_000_000_000 + heap_alloc);
    text += "# PauseNs = [1]\n# PauseEnd = [1]\n# NumGC = 7\n";
    text + "# NumForcedGC = 0\n# GCCPUFraction = 0.001\n# DebugGC = false\n# MaxRSS = 70000000\n"
}

#[test]
fn a_text_whose_profiler_was_off_says_so() {
    let folder = folder("off", &[]);
    for (name, alloc) in [("a.txt", 321 * MIB), ("b.txt", 330 * MIB)] {
        fs::write(folder.join(name), text("0: 0 [0: 1] @ heap/0", &[], alloc)).unwrap();
    }
    let (_, found) = json(&folder, "--json a.txt b.txt");
    assert_eq!(codes(&found), ["profiler_off", "profiler_off"]);
    assert_eq!(found["notes"][1]["data"]["heap_alloc"], 330 * MIB);
    let check = heapdiff(&folder, "check a.txt b.txt");
    assert_eq!(check.exit, 2);
    assert!(check.stdout.contains("330 MiB"), "{}", check.stdout);
    assert!(!check.stdout.contains("nothing grew"));
}

#[test]
fn texts_of_go_before_1_20_are_read_where_nothing_was_freed() {
    let folder = folder("old-go", &[]);
    let records = ["1: 832 [1: 832] @ 0x4441 0x4442", "2: 128 [2: 128] @ 0x4443"];
    for (first, is_read) in [
        ("3: 960 [3: 960]", true),
        ("3: 960 [3: 961]", true),
        ("3: 960 [3: 962]", false),
        ("3: 960 [3: 959]", false),
        ("2: 832 [2: 832]", false),
    ] {
        fs::write(folder.join("a.txt"), text(&format!("{first} @ heap/1048576"), &records, MIB)).unwrap();
        assert_eq!(heapdiff(&folder, "a.txt a.txt").exit == 0, is_read, "{first}");
    }
    // One byte more is of Go 1.20, where as much is live as was allocated.
    let freed = ["1: 832 [2: 1664] @ 0x4441"];
    for (first, is_read) in [("1: 832 [2: 1664]", true), ("1: 832 [2: 1665]", false)] {
        fs::write(folder.join("a.txt"), text(&format!("{first} @ heap/1048576"), &freed, MIB)).unwrap();
        assert_eq!(heapdiff(&folder, "a.txt a.txt").exit == 0, is_read, "{first}");
    }
    fs::write(folder.join("a.txt"), text("0: 0 [0: 0] @ heap/1048576", &[], MIB)).unwrap();
    assert_eq!(heapdiff(&folder, "a.txt a.txt").exit, 0);
}

#[test]
fn addresses_of_two_builds_are_not_matched() {
    let folder = folder("addresses", &[]);
    let write = |name: &str, records: &[&str], [objects, bytes, allocated, all]: [i64; 4]| {
        let first = format!("{objects}: {bytes} [{allocated}: {all}] @ heap/8192");
        fs::write(folder.join(name), text(&first, records, MIB)).unwrap();
    };
    write("a.txt", &["90: 92160 [95: 97280] @ 0x1001 0x1002", "1: 64 [3: 192] @ 0x2001"], [91, 92224, 98, 97472]);
    write("b.txt", &["2: 2048 [2: 2048] @ 0x1001 0x1002", "80: 81920 [90: 92160] @ 0x3001"], [82, 83968, 92, 94208]);
    let (_, found) = json(&folder, "--json a.txt b.txt");
    assert_eq!((codes(&found)[0], &found["notes"][0]["data"]["addresses_match"]), ("no_symbols", &Value::Bool(false)));
    let sites = found["sites"].as_array().unwrap();
    assert_eq!(sites.len(), 4, "0x1001 is another function in the other build");
    assert!(sites.iter().all(|site| site["evidence"]["verdict"] == "unknown"), "{sites:#?}");
    assert_eq!(heapdiff(&folder, "check a.txt b.txt").exit, 2);
    // Of one process they are.
    write(
        "c.txt",
        &["190: 194560 [195: 199680] @ 0x1001 0x1002", "1: 64 [3: 192] @ 0x2001"],
        [191, 194624, 198, 199872],
    );
    let (exit, found) = json(&folder, "check --json --same-process a.txt c.txt");
    assert_eq!((exit, found["sites"].as_array().unwrap().len()), (1, 2));
    assert!(codes(&found).contains(&"no_symbols"));
}

#[test]
fn an_allocator_linked_into_the_program_is_warned_of() {
    let dump = |bytes: i64| {
        let mut profile = Profile::with_types(&["inuse_space/bytes"]);
        let file = profile.string("/srv/prover");
        let build_id = profile.string("73ca4d0a");
        profile.mapping.push(Mapping {
            id: 1,
            start: 0x1000,
            limit: 0x9000,
            filename: file,
            build_id,
            ..Mapping::default()
        });
        for id in 1..=4 {
            let address = if id == 1 { 0x1100 } else { 0x2000 + id };
            profile.location.push(Location { id, mapping_id: 1, address, ..Location::default() });
        }
        for caller in 2..=4 {
            let sample = Sample { location_id: vec![1, caller], value: vec![bytes * caller as i64], label: Vec::new() };
            profile.sample.push(sample);
        }
        profile
    };
    let folder = folder("one-address", &[("a.pprof", dump(1000)), ("b.pprof", dump(3000))]);
    let (_, found) = json(&folder, "--json a.pprof b.pprof");
    assert!(codes(&found).contains(&"one_address"), "{:?}", codes(&found));
    assert!(codes(&found).contains(&"no_symbols"));
}

#[test]
fn an_encoder_that_leaves_out_what_google_pprof_writes_is_read_with_a_note() {
    // As of .NET: the unit of a column is numbered before its type, and nothing follows the period.
    let mut profile = Profile::with_types(&[]);
    let (bytes, space) = (profile.string("bytes"), profile.string("inuse_space"));
    let (count, objects) = (profile.string("count"), profile.string("inuse_objects"));
    profile.sample_type = vec![ValueType { kind: space, unit: bytes }, ValueType { kind: objects, unit: count }];
    profile.period_type = Some(ValueType { kind: space, unit: bytes });
    profile.time_nanos = 0;
    let name = profile.string("App!Cache.Add");
    profile.function.push(Function { id: 1, name, ..Function::default() });
    let location_id = (0..4).map(|_| profile.location(&[("App!Cache.Add", "", 0, 0)])).collect();
    profile.sample.push(Sample { location_id, value: vec![4096, 4], label: Vec::new() });
    let mut raw = profile.encode(Layout::Pprof);
    // The default_sample_type of 0.
    raw.truncate(raw.len() - 2);
    let folder = folder("unproven", &[]);
    fs::write(folder.join("a.pb"), &raw).unwrap();
    let (_, found) = json(&folder, "--json a.pb a.pb");
    assert_eq!(codes(&found).iter().filter(|code| **code == "end_unproven").count(), 2, "{:?}", codes(&found));
    // Cut within the strings it ends too early.
    let strings = raw.windows(13).position(|window| window == b"App!Cache.Add").unwrap();
    for len in [strings, strings + 13, raw.len() - 1] {
        fs::write(folder.join("cut.pb"), &raw[..len]).unwrap();
        let ran = heapdiff(&folder, "cut.pb cut.pb");
        assert!(ran.exit == 2 || len == strings + 13, "{len}: {}", ran.stdout);
    }
    fs::write(folder.join("a.pb"), gzip(&raw)).unwrap();
    assert!(!codes(&json(&folder, "--json a.pb a.pb").1).contains(&"end_unproven"));
}

#[test]
fn what_a_period_counts_may_have_the_name_of_the_column() {
    let dump = |kind: &str| {
        let mut profile = made(&[("main.main", KIB, 40, 40)]);
        profile.period_type = Some(ValueType { kind: profile.string(kind), unit: profile.string("bytes") });
        profile
    };
    for kind in ["space", "inuse_space"] {
        let folder = folder("period", &[("a.pb", dump(kind)), ("b.pb", made(&[("main.main", KIB, 90, 90)]))]);
        let (_, found) = json(&folder, "--json a.pb b.pb");
        assert_eq!(found["sites"][0]["evidence"]["verdict"], "grew", "{kind}");
    }
}

#[test]
fn values_below_0_are_neither_new_nor_a_percentage() {
    let (base, current) = (
        made(&[("main.back", KIB, -30, 0), ("main.less", KIB, 0, 0)]),
        made(&[("main.back", KIB, 0, 1), ("main.less", KIB, -9, 0)]),
    );
    let folder = folder("negative", &[("a.pb", base), ("b.pb", current)]);
    let (exit, found) = json(&folder, "check --json a.pb b.pb");
    assert_eq!(exit, 2);
    assert_eq!(found["totals"]["inuse_space"]["ratio"], Value::Null);
    let changes: Vec<_> =
        found["sites"].as_array().unwrap().iter().map(|site| (&site["function"], &site["change"])).collect();
    assert_eq!(
        format!("{changes:?}"),
        r#"[(String("main.back"), String("grew")), (String("main.less"), String("shrank"))]"#
    );
    let shown = heapdiff(&folder, "--all a.pb b.pb").stdout.replace("\n  ", " ");
    assert!(!shown.contains("%)") && shown.contains("written by a Go version that miscounts"), "{shown}");
}

#[test]
fn one_test_binary_in_two_temporary_folders_is_one_program() {
    let binary = |folder: &str, time: &str| {
        let path = format!(r"C:\Users\devel\AppData\Local\Temp\{folder}\b001\shortener.test.exe");
        allocs(&[("a.f", KIB, 4, 40)], &path, &format!("{path}{time} MSK"))
    };
    let folder = folder(
        "windows",
        &[
            ("a.pb", binary("go-build1112186326", "2025-08-08 16:14:08")),
            ("b.pb", binary("go-build2250240554", "2025-08-08 16:21:34")),
        ],
    );
    assert_eq!(codes(&json(&folder, "--json a.pb b.pb").1), ["allocation_compared", "no_growth"]);
}

#[test]
fn text_of_powershell_is_read_and_damaged_protobuf_is_named() {
    let folder = folder("powershell", &[]);
    let utf16 = |text: &str| {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<_>>()
    };
    let plain =
        text("3: 960 [3: 961] @ heap/1048576", &["1: 832 [1: 832] @ 0x4441 0x4442", "2: 128 [2: 128] @ 0x4443"], MIB);
    fs::write(folder.join("a.txt"), utf16(&plain.replace('\n', "\r\n"))).unwrap();
    fs::write(folder.join("b.txt"), &plain).unwrap();
    let (_, found) = json(&folder, "--json a.txt b.txt");
    assert_eq!(found["totals"]["inuse_space"]["delta"], 0);
    assert_eq!(found["base"]["format"], "go-text");
    let gzipped: String =
        gzip(&made(&[("main.main", KIB, 1, 1)]).encode(Layout::Go)).iter().map(|&byte| char::from(byte)).collect();
    fs::write(folder.join("a.pb.gz"), utf16(&gzipped)).unwrap();
    let ran = heapdiff(&folder, "a.pb.gz b.txt");
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.contains("PowerShell"), "{}", ran.stderr);
}

#[test]
fn the_leak_is_first_in_every_list() {
    let base = made(&[("runtime.main", 64, 1, 1)]);
    let current = made(&[("runtime.main", 64, 1, 1), ("time.init", 96, 1, 1), ("main.leak", 10 * MIB, 370, 370)]);
    let folder = folder("leak-first", &[("a.pb", base), ("b.pb", current)]);
    let shown = heapdiff(&folder, "a.pb b.pb").stdout;
    let by_objects = heapdiff(&folder, "--sort objects a.pb b.pb").stdout;
    for shown in [shown, by_objects] {
        assert!(shown.starts_with("main.leak grew by "), "{shown}");
        assert!(shown.lines().any(|line| line.starts_with("● 1 ") && line.contains("main.leak")), "{shown}");
    }
    // By value in JSON.
    assert_eq!(json(&folder, "--json --sort objects --by lines a.pb b.pb").1["sites"][0]["function"], "time.init");
}

#[test]
fn labels_of_a_bucket_do_not_hide_allocation() {
    // Other labels than the size of objects.
    let mut profile = allocs(&[("a.f", KIB, 0, 40)], "/a", "");
    let key = profile.string("request");
    profile.sample[0].label.push(Label { key, num: 3, ..Label::default() });
    let folder = folder("labels", &[("a.pb", profile), ("b.pb", allocs(&[("a.f", KIB, 0, 80)], "/b", ""))]);
    assert_eq!(json(&folder, "--json a.pb b.pb").1["sites"][0]["evidence"]["samples_base"], 40);
}
