//! Series of profiles: real captures with known ground truth, odd series, and exit codes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{assert_valid, command, folder, root, run};
use crate::truth::LEAKS;

fn captures() -> PathBuf {
    root().join("testdata/captures")
}

/// The exit code and the document of a run.
fn trend(folder: &Path, args: &[&str]) -> (i32, Value) {
    let args: Vec<_> = ["trend", "--json"].iter().chain(args).copied().collect();
    let ran = run(command(folder, &args), None);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

/// Its exit code and message.
fn error(folder: &Path, args: &[&str]) -> (i32, String) {
    let ran = run(command(folder, &[&["trend"], args].concat()), None);
    assert_eq!(ran.stdout, "", "{args:?}");
    (ran.exit, ran.stderr)
}

fn with_trend<'j>(json: &'j Value, trend: &str) -> Vec<&'j str> {
    let sites = json["sites"].as_array().unwrap().iter().filter(|site| site["trend"] == trend);
    sites.map(|site| site["function"].as_str().unwrap()).collect()
}

fn note<'j>(json: &'j Value, code: &str) -> Option<&'j Value> {
    json["notes"].as_array().unwrap().iter().find(|note| note["code"] == code)
}

/// The heap profiles of a capture, in time order.
fn snapshots(capture: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(captures().join(capture)) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("heap_"));
    names.sort();
    names
}

const RATES: [&str; 3] = ["rate512k", "rate64k", "rate1"];

/// Runs over every capture of a program that has three snapshots: alone, and with the exact totals of the program.
fn each(program: &str, mut look: impl FnMut(&str, bool, &Value)) -> usize {
    let mut runs = 0;
    for rate in RATES {
        let capture = format!("{program}/{rate}");
        let names = snapshots(&capture);
        if names.len() < 3 {
            continue;
        }
        let totals = format!("testdata/memstats/series/{}-{rate}.jsonl", program.replace('/', "-"));
        let totals = root().join(totals).to_str().unwrap().to_owned();
        for exact in [&[][..], &["--memstats", &totals]] {
            let names: Vec<_> = names.iter().map(String::as_str).collect();
            let (exit, json) = trend(&captures().join(&capture), &[exact, &names].concat());
            assert_eq!(exit, 0, "{capture}");
            assert_eq!(json["process"].is_null(), exact.is_empty(), "{capture}");
            look(rate, !exact.is_empty(), &json);
            runs += 1;
        }
    }
    runs
}

/// The sites that may keep growing, the best first, if no site is known to.
fn candidates(json: &Value) -> Vec<&str> {
    let named = note(json, "no_site_stands_out").map(|note| note["data"]["candidates"].as_array().unwrap());
    named.into_iter().flatten().map(|name| name.as_str().unwrap()).collect()
}

#[test]
fn the_function_that_leaks_is_named() {
    let (mut runs, mut leaks) = (0, [0, 0]);
    for (program, truth, follows) in LEAKS {
        runs += each(program, |rate, is_exact, json| {
            let (named, candidates) = (with_trend(json, "leak"), candidates(json));
            let what = format!("{program} {rate} {is_exact}: {named:?} {candidates:?}");
            assert!(named.iter().all(|name| truth.contains(name) || follows.contains(name)), "{what}");
            leaks[usize::from(is_exact)] += usize::from(!named.is_empty());
            match (program, rate, is_exact) {
                // 5 of 15 samples of its large documents were seen: no site is significant, but the totals are.
                ("tokenidx", "rate512k", false) => assert!(named.is_empty() && candidates.is_empty(), "{what}"),
                // 12 samples, of which most happen to be early ones.
                ("auditd", "rate512k", false) => assert_eq!(with_trend(json, "warm_up"), truth, "{what}"),
                _ => {
                    let first = named.first().or(candidates.first());
                    assert!(first.is_some_and(|name| truth.contains(name)), "{what}");
                }
            }
            if is_exact {
                assert_eq!(json["process"], "growing", "{what}");
            }
            let alone = note(json, "samples_alone").is_some();
            assert_eq!(alone, !is_exact && !named.is_empty(), "{what}");
        });
    }
    assert_eq!(runs, 28);
    // Samples alone, in seven snapshots or fewer, seldom tell whether a site is still growing.
    assert_eq!(leaks, [1, 12]);
}

