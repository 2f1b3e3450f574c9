//! Hostile names in every string of a profile, a setting, a server's answer and a file's name: what every command prints
//! and writes stays harmless for a terminal and the log of a CI job.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::junit;
use crate::proto::{Label, Layout, Mapping, Profile, ValueType};
use crate::run::{Ran, command, folder, run};

/// What is put into names, in front of them and after them.
const HOSTILE: [&str; 5] = [
    "::error file=x::y",
    "  ::error file=x::y ##[error]x ##vso[x]y /::error file=x::y",
    "x\n::set-output name=x::y\r\n##[group]x\u{2028}::error file=x::y",
    "\u{1b}[31m\u{1b}]0;x\u{7}\u{85}\u{9b}31m\u{202e}\u{61c}\u{2066}\u{200b}\u{ad}\u{2029}\u{3164}\u{e0001}\u{e0041}\u{fffe}\u{8}",
    "=cmd()|<script>alert(1)</script><img src=x onerror=alert(1)>`|]]>&\"' onload=\"alert(1) --> </style><!--",
];

/// A name that does no harm, to see what a page has of its own.
const HARMLESS: &str = "harmless";

/// Whether no output for people may have it.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{feff}' | '\u{e0000}'..='\u{e0fff}'
        )
}

#[track_caller]
fn assert_harmless(what: &str, text: &str) {
    // CSV and HTML may have line ends of their own, and scripts in a page have tabs.
    if let Some(c) = text.chars().find(|&c| is_hidden(c)) {
        let at = text.find(c).unwrap();
        let start = text[..at].char_indices().rev().nth(80).map_or(0, |(at, _)| at);
        panic!("{what}: {c:?} after {:?}", &text[start..at]);
    }
    for line in text.lines() {
        let own =
            ["::error title=", "::error file=", "::warning title=", "::warning::", "::notice title=", "::notice::"];
        let is_own = what.contains("github") && own.iter().any(|own| line.starts_with(own));
        assert!(
            !line.trim_start().starts_with("::") || is_own && !line.starts_with("::error file=x::y"),
            "{what}: {line}"
        );
        assert!(!["##[", "##vso[", "##teamcity["].iter().any(|command| line.contains(command)), "{what}: {line}");
    }
}

/// Checks an output by its format. `own`: what pages have of their own.
#[track_caller]
fn assert_fits(what: &str, format: &str, text: &str, own: &BTreeSet<String>) {
    match format {
        "html" | "svg" => {
            assert_harmless(what, &text.replace('\t', " "));
            for part in markup(text) {
                assert!(own.contains(&part), "{what}: {part}");
            }
        }
        _ => assert_harmless(what, text),
    }
    match format {
        "json" | "sarif" | "code-quality" | "speedscope" if !text.is_empty() => {
            let json: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
            assert!(!json.is_null());
        }
        "ndjson" => text.lines().for_each(|line| _ = serde_json::from_str::<Value>(line).expect(line)),
        "junit" if !text.is_empty() => _ = junit::parse(text),
        "svg" if !text.is_empty() => {
            let document = roxmltree::Document::parse(text).unwrap_or_else(|error| panic!("{what}: {error}"));
            assert_eq!(document.root_element().tag_name().name(), "svg", "{what}");
        }
        "csv" => {
            let is_number = |cell: &str| cell.trim_end_matches('%').parse::<f64>().is_ok();
            for cell in text.lines().flat_map(cells) {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t']) || is_number(&cell), "{what}: {cell}");
            }
        }
        _ => {}
    }
}

/// The markup of a page: each tag with the names of its attributes, and what scripts and styles are, but for the data.
fn markup(page: &str) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), page);
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let name_end = rest.find(|c: char| c.is_whitespace() || c == '>').expect("the end of a tag");
        let (name, mut attributes) = rest.split_at(name_end);
        let mut part = format!("<{name}");
        let mut is_data = false;
        // Attributes with quotes may have what ends a tag.
        while let Some((before, after)) = attributes.split_once('"').filter(|(before, _)| !before.contains('>')) {
            let (value, after) = after.split_once('"').expect("the end of an attribute");
            is_data |= value == "application/json";
            part += before;
            attributes = after;
        }
        let (without_value, after) = attributes.split_once('>').expect("the end of a tag");
        parts.push(part + without_value);
        rest = after;
        if matches!(name, "script" | "style") {
            let (content, after) = rest.split_once(&format!("</{name}>")).expect("the end of an element");
            match is_data {
                true => assert!(!content.contains('<'), "{content}"),
                false => parts.push(content.to_owned()),
            }
            rest = after;
        }
    }
    parts
}

