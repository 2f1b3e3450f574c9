//! What went wrong in a request, as the library tells it in a chain of errors.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;
use std::time::Duration;

use super::fetch_error::FetchError;
use super::route::Route;
use crate::input::url::Scheme;

/// What was asked, and how.
pub(super) struct Asked<'a> {
    pub(super) route: &'a Route,
    pub(super) scheme: Scheme,
    /// How long an answer may take.
    pub(super) limit: Duration,
}

/// The error for a request without an answer.
pub(super) fn failure(error: &reqwest::Error, asked: &Asked<'_>) -> FetchError {
    if error.is_timeout() {
        return FetchError::Timeout(asked.limit);
    }
    if let Some(error) = find::<rustls::Error>(error) {
        return tls_failure(error);
    }
    match asked.route {
        Route::Proxy(proxy) if error.is_connect() => {
            FetchError::Proxy { proxy: proxy.shown(), said: proxy_failure(error) }
        }
        _ if error.is_dns() => FetchError::Lookup(innermost(error)),
        _ if error.is_connect() => FetchError::Connect(io_failure(error)),
        _ => match find::<hyper::Error>(error) {
            Some(hyper) if hyper.is_incomplete_message() => FetchError::NoAnswer,
            Some(hyper) if hyper.is_parse() => {
                let said = hyper.to_string();
                FetchError::NotHttp { may_be_tls: asked.scheme == Scheme::Http && said.contains("version"), said }
            }
            _ if find::<io::Error>(error).is_some_and(|error| error.kind() == ErrorKind::UnexpectedEof) => {
                FetchError::NoAnswer
            }
            _ => broken(error),
        },
    }
}

/// The error for an answer whose body breaks off. `missing`: bytes that were still to come, if that is known.
pub(super) fn body_failure(error: &(dyn Error + 'static), limit: Duration, missing: Option<u64>) -> FetchError {
    let is_timeout = chain(error).any(|cause| cause.downcast_ref().is_some_and(reqwest::Error::is_timeout));
    let is_cut = find::<hyper::Error>(error).is_some_and(hyper::Error::is_incomplete_message);
    let kind = find::<io::Error>(error).map(io::Error::kind);
    match kind {
        _ if is_timeout => FetchError::Timeout(limit),
        _ if is_cut => FetchError::Cut { missing },
        Some(ErrorKind::UnexpectedEof) => FetchError::Cut { missing },
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => FetchError::Chunk,
        _ => broken(error),
    }
}

fn tls_failure(error: &rustls::Error) -> FetchError {
    use rustls::AlertDescription::{
        AccessDenied, BadCertificate, CertificateExpired, CertificateRequired, CertificateUnknown, DecryptError,
        UnknownCA, UnsupportedCertificate,
    };
    match error {
        rustls::Error::InvalidCertificate(why) => FetchError::Certificate(why.clone()),
        rustls::Error::InvalidMessage(_) => FetchError::NotTls,
        rustls::Error::AlertReceived(alert) => match alert {
            CertificateRequired => FetchError::ClientCertificate(false),
            BadCertificate
            | CertificateExpired
            | CertificateUnknown
            | UnknownCA
            | UnsupportedCertificate
            | AccessDenied
            | DecryptError => FetchError::ClientCertificate(true),
            _ => FetchError::Tls(error.clone()),
        },
        error => FetchError::Tls(error.clone()),
    }
}

/// What is wrong with a proxy. The library has only words for it.
fn proxy_failure(error: &reqwest::Error) -> String {
    let said = innermost(error);
    if said.contains("authorization required") {
        "asks for a user and a password: give them in the variable, as in http://USER:PASSWORD@PROXY".to_owned()
    } else if said.contains("unsuccessful") {
        "does not connect to the server".to_owned()
    } else {
        format!("cannot be used: {said}")
    }
}

fn broken(error: &(dyn Error + 'static)) -> FetchError {
    FetchError::Broken(innermost(error))
}

/// The error of the system, of its kind.
fn io_failure(error: &(dyn Error + 'static)) -> io::Error {
    let said = innermost(error);
    find::<io::Error>(error).map_or_else(
        || io::Error::other(said.clone()),
        |found| {
            found
                .raw_os_error()
                .map_or_else(|| io::Error::new(found.kind(), said.clone()), io::Error::from_raw_os_error)
        },
    )
}

/// An error and what caused it, outermost first.
fn chain<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    iter::successors(Some(error), |error| cause(*error))
}

/// An error of the system hides the one that it was made of.
fn cause<'e>(error: &'e (dyn Error + 'static)) -> Option<&'e (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

fn find<'e, E: Error + 'static>(error: &'e (dyn Error + 'static)) -> Option<&'e E> {
    chain(error).filter_map(|cause| cause.downcast_ref()).last()
}

/// What caused it in the end.
fn innermost(error: &(dyn Error + 'static)) -> String {
    chain(error).last().map(ToString::to_string).unwrap_or_default()
}
