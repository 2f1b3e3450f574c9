//! The filters, on stacks made for them, and own code. On real profiles, `oracle` compares the filters with pprof.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Value, json as object};

use crate::proto::{Frame, Layout, Mapping, Profile};
use crate::run::{Ran, command, folder, json, run};

const MAIN: Frame = ("main.main", "/src/app/main.go", 20, 25);
const HANDLE: Frame = ("example.com/acme/api.handle", "/src/app/api/api.go", 1, 5);
const CACHE: Frame = ("example.com/acme/cache.put", "/src/app/cache/put.go", 1, 7);
const GROW: Frame = ("example.com/acme/cache.grow", "/src/app/cache/grow.go", 1, 9);
const GET: Frame = ("github.com/dep/lib.Get", "/mod/dep/lib.go", 1, 3);

/// A folder with an empty base, and a current side with a sample for each way to allocate.
fn profiles(name: &str) -> std::path::PathBuf {
    let folder = folder(&format!("filters-{name}"));
    let (mut base, mut current) = (Profile::go(), Profile::go());
    // `grow` is inlined into `put`.
    current.live(&[&[GROW, CACHE], &[HANDLE], &[MAIN]], 1, 64);
    current.live(&[&[GET], &[GROW, CACHE], &[MAIN]], 10, 640);
    current.live(&[&[GET], &[HANDLE], &[MAIN]], 10, 10_240).label[0].num = 1024;
    current.live(&[], 1, 100_000).label[0].num = 100_000;
    current.time_nanos += 1;
    (base.period, current.period) = (1, 1);
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    folder
}

/// Flat and cumulative bytes by name of the site.
fn spaces(folder: &Path, args: &[&str]) -> BTreeMap<String, (i64, i64)> {
    let by = if args.contains(&"--by") { &[][..] } else { &["--by", "lines"] };
    let report = json(folder, &[by, args, &["--cum", "base", "current"]].concat());
    let sites = report["sites"].as_array().unwrap().iter();
    let space = |site: &Value| {
        (site["inuse_space"]["current"].as_i64().unwrap(), site["cum"]["inuse_space"]["current"].as_i64().unwrap())
    };
    sites.map(|site| (site["function"].as_str().unwrap().to_owned(), space(site))).collect()
}

fn expected(sites: &[(&str, i64, i64)]) -> BTreeMap<String, (i64, i64)> {
    sites.iter().map(|&(name, flat, cum)| (name.to_owned(), (flat, cum))).collect()
}

fn notes(report: &Value) -> Vec<(&str, &Value)> {
    let notes = report["notes"].as_array().unwrap().iter();
    notes.map(|note| (note["code"].as_str().unwrap(), &note["data"])).collect()
}

const GROW_NAME: &str = GROW.0;

#[test]
fn hidden_frames_leave_flat_to_the_next() {
    let folder = profiles("hide");
    let hidden = spaces(&folder, &["--hide", "lib.Get|cache.grow"]);
    assert_eq!(hidden, expected(&[(CACHE.0, 704, 704), (HANDLE.0, 10_240, 10_304), (MAIN.0, 0, 10_944)]));
    // Files match as functions do; a sample without a frame left is dropped.
    let hidden = spaces(&folder, &["--hide", "^/src"]);
    assert_eq!(hidden, expected(&[(GET.0, 10_880, 10_880)]));
    let hidden = spaces(&folder, &["--hide", "."]);
    assert_eq!(hidden, expected(&[]));
}

#[test]
fn only_shown_frames_stay() {
    let folder = profiles("show");
    let shown = spaces(&folder, &["--show", "cache"]);
    assert_eq!(shown, expected(&[(GROW_NAME, 704, 704), (CACHE.0, 0, 704)]));
    let both = spaces(&folder, &["--show", "cache|api", "--hide", "grow"]);
    assert_eq!(both, expected(&[(CACHE.0, 704, 704), (HANDLE.0, 10_240, 10_304)]));
}

