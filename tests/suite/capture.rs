//! `heapdiff capture`: the files it writes and its messages.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Ran, command, folder, json, root, run};
use crate::server::{Server, body, ok, send, unknown};

pub fn heapdiff(folder: &Path, args: &[&str]) -> Ran {
    run(command(folder, args), None)
}

/// Takes snapshots into `out`, without a pause unless `args` say otherwise.
pub fn capture(folder: &Path, url: &str, more: &[&str]) -> Ran {
    heapdiff(folder, &[&["capture", url, "-o", "out", "--every", "0s"], more].concat())
}

/// The names in `out`, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("out")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).unwrap()).unwrap()
}

/// The last line if no text has totals.
const NO_TOTALS: &str = "The totals cannot be trusted: no text has runtime.MemStats.\n";

/// What to do next with two snapshots.
fn next_of_two(server: &Server, pair: &str) -> String {
    let url = server.url("/debug/pprof/");
    format!(
        "  # what grew\n  heapdiff {pair}\n  # the same as a page, with a flame graph\n  heapdiff report -o report.html \
         {pair}\n  # more snapshots, for a trend\n  heapdiff capture {url} --count 9\n"
    )
}

const OF_A_SNAPSHOT: [&str; 5] = ["heap?gc=1", "heap?gc=1", "heap?debug=1&gc=1", "goroutine", "threadcreate"];

