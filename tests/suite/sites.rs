//! Sites: their keys, their owners, and what reports say of them.

use std::collections::BTreeSet;
use std::fs;

use serde_json::{Value, json as object};

use crate::proto::{Frame, Layout, Mapping, Profile};
use crate::run::{self, command, folder, root};

const MAIN: Frame = ("main.main", "/src/app/main.go", 20, 25);

/// Writes both profiles and reads the report.
fn report(name: &str, base: &Profile, current: &Profile, args: &[&str]) -> Value {
    let folder = folder(&format!("sites-{name}"));
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), run::gzip(&current.encode(Layout::Pprof))).unwrap();
    let by = if args.contains(&"--by") { &[][..] } else { &["--by", "lines"] };
    run::json(&folder, &[by, args, &["base", "current"]].concat())
}

fn sites(report: &Value) -> &[Value] {
    report["sites"].as_array().unwrap()
}

fn pick<'v>(report: &'v Value, field: &str, value: &str) -> &'v Value {
    let found: Vec<_> = sites(report).iter().filter(|site| site[field] == value).collect();
    assert_eq!(found.len(), 1, "{field} {value} in {report:#}");
    found[0]
}

#[test]
fn a_line_keeps_its_site_when_code_moves_and_paths_change() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    base.live(&[&[("main.f", "/home/me/app/f.go", 10, 14)], &[MAIN]], 1, 100);
    current.live(&[&[("main.f", "app/f.go", 50, 54)], &[("main.main", "app/main.go", 21, 26)]], 3, 300);
    let report = report("moved", &base, &current, &[]);
    assert_eq!(sites(&report).len(), 1);
    let site = &sites(&report)[0];
    assert_eq!((&site["file"], &site["line"], &site["base_line"]), (&object!("app/f.go"), &object!(54), &object!(14)));
    assert_eq!((&site["change"], &site["inuse_space"]["delta"]), (&object!("grew"), &object!(200)));
}

#[test]
fn without_a_first_line_a_site_is_function_file_and_line() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    base.live(&[&[("main.f", "f.go", 0, 14)]], 1, 100);
    current.live(&[&[("main.f", "f.go", 0, 15)]], 1, 100);
    let report = report("no-start", &base, &current, &[]);
    assert_eq!(sites(&report).len(), 2);
    assert_ne!(sites(&report)[0]["site_id"], sites(&report)[1]["site_id"]);
    assert_eq!(pick(&report, "change", "gone")["line"], 14);
    assert_eq!(pick(&report, "change", "gone")["base_line"], 14);
    assert_eq!(pick(&report, "change", "new")["base_line"], Value::Null);
}

#[test]
fn between_builds_no_site_stands_twice() {
    let capture = |build: &str, rate: &str| format!("testdata/captures/orders/build_{build}/{rate}/heap_06.pb.gz");
    // Every object is counted, so that a site that is missing on a side is not just unsampled.
    let report = run::json(root(), &["--by", "lines", "--cum", &capture("a", "rate1"), &capture("b", "rate1")]);
    let side = |site: &Value, side: &str| site["cum"]["inuse_objects"][side] != 0;
    let functions = |of: &str, not: &str| -> BTreeSet<String> {
        let sites = sites(&report).iter().filter(|site| side(site, of) && !side(site, not));
        sites
            .map(|site| site["function"].as_str().unwrap().to_owned())
            .filter(|name| name.starts_with("main."))
            .collect()
    };
    let split: Vec<_> = functions("base", "current").intersection(&functions("current", "base")).cloned().collect();
    assert_eq!(
        split,
        Vec::<String>::new(),
        "functions with a line that only the base has, and one that only current has"
    );
    let moved = sites(&report)
        .iter()
        .filter(|site| site["base_line"] != site["line"] && side(site, "base") && side(site, "current"));
    assert!(moved.count() > 10, "lines that moved and were matched");
}

