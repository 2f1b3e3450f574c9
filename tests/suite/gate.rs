//! The gate: on real captures with known ground truth, through every exit code, in every format.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{self, Ran, assert_valid, command, folder, root, run};
use crate::truth::LEAKS;

fn captures() -> std::path::PathBuf {
    root().join("testdata/captures")
}

fn check(folder: &Path, args: &[&str]) -> (i32, Value) {
    let args: Vec<_> = ["check", "--json"].iter().chain(args).copied().collect();
    let ran = run(command(folder, &args), None);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

fn functions(json: &Value) -> Vec<&str> {
    let violations = json["verdict"]["violations"].as_array().unwrap();
    violations.iter().map(|violation| violation["function"].as_str().unwrap_or("the heap")).collect()
}

/// The snapshots of a capture, beginning with `from`.
fn snapshots(capture: &str, from: &str) -> Vec<String> {
    let Ok(entries) = fs::read_dir(captures().join(capture)) else { return Vec::new() };
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with("heap_") && name.as_str() >= from);
    names.sort();
    names
}

#[test]
fn leaks_fail_and_the_true_function_is_named_first() {
    let mut found = 0;
    for (program, truth, follows) in LEAKS {
        for rate in ["rate512k", "rate64k", "rate1"] {
            let capture = format!("{program}/{rate}");
            let names = snapshots(&capture, "heap_01");
            let (Some(first), Some(last)) = (names.first(), names.last()) else { continue };
            let (exit, json) = check(&captures().join(&capture), &[first, last]);
            // 5 of 15 samples of tokenidx's large documents were seen at the default rate.
            if capture == "tokenidx/rate512k" {
                assert_eq!((exit, functions(&json)), (0, vec![]));
                continue;
            }
            let named = functions(&json);
            assert_eq!(exit, 1, "{capture}");
            // No one site of it exceeds the tolerance with confidence.
            if capture == "etcd/rate512k" {
                let most = json["verdict"]["violations"][0]["most_grown"].as_array().unwrap();
                assert_eq!(named, ["the heap"]);
                assert!(truth.contains(&most[0].as_str().unwrap()), "{most:?}");
                continue;
            }
            assert!(truth.contains(&named[0]), "{capture}: {named:?}");
            assert!(named.iter().all(|name| truth.contains(name) || follows.contains(name)), "{capture}: {named:?}");
            assert_eq!(json["sampling"]["same_process"], true, "{capture}");
            found += 1;
        }
    }
    assert!(found >= 20, "{found}");
}

#[test]
fn what_does_not_grow_passes() {
    let mut pairs = 0;
    for (program, settled_from) in [
        ("burstidle", "heap_01"),
        ("steadyjson", "heap_03"),
        ("orders/build_a", "heap_01"),
        ("orders/build_b", "heap_01"),
        ("warmcache", "heap_04"),
    ] {
        for rate in ["rate512k", "rate64k", "rate1"] {
            let capture = format!("{program}/{rate}");
            let names = snapshots(&capture, settled_from);
            for (at, first) in names.iter().enumerate() {
                for last in &names[at + 1..] {
                    let (exit, json) = check(&captures().join(&capture), &[first, last]);
                    assert_eq!((exit, functions(&json)), (0, vec![]), "{capture} {first} {last}");
                    pairs += 1;
                }
            }
        }
    }
    assert!(pairs > 60, "{pairs}");
}

#[test]
fn bloat_does_not_fail_the_object_count_but_a_limit_on_space() {
    for rate in ["rate512k", "rate64k", "rate1"] {
        let folder = captures().join(format!("pricecache/{rate}"));
        // The heap as a whole grew by more than 15 %, which the default rate hardly shows.
        let (exit, json) = check(&folder, &["--total-tolerance", "50%", "heap_01.pb.gz", "heap_06.pb.gz"]);
        assert_eq!((exit, functions(&json)), (0, vec![]), "{rate}");
        let (exit, json) = check(&folder, &["heap_01.pb.gz", "heap_06.pb.gz"]);
        let whole = if rate == "rate512k" { (0, vec![]) } else { (1, vec!["the heap"]) };
        assert_eq!((exit, functions(&json)), whole, "{rate}");
        let (exit, json) = check(&folder, &["--max-site-space", "2MiB", "heap_01.pb.gz", "heap_06.pb.gz"]);
        assert_eq!((exit, functions(&json)[0]), (1, "main.(*instrument).extend"), "{rate}");
    }
}

