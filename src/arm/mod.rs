//! The ARM client: sign-in, retries, throttling, long-running operations,
//! paging and errors, over one transport and one clock.
//!
//! [`Client`]'s verbs each make an `Exchange`, which carries every single
//! request to its answer (`retry`, `throttle`, [`Authorize`]); `operation`
//! follows what goes on after the answer, and `races` says when the whole verb
//! is worth repeating.

mod authorize;
mod client;
mod clock;
mod cloud;
mod error;
mod exchange;
mod operation;
mod races;
mod refusal;
mod registration;
mod retry;
mod throttle;
mod transport;

pub use authorize::{Anonymous, Authorize, Bearer};
pub use client::{Body, Call, Client, Condition, Settings};
pub use clock::{Clock, SystemClock};
pub use cloud::{Cloud, CloudError, Suffixes};
pub use error::{Cause, Error};
pub use refusal::Refusal;
pub use registration::{NAMESPACES, Registrations, Unregistered};
pub use throttle::{Limits, Rate};
pub use transport::{HttpTransport, Request, Response, Transport, TransportError};
