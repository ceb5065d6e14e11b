//! The certificates of a simulated Azure: a CA that only its clients trust,
//! and a certificate that a client may sign in with.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use p12_keystore::{
    Certificate, EncryptionAlgorithm, KeyStore, KeyStoreEntry, MacAlgorithm, PrivateKey, PrivateKeyChain,
};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PublicKeyData as _,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

use crate::simulator::{ClientCertificate, host_names};

/// What opens the client's PFX file. It guards nothing: who can read the file
/// can sign in, to a cloud that does not exist.
pub(super) const PFX_PASSWORD: &str = "amlsecure";

/// How long the CA and the client's certificate are valid.
const YEARS: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// How long the server's certificate is valid: it is made anew at each start,
/// and some clients accept no more than 398 days.
const SERVER: Duration = Duration::from_secs(390 * 24 * 3600);

/// How far certificates reach back, for clients whose clock is behind.
const BACKDATED: Duration = Duration::from_secs(3600);

/// What TLS and the client's sign-in need.
pub(super) struct Certificates {
    /// The CA's certificate, PEM: what clients are told to trust.
    pub(super) ca_file: PathBuf,
    /// The client's certificate and key.
    pub(super) pfx_file: PathBuf,
    /// The same certificate, to know its signatures.
    pub(super) client: ClientCertificate,
    pub(super) acceptor: TlsAcceptor,
}

impl Certificates {
    /// Reads what `directory` holds, and makes what it lacks. The server's
    /// certificate is for `host`, this machine and the hosts of the services.
    pub(super) fn at(directory: &Path, host: &str, now: SystemTime) -> Result<Self, String> {
        let fail = |error: &dyn std::fmt::Display| {
            format!("The certificates in {} cannot be used: {error}", directory.display())
        };
        fs::create_dir_all(directory).map_err(|error| fail(&error))?;
        let directory = directory.canonicalize().map_err(|error| fail(&error))?;
        let key = key(&directory.join("ca.key"), KeyPair::generate).map_err(|error| fail(&error))?;
        let ca_file = directory.join("ca.pem");
        let ca = ca(now);
        if !ca_file.exists() {
            let certificate = ca.self_signed(&key).map_err(|error| fail(&error))?;
            keep(&ca_file, certificate.pem().as_bytes()).map_err(|error| fail(&error))?;
        }
        // Its name and its key are all that the CA's certificate is known by.
        let issuer = Issuer::new(ca, key);
        let pfx_file = directory.join("client.pfx");
        let client = client(&directory, &pfx_file, &issuer, now).map_err(|error| fail(&error))?;
        let acceptor = acceptor(host, &issuer, now).map_err(|error| fail(&error))?;
        Ok(Self { ca_file, pfx_file, client, acceptor })
    }
}

type Failure = Box<dyn std::error::Error>;

/// The key in a file, made by `make` where there is none.
fn key(file: &Path, make: impl FnOnce() -> Result<KeyPair, rcgen::Error>) -> Result<KeyPair, Failure> {
    if file.exists() {
        return Ok(KeyPair::from_pem(&fs::read_to_string(file)?)?);
    }
    let key = make()?;
    keep(file, key.serialize_pem().as_bytes())?;
    Ok(key)
}

/// Writes a file that only its owner can read.
pub(super) fn keep(file: &Path, bytes: &[u8]) -> io::Result<()> {
    private().truncate(true).open(file)?.write_all(bytes)
}

/// Makes a state file its owner's, before tokens are signed with what it
/// holds. One that is there already stays as it is.
pub(super) fn own(file: &Path) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    private().truncate(false).open(file).map(|_| ())
}

/// Opens for writing what only its owner can read.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn named(name: &str, now: SystemTime, lasts: Duration) -> CertificateParams {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = (now - BACKDATED).into();
    parameters.not_after = (now + lasts).into();
    parameters.use_authority_key_identifier_extension = true;
    parameters
}

fn ca(now: SystemTime) -> CertificateParams {
    let mut parameters = named("amlsecure simulator CA", now, YEARS);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

/// The certificate that the client may sign in with. Azure takes RSA keys only.
fn client(
    directory: &Path,
    pfx_file: &Path,
    issuer: &Issuer<'_, KeyPair>,
    now: SystemTime,
) -> Result<ClientCertificate, Failure> {
    let key = key(&directory.join("client.key"), || KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256))?;
    let file = directory.join("client.der");
    let certificate = if file.exists() && pfx_file.exists() {
        fs::read(&file)?
    } else {
        let parameters = named("amlsecure simulator client", now, YEARS);
        let certificate = parameters.signed_by(&key, issuer)?.der().to_vec();
        keep(&file, &certificate)?;
        keep(pfx_file, &pfx(&key, &certificate)?)?;
        certificate
    };
    Ok(ClientCertificate { certificate, public_key: key.der_bytes().to_vec() })
}

fn pfx(key: &KeyPair, certificate: &[u8]) -> Result<Vec<u8>, Failure> {
    let chain = PrivateKeyChain::new(
        "client",
        PrivateKey::from_der(&key.serialize_der())?,
        [Certificate::from_der(certificate)?],
    );
    let mut store = KeyStore::new();
    store.add_entry("client", KeyStoreEntry::PrivateKeyChain(chain));
    let writer = store
        .writer(PFX_PASSWORD)
        .encryption_algorithm(EncryptionAlgorithm::PbeWithHmacSha256AndAes256)
        .mac_algorithm(MacAlgorithm::HmacSha256);
    Ok(writer.write()?)
}

fn acceptor(host: &str, issuer: &Issuer<'_, KeyPair>, now: SystemTime) -> Result<TlsAcceptor, Failure> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    if !names.iter().any(|name| name == host) && !host.is_empty() {
        names.push(host.to_owned());
    }
    names.extend(host_names());
    let mut parameters = CertificateParams::new(names)?;
    let dated = named("localhost", now, SERVER);
    parameters.distinguished_name = dated.distinguished_name;
    parameters.not_before = dated.not_before;
    parameters.not_after = dated.not_after;
    parameters.use_authority_key_identifier_extension = true;
    parameters.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = parameters.signed_by(&key, issuer)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
