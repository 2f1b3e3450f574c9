//! Findings: each from inputs made for it, or from captures with known ground truth.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{command, folder, gzip, json, root, run};

/// The findings of a document, by their codes.
fn codes(json: &Value) -> Vec<&str> {
    json["findings"].as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap()).collect()
}

fn finding<'a>(json: &'a Value, code: &str) -> &'a Value {
    let found = json["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == code);
    found.unwrap_or_else(|| panic!("{code} is not among {:#}", json["findings"]))
}

/// A sample: function, bytes of an object, live objects, objects ever allocated.
type Made = (&'static str, i64, i64, i64);

/// A profile of one process. With a `period` of 1 every object is counted.
fn made(samples: &[Made], period: i64, later: i64) -> Profile {
    let mut profile = Profile::go();
    profile.period = period;
    profile.time_nanos += later;
    for &(function, size, live, allocated) in samples {
        let sample = profile.live(&[&[(function, "app/main.go", 1, 2)]], live, live * size);
        sample.value[..2].copy_from_slice(&[allocated, allocated * size]);
        sample.label[0].num = size;
    }
    profile
}

/// The diff of two profiles of one process, made of samples too few to show that they are.
fn diff(name: &str, [base, current]: [&[Made]; 2], period: i64) -> Value {
    let folder = folder(&format!("findings-{name}"));
    write(&folder, "a.pb", &made(base, period, 0));
    write(&folder, "b.pb", &made(current, period, 1));
    json(&folder, &["--same-process", "a.pb", "b.pb"])
}

fn write(folder: &Path, name: &str, profile: &Profile) {
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

fn captures(program: &str, files: [&str; 2], more: &[&str]) -> Value {
    let folder = root().join("testdata/captures").join(program);
    let args: Vec<_> = files.iter().chain(more).copied().collect();
    json(&folder, &args)
}

#[test]
fn objects_that_come_and_do_not_go_pile_up() {
    let json = diff("piling", [&[("main.f", 128, 10, 10)], &[("main.f", 128, 2010, 2015)]], 1);
    let data = &finding(&json, "H003")["data"];
    assert_eq!((data["samples_born"].as_i64(), data["samples_died"].as_i64()), (Some(2005), Some(5)), "{data}");
    assert_eq!(data["inuse_space_delta"], 256_000);
    // Most of those that came replaced others.
    let json = diff("replaced", [&[("main.f", 128, 3000, 3000)], &[("main.f", 128, 3800, 7000)]], 1);
    assert!(!codes(&json).contains(&"H003"), "{:?}", codes(&json));
}

#[test]
fn a_diff_in_which_nothing_grew_suggests_nothing() {
    let json = diff("quiet", [&[("main.f", 128, 10, 10)], &[("main.f", 128, 10, 20)]], 1);
    assert_eq!(codes(&json), [""; 0]);
}

#[test]
fn growth_that_chance_does_is_noise_unless_something_is_confirmed() {
    let json = captures("steadyjson/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], &["--by", "owner"]);
    assert_eq!(codes(&json), ["H001"]);
    assert_eq!(finding(&json, "H001")["data"]["site"], "main.parse");
    let json = captures("sessiond/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], &[]);
    assert_eq!(codes(&json), ["H003", "H010"]);
}

#[test]
fn churn_leaves_next_to_nothing() {
    let size = 64 << 20;
    let json = diff("churn", [&[("main.f", size, 1, 1)], &[("main.f", size, 1, 101)]], 524_288);
    assert_eq!(finding(&json, "H004")["data"]["allocated_bytes"], 100 * 524_288);
    let json = diff("kept", [&[("main.f", size, 1, 1)], &[("main.f", size, 101, 101)]], 524_288);
    assert!(!codes(&json).contains(&"H004"), "{:?}", codes(&json));
}

#[test]
fn churn_is_64_samples_of_which_at_most_a_twentieth_is_left() {
    let folder = folder("findings-churn-least");
    let is_churn = |taken: i64, left: &[i64]| {
        let of = |allocated: i64| [("main.f", 64 << 20, 1, allocated)];
        write(&folder, "a.pb", &made(&of(1), 524_288, 0));
        let mut profile = made(&of(1 + taken), 524_288, 1);
        for &space in left {
            let sample = profile.live(&[&[("main.g", "app/main.go", 1, 2)]], 1, space);
            sample.label[0].num = 5 * 524_288;
        }
        write(&folder, "b.pb", &profile);
        codes(&json(&folder, &["--same-process", "a.pb", "b.pb"])).contains(&"H004")
    };
    assert_eq!([is_churn(63, &[]), is_churn(64, &[])], [false, true]);
    // An object of five times the rate, which is sampled with a probability of 99.3 %: a twentieth of 100.7 samples.
    let left = [2_639_223];
    assert_eq!([is_churn(100, &left), is_churn(101, &left)], [false, true]);
}

#[test]
fn sizes_are_many_small_or_fewer_larger() {
    // Too many were freed to say that they pile up.
    let small = diff("small", [&[("main.f", 32, 30_010, 30_010)], &[("main.f", 32, 50_010, 80_020)]], 1);
    assert_eq!(finding(&small, "H005")["data"]["kind"], "many_small");
    let piling = diff("small-piling", [&[("main.f", 32, 10, 10)], &[("main.f", 32, 20_010, 20_010)]], 1);
    assert_eq!(codes(&piling), ["H003", "H010"]);
    let json = captures("pricecache/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], &["--by", "owner"]);
    let larger = finding(&json, "H005");
    assert_eq!(
        (&larger["data"]["kind"], &larger["data"]["site"]),
        (&"larger_objects".into(), &"main.(*instrument).extend".into())
    );
    assert!(!codes(&json).contains(&"H003"));
}

#[test]
fn goroutines_and_the_heap_below_them_are_one_finding() {
    let counts = ["--goroutines", "goroutine_01.pb.gz", "goroutine_06.pb.gz"];
    let json = captures("notifyd/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], &counts);
    let functions = &finding(&json, "H006")["data"]["functions"];
    assert_eq!(functions.as_array().unwrap().len(), 1);
    assert_eq!(functions[0]["function"], "main.deliver.func1");
    assert_eq!((&functions[0]["base"], &functions[0]["current"]), (&171.into(), &924.into()));
    assert!(functions[0]["inuse_space_delta"].as_i64().unwrap() > 7 << 20, "{functions}");
    // In a folder with other things in it, too; and in time order, whatever order they are given in.
    let turned = ["--goroutines", "goroutine_06.pb.gz", "goroutine_01.pb.gz"];
    for more in [&["--goroutines", "."][..], &turned] {
        let again = captures("notifyd/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], more);
        assert_eq!(finding(&again, "H006"), finding(&json, "H006"));
    }
    let trend = run(
        command(&root().join("testdata/captures/notifyd/rate512k"), &["trend", "--json", ".", "--goroutines", "."]),
        None,
    );
    let trend: Value = serde_json::from_str(&trend.stdout).unwrap();
    crate::run::assert_valid(&trend);
    assert_eq!(finding(&trend, "H006")["data"]["functions"][0]["current"], 924);
}

#[test]
fn few_more_goroutines_are_no_finding() {
    let folder = folder("findings-few");
    for (name, counts) in [("a.pb", [5, 205, 205, 0]), ("b.pb", [14, 225, 226, 10])] {
        let mut profile = Profile::with_types(&["goroutine/count"]);
        profile.period_type = Some(profile.sample_type[0].clone());
        profile.period = 1;
        for (function, count) in ["main.few", "main.less", "main.tenth", "main.ten"].into_iter().zip(counts) {
            profile.live(&[&[(function, "app/main.go", 1, 2)]], 0, 0).value = vec![count];
        }
        write(&folder, name, &profile);
    }
    write(&folder, "heap.pb", &made(&[("main.f", 128, 10, 10)], 1, 0));
    write(&folder, "later.pb", &made(&[("main.f", 128, 10, 20)], 1, 1));
    let json = json(&folder, &["heap.pb", "later.pb", "--goroutines", "a.pb", "b.pb"]);
    let functions = finding(&json, "H006")["data"]["functions"].as_array().unwrap().clone();
    let names: Vec<_> = functions.iter().map(|function| &function["function"]).collect();
    assert_eq!(names, ["main.tenth", "main.ten"]);
    assert_eq!(functions[0]["inuse_space_delta"], 0);
}

#[test]
fn threads_that_multiply_are_outside_the_heap() {
    let folder = folder("findings-threads");
    for (name, count) in [("a.pb", 8), ("b.pb", 208)] {
        let mut profile = Profile::with_types(&["threadcreate/count"]);
        profile.period_type = Some(profile.sample_type[0].clone());
        profile.period = 1;
        profile.live(&[&[("main.block", "app/main.go", 1, 2)]], 0, 0).value = vec![count];
        write(&folder, name, &profile);
    }
    write(&folder, "heap.pb", &made(&[("main.f", 128, 10, 10)], 1, 0));
    write(&folder, "later.pb", &made(&[("main.f", 128, 10, 20)], 1, 1));
    let json = json(&folder, &["heap.pb", "later.pb", "--threads", "a.pb", "b.pb"]);
    assert_eq!(codes(&json), ["H008"]);
    assert_eq!(finding(&json, "H008")["data"]["functions"][0]["current"], 208);
}

#[test]
fn the_runtimes_objects_tell_of_goroutines_without_profiles_of_them() {
    let json = diff("malg", [&[("runtime.malg", 448, 10, 10)], &[("runtime.malg", 448, 910, 910)]], 1);
    assert_eq!(finding(&json, "H006")["data"]["inuse_objects_delta"], 900);
    // With such profiles it is still one finding.
    let folder = folder("findings-malg-counted");
    for (name, count, time) in [("a.pb", 10, 0), ("b.pb", 910, 1)] {
        write(&folder, name, &made(&[("runtime.malg", 448, count, count)], 1, time));
        let mut goroutines = Profile::with_types(&["goroutine/count"]);
        goroutines.period_type = Some(goroutines.sample_type[0].clone());
        goroutines.period = 1;
        goroutines.time_nanos += time;
        goroutines.live(&[&[("main.wait", "app/main.go", 1, 2)]], 0, 0).value = vec![count];
        write(&folder, &format!("goroutines-{name}"), &goroutines);
    }
    let json = crate::run::json(&folder, &["a.pb", "b.pb", "--goroutines", "goroutines-a.pb", "goroutines-b.pb"]);
    assert_eq!(codes(&json).iter().filter(|code| **code == "H006").count(), 1);
    assert_eq!(finding(&json, "H006")["data"]["functions"][0]["current"], 910);
}

/// The findings of two texts of notifyd, with some of the runtime's numbers in the second replaced.
fn with_mem_stats(name: &str, numbers: &[(&str, u64)]) -> Value {
    with_base(name, |text| text, numbers)
}

/// As [`with_mem_stats`]; `base` changes the first text.
fn with_base(name: &str, base: impl Fn(String) -> String, numbers: &[(&str, u64)]) -> Value {
    let folder = folder(&format!("findings-{name}"));
    let texts = root().join("testdata/texts/notifyd/rate512k");
    let mut names: Vec<_> = fs::read_dir(&texts).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.to_str().unwrap().contains(".txt"));
    names.sort();
    let read = |path: &Path| {
        let (mut reader, ..) =
            heapdiff::internals::input::inflate(fs::File::open(path).unwrap(), Default::default()).unwrap();
        let mut text = String::new();
        std::io::Read::read_to_string(&mut reader, &mut text).unwrap();
        text
    };
    let changed: String = read(names.last().unwrap())
        .lines()
        .map(|line| {
            let number = numbers.iter().find(|(name, _)| line.starts_with(&format!("# {name} = ")));
            // Used, and of the system.
            let system = |number: &u64| if line.contains(" / ") { format!(" / {number}") } else { String::new() };
            number.map_or_else(|| line.to_owned(), |(name, number)| format!("# {name} = {number}{}", system(number)))
                + "\n"
        })
        .collect();
    fs::write(folder.join("a.txt"), base(read(&names[0]))).unwrap();
    fs::write(folder.join("b.txt.gz"), gzip(changed.as_bytes())).unwrap();
    json(&folder, &["a.txt", "b.txt.gz"])
}

#[test]
fn memory_that_is_not_live_objects_is_told_from_the_runtimes_numbers() {
    const MIB: u64 = 1 << 20;
    let heap = [("HeapAlloc", 8 * MIB), ("HeapSys", 400 * MIB), ("HeapReleased", 0), ("NextGC", 16 * MIB)];
    let is_new = |code: &str, json: &Value| codes(json).contains(&code);
    let plain = with_mem_stats("plain", &[]);
    assert!(["H007", "H008", "H009"].iter().all(|code| !is_new(code, &plain)), "{:?}", codes(&plain));
    let idle = with_mem_stats("idle", &[&heap[..], &[("HeapInuse", 9 * MIB), ("HeapIdle", 391 * MIB)]].concat());
    assert_eq!(finding(&idle, "H007")["data"]["idle_bytes"], 391 * MIB);
    let holes = with_mem_stats("holes", &[&heap[..], &[("HeapInuse", 300 * MIB), ("HeapIdle", 100 * MIB)]].concat());
    assert_eq!(finding(&holes, "H009")["data"]["between_bytes"], 292 * MIB);
    let outside = with_mem_stats("outside", &[("Sys", 60 * MIB), ("MaxRSS", 900 * MIB)]);
    assert_eq!(finding(&outside, "H008")["data"]["last"], 840 * MIB);
    assert_eq!(finding(&outside, "H008")["data"]["measure"], "max_rss");
    // More than 16 MiB more than the first text has.
    for (stacks, expected) in [(557_056 + 16 * MIB, false), (557_056 + 16 * MIB + 1, true)] {
        assert_eq!(is_new("H008", &with_mem_stats("stacks", &[("Stack", stacks)])), expected, "{stacks}");
    }
    // 64 MiB may be the program's code, or a quarter of what the runtime has.
    for (sys, usual) in [(60 * MIB, 124 * MIB), (400 * MIB, 500 * MIB)] {
        for (max_rss, expected) in [(usual, false), (usual + 1, true)] {
            // Without a number for the base, nothing is known to have grown.
            let base = |text: String| text.replace("# MaxRSS", "# NoRSS");
            let json = with_base("outside-usual", base, &[("Sys", sys), ("MaxRSS", max_rss)]);
            assert_eq!(is_new("H008", &json), expected, "{sys} {max_rss}");
        }
    }
}

#[test]
fn who_asked_for_it_is_named_beside_who_allocated() {
    let folder = folder("findings-retainer");
    for (name, live, later) in [("a.pb", 10, 0), ("b.pb", 2010, 1)] {
        let mut profile = made(&[], 1, later);
        let frames: [&[_]; 2] =
            [&[("bytes.growSlice", "bytes/buffer.go", 1, 2)], &[("main.keep", "app/main.go", 1, 2)]];
        profile.live(&frames, live, live * 64);
        write(&folder, name, &profile);
    }
    let json = json(&folder, &["--by", "lines", "a.pb", "b.pb"]);
    let data = &finding(&json, "H010")["data"];
    assert_eq!((&data["site"], &data["owner"]), (&"bytes.growSlice".into(), &"main.keep".into()));
}

#[test]
fn what_cannot_be_compared_says_so_first_and_nothing_of_sites() {
    let stale = diff("stale", [&[("main.f", 128, 10, 10)]; 2], 1);
    assert_eq!(codes(&stale), ["H002"]);
    let negative =
        diff("negative", [&[("main.f", 128, 10, 10)], &[("main.f", 128, 2010, 2010), ("main.g", 128, -3, 3)]], 1);
    assert_eq!(finding(&negative, "H012")["data"]["current_samples"], 1);
    let swapped = captures("sessiond/rate512k", ["heap_06.pb.gz", "heap_01.pb.gz"], &[]);
    assert_eq!(codes(&swapped), ["H011"]);
    assert_eq!(finding(&swapped, "H011")["data"]["notes"][0], "time_reversed");
}

#[test]
fn a_sample_is_negative_in_objects_or_in_space() {
    let folder = folder("findings-negative");
    for (values, expected) in [([-1, 64], true), ([1, -64], true), ([-1, -64], true), ([1, 64], false), ([0, 0], false)]
    {
        write(&folder, "a.pb", &made(&[("main.f", 64, 10, 10)], 1, 0));
        let mut profile = made(&[("main.f", 64, 10, 11), ("main.g", 64, 1, 1)], 1, 1);
        profile.sample[1].value[2..].copy_from_slice(&values);
        write(&folder, "b.pb", &profile);
        let json = json(&folder, &["a.pb", "b.pb"]);
        assert_eq!(codes(&json).contains(&"H012"), expected, "{values:?}");
        if expected {
            assert_eq!(finding(&json, "H012")["data"]["current_samples"], 1, "{values:?}");
        }
    }
}

#[test]
fn the_profilers_own_growth_is_its_own() {
    let json = json(&root().join("testdata/odd"), &["quiet.pb.gz", "profiling.pb.gz"]);
    assert!(finding(&json, "H014")["data"]["percent"].as_i64().unwrap() > 5);
}

/// Whether a growth of 100 bytes, `bytes` of them allocated by `leaf` for `caller`, is said to be the profiler's own.
fn is_the_profilers(leaf: &'static str, caller: &'static str, bytes: i64) -> bool {
    let folder = folder("findings-profiler");
    write(&folder, "a.pb", &made(&[("main.f", 1, 10, 10)], 1, 0));
    let mut profile = made(&[("main.f", 1, 110 - bytes, 110 - bytes)], 1, 1);
    profile.live(&[&[(leaf, "lib/leaf.go", 1, 2)], &[(caller, "lib/caller.go", 1, 2)]], bytes, bytes).label[0].num = 1;
    write(&folder, "b.pb", &profile);
    codes(&json(&folder, &["a.pb", "b.pb"])).contains(&"H014")
}

#[test]
fn the_profiler_is_who_profiles_and_not_who_labels() {
    for caller in ["runtime/pprof.StartCPUProfile", "runtime/pprof.(*profileBuilder).build", "net/http/pprof.Profile"] {
        assert!(is_the_profilers("bytes.growSlice", caller, 50), "{caller}");
        assert!(is_the_profilers(caller, "main.main", 50), "{caller}");
        assert!(!is_the_profilers("main.work", caller, 50), "{caller}");
    }
    for caller in [
        "runtime/pprof.Do",
        "runtime/pprof.Do.func1",
        "runtime/pprof.WithLabels",
        "runtime/pprof.Labels",
        "runtime/pprof.SetGoroutineLabels",
        "runtime/pprof.ForLabels",
    ] {
        assert!(!is_the_profilers("bytes.growSlice", caller, 50), "{caller}");
    }
    assert!(!is_the_profilers("bytes.growSlice", "main.main", 50));
    // From a twentieth of the growth on.
    assert_eq!(
        [4, 5].map(|bytes| is_the_profilers("bytes.growSlice", "runtime/pprof.writeHeap", bytes)),
        [false, true]
    );
}

#[test]
fn a_trend_tells_a_warm_up_and_idle_memory() {
    for (program, code) in [("warmcache", "H013"), ("burstidle", "H007")] {
        let series = format!("../memstats/series/{program}-rate512k.jsonl");
        let args = ["trend", "--json", "--memstats", &series, &format!("{program}/rate512k")];
        let ran = run(command(&root().join("testdata/captures"), &args), None);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        let json: Value = serde_json::from_str(&ran.stdout).unwrap();
        crate::run::assert_valid(&json);
        assert!(codes(&json).contains(&code), "{program}: {:?}", codes(&json));
        assert!(!codes(&json).contains(&"H003"), "{program}: {:?}", codes(&json));
    }
}

#[test]
fn findings_say_what_they_do_not_prove_and_what_to_do_next() {
    let json = captures("sessiond/rate512k", ["heap_01.pb.gz", "heap_06.pb.gz"], &[]);
    for finding in json["findings"].as_array().unwrap() {
        for field in ["title", "message", "does_not_prove", "next"] {
            assert!(finding[field].as_str().is_some_and(|text| text.len() > 5), "{field} of {finding:#}");
        }
        let page = run(command(root(), &["explain", finding["code"].as_str().unwrap()]), None);
        let flat = page.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(finding["does_not_prove"].as_str().unwrap()), "{flat}");
    }
}

fn keeps(files: [&str; 2], more: &[&str]) -> Value {
    let args: Vec<_> = files.iter().chain(more).copied().collect();
    json(&root().join("testdata/keeps"), &args)
}

#[test]
fn a_map_that_was_emptied_keeps_its_tables() {
    for by in ["owner", "lines"] {
        let json = keeps(["map_0.pb.gz", "map_1.pb.gz"], &["--by", by]);
        let found = finding(&json, "H005");
        assert_eq!((&found["data"]["kind"], &found["data"]["site"]), (&"map_tables".into(), &"main.fill".into()));
        assert_eq!(found["data"]["map_table_bytes"], 48 << 10);
        assert!(found["next"].as_str().unwrap().contains("if they are a map's tables, "), "{found}");
        assert!(!codes(&json).contains(&"H003"));
        // Of one process: that it piles up is known, too, and nobody is sent to add what is there.
        let json = keeps(["map_0.pb.gz", "map_1.pb.gz"], &["--by", by, "--same-process"]);
        let found = finding(&json, "H003");
        // The size alone does not show a map.
        assert!(found["next"].as_str().unwrap().starts_with("find what should remove them; to tell a leak"), "{found}");
        let hint = "objects of 48.0 KiB (tables of a map can be that large, and stay when its entries are deleted)";
        assert!(found["message"].as_str().unwrap().contains(hint), "{found}");
    }
}

#[test]
fn bodies_that_are_not_closed_are_connections_of_a_client() {
    let files = ["bodies_0.pb.gz", "bodies_1.pb.gz"];
    let json = keeps(files, &["--by", "owner"]);
    let found = finding(&json, "H003");
    assert_eq!(found["data"]["site"], "net/http.(*Transport).dialConnFor");
    assert!(found["next"].as_str().unwrap().contains("response bodies that are not closed"), "{found}");
    let goroutines = finding(&json, "H006");
    assert!(goroutines["message"].as_str().unwrap().contains("more goroutines were alive at once"), "{goroutines}");
    assert!(goroutines["next"].as_str().unwrap().contains("--goroutines"), "{goroutines}");
    // By line the allocator is a helper, and its owner is named.
    let json = keeps(files, &["--by", "lines"]);
    assert_eq!(finding(&json, "H003")["data"]["owner"], "net/http.(*Transport).dialConnFor");
    // What was given is not asked for.
    let given = ["--by", "owner", "--goroutines", "bodies_goroutine_0.pb.gz", "bodies_goroutine_1.pb.gz"];
    let json = keeps(files, &given);
    assert!(
        json["findings"]
            .as_array()
            .unwrap()
            .iter()
            .all(|finding| { !finding["next"].as_str().unwrap().contains("--goroutines") })
    );
    for site in json["sites"].as_array().unwrap() {
        let name = site["function"].as_str().unwrap();
        assert!(!["bufio.", "runtime."].iter().any(|library| name.starts_with(library)), "{name}");
    }
}

#[test]
fn negative_values_are_a_difference_or_a_bug() {
    let json = diff("negative-both", [&[("main.f", 64, -10, 10)], &[("main.f", 64, -20, 20)]], 1);
    let found = finding(&json, "H012");
    let message = found["message"].as_str().unwrap();
    assert!(message.contains("differences") && message.contains("bug"), "{message}");
}

#[test]
fn a_flat_heap_beside_memory_that_grew_is_a_finding() {
    const MIB: u64 = 1 << 20;
    let stacks = with_mem_stats("flat-stacks", &[("Stack", 300 * MIB), ("Sys", 330 * MIB)]);
    let found = finding(&stacks, "H008");
    assert_eq!(found["data"]["kind"], "stacks");
    assert!(found["message"].as_str().unwrap().contains("of goroutine stacks"), "{found}");
    let table = with_mem_stats("flat-table", &[("BuckHashSys", 200 * MIB), ("Sys", 230 * MIB)]);
    let found = finding(&table, "H014");
    assert_eq!(found["data"]["kind"], "profiler_buckets");
    assert!(found["next"].as_str().unwrap().contains("MemProfileRate=1"), "{found}");
}
