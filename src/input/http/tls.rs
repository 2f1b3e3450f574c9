//! TLS: whose certificates are accepted, and the client's own.
//!
//! In: the settings. Out: a configuration of rustls, made only when the first https URL is fetched.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::Verifier;

use super::certificate::is_of_authority;
use super::fetch_error::FetchError;
use super::settings::{Settings, Trust};

/// The configuration by these settings.
pub(super) fn config(settings: &Settings) -> Result<ClientConfig, FetchError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(FetchError::Tls)?
        .dangerous()
        .with_custom_certificate_verifier(verifier(&settings.trust, provider)?);
    match &settings.identity {
        None => Ok(builder.with_no_client_auth()),
        Some(identity) => builder
            .with_client_auth_cert(identity.chain.clone(), identity.key.clone_key())
            .map_err(FetchError::OwnCertificate),
    }
}

/// A configuration for requests without TLS: it trusts nobody, and looks for no authorities.
pub(super) fn unused() -> Result<ClientConfig, FetchError> {
    config(&Settings { trust: Trust::Given(Vec::new()), ..Settings::default() })
}

fn verifier(trust: &Trust, provider: Arc<CryptoProvider>) -> Result<Arc<dyn ServerCertVerifier>, FetchError> {
    Ok(match trust {
        Trust::System => Arc::new(Verifier::new(provider).map_err(FetchError::NoAuthorities)?),
        Trust::Given(given) => Arc::new(OwnVerifier::new(given, &provider)?),
        Trust::Anybody => {
            Arc::new(OwnVerifier { accepts: Accepts::Anybody, algorithms: provider.signature_verification_algorithms })
        }
    })
}

/// Accepts what the user says, rather than what the system does. Signatures are verified in any case.
#[derive(Debug)]
struct OwnVerifier {
    accepts: Accepts,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
enum Accepts {
    Anybody,
    Nobody,
    /// Certificates that given ones have signed, and given ones themselves: a server that signed its own, as many do, has
    /// one that says to be an authority's, which by the rules for others is not for a server.
    Given {
        given: Vec<CertificateDer<'static>>,
        by_authorities: Arc<WebPkiServerVerifier>,
    },
}

impl OwnVerifier {
    fn new(given: &[CertificateDer<'static>], provider: &Arc<CryptoProvider>) -> Result<Self, FetchError> {
        let mut roots = RootCertStore::empty();
        for certificate in given {
            roots.add(certificate.clone()).map_err(FetchError::Authority)?;
        }
        let accepts = match WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone()).build() {
            Ok(by_authorities) => Accepts::Given { given: given.to_vec(), by_authorities },
            // There are no authorities.
            Err(_) => Accepts::Nobody,
        };
        Ok(OwnVerifier { accepts, algorithms: provider.signature_verification_algorithms })
    }
}

impl ServerCertVerifier for OwnVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let (given, by_authorities) = match &self.accepts {
            Accepts::Anybody => return Ok(ServerCertVerified::assertion()),
            Accepts::Nobody => return Err(CertificateError::UnknownIssuer.into()),
            Accepts::Given { given, by_authorities } => (given, by_authorities),
        };
        let verified = by_authorities.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        match verified {
            Err(Error::InvalidCertificate(CertificateError::Other(error))) if is_of_authority(&error) => {
                if !given.contains(end_entity) {
                    return Err(CertificateError::UnknownIssuer.into());
                }
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, cert, dss, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, cert, dss, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
