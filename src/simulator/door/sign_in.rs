//! Where tokens come from: the authority, managed identities, a workflow.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{Method, Response, request::Parts};
use serde_json::{Value, json};

use super::tokens::{Claims, LASTS};
use super::{CLIENT, Door, TENANT, answer, bearer, parameter};
use crate::simulator::{store::stable_guid, timestamp};

/// A certificate that the client may sign in with.
#[derive(Debug, Clone)]
pub struct ClientCertificate {
    /// The certificate, DER.
    pub certificate: Vec<u8>,
    /// Its RSA public key, as the certificate holds it (PKCS#1, DER).
    pub public_key: Vec<u8>,
}

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Answers what is asked of an authority or a token endpoint; `None` where the
/// path is of no such thing. `path` is in lower case.
pub(super) fn answer_for(
    door: &Door,
    head: &Parts,
    body: &[u8],
    path: &[&str],
    base: &str,
    now: i64,
) -> Option<Response<Vec<u8>>> {
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let (get, post) = (head.method == Method::GET, head.method == Method::POST);
    Some(match path {
        ["common", "discovery", "instance"] if get => answer(200, &instance(base)),
        [tenant, ".well-known", "openid-configuration"]
        | [tenant, _, ".well-known", "openid-configuration"]
            if get =>
        {
            match known_tenant(tenant, now) {
                Ok(()) => answer(200, &configuration(base, tenant)),
                Err(refusal) => *refusal,
            }
        }
        [_, "discovery", "keys"] | [_, "discovery", _, "keys"] if get => answer(200, &json!({ "keys": [] })),
        [tenant, "oauth2", "token"] if post => token(door, tenant, body, base, now, Version::One),
        [tenant, "oauth2", "v2.0", "token"] if post => token(door, tenant, body, base, now, Version::Two),
        ["metadata", "identity", "oauth2", "token"] if get => {
            let asked = head.headers.get("metadata").and_then(|value| value.to_str().ok());
            if asked.is_none_or(|value| !value.eq_ignore_ascii_case("true")) {
                return Some(refused(400, "invalid_request", "Required metadata header not specified", now));
            }
            managed(door, query, base, now)
        }
        ["msi", "token"] if get => {
            let shown = head.headers.get("x-identity-header").and_then(|value| value.to_str().ok());
            if !shown.is_some_and(|shown| door.tokens.is_derived("identity header", shown)) {
                return Some(refused(
                    401,
                    "unauthorized",
                    "The header X-IDENTITY-HEADER is not the app's.",
                    now,
                ));
            }
            managed(door, query, base, now)
        }
        ["workflow", "token"] if get || post => {
            let shown = head.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
            if !shown.and_then(bearer).is_some_and(|shown| door.tokens.is_derived("request token", shown)) {
                return Some(answer(401, &json!({ "message": "the request token is not the workflow's" })));
            }
            let token = door.tokens.sign(&Claims::federated(base, now));
            // A GitHub workflow reads the first, an Azure pipeline the second.
            answer(200, &json!({ "count": 1, "value": token, "oidcToken": token }))
        }
        _ => return None,
    })
}

