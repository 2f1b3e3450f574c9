//! The pages for a browser: they agree with the other formats, nothing in a name can become markup, and they stay
//! small. `tests/browser.py` tries them in a browser.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::proto::{Frame, Layout, Profile};
use crate::run::{command, folder, json, root, run};

const PAIR: [&str; 2] = ["testdata/before.pb.gz", "testdata/after.pb.gz"];

/// The output of a command that must succeed without a word on standard error.
fn page(args: &[&str]) -> String {
    page_in(root(), args)
}

fn page_in(folder: &Path, args: &[&str]) -> String {
    let ran = run(command(folder, args), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    ran.stdout
}

/// The data of a page, HTML or SVG: its only script that is not run.
fn data(page: &str) -> Value {
    let start = "<script type=\"application/json\" id=\"data\">";
    assert_eq!(page.matches(start).count(), 1);
    let (_, rest) = page.split_once(start).unwrap();
    serde_json::from_str(rest.split_once("</script>").unwrap().0).unwrap()
}

fn numbers(column: &Value) -> Vec<i64> {
    column.as_array().unwrap().iter().map(|value| value.as_i64().unwrap()).collect()
}

/// The texts that a column of indexes refers to.
fn texts(data: &Value, column: &Value) -> Vec<String> {
    numbers(column).iter().map(|&at| data["texts"][at as usize].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_ending_of_a_file_decides() {
    let folder = folder("pages-endings");
    let paths = PAIR.map(|path| root().join(path));
    let [base, current] = paths.each_ref().map(|path| path.to_str().unwrap());
    let write = |args: &[&str]| run(command(&folder, &[args, &[base, current]].concat()), None);
    for (args, start) in [
        (["flame", "-o", "a.svg"], "<?xml"),
        (["flame", "-o", "a.html"], "<!doctype html>"),
        (["flame", "-o", "a.HTM"], "<!doctype html>"),
        (["report", "-o", "r.html"], "<!doctype html>"),
    ] {
        let ran = write(&args);
        assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (0, "", ""), "{args:?}");
        assert!(fs::read_to_string(folder.join(args[2])).unwrap().starts_with(start), "{args:?}");
    }
    for (args, error) in [
        (["flame", "-o", "a.png"], "error: a.png: flame writes files that end with .svg or .html\n"),
        (["flame", "-o", "svg"], "error: svg: flame writes files that end with .svg or .html\n"),
        (["report", "-o", "r.svg"], "error: r.svg: report writes files that end with .html\n"),
        (["trend", "--report", "r.pdf"], "error: r.pdf: --report writes files that end with .html\n"),
    ] {
        let ran = write(&args);
        assert_eq!((ran.exit, ran.stdout.as_str(), ran.stderr.as_str()), (2, "", error), "{args:?}");
        assert!(!folder.join(args[2]).exists());
    }
    let ran = write(&["flame", "-o", "none/a.svg"]);
    assert!(ran.exit == 2 && ran.stderr.starts_with("error: none/a.svg: "), "{}", ran.stderr);
    let ran = write(&["flame", "--min", "2"]);
    assert!(ran.exit == 2 && ran.stderr.contains("expected a percentage below 100 %"), "{}", ran.stderr);
    // To a pipe.
    assert!(write(&["flame"]).stdout.starts_with("<?xml"));
    assert!(write(&["report"]).stdout.starts_with("<!doctype html>"));
}

/// On a terminal, made by `script` of util-linux.
#[test]
fn no_page_is_written_to_a_terminal() {
    for command in ["flame", "report"] {
        let line = format!("{} {command} {} {}", env!("CARGO_BIN_EXE_heapdiff"), PAIR[0], PAIR[1]);
        let Ok(output) = std::process::Command::new("script")
            .args(["-qec", &line, "/dev/null"])
            .current_dir(root())
            .stdin(std::process::Stdio::null())
            .output()
        else {
            assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "script is not installed");
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(text.contains(&format!("{command} writes a file for a browser, not for a terminal")), "{text}");
        assert_eq!(output.status.code(), Some(2));
    }
}

#[test]
fn a_report_says_what_json_says() {
    for by in ["lines", "functions", "files", "packages", "owner"] {
        let data = data(&page(&["report", "--by", by, PAIR[0], PAIR[1]]));
        let json = json(root(), &["--by", by, PAIR[0], PAIR[1]]);
        let (sites, rows) = (&data["sites"], json["sites"].as_array().unwrap());
        assert_eq!(sites["id"].as_array().unwrap().len(), rows.len(), "{by}");
        assert!(rows.len() > 1);
        let full = texts(sites, &sites["full"]);
        for (at, row) in rows.iter().enumerate() {
            assert_eq!(sites["id"][at], row["site_id"], "{by}");
            assert_eq!(sites["rank"][at], row["rank"]["inuse_space"], "{by}");
            if let Some(function) = row["function"].as_str() {
                assert_eq!(full[at], function, "{by}");
            }
            for (short, metric) in [("space", "inuse_space"), ("objects", "inuse_objects")] {
                assert_eq!(sites["base"][short][at], row[metric]["base"], "{by}");
                assert_eq!(sites["current"][short][at], row[metric]["current"], "{by}");
                for bound in ["low", "high"] {
                    assert_eq!(sites[bound][short][at], row["evidence"][format!("delta_{short}_{bound}")], "{by}");
                }
            }
            for field in ["verdict", "samples_base", "samples_current", "p_value"] {
                assert_eq!(sites[field][at], row["evidence"][field], "{by}");
            }
        }
    }
}

/// The stacks of a site, including the omitted ones, sum up to the site.
#[test]
fn stacks_of_a_site_sum_to_it() {
    let pair = [
        "testdata/captures/orders/build_a/rate1/heap_01.pb.gz",
        "testdata/captures/orders/build_a/rate1/heap_06.pb.gz",
    ];
    for by in ["lines", "functions", "files", "packages", "owner"] {
        let data = data(&page(&["report", "--by", by, pair[0], pair[1]]));
        let (sites, stacks) = (&data["sites"], &data["sites"]["stacks"]);
        let mut first = 0;
        let mut omitted = 0;
        for (at, &count) in numbers(&stacks["count"]).iter().enumerate() {
            for metric in ["space", "objects"] {
                let delta =
                    |of: &Value, at: usize| numbers(&of["current"][metric])[at] - numbers(&of["base"][metric])[at];
                let shown: i64 = (first..first + count as usize).map(|stack| delta(stacks, stack)).sum();
                let rest = numbers(&stacks["rest"][metric])[at];
                assert_eq!(shown + rest, delta(sites, at), "{by}: site {at} in {metric}");
            }
            omitted += numbers(&stacks["omitted"])[at];
            first += count as usize;
        }
        assert_eq!(first, stacks["depth"].as_array().unwrap().len());
        let frames = |column: &str| numbers(&stacks[column]).iter().sum::<i64>();
        assert_eq!(frames("depth") - frames("same"), numbers(&stacks["frame"]).len() as i64);
        assert!(frames("same") > 0);
        assert!(first > 0 && (by != "packages" || omitted > 0), "{by}");
    }
}

/// Every stack of functions with its own values, from the nodes of a graph.
fn folded(data: &Value, metric: &str) -> BTreeMap<String, [i64; 2]> {
    let flame = &data["flame"];
    let names = texts(data, &data["functions"]["full"]);
    let (depth, function) = (numbers(&flame["depth"]), numbers(&flame["function"]));
    let mut found = BTreeMap::new();
    let mut path: Vec<usize> = Vec::new();
    let mut own: Vec<[i64; 2]> = Vec::new();
    let sides = [numbers(&flame["base"][metric]), numbers(&flame["current"][metric])];
    for at in 0..depth.len() {
        path.truncate(depth[at] as usize);
        own.push([sides[0][at], sides[1][at]]);
        if let Some(&caller) = path.last() {
            (0..2).for_each(|side| own[caller][side] -= sides[side][at]);
        }
        path.push(at);
        let name = |&at: &usize| names[function[at] as usize].as_str();
        found.insert(path[1..].iter().map(name).collect::<Vec<_>>().join(";"), at);
    }
    found.into_iter().map(|(stack, at)| (stack, own[at])).filter(|(_, own)| *own != [0, 0]).collect()
}

#[test]
fn a_whole_graph_is_what_folded_stacks_say() {
    let pair = ["testdata/captures/etcd/rate512k/heap_01.pb.gz", "testdata/captures/etcd/rate512k/heap_07.pb.gz"];
    let graph = data(&page(&["flame", "--min", "0", pair[0], pair[1]]));
    assert_eq!(graph["flame"]["merged"], 0);
    for (metric, sort) in [("space", "space"), ("objects", "objects")] {
        let lines = page(&["--format", "folded", "--sort", sort, pair[0], pair[1]]);
        let expected: BTreeMap<_, _> = lines
            .lines()
            .map(|line| {
                let mut words = line.rsplitn(3, ' ');
                let [current, base] = [(); 2].map(|()| words.next().unwrap().parse::<i64>().unwrap());
                (words.next().unwrap().to_owned(), [base, current])
            })
            .collect();
        assert!(expected.len() > 10);
        assert_eq!(folded(&graph, metric), expected, "{metric}");
    }
}

#[test]
fn what_is_too_narrow_is_its_callers_and_counted() {
    let pair = ["testdata/captures/notifyd/rate1/heap_01.pb.gz", "testdata/captures/notifyd/rate1/heap_06.pb.gz"];
    let flame = |least: &str| page(&["flame", "--min", least, pair[0], pair[1]]);
    let (all, some) = (flame("0"), flame("1%"));
    let (all, picture) = (data(&all), data(&some));
    let nodes = |data: &Value| data["flame"]["depth"].as_array().unwrap().len() as i64;
    let merged = picture["flame"]["merged"].as_i64().unwrap();
    assert!(merged > 0 && nodes(&picture) > 5);
    // Each with all that it calls.
    assert!(nodes(&all) >= nodes(&picture) + merged);
    assert!(some.contains(&format!("{merged} calls below 1 % are hidden (--min 0 shows them)")), "{merged}");
    for metric in ["space", "objects"] {
        for side in ["base", "current"] {
            assert_eq!(all["flame"][side][metric][0], picture["flame"][side][metric][0]);
        }
        let sum = |data: &Value| folded(data, metric).values().map(|own| own[1] - own[0]).sum::<i64>();
        assert_eq!(sum(&all), sum(&picture));
    }
}

/// The growth of a node is the growth of its own stacks and of its callees, whatever else shrank.
#[test]
fn growth_is_as_wide_as_the_stacks_that_grew() {
    let pair = ["testdata/captures/etcd/rate512k/heap_01.pb.gz", "testdata/captures/etcd/rate512k/heap_07.pb.gz"];
    let data = data(&page(&["flame", "--min", "0", "--width", "delta", pair[0], pair[1]]));
    for metric in ["space", "objects"] {
        let flame = &data["flame"];
        let [base, current, beyond] = ["base", "current", "grown"].map(|column| numbers(&flame[column][metric]));
        let root = beyond[0] + (current[0] - base[0]).max(0);
        let grown: i64 = folded(&data, metric).values().map(|own| (own[1] - own[0]).max(0)).sum();
        assert!(grown > 0);
        assert_eq!(root, grown, "{metric}");
        assert!(beyond.iter().all(|&beyond| beyond >= 0));
    }
}

const HOSTILE: [&str; 5] = [
    "main.<img src=x onerror=\"alert(1)\">",
    "main.</script><script>alert(2)</script>",
    "main.</style></title></svg>]]><!--'\"&amp;",
    "main.\u{1b}[31m\u{0}\u{202e}\u{2028}\u{2029}\u{ffff}.f",
    "main.\u{7f}\u{85}<!--<script>",
];

#[test]
fn names_stay_text() {
    let folder = folder("pages-hostile");
    let (mut base, mut current) = (Profile::go(), Profile::go());
    current.time_nanos += 1;
    for (at, name) in HOSTILE.into_iter().enumerate() {
        let frame: Frame = (name, name, 1, 2);
        base.live(&[&[frame]], 10, 1 << 20);
        current.live(&[&[frame]], 20 + at as i64, (2 + at as i64) << 20);
    }
    let names = ["<b>base.pb", "current'\"&.pb"];
    for (name, profile) in names.into_iter().zip([base, current]) {
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    for args in
        [["report", "--min", "0"], ["report", "--by", "owner"], ["flame", "--min", "0"], ["flame", "-o", "flame.html"]]
    {
        let mut written = page_in(&folder, &[&args[..], &names[..]].concat());
        if args[1] == "-o" {
            written = fs::read_to_string(folder.join(args[2])).unwrap();
        }
        let data = data(&written);
        let all: Vec<_> = data["texts"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        for name in HOSTILE {
            let plain = heapdiff::internals::render::sanitize(name);
            assert!(all.contains(&plain.as_str()), "{args:?}: {plain}");
        }
        // Ours, and no others.
        assert_eq!(written.matches("<script").count(), 2, "{args:?}");
        assert_eq!(written.matches("</script>").count(), 2, "{args:?}");
        assert_eq!(written.matches("</style>").count(), 1, "{args:?}");
        for never in ["<img", "<!--", "<b>base", "\u{1b}", "\u{0}", "\u{7f}", "\u{85}", "\u{202e}", "\u{ffff}"] {
            assert!(!written.contains(never), "{args:?}: {never:?}");
        }
        let ends = usize::from(written.starts_with("<?xml"));
        assert_eq!(written.matches("]]>").count(), ends, "{args:?}");
    }
}

/// No script sets markup, evaluates text or uses the network; none closes its own element. Fillings are parts of the same
/// document.
#[test]
fn scripts_and_styles_do_nothing_else() {
    let folder = root().join("src/render/page");
    let mut seen = 0;
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.ends_with(".js") && !name.ends_with(".css") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap().replace("http://www.w3.org/", "").replace("url(#", "");
        for never in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "Function(",
            "fetch(",
            "XMLHttpRequest",
            "import(",
            "@import",
            "http:",
            "https:",
            "//cdn",
            "url(",
            "</",
            "<!--",
            "]]>",
            "setTimeout(\"",
        ] {
            assert!(!text.contains(never), "{name}: {never}");
        }
        seen += 1;
    }
    assert_eq!(seen, 9);
}

#[test]
fn a_policy_allows_the_page_s_own_scripts_and_nothing_else() {
    let folder = folder("pages-policy");
    let pair = PAIR.map(|path| root().join(path));
    for kind in ["report", "flame"] {
        let args = [kind, "-o", "page.html", pair[0].to_str().unwrap(), pair[1].to_str().unwrap()];
        assert_eq!(run(command(&folder, &args), None).exit, 0);
        let written = fs::read_to_string(folder.join("page.html")).unwrap();
        let between = |start: &str, end: &str| {
            let (_, rest) = written.split_once(start).unwrap();
            rest.split_once(end).unwrap().0
        };
        let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text));
        let expected = format!(
            "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
            hash(between("<script>", "</script>")),
            hash(between("<style>", "</style>")),
        );
        // If a script or a style changes, so must its hash in src/render/page.
        assert_eq!(between("<meta http-equiv=\"Content-Security-Policy\" content=\"", "\""), expected, "{kind}");
        assert!(!written.contains(" style=\"") && !written.contains(" onclick"));
    }
}

