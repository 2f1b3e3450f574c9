//! `runtime.MemStats`: findings of series with known ground truth, the forms it is read from, and errors.

use std::fs::{self, File};
use std::path::Path;

use heapdiff::internals::decode::decode_mem_stats;
use heapdiff::internals::profile::MemStats;
use heapdiff::internals::series::{HeapPattern, LiveHeapSource, MemStatsNote, Shape, UnknownCause, assess};
use serde_json::Value;

use crate::run::{Ran, assert_valid, command, folder, gzip, root, run};

fn series(name: &str) -> Vec<MemStats> {
    let path = root().join("testdata/memstats/series").join(name);
    decode_mem_stats(File::open(path).unwrap()).unwrap()
}

fn findings(snapshots: &[MemStats]) -> Vec<HeapPattern> {
    assess(snapshots).patterns
}

/// What is true of a program, as far as its series tells.
fn truth(name: &str) -> &'static [HeapPattern] {
    match name.split_once("-rate").unwrap().0 {
        "auditd" | "etcd" | "orders-build_c" | "pqueue" | "sessiond" | "tokenidx" | "tracectx" => &[HeapPattern::Leak],
        "patternlib" | "reqledger" | "slowdrip" | "timerhold" => &[HeapPattern::Leak],
        "alertmanager" | "prometheus" | "pushgateway" => &[HeapPattern::Leak],
        "notifyd" => &[HeapPattern::Leak, HeapPattern::GoroutineLeak],
        "pricecache" | "swellcache" => &[HeapPattern::Bloat],
        "burstidle" => &[HeapPattern::RetainedIdle, HeapPattern::NoGrowth],
        "warmcache" | "zipfcache" => &[HeapPattern::Decelerating],
        "exportbuf" => &[HeapPattern::Fluctuating],
        "orders-build_a" | "orders-build_b" | "staticsearch" | "steadyjson" | "treeswap" => &[HeapPattern::NoGrowth],
        other => panic!("{other} is not known"),
    }
}

