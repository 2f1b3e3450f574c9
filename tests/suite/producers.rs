//! Profiles of producers other than Go: which of their columns are the live objects and bytes, and what can be compared
//! where they have less.

use std::fs;

use serde_json::{Value, json};

use crate::proto::{Function, Label, Layout, Line, Location, Mapping, Profile, Sample};
use crate::run::{Ran, command, folder, gzip, json, root, run};

/// A producer, its sample types, and which of them count objects and bytes; refused if neither.
type Producer = (&'static str, &'static [&'static str], Option<&'static str>, Option<&'static str>);

const PRODUCERS: &[Producer] = &[
    (
        "go-with-its-columns-in-another-order",
        &["inuse_space/bytes", "inuse_objects/count", "alloc_space/bytes", "alloc_objects/count"],
        Some("inuse_objects"),
        Some("inuse_space"),
    ),
    ("pyroscope-inuse-objects", &["inuse_objects/count"], Some("inuse_objects"), None),
    ("pyroscope-inuse-space", &["inuse_space/bytes"], None, Some("inuse_space")),
    ("pyroscope-alloc-space", &["alloc_space/bytes"], None, None),
    ("jemalloc-pprof", &["inuse_space/bytes"], None, Some("inuse_space")),
    ("nodejs", &["objects/count", "space/bytes"], Some("objects"), Some("space")),
    (
        "nodejs-datadog",
        &["inuse_objects/count", "alloc_objects/count", "inuse_space/bytes", "alloc_space/bytes"],
        Some("inuse_objects"),
        Some("inuse_space"),
    ),
    (
        "tcmalloc",
        &[
            "objects/count",
            "space/bytes",
            "resident_space/bytes",
            "swapped_space/bytes",
            "stale_space/bytes",
            "locked_space/bytes",
        ],
        Some("objects"),
        Some("space"),
    ),
    (
        "tcmalloc-lifetimes",
        &["allocated_objects/count", "allocated_space/bytes", "deallocated_objects/count", "deallocated_space/bytes"],
        None,
        None,
    ),
    ("dotnet-datadog", &["inuse-objects/count", "inuse-space/bytes"], Some("inuse-objects"), Some("inuse-space")),
    (
        "ruby-datadog",
        &["cpu-time/nanoseconds", "alloc-samples/count", "heap-live-samples/count", "heap-live-size/bytes"],
        Some("heap-live-samples"),
        Some("heap-live-size"),
    ),
    (
        "python-datadog",
        &["alloc-samples/count", "alloc-space/bytes", "heap-live-samples/count", "heap-space/bytes"],
        Some("heap-live-samples"),
        Some("heap-space"),
    ),
    (
        "ruby-memprofiler",
        &["allocations/count", "allocation_size/bytes", "retained_objects/count", "retained_size/bytes"],
        Some("retained_objects"),
        Some("retained_size"),
    ),
    ("async-profiler", &["allocations/count"], None, None),
    ("async-profiler-total", &["allocations/bytes"], None, None),
    ("early-go", &["allocations/count", "size/bytes"], None, None),
    ("go-cpu", &["samples/count", "cpu/nanoseconds"], None, None),
    ("go-goroutines", &["goroutine/count"], None, None),
];

/// A profile with one sample: `unit` in the first column, twice that in the second, and so on.
fn profile(types: &[&str], unit: i64) -> Profile {
    let mut profile = Profile::with_types(types);
    let location = profile.location(&[("app::grow", "src/app.rs", 1, 7)]);
    let value = (1..).zip(types).map(|(at, _)| at * unit).collect();
    profile.sample.push(Sample { location_id: vec![location], value, label: Vec::new() });
    profile
}

fn write(folder: &std::path::Path, [base, current]: [Vec<u8>; 2]) {
    fs::write(folder.join("base.pb"), base).unwrap();
    fs::write(folder.join("current.pb"), current).unwrap();
}

fn heapdiff(folder: &std::path::Path, args: &[&str]) -> Ran {
    run(command(folder, args), None)
}

#[test]
fn columns_are_found_by_the_names_that_producers_give_them() {
    let folder = folder("producers");
    for &(producer, types, objects, space) in PRODUCERS {
        write(&folder, [100, 700].map(|unit| gzip(&profile(types, unit).encode(Layout::Pprof))));
        let pair = ["base.pb", "current.pb"];
        if objects.or(space).is_none() {
            let ran = heapdiff(&folder, &pair);
            assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{producer}");
            let says = match producer {
                "go-goroutines" => ["base.pb: a goroutine profile", "not a heap profile", "heap_*.pb.gz"],
                _ => ["base.pb: not a heap profile", &types.join(", "), "--sample-type"],
            };
            assert!(says.iter().all(|part| ran.stderr.contains(part)), "{producer}: {}", ran.stderr);
            continue;
        }
        let report = json(&folder, &pair);
        for (metric, column) in [("inuse_objects", objects), ("inuse_space", space)] {
            let expected = column.map(|name| {
                let at = types.iter().position(|column| column.split('/').next() == Some(name)).unwrap() as i64 + 1;
                json!({"base": 100 * at, "current": 700 * at, "delta": 600 * at, "ratio": 7.0})
            });
            let expected = expected.unwrap_or(Value::Null);
            assert_eq!(report["totals"][metric], expected, "{producer}: {metric}");
            assert_eq!(report["sites"][0][metric], expected, "{producer}: {metric}");
        }
        let missing: Vec<_> = [("inuse_objects", objects), ("inuse_space", space)]
            .iter()
            .filter(|(_, column)| column.is_none())
            .map(|(metric, _)| *metric)
            .collect();
        let notes = report["notes"].as_array().unwrap().iter();
        let said: Vec<_> = notes.filter(|note| note["code"] == "metric_missing").collect();
        assert_eq!(said.len(), missing.len(), "{producer}");
        assert!(said.iter().zip(&missing).all(|(note, metric)| note["data"]["metric"] == **metric), "{producer}");
    }
}

#[test]
fn what_may_be_live_or_not_counts_when_asked_for_by_name() {
    let folder = folder("producers-asked");
    for (types, metric, other) in [
        (["allocations/count"], "inuse_objects", "inuse_space"),
        (["allocations/bytes"], "inuse_space", "inuse_objects"),
    ] {
        // async-profiler does not compress.
        write(&folder, [100, 700].map(|unit| profile(&types, unit).encode(Layout::Pprof)));
        let report = json(&folder, &["--sample-type", "allocations", "base.pb", "current.pb"]);
        assert_eq!(report["base"]["compression"], "none");
        assert_eq!(report["metrics"], json!({metric: "allocations", other: null}));
        assert_eq!(report["totals"][metric], json!({"base": 100, "current": 700, "delta": 600, "ratio": 7.0}));
    }
}

/// A profile like jemalloc_pprof's without symbols: bytes alone, no period, and one mapping of all addresses, which are
/// offsets in the file.
fn jemalloc_pprof(objects: i64) -> Profile {
    let mut profile = Profile::with_types(&["inuse_space/bytes"]);
    profile.period = 0;
    let filename = profile.string("/srv/app/bin/server");
    profile.mapping.push(Mapping { id: 1, limit: u64::MAX, filename, ..Mapping::default() });
    let places: [u64; 3] = [0x1_2340, 0x4_5670, 0x7_89a0];
    for (id, address) in (1..).zip(places) {
        profile.location.push(Location { id, mapping_id: 1, address, line: Vec::new() });
    }
    let sample = |leaf: u64, bytes: i64| Sample { location_id: vec![leaf, 3], value: vec![bytes], label: Vec::new() };
    profile.sample = vec![sample(1, 4096 * objects), sample(2, 1 << 20)];
    profile
}

#[test]
fn jemalloc_pprof_has_bytes_and_addresses_alone() {
    let folder = folder("producers-jemalloc");
    write(&folder, [10, 5000].map(|objects| gzip(&jemalloc_pprof(objects).encode(Layout::Pprof))));
    let report = json(&folder, &["--cum", "base.pb", "current.pb"]);
    let site = |name: &str| {
        let sites = report["sites"].as_array().unwrap();
        sites.iter().find(|site| site["function"] == name).unwrap_or_else(|| panic!("{name} is missing"))
    };
    assert_eq!(
        site("server+0x12340")["inuse_space"],
        json!({"base": 40_960, "current": 20_480_000, "delta": 20_439_040, "ratio": 500.0})
    );
    assert_eq!(site("server+0x45670")["change"], "unchanged");
    assert_eq!(site("server+0x789a0")["cum"]["inuse_space"]["delta"], 20_439_040);
    assert_eq!(site("server+0x12340")["evidence"]["verdict"], "unknown");
    assert_eq!(report["totals"]["inuse_objects"], Value::Null);
    // A gate on what was not counted cannot pass.
    let ran = heapdiff(&folder, &["check", "--max-site-objects", "1000000", "base.pb", "current.pb"]);
    assert_eq!(ran.exit, 2, "{}", ran.stdout);
    assert!(ran.stdout.contains("inuse_objects, which the profiles do not count"), "{}", ran.stdout);
}

/// A profile like goref's: no period, no time, ids from 5 on, functions with names alone, and an empty mapping.
pub(crate) fn goref(objects: i64) -> Profile {
    goref_of(objects, 96 * objects)
}

/// The same, of objects that have this number of bytes together.
fn goref_of(objects: i64, bytes: i64) -> Profile {
    let mut profile = Profile::with_types(&["inuse_objects/count", "inuse_space/bytes"]);
    (profile.period_type, profile.period, profile.time_nanos) = (None, 0, 0);
    let filename = profile.string("-");
    profile.mapping.push(Mapping { id: 1, limit: 0xff, filename, ..Mapping::default() });
    for (id, name) in (5..).zip(["main.registry", "$mapval. (*main.session)"]) {
        let name = profile.string(name);
        profile.function.push(Function { id, name, ..Function::default() });
        profile.location.push(Location { id, line: vec![Line { function_id: id, line: 0 }], ..Location::default() });
    }
    let sample = |stack: &[u64], objects, bytes| Sample {
        location_id: stack.to_vec(),
        value: vec![objects, bytes],
        label: Vec::new(),
    };
    profile.sample = vec![sample(&[5], 1, 48), sample(&[6, 5], objects, bytes)];
    profile
}

#[test]
fn goref_counts_what_variables_hold() {
    let folder = folder("producers-goref");
    write(&folder, [10, 500].map(|objects| gzip(&goref(objects).encode(Layout::Go))));
    let report = json(&folder, &["base.pb", "current.pb"]);
    assert_eq!((&report["base"]["format"], &report["granularity"]), (&json!("goref"), &json!("roots")));
    assert_eq!(report["sampling"]["rate_bytes"], 1.0);
    let grown = &report["sites"][0];
    assert_eq!((&grown["function"], &grown["package"]), (&json!("main.registry"), &json!("main")));
    assert_eq!((&grown["file"], &grown["line"]), (&Value::Null, &Value::Null));
    assert_eq!(grown["evidence"]["verdict"], "grew");
    assert_eq!(grown["inuse_objects"]["delta"], 490);
    assert_eq!(grown["inuse_space"]["delta"], 490 * 96);
    assert_eq!(grown["lines"][0]["function"], "$mapval. (*main.session)");
    assert_eq!(report["totals"]["inuse_objects"]["current"], 501);
    // No other profile with such names is taken for one.
    let changes: [fn(&mut Profile); 4] = [
        |profile| profile.period = 4096,
        |profile| profile.mapping[0].filename = profile.string("/srv/app"),
        |profile| profile.function[1].filename = profile.string("main.go"),
        |profile| profile.location[1].address = 0x40_1000,
    ];
    for change in changes {
        write(
            &folder,
            [10, 500].map(|objects| {
                let mut profile = goref(objects);
                change(&mut profile);
                gzip(&profile.encode(Layout::Go))
            }),
        );
        assert_eq!(json(&folder, &["base.pb", "current.pb"])["base"]["format"], "pprof");
    }
}

#[test]
fn what_goref_counts_is_exact_for_any_size() {
    let folder = folder("producers-goref-sizes");
    for sides in [
        // Means of 17.99 and 18.0 bytes, of 34.0 and 34.9, and of 33.9 and 34.0.
        [(100_000, 1_799_000), (101_000, 1_818_000)],
        [(100_000, 3_400_000), (100_000, 3_490_000)],
        [(100_000, 3_390_000), (99_000, 3_366_000)],
        // More than 32 bits have, and less than a byte each.
        [(1, 100), (1, 5 << 30)],
        [(5_000_000_000, 160_000_000_000), (5_000_000_001, 160_000_000_032)],
        [(3, 0), (5, 2)],
    ] {
        write(&folder, sides.map(|(objects, bytes)| gzip(&goref_of(objects, bytes).encode(Layout::Go))));
        let [more, larger] = [sides[1].0 - sides[0].0, sides[1].1 - sides[0].1];
        for (only, has_objects, has_bytes) in
            [(None, true, true), (Some("inuse_space"), false, true), (Some("inuse_objects"), true, false)]
        {
            let column = only.map_or_else(Vec::new, |only| vec!["--sample-type", only]);
            let files = [&column[..], &["--all", "base.pb", "current.pb"]].concat();
            let report = json(&folder, &files);
            let evidence = &report["sites"][0]["evidence"];
            let bounds = |metric: &str| ["low", "high"].map(|end| evidence[format!("delta_{metric}_{end}")].clone());
            let point = |is_counted: bool, delta: i64| [0, 1].map(|_| json!(is_counted.then_some(delta)));
            assert_eq!(bounds("objects"), point(has_objects, more), "{sides:?} {only:?}");
            assert_eq!(bounds("space"), point(has_bytes, larger), "{sides:?} {only:?}");
            let verdict = match if has_bytes { larger } else { more } {
                1.. => "grew",
                0 => "noise",
                _ => "shrank",
            };
            assert_eq!(evidence["verdict"], verdict, "{sides:?} {only:?}");
            assert_eq!(report["whole"]["is_exact"], true);
            if has_objects && sides[0].0 < 1 << 32 {
                // The root itself is one.
                assert_eq!([&evidence["samples_base"], &evidence["samples_current"]], [sides[0].0 + 1, sides[1].0 + 1]);
            }
            let mut notes = report["notes"].as_array().unwrap().iter();
            assert!(notes.all(|note| ["holders", "no_growth"].map(Value::from).contains(&note["code"])), "{sides:?}");
        }
    }
}

#[test]
fn bytes_alone_that_goref_counts_are_no_larger_objects() {
    let folder = folder("producers-goref-bytes");
    let names: Vec<_> = (1..=7).map(|at| format!("{at}.pb")).collect();
    for (name, objects) in names.iter().zip(1..) {
        fs::write(folder.join(name), gzip(&goref(objects * 10_000).encode(Layout::Go))).unwrap();
    }
    let files = names.iter().map(String::as_str);
    let arguments: Vec<_> = ["trend", "--sample-type", "inuse_space"].into_iter().chain(files).collect();
    let ran = heapdiff(&folder, &arguments);
    assert!(ran.stdout.contains("leak, 938 KiB per snapshot"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("larger objects"), "{}", ran.stdout);
}

#[test]
fn tcmalloc_has_many_labels_and_no_period() {
    let folder = folder("producers-tcmalloc");
    let tcmalloc = |objects: i64| {
        let mut profile = profile(&["objects/count", "space/bytes", "resident_space/bytes"], 0);
        profile.period = 0;
        let labels =
            [("bytes", 96, "bytes"), ("request", 90, "bytes"), ("alignment", 16, "bytes"), ("access_hint", 128, "")];
        let label = labels.map(|(key, num, unit)| Label {
            key: profile.string(key),
            num,
            num_unit: profile.string(unit),
            ..Label::default()
        });
        let sample = &mut profile.sample[0];
        (sample.value, sample.label) = (vec![objects, 96 * objects, 4096], label.to_vec());
        gzip(&profile.encode(Layout::Pprof))
    };
    write(&folder, [10, 5000].map(tcmalloc));
    let report = json(&folder, &["base.pb", "current.pb"]);
    assert_eq!(report["totals"]["inuse_objects"]["delta"], 4990);
    assert_eq!(report["totals"]["inuse_space"]["delta"], 4990 * 96);
    // Without a period the number of samples is unknown.
    assert_eq!(report["sites"][0]["evidence"]["verdict"], "unknown");
    assert!(report["notes"].as_array().unwrap().iter().any(|note| note["data"]["missing"] == "period"));
}

/// A profile without symbols; each stack is given by its binaries, leaf first, and its bytes.
fn unsymbolized(stacks: &[(&[&str], i64)]) -> Profile {
    let mut profile = Profile::with_types(&["objects/count", "space/bytes"]);
    for (at, (binaries, bytes)) in stacks.iter().enumerate() {
        let mut sample = Sample { value: vec![1, *bytes], ..Sample::default() };
        for binary in *binaries {
            let filename = profile.string(binary);
            let known = profile.mapping.iter().position(|mapping| mapping.filename == filename);
            let mapping = known.unwrap_or_else(|| {
                let id = profile.mapping.len() as u64 + 1;
                let (start, limit) = (id << 24, (id + 1) << 24);
                profile.mapping.push(Mapping { id, start, limit, filename, ..Mapping::default() });
                profile.mapping.len() - 1
            });
            let id = profile.location.len() as u64 + 1;
            let Mapping { id: mapping_id, start, .. } = profile.mapping[mapping];
            // The library's addresses are the same in all stacks.
            let offset = if binary.contains(".so") { 0x100 } else { 0x1000 * (at as u64 + 1) };
            profile.location.push(Location { id, mapping_id, address: start + offset, line: Vec::new() });
            sample.location_id.push(id);
        }
        profile.sample.push(sample);
    }
    profile
}

#[test]
fn frames_in_the_library_of_an_allocator_are_dropped() {
    const JEMALLOC: &str = "/usr/lib/libjemalloc.so.2";
    const TCMALLOC: &str = "/usr/lib/libtcmalloc_minimal.so.4.5.10";
    let app = "/opt/libjemalloc/app";
    let folder = folder("producers-allocator");
    let profile = unsymbolized(&[
        (&[JEMALLOC, JEMALLOC, app, app], 100),
        (&[TCMALLOC, app], 200),
        // Whatever the allocator calls belongs to the allocator.
        (&["/lib/libc.so.6", JEMALLOC, app], 400),
        // Where it was called from is unknown.
        (&[JEMALLOC, JEMALLOC], 800),
        (&["/lib/libc.so.6", app], 1600),
    ]);
    write(
        &folder,
        [Profile::with_types(&["objects/count", "space/bytes"]), profile].map(|side| side.encode(Layout::Pprof)),
    );
    let report = json(&folder, &["base.pb", "current.pb"]);
    let sites = report["sites"].as_array().unwrap().iter();
    let found: Vec<_> =
        sites.map(|site| (site["function"].as_str().unwrap(), site["inuse_space"]["delta"].as_i64())).collect();
    assert_eq!(
        found,
        [
            ("libc.so.6+0x100", Some(1600)),
            ("libjemalloc.so.2+0x100", Some(800)),
            ("app+0x3000", Some(400)),
            ("app+0x2000", Some(200)),
            ("app+0x1000", Some(100)),
        ]
    );
}

#[test]
fn pictures_of_goref_speak_of_fields() {
    let folder = folder("producers-goref-pictures");
    let pair = [0, 1].map(|at| root().join(format!("testdata/retainers/goref_{at}.pb.gz")));
    let [base, current] = pair.each_ref().map(|path| path.to_str().unwrap());
    for (kind, file) in [("flame", "flame.svg"), ("flame", "flame.html"), ("report", "report.html")] {
        let ran = heapdiff(&folder, &[kind, "-o", file, base, current]);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        let written = fs::read_to_string(folder.join(file)).unwrap();
        let (text, _) = written.split_once("<script").unwrap();
        assert!(text.contains("51 fields below 0.1 % are hidden"), "{file}");
        assert!(!text.contains(" call") && !text.contains(" stacks"), "{file}");
        assert!(written.contains("\"are_references\":true"), "{file}");
    }
}
