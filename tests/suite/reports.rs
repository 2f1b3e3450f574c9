//! One run, many outputs: what `check` comes to × `--format` × `--report`, also if the input is bad or nobody reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;

use crate::ci_formats::{FOR_CI, FORMATS, assert_says};
use crate::proto::{Layout, Profile};
use crate::run::{Ran, assert_valid, command, folder, root, run};

const OLD: &str = "a report of an earlier run, which passed\n";

fn capture(name: &str) -> PathBuf {
    root().join("testdata/captures").join(name)
}

/// A report file of each format, all of them with old text.
fn report_files(folder: &Path) -> Vec<(&'static str, PathBuf)> {
    let files = FORMATS.map(|format| (format, folder.join(format)));
    for (_, path) in &files {
        fs::write(path, OLD).unwrap();
    }
    files.into()
}

fn report_args(files: &[(&str, PathBuf)]) -> Vec<String> {
    files.iter().flat_map(|(format, path)| ["--report".to_owned(), format!("{format}={}", path.display())]).collect()
}

fn check(from: &Path, args: &[&str], more: &[String]) -> Ran {
    let args: Vec<_> = ["check"].iter().chain(args).copied().chain(more.iter().map(String::as_str)).collect();
    run(command(from, &args), None)
}

/// Runs it in every format with every report, and checks all that is written. `status`: of the verdict, or `error`.
/// Returns the folder of the reports.
fn cross(name: &str, from: &Path, args: &[&str], status: &str, exit: i32) -> PathBuf {
    let folder = folder(name);
    let alone: Vec<Ran> = FORMATS.map(|format| check(from, &[&["--format", format], args].concat(), &[])).into();
    let has_stdout = |format: &str| status != "error" || FOR_CI.contains(&format);
    for (format, ran) in FORMATS.iter().zip(&alone) {
        assert_eq!(ran.exit, exit, "{format} {args:?}: {}", ran.stderr);
        if has_stdout(format) {
            assert_says(format, &ran.stdout, status, exit);
        } else {
            assert_eq!(ran.stdout, "", "{format} {args:?}");
        }
    }
    for (format, expected) in FORMATS.iter().zip(&alone) {
        let formatted = [&["--format", *format], args].concat();
        let files = report_files(&folder);
        let ran = check(from, &formatted, &report_args(&files));
        assert_eq!((ran.exit, &ran.stdout, &ran.stderr), (exit, &expected.stdout, &expected.stderr), "{formatted:?}");
        for ((report, path), alone) in files.iter().zip(&alone) {
            let text = fs::read_to_string(path).unwrap();
            assert_says(report, &text, status, exit);
            if has_stdout(report) {
                assert_eq!(text, alone.stdout, "--report {report} with {formatted:?}");
            }
        }
        #[cfg(unix)]
        {
            let file = folder.join(format);
            fs::write(&file, OLD).unwrap();
            let report = format!("--report={format}={}", file.display());
            let args = [&["check", &report], &formatted[..]].concat();
            let (reader, writer) = std::io::pipe().unwrap();
            drop(reader);
            let mut unread = command(from, &args);
            unread.stdout(writer).stderr(Stdio::null());
            assert_eq!(unread.status().unwrap().code(), Some(exit), "{args:?}");
            assert_says(format, &fs::read_to_string(&file).unwrap(), status, exit);
        }
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), FORMATS.len(), "no temporary file is left");
    folder
}

#[test]
fn a_pass_is_one_everywhere() {
    cross("reports-pass", &capture("steadyjson/rate512k"), &["heap_03.pb.gz", "heap_06.pb.gz"], "pass", 0);
}

#[test]
fn a_failure_is_one_everywhere() {
    cross("reports-fail", &capture("sessiond/rate512k"), &["heap_01.pb.gz", "heap_06.pb.gz"], "fail", 1);
    let limits = ["--max-site-objects", "10", "--max-site-space", "1KiB", "--max-total-space", "1%"];
    let args = [&limits[..], &["heap_01.pb.gz", "heap_06.pb.gz"]].concat();
    cross("reports-fail-twice", &capture("sessiond/rate64k"), &args, "fail", 1);
}

