//! The diff as stacks for other programs: by the rules of their formats, with the numbers of the diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::proto::{Frame, Layout, Profile};
use crate::run::{command, folder, json, root, run};

const PAIRS: [[&str; 2]; 3] = [
    ["sessiond/rate512k/heap_01.pb.gz", "sessiond/rate512k/heap_06.pb.gz"],
    ["etcd/rate512k/heap_06.pb.gz", "etcd/rate512k/heap_01.pb.gz"],
    ["orders/build_a/rate512k/heap_06.pb.gz", "orders/build_c/rate512k/heap_06.pb.gz"],
];

fn captures() -> PathBuf {
    root().join("testdata/captures")
}

/// Standard output and standard error of a run that must succeed.
fn export(folder: &Path, format: &str, args: &[&str]) -> (String, String) {
    let ran = run(command(folder, &[&["--format", format], args].concat()), None);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    (ran.stdout, ran.stderr)
}

/// Writes profiles with negative stacks, as differences have, on one side and on both, and with names that are special
/// in some format.
fn hostile(folder: &Path) -> [&'static str; 2] {
    let names = ["base.pb", "current.pb"];
    for (at, name) in (1..).zip(names) {
        let mut profile = Profile::go();
        profile.time_nanos += at;
        let mut site = |function: &'static str, space: i64| {
            let frame: Frame = (function, "a \"b\"\\.go", 1, 2);
            profile.live(&[&[frame], &[("main.main", "main.go", 1, 2)]], space / 10, space);
        };
        site("main.grew", 1000 * at);
        site("main.gone below", if at == 1 { 500 } else { -500 });
        site("main.below", -300 * at);
        site("a;b \n c\u{1b}[31m 1 2", 700 * at);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    names
}

/// The lines of a folded export: the stack and both values.
fn folded(text: &str) -> Vec<(String, i64, i64)> {
    let line = |line: &str| {
        // From the right, as readers of the format do.
        let (rest, current) = line.rsplit_once(' ').unwrap();
        let (stack, base) = rest.rsplit_once(' ').unwrap();
        assert!(!stack.is_empty() && stack.split(';').all(|name| !name.is_empty()), "{line}");
        assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        let number = |text: &str| {
            assert!(text.bytes().all(|byte| byte.is_ascii_digit()), "{line}");
            text.parse().unwrap()
        };
        (stack.to_owned(), number(base), number(current))
    };
    text.lines().map(line).collect()
}

#[test]
fn folded_lines_are_stacks_with_two_numbers() {
    for [base, current] in PAIRS {
        for (args, metric) in [(&[][..], "inuse_space"), (&["--sort", "objects"], "inuse_objects")] {
            let (text, _) = export(&captures(), "folded", &[args, &[base, current]].concat());
            let lines = folded(&text);
            let totals = &json(&captures(), &["--top", "0", base, current])["totals"][metric];
            let sum = |value: fn(&(String, i64, i64)) -> i64| lines.iter().map(value).sum::<i64>();
            assert_eq!((sum(|line| line.1), sum(|line| line.2)), (number(&totals["base"]), number(&totals["current"])));
            let stacks: Vec<_> = lines.iter().map(|line| &line.0).collect();
            assert!(stacks.is_sorted() && stacks.len() == stacks.iter().collect::<BTreeSet<_>>().len());
            assert!(lines.len() > 5 && lines.iter().all(|line| line.1 != 0 || line.2 != 0));
        }
    }
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap()
}

/// Checks a file against the rules of speedscope's format; returns the weight of each stack of names, by profile.
fn speedscope(text: &str) -> BTreeMap<String, BTreeMap<String, i64>> {
    let json: Value = serde_json::from_str(text).unwrap();
    assert_eq!(json["$schema"], "https://www.speedscope.app/file-format-schema.json");
    let frames = json["shared"]["frames"].as_array().unwrap();
    for frame in frames {
        assert!(!frame["name"].as_str().unwrap().is_empty(), "{frame}");
        assert!(frame.get("file").is_none_or(Value::is_string) && frame.get("line").is_none_or(Value::is_i64));
    }
    let profiles = json["profiles"].as_array().unwrap();
    assert!(number(&json["activeProfileIndex"]) < profiles.len() as i64);
    let mut found = BTreeMap::new();
    for profile in profiles {
        assert_eq!(profile["type"], "sampled");
        let name = profile["name"].as_str().unwrap();
        assert_eq!(profile["unit"], if name.contains("space") { "bytes" } else { "none" });
        let (samples, weights) = (profile["samples"].as_array().unwrap(), profile["weights"].as_array().unwrap());
        assert_eq!(samples.len(), weights.len(), "{name}");
        assert!(weights.iter().all(|weight| number(weight) > 0), "{name}");
        assert_eq!(profile["startValue"], 0);
        assert_eq!(number(&profile["endValue"]), weights.iter().map(number).sum::<i64>(), "{name}");
        let stacks: BTreeMap<_, _> = samples
            .iter()
            .zip(weights)
            .map(|(sample, weight)| {
                let names =
                    sample.as_array().unwrap().iter().map(|at| frames[number(at) as usize]["name"].as_str().unwrap());
                (names.collect::<Vec<_>>().join(";"), number(weight))
            })
            .collect();
        assert_eq!(stacks.len(), samples.len(), "{name}: a stack twice");
        assert!(found.insert(name.to_owned(), stacks).is_none(), "{name} twice");
    }
    found
}

