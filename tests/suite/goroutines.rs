//! Goroutine profiles: beside heaps, alone, as text and in series, of a program that leaks goroutines of known kinds.

use std::fs;
use std::iter;
use std::path::PathBuf;

use serde_json::Value;

use crate::run::{command, folder, json, json_of, root, run};

fn fixtures() -> PathBuf {
    root().join("testdata/goroutines")
}

/// The findings on goroutines, of which `kind` is one.
fn goroutines<'a>(document: &'a Value, kind: &str) -> Option<&'a Value> {
    let findings = document["findings"].as_array().unwrap().iter();
    findings.filter(|finding| finding["code"] == "H006").find(|finding| finding["data"]["kind"] == kind)
}

/// What each function with more goroutines is: its name, what it waits for, its pattern and its growth.
fn grown<'a>(finding: &'a Value) -> Vec<(&'a str, &'a str, &'a str, i64)> {
    let functions = finding["data"]["functions"].as_array().unwrap().iter();
    let one = |function: &'a Value| {
        let delta = function["current"].as_i64().unwrap() - function["base"].as_i64().unwrap();
        let text = |field: &str| function[field].as_str().unwrap_or_default();
        (text("function"), text("waits"), text("pattern"), delta)
    };
    functions.map(one).collect()
}

/// What the program leaks, 12 of each a snapshot.
fn leaked_each(more: i64) -> Vec<(&'static str, &'static str, &'static str, i64)> {
    vec![
        ("net/http.(*persistConn).readLoop", "select", "http_client_read", more),
        ("main.hang", "chan_receive", "http_handler", more),
        ("database/sql.(*Rows).awaitDone", "select", "sql_rows", more),
        ("context.(*cancelCtx).propagateCancel", "select", "context_parent", more),
        ("main.query.func1", "chan_send", "", more),
        ("main.tick", "chan_receive", "", more),
        ("main.wait", "wait_group", "", more),
    ]
}

#[test]
fn profiles_beside_the_heaps_are_found_by_their_numbers() {
    let document = json(&fixtures(), &["heap_01.pb.gz", "heap_04.pb.gz"]);
    let finding = goroutines(&document, "goroutine").unwrap();
    assert_eq!(grown(finding), leaked_each(36));
    assert_eq!(finding["data"]["counts"], serde_json::json!([219, 543]));
    // heap_01 has no profile of leaked ones.
    assert!(goroutines(&document, "goroutineleak").is_none());
    let document = json(&fixtures(), &["heap_00.pb.gz", "heap_04.pb.gz"]);
    let leaked = goroutines(&document, "goroutineleak").unwrap();
    assert_eq!(grown(leaked), [("main.query.func1", "chan_send", "", 48), ("main.wait", "wait_group", "", 48)]);
    assert!(leaked["data"]["functions"][0]["started_inuse_space"].as_i64().unwrap() > 60 * 1000, "{leaked:#}");
    let message = leaked["message"].as_str().unwrap();
    let claim = "60 goroutines are blocked forever at main.query.func1, sending on a channel (+48); goroutines started \
                 there allocated ";
    assert!(message.contains(claim) && message.contains(" that is still live"), "{message}");
}

#[test]
fn owners_have_the_same_names_in_sites_and_findings() {
    let document = json(&fixtures(), &["goroutine_00.pb.gz", "goroutine_04.pb.gz"]);
    let sites: Vec<_> = document["sites"].as_array().unwrap().iter().map(|site| &site["function"]).collect();
    let finding = goroutines(&document, "goroutine").unwrap();
    let functions = finding["data"]["functions"].as_array().unwrap();
    assert!(functions.len() > 5 && functions.iter().all(|found| sites.contains(&&found["function"])), "{sites:?}");
}

#[test]
fn stacks_that_grew_do_not_ask_for_profiles_that_were_found() {
    let folder = root().join("testdata/memstats/situations/stacks");
    let ran = run(command(&folder, &["heap_00.txt", "heap_07.txt"]), None);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("Goroutines: goroutines grew from ") && words.contains("Outside the heap: "), "{words}");
    assert!(
        words.contains("Find in the goroutine profiles which there are more of") && !words.contains("--goroutines"),
        "{words}"
    );
}