#[test]
fn what_does_not_grow_and_what_warms_up_is_no_leak() {
    let mut runs = 0;
    for program in ["burstidle", "steadyjson", "orders/build_a", "orders/build_b", "warmcache"] {
        runs += each(program, |rate, is_exact, json| {
            let what = format!("{program} {rate} {is_exact}");
            assert_eq!(with_trend(json, "leak"), [""; 0], "{what}");
            assert_eq!(with_trend(json, "bloat"), [""; 0], "{what}");
            if program == "warmcache" {
                assert_eq!(with_trend(json, "grew_unclear")[0], "main.render", "{what}");
                assert!(!is_exact || json["process"] == "decelerating", "{what}");
                assert!(!is_exact || candidates(json).is_empty(), "{what}");
            } else {
                assert!(with_trend(json, "grew_unclear").is_empty() && candidates(json).is_empty(), "{what}");
                assert!(!is_exact || json["process"] == "flat", "{what}");
            }
        });
    }
    assert_eq!(runs, 18);
}

/// The totals of another program, which grows, but with garbage in them: what they only estimate decides nothing.
#[test]
fn totals_with_garbage_do_not_overrule_the_samples() {
    let totals = root().join("testdata/memstats/unforced").to_str().unwrap().to_owned();
    for (program, leaks) in [("sessiond", &["main.(*store).create"][..]), ("steadyjson", &[])] {
        let capture = format!("{program}/rate512k");
        let names = snapshots(&capture);
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let (_, with) = trend(&captures().join(&capture), &[&["--memstats", &totals], &names[..]].concat());
        assert_eq!((with["process"].clone(), with_trend(&with, "leak")), (Value::Null, leaks.to_vec()), "{program}");
        assert!(note(&with, "no_totals").is_some(), "{program}");
    }
}

#[test]
fn what_gets_larger_is_the_first_candidate() {
    let runs = each("pricecache", |rate, is_exact, json| {
        let what = format!("{rate} {is_exact}");
        assert_eq!(with_trend(json, "leak"), [""; 0], "{what}");
        assert_eq!(candidates(json), ["main.(*instrument).extend"], "{what}");
        assert_eq!(json["sites"][0]["growth"], "size", "{what}");
        let large = if is_exact || rate == "rate512k" { "grew_large" } else { "grew_unclear" };
        assert_eq!(json["sites"][0]["trend"], large, "{what}");
    });
    assert_eq!(runs, 4);
}

/// Four profiles that count every object: a steady site, one that may keep growing, and one with ever more connections.
fn counted(name: &str, growth: i64) -> PathBuf {
    let own = folder(name);
    for at in 0..6 {
        let mut profile = Profile::go();
        (profile.period, profile.time_nanos) = (1, 1_700_000_000_000_000_000 + 60_000_000_000 * at);
        for (function, size, objects) in
            [("main.hold", 4096, 10_000), ("main.keep", 1024, 10 + growth * at), ("net.dial", 512, 4 + at)]
        {
            let sample = profile.live(&[&[(function, "main.go", 10, 12)]], objects, size * objects);
            sample.label[0].num = size;
        }
        fs::write(own.join(format!("heap_{at}.pb")), profile.encode(Layout::Go)).unwrap();
    }
    own
}

#[test]
fn profiles_that_count_every_object_are_exact_themselves() {
    for (growth, process, leaks) in [(0, "flat", &[][..]), (20, "flat", &[]), (1000, "growing", &["main.keep"])] {
        let own = counted(&format!("trend-counted-{growth}"), growth);
        let (exit, json) = trend(&own, &["--fail-on", "leak", "--limit", "1GiB", "."]);
        assert_eq!(with_trend(&json, "leak"), leaks, "{growth}");
        assert_eq!(json["process"], process, "{growth}");
        assert_eq!(exit, i32::from(!leaks.is_empty()), "{growth}");
        // 1000 objects of a KiB and one of 512 bytes each minute.
        let seconds = (f64::from(1 << 30) - (4096.0 * 10_000.0 + 1024.0 * 5010.0 + 512.0 * 9.0)) / 1_024_512.0 * 60.0;
        match json["reach"]["seconds"].as_f64() {
            Some(found) => assert!(growth == 1000 && (found - seconds).abs() < 1.0, "{found} {seconds}"),
            None => assert!(growth < 1000),
        }
    }
}

