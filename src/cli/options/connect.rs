//! Options on requests to servers, and what they become.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use rustls::pki_types::pem::{Error as PemError, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::input::http::{self, Header, Identity, Settings, Trust, parse_header};
use crate::input::read_small;

/// The variable with headers, one a line, which no list of processes shows.
const VARIABLE: &str = "HEAPDIFF_HEADER";
/// Largest file with headers or certificates, bytes; those of all authorities are a quarter of a megabyte.
const MAX_FILE: u64 = 4 << 20;

/// How servers are asked, if an input is a URL.
#[derive(Debug, Default, Args)]
pub(crate) struct ConnectArgs {
    /// Send this header with each request: 'Authorization: Bearer TOKEN', or @FILE with one header a line; repeatable
    /// [default: those in HEAPDIFF_HEADER]
    #[arg(help_heading = "Connection", hide_short_help = true)]
    #[arg(long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// Trust these authorities (PEM) instead of the system's; the server's own certificate if it signed it itself
    #[arg(help_heading = "Connection", hide_short_help = true)]
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    cacert: Option<PathBuf>,
    /// Certificate (PEM) for servers that ask the client for one
    #[arg(help_heading = "Connection", hide_short_help = true)]
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,
    /// Its key (PEM) [default: in the file of --cert]
    #[arg(help_heading = "Connection", hide_short_help = true)]
    #[arg(long, value_name = "FILE", requires = "cert")]
    key: Option<PathBuf>,
    /// Accept any certificate: whoever is between may read the token and change the profile
    #[arg(help_heading = "Connection", hide_short_help = true)]
    #[arg(long)]
    insecure: bool,
}

impl ConnectArgs {
    /// Reads the files, and makes this hold for all requests.
    pub(crate) fn apply(&self) -> Result<()> {
        http::configure(Settings {
            headers: self.all_headers()?,
            trust: match &self.cacert {
                _ if self.insecure => Trust::Anybody,
                Some(path) => Trust::Given(certificates(path).with_context(|| named("--cacert", path))?),
                None => Trust::System,
            },
            identity: self.cert.as_deref().map(|path| identity(path, self.key.as_deref())).transpose()?,
        });
        Ok(())
    }

    /// Whether any certificate is accepted.
    pub(crate) fn is_insecure(&self) -> bool {
        self.insecure
    }

    /// These options as words of another command on the same server, without secrets: a header that was typed is one to
    /// put into a file.
    pub(crate) fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        let is_file = |header: &&String| header.starts_with('@');
        let typed = self.headers.iter().find(|header| !is_file(header)).map(|_| "@FILE".to_owned());
        for header in self.headers.iter().filter(is_file).cloned().chain(typed) {
            words.extend(["--header".to_owned(), header]);
        }
        for (option, path) in [("--cacert", &self.cacert), ("--cert", &self.cert), ("--key", &self.key)] {
            words.extend(path.iter().flat_map(|path| [option.to_owned(), path.display().to_string()]));
        }
        words.extend(self.insecure.then(|| "--insecure".to_owned()));
        words
    }

    /// The headers of the variable, but for those that options replace, and those of the options.
    fn all_headers(&self) -> Result<Vec<Header>> {
        let mut typed = Vec::new();
        for value in &self.headers {
            match value.strip_prefix('@') {
                Some(path) => {
                    let path = Path::new(path);
                    let text = text_of(path).with_context(|| {
                        let path = path.display();
                        format!("--header @{path}, a file with a header a line (Authorization: Bearer TOKEN)")
                    })?;
                    typed.extend(headers_in(&text, || named("--header", path))?);
                }
                None => typed.push(parse_header(value).context("--header")?),
            }
        }
        let variable = env::var(VARIABLE).unwrap_or_default();
        let mut headers = headers_in(&variable, || VARIABLE.to_owned())?;
        headers.retain(|(name, _)| typed.iter().all(|(other, _)| other != name));
        headers.extend(typed);
        Ok(headers)
    }
}

fn named(option: &str, path: &Path) -> String {
    format!("{option} {}", path.display())
}

fn text_of(path: &Path) -> Result<String> {
    String::from_utf8(read_small(path, MAX_FILE)?).context("expected text, one header a line")
}

/// The headers of a text, one a line. `place` names the text.
fn headers_in(text: &str, place: impl Fn() -> String) -> Result<Vec<Header>> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(at, line)| parse_header(line).with_context(|| format!("{}, line {}", place(), at + 1))).collect()
}

/// The certificates in a file.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let text = read_small(path, MAX_FILE)?;
    let found = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>().map_err(|error| pem(&error))?;
    match found.is_empty() {
        true => bail!("no certificate in it; expected PEM, which begins with -----BEGIN CERTIFICATE-----"),
        false => Ok(found),
    }
}

/// The certificate in `cert`, with its key in `key` or in the same file.
fn identity(cert: &Path, key: Option<&Path>) -> Result<Identity> {
    let chain = certificates(cert).with_context(|| named("--cert", cert))?;
    let (option, path) = key.map_or(("--cert", cert), |key| ("--key", key));
    let key = || -> Result<PrivateKeyDer<'static>> {
        PrivateKeyDer::from_pem_slice(&read_small(path, MAX_FILE)?).map_err(|error| match error {
            PemError::NoItemsFound if option == "--cert" => {
                anyhow::anyhow!("no key in it: --key FILE names the one of this certificate")
            }
            PemError::NoItemsFound => anyhow::anyhow!(
                "no key in it; expected PEM without a password, which begins with -----BEGIN PRIVATE KEY-----"
            ),
            error => pem(&error),
        })
    };
    Ok(Identity { chain, key: key().with_context(|| named(option, path))? })
}

/// The error on a file that is not PEM, without what is in it.
fn pem(error: &PemError) -> anyhow::Error {
    match error {
        PemError::MissingSectionEnd { .. } => anyhow::anyhow!("it is cut off: a part of it has no END line"),
        PemError::Base64Decode(_) => anyhow::anyhow!("it is damaged: a part of it is not base64"),
        _ => anyhow::anyhow!("it is not PEM"),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn errors_on_headers_name_the_line_and_no_value() {
        let read = |text| headers_in(text, || "--header f".to_owned());
        let names = |text| read(text).unwrap().iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>();
        assert_eq!(names("A: b\r\n\n  \nC: d"), ["a", "c"]);
        let error = format!("{:#}", read("A: b\n\nBearer s3cret\n").unwrap_err());
        assert_eq!(error, "--header f, line 3: expected NAME: VALUE, such as 'Authorization: Bearer TOKEN'");
    }
}