#[test]
fn every_series_of_known_truth_is_right() {
    let mut seen = 0;
    for entry in fs::read_dir(root().join("testdata/memstats/series")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert_eq!(findings(&series(&name)), truth(&name), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 52);
}

#[test]
fn servers_do_not_leak_while_they_replace_what_they_hold() {
    for server in ["alertmanager", "prometheus", "pushgateway"] {
        let all = series(&format!("{server}-rate512k.jsonl"));
        // Prometheus fills its first chunks until later.
        let steady = if server == "prometheus" { 2 } else { 5 };
        assert_eq!(findings(&all[..steady]), [HeapPattern::NoGrowth], "{server}");
        assert_eq!(findings(&all[4..]), [HeapPattern::Leak], "{server}");
    }
}

#[test]
fn two_or_three_snapshots_are_no_leak() {
    for entry in fs::read_dir(root().join("testdata/memstats/series")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let all = series(&name);
        for few in [&all[1..3], &all[1..4], &[all[1].clone(), all[all.len() - 1].clone()]] {
            let found = findings(few);
            assert!(!found.contains(&HeapPattern::Leak) && !found.contains(&HeapPattern::Bloat), "{name}: {found:?}");
        }
        let ends = findings(&[all[1].clone(), all[all.len() - 1].clone()]);
        let grows = [HeapPattern::Leak, HeapPattern::Bloat, HeapPattern::Decelerating, HeapPattern::Fluctuating];
        let grew = truth(&name).iter().any(|finding| grows.contains(finding));
        assert_eq!(ends.contains(&HeapPattern::Grew), grew, "{name}: {ends:?}");
    }
}

const MIB: u64 = 1 << 20;

/// The `at`-th snapshot, after a forced collection, with `mib` MiB in a thousand objects.
fn snapshot(at: u64, mib: u64) -> MemStats {
    MemStats {
        heap_alloc: Some(mib * MIB),
        heap_objects: Some(1000),
        heap_sys: Some(2 * mib * MIB),
        heap_inuse: Some(mib * MIB),
        heap_idle: Some(mib * MIB),
        heap_released: Some(0),
        next_gc: Some(2 * mib * MIB),
        num_gc: Some(3 * at),
        num_forced_gc: Some(2 * at),
        ..MemStats::default()
    }
}

fn snapshots(mib: &[u64]) -> Vec<MemStats> {
    (1..).zip(mib).map(|(at, &mib)| snapshot(at, mib)).collect()
}

/// With more objects in each.
fn with_objects(mib: &[u64], more: u64) -> Vec<MemStats> {
    let mut all = snapshots(mib);
    (0..).zip(&mut all).for_each(|(at, stats)| stats.heap_objects = Some(1000 + more * at));
    all
}

#[test]
fn each_verdict_by_a_series_made_for_it() {
    let steady = [10, 12, 14, 16, 18];
    assert_eq!(findings(&with_objects(&steady, 1000)), [HeapPattern::Leak]);
    // 8 MiB in 128 objects are 64 KiB each, which is not more than 64 KiB.
    assert_eq!(findings(&with_objects(&steady, 32)), [HeapPattern::Leak]);
    assert_eq!(findings(&with_objects(&steady, 31)), [HeapPattern::Bloat]);
    assert_eq!(findings(&snapshots(&steady)), [HeapPattern::Bloat]);
    assert_eq!(findings(&snapshots(&[10, 20, 22, 23, 23])), [HeapPattern::Decelerating]);
    assert_eq!(findings(&snapshots(&[10, 25, 11, 26, 12, 30])), [HeapPattern::Fluctuating]);
    assert_eq!(findings(&snapshots(&[10, 10, 10, 20, 20])), [HeapPattern::OneStep]);
    assert_eq!(findings(&snapshots(&[10, 11, 10, 11])), [HeapPattern::NoGrowth]);
    assert_eq!(findings(&snapshots(&[10, 12])), [HeapPattern::Grew]);
    assert_eq!(assess(&snapshots(&[10, 12])).course.unwrap().shape, Shape::Grew);
}

#[test]
fn a_leak_is_one_however_often_it_is_looked_at() {
    // A mebibyte and a thousand objects a second; by the numbers of the snapshots a warm-up.
    let at = |(number, second): (u64, u64), last_gc| MemStats {
        heap_objects: Some(1000 * (1 + second)),
        last_gc,
        ..snapshot(number, 10 + second)
    };
    let seconds = (1..).zip([0, 1, 7, 12, 16, 19, 21, 22, 23]);
    let timed: Vec<_> = seconds.clone().map(|time| at(time, Some((1 + time.1) * 1_000_000_000))).collect();
    let untimed: Vec<_> = seconds.map(|time| at(time, None)).collect();
    assert_eq!([findings(&timed), findings(&untimed)], [[HeapPattern::Leak], [HeapPattern::Decelerating]]);
    let halves = assess(&timed).course.unwrap().uneven_halves;
    assert_eq!(halves, Some([11_000, 11_000]));
}

#[test]
fn the_first_of_six_does_not_count() {
    // A start that would read as a warm-up.
    let mib = [1, 30, 32, 34, 36, 38];
    let mut all = with_objects(&mib, 10_000);
    all[0].heap_objects = Some(10);
    all[1..].iter_mut().for_each(|stats| stats.heap_objects = stats.heap_objects.map(|objects| objects + 100_000));
    assert_eq!(findings(&all), [HeapPattern::Leak]);
    assert_eq!(findings(&all[..5]), [HeapPattern::Decelerating]);
    assert_eq!(assess(&snapshots(&mib)).notes, [MemStatsNote::FirstLeftOut]);
}

#[test]
fn held_memory_is_idle_or_scattered() {
    let held = |sys: u64, released: u64, inuse: u64| {
        let mut all = snapshots(&[40, 40, 40]);
        let last = all.last_mut().unwrap();
        (last.heap_sys, last.heap_released, last.heap_inuse) =
            (Some(sys * MIB), Some(released * MIB), Some(inuse * MIB));
        findings(&all)
    };
    // NextGC is 80 MiB, and 2.5 of that 200.
    assert_eq!(held(200, 0, 50), [HeapPattern::NoGrowth]);
    assert_eq!(held(201, 0, 50), [HeapPattern::RetainedIdle, HeapPattern::NoGrowth]);
    assert_eq!(held(300, 100, 50), [HeapPattern::NoGrowth]);
    assert_eq!(held(201, 0, 80), [HeapPattern::RetainedIdle, HeapPattern::NoGrowth]);
    assert_eq!(held(201, 0, 81), [HeapPattern::Fragmentation, HeapPattern::NoGrowth]);
    // Of a heap this small nothing much is held.
    let mut small = snapshots(&[1, 1, 1]);
    small[2].heap_sys = Some(17 * MIB);
    assert_eq!(findings(&small), [HeapPattern::NoGrowth]);
    small[2].heap_sys = Some(17 * MIB + 1);
    assert_eq!(findings(&small), [HeapPattern::RetainedIdle, HeapPattern::NoGrowth]);
    // One snapshot can tell of it, too.
    assert_eq!(findings(&small[2..]), [HeapPattern::RetainedIdle, HeapPattern::Unknown(UnknownCause::OneSnapshot)]);
}

#[test]
fn goroutines_must_rise_in_both_halves() {
    let goroutines = |counts: &[u64]| {
        let mut all = snapshots(&vec![10; counts.len()]);
        all.iter_mut().zip(counts).for_each(|(stats, &count)| stats.goroutines = Some(count));
        all
    };
    let leaks = |counts: &[u64]| findings(&goroutines(counts)).contains(&HeapPattern::GoroutineLeak);
    assert!(leaks(&[10, 15, 20]));
    assert!(!leaks(&[10, 14, 20]));
    assert!(!leaks(&[10, 16, 19]));
    assert!(!leaks(&[10, 20, 24]));
    // A tenth.
    assert!(leaks(&[1000, 1050, 1100]));
    assert!(!leaks(&[1000, 1050, 1099]));
    // Exact at any time, so without a collection as well.
    let mut all = goroutines(&[10, 20, 30]);
    all.iter_mut().for_each(|stats| stats.num_gc = Some(7));
    all.iter_mut().for_each(|stats| stats.num_forced_gc = Some(7));
    assert_eq!(findings(&all), [HeapPattern::GoroutineLeak, HeapPattern::Unknown(UnknownCause::NoCollection)]);
    let found = assess(&goroutines(&[10, 30]));
    assert_eq!((found.patterns, found.notes.len()), (vec![HeapPattern::NoGrowth], 1));
    assert!(matches!(found.notes[0], MemStatsNote::GoroutinesGrew(ends) if (ends.first, ends.last) == (10, 30)));
}

#[test]
fn without_a_collection_there_is_no_verdict() {
    let mut all = snapshots(&[10, 20, 30, 40]);
    for stats in &mut all {
        (stats.num_gc, stats.num_forced_gc) = (Some(5), Some(5));
    }
    assert_eq!(findings(&all), [HeapPattern::Unknown(UnknownCause::NoCollection)]);
    all.iter_mut().for_each(|stats| stats.num_gc = None);
    assert_eq!(findings(&all), [HeapPattern::Unknown(UnknownCause::Missing("NumGC"))]);
    assert_eq!(findings(&all[..1]), [HeapPattern::Unknown(UnknownCause::OneSnapshot)]);
    let [first, second] = [snapshot(2, 10), snapshot(1, 20)];
    assert_eq!(findings(&[first, second]), [HeapPattern::Unknown(UnknownCause::CountersFell(1))]);
}

#[test]
fn without_a_forced_collection_half_of_next_gc_is_the_live_heap() {
    let mut all = with_objects(&[10, 12, 14, 16, 18], 1000);
    // Garbage goes down while the live heap grows.
    (0..).zip(&mut all).for_each(|(at, stats)| stats.heap_alloc = Some((40 - at) * MIB));
    all[3].num_forced_gc = all[2].num_forced_gc;
    let found = assess(&all);
    assert_eq!((found.patterns, found.source), (vec![HeapPattern::Grows], Some(LiveHeapSource::HalfNextGc)));
    assert_eq!(found.notes, [MemStatsNote::NotForced { known: true }]);
    // Forced ones do not help if there is garbage all the same.
    all[3].num_forced_gc = Some(8);
    let found = assess(&all);
    assert_eq!((found.patterns, found.source), (vec![HeapPattern::Grows], Some(LiveHeapSource::HalfNextGc)));
    assert!(matches!(found.notes[..], [MemStatsNote::Garbage(bytes)] if bytes > MIB), "{:?}", found.notes);
    // With GOGC=off NextGC is the greatest number.
    all.iter_mut().for_each(|stats| (stats.num_forced_gc, stats.next_gc) = (None, Some(u64::MAX)));
    assert_eq!(findings(&all), [HeapPattern::Unknown(UnknownCause::GogcOff)]);
}

/// Five snapshots, each after a forced collection, with these MiB in HeapAlloc and NextGC.
fn totals(alloc: [f64; 5], next: [f64; 5], objects: [u64; 5]) -> Vec<MemStats> {
    let bytes = |mib: f64| Some((mib * MIB as f64) as u64);
    let one = |at: usize| MemStats {
        heap_alloc: bytes(alloc[at]),
        next_gc: bytes(next[at]),
        heap_objects: Some(objects[at]),
        num_gc: Some(3 * at as u64 + 3),
        num_forced_gc: Some(2 * at as u64 + 2),
        ..MemStats::default()
    };
    (0..5).map(one).collect()
}

/// The same, with one forced collection before all.
fn unforced(alloc: [f64; 5], next: [f64; 5], objects: [u64; 5]) -> Vec<MemStats> {
    let mut all = totals(alloc, next, objects);
    all.iter_mut().for_each(|stats| stats.num_forced_gc = Some(1));
    all
}

/// What a series suggests of the live heap, and by which number.
fn live(snapshots: &[MemStats]) -> (HeapPattern, Option<LiveHeapSource>) {
    let found = assess(snapshots);
    (found.patterns[0], found.source)
}

/// The garbage that is found in HeapAlloc, MiB.
fn garbage(snapshots: &[MemStats]) -> Option<f64> {
    let notes = assess(snapshots).notes;
    notes.iter().find_map(|note| match note {
        MemStatsNote::Garbage(bytes) => Some((*bytes as f64 / MIB as f64 * 10.0).round() / 10.0),
        _ => None,
    })
}

const THOUSANDS: [u64; 5] = [10_000, 20_000, 30_000, 40_000, 50_000];

#[test]
fn heap_alloc_is_the_live_heap_if_next_gc_rises_with_it() {
    let leak = (HeapPattern::Leak, Some(LiveHeapSource::HeapAlloc));
    let alloc = [10.0, 11.0, 12.0, 13.0, 14.0];
    // With any GOGC.
    assert_eq!(live(&totals(alloc, alloc.map(|mib| 2.0 * mib), THOUSANDS)), leak);
    assert_eq!(live(&totals(alloc, alloc.map(|mib| 5.0 * mib), THOUSANDS)), leak);
    // With stacks that grow, which count.
    let mut stacks = totals(alloc, [23.0, 27.0, 31.0, 35.0, 39.0], THOUSANDS);
    (0..).zip(&mut stacks).for_each(|(at, stats)| stats.stack_inuse = Some((3 + 2 * at) * MIB));
    assert_eq!(live(&stacks), leak);
    // A bound on NextGC says nothing of garbage, and HeapAlloc never falls.
    let alloc = [100.0, 140.0, 180.0, 220.0, 260.0];
    let mut bound = totals(alloc, [391.0; 5], [1000, 2000, 3000, 4000, 5000]);
    assert_eq!(live(&bound), leak);
    for next in [Some(1 << 62), Some(u64::MAX), None] {
        bound.iter_mut().for_each(|stats| stats.next_gc = next);
        assert_eq!(live(&bound), leak);
    }
    // At its minimum it says nothing, either.
    assert_eq!(live(&totals([0.5, 1.0, 1.5, 2.0, 2.5], [4.0; 5], THOUSANDS)), leak);
    // Without HeapObjects it is not known what grows.
    bound.iter_mut().for_each(|stats| stats.heap_objects = None);
    assert_eq!(live(&bound), (HeapPattern::Grows, Some(LiveHeapSource::HeapAlloc)));
    assert!(assess(&bound).notes.contains(&MemStatsNote::Missing(vec!["HeapObjects"])));
}

#[test]
fn garbage_in_heap_alloc_leaves_no_verdict() {
    let objects = [25_000, 31_000, 39_000, 38_000, 32_000];
    let pinned = totals([12.0, 25.0, 22.0, 15.0, 21.0], [20.0, 20.2, 20.1, 20.0, 20.3], objects);
    assert_eq!(garbage(&pinned), Some(10.0));
    assert_eq!(live(&pinned), (HeapPattern::Unknown(UnknownCause::NextGcPinned), None));
    let unsteady = totals([12.0, 25.9, 22.7, 15.1, 21.0], [13.8, 42.0, 15.4, 17.0, 23.0], objects);
    assert_eq!(garbage(&unsteady), Some(13.2));
    let HeapPattern::Unknown(UnknownCause::NextGcUnsteady(falls)) = live(&unsteady).0 else {
        panic!("{:?}", live(&unsteady));
    };
    assert!(falls.abs_diff(13 * MIB + MIB * 3 / 10) <= 1, "{falls}");
    // Known, GOGC tells of garbage in all of them.
    let mut known = totals([10.0, 11.0, 12.0, 13.0, 14.0], [20.0; 5], THOUSANDS);
    known.iter_mut().for_each(|stats| stats.gogc_percent = Some(100));
    known[4].next_gc = Some(21 * MIB);
    assert_eq!(garbage(&known), Some(3.5));
}

#[test]
fn next_gc_only_tells_whether_the_heap_grows_and_keeps_growing() {
    let estimate = Some(LiveHeapSource::HalfNextGc);
    let alloc = [30.0, 45.0, 50.0, 80.0, 70.0];
    let all = unforced(alloc, [40.0, 50.0, 60.0, 70.0, 80.0], THOUSANDS);
    assert_eq!(live(&all), (HeapPattern::Grows, estimate));
    assert_eq!(assess(&all).exact_course(), None);
    // Neither one step, nor a warm-up, nor bloat.
    for next in [[40.0, 40.0, 40.0, 80.0, 80.0], [40.0, 60.0, 75.0, 79.0, 80.0]] {
        assert_eq!(live(&unforced(alloc, next, THOUSANDS)), (HeapPattern::Grew, estimate));
    }
    assert_eq!(live(&unforced(alloc, [40.0, 50.0, 60.0, 70.0, 80.0], [9; 5])), (HeapPattern::Grows, estimate));
    let steady = unforced([30.0, 39.0, 28.0, 35.0, 31.0], [40.0, 40.4, 39.9, 40.1, 41.0], [9; 5]);
    assert_eq!(live(&steady), (HeapPattern::NoGrowth, estimate));
    // With GOGC known its scale is, too.
    let mut known = unforced(alloc, [50.0, 60.0, 70.0, 80.0, 90.0], THOUSANDS);
    known.iter_mut().for_each(|stats| stats.gogc_percent = Some(400));
    assert_eq!(live(&known), (HeapPattern::Grows, Some(LiveHeapSource::NextGcByGogc)));
    assert_eq!(assess(&known).course.map(|course| [course.first, course.last]), Some([10 * MIB, 18 * MIB]));
}

#[test]
fn where_next_gc_does_not_follow_the_heap_there_is_no_verdict() {
    let unknown = |why| (HeapPattern::Unknown(why), None);
    let alloc = [270.0, 280.0, 300.0, 350.0, 380.0];
    let all = unforced(alloc, [391.0, 391.0, 391.0, 390.0, 391.0], [100_000, 140_000, 180_000, 230_000, 290_000]);
    assert_eq!(live(&all), unknown(UnknownCause::NextGcPinned));
    let small = unforced([2.0, 3.0, 1.5, 3.2, 3.9], [4.0; 5], THOUSANDS);
    assert_eq!(live(&small), unknown(UnknownCause::SmallHeap));
    let mut limited = unforced(alloc, [340.0, 350.0, 360.0, 370.0, 380.0], THOUSANDS);
    limited[4].memory_limit = Some(448 * MIB);
    assert_eq!(live(&limited), (HeapPattern::Grows, Some(LiveHeapSource::HalfNextGc)));
    limited[4].memory_limit = Some(447 * MIB);
    assert_eq!(live(&limited), unknown(UnknownCause::MemoryLimit));
    // It lowers NextGC as other memory grows.
    let falling = unforced(alloc, [391.0, 390.0, 388.0, 385.0, 340.0], THOUSANDS);
    assert!(matches!(live(&falling).0, HeapPattern::Unknown(UnknownCause::NextGcUnsteady(_))));
    limited[2].gogc_percent = Some(u64::from(u32::MAX));
    assert_eq!(live(&limited), unknown(UnknownCause::GogcOff));
}

#[test]
fn what_the_last_collection_found_alive_is_exact_without_forced_collections() {
    // GOMEMLIMIT holds NextGC, garbage comes and goes, and the heap leaks.
    let with = |mib: [u64; 5]| {
        let mut all = unforced([270.0, 120.0, 300.0, 200.0, 380.0], [391.0; 5], THOUSANDS);
        all.iter_mut().zip(mib).for_each(|(stats, mib)| stats.heap_live = Some(mib * MIB));
        live(&all)
    };
    let exact = Some(LiveHeapSource::HeapLive);
    // What grows is not known: HeapObjects has garbage in it.
    assert_eq!(with([100, 140, 180, 220, 260]), (HeapPattern::Grows, exact));
    assert_eq!(with([100, 180, 200, 210, 211]), (HeapPattern::Decelerating, exact));
    assert_eq!(with([100, 99, 101, 100, 100]), (HeapPattern::NoGrowth, exact));
    assert_eq!(with([100; 5]).0, HeapPattern::NoGrowth);
}

/// A source of each kind.
fn sources() -> Vec<Vec<u8>> {
    ["heap/heap_02.txt", "vars/vars_02.json", "pushgateway/metrics_02.txt", "series/auditd-rate1.jsonl"]
        .map(|source| fs::read(root().join("testdata/memstats").join(source)).unwrap())
        .into()
}

const NAMES: [&str; 14] = [
    "HeapAlloc",
    "HeapObjects",
    "HeapSys",
    "HeapInuse",
    "HeapIdle",
    "HeapReleased",
    "StackInuse",
    "Sys",
    "NextGC",
    "LastGC",
    "NumGC",
    "NumForcedGC",
    "MaxRSS",
    "NumGoroutine",
];

#[test]
fn a_source_that_is_cut_off_has_no_wrong_number() {
    for source in sources() {
        let whole = decode_mem_stats(&source[..]).unwrap();
        let mut read = 0;
        for end in (0..source.len()).step_by(3) {
            let Ok(found) = decode_mem_stats(&source[..end]) else { continue };
            read += 1;
            for (mut found, mut whole) in found.into_iter().zip(whole.clone()) {
                for name in NAMES {
                    let (found, whole) = (*found.field(name).unwrap(), *whole.field(name).unwrap());
                    assert!(found.is_none() || found == whole, "{name} of the first {end} B: {found:?}, not {whole:?}");
                }
            }
        }
        // After a line, mostly.
        assert!(read < 90, "{read} of {}", source.len());
    }
}

#[test]
fn no_damage_makes_it_panic() {
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        random
    };
    for source in sources() {
        let mut refused = 0;
        for _ in 0..300 {
            let mut damaged = source.clone();
            for _ in 0..next() % 8 + 1 {
                let at = next() as usize % damaged.len();
                damaged[at] = next() as u8;
            }
            match decode_mem_stats(&damaged[..]) {
                Ok(found) => assert!(!assess(&found).patterns.is_empty()),
                Err(error) => {
                    refused += 1;
                    assert!(!error.to_string().is_empty());
                }
            }
        }
        assert!(refused > 0);
    }
}

