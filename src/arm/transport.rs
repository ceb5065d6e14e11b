//! The one seam to the network. Behind it stands Azure, or the simulator.

use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

use async_trait::async_trait;

/// What goes out: the url is absolute, the body JSON or a form.
pub type Request = http::Request<Vec<u8>>;
/// What comes back, whole.
pub type Response = http::Response<Vec<u8>>;

/// Sends one request and returns its one answer.
#[async_trait]
pub trait Transport: Send + Sync {
    /// Any HTTP status is an answer; an error means that there was none.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

/// No answer came.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// What went wrong, without secrets.
    pub message: String,
    /// Whether the request certainly never reached the other side, so that
    /// repeating it cannot do anything twice.
    pub unsent: bool,
}

/// How long a connection may take to open, TLS included: over a congested VPN
/// this is seconds, and a firewall that drops packets never answers.
const CONNECT_WITHIN: Duration = Duration::from_secs(20);

/// How long an answer may be silent. ARM gives a service a minute and then
/// answers 504 itself (resource provider contract), so this is more.
const SILENT_AT_MOST: Duration = Duration::from_secs(100);

/// The largest answer. ARM caps those of its services at 8 MB (resource
/// provider contract); the list of all providers is some 5 MB.
const BODY_MOST: usize = 32 << 20;

/// The network: HTTP over TLS, trusting the machine's certificates, through the
/// machine's proxies. Nothing is opened or loaded before the first request.
#[derive(Default)]
pub struct HttpTransport {
    /// Certificates trusted beside the machine's, PEM.
    trusted: Option<Vec<u8>>,
    client: OnceLock<Result<reqwest::Client, String>>,
}

impl HttpTransport {
    /// Trusts what the machine trusts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts these certificates too (PEM, one or more).
    #[must_use]
    pub fn trusting(pem: impl Into<Vec<u8>>) -> Self {
        Self { trusted: Some(pem.into()), client: OnceLock::new() }
    }

    fn client(&self) -> Result<&reqwest::Client, TransportError> {
        self.client
            .get_or_init(|| {
                // ARM answers with no redirect, and one would take the token elsewhere.
                let mut builder = reqwest::Client::builder()
                    .connect_timeout(CONNECT_WITHIN)
                    .read_timeout(SILENT_AT_MOST)
                    .redirect(reqwest::redirect::Policy::none())
                    .retry(reqwest::retry::never());
                if let Some(pem) = &self.trusted {
                    let certificates = reqwest::Certificate::from_pem_bundle(pem).map_err(|e| text(&e))?;
                    builder = builder.tls_certs_merge(certificates);
                }
                builder.build().map_err(|error| text(&error))
            })
            .as_ref()
            .map_err(|message| TransportError { message: message.clone(), unsent: true })
    }
}

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let client = self.client()?;
        let request = reqwest::Request::try_from(request)
            .map_err(|error| TransportError { message: text(&error), unsent: true })?;
        let mut answer = client.execute(request).await.map_err(|error| TransportError {
            unsent: error.is_connect() || error.is_builder(),
            message: text(&error),
        })?;
        let mut response = http::Response::new(Vec::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        let body = response.body_mut();
        loop {
            match answer.chunk().await {
                Ok(None) => return Ok(response),
                Ok(Some(chunk)) if body.len() + chunk.len() <= BODY_MOST => body.extend_from_slice(&chunk),
                Ok(Some(_)) => {
                    let message = format!("the answer is larger than {} MB", BODY_MOST >> 20);
                    return Err(TransportError { message, unsent: false });
                }
                Err(error) => return Err(TransportError { message: text(&error), unsent: false }),
            }
        }
    }
}

/// An error and what it came from. The url stays out: it may carry a signature.
fn text(error: &reqwest::Error) -> String {
    let mut text = match error.url() {
        Some(url) => format!("{} could not be asked", url.host_str().unwrap_or("the server")),
        None => "the request could not be sent".to_owned(),
    };
    let mut source = error.source();
    while let Some(inner) = source {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        source = inner.source();
    }
    text
}
