//! https: whom it trusts, what it sends, what its errors say, and that connections are kept. Against real TLS servers.

use std::fs;
use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::run::{Ran, assert_valid, command, folder, json, root, run};
use crate::server::body;
use crate::servers::{Authority, KeepingServer, Signed, kept, profiles, profiles_for, target};

const TOKEN: &str = "s3cret-t0ken";

/// Runs with variables of the environment.
fn with(folder: &Path, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = command(folder, args);
    command.envs(variables.iter().copied());
    run(command, None)
}

fn base() -> String {
    root().join("testdata/captures/sessiond/rate512k/heap_00.pb.gz").display().to_string()
}

/// Writes files, and returns the folder.
fn files(name: &str, texts: &[(&str, &str)]) -> std::path::PathBuf {
    let folder = folder(name);
    texts.iter().for_each(|(name, text)| fs::write(folder.join(name), text).unwrap());
    folder
}

#[test]
fn certificates_are_verified() {
    let (own, other) = (Authority::new(), Authority::new());
    let folder = files("https-certificates", &[("own.pem", &own.pem()), ("other.pem", &other.pem())]);
    let good = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), profiles());
    let expired = KeepingServer::start(Some(own.sign_expired(&["localhost"]).config(None)), profiles());
    let names = ["a.example", "b.example", "c.example", "d.example"];
    let elsewhere = KeepingServer::start(Some(own.sign(&names).config(None)), profiles());
    let both = fs::read_to_string(folder.join("own.pem")).unwrap() + &other.pem();
    fs::write(folder.join("both.pem"), both).unwrap();

    let heap = "/debug/pprof/heap?gc=1";
    let url = |server: &KeepingServer| server.url("https", heap);
    for (variables, args) in [
        (&[][..], &["--cacert", "own.pem"][..]),
        (&[], &["--cacert", "both.pem"]),
        (&[("SSL_CERT_FILE", "both.pem")], &[]),
        (&[("SSL_CERT_FILE", "other.pem")], &["--cacert", "own.pem"]),
    ] {
        let ran = with(&folder, variables, &[&["--json", &base(), &url(&good)], args].concat());
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
        let report: Value = serde_json::from_str(&ran.stdout).unwrap();
        assert_eq!(report["current"]["inputs"], Value::from(vec![url(&good)]));
    }
    let unknown = "its certificate is signed by an unknown authority: --cacert FILE names that authority's certificate, \
                   or the server's own if it signed it itself";
    let days = "days ago: renew it, or check this machine's clock";
    for (server, variables, args, error) in [
        (&good, &[("SSL_CERT_FILE", "other.pem")][..], &[][..], unknown),
        (&good, &[], &["--cacert", "other.pem"], unknown),
        (&good, &[("SSL_CERT_FILE", "none.pem")], &[], "this system has no certificates of authorities"),
        (&expired, &[], &["--cacert", "own.pem"], days),
        (
            &elsewhere,
            &[],
            &["--cacert", "own.pem"],
            "its certificate is for a.example, b.example, c.example and 1 more, not for localhost: use a name that it is for",
        ),
    ] {
        let ran = with(&folder, variables, &[&[base().as_str(), &url(server)], args].concat());
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
        assert!(ran.stderr.starts_with(&format!("error: {}: ", url(server))), "{}", ran.stderr);
        assert!(ran.stderr.contains(error), "{}", ran.stderr);
    }
    // Nothing was asked of those that are not trusted.
    for server in [&expired, &elsewhere] {
        assert!(server.requests().is_empty());
    }
    // A server without TLS answers what it cannot read.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let plain = format!("https://localhost:{}/heap", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            crate::server::send(&mut stream.unwrap(), b"HTTP/1.1 400 Bad Request\r\n\r\n400 Bad Request");
        }
    });
    let ran = with(&folder, &[], &["top", "--insecure", &plain]);
    let error = format!("error: {plain}: the server does not speak TLS; is it an http URL?\n");
    assert!(ran.exit == 2 && ran.stderr.ends_with(&error), "{}", ran.stderr);
    let ran = with(&folder, &[], &[&base(), &good.url("http", heap)]);
    assert!(ran.exit == 2 && ran.stderr.contains("is it an https URL?"), "{}", ran.stderr);
}

