//! The front of a simulated Azure that stands alone: what real clients ask
//! before and beside ARM, and the check of the tokens that they bring.
//!
//! A cloud's description, an authority that signs tokens, a managed identity's
//! endpoint, a workflow's token endpoint, and the hosts of storage accounts and
//! vaults that clients probe. What clients ask first: the sources of azurerm
//! 5.2, azapi 2.12 and MSAL, and exchanges with them.

mod data_plane;
mod metadata;
mod sign_in;
mod tokens;

use std::sync::Arc;
use std::time::SystemTime;

use http::{HeaderValue, Request, Response, StatusCode, request::Parts};
use serde_json::{Value, json};

pub use data_plane::{host_names, is_data_plane};
pub use sign_in::ClientCertificate;

use super::{CLIENT, Dropped, PRINCIPAL, Simulator, TENANT, base_url};
use tokens::{Claims, Tokens};

/// A simulated Azure with its front.
#[derive(Debug)]
pub struct Door {
    simulator: Arc<Simulator>,
    tokens: Tokens,
    certificate: Option<ClientCertificate>,
}

/// What a client proves itself with, besides its id. Each is random, made with
/// the state file and kept in it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The secret of the client [`CLIENT`].
    pub client_secret: String,
    /// What the workflow's token endpoint wants to see.
    pub request_token: String,
    /// What the endpoint of an app's managed identity wants to see.
    pub identity_header: String,
}

impl Door {
    /// Puts a front before `simulator`. The holder of `certificate`'s key may
    /// sign in too.
    pub fn new(simulator: Arc<Simulator>, certificate: Option<ClientCertificate>) -> Result<Self, Dropped> {
        let tokens = Tokens::new(&simulator.key()?);
        Ok(Self { simulator, tokens, certificate })
    }

    /// What clients prove themselves with.
    #[must_use]
    pub fn credentials(&self) -> Credentials {
        Credentials {
            client_secret: self.tokens.derived("client secret"),
            request_token: self.tokens.derived("request token"),
            identity_header: self.tokens.derived("identity header"),
        }
    }

    /// A federated token of the workflow that the client trusts, for `base`
    /// as the address of this front.
    #[must_use]
    pub fn federated_token(&self, base: &str, now: SystemTime) -> String {
        self.tokens.sign(&Claims::federated(base, super::milliseconds(now) / 1000))
    }

    /// Answers `request` at `now`, whatever it asks for.
    pub fn handle(&self, request: Request<Vec<u8>>, now: SystemTime) -> Result<Response<Vec<u8>>, Dropped> {
        let (head, body) = request.into_parts();
        let base = base_url(&head);
        let host = host(&base);
        if data_plane::is_data_plane(host) {
            return self.simulator.data_plane(&head, host);
        }
        let seconds = super::milliseconds(now) / 1000;
        let path: Vec<String> =
            head.uri.path().trim_matches('/').split('/').map(str::to_ascii_lowercase).collect();
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let front = match (head.method.as_str(), path.as_slice()) {
            ("GET", ["metadata", "endpoints"]) => Some(metadata::answer(&head, &base)),
            _ => sign_in::answer_for(self, &head, &body, &path, &base, seconds),
        };
        if let Some(answer) = front {
            return Ok(answer);
        }
        if let Err(refusal) = self.admit(&head, &base, seconds) {
            return Ok(*refusal);
        }
        self.simulator.handle(Request::from_parts(head, body), now)
    }

    /// Admits a request to ARM that carries a token of ours, for ARM, in time.
    fn admit(&self, head: &Parts, base: &str, seconds: i64) -> Result<(), Box<Response<Vec<u8>>>> {
        let refuse =
            |code: &str, error: &str, message: &str| Box::new(unauthorized(base, code, error, message));
        let given = head.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let Some(token) = given.and_then(bearer) else {
            return Err(refuse(
                "AuthenticationFailed",
                "invalid_token",
                "Authentication failed. The 'Authorization' header is missing.",
            ));
        };
        let Some(claims) = self.tokens.verify(token) else {
            return Err(refuse(
                "InvalidAuthenticationToken",
                "invalid_token",
                "The access token is invalid.",
            ));
        };
        if claims.expires <= seconds {
            return Err(refuse(
                "ExpiredAuthenticationToken",
                "invalid_token",
                "The access token expiry time is in the past. Get a new one.",
            ));
        }
        if !tokens::is_for_arm(&claims.audience, base) {
            return Err(refuse(
                "InvalidAuthenticationTokenAudience",
                "invalid_token",
                "The access token has been obtained for wrong audience or resource. It should exactly match with one \
                 of the allowed audiences.",
            ));
        }
        Ok(())
    }
}

/// The host and port of a base url.
fn host(base: &str) -> &str {
    base.split_once("://").map_or(base, |(_, host)| host)
}

/// The token of an `Authorization` header.
fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

fn unauthorized(base: &str, code: &str, error: &str, message: &str) -> Response<Vec<u8>> {
    let mut response = answer(401, &json!({ "error": { "code": code, "message": message } }));
    let challenge = format!(
        "Bearer authorization_uri=\"{base}/{TENANT}\", error=\"{error}\", error_description=\"{message}\""
    );
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(http::header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// An answer that carries `body`.
fn answer(status: u16, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    headers.insert(http::header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The first value of a query or form parameter.
fn parameter(encoded: &[u8], name: &str) -> Option<String> {
    url::form_urlencoded::parse(encoded)
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.into_owned())
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Credentials(..)")
    }
}