#[test]
fn what_called_the_outermost_match_is_cut() {
    let folder = profiles("show-from");
    let from = spaces(&folder, &["--show-from", "api|grow"]);
    // In the line that is inlined, too: `put` is gone, in all stacks as in pprof.
    assert_eq!(from, expected(&[(GET.0, 10_880, 10_880), (GROW_NAME, 64, 704), (HANDLE.0, 0, 10_304)]));
    let from = spaces(&folder, &["--show-from", "handle"]);
    assert_eq!(
        from,
        expected(&[(GET.0, 10_240, 10_240), (GROW_NAME, 64, 64), (CACHE.0, 0, 64), (HANDLE.0, 0, 10_304)])
    );
    // It counts what the other filters leave, though they see all samples.
    let from = spaces(&folder, &["--show-from", "handle", "--hide", "handle", "--focus", "handle"]);
    assert_eq!(from, expected(&[]));
    let left = spaces(&folder, &["--focus", "handle", "--hide", "handle|main"]);
    assert_eq!(left, expected(&[(GET.0, 10_240, 10_240), (GROW_NAME, 64, 64), (CACHE.0, 0, 64)]));
}

#[test]
fn block_sizes_choose_samples() {
    let folder = profiles("tagfocus");
    let total = |range: &str| {
        let report = json(&folder, &["--tagfocus", range, "base", "current"]);
        report["totals"]["inuse_space"]["current"].as_i64().unwrap()
    };
    let ranges = ["64b", "1b:64b", "bytes=1b:64b", "65b:", "1kb", ":1kb", "1b:1kb", "2kb:", "1kb:2"];
    assert_eq!(ranges.map(total), [704, 704, 704, 110_240, 10_240, 10_944, 10_944, 100_000, 10_240]);
    let ran = run(command(&folder, &["--tagfocus", "request=1b:64b", "base", "current"]), None);
    assert!(ran.exit == 2 && ran.stderr.contains("block sizes \"request=1b:64b\""), "{}", ran.stderr);
}

#[test]
fn code_without_symbols_is_hidden_by_its_mapping_and_never_shown() {
    let folder = folder("filters-mapping");
    let (base, mut current) = (Profile::go(), Profile::go());
    let filename = current.string("/usr/lib/libz.so.1");
    current.mapping.push(Mapping { id: 1, start: 0x1000, filename, ..Mapping::default() });
    current.live(&[&[GET], &[MAIN]], 1, 64);
    current.location[0].line.clear();
    current.location[0].mapping_id = 1;
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    let zlib = "libz.so.1+0x1";
    assert_eq!(spaces(&folder, &["--hide", "nothing"]), expected(&[(zlib, 64, 64), (MAIN.0, 0, 64)]));
    assert_eq!(spaces(&folder, &["--hide", "libz"]), expected(&[(MAIN.0, 64, 64)]));
    assert_eq!(spaces(&folder, &["--show", "libz|main"]), expected(&[(MAIN.0, 64, 64)]));
    assert_eq!(spaces(&folder, &["--show", "libz"]), expected(&[]));
    assert_eq!(spaces(&folder, &["--show-from", "libz"]), expected(&[(zlib, 64, 64)]));
}

#[test]
fn owners_are_among_the_frames_that_are_left() {
    let folder = profiles("owner");
    let owners = spaces(&folder, &["--by", "owner", "--hide", "dep/lib|cache"]);
    assert_eq!(owners, expected(&[(HANDLE.0, 10_304, 10_304), (MAIN.0, 640, 10_944)]));
}

