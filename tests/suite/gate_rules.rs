//! Allowances, budgets, the whole heap and what a check must see: made profiles, so that each number is known.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::proto::{Layout, Profile};
use crate::run::{self, Ran, assert_valid, command, run};

const KIB: i64 = 1 << 10;

/// A bucket: function, file, objects of 1 KiB.
type Made = (&'static str, &'static str, i64);

/// Writes a profile of a process of its own, sampled every `period` bytes, whose estimates are exact.
fn write(folder: &Path, name: &str, period: i64, made: &[Made]) {
    let mut profile = Profile::go();
    profile.period = period;
    profile.time_nanos += i64::from(name.as_bytes()[0]);
    for &(function, file, objects) in made {
        let sample = profile.live(&[&[(function, file, 10, 12)]], objects, KIB * objects);
        sample.label[0].num = KIB;
    }
    fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
}

fn ran(folder: &Path, args: &str) -> Ran {
    run(command(folder, &args.split(' ').collect::<Vec<_>>()), None)
}

fn json(folder: &Path, args: &str) -> (i32, Value) {
    let ran = ran(folder, &format!("check --json {args}"));
    let json = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{args}: {}", ran.stderr));
    assert_valid(&json);
    (ran.exit, json)
}

fn functions(json: &Value) -> Vec<&str> {
    let violations = json["verdict"]["violations"].as_array().unwrap();
    violations.iter().map(|violation| violation["function"].as_str().unwrap_or("the heap")).collect()
}

/// `main.leak` and a helper of the tests grow by 1000 KiB each.
fn two_leaks(name: &str) -> PathBuf {
    let folder = run::folder(name);
    let of = |objects: i64| {
        [
            ("main.leak", "app/main.go", objects),
            ("main.fill", "app/fill_test.go", objects),
            ("main.old", "app/old.go", 9000),
        ]
    };
    write(&folder, "a.pb", 1, &of(10));
    write(&folder, "b.pb", 1, &of(1010));
    folder
}

#[test]
fn an_allowance_may_name_a_file_and_says_what_it_hid() {
    let folder = two_leaks("rules-allow");
    assert_eq!(functions(&json(&folder, "a.pb b.pb").1), ["main.fill", "main.leak"]);
    fs::write(folder.join("heapdiff.toml"), "[[allow]]\nfile = '*_test.go'\nreason = 'only in tests'\n").unwrap();
    let (exit, found) = json(&folder, "a.pb b.pb");
    assert_eq!((exit, functions(&found)), (1, vec!["main.leak"]));
    assert_eq!(found["config"]["path"].as_str().unwrap(), folder.join("heapdiff.toml").to_str().unwrap());
    let allowed = &found["config"]["allowed"];
    let expected = ["file *_test.go", "only in tests", "main.fill", "app/fill_test.go"];
    assert_eq!(["pattern", "reason", "function", "file"].map(|key| allowed[0][key].as_str().unwrap()), expected);
    assert_eq!((allowed.as_array().unwrap().len(), allowed[0]["inuse_space_delta"].as_i64()), (1, Some(1000 * KIB)));
    for format in ["table", "markdown", "github", "junit", "csv"] {
        let ran = ran(&folder, &format!("check --format {format} a.pb b.pb"));
        let said = if format == "csv" { &ran.stderr } else { &ran.stdout };
        let words = said.replace("\n  ", " ").replace('\\', "");
        assert!(words.contains("only in tests): main.fill +1000 KiB"), "{format}: {said}");
        assert!(words.contains("growth of 64.0 KiB or more in one function"), "{format}: {said}");
    }
}

#[test]
fn what_is_allowed_is_not_what_a_check_fails_by() {
    let folder = two_leaks("rules-allowed-first");
    let check = |function: &str| {
        fs::write(folder.join("heapdiff.toml"), format!("[[allow]]\nfunction = '{function}'\nreason = 'meant'\n"))
            .unwrap();
        let ran = ran(&folder, "check a.pb b.pb");
        let json = json(&folder, "a.pb b.pb").1;
        (ran.exit, ran.stdout, json["findings"].to_string())
    };
    let (exit, text, findings) = check("main.fill");
    assert!(exit == 1 && text.lines().nth(1).unwrap().starts_with("main.leak grew by 1000 KiB,"), "{text}");
    assert!(
        text.contains("\n  [[allow]]\n  function = \"main.leak\"\n") && !findings.contains("main.fill"),
        "{findings}"
    );
    let (exit, text, findings) = check("main.*");
    assert!(exit == 0 && text.replace("\n  ", " ").contains("(counted exactly, and allowed)"), "{text}");
    assert!(!text.contains("Likely cause") && !text.contains("If that growth is meant"), "{text}");
    assert!(!findings.contains("main."), "{findings}");
}

