//! URLs as inputs.
//!
//! In: typed text, or the location of a redirect. Out: scheme, host, port and request target. Credentials in a URL, which a query
//! may hold as well, are sent and never shown.

mod address;
mod error;
#[cfg(test)]
mod tests;

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::percent::decoded;
use super::query;

pub use address::{Scheme, of, of_address};
use address::{scheme, socket};
pub use error::UrlError;

/// Path under which `net/http/pprof` serves profiles.
const PPROF: &str = "/debug/pprof";

/// Profile to fetch if a URL names none: the heap, right after a collection.
pub const HEAP: &str = "heap?gc=1";

/// A URL of a server that speaks HTTP. Shown without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// How the server is reached.
    pub scheme: Scheme,
    /// Name or address of the host; an IPv6 address without brackets. Of a socket, what it is asked for: `localhost`.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The path of the socket; empty unless the scheme is that of sockets.
    pub socket: String,
    /// Path and query.
    pub target: String,
    /// The value of the header `Authorization`.
    pub authorization: Option<String>,
    /// The password, as it was written.
    pub password: Option<String>,
}

impl Url {
    /// Parses a URL with its scheme.
    ///
    /// # Errors
    ///
    /// If it is not a valid URL of one of these schemes.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = scheme(text).ok_or(UrlError::Scheme)?;
        if scheme == Scheme::Unix {
            return Self::of_socket(rest);
        }
        let rest = rest.split('#').next().unwrap_or_default();
        plain(rest)?;
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (user, address) = match authority.rsplit_once('@') {
            Some((user, address)) => (Some(user), address),
            None => (None, authority),
        };
        let (host, port) = match address.strip_prefix('[').and_then(|address| address.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or(UrlError::Port)?)),
            None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
        };
        if host.is_empty() {
            return Err(UrlError::Host);
        }
        let port = match port {
            Some(port) => port.parse().ok().filter(|&port| port > 0).ok_or(UrlError::Port)?,
            None => scheme.default_port(),
        };
        Ok(Url {
            scheme,
            host: host.to_owned(),
            port,
            socket: String::new(),
            target: if target.starts_with('/') { target.to_owned() } else { format!("/{target}") },
            authorization: user.map(|user| format!("Basic {}", BASE64_STANDARD.encode(decoded(user)))),
            password: user.and_then(|user| user.split_once(':')).map(|(_, password)| password.to_owned()),
        })
    }

    /// Parses what follows `unix:`.
    fn of_socket(rest: &str) -> Result<Self, UrlError> {
        let (socket, target) = socket(rest);
        if socket.is_empty() {
            return Err(UrlError::Socket);
        }
        let target = target.split('#').next().unwrap_or_default();
        plain(target)?;
        Ok(Url {
            scheme: Scheme::Unix,
            host: "localhost".to_owned(),
            port: Scheme::Unix.default_port(),
            socket: socket.to_owned(),
            target: target.to_owned(),
            authorization: None,
            password: None,
        })
    }

    /// The URL of the heap profile, if this one names no profile: without a path and a query, or with the path of the list
    /// of profiles, whose query is kept.
    pub fn heap(&self) -> Option<Self> {
        let ((path, given), (heap, asked)) = (query::split(&self.target), query::split(HEAP));
        let path = path.trim_end_matches('/');
        let is_list = path.is_empty() && given.is_empty() || path.ends_with(PPROF);
        let list = if path.is_empty() { PPROF } else { path };
        let target = format!("{list}/{heap}{}", query::joined(asked, given));
        is_list.then(|| Url { target, ..self.clone() })
    }

    /// Parses the URL of a program, with or without a scheme, and returns that of its list of profiles. The path after
    /// /debug/pprof is ignored; any other path is a prefix of it. The query is kept, but for what asks for a profile.
    ///
    /// # Errors
    ///
    /// If it is not a valid http URL.
    #[cfg(any(test, feature = "fetch"))]
    pub fn of_program(text: &str) -> Result<Self, UrlError> {
        let mut url = match of_address(text) {
            Some(url) => Self::parse(&url)?,
            None if text.contains("://") || scheme(text).is_some() => Self::parse(text)?,
            None => Self::parse(&format!("http://{text}"))?,
        };
        let (path, query) = query::split(&url.target);
        let prefix = match path.find(PPROF) {
            Some(at) => &path[..at],
            None => path.trim_end_matches('/'),
        };
        url.target = format!("{prefix}{PPROF}/{}", query::joined("", query));
        Ok(url)
    }

    /// The URL with `more`, which may have a query, at the end of its path. Its own query follows that of `more`.
    #[cfg(any(test, feature = "fetch"))]
    pub fn join(&self, more: &str) -> Self {
        let ((path, query), (name, asked)) = (query::split(&self.target), query::split(more));
        Url { target: format!("{path}{name}{}", query::joined(asked, query)), ..self.clone() }
    }

    /// The URL that a redirect to `location` leads to.
    ///
    /// # Errors
    ///
    /// If it is not a valid http URL.
    #[cfg(any(test, feature = "fetch"))]
    pub fn redirect(&self, location: &str) -> Result<Self, UrlError> {
        let location = location.split('#').next().unwrap_or_default();
        // As a server at a socket sees it, it is asked over HTTP.
        let over = if self.scheme == Scheme::Unix { Scheme::Http } else { self.scheme };
        let whole = location.strip_prefix("//").map(|rest| format!("{}{rest}", over.prefix()));
        if whole.is_some() || scheme(location).is_some_and(|(scheme, _)| scheme != Scheme::Unix) {
            let mut url = Self::parse(whole.as_deref().unwrap_or(location))?;
            if (url.scheme, url.port) == (over, self.port) && url.host.eq_ignore_ascii_case(&self.host) {
                (url.scheme, url.socket) = (self.scheme, self.socket.clone());
                url.authorization.clone_from(&self.authorization);
                url.password.clone_from(&self.password);
            }
            return Ok(url);
        }
        let path = self.target.split('?').next().unwrap_or_default();
        let target = match location.as_bytes().first() {
            Some(b'/') => location.to_owned(),
            Some(b'?') => format!("{path}{location}"),
            _ => format!("{}{location}", &path[..=path.rfind('/').unwrap_or(0)]),
        };
        plain(&target)?;
        Ok(Url { target, ..self.clone() })
    }

    /// The path that is requested.
    pub fn path(&self) -> &str {
        query::split(&self.target).0
    }

    /// Whether `other` is of the same profile, whatever its form.
    pub fn is_same_profile(&self, other: &Url) -> bool {
        let [one, other] = [self, other].map(|url| url.heap().unwrap_or_else(|| url.clone()));
        let place = |url: &Url| {
            let (path, query) = query::split(&url.target);
            (path.to_owned(), query::joined("", query))
        };
        one.is_on_host_of(&other) && place(&one) == place(&other)
    }

    /// Whether `other` has the same scheme, host and port, or the same socket.
    pub fn is_on_host_of(&self, other: &Url) -> bool {
        (self.scheme, self.port, &self.socket) == (other.scheme, other.port, &other.socket)
            && self.host.eq_ignore_ascii_case(&other.host)
    }

    /// What is requested, as a server sees it: without credentials; of a socket, as if it were at `localhost`.
    #[cfg(any(test, feature = "fetch"))]
    pub fn location(&self) -> String {
        let over = if self.scheme == Scheme::Unix { Scheme::Http } else { self.scheme };
        format!("{}{}{}", over.prefix(), self.authority(), self.target)
    }

    /// Host and port, or the name of the socket, for the name of a folder.
    #[cfg(any(test, feature = "fetch"))]
    pub fn place(&self) -> String {
        let name = self.socket.rsplit('/').next().unwrap_or_default();
        if self.scheme == Scheme::Unix { name.to_owned() } else { self.authority() }
    }

    /// Host and port, as in the header `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == self.scheme.default_port() { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = query::hidden(&self.target);
        match self.scheme {
            Scheme::Unix if target == "/" => write!(f, "unix:{}", self.socket),
            Scheme::Unix => write!(f, "unix:{}:{target}", self.socket),
            scheme => write!(f, "{}{}{target}", scheme.prefix(), self.authority()),
        }
    }
}

