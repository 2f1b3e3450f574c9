//! What is said of the heap as a whole, and of growth that is too small to be seen.

use std::fs;
use std::path::{Path, PathBuf};

use heapdiff::internals::decode::decode;
use heapdiff::internals::diff::{Attribution, Change, diff};
use heapdiff::internals::evidence::Evidence;
use heapdiff::internals::site::{Filter, Granularity, NameArena, SiteTable, SiteTableBuilder};
use serde_json::Value;

use crate::run::{self, command, json, json_of, root, run};

fn odd(name: &str) -> String {
    fs::read_to_string(root().join("testdata/odd").join(name)).unwrap()
}

/// A folder with both coarse texts, the second one changed: of each pair the first is replaced by the second.
fn coarse(name: &str, changes: &[(&str, &str)]) -> PathBuf {
    let folder = run::folder(&format!("whole-{name}"));
    let mut texts = ["coarse_0.txt", "coarse_1.txt"].map(odd);
    for (from, to) in changes {
        assert!(texts.iter().any(|text| text.contains(from)), "{from}");
        texts = texts.map(|text| text.replace(from, to));
    }
    fs::write(folder.join("a.txt"), &texts[0]).unwrap();
    fs::write(folder.join("b.txt"), &texts[1]).unwrap();
    folder
}

fn whole(folder: &Path, args: &[&str]) -> Value {
    json(folder, args)["whole"].clone()
}

#[test]
fn exact_totals_overrule_samples_that_cannot_tell() {
    let of_samples = |options: &[&str]| whole(&coarse("filtered", &[]), &[options, &["a.txt", "b.txt"]].concat());
    let exact = of_samples(&[]);
    assert_eq!(
        (&exact["verdict"], &exact["basis"], &exact["is_exact"]),
        (&"grew".into(), &"heap_alloc".into(), &true.into())
    );
    assert_eq!(
        (&exact["inuse_space"]["delta"], &exact["inuse_objects"]["delta"]),
        (&3_200_000.into(), &100_000.into())
    );
    assert_eq!(exact["is_spread"], true);
    // What filters leave is not what the totals count.
    let filtered = of_samples(&["--focus", "remember"]);
    assert_eq!((&filtered["verdict"], &filtered["basis"]), (&"no_change".into(), &"samples".into()));
    assert!(filtered["message"].as_str().unwrap().starts_with("What the filters leave did not change "), "{filtered}");
}

#[test]
fn rules_on_the_whole_heap_hold_for_exact_totals() {
    let folder = coarse("rules", &[]);
    let exit = |options: &str| {
        let args: Vec<_> = options.split_whitespace().collect();
        run(command(&folder, &[&["check", "--strict"], &args[..], &["a.txt", "b.txt"]].concat()), None).exit
    };
    // Of 24.1 MiB, 3,200,000 bytes are 12.7 %.
    assert_eq!(
        ["12%", "13%", "3199999", "3200000"].map(|limit| exit(&format!("--max-total-space {limit}"))),
        [1, 0, 1, 0]
    );
    // HeapObjects of the same texts.
    assert_eq!(["99999", "100000"].map(|limit| exit(&format!("--max-total-objects {limit}"))), [1, 0]);
    assert_eq!(["", "--total-tolerance 12%", "--total-tolerance 13%"].map(exit), [0, 1, 0]);
    // What filters leave was not counted.
    assert_eq!(exit("--focus remember --max-total-space 12%"), 2);
    let ran = run(command(&folder, &["check", "--json", "--max-total-space", "12%", "a.txt", "b.txt"]), None);
    let verdict = serde_json::from_str::<Value>(&ran.stdout).unwrap()["verdict"].clone();
    let (violation, power) = (&verdict["violations"][0], &verdict["power"][0]);
    assert_eq!([&violation["delta"], &violation["delta_low"]], [&Value::from(3_200_000), &3_200_000.into()]);
    assert_eq!((&violation["p_value"], &power["finest_limit"]), (&Value::Null, &Value::Null));
}

#[test]
fn totals_with_garbage_in_them_overrule_nothing() {
    let with = |name, changes: &[(&str, &str)]| whole(&coarse(name, changes), &["a.txt", "b.txt"]);
    let is = |whole: &Value, verdict: &str, basis: &str| {
        assert_eq!((&whole["verdict"], &whole["basis"]), (&verdict.into(), &basis.into()), "{whole}");
    };
    // Without a forced collection between the two there is NextGC, which tells about how much.
    let unforced = ("NumForcedGC = 4", "NumForcedGC = 2");
    let about = with("unforced", &[unforced]);
    is(&about, "grew", "half_next_gc");
    assert_eq!((&about["is_exact"], &about["inuse_space"]["low"]), (&false.into(), &Value::Null));
    assert!(
        about["message"].as_str().unwrap().starts_with("The heap grew by about 3.05 MiB (an estimate: "),
        "{about}"
    );
    // It is not trusted with more: that nothing grew, or that more did than the profiles allow.
    is(&with("flat", &[unforced, ("NextGC = 57017010", "NextGC = 50616498")]), "no_change", "samples");
    is(&with("much", &[unforced, ("NextGC = 57017010", "NextGC = 150616498")]), "no_change", "samples");
    // Nor are exact numbers that the profiles contradict.
    let garbage = [("HeapAlloc = 28430928", "HeapAlloc = 98430928"), ("NextGC = 57017010", "NextGC = 196861856")];
    let garbage = with("garbage", &garbage);
    is(&garbage, "no_change", "samples");
    assert!(
        garbage["message"].as_str().unwrap().contains("; HeapAlloc after GC, 24.1 MiB → 93.9 MiB, has garbage"),
        "{garbage}"
    );
}

