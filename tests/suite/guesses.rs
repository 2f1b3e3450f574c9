//! What people type without a command's name, or in the words of other tools.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::run::{self, Ran, command, folder, root, run};
#[cfg(feature = "fetch")]
use crate::server::Server;

fn testdata() -> std::path::PathBuf {
    root().join("testdata")
}

fn heapdiff(args: &[&str]) -> Ran {
    run(command(&testdata(), args), None)
}

/// The output of a run that must succeed.
fn out(args: &[&str]) -> String {
    let ran = heapdiff(args);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    ran.stdout
}

const CAPTURE: &str = "captures/sessiond/rate512k";

/// Copies the first heap profiles of a capture.
fn snapshots(name: &str, count: usize) -> std::path::PathBuf {
    let folder = folder(name);
    for number in 0..count {
        let file = format!("heap_{number:02}.pb.gz");
        fs::copy(testdata().join(CAPTURE).join(&file), folder.join(file)).unwrap();
    }
    fs::write(folder.join("notes.md"), "not a profile").unwrap();
    folder
}

#[test]
fn three_profiles_are_a_series() {
    let files: Vec<_> = (0..4).map(|number| format!("{CAPTURE}/heap_{number:02}.pb.gz")).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let trend = out(&[&["trend"], &files[..]].concat());
    assert_eq!(out(&files), trend);
    // Options of trend alone, and options before the command's name.
    assert_eq!(
        out(&[&["--limit", "2GiB"], &files[..]].concat()),
        out(&[&["trend", "--limit", "2GiB"], &files[..]].concat())
    );
    assert_eq!(out(&[&["--all", "trend"], &files[..]].concat()), out(&[&["trend", "--all"], &files[..]].concat()));
}

#[test]
fn a_folder_is_what_is_in_it() {
    let one = snapshots("guesses-one", 1);
    let text = run(command(&one, &["."]), None).stdout;
    assert!(text.contains(" MiB alive in "), "{text}");
    let two = snapshots("guesses-two", 2);
    let compared = run(command(&two, &["./heap_00.pb.gz", "./heap_01.pb.gz"]), None).stdout;
    assert_eq!(run(command(&two, &["."]), None).stdout, compared);
    let many = snapshots("guesses-many", 4);
    assert_eq!(run(command(&many, &["."]), None).stdout, run(command(&many, &["trend", "."]), None).stdout);
    let none = heapdiff(&["captures/sessiond"]);
    let error = "error: captures/sessiond: no profiles in this folder, but it has 3 folders; give one with profiles, such \
                 as captures/sessiond/rate1\n";
    assert_eq!((none.exit, none.stderr.as_str()), (2, error));
}

/// The first paragraph of a text in one line.
fn first_sentence(text: &str) -> String {
    let lines = text.lines().enumerate().take_while(|(at, line)| *at == 0 || line.starts_with("  "));
    lines.map(|(_, line)| line.trim()).collect::<Vec<_>>().join(" ")
}

#[test]
fn both_answers_to_a_folder_agree() {
    // Five snapshots: of functions the first is ignored, of the runtime's exact numbers it is not.
    let few = folder("guesses-few");
    for number in ["00.txt", "01.txt", "02.txt", "03.txt.gz", "04.txt"] {
        let file = format!("heap_{number}");
        fs::copy(testdata().join("memstats/heap").join(&file), few.join(file)).unwrap();
    }
    let text = run(command(&few, &["."]), None).stdout;
    let (trend, process) = text.split_once("\nThe process, by runtime.MemStats:\n").unwrap();
    let [trend_answer, process_answer] = [trend, process].map(first_sentence);
    let pace = "Leak: the live heap keeps growing by 2.18 MiB per snapshot (exact)";
    assert!(trend_answer.starts_with(pace) && process_answer.starts_with(pace), "{text}");
    assert!(
        trend.contains("\nlive heap (exact) 2.39 → 11.1 MiB ") && process_answer.contains(", 2.39 → 11.1 MiB. "),
        "{text}"
    );
    assert!(trend.contains("\n5 snapshots over 0.5 s, functions from snapshot 2 on (start-up): "), "{trend}");
    assert!(process.contains("\n5 snapshots over 0.5 s: "), "{process}");
    assert!(text.contains(" main.main.func2 ./heap_01.txt ./heap_04.txt\n"), "{text}");
}