#[test]
fn the_lines_of_an_initializer_move_with_its_package() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    for (profile, shift) in [(&mut base, 0), (&mut current, 7)] {
        let f: Frame = ("main.f", "main.go", 10 + shift, 12 + shift);
        profile.live(&[&[f]], 1, 10);
        profile.live(&[&[("main.init", "main.go", 1, 5 + shift)]], 1, 100);
        profile.live(&[&[("main.init", "main.go", 1, 6 + shift)]], 1, 1000);
        // In a package where nothing moved.
        profile.live(&[&[("unicode.init", "unicode/tables.go", 1, 5 + shift)]], 1, 10_000);
    }
    for by in ["lines", "functions"] {
        let report = report("initializer", &base, &current, &["--by", by]);
        let of = |function: &str| -> Vec<_> {
            let sites = sites(&report).iter().filter(|site| site["function"] == function);
            sites
                .map(|site| (site["line"].clone(), site["base_line"].clone(), site["change"].as_str().unwrap()))
                .collect()
        };
        if by == "lines" {
            assert_eq!(
                of("main.init"),
                [(object!(12), object!(5), "unchanged"), (object!(13), object!(6), "unchanged")]
            );
            assert_eq!(of("unicode.init"), [(object!(12), Value::Null, "new"), (object!(5), object!(5), "gone")]);
        } else {
            assert_eq!(of("main.init"), [(object!(12), object!(5), "unchanged")]);
        }
    }
}

#[test]
fn the_lines_of_an_initializer_move_by_the_least_distance() {
    // Lines of the current side, and the one that line 5 of the base moved to.
    for (after, met) in [(&[6, 20][..], 6), (&[2, 10], 2), (&[-10, 8], 8), (&[4, 6], 4)] {
        let (mut base, mut current) = (Profile::go(), Profile::go());
        for (profile, lines, start) in [(&mut base, &[5][..], 30), (&mut current, after, 31)] {
            profile.live(&[&[("main.f", "main.go", start, start + 2)]], 1, 10);
            for &line in lines {
                profile.live(&[&[("main.init", "main.go", 1, 100 + line)]], 1, 100);
            }
        }
        let report = report("initializer-nearest", &base, &current, &[]);
        let pairs = sites(&report).iter().filter(|site| site["function"] == "main.init");
        let pairs: Vec<_> = pairs.map(|site| (site["line"].as_i64().unwrap(), site["base_line"].as_i64())).collect();
        assert_eq!(pairs.len(), 2, "{pairs:?}");
        for (line, base) in pairs {
            assert_eq!(base, (line == 100 + met).then_some(105), "{after:?}");
        }
    }
}

#[test]
fn cumulative_values_may_be_more_than_64_bits_hold() {
    // If one side has no first lines of functions, the other side's lines get new keys.
    for start in [10, 0] {
        let (mut base, mut current) = (Profile::go(), Profile::go());
        base.live(&[&[("main.a", "main.go", start, 12)], &[MAIN]], 1, 1);
        for leaf in ["main.a", "main.b", "main.c"] {
            let of_many = current.live(&[&[(leaf, "main.go", 10, 12)], &[MAIN]], 0, 0);
            of_many.value = vec![1 << 62; 4];
        }
        if start == 0 {
            base.function.iter_mut().for_each(|function| function.start_line = 0);
        }
        let report = report("cum-overflow", &base, &current, &["--cum"]);
        let main = pick(&report, "function", "main.main");
        for metric in ["inuse_objects", "inuse_space"] {
            assert_eq!(main["cum"][metric]["current"], 3u64 << 62, "{start}");
            assert_eq!(main["cum"][metric]["delta"], (3u64 << 62) - 1, "{start}");
        }
    }
}

#[test]
fn lines_that_meet_may_have_more_than_64_bits_hold() {
    let folder = folder("sites-overflow");
    // Without first lines in the base, the line of both others is one.
    for (name, start, value) in [("base", 0, 1), ("first", 20, 1 << 62), ("second", 21, 1 << 62)] {
        let mut profile = Profile::go();
        profile.time_nanos += start;
        let stack: [&[Frame]; 2] = [&[("main.a", "main.go", start, 30)], &[("main.main", "main.go", start, 25)]];
        profile.live(&stack, 0, 0).value = vec![value; 4];
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let report = run::json(&folder, &["--cum", "--base", "base", "--current", "first", "second"]);
    let main = pick(&report, "function", "main.main");
    assert_eq!((&main["line"], &main["cum"]["inuse_space"]["current"]), (&object!(25), &object!(2u64 << 62)));
}

#[test]
fn instantiations_of_a_generic_function_are_one_site() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    base.live(&[&[("main.(*Q[go.shape.int]).Push", "q.go", 10, 14)]], 1, 64);
    current.live(&[&[("main.(*Q[go.shape.string]).Push", "q.go", 10, 14)]], 1, 64);
    current.live(&[&[("main.(*Q[go.shape.struct { A []int }]).Push", "q.go", 10, 14)]], 1, 64);
    let report = report("generic", &base, &current, &[]);
    let site = pick(&report, "function", "main.(*Q[...]).Push");
    assert_eq!((&site["inuse_objects"]["current"], &site["package"]), (&object!(2), &object!("main")));
}