#[test]
fn pages_are_small_and_the_same_each_time() {
    let captures = root().join("testdata/captures");
    let mut folders = vec![captures];
    let mut pairs = 0;
    while let Some(folder) = folders.pop() {
        let mut heaps = Vec::new();
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false if path.file_name().unwrap().to_str().unwrap().starts_with("heap_") => heaps.push(path),
                false => {}
            }
        }
        heaps.sort();
        let [Some(first), Some(last)] = [heaps.first(), heaps.last()] else { continue };
        let [first, last] = [first, last].map(|path| path.to_str().unwrap());
        for args in [vec!["report", first, last], vec!["flame", first, last]] {
            let written = page(&args);
            assert!(written.len() < 1_000_000, "{args:?}: {} bytes", written.len());
            assert!(pairs % 5 > 0 || page(&args) == written, "{args:?}");
        }
        pairs += 1;
    }
    assert!(pairs > 10, "{pairs}");
}

#[test]
fn a_series_is_a_page_with_courses() {
    let folder = folder("pages-trend");
    let series = root().join("testdata/captures/etcd/rate512k");
    let series = series.to_str().unwrap();
    let plain = page_in(&folder, &["trend", "--json", series]);
    // With a page, the output is the same as without.
    assert_eq!(page_in(&folder, &["trend", "--json", "--report", "trend.html", series]), plain);
    let written = fs::read_to_string(folder.join("trend.html")).unwrap();
    assert!(written.contains("<h1>Grew: "));
    let (data, json): (_, Value) = (data(&written), serde_json::from_str(&plain).unwrap());
    let sites = &data["sites"];
    let rows = json["sites"].as_array().unwrap();
    assert_eq!(rows.len(), sites["id"].as_array().unwrap().len());
    for (rank, row) in rows.iter().enumerate() {
        let at = numbers(&sites["rank"]).iter().position(|&found| found == rank as i64 + 1).unwrap();
        assert_eq!(sites["id"][at], row["site_id"]);
        assert_eq!(sites["course"]["space"][at].as_array().unwrap().len(), 8);
    }
    assert_eq!(numbers(&data["totals"]["space"]).len(), 8);
    assert!(data["sites"]["stacks"]["depth"].as_array().unwrap().len() > 5);
}