/// Runs `memstats` with these arguments in a folder.
fn memstats(folder: &Path, args: &[&str], stdin: Option<&[u8]>) -> Ran {
    run(command(folder, &[&["memstats"], args].concat()), stdin)
}

fn json(folder: &Path, args: &[&str]) -> Value {
    let ran = memstats(folder, &[&["--json"], args].concat(), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    let json = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&json);
    json
}

#[test]
fn every_source_tells_the_same() {
    let data = root().join("testdata/memstats");
    let verdict = |source: &str| {
        let json = json(&data, &[source]);
        assert_eq!(json["snapshots"].as_array().unwrap().len(), 7, "{source}");
        let text = |field: &str| json["verdict"][field].as_str().unwrap_or_default().to_owned();
        (text("code"), text("basis"), json)
    };
    for (source, basis) in [
        ("heap", "heap_alloc"),
        ("vars", "heap_alloc"),
        // What was not forced, or does not say so.
        ("unforced", "half_next_gc"),
        ("pushgateway", "half_next_gc"),
        ("series/sessiond-rate512k.jsonl", "heap_alloc"),
    ] {
        let (code, found, json) = verdict(source);
        let expected = if basis == "heap_alloc" { "leak" } else { "grows" };
        assert_eq!((code.as_str(), found.as_str()), (expected, basis), "{source}");
        assert_eq!(json["verdict"]["trust"], if basis == "heap_alloc" { "exact" } else { "approximate" });
    }
    // Taken at the same moments: the text has no goroutines, and the live heap hardly differs.
    let [heap, vars] = ["heap", "vars"].map(|source| verdict(source).2);
    assert_eq!(heap["snapshots"][6]["goroutines"], Value::Null);
    assert_eq!(vars["snapshots"][6]["goroutines"], 3);
    let live = |json: &Value| json["verdict"]["figures"]["live"]["last_bytes"].as_f64().unwrap();
    assert!((live(&heap) / live(&vars) - 1.0).abs() < 0.01);
    let page = verdict("pushgateway").2;
    assert_eq!(page["snapshots"][6]["heap_alloc_bytes"], 38_255_264);
    assert_eq!(page["snapshots"][6]["num_gc"], 30);
    assert_eq!(page["notes"][1]["code"], "gc_not_forced");
}

