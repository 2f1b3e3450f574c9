//! Errors of fetching a URL.

use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use thiserror::Error;

use super::certificate::why_refused;
use crate::input::secrets::Secrets;
use crate::input::url::UrlError;

/// What is said instead of what a server wrote, which may repeat what it was sent.
const NOT_SHOWN: &str = "(not shown, as it may repeat what is secret in the request)";

/// An error of fetching a URL.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The URL is invalid.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The URL has something that no server can be asked for.
    #[error("not a valid URL; expected one such as http://localhost:6060/debug/pprof/heap")]
    InvalidUrl,
    /// Sockets in the file system, which this platform lacks.
    #[error("sockets (unix:) are for Unix only; expected a URL such as http://localhost:6060")]
    NoSockets,
    /// The client itself cannot be set up.
    #[error("no request can be made: {0}")]
    Client(String),
    /// The host has no address.
    #[error("the host cannot be looked up: {0}")]
    Lookup(String),
    /// The server cannot be reached.
    #[error("cannot connect: {}{}", .0, if_refused(.0))]
    Connect(io::Error),
    /// It took too long.
    #[error("no complete response within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The server closed the connection before the answer began, or within its head.
    #[error("the server closed the connection without a response")]
    NoAnswer,
    /// Something that is not HTTP.
    #[error("the server does not speak HTTP/1.1 ({said}){}", if *.may_be_tls { "; is it an https URL?" } else { "" })]
    NotHttp {
        /// What is wrong with it.
        said: String,
        /// Whether it may be TLS instead.
        may_be_tls: bool,
    },
    /// Something that is not TLS.
    #[error("the server does not speak TLS; is it an http URL?")]
    NotTls,
    /// The certificate of the server is not accepted.
    #[error("{}", why_refused(.0))]
    Certificate(rustls::CertificateError),
    /// The server asks for the certificate of the client, or does not accept it.
    #[error("the server {}", match .0 { true => "does not accept the certificate of --cert", false => "asks for a certificate of the client: --cert FILE and --key FILE" })]
    ClientCertificate(bool),
    /// Another error of TLS.
    #[error("no TLS connection: {0}")]
    Tls(rustls::Error),
    /// The system has no certificates of authorities.
    #[error("this system has no certificates of authorities ({0}): --cacert FILE names some, or SSL_CERT_FILE")]
    NoAuthorities(rustls::Error),
    /// A certificate of an authority that cannot be read.
    #[error("a certificate of --cacert cannot be read: {0}")]
    Authority(rustls::Error),
    /// A certificate of the client that does not fit its key.
    #[error("the certificate of --cert cannot be used: {0}")]
    OwnCertificate(rustls::Error),
    /// The environment names no proxy where one is expected.
    #[error("the variable {0} is not the URL of a proxy; expected one such as http://proxy.example:3128")]
    ProxyVariable(&'static str),
    /// The proxy does not pass the request on.
    #[error("the proxy {proxy} {said}")]
    Proxy {
        /// The proxy, and the variable that names it.
        proxy: String,
        /// What is wrong.
        said: String,
    },
    /// The server refused.
    #[error("the server{} returned {code}{}{}", asked_through(.proxy), reason(*.code), explained(*.code, .text, *.is_authorized))]
    Status {
        /// The code.
        code: u16,
        /// The text of the response.
        text: String,
        /// The proxy that it was asked through, and may be the answer's.
        proxy: Option<String>,
        /// Whether it was sent something secret, such as a token.
        is_authorized: bool,
    },
    /// The server redirects to another one.
    #[error(
        "the server redirects to {to}, which is not followed to another server or protocol; give that URL if you mean it"
    )]
    OtherServer {
        /// The URL.
        to: String,
    },
    /// The server redirects to something that is not a URL.
    #[error("the server redirects to something else: {0}")]
    Redirect(UrlError),
    /// The server redirects without a location, or too often.
    #[error("the server redirects to nowhere")]
    Nowhere,
    /// A header that is not supported.
    #[error("the response cannot be read: its header {name} is {value:?}")]
    Header {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: String,
    },
    /// The body is too large.
    #[error("the response is larger than the limit of {limit} B")]
    TooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// The body is shorter than announced.
    #[error("the response is cut off: the server closed the connection{}", missing.map_or_else(|| " within it".to_owned(), |bytes| format!(", {bytes} B too early")))]
    Cut {
        /// Missing bytes, if known.
        missing: Option<u64>,
    },
    /// The body has nothing in it.
    #[error("the response is empty; expected a profile")]
    Empty,
    /// A malformed chunk.
    #[error("the response is damaged: its chunks do not say how long they are")]
    Chunk,
}