#[test]
fn a_folder_is_a_series_with_an_exact_trend() {
    let document = json_of("trend", &fixtures(), &["."]);
    let finding = goroutines(&document, "goroutine").unwrap();
    // The first snapshot does not count, except for leaked ones, which are not taken with the second.
    assert_eq!(grown(finding), leaked_each(36));
    assert_eq!(document["goroutines"]["counts"], serde_json::json!([219, 327, 435, 543]));
    assert_eq!(goroutines(&document, "goroutineleak").unwrap()["data"]["counts"], serde_json::json!([24, 120]));
    assert_eq!(document["goroutines"]["shape"], "growing");
    assert!(finding["message"].as_str().unwrap().starts_with("goroutines grew from 219 to 543 in every interval: "));
    // The profiles that were used are not said to be left aside.
    let skipped = document["notes"].as_array().unwrap().iter().find(|note| note["code"] == "skipped").unwrap();
    assert_eq!(skipped["data"]["inputs"], serde_json::json!(["./main.go"]));
}

#[test]
fn every_form_says_the_same() {
    let forms = ["goroutine_0N.pb.gz", "texts/goroutine_0N_debug1.txt", "texts/goroutine_0N_debug2.txt.gz"];
    for base in forms {
        for current in forms {
            let [base, current] = [base.replace('N', "0"), current.replace('N', "4")];
            let document = json(&fixtures(), &[&base, &current]);
            let found = goroutines(&document, "goroutine").unwrap();
            let mut expected = leaked_each(48);
            if base.contains("debug1") && current.contains("debug1") {
                // These do not show the frames in which the runtime waits.
                expected.iter_mut().filter(|group| group.1 != "wait_group").for_each(|group| group.1 = "");
            }
            assert_eq!(grown(found), expected, "{base} {current}");
            let with_heap = ["heap_00.pb.gz", "heap_04.pb.gz", "--goroutines", &base, &current];
            assert_eq!(grown(goroutines(&json(&fixtures(), &with_heap), "goroutine").unwrap()), expected);
            // A site is what owns the stack, and never runtime.gopark.
            let sites = document["sites"].as_array().unwrap();
            assert_eq!(sites.iter().filter(|site| site["inuse_objects"]["delta"] == 48).count(), 9, "{base} {current}");
            assert!(sites.iter().all(|site| !site["function"].as_str().unwrap().starts_with("runtime.")));
        }
    }
}

#[test]
fn leaked_goroutines_are_gated_exactly() {
    let check = |args: &[&str]| {
        let ran = run(command(&fixtures(), &[&["check"], args].concat()), None);
        (ran.exit, ran.stdout + &ran.stderr)
    };
    let (exit, text) = check(&["heap_00.pb.gz", "heap_04.pb.gz", "--max-total-space", "1GiB"]);
    assert_eq!(exit, 1, "{text}");
    assert!(text.starts_with("FAIL: more goroutines are leaked than may be\n"), "{text}");
    assert!(
        text.contains("\n48 more leaked goroutines in main.query.func1 (12 → 60): nothing can wake them\n"),
        "{text}"
    );
    assert_eq!(check(&["heap_04.pb.gz", "heap_04.pb.gz", "--max-total-space", "1GiB"]).0, 2);
    for format in ["github", "junit", "markdown", "json"] {
        let (exit, text) = check(&["heap_00.pb.gz", "heap_04.pb.gz", "--max-total-space", "1GiB", "--format", format]);
        assert!(exit == 1 && text.contains("48 more leaked goroutines in main.wait (12 → 60)"), "{text}");
    }
    // The profiles themselves, in each form.
    let leaked = ["goroutineleak_0N.pb.gz", "texts/goroutineleak_0N_debug1.txt"];
    for [base, current] in leaked.map(|name| [name.replace('N', "0"), name.replace('N', "4")]) {
        assert_eq!(check(&[&base, &current]).0, 1);
        let (exit, text) = check(&[&current, &base]);
        assert_eq!(exit, 0, "{text}");
    }
}

