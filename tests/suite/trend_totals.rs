//! What the runtime's own numbers are of: the live heap, of the same snapshots as the profiles.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{assert_valid, command, folder, gzip, root, run};

const FRAME: Frame = ("main.work", "main.go", 1, 2);
const START: i64 = 1_795_000_000_000_000_000;
const SECOND: i64 = 1_000_000_000;
const MIB: i64 = 1 << 20;

/// Objects of 64 bytes.
const PER_MIB: i64 = MIB / 64;

/// What a program has at its `at`-th snapshot: objects and bytes that are alive, which grow, or are level.
fn alive(at: i64, grows: bool) -> [i64; 2] {
    let mib = if grows { 20 + 5 * at } else { 20 };
    [mib * PER_MIB, mib * MIB]
}

/// A heap profile of the snapshot; what was allocated always grows.
fn profile(at: i64, grows: bool) -> Vec<u8> {
    let mut profile = Profile::go();
    profile.time_nanos = START + 10 * at * SECOND;
    let [objects, space] = alive(at, grows);
    profile.live(&[&[FRAME]], objects, space).value =
        vec![180 * PER_MIB * (at + 1), 180 * MIB * (at + 1), objects, space];
    gzip(&profile.encode(Layout::Go))
}

/// A line of JSON with the runtime's numbers of the snapshot, after a collection that was forced just after its profile.
fn numbers(at: i64, grows: bool) -> String {
    numbers_of(at, alive(at, grows))
}

/// The same of a heap of its own.
fn numbers_of(at: i64, [objects, space]: [i64; 2]) -> String {
    let gc = 4 * at + 4;
    let collected = START + 10 * at * SECOND + SECOND / 20;
    format!(
        "{{\"HeapAlloc\":{space},\"HeapObjects\":{objects},\"NextGC\":{},\"HeapSys\":999999999,\"HeapReleased\":0,\
         \"NumGC\":{gc},\"NumForcedGC\":{gc},\"LastGC\":{collected}}}\n",
        2 * space
    )
}

/// A folder with the profiles and the numbers of these snapshots.
fn captured(
    name: &str,
    profiles: impl IntoIterator<Item = i64>,
    totals: impl IntoIterator<Item = i64>,
    grows: bool,
) -> PathBuf {
    let folder = folder(name);
    for at in profiles {
        fs::write(folder.join(format!("heap_{at:02}.pb.gz")), profile(at, grows)).unwrap();
    }
    let totals: String = totals.into_iter().map(|at| numbers(at, grows)).collect();
    fs::write(folder.join("memstats.jsonl"), totals).unwrap();
    folder
}

fn trend(folder: &Path, more: &[&str]) -> Value {
    let ran = run(command(folder, &[&["trend", "--json", "."], more].concat()), None);
    assert_eq!(ran.exit, 0, "{more:?}: {}", ran.stderr);
    let json = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&json);
    json
}

fn codes(json: &Value) -> Vec<&str> {
    json["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect()
}

#[test]
fn three_snapshots_that_rise_give_no_all_clear() {
    let of = |name: &str, step: i64| {
        let folder = captured(name, 0..3, [], false);
        let totals: String = (0..3).map(|at| numbers_of(at, [20 * PER_MIB, 20 * MIB + at * step])).collect();
        fs::write(folder.join("memstats.jsonl"), totals).unwrap();
        let say = |args: &[&str]| {
            let ran = run(command(&folder, args), None);
            (ran.exit, ran.stdout.split_whitespace().collect::<Vec<_>>().join(" "))
        };
        let trends = [&["trend", "."][..], &["trend", "--fail-on", "leak", "."]].map(say);
        (trends, ["leak", "grew"].map(|asked| say(&["memstats", "--fail-on", asked, "memstats.jsonl"])))
    };
    let ([shown, asked], process) = of("trend-totals-rise", 400 << 10);
    let answer = "Cannot tell: the live heap rose by 800 KiB (exact), and three snapshots are too few to tell.";
    assert!(shown.1.starts_with(answer) && !shown.1.contains("level"), "{}", shown.1);
    assert_eq!((shown.0, asked.0), (0, 2), "{}", asked.1);
    for (exit, text) in process {
        assert!(exit == 2 && text.contains("Cannot tell: the live heap went 20.0 → 20.8 MiB (exact), "), "{text}");
    }
    // What moves by less than a percent is level.
    let ([shown, asked], process) = of("trend-totals-level", 40 << 10);
    assert!(shown.1.starts_with("No growth: the live heap is level (exact)."), "{}", shown.1);
    assert_eq!((shown.0, asked.0, process.map(|(exit, _)| exit)), (0, 0, [0, 0]), "{}", asked.1);
}

#[test]
fn totals_of_the_live_heap_are_not_those_of_what_was_allocated() {
    let folder = captured("trend-totals-alloc", 0..7, 0..7, false);
    for live in [&[][..], &["--sample-type", "inuse"], &["--sample-type", "inuse_space"]] {
        let json = trend(&folder, live);
        assert_eq!((&json["process"], &json["runtime_heap"]["base_objects"]), (&"flat".into(), &(20 * PER_MIB).into()));
        assert!(!codes(&json).contains(&"allocation"));
    }
    for allocated in ["alloc", "alloc_space", "alloc_objects"] {
        let json = trend(&folder, &["--sample-type", allocated]);
        assert_eq!((&json["process"], &json["runtime_heap"]), (&Value::Null, &Value::Null), "{allocated}");
        let codes = codes(&json);
        assert!(codes.contains(&"allocation") && !codes.contains(&"samples_alone"), "{codes:?}");
        let table = run(command(&folder, &["trend", "--sample-type", allocated, "."]), None).stdout;
        assert!(!table.contains("live heap") && !table.contains("Leak") && !table.contains("leak "), "{table}");
        // As one answer with the runtime's numbers, which have their own heading.
        let both = run(command(&folder, &["--sample-type", allocated, "."]), None).stdout;
        let (trend, process) = both.split_once("\nThe process, by runtime.MemStats:\n").unwrap();
        assert!(!trend.contains("live heap") && process.contains("live heap is level"), "{both}");
    }
    // However the column is spelled.
    assert_eq!(trend(&folder, &["--sample-type", "ALLOC-SPACE"]), trend(&folder, &["--sample-type", "alloc_space"]));
    assert_eq!(trend(&folder, &["--sample-type", "Inuse_Space", "--limit", "1GiB"])["process"], "flat");
    for (args, option) in [
        (&["--sample-type", "alloc_space", "--memstats", "memstats.jsonl"][..], "--memstats"),
        (&["--sample-type", "alloc", "--limit", "2GiB"], "--limit"),
        (&["--sample-type", "alloc", "--fail-on", "leak"], "--fail-on"),
    ] {
        let ran = run(command(&folder, &[&["trend", "."], args].concat()), None);
        let error = format!("error: {option} applies to the live heap only, and this series counts {}\n", args[1]);
        assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (2, "", error.as_str()));
    }
    let ran = run(command(&folder, &["trend", ".", "--sample-type", "alloc_spce"]), None);
    assert!(
        ran.exit == 2 && ran.stderr.contains("no sample type alloc_spce; it has alloc_objects/count"),
        "{}",
        ran.stderr
    );
}

