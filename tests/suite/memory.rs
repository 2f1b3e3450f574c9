//! Peak memory of every command and format on a small file with very many stacks.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::proto::{Layout, Profile};
use crate::run::{command, folder, gzip};

/// Distinct stacks of a side: a quarter of what is kept of a small file.
const STACKS: u64 = 100_000;
/// Of the 256 MiB that a command may take for small files, KiB: 24 MiB whatever the number of stacks is, and a quarter of
/// the rest.
const ROOM: u64 = (24 + (256 - 24) / 4) << 10;

/// A profile of distinct stacks of two functions each, gzipped.
fn profile(first: u64, objects: i64) -> Vec<u8> {
    const FUNCTIONS: u64 = 650;
    let mut profile = Profile::go();
    let ids: Vec<_> =
        (0..FUNCTIONS).map(|at| profile.location(&[(format!("main.f{at}").leak(), "main.go", 1, 2)])).collect();
    profile.live(&[&[("main.main", "main.go", 1, 2)]], 1, 64);
    let mut sample = profile.sample[0].clone();
    sample.label.clear();
    sample.value = vec![objects, 64 * objects, objects, 64 * objects];
    for at in first..first + STACKS {
        sample.location_id = vec![ids[(at % FUNCTIONS) as usize], ids[(at / FUNCTIONS) as usize]];
        profile.sample.push(sample.clone());
    }
    profile.time_nanos += objects;
    gzip(&profile.encode(Layout::Pprof))
}

/// Peak memory of a run, KiB, read until it ends: a little less than it was, if it grew last.
pub fn peak(folder: &Path, args: &[&str]) -> u64 {
    let mut child = command(folder, args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let found = text.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
        peak = peak.max(found.map_or(0, |kib| kib.parse().unwrap()));
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().code().is_some_and(|exit| exit < 2), "{args:?}");
    peak
}

#[test]
fn many_stacks_in_a_small_file_take_little_memory() {
    let folder = folder("memory");
    for (name, first, objects) in [("a", 0, 1), ("b", STACKS, 2)] {
        let bytes = profile(first, objects);
        assert!(bytes.len() < 1 << 20, "{}", bytes.len());
        fs::write(folder.join(name), bytes).unwrap();
    }
    let formats = ["table", "json", "ndjson", "csv", "markdown", "folded", "speedscope", "pprof"];
    let mut runs: Vec<Vec<&str>> = formats.iter().map(|format| vec!["--format", *format, "a", "b"]).collect();
    for how in [
        &["check", "--no-evidence"][..],
        &["stacks"],
        &["stacks", "--json"],
        &["list", "."],
        &["peek", "."],
        &["peek", "--json", "."],
    ] {
        runs.push([how, &["a", "b"]].concat());
    }
    runs.extend([
        vec!["report", "a", "b"],
        vec!["flame", "a", "b"],
        vec!["top", "b"],
        vec!["top", "--format", "ndjson", "b", "a"],
        vec!["trend", "a", "b", "a"],
    ]);
    for args in runs {
        let peak = peak(&folder, &args);
        assert!(peak < ROOM, "{args:?}: {} MiB", peak >> 10);
    }
}
