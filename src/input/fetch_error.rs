//! Errors of fetching a URL.

use std::io;
use std::time::Duration;

use thiserror::Error;

use super::secrets::Secrets;
use super::url::UrlError;

/// What is said instead of what a server wrote, which may repeat what it was sent.
const NOT_SHOWN: &str = "(not shown, as it may repeat the password or the query)";

/// An error of fetching a URL.
#[derive(Debug, Error)]
pub enum FetchError {
    /// The URL is invalid.
    #[error(transparent)]
    Url(#[from] UrlError),
    /// The host has no address.
    #[error("the host cannot be looked up: {0}")]
    Lookup(io::Error),
    /// The server cannot be reached.
    #[error("cannot connect: {0}")]
    Connect(io::Error),
    /// It took too long.
    #[error("no complete response within {} s", .0.as_secs_f64())]
    Timeout(Duration),
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Broken(io::Error),
    /// The server closed the connection before the answer began.
    #[error("the server closed the connection without a response")]
    NoAnswer,
    /// Something that is not HTTP.
    #[error("the server does not speak HTTP ({0})")]
    NotHttp(&'static str),
    /// The server refused.
    #[error("the server returned {code}{}{reason}{}", space_before(.reason), explained(*.code, .text))]
    Status {
        /// The code.
        code: u16,
        /// What the server calls it.
        reason: String,
        /// The text of the response.
        text: String,
    },
    /// The server redirects to another one.
    #[error("the server redirects to {to}, another server, which is not followed; give that URL if you mean it")]
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
    /// A header that contradicts itself or is not supported.
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
    /// A malformed chunk.
    #[error("the response is damaged: its chunks do not say how long they are")]
    Chunk,
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
            FetchError::Status { code, reason, .. } if is_busy(*code) => {
                format!("the server returned {code}{}{reason}", space_before(reason))
            }
            FetchError::Url(_)
            | FetchError::NotHttp(_)
            | FetchError::Status { .. }
            | FetchError::OtherServer { .. }
            | FetchError::Redirect(_)
            | FetchError::Nowhere
            | FetchError::Header { .. }
            | FetchError::TooLarge { .. }
            | FetchError::Chunk => return None,
        })
    }

    /// The error without what the server wrote itself, which was sent these `secrets` and may repeat them.
    pub(super) fn without_text_of_server(self, secrets: &Secrets) -> Self {
        match self {
            FetchError::Status { code, .. } => {
                FetchError::Status { code, reason: usual_reason(code).to_owned(), text: String::new() }
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

fn space_before(reason: &str) -> &'static str {
    if reason.is_empty() { "" } else { " " }
}

/// The text of an answer, and advice.
fn explained(code: u16, text: &str) -> String {
    let advice = match code {
        401 => "give user and password, as in http://USER:PASSWORD@HOST",
        404 => "is net/http/pprof imported, and served at this address?",
        _ => "",
    };
    let parts: Vec<_> = [text, advice].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { String::new() } else { format!(": {}", parts.join("; ")) }
}

/// Whether a server with this status asks to come again.
fn is_busy(code: u16) -> bool {
    [408, 429, 500, 502, 503, 504].contains(&code)
}

/// The usual name of a status, as far as servers of profiles answer it.
fn usual_reason(code: u16) -> &'static str {
    match code {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "",
    }
}

impl From<FetchError> for io::Error {
    fn from(error: FetchError) -> Self {
        io::Error::other(error)
    }
}