#[test]
fn the_owner_is_the_first_frame_in_the_programs_own_code() {
    let (base, mut current) = (Profile::go(), Profile::go());
    let reader: Frame = ("bufio.NewReaderSize", "bufio/bufio.go", 50, 60);
    let client: Frame = ("example.com/db.(*Conn).dial", "db/conn.go", 7, 9);
    current.live(&[&[reader], &[client], &[MAIN]], 1, 4096);
    current.live(&[&[reader], &[("net/http.(*conn).serve", "net/http/server.go", 1, 2)], &[MAIN]], 1, 1024);
    current.live(&[&[("runtime.malg", "runtime/proc.go", 1, 2)]], 1, 512);
    current.live(&[&[MAIN]], 1, 64);
    let lines = report("owner", &base, &current, &[]);
    let site = pick(&lines, "function", "bufio.NewReaderSize");
    assert_eq!(site["owner"], object!({"function": "example.com/db.(*Conn).dial", "file": "db/conn.go", "line": 9}));
    let malg = pick(&lines, "function", "runtime.malg");
    assert_eq!(malg["owner"]["function"], "runtime (goroutines)");
    assert_eq!(malg["runtime_class"], "goroutines");
    assert_eq!(pick(&lines, "function", "main.main")["owner"], Value::Null);

    let owners = report("by-owner", &base, &current, &["--by", "owner"]);
    assert_eq!(sites(&owners).len(), 3);
    let dial = pick(&owners, "function", "example.com/db.(*Conn).dial");
    assert_eq!(
        (&dial["inuse_space"]["delta"], &dial["line"], &dial["owner"]),
        (&object!(4096), &object!(9), &Value::Null)
    );
    let main = pick(&owners, "function", "main.main");
    assert_eq!((&main["inuse_space"]["delta"], &main["cum"]["inuse_space"]["delta"]), (&object!(1088), &object!(5184)));
    let goroutines = pick(&owners, "function", "runtime (goroutines)");
    assert_eq!((&goroutines["inuse_space"]["delta"], &goroutines["line"]), (&object!(512), &object!(2)));
}

#[test]
fn a_profile_that_is_not_gos_has_no_owners() {
    let base = Profile::go();
    let mut current = Profile::go();
    current.live(&[&[("operator new(unsigned long)", "new.cc", 0, 1)], &[("app.main()", "main.cc", 0, 2)]], 1, 64);
    let report = report("cpp", &base, &current, &["--by", "owner"]);
    assert_eq!(sites(&report)[0]["function"], "operator new(unsigned long)");
}

#[test]
fn files_and_packages_name_the_line_that_grew_most() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    for (profile, times) in [(&mut base, 1), (&mut current, 3)] {
        profile.live(&[&[("gopkg.in/yaml%2ev3.a", "yaml/a.go", 1, 2)]], times, 10 * times);
        profile.live(&[&[("gopkg.in/yaml%2ev3.b", "yaml/a.go", 9, 12)]], times, 100 * times);
    }
    let files = report("files", &base, &current, &["--by", "files"]);
    let file = pick(&files, "file", "yaml/a.go");
    assert_eq!(
        (&file["function"], &file["line"], &file["inuse_space"]["delta"]),
        (&Value::Null, &object!(12), &object!(220))
    );
    let packages = report("packages", &base, &current, &["--by", "packages"]);
    let package = pick(&packages, "package", "gopkg.in/yaml.v3");
    assert_eq!((&package["function"], &package["line"]), (&Value::Null, &object!(12)));
}

