//! URLs as inputs.
//!
//! In: typed text, or the location of a redirect. Out: host, port and request target. Credentials in a URL, which a query
//! may hold as well, are sent and never shown.

use std::fmt;
use std::path::Path;

use thiserror::Error;

use super::percent::decoded;
use super::query;

/// Path under which `net/http/pprof` serves profiles.
const PPROF: &str = "/debug/pprof";

/// Profile to fetch if a URL names none: the heap, right after a collection.
pub const HEAP: &str = "heap?gc=1";

/// `path` as text, if it is a URL and not a file.
pub fn of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| scheme(text).is_some())
}

/// The URL that an address without a scheme means: `host:6060`, `:6060` of this machine, and either with a path.
pub fn of_address(text: &str) -> Option<String> {
    let (authority, _) = text.split_at(text.find(['/', '?']).unwrap_or(text.len()));
    let (host, port) = authority.rsplit_once(':')?;
    let is_ipv6 = host.starts_with('[') && host.ends_with(']');
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let is_port = port.parse::<u16>().is_ok_and(|port| port > 0);
    let local = if host.is_empty() { "localhost" } else { "" };
    (is_port && (is_ipv6 || is_name)).then(|| format!("http://{local}{text}"))
}

/// The scheme of a URL, http or https, and the text after it.
fn scheme(text: &str) -> Option<(&'static str, &str)> {
    ["http://", "https://"].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.len())?;
        start.eq_ignore_ascii_case(scheme).then_some((scheme, rest))
    })
}

/// An error in a URL.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum UrlError {
    /// https, which is not built in.
    #[error(
        "https is not built in: download it with another program, such as `curl -o heap.pb.gz URL`, and give the file"
    )]
    Https,
    /// Another scheme.
    #[error("not a URL that can be fetched; expected one such as http://localhost:6060")]
    Scheme,
    /// No host.
    #[error("it has no host; expected a URL such as http://localhost:6060")]
    Host,
    /// An invalid port.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// A character that must be percent-encoded.
    #[error("{0:?} must be percent-encoded in a URL")]
    Character(char),
}