#[test]
fn a_doubt_is_what_the_user_makes_of_it() {
    for (how, exit) in [("error", 2), ("pass", 0), ("fail", 1)] {
        let args = ["--inconclusive", how, "heap_06.pb.gz", "heap_01.pb.gz"];
        cross(&format!("reports-doubt-{how}"), &capture("sessiond/rate512k"), &args, "inconclusive", exit);
    }
    let rates = ["rate512k/heap_01.pb.gz", "rate64k/heap_06.pb.gz"];
    cross("reports-two-rates", &capture("sessiond"), &rates, "inconclusive", 2);
}

#[test]
fn bad_input_reaches_every_report() {
    let own = folder("reports-inputs");
    fs::write(own.join("text.pb.gz"), "no profile, <xml> & 100%\n").unwrap();
    fs::write(own.join("broken.toml"), "own = 3\n").unwrap();
    fs::write(own.join("base.pb"), Profile::go().encode(Layout::Go)).unwrap();
    let cases: [(&str, &[&str], &str); 5] = [
        ("missing", &["base.pb", "missing.pb.gz"], "missing.pb.gz: No such file"),
        ("text", &["base.pb", "text.pb.gz"], "text.pb.gz: "),
        ("config", &["--config", "broken.toml", "base.pb", "base.pb"], "broken.toml:1:7"),
        ("limit", &["--max-site-objects", "64KiB", "base.pb", "base.pb"], "--max-site-objects"),
        ("stdin", &["-", "-"], "standard input (-) can be read only once"),
    ];
    for (name, args, message) in cases {
        let reports = cross(&format!("reports-bad-{name}"), &own, args, "error", 2);
        for format in FORMATS {
            let text = fs::read_to_string(reports.join(format)).unwrap();
            assert!(text.contains(message), "{format}: {text}");
        }
    }
}