#[test]
fn markup_is_found_wherever_it_is() {
    let page = |name: &str| {
        let own = format!("<p title=\"{name}\">{name}</p><script>run();</script>");
        format!("{own}<script type=\"application/json\">[\"a > b\"]</script>")
    };
    let own = ["<p title=", "</p", "<script", "run();", "</script", "<script type="];
    for text in ["a", "&lt;img&gt;", "a > b", "'onload='x'"] {
        let found = markup(&page(text));
        assert!(found.iter().all(|part| own.contains(&part.as_str())), "{found:?}");
    }
    for (text, part) in [("<img src=x>", "<img src=x"), ("\" onload=\"x", "<p title= onload="), ("<!--", "<!--")] {
        let found = markup(&page(text));
        assert!(found.iter().any(|found| found.starts_with(part)), "{text}: {found:?}");
    }
}

/// The cells of a line of CSV.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => cells.last_mut().unwrap().push(c),
        }
    }
    assert!(!quoted, "{line}");
    cells
}

/// A heap profile with `name` in all of its strings; where `deep`, also in its sample types and its pattern.
fn profile(name: &str, objects: i64, time: i64, deep: bool) -> Vec<u8> {
    let leak = |text: String| -> &'static str { text.leak() };
    let other = format!("{name}/{name}");
    let mut profile = match deep {
        true => Profile::with_types(&["inuse_objects/count", "inuse_space/bytes", &other]),
        false => Profile::go(),
    };
    let names =
        [name.to_owned(), format!("main.{name}"), format!("a.test/{name}.g"), format!("main.(*T).f{name}.func1")];
    for (at, function) in (1..).zip(names) {
        let file = leak(format!("{name}{at}.go"));
        let frames = [(leak(function), file, 1, 2 + at), ("main.caller", leak(format!("/src/{name}/x.go")), 1, at)];
        let sample = profile.live(&[&frames[..1], &frames[1..]], objects * at, objects * at * 64);
        let label = Label { key: 0, str: 0, ..Label::default() };
        sample.label.push(label);
        if deep {
            sample.value.push(objects);
        }
    }
    let of_name = profile.string(name);
    for sample in &mut profile.sample {
        sample.label[1] = Label { key: of_name, str: of_name, ..Label::default() };
    }
    profile.function.iter_mut().for_each(|function| function.system_name = of_name);
    profile.mapping = vec![Mapping { id: 1, filename: of_name, build_id: of_name, ..Mapping::default() }];
    profile.location.iter_mut().for_each(|location| location.mapping_id = 1);
    profile.location.push(crate::proto::Location { id: 1000, mapping_id: 1, address: 0xbeef, line: Vec::new() });
    profile.comment = vec![of_name];
    profile.doc_url = of_name;
    profile.time_nanos += time * 1_000_000_000;
    if deep {
        profile.default_sample_type = of_name;
        profile.drop_frames = profile.string(&format!("({name}"));
        profile.period_type = Some(ValueType { kind: of_name, unit: of_name });
    }
    profile.encode(Layout::Pprof)
}

/// A profile of a benchmark.
fn benchmark(name: &str, objects: i64) -> Vec<u8> {
    let leak = |text: String| -> &'static str { text.leak() };
    let mut profile = Profile::go();
    let work = (leak(format!("main.{name}")), leak(format!("{name}.go")), 1, 2);
    profile.live(&[&[work], &[("testing.(*B).runN", "testing/benchmark.go", 1, 2)]], objects, 64 * objects);
    profile.encode(Layout::Go)
}