#[test]
fn a_server_may_have_signed_its_own_certificate() {
    let itself = Signed::by_itself(&["localhost"]);
    let folder = files("https-own", &[("own.pem", &itself.pem()), ("other.pem", &Authority::new().pem())]);
    let server = KeepingServer::start(Some(itself.config(None)), profiles());
    let url = server.url("https", "/debug/pprof/heap?gc=1");
    let ran = with(&folder, &[], &["top", "--cacert", "own.pem", &url]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let ran = with(&folder, &[], &["top", "--cacert", "other.pem", &url]);
    assert!(ran.exit == 2 && ran.stderr.contains("signed by an unknown authority"), "{}", ran.stderr);
    // As openssl makes it, it says to be an authority's.
    let ran = with(&folder, &[("SSL_CERT_FILE", "other.pem")], &["top", &url]);
    let advice = ": its certificate is self-signed, and not known: --cacert FILE names it\n";
    assert!(ran.exit == 2 && ran.stderr.ends_with(advice), "{}", ran.stderr);
    let elsewhere = Signed::by_itself(&["a.example"]);
    fs::write(folder.join("elsewhere.pem"), elsewhere.pem()).unwrap();
    let server = KeepingServer::start(Some(elsewhere.config(None)), profiles());
    let ran = with(&folder, &[], &["top", "--cacert", "elsewhere.pem", &server.url("https", "/x")]);
    assert!(ran.stderr.contains("its certificate is for a.example, not for localhost"), "{}", ran.stderr);
}

#[test]
fn any_certificate_is_accepted_only_if_asked_for_and_that_is_said() {
    let folder = folder("https-insecure");
    let server = KeepingServer::start(Some(Authority::new().sign_expired(&["x"]).config(None)), profiles());
    let url = server.url("https", "/debug/pprof/heap?gc=1");
    let warning = "warning: --insecure: certificates are not verified, so that anybody between may read the token and \
                   change the profile; --cacert FILE trusts one authority\n";
    let ran = with(&folder, &[], &["--insecure", "--json", &base(), &url]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, warning));
    let report: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_valid(&report);
    let note =
        report["notes"].as_array().unwrap().iter().find(|note| note["code"] == "certificate_unverified").unwrap();
    assert_eq!(note["data"], serde_json::json!({"side": "current", "inputs": [url]}));
    assert_eq!(
        note["message"],
        format!("the current profile may be anybody's: --insecure accepts any certificate: {url}")
    );
    let ran = with(&folder, &[], &["--insecure", &base(), &url]);
    let words = ran.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("--insecure accepts any certificate"), "{words}");
    let ran = with(&folder, &[], &["capture", "--insecure", "--every", "0s", "-o", "out", &server.url("https", "")]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, warning));
    // Files are no servers.
    let ran = with(&folder, &[], &["--insecure", "--json", &base(), "out/heap_01.pb.gz"]);
    assert!(!ran.stdout.contains("certificate_unverified"));
    let ran = with(&folder, &[], &["--insecure", "--cacert", "x", &base(), &url]);
    assert!(ran.exit == 2 && ran.stderr.contains("cannot be used with"), "{}", ran.stderr);
}

#[test]
fn a_client_may_have_a_certificate_of_its_own() {
    let (own, other) = (Authority::new(), Authority::new());
    let (client, stranger) = (own.sign(&["client"]), other.sign(&["client"]));
    let folder = files(
        "https-client",
        &[
            ("ca.pem", &own.pem()),
            ("cert.pem", &client.pem()),
            ("key.pem", &client.key_pem()),
            ("both.pem", &(client.key_pem() + &client.pem())),
            ("stranger.pem", &(stranger.pem() + &stranger.key_pem())),
            ("cut.pem", &client.key_pem()[..60]),
            ("empty.pem", "hello\n"),
        ],
    );
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(Some(&own))), profiles());
    let url = server.url("https", "/debug/pprof/heap?gc=1");
    let fetch = |args: &[&str]| with(&folder, &[], &[&["top", "--cacert", "ca.pem", &url], args].concat());
    for args in [&["--cert", "cert.pem", "--key", "key.pem"][..], &["--cert", "both.pem"]] {
        let ran = fetch(args);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    let asks = format!("error: {url}: the server asks for a certificate of the client: --cert FILE and --key FILE\n");
    for (args, error) in [
        (&[][..], asks.as_str()),
        (&["--cert", "stranger.pem"], &format!("error: {url}: the server does not accept the certificate of --cert\n")),
        (
            &["--cert", "cert.pem"],
            "error: --cert cert.pem: no key in it: --key FILE names the one of this certificate\n",
        ),
        (&["--cert", "cert.pem", "--key", "stranger.pem"], "the certificate of --cert cannot be used: "),
        (
            &["--cert", "cert.pem", "--key", "cut.pem"],
            "error: --key cut.pem: it is cut off: a part of it has no END line\n",
        ),
        (&["--cert", "empty.pem"], "error: --cert empty.pem: no certificate in it; expected PEM, which begins with"),
        (&["--cert", "none.pem"], "error: --cert none.pem: "),
        (&["--key", "key.pem"], "--cert <FILE>"),
    ] {
        let ran = fetch(args);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains(error), "{args:?}: {}", ran.stderr);
    }
}

