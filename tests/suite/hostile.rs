//! Hostile files: their cost is bounded, and the errors are clear.

use std::fs;
use std::path::Path;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{assert_valid, command, folder, gzip, json, run};

const FRAME: Frame = ("main.f", "main.go", 1, 2);

/// The error of a run with a file as the current side.
fn error(folder: &Path, bytes: &[u8]) -> String {
    let good = folder.join("good");
    let mut profile = Profile::go();
    profile.live(&[&[FRAME]], 1, 64);
    fs::write(good, profile.encode(Layout::Go)).unwrap();
    fs::write(folder.join("bad"), bytes).unwrap();
    let ran = run(command(folder, &["good", "bad"]), None);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    ran.stderr
}

fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

fn field(number: u64, bytes: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(bytes.len() as u64), bytes.to_vec()].concat()
}

#[test]
fn sums_that_leave_64_bits_are_right() {
    let folder = folder("overflow");
    let mut profile = Profile::go();
    let mut base = Profile::go();
    base.live(&[&[FRAME]], 1, 64);
    profile.live(&[&[FRAME]], i64::MAX, i64::MAX);
    let sample = profile.sample[0].clone();
    profile.sample.resize(100_000, sample);
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("huge"), gzip(&profile.encode(Layout::Go))).unwrap();
    let sum = (i128::from(i64::MAX) * 100_000).to_string();
    for how in [&["--by", "lines"][..], &["--by", "owner"], &["--by", "packages", "--cum"]] {
        let args = [how, &["--format", "csv", "base", "huge"]].concat();
        let ran = run(command(&folder, &args), None);
        assert!(ran.exit == 0 && ran.stdout.contains(&sum), "{}{}", ran.stdout, ran.stderr);
    }
    let report = run(command(&folder, &["--json", "base", "huge"]), None);
    assert_eq!(report.exit, 0, "{}", report.stderr);
    assert!(report.stdout.contains(&format!("\"current\":{sum}")), "{}", report.stdout);
    assert_valid(&serde_json::from_str(&report.stdout).unwrap());
    for [format, one, other] in [["markdown", "base", "huge"], ["ndjson", "huge", "base"], ["table", "huge", "huge"]] {
        let ran = run(command(&folder, &["--format", format, one, other]), None);
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
    }
    let table = run(command(&folder, &["--bytes", "raw", "base", "huge"]), None).stdout;
    assert!(table.replace([',', '_', ' '], "").contains(&sum), "{table}");
    let check = run(command(&folder, &["check", "--no-evidence", "base", "huge"]), None);
    assert_eq!(check.exit, 1, "{}{}", check.stdout, check.stderr);
    let negative = {
        let mut profile = profile.clone();
        profile.sample.iter_mut().for_each(|sample| sample.value = vec![1, 1, i64::MIN, i64::MIN]);
        profile.encode(Layout::Pprof)
    };
    fs::write(folder.join("negative"), gzip(&negative)).unwrap();
    let sum = (i128::from(i64::MIN) * 100_000).to_string();
    let report = run(command(&folder, &["--json", "base", "negative"]), None);
    assert!(report.exit == 0 && report.stdout.contains(&sum), "{}{}", report.stdout, report.stderr);
}

#[test]
fn forged_lengths_take_no_memory() {
    let folder = folder("forged");
    for len in [1 << 63, u64::MAX, 1 << 40, (4 << 20) + 1] {
        let message = error(&folder, &[vec![0x12], varint(len), vec![1; 100]].concat());
        assert!(message.contains(&format!("a field of {len} bytes; expected at most 4194304")), "{message}");
    }
    let message = error(&folder, &[vec![0x12], varint(4 << 20), vec![1; 100]].concat());
    assert!(message.contains("cut off within a field"), "{message}");
}

#[test]
fn a_profile_has_no_65_columns() {
    let message = error(&folder("columns"), &field(1, b"").repeat(65));
    assert!(message.contains("more than 64 sample_type entries: no heap profile has that many"), "{message}");
}

#[test]
fn three_gigabytes_of_zeros_are_refused_at_once() {
    let folder = folder("zeros");
    // A megabyte, three thousand times: as members, since packing them in one would take the test too long.
    let zeros = gzip(&vec![0; 1 << 20]).repeat(3000);
    for bytes in [gzip(&zeros), zeros] {
        let message = error(&folder, &bytes);
        assert!(message.contains("inflate to more than ") && message.contains("no usual profile"), "{message}");
    }
}

#[test]
fn a_line_of_two_million_frames_is_refused() {
    let folder = folder("long-line");
    let line = [&b"heap profile: 1: 64 [1: 64] @ heap/1048576\n1: 64 [1: 64] @"[..], &b" 0x401000".repeat(2_000_000)];
    let message = error(&folder, &[line.concat(), b"\n".to_vec()].concat());
    assert!(message.contains("a line of more than 4194304 bytes"), "{message}");
}

#[test]
fn a_stack_of_two_million_frames_is_a_stack() {
    let folder = folder("deep");
    let mut profile = Profile::go();
    profile.live(&[&[FRAME]], 1, 64);
    let frame = profile.sample[0].location_id[0];
    profile.sample[0].location_id = vec![frame; 2_000_000];
    fs::write(folder.join("deep"), profile.encode(Layout::Go)).unwrap();
    let report = json(&folder, &["--cum", "deep", "deep"]);
    assert_eq!(report["totals"]["inuse_space"]["current"], 64);
}

#[test]
fn a_pattern_of_a_megabyte_is_not_applied() {
    let folder = folder("pattern");
    let mut profile = Profile::go();
    profile.live(&[&[FRAME]], 1, 64);
    profile.string_table.push(b"(a|b)*".repeat(200_000));
    profile.drop_frames = profile.string_table.len() as i64 - 1;
    fs::write(folder.join("pattern"), profile.encode(Layout::Go)).unwrap();
    let ran = run(command(&folder, &["pattern", "pattern"]), None);
    assert!(ran.exit == 0 && ran.stdout.len() < 10_000, "{}", ran.stdout.len());
    let words: Vec<_> = ran.stdout.split_whitespace().collect();
    assert!(words.join(" ").contains("exceeds size limit of 65536 bytes"), "{}", ran.stdout);
}

#[test]
fn names_of_forty_thousand_elements_take_no_minutes() {
    let folder = folder("deep-names");
    for (file, objects) in [("base", 1), ("current", 90_000)] {
        let mut profile = Profile::go();
        for first in ["a0", "b0"] {
            let name: &'static str = format!("{first}/{}x.f", "a/".repeat(40_000)).leak();
            profile.live(&[&[(name, name, 1, 2)]], objects, 64 * objects).label.clear();
        }
        fs::write(folder.join(file), gzip(&profile.encode(Layout::Go))).unwrap();
    }
    for how in [&["diff"][..], &["check"], &["list", "f"], &["peek", "f"], &["stacks"], &["report"], &["flame"]] {
        for columns in ["60", "200"] {
            let mut command = command(&folder, &[how, &["base", "current"]].concat());
            command.env("COLUMNS", columns);
            let ran = run(command, None);
            assert!(ran.exit < 2 && ran.stdout.len() < 2_000_000, "{how:?}: {} {}", ran.stderr, ran.stdout.len());
        }
    }
}
