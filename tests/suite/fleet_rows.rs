//! A thousand profiles of forty pods as rows, and the queries of the manual on them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::{Value, json as object};

use crate::proto::{Frame, Layout, Profile};
use crate::run::{Ran, assert_valid, command, folder, gzip, root, run};

const PODS: u64 = 40;
/// Deploys, each with its number of snapshots of every pod, ten minutes apart.
const DEPLOYS: [(&str, u64); 2] = [("v41", 10), ("v42", 15)];
/// 2026-11-20T23:38:00Z.
const START_NANOS: i64 = 1_795_217_880_000_000_000;
const INTERVAL_NANOS: i64 = 600_000_000_000;
/// One sample stands for this many bytes.
const PERIOD: i64 = 512 << 10;

const CREATE: Frame = ("main.(*store).create", "svc/store.go", 10, 17);
const FILL: Frame = ("main.(*cache).fill", "svc/cache.go", 5, 9);

/// A thousand profiles, in `deploy/pod/heap_NN.pb.gz`. Since v42, every eighth pod leaks; after each deploy, caches fill.
static FLEET: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder("fleet-rows");
    let steady: Vec<Frame> =
        (0..60).map(|at| (&*format!("main.handler{at}").leak(), "svc/handlers.go", at, at)).collect();
    let mut random = 1_u64;
    let mut before = 0;
    for (deploy, snapshots) in DEPLOYS {
        for pod in 0..PODS {
            let of_pod = folder.join(deploy).join(format!("cart-{pod}"));
            fs::create_dir_all(&of_pod).unwrap();
            for at in 0..snapshots {
                let mut profile = Profile::go();
                let mut add = |frame: Frame, samples: u64| {
                    random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    let bytes = (samples + (random >> 62)) as i64 * PERIOD;
                    if bytes > 0 {
                        profile.live(&[&[frame], &[("main.main", "svc/main.go", 1, 2)]], bytes / 64, bytes);
                    }
                };
                add(CREATE, if deploy == "v42" && pod % 8 == 3 { 4 + 2 * at } else { 4 });
                add(FILL, 8 * at.min(3));
                steady.iter().enumerate().for_each(|(site, frame)| add(*frame, site as u64 % 5));
                profile.time_nanos = START_NANOS + INTERVAL_NANOS * (before + at as i64);
                fs::write(of_pod.join(format!("heap_{at:02}.pb.gz")), gzip(&profile.encode(Layout::Go))).unwrap();
            }
        }
        before += snapshots as i64;
    }
    folder
});

/// The profiles, relative to the folder.
fn files() -> Vec<String> {
    let of_deploy = |(deploy, snapshots)| {
        (0..PODS).flat_map(move |pod| (0..snapshots).map(move |at| format!("{deploy}/cart-{pod}/heap_{at:02}.pb.gz")))
    };
    DEPLOYS.into_iter().flat_map(of_deploy).collect()
}

fn rows(folder: &Path, args: &[&str]) -> Ran {
    run(command(folder, &[&["top", "--format", "ndjson"], args].concat()), None)
}

fn parsed(ran: &Ran) -> Vec<Value> {
    let rows: Vec<Value> = ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    rows.iter().for_each(assert_valid);
    rows
}

#[test]
fn a_fleet_has_a_row_for_each_profile_and_site() {
    let files: Vec<_> = files().into_iter().step_by(97).collect();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let args = [&["--label", "cluster=eu-1", "--labels-from", "{deploy}/{pod}/heap_*.pb.gz"], &files[..]].concat();
    let rows = parsed(&rows(&FLEET, &args));
    let profiles: Vec<_> = rows.iter().filter(|row| row["type"] == "profile").collect();
    assert_eq!(profiles.len(), files.len());
    let mut at = 0;
    for (profile, file) in profiles.iter().zip(&files) {
        let [deploy, pod] = [0, 1].map(|step| file.split('/').nth(step).unwrap());
        assert_eq!(rows[at], **profile);
        assert_eq!(profile["labels"], object!({"cluster": "eu-1", "deploy": deploy, "pod": pod}));
        let sites = &rows[at + 1..][..profile["sites"].as_u64().unwrap() as usize];
        assert!(sites.iter().all(|site| site["type"] == "profile_site"));
        for field in ["time", "input", "labels", "granularity", "metrics", "period_bytes", "build_id"] {
            assert!(sites.iter().all(|site| site[field] == profile[field]), "{field}");
        }
        let bytes: i64 = sites.iter().map(|site| site["inuse_space"].as_i64().unwrap()).sum();
        assert_eq!((profile["inuse_space"].as_i64(), &profile["input"]), (Some(bytes), &object!(file)));
        at += 1 + sites.len();
    }
    assert_eq!(at, rows.len());
}

