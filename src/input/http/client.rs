//! The clients of the library, one for each way to servers, which keep connections for the next request.
//!
//! In: a URL. Out: the head of a response, with its body still to come.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::blocking::{Client, ClientBuilder, Response};
use reqwest::header::{ACCEPT_ENCODING, AUTHORIZATION, CONNECTION, HeaderMap, HeaderValue};
use reqwest::{Proxy, Url as WholeUrl, Version, redirect};

use super::failure::{Asked, failure};
use super::fetch_error::FetchError;
use super::route::Route;
use super::settings::settings;
use super::tls;
use crate::input::url::{Scheme, Url};

/// The clients so far, by their route and whether it has TLS. They live as long as the program: ending one would wait for
/// the system's resolver, which knows no time-out.
static CLIENTS: Mutex<Vec<(Route, bool, Client)>> = Mutex::new(Vec::new());
/// The servers that have answered, and may have kept the connection.
static KEPT: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A response, and the proxy it came through.
pub(super) struct Answer {
    pub(super) response: Response,
    pub(super) proxy: Option<String>,
}

/// Requests a URL; `timeout` is for the whole answer, `limit` is the time that is said to be too long.
pub(super) fn send(url: &Url, timeout: Duration, limit: Duration) -> Result<Answer, FetchError> {
    let route = Route::to(url)?;
    let whole = WholeUrl::parse(&url.location()).map_err(|_| FetchError::InvalidUrl)?;
    let client = client(&route, url.scheme == Scheme::Https)?;
    let asked = Asked { route: &route, scheme: url.scheme, limit };
    let once = || {
        let sent = client.get(whole.clone()).headers(headers(url)?).timeout(timeout).send();
        sent.map_err(|error| failure(&error, &asked))
    };
    let server = format!("{:?} {} {}", url.scheme, url.socket, url.authority());
    let may_be_kept = locked(&KEPT).remove(&server);
    let response = match once() {
        // A server may close a connection just when the next request comes on it.
        Err(FetchError::NoAnswer | FetchError::Broken(_)) if may_be_kept => once(),
        sent => sent,
    }?;
    if is_kept(&response) {
        locked(&KEPT).insert(server);
    }
    let proxy = match route {
        Route::Proxy(proxy) => Some(proxy.shown()),
        Route::Straight | Route::Socket(_) => None,
    };
    Ok(Answer { response, proxy })
}

/// Whether the server keeps the connection.
fn is_kept(response: &Response) -> bool {
    let options = response.headers().get_all(CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let is_closed =
        options.flat_map(|value| value.split(',')).any(|option| option.trim().eq_ignore_ascii_case("close"));
    response.version() == Version::HTTP_11 && !is_closed
}

/// The headers of a request. Those that the user gave replace others of the same name.
fn headers(url: &Url) -> Result<HeaderMap, FetchError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    if let Some(authorization) = &url.authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| FetchError::InvalidUrl)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    for (name, _) in &settings().headers {
        headers.remove(name);
    }
    for (name, value) in &settings().headers {
        headers.append(name, value.clone());
    }
    Ok(headers)
}

/// The client for a route, a new one for a new route.
fn client(route: &Route, is_secure: bool) -> Result<Client, FetchError> {
    let mut clients = locked(&CLIENTS);
    let is_secure = is_secure || matches!(route, Route::Proxy(proxy) if proxy.url.scheme() == "https");
    if let Some((_, _, client)) = clients.iter().find(|(known, secure, _)| known == route && *secure == is_secure) {
        return Ok(client.clone());
    }
    let tls = if is_secure { tls::config(settings()) } else { tls::unused() }?;
    let builder = ClientBuilder::new()
        .tls_backend_preconfigured(tls)
        .user_agent(concat!("heapdiff/", env!("CARGO_PKG_VERSION")))
        .http1_title_case_headers()
        .redirect(redirect::Policy::none())
        // Each request has its own.
        .timeout(None)
        // So that after one that was closed comes a new one.
        .pool_max_idle_per_host(1)
        .no_proxy();
    let builder = match route {
        Route::Straight => builder,
        Route::Proxy(proxy) => builder.proxy(Proxy::all(proxy.url.clone()).map_err(|error| client_error(&error))?),
        #[cfg(unix)]
        Route::Socket(path) => builder.unix_socket(path.as_str()),
        #[cfg(not(unix))]
        Route::Socket(_) => return Err(FetchError::NoSockets),
    };
    let client = builder.build().map_err(|error| client_error(&error))?;
    clients.push((route.clone(), is_secure, client.clone()));
    Ok(client)
}

fn client_error(error: &reqwest::Error) -> FetchError {
    FetchError::Client(error.to_string())
}