#[test]
fn a_folder_with_more_of_the_runtimes_numbers_has_one_verdict() {
    // Protobufs have no numbers of the runtime: those of the JSON beside them count for both.
    let line = |at: u64, objects: u64| {
        let (alloc, gc) = ((20 + 2 * at) << 20, 2 * at + 2);
        format!(
            "{{\"HeapAlloc\":{alloc},\"HeapObjects\":{objects},\"NextGC\":{},\"HeapSys\":100000000,\"HeapReleased\":0,\
             \"NumGC\":{gc},\"NumForcedGC\":{gc},\"LastGC\":{}}}\n",
            2 * alloc,
            // As the profiles' own times.
            1_795_217_880_025_000_000 + at * 118_000_000
        )
    };
    let both = folder("guesses-both");
    for number in 0..7 {
        let file = format!("heap_{number:02}.pb.gz");
        fs::copy(testdata().join(CAPTURE).join(&file), both.join(file)).unwrap();
    }
    fs::write(both.join("memstats.jsonl"), (0..7).map(|at| line(at, 5_000)).collect::<String>()).unwrap();
    let text = run(command(&both, &["."]), None).stdout;
    let (trend, process) = text.split_once("\nThe process, by runtime.MemStats:\n").unwrap();
    let pace = "Bloat: the live heap keeps growing by 2.00 MiB per snapshot, by larger objects (exact)";
    let answers = [trend, process].map(first_sentence);
    assert!(answers.iter().all(|answer| answer.starts_with(pace)), "{answers:?}");
    assert!(answers[0].contains(": main.(*store).create by 2.11 MiB per snapshot"), "{answers:?}");
}

#[test]
fn a_capture_is_judged_by_trend_and_memstats() {
    let text = out(&["memstats/heap"]);
    let (trend, process) = text.split_once("\nThe process, by runtime.MemStats:\n").unwrap();
    // What to do next comes once, after both.
    let (process, next) = process.split_once("\nNext:\n").unwrap();
    assert_eq!(format!("{trend}\nNext:\n{next}"), out(&["trend", "memstats/heap"]));
    assert!(process.contains("Leak: the live heap keeps growing") && !process.contains("Next:"), "{process}");
    let json = out(&["--json", "memstats/heap"]);
    let documents: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    documents.iter().for_each(run::assert_valid);
    let commands: Vec<_> = documents.iter().map(|document| document["command"].as_str().unwrap()).collect();
    assert_eq!(commands, ["trend", "memstats"]);
    let failed = heapdiff(&["memstats/heap", "--fail-on", "leak"]);
    assert!(failed.exit == 1 && failed.stdout.contains("The process, by"), "{}", failed.stdout);
}