/// What to look at if nobody listens there.
fn if_refused(error: &io::Error) -> &'static str {
    if error.kind() == io::ErrorKind::ConnectionRefused { "; is the program running, and at this address?" } else { "" }
}

impl FetchError {
    /// What happened, in a few words, if the same request may succeed a little later; `None` if it will not.
    pub fn transient(&self) -> Option<String> {
        Some(match self {
            FetchError::Connect(error) if error.kind() == io::ErrorKind::ConnectionRefused => "refused".to_owned(),
            FetchError::Connect(_) | FetchError::Lookup(_) => "cannot connect".to_owned(),
            FetchError::Timeout(after) => format!("no answer within {} s", after.as_secs_f64()),
            FetchError::Broken(_) | FetchError::Cut { .. } => "the connection broke".to_owned(),
            FetchError::NoAnswer => "no answer".to_owned(),
            FetchError::Status { code, .. } if is_busy(*code) => {
                format!("the server returned {code}{}", reason(*code))
            }
            _ => return None,
        })
    }

    /// The error without what the server wrote itself, which was sent these `secrets` and may repeat them.
    pub(super) fn without_text_of_server(self, secrets: &Secrets) -> Self {
        match self {
            FetchError::Status { code, proxy, .. } => {
                FetchError::Status { code, text: String::new(), proxy, is_authorized: true }
            }
            FetchError::OtherServer { to } => {
                let host = to.split_inclusive('/').take(3).collect::<String>();
                let to = if host == to { host } else { format!("{host}…") };
                FetchError::OtherServer { to: if secrets.may_be_in(&to) { NOT_SHOWN.to_owned() } else { to } }
            }
            FetchError::Header { name, .. } => FetchError::Header { name, value: NOT_SHOWN.to_owned() },
            other => other,
        }
    }

    /// Whether nobody was reached.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, FetchError::Connect(_) | FetchError::Lookup(_))
    }

    /// Whether the server has no such page.
    pub fn is_not_found(&self) -> bool {
        matches!(self, FetchError::Status { code: 404, .. })
    }
}

/// The usual name of a status, after a space; what the server calls it is not shown.
fn reason(code: u16) -> String {
    let usual = StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason());
    usual.map_or_else(String::new, |reason| format!(" {reason}"))
}

fn asked_through(proxy: &Option<String>) -> String {
    proxy.as_ref().map_or_else(String::new, |proxy| format!(", asked through the proxy {proxy},"))
}

/// The text of an answer, and advice.
fn explained(code: u16, text: &str, is_authorized: bool) -> String {
    let is_of_tls = ["HTTPS server", "HTTPS port"].iter().any(|said| text.contains(said));
    let advice = match code {
        400 if is_of_tls => "give an https URL",
        401 | 403 if is_authorized => {
            "the token or password that was sent is refused: is it right, and still valid, and for this server?"
        }
        401 | 403 => {
            "send a token with --header 'Authorization: Bearer TOKEN', or a password as in http://USER:PASSWORD@HOST"
        }
        404 => "is net/http/pprof imported, and served at this address?",
        407 => "give the proxy's user and password in its variable, as in http://USER:PASSWORD@PROXY",
        _ => "",
    };
    let parts: Vec<_> = [text.trim_end_matches('.'), advice].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
}

/// Whether a server with this status asks to come again.
fn is_busy(code: u16) -> bool {
    [408, 429, 500, 502, 503, 504].contains(&code)
}

impl From<FetchError> for io::Error {
    fn from(error: FetchError) -> Self {
        io::Error::other(error)
    }
}