#[test]
fn a_strict_check_wants_a_reason_for_each_line_of_a_budget() {
    let folder = two_leaks("rules-budget-reasons");
    assert_eq!(ran(&folder, "check --update-budget b.toml a.pb b.pb").exit, 0);
    assert_eq!(ran(&folder, "check --budget b.toml a.pb b.pb").exit, 0);
    let strict = ran(&folder, "check --strict --budget b.toml a.pb b.pb");
    let says = "the budget gives no reason for main.fill, main.leak: write there why the growth is fine";
    assert!(strict.exit == 2 && strict.stderr.contains(says), "{}", strict.stderr);
    let text = fs::read_to_string(folder.join("b.toml")).unwrap();
    fs::write(folder.join("b.toml"), text.replace("reason = \"\"", "reason = \"meant\"")).unwrap();
    assert_eq!(ran(&folder, "check --strict --budget b.toml a.pb b.pb").exit, 0);
}

#[test]
fn an_allowance_without_use_is_named_and_a_strict_check_refuses_it() {
    let folder = two_leaks("rules-unused");
    let allow = "[[allow]]\nfunction = 'main.*'\nreason = 'r'\n\n[[allow]]\nfunction = 'gone.F'\nreason = 'r'\n";
    fs::write(folder.join("heapdiff.toml"), allow).unwrap();
    let (exit, found) = json(&folder, "a.pb b.pb");
    let reason = "warning: the allowance for gone.F (heapdiff.toml:5) matches nothing: correct it or take it out";
    assert_eq!((exit, &found["verdict"]["reasons"][0]), (0, &Value::from(reason)));
    let strict = ran(&folder, "check --strict a.pb b.pb");
    assert!(strict.exit == 2 && strict.stderr.contains("gone.F (heapdiff.toml:5)"), "{}", strict.stderr);
    // What filters left out may have matched.
    assert_eq!(json(&folder, "--focus leak a.pb b.pb").1["verdict"]["reasons"].as_array().unwrap().len(), 0);
    assert_eq!(ran(&folder, "check --strict --focus leak a.pb b.pb").exit, 0);
}

#[test]
fn growth_that_the_base_has_is_not_accepted_again() {
    let folder = two_leaks("rules-budget");
    assert_eq!(ran(&folder, "check --update-budget b.toml a.pb b.pb").exit, 0);
    let budget = fs::read_to_string(folder.join("b.toml")).unwrap();
    let line =
        "site = \"main.leak\", space = \"1.3MiB\", objects = 1300, base-space = \"10KiB\", base-objects = 10, rate = 1";
    assert!(budget.contains(line), "{budget}");
    let (exit, found) = json(&folder, "--budget b.toml a.pb b.pb");
    assert_eq!((exit, found["config"]["allowed"][0]["by"].as_str()), (0, Some("budget")));
    // After a merge, the accepted growth is in the base: as much again fails.
    let of = |objects: i64| [("main.leak", "app/main.go", objects), ("main.old", "app/old.go", 9000)];
    write(&folder, "c.pb", 1, &of(2010));
    let (exit, found) = json(&folder, "--budget b.toml b.pb c.pb");
    assert_eq!((exit, functions(&found)), (1, vec!["main.leak"]));
    assert_eq!(found["verdict"]["violations"][0]["limit"], "default");
    // And what is there no longer needs it.
    let (exit, found) = json(&folder, "--budget b.toml b.pb b.pb");
    assert_eq!(exit, 2, "one profile twice");
    assert_eq!(found["config"]["budget"], "b.toml");
    write(&folder, "d.pb", 1, &of(1011));
    let unneeded = "the budget no longer needs main.fill, main.leak: --update-budget FILE --tighten removes that";
    assert_eq!(json(&folder, "--budget b.toml b.pb d.pb").1["verdict"]["reasons"], Value::from(vec![unneeded]));
    let kept = ran(&folder, "check --update-budget b.toml b.pb d.pb");
    assert!(kept.stderr.contains("nothing changed; no longer needed: main.fill, main.leak"), "{}", kept.stderr);
    assert_eq!(fs::read_to_string(folder.join("b.toml")).unwrap(), budget);
    let tight = ran(&folder, "check --update-budget b.toml --tighten b.pb d.pb");
    assert_eq!(tight.stderr, "b.toml: removed: main.fill, main.leak\n");
    assert!(fs::read_to_string(folder.join("b.toml")).unwrap().ends_with("sites = [\n]\n"));
}