/// Formats for CI say on standard output, or in the file of -o, that there is no check and why, whatever is wrong; the
/// usage comes once.
#[test]
fn bad_usage_is_an_error_in_formats_for_ci() {
    let own = folder("reports-usage-formats");
    fs::write(own.join("base.pb"), Profile::go().encode(Layout::Go)).unwrap();
    for (args, message) in [
        (&["check", "base.pb", "--bogus"][..], "unexpected argument '--bogus' found"),
        (&["check", "--bogus", "base.pb", "base.pb"], "unexpected argument '--bogus' found"),
        (&["check", "base.pb"], "the following required arguments were not provided:"),
        (&["check"], "the following required arguments were not provided:"),
        (&["check", "base.pb", "base.pb", "--by", "nosuch"], "invalid value 'nosuch' for '--by <WHAT>'"),
        (&["check", "base.pb", "base.pb", "--top", "many"], "invalid value 'many' for '--top <N>'"),
        (&["check", "base.pb", "base.pb", "--max-site-space"], "a value is required for '--max-site-space"),
        (&["check", "base.pb", "base.pb", "--top", "3", "--all"], "'--top <N>' cannot be used with '--all'"),
        (&["check", "-top", "base.pb", "base.pb"], "-top is a flag of go tool pprof"),
        (&["check", "base.pb", "nosuch.pb"], "nosuch.pb: No such file"),
        (&["check", "base.pb", "base.pb", "--max-site-space", "x"], "--max-site-space"),
    ] {
        for format in FORMATS {
            let is_for_ci = FOR_CI.contains(&format);
            let ran = run(command(&own, &[args, &["--format", format]].concat()), None);
            assert_eq!((ran.exit, ran.stdout.is_empty()), (2, !is_for_ci), "{args:?} {format}: {}", ran.stdout);
            assert!(ran.stderr.contains(message), "{args:?} {format}: {}", ran.stderr);
            assert!(
                ran.stderr.matches("Usage:").count() < 2 && ran.stderr.matches("error:").count() == 1,
                "{}",
                ran.stderr
            );
            if is_for_ci {
                assert_says(format, &ran.stdout, "error", 2);
            }
            if format == "github" {
                assert_eq!(
                    (ran.stdout.lines().count(), ran.stdout.matches("::error ").count()),
                    (1, 1),
                    "{}",
                    ran.stdout
                );
                assert!(!ran.stdout.contains("Usage"), "{}", ran.stdout);
            }
            let file = own.join("out");
            fs::write(&file, OLD).unwrap();
            let ran = run(command(&own, &[args, &["--format", format, "-o", "out"]].concat()), None);
            assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{args:?} {format}");
            assert_says(format, &fs::read_to_string(&file).unwrap(), "error", 2);
        }
    }
    // What is no report is left as it is.
    for (name, more) in [("x.png", &["--bogus"][..]), ("x.png", &[]), ("x.html", &["--format", "table"])] {
        fs::write(own.join(name), OLD).unwrap();
        let ran = run(command(&own, &[&["check", "base.pb", "base.pb", "-o", name], more].concat()), None);
        assert_eq!((ran.exit, fs::read_to_string(own.join(name)).unwrap().as_str()), (2, OLD), "{name} {more:?}");
    }
    // The ending says it as well, but an input is left as it is.
    let ran = run(command(&own, &["check", "base.pb", "--bogus", "-o", "x.sarif"]), None);
    assert_eq!(ran.exit, 2);
    assert_says("sarif", &fs::read_to_string(own.join("x.sarif")).unwrap(), "error", 2);
    let profile = fs::read(own.join("base.pb")).unwrap();
    run(command(&own, &["check", "base.pb", "--bogus", "--format", "csv", "-o", "base.pb"]), None);
    assert_eq!(fs::read(own.join("base.pb")).unwrap(), profile);
}

/// If the arguments cannot be parsed, standard output is empty, but the reports that could be found are replaced.
#[test]
fn bad_usage_leaves_no_old_report() {
    let own = folder("reports-usage");
    for args in [
        &["--nosuch", "a", "b"][..],
        &["a"],
        &["--top", "many", "a", "b"],
        &["a", "b", "--report", "html=x"],
        &["a", "b", "--report", "json=-"],
        &["a", "b", "--report", "json="],
        &["a", "b", "--report", "x.xml"],
        &["a", "b", "--update-budget", "b.toml"],
    ] {
        let files = report_files(&own);
        let ran = check(&own, args, &report_args(&files));
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{args:?}");
        for (format, path) in &files {
            assert_says(format, &fs::read_to_string(path).unwrap(), "error", 2);
        }
    }
    let ran = check(&own, &["a", "b", "--report", "json=-"], &[]);
    assert!(ran.stderr.contains("standard output has the output of --format"), "{}", ran.stderr);
    let ran = check(&own, &["--help"], &report_args(&report_files(&own)));
    assert_eq!((ran.exit, fs::read_to_string(own.join("json")).unwrap().as_str()), (0, OLD));
}