#[test]
fn tokens_are_sent_and_never_shown() {
    let own = Authority::new();
    let line = format!("Authorization: Bearer {TOKEN}");
    let folder = files(
        "https-token",
        &[
            ("ca.pem", &own.pem()),
            ("token", &format!("\n{line}\nX-Scope-OrgID: 1\n")),
            ("wrong", &format!("A: b\nBearer {TOKEN}\n")),
        ],
    );
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), profiles_for(TOKEN));
    let url = server.url("https", "/debug/pprof/heap?gc=1");
    let of_other = "Authorization: Bearer an-other-t0ken";
    for (variable, args) in [
        ("", &["--header", &line][..]),
        ("", &["--header=@token"]),
        (&line, &[]),
        (of_other, &["--header", &line]),
        (&format!("A: b\n{line}\n"), &["--header", "X-Scope-OrgID: 1", "--header", "X-Scope-OrgID: 2"]),
    ] {
        let ran =
            with(&folder, &[("HEAPDIFF_HEADER", variable)], &[&["top", "--cacert", "ca.pem", &url], args].concat());
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{args:?}");
    }
    let requests = server.requests();
    assert!(requests.iter().all(|head| !head.contains("an-other")));
    assert!(requests[4].to_lowercase().contains("x-scope-orgid: 1\r\nx-scope-orgid: 2\r\n"), "{}", requests[4]);
    let unauthorized = format!(
        "error: {url}: the server returned 401 Unauthorized: the token or password that was sent is refused: is it right, and \
         still valid, and for this server?\n"
    );
    let wrong = "error: --header wrong, line 2: expected NAME: VALUE, such as 'Authorization: Bearer TOKEN'\n";
    let encoded = "Authorization: Basic dXNlcjpzM2NyZXQtdDBrZW4=";
    for (variable, args, error) in [
        (of_other, &[][..], unauthorized.as_str()),
        ("", &["--header", encoded], &unauthorized),
        ("", &["--header", "Authorization: bearer s3cret-t0ken"], &unauthorized),
        (
            "",
            &["--header", "Bearer s3cret-t0ken"],
            "error: --header: expected NAME: VALUE, such as 'Authorization: Bearer TOKEN'\n",
        ),
        ("", &["--header=@wrong"], wrong),
        (
            "",
            &["--header=@none"],
            "error: --header @none, a file with a header a line (Authorization: Bearer TOKEN): No such file",
        ),
        (
            "",
            &["--header", "Content-Length: s3cret-t0ken"],
            "error: --header: content-length is set by heapdiff itself\n",
        ),
        ("s3cret-t0ken", &[], "error: HEAPDIFF_HEADER, line 1: expected NAME: VALUE"),
        ("", &["--header", "A: s3cret-t0ken", "--nosuch"], "unexpected argument"),
    ] {
        let ran =
            with(&folder, &[("HEAPDIFF_HEADER", variable)], &[&["top", "--cacert", "ca.pem", &url], args].concat());
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains(error), "{args:?}: {}", ran.stderr);
        for secret in ["s3cret", "t0ken", "dXNlcjpz"] {
            assert!(!ran.stderr.contains(secret), "{args:?}: {}", ran.stderr);
        }
    }
}

#[test]
fn answers_that_repeat_a_token_are_not_shown() {
    let folder = folder("https-echo");
    let said = format!("Bearer {TOKEN}");
    let texts = [format!("heap profile: {said}"), format!("heap profile: 1: {TOKEN} [2: 3] @ heap/1\n"), said.clone()];
    for text in texts {
        let server = KeepingServer::start(None, move |_| kept("200 OK", "", text.as_bytes()));
        for command in ["top", "memstats"] {
            let url = server.url("http", "/heap");
            let ran = with(&folder, &[], &[command, "--header", &format!("X-Token: {said}"), &url]);
            assert!(ran.exit == 2 && !ran.stderr.contains(TOKEN), "{}", ran.stderr);
        }
    }
}