/// A heap profile as text.
fn text(name: &str, objects: i64) -> String {
    let (name, space) = (name.replace(['\n', '\r'], " "), 64 * objects);
    format!(
        "heap profile: {objects}: {space} [{objects}: {space}] @ heap/1048576\n{objects}: {space} [{objects}: {space}] @ \
         0x1000\n#\t0xfff\tmain.{name}+0x1\t/src/{name}/x.go:7\n\n# runtime.MemStats\n# Alloc = {space}\n# HeapAlloc = \
         {space}\n# {name} = 7\n# NumGC = {objects}\n# DebugGC = false\n"
    )
}

/// A profile of goroutines.
fn goroutines(name: &str, count: i64) -> Vec<u8> {
    let leak = |text: String| -> &'static str { text.leak() };
    let mut profile = Profile::with_types(&["goroutine/count"]);
    profile.period_type = Some(profile.sample_type[0].clone());
    let frames = [
        ("runtime.gopark", "runtime/proc.go", 1, 2),
        ("runtime.chanrecv", "runtime/chan.go", 1, 2),
        (leak(format!("main.{name}")), leak(format!("{name}.go")), 1, 2),
        (leak(format!("main.entry{name}")), leak(format!("{name}.go")), 1, 2),
    ];
    let frames: Vec<_> = frames.iter().map(std::slice::from_ref).collect();
    profile.live(&frames, 0, 0);
    (profile.sample[0].value, profile.sample[0].label) = (vec![count], Vec::new());
    profile.encode(Layout::Go)
}

/// What goref writes, of variables and fields with such names.
fn references(name: &str, objects: i64) -> Vec<u8> {
    let mut profile = crate::producers::goref(objects);
    let names =
        [format!("main.{name}"), format!("{name}. (map[string]*main.{name})")].map(|name| profile.string(&name));
    profile.function.iter_mut().zip(names).for_each(|(function, name)| function.name = name);
    profile.encode(Layout::Go)
}

