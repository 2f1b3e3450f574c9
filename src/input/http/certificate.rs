//! Why a server's certificate is not accepted, in words, with what to do.

use rustls::pki_types::ServerName;
use rustls::{CertificateError, OtherError};

/// Names of a certificate that are listed; it may have hundreds.
const MAX_NAMES: usize = 3;

/// Why a certificate is not accepted, and what can be done.
pub(super) fn why_refused(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => {
            "its certificate is signed by an unknown authority: --cacert FILE names that \
             authority's certificate, or the server's own if it signed it itself"
                .to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| plain(name)).collect();
            let more = names.len().saturating_sub(MAX_NAMES);
            let listed = match names.as_slice() {
                [] => "for no name".to_owned(),
                names if more > 0 => format!("for {} and {more} more", names[..MAX_NAMES].join(", ")),
                names => format!("for {}", names.join(", ")),
            };
            format!("its certificate is {listed}, not for {}: use a name that it is for", name_of(expected))
        }
        CertificateError::NotValidForName => {
            "its certificate is for another name: use a name that it is for".to_owned()
        }
        CertificateError::ExpiredContext { time, not_after } => {
            let days = time.as_secs().saturating_sub(not_after.as_secs()) / (24 * 60 * 60);
            let since = match days {
                0 => "today".to_owned(),
                1 => "1 day ago".to_owned(),
                days => format!("{days} days ago"),
            };
            format!("its certificate expired {since}: renew it, or check this machine's clock")
        }
        CertificateError::Expired => "its certificate has expired: renew it, or check this machine's clock".to_owned(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet: check this machine's clock".to_owned()
        }
        CertificateError::BadSignature => {
            "its certificate is not signed by the authority that it names and that is trusted: \
             --cacert FILE names the right one"
                .to_owned()
        }
        CertificateError::Other(error) if is_of_authority(error) => {
            "its certificate is self-signed, and not known: --cacert FILE names it".to_owned()
        }
        CertificateError::Revoked => "its certificate was revoked".to_owned(),
        other => format!("its certificate is not accepted: {other}"),
    }
}

/// Whether a certificate, whose dates are right, is not accepted as that of a server for being an authority's.
pub(super) fn is_of_authority(error: &OtherError) -> bool {
    matches!(error.0.downcast_ref(), Some(webpki::Error::CaUsedAsEndEntity))
}

fn name_of(name: &ServerName<'_>) -> String {
    name.to_str().into_owned()
}

/// A name as a certificate has it, of which rustls shows the kind: `DnsName("h")`.
fn plain(name: &str) -> String {
    name.split('"').nth(1).unwrap_or(name).to_owned()
}