#[test]
fn annotations_are_where_goroutines_wait() {
    let checkout = folder("goroutines-checkout");
    fs::create_dir(checkout.join(".git")).unwrap();
    fs::write(checkout.join("go.mod"), "module example.test/goroutines\n").unwrap();
    fs::copy(fixtures().join("main.go"), checkout.join("main.go")).unwrap();
    // Names beside which no profile of goroutines is looked for.
    for (from, to) in [("00", "a"), ("00", "b"), ("01", "c"), ("04", "d")] {
        fs::copy(fixtures().join(format!("heap_{from}.pb.gz")), checkout.join(format!("{to}.pb.gz"))).unwrap();
    }
    for kind in ["goroutine", "goroutineleak"] {
        for at in ["00", "04"] {
            let name = format!("{kind}_{at}.pb.gz");
            fs::copy(fixtures().join(&name), checkout.join(&name)).unwrap();
        }
    }
    let goroutines = ["goroutine", "goroutineleak"]
        .map(|kind| ["00", "04"].map(|at| format!("--goroutines={kind}_{at}.pb.gz")))
        .concat();
    let source = fs::read_to_string(fixtures().join("main.go")).unwrap();
    let line = |text: &str| 1 + source.lines().position(|line| line.contains(text)).unwrap();
    for sides in
        [&["a.pb.gz", "d.pb.gz"][..], &["--base-pair", "a.pb.gz", "c.pb.gz", "--current-pair", "b.pb.gz", "d.pb.gz"]]
    {
        let args: Vec<_> = goroutines.iter().map(String::as_str).chain(sides.iter().copied()).collect();
        let check = |format: &str| {
            let mut command = command(&checkout, &[&["check", "--format", format], &args[..]].concat());
            command.env_remove("GITHUB_WORKSPACE");
            run(command, None).stdout
        };
        let text = check("github");
        let leaked = format!("file=main.go,line={},title=leaked goroutines%3A main.wait::", line("j.done.Wait()"));
        assert!(text.contains(&leaked), "{leaked}: {text}");
        let structs = text.lines().find(|line| line.contains("title=heap growth%3A runtime (goroutines)::")).unwrap();
        assert!(structs.starts_with("::error file=main.go,line="), "{structs}");
        let sarif: Value = serde_json::from_str(&check("sarif")).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let uris: Vec<_> = results
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap())
            .collect();
        assert!(uris.contains(&"main.go") && uris.iter().all(|uri| !uri.starts_with("runtime/")), "{uris:?}");
    }
}

