//! What of typed text is a URL, and of which scheme.

use std::path::Path;

/// How a server is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Over TCP.
    Http,
    /// Over TLS.
    Https,
    /// Over a socket in the file system.
    Unix,
}

impl Scheme {
    /// What URLs of it begin with.
    pub(super) fn prefix(self) -> &'static str {
        match self {
            Scheme::Http => "http://",
            Scheme::Https => "https://",
            Scheme::Unix => "unix:",
        }
    }

    /// The port where a URL names none; that of HTTP for sockets, which have none.
    pub(super) fn default_port(self) -> u16 {
        if self == Scheme::Https { 443 } else { 80 }
    }
}

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

/// The scheme of a URL, and the text after it.
pub(super) fn scheme(text: &str) -> Option<(Scheme, &str)> {
    [Scheme::Http, Scheme::Https, Scheme::Unix].into_iter().find_map(|scheme| {
        let (start, rest) = text.split_at_checked(scheme.prefix().len())?;
        start.eq_ignore_ascii_case(scheme.prefix()).then_some((scheme, rest))
    })
}

/// The socket and the request target of a URL after `unix:`, such as `/run/docker.sock:/debug/pprof/heap`. The slashes of
/// `unix:///run/docker.sock` are left out.
pub(super) fn socket(rest: &str) -> (&str, &str) {
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    rest.find(":/").map_or((rest, "/"), |at| (&rest[..at], &rest[at + 1..]))
}
