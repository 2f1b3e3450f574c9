//! Servers that keep connections: over TCP, TLS or a socket in the file system; and certificates for them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, crypto::ring};

use crate::server::{body, head};

/// An authority that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub struct Signed {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("authority {}", COUNT.fetch_add(1, Ordering::SeqCst));
        params.distinguished_name.push(DnType::CommonName, name);
        Authority(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for these names.
    pub fn sign(&self, names: &[&str]) -> Signed {
        self.sign_as(names, |_| {})
    }

    /// A certificate that has expired.
    pub fn sign_expired(&self, names: &[&str]) -> Signed {
        self.sign_as(names, |params| params.not_after = date_time_ymd(2021, 1, 2))
    }

    fn sign_as(&self, names: &[&str], change: impl FnOnce(&mut CertificateParams)) -> Signed {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Signed { certificate: params.signed_by(&key, &self.0).unwrap(), key }
    }
}

impl Signed {
    /// A certificate that a server signed itself, as `openssl req -x509` makes it: it says to be an authority's.
    pub fn by_itself(names: &[&str]) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut params = CertificateParams::new(names).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Signed { certificate: params.self_signed(&key).unwrap(), key }
    }

    pub fn pem(&self) -> String {
        self.certificate.pem()
    }

    pub fn key_pem(&self) -> String {
        self.key.serialize_pem()
    }

    /// The configuration of a server with this certificate, which asks clients for one of `clients`, if any.
    pub fn config(&self, clients: Option<&Authority>) -> ServerConfig {
        let provider = Arc::new(ring::default_provider());
        let builder =
            ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(authority) => {
                let mut roots = RootCertStore::empty();
                roots.add(authority.0.der().clone()).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        builder.with_single_cert(vec![self.certificate.der().clone()], key).unwrap()
    }
}

/// A server that runs until the tests end, and keeps connections unless an answer says otherwise.
pub struct KeepingServer {
    pub port: u16,
    connections: Arc<AtomicUsize>,
    /// The heads of the requests so far.
    requests: Arc<Mutex<Vec<String>>>,
}

/// What a server answers to a request with this head; nothing ends the connection.
pub trait Answer: FnMut(&str) -> Vec<u8> + Send + 'static {}
impl<F: FnMut(&str) -> Vec<u8> + Send + 'static> Answer for F {}

impl KeepingServer {
    /// A server over TLS, or over TCP.
    pub fn start(config: Option<ServerConfig>, answer: impl Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let config = config.map(Arc::new);
        Self::serve(port, listener_of(listener), answer, move |stream, serve| match &config {
            None => serve(&mut { stream }),
            Some(config) => serve(&mut StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)),
        })
    }

    /// A server at a socket in the file system.
    #[cfg(unix)]
    pub fn at_socket(path: &std::path::Path, answer: impl Answer) -> Self {
        let listener = std::os::unix::net::UnixListener::bind(path).unwrap();
        let accept = move || listener.accept().unwrap().0;
        Self::serve(0, accept, answer, |stream, serve| serve(&mut { stream }))
    }

    fn serve<S: Send + 'static>(
        port: u16,
        mut accept: impl FnMut() -> S + Send + 'static,
        answer: impl Answer,
        wrap: impl Fn(S, &dyn Fn(&mut dyn Stream)) + Send + Sync + 'static,
    ) -> Self {
        let server = KeepingServer { port, connections: Arc::default(), requests: Arc::default() };
        let (connections, requests) = (server.connections.clone(), server.requests.clone());
        let answer: Arc<Mutex<dyn Answer<Output = Vec<u8>>>> = Arc::new(Mutex::new(answer));
        let wrap = Arc::new(wrap);
        thread::spawn(move || {
            loop {
                let stream = accept();
                connections.fetch_add(1, Ordering::SeqCst);
                let (answer, requests, wrap) = (answer.clone(), requests.clone(), wrap.clone());
                thread::spawn(move || {
                    wrap(stream, &|stream| {
                        loop {
                            let head = head(&mut &mut *stream);
                            if head.is_empty() {
                                return;
                            }
                            requests.lock().unwrap().push(head.clone());
                            let answer = answer.lock().unwrap()(&head);
                            let sent = stream.write_all(&answer).and_then(|()| stream.flush());
                            if sent.is_err() || answer.is_empty() || answer.windows(5).any(|part| part == b"close") {
                                return;
                            }
                        }
                    });
                });
            }
        });
        server
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    pub fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://localhost:{}{path}", self.port)
    }
}

fn listener_of(listener: TcpListener) -> impl FnMut() -> TcpStream {
    move || listener.accept().unwrap().0
}

pub trait Stream: Read + Write {}
impl<S: Read + Write> Stream for S {}

/// An answer on a connection that is kept.
pub fn kept(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// The target of a request.
pub fn target(head: &str) -> &str {
    head.split(' ').nth(1).unwrap_or_default()
}

/// Profiles as `net/http/pprof` serves them, a later heap for each snapshot.
pub fn profiles() -> impl Answer {
    let mut snapshot = 0;
    move |head| {
        let found = body(target(head), snapshot);
        snapshot += usize::from(target(head).ends_with("heap?debug=1&gc=1"));
        found.map_or_else(|| kept("404 Not Found", "", b"Unknown profile\n"), |body| kept("200 OK", "", &body))
    }
}

/// The same, for those who send a token; others get what they sent.
pub fn profiles_for(token: &'static str) -> impl Answer {
    let mut profiles = profiles();
    move |head| match head.contains(&format!("\r\nAuthorization: Bearer {token}\r\n")) {
        true => profiles(head),
        false => kept("401 Unauthorized", "Content-Type: text/plain\r\n", head.replace("\r\n", " ").as_bytes()),
    }
}
