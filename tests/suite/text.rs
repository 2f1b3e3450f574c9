//! Go's heap profiles as text against the protobufs of the same snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, diff};
use heapdiff::internals::profile::Profile;
use heapdiff::internals::site::{
    Filter, Granularity, Name, NameArena, SiteTable, SiteTableBuilder, compile_regex, unify_line_keys,
};

use serde_json::Value;

use crate::run::{command, json, root, run};

pub fn read(path: &Path) -> Profile {
    let (reader, _, proof) =
        heapdiff::internals::input::inflate(File::open(path).unwrap(), heapdiff::internals::input::Limit::default())
            .unwrap();
    decode(reader, || proof.has_checksum()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pairs of a protobuf and a text under a folder.
fn snapshots(folder: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(snapshots(&path));
            continue;
        }
        let name = path.to_str().unwrap();
        if let Some(stem) = name.strip_suffix(".pb.gz").filter(|_| !name.contains("goroutine")) {
            let texts = [".txt", ".txt.gz"].map(|end| PathBuf::from(format!("{stem}{end}")));
            found.extend(texts.into_iter().filter(|text| text.exists()).map(|text| (path.clone(), text)));
        }
    }
    found.sort();
    found
}

/// A location's address and its lines: function, file, line.
type Frame = (u64, Vec<(String, String, i64)>);

/// By stack and size: number of samples, objects, space, allocated space.
type Samples = BTreeMap<(Vec<Frame>, Option<i64>), (usize, i64, i64, i64)>;

/// Frames whose stacks are skipped: the protobuf hides frames of the runtime by the function at their return address,
/// which may be another one that is inlined there; a text does not show that.
const MISLED: &str = r"^(runtime\.addModuleItabs|runtime/pprof\.printStackRecord)$";

fn samples(profile: &Profile) -> Samples {
    let misled = compile_regex(MISLED).unwrap();
    let mut samples = Samples::new();
    profile.samples().for_each(|sample| {
        let stack = sample.stack.iter().map(|&id| {
            let lines = profile.line_range(id).map(|at| {
                let line = profile.lines()[at as usize];
                let function = profile.function(line.function);
                let name = Name::new(profile.string(function.name));
                // A protobuf has one file for a function, and an initialiser is made of several.
                let file = if name.is_initializer() { &b""[..] } else { profile.string(function.filename) };
                (name.text().into_owned(), String::from_utf8_lossy(file).into_owned(), line.line)
            });
            (profile.address(id), lines.collect())
        });
        let stack: Vec<Frame> = stack.collect();
        if stack.iter().flat_map(|frame| &frame.1).any(|line| misled.is_match(line.0.as_bytes())) {
            return;
        }
        let sum = samples.entry((stack, sample.block_size)).or_default();
        sum.0 += 1;
        sum.1 += sample.objects;
        sum.2 += sample.space;
        sum.3 += sample.allocated_space.unwrap();
    });
    samples
}

fn sites<'n>(profile: &Profile, granularity: Granularity, names: &'n NameArena) -> SiteTable<'n> {
    let filter = Filter { ignore: Some(compile_regex(MISLED).unwrap()), ..Filter::default() };
    let mut sites = SiteTableBuilder::new(granularity, &filter, names);
    sites.add(profile);
    sites.finish()
}

const GRANULARITIES: [Granularity; 4] =
    [Granularity::Lines, Granularity::Functions, Granularity::Owner, Granularity::Packages];

/// Differences between a protobuf and the text of the same snapshot.
fn differences(proto: &Profile, text: &Profile) -> Vec<String> {
    let mut found = Vec::new();
    let [before, after] = [proto, text].map(samples);
    found.extend(
        before.iter().filter(|(key, values)| after.get(*key) != Some(values)).map(|one| format!("proto {one:?}")),
    );
    found.extend(
        after.iter().filter(|(key, values)| before.get(*key) != Some(values)).map(|one| format!("text {one:?}")),
    );
    for granularity in GRANULARITIES {
        let names = NameArena::default();
        let [mut base, mut current] = [proto, text].map(|profile| sites(profile, granularity, &names));
        unify_line_keys(&mut [&mut base, &mut current]);
        for basis in [Attribution::Flat, Attribution::Cum] {
            let deltas = diff(&base, &current, basis);
            let differ = deltas.sites.iter().filter(|site| {
                site.change.base != site.change.current || site.base.is_none() || site.current.is_none()
            });
            found.extend(
                differ.map(|site| format!("{granularity:?} {basis:?} {:?} {:?}", deltas.key(site), site.change)),
            );
        }
        let buckets = |table: &SiteTable<'_>| -> Vec<_> {
            let of_sites = table.buckets().list().iter().filter(|bucket| bucket.site != u32::MAX);
            of_sites.map(|bucket| (bucket.hash, bucket.size, bucket.live, bucket.allocated)).collect()
        };
        if buckets(&base) != buckets(&current) {
            found.push(format!("{granularity:?}: raw counts differ"));
        }
        if base.buckets().rate() != current.buckets().rate() {
            found.push(format!("{granularity:?}: rates differ"));
        }
    }
    found
}