#[test]
fn a_filter_that_matched_nothing_is_noted() {
    let folder = profiles("notes");
    let args = [
        ("--hide", "nothing"),
        ("--show-from", "nowhere"),
        ("--tagfocus", "3b"),
        ("--trim-path", "/no:/where"),
        ("--own", "example.org/..."),
        ("--own", "main"),
    ];
    let args: Vec<_> = args.into_iter().flat_map(|(option, value)| [option, value]).collect();
    let unmatched = |filter: &str, pattern: &str| object!({"filter": filter, "pattern": pattern});
    let report = json(&folder, &[&args, &["base", "current"][..]].concat());
    let found = notes(&report);
    let expected = [
        ("filter_matched_nothing", &unmatched("hide", "nothing")),
        ("filter_matched_nothing", &unmatched("show-from", "nowhere")),
        ("filter_matched_nothing", &unmatched("tagfocus", "3b")),
        ("filter_matched_nothing", &unmatched("trim-path", "/no:/where")),
        ("own_matched_nothing", &object!({"pattern": "example.org/..."})),
        ("no_growth", &object!({})),
    ];
    assert_eq!(found, expected);
    let report = json(&folder, &["--show", "nobody", "base", "current"]);
    assert_eq!(notes(&report)[0], ("filter_matched_nothing", &unmatched("show", "nobody")));
    let all = ["--hide", "Get", "--show", "main", "--show-from", "main", "--tagfocus", "64b", "--trim-path", "/src"];
    let report = json(&folder, &[&all, &["--own", "main", "--focus", "", "base", "current"][..]].concat());
    assert_eq!(notes(&report), []);
}

#[test]
fn trimmed_files_are_the_same_in_two_builds() {
    let folder = folder("filters-trim");
    let (mut base, mut current) = (Profile::go(), Profile::go());
    base.live(&[&[("f", "/build/1/f.c", 0, 7)], &[("g", "/proc/self/cwd/g.c", 0, 3)]], 1, 64);
    current.live(&[&[("f", "/build/2/f.c", 0, 7)], &[("g", "/proc/self/cwd/./g.c", 0, 3)]], 2, 128);
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    for by in ["lines", "files"] {
        let report = |args: &[&str]| json(&folder, &[&["--by", by, "--cum"], args, &["base", "current"]].concat());
        let files = |report: &Value| -> Vec<_> {
            let sites = report["sites"].as_array().unwrap().iter();
            sites.map(|site| (site["file"].clone(), site["change"].clone())).collect()
        };
        let trimmed = report(&["--trim-path", "/build/1:/build/2/"]);
        let same = [(object!("f.c"), object!("grew")), (object!("g.c"), object!("grew"))];
        assert_eq!(files(&trimmed), same, "{by}");
        assert_eq!(files(&report(&[])).len(), 3, "{by}");
        // Patterns match file names as the profile has them.
        let focused = report(&["--trim-path", "/build/1:/build/2/", "--focus", "^/build/2/"]);
        assert_eq!(focused["totals"]["inuse_space"], object!({"base": 0, "current": 128, "delta": 128, "ratio": null}));
    }
}

