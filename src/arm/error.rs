//! What ARM refused, whole.

use std::fmt;
use std::time::Duration;

use super::refusal::Refusal;

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
    /// The deadline passed, with what was in the way last.
    #[error("the timeout passed{}", .0.as_deref().map(|last| format!("; before that: {last}")).unwrap_or_default())]
    TimedOut(Option<String>),
    /// Terraform asked to stop.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// ARM's code, where ARM refused.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.refusal().map(|refusal| refusal.code.as_str())
    }

    /// ARM's error body, where ARM refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.cause {
            Cause::Refused(refusal) => Some(refusal),
            _ => None,
        }
    }

    /// Everything that a support case asks for, on one line: the request, how
    /// often and how long it was tried, and the correlation id.
    #[must_use]
    pub fn circumstances(&self) -> impl fmt::Display + '_ {
        Circumstances(self)
    }
}

struct Circumstances<'a>(&'a Error);

impl fmt::Display for Circumstances<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Error { request, correlation_id, tries, elapsed, .. } = self.0;
        let plural = if *tries == 1 { "" } else { "s" };
        write!(f, "{request}, {tries} request{plural} in {} s", elapsed.as_secs())?;
        match correlation_id {
            Some(id) => write!(f, ", correlation id {id}"),
            None => Ok(()),
        }
    }
}