#[test]
fn the_order_of_files_does_not_matter() {
    let folder = captures().join("sessiond/rate512k");
    let names = snapshots("sessiond/rate512k");
    let in_order: Vec<_> = names.iter().map(String::as_str).collect();
    let mut out_of_order = in_order.clone();
    out_of_order.swap(1, 5);
    out_of_order.rotate_left(3);
    let (mut sorted, mut plain) = (trend(&folder, &out_of_order).1, trend(&folder, &in_order).1);
    assert_eq!(note(&sorted, "sorted_by_time").map(|note| &note["severity"]), Some(&Value::from("info")));
    assert!(note(&plain, "sorted_by_time").is_none());
    for json in [&mut sorted, &mut plain] {
        json["notes"].take();
    }
    assert_eq!(sorted, plain);
}

#[test]
fn a_series_is_cut_where_the_program_was_restarted() {
    let own = captures().join("sessiond");
    let of = |rate: &str| -> Vec<String> {
        snapshots(&format!("sessiond/{rate}")).iter().map(|name| format!("{rate}/{name}")).collect()
    };
    let time = |files: &[String]| {
        let names: Vec<_> = files.iter().map(String::as_str).collect();
        trend(&own, &names).1["snapshots"][0]["time_nanos"].as_i64().unwrap()
    };
    let mut processes = [of("rate512k"), of("rate64k")];
    processes.sort_by_key(|files| time(files));
    let [earlier, later] = &processes;
    for order in [[earlier, later], [later, earlier]] {
        let names: Vec<_> = order.into_iter().flatten().map(String::as_str).collect();
        let json = trend(&own, &names).1;
        let inputs: Vec<_> = json["snapshots"].as_array().unwrap().iter().map(|seen| &seen["input"]).collect();
        assert_eq!(inputs, later.iter().collect::<Vec<_>>());
        assert_eq!(note(&json, "restarted").unwrap()["data"]["left_out"], earlier.len());
        assert_eq!(candidates(&json)[0], "main.(*store).create");
    }
    // One snapshot is left of the later process.
    let names: Vec<_> = earlier.iter().chain(&later[..1]).map(String::as_str).collect();
    let (exit, message) = error(&own, &names);
    assert_eq!(exit, 2);
    let expected = format!("1 snapshot of one process, after {} of an earlier one: a trend needs three", earlier.len());
    assert!(message.contains(&expected), "{message}");
}

#[test]
fn what_adds_nothing_is_told() {
    let own = captures().join("sessiond/rate512k");
    let mut names = snapshots("sessiond/rate512k");
    let again = own.join(&names[3]).to_str().unwrap().to_owned();
    names.insert(4, again.clone());
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let json = trend(&own, &names).1;
    let idle = note(&json, "no_collection_between").unwrap();
    assert_eq!((&idle["data"]["inputs"], &idle["severity"]), (&Value::from(vec![again]), &Value::from("warning")));
    assert_eq!(with_trend(&json, "leak"), ["main.(*store).create"]);
    // A folder has other profiles in it, too.
    let json = trend(&own, &["."]).1;
    assert_eq!(json["snapshots"].as_array().unwrap().len(), 7);
    assert_eq!(note(&json, "skipped").unwrap()["data"]["inputs"], Value::from(vec!["./goroutine_00.pb.gz"]));
    // A file that is named must be a heap profile.
    let (exit, message) = error(&own, &["heap_00.pb.gz", "goroutine_00.pb.gz", "heap_01.pb.gz", "heap_02.pb.gz"]);
    assert!(exit == 2 && message.contains("goroutine_00.pb.gz"), "{message}");
}