#[test]
fn functions_of_one_name_are_in_the_files_they_are_in() {
    // Static functions of C, or builds with other paths: the order of the samples decides nothing.
    let one: Frame = ("init", "one.c", 10, 12);
    let other: Frame = ("init", "other.c", 10, 12);
    let mut reports = Vec::new();
    for (name, first, second, spaces) in [("files-ab", one, other, [100, 200]), ("files-ba", other, one, [200, 100])] {
        let (base, mut current) = (Profile::go(), Profile::go());
        for (frame, space) in [first, second].into_iter().zip(spaces) {
            current.live(&[&[frame]], 1, space);
            // A different function, in spite of the same name.
            let (id, filename) = (current.function.len() as i64 + 1, current.string(frame.1));
            let mut function = current.function[0].clone();
            (function.id, function.filename) = (id as u64, filename);
            current.function.push(function);
            let location = current.sample.last().unwrap().location_id[0];
            let location = current.location.iter_mut().find(|known| known.id == location).unwrap();
            location.line[0].function_id = id as u64;
        }
        let report = report(name, &base, &current, &["--by", "files"]);
        assert_eq!(pick(&report, "file", "one.c")["inuse_space"]["delta"], 100);
        assert_eq!(pick(&report, "file", "other.c")["inuse_space"]["delta"], 200);
        let lines = self::report(name, &base, &current, &[]);
        reports.push((sites(&report).to_vec(), sites(&lines).to_vec()));
    }
    assert_eq!(reports[0], reports[1]);
}

#[test]
fn code_without_a_package_is_its_binary() {
    let (base, mut current) = (Profile::go(), Profile::go());
    current.live(&[&[MAIN]], 1, 64);
    let filename = current.string("/srv/app");
    current.mapping.push(Mapping { id: 1, filename, ..Mapping::default() });
    current.location[0].mapping_id = 1;
    current.location[0].line.clear();
    for (by, field) in [("packages", "package"), ("files", "file")] {
        let report = report("binary", &base, &current, &["--by", by]);
        assert_eq!(sites(&report)[0][field], "app");
    }
}

#[test]
fn growth_is_of_objects_or_of_size() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    let mut site = |name: &'static str, before: (i64, i64), after: (i64, i64)| {
        base.live(&[&[(name, "f.go", 1, 2)]], before.0, before.1);
        current.live(&[&[(name, "f.go", 1, 2)]], after.0, after.1);
    };
    site("main.more", (10, 640), (30, 1920));
    site("main.larger", (10, 640), (10, 1920));
    site("main.moreThanLarger", (10, 640), (30, 3840));
    site("main.fewerButLarger", (10, 640), (5, 1920));
    site("main.new", (0, 0), (5, 320));
    site("main.moreButSmaller", (5, 10_000), (50, 800));
    site("main.gone", (5, 320), (0, 0));
    site("main.less", (5, 320), (4, 256));
    site("main.same", (5, 320), (5, 320));
    let report = report("growth", &base, &current, &[]);
    for (function, change, growth) in [
        ("main.more", "grew", object!("objects")),
        ("main.larger", "grew", object!("size")),
        ("main.moreThanLarger", "grew", object!("objects")),
        ("main.fewerButLarger", "grew", object!("size")),
        ("main.new", "new", object!("objects")),
        ("main.moreButSmaller", "shrank", object!("objects")),
        ("main.gone", "gone", Value::Null),
        ("main.less", "shrank", Value::Null),
        ("main.same", "unchanged", Value::Null),
    ] {
        let site = pick(&report, "function", function);
        assert_eq!((&site["change"], &site["growth"]), (&object!(change), &growth), "{function}");
    }
    assert_eq!(pick(&report, "function", "main.new")["inuse_space"]["ratio"], Value::Null);
    assert_eq!(pick(&report, "function", "main.more")["inuse_space"]["ratio"], 3.0);
}