#[test]
fn speedscope_has_growth_and_both_sides() {
    for [base, current] in PAIRS {
        let found = speedscope(&export(&captures(), "speedscope", &[base, current]).0);
        assert_eq!(found.len(), 6);
        for (metric, sort) in [("inuse_space", "space"), ("inuse_objects", "objects")] {
            let lines = folded(&export(&captures(), "folded", &["--sort", sort, base, current]).0);
            let stacks = |value: &dyn Fn(&(String, i64, i64)) -> i64| -> BTreeMap<String, i64> {
                let values = lines.iter().map(|line| (line.0.clone(), value(line)));
                values.filter(|(_, value)| *value > 0).collect()
            };
            assert_eq!(found[&format!("{metric} base")], stacks(&|line| line.1));
            assert_eq!(found[&format!("{metric} current")], stacks(&|line| line.2));
            assert_eq!(found[&format!("{metric} growth")], stacks(&|line| line.2 - line.1));
        }
    }
    let first = |args: &[&str]| {
        let text = export(&captures(), "speedscope", &[args, &PAIRS[0]].concat()).0;
        serde_json::from_str::<Value>(&text).unwrap()["profiles"][0]["name"].clone()
    };
    assert_eq!(first(&[]), "inuse_space growth");
    assert_eq!(first(&["--sort", "objects"]), "inuse_objects growth");
}

#[test]
fn values_below_0_break_no_format() {
    let folder = folder("exports-below-0");
    let [base, current] = hostile(&folder);
    let (text, errors) = export(&folder, "folded", &[base, current]);
    let lines: Vec<_> = folded(&text).into_iter().map(|(stack, base, current)| (stack, (base, current))).collect();
    assert_eq!(
        lines,
        [
            ("main.main;a:b \\u{a} c\\u{1b}[31m 1 2".to_owned(), (700, 1400)),
            ("main.main;main.gone below".to_owned(), (500, 0)),
            ("main.main;main.grew".to_owned(), (1000, 2000)),
        ]
    );
    let told = "warning: 2 stacks have values below 0, which the format has no place for: 0 there";
    assert!(errors.contains(told) && errors.contains("[negative_values]"), "{errors}");
    let (text, errors) = export(&folder, "speedscope", &[base, current]);
    let found = speedscope(&text);
    assert_eq!(found["inuse_space growth"]["main.main;main.grew"], 1000);
    assert_eq!(found["inuse_space current"].get("main.main;main.gone below"), None);
    assert_eq!(found["inuse_space base"]["main.main;main.gone below"], 500);
    assert!(errors.contains(told), "{errors}");
    // pprof's format can hold them.
    let (_, errors) = export(&folder, "pprof", &["-o", "export.pb.gz", base, current]);
    assert!(!errors.contains("no place"), "{errors}");
    fs::write(folder.join("empty.pb"), Profile::go().encode(Layout::Go)).unwrap();
    let back = json(&folder, &["--by", "functions", "empty.pb", "export.pb.gz"]);
    let deltas: Vec<_> =
        back["sites"].as_array().unwrap().iter().map(|site| number(&site["inuse_space"]["delta"])).collect();
    assert_eq!(deltas, [1000, 700, -300, -1000]);
}

