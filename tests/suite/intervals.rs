//! Intervals: each contains its estimate, whatever is compared with what.

use std::fs;
use std::path::Path;

use heapdiff::internals::site::Rate;
use serde_json::Value;

use crate::proto::{Frame, Layout, Mapping, Profile};
use crate::run::{command, folder, run};
use crate::simulation::Random;

const FUNCTIONS: [Frame; 7] = [
    ("main.cache", "app/cache.go", 10, 12),
    ("main.load", "app/load.go", 20, 23),
    ("main.index", "app/index.go", 30, 34),
    ("main.serve", "app/serve.go", 40, 45),
    ("main.parse", "app/parse.go", 50, 56),
    ("main.flush", "app/flush.go", 60, 67),
    ("main.merge", "app/merge.go", 70, 78),
];

const SIZES: [i64; 5] = [16, 64, 512, 4096, 131_072];

const MODES: [&str; 8] = [
    "a1.pb b1.pb",
    "--no-renames --base a1.pb a2.pb --current b1.pb b2.pb --per-profile",
    "--base a1.pb a2.pb a3.pb --current b1.pb b2.pb b3.pb",
    "--base-pair a1.pb a2.pb --current-pair b1.pb b2.pb",
    "--base-pair a1.pb a2.pb --base-pair a3.pb a4.pb --current-pair b1.pb b2.pb",
    "--base-pair a1.pb a2.pb --base-pair a3.pb a4.pb --base-pair a5.pb a6.pb \
     --current-pair b1.pb b2.pb --current-pair b3.pb b4.pb --current-pair b5.pb b6.pb",
    "--normalize a1.pb b1.pb",
    "--sample-type alloc --bench a.txt b.txt a1.pb b1.pb",
];

/// Writes a profile sampled as Go does: some functions have some objects of some sizes.
fn write(folder: &Path, name: &str, random: &mut Random, rate: i64) {
    let mut profile = Profile::go();
    profile.period = rate;
    // The name of a test's binary, which benchmarks have.
    let filename = profile.string("app.test");
    profile.mapping.push(Mapping { id: 1, start: 0x1000, limit: 0x9000, filename, ..Mapping::default() });
    profile.time_nanos += 1_000_000 * (256 * i64::from(name.as_bytes()[0]) + i64::from(name.as_bytes()[1]));
    // What only one side has matters most.
    for frame in FUNCTIONS.into_iter().filter(|_| random.uniform() < 0.6).collect::<Vec<_>>() {
        for size in SIZES.into_iter().filter(|&size| size == 64 || random.uniform() < 0.4).collect::<Vec<_>>() {
            #[allow(clippy::cast_possible_truncation)]
            let samples = 1 + (random.uniform().powi(3) * 60.0) as i64;
            let objects = Rate::new(rate).objects_per_sample(size.unsigned_abs()) * samples as f64;
            #[allow(clippy::cast_possible_truncation)]
            let (objects, space) = (objects as i64, (objects * size as f64) as i64);
            let sample = profile.live(&[&[frame]], objects, space);
            sample.label[0].num = size;
        }
    }
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

/// That bounds, which are rounded outwards, contain a growth of numbers of which each of both sides is rounded.
fn assert_within(growth: &Value, low: &Value, high: &Value, of: &str) -> bool {
    let (Some(growth), Some(low), Some(high)) = (growth.as_i64(), low.as_i64(), high.as_i64()) else { return false };
    // Go rounds each bucket down, and a mean is rounded.
    let rounding = 2 * (FUNCTIONS.len() * SIZES.len()) as i64;
    assert!(low - rounding <= growth && growth <= high + rounding, "{of}: {growth} is not in {low} to {high}");
    true
}

#[test]
fn every_interval_contains_its_estimate() {
    let (random, folder) = (&mut Random(19), folder("intervals"));
    let (mut sites, mut heaps) = ([0; MODES.len()], [0; MODES.len()]);
    for (round, rate) in [1, 4096, 65_536, 524_288].into_iter().cycle().take(8).enumerate() {
        for build in ["a", "b"] {
            (1..=6).for_each(|at| write(&folder, &format!("{build}{at}.pb"), random, rate));
            let text = "goos: linux\npkg: example.test/app\nBenchmarkServe \t    2001\t      1058 ns/op\nPASS\n";
            fs::write(folder.join(format!("{build}.txt")), text).unwrap();
        }
        for (mode, args) in MODES.iter().enumerate() {
            let name = format!("round {round}, rate {rate}, {args}");
            let all: Vec<_> = "check --json --all".split(' ').chain(args.split_whitespace()).collect();
            let ran = run(command(&folder, &all), None);
            let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{name}: {}", ran.stderr));
            for site in json["sites"].as_array().unwrap() {
                for metric in ["space", "objects"] {
                    let of = format!("{name}: {} {metric}", site["function"]);
                    let growth = &site[format!("inuse_{metric}")]["delta"];
                    let [low, high] = ["low", "high"].map(|end| &site["evidence"][format!("delta_{metric}_{end}")]);
                    sites[mode] += usize::from(assert_within(growth, low, high, &of));
                }
            }
            for metric in ["inuse_space", "inuse_objects"] {
                let whole = &json["whole"][metric];
                let of = format!("{name}: the whole heap, {metric}");
                heaps[mode] += usize::from(assert_within(&whole["delta"], &whole["low"], &whole["high"], &of));
                assert_eq!(whole["delta"], json["totals"][metric]["delta"], "{of}");
            }
        }
    }
    assert!(sites.iter().all(|&count| count > 50) && heaps.iter().all(|&count| count >= 8), "{sites:?} {heaps:?}");
}
