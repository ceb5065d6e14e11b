//! Only the host that started the plugin gets in.

use std::path::PathBuf;
use std::sync::Arc;

use amlsecure::protocol::proto::tfplugin5::get_metadata;
use amlsecure::protocol::proto::tfplugin5::provider_client::ProviderClient;
use amlsecure::protocol::{Environment, Mode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use hyper_util::rt::TokioIo;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose,
    PKCS_ECDSA_P521_SHA512,
};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio::net::UnixStream;
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint};

use super::running::{Running, environment};
use crate::contract::fake::Fake;

/// A host's certificate, to go-plugin's template: a CA on P-521 that signs
/// itself.
struct Host {
    certificate: rcgen::Certificate,
    key: KeyPair,
}

impl Host {
    fn new() -> Self {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P521_SHA512).unwrap();
        let mut parameters = CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, "localhost");
        parameters.distinguished_name.push(DnType::OrganizationName, "HashiCorp");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.key_usages = vec![
            KeyUsagePurpose::DigitalSignature,
            KeyUsagePurpose::KeyEncipherment,
            KeyUsagePurpose::KeyAgreement,
            KeyUsagePurpose::KeyCertSign,
        ];
        parameters.extended_key_usages =
            vec![ExtendedKeyUsagePurpose::ClientAuth, ExtendedKeyUsagePurpose::ServerAuth];
        let certificate = parameters.self_signed(&key).unwrap();
        Self { certificate, key }
    }

    async fn plugin(&self) -> Running {
        let environment = Environment { client_certificate: Some(self.certificate.pem()), ..environment() };
        Running::start(Fake::new(), environment, Mode::Plugin).await.unwrap()
    }
}

/// Trusts exactly the certificate of the handshake line, as a host does.
#[derive(Debug)]
struct OnlyPlugin(Vec<u8>);

impl ServerCertVerifier for OnlyPlugin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        assert_eq!(end_entity.as_ref(), self.0);
        assert_eq!(name.to_str(), "localhost");
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, cert, dss, &algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = aws_lc_rs::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, cert, dss, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// A client of `plugin` with the certificate of `host`, or none.
fn connector(
    plugin: &Running,
    host: Option<&Host>,
    versions: &[&'static rustls::SupportedProtocolVersion],
) -> TlsConnector {
    let certificate = STANDARD_NO_PAD.decode(plugin.fields()[5]).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(OnlyPlugin(certificate)));
    let mut config = match host {
        Some(host) => {
            let key = PrivateKeyDer::try_from(host.key.serialize_der()).unwrap();
            builder.with_client_auth_cert(vec![host.certificate.der().clone()], key).unwrap()
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn connect(socket: PathBuf, connector: TlsConnector) -> Result<Channel, tonic::transport::Error> {
    Endpoint::from_static("http://localhost")
        .connect_with_connector(tower::service_fn(move |_| {
            let (socket, connector) = (socket.clone(), connector.clone());
            async move {
                let stream = UnixStream::connect(socket).await?;
                let stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await?;
                assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
                Ok::<_, std::io::Error>(TokioIo::new(stream))
            }
        }))
        .await
}

/// Whether a call gets through.
async fn gets_in(plugin: &Running, connector: TlsConnector) -> bool {
    match connect(plugin.socket(), connector).await {
        // With TLS 1.3 the client believes itself connected before the server
        // has looked at its certificate.
        Ok(channel) => ProviderClient::new(channel).get_metadata(get_metadata::Request {}).await.is_ok(),
        Err(_) => false,
    }
}

#[tokio::test]
async fn the_host_that_started_the_plugin_gets_in_with_either_tls() {
    let host = Host::new();
    let plugin = host.plugin().await;
    assert!(plugin.fields()[5].len() > 50 && !plugin.fields()[5].contains('='));
    assert!(gets_in(&plugin, connector(&plugin, Some(&host), &[&rustls::version::TLS13])).await);
    assert!(gets_in(&plugin, connector(&plugin, Some(&host), &[&rustls::version::TLS12])).await);
}

#[tokio::test]
async fn a_client_with_another_certificate_or_none_is_refused_and_the_host_still_served() {
    let host = Host::new();
    let plugin = host.plugin().await;
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    assert!(!gets_in(&plugin, connector(&plugin, Some(&Host::new()), &versions)).await);
    assert!(!gets_in(&plugin, connector(&plugin, None, &versions)).await);
    // A connection that says nothing, and one that is no TLS.
    drop(UnixStream::connect(plugin.socket()).await.unwrap());
    assert!(
        tokio::time::timeout(super::running::SOON, async {
            let channel = super::running::plaintext(plugin.socket()).await;
            ProviderClient::new(channel).get_metadata(get_metadata::Request {}).await
        })
        .await
        .expect("an answer")
        .is_err()
    );
    assert!(gets_in(&plugin, connector(&plugin, Some(&host), &versions)).await);
}

#[tokio::test]
async fn each_plugin_has_a_key_of_its_own() {
    let host = Host::new();
    let (one, other) = (host.plugin().await, host.plugin().await);
    assert_ne!(one.fields()[5], other.fields()[5]);
}
