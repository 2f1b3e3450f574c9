//! Several runs of each build: made profiles, so that each number is known.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{self, Ran, assert_valid, command, run};

const KIB: i64 = 1 << 10;

/// Writes a profile of a process of its own, in which every object was counted: functions and their KiB.
fn write(folder: &Path, name: &str, made: &[(&'static str, i64)]) {
    let mut profile = Profile::go();
    profile.period = 1;
    // The start of a run comes first, and all have times of their own.
    let [build, run, ..] = name.as_bytes() else { panic!("{name}") };
    profile.time_nanos +=
        1000 * i64::from(*build) + i64::from(*run) + if name.contains("start") { 0 } else { 1_000_000 };
    for &(function, objects) in made {
        let sample = profile.live(&[&[(function, "app/main.go", 10, 12)]], objects, KIB * objects);
        sample.label[0].num = KIB;
    }
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

/// Runs of two builds, `a1.pb` to `a3.pb` and `b1.pb` to `b3.pb`, each with `main.cache` and `main.leak` of the given KiB, and
/// what each began with, `a1-start.pb` and so on.
fn runs(name: &str, base: [[i64; 2]; 3], current: [[i64; 2]; 3]) -> PathBuf {
    let folder = run::folder(name);
    for (build, runs) in [("a", base), ("b", current)] {
        for (at, [cache, leak]) in (1..).zip(runs) {
            let old = ("main.old", 9000 + at);
            write(&folder, &format!("{build}{at}-start.pb"), &[("main.cache", 10), old]);
            write(&folder, &format!("{build}{at}.pb"), &[("main.cache", cache), old, ("main.leak", leak)]);
        }
    }
    folder
}

fn ran(folder: &Path, args: &str) -> Ran {
    run(command(folder, &args.split_whitespace().collect::<Vec<_>>()), None)
}

fn json(folder: &Path, args: &str) -> (i32, Value) {
    let ran = ran(folder, &format!("check --json {args}"));
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

fn functions(json: &Value) -> Vec<&str> {
    let violations = json["verdict"]["violations"].as_array().unwrap();
    violations.iter().map(|violation| violation["function"].as_str().unwrap_or("the heap")).collect()
}

/// The options for pairs of the first runs of both builds.
fn pairs([base, current]: [u32; 2]) -> String {
    let of = |option: &str, build: char, runs| {
        (1..=runs).map(|at| format!(" --{option} {build}{at}-start.pb {build}{at}.pb")).collect::<String>()
    };
    of("base-pair", 'a', base) + &of("current-pair", 'b', current)
}

const SIDES: &str = "--base a1.pb a2.pb a3.pb --current b1.pb b2.pb b3.pb";
/// The cache is larger by 333 KiB, which is what its runs differ by; the leak is in all runs.
const BASE: [[i64; 2]; 3] = [[300, 0], [900, 0], [500, 0]];
const CURRENT: [[i64; 2]; 3] = [[1100, 300], [400, 310], [1200, 290]];

#[test]
fn what_varies_from_run_to_run_passes_and_what_grew_in_all_fails() {
    let folder = runs("runs-vary", BASE, CURRENT);
    for args in [pairs([3, 3]), format!("--per-profile {SIDES}"), SIDES.to_owned()] {
        let (exit, json) = json(&folder, &args);
        assert_eq!((exit, functions(&json)), (1, vec!["main.leak"]), "{args}");
        let runs = &json["verdict"]["runs"];
        assert_eq!((&runs["base"], &runs["current"]), (&3.into(), &3.into()));
        assert_eq!(runs["natural_variation"], "measured");
        let varying: Vec<_> = runs["varying"].as_array().unwrap().iter().map(|site| &site["function"]).collect();
        assert_eq!(varying[..2], ["main.cache", "main.leak"], "{args}");
        let sites = json["sites"].as_array().unwrap();
        let cache = sites.iter().find(|site| site["function"] == "main.cache").unwrap();
        assert_eq!(
            (&cache["evidence"]["natural_variation"], &cache["evidence"]["verdict"]),
            (&true.into(), &"noise".into())
        );
    }
    // One run shows nothing of that.
    let (exit, json) = json(&folder, &pairs([1, 1]));
    assert_eq!((exit, functions(&json)), (1, vec!["main.cache", "main.leak"]));
    assert!(json["verdict"]["runs"].is_null());
}

#[test]
fn numbers_and_limits_of_pairs_are_per_run() {
    let folder = runs("runs-per-run", [[10, 0]; 3], [[10, 100], [10, 100], [10, 100]]);
    for counts in [[1, 1], [2, 2], [3, 3], [3, 1], [1, 2], [2, 3]] {
        let leak = |json: &Value| json["verdict"]["violations"][0]["delta"].clone();
        let (exit, json) = json(&folder, &pairs(counts));
        assert_eq!((exit, leak(&json)), (1, Value::from(100 * KIB)), "{counts:?}");
        let at = |limit: &str| self::json(&folder, &format!("--max-site-space {limit} {}", pairs(counts))).0;
        assert_eq!([at("101KiB"), at("99KiB")], [0, 1], "{counts:?}");
    }
    // Of sides the sum counts, unless they are divided.
    let of = |args: &str| json(&folder, &format!("{args} {SIDES}")).1["verdict"]["violations"][0]["delta"].clone();
    assert_eq!([of(""), of("--per-profile")], [300 * KIB, 100 * KIB]);
}

#[test]
fn every_format_says_what_was_measured() {
    let folder = runs("runs-formats", BASE, CURRENT);
    for format in ["table", "markdown", "github", "junit"] {
        let of = |args: &str| ran(&folder, &format!("check --format {format} {args}")).stdout.replace("\n  ", " ");
        let text = of(&pairs([3, 3]));
        assert!(text.contains("3 + 3 runs are pooled: numbers and limits are per run"), "{text}");
        assert!(text.contains("natural variation measured from 3 + 3 runs: 2 functions vary"), "{text}");
        assert!(text.contains("by its variation from run to run"), "{text}");
        let text = of(&pairs([2, 2]));
        assert!(text.contains("natural variation was not measured: 2 + 2 runs"), "{text}");
        assert!(of(SIDES).contains("sums of 3 + 3 profiles: --per-profile"));
    }
    let csv = ran(&folder, &format!("check --format csv {}", pairs([3, 3])));
    assert!(csv.stderr.contains("natural variation measured"), "{}", csv.stderr);
}

#[test]
fn runs_of_one_process_are_not_runs() {
    let folder = runs("runs-one-process", BASE, CURRENT);
    for (at, live) in (1..).zip([300, 310, 320]) {
        let mut profile = Profile::go();
        (profile.period, profile.time_nanos) = (1, profile.time_nanos + at);
        for function in ["main.a", "main.b", "main.c", "main.d", "main.e", "main.f", "main.g"] {
            let sample = profile.live(&[&[(function, "app/main.go", 10, 12)]], live, KIB * live);
            sample.label[0].num = KIB;
        }
        fs::write(folder.join(format!("same{at}.pb")), profile.encode(Layout::Go)).unwrap();
    }
    let args = "--base same1.pb same2.pb same3.pb --current b1.pb b2.pb b3.pb";
    let (_, json) = json(&folder, args);
    assert_eq!(json["verdict"]["runs"]["natural_variation"], "one_process");
    let text = ran(&folder, &format!("check {args}")).stdout.replace("\n  ", " ");
    assert!(text.contains("profiles 1 and 2 of the base are of one process"), "{text}");
}

#[test]
fn a_run_counts_once_and_is_whole() {
    let folder = runs("runs-errors", BASE, CURRENT);
    for (args, expected) in [
        ("--base-pair a1.pb", "2 values required"),
        ("--base-pair a1-start.pb a1.pb --base-pair a2-start.pb a2.pb", "--current-pair"),
        (
            "--base-pair a1-start.pb a1.pb --base-pair a1-start.pb a1.pb --current-pair b1-start.pb b1.pb",
            "a1-start.pb: the same file twice",
        ),
        (
            "--base-pair a1-start.pb a1.pb --current-pair b1-start.pb b1.pb --current-pair a1-start.pb ./a1.pb",
            "a1-start.pb: the same file twice",
        ),
        ("--base-pair - a1.pb --current-pair - b1.pb", "can be read only once"),
        ("--base-pair . . --base-pair a1-start.pb a1.pb --current-pair b1-start.pb b1.pb", ".: a folder cannot be"),
    ] {
        let ran = ran(&folder, &format!("check {args}"));
        assert!(ran.exit == 2 && ran.stderr.contains(expected), "{args}: {}", ran.stderr);
    }
    let several = pairs([2, 1]);
    let ran = ran(&folder, &format!("check --skip-unreadable {several}"));
    assert!(ran.exit == 2 && ran.stderr.contains("--skip-unreadable"), "{}", ran.stderr);
    // Runs in which everything was counted may be alike.
    let alike = runs("runs-alike", [[10, 0]; 3], [[10, 0]; 3]);
    assert_eq!(json(&alike, &pairs([3, 3])).0, 0);
}