#[test]
fn no_leaked_goroutine_is_not_no_leak() {
    let folder = folder("goroutines-none");
    for (at, snapshot) in ["00", "04"].into_iter().enumerate() {
        let from = fixtures().join(format!("heap_{snapshot}.pb.gz"));
        fs::copy(from, folder.join(format!("heap_{at}.pb.gz"))).unwrap();
        fs::write(folder.join(format!("goroutineleak_{at}.txt")), "goroutineleak profile: total 0\n").unwrap();
    }
    let document = json(&folder, &["heap_0.pb.gz", "heap_1.pb.gz"]);
    let message = goroutines(&document, "goroutineleak").unwrap()["message"].as_str().unwrap();
    assert!(message.contains("that does not rule out a leak"), "{message}");
    let ran = run(command(&folder, &["check", "goroutineleak_0.txt", "goroutineleak_1.txt"]), None);
    assert_eq!(ran.exit, 0, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn what_does_not_compare_is_refused_with_the_reason() {
    let error = |args: &[&str]| {
        let ran = run(command(&fixtures(), args), None);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        ran.stderr
    };
    let dump = "texts/goroutine_04_debug2.txt.gz";
    assert_eq!(
        error(&["goroutineleak_00.pb.gz", dump]),
        format!(
            "error: {dump} (decompressed): the profile has no sample type goroutineleak; it has goroutine/count (with \
             debug=2 the profile has all goroutines: fetch it without debug, or with debug=1)\n"
        )
        .replace(" (decompressed)", "")
    );
    let heaps = ["heap_00.pb.gz", "heap_04.pb.gz", "--goroutines"];
    assert_eq!(
        error(&[&heaps[..], &["goroutine_00.pb.gz", "goroutineleak_04.pb.gz"]].concat()),
        "error: --goroutines: expected two of one kind: all goroutines, or leaked ones\n"
    );
    let not = error(&[&heaps[..], &["heap_00.pb.gz", "goroutine_04.pb.gz"]].concat());
    assert!(
        not.starts_with(
            "error: --goroutines: heap_00.pb.gz: the profile has no sample type goroutine; it has alloc_objects/count, "
        ),
        "{not}"
    );
    let alone = error(&["diff", "goroutine_04.pb.gz"]);
    assert!(alone.starts_with("error: goroutine_04.pb.gz: one profile alone shows no growth"), "{alone}");
    // A damaged one that was only found does not stop the comparison.
    let folder = folder("goroutines-damaged");
    for name in ["heap_00.pb.gz", "heap_04.pb.gz", "goroutine_04.pb.gz"] {
        fs::copy(fixtures().join(name), folder.join(name)).unwrap();
    }
    fs::write(folder.join("goroutine_00.txt"), "goroutine profile: total 2\n1 @ 0x1\n").unwrap();
    let ran = run(command(&folder, &["heap_00.pb.gz", "heap_04.pb.gz"]), None);
    assert_eq!(ran.exit, 0);
    assert!(
        ran.stderr.contains("left aside: goroutine_00.txt: line 2: the text ends where another record"),
        "{}",
        ran.stderr
    );
}

#[test]
fn memstats_takes_the_counts_beside_the_texts() {
    let folder = folder("goroutines-memstats");
    for at in 0..7_i64 {
        let numbers = ["HeapAlloc", "HeapObjects", "HeapSys", "HeapReleased", "NextGC", "Sys"]
            .map(|name| format!("# {name} = 5000000\n"));
        let text = format!(
            "heap profile: 0: 0 [0: 0] @ heap/1048576\n\n# runtime.MemStats\n{}# Stack = {} / 9000000\n# NumGC = {}\n\
             # NumForced = {}\n# DebugGC = false\n",
            numbers.concat(),
            100_000 * (at + 1),
            2 * at + 2,
            2 * at + 2
        );
        fs::write(folder.join(format!("heap_{at}.txt")), text).unwrap();
    }
    let files: Vec<_> = (0..7).map(|at| format!("heap_{at}.txt")).collect();
    let memstats = || {
        let args = ["memstats", "--fail-on", "goroutine-leak"].into_iter().chain(files.iter().map(String::as_str));
        run(command(&folder, &args.collect::<Vec<_>>()), None)
    };
    assert_eq!(memstats().exit, 2);
    for at in 0..7 {
        let count = 100 + 40 * at;
        let text = format!("goroutine profile: total {count}\n{count} @ 0x1 0x2\n#\t0x1\tmain.f+0x1\tmain.go:1\n\n");
        fs::write(folder.join(format!("goroutine_{at}.txt")), text).unwrap();
    }
    let ran = memstats();
    assert_eq!(ran.exit, 1, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("goroutines grew from 140 to 340, in both halves"), "{}", ran.stdout);
}

#[test]
fn a_count_that_rises_is_not_level() {
    let folder = folder("goroutines-rising");
    let trend = |last: u64| {
        let names: Vec<_> = (0..6).map(|at| format!("{at}.txt")).collect();
        for (name, number) in names.iter().zip([5772, 5870, 5960, 6060, 6150, last]) {
            let record = format!("{number} @ 0x47a1 0x4801\n#\t0x47a0\tmain.wait+0x20\t/src/main.go:5\n\n");
            fs::write(folder.join(name), format!("goroutine profile: total {number}\n{record}")).unwrap();
        }
        let args: Vec<_> = iter::once("trend").chain(names.iter().map(String::as_str)).collect();
        run(command(&folder, &args), None).stdout
    };
    // A tenth of the first that counts would be growth.
    let rising = trend(6344);
    assert!(
        rising.starts_with(
            "Hardly any growth: the total count grew by 474 (exact), too little to judge.\n\
             goroutines (exact) 5,870 → 6,344 (+8.1 %)\n  too little to count as growth\n"
        ),
        "{rising}"
    );
    assert!(trend(5900).starts_with("No growth: the total count is level (exact).\n"));
}
