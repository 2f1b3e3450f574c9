//! Go's heap profiles as text against the protobufs of the same snapshots.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use heapdiff::decode::decode;
use heapdiff::diff::{Basis, diff};
use heapdiff::profile::Profile;
use heapdiff::site::{Aggregator, Filter, Granularity, Name, Names, SiteTable, align, pattern};

use crate::run::root;

pub fn read(path: &Path) -> Profile {
    let (reader, _, proof) = heapdiff::input::inflate(File::open(path).unwrap()).unwrap();
    decode(reader, || proof.is_whole()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
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

/// By stack and size: how often, objects, space, allocated space.
type Samples = BTreeMap<(Vec<Frame>, Option<i64>), (usize, i64, i64, i64)>;

/// Stacks with these are left aside. The protobuf hides frames of the runtime by what stands at their return
/// addresses, which may be another function, inlined just there; a text does not tell.
const MISLED: &str = r"^(runtime\.addModuleItabs|runtime/pprof\.printStackRecord)$";

fn samples(profile: &Profile) -> Samples {
    let misled = pattern(MISLED).unwrap();
    let mut samples = Samples::new();
    profile.samples().for_each(|sample| {
        let stack = sample.stack.iter().map(|&id| {
            let lines = profile.lines_of(id).map(|at| {
                let line = profile.lines()[at as usize];
                let function = profile.function(line.function);
                let name = Name::new(profile.string(function.name));
                // A protobuf knows one file of a function, and an initialiser is made of several.
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

fn sites<'n>(profile: &Profile, granularity: Granularity, names: &'n Names) -> SiteTable<'n> {
    let filter = Filter { ignore: Some(pattern(MISLED).unwrap()), ..Filter::default() };
    let mut sites = Aggregator::new(granularity, &filter, names);
    sites.add(profile);
    sites.finish()
}

const GRANULARITIES: [Granularity; 4] =
    [Granularity::Lines, Granularity::Functions, Granularity::Owner, Granularity::Packages];

/// What differs between a protobuf and the text of the same snapshot.
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
        let names = Names::default();
        let [mut base, mut current] = [proto, text].map(|profile| sites(profile, granularity, &names));
        align(&mut [&mut base, &mut current]);
        for basis in [Basis::Flat, Basis::Cum] {
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
    // More of them may lie elsewhere.
    let folder = std::env::var("HEAPDIFF_TEXTS").map_or_else(|_| root().join("testdata/texts"), PathBuf::from);
    let snapshots = snapshots(&folder);
    assert!(snapshots.len() >= 25, "{}", snapshots.len());
    let (mut failed, mut count) = (0, 0);
    for (proto, text) in &snapshots {
        let (proto, parsed) = (read(proto), read(text));
        count += proto.samples().count();
        let found = differences(&proto, &parsed);
        if !found.is_empty() {
            failed += 1;
            println!("{}: {} differ\n  {}", text.display(), found.len(), found[..found.len().min(4)].join("\n  "));
        }
    }
    println!("{} snapshots, {count} live samples", snapshots.len());
    assert_eq!(failed, 0, "of {}", snapshots.len());
}