#[test]
fn an_update_keeps_reasons_and_reads_the_first_format() {
    let folder = two_leaks("rules-update");
    let first =
        "version = 1\ngranularity = \"owner\"\n\n[[site]]\nsite = \"main.leak\"\nobjects = 100\nspace = 102400\n";
    fs::write(folder.join("b.toml"), first).unwrap();
    assert_eq!(functions(&json(&folder, "--budget b.toml a.pb b.pb").1), ["main.fill", "main.leak", "main.leak"]);
    let updated = ran(&folder, "check --update-budget b.toml a.pb b.pb");
    assert_eq!(
        updated.stderr,
        "b.toml: added: main.fill; raised: main.leak. Give each line its reason; --budget b.toml makes a check accept it\n"
    );
    let text = fs::read_to_string(folder.join("b.toml")).unwrap();
    let reasoned = text.replacen("reason = \"\"", "reason = \"fixtures\"", 1);
    fs::write(folder.join("b.toml"), &reasoned).unwrap();
    assert_eq!(ran(&folder, "check --update-budget b.toml a.pb b.pb").stderr, "b.toml: nothing changed\n");
    assert_eq!(fs::read_to_string(folder.join("b.toml")).unwrap(), reasoned);
    let of = |objects: i64| [("main.leak", "app/main.go", objects), ("main.fill", "app/fill_test.go", objects)];
    write(&folder, "c.pb", 1, &of(3010));
    assert_eq!(ran(&folder, "check --update-budget b.toml a.pb c.pb").stderr, "b.toml: raised: main.fill, main.leak\n");
    let raised = fs::read_to_string(folder.join("b.toml")).unwrap();
    assert!(raised.contains("reason = \"fixtures\"") && raised.contains("space = \"3.7MiB\""), "{raised}");
    let lower = ran(&folder, "check --update-budget b.toml --tighten a.pb b.pb");
    assert_eq!(lower.stderr, "b.toml: lowered: main.fill, main.leak\n");
    assert_eq!(fs::read_to_string(folder.join("b.toml")).unwrap(), reasoned);
    // A broken budget is not overwritten.
    fs::write(folder.join("b.toml"), "version = 9").unwrap();
    let broken = ran(&folder, "check --update-budget b.toml a.pb b.pb");
    assert!(broken.exit == 2 && broken.stderr.contains("b.toml:1:11: a budget of version 9"), "{}", broken.stderr);
}

/// Fifty functions with as much growth as the tolerance allows each.
fn spread(name: &str, period: i64) -> PathBuf {
    let folder = run::folder(name);
    let names: Vec<&'static str> = (0..50).map(|at| &*format!("main.f{at}").leak()).collect();
    for (file, objects) in [("a.pb", 10), ("b.pb", 74)] {
        let made: Vec<_> = names.iter().map(|&name| (name, "app/main.go", objects)).collect();
        write(&folder, file, period, &made);
    }
    folder
}

#[test]
fn growth_that_is_spread_over_many_sites_fails_as_a_whole() {
    let folder = spread("rules-spread", 1);
    let (exit, found) = json(&folder, "a.pb b.pb");
    assert_eq!((exit, functions(&found)), (1, vec!["the heap"]));
    let violation = &found["verdict"]["violations"][0];
    assert_eq!([&violation["scope"], &violation["limit"]], ["total", "default"]);
    assert_eq!([&violation["allowed"], &violation["delta_low"]], [&Value::from(1024 * KIB), &Value::from(3200 * KIB)]);
    // 3200 KiB more than 500.
    assert_eq!(json(&folder, "--total-tolerance 640% a.pb b.pb").0, 0);
    assert_eq!(json(&folder, "--total-tolerance 639% a.pb b.pb").0, 1);
    assert_eq!(json(&folder, "--total-tolerance 3200KiB a.pb b.pb").0, 0);
    // A budget accepts it, and what is allowed does not count.
    assert_eq!(
        ran(&folder, "check --update-budget b.toml a.pb b.pb").stderr,
        "b.toml: added: the whole heap. Give each line its reason; --budget b.toml makes a check accept it\n"
    );
    assert_eq!(json(&folder, "--budget b.toml a.pb b.pb").0, 0);
    fs::write(folder.join("heapdiff.toml"), "[[allow]]\nfunction = 'main.f*'\nreason = 'r'\n").unwrap();
    assert_eq!(json(&folder, "a.pb b.pb").0, 0);
    // One site that fails is named alone if it is all there is.
    let folder = two_leaks("rules-alone");
    assert_eq!(functions(&json(&folder, "a.pb b.pb").1), ["main.fill", "main.leak"]);
}

