//! GET over HTTP/1.1, with or without TLS, of one profile at a time from a server that may be slow, broken or malicious.
//!
//! In: a URL and limits. Out: the body of the response, or an error. A library sends, receives and keeps connections;
//! here is what it is asked for: whom to trust, which way to take, which redirects to follow, and what errors say.

mod body;
mod certificate;
mod client;
mod failure;
mod fetch_error;
mod headers;
mod limits;
mod route;
mod settings;
mod tls;

use std::io::Read;
use std::time::Instant;

use reqwest::header::{CONTENT_TYPE, LOCATION};

use super::secrets::Secrets;
use super::url::Url;
use body::Body;
use client::{Answer, send};

pub use fetch_error::FetchError;
pub use headers::{Header, parse as parse_header};
pub use limits::Limits;
pub(super) use settings::secrets_of_headers;
pub use settings::{Identity, Settings, Trust, configure, is_insecure};

const MAX_REDIRECTS: usize = 5;
/// Bytes of the text of an error response that are read.
const MAX_TEXT: u64 = 200;

/// Fetches `url`.
///
/// # Errors
///
/// If there is no response with status 200; errors of the body come up as it is read.
pub fn get(url: &Url, limits: Limits) -> Result<impl Read + use<>, FetchError> {
    let deadline = Instant::now() + limits.timeout;
    let mut url = url.clone();
    let secrets = Secrets::of(&url);
    let hide = |error: FetchError| if secrets.is_empty() { error } else { error.without_text_of_server(&secrets) };
    for _ in 0..=MAX_REDIRECTS {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(FetchError::Timeout(limits.timeout));
        }
        let answer = send(&url, left, limits.timeout)?;
        match answer.response.status().as_u16() {
            200 => return Body::new(answer.response, limits).map_err(hide),
            301 | 302 | 303 | 307 | 308 => {
                let location = answer.response.headers().get(LOCATION).ok_or(FetchError::Nowhere)?;
                let location = String::from_utf8_lossy(location.as_bytes());
                let to = url.redirect(&location).map_err(FetchError::Redirect)?;
                if !to.is_on_host_of(&url) {
                    return Err(hide(FetchError::OtherServer { to: to.to_string() }));
                }
                url = to;
            }
            code => return Err(hide(refusal(code, answer))),
        }
    }
    Err(FetchError::Nowhere)
}

/// The error for an answer that refuses, with the first line of its text.
fn refusal(code: u16, answer: Answer) -> FetchError {
    let Answer { response, proxy } = answer;
    let kind = response.headers().get(CONTENT_TYPE);
    let is_text = kind.is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    let mut said = Vec::new();
    if is_text {
        // A text that cannot be read is left out.
        let _ = response.take(MAX_TEXT).read_to_end(&mut said);
    }
    let said = String::from_utf8_lossy(&said);
    let first = said.lines().next().unwrap_or_default().trim();
    let reason = reqwest::StatusCode::from_u16(code).ok().and_then(|code| code.canonical_reason());
    let repeats = Some(first) == reason || first.starts_with(&code.to_string());
    let text = if repeats { String::new() } else { first.to_owned() };
    FetchError::Status { code, text, proxy, is_authorized: false }
}
