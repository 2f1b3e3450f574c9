//! Parity with `go tool pprof`: its deltas, committed under `testdata/oracle`, are ours to the last byte.
//! `tests/oracle.py` makes the tables, and compares other pairs where Go is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{command, folder, json, root, run};

/// Flat and cum of inuse_space, flat and cum of inuse_objects.
type Row = [i64; 4];

/// A name that both have: type arguments folded, which pprof prints in full, and a line without its file, which differs
/// between builds.
fn fold(name: &str) -> String {
    let name = match (name.find('['), name.rfind(']')) {
        (Some(open), Some(close)) => format!("{}[...]{}", &name[..open], &name[close + 1..]),
        _ => name.to_owned(),
    };
    match name.rsplit_once(' ').and_then(|(function, place)| Some((function, place.rsplit_once(':')?.1))) {
        Some((function, line)) => format!("{function} :{line}"),
        None => name,
    }
}

/// pprof's rows, and the names that have several rows: cum counts a sample in each of them.
fn expected(table: &str) -> (BTreeMap<String, Row>, BTreeSet<String>) {
    let (mut rows, mut several) = (BTreeMap::new(), BTreeSet::new());
    for line in table.lines() {
        let mut fields = line.split('\t');
        let name = fold(fields.next().unwrap());
        let row: Vec<i64> = fields.map(|field| field.parse().unwrap()).collect();
        if rows.contains_key(&name) {
            several.insert(name.clone());
        }
        let sum: &mut Row = rows.entry(name).or_default();
        sum.iter_mut().zip(row).for_each(|(sum, number)| *sum += number);
    }
    (rows, several)
}

fn ours(report: &Value, granularity: &str) -> BTreeMap<String, Row> {
    let mut rows = BTreeMap::new();
    for site in report["sites"].as_array().unwrap() {
        let function = site["function"].as_str().unwrap_or_default();
        let base_line = if site["base_line"].is_null() { &site["line"] } else { &site["base_line"] };
        for (side, sign, line) in [("base", -1, base_line), ("current", 1, &site["line"])] {
            let name = match granularity {
                "lines" => format!("{function} :{line}"),
                "files" => site["file"].as_str().unwrap().to_owned(),
                _ => function.to_owned(),
            };
            let row: &mut Row = rows.entry(name).or_insert([0; 4]);
            let metrics = ["inuse_space", "inuse_objects"].into_iter();
            let numbers = metrics.flat_map(|metric| [&site[metric], &site["cum"][metric]]);
            row.iter_mut().zip(numbers).for_each(|(sum, number)| *sum += sign * number[side].as_i64().unwrap());
        }
    }
    rows
}

#[test]
fn deltas_are_pprofs() {
    let pairs = fs::read_to_string(root().join("testdata/oracle/pairs.tsv")).unwrap();
    let mut compared = 0;
    for pair in pairs.lines() {
        let fields: Vec<_> = pair.split('\t').collect();
        let [name, base, current, filters @ ..] = &fields[..] else { panic!("{pair}") };
        let options = filters.iter().map(|filter| {
            let (name, value) = filter.split_once('=').unwrap();
            format!("--{}={value}", name.replace('_', "-"))
        });
        let options: Vec<_> = options.collect();
        let granularities = ["functions", "lines", "files"];
        for granularity in &granularities[..if filters.is_empty() { 2 } else { 3 }] {
            let table = root().join(format!("testdata/oracle/{name}.{granularity}.tsv"));
            let (expected, several) = expected(&fs::read_to_string(table).unwrap());
            let options = options.iter().map(String::as_str);
            let args: Vec<_> = ["--cum", "--by", granularity, base, current].into_iter().chain(options).collect();
            let found = ours(&json(root(), &args), granularity);
            for row in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
                let [mut want, mut have] = [&expected, &found].map(|rows| rows.get(row).copied().unwrap_or_default());
                if several.contains(row) || *granularity == "files" {
                    [want[1], want[3], have[1], have[3]] = [0; 4];
                }
                assert_eq!(have, want, "{name} by {granularity}: {row}");
                compared += 1;
            }
        }
    }
    assert!(compared > 5000, "{compared} rows");
}

#[test]
fn exported_deltas_are_pprofs() {
    let folder = folder("oracle-exports");
    fs::write(folder.join("empty.pb"), Profile::go().encode(Layout::Go)).unwrap();
    let pairs = fs::read_to_string(root().join("testdata/oracle/pairs.tsv")).unwrap();
    let mut compared = 0;
    for pair in pairs.lines() {
        let fields: Vec<_> = pair.split('\t').collect();
        let [name, base, current, filters @ ..] = &fields[..] else { panic!("{pair}") };
        let options = filters.iter().map(|filter| {
            let (name, value) = filter.split_once('=').unwrap();
            format!("--{}={value}", name.replace('_', "-"))
        });
        let options: Vec<_> = options.collect();
        let path = folder.join("export.pb.gz");
        let args = ["--format", "pprof", "-o", path.to_str().unwrap(), base, current];
        let args: Vec<_> = args.into_iter().chain(options.iter().map(String::as_str)).collect();
        let ran = run(command(root(), &args), None);
        assert_eq!(ran.exit, 0, "{name}: {}", ran.stderr);
        // Between builds pprof numbers a line as its side does; an export, as the current side does.
        let granularities: &[_] = if name.contains("-to-") { &["functions"] } else { &["functions", "lines"] };
        for granularity in granularities {
            let table = root().join(format!("testdata/oracle/{name}.{granularity}.tsv"));
            let (expected, several) = expected(&fs::read_to_string(table).unwrap());
            let found = ours(&json(&folder, &["--cum", "--by", granularity, "empty.pb", "export.pb.gz"]), granularity);
            for row in expected.keys().chain(found.keys()).collect::<BTreeSet<_>>() {
                let [mut want, mut have] = [&expected, &found].map(|rows| rows.get(row).copied().unwrap_or_default());
                if several.contains(row) {
                    [want[1], want[3], have[1], have[3]] = [0; 4];
                }
                assert_eq!(have, want, "{name} by {granularity}: {row}");
                compared += 1;
            }
        }
    }
    assert!(compared > 4000, "{compared} rows");
}
