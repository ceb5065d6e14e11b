//! The one seam to the network. Behind it stands Azure, or the simulator.

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