#[test]
fn a_blind_gate_says_so() {
    for (period, exit) in [(1, 0), (4096, 0), (65_536, 2), (512 * KIB, 2)] {
        let folder = run::folder("rules-blind");
        let made = [("main.f", "app/main.go", 4000)];
        write(&folder, "a.pb", period, &made);
        write(&folder, "b.pb", period, &[made[0], ("main.g", "app/main.go", 10)]);
        assert_eq!(json(&folder, "a.pb b.pb").0, 0, "{period}");
        let (found, report) = json(&folder, "--must-see 256KiB a.pb b.pb");
        assert_eq!(found, exit, "{period}");
        let reason = report["verdict"]["reasons"][0].as_str().unwrap_or_default();
        assert_eq!(reason.contains("growth of 256 KiB at a function must be seen"), exit == 2, "{reason}");
        assert_eq!(reason.contains("; GODEBUG=memprofilerate="), exit == 2, "{reason}");
        fs::write(folder.join("heapdiff.toml"), "must-see = '256KiB'\n").unwrap();
        assert_eq!(json(&folder, "a.pb b.pb").0, exit, "{period}");
        assert_eq!(json(&folder, "--must-see 1GiB a.pb b.pb").0, 0, "{period}");
    }
    // A limit that lets pass what must be seen is no better.
    let folder = two_leaks("rules-must-see");
    let (exit, report) = json(&folder, "--max-site-space 4MiB --must-see 256KiB a.pb b.pb");
    assert_eq!(exit, 2);
    assert!(
        report["verdict"]["reasons"]
            .to_string()
            .contains("the rule itself lets 4.00 MiB pass: set --max-site-space lower than 256 KiB"),
        "{report}"
    );
    let nothing = ran(&folder, "check --must-see 0 a.pb b.pb");
    assert!(nothing.exit == 2 && nothing.stderr.contains("0 bytes are no growth"), "{}", nothing.stderr);
    let wrong = ran(&folder, "check --must-see much a.pb b.pb");
    assert!(wrong.exit == 2 && wrong.stderr.contains("256KiB"), "{}", wrong.stderr);
}

#[test]
fn larger_objects_that_had_to_be_seen_are_named() {
    // Buffers that grow in place, counted one by one.
    let folder = run::root().join("testdata/captures/pricecache");
    let args = "--must-see 256KiB --total-tolerance 900% rate1/heap_01.pb.gz rate1/heap_06.pb.gz";
    let (exit, report) = json(&folder, args);
    let larger = &report["verdict"]["must_see"]["larger"];
    assert_eq!((exit, larger.as_array().unwrap().len()), (0, 1), "{report}");
    assert_eq!(larger[0]["function"], "main.(*instrument).extend");
    let delta = larger[0]["delta"].as_i64().unwrap();
    let warned = ran(&folder, &format!("check --format github {args}")).stdout;
    assert!(warned.starts_with("::warning file=main.go,line=44,title=heap growth"), "{warned}");
    // The limit that is named judges it, as the default does where nothing else is asked for.
    let limit = args.replace("--total-tolerance 900%", "--max-site-space 256KiB");
    let (exit, report) = json(&folder, &limit);
    let [violations, larger] = [&report["verdict"]["violations"], &report["verdict"]["must_see"]["larger"]];
    assert_eq!((exit, &violations[0]["delta"], larger.as_array().unwrap().len()), (1, &delta.into(), 0), "{report}");
    // Less than must be seen is nobody's concern.
    let (_, report) = json(&folder, &args.replace("256KiB", "1GiB"));
    assert_eq!(report["verdict"]["must_see"]["larger"], Value::Array(Vec::new()));
}

