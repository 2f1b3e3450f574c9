//! The commands that show stacks: their numbers equal the diff's, which equal pprof's, on real captures; and recursion.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use crate::run::{command, json, json_of, root, run};

const PAIRS: [[&str; 2]; 5] = [
    ["sessiond/rate1/heap_01.pb.gz", "sessiond/rate1/heap_06.pb.gz"],
    ["sessiond/rate512k/heap_01.pb.gz", "sessiond/rate512k/heap_06.pb.gz"],
    ["etcd/rate512k/heap_01.pb.gz", "etcd/rate512k/heap_06.pb.gz"],
    ["orders/build_a/rate64k/heap_01.pb.gz", "orders/build_c/rate64k/heap_06.pb.gz"],
    ["pqueue/rate64k/heap_01.pb.gz", "pqueue/rate64k/heap_06.pb.gz"],
];

fn captures() -> PathBuf {
    root().join("testdata/captures")
}

/// Base and current of both metrics.
type Numbers = [i64; 4];

fn numbers(value: &Value) -> Numbers {
    let of = |metric: &str, side: &str| value[metric][side].as_i64().unwrap();
    [
        of("inuse_space", "base"),
        of("inuse_space", "current"),
        of("inuse_objects", "base"),
        of("inuse_objects", "current"),
    ]
}

