//! The answer of a comparison: what grew first, and the lines of a site.

use serde_json::Value;

use crate::run::{command, json, root, run};

/// The captures, each with two snapshots of it.
const CAPTURES: [&str; 6] = ["notifyd", "pqueue", "pricecache", "sessiond", "steadyjson", "tokenidx"];

#[test]
fn the_lines_of_a_site_sum_to_it() {
    let mut lines_seen = 0;
    for (capture, rate) in CAPTURES.into_iter().flat_map(|name| ["rate1", "rate512k"].map(|rate| (name, rate))) {
        let folder = root().join("testdata/captures").join(capture).join(rate);
        for options in [&[][..], &["--cum"], &["--per-profile"]] {
            let sides = ["--base", "heap_01.pb.gz", "heap_06.pb.gz", "--current", "heap_06.pb.gz"];
            let report = json(&folder, &[options, &sides].concat());
            for site in report["sites"].as_array().unwrap() {
                let lines = site["lines"].as_array().unwrap();
                lines_seen += lines.len();
                for (metric, side) in ["inuse_space", "inuse_objects"]
                    .into_iter()
                    .flat_map(|metric| ["base", "current", "delta"].map(|side| (metric, side)))
                {
                    let number = |value: &Value| value[metric][side].as_i64().unwrap();
                    let sum: i64 = lines.iter().map(number).sum();
                    assert_eq!(sum, number(site), "{capture} {rate} {options:?} {metric} {side} {site:#}");
                }
            }
        }
    }
    assert!(lines_seen > 1000, "{lines_seen}");
}

#[test]
fn other_granularities_have_no_lines_below() {
    let report = json(root(), &["--by", "lines", "testdata/before.pb.gz", "testdata/after.pb.gz"]);
    assert!(report["sites"].as_array().unwrap().iter().all(|site| site["lines"] == Value::Array(Vec::new())));
}

#[test]
fn table_and_json_begin_alike() {
    for capture in CAPTURES {
        let folder = root().join("testdata/captures").join(capture).join("rate512k");
        let pair = ["heap_01.pb.gz", "heap_06.pb.gz"];
        let headline = json(&folder, &pair)["headline"].as_str().unwrap().to_owned();
        let mut table = command(&folder, &pair);
        table.env("COLUMNS", "1000");
        let shown = run(table, None).stdout;
        assert!(shown.starts_with(&headline), "{headline}\n{shown}");
        let markdown = run(command(&folder, &[&["--format", "markdown"], &pair[..]].concat()), None).stdout;
        let words = markdown.replace('\\', "");
        assert!(words.contains(&format!("**{headline}**")), "{headline}\n{markdown}");
    }
}

#[test]
fn a_file_in_the_working_directory_is_shown_by_its_path_there_and_linked() {
    let folder = root().join("testdata/captures");
    let pair = ["sessiond/rate512k/heap_01.pb.gz", "sessiond/rate512k/heap_06.pb.gz"];
    let shown = run(command(&folder, &[&["--hyperlink", "always"], &pair[..]].concat()), None).stdout;
    let file = folder.join("sessiond/main.go").canonicalize().unwrap();
    let link = format!("\u{1b}]8;;file://{}\u{1b}\\sessiond/main.go:58\u{1b}]8;;\u{1b}\\", file.display());
    assert!(shown.contains(&link), "{shown}");
    assert!(!run(command(&folder, &pair), None).stdout.contains('\u{1b}'), "only on a terminal");
}

#[test]
fn the_next_step_is_in_the_programs_own_code() {
    // Go's library grew most, and holds the connections.
    let folder = root().join("testdata/goroutines");
    let shown = run(command(&folder, &["heap_00.pb.gz", "heap_04.pb.gz"]), None).stdout;
    assert!(shown.starts_with("http.(*conn).serve grew by"), "{shown}");
    let next = shown.split_once("\nNext:\n").unwrap().1;
    assert_eq!(
        next.lines().map(str::trim).collect::<Vec<_>>(),
        [
            "heapdiff list main.query.func1 heap_00.pb.gz heap_04.pb.gz",
            "heapdiff peek main.query.func1 heap_00.pb.gz heap_04.pb.gz",
            "heapdiff list main.query.func1 goroutineleak_00.pb.gz goroutineleak_04.pb.gz",
        ]
    );
}