#[test]
fn a_warm_up_is_growth_whose_shape_two_snapshots_cannot_tell() {
    let folder = captures().join("warmcache/rate512k");
    let (exit, json) = check(&folder, &["heap_01.pb.gz", "heap_06.pb.gz"]);
    assert_eq!((exit, functions(&json)), (1, vec!["main.render"]));
    assert!(json["verdict"]["reasons"][0].as_str().unwrap().contains("warm-up"), "{}", json["verdict"]);
}

#[test]
fn builds_that_only_drift_pass_and_a_new_leak_fails() {
    let orders = captures().join("orders");
    for rate in ["rate512k", "rate64k", "rate1"] {
        let of = |build: &str, snapshot: &str| format!("build_{build}/{rate}/heap_{snapshot}.pb.gz");
        for (build, expected) in [("b", (0, vec![])), ("c", (1, vec!["main.remember"]))] {
            let (exit, json) = check(&orders, &[&of("a", "06"), &of(build, "06")]);
            assert_eq!((exit, functions(&json)), expected, "{build} {rate}");
            assert_eq!(json["sampling"]["same_process"], false);
            let pairs =
                ["--base-pair", &of("a", "01"), &of("a", "06"), "--current-pair", &of(build, "01"), &of(build, "06")];
            let (exit, json) = check(&orders, &pairs);
            assert_eq!((exit, functions(&json)), expected, "growth of {build} {rate}");
        }
    }
    // What leaks in both builds is not new.
    let of = |snapshot: u8| format!("build_c/rate512k/heap_0{snapshot}.pb.gz");
    let pairs = ["--base-pair", &of(0), &of(3), "--current-pair", &of(2), &of(5)];
    assert_eq!(check(&orders, &pairs).0, 0);
    // Nor is anything in the same profiles, which say nothing.
    let pairs = ["--base-pair", &of(0), &of(3), "--current-pair", &of(0), &of(3)];
    let (exit, json) = check(&orders, &pairs);
    assert_eq!(
        (exit, &json["verdict"]["reasons"][0]),
        (2, &"both builds are given the same profiles, so nothing is compared".into())
    );
}

#[test]
fn what_is_gone_again_when_it_settles_does_not_count() {
    let folder = captures().join("sessiond/rate512k");
    let still = check(&folder, &["--settled", "heap_06.pb.gz", "heap_01.pb.gz", "heap_05.pb.gz"]);
    assert_eq!((still.0, functions(&still.1)), (1, vec!["main.(*store).create"]));
    let own = run::folder("gate-settled");
    for (name, objects, time) in [("base.pb", 10, 1), ("peak.pb", 9000, 2), ("gone.pb", 20, 3), ("more.pb", 9900, 3)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos = time;
        profile.live(&[&[("main.keep", "main.go", 10, 12)]], objects, 64 * objects);
        fs::write(own.join(name), profile.encode(Layout::Go)).unwrap();
    }
    for (settled, expected) in [("gone.pb", 0), ("more.pb", 1), ("peak.pb", 2), ("base.pb", 2)] {
        for limit in [&[][..], &["--max-site-objects", "100"], &["--max-total-space", "64KiB"]] {
            let args = [&["--settled", settled][..], limit, &["base.pb", "peak.pb"]].concat();
            let (exit, json) = check(&own, &args);
            assert_eq!(exit, expected, "{args:?}: {}", json["verdict"]);
            assert!(json["verdict"]["reasons"].to_string().contains("settled") || settled == "more.pb", "{json}");
        }
    }
    // A settled profile that cannot be compared with the base shows nothing.
    let args = ["--settled", "../rate64k/heap_06.pb.gz", "heap_01.pb.gz", "heap_05.pb.gz"];
    assert_eq!(check(&folder, &args).0, 2);
}