#[test]
fn one_profile_shows_what_is_alive() {
    let json = run::json_of("top", &testdata(), &["after.pb.gz"]);
    let sum = |field: &str| -> i64 {
        json["sites"].as_array().unwrap().iter().map(|site| site[field].as_i64().unwrap()).sum()
    };
    assert_eq!(json["totals"]["inuse_space"], sum("inuse_space"));
    assert_eq!(json["totals"]["inuse_objects"], sum("inuse_objects"));
    for site in json["sites"].as_array().unwrap() {
        let lines = site["lines"].as_array().unwrap();
        let sum: i64 = lines.iter().map(|line| line["inuse_space"].as_i64().unwrap()).sum();
        assert_eq!(site["inuse_space"], sum, "{site:#}");
    }
    // What the diff has as its current side.
    let diff = run::json(&testdata(), &["--by", "owner", "before.pb.gz", "after.pb.gz"]);
    for site in diff["sites"].as_array().unwrap() {
        let same = json["sites"].as_array().unwrap().iter().find(|other| other["site_id"] == site["site_id"]);
        let alive = same.map_or(0, |same| same["inuse_space"].as_i64().unwrap());
        assert_eq!(site["inuse_space"]["current"], alive, "{site:#}");
    }
    // A difference is still shown as one, and a text has the process's memory.
    let text = run::json_of("top", &testdata(), &["memstats/heap/heap_00.txt"]);
    assert!(text["breakdown"]["whole"]["last_bytes"].as_u64().unwrap() > 1 << 20);
    let csv = out(&["after.pb.gz", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 1 + json["sites"].as_array().unwrap().len());
}

#[test]
fn the_ending_of_the_output_is_its_format() {
    let folder = folder("guesses-endings");
    let [base, current] = ["before.pb.gz", "after.pb.gz"].map(|name| testdata().join(name).display().to_string());
    let write = |args: &[&str]| run(command(&folder, &[&[base.as_str(), &current][..], args].concat()), None);
    for (file, start) in [
        ("x.html", "<!doctype html>"),
        ("x.svg", "<?xml"),
        ("x.json", "{\"schema_version\""),
        ("x.ndjson", "{\"type\":\"header\""),
        ("x.csv", "rank_inuse_space,"),
        ("x.md", "## Heap diff"),
        ("x.txt", "main.(*store).create grew"),
    ] {
        let ran = write(&["-o", file]);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{file}");
        let text = fs::read_to_string(folder.join(file)).unwrap();
        assert!(text.starts_with(start), "{file}: {}", &text[..60]);
    }
    assert!(write(&["--format", "html"]).stdout.starts_with("<!doctype html>"));
    assert!(write(&["--format=md"]).stdout.starts_with("## Heap diff"));
    assert!(write(&["--format", "csv", "-o", "y.json"]).exit == 0);
    assert!(fs::read_to_string(folder.join("y.json")).unwrap().starts_with("rank_inuse_space,"));
    for (args, error) in [
        (&["--format", "table", "-o", "z.html"][..], "z.html: a table does not belong in a file that ends with .html"),
        (&["-o", "z.xml"], "z.xml: the command does not write .xml files; it writes table, json, "),
    ] {
        let ran = write(args);
        assert!(ran.exit == 2 && ran.stderr.starts_with(&format!("error: {error}")), "{}", ran.stderr);
        assert!(!Path::new(&folder).join(args.last().unwrap()).exists());
    }
}

#[test]
fn other_names_mean_the_same() {
    let sides = ["before.pb.gz", "after.pb.gz"];
    for (typed, same) in [
        (&["--by", "func"][..], &["--by", "functions"][..]),
        (&["--by", "pkg"], &["--by", "packages"]),
        (&["--sort", "bytes"], &["--sort", "space"]),
        (&["--sort", "inuse_objects"], &["--sort", "objects"]),
        (&["--sort", "alloc_objects"], &["--sort", "objects", "--sample-type", "alloc"]),
        (&["--format", "md"], &["--format", "markdown"]),
    ] {
        assert_eq!(out(&[typed, &sides].concat()), out(&[same, &sides].concat()), "{typed:?}");
    }
    let ran = heapdiff(&["--sort", "alloc_space", "--sample-type", "inuse", "before.pb.gz", "after.pb.gz"]);
    assert!(ran.exit == 2 && ran.stderr.contains("contradicts"), "{}", ran.stderr);
}

#[test]
fn functions_are_found_by_the_names_that_are_printed() {
    let function = |typed: &str| {
        let json = run::json_of("list", &testdata(), &[typed, "before.pb.gz", "after.pb.gz"]);
        let functions = json["functions"].as_array().unwrap();
        functions.iter().map(|function| function["function"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for typed in ["main.(*store).create", "(*store).create", r"main\.\(\*store\)\.create", "store.*create"] {
        assert_eq!(function(typed), ["main.(*store).create"], "{typed}");
    }
    assert_eq!(function("http.(*Server).Serve"), ["net/http.(*Server).Serve"]);
}

#[test]
#[cfg(feature = "fetch")]
fn an_address_is_a_url() {
    let server = Server::pprof(&[]);
    let ran = run(command(&testdata(), &[&server.address, "--json"]), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let json: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["input"]["inputs"][0], server.url("/debug/pprof/heap?gc=1"));
}