#[test]
fn snapshots_are_kept_with_a_manifest() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-good");
    let ran = capture(&folder, &server.address, &["--count", "3"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        format!(
            "3 snapshots in out. Next:\n  # what keeps growing, and the process's memory\n  heapdiff out\n  \
             # what grew from first to last\n  heapdiff out/heap_00.pb.gz out/heap_02.pb.gz\n  \
             # the same as a page, with a flame graph\n  \
             heapdiff report -o report.html out/heap_00.pb.gz out/heap_02.pb.gz\n{NO_TOTALS}"
        )
    );
    let expected: Vec<_> = ["goroutine", "heap", "threadcreate"]
        .iter()
        .flat_map(|profile| {
            (0..3).flat_map(move |number| {
                let text = (*profile == "heap").then(|| format!("heap_{number:02}.txt"));
                [format!("{profile}_{number:02}.pb.gz")].into_iter().chain(text)
            })
        })
        .collect();
    let mut found = names(&folder);
    found.retain(|name| name != "manifest.json");
    assert_eq!(found, expected);
    for number in 0..3 {
        let heap = fs::read(folder.join(format!("out/heap_{number:02}.pb.gz"))).unwrap();
        assert_eq!(heap, body("/debug/pprof/heap?gc=1", number).unwrap());
    }
    // Two collections before each snapshot; the heap is that after the second.
    let expected = OF_A_SNAPSHOT.repeat(3).iter().map(|target| format!("/debug/pprof/{target}")).collect::<Vec<_>>();
    assert_eq!(server.targets(), expected);

    let manifest = manifest(&folder);
    assert_eq!(manifest["tool"]["name"], "heapdiff");
    assert_eq!(manifest["url"], server.url("/debug/pprof/"));
    assert_eq!(
        (&manifest["count"], &manifest["every_seconds"], &manifest["error"]),
        (&3.into(), &0.0.into(), &Value::Null)
    );
    let times: Vec<_> =
        manifest["snapshots"].as_array().unwrap().iter().map(|s| s["taken_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted() && manifest["started_at"].as_str().unwrap() <= times[0], "{times:?}");
    for snapshot in manifest["snapshots"].as_array().unwrap() {
        assert_eq!(snapshot["failed"], Value::Array(Vec::new()));
        let files = snapshot["files"].as_array().unwrap();
        let profiles: Vec<_> = files.iter().map(|file| file["profile"].as_str().unwrap()).collect();
        assert_eq!(profiles, ["heap", "heap_text", "goroutine", "threadcreate"]);
        for file in files {
            let size = folder.join("out").join(file["file"].as_str().unwrap()).metadata().unwrap().len();
            assert_eq!(file["bytes"], size);
        }
    }
    let report = json(&folder, &["out/heap_00.pb.gz", "out/heap_02.pb.gz"]);
    assert!(report["totals"]["inuse_space"]["delta"].as_i64().unwrap() > 0);
}

#[test]
fn addresses_as_people_type_them() {
    let server = Server::start(|_, target, stream| {
        let target = target.strip_prefix("/admin").unwrap_or(target);
        send(stream, &body(target, 0).map_or_else(unknown, |body| ok("", &body)));
    });
    for (number, (path, prefix)) in
        [("", ""), ("/", ""), ("/debug/pprof/", ""), ("/debug/pprof/heap?gc=1", ""), ("/admin/", "/admin")]
            .iter()
            .enumerate()
    {
        let folder = folder(&format!("capture-address-{number}"));
        let ran = capture(&folder, &server.url(path), &["--count", "1"]);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{path}");
        assert_eq!(server.targets()[0], format!("{prefix}/debug/pprof/heap?gc=1"));
        let next = server.url(&format!("{prefix}/debug/pprof/"));
        let alive = "  # what is alive\n  heapdiff out/heap_00.pb.gz\n";
        let grew = format!("  # what grew until now\n  heapdiff out/heap_00.pb.gz {next}\n");
        let more = format!("  # more snapshots, for a trend\n  heapdiff capture {next} --count 9\n");
        assert_eq!(ran.stdout, format!("1 snapshot in out. Next:\n{alive}{grew}{more}{NO_TOTALS}"));
    }
}

#[test]
fn what_is_missing_beside_the_heap_is_told() {
    let server = Server::pprof(&["threadcreate", "heap?debug=1&gc=1"]);
    let folder = folder("capture-optional");
    let ran = capture(&folder, &server.address, &["--count", "1"]);
    let missing =
        "the server returned 404 Not Found: Unknown profile; is net/http/pprof imported, and served at this address?";
    let errors = [("heap_text", "heap?debug=1&gc=1"), ("threadcreate", "threadcreate")]
        .map(|(profile, target)| (profile, format!("{}: {missing}", server.url(&format!("/debug/pprof/{target}")))));
    assert_eq!(ran.exit, 0);
    let warnings = errors.iter().map(|(profile, error)| format!("warning: snapshot 1 has no {profile}: {error}\n"));
    assert_eq!(ran.stderr, warnings.collect::<String>());
    assert_eq!(names(&folder), ["goroutine_00.pb.gz", "heap_00.pb.gz", "manifest.json"]);
    let failed = errors.map(|(profile, error)| serde_json::json!({"profile": profile, "error": error}));
    assert_eq!(manifest(&folder)["snapshots"][0]["failed"], Value::from(failed.to_vec()));
}

#[test]
fn what_is_something_else_than_it_should_be_is_missing() {
    let server = Server::start(|_, target, stream| {
        let other = match target {
            "/debug/pprof/heap?debug=1&gc=1" => b"<html>".to_vec(),
            "/debug/pprof/goroutine" => body("/debug/pprof/heap?gc=1", 0).unwrap(),
            _ => body(target, 0).unwrap(),
        };
        send(stream, &ok("", &other));
    });
    let folder = folder("capture-other");
    let ran = capture(&folder, &server.address, &["--count", "1"]);
    assert_eq!(ran.exit, 0);
    assert!(ran.stderr.contains("no heap_text") && ran.stderr.contains("no goroutine"), "{}", ran.stderr);
    assert_eq!(names(&folder), ["heap_00.pb.gz", "manifest.json", "threadcreate_00.pb.gz"]);
}

#[test]
fn a_server_that_goes_away_keeps_what_was_taken() {
    // It dies during the third snapshot, after the first of its collections.
    let mut snapshot = 0;
    let server = Server::start(move |number, target, stream| {
        if target.ends_with("heap?debug=1&gc=1") {
            snapshot += 1;
        }
        if number <= 10 {
            send(stream, &ok("", &body(target, snapshot).unwrap()));
        }
    });
    let folder = folder("capture-death");
    let ran = capture(&folder, &server.address, &["--count", "101"]);
    assert_eq!(ran.exit, 2);
    let why = format!(
        "snapshot 3 of 101 was not taken; the 2 before it are kept in out: {}: the server closed the connection without a response",
        server.url("/debug/pprof/heap?gc=1")
    );
    let retries = "warning: snapshot 3: no answer, retrying in 0 ms\n".repeat(3);
    assert_eq!(ran.stderr, format!("{retries}error: {why}\n"));
    let next = next_of_two(&server, "out/heap_000.pb.gz out/heap_001.pb.gz");
    assert_eq!(ran.stdout, format!("2 snapshots in out. Next:\n{next}{NO_TOTALS}"));
    // Once after its first collection, and three times again.
    assert_eq!(server.targets().len(), 10 + 1 + 4);
    assert_eq!(names(&folder).len(), 9);
    let manifest = manifest(&folder);
    assert_eq!((manifest["snapshots"].as_array().unwrap().len(), manifest["error"].as_str()), (2, Some(why.as_str())));
}

#[test]
fn nothing_is_left_of_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let folder = folder("capture-nobody");
    // As other tools call the options.
    let ran = heapdiff(&folder, &["capture", &address, "-o", "out", "-n", "3", "--interval", "1s"]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    let error = format!("error: http://{address}/debug/pprof/heap?gc=1: cannot connect: ");
    let hint = "; is the program running, and at this address?\n";
    assert!(ran.stderr.starts_with(&error) && ran.stderr.ends_with(hint), "{}", ran.stderr);
    assert!(!folder.join("out").exists());
    // An existing folder is kept.
    fs::create_dir(folder.join("out")).unwrap();
    assert_eq!(capture(&folder, &address, &[]).exit, 2);
    assert_eq!(names(&folder), [""; 0]);
}

#[test]
fn nothing_is_written_over() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-occupied");
    fs::create_dir(folder.join("out")).unwrap();
    fs::write(folder.join("out/.hidden"), "").unwrap();
    fs::write(folder.join("out/heap_00.pb.gz"), "mine").unwrap();
    let ran = capture(&folder, &server.address, &[]);
    assert_eq!(ran.exit, 2);
    assert_eq!(ran.stderr, "error: out: the folder is not empty (heap_00.pb.gz); give a new or an empty one\n");
    assert_eq!(fs::read(folder.join("out/heap_00.pb.gz")).unwrap(), b"mine");
    assert!(server.requests().is_empty());
    fs::remove_file(folder.join("out/heap_00.pb.gz")).unwrap();
    assert_eq!(capture(&folder, &server.address, &[]).exit, 0);
}

#[test]
fn nor_what_appears_meanwhile() {
    let folder = folder("capture-meanwhile");
    let text = folder.join("out/heap_00.txt");
    let appearing = text.clone();
    let server = Server::start(move |_, target, stream| {
        if target.ends_with("heap?debug=1&gc=1") {
            fs::write(&appearing, "mine").unwrap();
        }
        send(stream, &ok("", &body(target, 0).unwrap()));
    });
    let ran = capture(&folder, &server.address, &[]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    assert_eq!(ran.stderr, "error: out/heap_00.txt appeared in the meantime, and is not overwritten\n");
    assert_eq!(fs::read(text).unwrap(), b"mine");
}

const BUSY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

#[test]
fn what_is_refused_or_late_is_tried_again() {
    let server = Server::start(|number, target, stream| match number {
        // The second snapshot: its first collection, and its text twice.
        5 | 9 => send(stream, BUSY),
        8 => {}
        _ => send(stream, &ok("", &body(target, number / 5).unwrap())),
    });
    let folder = folder("capture-retry");
    let ran = capture(&folder, &server.address, &[]);
    assert_eq!(ran.exit, 0);
    let lines: Vec<_> = ran.stderr.lines().collect();
    let busy = "warning: snapshot 2: the server returned 503 Service Unavailable, retrying in 0 ms";
    assert_eq!(lines, [busy, "warning: snapshot 2: no answer, retrying in 0 ms", busy]);
    let manifest = manifest(&folder);
    assert_eq!(manifest["snapshots"][0]["retries"], serde_json::json!([]));
    let retries = manifest["snapshots"][1]["retries"].as_array().unwrap().clone();
    let profiles: Vec<_> = retries.iter().map(|retry| retry["profile"].as_str().unwrap()).collect();
    assert_eq!((profiles, &retries[1]["reason"]), (vec!["heap", "heap_text", "heap_text"], &"no answer".into()));
    // Never more often than --retries says, and what is no matter of time is not tried again.
    for (answer, retries, requests) in [(BUSY, "2", 3), (&unknown()[..], "2", 1)] {
        let answer = answer.to_vec();
        let server = Server::start(move |_, _, stream| send(stream, &answer));
        let folder = crate::run::folder("capture-retry-bounded");
        assert_eq!(capture(&folder, &server.address, &["--retries", retries]).exit, 2);
        assert_eq!(server.targets().len(), requests);
    }
}

#[test]
fn a_query_is_kept_and_its_values_are_not_shown() {
    let server = Server::start(|_, target, stream| {
        let known = target.strip_suffix("token=s3cret").map(|target| target.trim_end_matches(['?', '&']));
        let body = known.and_then(|target| body(target, 0));
        send(stream, &body.map_or_else(unknown, |body| ok("", &body)));
    });
    let folder = folder("capture-query");
    let ran = capture(&folder, &server.url("/debug/pprof/heap?gc=0&token=s3cret&seconds=5"), &["--count", "1"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let mut targets = server.targets();
    targets.dedup();
    let expected = ["heap?gc=1&", "heap?debug=1&gc=1&", "goroutine?", "threadcreate?"];
    assert_eq!(targets, expected.map(|target| format!("/debug/pprof/{target}token=s3cret")));
    let manifest = manifest(&folder);
    assert_eq!(manifest["url"], server.url("/debug/pprof/?token=…"));
    let failed = capture(&crate::run::folder("capture-query-fails"), &server.url("/x?token=s3cret"), &[]);
    assert_eq!(failed.exit, 2);
    for shown in [manifest.to_string(), failed.stderr] {
        assert!(shown.contains("token=…") && !shown.contains("s3cret"), "{shown}");
    }
    // A command with a part of the URL missing is no command.
    let next: Vec<_> = ran.stdout.lines().filter(|line| line.contains(" heapdiff ")).collect();
    assert_eq!(next, ["  heapdiff out/heap_00.pb.gz"]);
}

#[test]
fn an_interval_that_cannot_be_kept_is_told_once() {
    let server = Server::start(|_, target, stream| {
        thread::sleep(Duration::from_millis(5));
        send(stream, &ok("", &body(target, 0).unwrap()));
    });
    let folder = folder("capture-slow");
    let ran = heapdiff(&folder, &["capture", &server.address, "-o", "out", "--every", "1ms", "--count", "3"]);
    assert_eq!((ran.exit, ran.stderr.lines().count()), (0, 1), "{}", ran.stderr);
    assert!(ran.stderr.starts_with("warning: --every 1 ms cannot be kept: a snapshot took "), "{}", ran.stderr);
}

/// The `at`-th text of a program after forced collections.
fn text(at: usize) -> Vec<u8> {
    fs::read(root().join(format!("testdata/memstats/heap/heap_{at:02}.txt"))).unwrap()
}

#[test]
fn totals_are_said_to_be_exact_and_a_restart_is_told() {
    let mut snapshot = 0;
    let server = Server::start(move |_, target, stream| {
        if target.ends_with("heap?debug=1&gc=1") {
            let at = [0, 1, 2, 0, 1][snapshot];
            snapshot += 1;
            return send(stream, &ok("", &text(at)));
        }
        send(stream, &ok("", &body(target, snapshot).unwrap()));
    });
    let exact = "The heap's exact size is known for each snapshot (HeapAlloc right after a collection).\n";
    let folder = folder("capture-restart");
    let ran = capture(&folder, &server.address, &["--count", "5"]);
    assert_eq!(ran.exit, 0);
    assert_eq!(
        ran.stderr,
        "warning: the program was restarted before snapshot 4 (the counters of its runtime fell): trend uses the \
         snapshots since then, memstats those of one process only\n"
    );
    let next = next_of_two(&server, "out/heap_03.pb.gz out/heap_04.pb.gz");
    assert_eq!(ran.stdout, format!("5 snapshots in out. Next:\n{next}{exact}"));
    let manifest = manifest(&folder);
    assert_eq!(
        (&manifest["restarted_before"], &manifest["totals"]["trust"]),
        (&serde_json::json!([4]), &"exact".into())
    );
}

#[test]
fn goroutines_that_are_blocked_for_ever_come_last_at_both_ends() {
    let leak = || {
        let mut profile = crate::proto::Profile::with_types(&["goroutineleak/count"]);
        profile.period_type = Some(profile.sample_type[0].clone());
        profile.live(&[&[("main.query.func1", "main.go", 1, 2)]], 0, 0);
        profile.sample[0].value = vec![9];
        crate::run::gzip(&profile.encode(crate::proto::Layout::Go))
    };
    let server = Server::start(move |_, target, stream| {
        let body = if target == "/debug/pprof/goroutineleak" { leak() } else { body(target, 0).unwrap() };
        send(stream, &ok("", &body));
    });
    let folder = folder("capture-leak");
    let ran = capture(&folder, &server.address, &["--count", "3", "--goroutineleak"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let leaks: Vec<_> = names(&folder).into_iter().filter(|name| name.starts_with("goroutineleak")).collect();
    assert_eq!(leaks, ["goroutineleak_00.pb.gz", "goroutineleak_02.pb.gz"]);
    let all = [&OF_A_SNAPSHOT[..], &["goroutineleak"], &OF_A_SNAPSHOT, &OF_A_SNAPSHOT, &["goroutineleak"]].concat();
    assert_eq!(server.targets(), all.iter().map(|target| format!("/debug/pprof/{target}")).collect::<Vec<_>>());
    // An older Go is no fault.
    let old = Server::pprof(&[]);
    let folder = crate::run::folder("capture-leak-old");
    let ran = capture(&folder, &old.address, &["--count", "1", "--goroutineleak"]);
    assert_eq!(
        (ran.exit, ran.stderr.as_str()),
        (0, "note: snapshot 1 has no goroutineleak: the server does not have it (built with Go before 1.27)\n")
    );
}

#[test]
fn what_cannot_be_asked_for() {
    let folder = folder("capture-usage");
    for (args, error) in [
        (&["--count", "0"][..], "--count"),
        (&["--every", "10"], "expected a number and a unit, such as 500ms, 10s, 5m or 1h"),
        (&["--timeout", "0s"], "expected more than 0"),
        (&["--max-size", "5%"], "expected bytes such as 1000000, 64MiB or 1GB"),
    ] {
        let ran = heapdiff(&folder, &[&["capture", "localhost:1", "-o", "out"], args].concat());
        assert_eq!(ran.exit, 2);
        assert!(ran.stderr.contains(error), "{}", ran.stderr);
    }
    for (url, error) in [
        ("ftp://u:secret@h", "ftp://h: not a URL that can be fetched; expected one such as http://localhost:6060"),
        (
            "unix:",
            "unix:: it names no socket; expected unix:/run/docker.sock or unix:/run/docker.sock:/debug/pprof/heap",
        ),
        ("u:secret@h:0", "h:0: its port is not a number from 1 to 65535"),
    ] {
        let ran = capture(&folder, url, &[]);
        assert_eq!((ran.exit, ran.stderr), (2, format!("error: {error}\n")));
    }
    assert!(!folder.join("out").exists());
}

#[test]
fn a_profile_that_is_not_compressed_is_not_called_so() {
    let plain = |target: &str| {
        let body = body(target, 0)?;
        let mut plain = Vec::new();
        let inflated = flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut plain);
        Some(if inflated.is_ok() { plain } else { body })
    };
    let server = Server::start(move |_, target, stream| send(stream, &ok("", &plain(target).unwrap())));
    let folder = folder("capture-plain");
    let ran = capture(&folder, &server.address, &["--count", "1"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!(names(&folder), ["goroutine_00.pb", "heap_00.pb", "heap_00.txt", "manifest.json", "threadcreate_00.pb"]);
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_was_taken() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-interrupt");
    let mut child = command(&folder, &["capture", &server.address, "-o", "out", "--every", "1h"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !folder.join("out/manifest.json").exists() {
        assert!(start.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(10));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let said = "interrupted after 1 of 2 snapshots, which are kept in out";
    assert_eq!(String::from_utf8_lossy(&output.stderr), format!("error: {said}\n"));
    assert_eq!(output.status.code(), Some(2));
    let next = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(next.contains("heapdiff out/heap_00.pb.gz"), "{next}");
    let manifest = manifest(&folder);
    assert_eq!((manifest["snapshots"].as_array().unwrap().len(), &manifest["error"]), (1, &said.into()));
    assert_eq!(names(&folder).len(), 5);
}

/// A snapshot has its heap, and waits for the rest.
#[cfg(unix)]
#[test]
fn an_interrupt_leaves_no_half_of_a_snapshot() {
    for hanging in [1, 2] {
        let (asked, was_asked) = std::sync::mpsc::channel();
        let mut texts = 0;
        let server = Server::start(move |_, target, stream| {
            texts += usize::from(target.contains("debug=1"));
            if texts == hanging {
                asked.send(()).unwrap();
                let _ = std::io::Read::read(stream, &mut [0]);
            }
            send(stream, &body(target, 0).map_or_else(unknown, |body| ok("", &body)));
        });
        let folder = folder(&format!("capture-interrupt-half-{hanging}"));
        let child = command(&folder, &["capture", &server.address, "-o", "out", "--every", "0s", "--timeout", "9m"])
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        was_asked.recv_timeout(Duration::from_secs(60)).unwrap();
        assert!(folder.join(format!("out/heap_0{}.pb.gz", hanging - 1)).exists());
        let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
        assert!(killed.success());
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
        if hanging == 1 {
            assert!(!folder.join("out").exists());
        } else {
            let first =
                ["goroutine_00.pb.gz", "heap_00.pb.gz", "heap_00.txt", "manifest.json", "threadcreate_00.pb.gz"];
            assert_eq!(names(&folder), first);
        }
    }
}

/// The first answer never comes.
#[cfg(unix)]
#[test]
fn an_interrupt_waits_for_no_answer() {
    let (asked, was_asked) = std::sync::mpsc::channel();
    let server = Server::start(move |_, _, stream| {
        asked.send(()).unwrap();
        let _ = std::io::Read::read(stream, &mut [0]);
    });
    let folder = folder("capture-interrupt-first");
    let child = command(&folder, &["capture", &server.address, "-o", "out", "--timeout", "9m"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    was_asked.recv_timeout(Duration::from_secs(60)).unwrap();
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let output = child.wait_with_output().unwrap();
    let said = "error: interrupted before the first snapshot was taken\n";
    assert_eq!((String::from_utf8_lossy(&output.stderr).as_ref(), output.status.code()), (said, Some(2)));
    assert!(!folder.join("out").exists());
}

/// A program that keeps 100 more objects for each collection, of which a snapshot has three, and puts others into a pool.
#[test]
fn a_real_go_program() {
    use std::process::{Command, Stdio};
    let go = |args: &[&str]| Command::new("go").args(args).output().is_ok_and(|output| output.status.success());
    if !go(&["version"]) {
        assert!(std::env::var_os("HEAPDIFF_ALL_TOOLS").is_none(), "go is not installed");
        return;
    }
    let folder = folder("capture-go");
    let program = folder.join("keeper");
    let source = root().join("testdata/programs/keeper.go");
    assert!(go(&["build", "-o", program.to_str().unwrap(), source.to_str().unwrap()]));
    // It exits when its standard input ends.
    let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut address = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut address).unwrap();
    let ran = capture(&folder, address.trim(), &["--count", "3"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let live = json(&folder, &["--by", "functions", "out/heap_02.pb.gz", &format!("http://{}", address.trim())]);
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());

    assert_eq!(names(&folder).len(), 13);
    let report = json(&folder, &["--by", "functions", "out/heap_00.pb.gz", "out/heap_02.pb.gz"]);
    let objects = |report: &Value, function: &str| {
        let site = report["sites"].as_array().unwrap().iter().find(|site| site["function"] == function)?.clone();
        Some(["base", "current"].map(|side| site["inuse_objects"][side].as_i64().unwrap()))
    };
    assert_eq!(objects(&report, "main.keep"), Some([200, 800]));
    // The pool is empty only after a second collection.
    assert_eq!(objects(&report, "main.drop"), None);
    // A URL without a path gives the same as a capture.
    assert_eq!(objects(&live, "main.keep"), Some([800, 1100]));
    assert_eq!(objects(&live, "main.drop"), None);
    let goroutines = json(&folder, &["--sample-type", "goroutine", "out/goroutine_00.pb.gz", "out/goroutine_02.pb.gz"]);
    assert!(goroutines["sites"].as_array().is_some());
    let text = fs::read_to_string(folder.join("out/heap_00.txt")).unwrap();
    assert!(text.contains("# runtime.MemStats") && text.contains("# MaxRSS"), "{text}");
}

#[test]
fn a_folder_is_named_by_host_and_time() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-named");
    let ran = run(command(&folder, &["capture", &server.address, "--count", "1", "--every", "0s"]), None);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let made: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    let [name] = &made[..] else { panic!("{made:?}") };
    let name = name.to_str().unwrap();
    let host = server.address.replace(':', "-");
    assert!(name.starts_with(&format!("heap-{host}-2")) && name.ends_with('Z'), "{name}");
    assert!(ran.stdout.starts_with(&format!("1 snapshot in {name}. Next:\n")), "{}", ran.stdout);
    assert!(folder.join(name).join("heap_00.pb.gz").is_file());
}

#[cfg(unix)]
#[test]
fn what_is_captured_is_private() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("capture-private");
    let server = Server::pprof(&[]);
    assert_eq!(capture(&folder, &server.address, &[]).exit, 0);
    let files: Vec<_> = fs::read_dir(folder.join("out")).unwrap().map(|entry| entry.unwrap()).collect();
    assert!(files.iter().any(|file| file.file_name() == "manifest.json") && files.len() > 5);
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{file:?}");
    }
}