#[test]
fn what_was_not_looked_at_does_not_pass() {
    let folder = captures().join("sessiond/rate512k");
    let (exit, json) = check(&folder, &["--focus", "nosuchfunction", "heap_01.pb.gz", "heap_06.pb.gz"]);
    assert_eq!((exit, &json["verdict"]["status"]), (2, &Value::from("inconclusive")));
    let own = run::folder("gate-empty");
    fs::write(own.join("empty.pb"), Profile::go().encode(Layout::Go)).unwrap();
    fs::write(own.join("empty-too.pb"), Profile::go().encode(Layout::Go)).unwrap();
    assert_eq!(check(&own, &["empty.pb", "empty-too.pb"]).0, 2);
    let ran = run(command(&folder, &["check", "--update-budget", "/dev/null", "heap_01.pb.gz", "heap_01.pb.gz"]), None);
    assert!(ran.exit == 2 && ran.stderr.contains("no budget was written"), "{}", ran.stderr);
}

#[test]
fn a_budget_holds_objects_and_lines_each() {
    let own = run::folder("gate-budget-objects");
    let write = |name: &str, first: i64, second: i64, size: i64, time: i64| {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos = time;
        for (line, objects) in [(12, first), (15, second)] {
            let sample = profile.live(&[&[("main.keep", "main.go", 10, line)]], objects, size * objects);
            sample.label[0].num = size;
        }
        fs::write(own.join(name), profile.encode(Layout::Go)).unwrap();
    };
    write("base.pb", 10, 10, 64, 1);
    write("today.pb", 9000, 5000, 64, 2);
    write("more.pb", 20_000, 5000, 64, 3);
    let run_in = |args: &[&str]| run(command(&own, args), None).exit;
    for by in ["owner", "lines"] {
        let file = format!("{by}.toml");
        assert_eq!(run_in(&["check", "--by", by, "--update-budget", &file, "base.pb", "today.pb"]), 0);
        assert_eq!(run_in(&["check", "--by", by, "--budget", &file, "base.pb", "today.pb"]), 0);
        assert_eq!(run_in(&["check", "--by", by, "--budget", &file, "base.pb", "more.pb"]), 1);
    }
    let budget = fs::read_to_string(own.join("lines.toml")).unwrap();
    assert!(budget.contains("main.keep +2") && budget.contains("main.keep +5"), "{budget}");
    // The objects exceed the budget, the bytes do not.
    fs::write(own.join("b.toml"), budget.replace("space = \"710KiB\"", "space = \"710MiB\"")).unwrap();
    assert_eq!(run_in(&["check", "--by", "lines", "--budget", "b.toml", "base.pb", "more.pb"]), 1);
}

#[test]
fn limits_are_combined_with_the_evidence() {
    let folder = captures().join("sessiond/rate64k");
    let pair = ["heap_01.pb.gz", "heap_06.pb.gz"];
    let with = |args: &[&str]| check(&folder, &[args, &pair].concat());
    let (exit, json) = with(&["--max-site-space", "1MiB"]);
    assert_eq!((exit, functions(&json)), (1, vec!["main.(*store).create"]));
    let violation = &json["verdict"]["violations"][0];
    assert_eq!((&violation["scope"], &violation["metric"]), (&Value::from("site"), &Value::from("inuse_space")));
    assert_eq!(violation["allowed"], 1 << 20);
    assert!(violation["p_value"].as_f64().unwrap() < 1e-6);
    assert_eq!(with(&["--max-site-space", "100MiB"]).0, 0);
    let (exit, json) = with(&["--max-total-objects", "5%"]);
    assert_eq!((exit, functions(&json)), (1, vec!["the heap"]));
    assert_eq!(with(&["--max-total-objects", "500%", "--max-total-space", "200%"]).0, 0);
    // Growth from nothing exceeds any percentage.
    let tracectx = captures().join("tracectx/rate64k");
    let of_lines = check(&tracectx, &[&["--max-site-objects", "100000%", "--by", "lines"][..], &pair].concat());
    assert_eq!((of_lines.0, functions(&of_lines.1)), (1, vec!["main.enter"]));

    // Noise of a capture in which nothing grew.
    let steady = captures().join("steadyjson/rate512k");
    let noisy = ["heap_03.pb.gz", "heap_06.pb.gz"];
    assert_eq!(check(&steady, &[&["--no-evidence", "--max-site-objects", "1000"][..], &noisy].concat()).0, 1);
    let (exit, json) = check(&steady, &[&["--max-site-objects", "1000"][..], &noisy].concat());
    assert_eq!((exit, &json["verdict"]["status"]), (0, &Value::from("pass")));
    let power = &json["verdict"]["power"][0];
    assert!(power["caught"].as_f64() > Some(1000.0) && power["finest_limit"].as_f64() > Some(1000.0), "{power}");
    let (exit, json) = check(&steady, &[&["--strict", "--max-site-objects", "1000"][..], &noisy].concat());
    assert_eq!((exit, &json["verdict"]["status"]), (2, &Value::from("inconclusive")));
    assert!(json["verdict"]["reasons"][0].as_str().unwrap().contains("may have grown by up to"), "{json}");
}