#[test]
fn recursion_counts_once_and_callers_are_listed_with_cum() {
    let (base, mut current) = (Profile::go(), Profile::go());
    let f: Frame = ("main.f", "f.go", 1, 2);
    current.live(&[&[f], &[f], &[f], &[MAIN]], 1, 64);
    let flat = report("flat", &base, &current, &[]);
    assert_eq!(sites(&flat).len(), 1);
    assert_eq!(sites(&flat)[0]["cum"]["inuse_space"]["current"], 64);
    let cum = report("cum", &base, &current, &["--cum"]);
    let main = pick(&cum, "function", "main.main");
    assert_eq!((&main["inuse_space"]["current"], &main["cum"]["inuse_space"]["current"]), (&object!(0), &object!(64)));
    assert_eq!((&main["line"], &main["change"]), (&object!(25), &object!("new")));
}

#[test]
fn dropped_frames_go_and_what_they_called() {
    let (base, mut current) = (Profile::go(), Profile::go());
    let malloc: Frame = ("malloc", "malloc.c", 1, 2);
    let wrapper: Frame = ("operator new(unsigned long)", "new.cc", 1, 2);
    let user: Frame = ("app::make(int)", "app.cc", 1, 2);
    current.live(&[&[malloc], &[wrapper], &[user]], 1, 10);
    // Inlined into the user's line.
    current.live(&[&[wrapper, user]], 1, 100);
    // Kept in spite of the expression.
    current.live(&[&[("malloc_hook", "hook.c", 1, 2)], &[user]], 1, 1000);
    // No frame of the user's below: stays whole.
    current.live(&[&[malloc], &[wrapper]], 1, 10_000);
    current.drop_frames = current.string("malloc.*|operator new");
    current.keep_frames = current.string("malloc_hook");
    let report = report("dropped", &base, &current, &["--by", "functions"]);
    let spaces: Vec<_> = sites(&report)
        .iter()
        .map(|site| (site["function"].as_str().unwrap(), site["inuse_space"]["delta"].as_i64().unwrap()))
        .collect();
    assert_eq!(spaces, [("malloc", 10_000), ("malloc_hook", 1000), ("app::make(int)", 110)]);
}

#[test]
fn code_without_symbols_is_a_place_in_its_file() {
    let (mut base, mut current) = (Profile::go(), Profile::go());
    for (profile, start) in [(&mut base, 0x10_000), (&mut current, 0x7f_0000)] {
        let filename = profile.string("/usr/lib/libz.so.1");
        profile.mapping.push(Mapping { id: 1, start, offset: 0x200, filename, ..Mapping::default() });
        profile.live(&[&[MAIN]], 1, 64);
        profile.location[0].line.clear();
        profile.location[0].mapping_id = 1;
        profile.location[0].address = start + 0x34;
    }
    let lines = report("address", &base, &current, &[]);
    let site = pick(&lines, "function", "libz.so.1+0x234");
    assert_eq!((&site["change"], &site["file"], &site["line"]), (&object!("unchanged"), &Value::Null, &Value::Null));
    let files = report("address-files", &base, &current, &["--by", "files"]);
    assert_eq!(sites(&files).len(), 1);
}

