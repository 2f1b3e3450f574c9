//! GET over HTTP/1.1, of one profile at a time from a server that may be slow, broken or malicious.
//!
//! In: a URL and limits. Out: the body of the response, or an error. No TLS, no proxies; connections are not reused.
//!
//! Hand-written: `Cargo.toml` compares its size with that of libraries. A library parses heads and chunk sizes, where
//! parsers go wrong.

use std::io::{self, BufReader, Cursor, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use super::body::{Body, Framing};
use super::fetch_error::FetchError;
use super::secrets::Secrets;
use super::url::Url;

/// Limits on the time and size of a response.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Time from looking up the host to the last byte.
    pub timeout: Duration,
    /// Maximum size of the body, bytes.
    pub size: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { timeout: Duration::from_secs(60), size: 1 << 30 }
    }
}

const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 100;
const MAX_REDIRECTS: usize = 5;
/// Bytes of the text of an error response that are read.
const MAX_TEXT: u64 = 200;

/// Fetches `url`.
///
/// # Errors
///
/// If there is no response with status 200; errors of the body come up as it is read.
pub fn get(url: &Url, limits: Limits) -> Result<impl Read + use<>, FetchError> {
    let deadline = Deadline { at: Instant::now() + limits.timeout, timeout: limits.timeout };
    let mut url = url.clone();
    let secrets = Secrets::of(&url);
    let hide = |error: FetchError| if secrets.is_empty() { error } else { error.without_text_of_server(&secrets) };
    for _ in 0..=MAX_REDIRECTS {
        let (head, rest) = ask(&url, deadline)?;
        match head.status {
            200 => {
                return Ok(Body::new(
                    BufReader::new(rest),
                    head.framing(limits.size).map_err(hide)?,
                    head.is_gzipped().map_err(hide)?,
                    limits.size,
                ));
            }
            301 | 302 | 303 | 307 | 308 => {
                let location = head.header("location").ok_or(FetchError::Nowhere)?;
                let to = url.redirect(location).map_err(FetchError::Redirect)?;
                if !to.is_on_host_of(&url) {
                    return Err(hide(FetchError::OtherServer { to: to.to_string() }));
                }
                url = to;
            }
            _ => return Err(hide(head.refusal(rest))),
        }
    }
    Err(FetchError::Nowhere)
}

/// The time at which a response is given up.
#[derive(Debug, Clone, Copy)]
struct Deadline {
    at: Instant,
    timeout: Duration,
}

impl Deadline {
    fn left(self) -> Result<Duration, FetchError> {
        let left = self.at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(FetchError::Timeout(self.timeout)) } else { Ok(left) }
    }

    /// An error of the connection: a timeout, which has either of two kinds, or `other`.
    fn error(self, error: io::Error, other: fn(io::Error) -> FetchError) -> FetchError {
        match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => FetchError::Timeout(self.timeout),
            _ => other(error),
        }
    }
}

/// A connection, read until the deadline.
struct Connection {
    stream: TcpStream,
    deadline: Deadline,
}

impl Read for Connection {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(Some(self.deadline.left()?))?;
        match self.stream.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            read => read.map_err(|error| self.deadline.error(error, FetchError::Broken).into()),
        }
    }
}

type Rest = io::Chain<Cursor<Vec<u8>>, Connection>;