#[test]
fn protobufs_and_texts_of_the_same_snapshots_are_one_series() {
    let texts = root().join("testdata/texts/tracectx/rate512k");
    let json = trend(&texts, &["."]).1;
    let inputs: Vec<_> = json["snapshots"].as_array().unwrap().iter().map(|seen| seen["input"].clone()).collect();
    assert_eq!(inputs, ["00", "02", "04"].map(|at| Value::from(format!("./heap_{at}.pb.gz"))));
    // The totals come from the texts.
    assert_eq!(json["process"], "grew");
    assert!(note(&json, "too_few_snapshots").is_some());
    let files = ["heap_00.txt.gz", "heap_00.pb.gz", "heap_02.txt.gz", "heap_02.pb.gz", "heap_04.pb.gz"];
    let named = trend(&texts, &[&files[..], &["heap_04.txt.gz"]].concat()).1;
    assert_eq!((&named["totals"], &named["sites"]), (&json["totals"], &json["sites"]));
    // Texts alone have the times of their collections.
    let texts = root().join("testdata/memstats/heap");
    let json = trend(&texts, &["--limit", "1GiB", "."]).1;
    assert_eq!(json["process"], "growing");
    assert_eq!(with_trend(&json, "leak")[0], "main.main.func2");
    assert!(json["window"]["seconds"].as_f64().unwrap() > 0.0);
    assert!(json["reach"]["seconds"].as_f64().unwrap() > 0.0);
}

#[test]
fn totals_that_say_nothing_are_told() {
    let own = captures().join("sessiond/rate512k");
    let totals = fs::read_to_string(root().join("testdata/memstats/series/sessiond-rate512k.jsonl")).unwrap();
    let lines: Vec<_> = totals.lines().collect();
    let files = folder("trend-totals");
    for (name, lines, because) in [
        ("reversed", lines.iter().rev().copied().collect::<Vec<_>>(), "out of order"),
        ("same", vec![lines[3]; 4], "no garbage was collected"),
    ] {
        let path = files.join(name);
        fs::write(&path, lines.join("\n")).unwrap();
        let json = trend(&own, &["--memstats", path.to_str().unwrap(), "."]).1;
        assert!(json["process"].is_null(), "{name}");
        assert!(note(&json, "no_totals").unwrap()["message"].as_str().unwrap().contains(because), "{name}");
        assert_eq!(with_trend(&json, "leak")[0], "main.(*store).create", "{name}");
        let headline = json["headline"].as_str().unwrap();
        let doubt = ", by samples; the heap's own totals cannot confirm it";
        assert!(
            headline.starts_with("Likely leak: main.(*store).create keeps") && headline.contains(doubt),
            "{headline}"
        );
    }
}

#[test]
fn profiles_of_unknown_processes_are_compared_as_those_of_two() {
    let own = folder("trend-native");
    let names = ["a.pb", "b.pb", "c.pb", "d.pb"];
    for (at, name) in (0..).zip(names) {
        let mut profile = Profile::with_types(&["objects/count", "space/bytes"]);
        profile.time_nanos += at;
        profile.live(&[&[("leak(int)", "/src/leak.cc", 0, 7)]], 3 + at, (3 + at) << 20);
        fs::write(own.join(name), profile.encode(Layout::Pprof)).unwrap();
    }
    let json = trend(&own, &names).1;
    assert_eq!(note(&json, "process_unknown").unwrap()["severity"], "warning");
    assert_eq!(json["totals"]["inuse_space"]["series"], Value::from(vec![3 << 20, 4 << 20, 5 << 20, 6 << 20]));
}

#[test]
fn few_snapshots_are_no_leak() {
    let own = captures().join("sessiond/rate64k");
    let three = ["heap_01.pb.gz", "heap_03.pb.gz", "heap_06.pb.gz"];
    let (exit, json) = trend(&own, &[&["--fail-on", "leak"], &three[..]].concat());
    assert_eq!((exit, &json["verdict"]["status"]), (2, &Value::from("inconclusive")));
    assert_eq!(with_trend(&json, "grew_unclear")[0], "main.(*store).create");
    assert_eq!(note(&json, "too_few_snapshots").unwrap()["data"]["snapshots"], 3);
    assert_eq!(json["window"]["first"], 0);
    let (exit, message) = error(&own, &three[..2]);
    assert!(exit == 2 && message.contains("2 snapshots of one process: a trend needs three"), "{message}");
    let (exit, message) = error(&own, &["-", "heap_01.pb.gz", "heap_03.pb.gz"]);
    assert!(exit == 2 && message.contains("reads its snapshots twice"), "{message}");
    let (exit, message) = error(&own, &["http://me:secret@localhost/debug/pprof/heap", three[0], three[1]]);
    assert!(
        exit == 2 && message.ends_with("heapdiff watch http://localhost\n") && !message.contains("secret"),
        "{message}"
    );
}

