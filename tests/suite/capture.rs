//! `heapdiff capture` and URLs as inputs, against servers that behave and servers that do not.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::run::{Ran, command, folder, gzip, json, root, run};
use crate::server::{Server, body, ok, send, unknown};

fn heapdiff(folder: &Path, args: &[&str]) -> Ran {
    run(command(folder, args), None)
}

/// Takes snapshots into `out`, one right behind the other unless told otherwise.
fn capture(folder: &Path, url: &str, more: &[&str]) -> Ran {
    heapdiff(folder, &[&["capture", url, "-o", "out", "--every", "1ms"], more].concat())
}

/// The names in `out`, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("out")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn manifest(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("out/manifest.json")).unwrap()).unwrap()
}

const OF_A_SNAPSHOT: [&str; 5] = ["heap?gc=1", "heap?gc=1", "heap?debug=1", "goroutine", "threadcreate"];

#[test]
fn snapshots_are_kept_with_a_manifest() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-good");
    let ran = capture(&folder, &server.address, &["--count", "3"]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!(
        ran.stdout,
        "3 snapshots in out. Next:\n  heapdiff out/heap_00.pb.gz out/heap_02.pb.gz\n  heapdiff trend out\n"
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
    // Two collections before each, and the heap is that of the second.
    let expected = OF_A_SNAPSHOT.repeat(3).iter().map(|target| format!("/debug/pprof/{target}")).collect::<Vec<_>>();
    assert_eq!(server.targets(), expected);

    let manifest = manifest(&folder);
    assert_eq!(manifest["tool"]["name"], "heapdiff");
    assert_eq!(manifest["url"], server.url("/debug/pprof/"));
    assert_eq!(
        (&manifest["count"], &manifest["every_seconds"], &manifest["error"]),
        (&3.into(), &0.001.into(), &Value::Null)
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
        assert_eq!(ran.stdout, format!("1 snapshot in out. Next:\n  heapdiff out/heap_00.pb.gz {next}\n"));
    }
}

#[test]
fn what_is_missing_beside_the_heap_is_told() {
    let server = Server::pprof(&["threadcreate", "heap?debug=1"]);
    let folder = folder("capture-optional");
    let ran = capture(&folder, &server.address, &["--count", "1"]);
    let missing =
        "the server answers 404 Not Found: Unknown profile; is net/http/pprof imported, and served at this address?";
    let errors = [("heap_text", "heap?debug=1"), ("threadcreate", "threadcreate")]
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
            "/debug/pprof/heap?debug=1" => b"<html>".to_vec(),
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
    // It dies within the third snapshot, behind the first of its collections.
    let mut snapshot = 0;
    let server = Server::start(move |number, target, stream| {
        if target.ends_with("heap?debug=1") {
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
        "snapshot 3 of 101 was not taken, 2 before it kept in out: {}: the server closed the connection without an answer",
        server.url("/debug/pprof/heap?gc=1")
    );
    assert_eq!(ran.stderr, format!("error: {why}\n"));
    assert_eq!(ran.stdout, "2 snapshots in out. Next:\n  heapdiff out/heap_000.pb.gz out/heap_001.pb.gz\n");
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
    let ran = capture(&folder, &address, &[]);
    assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
    let error = format!("error: http://{address}/debug/pprof/heap?gc=1: cannot connect: ");
    assert!(ran.stderr.starts_with(&error), "{}", ran.stderr);
    assert!(!folder.join("out").exists());
    // A folder that was there stays.
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
fn what_cannot_be_asked_for() {
    let folder = folder("capture-usage");
    for (args, error) in [
        (&["--count", "0"][..], "--count"),
        (&["--every", "10"], "expected a number and a unit, such as 500ms, 10s, 5m or 1h"),
        (&["--timeout", "0s"], "expected more than nothing"),
        (&["--max-size", "5%"], "expected bytes such as 1000000, 64MiB or 1GB"),
    ] {
        let ran = heapdiff(&folder, &[&["capture", "localhost:1", "-o", "out"], args].concat());
        assert_eq!(ran.exit, 2);
        assert!(ran.stderr.contains(error), "{}", ran.stderr);
    }
    for (url, error) in [
        ("ftp://u:secret@h", "ftp://h: no URL that can be fetched; expected one such as http://localhost:6060"),
        (
            "https://u:secret@h",
            "https://h: https is not built in: fetch it with another program and give the file, as by `curl -o heap.pb.gz URL`",
        ),
        ("u:secret@h:0", "h:0: its port is no number from 1 to 65535"),
    ] {
        let ran = capture(&folder, url, &[]);
        assert_eq!((ran.exit, ran.stderr), (2, format!("error: {error}\n")));
    }
    assert!(!folder.join("out").exists());
}

/// Servers that are broken, slow, huge or lying, and what is said of them.
#[test]
fn servers_that_do_not_behave() {
    let heap = body("/debug/pprof/heap?gc=1", 0).unwrap();
    let length = heap.len();
    let (half, rest) = heap.split_at(length / 2);
    let head = |lines: &str| format!("HTTP/1.1 {lines}\r\n\r\n").into_bytes();
    let with = |lines: &str, body: &[u8]| [&head(lines)[..], body].concat();
    let chunk = |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n"].concat();
    let chunked = "200 OK\r\nTransfer-Encoding: chunked";
    let advice = "is net/http/pprof imported, and served at this address?";
    let html = b"<!doctype html><title>Log in</title>";
    let page = "this is HTML or XML, not a pprof heap profile; was it a log-in or an error page that was saved?";
    let bomb = gzip(&vec![0; 2 << 20]);
    for (number, (answer, error)) in [
        (Vec::new(), "the server closed the connection without an answer".to_owned()),
        (b"HTTP/1.1 200 OK\r\nConten".to_vec(), "the answer is cut off: the server closed the connection within it".to_owned()),
        (b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), "the server does not speak HTTP (of version 1)".to_owned()),
        (b"HTTP/2 200 OK\r\n\r\n".to_vec(), "the server does not speak HTTP (of version 1)".to_owned()),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n".to_vec(), "the server does not speak HTTP (its head is malformed)".to_owned()),
        (head(&format!("200 OK{}", "\r\nA: b".repeat(101))), "the server does not speak HTTP (it has too many headers)".to_owned()),
        (format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(80_000)).into(), "the server does not speak HTTP (its head does not end)".to_owned()),
        // Lengths that are not kept, or none.
        (with(&format!("200 OK\r\nContent-Length: {length}"), half), format!("the answer is cut off: the server closed the connection, {} B too early", rest.len())),
        (with("200 OK\r\nContent-Length: 99", &heap), "the gzip data is cut off: it ends before its checksum".to_owned()),
        (with("200 OK\r\nContent-Length: -1", &heap), "the answer cannot be read: its header Content-Length is \"-1\"".to_owned()),
        (with("200 OK\r\nContent-Length: 1\r\ncontent-length: 2", &heap), "the answer cannot be read: its header Content-Length is \"1, 2\"".to_owned()),
        (head("200 OK\r\nContent-Length: 0"), "the file is empty; expected a heap profile".to_owned()),
        (with("200 OK", half), "the gzip data is cut off: it ends before its checksum".to_owned()),
        (with(chunked, &chunk(half)), "the answer is cut off: the server closed the connection within it".to_owned()),
        (with(chunked, b"what?\r\n"), "the answer is damaged: its chunks do not say how long they are".to_owned()),
        (head("200 OK\r\nTransfer-Encoding: gzip, chunked"), "the answer cannot be read: its header Transfer-Encoding is \"gzip, chunked\"".to_owned()),
        (head("200 OK\r\nContent-Encoding: br"), "the answer cannot be read: its header Content-Encoding is \"br\"".to_owned()),
        // Too much.
        (head("200 OK\r\nContent-Length: 18446744073709551615"), "the answer is larger than the limit of 1000000 B".to_owned()),
        (with("200 OK", &vec![b'x'; 1_000_001]), "the answer is larger than the limit of 1000000 B".to_owned()),
        (with("200 OK\r\nContent-Encoding: gzip", &bomb), "the answer is larger than the limit of 1000000 B".to_owned()),
        // Something else.
        (with("200 OK\r\nContent-Type: text/html", html), page.to_owned()),
        (with("404 Not Found\r\nContent-Type: text/html", html), format!("the server answers 404 Not Found: {advice}")),
        (with("404 Not Found\r\nContent-Type: text/plain", b"404 page not found\n"), format!("the server answers 404 Not Found: {advice}")),
        (with("403 Forbidden\r\nContent-Type: text/plain", b"for\x1b[31m you\nno more"), "the server answers 403 Forbidden: for\u{fffd}[31m you".to_owned()),
        (head("401 Unauthorized"), "the server answers 401 Unauthorized: give user and password, as in http://USER:PASSWORD@HOST".to_owned()),
        (with("400 Bad Request", b"Client sent an HTTP request to an HTTPS server.\n"), "the server answers 400 Bad Request: Client sent an HTTP request to an HTTPS server.".to_owned()),
        (head("204 No Content"), "the server answers 204 No Content".to_owned()),
        (head("500"), "the server answers 500".to_owned()),
        // Elsewhere.
        (head("302 Found\r\nLocation: http://127.0.0.1:1/x"), "the server redirects to http://127.0.0.1:1/x, which is not followed to another server; give that URL if it is meant".to_owned()),
        (head("307 Temporary Redirect\r\nLocation: https://127.0.0.1/"), "the server redirects to something else: https is not built in: fetch it with another program and give the file, as by `curl -o heap.pb.gz URL`".to_owned()),
        (head("301 Moved\r\nLocation: /debug/pprof/heap?gc=1"), "the server redirects to nowhere".to_owned()),
        (head("301 Moved"), "the server redirects to nowhere".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let server = Server::saying(answer);
        let folder = folder(&format!("capture-broken-{number}"));
        let ran = capture(&folder, &server.address, &["--max-size", "1000000"]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        let url = server.url("/debug/pprof/heap?gc=1");
        let is_told = |ran: &Ran| {
            ran.stderr.starts_with(&format!("error: {url}")) && ran.stderr.ends_with(&format!(": {error}\n"))
        };
        assert!(is_told(&ran), "{}", ran.stderr);
        assert!(!folder.join("out").exists());
        if error.contains("the limit") {
            // That of inputs is larger.
            continue;
        }
        let base = root().join("testdata/captures/sessiond/rate512k/heap_00.pb.gz");
        let ran = heapdiff(&folder, &[base.to_str().unwrap(), &server.url("")]);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(is_told(&ran), "{}", ran.stderr);
    }
}

#[test]
fn servers_that_are_late() {
    // It says nothing, or something now and then, until the client goes.
    let silent = Server::start(|_, _, stream| drop(stream.read(&mut [0])));
    let dripping = Server::start(|_, _, stream| {
        send(stream, b"HTTP/1.1 200 OK\r\n\r\n\x1f\x8b");
        while stream.write_all(b"\0").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let hinting = Server::start(|_, _, stream| {
        while stream.write_all(b"HTTP/1.1 103 Early Hints\r\n\r\n").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let folder = folder("capture-late");
    for server in [silent, dripping, hinting] {
        let start = Instant::now();
        let ran = capture(&folder, &server.address, &["--timeout", "200ms"]);
        assert!(start.elapsed() > Duration::from_millis(200));
        let url = server.url("/debug/pprof/heap?gc=1");
        assert_eq!((ran.exit, ran.stderr), (2, format!("error: {url}: no whole answer within 200ms\n")));
    }
}

#[test]
fn answers_in_every_form_that_http_knows() {
    let answer = |target: &str| -> Vec<u8> {
        let form = target.strip_prefix('/').unwrap().split('/').next().unwrap();
        let Some(body) = target.strip_prefix(&format!("/{form}")).and_then(|target| body(target, 1)) else {
            return unknown();
        };
        let half = body.len() / 2;
        match form {
            "length" => ok("", &body),
            "close" => [b"HTTP/1.0 200 OK\r\n\r\n", &body[..]].concat(),
            "chunked" => [
                b"HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n",
                format!("{half:X};x=y\r\n").as_bytes(),
                &body[..half],
                format!("\r\n{:x}\r\n", body.len() - half).as_bytes(),
                &body[half..],
                b"\r\n0\r\nTrailer: x\r\n\r\n",
            ]
            .concat(),
            "gzip" => ok("Content-Encoding: gzip\r\n", &gzip(&body)),
            "hints" => [b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n", &ok("", &body)[..]].concat(),
            "longer" => [&ok("", &body)[..], b"and more"].concat(),
            "redirect" => {
                format!("HTTP/1.1 302 Found\r\nLocation: /length{}\r\n\r\n", &target["/redirect".len()..]).into()
            }
            _ => unknown(),
        }
    };
    let server = Server::start(move |_, target, stream| send(stream, &answer(target)));
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let base = captures.join("heap_00.pb.gz");
    let from_file = json(root(), &[base.to_str().unwrap(), captures.join("heap_01.pb.gz").to_str().unwrap()]);
    for form in ["length", "close", "chunked", "gzip", "hints", "longer", "redirect"] {
        let folder = folder(&format!("capture-form-{form}"));
        let ran = capture(&folder, &server.url(&format!("/{form}")), &["--count", "1"]);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{form}");
        for (file, target) in [
            ("heap_00.pb.gz", "heap?gc=1"),
            ("heap_00.txt", "heap?debug=1"),
            ("goroutine_00.pb.gz", "goroutine"),
            ("threadcreate_00.pb.gz", "threadcreate"),
        ] {
            let sent = body(&format!("/debug/pprof/{target}"), 1).unwrap();
            assert_eq!(fs::read(folder.join("out").join(file)).unwrap(), sent, "{form} {file}");
        }
        let url = server.url(&format!("/{form}/debug/pprof/heap?gc=1"));
        let from_url = json(&folder, &[base.to_str().unwrap(), &url]);
        assert_eq!(from_url["sites"], from_file["sites"], "{form}");
        assert_eq!(from_url["current"]["inputs"], Value::from(vec![url]));
    }
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

#[test]
fn urls_are_inputs_wherever_files_are() {
    let server = Server::start(|_, target, stream| {
        let snapshot = target.split("number=").nth(1).map_or(0, |number| number.parse().unwrap());
        send(stream, &ok("", &body("/debug/pprof/heap?gc=1", snapshot).unwrap()));
    });
    let folder = folder("capture-inputs");
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let file = |number| captures.join(format!("heap_0{number}.pb.gz")).to_str().unwrap().to_owned();
    let (before, after) = (server.url(""), server.url("/debug/pprof/heap?number=6"));
    let of_urls = heapdiff(&folder, &["check", &before, &after]);
    let of_files = heapdiff(&folder, &["check", &file(0), &file(6)]);
    assert_eq!((of_urls.exit, of_files.exit), (1, 1));
    let mut targets = server.targets();
    targets.sort();
    assert_eq!(targets, ["/debug/pprof/heap?gc=1", "/debug/pprof/heap?number=6"]);
    let verdict = |ran: &Ran| {
        let names_no_input = |line: &&str| !line.contains("/heap");
        ran.stdout.lines().filter(names_no_input).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(verdict(&of_urls), verdict(&of_files));
    let summed = json(&folder, &["--base", &before, "--base", &file(0), "--current", &after]);
    let complete = server.url("/debug/pprof/heap?gc=1");
    assert_eq!(summed["base"]["inputs"], Value::from(vec![complete, file(0)]));
    let once = json(&folder, &[&file(0), &file(6)]);
    let total = |report: &Value| report["totals"]["inuse_space"]["base"].as_i64().unwrap();
    assert_eq!(total(&summed), 2 * total(&once));
    let ran = heapdiff(&folder, &[&file(0), "https://u:secret@h/heap"]);
    assert_eq!(ran.exit, 2);
    assert!(ran.stderr.starts_with("error: https://h/heap: https is not built in"), "{}", ran.stderr);
}

#[test]
fn credentials_are_sent_and_never_shown() {
    let server = Server::start(|_, target, stream| match target {
        "/debug/pprof/goroutine" => send(stream, &unknown()),
        "/moved/debug/pprof/heap" => send(stream, b"HTTP/1.1 302 Found\r\nLocation: /debug/pprof/heap?gc=1\r\n\r\n"),
        _ => send(stream, &body(target, 0).map_or_else(unknown, |body| ok("", &body))),
    });
    let folder = folder("capture-credentials");
    let url = format!("http://me:s%65cret@{}", server.address);
    let ran = capture(&folder, &url, &["--count", "1"]);
    assert_eq!(ran.exit, 0);
    let report = json(&folder, &["out/heap_00.pb.gz", &format!("{url}/moved/debug/pprof/heap")]);
    let failed = heapdiff(&folder, &["out/heap_00.pb.gz", &format!("{url}/nowhere")]);
    assert_eq!(failed.exit, 2);
    let requests = server.requests();
    assert_eq!(requests.len(), 8);
    for request in requests {
        // me:secret
        assert!(request.contains("\r\nAuthorization: Basic bWU6c2VjcmV0\r\n"), "{request}");
        assert!(request.contains(&format!("\r\nHost: {}\r\n", server.address)), "{request}");
    }
    let manifest = fs::read_to_string(folder.join("out/manifest.json")).unwrap();
    for shown in [manifest, report.to_string(), ran.stdout, ran.stderr, failed.stderr] {
        assert!(shown.contains(&server.address) && !shown.contains("cret") && !shown.contains("me:"), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn an_interrupt_keeps_what_was_taken() {
    let server = Server::pprof(&[]);
    let folder = folder("capture-interrupt");
    let mut child = command(&folder, &["capture", &server.address, "-o", "out", "--every", "1h"])
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    let start = Instant::now();
    while !folder.join("out/manifest.json").exists() {
        assert!(start.elapsed() < Duration::from_secs(60) && child.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(10));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success() && !child.wait().unwrap().success());
    let manifest = manifest(&folder);
    assert_eq!(manifest["snapshots"].as_array().unwrap().len(), 1);
    assert_eq!(names(&folder).len(), 5);
}

/// A program that keeps 200 objects more for each snapshot, and drops others into a pool.
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
    // It ends with its standard input.
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
    assert_eq!(objects(&report, "main.keep"), Some([200, 600]));
    // The pool is empty only behind a second collection.
    assert_eq!(objects(&report, "main.drop"), None);
    // One more request, with its collection.
    assert_eq!(objects(&live, "main.keep"), Some([600, 700]));
    let goroutines = json(&folder, &["--sample-type", "goroutine", "out/goroutine_00.pb.gz", "out/goroutine_02.pb.gz"]);
    assert!(goroutines["sites"].as_array().is_some());
    let text = fs::read_to_string(folder.join("out/heap_00.txt")).unwrap();
    assert!(text.contains("# runtime.MemStats") && text.contains("# MaxRSS"), "{text}");
}