#[test]
fn redirects_stay_at_the_server() {
    let own = Authority::new();
    let folder = files("https-redirect", &[("ca.pem", &own.pem())]);
    let sign = || Some(own.sign(&["localhost"]).config(None));
    let (other, plain) = (KeepingServer::start(sign(), profiles()), KeepingServer::start(None, profiles()));
    let heap = "/debug/pprof/heap?gc=1";
    let to = [other.url("https", heap), plain.url("http", heap)];
    let server = {
        let (to, mut profiles) = (to.clone(), profiles_for(TOKEN));
        KeepingServer::start(sign(), move |head| match target(head) {
            "/same" => kept("302 Found", &format!("Location: {heap}\r\n"), b"moved"),
            "/other" => kept("302 Found", &format!("Location: {}\r\n", to[0]), b""),
            "/plain" => kept("302 Found", &format!("Location: {}\r\n", to[1]), b""),
            "/down" => kept("302 Found", &format!("Location: http://{}{heap}\r\n", host(head)), b""),
            "/absolute" => kept("307 X", &format!("Location: https://{}{heap}\r\n", host(head)), b""),
            _ => profiles(head),
        })
    };
    let line = format!("Authorization: Bearer {TOKEN}");
    let fetch =
        |path: &str| with(&folder, &[], &["top", "--cacert", "ca.pem", "--header", &line, &server.url("https", path)]);
    for path in ["/same", "/absolute"] {
        let ran = fetch(path);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{path}");
    }
    for path in ["/other", "/plain", "/down"] {
        let ran = fetch(path);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains("which is not followed to another server"), "{}", ran.stderr);
    }
    assert_eq!((other.connections(), plain.connections()), (0, 0));
}

fn host(head: &str) -> &str {
    head.split("\r\nHost: ").nth(1).unwrap().lines().next().unwrap()
}

#[test]
fn connections_are_kept_between_snapshots() {
    let own = Authority::new();
    let folder = files("https-kept", &[("ca.pem", &own.pem())]);
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), profiles());
    let args =
        ["capture", "--cacert", "ca.pem", "-o", "out", "--every", "0s", "--count", "3", &server.url("https", "")];
    let ran = with(&folder, &[], &args);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!((server.connections(), server.requests().len()), (1, 15));
    // A server that closes without a word what it seemed to keep is asked again, without a warning.
    let mut count = 0;
    let mut profiles = profiles();
    let server = KeepingServer::start(None, move |head| {
        count += 1;
        if count % 4 == 0 { Vec::new() } else { profiles(head) }
    });
    let args = ["capture", "-o", "closed", "--every", "0s", "--count", "3", &server.url("http", "")];
    let ran = with(&folder, &[], &args);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert_eq!(server.requests().len(), 15 + 4);
}

#[test]
fn every_command_that_reads_profiles_takes_the_options() {
    let own = Authority::new();
    let folder = files("https-commands", &[("ca.pem", &own.pem())]);
    let mut count = 0;
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), move |head| {
        if !head.contains("\r\nAuthorization: Bearer s3cret-t0ken\r\n") {
            return kept("401 Unauthorized", "", b"");
        }
        let target = target(head);
        let number = target.split("number=").nth(1).map_or(count, |number| number.parse().unwrap());
        count += usize::from(target.ends_with("heap?debug=1&gc=1"));
        let target = if target.contains("number=") { "/debug/pprof/heap?gc=1" } else { target };
        // After three snapshots it goes away.
        if count > 3 { Vec::new() } else { kept("200 OK", "", &body(target, number).unwrap()) }
    });
    let url = |number: usize| server.url("https", &format!("/debug/pprof/heap?number={number}"));
    let (first, middle, last) = (url(0), url(3), url(6));
    let text = server.url("https", "/debug/pprof/heap?debug=1&gc=1");
    let program = server.url("https", "");
    let base = base();
    let runs: [(&[&str], i32); 14] = [
        (&["diff", &first, &last], 0),
        (&["check", &first, &last], 1),
        (&["top", &last], 0),
        (&["list", "main", &first, &last], 0),
        (&["peek", "main", &first, &last], 0),
        (&["stacks", &first, &last], 0),
        (&["flame", "-o", "flame.svg", &first, &last], 0),
        (&["report", "-o", "page.html", &first, &last], 0),
        (&["calibrate", &first, &middle, &last], 0),
        (&["capture", "-o", "captured", "--every", "0s", "--count", "1", &program], 0),
        (&["diff", &base, &program], 0),
        (&["top", &program], 0),
        (&["watch", "-o", "watched", "--every", "0s", "--retries", "0", &program], 0),
        (&["memstats", &text], 2),
    ];
    let line = format!("Authorization: Bearer {TOKEN}");
    let mut commands_to_servers = 0;
    for (args, exit) in runs {
        let ran = with(&folder, &[], &[args, &["--cacert", "ca.pem", "--header", &line]].concat());
        let shown = format!("{args:?}: {}{}", ran.stdout, ran.stderr);
        assert_eq!(ran.exit, exit, "{shown}");
        assert!(!shown.contains("401") && !shown.contains("certificate") && !shown.contains(TOKEN), "{shown}");
        // What is to be run next reaches the server as well.
        let next = ran.stdout.lines().filter(|line| line.contains(" heapdiff ") && line.contains("https://"));
        let is_complete = |line: &str| line.contains("--header @FILE --cacert ca.pem") && !line.contains('…');
        let next: Vec<_> = next.map(is_complete).collect();
        assert!(next.iter().all(|is_complete| *is_complete), "{shown}");
        commands_to_servers += next.len();
    }
    assert_eq!(commands_to_servers, 8);
    assert!(folder.join("captured/heap_00.pb.gz").exists() && folder.join("watched/heap_000001.pb.gz").exists());
}

