//! `heapdiff watch`: its output after each snapshot, and how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use flate2::read::GzDecoder;
use serde_json::Value;

use crate::capture::{heapdiff, names};
use crate::run::{Ran, command, folder, root, run};
use crate::server::{Server, body, ok, send};

/// How a program behaves once it was asked often enough.
#[derive(Clone, Copy)]
enum Then {
    Dies,
    Hangs,
}

/// A program that serves a number of snapshots of a number of requests each: heaps that level off for a while, and
/// exact totals that keep growing.
fn program(snapshots: usize, requests: usize, then: Then) -> Server {
    let mut snapshot = 0;
    Server::start(move |number, target, stream| {
        if number >= snapshots * requests {
            match then {
                Then::Dies => return,
                Then::Hangs => std::thread::sleep(Duration::from_secs(3600)),
            }
        }
        let text = target.ends_with("heap?debug=1&gc=1");
        let answer = if text { exact(snapshot) } else { body(target, snapshot).unwrap() };
        snapshot += usize::from(text);
        send(stream, &ok("", &answer));
    })
}

/// The `snapshot`-th text of a program that leaks.
fn exact(snapshot: usize) -> Vec<u8> {
    let path = root().join(format!("testdata/memstats/heap/heap_{snapshot:02}.txt"));
    let mut text = Vec::new();
    match fs::File::open(path.with_extension("txt.gz")) {
        Ok(file) => drop(GzDecoder::new(file).read_to_end(&mut text).unwrap()),
        Err(_) => text = fs::read(path).unwrap(),
    }
    text
}

/// Requests per snapshot: without `-o` the heap after two collections, the goroutines and the text; with it, all that capture takes.
const REQUESTS: [usize; 2] = [4, 5];

/// Runs watch with its own folder for temporary files, which must be empty in the end.
fn watch(folder: &Path, url: &str, more: &[&str]) -> Ran {
    let temporary = temporary(folder);
    let mut command = wide(folder, &[&["watch", url, "--every", "0s"], more].concat());
    command.env("TMPDIR", &temporary);
    let ran = run(command, None);
    assert_eq!(fs::read_dir(&temporary).unwrap().count(), 0);
    ran
}

/// A command that is wide enough to wrap nothing.
fn wide(folder: &Path, args: &[&str]) -> Command {
    let mut command = command(folder, args);
    command.env("COLUMNS", "200");
    command
}

fn temporary(folder: &Path) -> std::path::PathBuf {
    let temporary = folder.join("temporary");
    fs::create_dir_all(&temporary).unwrap();
    temporary
}

