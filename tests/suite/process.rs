//! Which profiles are taken as of one process.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::proto::{Layout, Mapping, Profile};
use crate::run::{command, folder, json, json_of, root, run};

/// Whether the diff of these files takes them as of one process.
fn is_same(folder: &Path, args: &str) -> bool {
    json(folder, &args.split(' ').collect::<Vec<_>>())["sampling"]["same_process"] == true
}

/// A profile of some functions, each with one live sample and a given number ever allocated.
fn made(functions: &[&'static str], allocated: i64) -> Profile {
    let mut profile = Profile::go();
    for function in functions {
        // Objects so large that each is a sample.
        let size = 64 << 20;
        let sample = profile.live(&[&[(*function, "app/main.go", 1, 2)]], 1, size);
        sample.value[..2].copy_from_slice(&[allocated, allocated * size]);
        sample.label[0].num = size;
    }
    profile
}

const FUNCTIONS: [&str; 6] = ["main.a", "main.b", "main.c", "main.d", "main.e", "main.f"];

#[test]
fn buckets_too_few_to_tell_processes_apart_are_not_of_one() {
    let folder = folder("process-few");
    for (time, (name, count, allocated)) in
        (1..).zip([("none.pb", 0, 1), ("five.pb", 5, 1), ("six.pb", 6, 1), ("more.pb", 6, 2), ("much.pb", 6, 9)])
    {
        let mut profile = made(&FUNCTIONS[..count], allocated);
        profile.time_nanos += time;
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    for (pair, same) in
        [("none.pb six.pb", false), ("five.pb much.pb", false), ("six.pb six.pb", true), ("six.pb much.pb", false)]
    {
        assert_eq!(is_same(&folder, pair), same, "{pair}");
    }
    let said = run(command(&folder, &["six.pb", "much.pb"]), None).stdout;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("the profiles hardly show whether they are of one process"), "{said}");
    assert!(is_same(&folder, "--same-process six.pb much.pb"));
    // The later profile first.
    assert!(!is_same(&folder, "--same-process much.pb six.pb"));
    // Snapshots are of one process by design.
    let trend = json_of("trend", &folder, &["none.pb", "five.pb", "six.pb", "more.pb", "much.pb"]);
    assert_eq!((&trend["sampling"]["same_process"], trend["snapshots"].as_array().unwrap().len()), (&true.into(), 5));
    // So is what the manifest of a capture lists, and nothing else in its folder.
    let snapshots = ["six.pb", "much.pb"].map(|file| json!({"files": [{"profile": "heap", "file": file}]}));
    fs::write(folder.join("manifest.json"), json!({"snapshots": snapshots}).to_string()).unwrap();
    assert!(is_same(&folder, "six.pb much.pb"));
    assert!(!is_same(&folder, "five.pb much.pb"));
}

#[test]
fn other_programs_and_builds_are_other_processes() {
    let folder = folder("process-programs");
    for (name, program, build) in [
        ("app.pb", "/srv/app", "1234"),
        ("moved.pb", "/opt/app", ""),
        ("rebuilt.pb", "/srv/app", "5678"),
        ("other.pb", "/srv/other", "1234"),
        ("windows.pb", r"C:\srv\app.exe", ""),
    ] {
        let mut profile = made(&FUNCTIONS, 1);
        let (filename, build_id) = (profile.string(program), profile.string(build));
        profile.mapping = vec![Mapping { id: 1, filename, build_id, ..Mapping::default() }];
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    for (current, same) in
        [("app.pb", true), ("moved.pb", true), ("rebuilt.pb", false), ("other.pb", false), ("windows.pb", false)]
    {
        assert_eq!(is_same(&folder, &format!("app.pb {current}")), same, "{current}");
        assert_eq!(is_same(&folder, &format!("--same-process app.pb {current}")), same, "{current}");
    }
}

#[test]
fn what_follows_from_the_wrong_order_is_not_said() {
    let folder = root().join("testdata/captures/sessiond/rate512k");
    let swapped = ["heap_06.pb.gz", "heap_01.pb.gz"];
    let ran = run(command(&folder, &swapped), None);
    assert!(ran.stdout.contains("are the two swapped?"), "{}", ran.stdout);
    for wrong in ["different processes", "missed", "memprofilerate"] {
        assert!(!ran.stdout.contains(wrong), "{wrong}: {}", ran.stdout);
    }
}