#[test]
fn a_folder_may_have_other_things_in_it() {
    let folder = folder("memstats-folder");
    let copy = |from: &str, to: &str| {
        fs::copy(root().join("testdata").join(from), folder.join(to)).unwrap();
    };
    copy("before.pb.gz", "heap_00.pb.gz");
    let alone = memstats(&folder, &["."], None);
    assert_eq!(alone.exit, 2);
    assert!(alone.stderr.starts_with("error: no file in the folder has runtime.MemStats, not ./heap_00.pb.gz"));
    let named = memstats(&folder, &["heap_00.pb.gz"], None);
    assert_eq!(named.exit, 2);
    assert!(named.stderr.starts_with("error: heap_00.pb.gz: this heap profile has no runtime.MemStats"));

    copy("memstats/heap/heap_00.txt", "heap_00.txt");
    copy("memstats/heap/heap_01.txt", "heap_01.txt");
    let json = json(&folder, &["."]);
    assert_eq!(json["inputs"], serde_json::json!(["./heap_00.txt", "./heap_01.txt"]));
    assert_eq!(json["notes"][0]["data"]["files"], serde_json::json!(["./heap_00.pb.gz"]));
    assert_eq!(json["verdict"]["code"], "grew");
    // A broken file is not taken for something else.
    fs::write(folder.join("heap_02.txt"), "heap profile: 0: 0 [0: 0] @ heap/1048576\n").unwrap();
    let broken = memstats(&folder, &["."], None);
    assert_eq!((broken.exit, broken.stdout.as_str()), (2, ""));
    assert!(broken.stderr.starts_with("error: ./heap_02.txt: the heap profile has no runtime.MemStats at its end"));
}