#[test]
fn a_body_that_ends_without_a_word_of_tls_is_cut_off() {
    let own = Authority::new();
    let folder = files("https-cut", &[("ca.pem", &own.pem())]);
    let text = body("/debug/pprof/heap?debug=1&gc=1", 0).unwrap();
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), move |_| {
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", &text[..]].concat()
    });
    let ran = with(&folder, &[], &["top", "--cacert", "ca.pem", &server.url("https", "/heap")]);
    assert!(ran.exit == 2 && ran.stderr.contains("the response is cut off"), "{}", ran.stderr);
}

#[test]
fn a_server_that_says_nothing_in_tls_is_late() {
    let folder = folder("https-late");
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    std::thread::spawn(move || {
        let streams: Vec<_> = listener.incoming().collect();
        drop(streams);
    });
    let start = std::time::Instant::now();
    let ran = with(&folder, &[], &["capture", "--insecure", "--timeout", "300ms", "--retries", "0", &url]);
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(ran.exit == 2 && ran.stderr.ends_with("no complete response within 0.3 s\n"), "{}", ran.stderr);
}

#[test]
fn a_capture_over_https_compares_as_its_files() {
    let own = Authority::new();
    let folder = files("https-compared", &[("ca.pem", &own.pem())]);
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), profiles());
    let url = server.url("https", "");
    let ran = with(&folder, &[], &["capture", "--cacert", "ca.pem", "-o", "out", "--every", "0s", &url]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    let report = json(&folder, &["out/heap_00.pb.gz", "out/heap_01.pb.gz"]);
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let file = |number| captures.join(format!("heap_0{number}.pb.gz")).display().to_string();
    assert_eq!(report["sites"], json(&folder, &[&file(0), &file(1)])["sites"]);
    let manifest = fs::read_to_string(folder.join("out/manifest.json")).unwrap();
    assert!(manifest.contains(&server.url("https", "/debug/pprof/")), "{manifest}");
}

#[test]
fn a_capture_names_the_options_for_the_next_one() {
    let own = Authority::new();
    let folder = files("https-again", &[("ca.pem", &own.pem()), ("a token", "X-Token: s3cret\n")]);
    let server = KeepingServer::start(Some(own.sign(&["localhost"]).config(None)), profiles());
    let url = server.url("https", "");
    let capture = |options: &[&str], output: &str| {
        let ran =
            with(&folder, &[], &[&["capture", "--every", "0s", "--count", "1", "-o", output, &url], options].concat());
        let manifest = fs::read(folder.join(output).join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
        assert_eq!(ran.exit, 0, "{}", ran.stderr);
        (ran.stdout, manifest["insecure"].clone())
    };
    let (text, insecure) = capture(&["--cacert", "ca.pem", "--header", "@a token", "--header", "X-Other: s3cret"], "a");
    assert!(text.contains("Next:\n  # FILE: a file with the header, as NAME: VALUE\n  # what is alive\n"), "{text}");
    let options = "/debug/pprof/ --header '@a token' --header @FILE --cacert ca.pem";
    assert!(text.contains(&format!("{options} --count 9\n")) && text.contains(&format!("{options}\n")), "{text}");
    assert!(!text.contains("s3cret") && insecure == false, "{text}");
    let (text, insecure) = capture(&["--insecure"], "b");
    assert!(text.contains("/debug/pprof/ --insecure --count 9\n") && insecure == true, "{text}");
}
