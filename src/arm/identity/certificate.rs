//! Client certificates: an assertion signed with the certificate's key.
//!
//! The form is Microsoft's (identity platform, "application authentication
//! certificate credentials"): a JWT, RS256, that names the certificate by the
//! thumbprint of its DER form.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p12_keystore::{KeyStore, Pkcs12ImportPolicy};
use serde_json::json;

use super::bridge::failure;
use crate::arm::Clock;

/// How long an assertion holds; Microsoft advises five to ten minutes.
const VALID: Duration = Duration::from_secs(600);

/// A certificate and its key, which signs.
pub(super) struct Certificate {
    key: KeyPair,
    /// `x5t` and `x5t#S256` of the header.
    thumbprints: [String; 2],
}

impl Certificate {
    /// Reads a PFX (PKCS #12) file, of today's ciphers or yesterday's. The
    /// error is in words and holds nothing of the file.
    pub(super) fn from_pfx(pfx: &[u8], password: &str) -> Result<Self, String> {
        let store = KeyStore::from_pkcs12(pfx, password, Pkcs12ImportPolicy::Relaxed)
            .map_err(|error| format!("it cannot be opened, or not with this password: {error}"))?;
        let (_, chain) = store.private_key_chain().ok_or("it holds no private key")?;
        let leaf = chain.certs().first().ok_or("it holds no certificate for its private key")?;
        let key = KeyPair::from_pkcs8(chain.key().as_der())
            .map_err(|_| "its private key is not an RSA key of 2048 to 8192 bits")?;
        let thumbprints = [&SHA1_FOR_LEGACY_USE_ONLY, &SHA256]
            .map(|algorithm| URL_SAFE_NO_PAD.encode(digest(algorithm, leaf.as_der())));
        Ok(Self { key, thumbprints })
    }

    /// A JWT that says: I am `client_id`, to whoever listens at `audience`.
    fn sign(&self, client_id: &str, audience: &str, now: SystemTime) -> Result<String, String> {
        let seconds = |at: SystemTime| {
            at.duration_since(SystemTime::UNIX_EPOCH).map(|since| since.as_secs()).unwrap_or_default()
        };
        let [sha1, sha256] = &self.thumbprints;
        let header = json!({"alg": "RS256", "typ": "JWT", "x5t": sha1, "x5t#S256": sha256});
        let claims = json!({
            "aud": audience,
            "exp": seconds(now + VALID),
            "iat": seconds(now),
            "iss": client_id,
            "jti": uuid::Uuid::new_v4().to_string(),
            "nbf": seconds(now),
            "sub": client_id,
        });
        let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(&claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
            .map_err(|_| "the assertion cannot be signed")?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

/// Signs an assertion for each token request.
pub(super) struct Signed {
    pub(super) certificate: Arc<Certificate>,
    pub(super) client_id: String,
    /// The token endpoint.
    pub(super) audience: String,
    pub(super) clock: Arc<dyn Clock>,
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[async_trait]
impl ClientAssertion for Signed {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.certificate.sign(&self.client_id, &self.audience, self.clock.now()).map_err(failure)
    }
}