#[test]
fn totals_of_objects_are_numbers_of_objects() {
    let folder = captured("trend-totals-objects", 0..7, 0..7, true);
    let json = trend(&folder, &["--sample-type", "inuse_objects"]);
    assert_eq!(json["process"], "growing");
    let table = run(command(&folder, &["trend", "--sample-type", "inuse_objects", "."]), None).stdout;
    // 409,600 objects in 50 s, all of them of one function.
    for part in [
        " 409,600 → 819,200 objects (+100 %)\n",
        "keeps growing, 491,520 objects per minute; all of it in the leak below",
    ] {
        assert!(table.contains(part), "{part}: {table}");
    }
    let limited = run(command(&folder, &["trend", "--sample-type", "inuse_objects", "--limit", "1GiB", "."]), None);
    let error = "error: --limit is in bytes, and this series counts objects: leave --sample-type out\n";
    assert_eq!((limited.exit, limited.stderr.as_str()), (2, error));
    let failed = run(command(&folder, &["trend", "--sample-type", "inuse_objects", "--fail-on", "leak", "."]), None);
    assert!(failed.exit == 1 && failed.stdout.starts_with("FAIL: "), "{}", failed.stdout);
}

#[test]
fn totals_are_of_the_same_snapshots_as_the_profiles() {
    let series = |json: &Value| -> Vec<i64> {
        let mib = |bytes: &Value| bytes.as_i64().unwrap() / MIB;
        json["runtime_heap"]["series_bytes"].as_array().map(|all| all.iter().map(mib).collect()).unwrap_or_default()
    };
    let all = trend(&captured("trend-totals-all", 0..7, 0..7, true), &[]);
    assert_eq!(series(&all), [20, 25, 30, 35, 40, 45, 50]);
    // Of more snapshots those that have a profile, and of fewer what there is.
    let later = trend(&captured("trend-totals-more", 2..6, 0..9, true), &[]);
    assert_eq!(
        (series(&later), &later["runtime_heap"]["base_objects"]),
        (vec![30, 35, 40, 45], &(30 * PER_MIB).into())
    );
    let fewer = trend(&captured("trend-totals-fewer", 0..7, [0, 1, 2, 4, 5, 6], true), &[]);
    assert_eq!(series(&fewer), [20, 25, 30, 40, 45, 50]);
    assert!([&all, &later, &fewer].iter().all(|json| json["process"] == "growing"));
    // Numbers that end before the profiles do, or are of another time, though as many.
    for (name, profiles, totals) in
        [("end", 0..7, 0..4), ("start", 0..7, 4..7), ("later", 0..5, 4..9), ("earlier", 4..9, 0..5)]
    {
        let folder = captured(&format!("trend-totals-{name}"), profiles, totals, true);
        let json = trend(&folder, &[]);
        assert_eq!((series(&json), &json["process"]), (Vec::new(), &Value::Null), "{name}");
        assert!(codes(&json).contains(&"totals_of_other_snapshots"), "{name}: {:?}", codes(&json));
        // Whoever gives them says that they are of this time.
        let given = run(command(&folder, &["trend", "--memstats", "memstats.jsonl", "."]), None).stdout;
        assert!(given.contains("live heap (exact)"), "{name}: {given}");
    }
}

