//! An HTTP server that answers as a test wants.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use crate::proto::{Layout, Profile};
use crate::run::{gzip, root};

/// A server that runs until the tests end.
pub struct Server {
    /// `127.0.0.1:PORT`
    pub address: String,
    /// The heads of the requests so far.
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers each request with `answer`, which gets its number and target, and closes the connection.
    pub fn start(mut answer: impl FnMut(usize, &str, &mut TcpStream) + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let log = requests.clone();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let mut stream = stream.unwrap();
                let head = head(&mut stream);
                log.lock().unwrap().push(head.clone());
                let target = head.split(' ').nth(1).unwrap_or_default();
                answer(number, target, &mut stream);
            }
        });
        Server { address, requests }
    }

    /// Answers every request with the same bytes.
    pub fn saying(answer: impl Into<Vec<u8>>) -> Server {
        let answer = answer.into();
        Server::start(move |_, _, stream| send(stream, &answer))
    }

    /// Serves profiles as `net/http/pprof` does, a later heap for each snapshot, except those that `lacks` names.
    pub fn pprof(lacks: &'static [&'static str]) -> Server {
        let mut snapshot = 0;
        Server::start(move |_, target, stream| {
            if target.ends_with("heap?debug=1&gc=1") {
                snapshot += 1;
            }
            let body = body(target, snapshot).filter(|_| !lacks.iter().any(|lacking| target.ends_with(lacking)));
            send(stream, &body.map_or_else(unknown, |body| ok("", &body)));
        })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The heads of the requests since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// The targets of the requests since the last call.
    pub fn targets(&self) -> Vec<String> {
        self.requests().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

/// A request up to its empty line.
pub fn head(stream: &mut impl Read) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).is_ok_and(|read| read > 0) {
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// Sends it; the client may have gone.
pub fn send(stream: &mut TcpStream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// An answer with its length, and with more headers, each with its line break.
pub fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

pub fn unknown() -> Vec<u8> {
    let head = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 16\r\nConnection: close\r\n\r\n";
    format!("{head}Unknown profile\n").into_bytes()
}

/// The body that a program serves at `target` for its `snapshot`-th snapshot.
pub fn body(target: &str, snapshot: usize) -> Option<Vec<u8>> {
    let captures = root().join("testdata/captures/sessiond/rate512k");
    let read = |name: &str| std::fs::read(captures.join(name)).unwrap();
    Some(match target.strip_prefix("/debug/pprof/")? {
        "heap?gc=1" => read(&format!("heap_{:02}.pb.gz", snapshot % 7)),
        "heap?debug=1&gc=1" => b"heap profile: 1: 64 [2: 128] @ heap/1048576\n1: 64 [2: 128] @ 0x1\n\n# runtime.MemStats\n# NumGC = 1\n# DebugGC = false\n# MaxRSS = 7\n"
            .to_vec(),
        "goroutine" => read("goroutine_00.pb.gz"),
        "threadcreate" => {
            let mut profile = Profile::with_types(&["threadcreate/count"]);
            profile.period_type = Some(profile.sample_type[0].clone());
            profile.live(&[&[("runtime.newm", "runtime/proc.go", 1, 2)]], 0, 0);
            profile.sample[0].value = vec![9];
            gzip(&profile.encode(Layout::Go))
        }
        _ => return None,
    })
}
