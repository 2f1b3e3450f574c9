//! What all requests of this run carry, and whom they trust.
//!
//! Typed once, and valid for every URL of a command, which is opened wherever a file would be: so it is set once, before
//! the first request.

use std::sync::OnceLock;

use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::headers::{self, Header};

/// Settings of all requests.
#[derive(Debug, Default)]
pub struct Settings {
    /// Headers of each request.
    pub headers: Vec<Header>,
    /// Whose certificates are accepted.
    pub trust: Trust,
    /// The client's own certificate, for servers that ask for one.
    pub identity: Option<Identity>,
}

/// Whose certificates are accepted.
#[derive(Debug, Default)]
pub enum Trust {
    /// Those of the system's authorities.
    #[default]
    System,
    /// Those of these authorities, and these themselves.
    Given(Vec<CertificateDer<'static>>),
    /// Those of anybody, which is insecure.
    Anybody,
}

/// A certificate with its chain, and its key.
#[derive(Debug)]
pub struct Identity {
    /// The certificate, and those between it and its authority.
    pub chain: Vec<CertificateDer<'static>>,
    /// Its key.
    pub key: PrivateKeyDer<'static>,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();
static SECRETS: OnceLock<Vec<String>> = OnceLock::new();

/// Sets the settings. What was set first remains.
pub fn configure(settings: Settings) {
    let _ = SETTINGS.set(settings);
}

/// The settings.
pub(super) fn settings() -> &'static Settings {
    SETTINGS.get_or_init(Settings::default)
}

/// Whether certificates are not verified.
pub fn is_insecure() -> bool {
    matches!(settings().trust, Trust::Anybody)
}

/// What a server may repeat of the headers; in lower case.
pub(in crate::input) fn secrets_of_headers() -> &'static [String] {
    SECRETS.get_or_init(|| headers::secrets(&settings().headers))
}