#[test]
fn focus_and_ignore_choose_samples() {
    let (base, mut current) = (Profile::go(), Profile::go());
    let cache: Frame = ("example.com/cache.put", "cache/put.go", 1, 2);
    let queue: Frame = ("example.com/queue.push", "queue/push.go", 1, 2);
    current.live(&[&[cache], &[MAIN]], 1, 10);
    current.live(&[&[queue], &[MAIN]], 1, 100);
    current.live(&[&[cache], &[queue]], 1, 1000);
    current.live(&[], 1, 10_000);
    let total =
        |args: &[&str]| report("filters", &base, &current, args)["totals"]["inuse_space"]["current"].as_i64().unwrap();
    assert_eq!(total(&[]), 11_110);
    assert_eq!(total(&["--focus", "cache/put"]), 1010);
    assert_eq!(total(&["--focus", r"^main\.main$"]), 110);
    assert_eq!(total(&["--ignore", "queue"]), 10);
    assert_eq!(total(&["--focus", "queue", "--ignore", "main"]), 1000);
    let unmatched = report("unmatched", &base, &current, &["--focus", "nothing", "--ignore", "queue"]);
    let notes: Vec<_> = unmatched["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| (note["code"].as_str().unwrap(), note["data"]["filter"].as_str()))
        .collect();
    assert_eq!(notes, [("filter_matched_nothing", Some("focus")), ("no_growth", None)]);
}

#[test]
fn several_inputs_of_a_side_are_summed() {
    let folder = folder("sites-sum");
    let mut one = Profile::go();
    one.live(&[&[MAIN]], 1, 64);
    fs::create_dir(folder.join("fleet")).unwrap();
    for name in ["a", "fleet/b", "fleet/c", "fleet/.hidden"] {
        let bytes = if name.contains('.') { vec![1] } else { one.encode(Layout::Go) };
        fs::write(folder.join(name), bytes).unwrap();
    }
    let folders = run::json(&folder, &["a", "fleet"]);
    assert_eq!(folders["current"]["inputs"], object!(["fleet/b", "fleet/c"]));
    assert_eq!(sites(&folders)[0]["inuse_objects"], object!({"base": 1, "current": 2, "delta": 1, "ratio": 2.0}));
    let flags = run::json(&folder, &["--base", "a", "--current", "fleet", "--base", "fleet/b", "--current", "a"]);
    assert_eq!((&flags["base"]["samples"], &flags["current"]["samples"]), (&object!(2), &object!(3)));
}

#[test]
fn sums_beyond_64_bits_are_right() {
    let (base, mut current) = (Profile::go(), Profile::go());
    for _ in 0..4 {
        current.live(&[&[MAIN]], 1, i64::MAX);
    }
    let folder = folder("sites-overflow");
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    let ran = run::run(command(&folder, &["--json", "base", "current"]), None);
    assert!(ran.stdout.contains(&format!("\"delta\":{}", 4 * i128::from(i64::MAX))), "{}", ran.stdout);
    assert_eq!(run::run(command(&folder, &["base", "current"]), None).exit, 0);
}

#[test]
fn the_same_inputs_give_the_same_bytes_in_every_format() {
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        let run =
            || run::run(command(&captures, &["--format", format, "--cum", "heap_00.pb.gz", "heap_06.pb.gz"]), None);
        let first = run();
        assert_eq!((first.exit, first.stdout.is_empty()), (0, false), "{format}");
        for _ in 0..3 {
            assert_eq!(run().stdout, first.stdout, "{format}");
        }
        assert!(first.stdout.lines().all(|line| line == line.trim_end()), "{format}: trailing blanks");
    }
}

#[test]
fn ndjson_and_csv_say_what_json_says() {
    let captures = root().join("testdata/captures/pqueue/rate64k");
    let args = ["--cum", "--top", "30", "heap_00.pb.gz", "heap_06.pb.gz"];
    let json = run::json(&captures, &args);
    let ndjson = run::run(command(&captures, &[&["--format", "ndjson"], &args[..]].concat()), None).stdout;
    let lines: Vec<Value> = ndjson.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    lines.iter().for_each(run::assert_valid);
    let mut joined = object!({"sites": []});
    for mut line in lines {
        let line = line.as_object_mut().unwrap();
        match line.remove("type").unwrap().as_str().unwrap() {
            "site" => joined["sites"].as_array_mut().unwrap().push(Value::Object(std::mem::take(line))),
            "header" | "summary" => joined.as_object_mut().unwrap().extend(std::mem::take(line)),
            other => panic!("{other}"),
        }
    }
    assert_eq!(joined, json);
    assert!(json["omitted"]["sites"].as_u64().unwrap() > 0);
    let shown: i64 = sites(&json).iter().map(|site| site["inuse_space"]["delta"].as_i64().unwrap()).sum();
    assert_eq!(
        shown + json["omitted"]["inuse_space_delta"].as_i64().unwrap(),
        json["totals"]["inuse_space"]["delta"].as_i64().unwrap()
    );

    let csv = run::run(command(&captures, &[&["--format", "csv"], &args[..]].concat()), None).stdout;
    let rows: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 31);
    let column = |name: &str| rows[0].iter().position(|title| *title == name).unwrap();
    for (row, site) in rows[1..].iter().zip(sites(&json)) {
        assert_eq!(row.len(), rows[0].len(), "{row:?}");
        assert_eq!(row[column("site_id")], site["site_id"].as_str().unwrap());
        assert_eq!(row[column("function")], site["function"].as_str().unwrap());
        assert_eq!(row[column("cum_inuse_space_delta")], site["cum"]["inuse_space"]["delta"].to_string());
        assert_eq!(row[column("inuse_objects_base")], site["inuse_objects"]["base"].to_string());
    }
}

