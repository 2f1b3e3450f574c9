//! Profiles over HTTP, as inputs and in captures, from servers that behave and from those that do not.

use std::fs;
use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::capture::{capture, heapdiff};
use crate::run::{Ran, folder, gzip, json, root};
use crate::server::{Server, body, ok, send, unknown};

/// Servers that are broken, slow, huge or lying, and the error for each.
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
    let page =
        "this is HTML or XML, not a pprof heap profile; is it a login or error page instead of /debug/pprof/heap?";
    let bomb = gzip(&vec![0; 2 << 20]);
    for (number, (answer, error)) in [
        (Vec::new(), "the server closed the connection without a response".to_owned()),
        (b"HTTP/1.1 200 OK\r\nConten".to_vec(), "the server closed the connection without a response".to_owned()),
        (b"SSH-2.0-OpenSSH_9.9\r\n".to_vec(), "the server does not speak HTTP/1.1 (invalid HTTP version parsed); is it an https URL?".to_owned()),
        (b"HTTP/2 200 OK\r\n\r\n".to_vec(), "the server does not speak HTTP/1.1 (invalid HTTP version parsed); is it an https URL?".to_owned()),
        (b"HTTP/1.1 200 OK\r\nno header\r\n\r\n".to_vec(), "the server does not speak HTTP/1.1 (invalid HTTP header parsed)".to_owned()),
        (head(&format!("200 OK{}", "\r\nA: b".repeat(101))), "the server does not speak HTTP/1.1 (message head is too large)".to_owned()),
        (format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(800_000)).into(), "the server does not speak HTTP/1.1 (message head is too large)".to_owned()),
        // Wrong or missing lengths.
        (with(&format!("200 OK\r\nContent-Length: {length}"), half), format!("the response is cut off: the server closed the connection, {} B too early", rest.len())),
        (with("200 OK\r\nContent-Length: 99", &heap), "the gzip data is cut off: it ends before its checksum".to_owned()),
        (with("200 OK\r\nContent-Length: -1", &heap), "the server does not speak HTTP/1.1 (invalid content-length parsed)".to_owned()),
        (with("200 OK\r\nContent-Length: 1\r\ncontent-length: 2", &heap), "the server does not speak HTTP/1.1 (invalid content-length parsed)".to_owned()),
        (head("200 OK\r\nContent-Length: 0"), "the response is empty; expected a profile".to_owned()),
        (with("200 OK", half), "the gzip data is cut off: it ends before its checksum".to_owned()),
        (with(chunked, &chunk(half)), "the response is cut off: the server closed the connection within it".to_owned()),
        (with(chunked, &chunk(&heap)), "the response is cut off: the server closed the connection within it".to_owned()),
        (with(chunked, &[&chunk(&heap)[..], b"0\r\n"].concat()), "the response is cut off: the server closed the connection within it".to_owned()),
        (with(chunked, b"3\r\nabcd\r\n0\r\n\r\n"), "the response is damaged: its chunks do not say how long they are".to_owned()),
        (with(chunked, b"11111111111111111\r\n"), "the response is damaged: its chunks do not say how long they are".to_owned()),
        (with(chunked, &[&chunk(&heap)[..], b"0\r\n", &b"a: b\r\n".repeat(10_000)].concat()), "the response is damaged: its chunks do not say how long they are".to_owned()),
        (with(chunked, b"what?\r\n"), "the response is damaged: its chunks do not say how long they are".to_owned()),
        (head("200 OK\r\nTransfer-Encoding: gzip, chunked"), "the response cannot be read: its header Transfer-Encoding is \"gzip, chunked\"".to_owned()),
        (head("200 OK\r\nContent-Encoding: br"), "the response cannot be read: its header Content-Encoding is \"br\"".to_owned()),
        // Too much.
        (head("200 OK\r\nContent-Length: 18446744073709551610"), "the response is larger than the limit of 1000000 B".to_owned()),
        (with("200 OK", &vec![b'x'; 1_000_001]), "the response is larger than the limit of 1000000 B".to_owned()),
        (with("200 OK\r\nContent-Encoding: gzip", &bomb), "the response is larger than the limit of 1000000 B".to_owned()),
        // Something else.
        (with("200 OK\r\nContent-Type: text/html", html), page.to_owned()),
        (with("404 Not Found\r\nContent-Type: text/html", html), format!("the server returned 404 Not Found: {advice}")),
        (with("404 Not Found\r\nContent-Type: text/plain", b"404 page not found\n"), format!("the server returned 404 Not Found: {advice}")),
        (with("403 Forbidden\r\nContent-Type: text/plain", b"for\x1b[31m you\nno more"), "the server returned 403 Forbidden: for\\u{1b}[31m you; send a token with --header 'Authorization: Bearer TOKEN', or a password as in http://USER:PASSWORD@HOST".to_owned()),
        (head("401 Unauthorized"), "the server returned 401 Unauthorized: send a token with --header 'Authorization: Bearer TOKEN', or a password as in http://USER:PASSWORD@HOST".to_owned()),
        (with("400 Bad Request", b"Client sent an HTTP request to an HTTPS server.\n"), "the server returned 400 Bad Request: Client sent an HTTP request to an HTTPS server; give an https URL".to_owned()),
        (head("204 No Content"), "the server returned 204 No Content".to_owned()),
        (head("500"), "the server returned 500 Internal Server Error".to_owned()),
        // Elsewhere.
        (head("302 Found\r\nLocation: http://127.0.0.1:1/x"), "the server redirects to http://127.0.0.1:1/x, which is not followed to another server or protocol; give that URL if you mean it".to_owned()),
        (head("307 Temporary Redirect\r\nLocation: https://127.0.0.1/"), "the server redirects to https://127.0.0.1/, which is not followed to another server or protocol; give that URL if you mean it".to_owned()),
        (head("301 Moved\r\nLocation: /debug/pprof/heap?gc=1"), "the server redirects to nowhere".to_owned()),
        (head("301 Moved"), "the server redirects to nowhere".to_owned()),
    ]
    .into_iter()
    .enumerate()
    {
        let server = Server::saying(answer);
        let folder = folder(&format!("capture-broken-{number}"));
        let ran = capture(&folder, &server.address, &["--max-size", "1000000", "--retries", "0"]);
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
    // It sends nothing, or a little now and then, until the client gives up.
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
        let ran = capture(&folder, &server.address, &["--timeout", "200ms", "--retries", "0"]);
        assert!(start.elapsed() > Duration::from_millis(200));
        let url = server.url("/debug/pprof/heap?gc=1");
        assert_eq!((ran.exit, ran.stderr), (2, format!("error: {url}: no complete response within 0.2 s\n")));
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
            ("heap_00.txt", "heap?debug=1&gc=1"),
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
fn urls_are_inputs_wherever_files_are() {
    let server = Server::start(|_, target, stream| {
        let snapshot = target.split("number=").nth(1).map_or(0, |number| number.parse().unwrap());
        send(stream, &ok("", &body("/debug/pprof/heap?gc=1", snapshot).unwrap()));
    });
    let folder = folder("capture-inputs");
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let file = |number| captures.join(format!("heap_0{number}.pb.gz")).to_str().unwrap().to_owned();
    let (before, after) = (server.url(""), server.url("/debug/pprof/heap?number=6"));
    let check = |base: &str, current: &str| {
        let ran = heapdiff(&folder, &["check", "--json", base, current]);
        assert_eq!(ran.exit, 1, "{}", ran.stderr);
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        ["verdict", "totals", "sites", "notes", "findings"].map(|part| report[part].clone())
    };
    let of_urls = check(&before, &after);
    let mut targets = server.targets();
    targets.sort();
    assert_eq!(targets, ["/debug/pprof/heap?gc=1", "/debug/pprof/heap?gc=1", "/debug/pprof/heap?number=6"]);
    assert_eq!(of_urls, check(&file(0), &file(6)));
    let summed = json(&folder, &["--base", &before, "--base", &file(0), "--current", &after]);
    let complete = server.url("/debug/pprof/heap?gc=1");
    assert_eq!(summed["base"]["inputs"], Value::from(vec![complete, file(0)]));
    let once = json(&folder, &[&file(0), &file(6)]);
    let total = |report: &Value| report["totals"]["inuse_space"]["base"].as_i64().unwrap();
    assert_eq!(total(&summed), 2 * total(&once));
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
        assert!(shown.contains(&server.address) && !shown.contains("cret") && !shown.contains("me:s"), "{shown}");
    }
}