/// Four profiles of seven snapshots: the three that count, unevenly far apart, could not tell a warm-up from a leak.
#[test]
fn more_numbers_than_profiles_show_the_course() {
    for (program, process) in [
        ("warmcache", "decelerating"),
        ("steadyjson", "flat"),
        ("burstidle", "flat"),
        ("sessiond", "growing"),
        ("tokenidx", "growing"),
    ] {
        let captured = root().join("testdata/captures").join(program).join("rate64k");
        let folder = folder(&format!("trend-totals-of-{program}"));
        for file in ["heap_00.pb.gz", "heap_01.pb.gz", "heap_03.pb.gz", "heap_06.pb.gz"] {
            fs::copy(captured.join(file), folder.join(file)).unwrap();
        }
        let series = root().join("testdata/memstats/series").join(format!("{program}-rate64k.jsonl"));
        fs::copy(series, folder.join("memstats.jsonl")).unwrap();
        let json = trend(&folder, &[]);
        let numbers = json["runtime_heap"]["series_bytes"].as_array().unwrap().len();
        assert_eq!((&json["process"], numbers), (&process.into(), 7), "{program}");
    }
    // A snapshot is a profile in both rates.
    let table = run(command(&folder("trend-totals-of-sessiond-pace"), &["trend", "../trend-totals-of-sessiond"]), None);
    assert!(
        table.stdout.starts_with("Leak: the live heap keeps growing by 3.43 MiB per snapshot (exact):\n"),
        "{}",
        table.stdout
    );
    assert!(table.stdout.contains("main.(*store).create by 3.05 MiB per snapshot (confirmed)"), "{}", table.stdout);
}

/// Where the numbers begin earlier than the profiles that count, a pace is that of these profiles: 5 MiB in 10 s.
#[test]
fn the_pace_of_the_whole_is_that_of_its_sites() {
    for (name, profiles) in [("first", [0, 4, 5, 6]), ("last", [0, 1, 2, 6]), ("even", [0, 2, 4, 6])] {
        let folder = captured(&format!("trend-totals-pace-{name}"), profiles, 0..7, true);
        let table = run(command(&folder, &["trend", "."]), None).stdout;
        let pace = "Leak: the live heap keeps growing by 30.0 MiB per minute (exact)";
        assert!(table.starts_with(pace), "{name}: {table}");
    }
}

#[test]
fn numbers_that_nobody_forced_are_of_about_the_same_time() {
    let unforced = |name: &str, later: i64| {
        let folder = captured(name, 0..5, 0..5, true);
        let totals = fs::read_to_string(folder.join("memstats.jsonl")).unwrap();
        let moved = totals.lines().map(|line| {
            let mut numbers: Value = serde_json::from_str(line).unwrap();
            numbers["LastGC"] = (numbers["LastGC"].as_i64().unwrap() + later * SECOND).into();
            numbers["NumForcedGC"] = 0.into();
            format!("{numbers}\n")
        });
        fs::write(folder.join("memstats.jsonl"), moved.collect::<String>()).unwrap();
        let json = trend(&folder, &[]);
        codes(&json).contains(&"totals_of_other_snapshots")
    };
    assert_eq!([unforced("trend-totals-near", 60), unforced("trend-totals-far", 100_000)], [false, true]);
}

/// A slow leak may look like this, and a steady heap too.
#[test]
fn a_rise_that_is_too_little_to_count_is_not_called_level() {
    let folder = folder("trend-totals-rise");
    for at in 0..7 {
        fs::write(folder.join(format!("heap_{at:02}.pb.gz")), profile(at, false)).unwrap();
    }
    let write = |rise: fn(i64) -> i64| {
        let line = |at| {
            numbers(at, false).replace("\"HeapAlloc\":20971520", &format!("\"HeapAlloc\":{}", (20 << 20) + rise(at)))
        };
        fs::write(folder.join("memstats.jsonl"), (0..7).map(line).collect::<String>()).unwrap();
        let trend = run(command(&folder, &["trend", "."]), None).stdout;
        (trend, run(command(&folder, &["memstats", "memstats.jsonl"]), None).stdout)
    };
    let (trend, memstats) = write(|at| at * 30_000);
    let tolerance = "less than 1.00 MiB does not count as growth; a longer series under load would tell";
    assert!(
        trend.starts_with("Hardly any growth: the live heap grew by 146 KiB (exact), too little to judge"),
        "{trend}"
    );
    assert!(trend.replace("\n ", "").contains(tolerance), "{trend}");
    assert!(memstats.replace("\n ", "").contains(tolerance), "{memstats}");
    for (trend, memstats) in [write(|at| at % 2 * 30_000), write(|at| at * 30), write(|_| 0)] {
        assert!(
            trend.starts_with("No growth: the live heap is level (exact).") && !memstats.contains("hardly"),
            "{trend}{memstats}"
        );
    }
}