#[test]
fn fail_on_ends_with_one_and_what_cannot_tell_with_two() {
    let data = root().join("testdata/memstats");
    let exit = |on: &str, args: &[&str]| memstats(&data, &[&["--fail-on", on], args].concat(), None).exit;
    assert_eq!(exit("leak", &["heap"]), 1);
    assert_eq!(exit("bloat,leak", &["heap"]), 1);
    assert_eq!(exit("goroutine-leak", &["series/notifyd-rate1.jsonl"]), 1);
    assert_eq!(exit("bloat", &["heap"]), 0);
    let two = ["heap/heap_01.txt", "heap/heap_05.txt"];
    assert_eq!(exit("leak", &two), 2);
    assert_eq!(exit("leak,grew", &two), 1);
    assert_eq!(exit("leak", &two[..1]), 2);
    assert_eq!(memstats(&data, &two, None).exit, 0);
    // Growth that goes on may be a leak; whether it is bloat is not known.
    let estimated = ["leak", "grew", "bloat", "fragmentation"].map(|on| exit(on, &["unforced"]));
    assert_eq!(estimated, [1, 1, 2, 0]);
}

#[test]
fn standard_input_may_be_compressed_and_hold_a_series() {
    let bytes = fs::read(root().join("testdata/memstats/series/pricecache-rate1.jsonl")).unwrap();
    let ran = memstats(root(), &["-"], Some(&gzip(&bytes)));
    assert_eq!(ran.exit, 0);
    assert!(ran.stdout.starts_with("Bloat: the live heap keeps growing by "), "{}", ran.stdout);
    assert!(ran.stdout.contains(" s, the first ignored (start-up): standard input\n"), "{}", ran.stdout);
    let mut cut = gzip(&bytes);
    cut.truncate(200);
    let ran = memstats(root(), &["-"], Some(&cut));
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.starts_with("error: standard input: "), "{}", ran.stderr);
}
