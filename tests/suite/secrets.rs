//! Passwords and queries of URLs: sent, and never shown, whatever the server says.

use std::fs;
use std::path::Path;

use crate::capture::heapdiff;
use crate::run::{Ran, folder, root};
use crate::server::{Server, send};

const PASSWORD: &str = "hunter2-pass";
const TOKEN: &str = "t0ken-abcdef";
/// `user:hunter2-pass`, as it is sent.
const BASIC: &str = "dXNlcjpodW50ZXIyLXBhc3M=";

/// A server that repeats what it was sent, in an answer that `answer` makes of it.
fn lying(answer: impl Fn(&str) -> String + Send + 'static) -> Server {
    let mut server = None;
    let requests = Server::start(move |_, target, stream| {
        let said = format!("{target} Basic {BASIC} user:{PASSWORD} {TOKEN}");
        send(stream, answer(&said).as_bytes());
    });
    server.get_or_insert(requests);
    server.unwrap()
}

#[track_caller]
fn assert_hidden(what: &str, text: &str) {
    for secret in [PASSWORD, TOKEN, BASIC, "hunter2", "dXNlcjpod"] {
        assert!(!text.contains(secret), "{what}: {text}");
    }
}

fn of_folder(folder: &Path) -> String {
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    entries.map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap_or_default()).collect()
}

fn with(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn what_a_server_repeats_is_not_shown() {
    type Answer = fn(&str) -> String;
    let answers: [(&str, Answer); 13] = [
        ("401", |said| with("401 Unauthorized", &format!("bad credentials: {said}"))),
        ("401 in base64", |_| with("401 Unauthorized", BASIC)),
        ("403", |said| with("403 Forbidden", said)),
        ("500", |said| with("500 Internal Server Error", said)),
        ("reason", |said| with(&format!("418 {said}"), "")),
        ("busy", |said| with(&format!("503 {said}"), said)),
        ("header", |said| format!("HTTP/1.1 200 OK\r\nContent-Encoding: {said}\r\n\r\n")),
        ("length", |said| format!("HTTP/1.1 200 OK\r\nContent-Length: {said}\r\n\r\n")),
        ("elsewhere", |_| with(&format!("302 Found\r\nLocation: http://127.0.0.1:1/{TOKEN}?x={PASSWORD}"), "")),
        ("host", |_| with(&format!("302 Found\r\nLocation: http://{TOKEN}.example/"), "")),
        ("text", |said| with("200 OK", said)),
        ("heap text", |said| with("200 OK", &format!("heap profile: {said}\n"))),
        ("number", |_| with("200 OK", &format!("heap profile: 1: {TOKEN} [2: 3] @ heap/1\n"))),
    ];
    let heap = root().join("testdata/before.pb.gz");
    let folder = folder("secrets");
    for (name, answer) in answers {
        let server = lying(answer);
        let of = |path: &str| format!("http://user:{PASSWORD}@{}{path}?token={TOKEN}", server.address);
        let (program, whole) = (of(""), of("/debug/pprof/heap"));
        let runs: [&[&str]; 8] = [
            &["capture", &program, "-o", "captured", "--every", "0s", "--retries", "1"],
            &["watch", &program, "-o", "watched", "--every", "0s", "--retries", "1"],
            &[heap.to_str().unwrap(), &whole],
            &["check", "--format", "github", "--report", "json=check.json", heap.to_str().unwrap(), &whole],
            &["memstats", &whole],
            &["memstats", &program],
            &["--skip-unreadable", "--base", heap.to_str().unwrap(), "--current", heap.to_str().unwrap(), &whole],
            &["check", "--goroutines", &whole, &whole, heap.to_str().unwrap(), heap.to_str().unwrap()],
        ];
        for args in runs {
            let Ran { exit, stdout, stderr } = heapdiff(&folder, args);
            let may_answer = args.contains(&"--skip-unreadable");
            assert!(exit == 2 || may_answer, "{name} {args:?}: {stdout}{stderr}");
            assert_hidden(&format!("{name} {args:?}"), &format!("{stdout}{stderr}"));
        }
        for written in [folder.clone(), folder.join("captured"), folder.join("watched")] {
            assert_hidden(name, &of_folder(&written));
        }
        let _ = fs::remove_dir_all(folder.join("captured"));
        let _ = fs::remove_dir_all(folder.join("watched"));
    }
}

#[test]
fn urls_are_shown_without_secrets_wherever_they_stand() {
    let folder = folder("secrets-typed");
    let heap = root().join("testdata/before.pb.gz");
    let heap = heap.to_str().unwrap();
    let body = fs::read(root().join("testdata/after.pb.gz")).unwrap();
    let server = Server::saying(
        [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), &body].concat(),
    );
    let url = format!("http://user:{PASSWORD}@{}/debug/pprof/heap?token={TOKEN}", server.address);
    let mistyped = format!("htp://user:{PASSWORD}@host/?token={TOKEN}");
    let bare = format!("user:{PASSWORD}@host");
    let formats = ["table", "json", "ndjson", "csv", "markdown", "github", "junit", "sarif", "code-quality"];
    for format in formats {
        let ran = heapdiff(&folder, &["check", "--format", format, heap, &url]);
        assert!(ran.exit < 3, "{}", ran.stderr);
        assert_hidden(format, &format!("{}{}", ran.stdout, ran.stderr));
    }
    let page = heapdiff(&folder, &["report", "-o", "page.html", heap, &url]);
    assert_eq!(page.exit, 0, "{}", page.stderr);
    assert_hidden("page", &fs::read_to_string(folder.join("page.html")).unwrap());
    let runs: [&[&str]; 12] = [
        &[heap, &mistyped],
        &["trend", heap, heap, &url],
        &["capture", heap, &url, "-o", "x"],
        &["capture", heap, &bare, "-o", "x"],
        &["watch", &mistyped],
        &["check", "--config", &url, heap, heap],
        &["check", "--budget", &url, heap, heap],
        &["--top", &url, heap, heap],
        &["check", &format!("--max-site-objects={url}"), heap, heap],
        &["check", "--report", &format!("json={url}"), "--nosuch", heap, heap],
        &["list", "main", "--source-root", &url, heap, heap],
        &["check", "--bench", &url, &url, heap, heap],
    ];
    for args in runs {
        let Ran { stdout, stderr, .. } = heapdiff(&folder, args);
        assert_hidden(&format!("{args:?}"), &format!("{stdout}{stderr}"));
    }
}