fn sum<'v>(values: impl Iterator<Item = &'v Value>) -> Numbers {
    values.map(numbers).fold([0; 4], |sum, numbers| std::array::from_fn(|at| sum[at] + numbers[at]))
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn name(value: &Value) -> String {
    value["function"].as_str().unwrap_or("<root>").to_owned()
}

#[test]
fn a_listing_has_the_numbers_of_the_diff() {
    let mut compared = 0;
    for pair in PAIRS {
        let list = json_of("list", &captures(), &[".", pair[0], pair[1]]);
        for (by, lines) in [("functions", false), ("lines", true)] {
            let diff = json(&captures(), &["--by", by, "--cum", pair[0], pair[1]]);
            let key = |value: &Value, place: &Value| match lines {
                true => (name(value), place["line"].as_i64(), place["base_line"].as_i64()),
                false => (name(value), None, None),
            };
            let mut expected = BTreeMap::new();
            for site in array(&diff["sites"]) {
                expected.insert(key(site, site), (numbers(site), numbers(&site["cum"])));
            }
            let mut found = BTreeMap::new();
            for function in array(&list["functions"]) {
                match lines {
                    false => _ = found.insert(key(function, function), (numbers(function), numbers(&function["cum"]))),
                    true => {
                        for line in array(&function["lines"]) {
                            let place = (numbers(line), numbers(&line["cum"]));
                            assert!(found.insert(key(function, line), place).is_none(), "{pair:?}: {function} {line}");
                        }
                    }
                }
            }
            compared += found.len();
            // For a line that only the base has, the diff gives its number in the base, the listing its number today.
            let same = |key: &(String, Option<i64>, Option<i64>)| !lines || key.1.is_some();
            for (key, values) in expected.iter().filter(|(key, _)| same(key)) {
                if let Some(found) = found.get(key) {
                    assert_eq!(found, values, "{pair:?} {key:?}");
                } else {
                    assert!(lines && values.0[1] == 0 && values.1[1] == 0, "{pair:?}: {key:?} is not listed");
                }
            }
            assert_eq!(found.len(), expected.len(), "{pair:?} {by}");
        }
    }
    assert!(compared > 1000, "{compared}");
}

#[test]
fn callers_and_callees_add_up_and_agree() {
    let mut calls = 0;
    for pair in PAIRS {
        let peek = json_of("peek", &captures(), &[".", pair[0], pair[1]]);
        let diff = json(&captures(), &["--by", "functions", "--cum", pair[0], pair[1]]);
        let sites: BTreeMap<_, _> = array(&diff["sites"]).iter().map(|site| (name(site), site)).collect();
        assert_eq!(array(&peek["functions"]).len(), sites.len());
        let mut edges = [BTreeMap::new(), BTreeMap::new()];
        for function in array(&peek["functions"]) {
            let site = sites[&name(function)];
            let cum = numbers(&function["cum"]);
            assert_eq!((numbers(function), cum), (numbers(site), numbers(&site["cum"])), "{pair:?} {function}");
            assert_eq!(sum(array(&function["callers"]).iter()), cum, "{pair:?} {function}");
            assert_eq!(sum(array(&function["callees"]).iter().chain([function])), cum, "{pair:?} {function}");
            for (side, field) in ["callers", "callees"].into_iter().enumerate() {
                for call in array(&function[field]) {
                    let mut edge = [name(call), name(function)];
                    if side == 1 {
                        edge.reverse();
                    }
                    edges[side].insert(edge, numbers(call));
                    calls += 1;
                }
            }
        }
        // Both ends of a call have the same numbers, unless one of them is recursive.
        let recursive: Vec<_> =
            array(&peek["functions"]).iter().filter(|f| !f["recursive"].is_null()).map(name).collect();
        for (edge, values) in &edges[0] {
            if edge[0] != "<root>" && !edge.iter().any(|end| recursive.contains(end)) {
                assert_eq!(edges[1].get(edge), Some(values), "{pair:?} {edge:?}");
            }
        }
    }
    assert!(calls > 1000, "{calls}");
}

#[test]
fn stacks_add_up_and_are_folded_at_the_owner() {
    let mut merged = 0;
    for pair in PAIRS {
        let stacks = json_of("stacks", &captures(), &[pair[0], pair[1]]);
        let groups = array(&stacks["stacks"]);
        assert_eq!(sum(groups.iter()), numbers(&stacks["totals"]));
        let mut seen = BTreeMap::new();
        let mut last = i64::MAX;
        for group in groups {
            assert_eq!(sum(array(&group["leaves"]).iter()), numbers(group));
            let frames: Vec<_> =
                array(&group["frames"]).iter().map(|frame| (name(frame), frame["line"].clone())).collect();
            let text = format!("{frames:?} {}", group["has_owner"]);
            assert!(seen.insert(text, ()).is_none(), "{pair:?}: {frames:?} twice");
            let delta = group["inuse_space"]["delta"].as_i64().unwrap();
            assert!(delta <= last);
            last = delta;
            merged += usize::from(group["stacks"].as_u64().unwrap() > 1);
        }
        // By owner, they are the diff's sites.
        let diff = json(&captures(), &["--by", "owner", pair[0], pair[1]]);
        let mut owners: BTreeMap<String, Numbers> = BTreeMap::new();
        for group in groups.iter().filter(|group| group["has_owner"] == true) {
            let owner = owners.entry(name(&group["frames"][0])).or_default();
            *owner = std::array::from_fn(|at| owner[at] + numbers(group)[at]);
        }
        // The runtime's memory is by class, and a library's without closures; neither has a frame of that name.
        let is_own = |owner: &str| array(&diff["sites"]).iter().any(|site| name(site) == owner);
        owners.retain(|owner, _| is_own(owner) || !(owner.starts_with("runtime.") || owner.contains(".func")));
        for (owner, values) in &owners {
            let site = array(&diff["sites"]).iter().find(|site| name(site) == *owner).unwrap();
            assert_eq!(numbers(site), *values, "{pair:?} {owner}");
        }
        assert!(owners.len() > 1, "{pair:?}");
    }
    assert!(merged > 20, "{merged}");
}

#[test]
fn a_page_folds_the_library_at_the_root_and_loses_nothing() {
    let pair = PAIRS[1];
    let page = |args: &[&str]| {
        let ran = run(command(&captures(), &[&["stacks", pair[0], pair[1]], args].concat()), None);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        ran.stdout
    };
    let stacks = json_of("stacks", &captures(), &["--top", "1", pair[0], pair[1]]);
    let frames = array(&stacks["stacks"][0]["frames"]);
    let full = page(&["--full", "--top", "1"]);
    for frame in frames {
        let place = format!("{}:{}", frame["file"].as_str().unwrap().rsplit('/').next().unwrap(), frame["line"]);
        assert!(full.contains(&place), "{place} in\n{full}");
    }
    let folded = page(&["--top", "1"]);
    let shown = folded.lines().filter(|line| line.contains(".go:")).count();
    let text = format!("… {} frames of Go's library", frames.len() - shown);
    assert!(shown >= 2 && folded.contains(&text), "{text} in\n{folded}");
}

#[test]
fn the_first_of_a_peek_are_those_of_all() {
    let pair = ["testdata/before.pb.gz", "testdata/after.pb.gz"];
    let peek = |args: &[&str]| json_of("peek", root(), &[&[".", pair[0], pair[1]], args].concat());
    let (all, some) = (peek(&[]), peek(&["--top", "3"]));
    assert_eq!(array(&some["functions"]), &array(&all["functions"])[..3]);
    assert_eq!(some["omitted"], array(&all["functions"]).len() - 3);
}