#[test]
fn a_running_program_is_one_moment() {
    let folder = folder("fetch-moment");
    let server = Server::pprof(&[]);
    let (address, heap) = (server.address.clone(), server.url("/debug/pprof/heap?gc=1"));
    let watch = format!("heapdiff watch {address}\n");
    let twice = format!("error: {heap}: base and current are one program at one moment; to see what grows: {watch}");
    let series =
        format!("error: {heap}: a running program is one snapshot, of now; to see what keeps growing: {watch}");
    for (args, error) in [
        (&[address.as_str(), &address][..], &twice),
        (&[&address, &heap], &twice),
        (&["check", &address, &server.url("")], &twice),
        (
            &["list", "main.f", &server.url("/debug/pprof/heap?debug=1"), &heap],
            &twice.replace(&heap, &server.url("/debug/pprof/heap?debug=1")),
        ),
        (&["trend", &address], &series),
        (&[&address, &address, &address], &series),
    ] {
        let ran = heapdiff(&folder, args);
        assert_eq!((ran.exit, ran.stdout.as_str(), &ran.stderr), (2, "", error), "{args:?}");
    }
    assert!(server.targets().is_empty());
    let options = ["--header", "@token"];
    std::fs::write(folder.join("token"), "A: b\n").unwrap();
    let ran = heapdiff(&folder, &[&["trend", address.as_str()], &options[..]].concat());
    assert!(ran.stderr.ends_with(&format!("heapdiff watch {address} --header @token\n")), "{}", ran.stderr);
    // Profiles of the queries of a proxy may be of two programs.
    let [one, other] = ["a", "b"].map(|pod| server.url(&format!("/debug/pprof/heap?pod={pod}")));
    let ran = heapdiff(&folder, &[&one, &other]);
    assert!(ran.stderr.contains("404"), "{}", ran.stderr);
}

#[test]
fn a_program_tells_its_goroutines_and_totals() {
    let folder = folder("fetch-kinds");
    let server = Server::pprof(&[]);
    let ran = heapdiff(&folder, &[&format!("{}/debug/pprof/goroutine", server.address)]);
    assert!(ran.exit == 0 && ran.stdout.contains(" goroutines: http://"), "{}{}", ran.stdout, ran.stderr);
    let next = format!("Next:\n  # two snapshots, to see what grows\n  heapdiff capture {}\n", server.address);
    assert!(ran.stdout.ends_with(&next), "{}", ran.stdout);
    let text = fs::read(root().join("testdata/memstats/heap/heap_06.txt")).unwrap();
    let server = Server::saying(ok("", &text));
    let ran = heapdiff(&folder, &["memstats", &server.address]);
    assert!(ran.exit == 0 && ran.stdout.starts_with("One snapshot: "), "{}{}", ran.stdout, ran.stderr);
    assert!(!ran.stdout.contains("delta"), "{}", ran.stdout);
    assert_eq!(server.targets(), ["/debug/pprof/heap?debug=1&gc=1"]);
}