/// The exit code is the same in every format, even if nobody reads the output.
#[test]
fn every_format_ends_alike() {
    let cases: [(&str, &[&str], i32); 5] = [
        ("steadyjson/rate512k", &["heap_03.pb.gz", "heap_06.pb.gz"], 0),
        ("sessiond/rate512k", &["heap_01.pb.gz", "heap_06.pb.gz"], 1),
        ("sessiond/rate512k", &["heap_06.pb.gz", "heap_01.pb.gz"], 2),
        ("sessiond/rate512k", &["--inconclusive", "pass", "heap_06.pb.gz", "heap_01.pb.gz"], 0),
        ("sessiond/rate512k", &["--inconclusive", "fail", "heap_06.pb.gz", "heap_01.pb.gz"], 1),
    ];
    for (capture, args, expected) in cases {
        let folder = captures().join(capture);
        for format in ["table", "json", "ndjson", "csv", "markdown", "github", "junit"] {
            let args: Vec<_> = ["check", "--format", format].iter().chain(args).copied().collect();
            let ran = run(command(&folder, &args), None);
            assert_eq!(ran.exit, expected, "{args:?}: {}", ran.stderr);
            assert!(!ran.stdout.is_empty(), "{args:?}");
            if format == "ndjson" {
                ran.stdout.lines().for_each(|line| assert_valid(&serde_json::from_str(line).unwrap()));
            }
            #[cfg(unix)]
            assert_eq!(into_closed_pipe(&folder, &args), expected, "{args:?}");
        }
    }
}

/// The exit code of a run whose standard output nobody reads.
#[cfg(unix)]
fn into_closed_pipe(folder: &Path, args: &[&str]) -> i32 {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = command(folder, args);
    command.stdout(writer).stderr(std::process::Stdio::null());
    command.status().unwrap().code().expect("ended by a signal")
}

