//! Other ways to a server: proxies that the environment names, and sockets in the file system.

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::{fs, io, thread};

use crate::run::{Ran, command, folder, run};
use crate::server::{head, send};
use crate::servers::{Authority, KeepingServer, profiles};

/// A proxy on this machine, for names that only it knows: all are this machine.
struct Proxy {
    port: u16,
    /// The heads of the requests so far.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// `credentials`: what it asks for, if anything.
    fn start(credentials: Option<&'static str>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let log = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (mut stream, log) = (stream.unwrap(), log.clone());
                thread::spawn(move || {
                    let head = head(&mut stream);
                    log.lock().unwrap().push(head.clone());
                    if credentials.is_some_and(|credentials| !head.to_lowercase().contains(&credentials.to_lowercase()))
                    {
                        send(&mut stream, b"HTTP/1.1 407 Who\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                        return;
                    }
                    pass(&head, stream);
                });
            }
        });
        Proxy { port, requests }
    }

    fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

/// Passes a request on: a connection as a whole (CONNECT), or a request for a whole URL.
fn pass(head: &str, mut client: TcpStream) {
    let whole = head.split(' ').nth(1).unwrap();
    let is_tunnel = head.starts_with("CONNECT ");
    let authority = whole.trim_start_matches("http://").split('/').next().unwrap();
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", authority.rsplit(':').next().unwrap().parse().unwrap()))
    else {
        return send(&mut client, b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    if is_tunnel {
        send(&mut client, b"HTTP/1.1 200 OK\r\n\r\n");
    } else {
        assert!(whole.starts_with("http://"), "{head}");
        let target = &whole["http://".len() + authority.len()..];
        server.write_all(head.replacen(whole, target, 1).as_bytes()).unwrap();
    }
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || drop(io::copy(&mut from, &mut to)));
    let _ = io::copy(&mut server, &mut client);
}

fn with(folder: &std::path::Path, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = command(folder, args);
    command.envs(variables.iter().copied());
    run(command, None)
}

#[test]
fn requests_go_through_the_proxy_of_the_environment() {
    let own = Authority::new();
    let folder = folder("proxies");
    fs::write(folder.join("ca.pem"), own.pem()).unwrap();
    let plain = KeepingServer::start(None, profiles());
    let secure = KeepingServer::start(Some(own.sign(&["service.example"]).config(None)), profiles());
    let proxy = Proxy::start(None);
    let guarded = Proxy::start(Some("\r\nProxy-Authorization: Basic bWU6cGFzcy13MHJk\r\n"));
    let at = |proxy: &Proxy, user: &str| format!("http://{user}127.0.0.1:{}", proxy.port);
    let heap = "/debug/pprof/heap?gc=1";
    let http = format!("http://service.example:{}{heap}", plain.port);
    let https = format!("https://service.example:{}{heap}", secure.port);
    let fetch = |variables: &[(&str, &str)], url: &str| with(&folder, variables, &["top", "--cacert", "ca.pem", url]);
    for (proxy, url) in [(&proxy, at(&proxy, "")), (&guarded, at(&guarded, "me:pass-w0rd@"))] {
        let ran = fetch(&[("HTTP_PROXY", &url)], &http);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        assert!(proxy.requests()[0].starts_with(&format!("GET {http} HTTP/1.1\r\n")));
        let ran = fetch(&[("https_proxy", &url)], &https);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
        assert!(proxy.requests()[0].starts_with(&format!("CONNECT service.example:{} HTTP/1.1\r\n", secure.port)));
        let ran = fetch(&[("ALL_PROXY", &url)], &http);
        assert_eq!((ran.exit, proxy.requests().len()), (0, 1), "{}", ran.stderr);
    }
    // A snapshot takes one connection through the proxy, too.
    let args = ["capture", "-o", "out", "--every", "0s", "--cacert", "ca.pem", &https[..https.len() - heap.len()]];
    let ran = with(&folder, &[("HTTPS_PROXY", &at(&proxy, ""))], &args);
    assert_eq!((ran.exit, ran.stderr.as_str(), proxy.requests().len()), (0, "", 1));

    // Without the proxy nobody knows the name.
    let unknown = "the host cannot be looked up";
    let refused = TcpListener::bind("127.0.0.1:0").unwrap();
    let nobody = format!("http://me:pass-w0rd@127.0.0.1:{}", refused.local_addr().unwrap().port());
    drop(refused);
    let (open, shut) = (at(&proxy, ""), at(&guarded, "me:wr0ng-pass@"));
    let shown = |proxy: &Proxy, variable: &str| format!("the proxy http://127.0.0.1:{} ({variable})", proxy.port);
    let gone = format!("http://service.example:{}/", nobody.rsplit(':').next().unwrap());
    for (variables, url, error) in [
        (&[("NO_PROXY", "x, service.example"), ("HTTP_PROXY", &open)][..], &http, unknown),
        (&[("HTTPS_PROXY", &open)], &http, unknown),
        (
            &[("HTTPS_PROXY", &shut)],
            &https,
            &format!(
                "{} asks for a user and a password: give them in the variable, as in http://USER:PASSWORD@PROXY",
                shown(&guarded, "HTTPS_PROXY")
            ),
        ),
        (
            &[("HTTP_PROXY", &shut)],
            &http,
            &format!(
                "the server, asked through {}, returned 407 Proxy Authentication Required: give the proxy's user and \
                 password in its variable",
                shown(&guarded, "HTTP_PROXY")
            ),
        ),
        (&[("HTTP_PROXY", &nobody)], &http, "(HTTP_PROXY) cannot be used: "),
        (&[("HTTPS_PROXY", &open)], &gone.replace("http:", "https:"), "does not connect to the server"),
        (&[("HTTP_PROXY", &open)], &gone, "returned 502 Bad Gateway"),
        (&[("HTTP_PROXY", "gopher://pass-w0rd@x")], &http, "the variable HTTP_PROXY is not the URL of a proxy"),
    ] {
        let ran = fetch(variables, url);
        assert_eq!((ran.exit, ran.stdout.as_str()), (2, ""));
        assert!(ran.stderr.contains(error), "{error}: {}", ran.stderr);
        assert!(!ran.stderr.contains("w0rd") && !ran.stderr.contains("wr0ng"), "{}", ran.stderr);
    }
    // This machine is reached without one.
    let ran = fetch(&[("HTTP_PROXY", &nobody), ("ALL_PROXY", &nobody)], &plain.url("http", heap));
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn servers_may_be_at_sockets() {
    let folder = folder("sockets");
    // The path of a socket is at most 108 bytes.
    let short = std::env::temp_dir().join(format!("heapdiff-{}.sock", std::process::id()));
    let _ = fs::remove_file(&short);
    let server = KeepingServer::at_socket(&short, profiles());
    let socket = short.to_str().unwrap();
    for url in [format!("unix:{socket}"), format!("unix://{socket}:/debug/pprof/heap?gc=1")] {
        let ran = with(&folder, &[("HTTP_PROXY", "http://127.0.0.1:1")], &["--json", "top", &url]);
        assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""), "{url}");
    }
    assert!(server.requests()[0].contains("\r\nHost: localhost\r\n"));
    let ran = with(&folder, &[], &["capture", "--every", "0s", "-o", "out", &format!("unix:{socket}")]);
    assert_eq!((ran.exit, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains(&format!("heapdiff capture unix:{socket}:/debug/pprof/ --count 9")), "{}", ran.stdout);
    assert_eq!(server.requests().len(), 10);
    fs::remove_file(&short).unwrap();
    let ran = with(&folder, &[], &["capture", "-o", "none", &format!("unix:{socket}")]);
    let error = format!("error: unix:{socket}:/debug/pprof/heap?gc=1: cannot connect: No such file or directory");
    assert!(ran.exit == 2 && ran.stderr.starts_with(&error), "{}", ran.stderr);
}