#[test]
fn no_two_outputs_share_a_file_and_none_is_an_input() {
    let own = folder("reports-conflicts");
    let (base, current) = ("base.pb.gz", "current.pb.gz");
    for (name, from) in [(base, "heap_01.pb.gz"), (current, "heap_06.pb.gz")] {
        fs::copy(capture("sessiond/rate512k").join(from), own.join(name)).unwrap();
    }
    fs::create_dir(own.join("side")).unwrap();
    fs::copy(own.join(current), own.join("side/heap.pb.gz")).unwrap();
    let config = "[limits]\nsite-objects = 1000\n";
    fs::write(own.join("heapdiff.toml"), config).unwrap();
    let profile = fs::read(own.join(current)).unwrap();
    let link = own.join("link.pb.gz");
    #[cfg(unix)]
    std::os::unix::fs::symlink(own.join(current), &link).unwrap();
    for (args, message) in [
        (&["--report", "json=./x.json", "--report", "csv=x.json", base, current][..], "x.json would get two reports"),
        (&["-o", "x.json", "--report", "csv=./x.json", base, current], "x.json would get two reports"),
        (&["--report", "csv=./current.pb.gz", base, current], "current.pb.gz is an input"),
        (&["--report", "csv=link.pb.gz", base, current], "link.pb.gz is an input"),
        (&["-o", current, base, current], "current.pb.gz is an input"),
        (&["--report", "csv=side/x.csv", base, "side"], "is in the input side"),
        (&["--report", "csv=side/heap.pb.gz", "--base", base, "--current", "side"], "is in the input side"),
        (&["--report", "csv=current.pb.gz", "--settled", current, base, base], "current.pb.gz is an input"),
        (&["--report", "json=heapdiff.toml", base, current], "heapdiff.toml is an input"),
        (&["--nosuch", "--report", "csv=current.pb.gz", base, current], "--nosuch"),
        (&["--nosuch", "--report", "csv=side/heap.pb.gz", base, "side"], "--nosuch"),
        (&["--nosuch", "--report", "json=heapdiff.toml", base, current], "--nosuch"),
    ] {
        fs::write(own.join("other.xml"), OLD).unwrap();
        let _ = fs::remove_file(own.join("x.json"));
        let ran = check(&own, args, &["--report".to_owned(), "junit=other.xml".to_owned()]);
        assert_eq!(ran.exit, 2, "{args:?}");
        assert!(ran.stderr.contains(message), "{args:?}: {}", ran.stderr);
        assert_says("junit", &fs::read_to_string(own.join("other.xml")).unwrap(), "error", 2);
        assert!(!own.join("side/x.csv").exists());
    }
    assert_eq!(fs::read(own.join(current)).unwrap(), profile);
    assert_eq!(fs::read(own.join("side/heap.pb.gz")).unwrap(), profile);
    assert_eq!(fs::read_to_string(own.join("heapdiff.toml")).unwrap(), config);
}