/// Sends the request, and reads the head of the response.
fn ask(url: &Url, deadline: Deadline) -> Result<(Head, Rest), FetchError> {
    let mut stream = connect(url, deadline)?;
    let mut request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: heapdiff/{}\r\nAccept: */*\r\nAccept-Encoding: identity\r\nConnection: close\r\n",
        url.target,
        url.authority(),
        env!("CARGO_PKG_VERSION"),
    );
    if let Some(authorization) = &url.authorization {
        request.push_str(&format!("Authorization: {authorization}\r\n"));
    }
    request.push_str("\r\n");
    stream.set_write_timeout(Some(deadline.left()?)).map_err(FetchError::Broken)?;
    stream.write_all(request.as_bytes()).map_err(|error| deadline.error(error, FetchError::Broken))?;
    read_head(Connection { stream, deadline })
}

/// Connects to the first of the host's addresses that answers.
fn connect(url: &Url, deadline: Deadline) -> Result<TcpStream, FetchError> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "it has no address");
    for address in look_up(url, deadline)? {
        match TcpStream::connect_timeout(&address, deadline.left()?) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(deadline.error(last, FetchError::Connect))
}

/// The host's addresses. The system's resolver has no deadline: if it is late, it is left running and ignored.
fn look_up(url: &Url, deadline: Deadline) -> Result<Vec<SocketAddr>, FetchError> {
    let (done, wait) = channel::<()>();
    let address = (url.host.clone(), url.port);
    let look_up = move || {
        let found = address.to_socket_addrs().map(Iterator::collect);
        // Fails if the deadline has passed.
        let _ = done.send(());
        found
    };
    let found = thread::Builder::new().spawn(look_up).map_err(FetchError::Lookup)?;
    let timeout = FetchError::Timeout(deadline.timeout);
    wait.recv_timeout(deadline.left()?).map_err(|_| timeout)?;
    found.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(FetchError::Lookup)
}

/// The head of a response.
struct Head {
    status: u16,
    reason: String,
    headers: Vec<(String, String)>,
}

/// Reads a head. Bytes of the body that were read with it come first in the rest.
fn read_head(mut connection: Connection) -> Result<(Head, Rest), FetchError> {
    let mut read = Vec::new();
    let mut buffer = [0; 4 << 10];
    loop {
        if let Some((head, length)) = parse(&read)? {
            read.drain(..length);
            // Interim responses, such as 103 Early Hints, are skipped.
            if head.status >= 200 {
                return Ok((head, Cursor::new(read).chain(connection)));
            }
            continue;
        }
        if read.len() > MAX_HEAD {
            return Err(FetchError::NotHttp("its head does not end"));
        }
        match connection.read(&mut buffer) {
            Ok(0) if read.is_empty() => return Err(FetchError::NoAnswer),
            Ok(0) => return Err(FetchError::Cut { missing: None }),
            Ok(length) => read.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.downcast().unwrap_or_else(FetchError::Broken)),
        }
    }
}

/// Parses a head; also returns its length. `None` if it is incomplete.
fn parse(bytes: &[u8]) -> Result<Option<(Head, usize)>, FetchError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::Version) => return Err(FetchError::NotHttp("of version 1")),
        Err(httparse::Error::TooManyHeaders) => return Err(FetchError::NotHttp("it has too many headers")),
        Err(_) => return Err(FetchError::NotHttp("its head is malformed")),
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let head = Head {
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        headers: response.headers.iter().map(|header| (header.name.to_owned(), text(header.value))).collect(),
    };
    Ok(Some((head, length)))
}

impl Head {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// How the end of the body is found. Refuses a length above `limit`.
    fn framing(&self, limit: u64) -> Result<Framing, FetchError> {
        if let Some(coding) = self.header("transfer-encoding") {
            let is_chunked = coding.trim().eq_ignore_ascii_case("chunked");
            let wrong = || FetchError::Header { name: "Transfer-Encoding", value: coding.to_owned() };
            return is_chunked.then_some(Framing::Chunk(0)).ok_or_else(wrong);
        }
        let mut lengths = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
        let Some((_, first)) = lengths.next() else { return Ok(Framing::Close) };
        let wrong = |value: &str| FetchError::Header { name: "Content-Length", value: value.to_owned() };
        if let Some((_, other)) = lengths.find(|(_, other)| other != first) {
            return Err(wrong(&format!("{first}, {other}")));
        }
        let digits = first.bytes().all(|byte| byte.is_ascii_digit());
        let length: u64 = first.parse().ok().filter(|_| digits).ok_or_else(|| wrong(first))?;
        if length > limit { Err(FetchError::TooLarge { limit }) } else { Ok(Framing::Length(length)) }
    }

    /// Whether the server compressed it for the transfer, although that was not requested.
    fn is_gzipped(&self) -> Result<bool, FetchError> {
        match self.header("content-encoding").map(|coding| coding.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Ok(false),
            Some("gzip" | "x-gzip") => Ok(true),
            Some(other) => Err(FetchError::Header { name: "Content-Encoding", value: other.to_owned() }),
        }
    }

    /// The error for this response, with the first line of its text.
    fn refusal(&self, rest: Rest) -> FetchError {
        let is_text = self.header("content-type").is_none_or(|kind| kind.starts_with("text/plain"));
        let mut said = Vec::new();
        if is_text && let Ok(framing) = self.framing(u64::MAX) {
            // A text that cannot be read is left out.
            let _ = Body::new(BufReader::new(rest), framing, false, u64::MAX).take(MAX_TEXT).read_to_end(&mut said);
        }
        let said = String::from_utf8_lossy(&said);
        let first = said.lines().next().unwrap_or_default().trim();
        let repeats = first == self.reason || first.starts_with(&self.status.to_string());
        FetchError::Status {
            code: self.status,
            reason: self.reason.trim().to_owned(),
            text: if repeats { String::new() } else { first.to_owned() },
        }
    }
}