#[test]
fn names_from_a_profile_are_text_everywhere() {
    let (base, mut current) = (Profile::go(), Profile::go());
    let name = "main.\u{1b}[31m,\"|`<b>\n\u{2061}x";
    current.live(&[&[(name, "f.go", 1, 2)]], 1, 64);
    let folder = folder("sites-hostile");
    fs::write(folder.join("base"), base.encode(Layout::Go)).unwrap();
    fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
    let run = |format: &str| run::run(command(&folder, &["--format", format, "base", "current"]), None).stdout;
    for format in ["table", "markdown"] {
        let text = run(format);
        assert!(!text.contains(['\u{1b}', '\u{2061}']) || format == "markdown", "{text:?}");
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }
    assert!(run("markdown").contains("\\|'<b>"), "{}", run("markdown"));
    assert!(run("csv").contains("\"main.\\u{1b}[31m,\"\"|`<b>\\u{a}\\u{2061}x\""));
    let report: Value = serde_json::from_str(&run("json")).unwrap();
    assert_eq!(report["sites"][0]["function"], name);
}

#[test]
fn csv_quotes_what_would_end_a_cell_or_a_line() {
    let folder = folder("sites-csv");
    fs::write(folder.join("base"), Profile::go().encode(Layout::Go)).unwrap();
    for (name, cell) in [
        ("main.a\rb", r"main.a\u{d}b"),
        ("main.a\nb", r"main.a\u{a}b"),
        ("main.a,b", "\"main.a,b\""),
        ("main.a\"b", "\"main.a\"\"b\""),
        ("main.a b;|'", "main.a b;|'"),
    ] {
        let mut current = Profile::go();
        current.live(&[&[(name, "f.go", 1, 2)]], 1, 64);
        fs::write(folder.join("current"), current.encode(Layout::Go)).unwrap();
        let csv = run::run(command(&folder, &["--format", "csv", "base", "current"]), None).stdout;
        assert!(csv.contains(&format!(",{cell},main,")), "{csv:?}");
    }
}

#[test]
fn strings_that_are_not_utf8_are_shown_lossily_and_kept_apart() {
    let (base, mut current) = (Profile::go(), Profile::go());
    current.live(&[&[("main.a", "f.go", 1, 2)]], 1, 64);
    current.live(&[&[("main.b", "f.go", 1, 2)]], 1, 64);
    for (at, name) in [b"main.\xff", b"main.\xfe"].iter().enumerate() {
        current.function[at].name = current.bytes(*name);
    }
    let report = report("lossy", &base, &current, &[]);
    let names: Vec<_> = sites(&report).iter().map(|site| site["function"].as_str().unwrap()).collect();
    assert_eq!(names, ["main.\u{fffd}", "main.\u{fffd}"]);
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    for format in ["table", "json", "ndjson", "csv", "markdown"] {
        let mut command = command(&captures, &["--format", format, "--cum", "--all", "heap_00.pb.gz", "heap_06.pb.gz"]);
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command.stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()), "{format}");
    }
}

#[test]
fn output_goes_to_a_file() {
    let folder = folder("sites-output");
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    let (base, current) = (captures.join("heap_00.pb.gz"), captures.join("heap_06.pb.gz"));
    let args = |output: &'static str| {
        [
            base.to_str().unwrap().to_owned(),
            current.to_str().unwrap().to_owned(),
            "--output".to_owned(),
            output.to_owned(),
        ]
    };
    let run = |output| run::run(command(&folder, &args(output).iter().map(String::as_str).collect::<Vec<_>>()), None);
    let ran = run("report.txt");
    assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""));
    assert!(fs::read_to_string(folder.join("report.txt")).unwrap().contains("inuse_space"));
    let ran = run("nowhere/report.txt");
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.starts_with("error: nowhere/report.txt: "), "{}", ran.stderr);
}

