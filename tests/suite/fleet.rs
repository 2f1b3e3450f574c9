//! Many profiles per side: sums, means, and their significance.

use std::collections::BTreeMap;
use std::fs;

use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTableBuilder};
use serde_json::{Value, json as object};

use crate::proto::{Frame, Layout, Profile};
use crate::run::{self, command, folder, root};

const LEAF: Frame = ("main.f", "app/main.go", 1, 2);
const OTHER: Frame = ("main.g", "app/main.go", 10, 12);

const TWO_AGAINST_TWO: [&str; 6] = [
    "--base",
    "build_a/rate64k/heap_03.pb.gz",
    "build_a/rate64k/heap_06.pb.gz",
    "--current",
    "build_b/rate64k/heap_01.pb.gz",
    "build_c/rate64k/heap_06.pb.gz",
];

fn by_site(report: &Value) -> BTreeMap<String, Value> {
    let sites = report["sites"].as_array().unwrap().iter();
    sites.map(|site| (site["site_id"].as_str().unwrap().to_owned(), site.clone())).collect()
}

#[test]
fn between_sides_of_the_same_size_means_are_as_sure_as_sums() {
    let captures = root().join("testdata/captures/orders");
    let sums = run::json(&captures, &[&["--by", "lines"], &TWO_AGAINST_TWO[..]].concat());
    let means = run::json(&captures, &[&["--by", "lines", "--per-profile"], &TWO_AGAINST_TWO[..]].concat());
    assert_eq!((&sums["per_profile"], &means["per_profile"]), (&Value::Null, &object!({"base": 2, "current": 2})));
    let half = |sum: &Value| {
        let sum = sum.as_i64().unwrap();
        (sum + sum.signum()) / 2
    };
    let (sums, means) = (by_site(&sums), by_site(&means));
    assert_eq!(sums.len(), means.len());
    let mut tested = 0;
    for (id, sum) in &sums {
        let mean = &means[id];
        for field in ["verdict", "p_value", "samples_base", "samples_current", "class"] {
            assert_eq!(sum["evidence"][field], mean["evidence"][field], "{id} {field}");
        }
        for metric in ["inuse_space", "inuse_objects"] {
            for side in ["base", "current"] {
                assert_eq!(mean[metric][side], half(&sum[metric][side]), "{id} {metric}");
                assert_eq!(mean["cum"][metric][side], half(&sum["cum"][metric][side]), "{id} {metric}");
            }
        }
        for bound in ["delta_space_low", "delta_space_high", "delta_objects_low", "delta_objects_high"] {
            let [sum, mean] = [sum, mean].map(|site| site["evidence"][bound].as_i64().unwrap());
            assert!((sum - 2 * mean).abs() <= 2, "{id} {bound}: {sum} {mean}");
        }
        tested += usize::from(sum["evidence"]["p_value"].as_f64().unwrap() < 0.05);
    }
    assert!(tested > 2, "{tested}");
}

#[test]
fn a_fleet_that_was_only_scaled_has_not_grown() {
    let captures = root().join("testdata/captures/orders/build_a/rate64k");
    let heaps = ["heap_00.pb.gz", "heap_01.pb.gz", "heap_03.pb.gz", "heap_06.pb.gz"];
    let args = [&["--base", heaps[3], "--current"][..], &heaps].concat();
    let verdicts = |report: &Value| -> Vec<String> {
        let verdicts = report["sites"].as_array().unwrap().iter().map(|site| &site["evidence"]["verdict"]);
        verdicts.map(|verdict| verdict.as_str().unwrap().to_owned()).collect()
    };
    let sums = run::json(&captures, &args);
    assert!(verdicts(&sums).contains(&"grew".to_owned()));
    assert!(sums["notes"].as_array().unwrap().iter().any(|note| note["code"] == "count_differs"));
    let means = run::json(&captures, &[&["--per-profile"], &args[..]].concat());
    assert!(!verdicts(&means).contains(&"grew".to_owned()) && !verdicts(&means).contains(&"unknown".to_owned()));
    assert!(means["notes"].as_array().unwrap().iter().all(|note| note["code"] != "count_differs"));
}

#[test]
fn means_are_rounded_to_the_nearest_and_totals_are_means_of_sums() {
    let folder = folder("fleet-rounding");
    let write = |name: &str, samples: &[(Frame, i64, i64)]| {
        let mut profile = Profile::go();
        for &(frame, objects, space) in samples {
            profile.live(&[&[frame]], objects, space);
        }
        profile.time_nanos += i64::from(name.as_bytes()[0]);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    };
    write("a", &[]);
    write("b", &[(LEAF, 1, 64), (OTHER, 1, 65)]);
    write("c", &[]);
    write("d", &[(LEAF, 1, 64)]);
    let report = run::json(&folder, &["--per-profile", "--base", "a", "b", "--current", "a", "c", "d"]);
    let numbers = |report: &Value| {
        [&report["inuse_objects"], &report["inuse_space"]]
            .map(|n| [&n["base"], &n["current"]].map(|n| n.as_i64().unwrap()))
    };
    let sites = report["sites"].as_array().unwrap();
    let site = |name: &str| numbers(sites.iter().find(|site| site["function"] == name).unwrap());
    // Halves away from 0, thirds down: 1/2 and 1/3 objects, 64/2 and 64/3 bytes.
    assert_eq!(site("main.f"), [[1, 0], [32, 21]]);
    assert_eq!(site("main.g"), [[1, 0], [33, 0]]);
    assert_eq!(numbers(&report["totals"]), [[1, 0], [65, 21]]);
}

