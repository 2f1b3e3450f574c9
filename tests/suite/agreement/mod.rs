//! The same files say the same, whatever command and format: which sites grew, by how much, and how sure that is. What is
//! right stands here, too; where a command means to say something else, `explain check` and `explain trend` tell why.

mod cases;

use std::collections::BTreeSet;
use std::fs;

use cases::{CASES, Case, SERIES};
use serde_json::Value;

use crate::run::{command, folder, json, json_of, root, run};

fn testdata() -> std::path::PathBuf {
    root().join("testdata")
}

/// The output of a command, on a line as long as it likes.
fn said(args: &[&str]) -> String {
    let mut command = command(&testdata(), args);
    command.env("COLUMNS", "1000");
    let ran = run(command, None);
    assert!(ran.exit != 2, "{args:?}: {}", ran.stderr);
    ran.stdout
}

fn parsed(args: &[&str]) -> Value {
    serde_json::from_str(&said(args)).unwrap()
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// What is said of a site wherever it is: its key, function, place, both values of both metrics, and the verdict.
fn site(site: &Value) -> Vec<Value> {
    let metrics = ["inuse_space", "inuse_objects"].into_iter();
    let values = metrics.flat_map(|metric| ["base", "current"].map(|side| site[metric][side].clone()));
    let about = ["site_id", "function", "file", "line"].map(|field| site[field].clone());
    about.into_iter().chain(values).chain([site["evidence"]["verdict"].clone()]).collect()
}

fn sites(report: &Value) -> Vec<Vec<Value>> {
    report["sites"].as_array().unwrap().iter().map(site).collect()
}

fn confirmed(report: &Value) -> Vec<&Value> {
    report["sites"].as_array().unwrap().iter().filter(|site| site["evidence"]["verdict"] == "grew").collect()
}

/// The heading of a page.
fn heading(page: &str) -> String {
    let (_, rest) = page.split_once("<h1>").unwrap();
    let text = rest.split_once("</h1>").unwrap().0.replace('\u{a0}', " ");
    [("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (code, character)| text.replace(code, character))
}

/// Every format of the diff says what its JSON says, which is returned.
fn diff_agrees(base: &str, current: &str) -> Value {
    let diff = json(&testdata(), &[base, current]);
    let answer = diff["headline"].as_str().unwrap();
    assert_eq!(diff["granularity"], "owner");
    let table = said(&[base, current]);
    // A warning that comes first is a line of its own in a table.
    assert!(answer.ends_with(table.lines().find(|line| !line.starts_with("warning: ")).unwrap()), "{answer}\n{table}");
    let markdown = said(&["--format", "markdown", base, current]).replace('\\', "");
    assert!(markdown.contains(&format!("**{answer}**")), "{answer}\n{markdown}");
    let page = said(&["report", base, current]);
    assert_eq!(heading(&page), answer);

    let lines = said(&["--format", "ndjson", base, current]);
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of_lines = lines.iter().filter(|line| line["type"] == "site").map(site);
    assert_eq!(of_lines.collect::<Vec<_>>(), sites(&diff));
    assert_eq!(lines.last().unwrap()["headline"], answer);
    let csv = said(&["--format", "csv", base, current]);
    let mut rows = csv.lines();
    let column = |name: &str| csv.lines().next().unwrap().split(',').position(|column| column == name).unwrap();
    let columns = ["site_id", "inuse_space_delta", "inuse_objects_delta", "evidence"].map(column);
    rows.next();
    for (row, site) in rows.zip(diff["sites"].as_array().unwrap()) {
        let cells: Vec<_> = row.split(',').collect();
        let deltas = ["inuse_space", "inuse_objects"].map(|metric| site[metric]["delta"].to_string());
        let [space, objects] = &deltas;
        let [id, verdict] = [&site["site_id"], &site["evidence"]["verdict"]].map(|text| text.as_str().unwrap());
        assert_eq!(columns.map(|at| cells[at]), [id, space, objects, verdict], "{row}");
    }
    for site in confirmed(&diff).iter().filter(|_| diff["sampling"]["rate_bytes"] != 1.0) {
        let function = site["function"].as_str().unwrap();
        assert!(markdown.contains(&format!("`{function}`")), "{function}\n{markdown}");
    }
    diff
}

/// The check has the diff's sites and answer, and its formats name the sites that fail, which are returned.
fn check_agrees(base: &str, current: &str, diff: &Value) -> Vec<String> {
    let check = parsed(&["check", "--json", base, current]);
    let answer = check["headline"].as_str().unwrap();
    // What may be missed is said by the check in its own terms.
    assert!(diff["headline"].as_str().unwrap().starts_with(answer.trim_end_matches('.')), "{answer}");
    for part in ["totals", "whole", "sampling", "findings", "granularity"] {
        assert_eq!(check[part], diff[part], "{part}");
    }
    assert_eq!(sites(&check), sites(diff));
    let mut failing = Vec::new();
    for violation in check["verdict"]["violations"].as_array().unwrap() {
        let Some(function) = violation["function"].as_str() else {
            failing.push(String::new());
            continue;
        };
        let site = confirmed(diff).into_iter().find(|site| site["site_id"] == violation["site_id"]).expect(function);
        let metric = violation["metric"].as_str().unwrap();
        assert_eq!(violation["delta"], site[metric]["delta"], "{function}");
        assert_eq!(
            ["function", "file", "line"].map(|field| &violation[field]),
            ["function", "file", "line"].map(|f| &site[f])
        );
        failing.push(function.to_owned());
    }
    let [table, github, junit, markdown] = ["table", "github", "junit", "markdown"].map(|format| {
        let text = said(&["check", "--format", format, base, current]).replace('\\', "");
        let text = text.replace("%25", "%").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
        assert!(text.contains(answer), "{format}: {answer}\n{text}");
        text
    });
    let sarif = parsed(&["check", "--format", "sarif", base, current]);
    let quality = parsed(&["check", "--format", "code-quality", base, current]);
    let [sarif, quality] = [&sarif["runs"][0]["results"], &quality].map(Value::to_string);
    for function in failing.iter().filter(|name| !name.is_empty()) {
        for text in [&github, &junit, &markdown, &sarif, &quality] {
            assert!(text.contains(function.as_str()), "{function}\n{text}");
        }
        let short = function.rsplit('/').next().unwrap();
        assert!(table.contains(short), "{short}\n{table}");
    }
    failing
}

/// `list` and `peek` answer with the diff's growth of a function.
fn stacks_agree(base: &str, current: &str, site: &Value) {
    let function = site["function"].as_str().unwrap();
    if function.starts_with("runtime (") {
        return;
    }
    let amount =
        |text: &str| text.split_once("grew by ").map(|(_, rest)| rest.split(['i', 'B']).next().unwrap().to_owned());
    for name in ["list", "peek"] {
        let found = json_of(name, &testdata(), &[function, base, current]);
        let of_function = found["functions"].as_array().unwrap().iter().filter(|found| found["function"] == function);
        let owned: Vec<_> = of_function.map(|found| &found["owned"]).collect();
        for metric in ["inuse_space", "inuse_objects"] {
            let sum: i64 = owned.iter().map(|owned| number(&owned[metric]["delta"])).sum();
            assert_eq!(sum, number(&site[metric]["delta"]), "{name} {function} {metric}");
        }
        if owned.len() == 1 {
            let answer = said(&[name, function, base, current]);
            let row = said(&["--format", "markdown", "--all", base, current]).replace('\\', "");
            let row = row.lines().find(|row| row.contains(&format!("`{function}`"))).unwrap().to_owned();
            let grown = amount(&answer).unwrap_or_else(|| panic!("{answer}"));
            assert!(row.contains(&format!("+{grown}")), "{grown} {row}");
        }
    }
}

#[test]
fn two_profiles_are_said_to_have_grown_by_the_same_everywhere() {
    for Case { base, current, answer, grown, failing } in CASES {
        let diff = diff_agrees(base, current);
        assert!(diff["headline"].as_str().unwrap().starts_with(answer), "{base}: {}", diff["headline"]);
        let found: Vec<_> = confirmed(&diff)
            .into_iter()
            .map(|site| {
                let [space, objects] = ["inuse_space", "inuse_objects"].map(|metric| number(&site[metric]["delta"]));
                (site["function"].as_str().unwrap(), space, objects)
            })
            .collect();
        let counted = diff["sampling"]["rate_bytes"] == 1.0;
        assert!(grown.iter().all(|site| found.contains(site)), "{base}: {found:?}");
        assert!(counted || found.len() == grown.len(), "{base}: {found:?}");
        assert_eq!(check_agrees(base, current, &diff), failing, "{base}");
        for (function, ..) in grown {
            let site = confirmed(&diff).into_iter().find(|site| site["function"] == *function).unwrap().clone();
            stacks_agree(base, current, &site);
        }
    }
}

/// The trend of files says what the diff of its ends says, and returns both.
fn trend_agrees(files: &[&str]) -> [Value; 2] {
    let trend = json_of("trend", &testdata(), files);
    let [base, current] = ["base", "current"].map(|side| trend[side]["inputs"][0].as_str().unwrap());
    let diff = json(&testdata(), &["--same-process", base, current]);
    let ordered = |report: &Value| sites(report).into_iter().map(|site| format!("{site:?}")).collect::<BTreeSet<_>>();
    assert_eq!(ordered(&trend), ordered(&diff), "{files:?}");
    assert_eq!(trend["granularity"], "owner");
    for (metric, side) in
        ["inuse_space", "inuse_objects"].iter().flat_map(|metric| [(metric, "base"), (metric, "current")])
    {
        assert_eq!(trend["totals"][metric][side], diff["totals"][metric][side]);
    }
    let answer = trend["headline"].as_str().unwrap();
    let table = said(&[&["trend"], files].concat());
    assert_eq!(table.lines().next().unwrap(), answer);
    let page = folder("agreement").join("trend.html");
    said(&[&["trend", "-o", page.to_str().unwrap()], files].concat());
    assert_eq!(heading(&fs::read_to_string(page).unwrap()), answer);
    [trend, diff]
}

#[test]
fn a_series_is_said_to_have_grown_by_what_its_ends_did() {
    for (series, answer, grown) in SERIES {
        let [trend, diff] = trend_agrees(&[series]);
        assert!(trend["headline"].as_str().unwrap().starts_with(answer), "{series}: {}", trend["headline"]);
        let found: Vec<_> = confirmed(&diff).into_iter().map(|site| site["function"].as_str().unwrap()).collect();
        assert_eq!(found, grown, "{series}");
        for site in trend["sites"].as_array().unwrap() {
            // Confirmed growth has a course; what is within noise has none.
            let is_grown = grown.contains(&site["function"].as_str().unwrap());
            assert_eq!(site["trend"] != "steady", is_grown, "{series}: {site:#}");
        }
        let files: Vec<_> =
            trend["snapshots"].as_array().unwrap().iter().map(|one| one["input"].as_str().unwrap()).collect();
        assert_eq!(json_of("trend", &testdata(), &files)["headline"], trend["headline"], "{series}");
    }
}

/// A capture has the totals of its texts for whoever is given its profiles: the folder, all files, or two.
#[test]
fn a_capture_has_the_same_totals_by_folder_and_by_files() {
    let capture = folder("agreement-capture");
    let texts = testdata().join("texts/notifyd/rate512k");
    let mut snapshots = Vec::new();
    for (at, from) in ["heap_00", "heap_02", "heap_04"].iter().enumerate() {
        for (ending, profile) in [(".pb.gz", "heap"), (".txt.gz", "heap_text")] {
            let name = format!("heap_{at:02}{ending}");
            fs::copy(texts.join(format!("{from}{ending}")), capture.join(&name)).unwrap();
            if profile == "heap" {
                snapshots.push(serde_json::json!({"files": []}));
            }
            let file =
                serde_json::json!({"profile": profile, "file": name.trim_end_matches(".gz").replace(".pb", ".pb.gz")});
            snapshots[at]["files"].as_array_mut().unwrap().push(file);
        }
    }
    fs::write(capture.join("manifest.json"), serde_json::json!({"snapshots": snapshots}).to_string()).unwrap();
    let trend = |files: &[&str]| json_of("trend", &capture, files);
    let files = ["heap_00.pb.gz", "heap_01.pb.gz", "heap_02.pb.gz"];
    let (by_folder, by_files) = (trend(&["."]), trend(&files));
    let diff = json(&capture, &[files[0], files[2]]);
    assert_eq!(diff["whole"]["is_exact"], true);
    for part in ["headline", "runtime_heap", "process"] {
        assert!(!by_files[part].is_null(), "{part}");
        assert_eq!(by_files[part], by_folder[part], "{part}");
    }
    let heap = by_files["runtime_heap"]["series_bytes"].as_array().unwrap();
    for (side, at) in [("base", 0), ("current", 2)] {
        assert_eq!(heap[at], diff["whole"]["inuse_space"][side], "{side}");
    }
    fs::remove_file(capture.join("manifest.json")).unwrap();
    assert!(trend(&files)["runtime_heap"].is_null(), "of no capture");
}
