//! Tokens: signed with a key that only the state file holds, checked before
//! anything is believed.

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::store::stable_guid;
use super::{CLIENT, PRINCIPAL, TENANT};

/// What federated tokens are for (Entra, workload identity federation).
const AUDIENCE_OF_ASSERTIONS: &str = "api://AzureADTokenExchange";

/// Seconds that a token lasts; Entra's last 60 to 90 minutes.
pub(super) const LASTS: i64 = 3599;

/// The longest token that is looked at. Entra's are some 2 KB.
const LONGEST: usize = 16 * 1024;

/// What the public cloud's tokens for ARM are for; clients that know no other
/// cloud ask for one of these.
const PUBLIC: [&str; 2] = ["https://management.azure.com", "https://management.core.windows.net"];

/// The signer.
pub(super) struct Tokens {
    key: hmac::Key,
}

/// What a token says that is looked at again.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) audience: String,
    issuer: String,
    issued: i64,
    pub(super) expires: i64,
    /// Whose it is: the client's principal, or a workflow.
    subject: String,
}

impl Claims {
    /// An access token of the client's principal.
    pub(super) fn access(base: &str, audience: &str, now: i64) -> Self {
        Self {
            audience: audience.to_owned(),
            issuer: format!("{base}/{TENANT}/v2.0"),
            issued: now,
            expires: now + LASTS,
            subject: PRINCIPAL.to_owned(),
        }
    }

    /// A federated token of the workflow that the client trusts.
    pub(super) fn federated(base: &str, now: i64) -> Self {
        Self {
            audience: AUDIENCE_OF_ASSERTIONS.to_owned(),
            issuer: format!("{base}/workflow"),
            issued: now,
            // It is handed to a whole test run, not to one job.
            expires: now + 24 * LASTS,
            subject: "repo:amlsecure/example:ref:refs/heads/main".to_owned(),
        }
    }

    /// Whether it is a workflow's.
    pub(super) fn is_federated(&self) -> bool {
        self.audience == AUDIENCE_OF_ASSERTIONS
    }

    fn json(&self) -> Value {
        let mut claims = json!({
            "aud": self.audience, "iss": self.issuer, "iat": self.issued, "nbf": self.issued, "exp": self.expires,
            "sub": self.subject,
        });
        if !self.is_federated() {
            // azurerm takes these from the token and otherwise asks Microsoft Graph.
            for (name, value) in [("oid", PRINCIPAL), ("tid", TENANT), ("appid", CLIENT), ("azp", CLIENT)] {
                claims[name] = json!(value);
            }
            claims["idtyp"] = json!("app");
            claims["ver"] = json!("2.0");
        }
        claims
    }

    fn of(json: &Value) -> Option<Self> {
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            audience: text("aud")?,
            issuer: text("iss")?,
            issued: json.get("iat")?.as_i64()?,
            expires: json.get("exp")?.as_i64()?,
            subject: text("sub")?,
        })
    }
}

impl Tokens {
    pub(super) fn new(key: &str) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()) }
    }

    /// A secret of its own for `purpose`, always the same with this key.
    pub(super) fn derived(&self, purpose: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, purpose.as_bytes()))
    }

    /// Whether `given` is what [`Self::derived`] gives for `purpose`, without
    /// telling by the time it takes how much of it is.
    pub(super) fn is_derived(&self, purpose: &str, given: &str) -> bool {
        URL_SAFE_NO_PAD
            .decode(given)
            .is_ok_and(|given| hmac::verify(&self.key, purpose.as_bytes(), &given).is_ok())
    }

    /// A signed token (RFC 7515, HS256).
    pub(super) fn sign(&self, claims: &Claims) -> String {
        let claims = claims.json();
        let header = json!({ "typ": "JWT", "alg": "HS256", "kid": stable_guid("simulator") });
        let message = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header.to_string()),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let signature = hmac::sign(&self.key, message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// What a token says, if this key signed it; when it ends is not looked at.
    pub(super) fn verify(&self, token: &str) -> Option<Claims> {
        let (message, signature) = token.rsplit_once('.').filter(|_| token.len() <= LONGEST)?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        hmac::verify(&self.key, message.as_bytes(), &signature).ok()?;
        let (_, claims) = message.split_once('.')?;
        Claims::of(&serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?)
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(..)")
    }
}

/// Whether an audience is that of ARM at `base`.
pub(super) fn is_for_arm(audience: &str, base: &str) -> bool {
    let audience = audience.trim_end_matches('/');
    // A plain and a TLS address of one front are one front.
    let place = |url: &str| url.split_once("://").map_or(url, |(_, place)| place).to_ascii_lowercase();
    place(audience) == place(base) || PUBLIC.iter().any(|known| audience.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_believed_only_as_it_was_signed() {
        let tokens = Tokens::new("a key");
        let token = tokens.sign(&Claims::access("https://localhost:1", "https://localhost:1/", 1000));
        let claims = tokens.verify(&token).unwrap();
        assert_eq!((claims.audience.as_str(), claims.expires), ("https://localhost:1/", 1000 + LASTS));
        assert!(Tokens::new("another key").verify(&token).is_none());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let forged =
            URL_SAFE_NO_PAD.encode(r#"{"aud":"https://localhost:1","iss":"x","sub":"x","iat":0,"exp":9}"#);
        assert!(tokens.verify(&format!("{header}.{forged}.{signature}")).is_none());
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert!(tokens.verify(&format!("{none}.{forged}.")).is_none());
        assert!(tokens.verify("").is_none() && tokens.verify("..").is_none());
    }

    #[test]
    fn arm_is_meant_by_its_address_or_by_azures_own_name() {
        for audience in
            ["https://localhost:8443", "https://LOCALHOST:8443//", "https://management.azure.com/"]
        {
            assert!(is_for_arm(audience, "https://localhost:8443"), "{audience}");
        }
        for audience in
            ["https://localhost:8444", "https://graph.microsoft.com", "https://vault.azure.net", ""]
        {
            assert!(!is_for_arm(audience, "https://localhost:8443"), "{audience}");
        }
    }

    #[test]
    fn a_derived_secret_is_known_again() {
        let tokens = Tokens::new("a key");
        let secret = tokens.derived("one");
        assert!(tokens.is_derived("one", &secret));
        assert!(!tokens.is_derived("two", &secret) && !tokens.is_derived("one", &secret[1..]));
        assert_ne!(secret, Tokens::new("another key").derived("one"));
    }
}
