//! Parity with jeprof and google-pprof on real dumps of jemalloc and gperftools, and with what the dumped program is
//! known to keep alive. `tests/native.py` makes the tables and describes their columns.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::sync::LazyLock;

use serde_json::Value;

use crate::run::{json, root};

const METRICS: [&str; 2] = ["inuse_space", "inuse_objects"];

/// A pair of dumps: its name and both paths.
fn pairs() -> Vec<[String; 3]> {
    let table = fs::read_to_string(root().join("testdata/native/pairs.tsv")).unwrap();
    let pairs = table.lines().map(|line| {
        let [name, base, current, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        [name.to_owned(), format!("testdata/native/{base}"), format!("testdata/native/{current}")]
    });
    pairs.collect()
}

/// The numbers of a site by column; none where the tool has none.
type Row = BTreeMap<String, Option<i64>>;

fn expected(table: &str) -> BTreeMap<String, Row> {
    let mut lines = table.lines();
    let head: Vec<_> = lines.next().unwrap().split('\t').collect();
    let rows = lines.map(|line| {
        let fields: Vec<_> = line.split('\t').collect();
        assert_eq!(fields.len(), head.len(), "{line}");
        let number = |field: &str| (field != "-").then(|| field.parse().unwrap());
        let row = head[1..].iter().zip(&fields[1..]).map(|(name, field)| ((*name).to_owned(), number(field)));
        (fields[0].to_owned(), row.collect())
    });
    rows.collect()
}

/// A site's numbers, flat or cum.
fn numbers<'s>(site: &'s Value, kind: &str, metric: &str) -> &'s Value {
    if kind == "flat" { &site[metric] } else { &site["cum"][metric] }
}

/// Whether our number is the tool's: equal if nothing was scaled up. Otherwise the tool truncates a sum, and heapdiff,
/// like pprof, each of its `records`.
fn agree(side: &str, tool: i64, ours: i64, records: i64, is_exact: bool) -> bool {
    match side {
        _ if is_exact || records == 0 => ours == tool,
        "delta" => (ours - tool).abs() <= records,
        _ => (tool - records + 1..=tool).contains(&ours),
    }
}

/// Compares a pair with one of its tables; returns how many numbers were compared.
fn compare(name: &str, report: &Value, table: &str) -> usize {
    let expected = expected(table);
    let sites = report["sites"].as_array().unwrap();
    let found: BTreeMap<_, _> =
        sites.iter().map(|site| (site["function"].as_str().unwrap().to_owned(), site)).collect();
    assert_eq!(found.len(), sites.len(), "{name}: a site stands there twice");
    let is_exact = report["base"]["period_bytes"].as_i64().unwrap() <= 1;
    let nothing = serde_json::json!({"base": 0, "current": 0, "delta": 0});
    let mut compared = 0;
    for site in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
        for kind in ["flat", "cum"] {
            let tools = |column: &str| expected.get(site).map_or(Some(0), |row| row[column]);
            let records = ["base", "current"].map(|side| tools(&format!("{side}_{kind}_records")).unwrap());
            for metric in METRICS {
                let ours = found.get(site).map_or(&nothing, |site| numbers(site, kind, metric));
                for (side, records) in
                    [("base", records[0]), ("current", records[1]), ("delta", records[0].max(records[1]))]
                {
                    let Some(tool) = tools(&format!("{kind}_{metric}_{side}")) else { continue };
                    let ours = ours[side].as_i64().unwrap();
                    assert!(
                        agree(side, tool, ours, records, is_exact),
                        "{name}: {site} {kind} {metric} {side}: the tool says {tool}, heapdiff {ours}, of {records} records"
                    );
                    compared += 1;
                }
            }
        }
    }
    compared
}

#[test]
fn real_dumps_read_as_by_the_tools_of_their_allocators() {
    let mut compared = 0;
    for [name, base, current] in pairs() {
        let report = json(root(), &["--cum", &base, &current]);
        let format = name.split('-').next().unwrap();
        assert_eq!(
            (&report["base"]["format"], &report["current"]["format"]),
            (&format.into(), &format.into()),
            "{name}"
        );
        let table = root().join(format!("testdata/native/{name}.tsv"));
        compared += compare(&name, &report, &fs::read_to_string(table).unwrap());
    }
    assert!(compared > 2000, "{compared} numbers");
}