#[test]
fn what_accepts_growth_of_the_whole_heap_is_named() {
    // Larger objects break no rule on functions, only that on the whole.
    let captures = run::root().join("testdata/captures/pricecache");
    let folder = run::folder("rules-whole-accepted");
    let pair = "rate1/heap_01.pb.gz rate1/heap_06.pb.gz";
    assert_eq!(ran(&captures, &format!("check {pair}")).exit, 1);
    let config = folder.join("allow.toml");
    fs::write(&config, "[[allow]]\nfunction = '*'\nreason = 'buffers'\n").unwrap();
    let allowed = format!("check {pair} --config {}", config.display());
    let (exit, report) = json(&captures, allowed.strip_prefix("check ").unwrap());
    let accepted = &report["config"]["allowed"];
    assert_eq!((exit, &accepted[0]["function"]), (0, &"main.(*instrument).extend".into()), "{report}");
    assert_eq!((&accepted[0]["reason"], accepted.as_array().unwrap().len()), (&"buffers".into(), 1));
    assert!(
        ran(&captures, &allowed)
            .stdout
            .contains("\nallowed by the allowance for * (buffers): main.(*instrument).extend")
    );
    let budget = folder.join("budget.toml").display().to_string();
    assert_eq!(ran(&captures, &format!("check {pair} --update-budget {budget}")).exit, 0);
    let budgeted = ran(&captures, &format!("check {pair} --budget {budget}"));
    assert!(
        budgeted.exit == 0 && budgeted.stdout.contains("\nallowed by the budget: the whole heap +9.77 MiB"),
        "{}",
        budgeted.stdout
    );
}

#[test]
fn calibrate_proposes_nothing_for_runs_that_are_not_alike() {
    let folder = run::folder("rules-calibrate");
    for (name, objects) in [("a.pb", 10), ("b.pb", 353), ("c.pb", 353)] {
        write(&folder, name, 1, &[("main.warm", "app/main.go", objects)]);
    }
    let found = ran(&folder, "calibrate a.pb b.pb c.pb");
    assert_eq!(found.exit, 0, "{}", found.stderr);
    assert!(
        found.stdout.contains("growth of the heap in inuse_space: 35.3 times\n# no total-space: "),
        "{}",
        found.stdout
    );
    assert!(!found.stdout.contains('%') && found.stdout.contains("did really nothing change?"), "{}", found.stdout);
}

#[test]
fn every_format_names_the_settings_and_where_they_come_from() {
    let folder = two_leaks("rules-settings");
    fs::write(folder.join("heapdiff.toml"), "strict = true\n[limits]\nsite-space = '1GiB'\n").unwrap();
    fs::write(folder.join("budget.toml"), "version = 2\ngranularity = 'owner'\n").unwrap();
    let options = "--max-total-objects 100% --budget budget.toml";
    let said = "settings: heapdiff.toml (max-site-space 1073741824, strict); budget budget.toml; \
                command line (max-total-objects 100%)";
    for format in ["table", "markdown", "github", "junit", "sarif", "json", "ndjson", "csv", "code-quality"] {
        let ran = ran(&folder, &format!("check --format {format} {options} a.pb b.pb"));
        let text = format!("{}{}", ran.stdout, ran.stderr).replace("\n  ", " ").replace("%25", "%");
        assert!(text.contains(said), "{format}: {text}");
    }
    let settings = |args: &str| -> Vec<String> {
        let found = json(&folder, &format!("{args} a.pb b.pb")).1;
        let all = found["config"]["settings"].as_array().unwrap().clone();
        all.iter().map(|one| ["name", "value", "source"].map(|key| one[key].as_str().unwrap()).join(" ")).collect()
    };
    let expected = ["max-site-space 1073741824 config", "max-total-objects 100% command_line", "strict true config"];
    assert_eq!(settings(options), expected);
    // What was typed comes first.
    let typed = settings("--max-site-space 5 --inconclusive pass --no-evidence");
    let expected = [
        "max-site-space 5 command_line",
        "no-evidence true command_line",
        "strict true config",
        "inconclusive pass command_line",
    ];
    assert_eq!(typed, expected);
    assert_eq!(settings("--no-config"), [""; 0]);
    let (exit, found) = json(&folder, "--no-config a.pb b.pb");
    assert_eq!((exit, &found["config"]["path"]), (1, &Value::Null));
    for command in ["diff", "list main", "peek main", "stacks", "calibrate", "trend"] {
        let ran = ran(&folder, &format!("{command} --no-config a.pb b.pb"));
        assert!(!ran.stderr.contains("unexpected argument"), "{command}: {}", ran.stderr);
        fs::write(folder.join("heapdiff.toml"), "nosuch = 1\n").unwrap();
        let refused = self::ran(&folder, &format!("{command} a.pb b.pb a.pb"));
        let taken = self::ran(&folder, &format!("{command} --no-config a.pb b.pb a.pb"));
        let is_named = |ran: &Ran| ran.stderr.contains("unknown key");
        let takes_three = matches!(command, "calibrate" | "trend");
        assert!(!is_named(&taken) && (is_named(&refused) || !takes_three), "{command}: {}", refused.stderr);
    }
}
