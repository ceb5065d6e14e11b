//! Puts the token on a request, and only on one that goes to ARM.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use tokio::sync::Mutex;
use url::{Origin, Url};

use super::transport::Request;
use super::{Clock, Cloud, Secret, redact};

/// Makes a request one of the signed-in principal.
#[async_trait]
pub trait Authorize: Send + Sync {
    /// Adds what the endpoint wants to see; an error says why there is none, in
    /// words for the user.
    async fn authorize(&self, request: &mut Request) -> Result<(), String>;
}

/// For the simulator, which asks for no token.
#[derive(Debug, Default, Clone, Copy)]
pub struct Anonymous;

#[async_trait]
impl Authorize for Anonymous {
    async fn authorize(&self, _request: &mut Request) -> Result<(), String> {
        Ok(())
    }
}

/// A token is renewed this long before it ends, so that none ends on the way.
/// Entra's own libraries use the same five minutes.
const RENEW_BEFORE: Duration = Duration::from_secs(300);

/// Tokens of other tenants, for references across tenants (ARM documentation,
/// "authenticate requests across tenants").
const AUXILIARY: &str = "x-ms-authorization-auxiliary";

/// Bearer tokens from a credential, kept until shortly before they end. However
/// many requests wait for one, it is fetched once.
pub struct Bearer {
    credentials: Vec<Arc<dyn TokenCredential>>,
    scope: String,
    origin: Origin,
    clock: Arc<dyn Clock>,
    hidden: Vec<Secret>,
    held: Mutex<Option<Held>>,
}

struct Held {
    token: HeaderValue,
    auxiliary: Option<HeaderValue>,
    ends: SystemTime,
}

impl Bearer {
    /// Tokens for the resource manager of `cloud`, and for nothing else. The
    /// first credential is of the principal's own tenant, the others of
    /// auxiliary ones.
    pub fn new(credentials: Vec<Arc<dyn TokenCredential>>, cloud: &Cloud, clock: Arc<dyn Clock>) -> Self {
        Self {
            credentials,
            scope: cloud.scope(),
            origin: cloud.resource_manager.origin(),
            clock,
            hidden: Vec::new(),
            held: Mutex::new(None),
        }
    }

    /// Keeps what was signed in with out of every error, whoever repeats it.
    #[must_use]
    pub fn hiding(self, secrets: impl IntoIterator<Item = Secret>) -> Self {
        Self { hidden: secrets.into_iter().collect(), ..self }
    }

    fn failure(&self, error: &azure_core::Error) -> String {
        let known: Vec<&str> = self.hidden.iter().map(Secret::reveal).collect();
        redact::redact(&error.to_string(), &known)
    }

    async fn fetch(&self) -> Result<Held, String> {
        let mut tokens = Vec::with_capacity(self.credentials.len());
        let mut ends = None::<SystemTime>;
        for credential in &self.credentials {
            let token =
                credential.get_token(&[&self.scope], None).await.map_err(|error| self.failure(&error))?;
            // A `SystemTime` cannot hold every date on every platform, and panics then.
            let seconds = u64::try_from(token.expires_on.unix_timestamp()).unwrap_or_default();
            let end = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            ends = Some(ends.map_or(end, |others| others.min(end)));
            tokens.push(format!("Bearer {}", token.token.secret()));
        }
        let header = |text: &str| {
            let mut value =
                HeaderValue::from_str(text).map_err(|_| "the token has characters no header may have")?;
            value.set_sensitive(true);
            Ok::<_, String>(value)
        };
        let (Some(ends), Some((token, auxiliary))) = (ends, tokens.split_first()) else {
            return Err("there is no credential".to_owned());
        };
        let auxiliary = if auxiliary.is_empty() { None } else { Some(header(&auxiliary.join(", "))?) };
        Ok(Held { token: header(token)?, auxiliary, ends })
    }
}

#[async_trait]
impl Authorize for Bearer {
    async fn authorize(&self, request: &mut Request) -> Result<(), String> {
        let origin = Url::parse(&request.uri().to_string()).map(|url| url.origin());
        if origin.as_ref() != Ok(&self.origin) {
            return Err(format!("{} is not asked with a token", request.uri().host().unwrap_or("this host")));
        }
        let mut held = self.held.lock().await;
        let now = self.clock.now();
        let fresh = |held: &Held, margin| held.ends > now + margin;
        if !held.as_ref().is_some_and(|held| fresh(held, RENEW_BEFORE)) {
            match self.fetch().await {
                Ok(renewed) => *held = Some(renewed),
                // The old one still does; the next request tries again.
                Err(_) if held.as_ref().is_some_and(|held| fresh(held, Duration::ZERO)) => {}
                Err(error) => return Err(error),
            }
        }
        if let Some(held) = held.as_ref() {
            request.headers_mut().insert(AUTHORIZATION, held.token.clone());
            if let Some(auxiliary) = &held.auxiliary {
                request.headers_mut().insert(AUXILIARY, auxiliary.clone());
            }
        }
        Ok(())
    }
}