#[test]
fn one_metric_alone_is_a_page_too() {
    let folder = folder("pages-bytes");
    let profiles = [1, 3].map(|factor| {
        let mut profile = Profile::go();
        profile.time_nanos += factor;
        profile.live(&[&[("main.f", "main.go", 1, 2)]], 1, factor << 20);
        profile.sample_type = vec![profile.sample_type[3].clone()];
        profile.sample.iter_mut().for_each(|sample| sample.value = vec![sample.value[3]]);
        profile
    });
    for (name, profile) in ["a.pb", "b.pb"].into_iter().zip(&profiles) {
        fs::write(folder.join(name), profile.encode(Layout::Pprof)).unwrap();
    }
    for args in [["report", "a.pb", "b.pb"], ["flame", "a.pb", "b.pb"]] {
        let data = data(&page_in(&folder, &args));
        assert_eq!(data["metrics"].as_array().unwrap().len(), 1);
        assert_eq!(numbers(&data["flame"]["current"]["space"]), [3 << 20; 2]);
        assert!(data["flame"]["current"]["objects"].as_array().unwrap().is_empty());
    }
    let goroutines = ["1", "6"].map(|at| format!("testdata/captures/notifyd/rate512k/goroutine_0{at}.pb.gz"));
    let written = page(&["report", "--sample-type", "goroutine", &goroutines[0], &goroutines[1]]);
    assert_eq!(data(&written)["metrics"][0]["name"], "goroutine");
}