#[test]
fn what_cannot_be_read_is_named_or_left_out() {
    let folder = folder("fleet-rows-errors");
    let mut profile = Profile::go();
    profile.live(&[&[CREATE]], 1, 64);
    let whole = profile.encode(Layout::Go);
    profile.time_nanos = 0;
    fs::create_dir(folder.join("pod")).unwrap();
    fs::write(folder.join("pod/heap.pb"), &whole).unwrap();
    fs::write(folder.join("pod/notes.json"), "{}").unwrap();
    fs::write(folder.join("cut.pb"), &whole[..whole.len() - 3]).unwrap();
    fs::write(folder.join("timeless.pb"), profile.encode(Layout::Go)).unwrap();
    // Rows of what was read before stay.
    let ran = rows(&folder, &["timeless.pb", "cut.pb", "pod/heap.pb"]);
    assert!(ran.exit == 2 && ran.stderr.starts_with("error: cut.pb: "), "{}", ran.stderr);
    assert_eq!(parsed(&ran).iter().map(|row| row["time"].clone()).collect::<Vec<_>>(), [Value::Null, Value::Null]);
    let ran = rows(&folder, &["-o", "out.ndjson", "timeless.pb", "cut.pb"]);
    assert!(ran.exit == 2 && ran.stderr.starts_with("error: cut.pb: "), "{}", ran.stderr);
    assert!(!folder.join("out.ndjson").exists());
    let ran = rows(&folder, &["--skip-unreadable", "cut.pb", "missing.pb", "pod"]);
    assert_eq!((ran.exit, parsed(&ran).len()), (0, 2));
    for expected in ["left out: cut.pb: ", "left out: missing.pb: ", "skipped, not heap profiles: notes.json"] {
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
    }
    for (args, expected) in [
        (&["--skip-unreadable", "cut.pb"][..], "error: no profile can be read: cut.pb: "),
        (&["--labels-from", "{pod}/*.pb", "pod", "cut.pb"], "error: cut.pb: the path does not end with {pod}/*.pb"),
        (&["--labels-from", "{pod}.pb", "--label", "pod=a", "cut.pb"], "error: pod is in both --label and"),
        (&["--label", "pod=a", "--label", "pod=b", "cut.pb"], "error: --label pod is given twice"),
        (&["--label", "pod", "cut.pb"], "error: --label pod: expected KEY=VALUE"),
        (&["--label", "1=a", "cut.pb"], "error: --label 1=a: a key is letters"),
        (&["--labels-from", "{pod", "cut.pb"], "error: --labels-from {pod: a { without }"),
        (&["--labels-from", "{pod}", "-"], "error: -: --labels-from takes labels from paths"),
    ] {
        let ran = rows(&folder, args);
        assert!(ran.exit == 2 && ran.stderr.contains(expected), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn what_capture_writes_beside_a_heap_is_not_taken_for_one() {
    let folder = folder("fleet-rows-capture");
    let [goroutines, heap] = [0, 1].map(|at| {
        let name = ["goroutine_00.pb.gz", "heap_00.pb.gz"][at];
        let from = ["testdata/goroutines/goroutine_00.pb.gz", "testdata/before.pb.gz"][at];
        fs::create_dir_all(folder.join("v1/cart")).unwrap();
        fs::copy(root().join(from), folder.join("v1/cart").join(name)).unwrap();
        format!("v1/cart/{name}")
    });
    // In the order of the shell's *.
    let error = format!(
        "error: {goroutines}: a goroutine profile, not a heap profile; of what capture takes, give heap_*.pb.gz\n"
    );
    for command in [&["top", "--format", "ndjson"][..], &["trend"], &["diff", "--current", &heap, "--base"]] {
        let ran = run(crate::run::command(&folder, &[command, &[&goroutines, &heap]].concat()), None);
        assert_eq!((ran.exit, ran.stderr), (2, error.clone()), "{command:?}");
    }
    let ran = rows(&folder, &["--skip-unreadable", &goroutines, &heap]);
    assert_eq!(
        (ran.exit, ran.stderr.clone()),
        (0, "warning: skipped, not heap profiles: goroutine_00.pb.gz\n".to_owned())
    );
    let read = parsed(&ran);
    assert!(read.len() > 1 && read.iter().all(|row| row["input"] == heap), "{read:?}");
    // Alone they are what they are.
    assert_eq!(rows(&folder, &[&goroutines]).exit, 0);
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_number_of_profiles() {
    let files = files();
    let peak = |files: &[String]| {
        let files = files.iter().map(String::as_str);
        let args: Vec<_> = ["top", "--format", "ndjson"].into_iter().chain(files).collect();
        crate::memory::peak(&FLEET, &args)
    };
    let [few, all] = [peak(&files[..50]), peak(&files)];
    assert!(all < few + (4 << 10), "{few} and {all} KiB");
}

/// The first block of this kind after `heading` in the chapter.
fn block<'t>(chapter: &'t str, kind: &str, heading: &str) -> &'t str {
    let after = chapter.split_once(heading).unwrap().1;
    after.split_once(&format!("```{kind}\n")).unwrap().1.split_once("```").unwrap().0
}

#[test]
fn the_queries_of_the_manual_answer_on_a_thousand_profiles() {
    let files = files();
    let files: Vec<_> = files.iter().map(String::as_str).collect();
    let args = [&["--labels-from", "{deploy}/{pod}/*.pb.gz", "-o", "fleet.ndjson"], &files[..]].concat();
    assert_eq!(files.len(), 1000);
    let ran = rows(&FLEET, &args);
    assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    let chapter = fs::read_to_string(root().join("src/manual/fleet.md")).unwrap();
    let clickhouse = "import chdb, sys; sys.stdout.write(str(chdb.query(sys.argv[1])))";
    for (heading, program, args) in
        [("## DuckDB", "duckdb", ["-csv", "-c"]), ("## ClickHouse", "python3", ["-c", clickhouse])]
    {
        let answer = |query: &str| Command::new(program).args(args).arg(query).current_dir(&*FLEET).output();
        if !answer("SELECT 1").is_ok_and(|output| output.status.success()) {
            assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "{heading} is not installed");
            continue;
        }
        let output = answer(block(&chapter, "sql", heading)).unwrap();
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), block(&chapter, "text", heading));
    }
}