#[test]
fn what_does_not_fit_pprofs_numbers_is_an_error() {
    let folder = folder("exports-large");
    for name in ["a.pb", "b.pb", "c.pb"] {
        let mut profile = Profile::go();
        profile.live(&[&[("main.f", "main.go", 1, 2)]], 1, i64::MAX / 2 + 1);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let args = ["--format", "pprof", "-o", "x", "--base", "a.pb", "--current", "b.pb", "c.pb"];
    let ran = run(command(&folder, &args), None);
    assert!(ran.exit == 2 && ran.stderr.contains("too large for pprof's format"), "{}", ran.stderr);
}

#[test]
fn a_profile_that_was_exported_is_known_as_a_difference() {
    let folder = folder("exports-back");
    let [base, current] = PAIRS[0].map(|name| captures().join(name).to_str().unwrap().to_owned());
    let write = |name: &str| _ = export(&folder, "pprof", &["-o", name, &base, &current]);
    write("one.pb.gz");
    write("two.pb.gz");
    assert_eq!(fs::read(folder.join("one.pb.gz")).unwrap(), fs::read(folder.join("two.pb.gz")).unwrap());
    let back = json(&folder, &["--by", "lines", &base, "one.pb.gz"]);
    let codes: Vec<_> = back["notes"].as_array().unwrap().iter().map(|note| note["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"saved_difference"), "{codes:?}");
    // Times and the period are those of the current side, and names, files, and lines are there.
    let current = json(&folder, &["--by", "lines", &base, &current]);
    for field in ["time_nanos", "period_bytes", "build_id"] {
        assert_eq!(back["current"][field], current["current"][field], "{field}");
    }
    let places = |json: &Value| -> BTreeSet<String> {
        let sites = json["sites"].as_array().unwrap().iter();
        sites.map(|site| format!("{} {} {}", site["site_id"], site["file"], site["line"])).collect()
    };
    assert!(places(&back).is_subset(&places(&current)), "{:#?}", places(&back));
    // Goroutines are exported as well, by their own name.
    let goroutines =
        ["goroutine_01.pb.gz", "goroutine_06.pb.gz"].map(|name| captures().join("notifyd/rate512k").join(name));
    let [before, after] = goroutines.each_ref().map(|path| path.to_str().unwrap());
    export(&folder, "pprof", &["--sample-type", "goroutine", "-o", "goroutines.pb.gz", before, after]);
    let back = json(&folder, &["--sample-type", "goroutine", "--top", "0", before, "goroutines.pb.gz"]);
    assert_eq!(back["totals"]["inuse_objects"]["current"], 753);
}

/// pprof's rows of a metric: name → flat and cum; with type arguments folded and `(inline)` removed.
fn pprof_top(metric: &str, args: &[&str]) -> BTreeMap<String, (i64, i64)> {
    let fixed = ["tool", "pprof", "-symbolize=none", "-top", "-trim=false", "-unit=bytes", "-compact_labels"];
    let index = format!("-sample_index={metric}");
    let output = Command::new("go").args(fixed).arg(index).args(args).current_dir(captures()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().skip_while(|line| !line.trim_start().starts_with("flat ")).skip(1);
    let mut found: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in rows {
        let mut words = row.split_whitespace();
        let mut number = || words.next().unwrap().trim_end_matches(|c: char| c.is_alphabetic()).parse::<i64>();
        let flat = number().unwrap();
        _ = (number(), number());
        let cum = number().unwrap();
        let name = words.skip(1).collect::<Vec<_>>().join(" ");
        let name = name.trim_end_matches(" (inline)").trim_end_matches(" (partial-inline)");
        let name = match (name.find('['), name.rfind(']')) {
            (Some(open), Some(close)) => format!("{}[...]{}", &name[..open], &name[close + 1..]),
            _ => name.to_owned(),
        };
        let sum = found.entry(name).or_default();
        (sum.0, sum.1) = (sum.0 + flat, sum.1 + cum);
    }
    found
}

#[test]
fn pprof_shows_an_export_as_its_own_difference() {
    if !Command::new("go").arg("version").output().is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "go is not installed");
        return;
    }
    let folder = folder("exports-pprof");
    let path = folder.join("export.pb.gz");
    let path = path.to_str().unwrap();
    let mut compared = 0;
    for [base, current] in PAIRS {
        export(&captures(), "pprof", &["-o", path, base, current]);
        for metric in ["inuse_space", "inuse_objects"] {
            let expected = pprof_top(metric, &[&format!("-diff_base={base}"), current]);
            assert_eq!(pprof_top(metric, &[path]), expected, "{base} {current} {metric}");
            compared += expected.len();
        }
    }
    assert!(compared > 100, "{compared}");
}

#[test]
fn what_chooses_sites_says_nothing_of_stacks() {
    for (option, args) in [
        ("--cum", &["--cum"][..]),
        ("--confirmed", &["--confirmed"]),
        ("--top", &["--top", "3"]),
        ("--by", &["--by", "owner"]),
    ] {
        let pair = ["testdata/before.pb.gz", "testdata/after.pb.gz"];
        let ran = run(command(root(), &[args, &["--format", "folded"], &pair].concat()), None);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.starts_with(&format!("error: {option} chooses sites; ")), "{}", ran.stderr);
    }
}