/// Bytes and objects that `leak.c` keeps alive at base and current, as an allocator counts them that samples every
/// object. The sizes of `session` and `late` are jemalloc's size classes.
const TRUTH: &[(&str, [i64; 2], [i64; 2])] = &[
    ("index_grow", [4 << 20, 12 << 20], [1, 1]),
    ("cache_fill", [8_192_000, 8_192_000], [4000, 4000]),
    ("buffers", [512 * 16384, 128 * 16384], [512, 128]),
    ("early", [200 * 8192, 0], [200, 0]),
    ("churn", [0, 0], [0, 0]),
];

/// Whether a site is in a function of `leak`, by `functions.tsv`.
fn is_in(site: &str, function: &str) -> bool {
    static TABLE: LazyLock<String> =
        LazyLock::new(|| fs::read_to_string(root().join("testdata/native/functions.tsv")).unwrap());
    let hex = |number: &str| i64::from_str_radix(number.trim_start_matches("0x"), 16).unwrap();
    let line = TABLE.lines().find(|line| line.ends_with(&format!("\t{function}"))).unwrap();
    let [file, start, size, _] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
    let Some((binary, offset)) = site.split_once('+') else { return false };
    binary == file && (hex(start)..hex(start) + hex(size)).contains(&hex(offset))
}

/// Sums of the sites in a function.
fn of_function(report: &Value, function: &str, metric: &str) -> [i64; 2] {
    let sites = report["sites"].as_array().unwrap().iter();
    let sites: Vec<_> = sites.filter(|site| is_in(site["function"].as_str().unwrap(), function)).collect();
    ["base", "current"].map(|side| sites.iter().map(|site| site["cum"][metric][side].as_i64().unwrap()).sum())
}

/// The pairs of these names, as reports.
fn reports<const N: usize>(names: [&str; N]) -> [(&str, Value); N] {
    let pairs = pairs();
    names.map(|name| {
        let [_, base, current] = pairs.iter().find(|[known, ..]| known == name).unwrap();
        (name, json(root(), &["--cum", base, current]))
    })
}

#[test]
fn exact_dumps_say_what_the_program_holds() {
    for (name, report) in reports(["jemalloc-every", "gperftools-first", "gperftools-aslr"]) {
        for (function, space, objects) in TRUTH {
            assert_eq!(of_function(&report, function, "inuse_space"), *space, "{name}: {function}");
            assert_eq!(of_function(&report, function, "inuse_objects"), *objects, "{name}: {function}");
        }
        assert_eq!(of_function(&report, "session", "inuse_objects"), [40_000, 120_000], "{name}");
        assert_eq!(of_function(&report, "late", "inuse_objects"), [0, 3000], "{name}");
    }
}

#[test]
fn sampled_dumps_estimate_what_the_exact_ones_say() {
    let [(_, exact)] = reports(["gperftools-first"]);
    let sampled =
        ["jemalloc-first", "jemalloc-aslr", "jemalloc-accum", "gperftools-sampled", "gperftools-sampled-aslr"];
    for (name, report) in reports(sampled) {
        let rate = report["base"]["period_bytes"].as_f64().unwrap();
        for function in ["session", "index_grow", "cache_fill", "buffers", "early", "late", "churn"] {
            let space = of_function(&exact, function, "inuse_space");
            for metric in METRICS {
                let (exact, found) = (of_function(&exact, function, metric), of_function(&report, function, metric));
                for side in [0, 1] {
                    // Four standard deviations of the sampling, and the rounding to jemalloc's size classes.
                    let share = 4.0 * (rate / space[side].max(1) as f64).sqrt() + 0.03;
                    let error = (found[side] - exact[side]).abs() as f64;
                    assert!(
                        error <= share * exact[side] as f64,
                        "{name}: {function} {metric}: {found:?}, not {exact:?}"
                    );
                }
            }
        }
        for side in ["base", "current"] {
            let [exact, found] =
                [&exact, &report].map(|report| report["totals"]["inuse_space"][side].as_f64().unwrap());
            assert!((found - exact).abs() < 0.4 * exact, "{name}: {found} bytes of {side}, not {exact}");
        }
    }
}

#[test]
fn at_a_fine_rate_the_leaks_are_confirmed_and_nothing_else() {
    let [(_, report)] = reports(["jemalloc-accum"]);
    let functions = ["session", "index_grow", "cache_fill", "buffers", "early", "late", "churn"];
    let mut grew = BTreeMap::new();
    for site in report["sites"].as_array().unwrap() {
        if site["evidence"]["verdict"] == "grew" {
            let name = site["function"].as_str().unwrap();
            let function = functions.into_iter().find(|function| is_in(name, function));
            *grew.entry(function.unwrap_or(name)).or_insert(0) += 1;
        }
    }
    assert_eq!(grew, BTreeMap::from([("session", 2), ("index_grow", 1), ("late", 1)]));
}