/// If every object is counted but no sample has a size, significance is unknown.
#[test]
fn a_headline_denies_no_growth() {
    let folder = folder("pages-headline");
    for (name, objects) in [("a.pb", 1), ("b.pb", 5)] {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.live(&[&[("main.f", "main.go", 1, 2)]], objects, 64 * objects);
        profile.sample.iter_mut().for_each(|sample| sample.label.clear());
        fs::write(folder.join(name), profile.encode(Layout::Go)).unwrap();
    }
    let ran = run(command(&folder, &["report", "a.pb", "b.pb"]), None);
    let headline = "<h1>main.f grew, or seems to have grown, by 256\u{a0}B, 4 more objects. ";
    assert!(ran.exit == 0 && ran.stdout.contains(headline), "{}{}", ran.stderr, ran.stdout);
}

/// A profile names files, and a page is passed on.
#[test]
fn sources_are_read_below_the_named_folders_only() {
    let folder = folder("pages-sources");
    fs::create_dir_all(folder.join("m/sub")).unwrap();
    fs::write(folder.join("m/go.mod"), "module example.com/m\n").unwrap();
    for name in ["m.go", "notes.txt"] {
        fs::write(folder.join("m").join(name), "package m\n\nfunc f() {\n\tx = \"</script><b>\"\n}\n").unwrap();
    }
    for (file, from, root, is_shown) in [
        ("example.com/m/m.go", "m", None, true),
        ("example.com/m/m.go", "m/sub", None, false),
        ("example.com/m/m.go", "m/sub", Some(".."), true),
        ("../m.go", "m/sub", None, false),
        ("example.com/m/notes.txt", "m", None, false),
    ] {
        let here = folder.join(from);
        for (name, objects) in [("a.pb", 10), ("b.pb", 100)] {
            let mut profile = Profile::go();
            profile.time_nanos += objects;
            profile.live(&[&[("example.com/m.f", file, 3, 4)]], objects, objects << 20);
            fs::write(here.join(name), profile.encode(Layout::Go)).unwrap();
        }
        let root = root.map(|root| ["--source-root", root]);
        let page =
            page_in(&here, &[&["report", "a.pb", "b.pb"][..], root.as_ref().map_or(&[], |root| &root[..])].concat());
        let code = "<code>    x = &quot;&lt;/script&gt;&lt;b&gt;&quot;</code>";
        assert_eq!(page.contains(code), is_shown, "{file} from {from}");
        assert!(page.contains("<details data-function=\"example.com/m.f\" open>"), "{file} from {from}");
    }
}