#[test]
fn an_annotation_points_at_a_trimmed_path() {
    let folder = folder("filters-annotation");
    for path in ["cache/put.go", "main.go"] {
        fs::create_dir_all(folder.join(path).parent().unwrap()).unwrap();
        fs::write(folder.join(path), "package x\n").unwrap();
    }
    for (name, objects) in [("base", 10), ("current", 9000)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos += objects;
        profile.live(&[&[GET], &[CACHE], &[MAIN]], objects, 64 * objects);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let check = |args: &[&str]| {
        let ran = run(command(&folder, &[&["check", "--format", "github"], args, &["base", "current"]].concat()), None);
        assert_eq!(ran.exit, 1, "{}", ran.stderr);
        ran.stdout
    };
    assert!(check(&[]).starts_with("::error title="), "{}", check(&[]));
    // The caller's, as a dependency is not checked out, and the owner's; never that of a frame that is hidden.
    for (more, place) in [
        (&[][..], "cache/put.go,line=7"),
        (&["--own", "example.com/..."], "cache/put.go,line=7"),
        (&["--hide", "acme/cache", "--by", "lines"], "main.go,line=25"),
        (&["--show", "Get|main", "--by", "lines"], "main.go,line=25"),
    ] {
        let stdout = check(&[&["--trim-path", "/src/app"], more].concat());
        assert!(stdout.starts_with(&format!("::error file={place},title=")), "{more:?}: {stdout}");
    }
}

#[test]
fn own_code_is_what_the_patterns_say() {
    let folder = profiles("own");
    let owners = |args: &[&str]| spaces(&folder, &[&["--by", "owner", "--hide", "cache"], args].concat());
    let acme = expected(&[(HANDLE.0, 10_304, 10_304), (MAIN.0, 640, 10_944), (GET.0, 0, 10_880)]);
    // Without a frame of its own the outermost one of a library owns a stack, here also main.
    assert_eq!(owners(&["--own", "example.com/acme/..."]), acme);
    let with_main = expected(&[(HANDLE.0, 10_304, 10_304), (MAIN.0, 640, 10_944), (GET.0, 0, 10_880)]);
    assert_eq!(owners(&["--own", "example.com/acme/...", "--own", "main"]), with_main);
    // From the configuration, which the command line overrides.
    fs::write(folder.join("heapdiff.toml"), "own = ['example.com/acme/...', 'example.org/']\n").unwrap();
    assert_eq!(owners(&[]), acme);
    assert_eq!(owners(&["--own", "example.com/", "--own", "main"]), with_main);
    let report = json(&folder, &["base", "current"]);
    assert_eq!(notes(&report), [("own_matched_nothing", &object!({"pattern": "example.org/"}))]);
    fs::write(folder.join("main.toml"), "own = ['main']\n").unwrap();
    assert_eq!(owners(&["--config", "main.toml"])[MAIN.0], (10_944, 10_944));
}

#[test]
fn a_broken_configuration_is_an_error_of_every_command() {
    let folder = profiles("config");
    let run_with = |config: &str, command_line: &str| -> Ran {
        fs::write(folder.join("heapdiff.toml"), config).unwrap();
        run(command(&folder, &command_line.split(' ').collect::<Vec<_>>()), None)
    };
    for command_line in ["base current", "diff base current", "check base current", "calibrate base current third"] {
        let ran = run_with("owned = []\n", command_line);
        assert!(ran.exit == 2 && ran.stderr.contains("heapdiff.toml:1:1: unknown key `owned`"), "{}", ran.stderr);
    }
    // Only check cares for allowances that ended, and only a strict one refuses them.
    let ended = "[[allow]]\nfunction = 'f'\nreason = 'r'\nuntil = 2020-01-01\n";
    assert_eq!(run_with(ended, "base current").exit, 0);
    let ran = run_with(ended, "check base current");
    assert!(
        ran.stdout.contains("warning: the allowance for f (heapdiff.toml:1) ended on 2020-01-01"),
        "{}",
        ran.stdout
    );
    let ran = run_with(ended, "check --strict base current");
    assert!(ran.exit == 2 && ran.stderr.contains("ended on 2020-01-01"), "{}", ran.stderr);
}

#[test]
fn checks_and_calibrations_are_filtered_alike() {
    let folder = folder("filters-check");
    for (name, objects) in [("one", 10), ("two", 9000), ("three", 9001)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos += objects;
        profile.live(&[&[GET], &[CACHE], &[MAIN]], objects, 64 * objects);
        profile.live(&[&[HANDLE], &[MAIN]], 1000, 64_000);
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let ran = |args: &str| run(command(&folder, &args.split(' ').collect::<Vec<_>>()), None);
    assert_eq!(ran("check one two").exit, 1);
    assert_eq!(ran("check --focus handle one two").exit, 0);
    let hidden = json(&folder, &["--by", "owner", "--hide", "lib|cache", "one", "two"]);
    assert_eq!(hidden["sites"][0]["function"], MAIN.0);
    let all = ran("calibrate one two three");
    let some = ran("calibrate --focus handle --hide nothing --own main --own nobody one two three");
    assert!(all.exit == 0 && some.exit == 0 && all.stdout != some.stdout, "{}{}", all.stderr, some.stderr);
    assert!(some.stdout.contains("no function grew in inuse_objects"), "{}", some.stdout);
    assert_eq!(
        some.stderr,
        "warning [filter_matched_nothing]: --hide nothing matched nothing\n\
         warning [own_matched_nothing]: own code nobody matched nothing\n"
    );
}
