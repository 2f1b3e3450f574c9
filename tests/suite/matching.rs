//! Two builds whose functions have other names: what is one passes, what grew fails, and users are told.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::proto::{Layout, Profile};
use crate::run::{Ran, assert_valid, command, folder, run};

/// A function that keeps things, at a line of its file, and by how much it keeps more than usual.
type Keeper = (&'static str, i64, i64);

const SEEN: &str = "main.(*dedupe).seen";
const REMEMBER: &str = "main.(*dedupe).remember";

/// A program with such a function, in which every object is counted.
fn program(keeper: Keeper, extra: &[(&'static str, i64, i64)]) -> Vec<u8> {
    as_later_build(profile(keeper, extra))
}

fn profile(keeper: Keeper, extra: &[(&'static str, i64, i64)]) -> Profile {
    let mut profile = Profile::go();
    profile.period = 1;
    let main = ("main.main", "app/main.go", 5, 50);
    let (name, start, factor) = keeper;
    let mut add = |line: (&'static str, &'static str, i64, i64),
                   caller: (&'static str, &'static str, i64, i64),
                   objects: i64,
                   size: i64| {
        let sample = profile.live(&[&[line], &[caller], &[main]], objects, objects * size);
        sample.label[0].num = size;
        // As many died.
        sample.value[0] *= 2;
        sample.value[1] *= 2;
    };
    let handle = ("main.handle", "app/main.go", 100, 107);
    add((name, "app/dedupe.go", start, start + 2), handle, 4000 * factor, 64);
    add((name, "app/dedupe.go", start, start + 3), handle, 1000 * factor, 256);
    add(("main.fill", "app/main.go", 200, 201), handle, 9000, 48);
    for &(name, objects, size) in extra {
        add((name, "app/other.go", size, 2 * size), handle, objects, size);
    }
    profile
}

/// The profile of a build and a process of its own.
fn as_later_build(mut profile: Profile) -> Vec<u8> {
    static BUILDS: AtomicU64 = AtomicU64::new(1);
    let build = BUILDS.fetch_add(1, Ordering::Relaxed);
    profile.time_nanos += build as i64;
    profile.location.iter_mut().for_each(|location| location.address += build << 20);
    profile.encode(Layout::Go)
}

/// A folder with two profiles.
fn sides(name: &str, base: Vec<u8>, current: Vec<u8>) -> PathBuf {
    let folder = folder(&format!("matching-{name}"));
    fs::write(folder.join("a.pb"), base).unwrap();
    fs::write(folder.join("b.pb"), current).unwrap();
    folder
}

fn heapdiff(folder: &std::path::Path, args: &[&str]) -> Ran {
    run(command(folder, &[args, &["a.pb", "b.pb"]].concat()), None)
}

fn check(folder: &std::path::Path, args: &[&str]) -> (i32, Value) {
    let ran = heapdiff(folder, &[&["check", "--json"], args].concat());
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

fn site<'j>(json: &'j Value, function: &str) -> &'j Value {
    let sites = json["sites"].as_array().unwrap();
    sites.iter().find(|site| site["function"] == function).unwrap_or_else(|| panic!("{function}: {json:#}"))
}

fn has_note(json: &Value, code: &str) -> bool {
    json["notes"].as_array().unwrap().iter().any(|note| note["code"] == code)
}

#[test]
fn a_rename_passes_and_every_format_says_so() {
    let folder = sides("rename", program((SEEN, 20, 1), &[]), program((REMEMBER, 25, 1), &[]));
    let (exit, json) = check(&folder, &[]);
    assert_eq!((exit, &json["matching"]), (0, &json!({"pairs": 1, "unpaired_gone": 0, "unpaired_new": 0})));
    let renamed = site(&json, REMEMBER);
    assert_eq!((&renamed["change"], &renamed["inuse_space"]["base"]), (&json!("unchanged"), &json!(512_000)));
    let from = &renamed["renamed_from"][0];
    assert_eq!((&from["function"], &from["how"]), (&json!(SEEN), &json!("evidence")));
    for by in ["owner", "functions", "lines"] {
        let table = heapdiff(&folder, &["diff", "--by", by, "--all"]).stdout;
        assert!(table.contains("renamed from main.(*dedupe).seen"), "{by}: {table}");
        assert!(
            table.contains("1 function matched although renamed or moved (--no-renames turns this off)"),
            "{table}"
        );
    }
    let csv = heapdiff(&folder, &["diff", "--by", "owner", "--format", "csv"]).stdout;
    assert!(csv.lines().any(|line| line.contains(REMEMBER) && line.ends_with(SEEN)), "{csv}");
    let markdown = heapdiff(&folder, &["diff", "--by", "owner", "--all", "--format", "markdown"]).stdout;
    assert!(markdown.contains(r"`main.(*dedupe).remember`<br>renamed from main.(\*dedupe).seen"), "{markdown}");
    let (exit, json) = check(&folder, &["--no-renames"]);
    assert_eq!((exit, &site(&json, REMEMBER)["change"]), (1, &json!("new")));
    assert_eq!(site(&json, REMEMBER)["renamed_from"], Value::Null);
}

#[test]
fn a_rename_excuses_no_growth() {
    for factor in [1, 2, 3, 10] {
        let current = || program((REMEMBER, 25, factor), &[]);
        let renamed = sides(&format!("grows-{factor}"), program((SEEN, 20, 1), &[]), current());
        let same = sides(&format!("same-{factor}"), program((REMEMBER, 20, 1), &[]), current());
        let [(exit, json), (expected_exit, expected)] = [renamed, same].map(|folder| check(&folder, &[]));
        assert_eq!((exit, exit == 1), (expected_exit, factor > 1), "{factor}");
        // The same numbers, under the new name.
        assert_eq!(json["verdict"], expected["verdict"], "{factor}");
        assert_eq!(json["matching"]["pairs"], 1);
    }
}

#[test]
fn a_failure_says_what_the_function_was_or_that_it_is_new() {
    let text = |name: &str, base: Vec<u8>, current: Vec<u8>| {
        let folder = sides(name, base, current);
        ["table", "github", "junit", "markdown"].map(|format| {
            let text = heapdiff(&folder, &["check", "--format", format]).stdout.replace('\\', "");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        })
    };
    let leak = text("leak", program((SEEN, 20, 1), &[]), program((REMEMBER, 25, 9), &[]));
    for text in leak {
        assert!(text.contains("renamed from main.(*dedupe).seen"), "{text}");
    }
    let new = text("new", program((SEEN, 20, 1), &[]), program((SEEN, 20, 1), &[("main.cache", 100, 4096)]));
    for text in new {
        assert!(text.contains("new; no function that is gone matches it"), "{text}");
    }
    let base = program((SEEN, 20, 1), &[("main.old", 3, 512)]);
    for text in text("gone", base, program((SEEN, 20, 1), &[("main.cache", 100, 4096)])) {
        assert!(text.contains("new; gone from the same package"), "{text}");
        assert!(text.contains("main.old"), "{text}");
    }
    let folder = sides("gone-table", program((SEEN, 20, 1), &[("main.old", 3, 512)]), program((SEEN, 20, 2), &[]));
    for by in ["owner", "lines"] {
        let table = heapdiff(&folder, &["diff", "--by", by]).stdout;
        assert!(table.contains("gone: main.old (1.50 KiB)"), "{table}");
    }
}

#[test]
fn lines_of_a_renamed_function_are_not_new() {
    let mut profile = Profile::go();
    profile.period = 1;
    for (line, objects, size) in [(27, 4000, 64), (28, 1000, 256), (31, 10, 512)] {
        let stack: &[&[_]] = &[
            &[(REMEMBER, "app/dedupe.go", 25, line)],
            &[("main.handle", "app/main.go", 100, 107)],
            &[("main.main", "app/main.go", 5, 50)],
        ];
        profile.live(stack, objects, objects * size).label[0].num = size;
    }
    let folder = sides("lines", program((SEEN, 20, 1), &[]), as_later_build(profile));
    let ran = heapdiff(&folder, &["--json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    let line = json["sites"].as_array().unwrap().iter().find(|site| site["line"] == 31).unwrap();
    assert_eq!((&line["change"], &line["renamed_from"][0]["function"]), (&json!("grew"), &json!(SEEN)));
}

#[test]
fn users_may_say_what_was_renamed() {
    // Nothing is alike but what the user knows.
    let base = program((SEEN, 20, 1), &[("e.com/a/store.Put", 90, 4096)]);
    let mut profile = Profile::go();
    profile.period = 1;
    let stack: &[&[_]] = &[&[("e.com/b/keep.Add", "b/keep.go", 70, 99)], &[("main.serve", "app/serve.go", 1, 2)]];
    profile.live(stack, 90, 90 * 4096).label[0].num = 4096;
    let folder = sides("told", base, as_later_build(profile));
    assert_eq!(check(&folder, &[]).0, 1);
    let rename = "e.com/a/store.Put=e.com/b/keep.Add";
    let (exit, json) = check(&folder, &["--rename", rename]);
    assert_eq!(exit, 0, "{json:#}");
    assert_eq!(site(&json, "e.com/b/keep.Add")["renamed_from"][0]["how"], "told");
    assert!(!has_note(&json, "rename_matched_nothing"));
    fs::write(folder.join("heapdiff.toml"), format!("rename = ['{rename}']")).unwrap();
    assert_eq!(check(&folder, &["--no-renames"]).0, 0);
    let wrong = heapdiff(&folder, &["check", "--rename", "main.none"]);
    assert_eq!(wrong.exit, 2);
    assert!(wrong.stderr.contains("--rename: \"main.none\" is not a rename: expected OLD=NEW"), "{}", wrong.stderr);
}

#[test]
fn a_rename_of_nothing_is_said_and_refused_where_it_can_only_be_a_mistake() {
    let mut sampled = profile((SEEN, 20, 1), &[]);
    sampled.period = 4096;
    let sampled = || as_later_build(sampled.clone());
    let sampled = sides("mistyped-sampled", sampled(), sampled());
    let counted = sides("mistyped", program((SEEN, 20, 1), &[]), program((SEEN, 20, 1), &[]));
    let refused = |folder: &std::path::Path, args: &[&str], rename: &str| {
        let ran = heapdiff(folder, &[&["check"], args].concat());
        let is_named = ran.stderr.contains(rename);
        assert_eq!(ran.exit == 2, is_named, "{args:?}: {}", ran.stderr);
        is_named
    };
    // What was counted is there or is not; of what was sampled, only a package that is nowhere is a mistake.
    let (function, package) = ("main.none=main.any", "e.com/none/...=e.com/any/...");
    assert!(refused(&counted, &["--rename", function], "--rename main.none=main.any: neither side has such"));
    assert!(
        !refused(&sampled, &["--rename", function], function) && refused(&sampled, &["--rename", package], package)
    );
    for rename in [function, "main.none=main.handle", "main.handle=main.none", package] {
        fs::write(sampled.join("heapdiff.toml"), format!("rename = ['{rename}']")).unwrap();
        assert!(has_note(&check(&sampled, &[]).1, "rename_matched_nothing"), "{rename}");
        assert!(refused(&sampled, &["--strict"], rename), "{rename}");
    }
}

/// A program that keeps things in a function of a file of its own.
fn keeper(name: &'static str, file: &'static str, objects: i64) -> Vec<u8> {
    let mut profile = profile((SEEN, 20, 1), &[]);
    let stack: &[&[_]] = &[&[(name, file, 70, 99)], &[("main.handle", "app/main.go", 100, 109)]];
    profile.live(stack, objects, objects * 4096).label[0].num = 4096;
    as_later_build(profile)
}

#[test]
fn packages_and_files_have_other_names_too() {
    let base = keeper("e.com/a/store.PutEverything", "a/store/put_test.go", 90);
    let folder = sides("coarser", base, keeper("e.com/b/keep.PutEverything", "b/keep/put.go", 290));
    let grown = |by: &str| -> Value {
        let (exit, json) = check(&folder, &["--by", by]);
        assert_eq!(exit, 1, "{by}");
        let sites = json["sites"].as_array().unwrap();
        sites.iter().find(|site| site["inuse_space"]["delta"] != 0).unwrap().clone()
    };
    let from = |by: &str| grown(by)["renamed_from"][0]["function"].clone();
    let names = ["owner", "functions", "lines", "packages", "files"].map(from);
    let function = "e.com/a/store.PutEverything";
    assert_eq!(names, [function, function, function, "e.com/a/store", "a/store/put_test.go"]);
    assert_eq!(grown("packages")["change"], "grew");
    for by in ["packages", "files"] {
        let table = heapdiff(&folder, &["--by", by]).stdout;
        assert!(table.contains("moved from"), "{table}");
        // Without a match, the old one is gone.
        let apart = heapdiff(&folder, &["--by", by, "--no-renames"]).stdout;
        assert!(apart.contains("\ngone: ") && !apart.contains("moved from"), "{apart}");
    }
    // Both are still allowed under their old names.
    for (by, site) in [
        ("owner", function),
        ("functions", function),
        ("lines", "e.com/a/store.PutEverything +29"),
        ("packages", "e.com/a/store"),
        ("files", "a/store/put_test.go"),
    ] {
        let entry = format!("[[site]]\nsite = '{site}'\nobjects = 210\nspace = 840000\n");
        let budget = format!("version = 1\ngranularity = '{by}'\n{entry}");
        fs::write(folder.join("budget.toml"), budget).unwrap();
        let (exit, json) = check(&folder, &["--by", by, "--budget", "budget.toml"]);
        assert_eq!((exit, has_note(&json, "rule_followed")), (0, true), "{by}: {json:#}");
    }
    fs::write(folder.join("heapdiff.toml"), "[[allow]]\nfile = '*_test.go'\nreason = 'a test'\n").unwrap();
    let (exit, json) = check(&folder, &["--strict"]);
    assert_eq!((exit, has_note(&json, "rule_followed")), (0, true), "{json:#}");
}

#[test]
fn what_is_allowed_follows_the_function() {
    let folder = sides("allowed", program((SEEN, 20, 1), &[]), program((REMEMBER, 25, 9), &[]));
    assert_eq!(check(&folder, &[]).0, 1);
    fs::write(folder.join("heapdiff.toml"), format!("[[allow]]\nfunction = '{SEEN}'\nreason = 'a cache'")).unwrap();
    let (exit, json) = check(&folder, &[]);
    assert_eq!(exit, 0, "{json:#}");
    assert!(has_note(&json, "rule_followed"));
    // Strictly, an allowance that matches no site would be an error.
    assert_eq!(check(&folder, &["--strict"]).0, 0);
    fs::write(folder.join("heapdiff.toml"), "").unwrap();
    let budget =
        format!("version = 1\ngranularity = 'owner'\n[[site]]\nsite = '{SEEN}'\nobjects = 90000\nspace = 9000000");
    fs::write(folder.join("budget.toml"), budget).unwrap();
    let (exit, json) = check(&folder, &["--budget", "budget.toml"]);
    assert!(exit == 0 && has_note(&json, "rule_followed"), "{json:#}");
}

#[test]
fn what_can_be_read_only_once_is_matched_as_well() {
    let (base, current) = (program((SEEN, 20, 1), &[]), program((REMEMBER, 25, 1), &[]));
    let folder = sides("stdin", base, Vec::new());
    let ran = run(command(&folder, &["check", "--json", "a.pb", "-"]), Some(&current));
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!((ran.exit, &json["matching"]["pairs"]), (0, &json!(1)));
}

#[test]
fn pairs_of_two_builds_are_matched_across_them() {
    let folder = sides("pairs", program((SEEN, 20, 1), &[]), program((SEEN, 20, 3), &[]));
    fs::write(folder.join("c.pb"), program((REMEMBER, 25, 1), &[])).unwrap();
    fs::write(folder.join("d.pb"), program((REMEMBER, 25, 3), &[])).unwrap();
    let args = ["check", "--json", "--base-pair", "a.pb", "b.pb", "--current-pair", "c.pb", "d.pb"];
    let exits = [&[][..], &["--no-renames"]].map(|more| run(command(&folder, &[&args[..], more].concat()), None).exit);
    assert_eq!(exits, [0, 1]);
    // What is not matched is named on both sides.
    let apart = run(command(&folder, &[&["check", "--no-renames"], &args[2..]].concat()), None).stdout;
    let apart = apart.split_whitespace().collect::<Vec<_>>().join(" ");
    let gone = "gone, with what it grew by in the earlier build: main.(*dedupe).seen (1000 KiB); if it was moved or split: \
                --rename OLD=NEW";
    assert!(apart.contains(gone), "{apart}");
}

#[test]
fn what_was_allocated_is_matched_and_stays_what_is_counted() {
    let [base, current] = [(SEEN, 20, 1), (REMEMBER, 25, 1)].map(|keeper| {
        let mut profile = profile(keeper, &[]);
        profile.default_sample_type = profile.string("alloc_space");
        as_later_build(profile)
    });
    let (exit, json) = check(&sides("allocated", base, current), &[]);
    assert_eq!((exit, &json["metrics"]["inuse_space"]), (0, &json!("alloc_space")));
    let renamed = site(&json, REMEMBER);
    assert_eq!((&renamed["change"], &renamed["inuse_space"]["base"]), (&json!("unchanged"), &json!(1_024_000)));
}

#[test]
fn goroutines_are_not_matched_by_evidence() {
    let dump = |function: &str| {
        format!("goroutine profile: total 900\n900 @ 0x1 0x2\n#\t0x1\t{function}+0x1\tapp/main.go:7\n\n").into_bytes()
    };
    let folder = sides("goroutines", dump("main.listen"), dump("main.serve"));
    let (exit, json) = check(&folder, &[]);
    assert_eq!((exit, &site(&json, "main.serve")["change"]), (1, &json!("new")));
    assert_eq!(json["matching"], json!({"pairs": 0, "unpaired_gone": 0, "unpaired_new": 0}));
    let (exit, json) = check(&folder, &["--rename", "main.listen=main.serve"]);
    assert_eq!((exit, &site(&json, "main.serve")["renamed_from"][0]["how"]), (0, &json!("told")));
}

#[test]
fn owners_are_decided_by_the_new_names() {
    // Before modules, the library was vendored.
    let build = |put: &'static str, grow: &'static str| {
        let mut profile = Profile::go();
        profile.period = 1;
        let serve = ("net/http.(*conn).serve", "net/http/server.go", 1, 2);
        let stack: &[&[_]] = &[&[(grow, "lib/grow.go", 7, 9)], &[(put, "a/put.go", 70, 72)], &[serve]];
        profile.live(stack, 90, 90 * 4096).label[0].num = 4096;
        let threads: &[&[_]] =
            &[&[("runtime.malg", "runtime/proc.go", 1, 2)], &[("runtime.newm", "runtime/proc.go", 5, 6)]];
        profile.live(threads, 9, 9 * 512).label[0].num = 512;
        as_later_build(profile)
    };
    let base = build("e.com/old/store.Put", "e.com/old/vendor/e.com/lib.Grow");
    let folder = sides("owners", base, build("e.com/new/store.Put", "e.com/lib.Grow"));
    let (exit, json) = check(&folder, &["--own", "e.com/new/...", "--rename", "e.com/old/...=e.com/new/..."]);
    assert_eq!(exit, 0, "{json:#}");
    let put = site(&json, "e.com/new/store.Put");
    assert_eq!(
        (&put["change"], &put["renamed_from"][0]["function"]),
        (&json!("unchanged"), &json!("e.com/old/store.Put"))
    );
    assert_eq!(site(&json, "runtime (threads)")["runtime_class"], "threads");
}

#[test]
fn other_languages_are_not_matched_by_evidence() {
    let build = |function: &'static str| {
        let mut profile = Profile::go();
        profile.period = 1;
        let stack: &[&[_]] = &[&[(function, "/srv/app/index.js", 0, 19)], &[("(root)", "", 0, 0)]];
        profile.live(stack, 90, 90 * 4096).label[0].num = 4096;
        as_later_build(profile)
    };
    let folder = sides("js", build("/srv/app/index.js:load:19"), build("/srv/app/index.js:keep:19"));
    let (_, json) = check(&folder, &[]);
    assert_eq!(json["matching"], json!({"pairs": 0, "unpaired_gone": 0, "unpaired_new": 0}));
}