#[test]
fn a_run_ends_by_what_must_not_be() {
    let cases: [(&str, &str, bool, i32); 16] = [
        ("sessiond/rate512k", "leak", false, 1),
        ("sessiond/rate512k", "warm-up,one-step", false, 0),
        ("sessiond/rate512k", "grew,leak", true, 1),
        ("steadyjson/rate512k", "leak,grew,warm-up,one-step", true, 0),
        ("steadyjson/rate512k", "leak", false, 0),
        // The whole heap is levelling off, whatever its sites do.
        ("warmcache/rate64k", "leak", true, 0),
        ("warmcache/rate64k", "leak,bloat", true, 0),
        ("warmcache/rate64k", "warm-up", true, 1),
        ("warmcache/rate64k", "leak", false, 2),
        ("auditd/rate512k", "warm-up", false, 1),
        // Its objects get larger: no site is known to, but the whole heap is.
        ("pricecache/rate512k", "leak", true, 1),
        ("pricecache/rate512k", "bloat", true, 1),
        ("pricecache/rate512k", "bloat", false, 2),
        ("sessiond/rate512k", "bloat", true, 0),
        // No site is significant, but the totals are.
        ("tokenidx/rate512k", "leak", true, 1),
        ("tokenidx/rate512k", "leak", false, 0),
    ];
    for (capture, fail_on, is_exact, expected) in cases {
        let totals = format!("testdata/memstats/series/{}.jsonl", capture.replace('/', "-"));
        let totals = root().join(totals).to_str().unwrap().to_owned();
        let exact: &[&str] = if is_exact { &["--memstats", &totals] } else { &[] };
        let own = captures().join(capture);
        let (exit, json) = trend(&own, &[&["--fail-on", fail_on], exact, &["."]].concat());
        assert_eq!(exit, expected, "{capture} {fail_on}: {}", json["verdict"]);
        let table = run(command(&own, &[&["trend", "--fail-on", fail_on], exact, &["."]].concat()), None);
        assert_eq!(table.exit, expected, "{capture} {fail_on}");
        let headline = ["PASS: ", "FAIL: ", "INCONCLUSIVE: "][usize::try_from(expected).unwrap()];
        assert!(table.stdout.starts_with(headline), "{}", table.stdout);
    }
}

#[test]
fn when_a_limit_is_reached() {
    let own = captures().join("sessiond/rate512k");
    let totals = root().join("testdata/memstats/series/sessiond-rate512k.jsonl").to_str().unwrap().to_owned();
    for exact in [&[][..], &["--memstats", &totals]] {
        let reach = |limit| trend(&own, &[&["--limit", limit], exact, &["."]].concat()).1["reach"].clone();
        let found = reach("2GiB");
        let [low, seconds, high] =
            ["seconds_low", "seconds", "seconds_high"].map(|field| found[field].as_f64().unwrap());
        // 2 GiB less 37 MiB, at 2.2 MB each 0.118 seconds of the capture, whose samples are a tenth of all.
        assert!(0.0 < low && low <= seconds && seconds <= high, "{found}");
        assert!((60.0..300.0).contains(&seconds), "{found}");
        assert_eq!(found["bytes"], 2u64 << 30);
        assert_eq!(reach("1MiB")["seconds"], 0.0);
    }
    let own = captures().join("steadyjson/rate512k");
    let totals = root().join("testdata/memstats/series/steadyjson-rate512k.jsonl").to_str().unwrap().to_owned();
    let found = trend(&own, &["--limit", "2GiB", "--memstats", &totals, "."]).1["reach"].clone();
    assert!(found["seconds"].is_null() && found["seconds_high"].is_null(), "{found}");
    let (exit, message) = error(&own, &["--limit", "5%", "."]);
    assert!(exit == 2 && message.contains("expected a size such as 2GiB"), "{message}");
}

