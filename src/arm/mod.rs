//! The ARM client: sign-in, retries, throttling, long-running operations,
//! paging and errors, over one transport and one clock.

mod client;
mod clock;
mod error;
mod transport;

pub use client::{Body, Call, Client, Condition};
pub use clock::{Clock, SystemClock};
pub use error::{Cause, Error, Refusal};
pub use transport::{Request, Response, Transport, TransportError};