#[test]
fn a_table_is_no_wider_than_asked() {
    let captures = root().join("testdata/captures");
    let pairs = [
        ["orders/build_a/rate1/heap_01.pb.gz", "orders/build_b/rate1/heap_06.pb.gz"],
        ["pqueue/rate1/heap_01.pb.gz", "pqueue/rate1/heap_06.pb.gz"],
        ["etcd/rate512k/heap_00.pb.gz", "etcd/rate512k/heap_07.pb.gz"],
    ];
    for pair in pairs {
        for options in [&["--cum"][..], &["--all"], &["--bytes", "raw"], &["--by", "owner"], &["--color", "always"]] {
            for width in [80, 100, 132, 200] {
                let mut command = command(&captures, &[options, &pair].concat());
                command.env("COLUMNS", width.to_string());
                for line in run::run(command, None).stdout.lines() {
                    let codes = ["[0m", "[1m", "[2m", "[1;31m", "[32m", "[33m"];
                    let line = codes.iter().fold(line.replace('\u{1b}', ""), |line, code| line.replace(code, ""));
                    // Commands can be pasted.
                    if line.starts_with("  heapdiff ") {
                        continue;
                    }
                    // An identifier that is wider than its column is not cut.
                    let part = line.trim_start().split(['.', '/', ' ']).map(|part| part.chars().count()).max();
                    assert!(line.chars().count() <= width || part > Some(24), "{options:?} at {width}: {line}");
                }
            }
        }
    }
}

#[test]
fn notes_that_nobody_reads_are_no_failure() {
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    let mut command = command(&captures, &["--by", "lines", "--format", "csv", "heap_06.pb.gz", "heap_00.pb.gz"]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = command.stderr(writer).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8(output.stdout).unwrap().lines().count() > 10);
}

#[test]
fn filters_are_gos_regular_expressions() {
    let (base, mut current) = (Profile::go(), Profile::go());
    current.live(&[&[MAIN]], 1, 64);
    for (expression, total) in
        [(r"\Qmain.\Emain", 64), (r"\Qmain.m", 64), (r"\Qm.in\E", 0), (r"^\p{L}+\.main", 64), ("(?i)MAIN", 64)]
    {
        let report = report("go-regex", &base, &current, &["--focus", expression]);
        assert_eq!(report["totals"]["inuse_space"]["current"], total, "{expression}");
    }
}

#[test]
fn a_profile_under_two_names_is_the_same() {
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    let report = run::json(&captures, &["--focus", "json", "heap_00.pb.gz", "./heap_00.pb.gz"]);
    assert_eq!(report["notes"][0]["code"], "same_profile");
    let mut other = Profile::go();
    other.live(&[&[MAIN]], 2, 128);
    let mut base = Profile::go();
    base.live(&[&[MAIN]], 1, 64);
    let filtered = self::report("same-filtered", &base, &other, &["--focus", "nothing"]);
    assert_eq!(filtered["notes"][0]["code"], "filter_matched_nothing");
}

#[test]
fn standard_input_is_a_side() {
    let captures = root().join("testdata/captures/steadyjson/rate512k");
    let current = fs::read(captures.join("heap_06.pb.gz")).unwrap();
    let piped = run::run(command(&captures, &["--json", "heap_00.pb.gz", "-"]), Some(&current));
    let report: Value = serde_json::from_str(&piped.stdout).unwrap();
    let files = run::json(&captures, &["heap_00.pb.gz", "heap_06.pb.gz"]);
    assert_eq!(report["sites"], files["sites"]);
    assert_eq!(report["current"]["inputs"], object!(["-"]));
}

#[test]
fn schema_completions_and_man_page_are_printed() {
    for (args, part) in [
        (&["schema"][..], "\"$schema\""),
        (&["completions", "bash"], "--current"),
        (&["completions", "zsh"], "--current"),
        (&["completions", "fish"], "current"),
        (&["man"], ".SH DESCRIPTION"),
    ] {
        let ran = run::run(command(root(), args), None);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
        assert!(ran.stdout.contains(part), "{args:?}: {}", ran.stdout);
    }
    let schema: Value = serde_json::from_str(&run::run(command(root(), &["schema"]), None).stdout).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
}

#[test]
fn the_fixtures_tell_their_origin() {
    let readme = fs::read_to_string(root().join("testdata/README.md")).unwrap();
    for entry in fs::read_dir(root().join("testdata")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || readme.contains(&format!("`{name}")), "{name}");
    }
}
