//! The ARM client: sign-in, retries, throttling, long-running operations,
//! paging and errors, over one transport and one clock.
//!
//! [`Client`]'s verbs each make an `Exchange`, which carries every single
//! request to its answer (`retry`, `throttle`, [`Authorize`]); `operation`
//! follows what goes on after the answer, and `races` says when the whole verb
//! is worth repeating.

#![allow(clippy::result_large_err, reason = "an error holds ARM's whole answer, and ends a call of seconds")]

mod authorize;
mod client;
mod clock;
mod cloud;
mod error;
mod exchange;
mod fresh;
mod identity;
mod news;
mod operation;
mod races;
mod redact;
mod refusal;
mod registration;
mod retry;
mod throttle;
mod transport;

pub use authorize::{Anonymous, Authorize, Bearer};
pub use client::{Body, Call, Client, Condition, Settings, Turn};
pub use clock::{Clock, SystemClock};
pub use cloud::{Cloud, CloudError, Suffixes};
pub use error::{Cause, Error};
pub use identity::{ARGUMENTS, Secret, SignIn, SignInError, USE_CLI, WORKLOAD_IDENTITY};
pub use news::{Listener, News};
pub use refusal::Refusal;
pub use registration::{NAMESPACES, Registrations, Unregistered};
pub use throttle::{Limits, Rate};
pub use transport::{HttpTransport, Request, Response, Transport, TransportError};