/// The output, with a T instead of each time.
fn timeless(text: &str) -> String {
    let moment = |word: &str| word.len() == 24 && word.ends_with('Z') && word.as_bytes()[10] == b'T';
    let line = |line: &str| {
        let words = line.split(' ').map(|word| {
            let (bare, colon) = word.strip_suffix(':').map_or((word, ""), |bare| (bare, ":"));
            if moment(bare) { format!("T{colon}") } else { word.to_owned() }
        });
        words.collect::<Vec<_>>().join(" ")
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

/// The lines that announce the next snapshot.
fn heads(text: &str) -> Vec<String> {
    let is_head = |line: &&str| ["snapshot ", "end: ", "verdict: "].iter().any(|word| line.starts_with(word));
    let heads = timeless(text);
    heads.lines().filter(is_head).filter(|line| !line.contains('…')).map(str::to_owned).collect()
}

#[test]
fn a_program_that_goes_away_gets_a_verdict() {
    let folder = folder("watch-death");
    let server = program(3, REQUESTS[0], Then::Dies);
    let ran = watch(&folder, &server.address, &["--by", "functions"]);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
    let warnings: Vec<_> = ran.stderr.lines().collect();
    let gone = format!(
        "warning: snapshot 4 was not taken: {}: the server closed the connection without a response",
        server.url("/debug/pprof/heap?gc=1")
    );
    let retried = "warning: snapshot 4: no answer, retrying in 0 ms";
    assert_eq!(warnings, [retried, retried, retried, &gone]);
    let heads = heads(&ran.stdout);
    assert_eq!(
        heads[..4],
        [
            "snapshot 1, T: 1 of at least 3 snapshots",
            "snapshot 2, T: 2 of at least 3 snapshots",
            "snapshot 3, T",
            "end: 3 snapshots"
        ]
    );
    assert_eq!(heads[4..].len(), 1, "{heads:?}");
    // The table of the third snapshot and that of the end are those of trend.
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let files: Vec<_> = (0..3).map(|at| captures.join(format!("heap_{at:02}.pb.gz")).display().to_string()).collect();
    let trend = run(wide(&folder, &["trend", "--by", "functions", &files[0], &files[1], &files[2]]), None);
    let table = |text: &str| {
        let lines = text.lines().skip_while(|line| !line.trim_start().starts_with("inuse_space"));
        lines.take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    let (middle, end) = ran.stdout.split_once("end: ").unwrap();
    assert!(table(&trend.stdout).contains("grew (too few snapshots)"), "{}", trend.stdout);
    for text in [middle, end] {
        assert_eq!(table(text), table(&trend.stdout), "{text}");
    }
    // No snapshot is left for another command.
    let next = format!(
        "\nNext:\n  # these snapshots are not kept; this keeps them, for list and peek\n  heapdiff watch {} --every 0s -o \
         snapshots\n",
        server.url("/debug/pprof/")
    );
    assert!(end.contains(&next) && !end.contains("heapdiff list"), "{end}");
    // Nothing that is not needed was requested.
    let targets = server.targets();
    let expected = ["heap?gc=1", "heap?gc=1", "goroutine", "heap?debug=1&gc=1"];
    assert_eq!(targets[..4], expected.map(|target| format!("/debug/pprof/{target}")));
    assert_eq!(targets.len(), 3 * REQUESTS[0] + 4);
}

#[test]
fn fewer_than_three_are_no_answer() {
    let folder = folder("watch-few");
    for (snapshots, output) in [(0, ""), (2, "1"), (2, "out")] {
        let keep = output == "out";
        let server = program(snapshots, REQUESTS[usize::from(keep)], Then::Dies);
        let ran = watch(&folder, &server.address, if keep { &["-o", "out"] } else { &[] });
        assert_eq!(ran.exit, 2);
        let error = format!(
            "error: {snapshots} of at least 3 snapshots: snapshot {} was not taken: {}: the server closed",
            snapshots + 1,
            server.url("/debug/pprof/heap?gc=1")
        );
        assert!(ran.stderr.lines().any(|line| line.starts_with(&error)), "{}", ran.stderr);
        assert_eq!(heads(&ran.stdout).len(), snapshots);
    }
    assert_eq!(names(&folder).len(), 9);
}

#[test]
fn snapshots_are_kept_as_capture_keeps_them() {
    let folder = folder("watch-kept");
    let server = program(5, REQUESTS[1], Then::Dies);
    let ran = watch(&folder, &server.address, &["-o", "out", "--fail-on", "leak", "--by", "functions"]);
    assert_eq!(ran.exit, 1, "{}", ran.stderr);
    assert_eq!(heads(&ran.stdout)[5], "end: 5 snapshots, kept in out");
    let names = names(&folder);
    assert_eq!(names.len(), 5 * 4 + 1);
    assert_eq!((names[0].as_str(), names[13].as_str()), ("goroutine_000000.pb.gz", "heap_000004.pb.gz"));
    let manifest: Value = serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).unwrap()).unwrap();
    assert_eq!((manifest["count"].clone(), manifest["snapshots"].as_array().unwrap().len()), (Value::Null, 5));
    assert!(manifest["error"].as_str().unwrap().starts_with("snapshot 6 was not taken: "), "{manifest}");
    // The last table is what trend makes of the folder.
    let trend = run(wide(&folder, &["trend", "out", "--fail-on", "leak", "--by", "functions"]), None);
    assert_eq!(trend.exit, 1);
    let end = ran.stdout.split_once("end: 5 snapshots, kept in out\n").unwrap().1;
    let (table, verdict) = end.trim_end().rsplit_once('\n').unwrap();
    assert!(verdict.starts_with("verdict: Leak: ") && verdict.contains("main.(*store).create"), "{verdict}");
    for line in table.lines() {
        assert!(trend.stdout.lines().any(|other| other == line), "{line}\n{}", trend.stdout);
    }
    // Nothing is written over.
    let again = watch(&folder, &server.address, &["-o", "out"]);
    assert_eq!((again.exit, again.stderr.contains("the folder is not empty")), (2, true));
}

#[test]
fn what_is_missing_is_told_once() {
    let folder = folder("watch-missing");
    let rounds = AtomicUsize::default();
    let server = Server::start(move |_, target, stream| {
        if target.ends_with("heap?debug=1&gc=1") {
            rounds.fetch_add(1, Ordering::Relaxed);
            return send(stream, &crate::server::unknown());
        }
        let round = rounds.load(Ordering::Relaxed);
        if round < 4 {
            send(stream, &ok("", &body(target, round).unwrap()));
        }
    });
    let ran = watch(&folder, &server.address, &["--retries", "0"]);
    assert_eq!(ran.exit, 0);
    let warnings: Vec<_> = ran.stderr.lines().collect();
    assert_eq!(warnings.len(), 2, "{warnings:?}");
    assert!(warnings[0].starts_with("warning: snapshot 1 has no heap_text: "), "{warnings:?}");
    assert_eq!(heads(&ran.stdout).iter().filter(|line| line.starts_with("snapshot ")).count(), 4);
}

/// A program with ever more goroutines, which serves five snapshots.
fn leaking_program() -> Server {
    let mut heaps = 0;
    Server::start(move |_, target, stream| {
        heaps += usize::from(target.ends_with("heap?gc=1"));
        let snapshot = (heaps - 1) / 2;
        let read =
            |name: &str| fs::read(root().join(format!("testdata/goroutines/{name}_{snapshot:02}.pb.gz"))).unwrap();
        if snapshot < 5 {
            let answer = match target.rsplit('/').next().unwrap() {
                "heap?gc=1" => ok("", &read("heap")),
                "goroutine" => ok("", &read("goroutine")),
                _ => crate::server::unknown(),
            };
            send(stream, &answer);
        }
    })
}

#[test]
fn goroutines_are_watched_as_trend_follows_them() {
    let folder = folder("watch-goroutines");
    let end = |more: &[&str]| {
        let ran = watch(&folder, &leaking_program().address, &[&["--retries", "0"], more].concat());
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        ran.stdout.split_once("\nend: 5 snapshots").unwrap().1.split_once('\n').unwrap().1.to_owned()
    };
    let (unkept, kept) = (end(&[]), end(&["-o", "out"]));
    let trend = run(wide(&folder, &["trend", "out"]), None).stdout;
    assert!(kept.starts_with(&trend), "{kept}\n{trend}");
    assert!(trend.contains("Goroutine leak: 24 → 60 HTTP client") && trend.contains("\n  Goroutines: "), "{trend}");
    // Without their files, the next command is another one.
    let same =
        |text: &str| text.lines().take_while(|line| !line.starts_with("5 snapshots")).map(str::to_owned).collect();
    let [unkept_answer, answer]: [Vec<String>; 2] = [same(&unkept), same(&trend)];
    assert_eq!(unkept_answer, answer);
    assert!(unkept.contains("\n  Goroutines: ") && !unkept.contains("goroutine_0"), "{unkept}");
}

/// The `at`-th heap of a program that is steady.
fn steady(at: usize) -> Vec<u8> {
    fs::read(root().join(format!("testdata/captures/steadyjson/rate512k/heap_{at:02}.pb.gz"))).unwrap()
}

/// A steady program without texts, which serves this many heaps.
fn steady_program(heaps: usize, then: Then) -> Server {
    let mut taken = 0;
    Server::start(move |_, target, stream| {
        if target.ends_with("heap?debug=1&gc=1") {
            taken += 1;
            return send(stream, &crate::server::unknown());
        }
        match then {
            _ if taken < heaps => send(stream, &ok("", &steady(taken))),
            Then::Dies => {}
            Then::Hangs => std::thread::sleep(Duration::from_secs(3600)),
        }
    })
}

#[test]
fn a_crash_is_not_a_pass() {
    let folder = folder("watch-gate");
    for (fail_on, exit) in [("leak", 2), ("", 0)] {
        let server = steady_program(6, Then::Dies);
        let gate: &[&str] = if fail_on.is_empty() { &[] } else { &["--fail-on", fail_on] };
        let ran = watch(&folder, &server.address, &[gate, &["--retries", "1"]].concat());
        assert_eq!(ran.exit, exit, "{}\n{}", ran.stdout, ran.stderr);
        assert_eq!(ran.stdout.contains("INCONCLUSIVE"), exit == 2, "{}", ran.stdout);
        let error = "error: --fail-on: the program no longer answers; nothing was found, but a crash is not a pass";
        assert_eq!(ran.stderr.contains(error), exit == 2, "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn nor_is_a_program_that_stalls_at_the_end() {
    for (then, timeout, exit) in [(Then::Hangs, "100ms", 2), (Then::Hangs, "1h", 2)] {
        let folder = folder(&format!("watch-stall-{timeout}"));
        let server = steady_program(6, then);
        let args = ["watch", &server.address, "--every", "200ms", "--fail-on", "leak", "--timeout", timeout];
        let (child, mut out) = start(&folder, &args);
        read_to(&mut out, "snapshot 6, ");
        // Longer than the time between two snapshots, and than a second.
        std::thread::sleep(Duration::from_millis(1500));
        signal(&child, "-INT");
        let ran = rest(child, out);
        assert_eq!(ran.exit, exit, "{}", ran.stderr);
        assert!(ran.stderr.contains("a crash is not a pass"), "{}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_steady_program_that_answers_passes() {
    let folder = folder("watch-pass");
    let server = steady_program(6, Then::Hangs);
    let args = ["watch", &server.address, "--every", "0s", "--fail-on", "leak", "--timeout", "1h"];
    let (child, mut out) = start(&folder, &args);
    read_to(&mut out, "snapshot 6, ");
    signal(&child, "-INT");
    let ran = rest(child, out);
    assert_eq!(ran.exit, 0, "{}", ran.stderr);
}

#[test]
fn after_a_restart_the_verdict_rests_on_the_snapshots_since() {
    // Three heaps of one process, then others of another, whose counters begin anew.
    let mut snapshot = 0;
    let server = Server::start(move |_, target, stream| {
        let text = target.ends_with("heap?debug=1&gc=1");
        if snapshot < 6 {
            let at = if snapshot < 3 { snapshot + 3 } else { snapshot - 3 };
            let answer = if text { exact(at) } else { body(target, at).unwrap() };
            send(stream, &ok("", &answer));
            snapshot += usize::from(text);
        }
    });
    let folder = folder("watch-restart");
    let ran = watch(&folder, &server.address, &["--fail-on", "one-step", "--retries", "0"]);
    assert_eq!(ran.exit, 2, "{}\n{}", ran.stdout, ran.stderr);
    let end = ran.stdout.lines().find(|line| line.starts_with("end: ")).unwrap();
    assert_eq!(
        end,
        "end: 6 snapshots; the program was restarted: the verdict uses the last 3 snapshots, not the 3 before"
    );
}

#[test]
fn what_cannot_be_asked_for() {
    let folder = folder("watch-usage");
    for (args, error) in [
        (&["--every", "10"][..], "expected a number and a unit"),
        (&["--limit", "5%"], "expected a size such as 2GiB"),
        (&["--fail-on", "steady"], "possible values"),
        (&["--top", "1", "--all"], "cannot be used with"),
    ] {
        let ran = heapdiff(&folder, &[&["watch", "localhost:1"], args].concat());
        assert_eq!((ran.exit, ran.stderr.contains(error)), (2, true), "{}", ran.stderr);
    }
}

/// A running watch and its output.
fn start(folder: &Path, args: &[&str]) -> (Child, BufReader<ChildStdout>) {
    let mut command = wide(folder, args);
    command.env("TMPDIR", temporary(folder)).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (child, out)
}

/// Reads up to a line with this beginning, which must come.
fn read_to(out: &mut impl BufRead, start: &str) -> String {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        assert!(out.read_line(&mut line).unwrap() > 0, "{text}");
        text.push_str(&line);
        if line.starts_with(start) {
            return text;
        }
    }
}

#[cfg(unix)]
fn signal(child: &Child, signal: &str) {
    assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
}

/// The rest of the output and of the errors, and the exit code.
fn rest(mut child: Child, mut out: impl Read) -> Ran {
    let (mut stdout, mut stderr) = (String::new(), String::new());
    out.read_to_string(&mut stdout).unwrap();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ran { exit: child.wait().unwrap().code().expect("ended by a signal"), stdout, stderr }
}

#[cfg(unix)]
#[test]
fn an_interrupt_ends_it_with_the_verdict() {
    for (name, sent, fail_on, exit) in
        [("int", "-INT", "warm-up", 2), ("term", "-TERM", "grew", 1), ("none", "-INT", "", 0), ("hup", "-HUP", "", 0)]
    {
        let folder = folder(&format!("watch-{name}"));
        let server = program(3, REQUESTS[0], Then::Hangs);
        let fail_on: &[&str] = if fail_on.is_empty() { &[] } else { &["--fail-on", fail_on] };
        let args = [&["watch", &server.address, "--by", "functions", "--every", "0s"], fail_on].concat();
        let (child, mut out) = start(&folder, &args);
        read_to(&mut out, "snapshot 3, ");
        signal(&child, sent);
        let ran = rest(child, out);
        assert_eq!((ran.stderr.as_str(), heads(&ran.stdout).last().unwrap().starts_with("verdict: ")), ("", true));
        assert!(ran.stdout.contains("\nend: "), "{}", ran.stdout);
        assert_eq!(fs::read_dir(folder.join("temporary")).unwrap().count(), 0);
        assert_eq!(ran.exit, exit, "{name}: {}", ran.stdout);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_waits_for_no_answer() {
    // The server takes forever over the second snapshot.
    let folder = folder("watch-hanging");
    let server = program(1, REQUESTS[0], Then::Hangs);
    let (child, mut out) = start(&folder, &["watch", &server.address, "--every", "0s", "--timeout", "1h"]);
    read_to(&mut out, "snapshot 1, ");
    signal(&child, "-INT");
    let ran = rest(child, out);
    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (
            2,
            "error: stopped after 1 snapshot: a verdict needs 3, which a shorter --every takes sooner; nothing is kept\n"
        )
    );
    assert_eq!(fs::read_dir(folder.join("temporary")).unwrap().count(), 0);
}

#[test]
fn it_ends_when_nobody_reads_on() {
    let folder = folder("watch-pipe");
    let server = program(5, REQUESTS[0], Then::Dies);
    let (child, mut out) = start(&folder, &["watch", &server.address, "--every", "300ms"]);
    read_to(&mut out, "snapshot 1, ");
    drop(out);
    let ran = rest(child, &b""[..]);
    // Otherwise watch would report that the program died.
    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (
            2,
            "error: stopped after 2 snapshots: a verdict needs 3, which a shorter --every takes sooner; nothing is kept\n"
        )
    );
    assert_eq!(fs::read_dir(folder.join("temporary")).unwrap().count(), 0);
}

#[cfg(unix)]
#[test]
fn only_what_is_read_again_stays() {
    let folder = folder("watch-pruned");
    let server = program(6, REQUESTS[0], Then::Hangs);
    let (child, mut out) = start(&folder, &["watch", &server.address, "--every", "0s"]);
    read_to(&mut out, "snapshot 6, ");
    let snapshots = fs::read_dir(folder.join("temporary")).unwrap().next().unwrap().unwrap().path();
    let entries = fs::read_dir(&snapshots).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    // The first that counts, and the second half.
    let stay = ["1.pb.gz", "3.pb.gz", "4.pb.gz", "5.pb.gz"].map(|end| format!("heap_00000{end}"));
    assert_eq!(names, stay);
    signal(&child, "-INT");
    assert_eq!(rest(child, out).exit, 0);
    assert!(!snapshots.exists());
}

/// A program that keeps 200 more objects for each snapshot.
#[cfg(unix)]
#[test]
fn a_real_go_program() {
    let go = |args: &[&str]| Command::new("go").args(args).output().is_ok_and(|output| output.status.success());
    if !go(&["version"]) {
        assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "go is not installed");
        return;
    }
    let folder = folder("watch-go");
    let program = folder.join("keeper");
    let source = root().join("testdata/programs/keeper.go");
    assert!(go(&["build", "-o", program.to_str().unwrap(), source.to_str().unwrap()]));
    // It exits when its standard input ends.
    let mut keeper = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    BufReader::new(keeper.stdout.take().unwrap()).read_line(&mut address).unwrap();
    let args = ["watch", address.trim(), "--every", "0s", "--by", "functions", "--fail-on", "leak"];
    let (child, mut out) = start(&folder, &args);
    // The live heap as a whole must grow by more than a MiB to count.
    read_to(&mut out, "snapshot 12, ");
    signal(&child, "-INT");
    let ran = rest(child, out);
    drop(keeper.stdin.take());
    assert!(keeper.wait().unwrap().success());
    let end = ran.stdout.split_once("\nend: ").unwrap().1;
    assert!(end.contains("Leak: the live heap keeps growing by ") && end.contains(": main.keep by "), "{end}");
    assert!(end.contains("live heap (exact) "), "{end}");
    assert_eq!((ran.exit, ran.stderr.as_str()), (1, ""), "{end}");
}