#[test]
fn a_configuration_rules_from_the_nearest_folder_above() {
    let folder = folder("gate-config");
    let work = folder.join("a/b");
    fs::create_dir_all(&work).unwrap();
    let capture = captures().join("sessiond/rate64k");
    let base = capture.join("heap_01.pb.gz").to_str().unwrap().to_owned();
    let current = capture.join("heap_06.pb.gz").to_str().unwrap().to_owned();
    let run_with = |config: &str, args: &[&str]| -> Ran {
        fs::write(folder.join("heapdiff.toml"), config).unwrap();
        let args: Vec<_> = ["check"].iter().chain(args).copied().chain([&*base, &*current]).collect();
        run(command(&work, &args), None)
    };
    assert_eq!(run_with("", &[]).exit, 1);
    assert_eq!(run_with("[limits]\nsite-space = \"100MiB\"\n", &[]).exit, 0);
    // Flags override the configuration.
    assert_eq!(run_with("[limits]\nsite-space = \"100MiB\"\n", &["--max-site-space", "1MiB"]).exit, 1);
    let allow = "[[allow]]\nfunction = \"main.*\"\nreason = \"known\"\n";
    assert_eq!(run_with(allow, &[]).exit, 0);
    assert_eq!(run_with(&format!("{allow}until = 2999-12-31\n"), &[]).exit, 0);
    assert_eq!(run_with(&format!("{allow}space = \"1MiB\"\n"), &[]).exit, 1);
    for (config, place, message) in [
        ("[limits]\nsite-spaces = 1\n", "heapdiff.toml:2:1", "site-spaces"),
        ("[[allow]]\nfunction = \"f\"\n", "heapdiff.toml:1:1", "reason"),
        ("[limits]\nsite-space = \"much\"\n", "heapdiff.toml:2:14", "64KiB"),
        ("own = 3\n", "heapdiff.toml:1:7", "array"),
    ] {
        let ran = run_with(config, &[]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{config}");
        assert!(ran.stderr.contains(place) && ran.stderr.contains(message), "{config}: {}", ran.stderr);
    }
    // All that is wrong with allowances, beside the verdict.
    let ended = format!("strict = true\n{allow}until = 2020-01-01\n[[allow]]\nfunction = \"nope\"\nreason = \"r\"\n");
    let ran = run_with(&ended, &[]);
    assert_eq!(ran.exit, 2, "{}", ran.stderr);
    assert!(ran.stdout.starts_with("FAIL: ") && ran.stderr.contains("(heapdiff.toml:2) ended on 2020-01-01"));
    assert!(ran.stderr.contains("the allowance for nope (heapdiff.toml:6) matches nothing"), "{}", ran.stderr);
    let ran = run_with("", &["--config", "missing.toml"]);
    assert!(ran.exit == 2 && ran.stderr.contains("missing.toml"), "{}", ran.stderr);
}

#[test]
fn own_packages_can_be_named() {
    let folder = folder("gate-own");
    let capture = captures().join("etcd/rate512k");
    let [base, current] =
        ["heap_01.pb.gz", "heap_06.pb.gz"].map(|name| capture.join(name).to_str().unwrap().to_owned());
    fs::write(folder.join("own.toml"), "own = [\"go.etcd.io/etcd/etcdserver\"]\n").unwrap();
    let (exit, json) = check(&folder, &["--config", "own.toml", &base, &current]);
    assert_eq!(exit, 1);
    let named = functions(&json);
    assert!(named[0].starts_with("go.etcd.io/etcd/etcdserver"), "{named:?}");
}

#[test]
fn a_budget_holds_what_grows_today() {
    let folder = folder("gate-budget");
    let path = |snapshot: &str| captures().join("sessiond/rate64k").join(snapshot).to_str().unwrap().to_owned();
    let (base, middle, current) = (path("heap_01.pb.gz"), path("heap_03.pb.gz"), path("heap_06.pb.gz"));
    let run_in = |args: &[&str]| run(command(&folder, args), None);
    assert_eq!(run_in(&["check", &base, &current]).exit, 1);
    let made = run_in(&["check", "--update-budget", "today.toml", &base, &current]);
    let said = "today.toml: added: main.(*store).create. Give each line its reason; --budget today.toml makes a check \
                accept it\n";
    assert_eq!((made.exit, made.stdout.as_str(), made.stderr.as_str()), (0, "", said));
    let budget = fs::read_to_string(folder.join("today.toml")).unwrap();
    assert!(budget.contains("main.(*store).create") && budget.contains("granularity = \"owner\""), "{budget}");
    let ran = run_in(&["check", "--budget", "today.toml", &base, &current]);
    assert!(ran.exit == 0 && ran.stdout.contains("allowed by the budget: main.(*store).create +"), "{}", ran.stdout);
    // Another run of the same changes nothing, nor does an earlier one that grew less.
    for current in [&current, &middle] {
        let again = run_in(&["check", "--update-budget", "today.toml", &base, current]);
        assert_eq!((again.exit, again.stderr.as_str()), (0, "today.toml: nothing changed\n"));
        assert_eq!(fs::read_to_string(folder.join("today.toml")).unwrap(), budget);
    }
    // The budget allows less growth than there is now.
    assert_eq!(run_in(&["check", "--update-budget", "less.toml", &base, &middle]).exit, 0);
    let ran = run_in(&["check", "--budget", "less.toml", &base, &current]);
    assert!(ran.exit == 1 && ran.stdout.contains("budget"), "{}", ran.stdout);
    let ran = run_in(&["check", "--by", "lines", "--budget", "today.toml", &base, &current]);
    assert!(ran.exit == 2 && ran.stderr.contains("by owner"), "{}", ran.stderr);
}

#[test]
fn an_annotation_points_at_the_file_in_the_checkout() {
    let folder = folder("gate-github");
    fs::create_dir_all(folder.join("cmd/sub")).unwrap();
    fs::write(folder.join("go.mod"), "module example.test/svc\n\ngo 1.27\n").unwrap();
    fs::create_dir_all(folder.join("sessiond")).unwrap();
    fs::write(folder.join("sessiond/main.go"), "package main\n").unwrap();
    let path = |snapshot: &str| captures().join("sessiond/rate512k").join(snapshot).to_str().unwrap().to_owned();
    let (base, current) = (path("heap_01.pb.gz"), path("heap_06.pb.gz"));
    let args = ["check", "--format", "github", &base, &current];
    let ran = run(command(&folder, &args), None);
    assert!(ran.stdout.starts_with("::error file=sessiond/main.go,line=58,title="), "{}", ran.stdout);
    let mut below = command(&folder.join("cmd/sub"), &args);
    below.env("GITHUB_WORKSPACE", &folder);
    let ran = run(below, None);
    assert!(ran.stdout.starts_with("::error file=sessiond/main.go,line=58,title="), "{}", ran.stdout);
}

#[test]
fn an_annotation_finds_the_first_caller_in_the_checkout() {
    let folder = folder("gate-github-callers");
    fs::write(folder.join("go.mod"), "module example.com/app\n").unwrap();
    fs::create_dir(folder.join("srv")).unwrap();
    fs::write(folder.join("srv/h.go"), "package srv\n").unwrap();
    let stack: &[&[(&str, &str, i64, i64)]] = &[
        &[("bytes.growSlice", "bytes/buffer.go", 200, 220)],
        &[("github.com/dep/lib.Get[go.shape.int]", "github.com/dep/lib@v1.2.3/lib.go", 5, 9)],
        &[("example.com/app/srv.Handle", "example.com/app/srv/h.go", 40, 44)],
        &[("main.main", "example.com/app/main.go", 1, 3)],
    ];
    for (name, objects, time) in [("base.pb", 10, 1), ("current.pb", 9000, 2)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos = time;
        profile.live(stack, objects, 64 * objects);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let ran = run(command(&folder, &["check", "--format", "github", "base.pb", "current.pb"]), None);
    assert_eq!(ran.exit, 1);
    assert!(ran.stdout.starts_with("::error file=srv/h.go,line=44,title="), "{}", ran.stdout);
    assert!(ran.stdout.contains("github.com/dep/lib.Get[...]"), "{}", ran.stdout);
}

#[test]
fn calibrated_limits_hold_in_the_runs_they_come_from() {
    let folder = folder("gate-calibrate");
    let names = snapshots("steadyjson/rate512k", "heap_03");
    let capture = captures().join("steadyjson/rate512k");
    let paths: Vec<_> = names.iter().map(|name| capture.join(name).to_str().unwrap().to_owned()).collect();
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    assert!(paths.len() >= 3);
    let ran = run(command(&folder, &[&["calibrate", "-o", "heapdiff.toml"][..], &paths].concat()), None);
    assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let config = fs::read_to_string(folder.join("heapdiff.toml")).unwrap();
    // What such profiles cannot hold is not proposed.
    for name in ["site-objects", "site-space", "total-objects", "total-space"] {
        let is_proposed = config.contains(&format!("\n{name} = "));
        assert!(is_proposed != config.contains(&format!("\n# no {name}: ")), "{config}");
        assert!(config.contains(" misses growth of ") || config.contains(" would miss growth of "), "{config}");
    }
    for (at, base) in paths.iter().enumerate() {
        for current in &paths[at + 1..] {
            let ran = run(command(&folder, &["check", base, current]), None);
            assert_eq!(ran.exit, 0, "{}{config}", ran.stdout);
        }
    }
    for few in 1..3 {
        let ran = run(command(&folder, &[&["calibrate"][..], &paths[..few]].concat()), None);
        assert!(ran.exit == 2 && ran.stderr.contains("too few to show natural variation"), "{}", ran.stderr);
    }
}

#[test]
fn what_cannot_be_compared_is_inconclusive() {
    let sessiond = captures().join("sessiond");
    let reason = |args: &[&str]| {
        let (exit, json) = check(&sessiond, args);
        assert_eq!((exit, &json["verdict"]["status"]), (2, &Value::from("inconclusive")), "{args:?}");
        json["verdict"]["reasons"][0].as_str().unwrap().to_owned()
    };
    assert!(reason(&["rate512k/heap_01.pb.gz", "rate512k/heap_01.pb.gz"]).contains("the same profile"));
    assert!(reason(&["rate512k/heap_06.pb.gz", "rate512k/heap_01.pb.gz"]).contains("swapped"));
    assert!(
        reason(&["rate512k/heap_01.pb.gz", "rate64k/heap_06.pb.gz"]).starts_with("sampling rates differ (524288 and ")
    );
}
