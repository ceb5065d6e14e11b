//! What ARM refused, whole.

use std::time::Duration;

/// A request that did not end well.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{cause}")]
pub struct Error {
    /// What happened.
    pub cause: Cause,
    /// `PUT /subscriptions/...`: the request that it happened to.
    pub request: String,
    /// ARM's correlation id, for a support case.
    pub correlation_id: Option<String>,
    /// How often the request was sent.
    pub tries: u32,
    /// How long that took, waits included.
    pub elapsed: Duration,
}

/// Why a request did not end well.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Cause {
    /// ARM answered with an error, at once or at the end of an operation.
    #[error("{0}")]
    Refused(Refusal),
    /// No answer came.
    #[error("no answer: {0}")]
    Unreachable(String),
    /// An answer came that ARM does not give.
    #[error("unreadable answer: {0}")]
    Unreadable(String),
    /// No token could be had.
    #[error("sign-in failed: {0}")]
    SignIn(String),
    /// The deadline passed.
    #[error("the timeout passed")]
    TimedOut,
    /// Terraform asked to stop.
    #[error("stopped")]
    Stopped,
}

/// ARM's error body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status; 200 where the error came at the end of an operation.
    pub status: u16,
    /// `AnotherOperationInProgress`.
    pub code: String,
    /// ARM's sentence.
    pub message: String,
    /// What it is about, where ARM says.
    pub target: Option<String>,
    /// Inner errors, flattened.
    pub details: Vec<Refusal>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.message)
    }
}

impl Error {
    /// ARM's code, where ARM refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match &self.cause {
            Cause::Refused(refusal) => Some(&refusal.code),
            _ => None,
        }
    }

    pub(super) fn unimplemented() -> Self {
        Self {
            cause: Cause::Unreachable("not implemented".to_owned()),
            request: String::new(),
            correlation_id: None,
            tries: 0,
            elapsed: Duration::ZERO,
        }
    }
}