#[test]
fn buckets_of_several_profiles_are_as_many_as_sites_and_sizes() {
    let filter = Filter::default();
    let names = NameArena::default();
    let mut sites = SiteTableBuilder::new(Granularity::Lines, &filter, &names);
    for process in 0..10 {
        let mut profile = Profile::go();
        for _ in 0..3 {
            profile.live(&[&[LEAF], &[OTHER]], 8192, 524_320);
        }
        // Another process may have its code at other addresses.
        profile.location.iter_mut().for_each(|location| location.address += process << 20);
        sites.absorb(heapdiff::internals::decode::decode(&profile.encode(Layout::Go)[..], || true).unwrap());
    }
    let table = sites.finish();
    let buckets: Vec<_> = table.buckets().list().iter().map(|bucket| (bucket.size, bucket.live)).collect();
    assert_eq!(buckets, [(64, 30)]);
}

#[test]
fn what_is_left_out_is_no_input() {
    let folder = folder("fleet-skipped");
    let mut profile = Profile::go();
    profile.live(&[&[LEAF]], 1, 64);
    let bytes = profile.encode(Layout::Go);
    fs::write(folder.join("whole"), &bytes).unwrap();
    fs::write(folder.join("cut"), &bytes[..bytes.len() - 3]).unwrap();
    let report =
        run::json(&folder, &["--skip-unreadable", "--per-profile", "--base", "whole", "--current", "cut", "whole"]);
    assert_eq!(report["current"]["inputs"], object!(["whole"]));
    assert_eq!(report["per_profile"], object!({"base": 1, "current": 1}));
    let notes = report["notes"].as_array().unwrap();
    let skipped = notes.iter().find(|note| note["code"] == "skipped_unreadable").unwrap();
    assert_eq!((&skipped["data"]["side"], &skipped["data"]["path"]), (&object!("current"), &object!("cut")));
    assert!(skipped["data"]["error"].as_str().unwrap().contains("ends"), "{skipped}");
}

#[test]
fn more_growth_of_the_profiler_than_64_bits_hold_is_told() {
    let folder = folder("fleet-profiler");
    let (base, mut current) = (Profile::go(), Profile::go());
    current.time_nanos += 1;
    let write: Frame = ("runtime/pprof.writeHeap", "runtime/pprof/pprof.go", 1, 2);
    for _ in 0..4 {
        current.live(&[&[write], &[LEAF]], 1, i64::MAX);
    }
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    // serde_json reads no numbers beyond 64 bits.
    let ran = run::run(command(&folder, &["--json", "base", "current"]), None);
    let note = "\"data\":{\"inuse_objects\":4,\"inuse_space\":9223372036854775807,\"percent\":100}";
    assert!(ran.exit == 0 && ran.stdout.contains(note), "{}", ran.stdout);
}

#[test]
fn the_pod_that_has_most_is_named() {
    let pods = root().join("testdata/pods");
    let outlier = |args: &[&str]| {
        let report = run::json(&pods, args);
        let notes = report["notes"].as_array().unwrap().iter();
        notes.filter(|note| note["code"] == "outlier").map(|note| note["data"].clone()).collect::<Vec<_>>()
    };
    for by in ["owner", "lines"] {
        let found = outlier(&["--per-profile", "--by", by, "earlier", "later"]);
        let [data] = &found[..] else { panic!("{by}: {found:?}") };
        assert_eq!((&data["input"], &data["site"]), (&"later/pod-4.pb.gz".into(), &"main.(*store).create".into()));
        assert_eq!(data["profiles"], 5);
        let [held, total] = ["inuse_space", "inuse_space_of_all"].map(|field| data[field].as_i64().unwrap());
        assert!(held > 3 << 20 && held < total && 4 * held > 3 * total, "{data}");
    }
    // Sums say nothing of means, and all the others are alike.
    assert_eq!(outlier(&["earlier", "later"]), [] as [Value; 0]);
    let alike = ["1", "2", "3", "5"].map(|pod| format!("later/pod-{pod}.pb.gz"));
    let alike: Vec<_> = alike.iter().map(String::as_str).collect();
    let args = [&["--per-profile", "--base", "earlier", "--current"], &alike[..]].concat();
    assert_eq!(outlier(&args), [] as [Value; 0]);
}

#[test]
fn pods_are_no_series() {
    let pods = root().join("testdata/pods");
    let ran = run::run(command(&pods, &["trend", "later"]), None);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    let expected = "5 profiles of 5 processes (pods, or restarts): a trend takes three or more of one process, better \
                    nine; later/pod-4.pb.gz has ";
    assert!(ran.stderr.contains(expected) && ran.stderr.contains("--per-profile"), "{}", ran.stderr);
    // Of two processes, one was restarted.
    let ran =
        run::run(command(&pods, &["trend", "earlier/pod-1.pb.gz", "later/pod-1.pb.gz", "later/pod-2.pb.gz"]), None);
    assert!(
        ran.exit == 2 && ran.stderr.contains("1 snapshot of one process, after 2 of an earlier one"),
        "{}",
        ran.stderr
    );
}