/// The output of a command at 80 columns.
fn page(args: &[&str]) -> String {
    let mut command = command(root(), args);
    command.env("COLUMNS", "80");
    run(command, None).stdout
}

/// The first paragraph of a table, in one line.
fn first_sentence(table: &str) -> String {
    let lines = table.lines().enumerate().take_while(|(at, line)| *at == 0 || line.starts_with("  "));
    lines.map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_headline_names_goroutines_that_keep_growing_with_their_cause() {
    let headline = |of: &[&str]| {
        let json: Value = serde_json::from_str(&page(&[&["trend", "--json"], of].concat())).unwrap();
        json["headline"].as_str().unwrap().to_owned()
    };
    let files: Vec<_> = (0..5).map(|at| format!("testdata/goroutines/goroutine_{at:02}.pb.gz")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    // Of as many others the first whose cause is known.
    let cause = "24 → 60 HTTP client connections (+12 per snapshot) in http.(*persistConn).readLoop: response bodies not closed?";
    assert_eq!(headline(&files), format!("Leak: {cause} (exact); 8 other functions grow, too."));
    let table = page(&[&["trend"], &files[..]].concat());
    assert!(
        table.contains("\n  heapdiff list --sample-type goroutine 'net/http.(*persistConn).readLoop' testdata/"),
        "{table}"
    );
    // What they wait for, where no cause is known.
    let waits = headline(&[&files[..], &["--focus", "main.wait"]].concat());
    assert_eq!(
        waits,
        "Leak: 24 → 60 goroutines (+12 per snapshot) wait in sync.WaitGroup.Wait in main.wait at main.go:110 (exact)."
    );
    // Beside the heap.
    let heap = headline(&["testdata/goroutines"]);
    assert!(heap.starts_with("Leak: ") && heap.ends_with(&format!(". Goroutine leak: {cause}")), "{heap}");
}

#[test]
fn the_table_opens_with_the_headline_and_ends_with_what_to_do() {
    for (capture, opening, next) in [
        ("sessiond/rate512k", "Leak: main.(*store).create keeps growing by ", "heapdiff list 'main.(*store).create' "),
        ("steadyjson/rate512k", "No growth: ", ""),
        ("warmcache/rate64k", "Grew: ", "heapdiff list "),
        ("auditd/rate512k", "Levelling off: main.(*trail).record grew by ", ""),
    ] {
        let folder = format!("testdata/captures/{capture}");
        let json: Value = serde_json::from_str(&page(&["trend", "--json", &folder])).unwrap();
        let headline = json["headline"].as_str().unwrap();
        let table = page(&["trend", &folder]);
        assert!(headline.starts_with(opening), "{capture}: {headline}");
        assert_eq!(first_sentence(&table), headline, "{capture}");
        let steps = table.split_once("\nNext:\n").map_or("", |(_, steps)| steps);
        let steps: Vec<_> = steps.lines().map(|line| line.strip_prefix("  ").unwrap()).collect();
        assert_eq!(steps.is_empty(), next.is_empty(), "{capture}: {table}");
        assert!(steps.first().is_none_or(|step| step.starts_with(next)), "{capture}: {table}");
    }
}

#[test]
fn a_series_has_the_same_duration_in_trend_and_memstats() {
    let mut compared = 0;
    for folder in ["stacks", "mmap", "buckets"].map(|name| format!("testdata/memstats/situations/{name}")) {
        let [trend, memstats] = ["trend", "memstats"].map(|command| page(&[command, &folder]));
        let read = |table: &str| {
            let line = table.lines().find(|line| line.contains(" snapshots over ")).map(str::to_owned);
            line.and_then(|line| Some(line.split_once(':')?.0.to_owned()))
        };
        if let Some(read_by_trend) = read(&trend) {
            assert_eq!(Some(read_by_trend), read(&memstats), "{folder}");
            compared += 1;
        }
    }
    assert!(compared >= 2, "{compared}");
}