/// The URL of the heap as text of a program, from that of the program as it was typed; `None` if it names a profile.
pub fn heap_as_text(typed: &str) -> Option<String> {
    let url = Url::parse(typed).ok()?;
    url.heap()?;
    let (place, given) = query::split(typed.split('#').next().unwrap_or_default());
    let place = place.trim_end_matches('/');
    let list = match (place.ends_with(PPROF), url.scheme) {
        (true, _) => "",
        (false, Scheme::Unix) => ":/debug/pprof",
        (false, _) => PPROF,
    };
    Some(format!("{place}{list}/heap{}", query::joined("debug=1&gc=1", given)))
}

/// A URL for people, valid or not: what is fetched, without anything that may be credentials.
pub fn shown(text: &str) -> String {
    Url::parse(text).map_or_else(
        |_| {
            let (scheme, rest) = text.split_at(text.find("://").map_or(0, |at| at + 3));
            match query::split(rest) {
                // Which of the two it belongs to is not known.
                (_, query) if query.contains('@') => format!("{scheme}…"),
                _ => format!("{scheme}{}", query::hidden(rest.rsplit('@').next().unwrap_or_default())),
            }
        },
        |url| url.heap().unwrap_or(url).to_string(),
    )
}

/// Checks that `text` needs no percent-encoding.
fn plain(text: &str) -> Result<(), UrlError> {
    text.chars().find(|c| !c.is_ascii_graphic()).map_or(Ok(()), |c| Err(UrlError::Character(c)))
}