/// What MSAL asks a well-known authority about all others.
fn instance(base: &str) -> Value {
    let host = super::host(base);
    json!({
        "tenant_discovery_endpoint": format!("{base}/{TENANT}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    })
}

/// The authority's own description (OpenID Connect Discovery 1.0).
fn configuration(base: &str, tenant: &str) -> Value {
    json!({
        "issuer": format!("{base}/{tenant}/v2.0"),
        "authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
        "device_authorization_endpoint": format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
        "end_session_endpoint": format!("{base}/{tenant}/oauth2/v2.0/logout"),
        "jwks_uri": format!("{base}/{tenant}/discovery/v2.0/keys"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid"],
        "tenant_region_scope": null,
        "cloud_instance_name": super::host(base),
    })
}

fn known_tenant(tenant: &str, now: i64) -> Result<(), Box<Response<Vec<u8>>>> {
    if tenant == TENANT {
        return Ok(());
    }
    Err(Box::new(refused(
        400,
        "invalid_request",
        &format!(
            "AADSTS90002: Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are \
             signing into the correct cloud."
        ),
        now,
    )))
}

/// Which of the two token endpoints is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Version {
    /// Names a resource, answers numbers as texts.
    One,
    /// Names a scope.
    Two,
}

fn token(
    door: &Door,
    tenant: &str,
    body: &[u8],
    base: &str,
    now: i64,
    version: Version,
) -> Response<Vec<u8>> {
    match issue(door, tenant, body, base, now, version) {
        Ok(answer) => answer,
        Err(refusal) => *refusal,
    }
}

fn issue(
    door: &Door,
    tenant: &str,
    body: &[u8],
    base: &str,
    now: i64,
    version: Version,
) -> Result<Response<Vec<u8>>, Box<Response<Vec<u8>>>> {
    let fail = |status: u16, error: &str, text: String| Box::new(refused(status, error, &text, now));
    known_tenant(tenant, now)?;
    let form = |name: &str| parameter(body, name);
    let grant = form("grant_type").unwrap_or_default();
    if grant != "client_credentials" {
        return Err(fail(
            400,
            "unsupported_grant_type",
            format!("AADSTS70003: The app requested an unsupported grant type '{grant}'."),
        ));
    }
    let client = form("client_id").unwrap_or_default();
    if !client.eq_ignore_ascii_case(CLIENT) {
        return Err(fail(
            400,
            "unauthorized_client",
            format!(
                "AADSTS700016: Application with identifier '{client}' was not found in the directory '{TENANT}'."
            ),
        ));
    }
    if let Some(secret) = form("client_secret") {
        if !door.tokens.is_derived("client secret", &secret) {
            return Err(fail(
                401,
                "invalid_client",
                format!(
                    "AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the \
                     client secret value, not the client secret ID, for a secret added to app '{CLIENT}'."
                ),
            ));
        }
    } else if let Some(assertion) = form("client_assertion") {
        if form("client_assertion_type").as_deref() != Some(ASSERTION_TYPE) {
            return Err(fail(
                400,
                "invalid_request",
                "AADSTS90023: The client_assertion_type is not supported.".to_owned(),
            ));
        }
        let assertion = assertion.trim();
        let federated =
            door.tokens.verify(assertion).is_some_and(|claims| claims.is_federated() && claims.expires > now);
        if !federated && !door.certificate.as_ref().is_some_and(|known| known.signed(assertion, tenant, now))
        {
            return Err(fail(
                401,
                "invalid_client",
                "AADSTS700213: No matching federated identity record or certificate found for the presented \
                 assertion."
                    .to_owned(),
            ));
        }
    } else {
        return Err(fail(
            401,
            "invalid_client",
            "AADSTS7000216: 'client_assertion', 'client_secret' or 'request' is required for the \
             'client_credentials' grant type."
                .to_owned(),
        ));
    }
    let resource = match version {
        Version::One => form("resource"),
        Version::Two => form("scope").map(|scope| audience(&scope)),
    };
    let Some(resource) = resource.filter(|resource| !resource.is_empty()) else {
        return Err(fail(
            400,
            "invalid_request",
            "AADSTS90014: The required field 'scope' is missing from the credential.".to_owned(),
        ));
    };
    let token = door.tokens.sign(&Claims::access(base, &resource, now));
    Ok(answer(
        200,
        &match version {
            Version::One => json!({
                "token_type": "Bearer", "expires_in": LASTS.to_string(), "ext_expires_in": LASTS.to_string(),
                "expires_on": (now + LASTS).to_string(), "not_before": now.to_string(), "resource": resource,
                "access_token": token,
            }),
            Version::Two => json!({
                "token_type": "Bearer", "expires_in": LASTS, "ext_expires_in": LASTS, "access_token": token,
            }),
        },
    ))
}

/// The resource that a list of scopes is about: `https://x/.default` is `https://x`.
fn audience(scopes: &str) -> String {
    scopes.split_whitespace().find_map(|scope| scope.strip_suffix("/.default")).unwrap_or_default().to_owned()
}

/// A token of a managed identity, whichever is named: all are the one principal.
fn managed(door: &Door, query: &[u8], base: &str, now: i64) -> Response<Vec<u8>> {
    let Some(resource) = parameter(query, "resource").filter(|resource| !resource.is_empty()) else {
        return refused(400, "invalid_request", "Required query variable 'resource' is missing", now);
    };
    let token = door.tokens.sign(&Claims::access(base, resource.trim_end_matches("/.default"), now));
    answer(
        200,
        &json!({
            "access_token": token, "client_id": CLIENT, "expires_in": LASTS.to_string(),
            "expires_on": (now + LASTS).to_string(), "ext_expires_in": LASTS.to_string(),
            "not_before": now.to_string(), "resource": resource, "token_type": "Bearer",
        }),
    )
}

/// An authority's refusal.
fn refused(status: u16, error: &str, description: &str, now: i64) -> Response<Vec<u8>> {
    let code =
        description.strip_prefix("AADSTS").and_then(|rest| rest.split(':').next()?.parse::<u32>().ok());
    let id = stable_guid(&format!("{description}/{now}"));
    answer(
        status,
        &json!({
            "error": error,
            "error_description": description,
            "error_codes": code.into_iter().collect::<Vec<_>>(),
            "timestamp": timestamp(now.saturating_mul(1000)),
            "trace_id": id,
            "correlation_id": id,
        }),
    )
}

impl ClientCertificate {
    /// Whether the certificate's key signed this assertion for our authority
    /// (Microsoft identity platform, certificate credentials).
    fn signed(&self, assertion: &str, tenant: &str, now: i64) -> bool {
        let part = |text: &str| -> Option<Value> {
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()
        };
        let check = || {
            let (message, signature) = assertion.rsplit_once('.')?;
            let (header, claims) = message.split_once('.')?;
            let (header, claims) = (part(header)?, part(claims)?);
            let thumbprint = |algorithm| URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &self.certificate));
            let ours = match (header["x5t"].as_str(), header["x5t#S256"].as_str()) {
                (_, Some(print)) => print.trim_end_matches('=') == thumbprint(&digest::SHA256),
                (Some(print), None) => {
                    print.trim_end_matches('=') == thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY)
                }
                (None, None) => false,
            };
            let algorithm: &dyn signature::VerificationAlgorithm = match header["alg"].as_str()? {
                "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
                "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
                _ => return None,
            };
            let audience = claims["aud"].as_str()?.to_ascii_lowercase();
            let meant = audience.ends_with(&format!("/{tenant}/oauth2/v2.0/token"))
                || audience.ends_with(&format!("/{tenant}/oauth2/token"))
                || audience.ends_with(&format!("/{tenant}/v2.0"));
            let own = claims["iss"] == json!(CLIENT) && claims["sub"] == json!(CLIENT);
            // Seconds, whole or not (RFC 7519, 2).
            #[expect(clippy::cast_precision_loss, reason = "exact until the year 285 million")]
            let in_time = claims["exp"].as_f64()? > now as f64;
            let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
            UnparsedPublicKey::new(algorithm, &self.public_key)
                .verify(message.as_bytes(), &signature)
                .ok()?;
            Some(ours && meant && own && in_time)
        };
        check().unwrap_or(false)
    }
}