#[test]
fn without_an_interval_nothing_is_made_up() {
    let captures = root().join("testdata/captures");
    let of = |folder: &str, args: &[&str]| whole(&captures.join(folder), args);
    let counted = of("sessiond/rate1", &["heap_01.pb.gz", "heap_06.pb.gz"]);
    assert_eq!((&counted["basis"], &counted["is_exact"]), (&"count".into(), &true.into()));
    assert_eq!(counted["inuse_space"]["low"], counted["inuse_space"]["delta"]);
    // A difference is no heap, and rates that differ leave no interval.
    let difference = root().join("testdata/odd");
    assert_eq!(whole(&difference, &["deep_0.pb.gz", "saved.pb.gz"]), Value::Null);
    assert_eq!(of("sessiond", &["rate1/heap_01.pb.gz", "rate512k/heap_06.pb.gz"]), Value::Null);
}

#[test]
fn profiles_of_a_capture_have_the_totals_of_its_texts() {
    let folder = run::folder("whole-capture");
    let texts = root().join("testdata/texts/sessiond/rate512k");
    let mut snapshots = Vec::new();
    for name in ["heap_00", "heap_02", "heap_04"] {
        for ending in ["pb.gz", "txt.gz"] {
            fs::copy(texts.join(format!("{name}.{ending}")), folder.join(format!("{name}.{ending}"))).unwrap();
        }
        let file = |profile, ending| serde_json::json!({"profile": profile, "file": format!("{name}.{ending}")});
        // The texts were compressed later.
        snapshots.push(serde_json::json!({"files": [file("heap", "pb.gz"), file("heap_text", "txt")]}));
    }
    let pair = ["heap_00.pb.gz", "heap_04.pb.gz"];
    assert_eq!(whole(&folder, &pair)["basis"], "samples");
    let given = whole(&folder, &[&["--memstats", "heap_00.txt.gz", "heap_04.txt.gz"][..], &pair].concat());
    fs::write(folder.join("manifest.json"), serde_json::json!({ "snapshots": snapshots }).to_string()).unwrap();
    let found = whole(&folder, &pair);
    assert_eq!((&found["basis"], &found), (&"heap_alloc".into(), &given));
    assert_eq!(
        json_of("check", &folder, &["--inconclusive", "pass", "--max-site-space", "1GiB", pair[0], pair[1]])["whole"],
        given
    );
}

#[test]
fn no_sentence_denies_that_the_whole_grew() {
    let folder = coarse("sentences", &[]);
    let page = folder.join("page.html");
    for args in [
        &["a.txt", "b.txt"][..],
        &["--format", "markdown", "a.txt", "b.txt"],
        &["check", "a.txt", "b.txt"],
        &["check", "--format", "junit", "a.txt", "b.txt"],
        &["check", "--format", "github", "a.txt", "b.txt"],
        &["report", "-o", "page.html", "a.txt", "b.txt"],
    ] {
        let ran = run(command(&folder, args), None);
        let text = if args[0] == "report" { fs::read_to_string(&page).unwrap() } else { ran.stdout };
        // The legend of a page's graph says what its hatching means.
        let text = text.split("<h2>Flame graph").next().unwrap_or_default();
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("The heap grew by 3.05 MiB"), "{args:?}: {text}");
        let is_exact = text.contains("HeapAlloc after GC")
            || text.contains("live heap (exact) ")
            || text.contains("Live heap (exact) ");
        assert!(is_exact, "{args:?}: {text}");
        for denial in ["othing grew", "beyond sampling noise", "No growth"] {
            assert!(!text.contains(denial), "{args:?} {denial}: {text}");
        }
    }
}

/// The sites of a profile, by owner.
fn sites<'n>(path: &Path, names: &'n NameArena) -> SiteTable<'n> {
    let (reader, _, _) =
        heapdiff::internals::input::inflate(fs::File::open(path).unwrap(), Default::default()).unwrap();
    let profile = decode(reader, || true).unwrap();
    let filter = Filter::default();
    let mut sites = SiteTableBuilder::new(Granularity::Owner, &filter, names).flat_only();
    sites.absorb(profile);
    sites.finish()
}

#[test]
fn no_site_is_significant_below_what_is_printed() {
    let captures = root().join("testdata/captures");
    let mut folders: Vec<_> = fs::read_dir(&captures).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let (mut significant, mut below_detectable) = (0, 0);
    for folder in folders.iter().flat_map(|folder| ["rate512k", "rate64k"].map(|rate| folder.join(rate))) {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut heaps: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        heaps.retain(|path| path.file_name().is_some_and(|name| name.to_str().unwrap().starts_with("heap_")));
        heaps.sort();
        let names: Vec<_> = heaps.iter().map(|_| NameArena::default()).collect();
        let tables: Vec<_> = heaps.iter().zip(&names).map(|(path, names)| sites(path, names)).collect();
        for (at, base) in tables.iter().enumerate() {
            for current in &tables[at + 1..] {
                let deltas = diff(base, current, Attribution::Flat);
                let evidence = Evidence::new(&deltas);
                let never = evidence.never_significant_below().unwrap();
                let detectable = evidence.detectable_site_growth(None).unwrap();
                assert!(never < detectable);
                for site in (0..deltas.sites.len()).filter(|&site| evidence.is_significant(site)) {
                    let Change { base, current } = deltas.sites[site].change;
                    let growth = (current - base).space as f64;
                    let has_larger = evidence.turnover(site).iter().any(|bucket| bucket.size as f64 > never);
                    assert!(growth > never || has_larger, "{}: {growth} {never}", folder.display());
                    significant += 1;
                    below_detectable += u32::from(growth < detectable);
                }
            }
        }
    }
    // The size that is found nine times in ten is no lower bound.
    assert!(significant > 100 && below_detectable > 10, "{significant} {below_detectable}");
}