/// The name as a part of a file's name.
fn file_name(name: &str) -> String {
    name.replace('/', "_").chars().filter(|c| cfg!(unix) || !(c.is_control() || r#"<>:"|?*"#.contains(*c))).collect()
}

/// The name as a string of TOML and of JSON, quoted.
fn quoted(name: &str) -> String {
    // TOML has no escape of a character by UTF-16.
    serde_json::to_string(&name.replace(['\u{7}', '\u{8}', '\u{1b}'], "")).unwrap()
}

/// All files of a test.
fn write_files(folder: &Path, name: &str) {
    let write = |path: &str, bytes: &[u8]| fs::write(folder.join(path), bytes).unwrap();
    let (in_file, in_toml) = (file_name(name), quoted(name));
    for (at, letter) in (1..).zip(["a", "b", "c", "d"]) {
        write(&format!("{letter}.pb"), &profile(name, at * at * 40_000, at, false));
        write(&format!("deep-{letter}.pb"), &profile(name, at * at * 40_000, at, true));
        write(&format!("goref-{letter}.pb"), &references(name, at * 40_000));
        write(&format!("{letter}.txt"), text(name, at * 900).as_bytes());
        write(&format!("bench-{letter}.pb"), &benchmark(name, at * at * 40_000));
        write(&format!("goroutine_{letter}.pb"), &goroutines(name, at * 50));
        let numbers = format!("\"HeapAlloc\": {at}000, \"NextGC\": {at}000, \"NumGC\": {at}");
        write(
            &format!("m{at}.json"),
            format!("{{{in_toml}: 1, \"memstats\": {{{numbers}, {in_toml}: 1}}}}").as_bytes(),
        );
        write(&format!("bad{at}.json"), format!("{{\"memstats\": {{\"HeapAlloc\": {in_toml}}}}}").as_bytes());
        let (in_prom, one_line) = (in_toml.replace("\\u", "u"), name.replace(['\n', '\r'], " "));
        let labels = format!("{{a={in_prom}}}");
        let metrics = format!("go_memstats_heap_alloc_bytes{labels} {at}000\ngo_memstats_next_gc_bytes{labels} 1\n");
        write(&format!("p{at}.prom"), format!("# HELP {one_line}\n{metrics}").as_bytes());
        write(&format!("q{at}.prom"), format!("{metrics}go_memstats_{name} 1\n").as_bytes());
    }
    fs::create_dir_all(folder.join(format!("dir{in_file}/{in_file}"))).unwrap();
    for (at, letter) in ["a", "b", "c"].iter().enumerate() {
        let bytes = fs::read(folder.join(format!("{letter}.pb"))).unwrap();
        write(&format!("dir{in_file}/{at}{in_file}.pb"), &bytes);
        write(&format!("{in_file}{letter}.pb"), &bytes);
        write(&format!("dir{in_file}/x{in_file}.go"), format!("line\n{name}\nfunc {name}() {{\n").as_bytes());
    }
    fs::create_dir_all(folder.join("src")).unwrap();
    for at in 1..5 {
        let lines = format!("{name}\n").repeat(9);
        write(&format!("src/{in_file}{at}.go"), format!("package main\n{lines}").as_bytes());
    }
    write("key.toml", format!("[limits]\n{in_toml} = 1\n").as_bytes());
    write("bad.toml", format!("[{name}\n").as_bytes());
    write("value.toml", format!("[limits]\nsite-space = {in_toml}\n").as_bytes());
    write("rename.toml", format!("rename = [{}, {in_toml}]\n", quoted(&format!("{name}=main.new"))).as_bytes());
    let allow = |expires: &str| format!("[[allow]]\nfunction = {in_toml}\nreason = {in_toml}\nuntil = {expires}\n");
    write("allow.toml", allow("2999-01-01").as_bytes());
    write("expired.toml", allow("2020-01-01").as_bytes());
    write("expires.toml", allow(&in_toml).as_bytes());
    write(
        "bad.json",
        format!("{{\"snapshots\": [{{\"files\": [{{\"profile\": {in_toml}, \"file\": {in_toml}}}]}}]}}").as_bytes(),
    );
    let line = |name: &str, ns: u32| format!("Benchmark{name}-2 \t 2000\t {ns} ns/op\t 24 B/op\t 4 allocs/op\n");
    // A name has no blanks.
    let word = name.split_whitespace().collect::<Vec<_>>().join("_");
    for (file, ns) in [("old", 10), ("new", 90)] {
        write(&format!("{file}.bench"), format!("pkg: {name}\n{}", line(name, ns)).as_bytes());
        write(&format!("{file}-word.bench"), format!("pkg: {name}\n{}", line(&word, ns)).as_bytes());
        let event = serde_json::json!({ "Action": "output", "Package": name, "Output": line(&word, ns) });
        write(&format!("{file}-json.bench"), format!("{event}\n").as_bytes());
    }
    write("other.bench", line(&format!("{word}/{word}"), 90).as_bytes());
    write("several.bench", format!("{}{}", line(&word, 10), line(&format!("{word}/{word}"), 90)).as_bytes());
    write("failed.bench", format!("--- FAIL: Benchmark{word} (0.00s)\n").as_bytes());
    write("iterations.bench", format!("Benchmark{word}-2 \t 0\t 10 ns/op\n").as_bytes());
}

const CHECK_FORMATS: [&str; 9] =
    ["table", "json", "ndjson", "csv", "markdown", "github", "junit", "sarif", "code-quality"];

/// Outputs of benchmarks, the first two of which fit the profiles.
const BENCHMARKS: [[&str; 2]; 7] = [
    ["old-word.bench", "new-word.bench"],
    ["old-json.bench", "new-json.bench"],
    ["old-word.bench", "other.bench"],
    ["old.bench", "new.bench"],
    ["old-word.bench", "several.bench"],
    ["failed.bench", "new-word.bench"],
    ["old-word.bench", "iterations.bench"],
];

/// Every command and format on the files of [`write_files`].
fn runs(name: &str) -> Vec<(&'static str, Vec<String>)> {
    let mut runs: Vec<(&str, Vec<String>)> = Vec::new();
    let mut add = |format, args: &[&str]| runs.push((format, args.iter().map(|&arg| arg.to_owned()).collect()));
    let in_file = file_name(name);
    let file = |letter: &str| format!("./{in_file}{letter}.pb");
    let (dir, [a, b]) = (format!("dir{in_file}"), ["a", "b"].map(file));
    for format in CHECK_FORMATS {
        for [base, current] in [["a.pb", "b.pb"], ["deep-a.pb", "deep-b.pb"], ["a.txt", "b.txt"], [&a, &b]] {
            add(format, &["check", "--format", format, base, current]);
        }
        add(
            format,
            &["check", "--format", format, "--report", "junit=r.xml", "--report", "github=r.github", "a.pb", "no"],
        );
        for config in
            ["key.toml", "bad.toml", "value.toml", "rename.toml", "allow.toml", "expired.toml", "expires.toml"]
        {
            add(format, &["check", "--format", format, "--config", config, "a.pb", "b.pb"]);
        }
        add(format, &["check", "--format", format, "a.pb", "b.pb", "--goroutines", "goroutine_a.pb", "goroutine_b.pb"]);
        for [old, new] in BENCHMARKS {
            add(format, &["check", "--format", format, "--bench", old, new, "bench-a.pb", "bench-b.pb"]);
        }
        // Errors of the command line.
        for wrong in [&format!("--nosuch{name}"), &format!("--by={name}"), &format!("--report={name}")] {
            add(format, &["check", "--format", format, "a.pb", &b, wrong]);
        }
    }
    for format in ["table", "json", "ndjson", "csv", "markdown", "folded", "speedscope"] {
        for [base, current] in [["a.pb", "b.pb"], ["deep-a.pb", "deep-b.pb"], ["a.txt", "b.txt"], [&a, &b]] {
            add(format, &["--format", format, base, current]);
        }
        add(format, &["--format", format, "goref-a.pb", "goref-b.pb"]);
        for by in ["lines", "functions", "packages"] {
            add(format, &["--format", format, "--by", by, "--verbose", "a.pb", "b.pb"]);
        }
        for [old, new] in BENCHMARKS {
            add(format, &["--format", format, "--bench", old, new, "bench-a.pb", "bench-b.pb"]);
        }
    }
    for format in ["table", "json"] {
        for [base, current] in [["a.pb", "b.pb"], ["deep-a.pb", "deep-b.pb"], [&a, &b]] {
            add(format, &["list", "--source-root", "src", "--format", format, ".", base, current]);
            add(format, &["list", "--format", format, "nosuch", base, current]);
            add(format, &["peek", "--format", format, ".", base, current]);
            add(format, &["peek", "--format", format, &format!("nosuch{name}"), base, current]);
            add(format, &["stacks", "--full", "--all", "--format", format, base, current]);
            add(format, &["top", "--format", format, current]);
            add(format, &["trend", "--format", format, base, "c.pb", current]);
        }
        add(format, &["peek", "--format", format, ".", "goref-a.pb", "goref-b.pb"]);
        add(format, &["stacks", "--format", format, "goref-a.pb", "goref-b.pb"]);
        add(format, &["top", "--format", format, "goref-a.pb"]);
        add(format, &["trend", "--format", format, "goref-a.pb", "goref-b.pb", "goref-c.pb"]);
        add(format, &["trend", "--format", format, &dir]);
        add(format, &["trend", "--format", format, "goroutine_a.pb", "goroutine_b.pb", "goroutine_c.pb"]);
        add(format, &["memstats", "--format", format, "a.txt", "b.txt", "c.txt", "d.txt"]);
        add(format, &["memstats", "--format", format, "m1.json", "m2.json"]);
        add(format, &["memstats", "--format", format, "p1.prom", "p2.prom"]);
        add(format, &["memstats", "--format", format, "bad1.json", "bad2.json"]);
        add(format, &["memstats", "--format", format, "q1.prom", "q2.prom"]);
        add(format, &["memstats", "--format", format, &dir]);
    }
    add("html", &["report", "--source-root", "src", "a.pb", "b.pb"]);
    add("html", &["report", "deep-a.pb", "deep-b.pb"]);
    add("html", &["report", &a, &b, "--goroutines", "goroutine_a.pb", "goroutine_b.pb"]);
    add("html", &["report", "goref-a.pb", "goref-b.pb"]);
    add("svg", &["flame", "a.pb", "b.pb"]);
    add("svg", &["flame", "deep-a.pb", "deep-b.pb"]);
    add("svg", &["flame", "--min", "0", &a, &b]);
    add("svg", &["flame", "goroutine_a.pb", "goroutine_b.pb"]);
    add("svg", &["--format", "svg", "a.txt", "b.txt"]);
    add("html", &["--format", "html", "a.txt", "b.txt"]);
    add("html", &["trend", "--format", "html", "--source-root", "src", "a.pb", "b.pb", "c.pb"]);
    add("html", &["flame", "--width", "delta", "-o", "f.html", &a, &b]);
    add("table", &["calibrate", "a.pb", "b.pb", "c.pb", "d.pb"]);
    add("table", &["calibrate", &a, &b, &dir]);
    add("table", &["check", "--update-budget", &format!("b{in_file}.toml"), "a.pb", "b.pb"]);
    add("table", &["check", "--update-budget", &format!("b{in_file}.toml"), "--tighten", "a.pb", "a.pb"]);
    add("table", &["check", "--budget", &format!("b{in_file}.toml"), "a.pb", "c.pb"]);
    add("table", &["check", "--budget", "bad.toml", "a.pb", "b.pb"]);
    add("table", &["explain", name]);
    add("table", &[name]);
    add("table", &["--focus", &format!("({name}"), "a.pb", "b.pb"]);
    add("table", &["--sample-type", name, "deep-a.pb", "deep-b.pb"]);
    add("csv", &["--format", "csv", "--sample-type", name, "deep-a.pb", "deep-b.pb"]);
    add("table", &["--sample-type", name, "a.pb", "b.pb"]);
    add("table", &["--own", name, "--rename", &format!("{name}={name}"), "a.pb", "b.pb"]);
    add("table", &["capture", name, "-o", &dir]);
    add("table", &["watch", name]);
    add("table", &[&dir]);
    add("table", &[&format!("{dir}/{in_file}")]);
    add("table", &["-o", &format!("./{in_file}.txt"), &a, &b]);
    add("table", &["-o", &a, &a, &b]);
    runs
}

/// The markup of all pages where no name is hostile.
fn own_markup() -> BTreeSet<String> {
    let folder = folder("hostile-names-none");
    write_files(&folder, HARMLESS);
    let mut own = BTreeSet::new();
    for (format, args) in runs(HARMLESS) {
        if matches!(format, "html" | "svg") {
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            let Ran { exit, stdout, stderr } = run(command(&folder, &args), None);
            assert_eq!(exit, 0, "{args:?}: {stderr}");
            own.extend(markup(&stdout));
        }
    }
    own.extend(markup(&fs::read_to_string(folder.join("f.html")).unwrap()));
    assert!(own.len() > 20 && !own.iter().any(|part| part.starts_with("<img")), "{own:?}");
    own
}

#[test]
fn names_from_elsewhere_obey_nobody() {
    let (mut failed, own) = (0, own_markup());
    for (number, name) in HOSTILE.iter().enumerate() {
        let folder = folder(&format!("hostile-names-{number}"));
        write_files(&folder, name);
        let (runs, mut answered) = (runs(name), 0);
        for (format, args) in &runs {
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            let mut command = command(&folder, &args);
            command.env("COLUMNS", "60").env("GITHUB_WORKSPACE", name.replace('\0', ""));
            let Ran { exit, stdout, stderr } = run(command, None);
            let what = format!("{number} {format} {args:?}");
            assert!(exit <= 2, "{what}: {exit} {stderr}");
            answered += usize::from(exit < 2);
            let is_benchmark =
                BENCHMARKS[..2].iter().any(|[old, new]| [old, new].iter().all(|file| args.contains(file)));
            assert!(exit < 2 || !is_benchmark || args[0] == "check", "{what}: {stderr}");
            // All of them are told, each by a panic of its own.
            let fits = std::panic::catch_unwind(|| {
                assert_fits(&what, format, &stdout, &own);
                assert_harmless(&what, &stderr);
            });
            failed += usize::from(fits.is_err());
        }
        // A quarter of them are errors by intent.
        assert!(5 * answered >= 2 * runs.len(), "{number}: only {answered} of {} answered", runs.len());
        for (file, format) in [("r.xml", "junit"), ("r.github", "github"), ("f.html", "html")] {
            let text = fs::read_to_string(folder.join(file)).unwrap();
            assert_fits(&format!("{number} {file} {format}"), format, &text, &own);
        }
        // A manifest that lists hostile files.
        fs::rename(folder.join("bad.json"), folder.join("manifest.json")).unwrap();
        for args in [&["a.pb", "b.pb"][..], &["trend", "."], &["memstats", "."], &["."]] {
            let Ran { stdout, stderr, .. } = run(command(&folder, args), None);
            assert_harmless(&format!("{number} manifest {args:?}"), &format!("{stdout}{stderr}"));
        }
    }
    assert_eq!(failed, 0);
}

#[cfg(feature = "fetch")]
#[test]
fn answers_of_a_server_obey_nobody() {
    use crate::server::Server;

    let heap = crate::run::root().join("testdata/before.pb.gz");
    for (number, name) in HOSTILE.iter().enumerate() {
        let folder = folder(&format!("hostile-answers-{number}"));
        let header = name.replace(['\n', '\r'], " ");
        let body = format!("{name}\n{name}");
        let with = |head: &str, body: &str| format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        for answer in [
            with(&format!("404 {header}"), &body),
            with("500 Oops\r\nContent-Type: text/plain", &body),
            with(&format!("200 OK\r\nContent-Type: {header}"), &body),
            with(&format!("200 OK\r\nContent-Encoding: {header}"), &body),
            with(&format!("302 Found\r\nLocation: {header}"), ""),
            with(&format!("302 Found\r\nLocation: http://127.0.0.1:1/{header}"), ""),
            with("200 OK", &format!("heap profile: {header}")),
            with("200 OK", &text(name, 900)),
        ] {
            let server = Server::saying(answer.clone());
            let url = server.url("/debug/pprof/heap");
            for args in [
                &["capture", &server.address, "-o", "captured", "--every", "0s", "--retries", "0", "--count", "1"][..],
                &["watch", &server.address, "-o", "watched", "--every", "0s", "--retries", "0"],
                &[heap.to_str().unwrap(), &url],
                &["check", "--format", "github", heap.to_str().unwrap(), &url],
                &["memstats", &url],
            ] {
                if args[0] == "watch" && answer.starts_with("HTTP/1.1 200") {
                    // It would take snapshots for ever.
                    continue;
                }
                let Ran { exit, stdout, stderr } = run(command(&folder, args), None);
                let what = format!("{number} {args:?} {answer:?}");
                assert!(exit <= 2, "{what}: {exit}");
                assert_harmless(&what, &stdout);
                assert_harmless(&what, &stderr);
            }
            for file in ["captured/manifest.json", "watched/manifest.json"] {
                let manifest = fs::read_to_string(folder.join(file)).unwrap_or_default();
                assert_harmless(&format!("{number} {file}"), &manifest);
            }
            let _ = fs::remove_dir_all(folder.join("captured"));
        }
    }
}

#[cfg(feature = "fetch")]
#[test]
fn a_watched_program_obeys_nobody() {
    use crate::run::gzip;
    use crate::server::{Server, ok, send};

    const SNAPSHOTS: usize = 3;
    for (number, name) in HOSTILE.iter().enumerate() {
        let folder = folder(&format!("hostile-watch-{number}"));
        // Two heaps, goroutines and a text for each snapshot; what is kept has its threads as well.
        for (requests, more) in [(4, &["--all"][..]), (5, &["--by", "lines", "-o", "kept", "--fail-on", "leak"])] {
            let server = Server::start(move |request, target, stream| {
                let at = (request / requests) as i64 + 1;
                let body = match target {
                    _ if request >= SNAPSHOTS * requests => return,
                    "/debug/pprof/heap?debug=1&gc=1" => text(name, at * 900).into_bytes(),
                    "/debug/pprof/goroutine" => goroutines(name, at * 50),
                    _ => gzip(&profile(name, at * at * 40_000, at, false)),
                };
                send(stream, &ok("", &body));
            });
            let args = [&["watch", &server.address, "--every", "0s", "--retries", "0"], more].concat();
            let Ran { exit, stdout, stderr } = run(command(&folder, &args), None);
            let what = format!("{number} {args:?}");
            assert!(exit <= 2 && stdout.contains("verdict: "), "{what}: {exit} {stdout}{stderr}");
            assert_harmless(&what, &stdout);
            assert_harmless(&what, &stderr);
        }
        let manifest = fs::read_to_string(folder.join("kept/manifest.json")).unwrap();
        assert_harmless(&format!("{number} manifest"), &manifest);
    }
}