#[test]
fn a_text_and_the_protobuf_of_the_same_snapshot_are_the_same() {
    // More of them may be at other addresses.
    let folder = std::env::var("HEAPDIFF_TEXTS").map_or_else(|_| root().join("testdata/texts"), PathBuf::from);
    let snapshots = snapshots(&folder);
    assert!(snapshots.len() >= 25, "{}", snapshots.len());
    let mut failed = Vec::new();
    for (proto, text) in &snapshots {
        let found = differences(&read(proto), &read(text));
        if !found.is_empty() {
            failed.push(format!("{}: {} differ: {:#?}", text.display(), found.len(), &found[..found.len().min(4)]));
        }
    }
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), snapshots.len(), failed.join("\n"));
}

/// The sites of a report, without the fields that depend on first lines.
fn rows(report: &Value) -> BTreeSet<String> {
    let row = |site: &Value| {
        let mut site = site.clone();
        ["site_id", "rank"].iter().for_each(|key| _ = site.as_object_mut().unwrap().remove(*key));
        if site["function"].as_str().is_some_and(|name| name.ends_with(".init")) {
            // A protobuf names only one of its files.
            site["file"] = Value::Null;
            let lines = site["lines"].as_array_mut().unwrap();
            lines.iter_mut().for_each(|line| line["file"] = Value::Null);
        }
        if site["owner"]["function"].as_str().is_some_and(|name| name.ends_with(".init")) {
            site["owner"]["file"] = Value::Null;
        }
        site.to_string()
    };
    report["sites"].as_array().unwrap().iter().map(row).collect()
}

#[test]
fn a_text_takes_the_place_of_a_protobuf_on_either_side() {
    let file = |snapshot: &str, end: &str| format!("testdata/texts/sessiond/rate64k/heap_{snapshot}.{end}");
    let compare = |base: &str, current: &str, by: &str| {
        let report = json(root(), &["--by", by, &file("00", base), &file("02", current)]);
        assert_eq!(report["base"]["format"], if base == "pb.gz" { "pprof" } else { "go-text" });
        assert_eq!(report["current"]["period_bytes"], 65_536);
        rows(&report)
    };
    for by in ["lines", "functions", "owner", "packages"] {
        let expected = compare("pb.gz", "pb.gz", by);
        assert!(expected.iter().any(|site| site.contains("main.(*store).create")), "{expected:?}");
        for [base, current] in [["txt.gz", "pb.gz"], ["pb.gz", "txt.gz"], ["txt.gz", "txt.gz"]] {
            assert_eq!(compare(base, current, by), expected, "{base} {current} {by}");
        }
    }
}

#[test]
fn a_side_may_be_of_both() {
    let file = |snapshot: &str, end: &str| format!("testdata/texts/sessiond/rate64k/heap_{snapshot}.{end}");
    let report = |bases: [&str; 2], currents: [&str; 2]| {
        let [a, b] = bases.map(|end| file("00", end));
        let [c, d] = currents.map(|end| file("02", end));
        json(root(), &["--cum", "--base", &a, "--base", &b, "--current", &c, "--current", &d])
    };
    let proto = report(["pb.gz"; 2], ["pb.gz"; 2]);
    let mixed = report(["pb.gz", "txt.gz"], ["txt.gz", "pb.gz"]);
    assert_eq!(mixed["base"]["format"], "mixed");
    assert_eq!(rows(&mixed), rows(&proto));
}

#[test]
fn the_gate_judges_a_text_as_it_does_a_protobuf() {
    let check = |base: &str, current: &str, by: &str| {
        let file = |snapshot: &str, end: &str| format!("testdata/texts/sessiond/rate64k/heap_{snapshot}.{end}");
        let args = ["check", "--json", "--by", by, &file("00", base), &file("02", current)];
        let ran = run(command(root(), &args), None);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        let violation =
            |found: &Value| format!("{} {} {} {}", found["function"], found["line"], found["delta"], found["metric"]);
        let violations = report["verdict"]["violations"].as_array().unwrap();
        (ran.exit, violations.iter().map(violation).collect::<BTreeSet<_>>())
    };
    for by in ["owner", "lines"] {
        let expected = check("pb.gz", "pb.gz", by);
        assert!(expected.0 == 1 && !expected.1.is_empty(), "{expected:?}");
        assert_eq!(check("txt.gz", "pb.gz", by), expected);
        assert_eq!(check("pb.gz", "txt.gz", by), expected);
    }
}
