//! Both sides of every threshold of the gate, of calibration and of findings.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{self, assert_valid, command, run};

const KIB: i64 = 1 << 10;
const MIB: i64 = 1 << 20;
/// Go's default mean of bytes between samples.
const RATE: i64 = 512 * KIB;

/// A bucket: function, bytes of an object, samples of those that live, samples of those ever allocated.
type Made = (&'static str, i64, i64, i64);

/// A profile of one process, whose numbers are estimates as Go's are. With a `period` of 1 each object is a sample.
fn made(samples: &[Made], period: i64, time: i64) -> Profile {
    let mut profile = Profile::go();
    profile.period = period;
    profile.time_nanos = time;
    for &(function, size, live, allocated) in samples {
        let sample = profile.live(&[&[(function, "app/main.go", 1, 2)]], 0, 0);
        let seen = if period == 1 { 1.0 } else { 1.0 - libm::exp(-size as f64 / period as f64) };
        let estimate = |samples: i64| (samples as f64 / seen) as i64;
        sample.value = vec![estimate(allocated), estimate(allocated * size), estimate(live), estimate(live * size)];
        sample.label[0].num = size;
    }
    profile
}

/// A folder with profiles of one process, in this order.
fn folder(name: &str, period: i64, profiles: &[(&str, &[Made])]) -> PathBuf {
    let folder = run::folder(&format!("thresholds-{name}"));
    for (time, (name, samples)) in profiles.iter().enumerate() {
        write(&folder, name, &made(samples, period, 1 + time as i64));
    }
    folder
}

fn write(folder: &Path, name: &str, profile: &Profile) {
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

fn document(folder: &Path, args: &str) -> (i32, Value) {
    let args: Vec<_> = args.split(' ').collect();
    let ran = run(command(folder, &args), None);
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args:?}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

/// The exit code of `heapdiff check`: 0 passes, 1 fails, 2 cannot tell.
fn check(folder: &Path, args: &str) -> i32 {
    document(folder, &format!("check --json {args}")).0
}

/// The exit code of the object-count rule, of a site that had `base` objects of `size` bytes and has `current`.
fn object_count(size: i64, base: i64, current: i64) -> i32 {
    let folder = folder(
        "object-count",
        1,
        &[("a.pb", &[("main.f", size, base, base)]), ("b.pb", &[("main.f", size, current, current)])],
    );
    check(&folder, "a.pb b.pb")
}

#[test]
fn the_object_count_asks_for_three_samples_more() {
    // Two samples of objects this large are significant.
    let size = 4 * MIB;
    let fails = |samples: i64| {
        let old = ("main.old", size, 1, 1);
        let folder = folder("samples", RATE, &[("a.pb", &[old]), ("b.pb", &[old, ("main.f", size, samples, samples)])]);
        // The whole heap fails by two of them.
        let (exit, json) = document(&folder, "check --json --total-tolerance 1000% a.pb b.pb");
        let site = json["sites"].as_array().unwrap().iter().find(|site| site["function"] == "main.f").unwrap();
        let evidence = &site["evidence"];
        assert_eq!((&evidence["samples_current"], &evidence["verdict"]), (&samples.into(), &"grew".into()));
        exit
    };
    assert_eq!([fails(2), fails(3)], [0, 1]);
}

#[test]
fn the_object_count_tolerates_64_kib_and_a_twentieth() {
    assert_eq!([object_count(1024, 10, 10 + 64), object_count(1024, 10, 10 + 65)], [0, 1]);
    // A twentieth of 10,000 KiB.
    assert_eq!([object_count(1024, 10_000, 10_500), object_count(1024, 10_000, 10_501)], [0, 1]);
}

#[test]
fn what_is_counted_must_grow_by_ten_and_a_tenth() {
    let grown = |base: i64, current: i64, rule: &str| {
        let folder = run::folder("thresholds-counts");
        for (name, count) in [("a.pb", base), ("b.pb", current)] {
            let mut profile = Profile::with_types(&["goroutine/count"]);
            profile.period_type = Some(profile.sample_type[0].clone());
            profile.period = 1;
            profile.time_nanos += count;
            for (function, count) in [("main.old", 1), ("main.f", count)].into_iter().filter(|(_, count)| *count > 0) {
                profile.live(&[&[(function, "app/main.go", 1, 2)]], 0, 0).value = vec![count];
            }
            write(&folder, name, &profile);
        }
        write_budget(&folder, (5, 0));
        check(&folder, &format!("--sample-type goroutine {rule}a.pb b.pb"))
    };
    assert_eq!([grown(20, 29, ""), grown(20, 30, "")], [0, 1]);
    assert_eq!([grown(1000, 1099, ""), grown(1000, 1100, "")], [0, 1]);
    // From nothing, any growth exceeds a percentage.
    let rule = "--max-site-objects 50% ";
    assert_eq!([grown(0, 9, rule), grown(0, 10, rule)], [0, 1]);
    // Of a budget of 5.
    let rule = "--budget budget.toml ";
    assert_eq!([grown(1000, 1014, rule), grown(1000, 1015, rule)], [0, 1]);
}

#[test]
fn a_percentage_of_nothing_tolerates_64_kib() {
    let new = |objects: i64, rule: &str| {
        let old = ("main.old", 1024, 10, 10);
        let folder = folder("nothing", 1, &[("a.pb", &[old]), ("b.pb", &[old, ("main.new", 1024, objects, objects)])]);
        check(&folder, &format!("{rule} a.pb b.pb"))
    };
    for rule in ["--max-site-objects 50%", "--max-site-space 50%"] {
        assert_eq!([new(64, rule), new(65, rule)], [0, 1], "{rule}");
    }
    // A heap that was empty.
    let filled = |objects: i64| {
        let of = |live: i64| [("main.f", 1024, live, live + 1)];
        let folder = folder("empty", 1, &[("a.pb", &of(0)), ("b.pb", &of(objects))]);
        check(&folder, "--max-total-space 50% a.pb b.pb")
    };
    assert_eq!([filled(64), filled(65)], [0, 1]);
    // A percentage of something tolerates nothing; nor does a number.
    for rule in ["--max-total-space 50%", "--max-total-objects 50%", "--max-site-space 5120", "--max-site-objects 5"] {
        assert_eq!([new(5, rule), new(6, rule)], [0, 1], "{rule}");
    }
}

#[test]
fn a_growth_that_is_still_there_by_a_quarter_has_not_settled() {
    let left = |objects: i64, rule: &str| {
        let of = |live: i64, allocated: i64| [("main.f", 64, live, allocated)];
        let (base, current, settled) = (of(10, 10), of(10_010, 10_010), of(10 + objects, 10_011));
        let folder = folder("settled", 1, &[("a.pb", &base), ("b.pb", &current), ("c.pb", &settled)]);
        check(&folder, &format!("{rule}--settled c.pb a.pb b.pb"))
    };
    assert_eq!([left(2499, ""), left(2500, "")], [0, 1]);
    // What is left must exceed the limit as well.
    let rule = "--max-site-objects 5000 ";
    assert_eq!([left(5000, rule), left(5001, rule)], [0, 1]);
}

#[test]
fn a_budget_tolerates_64_kib_more() {
    let grown = |objects: i64, allowed: (i64, i64)| {
        let folder = folder(
            "budget",
            1,
            &[("a.pb", &[("main.f", 64, 10, 10)]), ("b.pb", &[("main.f", 64, 10 + objects, 10 + objects)])],
        );
        write_budget(&folder, allowed);
        check(&folder, "--budget budget.toml a.pb b.pb")
    };
    // More objects are tolerated if they take no more than that.
    for allowed in [(1000, 64 * MIB), (1_000_000, 64_000)] {
        assert_eq!([grown(1000 + 1024, allowed), grown(1000 + 1025, allowed)], [0, 1], "{allowed:?}");
    }
}

fn write_budget(folder: &Path, (objects, space): (i64, i64)) {
    let site = format!("[[site]]\nsite = \"main.f\"\nobjects = {objects}\nspace = {space}\n");
    fs::write(folder.join("budget.toml"), format!("version = 1\ngranularity = \"owner\"\n\n{site}")).unwrap();
}

#[test]
fn a_budget_is_exceeded_when_the_lower_bound_exceeds_it() {
    let size = 64 * KIB;
    let old = ("main.old", size, 40, 40);
    let folder = folder("bound", RATE, &[("a.pb", &[old]), ("b.pb", &[old, ("main.f", size, 60, 60)])]);
    let (_, json) = document(&folder, "--json --by owner a.pb b.pb");
    let site = &json["sites"].as_array().unwrap()[0];
    assert_eq!(site["function"], "main.f");
    let most = i64::MAX;
    for (metric, unit) in [("space", 1), ("objects", size)] {
        let bound = |end: &str| site["evidence"][format!("delta_{metric}_{end}")].as_f64().unwrap() as i64;
        let (low, delta) = (bound("low"), site[format!("inuse_{metric}")]["delta"].as_i64().unwrap());
        let tolerated = 64 * KIB / unit;
        assert!(low + tolerated < delta - tolerated && delta < bound("high"), "{low} {delta}");
        for (allowed, exit) in [(low - 1, 1), (low + 1, 0), (delta - 2 * tolerated, 0)] {
            write_budget(&folder, if unit == 1 { (most, allowed) } else { (allowed, most) });
            assert_eq!(check(&folder, "--budget budget.toml a.pb b.pb"), exit, "{metric} {allowed} {low} {delta}");
        }
    }
}

/// Profiles of two processes with small objects: `base` and `current` samples.
fn sampled(name: &str, base: i64, current: i64) -> PathBuf {
    // What allocated less is another process.
    let other = |allocated: i64| ("main.other", 4 * MIB, 1, allocated);
    let (base, current) = (("main.f", KIB, base, base), ("main.f", KIB, current, current));
    folder(name, RATE, &[("a.pb", &[base, other(2)]), ("b.pb", &[current, other(1)])])
}

#[test]
fn what_fails_a_build_is_surer_than_what_is_confirmed() {
    let found = |current: i64| {
        let folder = sampled("alpha", 4, current);
        let (_, diff) = document(&folder, "--json --by owner a.pb b.pb");
        let (exit, json) = document(&folder, "check --json a.pb b.pb");
        assert_eq!(json["sampling"]["same_process"], false);
        let site = diff["sites"].as_array().unwrap().iter().find(|site| site["function"] == "main.f").unwrap();
        let thousandths = site["evidence"]["p_value"].as_f64().unwrap() * 1000.0;
        (thousandths as i64, site["evidence"]["verdict"].as_str().unwrap().to_owned(), exit)
    };
    // p-values in thousandths. Each of two sites must be below half of 50 to be confirmed, and of 20 to fail.
    assert_eq!(found(12), (33, "suspect".to_owned(), 0));
    assert_eq!(found(13), (21, "grew".to_owned(), 0));
    assert_eq!(found(14), (13, "grew".to_owned(), 0));
    assert_eq!(found(15), (8, "grew".to_owned(), 1));
}

#[test]
fn a_limit_on_the_heap_fails_by_the_lower_bound() {
    for limit in ["--max-total-space 1%", "--max-total-objects 1%"] {
        let found = |current: i64, how: &str| {
            let (exit, json) =
                document(&sampled("total", 40, current), &format!("check --json {how}{limit} a.pb b.pb"));
            let violation = &json["verdict"]["violations"][0];
            assert!(
                exit != 1 || how.starts_with("--no") || violation["delta_low"].as_i64() > violation["allowed"].as_i64()
            );
            exit
        };
        // 60 are significant, but may be no more than allowed.
        assert_eq!([found(45, ""), found(60, ""), found(70, "")], [0, 0, 1], "{limit}");
        assert_eq!([found(45, "--strict "), found(60, "--strict "), found(70, "--strict ")], [2, 2, 1], "{limit}");
        assert_eq!(found(45, "--no-evidence "), 1, "{limit}");
    }
}

#[test]
fn of_a_heap_with_a_site_that_cannot_be_counted_nothing_is_sure() {
    let folder = sampled("unknown", 40, 90);
    let limit = "--max-total-space 1% a.pb b.pb";
    assert_eq!(check(&folder, limit), 1);
    let sites = [("main.f", KIB, 90, 90), ("main.other", 4 * MIB, 1, 1), ("main.odd", KIB, 1, 1)];
    let mut profile = made(&sites, RATE, 90);
    profile.sample[2].label.clear();
    write(&folder, "b.pb", &profile);
    assert_eq!(check(&folder, limit), 2);
    let json = document(&folder, &format!("check --json {limit}")).1;
    assert!(json["verdict"]["reasons"][0].as_str().unwrap().starts_with("1 function cannot be counted"), "{json}");
}

#[test]
fn growth_that_cannot_be_counted_is_in_doubt() {
    let grown = |objects: i64| {
        let old = ("main.old", KIB, 40, 40);
        let folder = folder("uncounted", RATE, &[("a.pb", &[old])]);
        let mut profile = made(&[old, ("main.odd", KIB, objects, objects)], RATE, 2);
        profile.sample[1].label.clear();
        profile.sample[1].value = vec![objects, objects * KIB, objects, objects * KIB];
        write(&folder, "b.pb", &profile);
        check(&folder, "a.pb b.pb")
    };
    assert_eq!([grown(64), grown(65)], [0, 2]);
}

#[test]
fn growth_that_may_be_more_than_allowed_is_in_doubt() {
    let folder = sampled("allowed", 40, 45);
    let (_, json) = document(&folder, "--json --by owner a.pb b.pb");
    let site = json["sites"].as_array().unwrap().iter().find(|site| site["function"] == "main.f").unwrap();
    for (metric, field) in [("objects", "delta_objects_high"), ("space", "delta_space_high")] {
        let high = site["evidence"][field].as_f64().unwrap() as i64;
        for (allowed, exit) in [(high - 1, 2), (high + 1, 0)] {
            let config = format!("[[allow]]\nfunction = \"main.f\"\n{metric} = {allowed}\nreason = \"known\"\n");
            fs::write(folder.join("allow.toml"), config).unwrap();
            assert_eq!(check(&folder, "--config allow.toml a.pb b.pb"), 0, "{metric} {allowed} {high}");
            let found = check(&folder, "--strict --config allow.toml a.pb b.pb");
            assert_eq!(found, exit, "{metric} {allowed} {high}");
        }
    }
}

#[test]
fn a_strict_limit_below_what_may_be_unseen_is_in_doubt() {
    let old = |allocated: i64| [("main.old", KIB, 10, allocated)];
    let folder = folder("visible", RATE, &[("a.pb", &old(10)), ("b.pb", &old(11))]);
    let at = |limit: i64, how: &str| check(&folder, &format!("{how}--same-process --max-site-space {limit} a.pb b.pb"));
    // Of a site without a sample, 3.689 times the rate may be there; of one with a turnover, more.
    let unseen = (3.689 * RATE as f64) as i64;
    let (_, json) = document(&folder, "--json --by owner --same-process a.pb b.pb");
    let high = json["sites"][0]["evidence"]["delta_space_high"].as_i64().unwrap().max(unseen);
    assert_eq!([at(high - KIB, "--strict "), at(high + KIB, "--strict ")], [2, 0]);
    assert_eq!([at(1, ""), at(1, "--no-evidence --strict ")], [0, 0]);
}

#[test]
fn only_two_snapshots_of_one_process_may_be_a_warm_up() {
    let of = |live: i64, allocated: i64| [("main.f", 64, live, allocated)];
    let profiles = [
        ("a.pb", &of(10, 100)[..]),
        ("b.pb", &of(10_000, 10_100)),
        ("c.pb", &of(10_001, 10_200)),
        ("other.pb", &of(10_001, 99)),
    ];
    let folder = folder("warm-up", 1, &profiles);
    for (pair, reasons) in [
        ("a.pb b.pb", 1),
        ("a.pb other.pb", 0),
        ("--settled c.pb a.pb b.pb", 0),
        ("--base-pair b.pb c.pb --current-pair a.pb b.pb", 0),
    ] {
        let (exit, json) = document(&folder, &format!("check --same-process --json {pair}"));
        assert_eq!((exit, json["verdict"]["reasons"].as_array().unwrap().len()), (1, reasons), "{pair}");
    }
}

#[test]
fn a_bucket_that_allocated_less_is_of_another_process() {
    for (allocated, same) in [(99, false), (100, true), (101, true)] {
        let folder = folder(
            "process",
            1,
            &[
                ("a.pb", &[("main.f", 64, 10, 100), ("main.g", 64, 10, 100)]),
                ("b.pb", &[("main.f", 64, 12, allocated), ("main.g", 64, 10, 200)]),
            ],
        );
        let (_, json) = document(&folder, "--json --same-process a.pb b.pb");
        assert_eq!(json["sampling"]["same_process"], same, "{allocated}");
    }
}

#[test]
fn a_bucket_that_is_missing_is_of_another_process() {
    let both = [("main.f", 64, 10, 10), ("main.g", 64, 10, 10)];
    let folder = folder("missing", 1, &[("a.pb", &both), ("b.pb", &both[..1]), ("c.pb", &both)]);
    for (pair, same) in [("a.pb b.pb", false), ("b.pb c.pb", true)] {
        let json = document(&folder, &format!("--json --same-process {pair}")).1;
        assert_eq!(json["sampling"]["same_process"], same, "{pair}");
    }
}

#[test]
fn calibrated_limits_have_a_quarter_to_spare() {
    let limits = |current: i64| {
        let of = |live: i64| [("main.f", 64, live, 10_000)];
        let folder = folder("calibrate", 1, &[("a.pb", &of(4096)), ("b.pb", &of(current)), ("c.pb", &of(4096))]);
        let ran = run(command(&folder, &["calibrate", "a.pb", "b.pb", "c.pb"]), None);
        let (_, limits) = ran.stdout.split_once("[limits]\n").unwrap();
        limits
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split_once(" = ").unwrap().1.to_owned())
            .collect::<Vec<_>>()
    };
    // 512 and 1024 objects more, of 64 bytes; an eighth and a quarter of the heap. To two digits and to half a percent.
    assert_eq!(limits(4096 + 512), ["640", "40960", "\"16%\"", "\"16%\""]);
    assert_eq!(limits(4096 + 1024), ["1300", "81920", "\"31.5%\"", "\"31.5%\""]);
    // Where nothing grew: by one object, by 1 KiB, by half a percent.
    assert_eq!(limits(4096), ["2", "1331", "\"0.5%\"", "\"0.5%\""]);
}

/// The codes of a diff's findings, with every object counted.
fn codes(name: &str, base: &[Made], current: &[Made]) -> Vec<String> {
    let folder = folder(name, 1, &[("a.pb", base), ("b.pb", current)]);
    let (_, json) = document(&folder, "--json --same-process a.pb b.pb");
    json["findings"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_piles_up_is_64_kib_and_a_twentieth_of_the_growth() {
    let piles_up = |base: &[Made], current: &[Made]| codes("piling", base, current).contains(&"H003".to_owned());
    let grown = |objects: i64| piles_up(&[("main.f", 64, 10, 10)], &[("main.f", 64, 10 + objects, 10 + objects)]);
    assert_eq!([grown(1023), grown(1024)], [false, true]);
    // More than half of the growth elsewhere replaced freed objects.
    let beside = |objects: i64| {
        let base = [("main.f", 1024, 10, 10), ("main.others", 1024, 4000, 4000)];
        let current = [("main.f", 1024, 10 + objects, 10 + objects), ("main.others", 1024, 5900, 9900)];
        piles_up(&base, &current)
    };
    assert_eq!([beside(99), beside(100)], [false, true]);
    // Half of what was added may be freed again.
    let gone = |died: i64| piles_up(&[("main.f", 64, 4000, 4000)], &[("main.f", 64, 4000 + 4000 - died, 8000)]);
    assert_eq!([gone(2000), gone(2001)], [true, false]);
}

#[test]
fn many_small_objects_are_ten_thousand_of_64_bytes() {
    // All that was there is gone, so nothing piles up.
    let small = |size: i64, objects: i64| {
        let (base, current) =
            ([("main.f", size, 20_000, 20_000)], [("main.f", size, 20_000 + objects, 40_000 + objects)]);
        codes("small", &base, &current).contains(&"H005".to_owned())
    };
    assert_eq!([small(64, 9999), small(64, 10_000), small(65, 10_000)], [false, true, false]);
}
