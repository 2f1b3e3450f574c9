//! The way to a server: straight, through a proxy of the environment, or through a socket.
//!
//! In: a URL and the environment. Out: a route. As for Go's programs, this machine itself is never reached through a proxy.

use std::env;
use std::net::IpAddr;

use hyper_util::client::proxy::matcher::Matcher;
use reqwest::Url as WholeUrl;

use super::fetch_error::FetchError;
use crate::input::url::{Scheme, Url};

/// The way to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Straight,
    Proxy(Proxy),
    /// The path of a socket.
    Socket(String),
}

/// A proxy that the environment names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Proxy {
    /// The variable.
    pub(super) variable: &'static str,
    /// Its URL, with its password.
    pub(super) url: WholeUrl,
}

impl Proxy {
    /// The proxy for people, without its password.
    pub(super) fn shown(&self) -> String {
        let port = self.url.port().map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{}{port} ({})", self.url.scheme(), self.url.host_str().unwrap_or_default(), self.variable)
    }
}

impl Route {
    /// The route to a URL.
    pub(super) fn to(url: &Url) -> Result<Self, FetchError> {
        if url.scheme == Scheme::Unix {
            return Ok(Route::Socket(url.socket.clone()));
        }
        let var = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
        Ok(proxy(url, &var)?.map_or(Route::Straight, Route::Proxy))
    }
}

/// The proxy for a URL, by the variables of the environment.
fn proxy(url: &Url, var: &dyn Fn(&str) -> Option<String>) -> Result<Option<Proxy>, FetchError> {
    let names: &[&'static str] = match url.scheme {
        Scheme::Https => &["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"],
        // A web server sets HTTP_PROXY for its scripts to what a visitor sent as a header "Proxy".
        _ if var("REQUEST_METHOD").is_some() => &["http_proxy", "ALL_PROXY", "all_proxy"],
        _ => &["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"],
    };
    let Some((variable, value)) = names.iter().find_map(|name| Some((*name, var(name)?))) else { return Ok(None) };
    if is_this_machine(&url.host) {
        return Ok(None);
    }
    let excepted = var("NO_PROXY").or_else(|| var("no_proxy")).unwrap_or_default();
    let Ok(uri) = url.location().parse() else { return Ok(None) };
    // The matcher goes by names and addresses; a port is an exception to a host as a whole for Go.
    let port = format!(":{}", url.port);
    let excepted: Vec<_> = excepted.split(',').map(|entry| entry.trim().trim_end_matches(&port)).collect();
    if Matcher::builder().all("http://proxy.invalid").no(excepted.join(",")).build().intercept(&uri).is_none() {
        return Ok(None);
    }
    let whole = if value.contains("://") { value } else { format!("http://{value}") };
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    let url = WholeUrl::parse(&whole).ok().filter(|url| known.contains(&url.scheme()) && url.has_host());
    url.map(|url| Some(Proxy { variable, url })).ok_or(FetchError::ProxyVariable(variable))
}

fn is_this_machine(host: &str) -> bool {
    let address: Option<IpAddr> = host.parse().ok();
    host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn proxy_of(url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, String> {
        let var = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        let found = proxy(&Url::parse(url).unwrap(), &var).map_err(|error| error.to_string())?;
        Ok(found.map(|proxy| proxy.shown()))
    }

    #[test]
    fn the_environment_names_proxies() {
        let some = |text: &str| Ok(Some(text.to_owned()));
        let both = [("HTTP_PROXY", "http://u:secret@p:1/"), ("https_proxy", "q:2"), ("ALL_PROXY", "socks5://r:3")];
        assert_eq!(proxy_of("http://h", &both), some("http://p:1 (HTTP_PROXY)"));
        assert_eq!(proxy_of("https://h", &both), some("http://q:2 (https_proxy)"));
        assert_eq!(proxy_of("https://h", &both[2..]), some("socks5://r:3 (ALL_PROXY)"));
        assert_eq!(proxy_of("http://h", &[both[0], ("REQUEST_METHOD", "GET")]), Ok(None));
        for near in ["http://localhost:6060", "http://127.0.0.1", "https://[::1]:1", "http://LOCALHOST"] {
            assert_eq!(proxy_of(near, &both), Ok(None), "{near}");
        }
        let wrong = "the variable HTTP_PROXY is not the URL of a proxy; expected one such as http://proxy.example:3128";
        for value in ["ftp://h", "http://", "what is this"] {
            assert_eq!(proxy_of("http://h", &[("HTTP_PROXY", value)]), Err(wrong.to_owned()), "{value}");
        }
        assert_eq!(proxy_of("https://h", &[("HTTP_PROXY", "ftp://h")]), Ok(None));
    }

    #[test]
    fn no_proxy_names_exceptions() {
        for (url, excepted, is_excepted) in [
            ("http://h.example", "h.example", true),
            ("http://a.h.example", "h.example", true),
            ("http://a.h.example", ".h.example", true),
            ("http://ah.example", "h.example", false),
            ("http://h.example:6060", "x, h.example:6060", true),
            ("http://h.example:6060", "h.example:80", false),
            ("http://10.1.2.3", "10.0.0.0/8", true),
            ("http://[fd00::1]:1", "fd00::/8", true),
            ("http://h.example", "*", true),
            ("http://h.example", "", false),
        ] {
            let found = proxy_of(url, &[("HTTP_PROXY", "p:1"), ("NO_PROXY", excepted)]).unwrap();
            assert_eq!(found.is_none(), is_excepted, "{url} {excepted}");
        }
    }
}