/// A report would take the place of a file that standard output still goes to.
#[cfg(target_os = "linux")]
#[test]
fn no_report_goes_where_standard_output_goes() {
    let own = folder("reports-stdout");
    let from = capture("sessiond/rate512k");
    let path = own.join("out.txt");
    for report in ["csv=/dev/stdout".to_owned(), format!("csv={}", path.display())] {
        let mut ran = command(&from, &["check", "heap_01.pb.gz", "heap_06.pb.gz", "--report", &report]);
        ran.stdout(fs::File::create(&path).unwrap()).stderr(Stdio::null());
        assert_eq!(ran.status().unwrap().code(), Some(2), "{report}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
    }
    let ran = check(&from, &["heap_01.pb.gz", "heap_06.pb.gz", "--report", "csv=/dev/stdout"], &[]);
    assert_eq!(ran.exit, 1);
    assert!(ran.stdout.starts_with("rank_inuse_space,") && ran.stdout.contains("\nFAIL: "), "{}", ran.stdout);
}

#[test]
fn a_report_that_cannot_be_written_does_not_keep_the_others_from_being() {
    let own = folder("reports-unwritable");
    let from = capture("sessiond/rate512k");
    let path = |name: &str| own.join(name).display().to_string();
    let reports: Vec<_> = [("junit", "none/heap.xml"), ("json", "a.json"), ("csv", "none/b.csv"), ("markdown", "c.md")]
        .iter()
        .flat_map(|(format, name)| ["--report".to_owned(), format!("{format}={}", path(name))])
        .collect();
    for (args, status) in [(["heap_01.pb.gz", "heap_06.pb.gz"], "fail"), (["heap_01.pb.gz", "missing"], "error")] {
        let ran = check(&from, &args, &reports);
        assert_eq!(ran.exit, 2, "{}", ran.stderr);
        assert!(ran.stderr.contains("none/heap.xml: ") && ran.stderr.contains("none/b.csv: "), "{}", ran.stderr);
        assert_says("json", &fs::read_to_string(own.join("a.json")).unwrap(), status, 2);
        assert_says("markdown", &fs::read_to_string(own.join("c.md")).unwrap(), status, 2);
        assert_eq!(ran.stdout.starts_with("FAIL: "), status == "fail", "{}", ran.stdout);
    }
    #[cfg(target_os = "linux")]
    {
        let mut full = command(&from, &["check", "heap_01.pb.gz", "heap_06.pb.gz", &reports[2], &reports[3]]);
        full.stdout(fs::File::create("/dev/full").unwrap()).stderr(Stdio::null());
        assert_eq!(full.status().unwrap().code(), Some(2));
        assert_says("json", &fs::read_to_string(own.join("a.json")).unwrap(), "fail", 1);
    }
}

#[test]
fn the_output_in_a_file_is_a_report_like_any_other() {
    let own = folder("reports-output");
    let from = capture("sessiond/rate512k");
    for format in FORMATS {
        let path = own.join(format);
        fs::write(&path, OLD).unwrap();
        let args = ["--format", format, "-o", path.to_str().unwrap()];
        let ran = check(&from, &[&args[..], &["heap_01.pb.gz", "missing"]].concat(), &[]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{format}");
        assert_says(format, &fs::read_to_string(&path).unwrap(), "error", 2);
        let ran = check(&from, &[&args[..], &["heap_01.pb.gz", "heap_06.pb.gz"]].concat(), &[]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (1, ""), "{format}");
        assert_says(format, &fs::read_to_string(&path).unwrap(), "fail", 1);
    }
}

#[test]
fn the_summary_of_a_job_is_appended_to() {
    let own = folder("reports-summary");
    let summary = own.join("summary.md");
    fs::write(&summary, "# Of another step\n").unwrap();
    let report = format!("--report=markdown={}", summary.display());
    let in_job = |args: &[&str]| {
        let args = [&["check", &report, "--format", "markdown"], args].concat();
        let mut command = command(&capture("sessiond/rate512k"), &args);
        command.env("GITHUB_STEP_SUMMARY", &summary);
        run(command, None).stdout
    };
    let first = in_job(&["heap_01.pb.gz", "heap_06.pb.gz"]);
    let second = in_job(&["heap_01.pb.gz", "missing"]);
    assert!(second.starts_with("## ❌ Heap check: error\n"), "{second}");
    assert_eq!(fs::read_to_string(&summary).unwrap(), format!("# Of another step\n\n{first}\n{second}"));
    // Elsewhere it is a file like any other.
    let args = ["check", &report, "heap_01.pb.gz", "heap_06.pb.gz"];
    run(command(&capture("sessiond/rate512k"), &args), None);
    assert_eq!(fs::read_to_string(&summary).unwrap(), first);
}

/// Also where callers in the checkout are looked for, which takes a second reading.
#[test]
fn inputs_are_read_once_for_all_outputs() {
    let own = folder("reports-once");
    fs::write(own.join("go.mod"), "module example.com/app\n").unwrap();
    fs::create_dir(own.join("srv")).unwrap();
    fs::write(own.join("srv/h.go"), "package srv\n").unwrap();
    let stack: &[&[(&str, &str, i64, i64)]] = &[
        &[("github.com/dep/lib.Get", "github.com/dep/lib@v1.2.3/lib.go", 5, 9)],
        &[("example.com/app/srv.Handle", "example.com/app/srv/h.go", 40, 44)],
    ];
    let [base, current] = [(10, 1), (90_000, 2)].map(|(objects, time)| {
        let mut profile = Profile::go();
        profile.period = 1;
        profile.time_nanos = time;
        profile.live(stack, objects, 64 * objects);
        profile.encode(Layout::Go)
    });
    fs::write(own.join("base.pb"), base).unwrap();
    let reports = report_args(&report_files(&own));
    let args: Vec<_> = ["check", "base.pb", "-"].into_iter().chain(reports.iter().map(String::as_str)).collect();
    let assert_placed = || {
        let read = |name: &str| -> String { fs::read_to_string(own.join(name)).unwrap() };
        let [sarif, issues] = ["sarif", "code-quality"].map(|name| serde_json::from_str::<Value>(&read(name)).unwrap());
        let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "srv/h.go", "{sarif:#}");
        assert_eq!(place["region"]["startLine"], 44);
        assert_eq!(issues[0]["location"]["path"], "srv/h.go", "{issues:#}");
        assert_eq!(issues[0]["location"]["lines"]["begin"], 44);
        assert!(read("junit").contains("\nsrv/h.go:44</failure>"), "{}", read("junit"));
        assert!(read("github").starts_with("::error file=srv/h.go,line=44,title="), "{}", read("github"));
    };
    let ran = run(command(&own, &args), Some(&current));
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
    assert_placed();
    #[cfg(feature = "fetch")]
    {
        let server = crate::server::Server::saying(crate::server::ok("", &current));
        let url = server.url("/heap");
        let args: Vec<_> = args.iter().map(|&arg| if arg == "-" { &url } else { arg }).collect();
        let ran = run(command(&own, &args), None);
        assert_eq!((ran.exit, server.targets().len()), (1, 1), "{}", ran.stderr);
        assert_placed();
    }
}

/// What has no line of source is at the profile: GitHub refuses results without a place.
#[test]
fn growth_of_the_whole_heap_is_at_the_profile() {
    let from = capture("etcd/rate512k");
    let args = ["heap_01.pb.gz", "heap_07.pb.gz"];
    let json = |format| -> Value {
        serde_json::from_str(&check(&from, &[&["--format", format][..], &args].concat(), &[]).stdout).unwrap()
    };
    let result = &json("sarif")["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "heap-growth");
    assert_eq!(result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "heap_07.pb.gz");
    assert_eq!(json("code-quality")[0]["location"]["path"], "heap_07.pb.gz");
}

/// A report of a run that was killed does not look like that of an earlier one.
#[cfg(unix)]
#[test]
fn a_run_that_does_not_end_leaves_no_old_report() {
    let own = folder("reports-killed");
    let files = report_files(&own);
    let reports = report_args(&files);
    let from = capture("sessiond/rate512k");
    let args: Vec<_> = ["check", "heap_01.pb.gz", "-"].into_iter().chain(reports.iter().map(String::as_str)).collect();
    let mut waiting = command(&from, &args);
    let mut child = waiting.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let is_old = |(_, path): &(&str, PathBuf)| fs::read_to_string(path).unwrap() == OLD;
    while files.iter().any(is_old) {
        assert_eq!(child.try_wait().unwrap(), None);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for (format, path) in &files {
        let text = fs::read_to_string(path).unwrap();
        assert_says(format, &text, "error", 2);
        assert!(text.contains("did not finish"), "{text}");
    }
}

#[test]
fn the_version_is_one_object() {
    let folder = folder("version");
    for args in [["--version", "--json"], ["--json", "-V"]] {
        let ran = run(command(&folder, &args), None);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        let version: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_valid(&version);
        assert_eq!((&version["name"], &version["version"]), (&"heapdiff".into(), &env!("CARGO_PKG_VERSION").into()));
        assert_eq!(version["target"]["os"], std::env::consts::OS);
        let features: &[&str] = if cfg!(feature = "fetch") { &["fetch"] } else { &[] };
        assert_eq!(version["features"], Value::from(features));
    }
}
