//! AutoMTLS: host and plugin each make a certificate and tell the other, one
//! through the environment, one through the handshake line.
//!
//! The host's certificate is one of a CA that signs itself, on the curve
//! P-521. WebPKI refuses a CA as a client, and the crypto provider `ring` does
//! not know the curve, so the certificate is compared byte for byte and its
//! signatures are checked with aws-lc-rs. That is also stricter: there is
//! exactly one client. Source: go-plugin, mtls.go.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName as Name, ServerConfig, SignatureScheme,
};
use tokio_rustls::TlsAcceptor;

/// The name that a go-plugin host expects of its plugin.
const HOST_NAME: &str = "localhost";

/// How far a certificate reaches back, for a host whose clock is behind.
const BACKDATED: Duration = Duration::from_secs(30);

/// How long a certificate is valid: as long as the host's own. The key lives
/// as long as the process.
const VALID: Duration = Duration::from_secs(262_980 * 3600);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// What the host calls its certificate is none.
    #[error("PLUGIN_CLIENT_CERT holds no certificate: {0}")]
    ClientCertificate(String),
    /// No certificate of our own could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(#[from] rcgen::Error),
    /// The two do not make a TLS server.
    #[error("TLS could not be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// A TLS server for one host.
pub(super) struct Tls {
    /// Takes the host's connections.
    pub(super) acceptor: TlsAcceptor,
    /// Our certificate in DER, for the handshake line.
    pub(super) certificate: Vec<u8>,
}

/// Makes a TLS server with a fresh key that takes only the client with the
/// certificate in `client_pem`.
pub(super) fn server(client_pem: &str, now: SystemTime) -> Result<Tls, TlsError> {
    let client = CertificateDer::from_pem_slice(client_pem.as_bytes())
        .map_err(|error| TlsError::ClientCertificate(error.to_string()))?;
    let key = KeyPair::generate()?;
    let certificate = parameters(now)?.self_signed(&key)?;

    let crypto = Arc::new(aws_lc_rs::default_provider());
    let verifier = Arc::new(OnlyClient { certificate: client, crypto: crypto.clone() });
    let key =
        PrivateKeyDer::try_from(key.serialize_der()).map_err(|error| rustls::Error::General(error.into()))?;
    let mut config = ServerConfig::builder_with_provider(crypto)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![certificate.der().clone()], key)?;
    // grpc-go hangs up where the server does not choose HTTP/2 by name.
    config.alpn_protocols = vec![b"h2".to_vec()];
    Ok(Tls { acceptor: TlsAcceptor::from(Arc::new(config)), certificate: certificate.der().to_vec() })
}

/// A certificate as go-plugin makes it: it is its own CA, since the host takes
/// it for its only root.
fn parameters(now: SystemTime) -> Result<CertificateParams, rcgen::Error> {
    let mut parameters = CertificateParams::new([HOST_NAME.to_owned()])?;
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, HOST_NAME);
    name.push(DnType::OrganizationName, "HashiCorp");
    parameters.distinguished_name = name;
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.key_usages = vec![
        KeyUsagePurpose::DigitalSignature,
        KeyUsagePurpose::KeyEncipherment,
        KeyUsagePurpose::KeyAgreement,
        KeyUsagePurpose::KeyCertSign,
    ];
    parameters.extended_key_usages =
        vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
    parameters.not_before = (now - BACKDATED).into();
    parameters.not_after = (now + VALID).into();
    Ok(parameters)
}

/// Takes one certificate and no other.
#[derive(Debug)]
struct OnlyClient {
    certificate: CertificateDer<'static>,
    crypto: Arc<CryptoProvider>,
}

impl ClientCertVerifier for OnlyClient {
    fn root_hint_subjects(&self) -> &[Name] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        if end_entity.as_ref() == self.certificate.as_ref() {
            Ok(ClientCertVerified::assertion())
        } else {
            Err(CertificateError::ApplicationVerificationFailure.into())
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, cert, dss, &self.crypto.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.crypto.signature_verification_algorithms.supported_schemes()
    }
}
