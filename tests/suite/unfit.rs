//! The gate on inputs that show less than they seem to: none may pass.

use std::fs;
use std::path::Path;

use crate::proto::{Layout, Profile};
use crate::run::{command, folder, root, run};

/// The exit code of a check.
fn check(folder: &Path, args: &str) -> i32 {
    let mut all = vec!["check"];
    all.extend(args.split(' '));
    let ran = run(command(folder, &all), None);
    assert!(ran.exit != 2 || !ran.stdout.is_empty() || !ran.stderr.is_empty());
    ran.exit
}

/// A profile with these sample types: sites, each with its number of objects of 64 bytes.
fn heap(sites: &[(&'static str, i64)], types: &[&str]) -> Profile {
    let mut profile = Profile::with_types(types);
    for &(name, objects) in sites {
        profile.live(&[&[(name, "app/main.go", 1, 2)]], 0, 0);
        let column = |kind: &&str| if kind.ends_with("bytes") { objects * 64 } else { objects };
        profile.sample.last_mut().unwrap().value = types.iter().map(column).collect();
    }
    profile.period = 1;
    profile
}

fn write(folder: &Path, name: &str, profile: &Profile) {
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

const BOTH: [&str; 2] = ["inuse_objects/count", "inuse_space/bytes"];

#[test]
fn growth_from_nothing_is_growth_without_bytes_too() {
    let folder = folder("unfit-counts");
    for (name, sites) in [("a.pb", &[("main.old", 10)][..]), ("b.pb", &[("main.old", 10), ("main.new", 5_000_000)])] {
        let mut profile = heap(sites, &["goroutine/count"]);
        profile.period_type = Some(profile.sample_type[0].clone());
        write(&folder, name, &profile);
    }
    assert_eq!(check(&folder, "--sample-type goroutine --max-site-objects 5% a.pb b.pb"), 1);
    assert_eq!(check(&folder, "--sample-type goroutine --max-total-objects 5% a.pb b.pb"), 1);
    assert_eq!(check(&folder, "--sample-type goroutine a.pb b.pb"), 1);
    // A budget of goroutines has no bytes.
    assert_eq!(check(&folder, "--sample-type goroutine --update-budget budget.toml a.pb a2.pb"), 2);
    let mut grown = heap(&[("main.old", 20)], &["goroutine/count"]);
    grown.period_type = Some(grown.sample_type[0].clone());
    write(&folder, "a2.pb", &grown);
    assert_eq!(check(&folder, "--sample-type goroutine --update-budget budget.toml a.pb a2.pb"), 0);
    assert_eq!(check(&folder, "--sample-type goroutine --budget budget.toml a.pb a2.pb"), 0);
    let mut more = heap(&[("main.old", 753)], &["goroutine/count"]);
    more.period_type = Some(more.sample_type[0].clone());
    write(&folder, "a3.pb", &more);
    assert_eq!(check(&folder, "--sample-type goroutine --budget budget.toml a.pb a3.pb"), 1);
}

#[test]
fn what_a_third_profile_does_not_count_is_not_gone() {
    let folder = folder("unfit-settled");
    write(&folder, "base.pb", &heap(&[("main.f", 10)], &BOTH));
    write(&folder, "current.pb", &heap(&[("main.f", 100_000)], &BOTH));
    write(&folder, "settled.pb", &heap(&[("main.f", 100_001)], &BOTH));
    write(&folder, "bytes.pb", &heap(&[("main.f", 100_001)], &BOTH[1..]));
    assert_eq!(check(&folder, "base.pb current.pb"), 1);
    assert_eq!(check(&folder, "--settled settled.pb base.pb current.pb"), 1);
    assert_eq!(check(&folder, "--settled bytes.pb base.pb current.pb"), 2);
    // Nor is growth in space alone known to be usual.
    write(&folder, "bytes-before.pb", &heap(&[("main.f", 10)], &BOTH[1..]));
    assert_eq!(check(&folder, "--base-pair bytes-before.pb bytes.pb --current-pair base.pb current.pb"), 2);
}

#[test]
fn texts_have_a_time() {
    let texts = root().join("testdata/texts/sessiond/rate512k");
    let text = |name: &str| texts.join(name).to_str().unwrap().to_owned();
    let [first, second, third] = ["heap_00.txt.gz", "heap_02.txt.gz", "heap_04.txt.gz"].map(text);
    let here = folder("unfit-texts");
    assert_eq!(check(&here, &format!("{third} {first}")), 2);
    assert_eq!(check(&here, &format!("--settled {first} {second} {third}")), 2);
    // A copy, and the same snapshot as a protobuf, count once.
    fs::copy(&second, here.join("copy.txt.gz")).unwrap();
    let protobuf = text("heap_02.pb.gz");
    for twice in [format!("{second} copy.txt.gz"), format!("{second} {protobuf}")] {
        assert_eq!(check(&here, &format!("--base {twice} --current {third}")), 2, "{twice}");
    }
}

#[test]
fn the_same_dump_under_two_names_is_no_comparison() {
    let here = folder("unfit-native");
    for dump in ["jemalloc/first.base.heap", "gperftools/first.base.heap"] {
        let dumps = root().join("testdata/native");
        let found =
            [dumps.join(dump), dumps.join(format!("{dump}.gz"))].into_iter().find(|path| path.exists()).unwrap();
        fs::copy(&found, here.join("a")).unwrap();
        fs::copy(&found, here.join("b")).unwrap();
        assert_eq!(check(&here, "a b"), 2, "{dump}");
    }
}

#[test]
fn a_memory_map_is_bounded() {
    let here = folder("unfit-maps");
    let head = "heap profile: 1: 64 [1: 64] @ heapprofile\n1: 64 [1: 64] @ 0x401000\n\nMAPPED_LIBRARIES:\n";
    for lines in ["0-2 r-xp 0 0:0 0 a\n".repeat(300_000), "a=b\n".repeat(300_000)] {
        fs::write(here.join("long"), format!("{head}{lines}")).unwrap();
        let ran = run(command(&here, &["long", "long"]), None);
        assert!(ran.exit == 2 && ran.stderr.contains("a memory map of more than"), "{}", ran.stderr);
    }
}