/// A URL of a server that speaks HTTP. Shown without credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Name or address of the host; an IPv6 address without brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
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
    /// If it is not a valid http URL.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = match scheme(text) {
            Some(("http://", rest)) => rest,
            Some(_) => return Err(UrlError::Https),
            None => return Err(UrlError::Scheme),
        };
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
            None => 80,
        };
        Ok(Url {
            host: host.to_owned(),
            port,
            target: if target.starts_with('/') { target.to_owned() } else { format!("/{target}") },
            authorization: user.map(|user| format!("Basic {}", base64(&decoded(user)))),
            password: user.and_then(|user| user.split_once(':')).map(|(_, password)| password.to_owned()),
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
            None if text.contains("://") => Self::parse(text)?,
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
        let whole = location.strip_prefix("//").map(|rest| format!("http://{rest}"));
        if whole.is_some() || scheme(location).is_some() {
            let mut url = Self::parse(whole.as_deref().unwrap_or(location))?;
            if url.is_on_host_of(self) {
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

    /// Whether `other` has the same host and port.
    #[cfg(any(test, feature = "fetch"))]
    pub fn is_on_host_of(&self, other: &Url) -> bool {
        self.host.eq_ignore_ascii_case(&other.host) && self.port == other.port
    }

    /// Host and port, as in the header `Host`.
    pub fn authority(&self) -> String {
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == 80 { host } else { format!("{host}:{}", self.port) }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.authority(), query::hidden(&self.target))
    }
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

/// Encodes base64 (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let bits = three.iter().chain([0, 0].iter()).take(3).fold(0, |bits, &byte| bits << 8 | usize::from(byte));
        for digit in 0..4 {
            let used = digit <= three.len();
            text.push(if used { DIGITS[bits >> (18 - 6 * digit) & 63].into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn inputs_are_urls_or_files() {
        for (text, is_url) in [
            ("http://localhost:6060", true),
            ("HTTPS://localhost", true),
            ("http:/localhost", false),
            ("http", false),
            ("localhost:6060", false),
            ("ä.pb", false),
        ] {
            assert_eq!(of(Path::new(text)).is_some(), is_url, "{text}");
        }
    }

    #[test]
    fn an_address_is_a_url() {
        for (text, url) in [
            ("localhost:6060", Some("http://localhost:6060")),
            (":6060", Some("http://localhost:6060")),
            ("10.0.0.1:80/debug/pprof/heap", Some("http://10.0.0.1:80/debug/pprof/heap")),
            ("[::1]:6060", Some("http://[::1]:6060")),
            ("h:6060?x=a:b", Some("http://h:6060?x=a:b")),
            ("heap.pb.gz", None),
            (r"C:\heap.pb.gz", None),
            ("http://h:1", None),
            ("h:0", None),
            ("a b:1", None),
            ("dir/h:6060", None),
        ] {
            assert_eq!(of_address(text).as_deref(), url, "{text}");
        }
    }

    #[test]
    fn a_url_without_a_profile_means_the_heap() {
        for (text, shown) in [
            ("http://localhost:6060", "http://localhost:6060/debug/pprof/heap?gc=1"),
            ("http://localhost:6060/", "http://localhost:6060/debug/pprof/heap?gc=1"),
            ("HTTP://h/debug/pprof", "http://h/debug/pprof/heap?gc=1"),
            ("http://h:80/x/debug/pprof/", "http://h/x/debug/pprof/heap?gc=1"),
            ("http://h/debug/pprof/heap", "http://h/debug/pprof/heap"),
            ("http://h/debug/pprof/allocs?debug=0#top", "http://h/debug/pprof/allocs?debug=0"),
            ("http://h?x=1", "http://h/?x=…"),
            ("http://h/debug/pprof/?token=s3cret&gc=0", "http://h/debug/pprof/heap?gc=1&token=…"),
            ("http://[::1]:6060", "http://[::1]:6060/debug/pprof/heap?gc=1"),
            ("http://user:pass@[::1]/a", "http://[::1]/a"),
            ("http://user@corp:p%40ss@h:1/a", "http://h:1/a"),
        ] {
            assert_eq!(super::shown(text), shown, "{text}");
            let names_none = shown.contains(HEAP);
            assert_eq!(Url::parse(text).unwrap().heap().is_some(), names_none, "{text}");
        }
    }

    #[test]
    fn programs_serve_their_profiles_at_a_known_path() {
        for (text, shown) in [
            ("localhost:6060", "http://localhost:6060/debug/pprof/"),
            ("[::1]:6060", "http://[::1]:6060/debug/pprof/"),
            ("http://h/admin/", "http://h/admin/debug/pprof/"),
            ("http://h/admin/debug/pprof", "http://h/admin/debug/pprof/"),
            ("h/debug/pprof/heap?gc=1", "http://h/debug/pprof/"),
            ("h?gc=1", "http://h/debug/pprof/"),
            ("http://h/debug/pprof/heap?token=s3cret&debug=1", "http://h/debug/pprof/?token=…"),
        ] {
            assert_eq!(Url::of_program(text).unwrap().to_string(), shown, "{text}");
        }
        assert_eq!(Url::of_program("ftp://h").unwrap_err(), UrlError::Scheme);
    }

    #[test]
    fn the_query_of_a_program_is_sent_with_each_profile() {
        let program = Url::of_program("h/debug/pprof/heap?token=s3cret&gc=0&seconds=30&x").unwrap();
        assert_eq!(program.join("heap?gc=1").target, "/debug/pprof/heap?gc=1&token=s3cret&x");
        assert_eq!(program.join("goroutine").target, "/debug/pprof/goroutine?token=s3cret&x");
        assert_eq!(Url::of_program("h").unwrap().join("heap?gc=1").target, "/debug/pprof/heap?gc=1");
    }

    #[test]
    fn what_is_no_url() {
        for (text, error) in [
            ("https://u:p@h/x", UrlError::Https),
            ("http://", UrlError::Host),
            ("http://:6060", UrlError::Host),
            ("http://u:p@/x", UrlError::Host),
            ("http://h:/", UrlError::Port),
            ("http://h:0", UrlError::Port),
            ("http://h:65536", UrlError::Port),
            ("http://[::1]6060", UrlError::Port),
            ("http://::1:6060", UrlError::Host),
            ("http://h/a b", UrlError::Character(' ')),
            ("http://h/\r\nX: y", UrlError::Character('\r')),
            ("http://hä/", UrlError::Character('ä')),
        ] {
            assert_eq!(Url::parse(text).unwrap_err(), error, "{text}");
        }
        for (text, shown) in [
            ("https://u:p@h/x", "https://h/x"),
            ("http://u:p/w@h/x", "http://h/x"),
            ("ftp://u:p@h", "ftp://h"),
            ("u:p@h:0", "h:0"),
            ("https://u:p@h/x?token=s3c@ret", "https://…"),
            ("http://u:s3c?ret@h/x", "http://…"),
            ("https://h/x?y=z&gc=1", "https://h/x?y=…&gc=1"),
        ] {
            assert_eq!(super::shown(text), shown, "{text}");
        }
    }

    #[test]
    fn redirects_lead_on() {
        let url = Url::parse("http://u:p@h:1/a/b?c=/d").unwrap();
        for (location, shown) in [
            ("http://other/x", "http://other/x"),
            ("//other:2/x", "http://other:2/x"),
            ("HTTP://H:1", "http://H:1/"),
            ("http://h:2/x", "http://h:2/x"),
            ("/x?y#z", "http://h:1/x?…"),
            ("x", "http://h:1/a/x"),
            ("?gc=1", "http://h:1/a/b?gc=1"),
        ] {
            let to = url.redirect(location).unwrap();
            assert_eq!(to.to_string(), shown, "{location}");
            assert_eq!(to.authorization.is_some(), to.is_on_host_of(&url), "{location}");
        }
        assert_eq!(url.redirect("https://h/").unwrap_err(), UrlError::Https);
        assert_eq!(url.redirect("/a b").unwrap_err(), UrlError::Character(' '));
    }

    #[test]
    fn credentials_are_sent_as_they_are_meant() {
        // Those of RFC 7617 and the vectors of RFC 4648.
        let header = |user: &str| Url::parse(&format!("http://{user}@h")).unwrap().authorization.unwrap();
        assert_eq!(header("Aladdin:open%20sesame"), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(header("a:%c3%A4%4"), format!("Basic {}", base64("a:ä%4".as_bytes())));
        for (text, code) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(text.as_bytes()), code);
        }
    }
}
